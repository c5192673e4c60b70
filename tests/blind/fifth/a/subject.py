#!/usr/bin/env python3
"""Signing and verifying of four schemes behind a JSON-lines protocol.

AWS Signature Version 4 (header and presigned), OAuth 1.0a with HMAC-SHA1,
GitHub webhook signatures, and the request signature of Flipsnack.

    python3 subject.py [--bug ID]

Without --bug the program is right.  With it, one side is wrong in the way
that bugs.json describes under this id.
"""
import base64
import hashlib
import hmac
import json
import re
import sys
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime
from fractions import Fraction
from urllib.parse import quote_plus

BUG = None
SIDE = None  # "sign" or "verify", set for every message

UNRESERVED = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)

# Sign bugs that show no stages.
NO_STAGES = {"aws-s2", "aws-s5", "oa-s2", "oa-s5", "gh-s2", "gh-s3", "fs-s2", "fs-s4"}


def bug(name):
    """Tells whether this bug is on, on the side that is at work."""
    if BUG != name:
        return False
    return SIDE == ("sign" if name.split("-")[1][0] == "s" else "verify")


class Refused(Exception):
    def __init__(self, cls, status=None, code=None, message=None):
        super().__init__(cls)
        fields = {"class": cls, "status": status, "code": code, "message": message}
        self.fields = {name: value for name, value in fields.items() if value is not None}


# ---------------------------------------------------------------- values


def to_bytes(value):
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return value.encode("utf-8")


def to_json(value):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def parse_time(text):
    """RFC 3339 in UTC to seconds since 1970, exactly."""
    match = re.fullmatch(r"(\d{4}-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(\.\d+)?(?:[Zz]|\+00:00)", text)
    if not match:
        raise ValueError("not a time: " + text)
    moment = datetime.strptime(match.group(1).upper(), "%Y-%m-%dT%H:%M:%S")
    seconds = Fraction(int((moment.replace(tzinfo=timezone.utc) - EPOCH).total_seconds()))
    if match.group(2):
        seconds += Fraction("0" + match.group(2))
    return seconds


def as_datetime(seconds):
    return EPOCH + timedelta(seconds=int(seconds // 1))


def percent_encode(data, keep=b""):
    keep = UNRESERVED | frozenset(keep)
    return b"".join(bytes([c]) if c in keep else b"%%%02X" % c for c in data)


def percent_decode(data, plus=False, strict=False):
    if strict and re.search(rb"%(?![0-9A-Fa-f]{2})", data):
        raise Refused("malformed")
    if plus:
        data = data.replace(b"+", b" ")
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match.group(1).decode()), data)


def split_target(target):
    path, mark, query = target.partition(b"?")
    return path, (query if mark else None)


def parse_query(raw, plus):
    """Pairs of names and values, decoded; a name without "=" has the value None."""
    pairs = []
    for piece in (raw or b"").split(b"&"):
        if not piece:
            continue
        name, mark, value = piece.partition(b"=")
        pairs.append((percent_decode(name, plus, True), percent_decode(value, plus, True) if mark else None))
    return pairs


def only(pairs, name):
    """The one value of this name, or None; two of them are refused."""
    found = [value for key, value in pairs if key == name]
    if len(found) > 1:
        raise Refused("malformed")
    return (found[0] or b"") if found else None


# ---------------------------------------------------------------- requests


