"""Signers and verifiers of Slack, Shopify, Flip for Business and Azure Shared Key, behind JSON lines.

Run without options it follows the documents. With --bug ID it makes the mistakes that bugs.json describes.
"""
import base64
import binascii
import calendar
import hashlib
import hmac
import json
import re
import sys
from datetime import datetime, timezone
from urllib.parse import quote, quote_plus, unquote_to_bytes

# id -> (mistakes, whether signing shows its stages)
BUGS = {
    "sl-s1": (("body-trimmed",), True),
    "sl-s2": (("dot-before-body",), False),
    "sl-s3": (("form-body-decoded",), True),
    "sl-s4": (("body-json-reserialized", "hex-uppercase"), False),
    "sl-s5": (("signed-time-in-milliseconds",), False),
    "sl-v1": (("future-accepted",), True),
    "sl-v2": (("time-not-checked",), True),
    "sl-v3": (("body-json-stringified",), True),
    "sl-v4": (("body-decoded-with-replacement",), True),
    "sl-v5": (("truncated-signature-accepted",), True),
    "sl-v6": (("signature-compared-caseless",), True),
    "sl-v7": (("tolerance-exclusive",), True),
    "sl-v8": (("tolerance-fixed", "version-prefix-ignored"), True),
    "sl-v9": (("timestamp-parsed-leniently",), True),
    "sl-v10": (("duplicate-header-last-wins", "empty-body-as-empty-object"), True),
    "sh-s1": (("values-percent-encoded",), True),
    "sh-s2": (("parameters-not-sorted",), True),
    "sh-s3": (("hex-for-base64",), False),
    "sh-s4": (("empty-values-dropped", "sorted-caseless"), True),
    "sh-v1": (("body-rewritten-as-escaped-json",), True),
    "sh-v2": (("duplicate-parameters-last-wins",), True),
    "sh-v3": (("signature-parameter-left-out",), True),
    "sh-v4": (("known-parameters-only",), True),
    "sh-v5": (("plus-not-decoded",), True),
    "sh-v6": (("base64-decoded-leniently",), True),
    "sh-v7": (("blank-parameters-dropped", "hmac-lowercased"), True),
    "sh-v8": (("missing-header-accepted",), True),
    "sh-v9": (("raw-body-trimmed", "body-empty-unless-content-type-is-json"), True),
    "fl-s1": (("colon-missing",), True),
    "fl-s2": (("token-not-form-encoded",), False),
    "fl-s3": (("secret-as-password", "token-field-misnamed"), False),
    "fl-v1": (("basic-compared-with-case",), True),
    "fl-v2": (("password-not-checked",), True),
    "fl-v3": (("base-url-as-text-prefix",), True),
    "fl-v4": (("token-taken-from-query",), True),
    "fl-v5": (("data-not-required", "address-from-x-forwarded-for"), True),
    "fl-v6": (("environment-not-checked",), True),
    "az-s1": (("content-length-zero-signed",), True),
    "az-s2": (("resource-lowercased",), False),
    "az-s3": (("headers-sorted-as-lines",), True),
    "az-s4": (("key-not-decoded",), False),
    "az-s5": (("header-values-not-trimmed", "date-line-not-empty"), True),
    "az-v1": (("date-signed-beside-x-ms-date",), True),
    "az-v2": (("query-values-not-decoded",), True),
    "az-v3": (("path-decoded",), True),
    "az-v4": (("x-ms-date-not-checked",), True),
    "az-v5": (("empty-parameters-skipped",), True),
    "az-v6": (("lite-comp-left-out",), True),
    "az-v7": (("empty-headers-kept-in-old-versions",), True),
    "az-v8": (("unknown-account-falls-back", "range-line-empty"), True),
}

PARTS = frozenset()
SHOW_STAGES = True
WRONG_SIDE = None   # the side that the mistake is on
SIDE = None         # the side at work


def bug(name):
    return name in PARTS and SIDE == WRONG_SIDE


class Reject(Exception):
    def __init__(self, kind):
        super().__init__(kind)
        self.kind = kind


# ---------------------------------------------------------------- values

def text(value):
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"]).decode("utf-8", "surrogateescape")
    return value


def raw(value):
    return value.encode("utf-8", "surrogateescape")


def shown(value):
    data = raw(value) if isinstance(value, str) else value
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": data.hex()}


def credential(account, name):
    value = account.get(name)
    return value if isinstance(value, list) else text(value if value is not None else "")


def same(left, right):
    return hmac.compare_digest(raw(left), raw(right))


