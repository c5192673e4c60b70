#!/usr/bin/env python3
"""Blind set b: standard-webhooks, flipbase and oauth1 behind the adapter protocol; `--bug ID` makes one mistake of bugs.json."""

import base64
import binascii
import calendar
import hashlib
import hmac
import json
import os
import posixpath
import re
import sys
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from itertools import takewhile

HERE = os.path.dirname(os.path.abspath(__file__))
PARTS = set()
TELLS = True  # stages on sign; class and status on verify


def bug(part):
    return part in PARTS


# Protocol values, messages and clocks: from adapters/python

LETTERS_DIGITS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
UNRESERVED = LETTERS_DIGITS + b"-._~"
PATH_CHARACTERS = UNRESERVED + b"!$&'()*+,;=" + b":@/"
FORM = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data"
PART_NAME = re.compile(
    rb'\r\nContent-Disposition:[ \t]*form-data;[^\r\n]*?\bname="((?:[^"\\\r\n]|\\.)*)"', re.IGNORECASE
)


class Malformed(Exception):
    """Something that must parse does not, or something that must stand once stands twice."""


class Message:
    """What is on the wire. `headers` is a list of (name, value); everything is bytes."""

    def __init__(self, method, scheme, target, headers, body, host=None):
        self.method = method
        self.scheme = scheme
        self.target = target
        self.headers = headers
        self.body = body
        self.host = host

    # Target

    @property
    def raw_path(self):
        return self.target.partition(b"?")[0]

    @property
    def path(self):
        return percent_decode(self.raw_path)

    @property
    def url(self):
        """Scheme, host and target; none without a Host header."""
        host = self.header("Host")
        return None if host is None else self.scheme + b"://" + host + self.target

    def query_pairs(self):
        """Names and values of the query, a plus sign meaning a space; an absent value is empty."""
        return decode_pairs(self.target.partition(b"?")[2])

    def set_query(self, name, value):
        self.target = self.raw_path + b"?" + replace_pair(self.target.partition(b"?")[2], name, value)

    # Headers

    def header(self, name):
        wanted = name.lower().encode()
        values = [value for line, value in self.headers if line.lower() == wanted]
        if len(values) > 1:
            raise Malformed(f"header {name} is given twice")
        return values[0] if values else None

    def set_header(self, name, value):
        """Puts one line in the place of the first of that name, or at the end."""
        wanted = name.lower().encode()
        places = [place for place, (line, _) in enumerate(self.headers) if line.lower() == wanted]
        for place in reversed(places[1:]):
            del self.headers[place]
        if places:
            self.headers[places[0]] = (name.encode(), value)
        else:
            self.headers.append((name.encode(), value))

    # Body

    def media_type(self):
        return (self.header("Content-Type") or b"").partition(b";")[0].strip().lower()

    def form_pairs(self):
        """Names and values of a form body; none where the body is not a form."""
        return decode_pairs(self.body) if self.media_type() == FORM else []

    def set_form(self, name, value):
        if self.media_type() != FORM:
            raise ValueError("the body is not a form: Content-Type must be application/x-www-form-urlencoded")
        self.body = replace_pair(self.body, name, value)

    def multipart_pairs(self):
        """Names and contents of the parts of a multipart form; none where the body is not one."""
        if self.media_type() != MULTIPART:
            return []
        boundary = re.search(rb';[ \t]*boundary=(?:"([^"]+)"|([^;\s"]+))', self.header("Content-Type"), re.IGNORECASE)
        if not boundary:
            raise Malformed("a multipart body needs a boundary")
        return parse_multipart(self.body, boundary[1] or boundary[2])

    def json_member(self, name):
        """A string's bytes; None where there is no such member. What is no string is malformed."""
        members = parse_json_object(self.body)
        if name not in members:
            return None
        if not isinstance(members[name], str):
            raise Malformed(f"member {name} is no text")
        return utf8(members[name])

    def add_json_member(self, name, value):
        """Makes it the last member, and changes nothing else of the body."""
        body = self.body or b"{}"
        members = parse_json_object(body)
        if name in members:
            raise ValueError(f"the body has a member {name} already")
        comma = "," if members else ""
        member = f"{comma}{json.dumps(name)}:{json.dumps(value.decode('utf-8'), ensure_ascii=False)}"
        end = body.rindex(b"}")
        self.body = body[:end] + utf8(member) + body[end:]


