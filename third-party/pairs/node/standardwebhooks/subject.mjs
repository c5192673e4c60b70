// standardwebhooks: new Webhook(secret).verify(payload, headers) and sign(id, date, payload).
import { serve, subjectRequire, subjectVersion, text, field, Refused, Skip } from "../protocol.mjs";
const { Webhook, WebhookVerificationError } = subjectRequire("standardwebhooks");
await serve({
  name: "standardwebhooks", version: subjectVersion("standardwebhooks"), schemes: { "standard-webhooks": ["sign", "verify"] },
  sign({ variant, account, time, nonce, request }) {
    if (variant) throw new Skip("symmetric keys only");
    const date = new Date(time);
    const signature = new Webhook(text(account.secret)).sign(nonce, date, text(request.body));
    return { request: { headers: [["Host", request.host], ...request.headers, ["webhook-id", nonce], ["webhook-timestamp", String(Math.floor(date.getTime() / 1000))], ["webhook-signature", signature]] } };
  },
  verify({ variant, accounts, parameters, request }) {
    if (variant) throw new Skip("symmetric keys only");
    if (parameters.tolerance) throw new Skip("the tolerance is fixed");
    const body = text(request.body);
    const headers = Object.fromEntries(Object.keys(request.headers).map((name) => [name, field(request, name)]));
    let webhook;
    try {
      webhook = new Webhook(text(accounts[0].secret));
    } catch (error) {
      throw new Skip("this secret is not taken: " + error.message);
    }
    try {
      webhook.verify(body, headers);
    } catch (error) {
      if (error instanceof SyntaxError && body !== "") throw new Skip("the payload must be JSON");
      if (!(error instanceof WebhookVerificationError)) throw error;
      throw new Refused(undefined, error.message);
    }
    return true;
  },
});
