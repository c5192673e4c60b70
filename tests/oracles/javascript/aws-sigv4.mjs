/**
 * AWS Signature Version 4, from the IAM User Guide, "Create a signed AWS API request" (below: IAM),
 * and the Amazon S3 API Reference, "Authenticating Requests: Using the Authorization Header" and
 * "Using Query Parameters" (below: S3).
 */
import { Reject } from "./protocol.mjs";
import {
  byBytes, checkFresh, decodedPairs, digest, equal, header, hex, hmac, lower, onTheWire,
  percentDecode, percentEncode, requiredHeader, setHeader, setQuery, splitTarget, trimmed,
} from "./wire.mjs";

const ALGORITHM = "AWS4-HMAC-SHA256";
const UNSIGNED = "UNSIGNED-PAYLOAD";
const NANOSECONDS = 1_000_000_000n;

/** IAM, "Elements": the time as `YYYYMMDD'T'HHMMSS'Z'`. */
const amzDate = (time) =>
  new Date(Number(time / 1_000_000n)).toISOString().replace(/\.\d+Z$/, "Z").replace(/[-:]/g, "");

/** IAM step 1, canonical URI: RFC 3986, 5.2.4, and no empty segments, save a slash at the end. */
function normalizedPath(path) {
  const kept = [];
  const segments = path.split("/").slice(1);
  for (const segment of segments) {
    if (segment === "..") kept.pop();
    else if (segment !== "." && segment !== "") kept.push(segment);
  }
  const last = segments.at(-1);
  const folder = kept.length > 0 && (last === "" || last === "." || last === "..");
  return `/${kept.join("/")}${folder ? "/" : ""}`;
}

/** IAM step 1, canonical URI: each segment of the path as sent is encoded once more; S3: once only. */
function canonicalUri(path, variant) {
  const text = variant === "s3" ? percentDecode(path) : normalizedPath(path);
  return percentEncode(text || "/", /[A-Za-z0-9\-._~/]/);
}

/** IAM step 1, canonical query string: encoded, then sorted by name, and by value; S3: of a URL without its signature. */
const canonicalQuery = (query, presigned) =>
  decodedPairs(query ?? "")
    .filter(([name]) => !presigned || name !== "X-Amz-Signature")
    .map(([name, value = ""]) => [percentEncode(name), percentEncode(value)])
    .sort((a, b) => byBytes(a[0], b[0]) || byBytes(a[1], b[1]))
    .map((pair) => pair.join("="))
    .join("&");

/** IAM step 1, canonical headers: lower case, trimmed, runs of spaces one space, sorted by name. */
function canonicalHeaders(headers, signed) {
  const values = new Map();
  for (const [name, value] of headers) {
    const key = lower(name);
    if (!signed.includes(key)) continue;
    values.set(key, [...(values.get(key) ?? []), trimmed(value).replace(/ +/g, " ")]);
  }
  return [...values.keys()].sort(byBytes).map((key) => `${key}:${values.get(key).join(",")}\n`).join("");
}

/** IAM step 1, signed headers: a signer here signs all that it sends. */
const allHeaders = (headers) =>
  [...new Set(headers.map(([name]) => lower(name)))].filter((name) => name !== "authorization").sort(byBytes);

/** IAM steps 1 to 4: from a request to its signature. */
function derive({ request, variant, presigned, signedNames, credential, secret, time }) {
  const { path, query } = splitTarget(request.target);
  const stages = {
    canonical_path: canonicalUri(path, variant),
    canonical_query: canonicalQuery(query, presigned),
    signed_headers: signedNames.join(";"),
    canonical_headers: canonicalHeaders(request.headers, signedNames),
    payload_hash: payloadHash(request, variant, presigned),
    ...credential,
    scope: `${credential.date}/${credential.region}/${credential.service}/aws4_request`,
  };
  stages.canonical_request = [request.method, stages.canonical_path, stages.canonical_query,
    stages.canonical_headers, stages.signed_headers, stages.payload_hash].join("\n");
  stages.string_to_sign = [ALGORITHM, amzDate(time), stages.scope,
    hex(digest("sha256", stages.canonical_request))].join("\n");
  stages.signing_key = signingKey(secret, credential);
  stages.signature = hex(hmac("sha256", stages.signing_key, stages.string_to_sign));
  return stages;
}

