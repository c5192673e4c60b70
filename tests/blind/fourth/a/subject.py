#!/usr/bin/env python3
"""Signs and verifies requests of four schemes, behind an adapter.

Schemes: AWS Signature Version 4 (header and presigned), OAuth 1.0a with HMAC-SHA1 in the
Authorization field, GitHub webhooks (X-Hub-Signature-256), and Flipsnack.

The program reads one JSON object a line and answers one a line. With `--bug ID` it makes the
mistake that bugs.json describes under that id, and is right everywhere else: `bug` is the id of
the side (signing or verifying) that the mistake belongs to, and empty on the other side.
"""
import base64
import hashlib
import hmac
import json
import re
import sys
from datetime import datetime, timedelta, timezone

UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


class Refused(Exception):
    def __init__(self, reason, status=None, code=None, message=None):
        super().__init__(reason)
        self.answer = {"accept": False, "class": reason}
        for name, value in (("status", status), ("code", code), ("message", message)):
            if value is not None:
                self.answer[name] = value


# ---------------------------------------------------------------------------------------------
# Values of the protocol


def raw(value):
    """The bytes that a value of the protocol means."""
    if value is None:
        return None
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"])
    return value.encode("utf-8")


def shown(value):
    """A value of the protocol that means these bytes."""
    try:
        text = value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}
    if any(ord(c) < 32 and c not in "\n\r\t" or ord(c) == 127 for c in text):
        return {"hex": value.hex()}
    return text


def record(values):
    return {k: raw(v) for k, v in (values or {}).items() if not isinstance(v, list)}


def instant(text):
    """An RFC 3339 instant in UTC, as a datetime."""
    if text is None:
        return None
    whole, _, fraction = text.rstrip("Zz").partition(".")
    moment = datetime.strptime(whole, "%Y-%m-%dT%H:%M:%S").replace(tzinfo=timezone.utc)
    if fraction:
        moment += timedelta(microseconds=int(fraction[:6].ljust(6, "0")))
    return moment


# ---------------------------------------------------------------------------------------------
# Encodings


def quote(value, keep=UNRESERVED):
    return b"".join(bytes([b]) if b in keep else b"%%%02X" % b for b in value)


def unquote(value, plus=False):
    if re.search(rb"%(?![0-9A-Fa-f]{2})", value):
        raise Refused("malformed")
    if plus:
        value = value.replace(b"+", b" ")
    return re.sub(rb"%([0-9A-Fa-f]{2})", lambda m: bytes([int(m.group(1), 16)]), value)


def parse_query(text, plus):
    """Decoded pairs of a query or form, in order; a value is None where there is no `=`."""
    pairs = []
    for part in text.split(b"&"):
        if not part:
            continue
        name, equals, value = part.partition(b"=")
        pairs.append((unquote(name, plus), unquote(value, plus) if equals else None))
    return pairs


def write_query(pairs, plus):
    def escape(value):
        done = quote(value)
        return done.replace(b"%20", b"+") if plus else done

    return b"&".join(escape(n) if v is None else escape(n) + b"=" + escape(v) for n, v in pairs)


