#!/usr/bin/env python3
"""Adapter for standard-webhooks, flipbase and oauth1; `--bug ID` makes one of the mistakes of bugs.json."""

import base64
import binascii
import datetime
import hashlib
import hmac
import json
import os
import re
import sys
import urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.dont_write_bytecode = True

from lib.clock import SECOND, header_date, milliseconds_text, nanoseconds, seconds  # noqa: E402
from lib.message import (Malformed, Message, UNRESERVED, decode_pairs, percent_decode,  # noqa: E402
                         percent_encode, sent_message)
from lib.tasks import (Refused, Signing, Verification, after_prefix, cut_at_first, decode_base64,  # noqa: E402
                       equal, find_account, refuse_unless, verifier)

PARTS = set()
FULL = True  # stages on sign, class and status on verify


def bug(part):
    return part in PARTS


def unix_seconds(data):
    if not re.fullmatch(rb"[0-9]{1,18}", data):
        raise Malformed(f"not a number of seconds: {data!r}")
    return int(data) * SECOND


def header_last(message, name):
    """What a framework's dictionary of header fields has: the last one wins."""
    table = {field.lower(): value for field, value in message.headers}
    return table.get(name.lower().encode())


def utc(text):
    ns = nanoseconds(text)
    return datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc) + datetime.timedelta(microseconds=ns // 1000)


# Standard Webhooks

def node_base64(data):
    """Buffer.from(text, "base64"): both alphabets, anything else ignored."""
    data = data.partition(b"=")[0].replace(b"-", b"+").replace(b"_", b"/")
    data = re.sub(rb"[^A-Za-z0-9+/]", b"", data)
    if len(data) % 4 == 1:
        data = data[:-1]
    return base64.b64decode(data + b"=" * (-len(data) % 4))


def sw_key(secret):
    return decode_base64(secret.removeprefix(b"whsec_"))


def sw_content(nonce, time, body):
    return b".".join([nonce, time, body])


def sw_mac(key, content):
    return base64.b64encode(hmac.digest(key, content, "sha256"))


def pem(account, half):
    """The half of the key pair that is there."""
    for name in [f"key.{half}", "key.private", "key.public", "key"]:
        if name in account:
            return account[name]
    raise ValueError(f"no key among {sorted(account)}")


def load_private(pem):
    from cryptography.hazmat.primitives.serialization import load_pem_private_key
    return load_pem_private_key(pem, None)


def load_public(pem):
    from cryptography.hazmat.primitives.serialization import load_pem_public_key
    return load_private(pem).public_key() if b"PRIVATE" in pem else load_pem_public_key(pem)


def sign_webhook(task):
    message = task.message
    nonce = task.nonce
    time = str(nanoseconds(task.time) // SECOND).encode()
    if bug("sw-s-millis"):
        time = str(nanoseconds(task.time) // 1_000_000).encode()
    signed_time = time
    if bug("sw-s-iso-in-content"):
        signed_time = utc(task.time).isoformat().encode()
    body = message.body
    if bug("sw-s-body-dumped-again"):
        try:
            body = json.dumps(json.loads(body)).encode()
        except ValueError:
            pass
    content = sw_content(nonce, signed_time, body)
    stages = {}
    if task.variant == "ed25519":
        stages["string_to_sign"] = content
        stages["signature"] = base64.b64encode(load_private(pem(task.account, "private")).sign(content))
        label = b"v1a,"
    else:
        secret = task.account["secret"]
        if bug("sw-s-secret-as-text"):
            key = secret.removeprefix(b"whsec_")
        elif bug("sw-s-prefix-decoded"):
            key = node_base64(secret)
        else:
            key = sw_key(secret)
        stages["key"] = key
        stages["string_to_sign"] = content
        stages["signature"] = sw_mac(key, content)
        if bug("sw-s-urlsafe"):
            stages["signature"] = base64.urlsafe_b64encode(hmac.digest(key, content, "sha256"))
        label = b"v1,"
    if bug("sw-s-no-label"):
        label = b""
    message.set_header("webhook-id", nonce)
    message.set_header("webhook-timestamp", time)
    message.set_header("webhook-signature", label + stages["signature"])
    return stages


def sw_same(received, expected):
    if bug("sw-v-zip-compare"):
        difference = 0
        for left, right in zip(received, expected):
            difference |= left ^ right
        return difference == 0
    return equal(received, expected)


def verify_webhook(task):
    message = task.message
    account = task.accounts[0]
    nonce = message.header("webhook-id")
    refuse_unless(nonce is not None, "missing-credential")
    time = message.header("webhook-timestamp")
    refuse_unless(time is not None, "missing-credential")
    instant = unix_seconds(time)
    header = message.header("webhook-signature")
    refuse_unless(header is not None, "missing-credential")

    if bug("sw-v-comma-split"):
        pieces = header.split(b",")
        if len(pieces) < 2:
            raise Malformed("no version")
        candidates = [(pieces[0], pieces[1])]
    else:
        candidates = [cut_at_first(piece, b",") for piece in header.split(b" ")]
    if bug("sw-v-first-only"):
        candidates = candidates[:1]

    body = message.body
    if bug("sw-v-body-parsed"):
        try:
            body = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
        except ValueError:
            pass

    content = sw_content(nonce, time, body)
    signature = None
    if task.variant == "ed25519":
        chosen = next((value for version, value in candidates if version == b"v1a"), None)
        if chosen is None and not bug("sw-v-key-confusion"):
            refuse_unless(False, "missing-credential")
        if chosen is not None:
            signature = decode_base64(chosen)

    if not bug("sw-v-empty-id"):
        refuse_unless(nonce, "missing-credential")

    tolerance = seconds(task.parameters.get("tolerance", b"300"))
    age = task.now - instant
    if bug("sw-v-milliseconds"):
        tolerance = tolerance // 1000  # Date.now() - timestamp * 1000 > TOLERANCE_IN_SECONDS
    if bug("sw-v-future"):
        fresh = age <= tolerance
    elif bug("sw-v-exclusive"):
        fresh = abs(age) < tolerance
    else:
        fresh = abs(age) <= tolerance
    refuse_unless(fresh, "expired")

    if task.variant == "ed25519":
        public = load_public(pem(account, "public"))
        if signature is None:  # a v1 signature: HMAC under the key that is configured
            key = public.public_bytes_raw()
            fits = any(sw_same(value, sw_mac(key, content)) for version, value in candidates if version == b"v1")
        else:
            from cryptography.exceptions import InvalidSignature
            try:
                public.verify(signature, content)
                fits = True
            except InvalidSignature:
                fits = False
    else:
        expected = sw_mac(sw_key(account["secret"]), content)
        fits = False
        for version, value in candidates:
            if version == b"v1" or bug("sw-v-any-version"):
                fits = fits or sw_same(value, expected)
    refuse_unless(fits, "signature-mismatch")


# Flipbase

def fb_encode(path, sign):
    if sign and bug("fb-s-encode-uri"):
        return urllib.parse.quote(path, safe="/").encode()
    if sign and bug("fb-s-dotnet-urlencode"):
        keep = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.!*()".encode()
        return b"".join(b"+" if byte == 32 else bytes([byte]) if byte in keep else b"%%%02x" % byte for byte in path)
    return percent_encode(path, UNRESERVED)


def sign_flipbase(task):
    message = task.message
    date = milliseconds_text(task.time).encode()
    string_to_sign = b"\n".join([message.method, fb_encode(message.raw_path, True), date])
    if bug("fb-s-line-feed-at-end"):
        string_to_sign += b"\n"
    mac = hmac.digest(task.account["api_secret"], string_to_sign, hashlib.sha256)
    if bug("fb-s-base64-of-hex"):
        mac = mac.hex().encode()
    signature = base64.b64encode(mac)
    if bug("fb-s-unpadded"):
        signature = signature.rstrip(b"=")
    authorization = b"Signature " + task.account["api_key"] + b":" + signature
    if bug("fb-s-date-of-client"):
        # the HTTP client writes a Date of its own
        message.set_header("Date", utc(task.time).strftime("%a, %d %b %Y %H:%M:%S GMT").encode())
    else:
        message.set_header("X-Flipbase-Date", date)
    message.set_header("Authorization", authorization)
    return {"string_to_sign": string_to_sign, "signature": signature, "authorization": authorization}


def verify_flipbase(task):
    message = task.message
    if bug("fb-v-last-field"):
        header = lambda name: header_last(message, name)  # noqa: E731
    else:
        header = message.header
    authorization = header("Authorization")
    refuse_unless(authorization is not None, "missing-credential")
    rest = after_prefix(authorization, b"Signature ", bug("fb-v-prefix-caseless"))
    api_key, received = cut_at_first(rest, b":")

    names = ["X-Flipbase-Date", "Date"]
    if bug("fb-v-date-first"):
        names.reverse()
    date = header(names[0])
    if date is None:
        date = header(names[1])
    refuse_unless(date is not None, "missing-credential")
    if bug("fb-v-iso-only") and not date.endswith(b"Z"):
        raise Malformed("not ISO 8601")
    time = header_date(date)

    if bug("fb-v-key-not-looked-up"):
        account = task.accounts[0] if task.accounts else None
    else:
        account = find_account(task.accounts, "api_key", api_key)
    refuse_unless(account is not None, "unknown-key")
    if not bug("fb-v-empty-secret"):
        refuse_unless(account.get("api_secret"), "unknown-key")

    skew = seconds(task.parameters.get("skew", b"900"))
    if bug("fb-v-skew-fixed"):
        skew = 900 * SECOND
    if bug("fb-v-timedelta-seconds"):
        age = datetime.timedelta(microseconds=(task.now - time) // 1000).seconds * SECOND
    else:
        age = abs(task.now - time)
    refuse_unless(age <= skew, "expired")

    path = message.raw_path
    if bug("fb-v-slash-stripped") and len(path) > 1:
        path = path.rstrip(b"/")
    method = message.method.upper() if bug("fb-v-method-upper") else message.method
    if bug("fb-v-date-rewritten"):
        moment = datetime.datetime(1970, 1, 1) + datetime.timedelta(microseconds=time // 1000)
        date = moment.isoformat(timespec="milliseconds").encode() + b"Z"
    string_to_sign = b"\n".join([method, fb_encode(path, False), date])
    mac = hmac.digest(account.get("api_secret") or b"", string_to_sign, hashlib.sha256)
    if bug("fb-v-base64-lenient"):
        fits = hmac.compare_digest(node_base64(received), mac)
    else:
        fits = equal(received, base64.b64encode(mac))
    refuse_unless(fits, "signature-mismatch")


# OAuth 1.0

def oauth_escape(data, sign):
    if sign and bug("oa-s-urlencoder"):  # java.net.URLEncoder
        keep = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.-*_"
        return b"".join(b"+" if byte == 32 else bytes([byte]) if byte in keep else b"%%%02X" % byte for byte in data)
    return percent_encode(data)


def default_port_dropped(scheme, host):
    default = {b"http": b":80", b"https": b":443"}.get(scheme)
    return host[: -len(default)] if default and host.endswith(default) else host


def oauth_derive(message, protocol, consumer_secret, token_secret, sign):
    escape = lambda data: oauth_escape(data, sign)  # noqa: E731
    scheme = message.scheme.lower()
    if not sign and bug("oa-v-http-behind-proxy"):
        scheme = b"http"
    host = message.header("Host")
    if host is None:
        raise Refused("missing-credential")
    host = default_port_dropped(scheme, host.lower())
    if sign and bug("oa-s-hostname"):
        host = (urllib.parse.urlsplit(b"//" + host).hostname or b"")
    base_uri = scheme + b"://" + host + message.raw_path

    query = message.query_pairs()
    if not sign and bug("oa-v-plus-kept"):
        query = [tuple(percent_decode(part) for part in piece.partition(b"=")[::2])
                 for piece in message.target.partition(b"?")[2].split(b"&") if piece]
    form = message.form_pairs()
    if not sign and bug("oa-v-form-left-out"):
        form = []
    pairs = query + form
    if sign and bug("oa-s-dictionary"):
        pairs = list(dict(pairs).items())
    drop = {b"oauth_signature"}
    with_realm = bug("oa-s-realm-signed") if sign else bug("oa-v-realm-signed")
    pairs += [pair for pair in protocol if with_realm or pair[0] != b"realm"]
    pairs = [(escape(name), escape(value)) for name, value in pairs if name not in drop]
    if sign and bug("oa-s-sort-by-name"):
        pairs.sort(key=lambda pair: pair[0])
    else:
        pairs.sort()
    normalized = b"&".join(name + b"=" + value for name, value in pairs)

    string_to_sign = b"&".join(escape(part) for part in [message.method.upper(), base_uri, normalized])
    if sign and bug("oa-s-no-ampersand"):
        key = b"&".join(escape(secret) for secret in [consumer_secret, token_secret] if secret)
    else:
        key = escape(consumer_secret) + b"&" + escape(token_secret)
    signature = base64.b64encode(hmac.digest(key, string_to_sign, hashlib.sha1))
    return {"base_uri": base_uri, "normalized_parameters": normalized, "string_to_sign": string_to_sign,
            "signing_key": key, "signature": signature}


def sign_oauth(task):
    message, account = task.message, task.account
    of = lambda table, name: table.get(name) or b""  # noqa: E731
    optional = {b"realm", b"oauth_token", b"oauth_callback", b"oauth_verifier", b"oauth_version"}
    protocol = [
        (b"realm", of(task.parameters, "realm")),
        (b"oauth_consumer_key", account["consumer_key"]),
        (b"oauth_token", of(account, "token")),
        (b"oauth_signature_method", b"HMAC-SHA1"),
        (b"oauth_timestamp", str(nanoseconds(task.time) // SECOND).encode()),
        (b"oauth_nonce", task.nonce),
        (b"oauth_callback", of(task.parameters, "callback")),
        (b"oauth_verifier", of(task.parameters, "verifier")),
        (b"oauth_version", of(task.parameters, "version")),
    ]
    protocol = [pair for pair in protocol if pair[1] or pair[0] not in optional]
    stages = oauth_derive(message, protocol, account["consumer_secret"], of(account, "token_secret"), True)
    written = []
    for name, value in protocol + [(b"oauth_signature", stages["signature"])]:
        written.append(oauth_escape(name, True) + b'="' + oauth_escape(value, True) + b'"')
    stages["parameters"] = b", ".join(written)
    stages["authorization"] = b"OAuth " + stages["parameters"]
    message.set_header("Authorization", stages["authorization"])
    return stages


def read_protocol(text):
    pairs = []
    for piece in text.split(b", " if bug("oa-v-comma-and-space") else b","):
        name, value = cut_at_first(piece.strip(b" \t"), b"=")
        if len(value) >= 2 and value[:1] == value[-1:] == b'"':
            value = value[1:-1]
        else:
            raise Malformed("the value is not quoted")
        pairs.append((percent_decode(name), percent_decode(value)))
    return pairs


def verify_oauth(task):
    message = task.message
    authorization = message.header("Authorization")
    refuse_unless(authorization is not None, "missing-credential")
    protocol = read_protocol(after_prefix(authorization, b"OAuth ", True))
    found = {}
    for name, value in protocol:
        found.setdefault(name, value)

    def needed(name):
        refuse_unless(name in found, "missing-credential")
        return found[name]

    consumer_key = needed(b"oauth_consumer_key")
    token = found.get(b"oauth_token", b"")
    method = needed(b"oauth_signature_method")
    if bug("oa-v-version-required"):
        version = needed(b"oauth_version")
    else:
        version = found.get(b"oauth_version", b"1.0")
    if bug("oa-v-signature-if-given"):
        sent = found.get(b"oauth_signature")
    else:
        sent = needed(b"oauth_signature")
    nonce = needed(b"oauth_nonce")
    time = needed(b"oauth_timestamp")
    instant = unix_seconds(time)

    if not bug("oa-v-any-method"):
        refuse_unless(method == b"HMAC-SHA1", "malformed")
    refuse_unless(version == b"1.0", "malformed")

    account = None
    for candidate in task.accounts:
        if equal(candidate.get("consumer_key"), consumer_key):
            if bug("oa-v-token-not-matched") or equal(candidate.get("token") or b"", token):
                account = candidate
                break
    refuse_unless(account is not None, "unknown-key", status="401")

    if not bug("oa-v-no-time"):
        skew = seconds(task.parameters.get("skew", b"300"))
        refuse_unless(abs(task.now - instant) <= skew, "expired", status="401")

    seen = task.state.setdefault("seen", set())
    use = nonce if bug("oa-v-nonce-alone") else (consumer_key, token, time, nonce)
    if bug("oa-v-nonce-before-signature"):
        refuse_unless(use not in seen, "replayed", status="401")
        seen.add(use)

    expected = oauth_derive(message, protocol, account["consumer_secret"], account.get("token_secret") or b"", False)
    if sent is not None:
        refuse_unless(equal(sent, expected["signature"]), "signature-mismatch", status="401")

    if bug("oa-v-increasing-time"):
        latest = task.state.setdefault("latest", {})
        refuse_unless(instant > latest.get(consumer_key, -1), "replayed", status="401")
        latest[consumer_key] = instant
    elif not bug("oa-v-nonce-before-signature") and not bug("oa-v-replay"):
        refuse_unless(use not in seen, "replayed", status="401")
        seen.add(use)


def verify_oauth_request(task):
    try:
        return verifier(verify_oauth, status="400")(task)
    except Refused as refusal:
        if bug("oa-v-always-401"):
            refusal.details["status"] = "401"
        raise


SCHEMES = {
    "standard-webhooks": {"webhook": (sign_webhook, verifier(verify_webhook))},
    "flipbase": {"request": (sign_flipbase, verifier(verify_flipbase))},
    "oauth1": {"request": (sign_oauth, verify_oauth_request)},
}
VARIANTS = {"standard-webhooks": ["ed25519"]}


# The protocol

class NotSupported(Exception):
    pass


def read_bytes(value):
    return value.encode("utf-8") if isinstance(value, str) else bytes.fromhex(value["hex"])


def read_table(values):
    return {name: value if isinstance(value, list) else read_bytes(value)
            for name, value in (values or {}).items() if value is not None}


def read_pairs(pairs):
    return [tuple(read_bytes(part) for part in pair) for pair in pairs or []]


def write_bytes(value):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def find_operation(call):
    operations = SCHEMES.get(call.get("scheme"))
    if operations is None:
        raise NotSupported(f"scheme {call.get('scheme')}")
    if call.get("operation") not in operations:
        raise NotSupported(f"operation {call.get('operation')}")
    if call.get("variant") is not None and call["variant"] not in VARIANTS.get(call["scheme"], []):
        raise NotSupported(f"variant {call['variant']}")
    if call.get("reading") is not None:
        raise NotSupported(f"reading {call['reading']}")
    if call.get("variant") == "ed25519":
        try:
            import cryptography  # noqa: F401
        except ImportError:
            raise NotSupported("ed25519 without the package cryptography") from None
    return operations[call["operation"]]


def answer_sign(call):
    sign, _ = find_operation(call)
    given = call["given"]
    request = given["request"]
    target = request.get("target")
    message = sent_message(
        method=read_bytes(request["method"]),
        scheme=read_bytes(request.get("scheme") or "https"),
        host=read_bytes(request["host"]),
        target=None if target is None else read_bytes(target),
        path=read_bytes(request["path"]) if target is None else None,
        query=read_pairs(request.get("query")),
        headers=read_pairs(request.get("headers")),
        body=read_bytes(request.get("body") or ""),
    )
    nonce = given.get("nonce")
    task = Signing(message, read_table(given["account"]), read_table(given.get("parameters")), given.get("time"),
                   None if nonce is None else read_bytes(nonce), call["operation"], call.get("variant"), None)
    stages = sign(task)
    reply = {"signed_request": {
        "method": write_bytes(message.method),
        "scheme": write_bytes(message.scheme),
        "target": write_bytes(message.target),
        "headers": [[write_bytes(name), write_bytes(value)] for name, value in message.headers],
        "body": write_bytes(message.body),
    }}
    if FULL:
        reply["stages"] = {name: write_bytes(value) for name, value in stages.items()}
    return reply


def answer_verify(call):
    _, verify = find_operation(call)
    given = call["given"]
    accounts = [read_table(account) for account in given.get("accounts") or []]
    parameters = read_table(given.get("parameters"))
    state = {}
    results = []
    for arrived in given["messages"]:
        request = arrived["request"]
        message = Message(
            method=read_bytes(request["method"]),
            scheme=read_bytes(request.get("scheme") or "https"),
            target=read_bytes(request["target"]),
            headers=read_pairs(request.get("headers")),
            body=read_bytes(request.get("body") or ""),
        )
        task = Verification(message, accounts, parameters,
                            None if arrived.get("now") is None else nanoseconds(arrived["now"]),
                            arrived.get("client_address"), state, call["operation"], call.get("variant"), None)
        try:
            verify(task)
            results.append({"accept": True})
        except Refused as refusal:
            said = {"class": refusal.reject_class, **refusal.details} if FULL else {}
            results.append({"accept": False, **said})
    return {"results": results}


def answer(call):
    op = call.get("op")
    if op == "start":
        if call.get("protocol") != 1:
            raise ValueError("this adapter speaks protocol 1")
        return {"name": "blind-b", "version": "1.0", "language": "python",
                "schemes": {scheme: ["sign", "verify"] for scheme in SCHEMES},
                "capabilities": ["time", "credentials", "state", "client-address"]}
    if op == "sign":
        return answer_sign(call)
    if op == "verify":
        return answer_verify(call)
    raise NotSupported(f"op {op}")


def main():
    global FULL
    arguments = sys.argv[1:]
    if arguments[:1] == ["--bug"]:
        with open(os.path.join(HERE, "bugs.json"), encoding="utf-8") as file:
            entry = {bug["id"]: bug for bug in json.load(file)}[arguments[1]]
        PARTS.update(entry["parts"])
        FULL = entry["stages"]
    for line in iter(sys.stdin.buffer.readline, b""):
        if not line.strip():
            continue
        seq = None
        try:
            call = json.loads(line)
            seq = call.get("seq")
            if call.get("op") == "stop":
                return
            reply = answer(call)
        except NotSupported as reason:
            reply = {"skipped": f"no support for {reason}"}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps({"seq": seq, **reply}, separators=(",", ":")) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
