// http-signature: sign(request, { keyId, key, algorithm, headers }); parse(request) and verifyHMAC(parsed, key).
import { createHash } from "node:crypto";
import { serve, subjectRequire, subjectVersion, text, bytes, field, Refused, Skip } from "../protocol.mjs";
const library = subjectRequire("http-signature");
await serve({
  name: "http-signature", version: subjectVersion("http-signature"), schemes: { "cavage-hmac": ["sign", "verify"] },
  sign({ account, time, request }) {
    const set = { host: request.host, date: new Date(time).toUTCString(), digest: "SHA-256=" + createHash("sha256").update(bytes(request.body)).digest("base64") };
    const message = { method: request.method, path: request.target, getHeader: (name) => set[name.toLowerCase()], setHeader: (name, content) => { set[name.toLowerCase()] = content; } };
    library.sign(message, { keyId: text(account.key_id), key: text(account.key), algorithm: "hmac-sha256", headers: ["(request-target)", "host", "date", "digest"] });
    return { request: { headers: [["Host", request.host], ["Date", set.date], ["Digest", set.digest], ...request.headers, ["Authorization", set.authorization]] } };
  },
  verify({ accounts, parameters, request }) {
    const headers = Object.fromEntries(Object.keys(request.headers).map((name) => [name, field(request, name)]));
    try {
      const parsed = library.parse({ method: request.method, url: request.target, httpVersion: "1.1", headers }, { clockSkew: parameters.skew ? Number(parameters.skew) : 300, headers: ["(request-target)", "host", "date", "digest"] });
      const account = accounts.find((one) => text(one.key_id) === parsed.keyId);
      if (!account) throw new Refused("unknown-key");
      const sha = "SHA-256=" + createHash("sha256").update(bytes(request.body)).digest("base64"); // the caller's part: the body's digest
      return library.verifyHMAC(parsed, text(account.key)) && sha === headers.digest;
    } catch (error) {
      if (!/HttpSignature|InvalidHeader|InvalidParams|MissingHeader|ExpiredRequest|StrictParsing/.test(error.name + error.constructor.name)) throw error;
      throw new Refused(undefined, error.message);
    }
  },
});
