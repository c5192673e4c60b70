#!/usr/bin/env python3
"""Adapter, protocol 1: Slack, Twilio, Shopify and Flip for Business, sign and verify."""
import base64
import binascii
import datetime
import hashlib
import hmac
import ipaddress
import json
import re
import sys
import urllib.parse

BUG = sys.argv[sys.argv.index("--bug") + 1] if "--bug" in sys.argv else None


SIDE = None  # "s" while a request is signed, "v" while one is verified


def bug(name):
    """Whether this mistake is switched on; each belongs to one side only."""
    return BUG == name and name.split("-")[1][0] == SIDE


class Refuse(Exception):
    def __init__(self, cls, **more):
        super().__init__(cls)
        self.cls = cls
        self.more = more


class Skip(Exception):
    pass


# ---------------------------------------------------------------- values


def to_bytes(v):
    if v is None:
        return None
    if isinstance(v, dict):
        return bytes.fromhex(v["hex"])
    return v.encode("utf-8")


def from_bytes(b):
    try:
        return b.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": b.hex()}


def pairs_in(ps):
    return [tuple(to_bytes(x) for x in p) for p in ps or []]


def parse_time(text):
    """RFC 3339 in UTC to (seconds, nanoseconds)."""
    m = re.fullmatch(r"(\d+-\d\d-\d\d[Tt]\d\d:\d\d:\d\d)(?:\.(\d+))?(?:Z|z|\+00:00)", text)
    d = datetime.datetime.strptime(m.group(1).upper(), "%Y-%m-%dT%H:%M:%S").replace(tzinfo=datetime.timezone.utc)
    whole = int((d - datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)).total_seconds())
    frac = int(((m.group(2) or "0") + "0" * 9)[:9])
    return whole, frac


class Req:
    def __init__(self, r):
        self.method = to_bytes(r["method"])
        self.scheme = to_bytes(r.get("scheme") or "https").lower()
        self.headers = [(h[0], h[1] if len(h) > 1 else b"") for h in pairs_in(r.get("headers"))]
        self.body = to_bytes(r.get("body") or "")
        self.target = to_bytes(r.get("target"))
        self.path_pairs = None

    def all(self, name):
        n = name.lower().encode()
        return [v for k, v in self.headers if k.lower() == n]

    def get(self, name):
        got = self.all(name)
        return got[0] if got else None

    def set(self, name, value):
        n = name.lower().encode()
        self.headers = [(k, v) for k, v in self.headers if k.lower() != n]
        self.headers.append((name.encode(), value))

    def split(self):
        t = self.target.split(b"#", 1)[0]
        if b"?" in t:
            p, q = t.split(b"?", 1)
            return p, q
        return t, None

    def url(self, normal=False):
        t = self.target
        if re.match(rb"(?i)https?://", t):
            return t
        host = self.get("Host") or b""
        if normal:
            host = strip_port(self.scheme, host.lower())
        return self.scheme + b"://" + host + t

    def out(self):
        return {
            "method": from_bytes(self.method),
            "scheme": from_bytes(self.scheme),
            "target": from_bytes(self.target),
            "headers": [[from_bytes(k), from_bytes(v)] for k, v in self.headers],
            "body": from_bytes(self.body),
        }


def strip_port(scheme, host):
    default = {b"https": b":443", b"http": b":80"}.get(scheme)
    if default and host.endswith(default):
        return host[: -len(default)]
    return host


def to_sign(r, query_form):
    q = Req(r)
    host = to_bytes(r.get("host"))
    if host is not None and q.get("Host") is None:
        q.headers.insert(0, (b"Host", host))
    if q.target is None:
        path = urllib.parse.quote(to_bytes(r.get("path") or "/"), safe="/~-._")
        q.target = path.encode()
        if r.get("query"):
            q.target += b"?" + encode_pairs(pairs_in(r["query"]), query_form)
    return q


def quote(b, form):
    s = urllib.parse.quote(b, safe="~-._")
    return (s.replace("%20", "+") if form else s).encode()


def encode_pairs(pairs, form):
    return b"&".join(b"=".join(quote(x, form) for x in p) for p in pairs)


def unquote(b, plus=True):
    if re.search(rb"%(?![0-9A-Fa-f]{2})", b):
        raise Refuse("malformed")
    return loose_unquote(b, plus)


def loose_unquote(b, plus=True):
    if plus:
        b = b.replace(b"+", b" ")
    return urllib.parse.unquote_to_bytes(b)


