// Flip for Business: Basic credentials on requests, a validation token in callbacks.

import { base64Decode, base64Encode, equalBytes } from "./bytes.mjs";
import {
  Refused,
  afterWord,
  findAccount,
  given,
  refusingWith,
  required,
  requireAddress,
  splitAtColon,
} from "./checks.mjs";
import { formFields, header, onlyField, url, withFormField, withHeader } from "./message.mjs";

const SANDBOX = { name: "sandbox", baseUrl: "https://bigflip.id/big_sandbox_api" };
const PRODUCTION = { name: "production", baseUrl: "https://bigflip.id/api/" };

/** The addresses that callbacks come from, as the FAQ lists them. */
const CALLBACK_ADDRESSES = [
  "149.129.234.86",
  "149.129.218.31",
  "34.101.204.31",
  "34.101.114.113",
  "34.101.63.196",
  "34.101.161.100",
  "34.101.232.118",
  "34.101.212.103",
];

export const flipForBusiness = {
  operations: {
    request: { sign: signRequest, verify: verifyRequest },
    callback: { sign: signCallback, verify: verifyCallback },
  },
  variants: ["production", "source-addresses"],
  readings: ["without-colon", "last-token"],
};

function signRequest(task) {
  const stages = requestStages(task.account, task);
  return { stages, message: withHeader(task.message, "Authorization", stages.authorization) };
}

function requestStages(account, { variant, reading }) {
  const secret = given(account.secret, "secret");
  const credentials = base64Encode(reading === "without-colon" ? secret : secret + ":");
  return {
    base_url: environment(variant).baseUrl,
    credentials,
    authorization: "Basic " + credentials,
  };
}

function environment(variant) {
  return variant === "production" ? PRODUCTION : SANDBOX;
}

function verifyRequest(task) {
  return refusingWith({ status: "401" }, () => {
    const { user, password } = readCredentials(task);
    required(user, "missing-credential");
    const account = findAccount(task.accounts, "secret", user);
    if (password !== "") throw new Refused("malformed");
    const expected = environment(task.variant);
    if (account.environment !== expected.name) throw new Refused("wrong-environment");
    if (!isUnder(url(task.message), expected.baseUrl)) throw new Refused("wrong-environment");
    if (task.variant === "production") {
      requireAddress(account.allowed_addresses, task.clientAddress, { message: "IP is not Whitelisted" });
    }
    return requestStages(account, task);
  });
}

/** User name and password of the Authorization header (RFC 7617). */
function readCredentials({ message, reading }) {
  const authorization = header(message, "authorization");
  if (authorization === undefined) throw new Refused("missing-credential");
  const decoded = base64Decode(afterWord(authorization, "Basic ", { caseless: true }));
  if (decoded === undefined) throw new Refused("malformed");
  if (reading === "without-colon") return { user: decoded, password: "" };
  const [user, password] = splitAtColon(decoded);
  return { user, password };
}

/** Is this the base URL, or does it go on from it at a slash? One base URL ends in a slash itself. */
function isUnder(address, baseUrl) {
  if (address === undefined || !address.startsWith(baseUrl)) return false;
  return address === baseUrl || baseUrl.endsWith("/") || address[baseUrl.length] === "/";
}

function signCallback(task) {
  const token = given(task.account.validation_token, "validation_token");
  return { stages: { token }, message: withFormField(task.message, "token", token) };
}

function verifyCallback(task) {
  return refusingWith({ reply: "disregard" }, () => {
    if (task.variant === "source-addresses") requireAddress(CALLBACK_ADDRESSES, task.clientAddress);
    const fields = formFields(task.message);
    required(onlyField(fields, "data"), "malformed");
    const received = required(receivedToken(fields, task.reading), "missing-credential");
    const token = task.accounts[0]?.validation_token;
    if (!equalBytes(received, token)) throw new Refused("wrong-token");
    return { token };
  });
}

function receivedToken(fields, reading) {
  if (reading === "last-token") return fields.findLast(([name]) => name === "token")?.[1];
  return onlyField(fields, "token");
}
