#!/usr/bin/env python3
"""Four request-signing systems behind the adapter protocol."""
import argparse
import base64
import hashlib
import hmac
import json
import os
import re
import sys
from datetime import datetime, timedelta, timezone
from email.utils import parsedate_to_datetime


class Skip(Exception):
    pass


class Reject(Exception):
    def __init__(self, cls=None, status=None, code=None):
        super().__init__(cls)
        self.cls, self.status, self.code = cls, status, code

    def reply(self):
        out = {"accept": False}
        if self.cls:
            out["class"] = self.cls
        if self.status:
            out["status"] = self.status
        if self.code:
            out["code"] = self.code
        return out


def rd(v):
    if v is None:
        return None
    if isinstance(v, str):
        return v.encode("utf-8")
    return bytes.fromhex(v["hex"])


def wr(v):
    if isinstance(v, str):
        return v
    try:
        return v.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": v.hex()}


def pairs(v):
    return [tuple(rd(x) for x in p) for p in v or []]


def rdmap(m):
    return {k: (v if isinstance(v, list) else rd(v)) for k, v in (m or {}).items() if v is not None}


_TIME = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d+))?Z")


def parse_time(text):
    """RFC 3339 UTC -> (datetime to the second, fraction as float)"""
    if text is None:
        return None
    m = _TIME.fullmatch(text)
    y, mo, d, h, mi, s = (int(x) for x in m.groups()[:6])
    leap = s == 60
    t = datetime(y, mo, d, h, mi, 59 if leap else s, tzinfo=timezone.utc)
    if leap:
        t += timedelta(seconds=1)
    return t, float("0." + (m.group(7) or "0"))


def nanos(text):
    t, _ = parse_time(text)
    m = _TIME.fullmatch(text)
    frac = (m.group(7) or "").ljust(9, "0")[:9]
    delta = t - datetime(1970, 1, 1, tzinfo=timezone.utc)
    return (delta.days * 86400 + delta.seconds) * 10**9 + int(frac)


UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"


def escape(raw, safe=b""):
    keep = UNRESERVED + safe
    return b"".join(bytes((c,)) if c in keep else b"%%%02X" % c for c in raw)


_PCT = re.compile(rb"%([0-9A-Fa-f]{2})")


def unescape(raw):
    return _PCT.sub(lambda m: bytes((int(m.group(1), 16),)), raw)


def has_bad_escape(raw):
    return re.search(rb"%(?![0-9A-Fa-f]{2})", raw) is not None


def split_target(target):
    target = target.split(b"#", 1)[0]
    path, sep, query = target.partition(b"?")
    return path, (query if sep else None)


def split_pairs(text):
    """raw pairs (name, value or None) of a query string"""
    out = []
    for piece in (text or b"").split(b"&"):
        if piece == b"":
            continue
        n, sep, v = piece.partition(b"=")
        out.append((n, v if sep else None))
    return out


def get_all(headers, name):
    name = name.lower()
    return [v for n, v in headers if n.lower() == name]


class Call:
    """What a message gives: used by both sides."""

    def __init__(self, request, account=None, accounts=(), params=None, time=None, nonce=None,
                 operation=None, variant=None, client=None, state=None):
        self.method = rd(request["method"])
        self.scheme = rd(request.get("scheme") or "https")
        self.host = rd(request.get("host"))
        self.target = rd(request.get("target"))
        self.path = rd(request.get("path"))
        self.query = pairs(request.get("query"))
        self.headers = pairs(request.get("headers"))
        self.body = rd(request.get("body")) or b""
        self.account, self.accounts, self.params = account, accounts, params or {}
        self.time, self.nonce, self.operation, self.variant = time, nonce, operation, variant
        self.client, self.state = client, state

    def built_target(self):
        if self.target is not None:
            return self.target
        path = escape(self.path or b"/", b"/!$&'()*+,;=:@") or b"/"
        if self.query:
            path += b"?" + b"&".join(
                escape(p[0]) + (b"=" + escape(p[1]) if len(p) > 1 else b"") for p in self.query)
        return path

    def signed(self, target, headers, body=None):
        heads = list(headers)
        if not get_all(heads, b"host") and self.host is not None:
            heads.insert(0, (b"Host", self.host))
        return {
            "method": wr(self.method), "scheme": wr(self.scheme), "target": wr(target),
            "headers": [[wr(n), wr(v)] for n, v in heads],
            "body": wr(self.body if body is None else body),
        }