def decode_pairs(text, plus=True, raw=False, strict=True):
    decode = unquote if strict else loose_unquote
    out = []
    for piece in text.split(b"&"):
        if not piece:
            continue
        n, _, v = piece.partition(b"=")
        out.append((n, v) if raw else (decode(n, plus), decode(v, plus)))
    return out


def is_form(req):
    ct = req.get("Content-Type")
    return ct is not None and ct.split(b";")[0].strip().lower() == b"application/x-www-form-urlencoded"


def first(pairs, name):
    for n, v in pairs:
        if n == name:
            return v
    return None


def usable(t, name):
    return [a for a in t["accounts"] if a.get(name)]


def same(a, b):
    return hmac.compare_digest(a, b)


# ---------------------------------------------------------------- slack


def slack_key(secret):
    if bug("sl-s3"):  # Buffer.from(secret, 'hex')
        m = re.match(rb"(?:[0-9a-fA-F]{2})*", secret)
        return bytes.fromhex(m.group(0).decode())
    return secret


def slack_sign(t):
    req, seconds = t["req"], t["time"][0]
    stamp = str(seconds).encode()
    if bug("sl-s2"):
        stamp = str(seconds * 1000 + t["time"][1] // 1000000).encode()
    body = req.body
    if bug("sl-s1"):
        body = body.strip()
    base = b"v0:" + stamp + b":" + body
    sig = hmac.new(slack_key(t["account"]["secret"]), base, hashlib.sha256).hexdigest()
    header = "v0=" + sig
    if bug("sl-s4"):
        sig = sig.upper()
        header = sig
    req.set("X-Slack-Request-Timestamp", stamp)
    req.set("X-Slack-Signature", header.encode())
    return {"string_to_sign": base, "signature": sig.encode()}


def slack_body(req):
    body = req.body
    if bug("sl-v3") and is_form(req):
        return urllib.parse.urlencode(decode_pairs(body, strict=False)).encode()
    if bug("sl-v4"):
        try:
            return json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
        except ValueError:
            return body
    if bug("sl-v5"):
        return body.decode("utf-8", "replace").encode("utf-8")
    return body


def slack_verify(t):
    req = t["req"]
    if bug("sl-v8"):
        try:
            got = json.loads(req.body)
            if isinstance(got, dict) and got.get("type") == "url_verification":
                return
        except ValueError:
            pass
    stamp = req.get("X-Slack-Request-Timestamp")
    sent = req.get("X-Slack-Signature")
    if stamp is None or sent is None:
        raise Refuse("missing-credential")
    if len(req.all("X-Slack-Request-Timestamp")) > 1 or len(req.all("X-Slack-Signature")) > 1:
        raise Refuse("malformed")
    if bug("sl-v9"):
        try:
            int(stamp)
        except ValueError:
            raise Refuse("malformed")
    elif not re.fullmatch(rb"-?(0|[1-9][0-9]*)", stamp):
        raise Refuse("malformed")
    if not sent.startswith(b"v0=") and not bug("sl-v7") and not (bug("sl-v6") and sent.lower().startswith(b"v0=")):
        raise Refuse("malformed")
    tolerance = int(t["parameters"].get("tolerance", b"300"))
    if bug("sl-v2"):
        tolerance *= 1000
    age = (t["now"][0] - int(stamp)) * 10**9 + t["now"][1]
    if bug("sl-v1"):
        stale = age > tolerance * 10**9
    elif bug("sl-v6"):
        stale = False
    elif bug("sl-v9"):
        stale = abs(age) >= tolerance * 10**9
    else:
        stale = abs(age) > tolerance * 10**9
    if stale:
        raise Refuse("expired")
    text = str(int(stamp)).encode() if bug("sl-v9") else stamp
    base = b"v0:" + text + b":" + slack_body(req)
    for account in usable(t, "secret"):
        want = b"v0=" + hmac.new(account["secret"], base, hashlib.sha256).hexdigest().encode()
        if bug("sl-v6"):
            if same(want.lower(), sent.lower()):
                return
        elif bug("sl-v7"):
            if same(want.rsplit(b"=", 1)[-1], sent.rsplit(b"=", 1)[-1]):
                return
        elif same(want, sent):
            return
    raise Refuse("signature-mismatch")


# ---------------------------------------------------------------- twilio


def twilio_string(req):
    form = decode_pairs(req.body, plus=not bug("tw-v5"), raw=bug("tw-s2")) if is_form(req) else []
    url = req.url()
    path, query = req.split()
    if query is not None:
        if bug("tw-s4") or bug("tw-v5"):
            url = url.split(b"?", 1)[0]
        if bug("tw-v3"):
            again = urllib.parse.urlencode(sorted(decode_pairs(query, strict=False), key=lambda p: p[0])).encode()
            url = url.split(b"?", 1)[0] + (b"?" + again if again else b"")
    if bug("tw-v7"):
        url = b"http" + url[url.index(b":"):]
    if bug("tw-v1"):
        form = list(dict(form).items())
    if bug("tw-v2"):
        form = [p for p in form if p[1]]
    if bug("tw-s3"):
        form = [(n, v.strip()) for n, v in form]
    if bug("tw-v8") and query is not None:
        names = {n for n, _ in form}
        form = form + [p for p in decode_pairs(query, strict=False) if p[0] not in names]
    if bug("tw-s1"):
        form.sort(key=lambda p: p[0].lower())
    elif bug("tw-v6"):
        form.sort(key=lambda p: p[0] + p[1])
    elif not bug("tw-s3"):
        form.sort(key=lambda p: p[0])
    parameters = b"".join(n + v for n, v in form)
    return parameters, url + parameters


def twilio_signature(token, text):
    mac = hmac.new(token, text, hashlib.sha1)
    if bug("tw-s5"):
        return base64.b64encode(mac.hexdigest().encode())
    return base64.b64encode(mac.digest())


def twilio_sign(t):
    req = t["req"]
    parameters, text = twilio_string(req)
    sig = twilio_signature(t["account"]["auth_token"], text)
    req.set("X-Twilio-Signature", sig)
    return {"parameters": parameters, "string_to_sign": text, "signature": sig}


def twilio_verify(t):
    req = t["req"]
    if bug("tw-v4") and req.method.upper() != b"POST":
        return
    sent = req.get("X-Twilio-Signature")
    if not sent:
        raise Refuse("missing-credential")
    if len(req.all("X-Twilio-Signature")) > 1:
        raise Refuse("malformed")
    text = twilio_string(req)[1]
    for account in usable(t, "auth_token"):
        want = twilio_signature(account["auth_token"], text)
        if bug("tw-v6"):
            if all(a == b for a, b in zip(want, sent)):
                return
        elif same(want, sent):
            return
    raise Refuse("signature-mismatch")


# ---------------------------------------------------------------- shopify


def shopify_message(pairs):
    pairs = [p for p in pairs if p[0] != b"hmac"]
    if bug("sh-v1"):
        pairs = [p for p in pairs if p[0] != b"signature"]
    if bug("sh-v2"):
        pairs = [p for p in pairs if p[0] in (b"code", b"shop", b"state", b"timestamp", b"host")]
    if bug("sh-v7"):
        pairs = [(loose_unquote(n), loose_unquote(v)) for n, v in pairs]
    if bug("sh-v9"):
        pairs = [tuple(x.replace(b"%", b"%25").replace(b"&", b"%26") for x in p) for p in pairs]
        pairs = [(n.replace(b"=", b"%3D"), v) for n, v in pairs]
    if bug("sh-s1"):
        pairs = [(quote(n, True), quote(v, True)) for n, v in pairs]
    if bug("sh-s4"):
        pairs = [p for p in pairs if p[1]]
    if not bug("sh-v3"):
        pairs.sort(key=lambda p: p[0])
    return (b"" if bug("sh-s4") else b"&").join(n + b"=" + v for n, v in pairs)


def shopify_callback_sign(t):
    req = t["req"]
    path, query = req.split()
    message = shopify_message(decode_pairs(query or b""))
    mac = hmac.new(t["account"]["secret"], message, hashlib.sha256)
    sig = mac.hexdigest().encode()
    if bug("sh-s2"):
        sig = base64.b64encode(mac.digest())
    kept = [p for p in (query or b"").split(b"&") if p and unquote(p.partition(b"=")[0]) != b"hmac"]
    req.target = path + b"?" + b"&".join(kept + [b"hmac=" + quote(sig, True)])
    return {"message": message, "signature": sig}


def shopify_callback_verify(t):
    req = t["req"]
    pairs = decode_pairs(req.split()[1] or b"")
    hmacs = [v for n, v in pairs if n == b"hmac"]
    if not hmacs or not hmacs[0]:
        if bug("sh-v6") and not hmacs:
            return
        raise Refuse("missing-credential")
    if len(hmacs) > 1:
        raise Refuse("malformed")
    sent = hmacs[0]
    if bug("sh-v7"):
        sent = sent.lower()
    message = shopify_message(pairs)
    for account in usable(t, "secret"):
        if same(hmac.new(account["secret"], message, hashlib.sha256).hexdigest().encode(), sent):
            return
    raise Refuse("signature-mismatch")


def shopify_webhook_signature(secret, body):
    if bug("sh-s3"):
        body += b"\n"
    if bug("sh-v5"):
        body = body.strip()
    if bug("sh-s5"):
        secret, body = body, secret
    return base64.b64encode(hmac.new(secret, body, hashlib.sha256).digest())


def shopify_webhook_sign(t):
    sig = shopify_webhook_signature(t["account"]["secret"], t["req"].body)
    t["req"].set("X-Shopify-Hmac-Sha256", sig)
    return {"signature": sig}


def lenient(text):
    kept = re.sub(rb"[^A-Za-z0-9+/]", b"", text.replace(b"-", b"+").replace(b"_", b"/"))
    if len(kept) % 4 == 1:
        kept = kept[:-1]
    return base64.b64decode(kept + b"=" * (-len(kept) % 4))


def shopify_webhook_verify(t):
    req = t["req"]
    if bug("sh-v8") and not req.body:
        return
    sent = req.get("X-Shopify-Hmac-Sha256")
    if not sent:
        raise Refuse("missing-credential")
    if len(req.all("X-Shopify-Hmac-Sha256")) > 1:
        raise Refuse("malformed")
    for account in usable(t, "secret"):
        want = shopify_webhook_signature(account["secret"], req.body)
        if bug("sh-v4"):
            if same(lenient(want), lenient(sent)):
                return
        elif same(want, sent):
            return
    raise Refuse("signature-mismatch")


# ---------------------------------------------------------------- flip

BASES = {"sandbox": b"https://bigflip.id/big_sandbox_api", "production": b"https://bigflip.id/api/"}


SOURCES = (
    "149.129.234.86", "149.129.218.31", "34.101.204.31", "34.101.114.113",
    "34.101.63.196", "34.101.161.100", "34.101.232.118", "34.101.212.103",
)


def flip_env(t):
    return t["variant"] or "sandbox"


def flip_sign(t):
    secret = t["account"]["secret"]
    plain = secret + b":"
    if bug("fl-s1"):
        plain = secret
    if bug("fl-s2"):
        plain = b":" + secret
    cred = base64.b64encode(plain)
    t["req"].set("Authorization", b"Basic " + cred)
    return {"base_url": BASES[flip_env(t)], "credentials": cred, "authorization": b"Basic " + cred}


def under(url, base):
    if bug("fl-v4"):
        return url.startswith(base.rstrip(b"/"))
    if not url.startswith(base):
        return False
    return base.endswith(b"/") or url == base or url[len(base):][:1] == b"/"


def strict_b64(text):
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if base64.b64encode(raw) == text else None


def flip_verify(t):
    req = t["req"]
    if len(req.all("Host")) > 1:
        raise Refuse("malformed")
    sent = req.get("Authorization")
    if not sent:
        raise Refuse("missing-credential")
    if len(req.all("Authorization")) > 1:
        raise Refuse("malformed")
    word, _, encoded = sent.partition(b" ")
    if word.lower() != b"basic" and not bug("fl-v6"):
        raise Refuse("malformed")
    plain = strict_b64(encoded)
    if plain is None or b":" not in plain:
        if not bug("fl-v6"):
            raise Refuse("malformed")
        plain = encoded + b":"
    user, _, password = plain.partition(b":")
    if not user:
        raise Refuse("missing-credential")
    account = None
    for a in t["accounts"]:
        if same(a["secret"], user):
            account = a
            break
    if account is None:
        raise Refuse("unknown-key")
    if password and not bug("fl-v2"):
        raise Refuse("malformed")
    env = flip_env(t)
    if account.get("environment") not in (None, env.encode()) and not bug("fl-v3"):
        raise Refuse("wrong-environment")
    if not under(req.url(True), BASES[env]):
        raise Refuse("wrong-environment")
    if env == "production":
        address = t["client_address"]
        if bug("fl-v5") and req.get("X-Forwarded-For"):
            address = req.get("X-Forwarded-For").split(b",")[0].strip().decode("latin-1")
        if not address_in(address, account.get("allowed_addresses")):
            raise Refuse("address-not-allowed")


def address_in(address, allowed):
    if not allowed or address is None:
        return False
    try:
        a = ipaddress.ip_address(address)
    except ValueError:
        return False
    for item in allowed:
        n = ipaddress.ip_network(item, strict=False)
        if n.version == a.version and a in n:
            return True
    return False


def flip_callback_sign(t):
    req, token = t["req"], t["account"]["validation_token"]
    if bug("fl-s3"):
        req.set("X-Callback-Token", token)
        return {"token": token}
    kept = [p for p in req.body.split(b"&") if p and unquote(p.partition(b"=")[0]) != b"token"]
    req.body = b"&".join(kept + [b"token=" + quote(token, True)])
    if req.get("Content-Type") is None:
        req.set("Content-Type", b"application/x-www-form-urlencoded")
    return {"token": token}


def flip_callback_verify(t):
    try:
        flip_callback_check(t)
    except Refuse as r:
        r.more["reply"] = "disregard"
        raise


def flip_callback_check(t):
    req = t["req"]
    form = decode_pairs(req.body) if is_form(req) else []
    data = [v for n, v in form if n == b"data"]
    tokens = [v for n, v in form if n == b"token"]
    if (not data or not data[0]) and not bug("fl-v1"):
        raise Refuse("malformed")
    if bug("fl-v7"):
        in_query = [v for n, v in decode_pairs(req.split()[1] or b"") if n == b"token"]
        tokens = in_query or tokens
    if not tokens or (not tokens[0] and not bug("fl-v1")):
        raise Refuse("missing-credential")
    if len(tokens) > 1 or len(data) > 1:
        raise Refuse("malformed")
    for account in t["accounts"]:
        token = account.get("validation_token")
        if not token:
            continue
        if tokens[0] in token if bug("fl-v1") else same(token, tokens[0]):
            break
    else:
        raise Refuse("wrong-token")
    if t["variant"] == "source-addresses" and not address_in(t["client_address"], SOURCES):
        raise Refuse("address-not-allowed")


# ---------------------------------------------------------------- protocol

OPERATIONS = {
    ("slack", "request"): (slack_sign, slack_verify, False),
    ("twilio", "request"): (twilio_sign, twilio_verify, False),
    ("shopify", "callback"): (shopify_callback_sign, shopify_callback_verify, True),
    ("shopify", "webhook"): (shopify_webhook_sign, shopify_webhook_verify, False),
    ("flip-for-business", "request"): (flip_sign, flip_verify, True),
    ("flip-for-business", "callback"): (flip_callback_sign, flip_callback_verify, True),
}
SHOWS_STAGES = {"sl-s1", "sl-s3", "tw-s1", "tw-s3", "sh-s1", "sh-s4"}

START = {
    "name": "subject",
    "version": "1.0",
    "language": "python",
    "schemes": {s: ["sign", "verify"] for s in ("slack", "twilio", "shopify", "flip-for-business")},
    "capabilities": ["time", "credentials", "state", "client-address"],
}


def account_in(a):
    return {k: v if isinstance(v, list) else to_bytes(v) for k, v in a.items() if v is not None}


def common(call):
    given = call["given"]
    return {
        "parameters": {k: to_bytes(v) for k, v in (given.get("parameters") or {}).items()},
        "variant": call.get("variant"),
    }


def answer(call):
    op = call.get("op")
    if op == "start":
        return START
    if op not in ("sign", "verify"):
        return {"error": f"unknown op {op}"}
    found = OPERATIONS.get((call.get("scheme"), call.get("operation")))
    if found is None:
        raise Skip(f"no support for {call.get('scheme')} {call.get('operation')}")
    global SIDE
    SIDE = op[0]
    sign, verify, query_form = found
    given = call["given"]
    if op == "sign":
        t = common(call)
        t["req"] = to_sign(given["request"], query_form)
        t["account"] = account_in(given["account"])
        t["time"] = parse_time(given["time"]) if given.get("time") else None
        stages = sign(t)
        reply = {"signed_request": t["req"].out()}
        if BUG is None or BUG in SHOWS_STAGES:
            reply["stages"] = {k: from_bytes(v) for k, v in stages.items()}
        return reply
    results = []
    for m in given["messages"]:
        t = common(call)
        t["req"] = Req(m["request"])
        t["accounts"] = [account_in(a) for a in given.get("accounts") or []]
        t["now"] = parse_time(m["now"]) if m.get("now") else None
        t["client_address"] = m.get("client_address")
        try:
            verify(t)
            results.append({"accept": True})
        except Refuse as r:
            results.append({"accept": False, "class": r.cls, **r.more})
    return {"results": results}


def main():
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
        except Skip as s:
            reply = {"skipped": str(s)}
        except Exception as e:
            reply = {"error": f"{type(e).__name__}: {e}"}
        sys.stdout.write(json.dumps({"seq": seq, **reply}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
