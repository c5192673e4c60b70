"""Times as whole nanoseconds since 1970, read strictly."""

import re
from datetime import date
from decimal import Decimal

from .message import Malformed

SECOND = 1_000_000_000
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

RFC3339 = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})T([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?Z")
RFC3339_MILLIS = re.compile(r"[0-9-]{10}T[0-9:]{8}\.[0-9]{3}Z")
HTTP_DATE = re.compile(
    r"([A-Z][a-z]{2}), ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT"
)


def nanoseconds(text):
    """RFC 3339 in UTC with a Z, with or without a fraction of a second."""
    match = RFC3339.fullmatch(text)
    if not match:
        raise Malformed(f"not a time in RFC 3339 form: {text!r}")
    year, month, day, hour, minute, second = map(int, match.groups()[:6])
    whole = _day_number(year, month, day) * 86400 + _second_of_day(hour, minute, second)
    return whole * SECOND + int((match[7] or "").ljust(9, "0"))


def milliseconds_text(text):
    """The same time with exactly three digits of a second; what is finer is cut off."""
    nanoseconds(text)
    whole, _, fraction = text[:-1].partition(".")
    return f"{whole}.{fraction[:3].ljust(3, '0')}Z"


def header_date(value):
    """The time in a header: RFC 3339 with milliseconds, or IMF-fixdate (RFC 9110, section 5.6.7)."""
    try:
        text = value.decode("ascii")
    except UnicodeDecodeError:
        raise Malformed("a date is ASCII") from None
    if RFC3339_MILLIS.fullmatch(text):
        return nanoseconds(text)
    match = HTTP_DATE.fullmatch(text)
    if not match or match[1] not in WEEKDAYS or match[3] not in MONTHS:
        raise Malformed(f"not a date in either form: {text!r}")
    days = _day_number(int(match[4]), MONTHS.index(match[3]) + 1, int(match[2]))
    if WEEKDAYS[(days + 3) % 7] != match[1]:  # 1970 began on a Thursday
        raise Malformed(f"{text!r} names the wrong day of the week")
    return (days * 86400 + _second_of_day(*map(int, match.groups()[4:7]))) * SECOND


def seconds(value):
    """A number of seconds, written in decimal, in nanoseconds."""
    return int(Decimal(value.decode("ascii")) * SECOND)


def _day_number(year, month, day):
    """Days since 1970-01-01. The calendar repeats every 400 years, which brings in the year 0000."""
    try:
        in_cycle = date(2000 + year % 400, month, day).toordinal()
    except ValueError as error:
        raise Malformed(f"no such day: {error}") from None
    return in_cycle + (year // 400 - 5) * 146097 - date(1970, 1, 1).toordinal()


def _second_of_day(hour, minute, second):
    if hour > 23 or minute > 59 or second > 59:
        raise Malformed("no such time of day")
    return (hour * 60 + minute) * 60 + second
