/**
 * The adapter protocol (adapters/README.md, "Messages"), and nothing of any scheme.
 *
 * Bytes are held as strings of one character a byte ("latin1"), so that what is not UTF-8 passes
 * unharmed; `buffer` gives the Buffer of such a string.
 */
import { createInterface } from "node:readline";

/** Refusal of a message, with its reject class and, where a document gives them, status and code. */
export class Reject extends Error {
  constructor(kind, detail = {}) {
    super(kind);
    this.answer = { accept: false, class: kind, ...detail };
  }
}

/** Bytes of the string `text`, one a character. */
export const buffer = (text) => Buffer.from(text, "latin1");

/** String of one character a byte for what JSON holds: text, or `{"hex": "…"}`. */
function fromJson(value) {
  if (typeof value === "string") return Buffer.from(value, "utf8").toString("latin1");
  return Buffer.from(value.hex, "hex").toString("latin1");
}

/** What JSON holds for a string of one character a byte: text where the bytes are UTF-8. */
function toJson(text) {
  const bytes = buffer(text);
  const decoded = bytes.toString("utf8");
  return Buffer.from(decoded, "utf8").equals(bytes) ? decoded : { hex: bytes.toString("hex") };
}

/** The same object with each of its values changed by `change`. */
const mapValues = (object, change) =>
  Object.fromEntries(Object.entries(object ?? {}).map(([name, value]) => [name, change(value)]));

const readPair = (pair) => pair.map(fromJson);

/** Account: credentials are bytes, lists of addresses stay lists. */
const readAccount = (account) =>
  mapValues(account, (value) => (Array.isArray(value) ? value : fromJson(value)));

/** Nanoseconds since 1970 of a time in RFC 3339, as a BigInt; undefined where there is none. */
function readTime(text) {
  if (text === undefined || text === null) return undefined;
  const [, seconds, fraction = ""] = /^(.*?)(?:\.(\d+))?Z$/.exec(text);
  return BigInt(Date.parse(`${seconds}Z`)) * 1_000_000n + BigInt(fraction.padEnd(9, "0").slice(0, 9));
}

/** A request of either direction; fields that are not there stay undefined. */
function readRequest(request) {
  const text = (value) => (value === undefined || value === null ? undefined : fromJson(value));
  return {
    method: fromJson(request.method),
    scheme: text(request.scheme) ?? "https",
    host: text(request.host),
    path: text(request.path),
    query: (request.query ?? []).map(readPair),
    target: text(request.target),
    headers: (request.headers ?? []).map(readPair),
    body: text(request.body) ?? "",
  };
}

const writeRequest = ({ method, scheme, target, headers, body }) => ({
  method: toJson(method),
  scheme: toJson(scheme),
  target: toJson(target),
  headers: headers.map((pair) => pair.map(toJson)),
  body: toJson(body),
});

function sign(scheme, { operation, variant, given }) {
  const { stages, request } = scheme.sign({
    operation,
    variant,
    account: readAccount(given.account),
    parameters: mapValues(given.parameters, fromJson),
    time: readTime(given.time),
    nonce: given.nonce === undefined || given.nonce === null ? undefined : fromJson(given.nonce),
    request: readRequest(given.request),
  });
  return { stages: mapValues(stages, toJson), signed_request: writeRequest(request) };
}

function verify(scheme, { operation, variant, given }) {
  const server = {
    operation,
    variant,
    accounts: given.accounts.map(readAccount),
    parameters: mapValues(given.parameters, fromJson),
    state: new Map(),
  };
  return { results: given.messages.map((message) => judge(scheme, server, message)) };
}

function judge(scheme, server, message) {
  try {
    scheme.verify({
      ...server,
      now: readTime(message.now),
      clientAddress: message.client_address,
      request: readRequest(message.request),
    });
    return { accept: true };
  } catch (error) {
    if (error instanceof Reject) return error.answer;
    throw error;
  }
}

function reply(schemes, identity, message) {
  if (message.op === "start") return identity;
  const scheme = schemes[message.scheme];
  if (!scheme) return { skipped: `no support for ${message.scheme}` };
  if (message.op === "sign") return sign(scheme, message);
  if (message.op === "verify") return verify(scheme, message);
  return { error: `unknown op ${message.op}` };
}

/** Answers messages on standard input until `stop` or its end. */
export async function serve(schemes, name) {
  const identity = {
    name,
    version: "1",
    language: "javascript",
    schemes: mapValues(schemes, () => ["sign", "verify"]),
    capabilities: ["time", "credentials", "state", "client-address"],
  };
  for await (const line of createInterface({ input: process.stdin })) {
    const message = JSON.parse(line);
    if (message.op === "stop") break;
    let answer;
    try {
      answer = reply(schemes, identity, message);
    } catch (error) {
      answer = { error: String(error.stack) };
    }
    process.stdout.write(`${JSON.stringify({ seq: message.seq, ...answer })}\n`);
  }
}
