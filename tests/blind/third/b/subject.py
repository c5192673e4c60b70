#!/usr/bin/env python3
"""Adapter: Standard Webhooks, OAuth 1.0a (HMAC-SHA1) and Flipbase request signatures."""

import base64
import binascii
import calendar
import hashlib
import hmac
import json
import re
import sys
from fractions import Fraction
from urllib.parse import quote_from_bytes, unquote_to_bytes

BUG = None
OP = None


def bug(name):
    """Whether the mistake is on; those of signing leave the verifier alone, and the other way round."""
    return BUG == name and OP == ("sign" if name[3] == "s" else "verify")


# --------------------------------------------------------------- protocol


def raw(value):
    if value is None:
        return None
    return value.encode("utf-8") if isinstance(value, str) else bytes.fromhex(value["hex"])


def show(value):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def pairs_of(items):
    return [tuple(raw(part) for part in item) for item in items or []]


def credentials_of(account):
    return {
        name: [raw(v) for v in value] if isinstance(value, list) else raw(value)
        for name, value in (account or {}).items()
        if value is not None
    }


def values_of(parameters):
    return {name: raw(value) for name, value in (parameters or {}).items() if value is not None}


class Request:
    """A request: `path`/`query` where the caller means them, `target` where it is on the wire."""

    def __init__(self, data):
        self.method = raw(data["method"])
        self.scheme = raw(data.get("scheme") or "https")
        self.host = raw(data.get("host"))
        self.target = raw(data.get("target"))
        self.path = raw(data.get("path"))
        self.query = pairs_of(data.get("query"))
        self.headers = pairs_of(data.get("headers"))
        self.body = raw(data.get("body") or "")

    def all(self, name):
        name = name.lower().encode()
        return [h[1] if len(h) > 1 else b"" for h in self.headers if h[0].lower() == name]

    def wire(self):
        headers = list(self.headers)
        if self.host is not None and not self.all("host"):
            headers.insert(0, (b"Host", self.host))
        return {
            "method": show(self.method),
            "scheme": show(self.scheme),
            "target": show(self.target),
            "headers": [[show(part) for part in pair] for pair in headers],
            "body": show(self.body),
        }


def instant(text):
    """RFC 3339 in UTC, as a fraction of seconds since the epoch."""
    m = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d+)?(?:[Zz]|\+00:00)", text)
    if not m:
        raise ValueError("time " + repr(text))
    whole = calendar.timegm(tuple(int(g) for g in m.groups()[:6]))
    return whole + (Fraction("0" + m.group(7)) if m.group(7) else Fraction(0))


class Refuse(Exception):
    def __init__(self, cls, **more):
        super().__init__(cls)
        self.result = {"accept": False, "class": cls, **more}


class Unsupported(Exception):
    pass


# --------------------------------------------------------------- shared


def b64(data):
    return base64.b64encode(data)


