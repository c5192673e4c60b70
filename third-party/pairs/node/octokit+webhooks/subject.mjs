// @octokit/webhooks: verifyAndReceive({ id, name, payload, signature }), or createNodeMiddleware with the body in pieces (VIA=middleware).
import { Readable } from "node:stream";
import { serve, subjectRequire, subjectVersion, bytes, text, field, Refused, Skip } from "../protocol.mjs";
const { Webhooks, createNodeMiddleware } = subjectRequire("@octokit/webhooks");
const log = { debug() {}, info() {}, warn() {}, error() {} };
await serve({
  name: "octokit-webhooks", version: subjectVersion("@octokit/webhooks"), schemes: { github: ["verify"] },
  async verify({ accounts, request }) {
    if (text(accounts[0].secret) === "") throw new Skip("an empty secret is not taken");
    const webhooks = new Webhooks({ secret: text(accounts[0].secret), log });
    const signature = field(request, "x-hub-signature-256");
    const name = field(request, "x-github-event");
    if (process.env.VIA === "middleware") {
      let received = false;
      webhooks.onAny(() => { received = true; });
      const body = bytes(request.body);
      const message = Object.assign(Readable.from([...body].map((byte) => Buffer.from([byte])), { objectMode: false }), { method: request.method, url: "/api/github/webhooks", headers: { "x-github-delivery": "1", "content-type": "application/json", ...request.headers } });
      const status = await new Promise((done, fail) => {
        const response = { statusCode: 200, writeHead(code) { this.statusCode = code; return this; }, setHeader() {}, write() { return true; }, end() { done(this.statusCode); } };
        Promise.resolve(createNodeMiddleware(webhooks, { path: "/api/github/webhooks", log })(message, response)).catch(fail);
      });
      if (status >= 500) throw new Error("the middleware answers " + status);
      return status < 400;
    }
    try {
      await webhooks.verifyAndReceive({ id: "1", name, payload: text(request.body), signature });
    } catch (error) {
      const one = error.errors?.[0] ?? error;
      if (/signature does not match/.test(one.message)) throw new Refused();
      if (/JSON|Unexpected token/.test(one.message)) return true; // verified; the payload is not JSON
      throw error;
    }
    return true;
  },
});
