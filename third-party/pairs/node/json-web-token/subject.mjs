// json-web-token: decode(key, token). Claims are the caller's matter (expiry is not looked at).
import { serve, subjectRequire, subjectVersion } from "../protocol.mjs";
import { bearer, publicKey, secretBytes } from "../bearer.mjs";
const jwt = subjectRequire("json-web-token");
const version = subjectVersion("json-web-token");
await serve({
  name: "json-web-token", version, schemes: { "jwt-rs256": ["verify"], "jwt-hs256": ["verify"] },
  async verify(task) {
    const { token, account } = bearer(task);
    const key = task.scheme === "jwt-hs256" ? secretBytes(account) : publicKey(account);
    if (Number(version.split(".")[0]) >= 4) return !jwt.decode(key, token).error; // without callbacks from 4.0 on
    const { error } = await new Promise((done) => jwt.decode(key, token, (error, value) => done({ error, value })));
    return !error;
  },
});
