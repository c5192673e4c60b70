// Flipbase: HMAC-SHA256 over verb, URI-encoded path and date.

import { base64Encode, equalBytes, hmacSha256, lowerAscii, percentEncode } from "./bytes.mjs";
import { Refused, afterWord, findAccount, given, required, splitAtColon, wholeNumber } from "./checks.mjs";
import { SECOND, parseHttpDate, parseRfc3339Millis, writeMillis } from "./clock.mjs";
import { decodedPath, header, rawPath, withHeader } from "./message.mjs";

const DEFAULT_SKEW = "900";
/** RFC 4868 cuts HMAC-SHA-256 to 128 bits. */
const TRUNCATED_LENGTH = 16;

export const flipbase = {
  operations: { request: { sign, verify } },
  variants: [],
  readings: [
    "api-key-as-hmac-key",
    "meant-path",
    "path-with-query",
    "lower-case-path",
    "rfc4868-truncation",
    "bare-authorization",
  ],
};

function sign({ account, time, message, reading }) {
  const date = writeMillis(given(time, "time"));
  const stages = deriveStages(account, message, date, reading);
  const dated = withHeader(message, "X-Flipbase-Date", date);
  return { stages, message: withHeader(dated, "Authorization", stages.authorization) };
}

function deriveStages(account, message, date, reading) {
  const stringToSign = [message.method, percentEncode(signedPath(message, reading)), date].join("\n");
  const apiKey = given(account.api_key, "api_key");
  const apiSecret = given(account.api_secret, "api_secret");
  const key = reading === "api-key-as-hmac-key" ? apiKey : apiSecret;
  const mac = hmacSha256(key, stringToSign);
  const signature = base64Encode(reading === "rfc4868-truncation" ? mac.slice(0, TRUNCATED_LENGTH) : mac);
  const authorization = `${authorizationWord(reading)}${apiKey}:${signature}`;
  return { string_to_sign: stringToSign, signature, authorization };
}

/** The path on the wire, whose escapes are then encoded once more, unless the reading says otherwise. */
function signedPath(message, reading) {
  if (reading === "meant-path") return decodedPath(message);
  if (reading === "path-with-query") return message.target;
  if (reading === "lower-case-path") return lowerAscii(rawPath(message));
  return rawPath(message);
}

function authorizationWord(reading) {
  return reading === "bare-authorization" ? "" : "Signature ";
}

function verify({ accounts, parameters, now, message, reading }) {
  const authorization = header(message, "authorization");
  if (authorization === undefined) throw new Refused("missing-credential");
  const [apiKey, received] = splitAtColon(afterWord(authorization, authorizationWord(reading)));
  const date = readDate(message);

  const account = findAccount(accounts, "api_key", apiKey);
  // Anybody can sign under an empty secret, so an account that has none authenticates nobody.
  required(account.api_secret, "unknown-key");

  const skew = wholeNumber(parameters.skew ?? DEFAULT_SKEW, "skew") * SECOND;
  const age = given(now, "now") - date.time;
  if (age > skew || -age > skew) throw new Refused("expired");

  const stages = deriveStages(account, message, date.text, reading);
  if (!equalBytes(received, stages.signature)) throw new Refused("signature-mismatch");
  return stages;
}

/** The date that is signed, as received. X-Flipbase-Date wins over Date, even where it is unreadable. */
function readDate(message) {
  const text = header(message, "x-flipbase-date") ?? header(message, "date");
  if (text === undefined) throw new Refused("missing-credential");
  const time = parseRfc3339Millis(text) ?? parseHttpDate(text);
  if (time === undefined) throw new Refused("malformed");
  return { text, time };
}
