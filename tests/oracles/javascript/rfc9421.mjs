/**
 * HTTP Message Signatures (RFC 9421): signatures of requests and responses, with all algorithms of
 * section 3.3. Without a variant the algorithm is hmac-sha256. The component parameters `sf`, `bs`,
 * `tr` and `req` (section 2.1) are left out.
 */
import {
  constants, createPrivateKey, createPublicKey, sign as signWith, verify as verifyWith,
} from "node:crypto";
import { buffer, Reject } from "./protocol.mjs";
import { parseDictionary, parseInnerList, serialize, serializeBare } from "./structured-fields.mjs";
import {
  base64, checkFresh, decodedPairs, digest, equal, header, hmac, lines, lower, onTheWire,
  percentEncode, secondsText, setHeader, splitTarget, trimmed,
} from "./wire.mjs";

const DEFAULTS = {
  request: '"@method" "@authority" "@path" "@query" "content-digest"',
  response: '"@status" "content-digest"',
};
const DEFAULT_PORT = { http: ":80", https: ":443" };
const NANOSECONDS = 1_000_000_000n;
const FORM_UNRESERVED = /[A-Za-z0-9*\-._]/;
const DIGESTS = { "sha-256": "sha256", "sha-512": "sha512" };

/** Section 3.3: hash, name of the credential, and options of the key, by algorithm. */
const ASYMMETRIC = {
  "rsa-pss-sha512": {
    hash: "sha512", key: "rsa", options: { padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: 64 },
  },
  "rsa-v1_5-sha256": { hash: "sha256", key: "rsa", options: { padding: constants.RSA_PKCS1_PADDING } },
  "ecdsa-p256-sha256": { hash: "sha256", key: "p256", options: { dsaEncoding: "ieee-p1363" } },
  "ecdsa-p384-sha384": { hash: "sha384", key: "p384", options: { dsaEncoding: "ieee-p1363" } },
  ed25519: { hash: null, key: "ed25519", options: {} },
};

/** Section 3.3: signature of the base, as bytes. */
function makeSignature(algorithm, account, base) {
  const way = ASYMMETRIC[algorithm];
  if (!way) return hmac("sha256", sharedKey(account), base);
  const key = createPrivateKey(account[`${way.key}.private`]);
  return signWith(way.hash, buffer(base), { key, ...way.options }).toString("latin1");
}

/** Section 3.3: holds that a signature, as bytes, is one of the base. */
function fits(algorithm, account, base, signature) {
  const way = ASYMMETRIC[algorithm];
  if (!way) return account.secret !== "" && equal(signature, hmac("sha256", sharedKey(account), base));
  const key = createPublicKey(account[`${way.key}.public`]);
  return verifyWith(way.hash, buffer(base), { key, ...way.options }, buffer(signature));
}

/** Appendix B.1.5: the shared secret is written in Base64. */
const sharedKey = ({ secret }) => Buffer.from(secret, "base64").toString("latin1");

/** Section 2.5: a line for each component, and the parameters of the signature at the end. */
function signatureBase(message, list) {
  const seen = new Set();
  const rows = list.items.map((item) => {
    const key = identity(item);
    if (seen.has(key)) throw new Reject("malformed");
    seen.add(key);
    return `${serialize(item)}: ${componentValue(message, item)}\n`;
  });
  return `${rows.join("")}"@signature-params": ${serialize(list)}`;
}

/** Section 2: identifiers are the same whatever the order of their parameters. */
function identity({ bare, parameters }) {
  const sorted = [...parameters].map(([name, value]) => `;${name}=${serializeBare(value)}`).sort();
  return serializeBare(bare) + sorted.join("");
}

/** Sections 2.1 and 2.2: value of a component; one that is not in the message is `malformed`. */
function componentValue(message, { bare, parameters }) {
  if (bare.type !== "string") throw new Reject("malformed");
  const name = bare.value;
  if (name === "@query-param") return queryParam(message, parameters);
  if (name.startsWith("@")) return derivedComponent(message, name, parameters);
  if (parameters.has("key")) return dictionaryMember(message, name, parameters);
  if (parameters.size > 0) throw new Reject("malformed");
  return fieldValue(message, name);
}

