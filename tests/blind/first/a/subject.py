#!/usr/bin/env python3
"""aws-sigv4, flipsnack, stripe and github behind the adapter protocol; `--bug ID` puts in the mistakes of bugs.json."""

import hashlib
import hmac
import json
import os
import posixpath
import re
import sys
from datetime import datetime, timedelta, timezone

from base.clock import HTTP_DATE, SECOND, header_date, nanoseconds
from base.message import (
    FORM, UNRESERVED, Malformed, Message, only_value, percent_decode, percent_encode, sent_message,
)
from base.tasks import Refused, Signing, Verification, equal, find_account, refuse_unless

BUGS = frozenset()
SIDE = None  # a mistake is made on its side alone
DETAILS = True  # stages when signing, class and code when verifying


def bug(name):
    return name in BUGS and SIDE == name.split("-")[1]


def sha256_hex(data):
    return hashlib.sha256(data).hexdigest().encode()


def hmac_sha256(key, data):
    return hmac.new(key, data, hashlib.sha256)


# ---------------------------------------------------------------- times


def basic_time(text):
    """RFC 3339 to 20180504T120514Z."""
    nanoseconds(text)
    return re.sub(r"[-:]|\.[0-9]+", "", text).encode()


def read_basic_time(value):
    match = re.fullmatch(rb"([0-9]{4})([0-9]{2})([0-9]{2})T([0-9]{2})([0-9]{2})([0-9]{2})Z", value)
    if not match:
        raise Malformed("not a time in basic form")
    year, month, day, hour, minute, second = (part.decode() for part in match.groups())
    return nanoseconds(f"{year}-{month}-{day}T{hour}:{minute}:{second}Z"), value


