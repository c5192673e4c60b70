// An HTTP message as exact bytes: how it is written, how its parts are changed and strictly read.
//
// A message is { method, scheme, target, headers, body }, all of it byte strings; headers are pairs
// in the order of the wire, repetitions included. Functions that change one return a new message.
// Reading throws Refused("malformed") for what does not parse.

import { lowerAscii, percentDecode, percentEncode, percentEncodePath } from "./bytes.mjs";
import { Refused } from "./checks.mjs";
import { readMultipart } from "./multipart.mjs";

const FORM = "application/x-www-form-urlencoded";

/** The message for what a caller means: path and query unencoded, or a target that is exact. */
export function compose({ method, scheme, host, path, query, target, headers, body }) {
  const hasHost = headers.some(([name]) => lowerAscii(name) === "host");
  return {
    method,
    scheme,
    target: target ?? percentEncodePath(path) + (query.length > 0 ? "?" + encodeFields(query) : ""),
    headers: hasHost ? headers : [["Host", host], ...headers],
    body,
  };
}

function encodeFields(fields) {
  return fields.map((field) => field.map(percentEncode).join("=")).join("&");
}

/** The one line of this header field, or undefined; two lines are malformed. */
export function header(message, name) {
  const lines = message.headers.filter((line) => lowerAscii(line[0]) === name);
  if (lines.length > 1) throw new Refused("malformed");
  return lines[0]?.[1];
}

/** One line in the place of the first of this name, or at the end; the other ones go away. */
export function withHeader(message, name, value) {
  const wanted = lowerAscii(name);
  const headers = [];
  let placed = false;
  for (const line of message.headers) {
    if (lowerAscii(line[0]) !== wanted) {
      headers.push(line);
    } else if (!placed) {
      headers.push([name, value]);
      placed = true;
    }
  }
  if (!placed) headers.push([name, value]);
  return { ...message, headers };
}

/** The path on the wire, which ends at the first question mark. */
export function rawPath(message) {
  return splitTarget(message.target)[0];
}

/** The path with its escapes decoded. */
export function decodedPath(message) {
  return percentDecode(rawPath(message)) ?? refuseMalformed();
}

/** The URL at which the message is aimed, or undefined where no host is named. */
export function url(message) {
  const host = header(message, "host");
  return host === undefined ? undefined : `${message.scheme}://${host}${message.target}`;
}

/** The fields of the query, read as a form is: [name] or [name, value]. */
export function queryFields(message) {
  return readFields(splitTarget(message.target)[1] ?? "");
}

/** The fields of a form body; a body of another media type has none. */
export function formFields(message) {
  return mediaType(message) === FORM ? readFields(message.body) : [];
}

/** The parts of a multipart body; a body of another media type has none. */
export function multipartFields(message) {
  if (mediaType(message) !== "multipart/form-data") return [];
  return readMultipart(header(message, "content-type"), message.body);
}

/** The value of the one field of this name, or undefined; two such fields are malformed. */
export function onlyField(fields, name) {
  const found = fields.filter((field) => field[0] === name);
  if (found.length > 1) throw new Refused("malformed");
  return found[0]?.[1];
}

/** The field at the end of the query; those of the same name go away, the others stay as they are. */
export function withQueryField(message, name, value) {
  const [path, query] = splitTarget(message.target);
  return { ...message, target: `${path}?${withField(query ?? "", name, value)}` };
}

/** The field at the end of the form body, likewise. */
export function withFormField(message, name, value) {
  if (mediaType(message) !== FORM) {
    throw new Error("a form field can only go into a body that is a form");
  }
  return { ...message, body: withField(message.body, name, value) };
}

/** The other pieces stay as they are, empty ones too. */
function withField(encoded, name, value) {
  const others = encoded === "" ? [] : encoded.split("&").filter((piece) => readField(piece)[0] !== name);
  return [...others, encodeFields([[name, value]])].join("&");
}

function readFields(encoded) {
  return pieces(encoded).map(readField);
}

/** What stands between ampersands; nothing between two of them is no field. */
function pieces(encoded) {
  return encoded.split("&").filter((piece) => piece !== "");
}

function readField(piece) {
  const at = piece.indexOf("=");
  if (at < 0) return [decodeFormText(piece)];
  return [decodeFormText(piece.slice(0, at)), decodeFormText(piece.slice(at + 1))];
}

function decodeFormText(text) {
  return percentDecode(text.replaceAll("+", " ")) ?? refuseMalformed();
}

function splitTarget(target) {
  const at = target.indexOf("?");
  return at < 0 ? [target, undefined] : [target.slice(0, at), target.slice(at + 1)];
}

/** The media type without its parameters, in small letters. */
function mediaType(message) {
  const [type] = (header(message, "content-type") ?? "").split(";", 1);
  return lowerAscii(type.replace(/^[ \t]+|[ \t]+$/g, ""));
}

function refuseMalformed() {
  throw new Refused("malformed");
}
