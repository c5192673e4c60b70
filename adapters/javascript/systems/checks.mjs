// How a message is refused, and the small tests of verification that several systems share.

import { equalBytes, lowerAscii } from "./bytes.mjs";

/** Thrown by verification; `details` are status, code, message and reply where documents give them. */
export class Refused extends Error {
  constructor(rejectClass, details = {}) {
    super(`refused: ${rejectClass}`);
    this.rejectClass = rejectClass;
    this.details = details;
  }
}

/** Runs checks of which every refusal has these details, unless it brings its own. */
export function refusingWith(details, checks) {
  try {
    return checks();
  } catch (error) {
    if (error instanceof Refused) error.details = { ...details, ...error.details };
    throw error;
  }
}

/** The value itself; one that is absent or empty is refused. */
export function required(value, rejectClass, details) {
  if (value === undefined || value === "") throw new Refused(rejectClass, details);
  return value;
}

/** What stands after a word such as "Bearer " at the beginning of a header value. */
export function afterWord(value, word, { caseless = false } = {}) {
  const start = value.slice(0, word.length);
  const found = caseless ? lowerAscii(start) === lowerAscii(word) : start === word;
  if (!found) throw new Refused("malformed");
  return value.slice(word.length);
}

/** The two parts of a value around its first colon. */
export function splitAtColon(value) {
  const at = value.indexOf(":");
  if (at < 0) throw new Refused("malformed");
  return [value.slice(0, at), value.slice(at + 1)];
}

/**
 * The account with this credential. All accounts are looked at, so that the time taken does not
 * tell which one it is; of several with the same credential the first counts.
 */
export function findAccount(accounts, credential, value, details) {
  let found;
  for (const account of accounts) {
    const matches = equalBytes(account[credential], value);
    if (matches && found === undefined) found = account;
  }
  if (found === undefined) throw new Refused("unknown-key", details);
  return found;
}

/** Refuses a client whose address is not on the list, or not known at all. */
export function requireAddress(addresses, clientAddress, details) {
  if (clientAddress === undefined || !addresses?.includes(clientAddress)) {
    throw new Refused("address-not-allowed", details);
  }
}

/** A whole number that the server has configured, as BigInt. */
export function wholeNumber(value, name) {
  if (!/^[0-9]+$/.test(value)) throw new Error(`${name} must be a whole number, not ${value}`);
  return BigInt(value);
}

/** Something that the caller must give for this operation; its absence is an error, no refusal. */
export function given(value, name) {
  if (value === undefined) throw new Error(`${name} is not given`);
  return value;
}
