#!/usr/bin/env python3
"""Signs and verifies four schemes, and speaks the adapter protocol of JSON lines.

Without arguments it is right. With `--bug ID` it makes the one mistake that bugs.json describes under this id.
"""

import base64
import binascii
import datetime
import hashlib
import hmac
import json
import re
import sys
import urllib.parse

BUG = ""
NO_STAGES = {"st-s2", "st-s3", "sw-s2", "sw-s4", "tw-s1", "tw-s2", "tw-s4", "fb-s2", "fb-s4"}

FORM_TYPE = "application/x-www-form-urlencoded"
UTC = datetime.timezone.utc


class Refused(Exception):
    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class Skipped(Exception):
    pass


# Values of the protocol

def to_bytes(value):
    if value is None:
        return b""
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return value.encode("utf-8")


def from_bytes(value):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def parse_instant(text):
    """Milliseconds since 1970 of an RFC 3339 instant in UTC."""
    m = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z", text)
    if not m:
        raise ValueError("not a time: " + text)
    fields = [int(x) for x in m.groups()[:6]]
    moment = datetime.datetime(*fields, tzinfo=UTC)
    millis = int(((m.group(7) or "") + "000")[:3])
    return epoch_seconds(moment) * 1000 + millis


def epoch_seconds(moment):
    delta = moment - datetime.datetime(1970, 1, 1, tzinfo=UTC)
    return delta.days * 86400 + delta.seconds


def moment_of(millis):
    return datetime.datetime(1970, 1, 1, tzinfo=UTC) + datetime.timedelta(milliseconds=millis)


def rfc3339_millis(millis):
    moment = moment_of(millis)
    return moment.strftime("%Y-%m-%dT%H:%M:%S").rjust(19, "0") + ".%03dZ" % (millis % 1000)


class Request:
    def __init__(self, method, scheme, target, headers, body):
        self.method = method
        self.scheme = scheme
        self.target = target
        self.headers = headers
        self.body = body

    @staticmethod
    def received(raw):
        headers = [(to_bytes(n), to_bytes(v)) for n, v in raw.get("headers") or []]
        return Request(to_bytes(raw["method"]), to_bytes(raw.get("scheme") or "https"), to_bytes(raw["target"]),
                       headers, to_bytes(raw.get("body")))

    @staticmethod
    def intended(raw):
        if raw.get("target") is not None:
            target = to_bytes(raw["target"])
        else:
            target = urllib.parse.quote(to_bytes(raw.get("path")) or b"/", safe="/:@!$&'()*+,;=").encode()
            pairs = []
            for pair in raw.get("query") or []:
                pairs.append("=".join(urllib.parse.quote(to_bytes(part), safe="") for part in pair))
            if pairs:
                target += b"?" + "&".join(pairs).encode()
        headers = [(to_bytes(n), to_bytes(v)) for n, v in raw.get("headers") or []]
        if not any(n.lower() == b"host" for n, _ in headers):
            headers.insert(0, (b"Host", to_bytes(raw["host"])))
        return Request(to_bytes(raw["method"]), to_bytes(raw.get("scheme") or "https"), target, headers,
                       to_bytes(raw.get("body")))

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower().encode()]

    def find(self, name):
        """The value of a field that may stand once, or None."""
        values = self.all(name)
        if len(values) > 1:
            raise Refused("malformed")
        return values[0] if values else None

    def need(self, name):
        value = self.find(name)
        if value is None:
            raise Refused("missing-credential")
        return value

    def raw_path(self):
        return self.target.partition(b"?")[0]

    def raw_query(self):
        _, mark, query = self.target.partition(b"?")
        return query if mark else None

    def set(self, name, value):
        self.headers = [(n, v) for n, v in self.headers if n.lower() != name.lower().encode()]
        self.headers.append((name.encode(), value))

    def wire(self):
        return {
            "method": from_bytes(self.method),
            "scheme": from_bytes(self.scheme),
            "target": from_bytes(self.target),
            "headers": [[from_bytes(n), from_bytes(v)] for n, v in self.headers],
            "body": from_bytes(self.body),
        }


def hmac_of(digest, key, message):
    return hmac.new(key, message, digest).digest()


def same(a, b):
    return hmac.compare_digest(a, b)


def number(parameters, name, default):
    value = to_bytes((parameters or {}).get(name)).decode()
    return int(value) if value else default


def unix_seconds(text):
    """The number of seconds in a header value."""
    if not re.fullmatch(rb"0|-?[1-9][0-9]{0,17}", text):
        raise Refused("malformed")
    return int(text)


