"""Signers and verifiers of four schemes behind the JSON-lines protocol of the adapters.

Run without arguments it follows the documents of the schemes; with `--bug ID` it makes the one
mistake that bugs.json describes under that id.
"""
import base64
import binascii
import hashlib
import hmac
import json
import re
import sys
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl, quote, quote_from_bytes, unquote_to_bytes

BUG = None


def bug(name):
    return BUG == name


class Refused(Exception):
    def __init__(self, reject_class):
        super().__init__(reject_class)
        self.reject_class = reject_class


# Values and requests


def to_bytes(value):
    if value is None:
        return b""
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return value.encode("utf-8")


def to_value(data):
    if isinstance(data, str):
        return data
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": data.hex()}
    if any(ord(c) < 32 and c not in "\t\n\r" or ord(c) == 127 for c in text):
        return {"hex": data.hex()}
    return text


def parse_instant(text):
    """RFC 3339 in UTC, as the runner writes times."""
    if text is None:
        return None
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def unix_seconds(instant):
    return (instant - EPOCH) // timedelta(seconds=1)


def unix_millis(instant):
    return (instant - EPOCH) // timedelta(milliseconds=1)


def rfc3339_millis(instant):
    return instant.strftime("%Y-%m-%dT%H:%M:%S.") + "%03dZ" % (instant.microsecond // 1000)


class Request:
    def __init__(self, method, scheme, target, headers, body):
        self.method = method
        self.scheme = scheme
        self.target = target
        self.headers = headers
        self.body = body

    def header(self, name):
        """The value of a field; that of one which stands there twice is no value at all."""
        wanted = name.lower().encode()
        values = [value for key, value in self.headers if key.lower() == wanted]
        if len(values) > 1:
            raise Refused("malformed")
        return values[0] if values else None

    def set_header(self, name, value):
        """Adds a field in the place of what the caller gave under its name."""
        wanted = name.lower()
        self.headers = [(k, v) for k, v in self.headers if k.lower() != wanted]
        self.headers.append((name, value))

    @property
    def path(self):
        return self.target.split(b"?", 1)[0]

    @property
    def query(self):
        return self.target.split(b"?", 1)[1] if b"?" in self.target else None

    def to_json(self):
        return {
            "method": to_value(self.method),
            "scheme": to_value(self.scheme),
            "target": to_value(self.target),
            "headers": [[to_value(k), to_value(v)] for k, v in self.headers],
            "body": to_value(self.body),
        }


def wire_request(data):
    return Request(
        to_bytes(data["method"]),
        to_bytes(data.get("scheme", "https")),
        to_bytes(data["target"]),
        [(to_bytes(k), to_bytes(v)) for k, v in data.get("headers", [])],
        to_bytes(data.get("body", "")),
    )


def intended_request(data):
    """What the caller means, turned into what goes over the wire before it is signed."""
    if data.get("target") is not None:
        target = to_bytes(data["target"])
    else:
        target = quote_from_bytes(to_bytes(data.get("path", "/")), safe="/!$&'()*+,;=:@").encode()
        pairs = []
        for pair in data.get("query", []):
            pairs.append("=".join(quote_from_bytes(to_bytes(part), safe="") for part in pair))
        if pairs:
            target += b"?" + "&".join(pairs).encode()
    headers = [(to_bytes(k), to_bytes(v)) for k, v in data.get("headers", [])]
    if not any(key.lower() == b"host" for key, _ in headers):
        headers.insert(0, (b"Host", to_bytes(data["host"])))
    return Request(
        to_bytes(data["method"]),
        to_bytes(data.get("scheme", "https")),
        target,
        headers,
        to_bytes(data.get("body", "")),
    )


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def parse_seconds(text):
    if not re.fullmatch(rb"0|-?[1-9][0-9]{0,17}", text):
        raise Refused("malformed")
    return int(text)


def age_in_micros(now, seconds):
    return (now - EPOCH) // timedelta(microseconds=1) - seconds * 1_000_000


def check_fresh(now, seconds, tolerance):
    if abs(age_in_micros(now, seconds)) > tolerance * 1_000_000:
        raise Refused("expired")


def same(left, right):
    return hmac.compare_digest(left, right)


# Stripe


class Stripe:
    operations = ("webhook",)

    def sign(self, given, request):
        secret = to_bytes(given["account"].get("secret"))
        instant = parse_instant(given["time"])
        timestamp = b"%d" % unix_seconds(instant)
        payload = request.body
        if bug("st-s1"):
            try:
                payload = json.dumps(json.loads(request.body)).encode()
            except ValueError:
                pass
        if bug("st-s2"):
            timestamp = b"%d" % unix_millis(instant)
        if bug("st-s3"):
            secret = self.decode_secret(secret)
        string_to_sign = timestamp + b"." + payload
        if bug("st-s4"):
            string_to_sign = timestamp + payload
        signature = hmac_sha256(secret, string_to_sign).hex().encode()
        separator = b", " if bug("st-s4") else b","
        header = b"t=" + timestamp + separator + b"v1=" + signature
        request.set_header(b"Stripe-Signature", header)
        return {"string_to_sign": string_to_sign, "signature": signature}

    @staticmethod
    def decode_secret(secret):
        """The key behind a secret of the form whsec_<Base64>."""
        encoded = secret.removeprefix(b"whsec_").translate(bytes.maketrans(b"-_", b"+/"))
        encoded = re.sub(rb"[^A-Za-z0-9+/]", b"", encoded)
        if len(encoded) % 4 == 1:
            encoded = encoded[:-1]
        return base64.b64decode(encoded + b"=" * (-len(encoded) % 4))

    @staticmethod
    def parse_header(header):
        fields = []
        for item in header.split(b","):
            name, equals, value = item.partition(b"=")
            if bug("st-v7"):
                name, value = name.strip(), value.strip()
            if not equals:
                raise Refused("malformed")
            fields.append((name, value))
        return fields

    def verify(self, accounts, parameters, now, request):
        header = request.header("Stripe-Signature")
        if header is None:
            raise Refused("missing-credential")
        fields = self.parse_header(header)
        times = [value for name, value in fields if name == b"t"]
        candidates = [value for name, value in fields if name == b"v1"]
        if bug("st-v3"):
            candidates = [value for name, value in fields if name != b"t"]
        if bug("st-v1"):
            candidates = candidates[:1]
        if not times:
            raise Refused("missing-credential")
        timestamp = times[-1] if bug("st-v8") else times[0]
        seconds = parse_seconds(timestamp)
        tolerance = int(to_bytes(parameters.get("tolerance", "300")))
        if bug("st-v2"):
            if age_in_micros(now, seconds) > tolerance * 1_000_000:
                raise Refused("expired")
        elif bug("st-v4"):
            if abs(unix_millis(now) - seconds) > tolerance:
                raise Refused("expired")
        elif not bug("st-v9"):
            check_fresh(now, seconds, tolerance)
        payload = request.body
        if bug("st-v5"):
            payload = payload.decode("utf-8", "replace").encode("utf-8")
        for account in accounts:
            secret = to_bytes(account.get("secret"))
            if not secret:
                continue
            expected = hmac_sha256(secret, timestamp + b"." + payload).hex().encode()
            if any(self.equal(candidate, expected) for candidate in candidates):
                return
        raise Refused("signature-mismatch")

    @staticmethod
    def equal(candidate, expected):
        if bug("st-v6"):
            try:
                decoded = bytes.fromhex(candidate.decode("ascii"))
            except ValueError:
                return False
            return same(decoded, bytes.fromhex(expected.decode()))
        if bug("st-v9"):
            difference = 0
            for left, right in zip(candidate, expected):
                difference |= left ^ right
            return difference == 0
        return same(candidate, expected)


# Standard Webhooks


class StandardWebhooks:
    operations = ("webhook",)

    @staticmethod
    def key(secret):
        encoded = secret.removeprefix(b"whsec_")
        return base64.b64decode(encoded, validate=True)

    def sign(self, given, request):
        secret = to_bytes(given["account"].get("secret"))
        message_id = to_bytes(given.get("nonce"))
        timestamp = b"%d" % unix_seconds(parse_instant(given["time"]))
        key = self.key(secret)
        if bug("sw-s1"):
            key = secret
        string_to_sign = b".".join([message_id, timestamp, request.body])
        if bug("sw-s4"):
            string_to_sign = b".".join([timestamp, message_id, request.body])
        digest = hmac_sha256(key, string_to_sign)
        signature = base64.b64encode(digest)
        if bug("sw-s3"):
            signature = base64.b64encode(digest.hex().encode())
        if bug("sw-s4"):
            signature = base64.urlsafe_b64encode(digest)
        version = b"v1=" if bug("sw-s2") else b"v1,"
        request.set_header(b"webhook-id", message_id)
        request.set_header(b"webhook-timestamp", timestamp)
        request.set_header(b"webhook-signature", version + signature)
        return {"key": key, "string_to_sign": string_to_sign, "signature": signature}

    @staticmethod
    def candidates(header):
        if bug("sw-v1"):
            version, _, signature = header.partition(b",")
            return [signature] if version == b"v1" else []
        found = []
        for item in header.split(b" "):
            version, comma, signature = item.partition(b",")
            if bug("sw-v2"):
                matches = version.startswith(b"v1")
            elif bug("sw-v8"):
                matches = version.lower() == b"v1"
            else:
                matches = version == b"v1"
            if not comma:
                raise Refused("malformed")
            if matches:
                found.append(signature)
        return found

    def verify(self, accounts, parameters, now, request):
        message_id = request.header("webhook-id")
        timestamp = request.header("webhook-timestamp")
        header = request.header("webhook-signature")
        if not message_id:
            if not bug("sw-v4"):
                raise Refused("missing-credential")
            message_id = b""
        if timestamp is None or header is None:
            raise Refused("missing-credential")
        candidates = self.candidates(header)
        seconds = parse_seconds(timestamp)
        tolerance = int(to_bytes(parameters.get("tolerance", "300")))
        if bug("sw-v8"):
            tolerance *= 60
        if bug("sw-v5"):
            if age_in_micros(now, seconds) < 0:
                raise Refused("expired")
        check_fresh(now, seconds, tolerance)
        payload = request.body
        if bug("sw-v5"):
            payload = payload.strip()
        if bug("sw-v6"):
            try:
                payload = json.dumps(json.loads(payload), separators=(",", ":"), ensure_ascii=False).encode()
            except ValueError:
                raise Refused("malformed") from None
        signed = b".".join([message_id, timestamp, payload])
        for account in accounts:
            key = self.verifying_key(to_bytes(account.get("secret")))
            if key is None:
                continue
            expected = base64.b64encode(hmac_sha256(key, signed))
            if any(self.equal(candidate, expected) for candidate in candidates):
                return
        raise Refused("signature-mismatch")

    def verifying_key(self, secret):
        if bug("sw-v3"):
            encoded = secret[len(b"whsec_"):]
        else:
            encoded = secret.removeprefix(b"whsec_")
        if not encoded and not bug("sw-v9"):
            return None
        try:
            return base64.b64decode(encoded + b"=" * (-len(encoded) % 4))
        except binascii.Error:
            return None

    @staticmethod
    def equal(candidate, expected):
        if bug("sw-v7"):
            try:
                return same(base64.b64decode(candidate), base64.b64decode(expected))
            except ValueError:
                return False
        return same(candidate, expected)


# Twilio


class Twilio:
    operations = ("request",)

    @staticmethod
    def url(request):
        return request.scheme + b"://" + (request.header("Host") or b"") + request.target

    @staticmethod
    def is_form(request):
        media_type = (request.header("Content-Type") or b"").split(b";")[0].strip().lower()
        return media_type == b"application/x-www-form-urlencoded"

    @staticmethod
    def fields(encoded, keep_blank=True, plus=True):
        pairs = []
        for part in encoded.split(b"&"):
            if not part:
                continue
            if re.search(rb"%(?![0-9A-Fa-f]{2})", part):
                raise Refused("malformed")
            name, _, value = part.partition(b"=")
            if not value and not keep_blank:
                continue
            if plus:
                name, value = name.replace(b"+", b" "), value.replace(b"+", b" ")
            pairs.append((unquote_to_bytes(name), unquote_to_bytes(value)))
        return pairs

    def sign(self, given, request):
        token = to_bytes(given["account"].get("auth_token"))
        url = self.url(request)
        if bug("tw-s2") and request.scheme == b"https":
            url = b"https://" + request.header("Host").split(b":")[0] + request.target
        if bug("tw-s5"):
            url = url.split(b"?")[0]
        pairs = []
        if self.is_form(request):
            pairs = self.fields(request.body, keep_blank=not bug("tw-s4"))
        if bug("tw-s3"):
            pairs = list(dict(pairs).items())
        if bug("tw-s1"):
            pairs.sort(key=lambda pair: pair[0].lower())
        else:
            pairs.sort(key=lambda pair: pair[0])
        parameters = b"".join(name + value for name, value in pairs)
        string_to_sign = url + parameters
        algorithm = hashlib.sha256 if bug("tw-s5") else hashlib.sha1
        signature = base64.b64encode(hmac.new(token, string_to_sign, algorithm).digest())
        request.set_header(b"X-Twilio-Signature", signature)
        return {"parameters": parameters, "string_to_sign": string_to_sign, "signature": signature}

    def signed_url(self, request):
        """The address that the sender called, as this server sees it."""
        if bug("tw-v2") and request.query:
            query = sorted(parse_qsl(request.query.decode("latin-1"), keep_blank_values=True, encoding="latin-1"))
            encoded = "&".join(
                quote(name, safe="", encoding="latin-1") + "=" + quote(value, safe="", encoding="latin-1")
                for name, value in query
            )
            base = request.scheme + b"://" + (request.header("Host") or b"") + request.path
            return base + b"?" + encoded.encode()
        if bug("tw-v3"):
            return b"http://" + (request.header("Host") or b"") + request.target
        if bug("tw-v8"):
            path = unquote_to_bytes(request.path)
            query = b"" if request.query is None else b"?" + request.query
            return request.scheme + b"://" + (request.header("Host") or b"") + path + query
        if bug("tw-v9"):
            return request.scheme + b"://" + (request.header("Host") or b"").lower() + request.target
        return self.url(request)

    def posted(self, request):
        if not self.is_form(request) and not bug("tw-v4"):
            pairs = []
        else:
            pairs = self.fields(request.body, plus=not bug("tw-v1"))
        if bug("tw-v5"):
            pairs = [(name, value.strip()) for name, value in pairs]
        if bug("tw-v6") and request.query:
            pairs = self.fields(request.query) + pairs
        if bug("tw-v8"):
            return sorted(set(pairs))
        return sorted(pairs, key=lambda pair: pair[0])

    def verify(self, accounts, parameters, now, request):
        if bug("tw-v9"):
            values = [value for name, value in request.headers if name == b"X-Twilio-Signature"]
            if len(values) > 1:
                raise Refused("malformed")
            signature = values[0] if values else None
        else:
            signature = request.header("X-Twilio-Signature")
        if not signature:
            if bug("tw-v7"):
                return
            raise Refused("missing-credential")
        string_to_sign = self.signed_url(request)
        for name, value in self.posted(request):
            string_to_sign += name + value
        for account in accounts:
            token = to_bytes(account.get("auth_token"))
            if not token:
                continue
            expected = base64.b64encode(hmac.new(token, string_to_sign, hashlib.sha1).digest())
            if same(signature, expected):
                return
        raise Refused("signature-mismatch")


# Flipbase


HTTP_DATE = "%a, %d %b %Y %H:%M:%S GMT"


class Flipbase:
    operations = ("request",)

    @staticmethod
    def lines(method, path, date):
        return b"\n".join([method, quote_from_bytes(path, safe="").encode(), date])

    def sign(self, given, request):
        api_key = to_bytes(given["account"].get("api_key"))
        secret = to_bytes(given["account"].get("api_secret"))
        instant = parse_instant(given["time"])
        date = rfc3339_millis(instant).encode()
        if bug("fb-s3"):
            date = instant.replace(tzinfo=None).isoformat().encode() + b"Z"
        if bug("fb-s1"):
            string_to_sign = b"\n".join([request.method, quote_from_bytes(request.path).encode(), date])
        elif bug("fb-s2"):
            string_to_sign = self.lines(request.method, request.target, date)
        elif bug("fb-s4"):
            string_to_sign = self.lines(request.method.lower(), request.path, date)
        else:
            string_to_sign = self.lines(request.method, request.path, date)
        digest = hmac_sha256(secret, string_to_sign)
        signature = base64.b64encode(digest)
        if bug("fb-s4"):
            signature = digest.hex().encode()
        authorization = b"Signature " + api_key + b":" + signature
        request.set_header(b"X-Flipbase-Date", date)
        request.set_header(b"Authorization", authorization)
        return {"string_to_sign": string_to_sign, "signature": signature, "authorization": authorization}

    @staticmethod
    def parse_authorization(header):
        if header is None:
            raise Refused("missing-credential")
        scheme, space, credentials = header.partition(b" ")
        if not bug("fb-v1") and scheme != b"Signature":
            raise Refused("malformed")
        api_key, colon, signature = credentials.partition(b":")
        if not space or not colon:
            raise Refused("malformed")
        return api_key, signature

    @staticmethod
    def parse_date(text):
        try:
            value = text.decode("ascii")
            if re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", value):
                return datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=timezone.utc)
            instant = datetime.strptime(value, HTTP_DATE).replace(tzinfo=timezone.utc)
            if instant.strftime(HTTP_DATE) != value:
                raise ValueError(value)
            return instant
        except ValueError:
            raise Refused("malformed") from None

    def verify(self, accounts, parameters, now, request):
        api_key, signature = self.parse_authorization(request.header("Authorization"))
        names = ["X-Flipbase-Date", "Date"]
        if bug("fb-v2"):
            names.reverse()
        dates = [request.header(name) for name in names]
        date = next((value for value in dates if value is not None), None)
        if date is None:
            raise Refused("missing-credential")
        instant = self.parse_date(date)
        account = next((a for a in accounts if to_bytes(a.get("api_key")) == api_key), None)
        if account is None or not account.get("api_secret"):
            raise Refused("unknown-key")
        skew = int(to_bytes(parameters.get("skew", "900")))
        if bug("fb-v3"):
            if abs(now - instant).seconds > skew:
                raise Refused("expired")
        elif abs(now - instant) > timedelta(seconds=skew):
            raise Refused("expired")
        signed_date = rfc3339_millis(instant).encode() if bug("fb-v6") else date
        path = unquote_to_bytes(request.path) if bug("fb-v4") else request.path
        if bug("fb-v5"):
            encoded = re.sub(rb"%[0-9A-F]{2}", lambda m: m[0].lower(), quote_from_bytes(path, safe="").encode())
            string_to_sign = b"\n".join([request.method, encoded, signed_date])
        else:
            string_to_sign = self.lines(request.method, path, signed_date)
        expected = base64.b64encode(hmac_sha256(to_bytes(account["api_secret"]), string_to_sign))
        if bug("fb-v6"):
            signature, expected = signature.lower(), expected.lower()
        if not same(signature, expected):
            raise Refused("signature-mismatch")


