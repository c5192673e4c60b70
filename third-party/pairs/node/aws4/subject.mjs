// aws4: sign({host, path, method, headers, body, service, region}, credentials). The time is taken from X-Amz-Date or Date.
import { serve, subjectRequire, subjectVersion, bytes, text, lines, Skip } from "../protocol.mjs";
const aws4 = subjectRequire("aws4");
await serve({
  name: "aws4", version: subjectVersion("aws4"), schemes: { "aws-sigv4": ["sign"] },
  sign({ operation, variant, account, parameters, request }) {
    if (parameters.payload) throw new Skip("another payload hash is given by a header only");
    const headers = {};
    for (const [name, content] of request.headers) {
      if (name in headers) throw new Skip("one value a header");
      headers[name] = content;
    }
    headers.Host ??= request.host;
    const call = { method: request.method, host: request.host, path: request.target, headers, service: text(parameters.service), region: text(parameters.region) };
    if (request.body !== "") call.body = bytes(request.body);
    if (operation === "presigned") {
      call.signQuery = true;
      // The caller gives the time of validity in the query; 3600 where the vector leaves it to the client.
      call.path += (call.path.includes("?") ? "&" : "?") + "X-Amz-Expires=" + text(parameters.expires ?? "3600");
    } else if (request.body !== "" && !Object.keys(headers).some((name) => name.toLowerCase() === "content-type")) {
      throw new Skip("adds a content type of its own");
    }
    const signer = new aws4.RequestSigner(call, { accessKeyId: text(account.access_key_id), secretAccessKey: text(account.secret_access_key), ...(account.session_token && { sessionToken: text(account.session_token) }) });
    const stages = {};
    for (const [method, stage] of [["canonicalString", "canonical_request"], ["stringToSign", "string_to_sign"], ["signature", "signature"]]) {
      const inner = signer[method].bind(signer);
      signer[method] = () => (stages[stage] = inner());
    }
    const signed = signer.sign();
    // With a body the library adds and signs Content-Length, which is permitted: the stages are then its own.
    return { request: { method: call.method, target: signed.path, headers: lines(signed.headers) }, stages: request.body === "" ? stages : {} };
  },
});
