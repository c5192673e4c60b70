// stripe: webhooks.signature.verifyHeader(payload, header, secret, tolerance). It reads the clock.
import { serve, subjectRequire, subjectVersion, bytes, text, field, Refused, lines } from "../protocol.mjs";
const Stripe = subjectRequire("stripe");
const stripe = (Stripe.default ?? Stripe)("sk_test_x");
await serve({
  name: "stripe", version: subjectVersion("stripe"), schemes: { stripe: ["verify"] },
  verify({ accounts, parameters, request }) {
    try {
      return accounts.some((account) => stripe.webhooks.signature.verifyHeader(bytes(request.body), field(request, "stripe-signature"), text(account.secret), parameters.tolerance ? Number(parameters.tolerance) : 300));
    } catch (error) {
      if (error.type !== "StripeSignatureVerificationError") throw error;
      throw new Refused(undefined, error.message);
    }
  },
});