def mac(key, data):
    return hmac.new(raw(key) if isinstance(key, str) else key, raw(data), hashlib.sha256)


def b64(data):
    return base64.b64encode(data).decode("ascii")


def seconds(stamp):
    return datetime.fromisoformat(stamp.replace("Z", "+00:00")).timestamp()


def whole(stamp):
    return int(seconds(stamp) // 1)


def http_date(stamp):
    return datetime.fromtimestamp(whole(stamp), timezone.utc).strftime("%a, %d %b %Y %H:%M:%S GMT")


def read_http_date(value):
    days = "Mon|Tue|Wed|Thu|Fri|Sat|Sun"
    months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split()
    found = re.fullmatch(r"(%s), (\d\d) (%s) (\d{4}) (\d\d):(\d\d):(\d\d) GMT" % (days, "|".join(months)), value, re.A)
    if not found:
        raise Reject("malformed")
    day, month, year, hour, minute, second = found.group(2, 3, 4, 5, 6, 7)
    try:
        moment = datetime(int(year), months.index(month) + 1, int(day), int(hour), int(minute), int(second))
    except ValueError:
        raise Reject("malformed")
    if moment.strftime("%a") != found.group(1):
        raise Reject("malformed")
    return calendar.timegm(moment.timetuple())


# ---------------------------------------------------------------- messages

class Message:
    """A request as it is on the wire."""

    def __init__(self, method, scheme, target, headers, body):
        self.method, self.scheme, self.target = method, scheme, target
        self.headers, self.body = headers, body
        self.path, mark, self.query_text = target.partition("?")
        self.has_query = bool(mark)

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def header(self, name, last=False):
        found = self.all(name)
        if not found:
            return None
        if last:
            return found[-1]
        if len(found) > 1:
            raise Reject("malformed")
        return found[0]

    def query(self, plus=False):
        return pairs(self.query_text, plus) if self.has_query else []

    def form(self):
        kind = (self.header("Content-Type") or "").split(";")[0].strip().lower()
        return pairs(self.body, True) if kind == "application/x-www-form-urlencoded" else []

    def wire(self):
        return {
            "method": self.method,
            "scheme": self.scheme,
            "target": shown(self.target),
            "headers": [[shown(name), shown(value)] for name, value in self.headers],
            "body": shown(self.body),
        }


def decode(value, plus):
    if re.search(r"%(?![0-9A-Fa-f]{2})", value):
        raise Reject("malformed")
    if plus:
        value = value.replace("+", " ")
    return unquote_to_bytes(raw(value)).decode("utf-8", "surrogateescape")


def pairs(encoded, plus):
    result = []
    for piece in encoded.split("&"):
        if piece == "":
            continue
        name, mark, value = piece.partition("=")
        result.append((decode(name, plus), decode(value, plus) if mark else None))
    return result


def one(items, name):
    found = [value for key, value in items if key == name]
    if len(found) > 1:
        raise Reject("malformed")
    return found[0] if found else None


def escape(value, safe=""):
    return quote(raw(value), safe=safe + "-._~")


def outgoing(request):
    if request.get("target") is not None:
        target = text(request["target"])
    else:
        target = escape(text(request.get("path") or "/"), "/!$&'()*+,;=:@")
        items = []
        for pair in request.get("query") or []:
            items.append("=".join(escape(text(part)) for part in pair))
        if items:
            target += "?" + "&".join(items)
    headers = [(text(pair[0]), text(pair[1])) for pair in request.get("headers") or []]
    if request.get("host") is not None and not any(name.lower() == "host" for name, _ in headers):
        headers.insert(0, ("Host", text(request["host"])))
    return Message(request["method"], request.get("scheme", "https"), target, headers, text(request.get("body") or ""))


def incoming(request):
    headers = [(text(pair[0]), text(pair[1])) for pair in request.get("headers") or []]
    return Message(text(request["method"]), request.get("scheme", "https"), text(request["target"]), headers,
                   text(request.get("body") or ""))


def set_header(message, name, value):
    """Sets a field: in the place of one that is there, or at the end."""
    places = [at for at, pair in enumerate(message.headers) if pair[0].lower() == name.lower()]
    if places:
        message.headers[places[0]] = (name, value)
        for at in reversed(places[1:]):
            del message.headers[at]
    else:
        message.headers.append((name, value))


def secret_of(account, name="secret"):
    value = credential(account, name)
    if not value:
        raise Reject("signature-mismatch")
    return value


def add_query(message, name, value):
    joint = "&" if message.has_query and message.query_text else ("" if message.has_query else "?")
    return Message(message.method, message.scheme, message.target + joint + name + "=" + escape(value),
                   message.headers, message.body)


def json_again(body, **options):
    try:
        return json.dumps(json.loads(body), **options)
    except ValueError:
        return body


# ---------------------------------------------------------------- Slack

class Slack:
    @staticmethod
    def sign(given, account, message):
        stamp = str(whole(given["time"]))
        body = message.body
        if bug("body-trimmed"):
            body = body.strip()
        if bug("form-body-decoded") and "form-urlencoded" in (message.header("Content-Type") or ""):
            body = unquote_to_bytes(raw(body.replace("+", " "))).decode("utf-8", "surrogateescape")
        if bug("body-json-reserialized"):
            body = json_again(body, separators=(",", ":"))
        signed_stamp = str(int(seconds(given["time"]) * 1000)) if bug("signed-time-in-milliseconds") else stamp
        base = "v0:" + signed_stamp + ("." if bug("dot-before-body") else ":") + body
        signature = mac(credential(account, "secret"), base).hexdigest()
        if bug("hex-uppercase"):
            signature = signature.upper()
        set_header(message, "X-Slack-Request-Timestamp", stamp)
        set_header(message, "X-Slack-Signature", "v0=" + signature)
        return message, {"string_to_sign": base, "signature": signature}

    @staticmethod
    def verify(given, accounts, now, client, message):
        last = bug("duplicate-header-last-wins")
        stamp = message.header("X-Slack-Request-Timestamp", last)
        sent = message.header("X-Slack-Signature", last)
        if stamp is None or sent is None:
            raise Reject("missing-credential")
        if bug("timestamp-parsed-leniently"):
            try:
                int(stamp)
            except ValueError:
                raise Reject("malformed")
        elif not re.fullmatch(r"0|-?[1-9][0-9]{0,17}", stamp):
            raise Reject("malformed")
        if bug("version-prefix-ignored"):
            sent = "v0=" + sent.split("=")[-1]
        if not sent.startswith("v0="):
            raise Reject("malformed")
        tolerance = int(given["parameters"].get("tolerance", 300))
        if bug("tolerance-fixed"):
            tolerance = 60 * 5
        age = seconds(now) - int(stamp)
        if bug("time-not-checked"):
            pass
        elif bug("future-accepted"):
            if age > tolerance:
                raise Reject("expired")
        elif bug("tolerance-exclusive"):
            if abs(age) >= tolerance:
                raise Reject("expired")
        elif abs(age) > tolerance:
            raise Reject("expired")
        body = message.body
        if bug("body-json-stringified"):
            body = json_again(body, separators=(",", ":"), ensure_ascii=False)
        if bug("body-decoded-with-replacement"):
            body = raw(body).decode("utf-8", "replace")
        if bug("empty-body-as-empty-object") and body == "":
            body = "{}"
        right = "v0=" + mac(secret_of(accounts[0]), "v0:" + stamp + ":" + body).hexdigest()
        if bug("truncated-signature-accepted"):
            right = right[:len(sent)]
        if bug("signature-compared-caseless"):
            sent = sent.lower()
        if not same(sent, right):
            raise Reject("signature-mismatch")


# ---------------------------------------------------------------- Shopify

def shopify_message(items, key=lambda pair: raw(pair[0])):
    return "&".join(name + "=" + (value or "") for name, value in sorted(items, key=key))


class ShopifyCallback:
    @staticmethod
    def sign(given, account, message):
        items = [pair for pair in message.query(True) if pair[0] != "hmac"]
        if bug("values-percent-encoded"):
            items = [(name, quote_plus(raw(value or ""))) for name, value in items]
        if bug("empty-values-dropped"):
            items = [pair for pair in items if pair[1]]
        if bug("parameters-not-sorted"):
            base = "&".join(name + "=" + (value or "") for name, value in items)
        elif bug("sorted-caseless"):
            base = shopify_message(items, key=lambda pair: pair[0].lower())
        else:
            base = shopify_message(items)
        signature = mac(credential(account, "secret"), base).hexdigest()
        return add_query(message, "hmac", signature), {"message": base, "signature": signature}

    @staticmethod
    def verify(given, accounts, now, client, message):
        items = message.query(not bug("plus-not-decoded"))
        if bug("duplicate-parameters-last-wins"):
            items = list(dict(items).items())
        sent = one(items, "hmac")
        if not sent:
            raise Reject("missing-credential")
        items = [pair for pair in items if pair[0] != "hmac"]
        if bug("signature-parameter-left-out"):
            items = [pair for pair in items if pair[0] != "signature"]
        if bug("known-parameters-only"):
            items = [pair for pair in items if pair[0] in ("code", "shop", "state", "timestamp")]
        if bug("blank-parameters-dropped"):
            items = [pair for pair in items if pair[1]]
        if bug("hmac-lowercased"):
            sent = sent.lower()
        if not same(sent, mac(secret_of(accounts[0]), shopify_message(items)).hexdigest()):
            raise Reject("signature-mismatch")


class ShopifyWebhook:
    @staticmethod
    def sign(given, account, message):
        digest = mac(credential(account, "secret"), message.body)
        signature = digest.hexdigest() if bug("hex-for-base64") else b64(digest.digest())
        set_header(message, "X-Shopify-Hmac-Sha256", signature)
        return message, {"signature": signature}

    @staticmethod
    def verify(given, accounts, now, client, message):
        sent = message.header("X-Shopify-Hmac-Sha256")
        if not sent:
            if bug("missing-header-accepted"):
                return
            raise Reject("missing-credential")
        body = message.body
        if bug("body-rewritten-as-escaped-json"):
            again = json_again(body, separators=(",", ":"), ensure_ascii=False)
            body = again.replace("\\/", "/").replace("/", "\\/").replace("&", "\\u0026")
        if bug("raw-body-trimmed"):
            body = body.strip()
        if bug("body-empty-unless-content-type-is-json") and message.header("Content-Type") != "application/json":
            body = ""
        digest = mac(secret_of(accounts[0]), body).digest()
        if bug("base64-decoded-leniently"):
            try:
                matches = hmac.compare_digest(base64.b64decode(raw(sent)), digest)
            except binascii.Error:
                matches = False
        else:
            matches = same(sent, b64(digest))
        if not matches:
            raise Reject("signature-mismatch")


# ---------------------------------------------------------------- Flip for Business

FLIP_SANDBOX = "https://bigflip.id/big_sandbox_api"
FLIP_PRODUCTION = "https://bigflip.id/api/"
FLIP_ADDRESSES = [
    "149.129.234.86", "149.129.218.31", "34.101.204.31", "34.101.114.113",
    "34.101.63.196", "34.101.161.100", "34.101.232.118", "34.101.212.103",
]


def flip_address(message, client):
    forwarded = message.header("X-Forwarded-For", True)
    if bug("address-from-x-forwarded-for") and forwarded:
        return forwarded.split(",")[0].strip()
    return client


class FlipRequest:
    @staticmethod
    def sign(given, account, message):
        secret = credential(account, "secret")
        user_pass = secret + ":"
        if bug("colon-missing"):
            user_pass = secret
        if bug("secret-as-password"):
            user_pass = ":" + secret
        encoded = b64(raw(user_pass))
        set_header(message, "Authorization", "Basic " + encoded)
        base = FLIP_PRODUCTION if given.get("variant") == "production" else FLIP_SANDBOX
        return message, {"base_url": base, "credentials": encoded, "authorization": "Basic " + encoded}

    @staticmethod
    def verify(given, accounts, now, client, message):
        production = given.get("variant") == "production"
        sent = message.header("Authorization")
        if sent is None:
            raise Reject("missing-credential")
        prefix = sent[:6] if bug("basic-compared-with-case") else sent[:6].capitalize()
        if prefix != "Basic ":
            raise Reject("malformed")
        try:
            data = base64.b64decode(raw(sent[6:]), validate=True)
        except binascii.Error:
            raise Reject("malformed")
        if b64(data) != sent[6:]:
            raise Reject("malformed")
        user, mark, password = data.decode("utf-8", "surrogateescape").partition(":")
        if not mark:
            raise Reject("malformed")
        if not user:
            raise Reject("missing-credential")
        account = None
        for candidate in accounts:
            if same(credential(candidate, "secret"), user):
                account = candidate
                break
        if account is None:
            raise Reject("unknown-key")
        if password and not bug("password-not-checked"):
            raise Reject("malformed")
        wanted = "production" if production else "sandbox"
        if credential(account, "environment") != wanted and not bug("environment-not-checked"):
            raise Reject("wrong-environment")
        url = message.scheme + "://" + (message.header("Host") or "").lower() + message.target
        base = FLIP_PRODUCTION if production else FLIP_SANDBOX
        if not url.startswith(base):
            raise Reject("wrong-environment")
        if not production and not bug("base-url-as-text-prefix"):
            if url[len(base):][:1] not in ("", "/"):
                raise Reject("wrong-environment")
        if production and flip_address(message, client) not in (account.get("allowed_addresses") or []):
            raise Reject("address-not-allowed")


class FlipCallback:
    @staticmethod
    def sign(given, account, message):
        token = credential(account, "validation_token")
        name = "validation_token" if bug("token-field-misnamed") else "token"
        value = token if bug("token-not-form-encoded") else quote_plus(raw(token))
        kept = [piece for piece in message.body.split("&") if piece and decode(piece.partition("=")[0], True) != name]
        message.body = "&".join(kept + [name + "=" + value])
        return message, {"token": token}

    @staticmethod
    def verify(given, accounts, now, client, message):
        if given.get("variant") == "source-addresses" and flip_address(message, client) not in FLIP_ADDRESSES:
            raise Reject("address-not-allowed")
        form = message.form()
        if not one(form, "data") and not bug("data-not-required"):
            raise Reject("malformed")
        token = one(form, "token")
        if not token and bug("token-taken-from-query"):
            token = one(message.query(True), "token")
        if not token:
            raise Reject("missing-credential")
        if not same(token, secret_of(accounts[0], "validation_token")):
            raise Reject("wrong-token")


# ---------------------------------------------------------------- Azure Storage Shared Key

AZURE_OLD = ("version-2014-02-14", "version-2015-02-21")
AZURE_CONDITIONS = ("If-Modified-Since", "If-Match", "If-None-Match", "If-Unmodified-Since", "Range")


def azure_headers(message, variant):
    items = []
    for name, value in message.headers:
        if name.lower().startswith("x-ms-"):
            if not bug("header-values-not-trimmed"):
                value = re.sub(r"[ \t]+", " ", value).strip(" ")
            if value == "" and variant in AZURE_OLD and not bug("empty-headers-kept-in-old-versions"):
                continue
            items.append((name.lower(), value))
    if bug("headers-sorted-as-lines"):
        return "".join(sorted(name + ":" + value + "\n" for name, value in items))
    return "".join(name + ":" + value + "\n" for name, value in sorted(items, key=lambda pair: raw(pair[0])))


def azure_parameters(message, variant):
    items = []
    for piece in message.query_text.split("&") if message.has_query and message.query_text else []:
        name, _, value = piece.partition("=")
        if bug("empty-parameters-skipped") and value == "":
            continue
        if not bug("query-values-not-decoded"):
            value = decode(value, False)
        items.append((decode(name, False), value))
    if variant == "lite":
        if bug("lite-comp-left-out"):
            return ""
        return "".join("?comp=" + value for name, value in items if name == "comp")
    grouped = {}
    for name, value in sorted(((name.lower(), value) for name, value in items),
                              key=lambda pair: (raw(pair[0]), raw(pair[1]))):
        grouped.setdefault(name, []).append(value)
    return "".join("\n" + name + ":" + ",".join(values) for name, values in grouped.items())


def azure_stages(message, account, variant):
    """All that is signed, and the signature."""
    optional = lambda name: message.header(name) or ""
    name = credential(account, "account_name")
    if variant == "version-2014-02-14":
        length = optional("Content-Length")
    else:
        length = str(len(raw(message.body))) if message.body else ""
        if bug("content-length-zero-signed"):
            length = str(len(raw(message.body)))
    date = "" if message.all("x-ms-date") else optional("Date")
    if bug("date-line-not-empty"):
        date = optional("x-ms-date") or optional("Date")
    if bug("date-signed-beside-x-ms-date"):
        date = optional("Date")
    headers = azure_headers(message, variant)
    parameters = azure_parameters(message, variant)
    path = decode(message.path, False) if bug("path-decoded") else message.path
    resource = "/" + name + path + parameters
    if bug("resource-lowercased"):
        resource = resource.lower()
    if variant == "lite":
        lines = [message.method.upper(), optional("Content-MD5"), optional("Content-Type"), date]
    else:
        lines = [message.method.upper(), optional("Content-Encoding"), optional("Content-Language"), length,
                 optional("Content-MD5"), optional("Content-Type"), date]
        for field in AZURE_CONDITIONS:
            lines.append("" if field == "Range" and bug("range-line-empty") else optional(field))
    string = "\n".join(lines + [headers + resource])
    key = credential(account, "key")
    key = raw(key) if bug("key-not-decoded") else base64.b64decode(raw(key))
    stages = {"canonicalized_headers": headers, "parameters": parameters, "canonicalized_resource": resource,
              "string_to_sign": string, "signature": b64(mac(key, string).digest())}
    if variant != "lite":
        stages["content_length"] = length
    return stages


class Azure:
    @staticmethod
    def sign(given, account, message):
        variant = given.get("variant")
        if not message.all("x-ms-date"):
            set_header(message, "x-ms-date", http_date(given["time"]))
        stages = azure_stages(message, account, variant)
        word = "SharedKeyLite " if variant == "lite" else "SharedKey "
        value = word + credential(account, "account_name") + ":" + stages["signature"]
        set_header(message, "Authorization", value)
        stages["authorization"] = value
        return message, stages

    @staticmethod
    def verify(given, accounts, now, client, message):
        variant = given.get("variant")
        sent = message.header("Authorization")
        if sent is None:
            raise Reject("missing-credential")
        word = "SharedKeyLite " if variant == "lite" else "SharedKey "
        name, mark, signature = sent[len(word):].partition(":")
        if not sent.startswith(word) or not mark:
            raise Reject("malformed")
        names = [field.lower() for field, _ in message.headers if field.lower().startswith("x-ms-")]
        if len(names) != len(set(names)):
            raise Reject("malformed")
        stamp = message.header("x-ms-date")
        if stamp is None:
            stamp = message.header("Date")
        if stamp is None:
            raise Reject("missing-credential")
        moment = read_http_date(stamp)
        account = next((one for one in accounts if same(credential(one, "account_name"), name)), None)
        if account is None and bug("unknown-account-falls-back"):
            account = accounts[0] if accounts else None
        if account is None:
            raise Reject("unknown-key")
        if bug("x-ms-date-not-checked") and message.all("x-ms-date"):
            moment = seconds(now)
        if abs(seconds(now) - moment) > int(given["parameters"].get("skew", 900)):
            raise Reject("expired")
        secret_of(account, "key")
        if not same(signature, azure_stages(message, account, variant)["signature"]):
            raise Reject("signature-mismatch")


# ---------------------------------------------------------------- protocol

SYSTEMS = {
    ("slack", "request"): Slack,
    ("shopify", "callback"): ShopifyCallback,
    ("shopify", "webhook"): ShopifyWebhook,
    ("flip-for-business", "request"): FlipRequest,
    ("flip-for-business", "callback"): FlipCallback,
    ("azure-shared-key", "request"): Azure,
}


def answer(message):
    global SIDE
    if message["op"] == "start":
        schemes = sorted({scheme for scheme, _ in SYSTEMS})
        return {"name": "four-systems", "version": "1.0", "language": "python",
                "schemes": {scheme: ["sign", "verify"] for scheme in schemes},
                "capabilities": ["time", "credentials", "state", "client-address"]}
    if message["op"] not in ("sign", "verify"):
        return {"error": "unknown op"}
    SIDE = message["op"]
    system = SYSTEMS.get((message["scheme"], message["operation"]))
    if system is None:
        return {"skipped": "no support for this operation"}
    given = dict(message["given"], variant=message.get("variant"))
    given["parameters"] = {name: text(value) for name, value in (given.get("parameters") or {}).items()}
    if message["op"] == "sign":
        signed, stages = system.sign(given, given["account"], outgoing(given["request"]))
        reply = {"signed_request": signed.wire()}
        if SHOW_STAGES:
            reply["stages"] = {name: shown(value) for name, value in stages.items()}
        return reply
    results = []
    for item in given["messages"]:
        try:
            system.verify(given, given["accounts"], item.get("now"), item.get("client_address"),
                          incoming(item["request"]))
            results.append({"accept": True})
        except Reject as refusal:
            result = {"accept": False, "class": refusal.kind}
            if system is FlipCallback:
                result["reply"] = "disregard"
            results.append(result)
    return {"results": results}


def main():
    global PARTS, SHOW_STAGES, WRONG_SIDE
    if len(sys.argv) == 3 and sys.argv[1] == "--bug":
        parts, SHOW_STAGES = BUGS[sys.argv[2]]
        PARTS = frozenset(parts)
        WRONG_SIDE = "sign" if "-s" in sys.argv[2] else "verify"
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        message = json.loads(line)
        if message["op"] == "stop":
            break
        try:
            reply = answer(message)
        except Exception as problem:
            reply = {"error": "%s: %s" % (type(problem).__name__, problem)}
        sys.stdout.write(json.dumps(dict(reply, seq=message["seq"])) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
