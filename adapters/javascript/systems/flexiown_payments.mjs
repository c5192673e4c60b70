// Flexiown Payments: an API key in a header, trust seed and value in the payload, and the trust
// signature by which the client checks answers.

import { equalBytes, hexDigest } from "./bytes.mjs";
import { Refused, findAccount, given, required, wholeNumber } from "./checks.mjs";
import { SECOND } from "./clock.mjs";
import { readJsonObject, textMember, withJsonMember } from "./json_body.mjs";
import { header, withHeader } from "./message.mjs";

const DEFAULT_LIMIT = "60";
const MINUTE = 60n * SECOND;

export const flexiownPayments = {
  operations: {
    request: { sign: signRequest, verify: verifyRequest },
    response: { sign: signResponse, verify: verifyResponse },
  },
  variants: [],
  readings: [],
};

/** The vendor's published plugin: value, then seed, without a key. */
function trustSignature(value, seed) {
  return hexDigest("sha256", given(value, "trust_value") + given(seed, "trust_seed"));
}

function signRequest({ account, parameters, message }) {
  const { trust_seed: seed, trust_value: value } = parameters;
  const stages = { trust_signature: trustSignature(value, seed) };
  const withSeed = withJsonMember(message, "trust_seed", seed);
  const withBoth = withJsonMember(withSeed, "trust_value", value);
  return { stages, message: withHeader(withBoth, "api-key", given(account.api_key, "api_key")) };
}

function verifyRequest({ accounts, parameters, now, message, state }) {
  const apiKey = required(header(message, "api-key"), "missing-credential");
  const account = findAccount(accounts, "api_key", apiKey);
  if ((account.status ?? "valid") !== "valid") throw new Refused("revoked-key");

  const limit = wholeNumber(parameters.limit ?? DEFAULT_LIMIT, "limit");
  const count = acceptedInLastMinute(state, apiKey, given(now, "now"));
  if (BigInt(count) >= limit) {
    throw new Refused("rate-limited", { status: "429", message: "Too Many Requests" });
  }

  const members = readJsonObject(message.body);
  const payment = required(textMember(members, "payment_id"), "malformed");
  const seed = required(textMember(members, "trust_seed"), "missing-credential");
  const value = required(textMember(members, "trust_value"), "missing-credential");
  const bound = state.payments?.get(payment) ?? { seed, value };
  if (!equalBytes(seed, bound.seed)) throw new Refused("value-mismatch");
  if (!equalBytes(value, bound.value)) throw new Refused("value-mismatch");

  rememberAccepted(state, { apiKey, now, payment, bound });
  return { trust_signature: trustSignature(value, seed) };
}

/** How many requests with this key were accepted in the 60 seconds up to now; 60 seconds ago is over. */
function acceptedInLastMinute(state, apiKey, now) {
  const times = state.acceptedTimes?.get(apiKey) ?? [];
  return times.filter((time) => time > now - MINUTE && time <= now).length;
}

/** Only accepted requests count and bind, so that a refused one leaves no trace. */
function rememberAccepted(state, { apiKey, now, payment, bound }) {
  state.acceptedTimes ??= new Map();
  if (!state.acceptedTimes.has(apiKey)) state.acceptedTimes.set(apiKey, []);
  state.acceptedTimes.get(apiKey).push(now);
  state.payments ??= new Map();
  state.payments.set(payment, bound);
}

function signResponse({ parameters, message }) {
  const stages = { trust_signature: trustSignature(parameters.trust_value, parameters.trust_seed) };
  return { stages, message: withJsonMember(message, "trust_signature", stages.trust_signature) };
}

function verifyResponse({ parameters, message }) {
  const members = readJsonObject(message.body);
  const received = required(textMember(members, "trust_signature"), "missing-credential");
  const stages = { trust_signature: trustSignature(parameters.trust_value, parameters.trust_seed) };
  if (!equalBytes(received, stages.trust_signature)) throw new Refused("signature-mismatch");
  return stages;
}
