#!/usr/bin/env python3
"""Signer and verifier for Slack, Shopify, Azure Storage Shared Key and Hawk.

Speaks JSON lines on standard input and output. Run without arguments it is
right; `--bug ID` makes it wrong in the one way that bugs.json says of ID.
"""

import base64
import hashlib
import hmac
import json
import re
import sys
from decimal import Decimal
from datetime import datetime, timezone
from urllib.parse import (parse_qsl, quote_from_bytes, unquote_to_bytes,
                          urlencode)

# Bugs of the signer that keep the intermediate stages to themselves.
WITHOUT_STAGES = {
    "sl-s2", "sl-s4", "sh-s2", "sh-s3", "az-s2", "az-s4", "az-s5", "hk-s2",
}


class Bugs:
    """The bug that is switched on, seen from the side that is at work."""

    def __init__(self):
        self.name = None
        self.side = "s"

    def __call__(self, name):
        return self.name == name and name.split("-")[1][0] == self.side


bug = Bugs()


class Refused(Exception):
    """A message that the verifier does not accept."""

    def __init__(self, reason, **more):
        super().__init__(reason)
        self.reason = reason
        self.more = more


# ---------------------------------------------------------------- values

def to_bytes(value):
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return value.encode("utf-8")


def to_json(value):
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}
    return text


def parse_instant(text):
    """Seconds since 1970 of an RFC 3339 time in UTC, exactly."""
    whole, dot, fraction = text.rstrip("Z").partition(".")
    moment = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S")
    seconds = int(moment.replace(tzinfo=timezone.utc).timestamp())
    return Decimal(seconds) + (Decimal("0." + fraction) if dot else 0)


DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun",
          "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def http_date(instant):
    moment = datetime.fromtimestamp(int(instant // 1), timezone.utc)
    return "%s, %02d %s %04d %02d:%02d:%02d GMT" % (
        DAYS[moment.weekday()], moment.day, MONTHS[moment.month - 1],
        moment.year, moment.hour, moment.minute, moment.second)


def parse_http_date(value):
    try:
        text = value.decode("ascii")
    except UnicodeDecodeError:
        raise Refused("malformed")
    found = re.fullmatch(
        r"(\w{3}), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", text)
    if not found or found[3] not in MONTHS or found[1] not in DAYS:
        raise Refused("malformed")
    try:
        moment = datetime(int(found[4]), MONTHS.index(found[3]) + 1,
                          int(found[2]), int(found[5]), int(found[6]),
                          int(found[7]), tzinfo=timezone.utc)
    except ValueError:
        raise Refused("malformed")
    if DAYS[moment.weekday()] != found[1]:
        raise Refused("malformed")
    return Decimal(int(moment.timestamp()))


def parse_unix_seconds(value):
    if not re.fullmatch(rb"0|-?[1-9][0-9]{0,17}", value):
        raise Refused("malformed")
    return Decimal(int(value))


def collapse_space(value):
    return b" ".join(value.split())


def b64(value):
    return base64.b64encode(value)


# -------------------------------------------------------------- requests

class Request:
    """A request as it is on the wire."""

    def __init__(self, method, scheme, target, headers, body):
        self.method = method
        self.scheme = scheme
        self.target = target
        self.headers = headers
        self.body = body

    @classmethod
    def received(cls, given):
        return cls(to_bytes(given["method"]),
                   to_bytes(given.get("scheme", "https")),
                   to_bytes(given["target"]),
                   [(to_bytes(n), to_bytes(v))
                    for n, v in given.get("headers", [])],
                   to_bytes(given.get("body", "")))

    @classmethod
    def meant(cls, given, form=False):
        """The request that a caller means, written for the wire."""
        if given.get("target") is not None:
            target = to_bytes(given["target"])
        else:
            target = encode(to_bytes(given.get("path") or "/"), b"/")
            pairs = [[to_bytes(part) for part in pair]
                     for pair in given.get("query", [])]
            if pairs:
                target += b"?" + write_query(pairs, form)
        headers = [(to_bytes(n), to_bytes(v))
                   for n, v in given.get("headers", [])]
        if not any(n.lower() == b"host" for n, _ in headers):
            headers.insert(0, (b"Host", to_bytes(given["host"])))
        return cls(to_bytes(given["method"]),
                   to_bytes(given.get("scheme", "https")),
                   target, headers, to_bytes(given.get("body", "")))

    @property
    def raw_path(self):
        return self.target.partition(b"?")[0]

    def query(self, form=False):
        text = self.target.partition(b"?")[2]
        return parse_query(text, form)

    def all(self, name):
        name = name.lower()
        return [v for n, v in self.headers if n.lower() == name]

    def one(self, name):
        """The one field of this name, or None; twice is malformed."""
        values = self.all(name)
        if values and bug("sl-v1"):
            return values[-1]
        if len(values) > 1:
            raise Refused("malformed")
        return values[0] if values else None

    def set(self, name, value):
        self.headers = [(n, v) for n, v in self.headers
                        if n.lower() != name.lower()]
        self.headers.append((name, value))

    def to_json(self):
        return {
            "method": to_json(self.method),
            "scheme": to_json(self.scheme),
            "target": to_json(self.target),
            "headers": [[to_json(n), to_json(v)] for n, v in self.headers],
            "body": to_json(self.body),
        }


def encode(value, safe=b""):
    return quote_from_bytes(value, safe=safe.decode()).encode()


def write_query(pairs, form):
    def part(value):
        text = encode(value)
        return text.replace(b"%20", b"+") if form else text
    return b"&".join(b"=".join(part(p) for p in pair) for pair in pairs)


def parse_query(text, form):
    def part(value):
        if re.search(rb"%(?![0-9A-Fa-f]{2})", value):
            raise Refused("malformed")
        return unquote_to_bytes(value.replace(b"+", b" ") if form else value)
    pairs = []
    for piece in text.split(b"&"):
        if piece:
            name, _, value = piece.partition(b"=")
            pairs.append((part(name), part(value)))
    return pairs


def required(value):
    if value is None:
        raise Refused("missing-credential")
    return value


def secrets(accounts):
    """The secrets of the accounts; an empty one signs nothing."""
    return [to_bytes(a["secret"]) for a in accounts if a["secret"] != ""]


def mac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def same(left, right):
    return hmac.compare_digest(left, right)


def check_fresh(now, time, tolerance):
    if abs(now - time) > tolerance:
        raise Refused("expired")


# ----------------------------------------------------------------- Slack

def slack_string(timestamp, body):
    if bug("sl-s3"):
        try:
            body = json.dumps(json.loads(body)).encode()
        except ValueError:
            pass
    if bug("sl-v3") and body[:1] not in (b"{", b"["):
        fields = parse_qsl(body.decode("latin-1"), encoding="latin-1",
                           keep_blank_values=True)
        body = urlencode(fields, encoding="latin-1").encode()
    if bug("sl-v5"):
        body = body.decode("utf-8", "replace").encode("utf-8")
    separator = b"." if bug("sl-s4") else b":"
    return separator.join([b"v0", timestamp, body])


def leading_hex(text):
    """The bytes that hexadecimal digits stand for, up to the first other."""
    digits = re.match(rb"(?:[0-9A-Fa-f]{2})*", text)[0]
    return bytes.fromhex(digits.decode())


def slack_sign(account, given):
    request = Request.meant(given["request"])
    secret = to_bytes(account["secret"])
    if bug("sl-s1"):
        secret = leading_hex(secret)
    seconds = parse_instant(given["time"]) // 1
    if bug("sl-s2"):
        seconds = parse_instant(given["time"]) * 1000
    timestamp = str(int(seconds)).encode()
    string = slack_string(timestamp, request.body)
    signature = mac_sha256(secret, string).hex().encode()
    if bug("sl-s4"):
        signature = signature.upper()
    request.set(b"X-Slack-Request-Timestamp", timestamp)
    request.set(b"X-Slack-Signature", b"v0=" + signature)
    return request, {"string_to_sign": string, "signature": signature}


def number_or_nan(text):
    try:
        return float(text)
    except ValueError:
        return float("nan")


def slack_verify(task, message, state):
    request = Request.received(message["request"])
    if bug("sl-v8") and not request.body:
        return
    timestamp = required(request.one(b"X-Slack-Request-Timestamp"))
    if bug("sl-v6"):
        time = number_or_nan(timestamp)
    else:
        time = parse_unix_seconds(timestamp)
    header = required(request.one(b"X-Slack-Signature"))
    if bug("sl-v4"):
        sent = header.split(b"=")[-1]
    elif not header.startswith(b"v0="):
        raise Refused("malformed")
    else:
        sent = header[3:]
    if bug("sl-v7"):
        sent = sent.lower()
    tolerance = int(to_bytes(task["parameters"].get("tolerance", "300")))
    now = parse_instant(message["now"])
    if bug("sl-v2"):
        if now - time > tolerance:
            raise Refused("expired")
    elif bug("sl-v4"):
        if abs(now - time) >= tolerance:
            raise Refused("expired")
    elif bug("sl-v6"):
        if abs(float(now) - time) > tolerance:
            raise Refused("expired")
    else:
        check_fresh(now, time, tolerance)
    string = slack_string(timestamp, request.body)
    for secret in secrets(task["accounts"]):
        if same(sent, mac_sha256(secret, string).hex().encode()):
            return
    raise Refused("signature-mismatch")


# --------------------------------------------------------------- Shopify

def shopify_message(pairs):
    kept = [(n, v) for n, v in pairs if n != b"hmac"]
    if bug("sh-v1"):
        known = (b"code", b"host", b"shop", b"state", b"timestamp")
        kept = [(n, v) for n, v in kept if n in known]
    if bug("sh-v7"):
        kept = [(n, v) for n, v in kept if n != b"signature"]
    if bug("sh-v3"):
        kept = list(dict(kept).items())
    if bug("sh-v2"):
        return b"&".join(sorted(n + b"=" + v for n, v in kept))
    if not bug("sh-s3"):
        kept.sort(key=lambda pair: pair[0])
    if bug("sh-s1"):
        return urlencode(kept).encode()
    return b"&".join(n + b"=" + v for n, v in kept)


def shopify_callback_sign(account, given):
    request = Request.meant(given["request"], form=True)
    secret = to_bytes(account["secret"])
    message = shopify_message(request.query(form=True))
    if bug("sh-s4"):
        digest = mac_sha256(message, secret)
    else:
        digest = mac_sha256(secret, message)
    signature = b64(digest) if bug("sh-s3") else digest.hex().encode()
    mark = b"&" if b"?" in request.target else b"?"
    request.target += mark + b"hmac=" + encode(signature)
    return request, {"message": message, "signature": signature}


def shopify_callback_verify(task, message, state):
    request = Request.received(message["request"])
    pairs = request.query(form=not bug("sh-v9"))
    if bug("sh-v4"):
        text = request.target.partition(b"?")[2].replace(b"+", b" ")
        pieces = unquote_to_bytes(text).split(b"&")
        pairs = [tuple(p.partition(b"=")[::2]) for p in pieces if p]
    values = [v for n, v in pairs if n == b"hmac"]
    if len(values) > 1 and not bug("sh-v3"):
        raise Refused("malformed")
    sent = values[-1] if values else b""
    if not sent:
        raise Refused("missing-credential")
    if bug("sh-v8"):
        sent = sent.lower()
    string = shopify_message(pairs)
    for secret in secrets(task["accounts"]):
        if same(sent, mac_sha256(secret, string).hex().encode()):
            return
    raise Refused("signature-mismatch")


def shopify_webhook_sign(account, given):
    request = Request.meant(given["request"])
    secret = to_bytes(account["secret"])
    body = request.body
    if bug("sh-s2"):
        body = body.replace(b"/", b"\\/").replace(b"&", b"\\u0026")
    signature = b64(mac_sha256(secret, body))
    request.set(b"X-Shopify-Hmac-Sha256", signature)
    return request, {"signature": signature}


def shopify_webhook_verify(task, message, state):
    request = Request.received(message["request"])
    sent = request.one(b"X-Shopify-Hmac-Sha256")
    if not sent:
        if bug("sh-v8"):
            return
        raise Refused("missing-credential")
    body = request.body
    if bug("sh-v6"):
        try:
            body = json.dumps(json.loads(body), ensure_ascii=False,
                              separators=(",", ":")).encode()
        except ValueError:
            pass
    if bug("sh-v9"):
        body = body.strip()
    for secret in secrets(task["accounts"]):
        digest = mac_sha256(secret, body)
        expected = digest.hex().encode() if bug("sh-v5") else b64(digest)
        if same(sent, expected):
            return
    raise Refused("signature-mismatch")


# -------------------------------------------------------- Azure Shared Key

AZURE_LINES = [
    b"Content-Encoding", b"Content-Language", b"Content-Length",
    b"Content-MD5", b"Content-Type", b"Date", b"If-Modified-Since",
    b"If-Match", b"If-None-Match", b"If-Unmodified-Since", b"Range",
]
AZURE_LITE_LINES = [b"Content-MD5", b"Content-Type", b"Date"]


def azure_grouped(pairs):
    grouped = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    return [(name, b",".join(values)) for name, values in grouped.items()]


def azure_headers(request):
    pairs = [(n.lower(), v if bug("az-s4") else collapse_space(v))
             for n, v in request.headers]
    pairs = [(n, v) for n, v in pairs if n.startswith(b"x-ms-")]
    pairs = azure_grouped(pairs)
    if bug("az-v4"):
        # As a dictionary does: low line, hyphen, digits, letters.
        weight = bytes.maketrans(b"_-", b"\x01\x02")
        pairs.sort(key=lambda pair: pair[0].translate(weight))
    else:
        pairs.sort(key=lambda pair: pair[0])
    return b"".join(n + b":" + v + b"\n" for n, v in pairs)


def azure_parameters(request):
    if bug("az-s3"):
        pairs = [(n.lower(), v) for n, v in sorted(request.query())]
    elif bug("az-v5"):
        pairs = [(n.lower(), v) for n, v in request.query()]
        pairs.sort(key=lambda pair: pair[0])
    else:
        pairs = sorted((n.lower(), v) for n, v in request.query())
    return b"".join(b"\n" + n + b":" + v for n, v in azure_grouped(pairs))


def azure_word(lite):
    return b"SharedKeyLite " if lite else b"SharedKey "


def azure_derive(account, request, lite):
    name = to_bytes(account["account_name"])
    key = to_bytes(account["key"])
    if not bug("az-s2"):
        key = base64.b64decode(key)
    length = str(len(request.body)).encode()
    if not request.body and not bug("az-s1"):
        length = b""
    if bug("az-v7"):
        length = request.one(b"Content-Length") or b""
    date = b""
    if bug("az-s5"):
        date = request.one(b"x-ms-date") or b""
    elif bug("az-v2") or not request.all(b"x-ms-date"):
        date = request.one(b"Date") or b""
    headers = azure_headers(request)
    parameters = azure_parameters(request)
    path = request.raw_path
    if bug("az-s5"):
        path = unquote_to_bytes(path)
    resource = b"/" + name + path
    if lite:
        comp = [v for n, v in request.query() if n.lower() == b"comp"]
        resource += b"?comp=" + comp[0] if comp else b""
    else:
        resource += parameters
    lines = [request.method]
    fields = AZURE_LITE_LINES if lite else AZURE_LINES
    if bug("az-v8") and not lite:
        fields = fields[:7] + [b"If-None-Match", b"If-Match"] + fields[9:]
    for field in fields:
        if field == b"Content-Length":
            lines.append(length)
        elif field == b"Date":
            lines.append(date)
        elif bug("az-v3"):
            exact = [v for n, v in request.headers if n == field]
            if len(exact) > 1:
                raise Refused("malformed")
            lines.append(exact[0] if exact else b"")
        else:
            lines.append(request.one(field) or b"")
    string = b"\n".join(lines + [headers + resource])
    signature = b64(mac_sha256(key, string))
    return {
        "content_length": length, "date": date,
        "canonicalized_headers": headers, "parameters": parameters,
        "canonicalized_resource": resource, "string_to_sign": string,
        "key": key, "signature": signature,
        "authorization": azure_word(lite) + name + b":" + signature,
    }


def azure_sign(account, given):
    request = Request.meant(given["request"])
    date = http_date(parse_instant(given["time"])).encode()
    request.set(b"x-ms-date", date)
    stages = azure_derive(account, request, given["variant"] == "lite")
    request.set(b"Authorization", stages["authorization"])
    return request, stages


def azure_verify(task, message, state):
    request = Request.received(message["request"])
    header = required(request.one(b"Authorization"))
    lite = task["variant"] == "lite"
    word = azure_word(lite)
    if not header.startswith(word) or b":" not in header:
        raise Refused("malformed")
    name, _, sent = header[len(word):].partition(b":")
    if not bug("az-v1"):
        when = request.one(b"x-ms-date")
        if when is None:
            when = request.one(b"Date")
        time = parse_http_date(required(when))
    for account in task["accounts"]:
        known = to_bytes(account["account_name"])
        if known == name or (bug("az-v6") and known.lower() == name.lower()):
            break
    else:
        raise Refused("unknown-key")
    if not bug("az-v1"):
        skew = int(to_bytes(task["parameters"].get("skew", "900")))
        check_fresh(parse_instant(message["now"]), time, skew)
    expected = azure_derive(account, request, lite)["signature"]
    if bug("az-v8"):
        try:
            sent = base64.b64decode(sent)
        except ValueError:
            raise Refused("signature-mismatch")
        expected = base64.b64decode(expected)
    if not same(sent, expected):
        raise Refused("signature-mismatch")


# ------------------------------------------------------------------ Hawk

def hawk_host(request):
    host = request.one(b"Host") or b""
    if not bug("hk-v6"):
        host = host.lower()
    name, _, port = host.partition(b":")
    if not port:
        port = {b"https": b"443", b"http": b"80"}.get(request.scheme, b"")
        if bug("hk-s2"):
            port = b"80"
    if bug("hk-s4"):
        name = host
    return name, port


def hawk_payload(request):
    kind = request.one(b"Content-Type") or b""
    if bug("hk-v8") and not kind:
        kind = b"text/plain"
    if not bug("hk-s1"):
        kind = kind.partition(b";")[0]
    kind = kind.strip().lower()
    payload = b"\n".join([b"hawk.1.payload", kind, request.body, b""])
    return payload, b64(hashlib.sha256(payload).digest())


def hawk_normalized(request, timestamp, nonce, digest, ext):
    name, port = hawk_host(request)
    method, target = request.method.upper(), request.target
    if bug("hk-v7"):
        method = request.method
    if bug("hk-s3"):
        target = unquote_to_bytes(target)
    lines = [b"hawk.1.header", timestamp, nonce, method, target, name, port,
             digest, ext]
    if not bug("hk-s4"):
        lines.append(b"")
    return b"\n".join(lines)


def hawk_sign(account, given):
    request = Request.meant(given["request"])
    timestamp = str(int(parse_instant(given["time"]) // 1)).encode()
    nonce = to_bytes(given.get("nonce") or "")
    ext = to_bytes(given.get("parameters", {}).get("ext", ""))
    payload, payload_hash = hawk_payload(request)
    name, port = hawk_host(request)
    digest = b"" if given["variant"] == "no-payload" else payload_hash
    normalized = hawk_normalized(request, timestamp, nonce, digest, ext)
    mac = b64(mac_sha256(to_bytes(account["key"]), normalized))
    fields = [(b"id", to_bytes(account["id"])), (b"ts", timestamp),
              (b"nonce", nonce), (b"hash", digest), (b"ext", ext),
              (b"mac", mac)]
    attributes = b", ".join(
        n + b'="' + v + b'"' for n, v in fields
        if v or n not in (b"hash", b"ext"))
    authorization = b"Hawk " + attributes
    request.set(b"Authorization", authorization)
    return request, {
        "name": name, "port": port, "payload": payload,
        "payload_hash": payload_hash, "hash": digest, "ext": ext,
        "normalized": normalized, "mac": mac, "attributes": attributes,
        "authorization": authorization,
    }


def hawk_attributes(text):
    """The attributes of the header, in order; commas may be quoted."""
    pieces, quoted, start = [], False, 0
    for at in range(len(text)):
        if text[at:at + 1] == b'"':
            quoted = not quoted
        elif text[at:at + 1] == b"," and not quoted:
            pieces.append(text[start:at])
            start = at + 1
    pieces.append(text[start:])
    pairs = []
    for piece in pieces:
        name, equals, value = piece.strip().partition(b"=")
        if not equals:
            raise Refused("malformed")
        if len(value) >= 2 and value[:1] == b'"' and value[-1:] == b'"':
            value = value[1:-1]
        pairs.append((name, value))
    return pairs


def hawk_once(state, found):
    """Refuses an id, nonce and time that were there before."""
    seen = state.setdefault("seen", set())
    entry = (found[b"id"], found[b"nonce"], found[b"ts"])
    if bug("hk-v2"):
        entry = found[b"nonce"]
    if entry in seen:
        raise Refused("replayed")
    seen.add(entry)


def hawk_verify(task, message, state):
    request = Request.received(message["request"])
    header = required(request.one(b"Authorization"))
    word = header[:5] if bug("hk-v5") else header[:5].lower().capitalize()
    if word != b"Hawk ":
        raise Refused("malformed")
    found = {}
    for name, value in hawk_attributes(header[5:]):
        if bug("hk-v6"):
            found[name] = value
        found.setdefault(name, value)
    for name in (b"id", b"nonce", b"mac", b"ts"):
        required(found.get(name))
    time = parse_unix_seconds(found[b"ts"])
    for account in task["accounts"]:
        if to_bytes(account["id"]) == found[b"id"]:
            break
    else:
        raise Refused("unknown-key")
    if bug("hk-v7"):
        hawk_once(state, found)
    digest = found.get(b"hash", b"")
    normalized = hawk_normalized(request, found[b"ts"], found[b"nonce"],
                                 digest, found.get(b"ext", b""))
    mac = b64(mac_sha256(to_bytes(account["key"]), normalized))
    sent = found[b"mac"]
    if bug("hk-v3"):
        sent, mac = sent.rstrip(b"="), mac.rstrip(b"=")
    if not same(sent, mac):
        raise Refused("signature-mismatch")
    if task["variant"] != "no-payload" and not bug("hk-v1"):
        if not same(digest, hawk_payload(request)[1]):
            raise Refused("value-mismatch")
    if not bug("hk-v7"):
        hawk_once(state, found)
    skew = int(to_bytes(task["parameters"].get("skew", "60")))
    if bug("hk-v4"):
        skew *= 1000
    check_fresh(parse_instant(message["now"]), time, skew)


# -------------------------------------------------------------- protocol

OPERATIONS = {
    ("slack", "request"): (slack_sign, slack_verify),
    ("shopify", "callback"): (shopify_callback_sign, shopify_callback_verify),
    ("shopify", "webhook"): (shopify_webhook_sign, shopify_webhook_verify),
    ("azure-shared-key", "request"): (azure_sign, azure_verify),
    ("hawk", "request"): (hawk_sign, hawk_verify),
}

REFUSAL = {
    "azure-shared-key": {"status": "403", "code": "AuthenticationFailed"},
}


def sign(scheme, operation, given):
    bug.side = "s"
    given.setdefault("parameters", {})
    signer = OPERATIONS[scheme, operation][0]
    request, stages = signer(given["account"], given)
    reply = {"signed_request": request.to_json()}
    if bug.name not in WITHOUT_STAGES:
        reply["stages"] = {n: to_json(v) for n, v in stages.items()}
    return reply


def verify(scheme, operation, given):
    bug.side = "v"
    given.setdefault("parameters", {})
    verifier = OPERATIONS[scheme, operation][1]
    state, results = {}, []
    for message in given["messages"]:
        try:
            verifier(given, message, state)
            results.append({"accept": True})
        except Refused as refused:
            results.append({"accept": False, "class": refused.reason,
                            **REFUSAL.get(scheme, {}), **refused.more})
    return {"results": results}


def answer(call):
    operation = call["op"]
    if operation == "start":
        return {
            "name": "four-schemes", "version": "1.0", "language": "python",
            "schemes": {s: ["sign", "verify"] for s, _ in OPERATIONS},
            "capabilities": ["time", "credentials", "state",
                             "client-address"],
        }
    if operation not in ("sign", "verify"):
        return {"error": "unknown op " + str(operation)}
    if (call["scheme"], call["operation"]) not in OPERATIONS:
        return {"skipped": "no support for %s %s"
                % (call["scheme"], call["operation"])}
    act = sign if operation == "sign" else verify
    given = {**call["given"], "variant": call.get("variant")}
    return act(call["scheme"], call["operation"], given)


def main():
    if len(sys.argv) == 3 and sys.argv[1] == "--bug":
        bug.name = sys.argv[2]
    for line in sys.stdin:
        if not line.strip():
            continue
        call = json.loads(line)
        if call.get("op") == "stop":
            break
        try:
            reply = answer(call)
        except Exception as problem:
            reply = {"error": "%s: %s" % (type(problem).__name__, problem)}
        reply = {"seq": call.get("seq"), **reply}
        sys.stdout.write(json.dumps(reply, ensure_ascii=False) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