def sent_message(method, scheme, host, target, path, query, headers, body):
    """The message that says what the caller means; `target` is exact, or else made of `path` and `query`."""
    if target is None:
        target = percent_encode(path, PATH_CHARACTERS)
        if query:
            target += b"?" + b"&".join(b"=".join(map(percent_encode, pair)) for pair in query)
    if not any(name.lower() == b"host" for name, _ in headers):
        headers = [(b"Host", host), *headers]
    return Message(method, scheme, target, headers, body, host)


def percent_encode(data, keep=UNRESERVED):
    return b"".join(bytes([byte]) if byte in keep else b"%%%02X" % byte for byte in data)


def percent_decode(data):
    if b"%" not in data:
        return data
    if re.search(rb"%(?![0-9A-Fa-f]{2})", data):
        raise Malformed("a percent sign without two hexadecimal digits")
    return re.sub(rb"%(..)", lambda escape: bytes([int(escape[1], 16)]), data)


def split_pair(piece):
    name, _, value = piece.replace(b"+", b" ").partition(b"=")
    return percent_decode(name), percent_decode(value)


def decode_pairs(text):
    return [split_pair(piece) for piece in text.split(b"&") if piece]


def replace_pair(text, name, value):
    """`text` without the pairs called `name`, and with one of that name at its end."""
    pieces = [piece for piece in text.split(b"&") if split_pair(piece)[0] != name] if text else []
    return b"&".join([*pieces, percent_encode(name) + b"=" + percent_encode(value)])


def only_value(pairs, name):
    """The value of a field that may stand once; None where it is absent."""
    values = [value for pair_name, value in pairs if pair_name == name]
    if len(values) > 1:
        raise Malformed(f"field {name!r} is given twice")
    return values[0] if values else None


def parse_multipart(body, boundary):
    """RFC 2046, section 5.1, and RFC 7578."""
    text = b"\r\n" + body
    delimiters = list(re.finditer(rb"\r\n--" + re.escape(boundary) + rb"(--)?[ \t]*(?=\r\n|\Z)", text))
    pairs = []
    for here, following in zip(delimiters, delimiters[1:]):
        if here[1]:
            return pairs
        head, end, content = text[here.end() : following.start()].partition(b"\r\n\r\n")
        name = PART_NAME.search(head)
        if not end or not name:
            raise Malformed("a part of the multipart body has no name")
        pairs.append((re.sub(rb"\\(.)", rb"\1", name[1]), content))
    if not delimiters or not delimiters[-1][1]:
        raise Malformed("the multipart body does not end")
    return pairs


class _Object(list):
    """The members of a JSON object in order, duplicates included."""


def parse_json_object(body):
    """The members of the object that a body is; numbers as None, of whatever length they are."""
    try:
        members = json.loads(
            body.decode("utf-8"), object_pairs_hook=_Object, parse_int=_no_text, parse_float=_no_text, parse_constant=_no_constant
        )
    except (ValueError, RecursionError) as error:
        raise Malformed(f"the body is not JSON: {error}") from None
    if not isinstance(members, _Object):
        raise Malformed("the body is not a JSON object")
    if len(dict(members)) != len(members):
        raise Malformed("a member of the JSON body is given twice")
    return dict(members)


def _no_text(number):
    return None


def _no_constant(name):
    raise ValueError(f"{name} is not JSON")


def utf8(text):
    try:
        return text.encode("utf-8")
    except UnicodeEncodeError:
        raise Malformed("half a surrogate pair is not text") from None

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


# Tasks


class Refused(Exception):
    def __init__(self, reject_class, **details):
        super().__init__(reject_class)
        self.reject_class = reject_class
        self.details = details


class NotSupported(Exception):
    pass


class Task:
    def __init__(self, **values):
        self.__dict__.update(values)


def refuse_unless(condition, reject_class, **details):
    if not condition:
        raise Refused(reject_class, **details)


def equal(left, right):
    return left is not None and right is not None and hmac.compare_digest(left, right)


def b64(data):
    return base64.b64encode(data)


def decode_base64(text):
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Malformed(f"not Base64: {error}") from None