# The protocol


SCHEMES = {
    "stripe": Stripe(),
    "standard-webhooks": StandardWebhooks(),
    "twilio": Twilio(),
    "flipbase": Flipbase(),
}

# Signers that show no stages.
SILENT = {"st-s2", "st-s3", "sw-s2", "sw-s4", "tw-s2", "tw-s4", "fb-s2", "fb-s3"}


def answer_sign(scheme, given):
    request = intended_request(given["request"])
    stages = scheme.sign(given, request)
    reply = {"signed_request": request.to_json()}
    if BUG not in SILENT:
        reply["stages"] = {name: to_value(value) for name, value in stages.items()}
    return reply


def answer_verify(scheme, given):
    results = []
    for message in given["messages"]:
        try:
            scheme.verify(
                given["accounts"],
                given.get("parameters", {}),
                parse_instant(message.get("now")),
                wire_request(message["request"]),
            )
            results.append({"accept": True})
        except Refused as refusal:
            results.append({"accept": False, "class": refusal.reject_class})
    return {"results": results}


def answer(message):
    operation = message["op"]
    if operation == "start":
        return {
            "name": "application-signers",
            "version": "1.0",
            "language": "python",
            "schemes": {name: ["sign", "verify"] for name in SCHEMES},
            "capabilities": ["time", "credentials", "state"],
        }
    scheme = SCHEMES.get(message.get("scheme"))
    if operation not in ("sign", "verify"):
        return {"error": "unknown op"}
    if scheme is None or message.get("operation") not in scheme.operations:
        return {"skipped": "no support for " + str(message.get("scheme"))}
    if message.get("variant") is not None:
        return {"skipped": "no support for " + message["variant"]}
    if operation == "sign":
        return answer_sign(scheme, message["given"])
    return answer_verify(scheme, message["given"])


def main():
    global BUG
    if len(sys.argv) == 3 and sys.argv[1] == "--bug":
        BUG = sys.argv[2]
    for line in sys.stdin.buffer:
        message = json.loads(line)
        if message.get("op") == "stop":
            break
        try:
            reply = answer(message)
        except Exception as error:
            reply = {"error": type(error).__name__ + ": " + str(error)}
        reply["seq"] = message.get("seq")
        sys.stdout.write(json.dumps(reply) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