/** Section 2.1: lines trimmed, folds made a space, joined by a comma and a space. */
function fieldValue(message, name) {
  if (name !== lower(name)) throw new Reject("malformed");
  const values = lines(message.request, name);
  if (values.length === 0) throw new Reject("malformed");
  const value = values.map((line) => trimmed(line.replace(/[ \t]*\r\n[ \t]+/g, " "))).join(", ");
  if (/[\r\n]/.test(value)) throw new Reject("malformed");
  return value;
}

/** Section 2.1.2: one member of a dictionary, serialized anew. */
function dictionaryMember(message, name, parameters) {
  const key = parameters.get("key");
  if (parameters.size !== 1 || key.type !== "string") throw new Reject("malformed");
  const member = parseDictionary(fieldValue(message, name)).get(key.value);
  if (!member) throw new Reject("malformed");
  return serialize(member);
}

/** Sections 2.2.1 to 2.2.7 for requests, 2.2.9 for responses. */
function derivedComponent(message, name, parameters) {
  const known = message.status === undefined ? REQUEST_COMPONENTS : RESPONSE_COMPONENTS;
  if (parameters.size > 0 || !known.has(name)) throw new Reject("malformed");
  return known.get(name)(message);
}

const REQUEST_COMPONENTS = new Map([
  ["@method", ({ request }) => request.method],
  ["@target-uri", ({ request }) => `${request.scheme}://${hostOf(request)}${request.target}`],
  ["@authority", ({ request }) => authority(request)],
  ["@scheme", ({ request }) => lower(request.scheme)],
  ["@request-target", ({ request }) => request.target],
  ["@path", ({ request }) => splitTarget(request.target).path || "/"],
  ["@query", ({ request }) => `?${splitTarget(request.target).query ?? ""}`],
]);
const RESPONSE_COMPONENTS = new Map([["@status", ({ status }) => status]]);

function hostOf(request) {
  const host = header(request, "Host");
  if (host === undefined) throw new Reject("malformed");
  return host;
}

/** Section 2.2.3: lower case, without the default port. */
function authority(request) {
  const host = lower(hostOf(request));
  const port = DEFAULT_PORT[lower(request.scheme)];
  return port && host.endsWith(port) ? host.slice(0, -port.length) : host;
}

/** Section 2.2.8: decoded as in a form, encoded anew; one that stands there twice is an error. */
function queryParam(message, parameters) {
  const wanted = parameters.get("name");
  const right = message.status === undefined && parameters.size === 1 && wanted?.type === "string";
  if (!right) throw new Reject("malformed");
  const encode = (text) => percentEncode(text, FORM_UNRESERVED);
  const found = decodedPairs(splitTarget(message.request.target).query ?? "", { form: true })
    .filter(([name]) => encode(name) === wanted.value);
  if (found.length !== 1) throw new Reject("malformed");
  return encode(found[0][1] ?? "");
}

/** Message whose components are signed; a response has a status. */
const messageOf = (operation, request, parameters) =>
  operation === "response" ? { request, status: parameters.status ?? "200" } : { request };

/** Signs a message (section 3.1). */
export function sign({ operation, variant, account, parameters, time, request: intent }) {
  const request = onTheWire(intent);
  const named = operation === "response" ? parameters.response_components : parameters.components;
  const { items } = parseInnerList(`(${named ?? DEFAULTS[operation]})`);
  addDigest(request, items);
  const list = parseInnerList(`(${named ?? DEFAULTS[operation]});created=${secondsText(time)}` +
    `;keyid=${serializeBare({ type: "string", value: account.keyid })}${parameters.more ?? ""}`);
  const base = signatureBase(messageOf(operation, request, parameters), list);
  const signature = makeSignature(variant ?? "hmac-sha256", account, base);
  const label = parameters.label ?? "sig1";
  addMember(request, "Signature-Input", `${label}=${serialize(list)}`);
  addMember(request, "Signature", `${label}=:${base64(signature)}:`);
  return { stages: { signature_params: serialize(list), signature_base: base, signature }, request };
}

