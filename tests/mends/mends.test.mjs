// Runs each mend that is JavaScript: it must hand the bytes that were sent, as they were sent, to the check.
//
// Express is the real one, behind a server on loopback. A route of Next.js's app router is a function of a web Request,
// and is called with one and with Next's own; a route of its pages router is called by Next's own resolver, which obeys
// the route's `config`, behind a server on loopback. A function of Lambda is called with the events that API Gateway
// documents.
import assert from "node:assert/strict";
import { createHmac } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer, request } from "node:http";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { after, before, describe, test } from "node:test";

const require = createRequire(`${process.env.MENDS_CACHE}/node/package.json`);
const bodies = Object.entries(JSON.parse(readFileSync(new URL("bodies.json", import.meta.url), "utf8")).bodies).map(
  ([name, [type, text]]) => ({ name, type, body: Buffer.from(text, "latin1") }),
);
const named = (wanted) => bodies.find(({ name }) => name === wanted);
const sign = (body) => createHmac("sha256", "key of the test").update(body).digest("hex");

// The reader's own function, which also keeps what it was called with.
let seen = [];
globalThis.isRight = (body, header) => {
  seen.push(body);
  return (typeof body === "string" || Buffer.isBuffer(body)) && header === sign(body);
};

const headersOf = (type, signature) => {
  const headers = Object.entries({ "Content-Type": type, "X-Signature": signature });
  return Object.fromEntries(headers.filter(([, text]) => text != null));
};
const inSmallLetters = (headers) =>
  Object.fromEntries(Object.entries(headers).map(([name, text]) => [name.toLowerCase(), text]));

// The text of a mend, with each [right, wrong] of the list put in place, once.
function textOf(file, mistakes = []) {
  let text = readFileSync(new URL(`../../src/diagnosis/mends/${file}`, import.meta.url), "utf8");
  for (const [right, wrong] of mistakes) {
    assert.equal(text.split(right).length, 2, `${file} holds ${right} once`);
    text = text.replace(right, () => wrong);
  }
  return text;
}

const moduleOf = (text) => import(`data:text/javascript;base64,${Buffer.from(text).toString("base64")}`);

function listen(server) {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve(server.address().port)));
}

// A sender to a server, which gives the status of its answer.
const sender = (port) => ({ body, type, signature }) =>
  new Promise((resolve, reject) => {
    const headers = { ...headersOf(type, signature), "Content-Length": body.length };
    const options = { host: "127.0.0.1", port, path: "/webhook", method: "POST", headers, agent: false };
    request(options, (response) => response.resume().on("end", () => resolve(response.statusCode)))
      .on("error", reject)
      .end(body);
  });

const close = (server) => () => {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(resolve));
};

async function express(text) {
  const server = createServer(new Function("require", `${text}; return app;`)(require));
  const port = await listen(server);
  return { port, send: sender(port), close: close(server) };
}

async function nextjsPages(text) {
  const route = await moduleOf(text);
  const { apiResolver } = require("next/dist/server/api-utils/node/api-resolver.js");
  const context = { previewModeId: "", previewModeEncryptionKey: "", previewModeSigningKey: "" };
  const server = createServer((req, res) => apiResolver(req, res, {}, route, context, false));
  return { send: sender(await listen(server)), close: close(server) };
}

const nextjsApp = (Request) => async (text) => {
  const { POST } = await moduleOf(text);
  const send = async ({ body, type, signature }) => {
    const headers = headersOf(type, signature);
    const response = await POST(new Request("http://127.0.0.1/webhook", { method: "POST", body, headers }));
    assert(response instanceof Response);
    return response.status;
  };
  return { send, close() {} };
};

const apiGateway = (version, base64) => async (text) => {
  const { handler } = await moduleOf(text);
  const send = async ({ body, type, signature }) => {
    // Format 2.0 writes names in small letters; 1.0 keeps them as they were sent.
    const sent = headersOf(type, signature);
    const headers = version === "2.0" ? inSmallLetters(sent) : sent;
    const event = { version, headers, isBase64Encoded: base64, body: body.toString(base64 ? "base64" : "utf8") };
    if (body.length === 0 && version === "2.0") delete event.body;
    if (body.length === 0 && version === "1.0") event.body = null;
    return (await handler(JSON.parse(JSON.stringify(event)), {})).statusCode;
  };
  return { send, close() {} };
};