def serve(hello, systems):
    out = sys.stdout

    def one(msg):
        op = msg.get("op")
        if op == "start":
            return {k: v for k, v in hello.items() if k != "seq"}
        if op not in ("sign", "verify"):
            raise ValueError(f"unknown op {op}")
        system = systems.get(msg.get("scheme"))
        if system is None:
            raise Skip(f"no support for scheme {msg.get('scheme')}")
        if msg.get("variant") is not None and msg["variant"] not in system.get("variants", ()):
            raise Skip(f"no support for variant {msg['variant']}")
        if msg.get("reading") is not None:
            raise Skip("no support for readings")
        operation = msg.get("operation")
        if operation not in system["operations"]:
            raise Skip(f"no support for operation {operation}")
        given = msg["given"]
        if op == "sign":
            call = Call(given["request"], account=rdmap(given.get("account")), params=rdmap(given.get("parameters")),
                        time=given.get("time"), nonce=rd(given.get("nonce")), operation=operation,
                        variant=msg.get("variant"))
            stages, request = system["sign"](call)
            reply = {"signed_request": request}
            if stages:
                reply["stages"] = {k: wr(v) for k, v in stages.items()}
            return reply
        state, results = {}, []
        accounts = [rdmap(a) for a in given.get("accounts") or []]
        for m in given["messages"]:
            call = Call(m["request"], accounts=accounts, params=rdmap(given.get("parameters")),
                        time=m.get("now"), operation=operation, variant=msg.get("variant"),
                        client=m.get("client_address"), state=state)
            try:
                system["verify"](call)
                results.append({"accept": True})
            except Reject as r:
                results.append(r.reply())
        return {"results": results}

    for line in sys.stdin.buffer:
        if not line.strip():
            continue
        seq = None
        try:
            msg = json.loads(line)
            seq = msg.get("seq")
            if msg.get("op") == "stop":
                return
            reply = one(msg)
        except Skip as s:
            reply = {"skipped": str(s)}
        except Exception as e:  # noqa
            if os.environ.get("SUBJECT_TRACE"):
                import traceback
                traceback.print_exc()
            reply = {"error": f"{type(e).__name__}: {e}"}
        out.write(json.dumps({"seq": seq, **reply}) + "\n")
        out.flush()


_args = argparse.ArgumentParser()
_args.add_argument("--bug", default=None)
BUG = _args.parse_args().bug
STAGES = {None, "aws-s1", "aws-s3", "stripe-s2", "stripe-s4", "github-s4", "flipsnack-s2"}


def wrong(name):
    return BUG == name


def stages_of(stages):
    return stages if BUG in STAGES else None


def mac(key, message, algo="sha256"):
    return hmac.new(key, message, algo)


def sha256hex(data):
    return hashlib.sha256(data).hexdigest().encode()


def single(headers, name, missing="missing-credential"):
    values = get_all(headers, name)
    if not values:
        raise Reject(missing)
    if len(values) > 1:
        raise Reject("malformed")
    return values[0]


# ---------------------------------------------------------------- AWS Signature Version 4

ALGORITHM = b"AWS4-HMAC-SHA256"


def aws_decode_query(query):
    out = []
    for name, value in split_pairs(query):
        out.append((unescape(name), None if value is None else unescape(value)))
    return out


