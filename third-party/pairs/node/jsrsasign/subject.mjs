// jsrsasign: KJUR.jws.JWS.verifyJWT(token, key, { alg: [...] }).
import { serve, subjectRequire, subjectVersion } from "../protocol.mjs";
import { bearer, publicKey, secretBytes } from "../bearer.mjs";
const rs = subjectRequire("jsrsasign");
await serve({
  name: "jsrsasign", version: subjectVersion("jsrsasign"), schemes: { "jwt-rs256": ["verify"], "jwt-hs256": ["verify"] },
  verify(task) {
    const { token, account } = bearer(task);
    return task.scheme === "jwt-hs256" ? rs.KJUR.jws.JWS.verifyJWT(token, { hex: secretBytes(account).toString("hex") }, { alg: ["HS256"] }) : rs.KJUR.jws.JWS.verifyJWT(token, rs.KEYUTIL.getKey(publicKey(account)), { alg: ["RS256"] });
  },
});
