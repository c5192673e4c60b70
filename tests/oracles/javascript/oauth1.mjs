/**
 * OAuth 1.0 (RFC 5849): requests signed with HMAC-SHA1 (section 3.4.2) whose protocol parameters are
 * transmitted in the Authorization header field (section 3.5.1).
 */
import { Reject } from "./protocol.mjs";
import {
  base64, byBytes, checkFresh, decodedPairs, equal, header, hmac, lower, onTheWire, percentDecode,
  percentEncode, requiredHeader, secondsText, setHeader, splitTarget, trimmed, unixSeconds,
} from "./wire.mjs";

const METHOD = "HMAC-SHA1";
const NEEDED = [
  "oauth_consumer_key", "oauth_signature", "oauth_signature_method", "oauth_timestamp", "oauth_nonce",
];
const DEFAULT_PORT = { http: ":80", https: ":443" };

/** Section 3.2: what is missing, repeated or not supported is answered with 400. */
const badRequest = (kind) => new Reject(kind, { status: "400" });

/** Section 3.2: invalid credentials, token, signature or nonce are answered with 401. */
const unauthorized = (kind) => new Reject(kind, { status: "401" });

/** Section 3.4.1.1, the method in upper case. */
const upper = (text) => text.replace(/[a-z]+/g, (letters) => letters.toUpperCase());

/** Section 3.4.1.2: scheme and host in lower case, without the default port; the path as it is sent. */
function baseStringUri(request) {
  const scheme = lower(request.scheme);
  const host = header(request, "Host");
  if (host === undefined) throw badRequest("malformed");
  const port = DEFAULT_PORT[scheme];
  const authority = lower(host);
  const bare = port && authority.endsWith(port) ? authority.slice(0, -port.length) : authority;
  return `${scheme}://${bare}${splitTarget(request.target).path || "/"}`;
}

/** Section 3.4.1.3.1: the body counts where it is one form. */
function formOf(request) {
  const type = header(request, "Content-Type") ?? "";
  const isForm = lower(trimmed(type.split(";")[0])) === "application/x-www-form-urlencoded";
  return isForm ? decodedPairs(request.body, { form: true }) : [];
}

/** Query and form fields of a request, decoded (section 3.4.1.3.1). */
const requestFields = (request) =>
  [...decodedPairs(splitTarget(request.target).query ?? "", { form: true }), ...formOf(request)];

/** Section 3.4.1.3.2: encoded, sorted by name and then by value, joined. */
const normalized = (fields) =>
  fields.filter(([name]) => name !== "oauth_signature")
    .map(([name, value = ""]) => [percentEncode(name), percentEncode(value)])
    .sort((a, b) => byBytes(a[0], b[0]) || byBytes(a[1], b[1]))
    .map((pair) => pair.join("="))
    .join("&");

/** Sections 3.4.1 and 3.4.2: from a request and its protocol parameters, but for realm, to the signature. */
function derive(request, protocol, account) {
  const stages = {
    base_uri: baseStringUri(request),
    normalized_parameters: normalized([...requestFields(request), ...protocol]),
  };
  stages.string_to_sign = [upper(request.method), stages.base_uri, stages.normalized_parameters]
    .map((part) => percentEncode(part)).join("&");
  stages.signing_key = [account.consumer_secret, account.token_secret]
    .map((secret) => percentEncode(secret ?? "")).join("&");
  stages.signature = base64(hmac("sha1", stages.signing_key, stages.string_to_sign));
  return stages;
}

/** Signs a request. */
export function sign({ account, parameters, time, nonce, request: intent }) {
  const request = onTheWire(intent);
  const protocol = [
    ["oauth_consumer_key", account.consumer_key],
    ["oauth_token", account.token || undefined],
    ["oauth_signature_method", METHOD],
    ["oauth_timestamp", secondsText(time)],
    ["oauth_nonce", nonce],
    ["oauth_version", parameters.version],
    ["oauth_callback", parameters.callback],
    ["oauth_verifier", parameters.verifier],
  ].filter(([, value]) => value !== undefined);
  const stages = derive(request, protocol, account);
  protocol.push(["oauth_signature", stages.signature]);
  setHeader(request, "Authorization", authorization(parameters.realm, protocol));
  return { stages, request };
}

/** Section 3.5.1: realm first, names and values encoded, each value in quotes. */
function authorization(realm, protocol) {
  const items = protocol.map((pair) => pair.map((part) => percentEncode(part)))
    .map(([name, value]) => `${name}="${value}"`);
  if (realm !== undefined) items.unshift(`realm="${realm.replace(/["\\]/g, "\\$&")}"`);
  return `OAuth ${items.join(", ")}`;
}

/** Section 3.2. */
export function verify({ accounts, parameters, state, now, request }) {
  const protocol = receive(requiredHeader(request, "Authorization"));
  const received = new Map(protocol);
  checkProtocol(request, protocol, received);
  const account = accounts.find((known) => isFor(known, received));
  if (!account) throw unauthorized("unknown-key");
  const time = unixSeconds(received.get("oauth_timestamp"));
  if (time <= 0n) throw badRequest("malformed");
  checkFresh(time, now, parameters.skew ?? "300");
  const { signature } = derive(request, protocol, account);
  if (!equal(received.get("oauth_signature"), signature)) throw unauthorized("signature-mismatch");
  useNonce(state, received);
}

/**
 * Section 3.5.1: after `OAuth`, names and quoted values, between commas and optional white space. The realm
 * (RFC 2617, section 1.2) is not encoded, and stands once.
 */
function receive(field) {
  const match = /^oauth[ \t]+([^]*)$/i.exec(field);
  if (!match) throw badRequest("malformed");
  const item = /[ \t]*([^=,"\s]+)="((?:[^"\\]|\\[^])*)"[ \t]*(,|$)/y;
  const protocol = [];
  let realms = 0;
  for (let end = ","; end === ",";) {
    const found = item.exec(match[1]);
    if (!found) throw badRequest("malformed");
    end = found[3];
    const name = percentDecode(found[1]);
    if (name === "realm") realms += 1;
    else protocol.push([name, percentDecode(found[2])]);
  }
  if (realms > 1) throw badRequest("malformed");
  return protocol;
}

/** Sections 3.1 and 3.2: needed parameters are there, none twice, and method and version are supported. */
function checkProtocol(request, protocol, received) {
  const names = [...protocol, ...requestFields(request)].map(([name]) => name);
  const repeated = protocol.some(([name]) => names.filter((other) => other === name).length > 1);
  if (repeated) throw badRequest("malformed");
  if (NEEDED.some((name) => !received.has(name))) throw badRequest("missing-credential");
  if (received.get("oauth_signature_method") !== METHOD) throw badRequest("malformed");
  if ((received.get("oauth_version") ?? "1.0") !== "1.0") throw badRequest("malformed");
}

/** Section 3.1: the token may be left out, or be empty, where there is none. */
const isFor = (account, received) =>
  account.consumer_key === received.get("oauth_consumer_key") &&
  (account.token ?? "") === (received.get("oauth_token") ?? "");

/** Section 3.3: a nonce is used once with a timestamp, client credentials and token. */
function useNonce(state, received) {
  const key = JSON.stringify(["oauth_nonce", "oauth_timestamp", "oauth_consumer_key", "oauth_token"]
    .map((name) => received.get(name) ?? ""));
  if (state.has(key)) throw unauthorized("replayed");
  state.set(key, true);
}
