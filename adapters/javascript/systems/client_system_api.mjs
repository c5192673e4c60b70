// The client-system API: a profile of request headers, with a bearer token that differs by operation.

import { equalBytes } from "./bytes.mjs";
import { Refused, afterWord, findAccount, given, required } from "./checks.mjs";
import { header, withHeader } from "./message.mjs";

const DEFAULT_LANGUAGE = "id";
const LANGUAGES = ["id", "en"];

export const clientSystemApi = {
  operations: {
    request: authenticatedBy("access_token", { mayGiveUserData: true }),
    "refresh-access-token": authenticatedBy("refresh_token"),
    "renew-refresh-token": authenticatedBy("user_token"),
  },
  variants: ["user-data"],
  readings: ["unknown-language-passes"],
};

/** The operation whose bearer token is this credential of the account. */
function authenticatedBy(token, { mayGiveUserData = false } = {}) {
  const givesUserData = (task) => mayGiveUserData && task.variant === "user-data";
  return {
    sign: (task) => sign(task, token, givesUserData(task)),
    verify: (task) => verify(task, token, givesUserData(task)),
  };
}

function sign({ account, parameters, nonce, message }, token, userData) {
  const fields = [
    ["x-app-key", given(account.app_key, "app_key")],
    ["x-request-id", given(nonce, "nonce")],
  ];
  if (userData) fields.push(["x-user-token", given(account.user_token, "user_token")]);
  if (parameters.language !== undefined) fields.push(["x-language", parameters.language]);

  let signed = message;
  for (const [name, value] of fields) signed = withHeader(signed, name, value);
  const stages = { language: language(signed), authorization: "Bearer " + given(account[token], token) };
  return { stages, message: withHeader(signed, "Authorization", stages.authorization) };
}

function language(message) {
  return header(message, "x-language") ?? DEFAULT_LANGUAGE;
}

function verify({ accounts, message, reading, state }, token, userData) {
  const authorization = header(message, "authorization");
  if (authorization === undefined) throw new Refused("missing-credential");
  const received = afterWord(authorization, "Bearer ", { caseless: true });

  const appKey = required(header(message, "x-app-key"), "missing-credential");
  const account = findAccount(accounts, "app_key", appKey);
  const requestId = required(header(message, "x-request-id"), "malformed");
  if (reading !== "unknown-language-passes" && !LANGUAGES.includes(language(message))) {
    throw new Refused("malformed");
  }
  required(received, "missing-credential");
  if (!equalBytes(received, account[token])) throw new Refused("wrong-token");
  if (userData) {
    const userToken = required(header(message, "x-user-token"), "missing-credential");
    if (!equalBytes(userToken, account.user_token)) throw new Refused("wrong-token");
  }

  state.requestIds ??= new Set();
  if (state.requestIds.has(requestId)) throw new Refused("replayed");
  state.requestIds.add(requestId);
  const stages = { authorization: "Bearer " + account[token] };
  return { ...languageIfReadable(message), ...stages };
}

/** The stage of a request that has been accepted: where no check looked at it, it may not parse. */
function languageIfReadable(message) {
  try {
    return { language: language(message) };
  } catch (error) {
    if (error instanceof Refused) return {};
    throw error;
  }
}
