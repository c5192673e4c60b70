#!/usr/bin/env python3
"""Adapter for aws-sigv4, flipsnack, stripe and github. `--bug ID` makes one of the mistakes of bugs.json."""

import hashlib
import hmac
import json
import os
import re
import sys
import urllib.parse
from datetime import datetime, timedelta, timezone
from itertools import zip_longest

PARTS = set()
STAGES = True


def bug(part):
    return part in PARTS


# ---- message ---------------------------------------------------------------------------------

UNRESERVED = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
PATH_CHARACTERS = UNRESERVED + b"!$&'()*+,;=:@/"
FORM = b"application/x-www-form-urlencoded"
MULTIPART = b"multipart/form-data"
PART_NAME = re.compile(
    rb'\r\nContent-Disposition:[ \t]*form-data;[^\r\n]*?\bname="((?:[^"\\\r\n]|\\.)*)"', re.IGNORECASE)


class Refused(Exception):
    def __init__(self, reject_class, **details):
        super().__init__(reject_class)
        self.reject_class = reject_class
        self.details = details


class Skip(Exception):
    pass


def malformed(**details):
    return Refused("malformed", **details)


def refuse_unless(condition, reject_class, **details):
    if not condition:
        raise Refused(reject_class, **details)


def percent_encode(data, keep=UNRESERVED):
    return b"".join(bytes([b]) if b in keep else b"%%%02X" % b for b in data)


def percent_decode(data):
    if b"%" not in data:
        return data
    if re.search(rb"%(?![0-9A-Fa-f]{2})", data):
        raise malformed()
    return re.sub(rb"%(..)", lambda m: bytes([int(m[1], 16)]), data)


def split_pair(piece, plus):
    if plus:
        piece = piece.replace(b"+", b" ")
    name, eq, value = piece.partition(b"=")
    return percent_decode(name), (percent_decode(value) if eq else None)


def decode_pairs(text, plus):
    return [split_pair(p, plus) for p in text.split(b"&") if p]


class Message:
    def __init__(self, method, scheme, target, headers, body, plus):
        self.method, self.scheme, self.target, self.headers, self.body, self.plus = (
            method, scheme, target, headers, body, plus)

    @property
    def raw_path(self):
        return self.target.partition(b"?")[0]

    def raw_query(self):
        return self.target.partition(b"?")[2]

    def query(self):
        return decode_pairs(self.raw_query(), self.plus)

    def set_query(self, name, value):
        old = self.raw_query()
        pieces = [p for p in old.split(b"&") if split_pair(p, self.plus)[0] != name] if old else []
        pieces.append(percent_encode(name) + b"=" + percent_encode(value))
        self.target = self.raw_path + b"?" + b"&".join(pieces)

    def all(self, name):
        wanted = name.lower().encode()
        return [v for n, v in self.headers if n.lower() == wanted]

    def header(self, name):
        values = self.all(name)
        if len(values) > 1:
            raise malformed()
        return values[0] if values else None

    def set_header(self, name, value):
        wanted = name.lower().encode()
        places = [i for i, (n, _) in enumerate(self.headers) if n.lower() == wanted]
        for i in reversed(places[1:]):
            del self.headers[i]
        if places:
            self.headers[places[0]] = (name.encode(), value)
        else:
            self.headers.append((name.encode(), value))

    def media_type(self):
        return (self.header("Content-Type") or b"").partition(b";")[0].strip().lower()

    def form(self):
        return decode_pairs(self.body, True) if self.media_type() == FORM else []

    def multipart(self):
        if self.media_type() != MULTIPART:
            return []
        found = re.search(rb';[ \t]*boundary=(?:"([^"]+)"|([^;\s"]+))', self.header("Content-Type"), re.IGNORECASE)
        if not found:
            raise malformed()
        text = b"\r\n" + self.body
        marks = list(re.finditer(
            rb"\r\n--" + re.escape(found[1] or found[2]) + rb"(--)?[ \t]*(?=\r\n|\Z)", text))
        pairs = []
        for here, following in zip(marks, marks[1:]):
            if here[1]:
                return pairs
            head, end, content = text[here.end():following.start()].partition(b"\r\n\r\n")
            name = PART_NAME.search(head)
            if not end or not name:
                raise malformed()
            pairs.append((re.sub(rb"\\(.)", rb"\1", name[1]), content))
        if not marks or not marks[-1][1]:
            raise malformed()
        return pairs


