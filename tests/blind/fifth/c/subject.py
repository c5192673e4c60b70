"""Adapter: slack, shopify, flip-for-business and azure-shared-key, signing and verifying.

Reads one JSON object a line, writes one a line. `--bug ID` makes one implementation wrong as bugs.json says.
"""
import argparse
import base64
import binascii
import hashlib
import hmac
import ipaddress
import json
import re
import sys
import urllib.parse
from datetime import datetime, timedelta, timezone

CHOSEN = ""
BUG = ""  # the chosen one, while its own side is at work
# Sign bugs whose implementation has no debug output of its stages.
SILENT = {"sl-s2", "sl-s4", "sh-s1", "sh-s3", "fl-s1", "fl-s3", "az-s2", "az-s4"}
SCHEMES = ["slack", "shopify", "flip-for-business", "azure-shared-key"]


class Reject(Exception):
    def __init__(self, reason, status=None, code=None):
        super().__init__(reason)
        self.reason, self.status, self.code = reason, status, code


# ---------------------------------------------------------------- values

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


def parse_clock(text):
    """RFC 3339 in UTC, as microseconds since 1970."""
    match = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?(?:Z|\+00:00)", text)
    moment = datetime(*(int(part) for part in match.groups()[:6]), tzinfo=timezone.utc)
    fraction = int(((match.group(7) or "") + "000000")[:6])
    return (moment - EPOCH) // timedelta(seconds=1) * 1_000_000 + fraction


EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]


def http_date(seconds):
    moment = EPOCH + timedelta(seconds=seconds)
    return "{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT".format(
        DAYS[moment.weekday()], moment.day, MONTHS[moment.month - 1], moment.year,
        moment.hour, moment.minute, moment.second).encode()


def parse_http_date(value):
    match = re.fullmatch(rb"(\w{3}), (\d\d) (\w{3}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT", value)
    if not match:
        raise Reject("malformed")
    day, number, month, year, hour, minute, second = (part.decode() for part in match.groups())
    try:
        moment = datetime(int(year), MONTHS.index(month) + 1, int(number), int(hour), int(minute), int(second),
                          tzinfo=timezone.utc)
    except ValueError:
        raise Reject("malformed")
    if DAYS[moment.weekday()] != day:
        raise Reject("malformed")
    return (moment - EPOCH) // timedelta(seconds=1)


def parse_unix(value):
    if not re.fullmatch(rb"0|-?[1-9][0-9]*", value):
        raise Reject("malformed")
    return int(value)


# ---------------------------------------------------------------- HTTP

class Request:
    def __init__(self, raw):
        self.method = to_bytes(raw["method"])
        self.scheme = to_bytes(raw.get("scheme", "https"))
        self.target = to_bytes(raw["target"])
        self.headers = [(to_bytes(name), to_bytes(value)) for name, value in raw.get("headers", [])]
        self.body = to_bytes(raw.get("body", ""))

    @classmethod
    def from_intent(cls, raw):
        if raw.get("target") is not None:
            target = to_bytes(raw["target"])
        else:
            path = urllib.parse.quote(to_bytes(raw.get("path") or "/"), safe="/-._~!$&'()*+,;=:@")
            query = "&".join("=".join(urllib.parse.quote(to_bytes(part), safe="") for part in pair)
                             for pair in raw.get("query") or [])
            target = (path + ("?" + query if query else "")).encode()
        request = cls({"method": raw["method"], "scheme": raw.get("scheme", "https"), "target": "",
                       "headers": raw.get("headers") or [], "body": raw.get("body", "")})
        request.target = target
        if not request.all(b"host"):
            request.headers.insert(0, (b"Host", to_bytes(raw["host"])))
        return request

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name):
        values = self.all(name)
        if len(values) > 1:
            raise Reject("malformed")
        return values[0] if values else None

    def set(self, name, value):
        self.headers = [pair for pair in self.headers if pair[0].lower() != name.lower()] + [(name, value)]

    @property
    def path(self):
        return self.target.partition(b"?")[0]

    @property
    def query(self):
        return self.target.partition(b"?")[2]

    @property
    def media_type(self):
        values = self.all(b"content-type")
        return values[0].split(b";")[0].strip().lower() if values else b""

    def json(self):
        return {"method": from_bytes(self.method), "scheme": from_bytes(self.scheme),
                "target": from_bytes(self.target),
                "headers": [[from_bytes(name), from_bytes(value)] for name, value in self.headers],
                "body": from_bytes(self.body)}