class Request:
    """A request as it goes over the wire."""

    def __init__(self, data):
        self.method = to_bytes(data["method"])
        self.scheme = to_bytes(data.get("scheme", "https"))
        self.target = to_bytes(data["target"])
        self.headers = [(to_bytes(n), to_bytes(v)) for n, v in data.get("headers", [])]
        self.body = to_bytes(data.get("body", ""))

    @classmethod
    def intended(cls, data):
        if data.get("target") is not None:
            target = to_bytes(data["target"])
        else:
            target = percent_encode(to_bytes(data.get("path") or "/"), b"/:@!$&'()*+,;=")
            query = [b"=".join(percent_encode(to_bytes(part)) for part in pair)
                     for pair in data.get("query") or []]
            if query:
                target += b"?" + b"&".join(query)
        headers = data.get("headers") or []
        if not any(to_bytes(n).lower() == b"host" for n, _ in headers):
            headers = [["Host", data["host"]]] + headers
        request = cls(dict(data, target="/", headers=headers))
        request.target = target
        return request

    def header(self, name):
        """The one field of this name, or None; two of them are refused."""
        found = [v for n, v in self.headers if n.lower() == name]
        if len(found) > 1:
            raise Refused("malformed")
        return found[0] if found else None

    def set_header(self, name, value):
        self.headers = [(n, v) for n, v in self.headers if n.lower() != name.lower()]
        self.headers.append((name, value))

    def set_query(self, name, value):
        path, query = split_target(self.target)
        if query is not None:
            kept = [p for p in query.split(b"&") if percent_decode(p.partition(b"=")[0], True) != name]
            if len(kept) != len(query.split(b"&")):
                self.target = path + (b"?" + b"&".join(kept) if kept else b"")
        glue = b"&" if b"?" in self.target else b"?"
        if self.target.endswith((b"?", b"&")):
            glue = b""
        self.target += glue + percent_encode(name) + b"=" + percent_encode(value)

    @property
    def path(self):
        return split_target(self.target)[0]

    def query(self, plus):
        return parse_query(split_target(self.target)[1], plus)

    def media_type(self):
        return (self.header(b"content-type") or b"").partition(b";")[0].strip().lower()

    def form(self):
        if bug("oa-v1") and self.header(b"content-type") != b"application/x-www-form-urlencoded":
            return []
        if self.media_type() != b"application/x-www-form-urlencoded":
            return []
        return parse_query(self.body, True)

    def as_json(self):
        return {
            "method": to_json(self.method),
            "scheme": to_json(self.scheme),
            "target": to_json(self.target),
            "headers": [[to_json(n), to_json(v)] for n, v in self.headers],
            "body": to_json(self.body),
        }


def group(pairs):
    """One entry a name, its values joined in order."""
    found = {}
    for name, value in pairs:
        found.setdefault(name, []).append(value)
    return [(name, b",".join(values)) for name, values in found.items()]


# ---------------------------------------------------------------- AWS Signature Version 4

AWS_ALGORITHM = b"AWS4-HMAC-SHA256"


def aws_normalize(path):
    out = []
    for segment in path.split(b"/"):
        if segment in (b"", b"."):
            continue
        if segment == b"..":
            if out:
                out.pop()
            continue
        out.append(segment)
    result = b"/" + b"/".join(out)
    if out and path.endswith((b"/", b"/.", b"/..")):
        result += b"/"
    return result


def aws_canonical_path(request, s3):
    if bug("aws-s5") and not s3:
        return percent_encode(percent_decode(aws_normalize(request.path)), b"/")
    if s3:
        return percent_encode(percent_decode(request.path), b"/")
    return percent_encode(aws_normalize(request.path), b"/")


def aws_canonical_query(request, presigned):
    pairs = request.query(bug("aws-v5"))
    if presigned or bug("aws-v9"):
        pairs = [(n, v) for n, v in pairs if n != b"X-Amz-Signature"]
    keep = b"!'()*" if bug("aws-s3") else b""
    encoded = [(percent_encode(n, keep), percent_encode(v or b"", keep)) for n, v in pairs]
    if bug("aws-s1"):
        return b"&".join(sorted(n + b"=" + v for n, v in encoded))
    encoded.sort()
    return b"&".join(n + b"=" + v for n, v in encoded)


def aws_signed_headers(headers):
    return b";".join(sorted({n.lower() for n, _ in headers} - {b"authorization"}))


def aws_header_value(value):
    if bug("aws-s2"):
        return value.strip()
    return b" ".join(value.split())


def aws_canonical_headers(headers, signed):
    names = signed.split(b";")
    lowered = [(n.lower(), aws_header_value(v)) for n, v in headers if n.lower() in names]
    if bug("aws-v4"):
        lowered = list(dict(lowered).items())
    return b"".join(n + b":" + v + b"\n" for n, v in sorted(group(lowered)))


def aws_payload_hash(request):
    return hashlib.sha256(request.body).hexdigest().encode()