/** IAM step 1, hashed payload; S3: what x-amz-content-sha256 says, and nothing in a presigned URL. */
function payloadHash(request, variant, presigned) {
  if (variant === "s3") return presigned ? UNSIGNED : requiredHeader(request, "X-Amz-Content-Sha256");
  return hex(digest("sha256", request.body));
}

/** IAM step 4, signing key. */
const signingKey = (secret, { date, region, service }) =>
  [date, region, service, "aws4_request"].reduce((key, part) => hmac("sha256", key, part), `AWS4${secret}`);

/** Signs a request in the Authorization field, or a URL. */
export function sign({ operation, variant, account, parameters, time, request: intent }) {
  const request = onTheWire(intent);
  const { region, service } = parameters;
  const credential = { date: amzDate(time).slice(0, 8), region, service };
  const common = { request, variant, credential, time, secret: account.secret_access_key };
  const scope = `${credential.date}/${region}/${service}/aws4_request`;
  return operation === "presigned"
    ? signUrl(common, account, parameters, scope)
    : signHeaders(common, account, parameters, scope);
}

/** IAM step 5, "Add the signature to the request": the Authorization field. */
function signHeaders(common, account, parameters, scope) {
  const { request, variant, time } = common;
  setHeader(request, "X-Amz-Date", amzDate(time));
  if (variant === "s3") {
    const hash = parameters.payload ?? hex(digest("sha256", request.body));
    setHeader(request, "X-Amz-Content-Sha256", hash);
  }
  if (account.session_token !== undefined) setHeader(request, "X-Amz-Security-Token", account.session_token);
  const stages = derive({ ...common, signedNames: allHeaders(request.headers) });
  stages.authorization = `${ALGORITHM} Credential=${account.access_key_id}/${scope}, ` +
    `SignedHeaders=${stages.signed_headers}, Signature=${stages.signature}`;
  setHeader(request, "Authorization", stages.authorization);
  return { stages, request };
}

/** S3, "Using Query Parameters": the fields of a presigned URL, the signature last. */
function signUrl(common, account, parameters, scope) {
  const { request, time } = common;
  const signedNames = allHeaders(request.headers);
  setQuery(request, "X-Amz-Algorithm", ALGORITHM);
  setQuery(request, "X-Amz-Credential", `${account.access_key_id}/${scope}`);
  setQuery(request, "X-Amz-Date", amzDate(time));
  setQuery(request, "X-Amz-Expires", parameters.expires ?? "3600");
  if (account.session_token !== undefined) setQuery(request, "X-Amz-Security-Token", account.session_token);
  setQuery(request, "X-Amz-SignedHeaders", signedNames.join(";"));
  const stages = derive({ ...common, presigned: true, signedNames });
  setQuery(request, "X-Amz-Signature", stages.signature);
  return { stages, request };
}

/** Verifies a request or URL. */
export function verify({ operation, variant, accounts, parameters, now, request }) {
  const presigned = operation === "presigned";
  const received = presigned ? receiveUrl(request) : receiveHeaders(request);
  const { credential, time } = received;
  const account = accounts.find(({ access_key_id: id }) => id === credential.access_key_id);
  if (!account) throw new Reject("unknown-key");
  checkScope(credential, time, parameters);
  if ((received.token ?? "") !== (account.session_token ?? "")) throw new Reject("wrong-token");
  const signedNames = received.signedHeaders.split(";");
  checkSignedNames(request, signedNames);
  if (presigned) checkValidity(received, now, parameters);
  else checkFresh(time, now, parameters.skew ?? "300");
  if (variant === "s3" && !presigned) checkContentHash(request);
  const { date, region, service } = credential;
  const stages = derive({
    request, variant, presigned, signedNames, time, credential: { date, region, service },
    secret: account.secret_access_key,
  });
  if (!equal(received.signature, stages.signature)) throw new Reject("signature-mismatch");
}

/** Parts of the Authorization field, and the date field that the document names first. */
function receiveHeaders(request) {
  const value = requiredHeader(request, "Authorization");
  if (!value.startsWith(`${ALGORITHM} `)) throw new Reject("malformed");
  const parts = new Map();
  for (const part of value.slice(ALGORITHM.length + 1).split(",")) {
    const match = /^[ \t]*([^=]*)=([^]*?)[ \t]*$/.exec(part);
    if (!match || parts.has(match[1])) throw new Reject("malformed");
    parts.set(match[1], match[2]);
  }
  const [credential, signedHeaders, signature] =
    ["Credential", "SignedHeaders", "Signature"].map((name) => parts.get(name));
  if (credential === undefined || signature === undefined) throw new Reject("missing-credential");
  if (signedHeaders === undefined) throw new Reject("malformed");
  return {
    credential: readCredential(credential),
    signedHeaders,
    signature,
    time: receivedTime(request),
    token: header(request, "X-Amz-Security-Token"),
  };
}

