#!/usr/bin/env python3
"""Signs and verifies Stripe, Standard Webhooks, Twilio and Flipbase messages.

Speaks the JSON-lines protocol of adapters on standard input and output.
With `--bug ID` it makes the mistake that bugs.json lists under that id.
"""
import argparse
import base64
import binascii
import hashlib
import hmac
import json
import re
import sys
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from urllib.parse import parse_qsl, quote, unquote, unquote_to_bytes

BUG = None
WITHOUT_STAGES = {"st-s2", "st-s4", "sw-s2", "sw-s4", "tw-s3", "tw-s5", "fb-s2", "fb-s4"}

DEFAULT_TOLERANCE = 300
DEFAULT_SKEW = 900
UNRESERVED = "-._~"
PATH_SAFE = UNRESERVED + "/:@!$&'()*+,;="


def bug(name):
    return BUG == name


class Reject(Exception):
    def __init__(self, reason):
        super().__init__(reason)
        self.reason = reason


class Skip(Exception):
    pass


# --- values and messages -------------------------------------------------------

def to_bytes(value):
    if value is None:
        return b""
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return value.encode("utf-8")


def to_value(data):
    if isinstance(data, str):
        data = data.encode("utf-8", "surrogateescape")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": data.hex()}


def to_text(value):
    return to_bytes(value).decode("utf-8", "surrogateescape")


def text_bytes(text):
    return text.encode("utf-8", "surrogateescape")


def header_pairs(request):
    pairs = []
    for pair in request.get("headers", []):
        value = to_text(pair[1]) if len(pair) > 1 else ""
        pairs.append((to_text(pair[0]), value))
    return pairs


def header(request, name):
    values = [value for key, value in header_pairs(request) if key.lower() == name.lower()]
    if len(values) > 1:
        raise Reject("malformed")
    return values[0] if values else None