def aws_mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def aws_derive(request, account, call, moment, scope, signed, payload):
    """The stages of one request; `scope` is (date, region, service)."""
    s3 = call.get("variant") == "s3"
    presigned = call.get("operation") == "presigned"
    stages = {}
    stages["canonical_path"] = aws_canonical_path(request, s3)
    stages["canonical_query"] = aws_canonical_query(request, presigned)
    stages["signed_headers"] = signed
    stages["canonical_headers"] = aws_canonical_headers(request.headers, signed)
    stages["payload_hash"] = payload
    stages["canonical_request"] = b"\n".join([
        request.method,
        stages["canonical_path"],
        stages["canonical_query"],
        stages["canonical_headers"],
        signed,
        stages["payload_hash"],
    ])
    stages["scope"] = b"/".join(scope + (b"aws4_request",))
    stages["string_to_sign"] = b"\n".join([
        AWS_ALGORITHM, as_datetime(moment).strftime("%Y%m%dT%H%M%SZ").encode(), stages["scope"],
        hashlib.sha256(stages["canonical_request"]).hexdigest().encode(),
    ])
    key = b"AWS4" + account["secret_access_key"]
    for part in scope + (b"aws4_request",):
        key = aws_mac(key, part)
    stages["signing_key"] = key
    stages["signature"] = aws_mac(key, stages["string_to_sign"]).hex().encode()
    return stages


def aws_sign(message, given):
    account = {k: to_bytes(v) for k, v in given["account"].items()}
    parameters = {k: to_bytes(v) for k, v in (given.get("parameters") or {}).items()}
    moment = parse_time(given["time"])
    request = Request.intended(given["request"])
    stamp = as_datetime(moment).strftime("%Y%m%dT%H%M%SZ").encode()
    day = stamp[:8]
    if bug("aws-s4"):
        local = timezone(timedelta(hours=8))
        day = as_datetime(moment).astimezone(local).strftime("%Y%m%d").encode()
    scope = (day, parameters["region"], parameters["service"])
    key_id = account["access_key_id"]
    token = account.get("session_token")
    s3 = message.get("variant") == "s3"
    if message.get("operation") == "presigned":
        signed = aws_signed_headers(request.headers)
        request.set_query(b"X-Amz-Algorithm", AWS_ALGORITHM)
        request.set_query(b"X-Amz-Credential", b"/".join((key_id,) + scope + (b"aws4_request",)))
        request.set_query(b"X-Amz-Date", stamp)
        request.set_query(b"X-Amz-Expires", parameters.get("expires", b"3600"))
        if token and not bug("aws-s3"):
            request.set_query(b"X-Amz-Security-Token", token)
        request.set_query(b"X-Amz-SignedHeaders", signed)
        payload = b"UNSIGNED-PAYLOAD" if s3 else aws_payload_hash(request)
        stages = aws_derive(request, account, message, moment, scope, signed, payload)
        request.set_query(b"X-Amz-Signature", stages["signature"])
        if token and bug("aws-s3"):
            request.set_query(b"X-Amz-Security-Token", token)
        return stages, request
    request.set_header(b"X-Amz-Date", stamp)
    if token and not bug("aws-s3"):
        request.set_header(b"X-Amz-Security-Token", token)
    payload = aws_payload_hash(request)
    if s3:
        payload = parameters.get("payload", payload)
        request.set_header(b"X-Amz-Content-Sha256", payload)
    signed = aws_signed_headers(request.headers)
    stages = aws_derive(request, account, message, moment, scope, signed, payload)
    stages["authorization"] = b"%s Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
        AWS_ALGORITHM, key_id, stages["scope"], signed, stages["signature"])
    request.set_header(b"Authorization", stages["authorization"])
    if token and bug("aws-s3"):
        request.set_header(b"X-Amz-Security-Token", token)
    return stages, request


def aws_parse_stamp(text):
    if not re.fullmatch(rb"\d{8}T\d{6}Z", text):
        raise Refused("malformed")
    try:
        moment = datetime.strptime(text.decode(), "%Y%m%dT%H%M%SZ")
    except ValueError:
        raise Refused("malformed")
    return Fraction(int((moment.replace(tzinfo=timezone.utc) - EPOCH).total_seconds()))


