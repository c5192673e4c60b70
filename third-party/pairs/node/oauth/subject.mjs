// oauth (node-oauth, early releases): getProtectedResource(url, method, token, tokenSecret); what it would send is caught where it makes
// the client of Node 0.x. Nonce and time are read through _getNonce and _getTimestamp. Over TLS these releases need a Node of their time.
import { serve, subjectRequire, subjectVersion, text, Skip } from "../protocol.mjs";
const { OAuth } = subjectRequire("oauth/lib/oauth.js");
await serve({
  name: "oauth", version: subjectVersion("oauth"), schemes: { oauth1: ["sign"] },
  sign({ account, parameters, time, nonce, request }) {
    if (parameters.realm || parameters.callback || parameters.verifier || !account.token) throw new Skip("given otherwise");
    if (request.scheme !== "http") throw new Skip("TLS of Node 0.x");
    if (request.body !== "") throw new Skip("no body with this call");
    const oauth = new OAuth(null, null, text(account.consumer_key), text(account.consumer_secret), parameters.version ? text(parameters.version) : "1.0", null, "HMAC-SHA1");
    oauth._getNonce = () => nonce;
    oauth._getTimestamp = () => Date.parse(time) / 1000;
    let sent;
    oauth._createClient = (port, host, method, path, headers) => {
      const take = (method, path, headers) => { sent = { method, path, headers }; return { on() {}, write() {}, end() {}, addListener() {}, socket: { addListener() {}, on() {} } }; };
      return typeof method === "string" ? take(method, path, headers) : { request: take };
    };
    oauth.getProtectedResource(`${request.scheme}://${request.host}${request.target}`, request.method, text(account.token), text(account.token_secret), () => {});
    return { request: { target: sent.path, headers: [["Host", sent.headers.Host ?? request.host], ...request.headers, ["Authorization", sent.headers.Authorization]] } }; // without stages: the library adds oauth_version to what is signed
  },
});
