/**
 * Shopify, from the Shopify documentation: callbacks by "Implement authorization code grant manually",
 * "Verify the installation request"; webhooks by "Webhooks", "Verify webhook delivery".
 */
import { Reject } from "./protocol.mjs";
import {
  base64, byBytes, decodedPairs, equal, hex, hmac, onTheWire, requiredHeader, setHeader, setQuery,
  splitTarget,
} from "./wire.mjs";

const FIELD = "X-Shopify-Hmac-Sha256";

const queryOf = (request) => decodedPairs(splitTarget(request.target).query ?? "", { form: true });

/** "Remove the HMAC parameter": the other fields sorted by name, as a query without escapes. */
const messageOf = (request) =>
  queryOf(request).filter(([name]) => name !== "hmac")
    .sort((a, b) => byBytes(a[0], b[0]))
    .map(([name, value = ""]) => `${name}=${value}`)
    .join("&");

/** "Process the message through a hash function": HMAC-SHA256 in hexadecimal digits. */
function deriveCallback({ secret }, request) {
  const message = messageOf(request);
  return { message, signature: hex(hmac("sha256", secret, message)) };
}

/** "Verify webhook delivery": HMAC-SHA256 of the raw body, in Base64. */
const deriveWebhook = ({ secret }, request) => ({ signature: base64(hmac("sha256", secret, request.body)) });

/** Signs a callback or a webhook. */
export function sign({ operation, account, request: intent }) {
  const request = onTheWire(intent);
  const stages = operation === "callback" ? deriveCallback(account, request) : deriveWebhook(account, request);
  if (operation === "callback") setQuery(request, "hmac", stages.signature);
  else setHeader(request, FIELD, stages.signature);
  return { stages, request };
}

/** Verifies a callback or a webhook. */
export function verify({ operation, accounts, request }) {
  const callback = operation === "callback";
  const received = callback ? receivedHmac(request) : requiredHeader(request, FIELD);
  if (received === "") throw new Reject("missing-credential");
  const [account] = accounts;
  const { signature } = (callback ? deriveCallback : deriveWebhook)(account, request);
  if (account.secret === "" || !equal(received, signature)) throw new Reject("signature-mismatch");
}

/** The field `hmac` of a callback, which stands there once. */
function receivedHmac(request) {
  const found = queryOf(request).filter(([name]) => name === "hmac");
  if (found.length > 1) throw new Reject("malformed");
  if (found.length === 0) throw new Reject("missing-credential");
  return found[0][1] ?? "";
}
