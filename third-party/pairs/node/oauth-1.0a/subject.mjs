// oauth-1.0a: authorize({url, method, data}, token) and toHeader(). Nonce and time are read through getNonce and getTimeStamp.
import { createHmac } from "node:crypto";
import { parse } from "node:querystring";
import { serve, subjectRequire, subjectVersion, text, Skip } from "../protocol.mjs";
const OAuth = subjectRequire("oauth-1.0a");
const version = subjectVersion("oauth-1.0a");
const early = Number(version.split(".")[0]) < 2;
await serve({
  name: "oauth-1.0a", version, schemes: { oauth1: ["sign"] },
  sign({ account, parameters, time, nonce, request }) {
    if (parameters.realm || parameters.callback || parameters.verifier) throw new Skip("realm, callback and verifier are given otherwise");
    const consumer = early ? { public: text(account.consumer_key), secret: text(account.consumer_secret) } : { key: text(account.consumer_key), secret: text(account.consumer_secret) };
    const oauth = OAuth({ consumer, signature_method: "HMAC-SHA1", version: parameters.version && text(parameters.version), hash_function: (base, key) => createHmac("sha1", key).update(base).digest("base64") });
    oauth.getNonce = () => nonce;
    oauth.getTimeStamp = () => Date.parse(time) / 1000;
    const form = request.headers.some(([name, content]) => name.toLowerCase() === "content-type" && content.toLowerCase().startsWith("application/x-www-form-urlencoded"));
    const data = form ? { ...parse(text(request.body)) } : {};
    const call = { url: `${request.scheme}://${request.host}${request.target}`, method: request.method, data };
    const token = account.token ? (early ? { public: text(account.token), secret: text(account.token_secret) } : { key: text(account.token), secret: text(account.token_secret) }) : undefined;
    const authorized = oauth.authorize(call, token);
    return { request: { headers: [["Host", request.host], ...request.headers, ["Authorization", oauth.toHeader(authorized).Authorization]] } }; // without stages: the library adds oauth_version to what is signed
  },
});