FORM = b"application/x-www-form-urlencoded"


def parse_pairs(text, plus):
    pairs = []
    for piece in text.split(b"&"):
        if not piece:
            continue
        name, equals, value = piece.partition(b"=")
        if plus:
            name, value = name.replace(b"+", b" "), value.replace(b"+", b" ")
        pairs.append((unescape(name), unescape(value)))
    return pairs


def unescape(text):
    if re.search(rb"%(?![0-9A-Fa-f]{2})", text):
        raise Reject("malformed")
    return urllib.parse.unquote_to_bytes(text)


def single(pairs, name):
    values = [value for key, value in pairs if key == name]
    if len(values) > 1:
        raise Reject("malformed")
    return values[0] if values else None


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def secret_of(account, name="secret"):
    secret = to_bytes(account[name])
    if not secret:
        raise Reject("signature-mismatch")
    return secret


def decode_loosely(text):
    """Base64 as Buffer.from(text, 'base64') of Node.js reads it."""
    text = text.replace(b"-", b"+").replace(b"_", b"/").split(b"=")[0]
    text = re.sub(rb"[^A-Za-z0-9+/]", b"", text)
    if len(text) % 4 == 1:
        text = text[:-1]
    return base64.b64decode(text + b"=" * (-len(text) % 4))


# ---------------------------------------------------------------- slack

def slack_base(timestamp, body):
    return b":".join([b"v0", timestamp, body])


