// What a caller of a JWT library does around it: take the token from the field, find the account by the issuer.
import { createPublicKey } from "node:crypto";
import { field, text, bytes, Refused, Skip } from "./protocol.mjs";
export function bearer({ request, accounts }) {
  const sent = field(request, "authorization");
  if (!sent) throw new Refused("missing-credential");
  const token = /^bearer +(\S+)$/i.exec(sent)?.[1];
  if (token === undefined) throw new Refused("malformed");
  let issuer;
  try {
    issuer = JSON.parse(Buffer.from(token.split(".")[1], "base64url").toString()).iss;
  } catch {
    throw new Refused("malformed");
  }
  const account = accounts.find((one) => text(one.issuer) === issuer);
  if (account === undefined) throw new Refused("unknown-key");
  return { token, account };
}
/** The public key in the form in which the pair's caller has it. */
export function publicKey(account) {
  const pem = text(account["key.public"]);
  if (process.env.KEY_FORM === "pkcs1") return createPublicKey(pem).export({ type: "pkcs1", format: "pem" });
  if (process.env.KEY_FORM === "comment") return "# key of " + text(account.issuer) + "\n" + pem;
  return pem;
}
export const secretBytes = (account) => bytes(account.secret);
export const secretText = (account) => text(account.secret);
