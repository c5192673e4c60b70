// cloudinary: utils.api_sign_request(params, secret, algorithm, version), the algorithm by config; what the version is by itself decides where variant version-2 is asked.
import { parse } from "node:querystring";
import { serve, subjectRequire, subjectVersion, text, encode, Skip } from "../protocol.mjs";
const { utils, config } = subjectRequire("cloudinary").v2;
await serve({
  name: "cloudinary", version: subjectVersion("cloudinary"), schemes: { cloudinary: ["sign"] },
  sign({ variant, account, time, request }) {
    const params = { ...parse(text(request.body)), timestamp: String(Date.parse(time) / 1000) };
    config({ signature_algorithm: variant === "sha256" ? "sha256" : "sha1" });
    const signature = utils.api_sign_request(params, text(account.api_secret), null, variant === "version-2" ? null : 1);
    const body = Object.entries({ ...params, api_key: text(account.api_key), signature }).map((pair) => pair.map(encode).join("=")).join("&");
    return { request: { headers: [["Host", request.host], ...request.headers], body }, stages: { signature } };
  },
});
