// oauth-signature: generate(method, url, parameters, consumerSecret, tokenSecret, {encodeSignature: false}).
import { parse } from "node:querystring";
import { serve, subjectRequire, subjectVersion, text, encode, Skip } from "../protocol.mjs";
const oauth = subjectRequire("oauth-signature");
await serve({
  name: "oauth-signature", version: subjectVersion("oauth-signature"), schemes: { oauth1: ["sign"] },
  sign({ account, parameters, time, nonce, request }) {
    const protocol = { oauth_consumer_key: text(account.consumer_key), ...(account.token && { oauth_token: text(account.token) }), oauth_signature_method: "HMAC-SHA1", oauth_timestamp: String(Date.parse(time) / 1000), oauth_nonce: nonce, ...(parameters.callback && { oauth_callback: text(parameters.callback) }), ...(parameters.verifier && { oauth_verifier: text(parameters.verifier) }), ...(parameters.version && { oauth_version: text(parameters.version) }) };
    const form = request.headers.some(([name, content]) => name.toLowerCase() === "content-type" && content.toLowerCase().startsWith("application/x-www-form-urlencoded"));
    const query = parse(request.search);
    const body = form ? parse(text(request.body)) : {};
    if (Object.keys(body).some((name) => name in query)) throw new Skip("the caller's merge of query and form decides");
    const all = { ...protocol, ...query, ...body };
    const url = `${request.scheme}://${request.host}${request.path}`;
    const signature = oauth.generate(request.method, url, all, text(account.consumer_secret), account.token_secret && text(account.token_secret), { encodeSignature: false });
    const base = new oauth.SignatureBaseString(request.method, url, all).generate();
    const list = Object.entries({ ...(parameters.realm && { realm: text(parameters.realm) }), ...protocol, oauth_signature: signature });
    return { request: { headers: [["Host", request.host], ...request.headers, ["Authorization", "OAuth " + list.map(([name, content]) => `${name}="${encode(content)}"`).join(", ")]] }, stages: { string_to_sign: base, signature } };
  },
});
