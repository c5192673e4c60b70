// jws: verify(token, key); from 3.0 verify(token, algorithm, key). Claims are the caller's matter (expiry is not looked at).
import { serve, subjectRequire, subjectVersion } from "../protocol.mjs";
import { bearer, publicKey, secretBytes } from "../bearer.mjs";
const jws = subjectRequire("jws");
const version = subjectVersion("jws");
const named = Number(version.split(".")[0]) >= 3;
await serve({
  name: "jws", version, schemes: { "jwt-rs256": ["verify"], "jwt-hs256": ["verify"] },
  verify(task) {
    const { token, account } = bearer(task);
    const [algorithm, key] = task.scheme === "jwt-hs256" ? ["HS256", secretBytes(account)] : ["RS256", publicKey(account)];
    return named ? jws.verify(token, algorithm, key) : jws.verify(token, key);
  },
});
