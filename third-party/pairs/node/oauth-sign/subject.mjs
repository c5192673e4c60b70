// oauth-sign: hmacsign(method, base_uri, params, consumer_secret, token_secret). The caller (request) makes the parameters.
import { parse } from "node:querystring";
import { serve, subjectRequire, subjectVersion, text, Skip } from "../protocol.mjs";
const oauth = subjectRequire("oauth-sign");
await serve({
  name: "oauth-sign", version: subjectVersion("oauth-sign"), schemes: { oauth1: ["sign"] },
  sign({ account, parameters, time, nonce, request }) {
    const protocol = { oauth_consumer_key: text(account.consumer_key), ...(account.token && { oauth_token: text(account.token) }), oauth_signature_method: "HMAC-SHA1", oauth_timestamp: String(Date.parse(time) / 1000), oauth_nonce: nonce, ...(parameters.callback && { oauth_callback: text(parameters.callback) }), ...(parameters.verifier && { oauth_verifier: text(parameters.verifier) }), ...(parameters.version && { oauth_version: text(parameters.version) }) };
    const form = request.headers.some(([name, content]) => name.toLowerCase() === "content-type" && content.toLowerCase().startsWith("application/x-www-form-urlencoded"));
    // As `request` calls it: fields of query and form, as querystring reads them, beside those of the protocol.
    const query = parse(request.search);
    const body = form ? parse(text(request.body)) : {};
    if (Object.keys(body).some((name) => name in query)) throw new Skip("the caller's merge of query and form decides");
    const url = new URL(`${request.scheme}://${request.host}`);
    const signature = oauth.hmacsign(request.method, `${url.protocol}//${url.host}${request.path}`, { ...protocol, ...query, ...body }, text(account.consumer_secret), account.token_secret ? text(account.token_secret) : "");
    const list = Object.entries({ ...(parameters.realm && { realm: text(parameters.realm) }), ...protocol, oauth_signature: signature });
    const header = "OAuth " + list.map(([name, content]) => `${name}="${oauth.rfc3986 ? oauth.rfc3986(content) : encodeURIComponent(content).replace(/[!'()*]/g, (c) => "%" + c.charCodeAt(0).toString(16).toUpperCase())}"`).join(", ");
    return { request: { headers: [["Host", request.host], ...request.headers, ["Authorization", header]] }, stages: { signature } };
  },
});