def slack_sign(account, request, given, variant):
    now = parse_clock(given["time"])
    timestamp = str(now // 1_000_000).encode()
    if BUG == "sl-s4":
        timestamp = str(now // 1000).encode()
    secret = to_bytes(account["secret"])
    if BUG == "sl-s1":
        digits = re.match(rb"(?:[0-9A-Fa-f]{2})*", secret).group()
        secret = bytes.fromhex(digits.decode())
    body = request.body
    if BUG == "sl-s2" and request.media_type == FORM:
        body = urllib.parse.urlencode(urllib.parse.parse_qsl(body.decode("latin-1"), keep_blank_values=True,
                                                             encoding="latin-1"), encoding="latin-1").encode("latin-1")
    if BUG == "sl-s3":
        body = body.decode("utf-8", errors="replace").encode("utf-8")
    base = slack_base(timestamp, body)
    if BUG == "sl-s5":
        base = b"v0:" + timestamp + b"." + body
    signature = hmac_sha256(secret, base).hex().encode()
    if BUG == "sl-s5":
        signature = signature.upper()
    request.set(b"X-Slack-Request-Timestamp", timestamp)
    request.set(b"X-Slack-Signature", b"v0=" + signature)
    return {"string_to_sign": base, "signature": signature}


def slack_header(request, name):
    if BUG == "sl-v8":
        return dict((key.lower(), value) for key, value in request.headers).get(name.lower())
    if BUG == "sl-v10":
        values = [value for key, value in request.headers if key == name]
        if len(values) > 1:
            raise Reject("malformed")
        return values[0] if values else None
    return request.header(name)


def slack_body(request):
    body = request.body
    if BUG == "sl-v3" and request.media_type == b"application/json":
        try:
            body = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode("utf-8")
        except ValueError:
            pass
    if BUG == "sl-v4" and request.media_type == FORM:
        body = getattr(request, "raw_body", b"")
    return body


def slack_same(expected, sent):
    if BUG == "sl-v5":
        for left, right in zip(expected, sent):
            if left != right:
                return False
        return True
    if BUG == "sl-v7":
        return hmac.compare_digest(expected, sent.lower())
    return hmac.compare_digest(expected, sent)


def slack_verify(accounts, parameters, request, message, variant):
    timestamp = slack_header(request, b"X-Slack-Request-Timestamp")
    if timestamp is None:
        raise Reject("missing-credential")
    if BUG == "sl-v6":
        match = re.match(rb"\s*([+-]?[0-9]+)", timestamp)
        if not match:
            raise Reject("malformed")
        seconds = int(match.group(1))
    else:
        seconds = parse_unix(timestamp)
    sent = slack_header(request, b"X-Slack-Signature")
    if sent is None:
        raise Reject("missing-credential")
    if BUG == "sl-v9":
        sent = sent.split(b"=", 1)[-1]
    else:
        if not sent.startswith(b"v0="):
            raise Reject("malformed")
        sent = sent[3:]
    tolerance = int(to_bytes(parameters.get("tolerance", "300"))) * 1_000_000
    age = parse_clock(message["now"]) - seconds * 1_000_000
    if BUG == "sl-v1":
        stale = age > tolerance
    elif BUG == "sl-v2":
        stale = abs(age) >= tolerance
    elif BUG == "sl-v9":
        stale = False
    else:
        stale = abs(age) > tolerance
    if stale:
        raise Reject("expired")
    secret = secret_of(accounts[0])
    expected = hmac_sha256(secret, slack_base(timestamp, slack_body(request))).hex().encode()
    if not slack_same(expected, sent):
        raise Reject("signature-mismatch")


# ---------------------------------------------------------------- shopify

def shopify_message(pairs):
    kept = sorted((pair for pair in pairs if pair[0] != b"hmac"), key=lambda pair: pair[0])
    return b"&".join(name + b"=" + value for name, value in kept)


def shopify_sign_callback(account, request, given, variant):
    secret = to_bytes(account["secret"])
    pairs = parse_pairs(request.query, plus=True)
    message = shopify_message(pairs)
    if BUG == "sh-s2":
        kept = sorted((pair for pair in pairs if pair[0] != b"hmac"), key=lambda pair: pair[0])
        message = urllib.parse.urlencode(kept).encode()
    if BUG == "sh-s3":
        known = (b"code", b"host", b"shop", b"state", b"timestamp")
        message = shopify_message([pair for pair in pairs if pair[0] in known])
    if BUG == "sh-s4":
        message = b"&".join(name + b"=" + value for name, value in pairs if name != b"hmac")
        signature = hmac_sha256(message, secret).hex().encode()
    else:
        signature = hmac_sha256(secret, message).hex().encode()
    rest = [piece for piece in request.query.split(b"&") if piece and parse_pairs(piece, True)[0][0] != b"hmac"]
    request.target = request.path + b"?" + b"&".join(rest + [b"hmac=" + signature])
    return {"message": message, "signature": signature}


def shopify_sign_webhook(account, request, given, variant):
    digest = hmac_sha256(to_bytes(account["secret"]), request.body)
    signature = base64.b64encode(digest)
    if BUG == "sh-s1":
        signature = digest.hex().encode()
    request.set(b"X-Shopify-Hmac-Sha256", signature)
    return {"signature": signature}


def shopify_query(request):
    if BUG == "sh-v4":
        return parse_pairs(request.query, plus=False)
    pairs = parse_pairs(request.query, plus=True)
    if BUG == "sh-v3":
        return list(dict(pairs).items())
    if BUG == "sh-v6":
        return [pair for pair in pairs if pair[1]]
    return pairs


def shopify_verify_callback(accounts, parameters, request, message, variant):
    pairs = shopify_query(request)
    sent = single(pairs, b"hmac")
    if not sent:
        raise Reject("missing-credential")
    if BUG == "sh-v1":
        pairs = [pair for pair in pairs if pair[0] != b"signature"]
    text = shopify_message(pairs)
    if BUG == "sh-v7":
        text = b"&".join(sorted(name + b"=" + value for name, value in pairs if name != b"hmac"))
    if BUG == "sh-v9":
        rest = parse_pairs(re.sub(rb"hmac=[^&]*&?", b"", request.query), plus=True)
        text = b"&".join(name + b"=" + value for name, value in sorted(rest, key=lambda pair: pair[0]))
        sent = sent.lower()
    expected = hmac_sha256(secret_of(accounts[0]), text).hex().encode()
    if not hmac.compare_digest(expected, sent):
        raise Reject("signature-mismatch")


def shopify_verify_webhook(accounts, parameters, request, message, variant):
    name = b"X-Shopify-Hmac-Sha256"
    if BUG == "sh-v8":
        sent = (request.all(name) or [b""])[0]
        if not sent:
            return
    else:
        sent = request.header(name)
    if not sent:
        raise Reject("missing-credential")
    body = request.body
    if BUG == "sh-v2":
        try:
            text = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False)
            body = text.replace("/", "\\/").replace("&", "\\u0026").encode("utf-8")
        except ValueError:
            pass
    digest = hmac_sha256(secret_of(accounts[0]), body)
    if BUG == "sh-v5":
        same = hmac.compare_digest(digest, decode_loosely(sent))
    else:
        same = hmac.compare_digest(base64.b64encode(digest), sent)
    if not same:
        raise Reject("signature-mismatch")


# ---------------------------------------------------------------- flip for business

FLIP_BASE = {"production": b"https://bigflip.id/api/", None: b"https://bigflip.id/big_sandbox_api"}
FLIP_SENDERS = ["149.129.234.86", "149.129.218.31", "34.101.204.31", "34.101.114.113",
                "34.101.63.196", "34.101.161.100", "34.101.232.118", "34.101.212.103"]


def flip_sign_request(account, request, given, variant):
    secret = to_bytes(account["secret"])
    credentials = base64.b64encode(secret + b":")
    if BUG == "fl-s1":
        credentials = base64.encodebytes(secret + b":").rstrip()
    if BUG == "fl-s3":
        credentials = base64.urlsafe_b64encode(secret)
    authorization = b"Basic " + credentials
    request.set(b"Authorization", authorization)
    return {"credentials": credentials, "authorization": authorization}


def flip_sign_callback(account, request, given, variant):
    token = to_bytes(account["validation_token"])
    if BUG == "fl-s2":
        token = to_bytes(account["secret"])
    pieces = [piece for piece in request.body.split(b"&") if piece and parse_pairs(piece, True)[0][0] != b"token"]
    pieces.append(b"token=" + urllib.parse.quote(token, safe="").encode())
    request.body = b"&".join(pieces)
    if not request.all(b"content-type"):
        request.headers.append((b"Content-Type", FORM))
    return {"token": token}


def listed(client, entries):
    try:
        address = ipaddress.ip_address(client or "")
        return any(address in ipaddress.ip_network(entry, strict=False) for entry in entries)
    except ValueError:
        return False


def flip_client(request, message):
    if BUG == "fl-v3":
        forwarded = request.all(b"x-forwarded-for")
        if forwarded:
            return forwarded[0].split(b",")[0].strip().decode("latin-1")
    return message.get("client_address")


def flip_credentials(request):
    value = request.header(b"authorization")
    if value is None:
        raise Reject("missing-credential", "401")
    scheme, space, encoded = value.partition(b" ")
    known = scheme == b"Basic" if BUG == "fl-v1" else scheme.lower() == b"basic"
    if not known or not space:
        raise Reject("malformed", "401")
    try:
        decoded = base64.b64decode(encoded, validate=True)
        if base64.b64encode(decoded) != encoded:
            raise Reject("malformed", "401")
    except binascii.Error:
        raise Reject("malformed", "401")
    user, colon, password = decoded.partition(b":")
    if not colon:
        raise Reject("malformed", "401")
    return user, password


def flip_verify_request(accounts, parameters, request, message, variant):
    user, password = flip_credentials(request)
    if not user:
        raise Reject("missing-credential", "401")
    account = None
    for candidate in accounts:
        if hmac.compare_digest(to_bytes(candidate["secret"]), user):
            account = candidate
    if account is None:
        raise Reject("unknown-key", "401")
    if password and BUG != "fl-v2":
        raise Reject("malformed", "401")
    if account.get("environment") != ("production" if variant == "production" else "sandbox"):
        raise Reject("wrong-environment", "401")
    base = FLIP_BASE[variant if variant == "production" else None]
    url = request.scheme + b"://" + (request.header(b"host") or b"") + request.target
    if BUG == "fl-v5":
        under = url.startswith(base)
    else:
        under = url == base or url.startswith(base.rstrip(b"/") + b"/")
    if not under:
        raise Reject("wrong-environment", "401")
    if variant == "production" and not listed(flip_client(request, message), account.get("allowed_addresses") or []):
        raise Reject("address-not-allowed", "401")


def flip_verify_callback(accounts, parameters, request, message, variant):
    if variant == "source-addresses" and not listed(flip_client(request, message), FLIP_SENDERS):
        raise Reject("address-not-allowed")
    form = parse_pairs(request.body, plus=True) if request.media_type == FORM else []
    data, token = single(form, b"data"), single(form, b"token")
    if BUG == "fl-v4":
        query = parse_pairs(request.query, plus=True)
        data = data if data is not None else single(query, b"data")
        token = token if token is not None else single(query, b"token")
    if not data and BUG != "fl-v6":
        raise Reject("malformed")
    if not token:
        raise Reject("missing-credential")
    if BUG == "fl-v6":
        token = token.strip()
    if not hmac.compare_digest(to_bytes(accounts[0]["validation_token"]), token):
        raise Reject("wrong-token")


# ---------------------------------------------------------------- azure shared key

OLD_VERSIONS = ("version-2014-02-14", "version-2015-02-21")
FIELDS_BEFORE_DATE = (b"Content-MD5", b"Content-Type")
FIELDS_AFTER_DATE = (b"If-Modified-Since", b"If-Match", b"If-None-Match", b"If-Unmodified-Since", b"Range")


def azure_field(request, name):
    if BUG == "az-v1":
        values = [value for key, value in request.headers if key == name]
        if len(values) > 1:
            raise Reject("malformed")
        return values[0] if values else b""
    return request.header(name) or b""


def azure_ms_headers(request):
    prefix = b"x-ms" if BUG == "az-v7" else b"x-ms-"
    return [(name.lower(), value) for name, value in request.headers if name.lower().startswith(prefix)]


def azure_headers(request, variant):
    fields = [(name, re.sub(rb"[ \t]+", b" ", value).strip(b" ")) for name, value in azure_ms_headers(request)]
    if variant in OLD_VERSIONS or BUG == "az-v6":
        fields = [field for field in fields if field[1]]
    if BUG == "az-v8":
        joined = {}
        for name, value in fields:
            joined[name] = joined[name] + b"," + value if name in joined else value
        fields = list(joined.items())
    if BUG == "az-s2":
        return b"".join(sorted(name + b":" + value + b"\n" for name, value in fields))
    fields.sort(key=lambda field: field[0])
    return b"".join(name + b":" + value + b"\n" for name, value in fields)


def azure_parameters(request, variant):
    if variant == "lite":
        if BUG == "az-s4":
            return b""
        return b"".join(b"?" + name + b"=" + value for name, value in parse_pairs(request.query, False)
                        if name == b"comp")
    if BUG == "az-s5":
        pairs = [piece.partition(b"=")[::2] for piece in unescape(request.query).split(b"&") if piece]
    else:
        pairs = parse_pairs(request.query, plus=False)
    if BUG != "az-v7":
        pairs = [(name.lower(), value) for name, value in pairs]
    grouped = {}
    for name, value in pairs:
        grouped.setdefault(name, []).append(value)
    lines = []
    for name in sorted(grouped):
        values = grouped[name] if BUG == "az-v2" else sorted(grouped[name])
        lines.append(b"\n" + name + b":" + b",".join(values))
    return b"".join(lines)


def azure_length(request, variant):
    if variant == "version-2014-02-14":
        length = azure_field(request, b"Content-Length")
        if BUG == "az-v5" and length == b"0":
            length = b""
        return length
    if not request.body:
        return b"0" if BUG == "az-s1" else b""
    return str(len(request.body)).encode()


def azure_stages(account, request, variant):
    stages = {"canonicalized_headers": azure_headers(request, variant)}
    ms_date = request.header(b"x-ms-date")
    stages["date"] = b"" if ms_date is not None else azure_field(request, b"Date")
    if BUG == "az-s5" and ms_date is not None:
        stages["date"] = ms_date
    path = request.path
    if BUG == "az-s3":
        path = urllib.parse.unquote_to_bytes(path)
    stages["parameters"] = azure_parameters(request, variant)
    stages["canonicalized_resource"] = b"/" + to_bytes(account["account_name"]) + path + stages["parameters"]
    lines = [request.method.upper()]
    if variant != "lite":
        stages["content_length"] = azure_length(request, variant)
        lines += [azure_field(request, b"Content-Encoding"), azure_field(request, b"Content-Language"),
                  stages["content_length"]]
    lines += [azure_field(request, name) for name in FIELDS_BEFORE_DATE] + [stages["date"]]
    if variant != "lite":
        lines += [azure_field(request, name) for name in FIELDS_AFTER_DATE]
    lines.append(stages["canonicalized_headers"] + stages["canonicalized_resource"])
    stages["string_to_sign"] = b"\n".join(lines)
    key = base64.b64decode(secret_of(account, "key"))
    stages["signature"] = base64.b64encode(hmac_sha256(key, stages["string_to_sign"]))
    return stages


def azure_sign(account, request, given, variant):
    request.set(b"x-ms-date", http_date(parse_clock(given["time"]) // 1_000_000))
    stages = azure_stages(account, request, variant)
    word = b"SharedKeyLite " if variant == "lite" else b"SharedKey "
    stages["authorization"] = word + to_bytes(account["account_name"]) + b":" + stages["signature"]
    request.set(b"Authorization", stages["authorization"])
    return stages


def azure_date(request):
    names = (b"Date", b"x-ms-date") if BUG == "az-v4" else (b"x-ms-date", b"Date")
    for name in names:
        value = request.header(name)
        if value is not None:
            return parse_http_date(value)
    raise Reject("missing-credential")


def azure_verify(accounts, parameters, request, message, variant):
    value = request.header(b"authorization")
    if value is None:
        raise Reject("missing-credential")
    word = b"SharedKeyLite " if variant == "lite" else b"SharedKey "
    if not value.startswith(word) or b":" not in value:
        raise Reject("malformed")
    account_name, _, sent = value[len(word):].partition(b":")
    when = azure_date(request)
    if BUG != "az-v8":
        names = [name for name, _ in azure_ms_headers(request)]
        if len(names) != len(set(names)):
            raise Reject("malformed", "400")
    account = next((one for one in accounts if to_bytes(one["account_name"]) == account_name), None)
    if BUG == "az-v3":
        account = accounts[0]
    if account is None:
        raise Reject("unknown-key", "403", "AuthenticationFailed")
    skew = int(to_bytes(parameters.get("skew", "900"))) * 1_000_000
    if abs(parse_clock(message["now"]) - when * 1_000_000) > skew:
        raise Reject("expired", "403", "AuthenticationFailed")
    expected = azure_stages(account, request, variant)["signature"]
    if BUG == "az-v8":
        same = hmac.compare_digest(base64.b64decode(expected), decode_loosely(sent))
    else:
        same = hmac.compare_digest(expected, sent)
    if not same:
        raise Reject("signature-mismatch", "403", "AuthenticationFailed")


# ---------------------------------------------------------------- protocol

SIGN = {("slack", "request"): slack_sign,
        ("shopify", "callback"): shopify_sign_callback, ("shopify", "webhook"): shopify_sign_webhook,
        ("flip-for-business", "request"): flip_sign_request, ("flip-for-business", "callback"): flip_sign_callback,
        ("azure-shared-key", "request"): azure_sign}
VERIFY = {("slack", "request"): slack_verify,
          ("shopify", "callback"): shopify_verify_callback, ("shopify", "webhook"): shopify_verify_webhook,
          ("flip-for-business", "request"): flip_verify_request,
          ("flip-for-business", "callback"): flip_verify_callback,
          ("azure-shared-key", "request"): azure_verify}


def sign(call):
    given = call["given"]
    request = Request.from_intent(given["request"])
    function = SIGN[call["scheme"], call["operation"]]
    stages = function(given["account"], request, given, call.get("variant"))
    reply = {"signed_request": request.json()}
    if BUG not in SILENT:
        reply["stages"] = {name: from_bytes(value) for name, value in stages.items()}
    return reply


def verify(call):
    given = call["given"]
    function = VERIFY[call["scheme"], call["operation"]]
    results = []
    for message in given["messages"]:
        try:
            function(given["accounts"], given.get("parameters") or {}, Request(message["request"]), message,
                     call.get("variant"))
            results.append({"accept": True})
        except Reject as reject:
            result = {"accept": False, "class": reject.reason}
            if reject.status:
                result["status"] = reject.status
            if reject.code:
                result["code"] = reject.code
            if (call["scheme"], call["operation"]) == ("flip-for-business", "callback"):
                result["reply"] = "disregard"
            results.append(result)
    return {"results": results}


def answer(call):
    if call["op"] == "start":
        return {"name": "subject", "version": "1.0", "language": "python",
                "schemes": {scheme: ["sign", "verify"] for scheme in SCHEMES},
                "capabilities": ["time", "credentials", "state", "client-address"]}
    global BUG
    BUG = CHOSEN if CHOSEN[3:4] == call["op"][0] else ""
    try:
        if call["op"] == "sign":
            return sign(call)
        if call["op"] == "verify":
            return verify(call)
        return {"error": "unknown op"}
    except Exception as error:
        return {"error": "%s: %s" % (type(error).__name__, error)}


def main():
    global CHOSEN
    parser = argparse.ArgumentParser()
    parser.add_argument("--bug", default="")
    CHOSEN = parser.parse_args().bug
    for line in sys.stdin:
        if not line.strip():
            continue
        call = json.loads(line)
        if call["op"] == "stop":
            break
        reply = answer(call)
        reply["seq"] = call["seq"]
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
