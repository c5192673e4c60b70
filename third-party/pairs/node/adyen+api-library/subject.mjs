// @adyen/api-library: hmacValidator.validateHMAC(notificationRequestItem, key).
import { serve, subjectRequire, subjectVersion, text, Refused } from "../protocol.mjs";
const { hmacValidator: Validator } = subjectRequire("@adyen/api-library");
await serve({
  name: "adyen", version: subjectVersion("@adyen/api-library"), schemes: { "adyen-webhook": ["verify"] },
  verify({ accounts, request }) {
    const [{ NotificationRequestItem: item }] = JSON.parse(text(request.body)).notificationItems;
    try {
      return new Validator().validateHMAC(item, text(accounts[0].hmac_key));
    } catch (error) {
      if (/^Missing/.test(error.message)) throw new Refused("missing-credential");
      throw error;
    }
  },
});
