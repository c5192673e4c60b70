// jsonwebtoken: verify(token, secretOrPublicKey), without further options.
import { serve, subjectRequire, subjectVersion, Refused } from "../protocol.mjs";
import { bearer, publicKey, secretBytes } from "../bearer.mjs";
const jwt = subjectRequire("jsonwebtoken");
await serve({
  name: "jsonwebtoken", version: subjectVersion("jsonwebtoken"), schemes: { "jwt-rs256": ["verify"], "jwt-hs256": ["verify"] },
  verify(task) {
    const { token, account } = bearer(task);
    try {
      jwt.verify(token, task.scheme === "jwt-hs256" ? secretBytes(account) : publicKey(account));
    } catch (error) {
      // Before 5.0 the errors of jws come through as they are; all are refusals of the token.
      throw new Refused(error.name === "TokenExpiredError" ? "expired" : undefined, error.message);
    }
    return true;
  },
});
