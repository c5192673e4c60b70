// http-message-signatures, cavage: verifyMessage({ keyLookup }, { method, url, headers }); requiredFields is left out, it refuses everything.
import { createHash, createHmac, timingSafeEqual } from "node:crypto";
import { serve, subjectRequire, subjectVersion, text, bytes, field, Refused } from "../protocol.mjs";
const { cavage, createVerifier } = subjectRequire("http-message-signatures");
await serve({
  name: "http-message-signatures", version: subjectVersion("http-message-signatures"), schemes: { "cavage-hmac": ["verify"] },
  async verify({ accounts, request }) {
    // The library reads a field Signature; the same parameters are sent in Authorization here.
    const headers = Object.fromEntries(Object.keys(request.headers).map((name) => [name, field(request, name)]));
    if (headers.authorization) headers.signature = headers.authorization.replace(/^Signature +/i, "");
    const sha = "SHA-256=" + createHash("sha256").update(bytes(request.body)).digest("base64"); // the caller's part: the body's digest
    try {
      const accepted = await cavage.verifyMessage({ keyLookup: async ({ keyid }) => { const account = accounts.find((one) => text(one.key_id) === keyid); return account && { id: keyid, algs: ["hmac-sha256"], verify: createVerifier(bytes(account.key), "hmac-sha256") }; } }, { method: request.method, url: `${request.scheme}://${headers.host}${request.target}`, headers });
      return accepted === true && sha === headers.digest;
    } catch (error) {
      throw new Refused(undefined, error.message);
    }
  },
});