def aws_encode(raw, form=False):
    text = escape(raw)
    return text.replace(b"%20", b"+") if form else text


def aws_canonical_query(params, signing):
    form = signing and wrong("aws-s1")
    items = [(n, v or b"") for n, v in params]
    if not signing and wrong("aws-v8"):
        items = [p for p in items if p[1]]
    if signing and wrong("aws-s2"):
        items.sort()
        coded = [(aws_encode(n, form), aws_encode(v, form)) for n, v in items]
    else:
        coded = sorted((aws_encode(n, form), aws_encode(v, form)) for n, v in items)
    return b"&".join(n + b"=" + v for n, v in coded)


def aws_canonical_path(path, signing, variant):
    if variant == "s3":
        return escape(unescape(path) or b"/", b"/")
    if not signing and wrong("aws-v10"):
        return escape(path or b"/", b"/")
    out = []
    pieces = path.split(b"/")
    for piece in pieces:
        if piece in (b"", b"."):
            continue
        if piece == b"..":
            if out:
                out.pop()
            continue
        out.append(piece)
    clean = b"/" + b"/".join(out)
    if out and pieces[-1] in (b"", b".", b".."):
        clean += b"/"
    return escape(clean, b"/")


def aws_collapse(value):
    return re.sub(rb" +", b" ", value.strip(b" \t"))


def aws_canonical_headers(headers, names, signing):
    """names: the lower-case names in the order in which they go in"""
    out = b""
    for name in names:
        values = get_all(headers, name)
        if signing and wrong("aws-s3"):
            joined = values[-1].strip(b" \t")
        elif not signing and wrong("aws-v7"):
            joined = aws_collapse(values[0])
        else:
            joined = b",".join(aws_collapse(v) for v in values)
        out += name + b":" + joined + b"\n"
    return out


def aws_signature(secret, method, path, cquery, cheaders, signed, payload, stamp, date, region, service):
    canonical = b"\n".join([method, path, cquery, cheaders, signed, payload])
    scope = b"/".join([date, region, service, b"aws4_request"])
    to_sign = b"\n".join([ALGORITHM, stamp, scope, sha256hex(canonical)])
    key = b"AWS4" + secret
    for part in (date, region, service, b"aws4_request"):
        key = mac(key, part).digest()
    signature = mac(key, to_sign).hexdigest().encode()
    return {
        "canonical_path": path, "canonical_query": cquery, "canonical_headers": cheaders,
        "signed_headers": signed, "payload_hash": payload, "canonical_request": canonical,
        "date": date, "region": region, "service": service, "scope": scope,
        "string_to_sign": to_sign, "signing_key": key, "signature": signature,
    }


def aws_names(headers):
    names = [n for n, _ in headers if n.lower() != b"authorization"]
    if wrong("aws-s4"):
        names.sort()
        seen = []
        for n in names:
            if n.lower() not in seen:
                seen.append(n.lower())
        return seen
    return sorted({n.lower() for n in names})


