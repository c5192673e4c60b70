// Times: strictly parsed, in whole nanoseconds since 1970 as BigInt, and the forms they are sent in.

const RFC3339 = /^(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z$/;
const RFC3339_MILLIS = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/;
const HTTP_DATE = /^(\w{3}), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT$/;
const WEEKDAYS = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export const SECOND = 1_000_000_000n;

/** A time of the protocol: RFC 3339 in UTC, with any number of fractional digits. */
export function readTime(text) {
  const nanoseconds = parseRfc3339(text);
  if (nanoseconds === undefined) throw new Error(`not a time in RFC 3339, UTC: ${text}`);
  return nanoseconds;
}

/** RFC 3339 with exactly three fractional digits, or undefined. */
export function parseRfc3339Millis(text) {
  return RFC3339_MILLIS.test(text) ? parseRfc3339(text) : undefined;
}

/** The fixed-length date of HTTP, whose day of the week must be right, or undefined. */
export function parseHttpDate(text) {
  const match = HTTP_DATE.exec(text);
  if (match === null) return undefined;
  const [, weekday, day, monthName, year, hour, minute, second] = match;
  const date = calendarDate(year, MONTHS.indexOf(monthName) + 1, day, hour, minute, second);
  if (date === undefined || WEEKDAYS[date.getUTCDay()] !== weekday) return undefined;
  return toNanoseconds(date);
}

/** The form with three fractional digits of a time in RFC 3339; further digits are cut off. */
export function writeMillis(text) {
  readTime(text);
  const fraction = RFC3339.exec(text)[7] ?? "";
  return `${text.slice(0, 19)}.${fraction.slice(0, 3).padEnd(3, "0")}Z`;
}

function parseRfc3339(text) {
  const match = RFC3339.exec(text);
  if (match === null) return undefined;
  const date = calendarDate(...match.slice(1, 7));
  if (date === undefined) return undefined;
  const fraction = match[7] ?? "";
  return toNanoseconds(date) + BigInt(fraction.slice(0, 9).padEnd(9, "0"));
}

/**
 * A Date of whole seconds, or undefined where the calendar has no such day or the day no such
 * time. Date turns 30 February into 1 or 2 March, so what it made is compared with what was meant.
 */
function calendarDate(year, month, day, hour, minute, second) {
  if (hour > 23 || minute > 59 || second > 59) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(Number(year), month - 1, Number(day));
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== Number(day)) return undefined;
  date.setUTCHours(Number(hour), Number(minute), Number(second));
  return date;
}

function toNanoseconds(date) {
  return BigInt(date.getTime()) * 1_000_000n;
}