def unb64(text):
    """Standard alphabet, padded; None where it is not."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if base64.b64encode(data) == text else None


def lenient_b64(text):
    text = re.sub(rb"[^A-Za-z0-9+/]", b"", text.replace(b"-", b"+").replace(b"_", b"/").split(b"=")[0])
    if len(text) % 4 == 1:
        text = text[:-1]
    return base64.b64decode(text + b"=" * (-len(text) % 4))


def same(a, b):
    return hmac.compare_digest(a, b)


def one(request, name, missing="missing-credential", **more):
    found = request.all(name)
    if not found:
        raise Refuse(missing, **more)
    if len(found) > 1:
        raise Refuse("malformed", **more)
    return found[0]


def seconds(text):
    if not re.fullmatch(rb"0|-?[1-9][0-9]{0,17}", text):
        return None
    return int(text)


def tolerance_of(parameters, name, default):
    return Fraction(default) if parameters.get(name) is None else Fraction(parameters[name].decode())


def outside(stamp, now, limit, future=True, bound=True):
    """Whether a time is further from the clock than permitted."""
    if limit is None or now is None:
        return False
    age = now - stamp
    if not future and age < 0:
        return False
    return abs(age) > limit if bound else abs(age) >= limit


def wire_path(path):
    return quote_from_bytes(path, safe="/!$&'()*+,;=:@~").encode()


def split_target(request):
    path, mark, query = request.target.partition(b"?")
    return path, query


def address(request, plus):
    """Give a request to be signed the target that it will have on the wire."""
    if request.target is not None:
        return
    def enc(part):
        text = quote_from_bytes(part, safe="-._~").encode()
        return text.replace(b"%20", b"+") if plus else text
    target = wire_path(request.path)
    if request.query:
        target += b"?" + b"&".join(b"=".join(enc(p) for p in pair) for pair in request.query)
    request.target = target


def put(request, name, value):
    request.headers = [h for h in request.headers if h[0].lower() != name.lower()]
    request.headers.append((name, value))


# --------------------------------------------------------------- Ed25519 (RFC 8032)


P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def ed_add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    m, n = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = n - m, d - c, d + c, n + m
    return e * f % P, g * h % P, f * g % P, e * h % P


def ed_mul(k, point):
    total = (0, 1, 1, 0)
    while k:
        if k & 1:
            total = ed_add(total, point)
        point = ed_add(point, point)
        k >>= 1
    return total


def ed_unpack(data):
    number = int.from_bytes(data, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, -1, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def ed_pack(point):
    inverse = pow(point[2], -1, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


BASE = ed_unpack((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def ed_number(*parts):
    return int.from_bytes(hashlib.sha512(b"".join(parts)).digest(), "little")


def ed_sign(seed, message):
    digest = hashlib.sha512(seed).digest()
    a = int.from_bytes(digest[:32], "little") & (2**254 - 8) | 2**254
    public = ed_pack(ed_mul(a, BASE))
    r = ed_number(digest[32:], message) % L
    point = ed_pack(ed_mul(r, BASE))
    s = (r + ed_number(point, public, message) * a) % L
    return point + s.to_bytes(32, "little")


def ed_verify(public, message, signature):
    if len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    a, r = ed_unpack(public), ed_unpack(signature[:32])
    if s >= L or a is None or r is None:
        return False
    k = ed_number(signature[:32], public, message) % L
    return ed_pack(ed_mul(s, BASE)) == ed_pack(ed_add(r, ed_mul(k, a)))


def ed_key(text):
    """The last 32 bytes of a key in PEM (SubjectPublicKeyInfo or PKCS #8)."""
    lines = [line for line in text.split(b"\n") if line and not line.startswith(b"-----")]
    return base64.b64decode(b"".join(lines))[-32:]


# --------------------------------------------------------------- Standard Webhooks


def webhook_key(secret, signing):
    if bug("sw-s1"):
        return secret
    if bug("sw-v9"):
        text = secret.lstrip(b"whsec_")
    else:
        text = secret[len(b"whsec_"):] if secret.startswith(b"whsec_") else secret
    return base64.b64decode(text + b"=" * (-len(text) % 4))


def webhook_sign(call, account, parameters, request, time, nonce):
    asymmetric = call.get("variant") == "ed25519"
    key = b"" if asymmetric else webhook_key(account["secret"], True)
    stamp = str(int(time * 1000) if bug("sw-s2") else time.numerator // time.denominator).encode()
    body = request.body
    if bug("sw-s3"):
        try:
            body = json.dumps(json.loads(body.decode()), separators=(",", ":"), ensure_ascii=False).encode()
        except (ValueError, UnicodeError):
            pass
    content = b".".join([stamp, body] if bug("sw-s6") else [nonce, stamp, body])
    if asymmetric:
        signature = b64(ed_sign(ed_key(account["key.private"]), content))
    else:
        mac = hmac.new(key, content, hashlib.sha256)
        signature = b64(mac.hexdigest().encode() if bug("sw-s4") else mac.digest())
    if bug("sw-s6"):
        signature = signature.rstrip(b"=")
    put(request, b"webhook-id", nonce)
    put(request, b"webhook-timestamp", stamp)
    version = b"v1a" if asymmetric else b"v1"
    put(request, b"webhook-signature", version + (b"=" if bug("sw-s5") else b",") + signature)
    address(request, False)
    stages = {"string_to_sign": content, "signature": signature}
    return stages if asymmetric else {"key": key, **stages}


def webhook_verify(call, accounts, parameters, request, now, state):
    asymmetric = call.get("variant") == "ed25519"
    if bug("sw-v7"):
        ident = (request.all("webhook-id") or [b""])[0].strip()
    else:
        ident = one(request, "webhook-id")
    text = one(request, "webhook-timestamp")
    listed = one(request, "webhook-signature")
    if not ident and not bug("sw-v7"):
        raise Refuse("missing-credential")
    if bug("sw-v4"):
        try:
            stamp = int(float(text) // 1)
        except (ValueError, OverflowError):
            raise Refuse("malformed")
        text = str(stamp).encode()
    else:
        stamp = seconds(text)
        if stamp is None:
            raise Refuse("malformed")
    if not bug("sw-v10"):
        if outside(stamp, now, tolerance_of(parameters, "tolerance", 300), future=not bug("sw-v2")):
            raise Refuse("expired")
    body = request.body
    if bug("sw-v6"):
        body = body.strip()
    if bug("sw-v11"):
        body = body.decode("utf-8", "replace").encode()
    entries = listed.split(b" ")
    if bug("sw-v1"):
        entries = entries[:1]
    if bug("sw-v11") and any(entry.count(b",") != 1 for entry in entries):
        raise Refuse("malformed")
    candidates = []
    for entry in entries:
        version, comma, value = entry.partition(b",")
        if not comma:
            raise Refuse("malformed")
        if version == (b"v1a" if asymmetric else b"v1") or bug("sw-v3"):
            candidates.append(value)
    if asymmetric and not candidates:
        raise Refuse("missing-credential")
    for account in accounts:
        content = b".".join([ident, text, body])
        if asymmetric:
            for value in candidates:
                signature = lenient_b64(value) if bug("sw-v10") else unb64(value)
                if signature is None:
                    raise Refuse("malformed")
                if ed_verify(ed_key(account["key.public"]), content, signature):
                    return
            continue
        key = webhook_key(account["secret"], False)
        if not key:
            continue
        digest = hmac.new(key, content, hashlib.sha256).digest()
        expected = b64(digest)
        for value in candidates:
            if bug("sw-v5"):
                good = all(a == b for a, b in zip(value, expected))
            elif bug("sw-v8"):
                good = same(value.lower(), expected.lower())
            elif bug("sw-v10"):
                good = same(lenient_b64(value), digest)
            else:
                good = same(value, expected)
            if good:
                return
    raise Refuse("signature-mismatch")


# --------------------------------------------------------------- OAuth 1.0a


def pct(data):
    safe = "-._~!*'()" if bug("oa-s4") else "-._~"
    return quote_from_bytes(data, safe=safe).encode()


def decoded(text):
    if re.search(rb"%(?![0-9A-Fa-f]{2})", text):
        raise Refuse("malformed", status="400")
    return unquote_to_bytes(text)


def form_pairs(data, plus=True, drop_blank=False):
    found = []
    for piece in data.split(b"&"):
        if not piece:
            continue
        name, _, value = piece.partition(b"=")
        if drop_blank and not value:
            continue
        if plus:
            name, value = name.replace(b"+", b" "), value.replace(b"+", b" ")
        found.append((decoded(name), decoded(value)))
    return found


def is_form(request):
    types = request.all("content-type")
    return bool(types) and types[0].split(b";")[0].strip().lower() == b"application/x-www-form-urlencoded"


def oauth_base(request, protocol, signing):
    path, query = split_target(request)
    host = request.host if request.host is not None else (request.all("host") or [b""])[0].strip()
    scheme = request.scheme.lower()
    host = host.lower()
    default = {b"http": b":80", b"https": b":443"}.get(scheme)
    if bug("oa-v3"):
        host = re.sub(rb":[0-9]*$", b"", host)
    elif default and host.endswith(default) and not bug("oa-s1"):
        host = host[: -len(default)]
    uri = scheme + b"://" + host + (path or b"/")
    drop = bug("oa-v11")
    collected = form_pairs(query, plus=not bug("oa-v5"), drop_blank=drop)
    if (is_form(request) and not bug("oa-s5")) or bug("oa-v8"):
        collected += form_pairs(request.body, drop_blank=drop)
    collected += [p for p in protocol if p[0] != b"realm" or bug("oa-s6")]
    collected = [p for p in collected if p[0] != b"oauth_signature"]
    if bug("oa-v2"):
        collected = list(dict(collected).items())
    if bug("oa-v11"):
        encoded = [(pct(n), pct(v)) for n, v in sorted(collected)]
    else:
        encoded = sorted((pct(n), pct(v)) for n, v in collected)
    joined = [n + b"=" + v for n, v in encoded]
    if bug("oa-s2"):
        joined.sort()
    normalized = b"&".join(joined)
    return uri, normalized, b"&".join([pct(request.method.upper()), pct(uri), pct(normalized)])


def oauth_key(account):
    consumer, token = account.get("consumer_secret") or b"", account.get("token_secret") or b""
    if bug("oa-s3") and not token:
        return pct(consumer)
    if bug("oa-s6"):
        return consumer + b"&" + token
    return pct(consumer) + b"&" + pct(token)


def oauth_sign(call, account, parameters, request, time, nonce):
    address(request, True)
    stamp = str(time.numerator // time.denominator).encode()
    protocol = [
        (b"realm", parameters.get("realm")),
        (b"oauth_consumer_key", account["consumer_key"]),
        (b"oauth_token", account.get("token")),
        (b"oauth_signature_method", b"HMAC-SHA1"),
        (b"oauth_timestamp", stamp),
        (b"oauth_nonce", nonce),
        (b"oauth_callback", parameters.get("callback")),
        (b"oauth_verifier", parameters.get("verifier")),
        (b"oauth_version", parameters.get("version")),
    ]
    protocol = [p for p in protocol if p[1] or (p[1] is not None and p[0] in (b"oauth_consumer_key", b"oauth_nonce"))]
    uri, normalized, base = oauth_base(request, protocol, True)
    key = oauth_key(account)
    signature = b64(hmac.new(key, base, hashlib.sha1).digest())
    written = b", ".join(pct(n) + b'="' + pct(v) + b'"' for n, v in protocol + [(b"oauth_signature", signature)])
    put(request, b"Authorization", b"OAuth " + written)
    return {
        "base_uri": uri,
        "normalized_parameters": normalized,
        "string_to_sign": base,
        "signing_key": key,
        "signature": signature,
        "authorization": b"OAuth " + written,
    }


def oauth_verify(call, accounts, parameters, request, now, state):
    def refuse(cls, status="400"):
        return Refuse(cls, status=status)

    field = one(request, "authorization", status="400")
    m = re.fullmatch(rb"([A-Za-z0-9]+)[ ]+(.*)", field, re.S)
    word = m and (m.group(1) if bug("oa-v4") else m.group(1).lower())
    if not m or word != (b"OAuth" if bug("oa-v4") else b"oauth"):
        raise refuse("malformed")
    protocol = []
    for piece in m.group(2).split(b","):
        piece = piece.strip()
        name, eq, value = piece.partition(b"=")
        if not eq:
            raise refuse("malformed")
        if len(value) >= 2 and value[:1] == value[-1:] == b'"':
            value = value[1:-1]
        protocol.append((decoded(name), decoded(value)))

    def first(name, default=None):
        for n, v in protocol:
            if n == name:
                return v
        return default

    for name in (b"oauth_consumer_key", b"oauth_signature_method", b"oauth_signature", b"oauth_nonce", b"oauth_timestamp"):
        if first(name) is None and not (bug("oa-v7") and name == b"oauth_signature_method"):
            raise refuse("missing-credential")
    stamp = seconds(first(b"oauth_timestamp"))
    if stamp is None:
        raise refuse("malformed")
    if first(b"oauth_signature_method") != b"HMAC-SHA1" and not bug("oa-v7"):
        raise refuse("malformed")
    if first(b"oauth_version", b"1.0") != b"1.0" and not bug("oa-v9"):
        raise refuse("malformed")
    consumer, token = first(b"oauth_consumer_key"), first(b"oauth_token")
    account = None
    for candidate in accounts:
        if candidate.get("consumer_key") == consumer and (candidate.get("token") or b"") == (token or b""):
            account = candidate
            break
    if account is None:
        raise refuse("unknown-key", "401")
    if not bug("oa-v9"):
        if outside(stamp, now, tolerance_of(parameters, "skew", 300), future=not bug("oa-v10")):
            raise refuse("expired", "401")
    nonce = first(b"oauth_nonce")
    seen = state.setdefault("nonces", set())
    mark = nonce if bug("oa-v6") else (consumer, token, first(b"oauth_timestamp"), nonce)
    if bug("oa-v10"):
        used = mark in seen
        seen.add(mark)
    _, _, base = oauth_base(request, protocol, False)
    expected = b64(hmac.new(oauth_key(account), base, hashlib.sha1).digest())
    if not same(first(b"oauth_signature"), expected):
        raise refuse("signature-mismatch", "401")
    if not bug("oa-v10"):
        used = mark in seen
        seen.add(mark)
    if used and not bug("oa-v1"):
        raise refuse("replayed", "401")


# --------------------------------------------------------------- Flipbase


MONTHS = b"Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
DAYS = b"Mon Tue Wed Thu Fri Sat Sun".split()


def valid_moment(y, mo, d, h, mi, s):
    if not (1 <= mo <= 12 and 1 <= d <= calendar.monthrange(y, mo)[1] and h < 24 and mi < 60 and s < 60):
        return None
    return calendar.timegm((y, mo, d, h, mi, s))


def iso_moment(text):
    m = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(\.\d\d\d)Z", text, re.A)
    if not m or m.group(1) == "0000":
        return None
    whole = valid_moment(*(int(g) for g in m.groups()[:6]))
    return None if whole is None else whole + (Fraction("0" + m.group(7)) if m.group(7) else 0)


def http_moment(text):
    m = re.fullmatch(r"(\w{3}), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", text, re.A)
    if not m:
        return None
    day, d, month, y, h, mi, s = m.groups()
    if month.encode() not in MONTHS or y == "0000":
        return None
    whole = valid_moment(int(y), MONTHS.index(month.encode()) + 1, int(d), int(h), int(mi), int(s))
    if whole is None or DAYS[(whole // 86400 + 3) % 7] != day.encode():
        return None
    return Fraction(whole)


def iso_text(moment):
    import datetime

    whole = moment.numerator // moment.denominator
    millis = int((moment - whole) * 1000)
    t = datetime.datetime(1970, 1, 1) + datetime.timedelta(seconds=whole)
    return ("%s.%03dZ" % (t.strftime("%Y-%m-%dT%H:%M:%S"), millis)).encode()


def flip_string(method, path, date, signing):
    encoded = quote_from_bytes(path, safe="-._~/" if bug("fb-s1") else "-._~").encode()
    if bug("fb-s3"):
        encoded = re.sub(rb"%..", lambda m: m.group().lower(), encoded)
    if bug("fb-s5"):
        return method.lower() + b"\n" + encoded + b"\n" + date + b"\n"
    return b"\n".join([method, encoded, date])


def flip_sign(call, account, parameters, request, time, nonce):
    address(request, False)
    date = iso_text(Fraction(time))
    text = flip_string(request.method, split_target(request)[0], date, True)
    key = account["api_key" if bug("fb-s4") else "api_secret"]
    signature = b64(hmac.new(key, text, hashlib.sha256).digest())
    written = b"Signature " + account["api_key"] + b":" + signature
    put(request, b"X-Flipbase-Date", re.sub(rb"\.\d+Z", b"Z", date) if bug("fb-s2") else date)
    put(request, b"Authorization", written)
    return {"string_to_sign": text, "signature": signature, "authorization": written}


def flip_verify(call, accounts, parameters, request, now, state):
    field = one(request, "authorization")
    word, space, rest = field.partition(b" ")
    if bug("fb-v3"):
        rest = rest.lstrip(b" ")
    elif word != b"Signature":
        raise Refuse("malformed")
    api_key, colon, sent = rest.partition(b":")
    if not space or not colon:
        raise Refuse("malformed")
    order = ("date", "x-flipbase-date") if bug("fb-v1") else ("x-flipbase-date", "date")
    name = order[0] if request.all(order[0]) else order[1]
    date = one(request, name)
    readable = date.decode("latin-1")
    moment = iso_moment(readable)
    if moment is None and not bug("fb-v11"):
        moment = http_moment(readable)
    if moment is None and not bug("fb-v10"):
        raise Refuse("malformed")
    account = None
    for candidate in accounts:
        held = candidate.get("api_key")
        if held == api_key or (bug("fb-v8") and held is not None and held.lower() == api_key.lower()):
            account = candidate
            break
    if account is None:
        if not bug("fb-v7"):
            raise Refuse("unknown-key")
        account = {"api_secret": b""}
    if not account.get("api_secret"):
        if not bug("fb-v7"):
            raise Refuse("unknown-key")
        account = {"api_secret": b""}
    if moment is not None:
        if outside(moment, now, tolerance_of(parameters, "skew", 900), future=not bug("fb-v9"), bound=not bug("fb-v2")):
            raise Refuse("expired")
    path = split_target(request)[0]
    if bug("fb-v4"):
        path = unquote_to_bytes(path)
    if bug("fb-v5") and len(path) > 1:
        path = path.rstrip(b"/") or b"/"
    if bug("fb-v9"):
        path = re.sub(rb"/+", b"/", path)
    if bug("fb-v6"):
        date = iso_text(Fraction(moment))
    text = flip_string(request.method, path, date, False)
    tried = [account] + (accounts if bug("fb-v10") else [])
    for candidate in tried:
        secret = candidate.get("api_secret")
        if secret is not None and same(sent, b64(hmac.new(secret, text, hashlib.sha256).digest())):
            return
    raise Refuse("signature-mismatch")


# --------------------------------------------------------------- answers


SCHEMES = {
    "standard-webhooks": ("webhook", webhook_sign, webhook_verify),
    "oauth1": ("request", oauth_sign, oauth_verify),
    "flipbase": ("request", flip_sign, flip_verify),
}
KNOWN = {"standard-webhooks": ("ed25519",)}
WITH_STAGES = {"sw-s1", "sw-s3", "oa-s1", "oa-s5", "fb-s1", "fb-s3"}


def answer(call):
    global OP
    op = OP = call.get("op")
    if op == "start":
        return {
            "name": "three-schemes",
            "version": "1.0",
            "language": "python",
            "schemes": {name: ["sign", "verify"] for name in SCHEMES},
            "capabilities": ["time", "credentials", "state", "client-address"],
        }
    if op not in ("sign", "verify"):
        raise ValueError("op " + str(op))
    if call.get("scheme") not in SCHEMES:
        raise Unsupported("scheme " + str(call.get("scheme")))
    operation, sign, verify = SCHEMES[call["scheme"]]
    if call.get("operation") not in (None, operation):
        raise Unsupported("operation " + str(call["operation"]))
    for extra in ("variant", "reading"):
        if call.get(extra) is not None and call[extra] not in KNOWN.get(call["scheme"], ()):
            raise Unsupported(extra + " " + str(call[extra]))
    given = call["given"]
    parameters = values_of(given.get("parameters"))
    if op == "sign":
        request = Request(given["request"])
        time = None if given.get("time") is None else instant(given["time"])
        stages = sign(call, credentials_of(given["account"]), parameters, request, time, raw(given.get("nonce")))
        reply = {"signed_request": request.wire()}
        if BUG is None or BUG in WITH_STAGES:
            reply["stages"] = {name: show(value) for name, value in stages.items()}
        return reply
    accounts = [credentials_of(account) for account in given.get("accounts") or []]
    state, results = {}, []
    for message in given["messages"]:
        now = None if message.get("now") is None else instant(message["now"])
        try:
            verify(call, accounts, parameters, Request(message["request"]), now, state)
            results.append({"accept": True})
        except Refuse as refusal:
            results.append(refusal.result)
    return {"results": results}


def main():
    global BUG
    if len(sys.argv) == 3 and sys.argv[1] == "--bug":
        BUG = sys.argv[2]
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        seq = None
        try:
            call = json.loads(line)
            seq = call.get("seq")
            if call.get("op") == "stop":
                return
            reply = answer(call)
        except Unsupported as reason:
            reply = {"skipped": "no support for " + str(reason)}
        except Exception as error:
            reply = {"error": type(error).__name__ + ": " + str(error)}
        sys.stdout.write(json.dumps({"seq": seq, **reply}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
