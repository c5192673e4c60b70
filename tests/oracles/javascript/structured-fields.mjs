/**
 * Structured field values (RFC 8941): dictionaries, inner lists, items and parameters, parsed by
 * section 4.2 and serialized by section 4.1. A bare item is `{type, value}`; an item is
 * `{bare, parameters}`, an inner list `{items, parameters}`; parameters are a Map of bare items.
 */
import { Reject } from "./protocol.mjs";

const KEY = /[a-z*][a-z0-9_\-.*]*/y;
const NUMBER = /-?\d+(?:\.\d+)?/y;
const STRING = /"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"/y;
const BYTES = /:([A-Za-z0-9+/]*={0,2}):/y;
const BOOLEAN = /\?([01])/y;
const TOKEN = /[A-Za-z*][A-Za-z0-9!#$%&'*+\-.^_`|~:/]*/y;

/** Place in a text that is being parsed; what does not fit is `malformed`. */
class Reader {
  constructor(text) {
    this.text = text;
    this.at = 0;
  }

  get done() {
    return this.at >= this.text.length;
  }

  /** Match of a sticky pattern here, or undefined. */
  match(pattern) {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text);
    if (found) this.at = pattern.lastIndex;
    return found ?? undefined;
  }

  need(pattern) {
    const found = this.match(pattern);
    if (!found) throw new Reject("malformed");
    return found;
  }
}

/** Dictionary of a field value (section 4.2.2) as a Map; the last of several members of one name counts. */
export function parseDictionary(text) {
  const reader = new Reader(text.replace(/^ +| +$/g, ""));
  const members = new Map();
  while (!reader.done) {
    const [name] = reader.need(KEY);
    const member = reader.match(/=/y)
      ? parseMember(reader)
      : { bare: { type: "boolean", value: true }, parameters: parseParameters(reader) };
    members.delete(name);
    members.set(name, member);
    reader.match(/[ \t]*/y);
    if (reader.done) break;
    reader.need(/,[ \t]*/y);
    if (reader.done) throw new Reject("malformed");
  }
  return members;
}

/** Inner list that is the whole of a text (section 4.2.1.2). */
export function parseInnerList(text) {
  const reader = new Reader(text);
  const list = innerList(reader);
  if (!reader.done) throw new Reject("malformed");
  return list;
}

const parseMember = (reader) => (reader.text[reader.at] === "(" ? innerList(reader) : parseItem(reader));

function innerList(reader) {
  reader.need(/\(/y);
  const items = [];
  for (;;) {
    reader.match(/ */y);
    if (reader.match(/\)/y)) return { items, parameters: parseParameters(reader) };
    items.push(parseItem(reader));
    if (!/[ )]/.test(reader.text[reader.at] ?? "")) throw new Reject("malformed");
  }
}

const parseItem = (reader) => ({ bare: parseBare(reader), parameters: parseParameters(reader) });

/** Parameters (section 4.2.3.2); the last of several of one name counts. */
function parseParameters(reader) {
  const parameters = new Map();
  while (reader.match(/; */y)) {
    const [name] = reader.need(KEY);
    parameters.delete(name);
    parameters.set(name, reader.match(/=/y) ? parseBare(reader) : { type: "boolean", value: true });
  }
  return parameters;
}

/** Bare item (section 4.2.3.1). */
function parseBare(reader) {
  const string = reader.match(STRING);
  if (string) return { type: "string", value: string[1].replace(/\\(.)/g, "$1") };
  const bytes = reader.match(BYTES);
  if (bytes) return { type: "bytes", value: decodeBase64(bytes[1]) };
  const boolean = reader.match(BOOLEAN);
  if (boolean) return { type: "boolean", value: boolean[1] === "1" };
  const number = reader.match(NUMBER);
  if (number) return parseNumber(number[0]);
  return { type: "token", value: reader.need(TOKEN)[0] };
}

/** Section 4.2.4: at most 15 digits, or 12 before the point and 3 behind it. */
function parseNumber(text) {
  if (/^-?\d{1,15}$/.test(text)) return { type: "integer", value: BigInt(text) };
  if (/^-?\d{1,12}\.\d{1,3}$/.test(text)) return { type: "decimal", value: text };
  throw new Reject("malformed");
}

/** Base64 (section 4.2.7): padding that is not there, and bits set behind, are let pass. */
const decodeBase64 = (text) => Buffer.from(text, "base64").toString("latin1");

/** Text of a member: an item or an inner list (section 4.1). */
export const serialize = (member) => (member.items ? serializeList(member) : serializeItem(member));

const serializeList = ({ items, parameters }) =>
  `(${items.map(serializeItem).join(" ")})${serializeParameters(parameters)}`;

const serializeItem = ({ bare, parameters }) => serializeBare(bare) + serializeParameters(parameters);

/** Section 4.1.1.2: a parameter that is true stands without a value. */
const serializeParameters = (parameters) =>
  [...parameters].map(([name, bare]) => {
    const value = bare.type === "boolean" && bare.value ? "" : `=${serializeBare(bare)}`;
    return `;${name}${value}`;
  }).join("");

/** Section 4.1.3.1. */
export function serializeBare({ type, value }) {
  switch (type) {
    case "string": return `"${value.replace(/["\\]/g, "\\$&")}"`;
    case "bytes": return `:${Buffer.from(value, "latin1").toString("base64")}:`;
    case "boolean": return value ? "?1" : "?0";
    case "integer": return String(value);
    case "decimal": return serializeDecimal(value);
    default: return value;
  }
}

/** Section 4.1.5: no zeros in front, and one digit behind the point at least. */
function serializeDecimal(text) {
  const [, sign, whole, fraction] = /^(-?)0*(\d+?)\.(\d+?)0*$/.exec(text);
  return `${sign}${whole}.${fraction}`;
}
