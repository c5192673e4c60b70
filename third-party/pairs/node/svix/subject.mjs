// svix: new Webhook(secret).sign(id, date, payload) and verify(payload, headers).
import { serve, subjectRequire, subjectVersion, text, field, Refused, Skip } from "../protocol.mjs";
const { Webhook, WebhookVerificationError } = subjectRequire("svix");
await serve({
  name: "svix", version: subjectVersion("svix"), schemes: { "standard-webhooks": ["sign", "verify"] },
  sign({ variant, account, time, nonce, request }) {
    if (variant) throw new Skip("symmetric keys only");
    const date = new Date(time);
    const signature = new Webhook(text(account.secret)).sign(nonce, date, text(request.body));
    return { request: { headers: [["Host", request.host], ...request.headers, ["webhook-id", nonce], ["webhook-timestamp", String(Math.floor(date.getTime() / 1000))], ["webhook-signature", signature]] } };
  },
  verify({ variant, accounts, parameters, request }) {
    if (variant) throw new Skip("symmetric keys only");
    if (parameters.tolerance) throw new Skip("the tolerance is fixed");
    const headers = Object.fromEntries(Object.keys(request.headers).map((name) => [name, field(request, name)]));
    try {
      new Webhook(text(accounts[0].secret)).verify(text(request.body), headers);
    } catch (error) {
      if (/JSON/.test(error.message) && error instanceof SyntaxError) return true; // verified; the payload is not JSON
      if (!(error instanceof WebhookVerificationError)) throw error;
      throw new Refused(undefined, error.message);
    }
    return true;
  },
});