/** Section 4.3: a signature stands beside those that are there. */
const addMember = (request, name, member) =>
  setHeader(request, name, [...lines(request, name), member].join(", "));

/** Section 7.2.8 and RFC 9530, section 2: the body is signed by its digest. */
function addDigest(request, items) {
  const covered = items.some(({ bare }) => bare.value === "content-digest");
  if (!covered || lines(request, "Content-Digest").length > 0) return;
  setHeader(request, "Content-Digest", `sha-512=:${base64(digest("sha512", request.body))}:`);
}

/** Verifies a message (section 3.2). */
export function verify({ operation, variant, accounts, parameters, now, request }) {
  const algorithm = variant ?? "hmac-sha256";
  const label = parameters.label ?? "sig1";
  const list = labelled(request, "Signature-Input", label);
  const signature = labelled(request, "Signature", label);
  if (!list.items || signature.bare?.type !== "bytes") throw new Reject("malformed");
  const account = accounts.find(({ keyid }) => keyid === parameterOf(list, "keyid", "string"));
  if (!account) throw new Reject("unknown-key");
  if ((parameterOf(list, "alg", "string") ?? algorithm) !== algorithm) throw new Reject("value-mismatch");
  checkTimes(list, now, parameters);
  checkRequired(list, operation === "response" ? parameters.response_required : parameters.required, operation);
  if (lines(request, "Content-Digest").length > 0) checkDigest(request);
  const base = signatureBase(messageOf(operation, request, parameters), list);
  if (!fits(algorithm, account, base, signature.bare.value)) throw new Reject("signature-mismatch");
}

/** Sections 4.1 and 4.2: member of a dictionary of signatures. */
function labelled(request, name, label) {
  const values = lines(request, name);
  if (values.length === 0) throw new Reject("missing-credential");
  const member = parseDictionary(values.join(", ")).get(label);
  if (!member) throw new Reject("missing-credential");
  return member;
}

/** Section 2.3: value of a parameter of the signature, which has the type of its definition. */
function parameterOf(list, name, type) {
  const bare = list.parameters.get(name);
  if (bare && bare.type !== type) throw new Reject("malformed");
  return bare?.value;
}

/** Section 2.3: created is near, and expires has not passed. */
function checkTimes(list, now, parameters) {
  const created = parameterOf(list, "created", "integer");
  if (created === undefined) throw new Reject("malformed");
  checkFresh(created * NANOSECONDS, now, parameters.skew ?? "300");
  const expires = parameterOf(list, "expires", "integer");
  if (expires !== undefined && now > expires * NANOSECONDS) throw new Reject("expired");
}

/** Section 3.2.1: the components that a verifier wants signed are covered. */
function checkRequired(list, required, operation) {
  const covered = new Set(list.items.map(identity));
  const { items } = parseInnerList(`(${required ?? DEFAULTS[operation]})`);
  if (items.some((item) => !covered.has(identity(item)))) throw new Reject("unsigned-part");
}

/**
 * RFC 9530, sections 2 and 5: every digest of a known algorithm is that of the body, and one is there.
 * This recipient ignores none, though section 2 lets it, and looks at a field that nothing covers too.
 */
function checkDigest(request) {
  const members = parseDictionary(lines(request, "Content-Digest").join(", "));
  const known = [...members].filter(([name]) => name in DIGESTS);
  if (known.length === 0) throw new Reject("unsigned-part");
  const right = known.every(([name, { bare }]) =>
    bare?.type === "bytes" && equal(bare.value, digest(DIGESTS[name], request.body)));
  if (!right) throw new Reject("value-mismatch");
}
