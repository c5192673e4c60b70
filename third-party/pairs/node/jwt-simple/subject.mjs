// jwt-simple: decode(token, key, noVerify, algorithm); before 0.3.1 the fourth parameter is not there.
import { serve, subjectRequire, subjectVersion, Refused } from "../protocol.mjs";
import { bearer, publicKey, secretBytes } from "../bearer.mjs";
const jwt = subjectRequire("jwt-simple");
await serve({
  name: "jwt-simple", version: subjectVersion("jwt-simple"), schemes: { "jwt-rs256": ["verify"], "jwt-hs256": ["verify"] },
  verify(task) {
    const { token, account } = bearer(task);
    const [algorithm, key] = task.scheme === "jwt-hs256" ? ["HS256", secretBytes(account)] : ["RS256", publicKey(account)];
    try {
      jwt.decode(token, key, false, algorithm);
    } catch (error) {
      throw new Refused(undefined, error.message);
    }
    return true;
  },
});
