// The adapter protocol, version 1, once for all subjects: lines in, lines out, values to bytes and back.
// A subject gives `sign(task)` and/or `verify(task)`; each may be async. Nothing here belongs to a scheme.

import { createInterface } from "node:readline";
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import Module from "node:module";

/** The package under test, from the folder that SUBJECT_DIR names. */
export const subjectRequire = createRequire(join(process.env.SUBJECT_DIR, "index.js"));
export const subjectVersion = (name) =>
  JSON.parse(readFileSync(join(process.env.SUBJECT_DIR, "node_modules", name, "package.json"), "utf8")).version;
export const subjectImport = (name) => import(join(process.env.SUBJECT_DIR, "node_modules", name));

export class Skip extends Error {}
export class Refused extends Error {
  constructor(kind, message) {
    super(message ?? kind);
    this.kind = kind;
  }
}

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const bytes = (value) => (typeof value === "string" ? Buffer.from(value, "utf8") : Buffer.from(value.hex, "hex"));
/** As a text; what is not UTF-8 the subject cannot be given as one. */
export function text(value) {
  if (typeof value === "string") return value;
  try {
    return strict.decode(bytes(value));
  } catch {
    throw new Skip("a value that is not UTF-8: the interface takes text");
  }
}
export function value(buffer) {
  try {
    return strict.decode(buffer);
  } catch {
    return { hex: Buffer.from(buffer).toString("hex") };
  }
}

/** RFC 3986, unreserved kept: how a caller writes a URL. */
export const encode = (part) => encodeURIComponent(part).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase());

/** A request to sign, as texts; the target as a caller would write it. */
export function meant(request) {
  const path = request.path === undefined ? undefined : text(request.path).replace(/[^A-Za-z0-9\-._~!$&'()*+,;=:@/]+/gu, encode);
  const query = (request.query ?? []).map((pair) => pair.map((part) => encode(text(part))).join("=")).join("&");
  const target = request.target == null ? path + (query ? "?" + query : "") : text(request.target);
  const cut = target.indexOf("?");
  return {
    method: text(request.method),
    scheme: text(request.scheme ?? "https"),
    host: text(request.host),
    target,
    path: cut < 0 ? target : target.slice(0, cut),
    search: cut < 0 ? "" : target.slice(cut + 1),
    headers: (request.headers ?? []).map(([name, content]) => [text(name), text(content)]),
    body: request.body ?? "",
  };
}

/** A received request; header fields by their names in small letters, where a name comes twice it is a list. */
export function received(request) {
  const headers = {};
  for (const [name, content] of request.headers ?? []) {
    const key = text(name).toLowerCase();
    const one = bytes(content).toString("latin1");
    headers[key] = key in headers ? [].concat(headers[key], one) : one;
  }
  return {
    method: text(request.method),
    scheme: text(request.scheme ?? "https"),
    target: text(request.target),
    headers,
    body: request.body ?? "",
  };
}
/** One value of a field, as Node gives it: of most names the later lines are joined with commas. */
export const field = (request, name) => (Array.isArray(request.headers[name]) ? request.headers[name].join(", ") : request.headers[name]);

export const lines = (headers) => Object.entries(headers).flatMap(([name, content]) => [].concat(content).map((one) => [name, String(one)]));

/** The clock of the process, for subjects that read it. */
const RealDate = Date;
let now;
class SetDate extends RealDate {
  constructor(...given) {
    super(...(given.length ? given : [SetDate.now()]));
  }
  static now() {
    return now ?? RealDate.now();
  }
}
export function setClock(time) {
  globalThis.Date = SetDate;
  now = time == null ? undefined : RealDate.parse(time);
}

function whole(value) {
  return Array.isArray(value) ? value.map(text) : text(value);
}
const account = (given) => Object.fromEntries(Object.entries(given ?? {}).map(([name, content]) => [name, content]));

export async function serve({ name, version, schemes, capabilities = ["time", "credentials"], sign, verify }) {
  const hello = { name, version, language: "javascript", schemes, capabilities };
  const print = (reply) => process.stdout.write(JSON.stringify(reply) + "\n");
  console.log = console.info = console.warn = console.debug = () => {};
  for await (const line of createInterface({ input: process.stdin })) {
    if (line.trim() === "") continue;
    const call = JSON.parse(line);
    if (call.op === "stop") process.exit(0);
    if (call.op === "start") {
      print({ seq: call.seq, ...hello });
      continue;
    }
    try {
      print({ seq: call.seq, ...(await answer(call)) });
    } catch (error) {
      print(error instanceof Skip ? { seq: call.seq, skipped: error.message } : { seq: call.seq, error: String(error?.message ?? error).slice(0, 300) || "error" });
    }
  }
  process.exit(0);

  async function answer({ op, scheme, operation, variant, given }) {
    if (op === "sign") {
      if (!sign) throw new Skip("does not sign");
      if (given.time != null) setClock(given.time);
      const task = { scheme, operation, variant, account: account(given.account), parameters: given.parameters ?? {}, time: given.time, nonce: given.nonce == null ? undefined : text(given.nonce), request: meant(given.request) };
      const { request, stages = {} } = await sign(task);
      const reply = { stages: Object.fromEntries(Object.entries(stages).map(([key, content]) => [key, Buffer.isBuffer(content) ? value(content) : content])) };
      if (request) reply.signed_request = { method: request.method ?? task.request.method, scheme: request.scheme ?? task.request.scheme, target: request.target ?? task.request.target, headers: request.headers, body: request.body ?? task.request.body };
      return reply;
    }
    if (!verify) throw new Skip("does not verify");
    const results = [];
    const state = {};
    for (const message of given.messages) {
      if (message.now != null) setClock(message.now);
      const task = { scheme, operation, variant, accounts: (given.accounts ?? []).map(account), parameters: given.parameters ?? {}, now: message.now, state, request: received(message.request) };
      try {
        const accepted = await verify(task);
        results.push(accepted ? { accept: true } : { accept: false });
      } catch (error) {
        if (!(error instanceof Refused)) throw error;
        results.push({ accept: false, ...(error.kind ? { class: error.kind } : {}) });
      }
    }
    return { results };
  }
}
