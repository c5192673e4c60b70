/** Twilio requests, from the Twilio documentation, "Security", "Validating requests from Twilio". */
import { Reject } from "./protocol.mjs";
import {
  base64, byBytes, decodedPairs, equal, header, hmac, lower, onTheWire, requiredHeader, setHeader,
  trimmed,
} from "./wire.mjs";

/** Step 1: the whole URL as it was asked for, from the scheme to the end of the query. */
function urlOf(request) {
  const host = header(request, "Host");
  if (host === undefined) throw new Reject("malformed");
  return `${request.scheme}://${host}${request.target}`;
}

/**
 * Steps 2 and 3: the fields of a form, sorted by name with regard to case, names and values without
 * delimiters. Of a name that is repeated the steps say nothing: its values keep the order of the form.
 */
function formText(request) {
  const type = header(request, "Content-Type") ?? "";
  if (lower(trimmed(type.split(";")[0])) !== "application/x-www-form-urlencoded") return "";
  return decodedPairs(request.body, { form: true })
    .sort((a, b) => byBytes(a[0], b[0]))
    .map(([name, value = ""]) => name + value)
    .join("");
}

/** Steps 1 to 5: HMAC-SHA1 with the token of the account, in Base64. */
function derive({ auth_token: token }, request) {
  const stages = { parameters: formText(request) };
  stages.string_to_sign = urlOf(request) + stages.parameters;
  stages.signature = base64(hmac("sha1", token, stages.string_to_sign));
  return stages;
}

/** Signs a request. */
export function sign({ account, request: intent }) {
  const request = onTheWire(intent);
  const stages = derive(account, request);
  setHeader(request, "X-Twilio-Signature", stages.signature);
  return { stages, request };
}

/** Step 6: the field has the signature derived. */
export function verify({ accounts, request }) {
  const received = requiredHeader(request, "X-Twilio-Signature");
  if (received === "") throw new Reject("missing-credential");
  const [account] = accounts;
  const fits = account.auth_token !== "" && equal(received, derive(account, request).signature);
  if (!fits) throw new Reject("signature-mismatch");
}
