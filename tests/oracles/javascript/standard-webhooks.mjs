/**
 * Standard Webhooks 1.0.0 (spec/standard-webhooks.md of the specification's repository), symmetric
 * signatures, and asymmetric ones in the variant ed25519.
 */
import { createPrivateKey, createPublicKey, sign as signWith, verify as verifyWith } from "node:crypto";
import { buffer, Reject } from "./protocol.mjs";
import {
  base64, checkFresh, equal, hmac, onTheWire, requiredHeader, secondsText, setHeader, unixSeconds,
} from "./wire.mjs";

/** "Signature scheme": the metadata and the body, delimited by full stops. */
const signedContent = (id, timestamp, body) => `${id}.${timestamp}.${body}`;

/** "Signature scheme", secret serialization: Base64 after `whsec_`. */
const symmetricKey = ({ secret }) =>
  Buffer.from(secret.replace(/^whsec_/, ""), "base64").toString("latin1");

/** "Signature scheme": HMAC-SHA256, serialized in Base64. */
const symmetric = (account, content) => base64(hmac("sha256", symmetricKey(account), content));

/** "Signature scheme": Ed25519, serialized in Base64. */
const asymmetric = (account, content) =>
  signWith(null, buffer(content), createPrivateKey(account["key.private"])).toString("base64");

/** Signs a webhook: `nonce` is its id. */
export function sign({ variant, account, time, nonce, request: intent }) {
  const request = onTheWire(intent);
  const timestamp = secondsText(time);
  const content = signedContent(nonce, timestamp, request.body);
  const stages = { string_to_sign: content };
  if (variant === "ed25519") {
    stages.signature = asymmetric(account, content);
  } else {
    stages.key = symmetricKey(account);
    stages.signature = symmetric(account, content);
  }
  setHeader(request, "webhook-id", nonce);
  setHeader(request, "webhook-timestamp", timestamp);
  setHeader(request, "webhook-signature", `${variant === "ed25519" ? "v1a" : "v1"},${stages.signature}`);
  return { stages, request };
}

/** "Verifying signatures": the timestamp is within the tolerance, and one signature of the list fits. */
export function verify({ variant, accounts, parameters, now, request }) {
  const id = requiredHeader(request, "webhook-id");
  if (id === "") throw new Reject("missing-credential");
  const timestamp = requiredHeader(request, "webhook-timestamp");
  const list = requiredHeader(request, "webhook-signature");
  checkFresh(unixSeconds(timestamp), now, parameters.tolerance ?? "300");
  const content = signedContent(id, timestamp, request.body);
  const candidates = signaturesOf(list, variant === "ed25519" ? "v1a" : "v1");
  const fits = variant === "ed25519" ? asymmetricFits : symmetricFits;
  if (!candidates.some((candidate) => fits(accounts[0], content, candidate))) {
    throw new Reject("signature-mismatch");
  }
}

/** "Webhook headers": a list delimited by spaces; of each, the version, a comma and the signature. */
function signaturesOf(list, version) {
  const entries = list.split(" ");
  if (entries.some((entry) => !entry.includes(","))) throw new Reject("malformed");
  return entries.filter((entry) => entry.startsWith(`${version},`))
    .map((entry) => entry.slice(version.length + 1));
}

/** An empty key, which "Signature scheme" does not permit, makes no signature that counts. */
const symmetricFits = (account, content, candidate) =>
  symmetricKey(account) !== "" && equal(candidate, symmetric(account, content));

/** Ed25519 over the content; what is not Base64 in its one form (RFC 4648, 3.5) is malformed. */
function asymmetricFits(account, content, candidate) {
  const signature = Buffer.from(candidate, "base64");
  if (signature.toString("base64") !== candidate) throw new Reject("malformed");
  return verifyWith(null, buffer(content), createPublicKey(account["key.public"]), signature);
}
