// digest-fetch: parseAuth(challenge) and addAuth(url, options). The client's nonce is read through makeNonce.
import { serve, subjectRequire, subjectVersion, text, Skip } from "../protocol.mjs";
let Client = subjectRequire("digest-fetch");
Client = Client.default ?? Client;
await serve({
  name: "digest-fetch", version: subjectVersion("digest-fetch"), schemes: { "http-digest": ["sign"] },
  async sign({ variant, account, parameters, nonce, request }) {
    const algorithm = { md5: "MD5", "md5-sess": "MD5-sess" }[variant] ?? "SHA-256";
    const client = new Client(text(account.username), text(account.password), { algorithm });
    client.makeNonce = () => nonce;
    await client.parseAuth(`Digest realm="${text(parameters.realm)}", qop="auth", algorithm=${algorithm}, nonce="${text(parameters.nonce)}", opaque="${text(parameters.opaque)}"`);
    const options = client.addAuth(`${request.scheme}://${request.host}${request.target}`, { method: request.method, headers: {} });
    return { request: { headers: [["Host", request.host], ...request.headers, ["Authorization", options.headers.Authorization]] }, stages: { response: /response="([^"]*)"/.exec(options.headers.Authorization)?.[1] } };
  },
});
