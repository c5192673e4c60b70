/** Stripe webhooks, from the Stripe documentation, "Webhooks", "Verify webhook signatures manually". */
import { Reject } from "./protocol.mjs";
import {
  checkFresh, equal, hex, hmac, onTheWire, requiredHeader, secondsText, setHeader, unixSeconds,
} from "./wire.mjs";

/** Step 2: the timestamp, the character `.`, and the body. */
const signedPayload = (timestamp, body) => `${timestamp}.${body}`;

/** Step 3: HMAC with SHA-256, the endpoint's signing secret as the key, in hexadecimal digits. */
const signature = ({ secret }, payload) => hex(hmac("sha256", secret, payload));

/** Signs a webhook. */
export function sign({ account, time, request: intent }) {
  const request = onTheWire(intent);
  const timestamp = secondsText(time);
  const stages = { string_to_sign: signedPayload(timestamp, request.body) };
  stages.signature = signature(account, stages.string_to_sign);
  setHeader(request, "Stripe-Signature", `t=${timestamp},v1=${stages.signature}`);
  return { stages, request };
}

/** Steps 1 to 4; of several signatures of scheme v1, one that fits is enough. */
export function verify({ accounts, parameters, now, request }) {
  const { timestamp, candidates } = receive(requiredHeader(request, "Stripe-Signature"));
  checkFresh(unixSeconds(timestamp), now, parameters.tolerance ?? "300");
  const [account] = accounts;
  const expected = signature(account, signedPayload(timestamp, request.body));
  const fits = account.secret !== "" && candidates.some((candidate) => equal(candidate, expected));
  if (!fits) throw new Reject("signature-mismatch");
}

/**
 * Step 1: elements between commas, of each prefix and value at the equals sign; others are passed over, and
 * a second timestamp, of which the step says nothing, too.
 */
function receive(field) {
  const elements = field.split(",").map((element) => {
    const at = element.indexOf("=");
    if (at < 0) throw new Reject("malformed");
    return [element.slice(0, at), element.slice(at + 1)];
  });
  const valuesOf = (prefix) => elements.filter(([name]) => name === prefix).map(([, value]) => value);
  const [timestamp] = valuesOf("t");
  if (timestamp === undefined) throw new Reject("missing-credential");
  return { timestamp, candidates: valuesOf("v1") };
}
