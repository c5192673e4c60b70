// Byte strings, and the encodings, digests and comparisons that the systems need of them.
//
// A byte string is a JavaScript string whose characters are U+0000 to U+00FF, one for each byte:
// what Node calls "latin1" and itself uses for the header lines of a request. Such strings can be
// split, sorted, compared and used as keys, and sorting them sorts bytes. Text becomes a byte
// string in `utf8` and nowhere else.

import { isUtf8 } from "node:buffer";
import { createHash, createHmac, timingSafeEqual } from "node:crypto";

/** The UTF-8 bytes of a text. Half of a surrogate pair has none. */
export function utf8(text) {
  if (!text.isWellFormed()) throw new Error("a text holds an unpaired surrogate");
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The text of UTF-8 bytes, or undefined where they are something else. */
export function textOf(bytes) {
  if (isAscii(bytes)) return bytes;
  const buffer = toBuffer(bytes);
  return isUtf8(buffer) ? buffer.toString("utf8") : undefined;
}

export function toBuffer(bytes) {
  return Buffer.from(bytes, "latin1");
}

export function fromBuffer(buffer) {
  return buffer.toString("latin1");
}

/** Is every character of this text, or byte of this byte string, below U+0080? */
function isAscii(string) {
  return /^[\0-\x7f]*$/.test(string);
}

/** Small letters for the capitals of ASCII; `toLowerCase` would change bytes of other characters. */
export function lowerAscii(bytes) {
  return bytes.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/**
 * Are two byte strings equal? Takes the same time wherever they differ, so that a caller cannot
 * learn a secret byte by byte; their lengths are no secret. An absent value equals nothing.
 */
export function equalBytes(left, right) {
  if (left === undefined || right === undefined || left.length !== right.length) return false;
  return timingSafeEqual(toBuffer(left), toBuffer(right));
}

/** Everything but the unreserved characters of RFC 3986 as an escape with capital digits. */
export function percentEncode(bytes) {
  return bytes.replace(/[^A-Za-z0-9\-._~]/g, escapeByte);
}

/** A path as it goes on the wire: what RFC 3986 permits in a path stays, slashes included. */
export function percentEncodePath(bytes) {
  return bytes.replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/]/g, escapeByte);
}

function escapeByte(byte) {
  return "%" + byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0");
}

/** The bytes behind the escapes; undefined where a percent sign is not followed by two digits. */
export function percentDecode(bytes) {
  if (!bytes.includes("%")) return bytes;
  if (/%(?![0-9A-Fa-f]{2})/.test(bytes)) return undefined;
  return bytes.replace(/%(..)/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function base64Encode(bytes) {
  return toBuffer(bytes).toString("base64");
}

/**
 * The bytes of a padded text in the standard alphabet; undefined for anything else. Buffer alone
 * would skip foreign characters and take other alphabets, so the form is tested first; encoding
 * the result again shows whether the unused bits at the end were zero.
 */
export function base64Decode(text) {
  if (!BASE64.test(text)) return undefined;
  const buffer = Buffer.from(text, "base64");
  return buffer.toString("base64") === text ? fromBuffer(buffer) : undefined;
}

/** A digest in small hexadecimal digits. */
export function hexDigest(algorithm, bytes) {
  return createHash(algorithm).update(bytes, "latin1").digest("hex");
}

export function hmacSha256(key, bytes) {
  return fromBuffer(createHmac("sha256", toBuffer(key)).update(bytes, "latin1").digest());
}
