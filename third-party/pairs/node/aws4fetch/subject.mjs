// aws4fetch: new AwsV4Signer({url, method, headers, body, …}).sign(), with `datetime` given.
import { createHash } from "node:crypto";
import { serve, subjectImport, subjectVersion, bytes, text, Skip } from "../protocol.mjs";
const { AwsV4Signer } = await subjectImport("aws4fetch/dist/aws4fetch.esm.mjs").catch(() => subjectImport("aws4fetch/dist/aws4fetch.esm.js"));
await serve({
  name: "aws4fetch", version: subjectVersion("aws4fetch"), schemes: { "aws-sigv4": ["sign"] },
  async sign({ operation, account, parameters, time, request }) {
    if (parameters.payload) throw new Skip("another payload hash is given by a header only");
    const headers = new Headers();
    for (const [name, content] of request.headers) headers.append(name, content);
    headers.set("Host", request.host);
    // Given by the caller, as the documentation permits; left out, the library signs UNSIGNED-PAYLOAD for S3.
    if (text(parameters.service) === "s3" && operation !== "presigned") headers.set("X-Amz-Content-Sha256", createHash("sha256").update(bytes(request.body)).digest("hex"));
    let url = `${request.scheme}://${request.host}${request.target}`;
    if (operation === "presigned") url += (request.target.includes("?") ? "&" : "?") + "X-Amz-Expires=" + text(parameters.expires ?? "3600");
    const options = { url, method: request.method, headers, service: text(parameters.service), region: text(parameters.region), accessKeyId: text(account.access_key_id), secretAccessKey: text(account.secret_access_key), sessionToken: account.session_token && text(account.session_token), datetime: time.replace(/[:-]|\.\d+/g, ""), signQuery: operation === "presigned", allHeaders: true };
    if (request.body !== "") options.body = bytes(request.body);
    const signer = AwsV4Signer.length === 1 ? new AwsV4Signer(options) : new AwsV4Signer(url, options);
    const signed = await signer.sign();
    const to = new URL(signed.url);
    const stages = { canonical_request: await signer.canonicalString(), signature: await signer.signature() };
    return { request: { method: request.method, target: to.pathname + to.search, headers: [["Host", request.host], ...[...signed.headers].filter(([name]) => name !== "host")] }, stages };
  },
});
