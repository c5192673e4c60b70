// hawk: client.header(url, method, options), of the build for browsers too (BUILD=browser); server.authenticate(request, …) with a callback.
import { serve, subjectRequire, subjectVersion, text, bytes, field, Refused, Skip } from "../protocol.mjs";
const hawk = process.env.BUILD === "browser" ? subjectRequire("hawk/lib/browser.js") : subjectRequire("hawk");
const client = hawk.client;
await serve({
  name: "hawk", version: subjectVersion("hawk"), schemes: { hawk: process.env.BUILD === "browser" ? ["sign"] : ["sign", "verify"] },
  sign({ variant, account, parameters, time, nonce, request }) {
    const type = request.headers.find(([name]) => name.toLowerCase() === "content-type")?.[1];
    const options = { credentials: { id: text(account.id), key: text(account.key), algorithm: "sha256" }, timestamp: Date.parse(time) / 1000, nonce, ext: parameters.ext && text(parameters.ext), ...(variant !== "no-payload" && { payload: text(request.body), contentType: type ?? "" }) };
    const { field: header, artifacts } = client.header(`${request.scheme}://${request.host}${request.target}`, request.method, options);
    return { request: { headers: [["Host", request.host], ...request.headers, ["Authorization", header]] }, stages: { mac: /mac="([^"]*)"/.exec(header)?.[1] } };
  },
  async verify({ variant, accounts, parameters, request }) {
    const headers = Object.fromEntries(Object.keys(request.headers).map((name) => [name, field(request, name)]));
    const seconds = parameters.skew ? Number(parameters.skew) : 60;
    const find = (id, done) => done(null, accounts.map((one) => ({ id: text(one.id), key: text(one.key), algorithm: "sha256" })).find((one) => one.id === id));
    const options = { port: /:(\d+)$/.exec(headers.host ?? "")?.[1] ?? (request.scheme === "https" ? 443 : 80), timestampSkewSec: seconds, ...(variant !== "no-payload" && { payload: text(request.body) }) };
    const { error } = await new Promise((done) => hawk.server.authenticate({ method: request.method, url: request.target, headers }, find, options, (error) => done({ error })));
    if (error) throw new Refused(undefined, error.message);
    return true;
  },
});
