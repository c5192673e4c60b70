// Strict reading of multipart/form-data bodies (RFC 7578) into fields.

import { lowerAscii } from "./bytes.mjs";
import { Refused } from "./checks.mjs";

/** `name=value` after a semicolon; the value is a token or stands in quotation marks. */
const PARAMETER = /;[ \t]*([^\s;="]+)=(?:"([^"\\]*(?:\\[^][^"\\]*)*)"|([^\s;"]+))[ \t]*/gy;

/** The parts in their order as [name, value]; a value is taken as it is, undecoded. */
export function readMultipart(contentType, body) {
  const boundary = parameters(contentType).get("boundary");
  if (boundary === undefined) throw new Refused("malformed");
  // A delimiter is a line of its own; a line break before the body lets the first one match too.
  const [before, ...sections] = ("\r\n" + body).split(`\r\n--${boundary}`);
  const end = sections.pop();
  if (before !== "" || (end !== "--" && end !== "--\r\n")) throw new Refused("malformed");
  return sections.map(readPart);
}

/** A part follows the line break after its delimiter: header lines, an empty line, the value. */
function readPart(section) {
  const headersEnd = section.indexOf("\r\n\r\n");
  if (!section.startsWith("\r\n") || headersEnd < 0) throw new Refused("malformed");
  const lines = section.slice(2, headersEnd).split("\r\n");
  return [partName(lines), section.slice(headersEnd + 4)];
}

function partName(lines) {
  const dispositions = lines.filter((line) => lowerAscii(line).startsWith("content-disposition:"));
  if (dispositions.length !== 1) throw new Refused("malformed");
  const value = dispositions[0].slice("content-disposition:".length);
  if (!/^[ \t]*form-data[ \t]*;/i.test(value)) throw new Refused("malformed");
  const name = parameters(value).get("name");
  if (name === undefined) throw new Refused("malformed");
  return name;
}

/** The parameters of a header value such as `form-data; name="title"`, each at most once. */
function parameters(value) {
  const start = value.indexOf(";");
  const found = new Map();
  if (start < 0) return found;
  PARAMETER.lastIndex = start;
  while (PARAMETER.lastIndex < value.length) {
    const match = PARAMETER.exec(value);
    if (match === null) throw new Refused("malformed");
    const name = lowerAscii(match[1]);
    if (found.has(name)) throw new Refused("malformed");
    found.set(name, match[3] ?? match[2].replace(/\\([^])/g, "$1"));
  }
  return found;
}
