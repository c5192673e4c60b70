// fast-jwt: createVerifier({ key })(token); the algorithms are those that the library finds for the key.
import { serve, subjectRequire, subjectVersion, Refused } from "../protocol.mjs";
import { bearer, publicKey, secretBytes } from "../bearer.mjs";
const { createVerifier } = subjectRequire("fast-jwt");
await serve({
  name: "fast-jwt", version: subjectVersion("fast-jwt"), schemes: { "jwt-rs256": ["verify"], "jwt-hs256": ["verify"] },
  async verify(task) {
    const { token, account } = bearer(task);
    const key = task.scheme === "jwt-hs256" ? secretBytes(account) : publicKey(account);
    try {
      // A key function, as the documentation shows it; where the key is text only.
      const verify = createVerifier({ key: async () => key, cache: false });
      await verify(token);
    } catch (error) {
      if (!error.code?.startsWith("FAST_JWT")) throw error;
      throw new Refused(error.code === "FAST_JWT_EXPIRED" ? "expired" : undefined, error.message);
    }
    return true;
  },
});
