// Flipsnack: MD5 over the secret and the sorted parameters; the steps are those of the document.

import { equalBytes, hexDigest, lowerAscii, percentEncode } from "./bytes.mjs";
import { Refused, findAccount, given, required } from "./checks.mjs";
import { formFields, multipartFields, onlyField, queryFields, withQueryField } from "./message.mjs";

const MISSING_PARAMETER = { code: "30" };
const WRONG_METHOD = { code: "40" };
const WRONG_KEY = { code: "41" };
const INVALID_SIGNATURE = { code: "44", message: "Invalid signature" };

export const flipsnack = {
  operations: { request: { sign, verify } },
  variants: ["upload"],
  readings: ["caseless-sort", "url-encoded-values", "upper-case-digits"],
};

function sign({ account, message, reading }) {
  const withKey = withQueryField(message, "apiKey", given(account.api_key, "api_key"));
  const stages = deriveStages(given(account.secret, "secret"), withKey, reading);
  return { stages, message: withQueryField(withKey, "signature", stages.signature) }; // step 4
}

function deriveStages(secret, message, reading) {
  const canonicalQuery = sortedParameters(message, reading) // step 1
    .map(([name, value = ""]) => name + value)
    .join("");
  const stringToSign = secret + canonicalQuery; // step 2
  const signature = hexDigest("md5", stringToSign); // step 3
  return { canonical_query: canonicalQuery, string_to_sign: stringToSign, signature };
}

/** Step 1. The sort is by name and stable: fields of one name keep the order of the message. */
function sortedParameters(message, reading) {
  const fields = [...queryFields(message), ...formFields(message), ...multipartFields(message)];
  return fields
    .filter(([name]) => name !== "signature" && name !== "file")
    .sort(([left], [right]) => (reading === "caseless-sort" ? compareCaseless : compare)(left, right))
    .map((field) => (reading === "url-encoded-values" ? field.map(percentEncode) : field));
}

/** Names that differ in case only keep the order of their bytes. */
function compareCaseless(left, right) {
  return compare(lowerAscii(left), lowerAscii(right)) || compare(left, right);
}

function compare(left, right) {
  if (left === right) return 0;
  return left < right ? -1 : 1;
}

function verify({ accounts, message, variant, reading }) {
  const method = variant === "upload" ? "POST" : "GET";
  if (message.method !== method) throw new Refused("wrong-method", WRONG_METHOD);
  const query = queryFields(message);
  const apiKey = required(onlyField(query, "apiKey"), "missing-credential", MISSING_PARAMETER);
  const received = required(onlyField(query, "signature"), "missing-credential", MISSING_PARAMETER);
  const account = findAccount(accounts, "api_key", apiKey, WRONG_KEY);
  // Anybody can sign under an empty secret, so an account that has none authenticates nobody.
  const secret = required(account.secret, "unknown-key", WRONG_KEY);
  const stages = deriveStages(secret, message, reading);
  const compared = reading === "upper-case-digits" ? lowerAscii(received) : received;
  if (!equalBytes(compared, stages.signature)) throw new Refused("signature-mismatch", INVALID_SIGNATURE);
  return stages;
}