def compact_json(body):
    """The body as `JSON.stringify(JSON.parse(body))` writes it; what is not JSON stays."""
    try:
        return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
    except ValueError:
        return body


# Stripe: Stripe-Signature: t=1492774577,v1=5257a869…

def stripe_sign(account, request, millis, nonce):
    secret = to_bytes(account["secret"])
    body = request.body
    timestamp = str(millis // 1000)
    prefix = ""
    if BUG == "st-s1":
        prefix = "t="
    if BUG == "st-s2":
        timestamp = str(millis)
    if BUG == "st-s3":
        secret = secret.removeprefix(b"whsec_")
    if BUG == "st-s4":
        body = body.strip()
    string_to_sign = (prefix + timestamp).encode() + b"." + body
    digest = hmac_of("sha256", secret, string_to_sign)
    signature = digest.hex().encode()
    if BUG == "st-s4":
        signature = base64.b64encode(digest)
    request.set("Stripe-Signature", b"t=" + timestamp.encode() + b",v1=" + signature)
    return {"string_to_sign": string_to_sign, "signature": signature}


def stripe_fields(header):
    items = header.split(b",")
    if BUG == "st-v4":
        m = re.match(rb"t=([^,]*),v1=([^,]*)", header)
        return [(b"t", m[1]), (b"v1", m[2])] if m else []
    if BUG == "st-v8":
        items = [item.strip() for item in items]
    pairs = []
    for item in items:
        name, mark, value = item.partition(b"=")
        if not mark:
            raise Refused("malformed")
        pairs.append((name, value))
    if BUG == "st-v1":
        return list(dict(pairs).items())
    return pairs


def stripe_too_old(now, t, tolerance):
    seconds = t * 1000
    if BUG == "st-v2":
        return now - seconds > tolerance * 1000
    if BUG == "st-v3":
        return abs(now - seconds) > tolerance
    if BUG == "st-v8":
        return abs(now - seconds) >= tolerance * 1000
    return abs(now - seconds) > tolerance * 1000


def stripe_matches(candidate, digest):
    if BUG == "st-v6":
        try:
            return same(bytes.fromhex(candidate.decode("ascii")), digest)
        except ValueError:
            return False
    return same(candidate, digest.hex().encode())


def stripe_verify(accounts, parameters, request, now):
    fields = stripe_fields(request.need("Stripe-Signature"))
    times = [v for n, v in fields if n == b"t"]
    if not times:
        raise Refused("missing-credential")
    t = unix_seconds(times[0])
    candidates = [v for n, v in fields if n == b"v1"]
    if BUG == "st-v7":
        candidates = [v for n, v in fields if n != b"t"]
    if stripe_too_old(now, t, number(parameters, "tolerance", 300)):
        raise Refused("expired")
    secret = to_bytes(accounts[0].get("secret"))
    if not secret:
        raise Refused("signature-mismatch")
    body = request.body
    if BUG == "st-v5":
        body = compact_json(body)
    if BUG == "st-v9":
        body = body.decode("utf-8", errors="replace").encode("utf-8")
    digest = hmac_of("sha256", secret, times[0] + b"." + body)
    if not any([stripe_matches(c, digest) for c in candidates]):
        raise Refused("signature-mismatch")


# Standard Webhooks: webhook-id, webhook-timestamp, webhook-signature: v1,K5oZfzN95Z9UVu1EsfQmfVNQhnkZ2pj9o9NDN/H/pI4=

def webhook_key(secret):
    secret = secret.removeprefix(b"whsec_")
    return base64.b64decode(secret, validate=True)


def webhook_sign(account, request, millis, nonce):
    secret = to_bytes(account["secret"])
    key = webhook_key(secret)
    body = request.body
    timestamp = str(millis // 1000).encode()
    if BUG == "sw-s1":
        key = secret.removeprefix(b"whsec_")
    if BUG == "sw-s4":
        body = spaced_json(body)
    string_to_sign = nonce + b"." + timestamp + b"." + body
    if BUG == "sw-s3":
        string_to_sign = timestamp + b"." + nonce + b"." + body
    signature = base64.b64encode(hmac_of("sha256", key, string_to_sign))
    if BUG == "sw-s4":
        signature = base64.urlsafe_b64encode(hmac_of("sha256", key, string_to_sign))
    request.set("webhook-id", nonce)
    request.set("webhook-timestamp", timestamp)
    if BUG == "sw-s2":
        request.set("webhook-signature", b"v1=" + signature)
    else:
        request.set("webhook-signature", b"v1," + signature)
    return {"key": key, "string_to_sign": string_to_sign, "signature": signature}


def spaced_json(body):
    """The body as json.dumps writes it; what is not JSON stays."""
    try:
        return json.dumps(json.loads(body)).encode()
    except ValueError:
        return body


def webhook_verifying_key(secret):
    if BUG == "sw-v4":
        return base64.b64decode(secret.lstrip(b"whsec_"), validate=True)
    if BUG == "sw-v8" and not secret.startswith(b"whsec_"):
        return secret
    return webhook_key(secret)


def webhook_candidates(header):
    found = []
    for item in header.split(b" "):
        label, mark, value = item.partition(b",")
        if not mark:
            raise Refused("malformed")
        if label == b"v1" or BUG == "sw-v2":
            found.append(value)
    return found


def webhook_matches(header, expected):
    if BUG == "sw-v1":
        return same(header, b"v1," + expected)
    candidates = webhook_candidates(header)
    if BUG == "sw-v7":
        return any([c.lower() == expected.lower() for c in candidates])
    if BUG == "sw-v9":
        return any([all(a == b for a, b in zip(c, expected)) for c in candidates])
    return any([same(c, expected) for c in candidates])


def webhook_headers(request):
    names = ("webhook-id", "webhook-timestamp", "webhook-signature")
    if BUG == "sw-v6":
        last = {n.lower(): v for n, v in request.headers}
        values = [last.get(name.encode()) for name in names]
    else:
        values = [request.find(name) for name in names]
    if BUG == "sw-v5" and values[0] is None:
        values[0] = b""
    if None in values:
        raise Refused("missing-credential")
    return values


def webhook_verify(accounts, parameters, request, now):
    message_id, timestamp, header = webhook_headers(request)
    t = unix_seconds(timestamp)
    if BUG != "sw-v1":
        webhook_candidates(header)
    if not message_id and BUG != "sw-v5":
        raise Refused("missing-credential")
    tolerance = number(parameters, "tolerance", 300)
    if BUG == "sw-v3":
        if abs(now // 1000 - t) > tolerance * 1000:
            raise Refused("expired")
    elif BUG != "sw-v7" and abs(now - t * 1000) > tolerance * 1000:
        raise Refused("expired")
    secret = to_bytes(accounts[0].get("secret"))
    if not secret.removeprefix(b"whsec_"):
        raise Refused("signature-mismatch")
    body = request.body
    if BUG == "sw-v8":
        body = body.strip()
    try:
        key = webhook_verifying_key(secret)
    except (binascii.Error, ValueError):
        raise Refused("signature-mismatch")
    expected = base64.b64encode(hmac_of("sha256", key, message_id + b"." + timestamp + b"." + body))
    if not webhook_matches(header, expected):
        raise Refused("signature-mismatch")


# Twilio: X-Twilio-Signature, of the URL and the sorted fields of the form

def decode_form(data, plus=True, blank=True, decode=True):
    pairs = []
    for item in data.split(b"&"):
        if not item:
            continue
        name, _, value = item.partition(b"=")
        if re.search(rb"%(?![0-9A-Fa-f]{2})", item):
            raise Refused("malformed")
        if decode:
            name, value = [urllib.parse.unquote_to_bytes(x.replace(b"+", b" ") if plus else x) for x in (name, value)]
        if value or blank:
            pairs.append((name, value))
    return pairs


def is_form(content_type):
    return (content_type or b"").partition(b";")[0].strip().lower() == FORM_TYPE.encode()


def twilio_parameters(pairs):
    return b"".join(name + value for name, value in sorted(pairs, key=lambda p: p[0]))


def twilio_sign(account, request, millis, nonce):
    host = request.need("Host")
    target = request.target
    digest = "sha1"
    if BUG == "tw-s1":
        host = re.sub(rb":[0-9]+$", b"", host)
    if BUG == "tw-s4":
        target = request.raw_path()
    url = request.scheme + b"://" + host + target
    pairs = []
    if is_form(request.find("Content-Type")):
        pairs = decode_form(request.body, decode=BUG != "tw-s3", blank=BUG != "tw-s5")
    parameters = twilio_parameters(pairs)
    if BUG == "tw-s2":
        parameters = b"".join(sorted(name + value for name, value in pairs))
    if BUG == "tw-s5":
        digest = "sha256"
    string_to_sign = url + parameters
    signature = base64.b64encode(hmac_of(digest, to_bytes(account["auth_token"]), string_to_sign))
    request.set("X-Twilio-Signature", signature)
    return {"parameters": parameters, "string_to_sign": string_to_sign, "signature": signature}


def twilio_url(request):
    host = request.need("Host")
    scheme, target = request.scheme, request.target
    if BUG == "tw-v1":
        scheme = b"http"
    if BUG == "tw-v3" and request.raw_query():
        target = request.raw_path() + b"?" + rebuild_query(request.raw_query())
    if BUG == "tw-v9":
        host = host.lower()
    return scheme + b"://" + host + target


def rebuild_query(query):
    """The query as a web framework writes it that keeps it as a sorted map."""
    pairs = sorted(decode_form(query), key=lambda p: p[0])
    quote = urllib.parse.quote
    return "&".join(quote(n, safe="") + "=" + quote(v, safe="") for n, v in pairs).encode()


def twilio_pairs(request):
    content_type = request.find("Content-Type")
    if BUG == "tw-v7":
        form = True
    elif BUG == "tw-v8":
        form = content_type == FORM_TYPE.encode()
    else:
        form = is_form(content_type)
    pairs = decode_form(request.body, plus=BUG != "tw-v5") if form else []
    if BUG == "tw-v2":
        pairs = list(dict(pairs).items())
    if BUG == "tw-v6":
        pairs = decode_form(request.raw_query() or b"") + pairs
    if BUG == "tw-v9":
        pairs = [(re.sub(rb"[. ]", b"_", name), value) for name, value in pairs]
    return pairs


def twilio_verify(accounts, parameters, request, now):
    given = request.find("X-Twilio-Signature")
    if not given:
        raise Refused("missing-credential")
    auth_token = to_bytes(accounts[0].get("auth_token"))
    if not auth_token:
        raise Refused("signature-mismatch")
    pairs = twilio_pairs(request)
    if BUG == "tw-v4":
        text = b"".join(n + v for n, v in sorted(pairs, key=lambda p: p[0].lower()))
    else:
        text = twilio_parameters(pairs)
    expected = base64.b64encode(hmac_of("sha1", auth_token, twilio_url(request) + text))
    if BUG == "tw-v8":
        given, expected = given.lower(), expected.lower()
    if not same(given, expected):
        raise Refused("signature-mismatch")


# Flipbase: Authorization: Signature KEY:SIGNATURE, with X-Flipbase-Date

def flipbase_encode(path, safe=""):
    return urllib.parse.quote(path, safe=safe).encode()


def flipbase_sign(account, request, millis, nonce):
    date = rfc3339_millis(millis).encode()
    path = request.raw_path()
    encoded = flipbase_encode(path)
    if BUG == "fb-s1":
        encoded = flipbase_encode(path, safe="/")
    if BUG == "fb-s2":
        date = moment_of(millis).isoformat().encode()
    if BUG == "fb-s3":
        encoded = flipbase_encode(request.target)
    string_to_sign = b"\n".join([request.method, encoded, date])
    if BUG == "fb-s4":
        string_to_sign = b"".join(line + b"\n" for line in [request.method, encoded, date])
    digest = hmac_of("sha256", to_bytes(account["api_secret"]), string_to_sign)
    signature = base64.b64encode(digest)
    if BUG == "fb-s4":
        signature = base64.b64encode(digest.hex().encode())
    authorization = b"Signature " + to_bytes(account["api_key"]) + b":" + signature
    request.set("X-Flipbase-Date", date)
    request.set("Authorization", authorization)
    return {"string_to_sign": string_to_sign, "signature": signature, "authorization": authorization}


WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def parse_date(text):
    """Milliseconds since 1970 of `2018-05-04T12:05:14.649Z` or `Fri, 04 May 2018 12:05:14 GMT`."""
    try:
        text = text.decode("ascii")
        if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text):
            return parse_instant(text)
        m = re.fullmatch(r"(\w{3}), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", text)
        if not m:
            raise ValueError(text)
        day, month, year = int(m[2]), MONTHS.index(m[3]) + 1, int(m[4])
        moment = datetime.datetime(year, month, day, int(m[5]), int(m[6]), int(m[7]), tzinfo=UTC)
        if WEEKDAYS[moment.weekday()] != m[1]:
            raise ValueError(text)
        return epoch_seconds(moment) * 1000
    except ValueError:
        raise Refused("malformed")


def flipbase_date(request):
    names = ["X-Flipbase-Date", "Date"]
    if BUG == "fb-v1":
        names = ["Date", "X-Flipbase-Date"]
    for name in names:
        value = request.find(name)
        if value is not None:
            return value
    raise Refused("missing-credential")


def flipbase_credentials(header):
    if BUG == "fb-v2":
        credentials = header.partition(b" ")[2]
    elif header.startswith(b"Signature "):
        credentials = header[len(b"Signature "):]
    else:
        raise Refused("malformed")
    api_key, mark, signature = credentials.partition(b":")
    if not mark:
        raise Refused("malformed")
    return api_key, signature


def flipbase_expired(now, sent, skew):
    if BUG == "fb-v4":
        return (moment_of(now) - moment_of(sent)).seconds > skew
    return abs(now - sent) > skew * 1000


def flipbase_verify(accounts, parameters, request, now):
    api_key, given = flipbase_credentials(request.need("Authorization"))
    date = flipbase_date(request)
    sent = parse_date(date)
    account = next((a for a in accounts if to_bytes(a["api_key"]) == api_key), None)
    if account is None or not to_bytes(account.get("api_secret")):
        raise Refused("unknown-key")
    if flipbase_expired(now, sent, number(parameters, "skew", 900)):
        raise Refused("expired")
    method, path = request.method, request.raw_path()
    if BUG == "fb-v3":
        path = urllib.parse.unquote_to_bytes(path)
    if BUG == "fb-v5":
        method = method.upper()
    if BUG == "fb-v6":
        date = rfc3339_millis(sent).encode()
    string_to_sign = b"\n".join([method, flipbase_encode(path), date])
    expected = base64.b64encode(hmac_of("sha256", to_bytes(account["api_secret"]), string_to_sign))
    if BUG == "fb-v5":
        given, expected = given.rstrip(b"="), expected.rstrip(b"=")
    if not same(given, expected):
        raise Refused("signature-mismatch")


# The protocol

SCHEMES = {
    "stripe": ("webhook", stripe_sign, stripe_verify),
    "standard-webhooks": ("webhook", webhook_sign, webhook_verify),
    "twilio": ("request", twilio_sign, twilio_verify),
    "flipbase": ("request", flipbase_sign, flipbase_verify),
}


def find_scheme(message):
    entry = SCHEMES.get(message.get("scheme"))
    if entry is None:
        raise Skipped("no support for this scheme")
    if message.get("operation") not in (None, entry[0]):
        raise Skipped("no support for this operation")
    if message.get("variant"):
        raise Skipped("no support for asymmetric signatures")
    return entry


def answer_sign(message):
    _, sign, _ = find_scheme(message)
    given = message["given"]
    request = Request.intended(given["request"])
    millis = parse_instant(given["time"]) if given.get("time") else 0
    stages = sign(given["account"], request, millis, to_bytes(given.get("nonce")))
    reply = {"seq": message["seq"], "signed_request": request.wire()}
    if BUG not in NO_STAGES:
        reply["stages"] = {name: from_bytes(value) for name, value in stages.items()}
    return reply


def answer_verify(message):
    _, _, verify = find_scheme(message)
    given = message["given"]
    results = []
    for item in given["messages"]:
        now = parse_instant(item["now"]) if item.get("now") else 0
        try:
            verify(given["accounts"], given.get("parameters"), Request.received(item["request"]), now)
            results.append({"accept": True})
        except Refused as refusal:
            results.append({"accept": False, "class": refusal.reason})
    return {"seq": message["seq"], "results": results}


def answer_start(message):
    return {
        "seq": message["seq"],
        "name": "four-schemes",
        "version": "1.0",
        "language": "python",
        "schemes": {name: ["sign", "verify"] for name in SCHEMES},
        "capabilities": ["time", "credentials", "state"],
    }


def answer(message):
    handlers = {"start": answer_start, "sign": answer_sign, "verify": answer_verify}
    handler = handlers.get(message.get("op"))
    if handler is None:
        return {"seq": message.get("seq"), "error": "unknown op"}
    try:
        return handler(message)
    except Skipped as why:
        return {"seq": message["seq"], "skipped": str(why)}
    except Exception as problem:
        return {"seq": message["seq"], "error": "%s: %s" % (type(problem).__name__, problem)}


def main():
    global BUG
    arguments = sys.argv[1:]
    if arguments[:1] == ["--bug"] and len(arguments) == 2:
        BUG = arguments[1]
    elif arguments:
        sys.exit("usage: subject.py [--bug ID]")
    for line in sys.stdin:
        if not line.strip():
            continue
        message = json.loads(line)
        if message.get("op") == "stop":
            break
        sys.stdout.write(json.dumps(answer(message)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