def aws_parse_date(text):
    """The basic form of ISO 8601, or the date of HTTP."""
    if re.fullmatch(rb"\d{8}T\d{6}Z", text):
        return aws_parse_stamp(text)
    if not re.fullmatch(rb"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", text):
        raise Refused("malformed")
    try:
        moment = parsedate_to_datetime(text.decode())
    except ValueError:
        raise Refused("malformed")
    return Fraction(int((moment.replace(tzinfo=timezone.utc) - EPOCH).total_seconds()))


def aws_parse_authorization(text):
    if text is None:
        raise Refused("missing-credential")
    prefix = AWS_ALGORITHM + b" "
    if not text.startswith(prefix):
        raise Refused("malformed")
    parts = []
    for piece in text[len(prefix):].split(b", " if bug("aws-v10") else b","):
        name, mark, value = piece.strip(b" \t").partition(b"=")
        if not mark:
            raise Refused("malformed")
        parts.append((name, value))
    return parts


def aws_need(value):
    if value is None:
        raise Refused("missing-credential")
    return value


def aws_verify(call, message, accounts, parameters, state):
    request = Request(message["request"])
    now = parse_time(message["now"])
    presigned = call.get("operation") == "presigned"
    s3 = call.get("variant") == "s3"
    query = request.query(False)
    if presigned:
        source = query
        algorithm = aws_need(only(query, b"X-Amz-Algorithm"))
        names = (b"X-Amz-Credential", b"X-Amz-SignedHeaders", b"X-Amz-Signature")
    else:
        source = aws_parse_authorization(request.header(b"authorization"))
        algorithm = AWS_ALGORITHM
        names = (b"Credential", b"SignedHeaders", b"Signature")
    credential = aws_need(only(source, names[0])).split(b"/")
    if len(credential) < 5 or credential[-1] != b"aws4_request":
        raise Refused("malformed")
    key_id = b"/".join(credential[:-4])
    scope = tuple(credential[-4:-1])
    signed = aws_need(only(source, names[1]))
    sent = aws_need(only(source, names[2]))
    if presigned:
        moment = aws_parse_stamp(aws_need(only(query, b"X-Amz-Date")))
    else:
        stamp = request.header(b"x-amz-date")
        if stamp is None and not bug("aws-v11"):
            stamp = request.header(b"date")
        moment = aws_parse_date(aws_need(stamp))

    if algorithm != AWS_ALGORITHM:
        raise Refused("malformed")
    account = next((a for a in accounts if a.get("access_key_id") == key_id), None)
    if account is None:
        raise Refused("unknown-key")
    if scope[0] != as_datetime(moment).strftime("%Y%m%d").encode():
        raise Refused("value-mismatch")
    wrong_place = scope[1] != parameters["region"] or scope[2] != parameters["service"]
    if wrong_place and not bug("aws-v6"):
        raise Refused("value-mismatch")
    token = only(query, b"X-Amz-Security-Token") if presigned else request.header(b"x-amz-security-token")
    if bug("aws-v8"):
        if token and token != account.get("session_token", b""):
            raise Refused("wrong-token")
    elif (token or b"") != account.get("session_token", b""):
        raise Refused("wrong-token")
    names = signed.split(b";")
    if b"host" not in names and not bug("aws-v7"):
        raise Refused("unsigned-part")
    for name, _ in request.headers:
        if name.lower().startswith(b"x-amz-") and name.lower() not in names and not bug("aws-v2"):
            raise Refused("unsigned-part")
    skew = int(parameters.get("skew", b"300"))
    if presigned:
        expires = only(query, b"X-Amz-Expires")
        if expires is None or not re.fullmatch(rb"\d+", expires):
            raise Refused("malformed")
        if int(expires) > 604800 and not bug("aws-v10"):
            raise Refused("malformed")
        lifetime = skew if bug("aws-v3") else int(expires)
        if now < moment - skew or now > moment + lifetime:
            raise Refused("expired")
    elif abs(now - moment) > skew and not bug("aws-v1"):
        raise Refused("expired")
    payload = aws_payload_hash(request)
    if s3 and presigned:
        payload = b"UNSIGNED-PAYLOAD"
    elif s3:
        claimed = request.header(b"x-amz-content-sha256")
        if claimed is None or (claimed not in (payload, b"UNSIGNED-PAYLOAD") and not bug("aws-v11")):
            raise Refused("value-mismatch")
        payload = claimed
    elif bug("aws-v11") and not presigned:
        payload = request.header(b"x-amz-content-sha256") or payload
    stages = aws_derive(request, account, call, moment, scope, signed, payload)
    if bug("aws-v7"):
        sent = sent.lower()
    if not hmac.compare_digest(sent, stages["signature"]):
        raise Refused("signature-mismatch")