def parse_time(text):
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def unix_seconds(moment):
    return (moment - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds()


def encode_query(pairs):
    out = []
    for pair in pairs:
        item = quote(to_bytes(pair[0]), safe=UNRESERVED)
        if len(pair) > 1:
            item += "=" + quote(to_bytes(pair[1]), safe=UNRESERVED)
        out.append(item)
    return "&".join(out)


def build_target(request):
    if "target" in request:
        return to_text(request["target"])
    target = quote(to_bytes(request.get("path", "/")), safe=PATH_SAFE)
    if request.get("query"):
        target += "?" + encode_query(request["query"])
    return target


def wire_request(request, extra):
    """The request as it goes out: target, Host first, then the fields, then ours."""
    ours = {name.lower() for name, _ in extra}
    headers = []
    names = {to_text(pair[0]).lower() for pair in request.get("headers", [])}
    if "host" not in names and request.get("host") is not None:
        headers.append(["Host", request["host"]])
    for pair in request.get("headers", []):
        if to_text(pair[0]).lower() not in ours:
            headers.append(pair)
    for name, value in extra:
        headers.append([name, to_value(value)])
    signed = {"method": request.get("method", "POST"), "target": to_value(build_target(request)),
              "headers": headers}
    if "scheme" in request:
        signed["scheme"] = request["scheme"]
    if "body" in request:
        signed["body"] = request["body"]
    return signed


def parse_unix(text):
    if not re.fullmatch(r"-?(0|[1-9][0-9]*)", text):
        raise Reject("malformed")
    return int(text)


def compact_json(body):
    try:
        parsed = json.loads(body)
    except ValueError:
        return body
    return json.dumps(parsed, separators=(",", ":")).encode("utf-8")


def same(a, b):
    return hmac.compare_digest(text_bytes(a), text_bytes(b))


# --- Stripe --------------------------------------------------------------------

def stripe_sign(given):
    request = given["request"]
    body = to_bytes(request.get("body"))
    key = to_bytes(given["account"]["secret"])
    moment = parse_time(given["time"])
    timestamp = str(int(unix_seconds(moment)))
    if bug("st-s1"):
        body = compact_json(body)
    if bug("st-s2"):
        timestamp = str(int(unix_seconds(moment) * 1000))
    if bug("st-s3") and key.startswith(b"whsec_"):
        key = key[len(b"whsec_"):]
    if bug("st-s4"):
        body = body.strip()
    signed_payload = timestamp.encode() + b"." + body
    signature = hmac.new(key, signed_payload, hashlib.sha256).hexdigest()
    if bug("st-s4"):
        signature = signature.upper()
    value = "t=" + timestamp + ",v1=" + signature
    stages = {"string_to_sign": to_value(signed_payload), "signature": signature}
    return stages, wire_request(request, [("Stripe-Signature", value)])


def stripe_verify(accounts, parameters, message):
    request = message["request"]
    value = header(request, "Stripe-Signature")
    if value is None:
        raise Reject("missing-credential")
    timestamp, candidates = None, []
    for item in value.split(","):
        name, equals, content = item.partition("=")
        if not equals:
            raise Reject("malformed")
        if name == "t" and (timestamp is None or bug("st-v8")):
            timestamp = content
        elif name == "v1":
            if bug("st-v2"):
                candidates = []
            candidates.append(content)
        elif bug("st-v4") and name.startswith("v"):
            candidates.append(content)
    if timestamp is None:
        raise Reject("missing-credential")
    if bug("st-v9"):
        try:
            sent = int(timestamp)
        except ValueError:
            raise Reject("malformed")
    else:
        sent = parse_unix(timestamp)
    tolerance = int(parameters.get("tolerance", DEFAULT_TOLERANCE))
    if bug("st-v9"):
        tolerance = DEFAULT_TOLERANCE
        timestamp = str(sent)
    age = unix_seconds(parse_time(message["now"])) - sent
    if not bug("st-v1"):
        age = abs(age)
    if bug("st-v7"):
        stale = age >= tolerance
    elif bug("st-v3"):
        stale = tolerance > 0 and age > tolerance
    else:
        stale = age > tolerance
    if stale:
        raise Reject("expired")
    body = to_bytes(request.get("body"))
    if bug("st-v5"):
        body = body.decode("utf-8", "replace").encode("utf-8")
    for account in accounts:
        if not account.get("secret"):
            continue
        signed_payload = timestamp.encode() + b"." + body
        expected = hmac.new(to_bytes(account["secret"]), signed_payload, hashlib.sha256).hexdigest()
        for candidate in candidates:
            if bug("st-v6"):
                if all(a == b for a, b in zip(candidate, expected)):
                    return
            elif bug("st-v7"):
                if same(candidate.lower(), expected):
                    return
            elif same(candidate, expected):
                return
    raise Reject("signature-mismatch")


# --- Standard Webhooks -----------------------------------------------------------

def webhook_key(secret):
    text = to_text(secret)
    if text.startswith("whsec_"):
        text = text[len("whsec_"):]
    return base64.b64decode(text, validate=True)


def webhooks_sign(given):
    if "secret" not in given["account"]:
        raise Skip("asymmetric signatures are not supported")
    request = given["request"]
    body = to_bytes(request.get("body"))
    msg_id = to_text(given["nonce"])
    timestamp = str(int(unix_seconds(parse_time(given["time"]))))
    if bug("sw-s1"):
        key = to_bytes(given["account"]["secret"])
    else:
        key = webhook_key(given["account"]["secret"])
    parts = [text_bytes(msg_id), timestamp.encode(), body]
    if bug("sw-s3"):
        parts = [timestamp.encode(), text_bytes(msg_id), body]
    if bug("sw-s4"):
        parts = [timestamp.encode(), body]
    content = b".".join(parts)
    digest = hmac.new(key, content, hashlib.sha256)
    if bug("sw-s2"):
        signature = digest.hexdigest()
    elif bug("sw-s4"):
        signature = base64.urlsafe_b64encode(digest.digest()).decode()
    else:
        signature = base64.b64encode(digest.digest()).decode()
    stages = {"key": to_value(key), "string_to_sign": to_value(content), "signature": signature}
    return stages, wire_request(request, [
        ("webhook-id", msg_id),
        ("webhook-timestamp", timestamp),
        ("webhook-signature", "v1," + signature),
    ])


def webhooks_header(request, name):
    if bug("sw-v6"):
        values = [value for key, value in header_pairs(request) if key == name]
        if len(values) > 1:
            raise Reject("malformed")
        return values[0] if values else None
    return header(request, name)


def webhook_candidates(value):
    candidates = []
    for item in value.split(" "):
        version, comma, signature = item.partition(",")
        if not comma:
            if not bug("sw-v9"):
                raise Reject("malformed")
            candidates.append(item)
            continue
        if version == "v1" or bug("sw-v3"):
            candidates.append(signature)
    if bug("sw-v2"):
        return candidates[:1]
    return candidates


def webhook_signature_matches(candidate, digest):
    if bug("sw-v4"):
        try:
            return hmac.compare_digest(base64.b64decode(text_bytes(candidate)), digest)
        except binascii.Error:
            return False
    return same(candidate, base64.b64encode(digest).decode())


def webhooks_verify(accounts, parameters, message):
    request = message["request"]
    msg_id = webhooks_header(request, "webhook-id")
    timestamp = webhooks_header(request, "webhook-timestamp")
    value = webhooks_header(request, "webhook-signature")
    if bug("sw-v8"):
        msg_id = msg_id or ""
    elif not msg_id:
        raise Reject("missing-credential")
    if timestamp is None or value is None:
        raise Reject("missing-credential")
    candidates = webhook_candidates(value)
    sent = parse_unix(timestamp)
    now = unix_seconds(parse_time(message["now"]))
    tolerance = int(parameters.get("tolerance", DEFAULT_TOLERANCE))
    if bug("sw-v1"):
        stale = False
    elif bug("sw-v5"):
        stale = abs(now * 1000 - sent * 1000) > tolerance
    elif bug("sw-v9"):
        stale = now - sent > tolerance
    else:
        stale = abs(now - sent) > tolerance
    if stale:
        raise Reject("expired")
    body = to_bytes(request.get("body"))
    if bug("sw-v7"):
        body = body.replace(b"\r\n", b"\n")
    content = b".".join([text_bytes(msg_id), timestamp.encode(), body])
    for account in accounts:
        if "secret" not in account:
            continue
        try:
            key = webhook_key(account["secret"])
        except (binascii.Error, ValueError):
            continue
        if not key and not bug("sw-v8"):
            continue
        digest = hmac.new(key, content, hashlib.sha256).digest()
        if any(webhook_signature_matches(candidate, digest) for candidate in candidates):
            return
    raise Reject("signature-mismatch")


# --- Twilio ----------------------------------------------------------------------

def form_decode(data, plus=True):
    """Pairs of a form body, decoded, in their order; bytes stay what they are."""
    pairs = []
    for item in data.split(b"&"):
        if not item:
            continue
        if re.search(rb"%(?![0-9A-Fa-f]{2})", item):
            raise Reject("malformed")
        name, _, value = item.partition(b"=")
        if plus:
            name, value = name.replace(b"+", b" "), value.replace(b"+", b" ")
        pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
    return pairs


def is_form(request):
    content_type = header(request, "Content-Type") or ""
    return content_type.split(";")[0].strip().lower() == "application/x-www-form-urlencoded"


def twilio_parameters(pairs):
    return b"".join(name + value for name, value in sorted(pairs, key=lambda pair: pair[0]))


def twilio_signature(token, text):
    return base64.b64encode(hmac.new(to_bytes(token), text, hashlib.sha1).digest()).decode()


def twilio_sign(given):
    request = given["request"]
    body = to_bytes(request.get("body"))
    host = header(request, "Host")
    if host is None:
        host = to_text(request.get("host", ""))
    target = build_target(request)
    if bug("tw-s4"):
        target = target.split("?")[0]
    if bug("tw-s5"):
        host = re.sub(r":[0-9]+$", "", host)
    url = to_text(request.get("scheme", "https")) + "://" + host + target
    pairs = form_decode(body) if is_form(request) else []
    if bug("tw-s1"):
        pairs = sorted(pairs, key=lambda pair: pair[0].lower())
        parameters = b"".join(name + value for name, value in pairs)
    elif bug("tw-s2"):
        raw = [item.partition(b"=")[::2] for item in body.split(b"&") if item] if pairs else []
        parameters = twilio_parameters(raw)
    elif bug("tw-s5"):
        parameters = twilio_parameters(dict(pairs).items())
    else:
        parameters = twilio_parameters(pairs)
    text = text_bytes(url) + parameters
    if bug("tw-s3"):
        digest = hmac.new(to_bytes(given["account"]["auth_token"]), text, hashlib.sha256).digest()
        signature = base64.b64encode(digest).decode()
    else:
        signature = twilio_signature(given["account"]["auth_token"], text)
    stages = {"parameters": to_value(parameters), "string_to_sign": to_value(text),
              "signature": signature}
    return stages, wire_request(request, [("X-Twilio-Signature", signature)])


def twilio_url(request):
    scheme = to_text(request.get("scheme", "https"))
    host = header(request, "Host") or ""
    target = to_text(request["target"])
    if bug("tw-v1"):
        path, mark, query = target.partition("?")
        if mark:
            pairs = sorted(parse_qsl(query, keep_blank_values=True, errors="surrogateescape"))
            target = path + "?" + "&".join(
                quote(text_bytes(k), safe="") + "=" + quote(text_bytes(v), safe="") for k, v in pairs)
    if bug("tw-v3"):
        scheme = "http"
    if bug("tw-v9"):
        host = host.lower()
    return scheme + "://" + host + target


def twilio_pairs(request):
    body = to_bytes(request.get("body"))
    if not is_form(request) and not bug("tw-v8"):
        pairs = []
    else:
        pairs = form_decode(body, plus=not bug("tw-v5"))
    if bug("tw-v2"):
        pairs = [(name, value) for name, value in pairs if value]
    if bug("tw-v4"):
        pairs = [(name, value.strip()) for name, value in pairs]
    if bug("tw-v9"):
        query = to_text(request["target"]).partition("?")[2]
        pairs = form_decode(text_bytes(query)) + pairs
    return pairs


def twilio_verify(accounts, parameters, message):
    request = message["request"]
    sent = header(request, "X-Twilio-Signature")
    if not sent:
        if bug("tw-v6"):
            return
        raise Reject("missing-credential")
    text = text_bytes(twilio_url(request)) + twilio_parameters(twilio_pairs(request))
    for account in accounts:
        if not account.get("auth_token"):
            continue
        expected = twilio_signature(account["auth_token"], text)
        if bug("tw-v7"):
            if sent.lower() == expected.lower():
                return
        elif same(sent, expected):
            return
    raise Reject("signature-mismatch")


# --- Flipbase ----------------------------------------------------------------------

def flipbase_text(method, path, date):
    return "\n".join([method, quote(text_bytes(path), safe=UNRESERVED), date])


def flipbase_signature(secret, text):
    return base64.b64encode(hmac.new(to_bytes(secret), text_bytes(text), hashlib.sha256).digest()).decode()


def rfc3339_millis(moment):
    return moment.astimezone(timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def flipbase_sign(given):
    request = given["request"]
    account = given["account"]
    moment = parse_time(given["time"])
    date = rfc3339_millis(moment)
    target = build_target(request)
    path = target.split("?")[0]
    method = to_text(request.get("method", "GET"))
    if bug("fb-s4"):
        path = target
    text = flipbase_text(method, path, date)
    if bug("fb-s1"):
        text = "\n".join([method, path, date])
    elif bug("fb-s2"):
        encoded = re.sub("%[0-9A-F]{2}", lambda m: m.group().lower(), quote(text_bytes(path), safe=UNRESERVED))
        text = "\n".join([method, encoded, date])
    elif bug("fb-s3"):
        date = moment.astimezone(timezone.utc).strftime("%Y-%m-%dT%H:%M:%S.000Z")
    if bug("fb-s4"):
        digest = hmac.new(to_bytes(account["api_secret"]), text_bytes(text), hashlib.sha256).hexdigest()
        signature = base64.b64encode(digest.encode()).decode()
    else:
        signature = flipbase_signature(account["api_secret"], text)
    authorization = "Signature " + to_text(account["api_key"]) + ":" + signature
    stages = {"string_to_sign": to_value(text), "signature": signature,
              "authorization": to_value(authorization)}
    return stages, wire_request(request, [("X-Flipbase-Date", date), ("Authorization", authorization)])


WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]


def flipbase_time(text):
    if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text, re.ASCII):
        try:
            return parse_time(text)
        except ValueError:
            raise Reject("malformed")
    if re.fullmatch(r"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", text, re.ASCII):
        try:
            moment = parsedate_to_datetime(text)
        except ValueError:
            raise Reject("malformed")
        if WEEKDAYS[moment.weekday()] != text[:3]:
            raise Reject("malformed")
        return moment
    raise Reject("malformed")