def hmac_sha256(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def same(left, right):
    return hmac.compare_digest(left, right)


# ---------------------------------------------------------------------------------------------
# Requests


class Request:
    def __init__(self, method, scheme, target, headers, body):
        self.method = method
        self.scheme = scheme
        self.target = target
        self.headers = headers
        self.body = body

    @classmethod
    def received(cls, given):
        return cls(
            raw(given["method"]),
            raw(given.get("scheme", "https")),
            raw(given["target"]),
            [(raw(n), raw(v)) for n, v in given.get("headers", [])],
            raw(given.get("body", "")),
        )

    @classmethod
    def meant(cls, given, plus):
        if given.get("target") is not None:
            target = raw(given["target"])
        else:
            target = quote(raw(given.get("path") or "/"), UNRESERVED + b"/!$&'()*+,;=:@")
            pairs = [tuple(raw(x) for x in pair) for pair in given.get("query") or []]
            if pairs:
                target += b"?" + write_query([(p + (None,))[:2] for p in pairs], plus)
        headers = [(raw(n), raw(v)) for n, v in given.get("headers") or []]
        if not any(n.lower() == b"host" for n, _ in headers):
            headers.insert(0, (b"Host", raw(given["host"])))
        return cls(
            raw(given["method"]),
            raw(given.get("scheme") or "https"),
            target,
            headers,
            raw(given.get("body") or ""),
        )

    @property
    def path(self):
        return self.target.partition(b"?")[0]

    @property
    def query(self):
        return self.target.partition(b"?")[2]

    def values(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def one(self, name):
        """The value of a field that may stand once."""
        found = self.values(name)
        if len(found) > 1:
            raise Refused("malformed")
        return found[0].strip(b" \t") if found else None

    def set_header(self, name, value):
        self.headers = [(n, v) for n, v in self.headers if n.lower() != name.lower()]
        self.headers.append((name, value))

    def set_query(self, name, value, plus):
        kept = [p for p in self.query.split(b"&") if p]
        kept = [p for p in kept if unquote(p.partition(b"=")[0], plus) != name]
        kept.append(write_query([(name, value)], plus))
        self.target = self.path + b"?" + b"&".join(kept)

    def media_type(self):
        value = self.one(b"Content-Type") or b""
        return value.partition(b";")[0].strip().lower()

    def form(self):
        if self.media_type() != b"application/x-www-form-urlencoded":
            return []
        return parse_query(self.body, plus=True)

    def json(self):
        return {
            "method": shown(self.method),
            "scheme": shown(self.scheme),
            "target": shown(self.target),
            "headers": [[shown(n), shown(v)] for n, v in self.headers],
            "body": shown(self.body),
        }


def only_value(pairs, name):
    """The value of a parameter that may stand once; None where it does not."""
    found = [v for n, v in pairs if n == name]
    if len(found) > 1:
        raise Refused("malformed")
    return found[0] if found else None


# ---------------------------------------------------------------------------------------------
# AWS Signature Version 4

ALGORITHM = b"AWS4-HMAC-SHA256"
TERMINATOR = b"aws4_request"


def aws_path(path, s3, bug):
    if s3:
        if bug == "aws-v6":
            return quote(path or b"/", UNRESERVED + b"/")
        return quote(unquote(path) or b"/", UNRESERVED + b"/")
    if bug == "aws-s3":
        path = path.replace(b"//", b"/")
    parts = []
    skipped = (b".",) if bug == "aws-s3" else (b".", b"")
    for segment in path.removeprefix(b"/").split(b"/"):
        if segment == b"..":
            parts = parts[:-1]
        elif segment not in skipped:
            parts.append(segment)
    if bug == "aws-s3" and parts[-1:] == [b""]:
        parts.pop()
    clean = b"/" + b"/".join(parts)
    if parts and path.rsplit(b"/", 1)[1] in (b"", b".", b".."):
        clean += b"/"
    return quote(clean, UNRESERVED + b"/")


def aws_query(request, bug):
    pairs = parse_query(request.query, plus=False)
    pairs = [(n, v or b"") for n, v in pairs if n != b"X-Amz-Signature"]
    if bug == "aws-s5":
        encoded = [(quote(n), quote(v)) for n, v in sorted(pairs)]
    else:
        encoded = sorted((quote(n), quote(v)) for n, v in pairs)
    if bug == "aws-s2":
        encoded = sorted((n, v.replace(b"%2B", b"%20")) for n, v in encoded)
    return b"&".join(n + b"=" + v for n, v in encoded)


def aws_header_value(value, bug):
    if bug == "aws-v7":
        return value.lstrip(b" ")
    return re.sub(rb" +", b" ", value.strip(b" \t"))


def aws_headers(request, signed, bug):
    grouped = {}
    for name, value in request.headers:
        grouped.setdefault(name.lower(), []).append(aws_header_value(value, bug))
    names = sorted(n for n in grouped if n in signed)
    if bug == "aws-s1":
        names = sorted(names + [b"host"])
    lines = [n + b":" + b",".join(grouped[n]) + b"\n" for n in names]
    if bug == "aws-s2":
        lines.sort()
    return b"".join(lines)


def aws_signed_headers(request, bug):
    names = {n.lower() for n, _ in request.headers} - {b"authorization"}
    if bug == "aws-s1":
        return b";".join(sorted([*names, b"host"]))
    return b";".join(sorted(names))


def aws_payload_hash(request, s3, presigned, bug):
    if s3 and presigned:
        return b"UNSIGNED-PAYLOAD"
    if s3:
        return request.one(b"X-Amz-Content-Sha256") or b""
    return hashlib.sha256(request.body).hexdigest().encode()


def aws_stages(request, secret, time, date, region, service, signed, s3, presigned, bug):
    stages = {
        "canonical_path": aws_path(request.path, s3, bug),
        "canonical_query": aws_query(request, bug),
        "signed_headers": signed,
        "canonical_headers": aws_headers(request, signed.split(b";"), bug),
        "payload_hash": aws_payload_hash(request, s3, presigned, bug),
        "date": date,
        "region": region,
        "service": service,
        "scope": b"/".join([date, region, service, TERMINATOR]),
    }
    stages["canonical_request"] = b"\n".join(
        [
            request.method,
            stages["canonical_path"],
            stages["canonical_query"],
            stages["canonical_headers"],
            signed,
            stages["payload_hash"],
        ]
    )
    stages["string_to_sign"] = b"\n".join(
        [
            ALGORITHM,
            time.strftime("%Y%m%dT%H%M%SZ").encode(),
            stages["scope"],
            hashlib.sha256(stages["canonical_request"]).hexdigest().encode(),
        ]
    )
    key = b"AWS4" + secret
    for part in (date, region, service, TERMINATOR):
        key = hmac_sha256(key, part)
    stages["signing_key"] = key
    stages["signature"] = hmac_sha256(key, stages["string_to_sign"]).hex().encode()
    return stages


def aws_sign(call, account, parameters, time, nonce, request, bug):
    stamp = time.strftime("%Y%m%dT%H%M%SZ").encode()
    date = stamp[:8]
    region, service = parameters["region"], parameters["service"]
    token = account.get("session_token")
    scope = b"/".join([date, region, service, TERMINATOR])
    s3 = call.get("variant") == "s3"
    if call["operation"] == "request":
        request.set_header(b"X-Amz-Date", stamp)
        if s3:
            payload = parameters.get("payload")
            payload = payload or hashlib.sha256(request.body).hexdigest().encode()
            request.set_header(b"X-Amz-Content-Sha256", payload)
        if token:
            request.set_header(b"X-Amz-Security-Token", token)
        signed = aws_signed_headers(request, bug)
        stages = aws_stages(
            request, account["secret_access_key"], time, date, region, service, signed, s3,
            False, bug,
        )
        stages["authorization"] = (
            ALGORITHM
            + b" Credential=" + account["access_key_id"] + b"/" + stages["scope"]
            + b", SignedHeaders=" + signed
            + b", Signature=" + stages["signature"]
        )
        request.set_header(b"Authorization", stages["authorization"])
        return stages
    signed = aws_signed_headers(request, bug)
    fields = [
        (b"X-Amz-Algorithm", ALGORITHM),
        (b"X-Amz-Credential", account["access_key_id"] + b"/" + scope),
        (b"X-Amz-Date", stamp),
        (b"X-Amz-Expires", parameters.get("expires", b"3600")),
    ]
    if token and bug != "aws-s4":
        fields.append((b"X-Amz-Security-Token", token))
    fields.append((b"X-Amz-SignedHeaders", signed))
    for name, value in fields:
        request.set_query(name, value, plus=False)
    stages = aws_stages(
        request, account["secret_access_key"], time, date, region, service, signed, s3, True, bug
    )
    request.set_query(b"X-Amz-Signature", stages["signature"], plus=False)
    if token and bug == "aws-s4":
        request.set_query(b"X-Amz-Security-Token", token, plus=False)
    return stages


def aws_time(text):
    if not re.fullmatch(rb"\d{8}T\d{6}Z", text):
        raise Refused("malformed")
    try:
        return datetime.strptime(text.decode(), "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
    except ValueError:
        raise Refused("malformed")


def http_time(text):
    try:
        return datetime.strptime(text.decode("ascii"), "%a, %d %b %Y %H:%M:%S GMT").replace(
            tzinfo=timezone.utc
        )
    except ValueError:
        raise Refused("malformed")


def aws_fields(request, bug):
    """What the Authorization field says, by name."""
    value = request.one(b"Authorization")
    if value is None:
        raise Refused("missing-credential")
    if not value.startswith(ALGORITHM + b" "):
        raise Refused("malformed")
    fields = {}
    separator = b", " if bug == "aws-v5" else b","
    for part in value[len(ALGORITHM) + 1:].split(separator):
        name, equals, text = part.strip(b" \t").partition(b"=")
        if not equals or name in fields:
            raise Refused("malformed")
        fields[name] = text
    for name in (b"Credential", b"SignedHeaders", b"Signature"):
        if name not in fields:
            raise Refused("missing-credential")
    return fields


def aws_credential(text):
    parts = text.split(b"/")
    if len(parts) != 5 or parts[4] != TERMINATOR or not all(parts):
        raise Refused("malformed")
    return parts[:4]


def aws_verify(call, accounts, parameters, now, request, state, bug):
    query = parse_query(request.query, plus=False)
    presigned = call["operation"] == "presigned"
    s3 = call.get("variant") == "s3"
    if presigned:
        algorithm = only_value(query, b"X-Amz-Algorithm")
        credential = only_value(query, b"X-Amz-Credential")
        signed = only_value(query, b"X-Amz-SignedHeaders")
        sent = only_value(query, b"X-Amz-Signature")
        stamp = only_value(query, b"X-Amz-Date")
        for value in (algorithm, credential, signed, sent, stamp):
            if value is None:
                raise Refused("missing-credential")
        key_id, date, region, service = aws_credential(credential)
        time = aws_time(stamp)
        if algorithm != ALGORITHM:
            raise Refused("malformed")
    else:
        fields = aws_fields(request, bug)
        key_id, date, region, service = aws_credential(fields[b"Credential"])
        signed, sent = fields[b"SignedHeaders"], fields[b"Signature"]
        fields_of_time = [b"X-Amz-Date", b"Date"]
        if bug == "aws-v9":
            fields_of_time.reverse()
        stamp = request.one(fields_of_time[0])
        if stamp is None:
            stamp = request.one(fields_of_time[1])
        if stamp is None:
            raise Refused("missing-credential")
        time = aws_time(stamp) if re.match(rb"\d", stamp) else http_time(stamp)
    account = next((a for a in accounts if a.get("access_key_id") == key_id), None)
    if account is None:
        raise Refused("unknown-key")
    if bug != "aws-v8":
        if date != time.strftime("%Y%m%d").encode():
            raise Refused("value-mismatch")
        if region != parameters["region"] or service != parameters["service"]:
            raise Refused("value-mismatch")
    if presigned:
        token = only_value(query, b"X-Amz-Security-Token")
    else:
        token = request.one(b"X-Amz-Security-Token")
    if bug != "aws-v4" and (token or b"") != (account.get("session_token") or b""):
        raise Refused("wrong-token")
    names = signed.split(b";")
    if bug != "aws-v3" and b"host" not in names:
        raise Refused("unsigned-part")
    for name, _ in request.headers:
        if bug == "aws-v2":
            break
        if name.lower().startswith(b"x-amz-") and name.lower() not in names:
            raise Refused("unsigned-part")
    if s3 and not presigned and bug != "aws-v11":
        actual = hashlib.sha256(request.body).hexdigest().encode()
        if request.one(b"X-Amz-Content-Sha256") not in (actual, b"UNSIGNED-PAYLOAD"):
            raise Refused("value-mismatch")
    skew = timedelta(seconds=int(parameters.get("skew", b"300")))
    if presigned:
        expires = only_value(query, b"X-Amz-Expires")
        if expires is None or not re.fullmatch(rb"\d+", expires):
            raise Refused("malformed")
        if int(expires) > 604800 and bug != "aws-v11":
            raise Refused("malformed")
        if bug == "aws-v1":
            if abs(now - time) > skew:
                raise Refused("expired")
        elif now < time - skew or now > time + timedelta(seconds=int(expires)):
            raise Refused("expired")
    elif bug == "aws-v10":
        if (now - time).seconds > skew.seconds:
            raise Refused("expired")
    elif abs(now - time) > skew:
        raise Refused("expired")
    stages = aws_stages(
        request, account["secret_access_key"], time, date, region, service, signed, s3,
        presigned, bug,
    )
    if not same(sent, stages["signature"]):
        raise Refused("signature-mismatch")


# ---------------------------------------------------------------------------------------------
# OAuth 1.0a


def oauth_quote(value, bug):
    if bug == "oa-s4":
        return quote(value, UNRESERVED + b"!'()*")
    return quote(value)


def oauth_base_uri(request, bug):
    scheme = request.scheme.lower()
    host = (request.one(b"Host") or b"").lower()
    name, colon, port = host.rpartition(b":")
    default = (scheme, port) in ((b"http", b"80"), (b"https", b"443"))
    if bug == "oa-s4":
        default = False
    if bug == "oa-v8":
        default = port.isdigit()
    if colon and default:
        host = name
    return scheme + b"://" + host + (request.path or b"/")


def oauth_parameters(request, protocol, bug):
    pairs = parse_query(request.query, plus=bug != "oa-v8")
    if bug == "oa-v1":
        if request.one(b"Content-Type") == b"application/x-www-form-urlencoded":
            pairs += request.form()
    else:
        pairs += request.form()
    if bug == "oa-s1":
        pairs = list(dict(pairs).items())
    pairs += [(n, v) for n, v in protocol if n != b"realm" or bug == "oa-s5"]
    pairs = [(n, v) for n, v in pairs if n != b"oauth_signature"]
    encoded = [(oauth_quote(n, bug), oauth_quote(v or b"", bug)) for n, v in pairs]
    if bug == "oa-v11":
        encoded.sort(key=lambda pair: pair[0])
    else:
        encoded.sort()
    joined = [n + b"=" + v for n, v in encoded]
    if bug == "oa-s3":
        joined.sort()
    return b"&".join(joined)


def oauth_stages(request, account, protocol, bug):
    stages = {
        "base_uri": oauth_base_uri(request, bug),
        "normalized_parameters": oauth_parameters(request, protocol, bug),
    }
    stages["string_to_sign"] = b"&".join(
        [
            oauth_quote(request.method.upper(), bug),
            oauth_quote(stages["base_uri"], bug),
            oauth_quote(stages["normalized_parameters"], bug),
        ]
    )
    secrets = [account["consumer_secret"], account.get("token_secret") or b""]
    if bug != "oa-s2":
        secrets = [oauth_quote(secret, bug) for secret in secrets]
    stages["signing_key"] = b"&".join(secrets)
    digest = hmac.new(stages["signing_key"], stages["string_to_sign"], hashlib.sha1).digest()
    stages["signature"] = base64.b64encode(digest)
    return stages


def oauth_sign(call, account, parameters, time, nonce, request, bug):
    protocol = [
        (b"realm", parameters.get("realm")),
        (b"oauth_consumer_key", account["consumer_key"]),
        (b"oauth_token", account.get("token")),
        (b"oauth_signature_method", b"HMAC-SHA1"),
        (b"oauth_timestamp", b"%d" % ((time - EPOCH) // timedelta(seconds=1))),
        (b"oauth_nonce", nonce),
        (b"oauth_callback", parameters.get("callback")),
        (b"oauth_verifier", parameters.get("verifier")),
        (b"oauth_version", parameters.get("version")),
    ]
    always = (b"oauth_consumer_key", b"oauth_nonce")
    protocol = [(n, v or b"") for n, v in protocol if v or n in always]
    stages = oauth_stages(request, account, protocol, bug)
    fields = protocol + [(b"oauth_signature", stages["signature"])]
    stages["parameters"] = b", ".join(
        oauth_quote(n, bug) + b'="' + oauth_quote(v, bug) + b'"' for n, v in fields
    )
    stages["authorization"] = b"OAuth " + stages["parameters"]
    request.set_header(b"Authorization", stages["authorization"])
    return stages


def oauth_fields(request, bug):
    value = request.one(b"Authorization")
    if value is None:
        raise Refused("missing-credential")
    if value[:6].lower() != b"oauth ":
        raise Refused("malformed")
    fields = []
    parts = value[6:].split(b",")
    if bug == "oa-v7":
        parts = parts[1:]
    for part in parts:
        if bug == "oa-v6" and b"realm" in part:
            continue
        name, equals, text = part.strip(b" \t").partition(b"=")
        if not equals:
            raise Refused("malformed")
        if len(text) >= 2 and text[:1] == text[-1:] == b'"':
            text = text[1:-1]
        plus = bug == "oa-v2"
        fields.append((unquote(name, plus), unquote(text, plus)))
    return fields


def oauth_verify(call, accounts, parameters, now, request, state, bug):
    protocol = oauth_fields(request, bug)
    found = {}
    for name, value in protocol:
        if name in found:
            raise Refused("malformed")
        found[name] = value
    needed = [b"consumer_key", b"signature_method", b"signature", b"nonce", b"timestamp"]
    if bug == "oa-v10":
        needed.append(b"version")
    for name in (b"oauth_" + name for name in needed):
        if name not in found:
            raise Refused("missing-credential")
    stamp = found[b"oauth_timestamp"]
    if not re.fullmatch(rb"-?(0|[1-9]\d*)", stamp):
        raise Refused("malformed")
    if found[b"oauth_signature_method"] != b"HMAC-SHA1":
        raise Refused("malformed")
    if found.get(b"oauth_version", b"1.0") != b"1.0":
        raise Refused("malformed")
    key, token = found[b"oauth_consumer_key"], found.get(b"oauth_token", b"")
    account = None
    for candidate in accounts:
        if candidate["consumer_key"] != key or account is not None:
            continue
        if bug == "oa-v9" or (candidate.get("token") or b"") == token:
            account = candidate
    if account is None:
        raise Refused("unknown-key", "401")
    skew = timedelta(seconds=int(parameters.get("skew", b"300")))
    elapsed = (now - EPOCH) - timedelta(seconds=int(stamp))
    if (elapsed if bug == "oa-v3" else abs(elapsed)) > skew:
        raise Refused("expired", "401")
    entry = (key, token, stamp, found[b"oauth_nonce"])
    seen = state.setdefault("nonces", set())
    if bug == "oa-v5":
        if entry in seen:
            raise Refused("replayed", "401")
        seen.add(entry)
    stages = oauth_stages(request, account, protocol, bug)
    sent = found[b"oauth_signature"]
    if bug == "oa-v10":
        try:
            matches = same(base64.b64decode(sent), base64.b64decode(stages["signature"]))
        except ValueError:
            matches = False
    else:
        matches = same(sent, stages["signature"])
    if not matches:
        raise Refused("signature-mismatch", "401")
    if bug in ("oa-v4", "oa-v5"):
        return
    if entry in seen:
        raise Refused("replayed", "401")
    seen.add(entry)


# ---------------------------------------------------------------------------------------------
# GitHub webhooks


def github_sign(call, account, parameters, time, nonce, request, bug):
    secret, body = account["secret"], request.body
    if bug == "gh-s1":
        try:
            text = json.dumps(json.loads(body), ensure_ascii=False, separators=(",", ":"))
            body = text.encode("utf-8")
        except ValueError:
            pass
    if bug == "gh-s2":
        secret += b"\n"
    if bug == "gh-s3":
        units = body.decode("utf-8", "replace").encode("utf-16-le")
        body = units[::2]
    signature = hmac_sha256(secret, body).hex().encode()
    if bug == "gh-s3":
        signature = signature.upper()
    request.set_header(b"X-Hub-Signature-256", b"sha256=" + signature)
    return {"signature": signature}


def github_verify(call, accounts, parameters, now, request, state, bug):
    found = request.values(b"X-Hub-Signature-256")
    if not found:
        raise Refused("missing-credential")
    secret = accounts[0].get("secret")
    if not secret and bug == "gh-v1":
        secret = b""
    elif not secret:
        raise Refused("signature-mismatch")
    body = request.body
    if bug == "gh-v4" and request.media_type() == b"application/x-www-form-urlencoded":
        body = dict(request.form()).get(b"payload") or b""
    expected = hmac_sha256(secret, body).hex().encode()
    if bug == "gh-v5":
        sent = [v[len(b"sha256="):].lower() for v in found if v.startswith(b"sha256=")]
        if not sent:
            raise Refused("malformed")
        if expected not in sent:
            raise Refused("signature-mismatch")
        return
    if len(found) > 1:
        raise Refused("malformed")
    if not found[0].startswith(b"sha256=") and bug != "gh-v3":
        raise Refused("malformed")
    sent = found[0].removeprefix(b"sha256=")
    if bug == "gh-v2" and len(sent) != len(expected):
        raise ValueError("Input buffers must have the same byte length")
    if bug == "gh-v6":
        difference = 0
        for left, right in zip(sent, expected):
            difference |= left ^ right
        matches = difference == 0
    else:
        matches = same(sent, expected)
    if not matches:
        raise Refused("signature-mismatch")


# ---------------------------------------------------------------------------------------------
# Flipsnack


def flipsnack_multipart(request, bug):
    """Fields of a multipart/form-data body."""
    value = request.one(b"Content-Type") or b""
    if request.media_type() != b"multipart/form-data":
        return []
    boundary = re.search(rb'boundary=(?:"([^"]+)"|([^;\s]+))', value, re.I)
    if not boundary:
        raise Refused("malformed")
    delimiter = b"\r\n--" + (boundary.group(1) or boundary.group(2))
    fields = []
    for part in (b"\r\n" + request.body).split(delimiter)[1:]:
        if part.startswith(b"--"):
            break
        head, _, content = part.partition(b"\r\n\r\n")
        name = re.search(rb'[;\s]name="([^"]*)"', head, re.I)
        if bug == "fs-v2" and re.search(rb"[;\s]filename=", head, re.I):
            continue
        if name:
            fields.append((name.group(1), content))
    return fields


def flipsnack_stages(request, secret, bug):
    pairs = parse_query(request.query, plus=True)
    if bug != "fs-v4":
        pairs += request.form() + flipsnack_multipart(request, bug)
    excluded = (b"signature",) if bug == "fs-v2" else (b"signature", b"file")
    pairs = [(n, v or b"") for n, v in pairs if n not in excluded]
    if bug == "fs-v1":
        pairs = list(dict(pairs).items())
    if bug == "fs-s1":
        pairs = [(n, quote(v).replace(b"%20", b"+")) for n, v in pairs]
    if bug == "fs-s3":
        pairs = [(n, v.strip()) for n, v in pairs if v]
    if bug == "fs-s2":
        pairs.sort(key=lambda pair: pair[0].lower())
    else:
        pairs.sort(key=lambda pair: pair[0])
    stages = {"canonical_query": b"".join(n + v for n, v in pairs)}
    stages["string_to_sign"] = secret + stages["canonical_query"]
    digest = hashlib.md5(stages["string_to_sign"])
    stages["signature"] = digest.hexdigest().encode()
    if bug == "fs-s4":
        stages["signature"] = b"%x" % int.from_bytes(digest.digest(), "big")
    return stages


def flipsnack_sign(call, account, parameters, time, nonce, request, bug):
    request.set_query(b"apiKey", account["api_key"], plus=True)
    stages = flipsnack_stages(request, account["secret"], bug)
    request.set_query(b"signature", stages["signature"], plus=True)
    return stages


def flipsnack_verify(call, accounts, parameters, now, request, state, bug):
    method = request.method
    if bug == "fs-v5" and method == b"HEAD":
        method = b"GET"
    if method != (b"POST" if call.get("variant") == "upload" else b"GET"):
        raise Refused("wrong-method", code="40")
    query = parse_query(request.query, plus=True)
    key = only_value(query, b"apiKey")
    signature = only_value(query, b"signature")
    if not signature or not key and bug != "fs-v3":
        raise Refused("missing-credential", code="30")
    account = next((a for a in accounts if a.get("api_key") == key), None)
    if account is None or not account.get("secret"):
        raise Refused("unknown-key", code="41")
    stages = flipsnack_stages(request, account["secret"], bug)
    if bug == "fs-v4":
        signature = signature.lower()
    if not same(signature, stages["signature"]):
        raise Refused("signature-mismatch", code="44", message="Invalid signature")


# ---------------------------------------------------------------------------------------------
# The adapter

SCHEMES = {
    "aws-sigv4": (aws_sign, aws_verify, False),
    "oauth1": (oauth_sign, oauth_verify, True),
    "github": (github_sign, github_verify, False),
    "flipsnack": (flipsnack_sign, flipsnack_verify, True),
}
SILENT = {"aws-s3", "aws-s4", "oa-s2", "oa-s4", "gh-s2", "fs-s2", "fs-s3", "fs-s4"}


def sign(call, bug):
    given = call["given"]
    signer, _, plus = SCHEMES[call["scheme"]]
    request = Request.meant(given["request"], plus)
    stages = signer(
        call,
        record(given["account"]),
        record(given.get("parameters")),
        instant(given.get("time")),
        raw(given.get("nonce")),
        request,
        bug,
    )
    answer = {"signed_request": request.json()}
    if bug not in SILENT:
        answer["stages"] = {name: shown(value) for name, value in stages.items()}
    return answer


def verify(call, bug):
    given = call["given"]
    verifier = SCHEMES[call["scheme"]][1]
    accounts = [record(account) for account in given["accounts"]]
    parameters = record(given.get("parameters"))
    state, results = {}, []
    for message in given["messages"]:
        try:
            verifier(
                call,
                accounts,
                parameters,
                instant(message.get("now")),
                Request.received(message["request"]),
                state,
                bug,
            )
            results.append({"accept": True})
        except Refused as refused:
            if call["scheme"] == "oauth1":
                refused.answer.setdefault("status")
            results.append(refused.answer)
    return {"results": results}


def main():
    bug = sys.argv[sys.argv.index("--bug") + 1] if "--bug" in sys.argv else ""
    signing = bug if re.search(r"-s\d+$", bug) else ""
    verifying = bug if re.search(r"-v\d+$", bug) else ""
    for line in sys.stdin:
        if not line.strip():
            continue
        call = json.loads(line)
        if call["op"] == "stop":
            break
        try:
            if call["op"] == "start":
                answer = {
                    "name": "four-schemes",
                    "version": "1.0",
                    "language": "python",
                    "schemes": {name: ["sign", "verify"] for name in SCHEMES},
                    "capabilities": ["time", "credentials", "state"],
                }
            elif call["op"] in ("sign", "verify") and call["scheme"] not in SCHEMES:
                answer = {"skipped": "no support for " + call["scheme"]}
            elif call["op"] == "sign":
                answer = sign(call, signing)
            elif call["op"] == "verify":
                answer = verify(call, verifying)
            else:
                answer = {"error": "unknown op"}
        except Exception as problem:
            answer = {"error": type(problem).__name__ + ": " + str(problem)}
        print(json.dumps({"seq": call.get("seq"), **answer}), flush=True)


if __name__ == "__main__":
    main()
