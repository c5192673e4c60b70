/**
 * Requests as they stand on the wire: header fields, targets, escapes and times, by
 * vectors/README.md ("From what the caller means to what is on the wire"). Text is one character a
 * byte throughout; so is order: strings compare as their bytes do.
 */
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { buffer, Reject } from "./protocol.mjs";

const UNRESERVED = /[A-Za-z0-9\-._~]/;
const IN_A_PATH = /[A-Za-z0-9\-._~!$&'()*+,;=:@/]/;

/** Letters of ASCII in lower case; no other byte changes. */
export const lower = (text) => text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());

/** `text` without white space of HTTP (RFC 9110, 5.6.3: space and tab) around it. */
export const trimmed = (text) => text.replace(/^[ \t]+|[ \t]+$/g, "");

/** Order of two strings by their bytes, for `sort`. */
export const byBytes = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** Percent-encoding (RFC 3986, 2.1) of every byte that `kept` does not match, in upper case. */
export const percentEncode = (text, kept = UNRESERVED) =>
  text.replace(/[^]/g, (byte) =>
    kept.test(byte) ? byte : `%${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`);

/** Percent-decoding (RFC 3986, 2.1); a broken escape is `malformed`. */
export function percentDecode(text) {
  if (/%(?![0-9A-Fa-f]{2})/.test(text)) throw new Reject("malformed");
  return text.replace(/%(..)/g, (_, digits) => String.fromCharCode(parseInt(digits, 16)));
}

/** Pieces between `&`, as they are written: `[name]` or `[name, value]`; empty ones are passed over. */
export const rawPairs = (text) =>
  text.split("&").filter((piece) => piece !== "").map((piece) => {
    const at = piece.indexOf("=");
    return at < 0 ? [piece] : [piece.slice(0, at), piece.slice(at + 1)];
  });

/** Decoded pairs of a query or form; with `form`, `+` is a space. */
export const decodedPairs = (text, { form = false } = {}) =>
  rawPairs(text).map((pair) =>
    pair.map((part) => percentDecode(form ? part.replace(/\+/g, " ") : part)));

/** Path and query of a target: `query` is undefined where there is no question mark. */
export function splitTarget(target) {
  const at = target.indexOf("?");
  return at < 0 ? { path: target } : { path: target.slice(0, at), query: target.slice(at + 1) };
}

/** Values of all lines of the header field `name`, in order. */
export const lines = (request, name) =>
  request.headers.filter(([field]) => lower(field) === lower(name)).map(([, value]) => value);

/** Value of a header field that stands once at most; undefined where it is not there. */
export function header(request, name) {
  const values = lines(request, name);
  if (values.length > 1) throw new Reject("malformed");
  return values[0];
}

/** Value of a header field that carries a credential, a signature, or what belongs to them. */
export function requiredHeader(request, name) {
  const value = header(request, name);
  if (value === undefined) throw new Reject("missing-credential");
  return value;
}

/** Sets a header field: in the place of its first line, or at the end. */
export function setHeader(request, name, value) {
  const first = request.headers.findIndex(([field]) => lower(field) === lower(name));
  const kept = request.headers.filter(([field], at) => at === first || lower(field) !== lower(name));
  if (first < 0) kept.push([name, value]);
  else kept[first] = [name, value];
  request.headers = kept;
}

/** Sets a query field at the end; fields of that name go away, other pieces stay as they are. */
export function setQuery(request, name, value) {
  const { path, query } = splitTarget(request.target);
  const pieces = (query === undefined ? [] : query.split("&"))
    .filter((piece) => piece === "" || percentDecode(piece.split("=")[0]) !== name);
  pieces.push(`${percentEncode(name)}=${percentEncode(value)}`);
  request.target = `${path}?${pieces.join("&")}`;
}

/** Request on the wire for what a caller means: `Host` first, path and query encoded. */
export function onTheWire(intent) {
  const { method, scheme, body } = intent;
  const headers = intent.headers.map((pair) => [...pair]);
  if (!headers.some(([name]) => lower(name) === "host")) headers.unshift(["Host", intent.host]);
  return { method, scheme, headers, body, target: intent.target ?? encodedTarget(intent) };
}

function encodedTarget({ path, query }) {
  const fields = query.map((pair) => pair.map((part) => percentEncode(part)).join("="));
  const encoded = percentEncode(path ?? "/", IN_A_PATH);
  return fields.length ? `${encoded}?${fields.join("&")}` : encoded;
}

/** Nanoseconds of a number of seconds as decimal digits, without leading zeros. */
export function unixSeconds(text) {
  if (!/^(0|-?[1-9][0-9]*)$/.test(text)) throw new Reject("malformed");
  return BigInt(text) * 1_000_000_000n;
}

/** Decimal digits of the whole seconds of a time. */
export const secondsText = (time) => String(time / 1_000_000_000n);

/** Holds that `time` is within `seconds` of the clock, either way. */
export function checkFresh(time, now, seconds) {
  const difference = now > time ? now - time : time - now;
  if (difference > BigInt(seconds) * 1_000_000_000n) throw new Reject("expired");
}

/** Comparison of two texts in a time that does not depend on where they differ. */
export function equal(a, b) {
  const [x, y] = [buffer(a), buffer(b)];
  return x.length === y.length && timingSafeEqual(x, y);
}

/** Digest of `text` as bytes, one a character. */
export const digest = (algorithm, text) =>
  createHash(algorithm).update(buffer(text)).digest("latin1");

/** HMAC (RFC 2104) as bytes, one a character. */
export const hmac = (algorithm, key, text) =>
  createHmac(algorithm, buffer(key)).update(buffer(text)).digest("latin1");

/** Lower-case hexadecimal digits of bytes. */
export const hex = (text) => buffer(text).toString("hex");

/** Base64 (RFC 4648, section 4) of bytes. */
export const base64 = (text) => buffer(text).toString("base64");
