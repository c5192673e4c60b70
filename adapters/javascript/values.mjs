// From the JSON values of the protocol and of the corpus to what the systems take, and back.

import { fromBuffer, textOf, toBuffer, utf8 } from "./systems/bytes.mjs";
import { readTime } from "./systems/clock.mjs";
import { compose } from "./systems/message.mjs";

/** What a system is given to sign, from `given` of a sign message. */
export function readSigning(given, { variant, reading }) {
  requireObject(given, "given");
  return {
    account: readAccount(given.account),
    parameters: readNamedValues(given.parameters ?? {}, "parameters"),
    time: given.time ?? undefined,
    nonce: readOptional(given.nonce, "nonce"),
    message: readMeantRequest(given.request),
    variant,
    reading,
  };
}

/** What a system is given to verify, one task a message, from `given` of a verify message. */
export function readVerifications(given, call) {
  requireObject(given, "given");
  const knowledge = readKnowledge(given, call);
  return readList(given.messages, "messages").map((arrived) => ({
    ...knowledge,
    ...readMoment(arrived),
    message: readReceivedRequest(arrived.request),
  }));
}

/** What a server knows beside the message; its state is empty at first. */
export function readKnowledge({ accounts, parameters }, { variant, reading }) {
  return {
    accounts: readList(accounts ?? [], "accounts").map(readAccount),
    parameters: readNamedValues(parameters ?? {}, "parameters"),
    state: {},
    variant,
    reading,
  };
}

/** When and from where a message arrives, as far as that is known. */
export function readMoment(arrived) {
  requireObject(arrived, "message");
  return {
    now: arrived.now == null ? undefined : readTime(arrived.now),
    clientAddress: readOptional(arrived.client_address, "client_address"),
  };
}

function readAccount(account) {
  return readNamedValues(account, "account");
}

/** Names stay as they are; values become bytes, and lists (of addresses) lists of bytes. */
function readNamedValues(values, what) {
  requireObject(values, what);
  const present = Object.entries(values).filter(([, value]) => value !== null);
  return Object.fromEntries(
    present.map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map((item) => readBytes(item, name)) : readBytes(value, name),
    ]),
  );
}

/** A message as a caller means it, made into what goes on the wire. */
function readMeantRequest(request) {
  requireObject(request, "request");
  const target = readOptional(request.target, "target");
  return compose({
    method: readBytes(request.method, "method"),
    scheme: readBytes(request.scheme ?? "https", "scheme"),
    host: readBytes(request.host, "host"),
    path: target ?? readBytes(request.path, "path"),
    query: readPairs(request.query ?? [], "query", 1),
    target,
    headers: readPairs(request.headers ?? [], "headers", 2),
    body: readBytes(request.body ?? "", "body"),
  });
}

/** A message as it was received. */
function readReceivedRequest(request) {
  requireObject(request, "request");
  return {
    method: readBytes(request.method, "method"),
    scheme: readBytes(request.scheme ?? "https", "scheme"),
    target: readBytes(request.target, "target"),
    headers: readPairs(request.headers ?? [], "headers", 2),
    body: readBytes(request.body ?? "", "body"),
  };
}

/** Lists of a name and a value; of a name alone where one part is enough. */
function readPairs(pairs, what, fewestParts) {
  return readList(pairs, what).map((pair) => {
    const parts = readList(pair, what).map((part) => readBytes(part, what));
    if (parts.length < fewestParts || parts.length > 2) throw new Error(`${what} must be pairs`);
    return parts;
  });
}

function readList(list, what) {
  if (!Array.isArray(list)) throw new Error(`${what} must be a list`);
  return list;
}

function requireObject(value, what) {
  if (value === null || typeof value !== "object") throw new Error(`${what} must be an object`);
}

function readOptional(value, what) {
  return value == null ? undefined : readBytes(value, what);
}

export function readBytes(value, what) {
  if (typeof value === "string") return utf8(value);
  if (typeof value?.hex === "string" && /^(?:[0-9a-fA-F]{2})*$/.test(value.hex)) {
    return fromBuffer(Buffer.from(value.hex, "hex"));
  }
  throw new Error(`${what} must be a string or {"hex": "…"}`);
}

export function writeBytes(bytes) {
  return textOf(bytes) ?? { hex: toBuffer(bytes).toString("hex") };
}

export function writeStages(stages) {
  return Object.fromEntries(Object.entries(stages).map(([name, bytes]) => [name, writeBytes(bytes)]));
}

export function writeMessage({ method, scheme, target, headers, body }) {
  return {
    method: writeBytes(method),
    scheme: writeBytes(scheme),
    target: writeBytes(target),
    headers: headers.map((line) => line.map(writeBytes)),
    body: writeBytes(body),
  };
}