def flipbase_verify(accounts, parameters, message):
    request = message["request"]
    authorization = header(request, "Authorization")
    if authorization is None:
        raise Reject("missing-credential")
    word, _, credentials = authorization.partition(" ")
    if word != "Signature" and not bug("fb-v5"):
        raise Reject("malformed")
    api_key, colon, signature = credentials.partition(":")
    if not colon:
        raise Reject("malformed")
    if bug("fb-v1"):
        date = header(request, "Date") or header(request, "X-Flipbase-Date")
    else:
        date = header(request, "X-Flipbase-Date") or header(request, "Date")
    if not date:
        raise Reject("missing-credential")
    moment = flipbase_time(date)
    account = next((a for a in accounts if to_text(a["api_key"]) == api_key), None)
    if account is None and bug("fb-v3") and accounts:
        account = accounts[0]
    if account is None or not account.get("api_secret"):
        raise Reject("unknown-key")
    difference = abs(parse_time(message["now"]) - moment)
    skew = int(parameters.get("skew", DEFAULT_SKEW))
    if bug("fb-v2"):
        stale = difference.seconds > skew
    else:
        stale = difference > timedelta(seconds=skew)
    if stale:
        raise Reject("expired")
    method = to_text(request["method"])
    path = to_text(request["target"]).split("?")[0]
    if bug("fb-v4"):
        path = unquote(path, errors="surrogateescape")
    if bug("fb-v6"):
        method = method.upper()
        date = rfc3339_millis(moment)
    expected = flipbase_signature(account["api_secret"], flipbase_text(method, path, date))
    if not same(signature, expected):
        raise Reject("signature-mismatch")