/** IAM, "Elements", request date: x-amz-date, and Date where that is not there. */
function receivedTime(request) {
  const value = header(request, "X-Amz-Date");
  if (value !== undefined) return readAmzDate(value);
  const date = requiredHeader(request, "Date");
  return /^\d{8}T/.test(date) ? readAmzDate(date) : readHttpDate(date);
}

/** Fields of a presigned URL. */
function receiveUrl(request) {
  const pairs = decodedPairs(splitTarget(request.target).query ?? "");
  const optional = (name) => {
    const found = pairs.filter(([field]) => field === name);
    if (found.length > 1) throw new Reject("malformed");
    return found.length ? found[0][1] ?? "" : undefined;
  };
  const needed = (name) => {
    const value = optional(name);
    if (value === undefined) throw new Reject("missing-credential");
    return value;
  };
  if (needed("X-Amz-Algorithm") !== ALGORITHM) throw new Reject("malformed");
  return {
    credential: readCredential(needed("X-Amz-Credential")),
    signedHeaders: needed("X-Amz-SignedHeaders"),
    signature: needed("X-Amz-Signature"),
    time: readAmzDate(needed("X-Amz-Date")),
    expires: needed("X-Amz-Expires"),
    token: optional("X-Amz-Security-Token"),
  };
}

/** Key id and scope of a Credential. */
function readCredential(text) {
  const match = /^([^/]*)\/([^/]*)\/([^/]*)\/([^/]*)\/aws4_request$/.exec(text);
  if (!match) throw new Reject("malformed");
  const [, access_key_id, date, region, service] = match;
  return { access_key_id, date, region, service };
}

/** Time of `YYYYMMDD'T'HHMMSS'Z'`; one that does not exist is `malformed`. */
function readAmzDate(text) {
  const match = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(text);
  if (!match) throw new Reject("malformed");
  const [, year, month, day, hour, minute, second] = match;
  const time = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  if (Number.isNaN(time) || amzDate(BigInt(time) * 1_000_000n) !== text) throw new Reject("malformed");
  return BigInt(time) * 1_000_000n;
}

/** Time of an HTTP date (RFC 9110, 5.6.7, IMF-fixdate). */
function readHttpDate(text) {
  const time = Date.parse(text);
  if (Number.isNaN(time) || new Date(time).toUTCString() !== text) throw new Reject("malformed");
  return BigInt(time) * 1_000_000n;
}

/** IAM, "Elements", credential scope: date of the request, and region and service of the endpoint. */
function checkScope(credential, time, parameters) {
  const right = credential.date === amzDate(time).slice(0, 8) &&
    credential.region === parameters.region && credential.service === parameters.service;
  if (!right) throw new Reject("value-mismatch");
}

/** IAM step 1, canonical headers: host and every x-amz field of the request must be signed. */
function checkSignedNames(request, signedNames) {
  const needed = request.headers.map(([name]) => lower(name)).filter((name) => name.startsWith("x-amz-"));
  if (["host", ...needed].some((name) => !signedNames.includes(name))) throw new Reject("unsigned-part");
}

/** S3, "Using Query Parameters", X-Amz-Expires: at most 604800 seconds from the date. */
function checkValidity({ time, expires }, now, parameters) {
  if (!/^(0|[1-9]\d*)$/.test(expires) || BigInt(expires) > 604_800n) throw new Reject("malformed");
  const early = time - now > BigInt(parameters.skew ?? "300") * NANOSECONDS;
  const late = now - time > BigInt(expires) * NANOSECONDS;
  if (early || late) throw new Reject("expired");
}

/** S3, x-amz-content-sha256: the hash of the payload, or the words that it is not signed. */
function checkContentHash(request) {
  const hash = requiredHeader(request, "X-Amz-Content-Sha256");
  if (hash !== UNSIGNED && hash !== hex(digest("sha256", request.body))) throw new Reject("value-mismatch");
}
