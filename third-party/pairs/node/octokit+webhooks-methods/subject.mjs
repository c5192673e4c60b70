// @octokit/webhooks-methods, the build for browsers: sign(secret, payload) and verify(secret, payload, signature).
import { copyFileSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { tmpdir } from "node:os";
import { serve, subjectVersion, text, field } from "../protocol.mjs";
const at = join(mkdtempSync(join(tmpdir(), "pairs-")), "index.mjs"); // a module by its name, as a bundler takes it
copyFileSync(join(process.env.SUBJECT_DIR, "node_modules/@octokit/webhooks-methods/dist-web/index.js"), at);
const { sign, verify } = await import(at);
await serve({
  name: "octokit-webhooks-methods-web", version: subjectVersion("@octokit/webhooks-methods"), schemes: { github: ["sign", "verify"] },
  async sign({ account, request }) {
    return { request: { headers: [["Host", request.host], ...request.headers, ["X-Hub-Signature-256", await sign(text(account.secret), text(request.body))]] } };
  },
  verify: ({ accounts, request }) => verify(text(accounts[0].secret), text(request.body), field(request, "x-hub-signature-256")),
});