def node_base64(text):
    """As Buffer.from(text, 'base64') of Node: either alphabet, padding optional, other characters passed over."""
    text = re.sub(rb"[^A-Za-z0-9+/]", b"", text.partition(b"=")[0].replace(b"-", b"+").replace(b"_", b"/"))
    if len(text) % 4 == 1:
        text = text[:-1]
    return base64.b64decode(text + b"=" * (-len(text) % 4))


def unix_seconds(text):
    if not re.fullmatch(rb"[0-9]{1,18}", text):
        raise Malformed("not a number of seconds")
    return int(text) * SECOND


# Standard Webhooks


def sw_key(secret, signing):
    if bug("s-raw-secret") and signing:
        return secret[6:] if secret.startswith(b"whsec_") else secret
    if bug("s-prefix-kept") and signing:
        return node_base64(secret)
    if bug("v-cuts-six") and not signing and not secret.startswith(b"whsec_"):
        return node_base64(secret[len(b"whsec_"):])
    if secret.startswith(b"whsec_"):
        secret = secret[6:]
    return decode_base64(secret)


def sw_string(identifier, stamp, body):
    return b".".join([identifier, stamp, body])


def sw_sign(task):
    message = task.message
    body = message.body
    key = sw_key(task.account["secret"], True)
    stamp = b"%d" % (nanoseconds(task.time) // SECOND)
    if bug("s-millis"):
        stamp = b"%d" % (nanoseconds(task.time) // 1_000_000)
    if bug("s-json-again"):
        try:
            body = json.dumps(json.loads(body)).encode()
        except ValueError:
            pass
    if bug("s-body-text"):
        body = body.decode("utf-8", errors="replace").encode()
    string = sw_string(task.nonce, stamp, body)
    if bug("s-time-first"):
        string = b".".join([stamp, task.nonce, body])
    signature = b64(hmac.digest(key, string, "sha256"))
    message.set_header("webhook-id", task.nonce)
    message.set_header("webhook-timestamp", stamp)
    message.set_header("webhook-signature", b"v1," + signature)
    return {"key": key, "string_to_sign": string, "signature": signature}


def sw_header(message, name):
    if bug("v-last-header"):
        values = {line.lower(): value for line, value in message.headers}
        value = values.get(name.encode())
    else:
        value = message.header(name)
    refuse_unless(value is not None, "missing-credential")
    return value


def sw_candidates(field):
    if bug("v-comma-list"):
        versions = field.split(b",", 1)
        return [versions[1]] if len(versions) == 2 else []
    found = []
    for item in field.split(b" "):
        version, comma, signature = item.partition(b",")
        if not comma:
            raise Malformed("a signature without a version")
        if version == b"v1" or bug("v-any-version"):
            found.append(signature)
        if bug("v-first-only"):
            break
    return found


def sw_equal(candidate, expected):
    if bug("v-zip"):
        different = 0
        for a, b in zip(candidate, expected):
            different |= a ^ b
        return different == 0
    if bug("v-caseless"):
        return candidate.lower() == expected.lower()
    return equal(candidate, expected)


def sw_verify(task):
    message = task.message
    identifier = sw_header(message, "webhook-id")
    stamp = sw_header(message, "webhook-timestamp")
    time = unix_seconds(stamp)
    candidates = sw_candidates(sw_header(message, "webhook-signature"))
    refuse_unless(identifier, "missing-credential")

    tolerance = seconds(task.parameters.get("tolerance", b"300"))
    away = task.now - time
    if bug("v-future-free"):
        fresh = away <= tolerance
    elif bug("v-tolerance-as-millis"):
        fresh = abs(away) // 1_000_000 <= tolerance // SECOND
    elif bug("v-edge-out"):
        fresh = abs(away) < tolerance
    elif bug("v-no-time"):
        fresh = True
    else:
        fresh = abs(away) <= tolerance
    refuse_unless(fresh, "signature-mismatch" if bug("v-stale-is-mismatch") else "expired")

    if bug("v-id-once"):
        refuse_unless(identifier not in task.state, "replayed")

    refuse_unless(task.accounts, "unknown-key")
    key = sw_key(task.accounts[0]["secret"], False)
    body = message.body.strip() if bug("v-body-trimmed") else message.body
    expected = b64(hmac.digest(key, sw_string(identifier, stamp, body), "sha256"))
    refuse_unless(any([sw_equal(candidate, expected) for candidate in candidates]), "signature-mismatch")
    task.state[identifier] = True


# Flipbase


def fb_path(path, signing):
    if signing and bug("s-normpath"):
        path = posixpath.normpath(path) if path else path
    if signing and bug("s-encodeuricomponent"):
        return percent_encode(path, UNRESERVED + b"!*'()")
    if not signing and bug("v-merge-slashes"):
        path = re.sub(rb"/+", b"/", path)
        if len(path) > 1:
            path = path.rstrip(b"/")
    if signing and bug("s-slash-kept"):
        return percent_encode(path, UNRESERVED + b"/")
    return percent_encode(path, UNRESERVED)


def fb_date(text):
    at = nanoseconds(text) // 1000
    if bug("s-isoformat"):
        moment = datetime(1970, 1, 1, tzinfo=timezone.utc) + timedelta(microseconds=at)
        return moment.isoformat().encode()
    if bug("s-local-time"):
        moment = datetime(1970, 1, 1) + timedelta(microseconds=at) + timedelta(hours=1)  # a server in Amsterdam
        return (moment.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (moment.microsecond // 1000)).encode()
    if bug("s-whole-seconds"):
        return (text[:-1].partition(".")[0] + "Z").encode()
    return milliseconds_text(text).encode()


def fb_sign(task):
    message = task.message
    stamp = fb_date(task.time)
    string = b"\n".join([message.method, fb_path(message.raw_path, True), stamp])
    mac = hmac.digest(task.account["api_secret"], string, "sha256")
    signature = mac.hex().encode() if bug("s-hex") else b64(mac)
    authorization = b"Signature " + task.account["api_key"] + b":" + signature
    message.set_header("X-Flipbase-Date", stamp)
    message.set_header("Authorization", authorization)
    return {"string_to_sign": string, "signature": signature, "authorization": authorization}


def fb_header(message, name):
    if bug("v-header-case"):
        values = [value for line, value in message.headers if line == name.encode()]
        if len(values) > 1:
            raise Malformed("given twice")
        return values[0] if values else None
    return message.header(name)


def fb_verify(task):
    message = task.message
    authorization = fb_header(message, "Authorization")
    refuse_unless(authorization is not None, "missing-credential")
    if bug("v-last-word"):
        authorization = b"Signature " + authorization.split(b" ")[-1]
    if not authorization.startswith(b"Signature "):
        raise Malformed("another scheme")
    api_key, colon, sent = authorization[10:].partition(b":")
    if not colon:
        raise Malformed("no colon")

    order = ["Date", "X-Flipbase-Date"] if bug("v-date-first") else ["X-Flipbase-Date", "Date"]
    stamp = fb_header(message, order[0])
    if stamp is None:
        stamp = fb_header(message, order[1])
    refuse_unless(stamp is not None, "missing-credential")
    if bug("v-strptime"):
        try:
            parsed = datetime.strptime(stamp.decode(), "%Y-%m-%dT%H:%M:%S.%fZ")
        except ValueError:
            raise Malformed("not a date") from None
        time = calendar.timegm(parsed.timetuple()) * SECOND + parsed.microsecond * 1000
    else:
        time = header_date(stamp)

    account = None
    for known in task.accounts:
        if bug("v-key-collation"):
            if known["api_key"].lower() == api_key.lower():
                account = known
                break
        elif equal(known.get("api_key"), api_key):
            account = known
            break
    if bug("v-empty-fallback"):
        account = account or {}
        secret = account.get("api_secret") or b""
    else:
        refuse_unless(account is not None, "unknown-key")
        refuse_unless(account.get("api_secret"), "unknown-key")
        secret = account["api_secret"]

    skew = seconds(task.parameters.get("skew", b"900"))
    if bug("v-timedelta-seconds"):
        delta = timedelta(microseconds=(task.now - time) // 1000)
        fresh = delta.seconds <= skew // SECOND
    else:
        fresh = abs(task.now - time) <= skew
    refuse_unless(fresh, "expired")

    method = message.method.upper() if bug("v-method-upper") else message.method
    if bug("v-date-again"):
        at = datetime(1970, 1, 1) + timedelta(microseconds=time // 1000)
        stamp = (at.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (at.microsecond // 1000)).encode()
    string = b"\n".join([method, fb_path(message.raw_path, False), stamp])
    expected = b64(hmac.digest(secret, string, "sha256"))
    if bug("v-decoded-compare"):
        try:
            same = hmac.compare_digest(node_base64(sent), node_base64(expected))
        except ValueError:
            same = False
    else:
        same = equal(sent, expected)
    refuse_unless(same, "signature-mismatch")
    if bug("v-signature-once"):
        refuse_unless(sent not in task.state, "replayed")
        task.state[sent] = True


# OAuth 1.0a


def oa_base_uri(message, signing):
    host = message.header("Host")
    refuse_unless(host is not None, "missing-credential", status="400")
    scheme = message.scheme.lower()
    if not (signing and bug("s-host-case")):
        host = host.lower()
    default = {b"http": b":80", b"https": b":443"}.get(scheme)
    if not signing and bug("v-port-cut"):
        host = host.partition(b":")[0]
    elif default and host.endswith(default):
        host = host[: -len(default)]
    if not signing and bug("v-scheme-http"):
        scheme = b"http"
    return scheme + b"://" + host + message.raw_path


def oa_form(message, signing):
    if signing and bug("s-no-form"):
        return []
    if not signing and bug("v-content-type-exact"):
        return decode_pairs(message.body) if message.header("Content-Type") == FORM else []
    return message.form_pairs()


def oa_encode(data):
    if bug("s-tilde"):
        return percent_encode(data, LETTERS_DIGITS + b"-._")
    return percent_encode(data)


def oa_normalized(message, protocol, signing):
    pairs = message.query_pairs() + oa_form(message, signing)
    pairs += [pair for pair in protocol if pair[0] != b"realm" or (not signing and bug("v-realm-signed"))]
    if signing and bug("s-blank-dropped"):
        pairs = [pair for pair in pairs if pair[1]]
    if signing and bug("s-dict"):
        pairs = list(dict(pairs).items())
    encoded = [(oa_encode(name), oa_encode(value)) for name, value in pairs if name != b"oauth_signature"]
    if signing and bug("s-sort-joined"):
        return b"&".join(sorted(name + b"=" + value for name, value in encoded))
    return b"&".join(name + b"=" + value for name, value in sorted(encoded))


def oa_stages(message, protocol, account, signing):
    base_uri = oa_base_uri(message, signing)
    normalized = oa_normalized(message, protocol, signing)
    string = b"&".join([percent_encode(message.method.upper()), oa_encode(base_uri), oa_encode(normalized)])
    parts = [oa_encode(account.get("consumer_secret") or b""), oa_encode(account.get("token_secret") or b"")]
    if signing and bug("s-ampersand-missing"):
        parts = [part for part in parts if part]
    key = b"&".join(parts)
    return {
        "base_uri": base_uri,
        "normalized_parameters": normalized,
        "string_to_sign": string,
        "signing_key": key,
        "signature": b64(hmac.digest(key, string, "sha1")),
    }


def oa_sign(task):
    account, parameters = task.account, task.parameters
    protocol = [
        (b"realm", parameters.get("realm")),
        (b"oauth_consumer_key", account["consumer_key"]),
        (b"oauth_token", account.get("token")),
        (b"oauth_signature_method", b"HMAC-SHA1"),
        (b"oauth_timestamp", b"%d" % (nanoseconds(task.time) // SECOND)),
        (b"oauth_nonce", task.nonce),
        (b"oauth_callback", parameters.get("callback")),
        (b"oauth_verifier", parameters.get("verifier")),
        (b"oauth_version", parameters.get("version")),
    ]
    optional = (b"realm", b"oauth_token", b"oauth_callback", b"oauth_verifier", b"oauth_version")
    protocol = [(name, value or b"") for name, value in protocol if value or name not in optional]
    stages = oa_stages(task.message, protocol, account, True)
    fields = [oa_encode(name) + b'="' + oa_encode(value) + b'"' for name, value in protocol]
    signature = stages["signature"] if bug("s-signature-bare") else percent_encode(stages["signature"])
    fields.append(b'oauth_signature="' + signature + b'"')
    stages["parameters"] = b", ".join(fields)
    stages["authorization"] = b"OAuth " + stages["parameters"]
    task.message.set_header("Authorization", stages["authorization"])
    return stages


def oa_protocol(field):
    if field[:6] != b"OAuth " if bug("v-scheme-case") else field[:6].lower() != b"oauth ":
        raise Malformed("another scheme")
    pairs = []
    for piece in field[6:].split(b", " if bug("v-comma-space") else b","):
        name, sign, value = piece.strip(b" \t").partition(b"=")
        if not sign:
            raise Malformed("a parameter without a value")
        if len(value) < 2 or value[:1] != b'"' or value[-1:] != b'"':
            raise Malformed("a value without quotation marks")
        value = value[1:-1]
        pairs.append((percent_decode(name), percent_decode(value)))
    return pairs


def oa_verify(task):
    message = task.message
    state = task.state
    refused = "401" if bug("v-all-401") else "400"
    try:
        field = message.header("Authorization")
        refuse_unless(field is not None, "missing-credential", status=refused)
        protocol = oa_protocol(field)
        first = {}
        for name, value in protocol:
            first.setdefault(name, value)
        for name in (b"oauth_consumer_key", b"oauth_signature_method", b"oauth_signature", b"oauth_nonce", b"oauth_timestamp"):
            refuse_unless(name in first, "missing-credential", status=refused)
        consumer, token = first[b"oauth_consumer_key"], first.get(b"oauth_token", b"")
        nonce, stamp, sent = first[b"oauth_nonce"], first[b"oauth_timestamp"], first[b"oauth_signature"]
        time = unix_seconds(stamp)
        method = first[b"oauth_signature_method"]
        plain = bug("v-plaintext") and method == b"PLAINTEXT"
        refuse_unless(plain or method == b"HMAC-SHA1", "malformed", status=refused)
        version = first.get(b"oauth_version", b"1.0")
        refuse_unless(version == b"1.0", "malformed", status=refused)

        account = None
        for known in task.accounts:
            if known["consumer_key"] == consumer and (bug("v-token-ignored") or (known.get("token") or b"") == token):
                account = known
                break
        refuse_unless(account is not None, "unknown-key", status="401")

        skew = seconds(task.parameters.get("skew", b"300"))
        refuse_unless(abs(task.now - time) <= skew, "expired", status="401")
        if bug("v-time-grows"):
            refuse_unless(int(stamp) >= state.get((consumer, token), 0), "expired", status="401")

        once = nonce if bug("v-nonce-alone") else (consumer, token, stamp, nonce)
        if bug("v-nonce-early"):
            refuse_unless(once not in state, "replayed", status="401")
            state[once] = True

        stages = oa_stages(message, protocol, account, False)
        expected = stages["signing_key"] if plain else stages["signature"]
        refuse_unless(equal(sent, expected), "signature-mismatch", status="401")
        if not bug("v-nonce-early") and not bug("v-no-replay"):
            refuse_unless(once not in state, "replayed", status="401")
            state[once] = True
        if bug("v-time-grows"):
            state[(consumer, token)] = int(stamp)
    except Malformed:
        raise Refused("malformed", status=refused) from None


SYSTEMS = {
    "standard-webhooks": {"webhook": (sw_sign, sw_verify)},
    "flipbase": {"request": (fb_sign, fb_verify)},
    "oauth1": {"request": (oa_sign, oa_verify)},
}

START_REPLY = {
    "name": "blind-b",
    "version": "1.0",
    "language": "python",
    "schemes": {scheme: ["sign", "verify"] for scheme in SYSTEMS},
    "capabilities": ["time", "credentials", "state", "client-address"],
}


# The protocol


def batches(stream):
    rest = bytearray()
    while chunk := stream.read(1 << 16):
        lines, feed, begun = chunk.rpartition(b"\n")
        if feed:
            yield list(filter(bytearray.strip, (rest + lines).split(b"\n")))
            rest.clear()
        rest += begun
    yield [rest] if rest.strip() else []


def answer_line(line):
    seq = None
    try:
        call = json.loads(line)
        seq = call.get("seq")
        if call.get("op") == "stop":
            return None
        reply = answer(call)
    except NotSupported as reason:
        reply = {"skipped": f"no support for {reason}"}
    except Refused as refusal:  # while signing
        reply = {"error": f"cannot sign: {refusal}"}
    except Exception as error:
        reply = {"error": f"{type(error).__name__}: {error}"}
    return {"seq": seq, **reply}


def answer(call):
    op = call.get("op")
    if op == "start":
        if call.get("protocol") != 1:
            raise ValueError(f"protocol {call.get('protocol')}")
        return START_REPLY
    if op not in ("sign", "verify"):
        raise ValueError(f"unknown op {op}")
    operation = SYSTEMS.get(call.get("scheme"), {}).get(call.get("operation"))
    if operation is None:
        raise NotSupported(f"{call.get('scheme')} {call.get('operation')}")
    if call.get("variant") is not None:
        raise NotSupported(f"variant {call['variant']}")
    if call.get("reading") is not None:
        raise NotSupported(f"reading {call['reading']}")
    given = call["given"]
    if op == "sign":
        task = Task(
            message=message_to_sign(given["request"]),
            account=read_account(given["account"]),
            parameters=read_named_values(given.get("parameters")),
            time=given.get("time"),
            nonce=read_optional(given.get("nonce")),
        )
        stages = operation[0](task)
        reply = {"signed_request": write_message(task.message)}
        if TELLS:
            reply["stages"] = {name: write_bytes(value) for name, value in stages.items()}
        return reply
    accounts = [read_account(account) for account in given.get("accounts") or []]
    parameters = read_named_values(given.get("parameters"))
    state = {}
    results = []
    for arrived in given["messages"]:
        task = Task(
            message=message_received(arrived["request"]),
            accounts=accounts,
            parameters=parameters,
            now=None if arrived.get("now") is None else nanoseconds(arrived["now"]),
            state=state,
        )
        try:
            try:
                operation[1](task)
                results.append({"accept": True})
            except Malformed:
                raise Refused("malformed") from None
        except Refused as refusal:
            results.append({"accept": False, **({"class": refusal.reject_class, **refusal.details} if TELLS else {})})
    return {"results": results}


def read_bytes(value):
    if isinstance(value, str):
        return value.encode("utf-8")
    return bytes.fromhex(value["hex"])


def read_optional(value):
    return None if value is None else read_bytes(value)


def read_named_values(values):
    return {name: read_bytes(value) for name, value in (values or {}).items()}


def read_account(account):
    """Credentials become bytes; a list (of addresses) stays a list of text."""
    return {
        name: value if isinstance(value, list) else read_bytes(value)
        for name, value in account.items()
        if value is not None
    }


def read_pairs(pairs):
    return [tuple(read_bytes(part) for part in pair) for pair in pairs or []]


def message_to_sign(request):
    target = read_optional(request.get("target"))
    return sent_message(
        method=read_bytes(request["method"]),
        scheme=read_bytes(request.get("scheme") or "https"),
        host=read_bytes(request["host"]),
        target=target,
        path=read_bytes(request["path"]) if target is None else None,
        query=read_pairs(request.get("query")),
        headers=read_pairs(request.get("headers")),
        body=read_bytes(request.get("body") or ""),
    )


def message_received(request):
    return Message(
        method=read_bytes(request["method"]),
        scheme=read_bytes(request.get("scheme") or "https"),
        target=read_bytes(request["target"]),
        headers=read_pairs(request.get("headers")),
        body=read_bytes(request.get("body") or ""),
    )


def write_bytes(value):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def write_message(message):
    return {
        "method": write_bytes(message.method),
        "scheme": write_bytes(message.scheme),
        "target": write_bytes(message.target),
        "headers": [[write_bytes(name), write_bytes(value)] for name, value in message.headers],
        "body": write_bytes(message.body),
    }


def main():
    global TELLS
    if len(sys.argv) == 3 and sys.argv[1] == "--bug":
        with open(os.path.join(HERE, "bugs.json"), encoding="utf-8") as file:
            chosen = {entry["id"]: entry for entry in json.load(file)}[sys.argv[2]]
        PARTS.update(chosen["parts"])
        TELLS = chosen["stages"]
    for lines in batches(sys.stdin.buffer.raw):
        replies = list(takewhile(bool, map(answer_line, lines)))
        sys.stdout.write("".join(json.dumps(reply, separators=(",", ":")) + "\n" for reply in replies))
        sys.stdout.flush()
        if len(replies) < len(lines):
            return


if __name__ == "__main__":
    main()
