/** GitHub webhooks, from GitHub Docs, "Validating webhook deliveries". */
import { Reject } from "./protocol.mjs";
import { equal, hex, hmac, onTheWire, requiredHeader, setHeader } from "./wire.mjs";

const PREFIX = "sha256=";

/** "Validating webhook deliveries": HMAC of the payload in hexadecimal digits. */
const signature = ({ secret }, body) => hex(hmac("sha256", secret, body));

/** Signs a delivery. */
export function sign({ account, request: intent }) {
  const request = onTheWire(intent);
  const stages = { signature: signature(account, request.body) };
  setHeader(request, "X-Hub-Signature-256", PREFIX + stages.signature);
  return { stages, request };
}

/** "Validating webhook deliveries": the field begins with `sha256=`; the rest is compared in constant time. */
export function verify({ accounts, request }) {
  const field = requiredHeader(request, "X-Hub-Signature-256");
  if (!field.startsWith(PREFIX)) throw new Reject("malformed");
  const [account] = accounts;
  const fits = account.secret !== "" && equal(field.slice(PREFIX.length), signature(account, request.body));
  if (!fits) throw new Reject("signature-mismatch");
}
