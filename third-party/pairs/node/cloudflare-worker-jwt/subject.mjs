// @tsndr/cloudflare-worker-jwt: sign(payload, secret, algorithm), verify(token, secret, algorithm). Secrets are text.
import { serve, subjectRequire, subjectImport, subjectVersion, text, Refused, lines } from "../protocol.mjs";
import { bearer, secretText } from "../bearer.mjs";
const version = subjectVersion("@tsndr/cloudflare-worker-jwt");
const jwt = await import(subjectRequire.resolve("@tsndr/cloudflare-worker-jwt")).then((m) => m.default?.sign ? m.default : m.default?.default ?? m);
const option = Number(version.split(".")[0]) >= 2 ? { algorithm: "HS256" } : "HS256";
await serve({
  name: "cloudflare-worker-jwt", version, schemes: { "jwt-hs256": ["sign", "verify"] },
  async sign({ account, parameters, time, request }) {
    const token = await jwt.sign({ iss: text(account.issuer), exp: Date.parse(time) / 1000 + Number(parameters.lifetime ?? 3600) }, secretText(account), option);
    return { request: { headers: [["Host", request.host], ...request.headers, ["Authorization", "Bearer " + token]] } };
  },
  async verify(task) {
    const { token, account } = bearer(task);
    try {
      return await jwt.verify(token, secretText(account), option);
    } catch (error) {
      if (!(error instanceof Error)) throw new Refused(undefined, String(error));
      throw error;
    }
  },
});