# --- protocol ------------------------------------------------------------------------

SCHEMES = {
    "stripe": ("webhook", stripe_sign, stripe_verify),
    "standard-webhooks": ("webhook", webhooks_sign, webhooks_verify),
    "twilio": ("request", twilio_sign, twilio_verify),
    "flipbase": ("request", flipbase_sign, flipbase_verify),
}


def answer(message):
    op = message.get("op")
    if op == "start":
        return {"name": "four-signers", "version": "1.0", "language": "python",
                "schemes": {scheme: ["sign", "verify"] for scheme in SCHEMES},
                "capabilities": ["time", "credentials", "state", "client-address"]}
    if op not in ("sign", "verify"):
        return {"error": "unknown op"}
    if message.get("scheme") not in SCHEMES:
        raise Skip("no support for this scheme")
    operation, sign, verify = SCHEMES[message["scheme"]]
    if message.get("operation") not in (operation, None):
        raise Skip("no support for this operation")
    if message.get("variant") == "ed25519":
        raise Skip("asymmetric signatures are not supported")
    given = message["given"]
    if op == "sign":
        stages, signed = sign(given)
        reply = {"signed_request": signed}
        if BUG not in WITHOUT_STAGES:
            reply["stages"] = stages
        return reply
    results = []
    for one in given["messages"]:
        try:
            verify(given.get("accounts", []), given.get("parameters", {}), one)
            results.append({"accept": True})
        except Reject as rejected:
            results.append({"accept": False, "class": rejected.reason})
    return {"results": results}


def main():
    global BUG
    options = argparse.ArgumentParser()
    options.add_argument("--bug")
    BUG = options.parse_args().bug
    for line in sys.stdin:
        if not line.strip():
            continue
        message = json.loads(line)
        if message.get("op") == "stop":
            break
        try:
            reply = answer(message)
        except Skip as skip:
            reply = {"skipped": str(skip)}
        except Exception as error:
            reply = {"error": type(error).__name__ + ": " + str(error)}
        sys.stdout.write(json.dumps({"seq": message.get("seq"), **reply}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
