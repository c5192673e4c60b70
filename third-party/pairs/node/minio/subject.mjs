// minio: signV4(request, …) and presignSignatureV4(request, …), the functions that Client calls, with the headers that Client sets.
import { createHash } from "node:crypto";
import { serve, subjectRequire, subjectVersion, bytes, text, lines, Skip } from "../protocol.mjs";
const { signV4, presignSignatureV4 } = subjectRequire("minio/dist/main/signing.js");
await serve({
  name: "minio", version: subjectVersion("minio"), schemes: { "aws-sigv4": ["sign"] },
  sign({ operation, account, parameters, time, request }) {
    if (text(parameters.service) !== "s3") throw new Skip("S3 only");
    if (parameters.payload) throw new Skip("another payload hash is the client's choice");
    const headers = { host: request.host };
    for (const [name, content] of request.headers) {
      if (name.toLowerCase() in headers) throw new Skip("one value a header");
      headers[name.toLowerCase()] = content;
    }
    const call = { method: request.method, protocol: request.scheme + ":", path: request.target, headers };
    const at = new Date(time);
    const token = account.session_token && text(account.session_token);
    if (operation === "presigned") {
      if (token) headers["x-amz-security-token"] = token;
      const url = new URL(presignSignatureV4({ ...call, headers: { host: request.host } }, text(account.access_key_id), text(account.secret_access_key), token, text(parameters.region), at, Number(text(parameters.expires ?? "3600"))));
      return { request: { target: url.pathname + url.search, headers: [["Host", request.host]] } };
    }
    headers["x-amz-date"] = time.replace(/[:-]|\.\d+/g, "");
    headers["x-amz-content-sha256"] = createHash("sha256").update(bytes(request.body)).digest("hex");
    if (token) headers["x-amz-security-token"] = token;
    headers.authorization = signV4(call, text(account.access_key_id), text(account.secret_access_key), text(parameters.region), at);
    return { request: { headers: lines(headers) } };
  },
});
