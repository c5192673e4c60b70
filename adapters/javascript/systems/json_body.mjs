// JSON bodies: one object, strictly read, and members added without changing what is there.

import { textOf, utf8 } from "./bytes.mjs";
import { Refused } from "./checks.mjs";

/** The texts and the signs of a JSON document; numbers and words are of no interest here. */
const TOKEN = /"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]/g;

/** The members of the object that a body is: name → parsed value. */
export function readJsonObject(body) {
  const text = textOf(body);
  if (text === undefined) throw new Refused("malformed");
  let value;
  try {
    value = JSON.parse(text);
  } catch {
    throw new Refused("malformed");
  }
  if (value === null || typeof value !== "object" || Array.isArray(value)) {
    throw new Refused("malformed");
  }
  const names = memberNames(text);
  if (new Set(names).size < names.length) throw new Refused("malformed");
  return new Map(Object.entries(value));
}

/** A member as bytes, or undefined where there is none; one that is no text is malformed. */
export function textMember(members, name) {
  const value = members.get(name);
  if (value === undefined) return undefined;
  if (typeof value !== "string" || !value.isWellFormed()) throw new Refused("malformed");
  return utf8(value);
}

/** The message with one more member at the end of its object; an empty body counts as `{}`. */
export function withJsonMember(message, name, value) {
  const body = message.body === "" ? "{}" : message.body;
  const members = readJsonObject(body);
  if (members.has(name)) throw new Error(`the body already has a member ${name}`);
  const text = textOf(value);
  if (text === undefined) throw new Error(`${name} is not UTF-8 and cannot stand in JSON`);
  const end = body.lastIndexOf("}");
  const comma = members.size > 0 ? "," : "";
  const member = utf8(`${comma}${JSON.stringify(name)}:${JSON.stringify(text)}`);
  return { ...message, body: body.slice(0, end) + member + body.slice(end) };
}

/**
 * The names of the outermost members of a document that has been parsed already. JSON.parse keeps
 * the last of several members of one name and says nothing, so they are looked for here.
 */
function memberNames(text) {
  const names = [];
  let depth = 0;
  let previous = "";
  for (const [token] of text.matchAll(TOKEN)) {
    if (token === "{" || token === "[") depth += 1;
    else if (token === "}" || token === "]") depth -= 1;
    else if (token === ":" && depth === 1) names.push(JSON.parse(previous));
    previous = token;
  }
  return names;
}