# ---------------------------------------------------------------- OAuth 1.0a


def oauth_base_uri(request):
    scheme = request.scheme.lower()
    host = (request.header(b"host") or b"").lower()
    default = {b"http": b":80", b"https": b":443"}.get(scheme)
    if default and host.endswith(default):
        host = host[:-len(default)]
    if bug("oa-s3"):
        host = re.sub(rb":\d+$", b"", host)
    path = request.path or b"/"
    if bug("oa-v8"):
        path = percent_encode(percent_decode(path), b"/")
    return scheme + b"://" + host + path


def oauth_normalized(request, protocol):
    query = [(n, v or b"") for n, v in request.query(True)]
    form = [(n, v or b"") for n, v in request.form()]
    if bug("oa-s4"):
        query, form = list(dict(query).items()), []
    if bug("oa-v9"):
        query = [(n, v) for n, v in query if v]
    pairs = query + form + [(n, v) for n, v in protocol if n != b"realm" or bug("oa-s5")]
    pairs = [(n, v) for n, v in pairs if n != b"oauth_signature"]
    if bug("oa-s1"):
        return b"&".join(percent_encode(n) + b"=" + percent_encode(v) for n, v in sorted(pairs))
    encoded = sorted((percent_encode(n), percent_encode(v)) for n, v in pairs)
    return b"&".join(n + b"=" + v for n, v in encoded)


def oauth_derive(request, account, protocol):
    stages = {}
    stages["base_uri"] = oauth_base_uri(request)
    stages["normalized_parameters"] = oauth_normalized(request, protocol)
    stages["string_to_sign"] = b"&".join(percent_encode(part) for part in (
        request.method.upper(), stages["base_uri"], stages["normalized_parameters"]))
    stages["signing_key"] = (percent_encode(account["consumer_secret"]) + b"&"
                             + percent_encode(account.get("token_secret", b"")))
    if bug("oa-s2"):
        stages["signing_key"] = account["consumer_secret"] + b"&" + account.get("token_secret", b"")
    digest = hmac.new(stages["signing_key"], stages["string_to_sign"], hashlib.sha1).digest()
    stages["signature"] = base64.b64encode(digest)
    return stages