def aws_sign(call):
    account = call.account
    t, _ = parse_time(call.time)
    stamp = t.strftime("%Y%m%dT%H%M%SZ").encode()
    date = stamp[:8]
    region, service = call.params["region"], call.params["service"]
    token = account.get("session_token")
    headers = list(call.headers)
    if not get_all(headers, b"host"):
        headers.insert(0, (b"Host", call.host))
    presigned = call.operation == "presigned"

    path, raw_query = split_target(call.built_target())
    if call.target is not None:
        query = aws_decode_query(raw_query)
    else:
        query = [(p[0], p[1] if len(p) > 1 else None) for p in call.query]

    payload = sha256hex(call.body)
    if call.variant == "s3":
        given = get_all(headers, b"x-amz-content-sha256")
        if presigned:
            payload = b"UNSIGNED-PAYLOAD"
        elif "payload" in call.params:
            payload = call.params["payload"]
        elif given:
            payload = given[0].strip(b" \t")
    late = []
    if presigned:
        names = aws_names(headers)
        mine = {b"X-Amz-Algorithm": ALGORITHM,
                b"X-Amz-Credential": b"/".join([account["access_key_id"], date, region, service, b"aws4_request"]),
                b"X-Amz-Date": stamp, b"X-Amz-Expires": call.params.get("expires", b"3600"),
                b"X-Amz-SignedHeaders": b";".join(names)}
        if token is not None:
            mine[b"X-Amz-Security-Token"] = token
        query = [p for p in query if p[0] not in mine and p[0] != b"X-Amz-Signature"]
        if token is not None and wrong("aws-s5"):
            late.append((b"X-Amz-Security-Token", mine.pop(b"X-Amz-Security-Token")))
        query += list(mine.items())
    else:
        drop = {b"x-amz-date", b"authorization"} | ({b"x-amz-security-token"} if token is not None else set())
        headers = [h for h in headers if h[0].lower() not in drop]
        headers.append((b"X-Amz-Date", stamp))
        if call.variant == "s3":
            headers = [h for h in headers if h[0].lower() != b"x-amz-content-sha256"]
            headers.append((b"X-Amz-Content-Sha256", payload))
        if token is not None:
            headers.append((b"X-Amz-Security-Token", token))
        names = aws_names(headers)

    signed = b";".join(names)
    stages = aws_signature(account["secret_access_key"], call.method, aws_canonical_path(path, True, call.variant),
                           aws_canonical_query(query, True), aws_canonical_headers(headers, names, True),
                           signed, payload, stamp, date, region, service)
    if presigned:
        query += late + [(b"X-Amz-Signature", stages["signature"])]
    else:
        stages["authorization"] = (ALGORITHM + b" Credential=" + account["access_key_id"] + b"/" + stages["scope"]
                                   + b", SignedHeaders=" + signed + b", Signature=" + stages["signature"])
        headers.append((b"Authorization", stages["authorization"]))

    form = wrong("aws-s1")
    if call.target is not None and not presigned and not form:
        target = call.target
    else:
        target = path
        if query:
            target += b"?" + b"&".join(
                aws_encode(n, form) + (b"" if v is None else b"=" + aws_encode(v, form)) for n, v in query)
    return stages_of(stages), call.signed(target, headers)


def aws_time(text, http=False):
    m = re.fullmatch(rb"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z", text)
    try:
        if m:
            return datetime(*(int(g) for g in m.groups()), tzinfo=timezone.utc)
        if http and re.fullmatch(rb"[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d GMT", text):
            return parsedate_to_datetime(text.decode()).astimezone(timezone.utc)
    except ValueError:
        pass
    raise Reject("malformed")


def aws_first(params, name, missing="missing-credential"):
    values = [v or b"" for n, v in params if n == name]
    if not values:
        raise Reject(missing)
    if len(values) > 1:
        raise Reject("malformed")
    return values[0]


