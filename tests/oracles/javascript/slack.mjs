/** Slack requests, from the Slack documentation, "Verifying requests from Slack". */
import { Reject } from "./protocol.mjs";
import {
  checkFresh, equal, hex, hmac, onTheWire, requiredHeader, secondsText, setHeader, unixSeconds,
} from "./wire.mjs";

const VERSION = "v0";

/** Step 3: the version, the timestamp and the raw body, joined by colons. */
const baseString = (timestamp, body) => `${VERSION}:${timestamp}:${body}`;

/** Step 4: HMAC-SHA256 with the signing secret, in hexadecimal digits. */
const signature = ({ secret }, text) => hex(hmac("sha256", secret, text));

/** Signs a request. */
export function sign({ account, time, request: intent }) {
  const request = onTheWire(intent);
  const timestamp = secondsText(time);
  const stages = { string_to_sign: baseString(timestamp, request.body) };
  stages.signature = signature(account, stages.string_to_sign);
  setHeader(request, "X-Slack-Request-Timestamp", timestamp);
  setHeader(request, "X-Slack-Signature", `${VERSION}=${stages.signature}`);
  return { stages, request };
}

/** Steps 2 to 5: the timestamp is within five minutes, and the signature, after `v0=`, is the one derived. */
export function verify({ accounts, parameters, now, request }) {
  const timestamp = requiredHeader(request, "X-Slack-Request-Timestamp");
  const field = requiredHeader(request, "X-Slack-Signature");
  if (!field.startsWith(`${VERSION}=`)) throw new Reject("malformed");
  checkFresh(unixSeconds(timestamp), now, parameters.tolerance ?? "300");
  const [account] = accounts;
  const expected = signature(account, baseString(timestamp, request.body));
  const fits = account.secret !== "" && equal(field.slice(VERSION.length + 1), expected);
  if (!fits) throw new Reject("signature-mismatch");
}
