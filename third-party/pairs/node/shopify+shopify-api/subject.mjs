// @shopify/shopify-api: utils.validateHmac(query), the query as Express gives it. From 6.2 the clock is looked at; it is set to the query's time.
import { parse } from "node:querystring";
import { serve, subjectRequire, subjectVersion, setClock, text, Refused, Skip } from "../protocol.mjs";
const version = subjectVersion("@shopify/shopify-api");
const early = Number(version.split(".")[0]) < 6;
if (!early) { try { subjectRequire("@shopify/shopify-api/adapters/node"); } catch { subjectRequire("@shopify/shopify-api/dist/cjs/adapters/node"); } }
const library = subjectRequire("@shopify/shopify-api");
function validator(apiSecretKey) {
  if (early) {
    const Shopify = library.Shopify ?? library.default;
    Shopify.Context.initialize({ API_KEY: "key", API_SECRET_KEY: apiSecretKey, SCOPES: ["x"], HOST_NAME: "app.example", API_VERSION: "unstable", IS_EMBEDDED_APP: false, SESSION_STORAGE: new Shopify.Session.MemorySessionStorage() });
    return Shopify.Utils.validateHmac;
  }
  return library.shopifyApi({ apiKey: "key", apiSecretKey, scopes: ["x"], hostName: "app.example", apiVersion: library.ApiVersion?.Unstable ?? library.LATEST_API_VERSION, isEmbeddedApp: false, logger: { log: () => {} } }).utils.validateHmac;
}
await serve({
  name: "shopify-api", version, schemes: { shopify: ["verify"] },
  async verify({ operation, accounts, request }) {
    if (operation !== "callback") throw new Skip("the webhook is not this pair's matter");
    const query = { ...parse(request.target.split("?").slice(1).join("?")) };
    setClock(/^\d+$/.test(query.timestamp) ? new Date(Number(query.timestamp) * 1000).toISOString() : undefined);
    const secret = text(accounts[0].secret);
    if (secret === "") throw new Skip("an empty secret is not taken");
    try {
      return await validator(secret)(query);
    } catch (error) {
      if (!/Hmac|SafeCompare/i.test(error.constructor.name + error.message)) throw error;
      throw new Refused(undefined, error.message);
    }
  },
});
