#!/usr/bin/env node
// A server under test: verifies every HTTP request that it receives with the systems of this folder.
//
// What it knows (scheme, accounts, clock, …) is set through POST /-/countersign, a hook as a test
// build of a server would have one. It listens on the loopback address only, and takes requests to
// have arrived by https, as behind a proxy that ends TLS.

import { createServer } from "node:http";
import { parseArgs } from "node:util";

import { fromBuffer } from "./systems/bytes.mjs";
import { NotSupported, findOperation, judge } from "./systems/index.mjs";
import { readKnowledge, readMoment } from "./values.mjs";

const CONTROL_PATH = "/-/countersign";
const LARGEST_BODY = 4 * 1024 * 1024;

const strictUtf8 = new TextDecoder("utf-8", { fatal: true });

class BodyTooLarge extends Error {}

/** Everything that the server knows, set by the control endpoint: { operation, knowledge, moment }. */
let setting;

function main() {
  const { values } = parseArgs({ options: { port: { type: "string", default: "0" } } });
  // A request without Host is for the verifier to judge, not for the parser.
  const server = createServer({ requireHostHeader: false, keepAliveTimeout: 60_000 }, handle);
  // Node would drop further lines in silence; the size of all header lines is limited anyhow.
  server.maxHeadersCount = 0;
  server.on("clientError", (_, socket) => refuseUnparsed(socket));
  server.on("connect", (_, socket) => refuseUnparsed(socket));
  server.listen(Number(values.port), "127.0.0.1", () => {
    console.log(`listening on http://127.0.0.1:${server.address().port}`);
  });
  endWithParent();
}

function endWithParent() {
  const end = () => process.exit(0);
  process.on("SIGTERM", end).on("SIGINT", end);
  process.stdin.on("end", end).on("error", end).resume();
}

async function handle(request, response) {
  try {
    const body = await readBody(request);
    if (request.method === "POST" && request.url === CONTROL_PATH) {
      control(body, response);
    } else {
      verify(request, body, response);
    }
  } catch (error) {
    if (!request.complete) {
      response.destroy(); // the client has gone, or the parser has given its answer already
    } else if (error instanceof BodyTooLarge) {
      reply(response, 413, { accepted: false, class: "malformed" });
    } else {
      console.error(error);
      reply(response, 500, { error: "the verifier failed" });
    }
  }
}

/** Reads to the end even where the body is too large, so that the client gets to hear of it. */
async function readBody(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length <= LARGEST_BODY) chunks.push(chunk);
  }
  if (length > LARGEST_BODY) throw new BodyTooLarge();
  return Buffer.concat(chunks);
}

function control(body, response) {
  try {
    setting = nextSetting(JSON.parse(strictUtf8.decode(body)));
    response.writeHead(204).end();
  } catch (error) {
    const isMissing = error instanceof NotSupported;
    const text = isMissing ? `no support for ${error.message}` : error.message;
    send(response, isMissing ? 501 : 400, "text/plain; charset=utf-8", text + "\n");
  }
}

/** A reset forgets everything, the state of earlier messages included; else only the moment is new. */
function nextSetting(order) {
  const moment = readMoment(order);
  if (order.reset === false) {
    if (setting === undefined) throw new Error("the first message must be a reset");
    return { ...setting, moment };
  }
  if (order.reset !== true) throw new Error("reset must be true or false");
  return { operation: findOperation(order), knowledge: readKnowledge(order, order), moment };
}

function verify(request, body, response) {
  if (setting === undefined) throw new Error(`nothing was set through ${CONTROL_PATH} yet`);
  const { operation, knowledge, moment } = setting;
  const outcome = judge(operation, { ...knowledge, ...moment, message: received(request, body) });
  if (outcome.accept) {
    reply(response, 200, { accepted: true });
  } else {
    // Where the system would drop the message in silence, that is said beside the refusal.
    const { status = "401", code = null, message = null, reply: told = null } = outcome;
    reply(response, Number(status), { accepted: false, class: outcome.class, code, message, reply: told });
  }
}

/** The request as exact bytes: Node gives target and header lines as the byte strings they were. */
function received({ method, url, rawHeaders }, body) {
  const headers = [];
  for (let i = 0; i < rawHeaders.length; i += 2) headers.push([rawHeaders[i], rawHeaders[i + 1]]);
  return { method, scheme: "https", target: url, headers, body: fromBuffer(body) };
}

function reply(response, status, value) {
  send(response, status, "application/json", JSON.stringify(value));
}

function send(response, status, type, body) {
  response.writeHead(status, { "Content-Type": type, "Content-Length": Buffer.byteLength(body) });
  response.end(body);
}

/** For what the HTTP parser itself does not take; there is no request and no response then. */
function refuseUnparsed(socket) {
  if (!socket.writable) return;
  const body = JSON.stringify({ accepted: false, class: "malformed" });
  socket.end(
    "HTTP/1.1 400 Bad Request\r\nConnection: close\r\nContent-Type: application/json\r\n" +
      `Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
  );
}

main();