def aws_verify(call):
    presigned = call.operation == "presigned"
    path, raw_query = split_target(call.target)
    query = aws_decode_query(raw_query)
    headers = call.headers

    if presigned:
        algorithm = aws_first(query, b"X-Amz-Algorithm")
        credential = aws_first(query, b"X-Amz-Credential")
        signed = aws_first(query, b"X-Amz-SignedHeaders")
        sent = aws_first(query, b"X-Amz-Signature")
        when = aws_time(aws_first(query, b"X-Amz-Date"))
        if algorithm != ALGORITHM:
            raise Reject("malformed")
    else:
        text = single(headers, b"authorization")
        head = ALGORITHM + b" "
        if not text.startswith(head):
            raise Reject("malformed")
        fields = {}
        pieces = text[len(head):].split(b", " if wrong("aws-v9") else b",")
        for piece in pieces:
            name, sep, value = piece.strip(b" \t").partition(b"=")
            if not sep or (wrong("aws-v9") and b"," in value):
                raise Reject("malformed")
            fields.setdefault(name, value)
        for name in (b"Credential", b"SignedHeaders", b"Signature"):
            if name not in fields:
                raise Reject("missing-credential")
        credential, signed, sent = fields[b"Credential"], fields[b"SignedHeaders"], fields[b"Signature"]
        dates = get_all(headers, b"x-amz-date") or get_all(headers, b"date")
        if not dates:
            raise Reject("missing-credential")
        if len(dates) > 1:
            raise Reject("malformed")
        when = aws_time(dates[0].strip(b" \t"), http=True)
    parts = credential.split(b"/")
    if len(parts) < 5 or parts[-1] != b"aws4_request":
        raise Reject("malformed")
    date, region, service = parts[-4:-1]
    key_id = b"/".join(parts[:-4])

    account = next((a for a in call.accounts if a.get("access_key_id") == key_id), None)
    if account is None:
        raise Reject("unknown-key")
    stamp = when.strftime("%Y%m%dT%H%M%SZ").encode()
    if not wrong("aws-v1") and date != stamp[:8]:
        raise Reject("value-mismatch")
    if not wrong("aws-v6") and region != call.params["region"]:
        raise Reject("value-mismatch")
    if service != call.params["service"]:
        raise Reject("value-mismatch")
    if presigned:
        tokens = [v or b"" for n, v in query if n == b"X-Amz-Security-Token"]
    else:
        tokens = [v.strip(b" \t") for v in get_all(headers, b"x-amz-security-token")]
    want = account.get("session_token")
    if (tokens[0] if tokens else b"") != (want or b""):
        raise Reject("wrong-token")
    names = signed.split(b";")
    if b"host" not in names and not wrong("aws-v2"):
        raise Reject("unsigned-part")
    if not wrong("aws-v3"):
        for n, _ in headers:
            if n.lower().startswith(b"x-amz-") and n.lower() not in names:
                raise Reject("unsigned-part")
    age = nanos(call.time) - int((when - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds()) * 10**9
    skew = int(call.params.get("skew", b"300")) * 10**9
    late = skew
    if presigned:
        lifetime = aws_first(query, b"X-Amz-Expires")
        if not re.fullmatch(rb"\d+", lifetime):
            raise Reject("malformed")
        if int(lifetime) > 604800 and not wrong("aws-v6"):
            raise Reject("malformed")
        if not wrong("aws-v5"):
            late = int(lifetime) * 10**9
    if age > late or (age < -skew and not wrong("aws-v4")):
        raise Reject("expired")

    payload = sha256hex(call.body)
    if call.variant == "s3":
        if presigned:
            payload = b"UNSIGNED-PAYLOAD"
        else:
            told = single(headers, b"x-amz-content-sha256").strip(b" \t")
            if told not in (payload, b"UNSIGNED-PAYLOAD"):
                raise Reject("value-mismatch")
            payload = told
    present = [n for n in sorted(set(names)) if get_all(headers, n)]
    counted = [p for p in query if not (presigned and p[0] == b"X-Amz-Signature")]
    stages = aws_signature(account["secret_access_key"], call.method, aws_canonical_path(path, False, call.variant),
                           aws_canonical_query(counted, False), aws_canonical_headers(headers, present, False),
                           signed, payload, stamp, date, region, service)
    if wrong("aws-v10"):
        sent = sent.lower()
    if not hmac.compare_digest(sent, stages["signature"]):
        raise Reject("signature-mismatch")


# ---------------------------------------------------------------- Stripe webhooks


def compact_json(body):
    try:
        return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode("utf-8", "surrogatepass")
    except ValueError:
        return body


def stripe_sign(call):
    t, fraction = parse_time(call.time)
    seconds = int((t - datetime(1970, 1, 1, tzinfo=timezone.utc)).total_seconds())
    secret, payload = call.account["secret"], call.body
    if wrong("stripe-s1"):
        seconds = seconds * 1000 + int(fraction * 1000)
    if wrong("stripe-s2"):
        payload = compact_json(payload)
    if wrong("stripe-s3") and secret.startswith(b"whsec_"):
        secret = secret[6:]
        try:
            secret = base64.b64decode(secret, validate=True)
        except ValueError:
            pass
    if wrong("stripe-s4"):
        seconds += fraction >= 0.5
        payload = payload.strip()
    stamp = str(seconds).encode()
    to_sign = stamp + b"." + payload
    signature = mac(secret, to_sign).hexdigest().encode()
    headers = [h for h in call.headers if h[0].lower() != b"stripe-signature"]
    headers.append((b"Stripe-Signature", b"t=" + stamp + b",v1=" + signature))
    return (stages_of({"string_to_sign": to_sign, "signature": signature}),
            call.signed(call.built_target(), headers))


def stripe_verify(call):
    text = single(call.headers, b"stripe-signature")
    fields = []
    for piece in text.split(b","):
        name, sep, value = piece.partition(b"=")
        if not sep:
            raise Reject("malformed")
        fields.append((name, value))
    stamps = [v for n, v in fields if n == b"t"]
    if not stamps:
        raise Reject("missing-credential")
    if wrong("stripe-v3"):
        candidates = [v for n, v in fields if n.startswith(b"v")]
    else:
        candidates = [v for n, v in fields if n == b"v1"]
    if wrong("stripe-v2"):
        candidates = candidates[-1:]
    stamp = stamps[0]
    dated = stamps[-1] if wrong("stripe-v6") else stamp
    if wrong("stripe-v4"):
        m = re.match(rb"\s*([+-]?\d+)", dated)
        if not m:
            raise Reject("malformed")
        dated = stamp = str(int(m.group(1))).encode()
    elif not re.fullmatch(rb"-?(0|[1-9]\d*)", dated):
        raise Reject("malformed")

    age = nanos(call.time) - int(dated) * 10**9
    tolerance = int(call.params.get("tolerance", b"300")) * 10**9
    if wrong("stripe-v1"):
        stale = age > tolerance
    elif wrong("stripe-v8"):
        stale = abs(age) >= tolerance
    else:
        stale = abs(age) > tolerance
    if stale:
        raise Reject("expired")

    body = call.body
    if wrong("stripe-v5"):
        body = body.decode("utf-8", "replace").encode("utf-8")
    for account in (a for a in call.accounts if a.get("secret")):
        expected = mac(account["secret"], stamp + b"." + body).hexdigest().encode()
        for candidate in candidates:
            if wrong("stripe-v7"):
                try:
                    if bytes.fromhex(candidate.decode("ascii")) == bytes.fromhex(expected.decode()):
                        return
                except ValueError:
                    pass
            elif wrong("stripe-v8"):
                if all(a == b for a, b in zip(candidate, expected)):
                    return
            elif hmac.compare_digest(candidate, expected):
                return
    raise Reject("signature-mismatch")


# ---------------------------------------------------------------- GitHub webhooks

HUB = b"x-hub-signature-256"


def github_sign(call):
    payload, secret = call.body, call.account["secret"]
    algo = "sha1" if wrong("github-s1") else "sha256"
    if wrong("github-s2"):
        payload = payload.decode("utf-8", "replace").encode("ascii", "replace")
    if wrong("github-s3"):
        secret = secret.strip()
    if wrong("github-s4"):
        kind = get_all(call.headers, b"content-type")
        if kind and kind[0].lower().startswith(b"application/x-www-form-urlencoded"):
            for n, v in form_pairs(payload):
                if n == b"payload":
                    payload = v
                    break
        payload = payload.replace(b"\r\n", b"\n")
    signature = mac(secret, payload, algo).hexdigest().encode()
    headers = [h for h in call.headers if h[0].lower() != HUB]
    headers.append((b"X-Hub-Signature-256", algo.encode() + b"=" + signature))
    return stages_of({"signature": signature}), call.signed(call.built_target(), headers)


def hex_like_node(text):
    out = bytearray()
    for i in range(0, len(text) - 1, 2):
        try:
            out.append(int(re.fullmatch(rb"[0-9A-Fa-f]{2}", text[i:i + 2]).group(), 16))
        except AttributeError:
            break
    return bytes(out)


def github_verify(call):
    found = get_all(call.headers, HUB)
    if not found and wrong("github-v1"):
        return
    if not found and wrong("github-v2"):
        old = get_all(call.headers, b"x-hub-signature")
        if old:
            if any(hmac.compare_digest(old[0].strip(), b"sha1=" + mac(a["secret"], call.body, "sha1").hexdigest().encode())
                   for a in call.accounts):
                return
            raise Reject("signature-mismatch")
    if wrong("github-v6"):
        if not found:
            raise Reject("missing-credential")
        found = [b"sha256=" + v[7:] if v[:7].lower() == b"sha256=" else v for v in found]
        if not any(v.startswith(b"sha256=") for v in found):
            raise Reject("malformed")
        sent = [v[7:] for v in found if v.startswith(b"sha256=")]
    elif wrong("github-v3"):
        sent = [single(call.headers, HUB).split(b"=")[-1]]
    else:
        text = single(call.headers, HUB)
        if not text.startswith(b"sha256="):
            raise Reject("malformed")
        sent = [text[7:]]
    if wrong("github-v7") and not call.body:
        return
    body = compact_json(call.body) if wrong("github-v4") else call.body
    for account in (a for a in call.accounts if a.get("secret")):
        digest = mac(account["secret"], body)
        for value in sent:
            if wrong("github-v5"):
                if hex_like_node(value) == digest.digest():
                    return
            elif hmac.compare_digest(value, digest.hexdigest().encode()):
                return
    raise Reject("signature-mismatch")


# ---------------------------------------------------------------- Flipsnack


def form_decode(raw):
    return unescape(raw.replace(b"+", b" "))


def form_pairs(text):
    return [(form_decode(n), form_decode(v or b"")) for n, v in split_pairs(text)]


def multipart_pairs(kind, body):
    m = re.search(rb'boundary="?([^";]+)"?', kind)
    if not m:
        return []
    out = []
    for part in (b"\r\n" + body).split(b"\r\n--" + m.group(1))[1:]:
        if part.startswith(b"--"):
            break
        head, sep, value = part.partition(b"\r\n\r\n")
        name = re.search(rb'[;\s]name="([^"]*)"', head)
        if sep and name:
            out.append((name.group(1), value))
    return out


def body_pairs(headers, body):
    kind = get_all(headers, b"content-type")
    kind = kind[0].strip() if kind else b""
    if kind.lower().startswith(b"application/x-www-form-urlencoded"):
        if has_bad_escape(body):
            raise Reject("malformed")
        return form_pairs(body)
    if kind.lower().startswith(b"multipart/form-data"):
        return multipart_pairs(kind, body)
    return []


def form_encode(raw):
    return escape(raw).replace(b"%20", b"+")


def flipsnack_sign(call):
    account = call.account
    if call.target is not None:
        path, text = split_target(call.target)
        query = [(form_decode(n), None if v is None else form_decode(v)) for n, v in split_pairs(text)]
    else:
        path = split_target(call.built_target())[0]
        query = [(p[0], p[1] if len(p) > 1 else None) for p in call.query]
    query = [p for p in query if p[0] not in (b"apiKey", b"signature")]
    query.append((b"apiKey", account["api_key"]))

    skip = (b"signature",) if wrong("flipsnack-s4") else (b"signature", b"file")
    counted = [(n, v or b"") for n, v in query + body_pairs(call.headers, call.body) if n not in skip]
    if wrong("flipsnack-s3"):
        counted = [p for p in counted if p[1]]
    if wrong("flipsnack-s2"):
        joined = b"".join(sorted(n + v for n, v in counted))
    else:
        counted.sort(key=lambda p: p[0].lower() if wrong("flipsnack-s4") else p[0])
        if wrong("flipsnack-s1"):
            counted = [(form_encode(n), form_encode(v)) for n, v in counted]
        joined = b"".join(n + v for n, v in counted)
    to_sign = account["secret"] + joined
    signature = hashlib.md5(to_sign).hexdigest().encode()
    query.append((b"signature", signature))
    target = path + b"?" + b"&".join(
        form_encode(n) + (b"" if v is None else b"=" + form_encode(v)) for n, v in query)
    return (stages_of({"canonical_query": joined, "string_to_sign": to_sign, "signature": signature}),
            call.signed(target, call.headers))


def flipsnack_verify(call):
    if call.method != (b"POST" if call.variant == "upload" else b"GET") and not wrong("flipsnack-v3"):
        raise Reject("wrong-method", code="40")
    _, text = split_target(call.target)
    if has_bad_escape(text or b""):
        raise Reject("malformed")
    decode = unescape if wrong("flipsnack-v2") else form_decode
    query = [(decode(n), decode(v or b"")) for n, v in split_pairs(text)]
    everything = list(query)
    if not wrong("flipsnack-v4"):
        everything += body_pairs(call.headers, call.body)

    def first(name):
        return next((v for n, v in query if n == name), None)

    for name in (b"apiKey", b"signature"):
        if sum(n == name for n, _ in query) > 1:
            raise Reject("malformed")
    key, sent = first(b"apiKey"), first(b"signature")
    if not key or not sent:
        raise Reject("missing-credential", code="30")
    if wrong("flipsnack-v5"):
        account = next((a for a in call.accounts if a.get("api_key", b"").lower() == key.lower()), None)
    else:
        account = next((a for a in call.accounts if a.get("api_key") == key), None)
    if account is None:
        raise Reject("unknown-key", code="41")
    secret = account.get("secret")
    if not secret and not wrong("flipsnack-v7"):
        raise Reject("unknown-key", code="41")

    if wrong("flipsnack-v8"):
        everything = [tuple(x.decode("utf-8", "replace").encode() for x in p) for p in everything if p[1]]
    if wrong("flipsnack-v6"):
        everything = [(re.sub(rb"[. ]", b"_", n.lstrip(b" ")), v) for n, v in everything]
    if wrong("flipsnack-v1"):
        everything = [p for p in everything if p[0] in (b"apiKey", b"action", b"collectionHash", b"format")]
    counted = sorted((p for p in everything if p[0] not in (b"signature", b"file")), key=lambda p: p[0])
    expected = hashlib.md5((secret or b"") + b"".join(n + v for n, v in counted)).hexdigest().encode()
    if not hmac.compare_digest(sent, expected):
        raise Reject("signature-mismatch", code="44")


SYSTEMS = {
    "aws-sigv4": {"operations": ("request", "presigned"), "sign": aws_sign, "verify": aws_verify,
                  "variants": ("s3",)},
    "stripe": {"operations": ("webhook",), "sign": stripe_sign, "verify": stripe_verify},
    "github": {"operations": ("webhook",), "sign": github_sign, "verify": github_verify},
    "flipsnack": {"operations": ("request",), "sign": flipsnack_sign, "verify": flipsnack_verify,
                  "variants": ("upload",)},
}

HELLO = {"seq": 0, "name": "request-signer", "version": "1.0", "language": "python",
         "schemes": {s: ["sign", "verify"] for s in SYSTEMS},
         "capabilities": ["time", "credentials", "state", "client-address"]}

if __name__ == "__main__":
    serve(HELLO, SYSTEMS)