const isText = ({ body }) => Buffer.from(body.toString("utf8")).equals(body);
const { NextRequest } = require("next/server");
const parsed = "JSON.stringify(await request.json())";
const parsedByExpress = [
  ["express.raw({ type: () => true })", "express.json()"],
  ["req.body ?? Buffer.alloc(0)", "JSON.stringify(req.body)"],
];
const receivers = [
  {
    title: "Express",
    file: "express.js",
    start: express,
    mistakes: [
      ["json", parsedByExpress],
      ["json-compact", parsedByExpress],
      ["invalid-utf-8", [["req.body ?? Buffer.alloc(0)", "String(req.body)"]]],
    ],
  },
  {
    title: "Next.js, app router, a web Request",
    file: "nextjs.js",
    start: nextjsApp(Request),
    mistakes: [
      ["json", [["Buffer.from(await request.arrayBuffer())", parsed]]],
      ["json-with-bom", [["Buffer.from(await request.arrayBuffer())", "await request.text()"]]],
      ["invalid-utf-8", [["Buffer.from(await request.arrayBuffer())", "await request.text()"]]],
    ],
  },
  { title: "Next.js, app router, Next's Request", file: "nextjs.js", start: nextjsApp(NextRequest), mistakes: [] },
  {
    title: "Next.js, pages router",
    file: "nextjs-pages.js",
    start: nextjsPages,
    mistakes: [
      ["json", [["bodyParser: false", "bodyParser: true"], ["await buffer(req)", "JSON.stringify(req.body)"]]],
      ["json", [["bodyParser: false", "bodyParser: true"]]],
    ],
  },
  {
    title: "API Gateway, payload format 2.0, Base64",
    file: "api-gateway.js",
    start: apiGateway("2.0", true),
    mistakes: [["form", [["event.isBase64Encoded", "false"]]]],
  },
  {
    title: "API Gateway, payload format 1.0, Base64",
    file: "api-gateway.js",
    start: apiGateway("1.0", true),
    mistakes: [],
  },
  {
    title: "API Gateway, payload format 2.0, text",
    file: "api-gateway.js",
    start: apiGateway("2.0", false),
    can: isText,
    mistakes: [["json", [['event.body ?? ""', "JSON.stringify(JSON.parse(event.body))"]]]],
  },
  {
    title: "API Gateway, payload format 1.0, text",
    file: "api-gateway.js",
    start: apiGateway("1.0", false),
    can: isText,
    mistakes: [["json", [["name.toLowerCase()", "name"]]]],
  },
];

for (const { title, file, start, mistakes, can = () => true } of receivers) {
  describe(title, () => {
    let receiver;
    before(async () => (receiver = await start(textOf(file))));
    after(() => receiver.close());

    for (const { name, type, body } of bodies.filter(can)) {
      test(`the check is given the bytes that were sent: ${name}`, async () => {
        seen = [];
        assert.equal(await receiver.send({ body, type, signature: sign(body) }), 204);
        assert.deepEqual(seen, [body]);
      });
    }

    for (const signature of [sign("another body"), "", undefined]) {
      test(`a wrong signature is refused: ${signature}`, async () => {
        seen = [];
        assert.equal(await receiver.send({ ...named("json"), signature }), 401);
        assert.deepEqual(seen, [named("json").body]);
      });
    }

    for (const [name, edits] of mistakes) {
      test(`with a usual mistake in it ${name} is refused: ${edits.map(([, wrong]) => wrong).join(", ")}`, async () => {
        const wrong = await start(textOf(file, edits));
        try {
          seen = [];
          assert.equal(await wrong.send({ ...named(name), signature: sign(named(name).body) }), 401);
          assert.equal(seen.length, 1);
        } finally {
          await wrong.close();
        }
      });
    }
  });
}

test("Express is given a request without a body, which has neither length nor type", async () => {
  const { port, close } = await express(textOf("express.js"));
  seen = [];
  const answer = await new Promise((resolve, reject) => {
    let text = "";
    connect(port, "127.0.0.1")
      .on("data", (data) => (text += data))
      .on("end", () => resolve(text))
      .on("error", reject)
      .write(`POST /webhook HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nX-Signature: ${sign("")}\r\n\r\n`);
  });
  await close();
  assert.match(answer, /^HTTP\/1\.1 204 /);
  assert.deepEqual(seen, [Buffer.alloc(0)]);
});

test("Express's own parser above the route takes its bytes away", async () => {
  const above = [["const app = express();", "const app = express(); app.use(express.json());"]];
  const { send, close } = await express(textOf("express.js", above));
  const { body, type } = named("json");
  seen = [];
  const status = await send({ body, type, signature: sign(body) });
  await close();
  assert.equal(status, 401);
  assert.deepEqual(seen, [JSON.parse(body)]);
});
