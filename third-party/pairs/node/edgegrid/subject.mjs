// edgegrid / akamai-edgegrid: auth({ path, method, headers, body, headersToSign }) of an EdgeGrid; nonce and time through generateAuth, as its tests do.
import { serve, subjectRequire, subjectVersion, text, lines, Skip } from "../protocol.mjs";
const name = process.env.PACKAGE ?? "edgegrid";
const auth = subjectRequire(`${name}/src/auth`);
await serve({
  name, version: subjectVersion(name), schemes: { "akamai-edgegrid": ["sign"] },
  sign({ account, parameters, time, nonce, request }) {
    const headers = Object.fromEntries(request.headers);
    const call = { path: request.target, url: request.target, method: request.method, headers, body: text(request.body) };
    if (parameters.headers_to_sign) call.headersToSign = Object.fromEntries(text(parameters.headers_to_sign).split(",").map((one) => [one, headers[one]]));
    const stamp = time.replace(/-/g, "").replace("Z", "+0000");
    const maxBody = process.env.MAX_BODY ? Number(process.env.MAX_BODY) : undefined;
    const signed = auth.generateAuth(call, text(account.client_token), text(account.client_secret), text(account.access_token), "https://" + request.host, maxBody ?? (name === "akamai-edgegrid" ? 131072 : undefined), nonce, stamp);
    return { request: { headers: [["Host", request.host], ...lines(signed.headers)] } };
  },
});
