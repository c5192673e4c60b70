// hono/jwt: verify(token, key, algorithm). The secret is text.
import { serve, subjectImport, subjectVersion, Refused } from "../protocol.mjs";
import { bearer, publicKey, secretText } from "../bearer.mjs";
const { verify } = await subjectImport("hono/dist/utils/jwt/jwt.js");
await serve({
  name: "hono", version: subjectVersion("hono"), schemes: { "jwt-rs256": ["verify"], "jwt-hs256": ["verify"] },
  async verify(task) {
    const { token, account } = bearer(task);
    try {
      await verify(token, task.scheme === "jwt-hs256" ? secretText(account) : publicKey(account), task.scheme === "jwt-hs256" ? "HS256" : "RS256");
    } catch (error) {
      if (!/^Jwt/.test(error.name)) throw error;
      throw new Refused(error.name === "JwtTokenExpired" ? "expired" : undefined, error.message);
    }
    return true;
  },
});