def read_aws_time(value):
    """(nanoseconds, basic form)"""
    if re.match(rb"[0-9]", value):
        return read_basic_time(value)
    if not HTTP_DATE.fullmatch(value.decode("latin-1")):
        raise Malformed("not a date")
    instant = header_date(value)
    moment = datetime(1970, 1, 1) + timedelta(seconds=instant // SECOND)
    return instant, moment.strftime("%Y%m%dT%H%M%SZ").encode()


def read_unix(value):
    if not re.fullmatch(rb"0|-?[1-9][0-9]{0,17}", value):
        raise Malformed("not a number of seconds")
    return int(value) * SECOND


# ---------------------------------------------------------------- aws-sigv4


def normalize_path(raw):
    kept = []
    segments = raw.split(b"/")[1:] or [b""]
    for segment in segments:
        if segment == b"..":
            del kept[-1:]
        elif segment not in (b"", b"."):
            kept.append(segment)
    end = b"/" if kept and segments[-1] in (b"", b".", b"..") else b""
    return b"/" + b"/".join(kept) + end


def aws_query(message):
    """Decoded names and values; a plus sign is itself."""
    pieces = message.target.partition(b"?")[2].split(b"&")
    pairs = [piece.partition(b"=")[::2] for piece in pieces if piece]
    return [(percent_decode(name), percent_decode(value)) for name, value in pairs]


def aws_canonical_path(message, s3):
    if s3:
        return percent_encode(message.path, UNRESERVED + b"/")
    if bug("aws-s-normpath"):
        path = posixpath.normpath(message.raw_path)
    else:
        path = normalize_path(message.raw_path)
    if bug("aws-s-path-once"):
        return path
    return percent_encode(path, UNRESERVED + b"/")


def aws_canonical_query(message, presigned):
    if bug("aws-s-raw-query"):
        pieces = message.target.partition(b"?")[2].split(b"&")
        return b"&".join(sorted(piece for piece in pieces if not piece.startswith(b"X-Amz-Signature=")))
    pairs = aws_query(message)
    if presigned:
        pairs = [pair for pair in pairs if pair[0] != b"X-Amz-Signature"]
    return b"&".join(name + b"=" + value for name, value in sorted((percent_encode(n), percent_encode(v)) for n, v in pairs))


def aws_header_names(message):
    return b";".join(sorted({name.lower() for name, _ in message.headers} - {b"authorization"}))


def aws_canonical_headers(message, signed):
    lines = {}
    for name, value in message.headers:
        name = name.lower()
        if name not in signed.split(b";"):
            continue
        if bug("aws-s-no-collapse"):
            value = value.strip()
        else:
            value = re.sub(rb"[ \t]+", b" ", value).strip(b" ")
        if bug("aws-s-header-dict"):
            lines[name] = [value]
        else:
            lines.setdefault(name, []).append(value)
    return b"".join(name + b":" + b",".join(lines[name]) + b"\n" for name in sorted(lines))


def aws_signing_key(secret, *parts):
    key = b"AWS4" + secret
    for part in parts:
        key = hmac_sha256(key, part).hexdigest().encode() if bug("aws-s-hex-keys") else hmac_sha256(key, part).digest()
    return key


def aws_derive(message, secret, time, date, region, service, signed, payload_hash, s3, presigned):
    stages = {
        "canonical_path": aws_canonical_path(message, s3),
        "canonical_query": aws_canonical_query(message, presigned),
        "signed_headers": signed,
        "canonical_headers": aws_canonical_headers(message, signed),
        "payload_hash": payload_hash,
    }
    stages["canonical_request"] = b"\n".join(
        [message.method, stages["canonical_path"], stages["canonical_query"], stages["canonical_headers"], signed, payload_hash]
    )
    scope = b"/".join([date, region, service, b"aws4_request"])
    stages.update(date=date, region=region, service=service, scope=scope)
    stages["string_to_sign"] = b"\n".join([b"AWS4-HMAC-SHA256", time, scope, sha256_hex(stages["canonical_request"])])
    stages["signing_key"] = aws_signing_key(secret, date, region, service, b"aws4_request")
    stages["signature"] = hmac_sha256(stages["signing_key"], stages["string_to_sign"]).hexdigest().encode()
    return stages


def sign_aws(task):
    message, account, s3 = task.message, task.account, task.variant == "s3"
    presigned = task.operation == "presigned"
    region, service = task.parameters["region"], task.parameters["service"]
    time = basic_time(task.time)
    date = time[:8]
    if bug("aws-s-local-date"):
        moment = datetime.strptime(time.decode(), "%Y%m%dT%H%M%SZ").replace(tzinfo=timezone.utc)
        date = moment.astimezone(timezone(timedelta(hours=-8))).strftime("%Y%m%d").encode()
    token = account.get("session_token")

    payload_hash = sha256_hex(message.body)
    if presigned:
        signed = aws_header_names(message)
        credential = b"/".join([account["access_key_id"], date, region, service, b"aws4_request"])
        message.set_query(b"X-Amz-Algorithm", b"AWS4-HMAC-SHA256")
        message.set_query(b"X-Amz-Credential", credential)
        message.set_query(b"X-Amz-Date", time)
        message.set_query(b"X-Amz-Expires", task.parameters.get("expires", b"3600"))
        if token:
            message.set_query(b"X-Amz-Security-Token", token)
        message.set_query(b"X-Amz-SignedHeaders", signed)
        if s3 and not bug("aws-s-presign-hash"):
            payload_hash = b"UNSIGNED-PAYLOAD"
    else:
        message.set_header("X-Amz-Date", time)
        if s3:
            payload_hash = task.parameters.get("payload", payload_hash)
            message.set_header("X-Amz-Content-Sha256", payload_hash)
        if token and not bug("aws-s-token-late"):
            message.set_header("X-Amz-Security-Token", token)
        signed = aws_header_names(message)

    stages = aws_derive(
        message, account["secret_access_key"], time, date, region, service, signed, payload_hash, s3, presigned
    )
    if presigned:
        message.set_query(b"X-Amz-Signature", stages["signature"])
    else:
        stages["authorization"] = (
            b"AWS4-HMAC-SHA256 Credential=" + account["access_key_id"] + b"/" + stages["scope"]
            + b", SignedHeaders=" + signed + b", Signature=" + stages["signature"]
        )
        message.set_header("Authorization", stages["authorization"])
        if token and bug("aws-s-token-late"):
            message.set_header("X-Amz-Security-Token", token)
    return stages


def there(value):
    refuse_unless(value is not None, "missing-credential")
    return value


def aws_credential(text):
    match = re.fullmatch(rb"([^/]*)/([^/]*)/([^/]*)/(.*?)/aws4_request", text, re.DOTALL)
    if not match:
        raise Malformed("not a credential")
    return match.groups()


def parse_int(text):
    """As of a language that is content with the digits at the start; None is not a number."""
    match = re.match(rb"\s*[+-]?[0-9]+", text or b"")
    return int(match[0]) if match else None


def verify_aws(task):
    message, s3 = task.message, task.variant == "s3"
    presigned = task.operation == "presigned"
    if presigned:
        query = aws_query(message)
        algorithm = there(only_value(query, b"X-Amz-Algorithm"))
        access_key, date, region, service = aws_credential(there(only_value(query, b"X-Amz-Credential")))
        signed = there(only_value(query, b"X-Amz-SignedHeaders"))
        sent = there(only_value(query, b"X-Amz-Signature"))
        instant, time = read_basic_time(there(only_value(query, b"X-Amz-Date")))
        refuse_unless(algorithm == b"AWS4-HMAC-SHA256", "malformed")
    else:
        authorization = there(message.header("Authorization"))
        if not authorization.startswith(b"AWS4-HMAC-SHA256 "):
            raise Malformed("another algorithm")
        fields = {}
        for item in authorization[len(b"AWS4-HMAC-SHA256 "):].split(b","):
            name, found, value = item.strip(b" \t").partition(b"=")
            if not found:
                raise Malformed("an element without a value")
            fields.setdefault(name, value)
        access_key, date, region, service = aws_credential(there(fields.get(b"Credential")))
        signed = there(fields.get(b"SignedHeaders"))
        sent = there(fields.get(b"Signature"))
        names = ("Date", "X-Amz-Date") if bug("aws-v-date-first") else ("X-Amz-Date", "Date")
        found = next((value for value in map(message.header, names) if value is not None), None)
        instant, time = read_aws_time(there(found))

    account = find_account(task.accounts, "access_key_id", access_key)
    if account is None:
        raise Refused("signature-mismatch" if bug("aws-v-unknown-as-mismatch") else "unknown-key")

    if not bug("aws-v-scope-date"):
        refuse_unless(date == time[:8], "value-mismatch")
    if not bug("aws-v-region-of-client"):
        refuse_unless(region == task.parameters["region"], "value-mismatch")
    refuse_unless(service == task.parameters["service"], "value-mismatch")

    token = only_value(query, b"X-Amz-Security-Token") if presigned else message.header("X-Amz-Security-Token")
    if bug("aws-v-token-presence"):
        refuse_unless(token or not account.get("session_token"), "wrong-token")
    else:
        refuse_unless(equal(token or b"", account.get("session_token") or b""), "wrong-token")

    signed_names = signed.split(b";")
    if not bug("aws-v-host-unsigned"):
        refuse_unless(b"host" in signed_names, "unsigned-part")
    if not bug("aws-v-amz-unsigned"):
        for name, _ in message.headers:
            refuse_unless(not name.lower().startswith(b"x-amz-") or name.lower() in signed_names, "unsigned-part")

    skew = int(task.parameters.get("skew", b"300")) * SECOND
    payload_hash = sha256_hex(message.body)
    if presigned:
        if s3:
            payload_hash = b"UNSIGNED-PAYLOAD"
        text = only_value(query, b"X-Amz-Expires")
        if bug("aws-v-expires-nan"):
            expires = parse_int(text)
        else:
            if not re.fullmatch(rb"[0-9]+", there(text)):
                raise Malformed("not a number")
            expires = int(text)
        refuse_unless(instant - task.now <= skew, "expired")
        if expires is not None:
            refuse_unless(expires <= 604800, "malformed")
            end = instant + expires * SECOND
            if bug("aws-v-expires-exclusive"):
                refuse_unless(task.now < end, "expired")
            else:
                refuse_unless(task.now <= end, "expired")
    else:
        if s3:
            stated = there(message.header("X-Amz-Content-Sha256"))
            allowed = [payload_hash] if bug("aws-v-s3-hash-only") else [payload_hash, b"UNSIGNED-PAYLOAD"]
            if not bug("aws-v-s3-body-trusted"):
                refuse_unless(stated in allowed, "value-mismatch")
            payload_hash = stated
        if bug("aws-v-timedelta-seconds"):
            age = timedelta(microseconds=(task.now - instant) // 1000)
            refuse_unless(age.seconds * SECOND <= skew, "expired")
        else:
            refuse_unless(abs(task.now - instant) <= skew, "expired")

    if bug("aws-v-all-headers"):
        signed = aws_header_names(message)
    stages = aws_derive(
        message, account["secret_access_key"], time, date, region, service, signed, payload_hash, s3, presigned
    )
    refuse_unless(equal(sent, stages["signature"]), "signature-mismatch")


# ---------------------------------------------------------------- flipsnack


def flip_excluded(name):
    if bug("flip-s-exclude-caseless"):
        return name.lower() in (b"signature", b"file")
    if bug("flip-v-file-prefix"):
        return name == b"signature" or name.startswith(b"file")
    return name in (b"signature", b"file")


def flip_derive(message, secret):
    query = aws_query(message) if bug("flip-v-plus-literal") else message.query_pairs()
    pairs = query + message.form_pairs() + message.multipart_pairs()
    pairs = [pair for pair in pairs if not flip_excluded(pair[0])]
    if bug("flip-s-dict"):
        pairs = list(dict(pairs).items())
    if bug("flip-s-drop-blank"):
        pairs = [pair for pair in pairs if pair[1]]
    if bug("flip-s-sort-joined"):
        canonical = b"".join(sorted(name + value for name, value in pairs))
    else:
        canonical = b"".join(name + value for name, value in sorted(pairs, key=lambda pair: pair[0]))
    text = secret + canonical
    if bug("flip-s-latin1"):
        canonical = canonical.decode("utf-8", "replace").encode("latin-1", "replace")
        text = text.decode("utf-8", "replace").encode("latin-1", "replace")
    digest = hashlib.md5(text).digest()
    if bug("flip-s-leading-zero"):
        signature = format(int.from_bytes(digest, "big"), "x").encode()
    else:
        signature = digest.hex().encode()
    return {"canonical_query": canonical, "string_to_sign": text, "signature": signature}


def sign_flipsnack(task):
    task.message.set_query(b"apiKey", task.account["api_key"])
    stages = flip_derive(task.message, task.account["secret"])
    task.message.set_query(b"signature", stages["signature"])
    return stages


def flip_value(pairs, name):
    if bug("flip-v-first-of-many"):
        return next((value for other, value in pairs if other == name), None)
    return only_value(pairs, name)


def verify_flipsnack(task):
    message = task.message
    if not bug("flip-v-any-method"):
        refuse_unless(message.method == (b"POST" if task.variant == "upload" else b"GET"), "wrong-method", code="40")

    fields = message.query_pairs()
    if bug("flip-v-request-fields"):
        fields = fields + message.form_pairs() + message.multipart_pairs()
    missing = ("signature-mismatch", "44") if bug("flip-v-missing-44") else ("missing-credential", "30")
    api_key = flip_value(fields, b"apiKey")
    refuse_unless(api_key, missing[0], code=missing[1])
    received = flip_value(fields, b"signature")
    refuse_unless(received, missing[0], code=missing[1])

    if bug("flip-v-key-caseless"):
        account = next((a for a in task.accounts if a.get("api_key", b"").lower() == api_key.lower()), None)
    else:
        account = find_account(task.accounts, "api_key", api_key)
    if account is None:
        raise Refused("unknown-key", code="41")
    secret = account.get("secret") or b""
    if not secret:
        raise Refused("unknown-key", code="41")

    expected = flip_derive(message, secret)["signature"]
    if bug("flip-v-prefix-compare"):
        right = expected.startswith(received)
    else:
        right = equal(received, expected)
    refuse_unless(right, "signature-mismatch", code="44")


# ---------------------------------------------------------------- stripe


def stripe_signature(secret, time, body):
    if bug("stripe-s-latin1-body"):
        body = body.decode("latin-1").encode("utf-8")
    if bug("stripe-s-secret-base64") and secret.startswith(b"whsec_"):
        import base64
        import binascii
        try:
            text = secret[len(b"whsec_"):]
            secret = base64.b64decode(text + b"=" * (-len(text) % 4))
        except binascii.Error:
            secret = text
    separator = b"" if bug("stripe-s-no-dot") else b"."
    text = time + separator + body
    return {"string_to_sign": text, "signature": hmac_sha256(secret, text).hexdigest().encode()}


def sign_stripe(task):
    instant = nanoseconds(task.time)
    time = instant // (SECOND // 1000) if bug("stripe-s-millis") else instant // SECOND
    time = str(time).encode()
    stages = stripe_signature(task.account["secret"], time, task.message.body)
    task.message.set_header("Stripe-Signature", b"t=" + time + b",v1=" + stages["signature"])
    return stages


def stripe_fields(header):
    fields = []
    for item in header.split(b","):
        if bug("stripe-v-throws"):
            name, value = item.split(b"=")  # too few values to unpack
        else:
            name, found, value = item.partition(b"=")
            if not found:
                raise Malformed("an element without a value")
        fields.append((name, value))
    if bug("stripe-v-positional"):
        if len(fields) < 2 or fields[0][0] != b"t" or fields[1][0] != b"v1":
            raise Malformed("t and v1 are expected, in this order")
        return fields[:2]
    if bug("stripe-v-dict"):
        return list(dict(fields).items())
    return fields


def verify_stripe(task):
    message = task.message
    fields = stripe_fields(there(message.header("Stripe-Signature")))
    times = [value for name, value in fields if name == b"t"]
    if bug("stripe-v-throws"):
        instant = int(times[0]) * SECOND
    else:
        instant = read_unix(there(times[0] if times else None))
    if bug("stripe-v-any-scheme"):
        candidates = [value for name, value in fields if name != b"t"]
    else:
        candidates = [value for name, value in fields if name == b"v1"]

    tolerance = 300 if bug("stripe-v-fixed-tolerance") else int(task.parameters.get("tolerance", b"300"))
    age = task.now - instant
    if not bug("stripe-v-future"):
        age = abs(age)
    if not bug("stripe-v-no-time"):
        refuse_unless(age <= tolerance * SECOND, "expired")

    body = message.body
    if bug("stripe-v-reserialized"):
        try:
            body = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
        except ValueError:
            pass
    expected = stripe_signature(task.accounts[0]["secret"], times[0], body)["signature"]
    refuse_unless(any([equal(candidate, expected) for candidate in candidates]), "signature-mismatch")


# ---------------------------------------------------------------- github


def sign_github(task):
    secret = task.account["secret"]
    body = task.message.body
    if bug("github-s-swapped"):
        secret, body = body, secret
    signature = hmac_sha256(secret, body).hexdigest().encode()
    if bug("github-s-upper"):
        signature = signature.upper()
    prefix = b"" if bug("github-s-no-prefix") else b"sha256="
    task.message.set_header("X-Hub-Signature-256", prefix + signature)
    return {"signature": signature}


def verify_github(task):
    message = task.message
    if bug("github-v-last-line"):
        header = {name.lower(): value for name, value in message.headers}.get(b"x-hub-signature-256")
    else:
        header = message.header("X-Hub-Signature-256")
    if header is None and bug("github-v-missing-passes"):
        return
    there(header)

    body = message.body
    if bug("github-v-form-payload") and message.media_type() == FORM:
        body = dict(message.form_pairs()).get(b"payload", b"")
    expected = hmac_sha256(task.accounts[0]["secret"], body).hexdigest().encode()

    if bug("github-v-length-throws"):
        if len(header) != len(b"sha256=" + expected):
            raise ValueError("input buffers must have the same byte length")
        refuse_unless(equal(header, b"sha256=" + expected), "signature-mismatch")
        return
    if bug("github-v-any-prefix"):
        sent = header.split(b"=")[-1]
    else:
        if not header.startswith(b"sha256="):
            raise Malformed("no sha256=")
        sent = header.lstrip(b"sha256=") if bug("github-v-lstrip") else header[len(b"sha256="):]
    if bug("github-v-hex-decoded"):
        try:
            right = equal(bytes.fromhex(sent.decode("ascii")), bytes.fromhex(expected.decode()))
        except ValueError:
            right = False
    else:
        right = equal(sent, expected)
    refuse_unless(right, "signature-mismatch")


# ---------------------------------------------------------------- the protocol

SYSTEMS = {
    "aws-sigv4": ({"request", "presigned"}, {None, "s3"}, sign_aws, verify_aws),
    "flipsnack": ({"request"}, {None, "upload"}, sign_flipsnack, verify_flipsnack),
    "stripe": ({"webhook"}, {None}, sign_stripe, verify_stripe),
    "github": ({"webhook"}, {None}, sign_github, verify_github),
}
START = {
    "name": "blind-a",
    "version": "1.0",
    "language": "python",
    "schemes": {scheme: ["sign", "verify"] for scheme in SYSTEMS},
    "capabilities": ["time", "credentials", "state", "client-address"],
}


def read_bytes(value):
    return value.encode("utf-8") if isinstance(value, str) else bytes.fromhex(value["hex"])


def read_named(values):
    return {n: v if isinstance(v, list) else read_bytes(v) for n, v in (values or {}).items() if v is not None}


def read_pairs(pairs):
    return [tuple(read_bytes(part) for part in pair) for pair in pairs or []]


def write_bytes(value):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def answer_sign(call, sign):
    given, request = call["given"], call["given"]["request"]
    target = request.get("target")
    message = sent_message(
        method=read_bytes(request["method"]), scheme=read_bytes(request.get("scheme") or "https"),
        host=read_bytes(request["host"]), target=None if target is None else read_bytes(target),
        path=read_bytes(request["path"]) if target is None else None, query=read_pairs(request.get("query")),
        headers=read_pairs(request.get("headers")), body=read_bytes(request.get("body") or ""),
    )
    nonce = given.get("nonce")
    task = Signing(
        message, read_named(given["account"]), read_named(given.get("parameters")), given.get("time"),
        None if nonce is None else read_bytes(nonce), call["operation"], call.get("variant"), None,
    )
    stages = sign(task)
    signed = {
        "method": write_bytes(message.method), "scheme": write_bytes(message.scheme), "target": write_bytes(message.target),
        "headers": [[write_bytes(name), write_bytes(value)] for name, value in message.headers],
        "body": write_bytes(message.body),
    }
    if not DETAILS:
        return {"signed_request": signed}
    return {"stages": {name: write_bytes(value) for name, value in stages.items()}, "signed_request": signed}


def answer_verify(call, verify):
    given = call["given"]
    accounts = [read_named(account) for account in given.get("accounts") or []]
    results = []
    for arrived in given["messages"]:
        request = arrived["request"]
        message = Message(
            read_bytes(request["method"]), read_bytes(request.get("scheme") or "https"), read_bytes(request["target"]),
            read_pairs(request.get("headers")), read_bytes(request.get("body") or ""),
        )
        now = arrived.get("now")
        task = Verification(
            message, accounts, read_named(given.get("parameters")), None if now is None else nanoseconds(now),
            arrived.get("client_address"), {}, call["operation"], call.get("variant"), None,
        )
        try:
            verify(task)
            results.append({"accept": True})
        except (Malformed, Refused) as refusal:
            details = {"class": "malformed"} if isinstance(refusal, Malformed) else {"class": refusal.reject_class, **refusal.details}
            results.append({"accept": False, **(details if DETAILS else {})})
    return {"results": results}


def answer(call):
    if call.get("op") == "start":
        return START
    if call.get("op") not in ("sign", "verify"):
        raise ValueError(f"unknown op {call.get('op')}")
    if call.get("scheme") not in SYSTEMS:
        return {"skipped": f"no support for scheme {call.get('scheme')}"}
    global SIDE
    SIDE = call["op"][0]
    operations, variants, sign, verify = SYSTEMS[call["scheme"]]
    if call.get("operation") not in operations or call.get("variant") not in variants or call.get("reading"):
        return {"skipped": "no support for this operation, variant or reading"}
    return answer_sign(call, sign) if call["op"] == "sign" else answer_verify(call, verify)


def main():
    global BUGS, DETAILS
    if sys.argv[1:2] == ["--bug"]:
        with open(os.path.join(os.path.dirname(os.path.abspath(__file__)), "bugs.json")) as file:
            entry = next(entry for entry in json.load(file) if entry["id"] == sys.argv[2])
        BUGS, DETAILS = frozenset(entry["parts"]), entry["stages"]
    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        seq = None
        try:
            call = json.loads(line)
            seq = call.get("seq")
            if call.get("op") == "stop":
                break
            reply = answer(call)
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps({"seq": seq, **reply}, separators=(",", ":")) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