def only_value(pairs, name):
    values = [v for n, v in pairs if n == name]
    if len(values) > 1:
        raise malformed()
    return (values[0] or b"") if values else None


def equal(left, right):
    return left is not None and right is not None and hmac.compare_digest(left, right)


def find_account(accounts, name, value):
    for account in accounts:
        if equal(account.get(name), value):
            return account
    return None


def mac(key, message, digest="sha256"):
    return hmac.new(key, message, digest)


RFC3339 = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?Z")
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
NANO = 1_000_000_000


def rfc3339(text):
    """Nanoseconds since 1970."""
    m = RFC3339.fullmatch(text)
    if not m:
        raise ValueError(f"not RFC 3339: {text}")
    t = datetime(*map(int, m.groups()[:6]), tzinfo=timezone.utc)
    return (t - EPOCH) // timedelta(seconds=1) * NANO + int((m[7] or "").ljust(9, "0"))


def as_datetime(ns):
    return EPOCH + timedelta(seconds=ns // NANO)


# ---- aws-sigv4 -------------------------------------------------------------------------------

BASIC = re.compile(rb"(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z")
WEEKDAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
HTTP_DATE = re.compile(r"([A-Z][a-z]{2}), (\d\d) ([A-Z][a-z]{2}) (\d{4}) (\d\d):(\d\d):(\d\d) GMT")


def parse_time(value, http):
    try:
        m = BASIC.fullmatch(value)
        if m:
            return datetime(*map(int, m.groups()), tzinfo=timezone.utc)
        m = http and HTTP_DATE.fullmatch(value.decode("ascii"))
        if m and m[1] in WEEKDAYS and m[3] in MONTHS:
            t = datetime(int(m[4]), MONTHS.index(m[3]) + 1, int(m[2]), int(m[5]), int(m[6]), int(m[7]),
                         tzinfo=timezone.utc)
            if WEEKDAYS[t.weekday()] == m[1]:
                return t
    except ValueError:
        pass
    raise malformed()


def basic_form(t):
    if bug("hour12"):
        return t.strftime("%Y%m%dT%I%M%SZ").encode()  # "hh" where "HH" was meant
    return t.strftime("%Y%m%dT%H%M%SZ").encode()


def normalize_path(path):
    segments = path.split(b"/")
    kept = []
    for s in segments:
        if s == b"..":
            if kept:
                kept.pop()
        elif s not in (b"", b"."):
            kept.append(s)
    trailing = segments[-1] in (b"", b".", b"..") and kept
    return b"/" + b"/".join(kept) + (b"/" if trailing else b"")


def aws_path(m, s3):
    if s3:
        return percent_encode(percent_decode(m.raw_path), UNRESERVED + b"/")
    if bug("path-once"):
        return normalize_path(m.raw_path)  # as it is on the wire
    if bug("wsgi-path"):
        return percent_encode(normalize_path(percent_decode(m.raw_path)), UNRESERVED + b"/")  # PATH_INFO is decoded
    return percent_encode(normalize_path(m.raw_path), UNRESERVED + b"/")


def aws_query(m, presigned):
    pairs = [(n, v) for n, v in m.query() if not (presigned and n == b"X-Amz-Signature")]
    keep = UNRESERVED
    if bug("quote-slash"):
        keep = UNRESERVED + b"/"  # urllib.parse.quote(text) with its default safe="/"
    pairs = [(percent_encode(n, keep), v is not None, percent_encode(v or b"", keep)) for n, v in pairs]
    pairs.sort(key=lambda p: (p[0], p[1], p[2]))
    return b"&".join(n + b"=" + v for n, _, v in pairs)


def collapse(value):
    return re.sub(rb"[ \t]+", b" ", value).strip(b" ")


def grouped(headers):
    out = {}
    for n, v in headers:
        out.setdefault(n, []).append(v)
    return sorted((n, b",".join(vs)) for n, vs in out.items())


def aws_signed_headers(m):
    skip = {b"authorization"}
    if bug("token-unsigned"):
        skip.add(b"x-amz-security-token")
    return b";".join(sorted({n.lower() for n, _ in m.headers} - skip))


def aws_canonical(m, st, t, s3, presigned):
    """Adds everything up to the string to sign; st has date, region, service, signed_headers."""
    wanted = st["signed_headers"].split(b";")
    st["canonical_path"] = aws_path(m, s3)
    st["canonical_query"] = aws_query(m, presigned)
    if bug("signs-all-headers"):
        # the server takes what it received, not what the message lists
        lines = [(n.lower(), collapse(v)) for n, v in m.headers if n.lower() != b"authorization"]
    else:
        lines = [(n.lower(), collapse(v)) for n, v in m.headers if n.lower() in wanted]
    lines = grouped(lines)
    st["canonical_headers"] = b"".join(n + b":" + v + b"\n" for n, v in lines)
    listed = st["signed_headers"]
    if bug("signs-all-headers"):
        listed = b";".join(n for n, _ in lines)
    if s3 and presigned:
        st["payload_hash"] = b"UNSIGNED-PAYLOAD"
        if bug("presign-empty-hash"):
            st["payload_hash"] = hashlib.sha256(b"").hexdigest().encode()
    elif s3:
        sent = m.header("X-Amz-Content-Sha256")
        refuse_unless(sent is not None, "missing-credential")
        st["payload_hash"] = sent
    elif bug("empty-body-no-hash") and not m.body:
        st["payload_hash"] = b""
    else:
        st["payload_hash"] = hashlib.sha256(m.body).hexdigest().encode()
    st["canonical_request"] = b"\n".join([
        m.method, st["canonical_path"], st["canonical_query"], st["canonical_headers"], listed, st["payload_hash"]])
    st["scope"] = b"/".join([st["date"], st["region"], st["service"], b"aws4_request"])
    st["string_to_sign"] = b"\n".join([
        b"AWS4-HMAC-SHA256", basic_form(t), st["scope"],
        hashlib.sha256(st["canonical_request"]).hexdigest().encode()])


def aws_signature(st, secret):
    key = b"AWS4" + secret
    for part in (st["date"], st["region"], st["service"], b"aws4_request"):
        if bug("key-hex-chain"):
            key = mac(key, part).hexdigest().encode()
        else:
            key = mac(key, part).digest()
    st["signing_key"] = key
    st["signature"] = mac(key, st["string_to_sign"]).hexdigest().encode()


def sign_aws(task):
    m, account, p = task["message"], task["account"], task["parameters"]
    presigned = task["operation"] == "presigned"
    s3 = task["variant"] == "s3"
    t = as_datetime(task["time"])
    st = {"date": t.strftime("%Y%m%d").encode(), "region": p["region"], "service": p["service"]}
    st["scope"] = b"/".join([st["date"], st["region"], st["service"], b"aws4_request"])
    token = account.get("session_token")
    if presigned:
        st["signed_headers"] = aws_signed_headers(m)
        m.set_query(b"X-Amz-Algorithm", b"AWS4-HMAC-SHA256")
        m.set_query(b"X-Amz-Credential", account["access_key_id"] + b"/" + st["scope"])
        m.set_query(b"X-Amz-Date", basic_form(t))
        m.set_query(b"X-Amz-Expires", p.get("expires", b"3600"))
        if token is not None and not bug("token-unsigned"):
            m.set_query(b"X-Amz-Security-Token", token)
        m.set_query(b"X-Amz-SignedHeaders", st["signed_headers"])
    else:
        m.set_header("X-Amz-Date", basic_form(t))
        if s3:
            m.set_header("X-Amz-Content-Sha256", p.get("payload") or hashlib.sha256(m.body).hexdigest().encode())
        if token is not None:
            m.set_header("X-Amz-Security-Token", token)
        st["signed_headers"] = aws_signed_headers(m)
    aws_canonical(m, st, t, s3, presigned)
    aws_signature(st, account["secret_access_key"])
    if presigned:
        if token is not None and bug("token-unsigned"):
            m.set_query(b"X-Amz-Security-Token", token)  # appended when all is signed, as for the IoT web socket
        m.set_query(b"X-Amz-Signature", st["signature"])
    else:
        st["authorization"] = (
            b"AWS4-HMAC-SHA256 Credential=" + account["access_key_id"] + b"/" + st["scope"]
            + b", SignedHeaders=" + st["signed_headers"] + b", Signature=" + st["signature"])
        m.set_header("Authorization", st["authorization"])
    return st


def whole_number(value):
    if value is None or not re.fullmatch(rb"[0-9]+", value):
        return None
    return int(value)


def verify_aws(task):
    m, p, now = task["message"], task["parameters"], task["now"]
    presigned = task["operation"] == "presigned"
    s3 = task["variant"] == "s3"

    def need(value):
        refuse_unless(value is not None, "missing-credential")
        return value

    if presigned:
        query = m.query()
        algorithm = need(only_value(query, b"X-Amz-Algorithm"))
        credential = need(only_value(query, b"X-Amz-Credential"))
    else:
        auth = need(m.header("Authorization"))
        if not auth.startswith(b"AWS4-HMAC-SHA256 "):
            raise malformed()
        fields = []
        separator = b", " if bug("comma-space") else b","
        for piece in auth[len(b"AWS4-HMAC-SHA256 "):].split(separator):
            name, eq, value = piece.strip(b" \t").partition(b"=")
            if not eq:
                raise malformed()
            fields.append((name, value))
        first = dict(reversed(fields))
        credential = need(first.get(b"Credential"))
    found = re.fullmatch(rb"([^/]*)/([^/]*)/([^/]*)/(.*?)/aws4_request", credential, re.DOTALL)
    if not found or b"/aws4_request" in found[4]:
        raise malformed()
    key_id, date, region, service = found.groups()
    if presigned:
        signed_headers = need(only_value(query, b"X-Amz-SignedHeaders"))
        sent = need(only_value(query, b"X-Amz-Signature"))
        t = parse_time(need(only_value(query, b"X-Amz-Date")), False)
    else:
        signed_headers = need(first.get(b"SignedHeaders"))
        sent = need(first.get(b"Signature"))
        stamp = m.header("X-Amz-Date")
        if stamp is None:
            stamp = need(m.header("Date"))
        t = parse_time(stamp, True)
    # checks
    if presigned:
        refuse_unless(algorithm == b"AWS4-HMAC-SHA256", "malformed")
    account = find_account(task["accounts"], "access_key_id", key_id)
    refuse_unless(account is not None, "unknown-key")
    if not bug("scope-date-unchecked"):
        refuse_unless(date == t.strftime("%Y%m%d").encode(), "value-mismatch")
    if not bug("region-unchecked"):
        refuse_unless(region == p["region"], "value-mismatch")
    refuse_unless(service == p["service"], "value-mismatch")
    if presigned:
        token = only_value(query, b"X-Amz-Security-Token")
    else:
        token = m.header("X-Amz-Security-Token")
    if not bug("token-unchecked"):
        refuse_unless(equal(token or b"", account.get("session_token") or b""), "wrong-token")
    listed = signed_headers.split(b";")
    refuse_unless(b"host" in listed, "unsigned-part")
    if not bug("x-amz-unsigned-ok"):
        refuse_unless(all(n.lower() in listed for n, _ in m.headers if n.lower().startswith(b"x-amz-")), "unsigned-part")
    skew = int(p.get("skew", b"300")) * NANO
    if s3 and not presigned and not bug("payload-header-trusted"):
        said = m.header("X-Amz-Content-Sha256")
        refuse_unless(said in (b"UNSIGNED-PAYLOAD", hashlib.sha256(m.body).hexdigest().encode()), "value-mismatch")
    at = (t - EPOCH) // timedelta(seconds=1) * NANO
    if presigned:
        expires = whole_number(only_value(query, b"X-Amz-Expires"))
        refuse_unless(expires is not None, "malformed")
        if not bug("no-seven-day-cap"):
            refuse_unless(expires <= 604800, "malformed")
        refuse_unless(at - now <= skew and now - at <= expires * NANO, "expired")
    else:
        if bug("fresh-by-date") and m.header("Date") is not None:
            d = parse_time(m.header("Date"), True)
            at = (d - EPOCH) // timedelta(seconds=1) * NANO
        refuse_unless(abs(now - at) <= skew, "expired")
    st = {"date": date, "region": region, "service": service, "signed_headers": signed_headers}
    aws_canonical(m, st, t, s3, presigned)
    aws_signature(st, account["secret_access_key"])
    refuse_unless(equal(sent, st["signature"]), "signature-mismatch")


# ---- flipsnack -------------------------------------------------------------------------------


def flip_derive(m, secret, query=None):
    pairs = (m.query() if query is None else query) + m.form()
    if not bug("multipart-unread"):
        pairs = pairs + m.multipart()
    pairs = [(n, v or b"") for n, v in pairs if n not in (b"signature", b"file")]
    if bug("dict-collapse"):
        pairs = list(dict(pairs).items())
    if bug("drop-empty"):
        pairs = [(n, v) for n, v in pairs if v]
    pairs.sort(key=lambda pair: pair[0])
    if bug("php-urlencode"):
        pairs = [(n, urllib.parse.quote_plus(v).replace("~", "%7E").encode()) for n, v in pairs]
    canonical = b"".join(n + v for n, v in pairs)
    to_sign = secret + canonical
    digest = hashlib.md5(to_sign)
    if bug("hex-unpadded"):
        signature = "".join("%x" % b for b in digest.digest()).encode()  # Integer.toHexString(b & 0xff)
    else:
        signature = digest.hexdigest().encode()
    return {"canonical_query": canonical, "string_to_sign": to_sign, "signature": signature}


def sign_flipsnack(task):
    m = task["message"]
    if bug("api-key-after"):
        st = flip_derive(m, task["account"]["secret"], [(n, v) for n, v in m.query() if n != b"apiKey"])
        m.set_query(b"apiKey", task["account"]["api_key"])
    else:
        m.set_query(b"apiKey", task["account"]["api_key"])
        st = flip_derive(m, task["account"]["secret"])
    m.set_query(b"signature", st["signature"])
    return st


def verify_flipsnack(task):
    m = task["message"]
    if not bug("method-unchecked"):
        wanted = b"POST" if task["variant"] == "upload" else b"GET"
        refuse_unless(m.method == wanted, "wrong-method", code="40")
    query = m.query()
    if bug("blank-dropped"):
        query = [(n, v) for n, v in query if v]  # parse_qsl without keep_blank_values
    if bug("php-names"):
        query = [(re.sub(rb"[. ]", b"_", n), v) for n, v in query]  # what $_GET does to names
    if bug("last-wins"):
        query = list(dict(query).items())
    source = query
    if bug("any-place"):
        # $_REQUEST: the body's fields stand beside those of the query
        names = [n for n, _ in query]
        source = query + [(n, v) for n, v in m.form() + m.multipart() if n not in names]
    api_key = only_value(source, b"apiKey")
    refuse_unless(api_key, "missing-credential", code="30")
    received = only_value(source, b"signature")
    refuse_unless(received, "missing-credential", code="30")
    if bug("key-caseless"):
        account = next((a for a in task["accounts"] if a.get("api_key", b"").lower() == api_key.lower()), None)
    else:
        account = find_account(task["accounts"], "api_key", api_key)
    if bug("unknown-is-44"):
        refuse_unless(account is not None, "signature-mismatch", code="44", message="Invalid signature")
    refuse_unless(account is not None, "unknown-key", code="41")
    if not bug("empty-secret-ok"):
        refuse_unless(account.get("secret"), "unknown-key", code="41")
    st = flip_derive(m, account.get("secret") or b"", query)
    if bug("prefix-compare"):
        good = st["signature"][:len(received)] == received  # strncmp(sig, expected, strlen(sig))
    else:
        good = equal(received, st["signature"])
    refuse_unless(good, "signature-mismatch", code="44", message="Invalid signature")


# ---- stripe ----------------------------------------------------------------------------------


def stripe_signature(secret, stamp, body):
    dot = b"" if bug("no-dot") else b"."
    if bug("whsec-decoded") and secret.startswith(b"whsec_"):
        import base64
        text = secret[6:]
        secret = base64.b64decode(text + b"=" * (-len(text) % 4))  # as Svix does
    if bug("body-dumps"):
        try:
            body = json.dumps(json.loads(body)).encode()
        except ValueError:
            pass
    if bug("body-utf8-ignore"):
        body = body.decode("utf-8", "ignore").encode()
    to_sign = stamp + dot + body
    digest = mac(secret, to_sign).hexdigest()
    if bug("hex-upper"):
        digest = digest.upper()
    return to_sign, digest.encode()


def sign_stripe(task):
    m = task["message"]
    stamp = str(task["time"] // NANO).encode()
    if bug("millis"):
        stamp = str(task["time"] // 1_000_000).encode()
    to_sign, signature = stripe_signature(task["account"]["secret"], stamp, m.body)
    m.set_header("Stripe-Signature", b"t=" + stamp + b",v1=" + signature)
    return {"string_to_sign": to_sign, "signature": signature}


def verify_stripe(task):
    m, p = task["message"], task["parameters"]
    header = m.header("Stripe-Signature")
    refuse_unless(header is not None, "missing-credential")
    fields = []
    for item in header.split(b","):
        name, eq, value = item.partition(b"=")
        if not eq:
            if bug("junk-element-skipped"):
                continue
            raise malformed()
        fields.append((name, value))
    if bug("positional"):
        # t=…,v1=…: the first two pieces, whatever they are called
        if len(fields) < 2 or fields[0][0] != b"t" or fields[1][0] != b"v1":
            raise malformed()
        fields = fields[:2]
    if bug("last-v1"):
        fields = list(dict(fields).items())
    stamp = next((v for n, v in fields if n == b"t"), None)
    refuse_unless(stamp is not None, "missing-credential")
    if not re.fullmatch(rb"[0-9]+", stamp):
        raise malformed()
    candidates = [v for n, v in fields if n == b"v1"]
    if bug("any-scheme"):
        candidates = [v for n, v in fields if n.startswith(b"v")]
    account = task["accounts"][0]
    tolerance = int(p.get("tolerance", b"300")) * NANO
    if bug("tolerance-fixed"):
        tolerance = 300 * NANO
    now = task["now"]
    if bug("utcnow-timestamp"):
        now -= 3600 * NANO  # datetime.utcnow().timestamp() on a server whose zone is UTC+1
    off = now - int(stamp) * NANO
    if bug("future-ok"):
        fresh = off <= tolerance
    elif bug("tolerance-exclusive"):
        fresh = abs(off) < tolerance
    else:
        fresh = abs(off) <= tolerance
    refuse_unless(fresh, "expired")
    _, expected = stripe_signature(account["secret"], stamp, m.body)
    if bug("all-v1"):
        good = all(equal(c, expected) for c in candidates)
    else:
        good = any(equal(c, expected) for c in candidates)
    refuse_unless(good, "signature-mismatch")


# ---- github ----------------------------------------------------------------------------------


def github_body(m):
    body = m.body
    if bug("form-payload") and m.media_type() == FORM:
        body = next((v for n, v in m.form() if n == b"payload" and v), body)
    if bug("body-stripped"):
        body = body.strip()
    if bug("body-mojibake"):
        body = body.decode("latin-1").encode("utf-8")
    if bug("body-stringify"):
        try:
            body = json.dumps(json.loads(body), separators=(",", ":"), ensure_ascii=False).encode()
        except ValueError:
            pass
    return body


def sign_github(task):
    m = task["message"]
    secret = task["account"]["secret"]
    if bug("key-newline"):
        secret += b"\n"  # open("secret").read()
    digest = mac(secret, github_body(m))
    if bug("digest-base64"):
        import base64
        signature = base64.b64encode(digest.digest())
    else:
        signature = digest.hexdigest().encode()
    m.set_header("X-Hub-Signature-256", b"sha256=" + signature)
    return {"signature": signature}


def verify_github(task):
    m = task["message"]
    secret = task["accounts"][0]["secret"]
    name = "X-Hub-Signature-256"
    if bug("first-header"):
        header = (m.all(name) or [None])[0]
    elif bug("exact-case-name"):
        header = dict(m.headers).get(name.encode())
    else:
        header = m.header(name)
    body = github_body(m)
    if header is None and bug("sha1-fallback"):
        old = m.header("X-Hub-Signature")
        refuse_unless(old is not None, "missing-credential")
        refuse_unless(old.startswith(b"sha1="), "malformed")
        refuse_unless(equal(old[5:], mac(secret, body, "sha1").hexdigest().encode()), "signature-mismatch")
        return
    refuse_unless(header is not None, "missing-credential")
    digest = "sha256"
    if bug("lstrip"):
        sent = header.lstrip(b"sha256=")
    elif bug("prefix-optional"):
        sent = header.split(b"=")[-1]
    elif bug("header-names-digest"):
        digest, eq, rest = header.decode("latin-1").partition("=")
        sent = rest.encode("latin-1")
        refuse_unless(eq and digest in ("sha1", "md5", "sha256", "sha512"), "malformed")
    else:
        refuse_unless(header.startswith(b"sha256="), "malformed")
        sent = header[7:]
    expected = mac(secret, body, digest).hexdigest().encode()
    if bug("compare-str"):
        good = hmac.compare_digest(sent.decode("utf-8"), expected.decode())  # TypeError where it is not ASCII
    elif bug("zip-compare"):
        good = all(a == b for a, b in zip(sent, expected))
    else:
        good = equal(sent, expected)
    refuse_unless(good, "signature-mismatch")


# ---- protocol --------------------------------------------------------------------------------

SCHEMES = {
    "aws-sigv4": (["request", "presigned"], ["s3"], sign_aws, verify_aws, False),
    "flipsnack": (["request"], ["upload"], sign_flipsnack, verify_flipsnack, True),
    "stripe": (["webhook"], [], sign_stripe, verify_stripe, False),
    "github": (["webhook"], [], sign_github, verify_github, False),
}
START = {
    "name": "blind2-a", "version": "1", "language": "python",
    "schemes": {name: ["sign", "verify"] for name in SCHEMES},
    "capabilities": ["time", "credentials", "state", "client-address"],
}


def read(value):
    return value.encode("utf-8") if isinstance(value, str) else bytes.fromhex(value["hex"])


def write(value):
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return {"hex": value.hex()}


def read_map(values):
    return {n: v if isinstance(v, list) else read(v) for n, v in (values or {}).items() if v is not None}


def read_headers(pairs):
    return [(read(p[0]), read(p[1]) if len(p) > 1 else b"") for p in pairs or []]


def encode_pair(pair):
    return b"=".join(percent_encode(read(part)) for part in pair)


def message_to_sign(r, plus):
    if r.get("target") is not None:
        target = read(r["target"])
    else:
        target = percent_encode(read(r["path"]), PATH_CHARACTERS)
        if r.get("query"):
            target += b"?" + b"&".join(map(encode_pair, r["query"]))
    headers = read_headers(r.get("headers"))
    if not any(n.lower() == b"host" for n, _ in headers):
        headers.insert(0, (b"Host", read(r["host"])))
    return Message(read(r["method"]), read(r.get("scheme") or "https"), target, headers, read(r.get("body") or ""), plus)


def answer(call):
    op = call.get("op")
    if op == "start":
        if call.get("protocol") != 1:
            raise ValueError("protocol 1 only")
        return START
    if op not in ("sign", "verify"):
        raise ValueError(f"unknown op {op}")
    if call.get("scheme") not in SCHEMES:
        raise Skip(f"no support for scheme {call.get('scheme')}")
    operations, variants, sign, verify, plus = SCHEMES[call["scheme"]]
    if call.get("operation") not in operations or call.get("variant") not in (None, *variants) or call.get("reading"):
        raise Skip("no support for this operation, variant or reading")
    given = call["given"]
    task = {"operation": call["operation"], "variant": call.get("variant"),
            "parameters": read_map(given.get("parameters"))}
    if op == "sign":
        task["message"] = m = message_to_sign(given["request"], plus)
        task["account"] = read_map(given["account"])
        task["time"] = rfc3339(given["time"]) if given.get("time") else None
        stages = sign(task)
        reply = {"signed_request": {
            "method": write(m.method), "scheme": write(m.scheme), "target": write(m.target),
            "headers": [[write(n), write(v)] for n, v in m.headers], "body": write(m.body)}}
        if STAGES:
            reply["stages"] = {n: write(v) for n, v in stages.items()}
        return reply
    task["accounts"] = [read_map(a) for a in given.get("accounts") or []]
    results = []
    for arrived in given["messages"]:
        r = arrived["request"]
        task["now"] = rfc3339(arrived["now"]) if arrived.get("now") else None
        task["message"] = Message(read(r["method"]), read(r.get("scheme") or "https"), read(r["target"]),
                                  read_headers(r.get("headers")), read(r.get("body") or ""), plus)
        try:
            verify(task)
            results.append({"accept": True})
        except Refused as refusal:
            result = {"accept": False}
            if STAGES:
                result.update({"class": refusal.reject_class}, **refusal.details)
            results.append(result)
    return {"results": results}


def main():
    global STAGES
    if "--bug" in sys.argv:
        wanted = sys.argv[sys.argv.index("--bug") + 1]
        here = os.path.dirname(os.path.abspath(__file__))
        with open(os.path.join(here, "bugs.json"), encoding="utf-8") as file:
            entry = {b["id"]: b for b in json.load(file)}[wanted]
        PARTS.update(entry["parts"])
        STAGES = entry["stages"]
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
        except Skip as reason:
            reply = {"skipped": str(reason)}
        except Refused as refusal:  # while signing
            reply = {"error": f"cannot sign: {refusal.reject_class}"}
        except Exception as error:
            reply = {"error": f"{type(error).__name__}: {error}"}
        sys.stdout.write(json.dumps({"seq": seq, **reply}, separators=(",", ":")) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