def oauth_sign(message, given):
    account = {k: to_bytes(v) for k, v in given["account"].items()}
    parameters = {k: to_bytes(v) for k, v in (given.get("parameters") or {}).items()}
    request = Request.intended(given["request"])
    moment = parse_time(given["time"])
    protocol = [
        (b"realm", parameters.get("realm")),
        (b"oauth_consumer_key", account["consumer_key"]),
        (b"oauth_token", account.get("token")),
        (b"oauth_signature_method", b"HMAC-SHA1"),
        (b"oauth_timestamp", b"%d" % int(moment // 1)),
        (b"oauth_nonce", to_bytes(given["nonce"])),
        (b"oauth_callback", parameters.get("callback")),
        (b"oauth_verifier", parameters.get("verifier")),
        (b"oauth_version", parameters.get("version")),
    ]
    needed = (b"oauth_consumer_key", b"oauth_signature_method", b"oauth_timestamp", b"oauth_nonce")
    protocol = [(n, v) for n, v in protocol if v or n in needed]
    stages = oauth_derive(request, account, protocol)
    fields = []
    for name, value in protocol + [(b"oauth_signature", stages["signature"])]:
        if name == b"realm":
            value = value.replace(b"\\", b"\\\\").replace(b'"', b'\\"')
        else:
            value = percent_encode(value)
        fields.append(percent_encode(name) + b'="' + value + b'"')
    stages["authorization"] = b"OAuth " + b", ".join(fields)
    request.set_header(b"Authorization", stages["authorization"])
    return stages, request


def oauth_split(text):
    """Split at commas outside of quoted strings."""
    pieces, piece, quoted, escaped = [], bytearray(), False, False
    for c in text:
        if quoted:
            if escaped:
                escaped = False
            elif c == 0x5C:
                escaped = True
            elif c == 0x22:
                quoted = False
        elif c == 0x22:
            quoted = True
        elif c == 0x2C:
            pieces.append(bytes(piece))
            piece = bytearray()
            continue
        piece.append(c)
    pieces.append(bytes(piece))
    return pieces


def oauth_parse_authorization(text):
    if text is None:
        raise Refused("missing-credential")
    word = text[:6] if bug("oa-v4") else text[:6].lower().replace(b"oa", b"OA", 1)
    if word != b"OAuth ":
        raise Refused("malformed")
    protocol = []
    pieces = text[6:].split(b",") if bug("oa-v6") else oauth_split(text[6:])
    for piece in pieces:
        name, mark, value = piece.strip(b" \t").partition(b"=")
        if not mark or len(value) < 2 or value[:1] != b'"' or value[-1:] != b'"':
            raise Refused("malformed")
        value = value[1:-1]
        name = percent_decode(name, strict=True)
        if name == b"realm":
            if not re.fullmatch(rb'(?:[^"\\]|\\.)*', value, flags=re.S):
                raise Refused("malformed")
            value = re.sub(rb"\\(.)", rb"\1", value, flags=re.S)
        else:
            if b'"' in value:
                raise Refused("malformed")
            value = percent_decode(value, plus=bug("oa-v5"), strict=True)
        protocol.append((name, value))
    return protocol


def oauth_need(protocol, name):
    value = only(protocol, name)
    if value is None:
        raise Refused("missing-credential")
    return value


def oauth_same(sent, expected):
    if bug("oa-v7"):
        try:
            return hmac.compare_digest(base64.b64decode(sent), base64.b64decode(expected))
        except ValueError:
            return False
    return hmac.compare_digest(sent, expected)


def oauth_verify(call, message, accounts, parameters, state):
    request = Request(message["request"])
    now = parse_time(message["now"])
    request.query(True), request.form()  # what does not parse is refused first
    protocol = oauth_parse_authorization(request.header(b"authorization"))
    if bug("oa-v10"):
        protocol = list(dict(protocol).items())
    key = oauth_need(protocol, b"oauth_consumer_key")
    token = only(protocol, b"oauth_token") or b""
    method = oauth_need(protocol, b"oauth_signature_method")
    version = only(protocol, b"oauth_version")
    sent = oauth_need(protocol, b"oauth_signature")
    nonce = oauth_need(protocol, b"oauth_nonce")
    stamp = oauth_need(protocol, b"oauth_timestamp")
    if not re.fullmatch(rb"[1-9]\d*", stamp):
        raise Refused("malformed")
    moment = int(stamp)

    if len({n for n, _ in protocol}) != len(protocol):
        raise Refused("malformed")
    if method != b"HMAC-SHA1" and not bug("oa-v10"):
        raise Refused("malformed")
    if version is not None and version != b"1.0" and not bug("oa-v4"):
        raise Refused("malformed")
    account = None
    for candidate in accounts:
        same_token = candidate.get("token", b"") == token or bug("oa-v11")
        if candidate.get("consumer_key") == key and same_token:
            account = candidate
            break
    if account is None:
        raise Refused("unknown-key", "401")
    age = now - moment if bug("oa-v3") else abs(now - moment)
    if age > int(parameters.get("skew", b"300")):
        raise Refused("expired", "401")
    stages = oauth_derive(request, account, protocol)
    if not oauth_same(sent, stages["signature"]):
        raise Refused("signature-mismatch", "401")
    if bug("oa-v2") and not token:
        return
    seen = state.setdefault("nonces", set())
    entry = (key, token, stamp, nonce)
    if entry in seen:
        raise Refused("replayed", "401")
    seen.add(entry)


# ---------------------------------------------------------------- GitHub webhooks


def github_mac(secret, body):
    return hmac.new(secret, body, hashlib.sha256).hexdigest().encode()


def github_sign(message, given):
    request = Request.intended(given["request"])
    secret = to_bytes(given["account"]["secret"])
    body = request.body
    if bug("gh-s1"):
        body = body.decode("utf-8", "replace").encode("ascii", "replace")
    if bug("gh-s2"):
        secret += b"\n"
    if bug("gh-s3"):
        try:
            body = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
        except ValueError:
            pass
    signature = github_mac(secret, body)
    request.set_header(b"X-Hub-Signature-256", b"sha256=" + signature)
    return {"signature": signature}, request


def github_body(request):
    if bug("gh-v2"):
        return request.body.decode("utf-8", "replace").encode()
    if bug("gh-v4"):
        payload = [v for n, v in request.form() if n == b"payload" and v is not None]
        if payload:
            return payload[0]
    if bug("gh-v5"):
        return request.body.strip()
    return request.body


def github_same(sent, expected):
    if bug("gh-v3"):
        sent = sent.lower()
    if bug("gh-v6"):
        difference = 0
        for left, right in zip(sent, expected):
            difference |= left ^ right
        return difference == 0
    return hmac.compare_digest(sent, expected)


def github_verify(call, message, accounts, parameters, state):
    request = Request(message["request"])
    secret = accounts[0].get("secret")
    header = request.header(b"x-hub-signature-256")
    if header is None:
        if bug("gh-v5"):
            return
        raise Refused("missing-credential")
    if bug("gh-v1"):
        sent = header.split(b"=")[-1]
    elif not header.startswith(b"sha256="):
        raise Refused("malformed")
    else:
        sent = header[len(b"sha256="):]
    if not secret or not github_same(sent, github_mac(secret, github_body(request))):
        raise Refused("signature-mismatch")


# ---------------------------------------------------------------- Flipsnack


def multipart_fields(request):
    """The fields of a multipart body that are not files, as names and values."""
    if request.media_type() != b"multipart/form-data":
        return []
    match = re.search(rb'boundary=(?:"([^"]+)"|([^;\s]+))', request.header(b"content-type"), re.I)
    if not match:
        return []
    boundary = b"--" + (match.group(1) or match.group(2))
    fields = []
    for part in (b"\r\n" + request.body).split(b"\r\n" + boundary)[1:]:
        if part.startswith(b"--"):
            break
        head, mark, value = part.partition(b"\r\n\r\n")
        if not mark:
            continue
        name = None
        upload = False
        for line in head.split(b"\r\n"):
            key, _, rest = line.partition(b":")
            if key.strip().lower() != b"content-disposition":
                continue
            found = re.search(rb';\s*name="([^"]*)"', rest)
            name = found.group(1) if found else None
            upload = re.search(rb";\s*filename\*?=", rest) is not None
        if name is not None and not upload:
            fields.append((name, value))
    return fields


def flipsnack_fields(request):
    fields = request.query(True) + request.form()
    if bug("fs-v1"):
        fields = [(re.sub(rb"[ .]", b"_", n), v) for n, v in fields]
    fields += multipart_fields(request)
    if bug("fs-v3"):
        fields = list(dict(fields).items())
    return fields


def flipsnack_derive(secret, pairs):
    left_out = (b"signature",) if bug("fs-v5") else (b"signature", b"file")
    pairs = [(n, v or b"") for n, v in pairs if n not in left_out]
    if bug("fs-s3"):
        pairs = [(n, v) for n, v in pairs if v]
    pairs.sort(key=lambda pair: pair[0].lower() if bug("fs-s2") else pair[0])
    if bug("fs-s1"):
        pairs = [(n, quote_plus(v).encode()) for n, v in pairs]
    stages = {"canonical_query": b"".join(n + v for n, v in pairs)}
    stages["string_to_sign"] = secret + stages["canonical_query"]
    if bug("fs-s3"):
        stages["string_to_sign"] = stages["canonical_query"] + secret
    stages["signature"] = hashlib.md5(stages["string_to_sign"]).hexdigest().encode()
    return stages


def flipsnack_sign(message, given):
    request = Request.intended(given["request"])
    account = {k: to_bytes(v) for k, v in given["account"].items()}
    if bug("fs-s4"):
        unsigned = [(n, v) for n, v in flipsnack_fields(request) if n != b"apiKey"]
        stages = flipsnack_derive(account["secret"], unsigned)
        request.set_query(b"apiKey", account["api_key"])
    else:
        request.set_query(b"apiKey", account["api_key"])
        stages = flipsnack_derive(account["secret"], flipsnack_fields(request))
    request.set_query(b"signature", stages["signature"])
    return stages, request


def flipsnack_verify(call, message, accounts, parameters, state):
    request = Request(message["request"])
    fields = flipsnack_fields(request)
    expected = b"POST" if call.get("variant") == "upload" else b"GET"
    head = bug("fs-v2") and request.method == b"HEAD" and expected == b"GET"
    if request.method != expected and not head:
        raise Refused("wrong-method", code="40")
    query = request.query(True)
    if bug("fs-v3"):
        query = list(dict(query).items())
    key = only(query, b"apiKey")
    if not key:
        raise Refused("missing-credential", code="30")
    sent = only(query, b"signature")
    if not sent:
        raise Refused("missing-credential", code="30")
    account = next((a for a in accounts if a.get("api_key") == key), None)
    if account is None or (not account.get("secret") and not bug("fs-v4")):
        raise Refused("unknown-key", code="41")
    stages = flipsnack_derive(account.get("secret", b""), fields)
    if bug("fs-v2"):
        sent = sent.lower()
    if not hmac.compare_digest(sent, stages["signature"]):
        raise Refused("signature-mismatch", code="44", message="Invalid signature")


# ---------------------------------------------------------------- protocol

SCHEMES = {
    "aws-sigv4": (aws_sign, aws_verify),
    "oauth1": (oauth_sign, oauth_verify),
    "github": (github_sign, github_verify),
    "flipsnack": (flipsnack_sign, flipsnack_verify),
}


def answer_sign(message):
    sign = SCHEMES[message["scheme"]][0]
    stages, request = sign(message, message["given"])
    reply = {"signed_request": request.as_json()}
    if BUG not in NO_STAGES:
        reply["stages"] = {name: to_json(value) for name, value in stages.items()}
    return reply


def answer_verify(message):
    verify = SCHEMES[message["scheme"]][1]
    given = message["given"]
    accounts = [{k: to_bytes(v) for k, v in account.items() if not isinstance(v, list)}
                for account in given["accounts"]]
    parameters = {k: to_bytes(v) for k, v in (given.get("parameters") or {}).items()}
    state = {}
    results = []
    for item in given["messages"]:
        try:
            verify(message, item, accounts, parameters, state)
            results.append({"accept": True})
        except Refused as refused:
            if message["scheme"] == "oauth1":
                refused.fields.setdefault("status", "400")
            results.append({"accept": False, **refused.fields})
    return {"results": results}


def answer(message):
    global SIDE
    if message["op"] == "start":
        return {"name": "four-signers", "version": "1.0", "language": "python",
                "schemes": {name: ["sign", "verify"] for name in SCHEMES},
                "capabilities": ["time", "credentials", "state"]}
    if message["op"] not in ("sign", "verify"):
        return {"error": "unknown op"}
    if message.get("scheme") not in SCHEMES:
        return {"skipped": "no support for this scheme"}
    SIDE = message["op"]
    return answer_sign(message) if SIDE == "sign" else answer_verify(message)


def main():
    global BUG
    arguments = sys.argv[1:]
    if len(arguments) == 2 and arguments[0] == "--bug":
        BUG = arguments[1]
    elif arguments:
        sys.exit("usage: subject.py [--bug ID]")
    for line in filter(str.strip, sys.stdin):
        message = json.loads(line)
        if message.get("op") == "stop":
            break
        try:
            reply = answer(message)
        except Exception as error:  # reported to the runner, which counts it as a failure
            reply = {"error": "%s: %s" % (type(error).__name__, error)}
        print(json.dumps({"seq": message.get("seq"), **reply}), flush=True)


if __name__ == "__main__":
    main()
