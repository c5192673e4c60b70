// @duosecurity/duo_api: Client.apiCall(method, path, params); what it would send is caught at https.request. It reads the clock.
import https from "node:https";
import { parse } from "node:querystring";
import { serve, subjectRequire, subjectVersion, text, lines, Skip } from "../protocol.mjs";
const duo = subjectRequire("@duosecurity/duo_api");
let sent;
https.request = (options) => ({ on() {}, write(body) { sent.body = body; }, end() {}, setTimeout() {}, options: (sent = { options, body: "" }) });
await serve({
  name: "duo_api", version: subjectVersion("@duosecurity/duo_api"), schemes: { "duo-admin": ["sign"] },
  sign({ variant, account, request }) {
    if (variant) throw new Skip("HMAC-SHA1 is what the release does");
    const form = ["POST", "PUT"].includes(request.method);
    new duo.Client(text(account.ikey), text(account.skey), request.host).apiCall(request.method, request.path, { ...parse(form ? text(request.body) : request.search) }, () => {});
    const { options, body } = sent;
    return { request: { target: options.path, headers: lines(options.headers), body } };
  },
});
