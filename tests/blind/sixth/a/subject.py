#!/usr/bin/env python3
"""An adapter with four schemes: aws-sigv4, oauth1, github and flipsnack.

Text is kept as str; bytes that are not UTF-8 are kept as surrogate escapes.
"""
import base64
import calendar
import datetime
import email.utils
import hashlib
import hmac
import json
import re
import sys
import time

BUGS = {
    "aws-s1": ["query-space-as-plus"], "aws-s2": ["header-value-lowercased"],
    "aws-s3": ["path-encoded-once", "query-sorted-before-encoding"],
    "aws-s4": ["presigned-payload-always-unsigned"],
    "aws-s5": ["token-appended-after-sort"],
    "aws-v1": ["header-only-leading-space-stripped"],
    "aws-v2": ["scope-date-not-checked"], "aws-v3": ["expires-ignored"],
    "aws-v4": ["plus-decoded-as-space"],
    "aws-v5": ["host-not-required-signed", "future-date-accepted"],
    "aws-v6": ["payload-hash-taken-from-header"],
    "aws-v7": ["duplicate-query-collapsed"],
    "aws-v8": ["absent-token-accepted"],
    "aws-v9": ["duplicate-header-first-only"],
    "aws-v10": ["expires-limit-missing", "scope-region-not-checked"],
    "aws-v11": ["query-cut-at-signature"], "oa-s1": ["tilde-encoded"],
    "oa-s2": ["sorted-as-joined-pairs"],
    "oa-s3": ["default-port-kept", "realm-signed"],
    "oa-s4": ["key-without-ampersand"], "oa-s5": ["body-signed-for-any-type"],
    "oa-v1": ["content-type-exact-match"],
    "oa-v2": ["duplicate-parameters-collapsed"],
    "oa-v3": ["nonce-stored-before-check"], "oa-v4": ["nonce-stored-encoded"],
    "oa-v5": ["duplicate-protocol-parameter-accepted"],
    "oa-v6": ["valueless-parameter-dropped"],
    "oa-v7": ["comma-in-quotes-splits", "future-timestamp-accepted"],
    "oa-v8": ["version-required"],
    "oa-v9": ["host-case-kept", "auth-scheme-case-sensitive"],
    "oa-v10": ["sorted-before-encoding"],
    "oa-v11": ["signature-decoded-leniently"], "gh-s1": ["body-as-ascii"],
    "gh-s2": ["json-written-again"],
    "gh-s3": ["hex-upper-case", "secret-trimmed"],
    "gh-v1": ["missing-header-accepted"],
    "gh-v2": ["body-decoded-with-replacement"],
    "gh-v3": ["json-escaped-again"], "gh-v4": ["form-payload-field-hashed"],
    "gh-v5": ["hex-case-ignored", "algorithm-name-ignored"],
    "gh-v6": ["compared-to-shorter-length"],
    "fs-s1": ["values-percent-encoded"],
    "fs-s2": ["names-sorted-ignoring-case"], "fs-s3": ["secret-at-end"],
    "fs-s4": ["empty-values-skipped", "latin1-bytes"],
    "fs-v1": ["plus-not-decoded"], "fs-v2": ["duplicate-names-last-wins"],
    "fs-v3": ["head-accepted-as-get"],
    "fs-v4": ["values-trimmed", "file-not-excluded"],
    "fs-v5": ["signature-name-case-ignored"],
}
NO_STAGES = {"aws-s2", "aws-s4", "oa-s1", "oa-s3", "oa-s5", "gh-s2",
             "fs-s2", "fs-s4"}
BUG = None
SIDE = None


def bug(scheme, name):
    """Whether the mistake is switched on for the scheme and side at work."""
    if BUG is None:
        return False
    prefix, kind = BUG.split("-")
    return (prefix == scheme and (kind[0] == "s") == (SIDE == "sign")
            and name in BUGS[BUG])


class Reject(Exception):
    def __init__(self, cls, **more):
        self.result = dict({"accept": False, "class": cls}, **more)


# --- values ---------------------------------------------------------------

def text(value):
    if isinstance(value, dict):
        return bytes.fromhex(value["hex"]).decode("utf-8", "surrogateescape")
    return value


def raw(value):
    return value.encode("utf-8", "surrogateescape")


def out(value):
    try:
        value.encode("utf-8")
        return value
    except UnicodeEncodeError:
        return {"hex": raw(value).hex()}


def record(obj):
    return {k: text(v) for k, v in (obj or {}).items()
            if not isinstance(v, list)}


UNRESERVED = set(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                 b"0123456789-._~")


def escape(value, safe=""):
    keep = UNRESERVED | set(safe.encode())
    return "".join(chr(b) if b in keep else "%%%02X" % b for b in raw(value))


def unescape(value, plus=False):
    data = raw(value)
    if SIDE == "verify" and re.search(rb"%(?![0-9A-Fa-f]{2})", data):
        raise Reject("malformed")
    if plus:
        data = data.replace(b"+", b" ")
    data = re.sub(rb"%([0-9A-Fa-f]{2})",
                  lambda m: bytes([int(m.group(1), 16)]), data)
    return data.decode("utf-8", "surrogateescape")


def split_pairs(query):
    """Raw pairs of a query or form: (name, value), value None without '='."""
    pairs = []
    for piece in query.split("&"):
        if piece == "":
            continue
        name, sep, value = piece.partition("=")
        pairs.append((name, value if sep else None))
    return pairs


def decode_pairs(query, plus):
    return [(unescape(n, plus), unescape(v or "", plus))
            for n, v in split_pairs(query)]


def byte_order(pair):
    return raw(pair[0]), raw(pair[1])


def instant(value):
    if value is None:
        return None
    when = datetime.datetime.fromisoformat(value.replace("Z", "+00:00"))
    return when.timestamp()


class Request:
    def __init__(self, given):
        self.method = text(given.get("method", "GET"))
        self.scheme = text(given.get("scheme", "https"))
        self.headers = [(text(h[0]), text(h[1]) if len(h) > 1 else "")
                        for h in given.get("headers", [])]
        self.body = text(given.get("body", ""))
        host = given.get("host")
        if host is not None and not self.all("Host"):
            self.headers.insert(0, ("Host", text(host)))
        if "target" in given:
            self.target = text(given["target"])
        else:
            self.target = escape(text(given.get("path", "/")),
                                 "/!$&'()*+,;=:@") or "/"
            for pair in given.get("query", []):
                name = escape(text(pair[0]))
                if len(pair) > 1:
                    name += "=" + escape(text(pair[1]))
                self.append(name)

    def append(self, piece):
        self.target += ("&" if "?" in self.target else "?") + piece

    def add_query(self, name, value):
        self.append(escape(name) + "=" + escape(value))

    @property
    def path(self):
        return self.target.partition("?")[0]

    @property
    def query(self):
        return self.target.partition("?")[2]

    def all(self, name):
        return [v for n, v in self.headers if n.lower() == name.lower()]

    def get(self, name):
        values = self.all(name)
        return values[0].strip(" \t") if values else None

    def is_form(self, exact=False):
        kind = self.get("Content-Type") or ""
        if not exact:
            kind = kind.split(";")[0].strip(" \t").lower()
        return kind == "application/x-www-form-urlencoded"

    def to_json(self):
        return {"method": out(self.method), "scheme": out(self.scheme),
                "target": out(self.target),
                "headers": [[out(n), out(v)] for n, v in self.headers],
                "body": out(self.body)}


def one_header(req, name):
    values = req.all(name)
    if not values:
        raise Reject("missing-credential")
    if len(values) > 1:
        raise Reject("malformed")
    return values[0].strip(" \t")


# --- AWS Signature Version 4 -------------------------------------------------

ALGORITHM = "AWS4-HMAC-SHA256"


def aws_normalize(path):
    parts = []
    for part in path.split("/"):
        if part == "..":
            if parts:
                parts.pop()
        elif part not in ("", "."):
            parts.append(part)
    result = "/" + "/".join(parts)
    if path.endswith(("/", "/.", "/..")) and result != "/":
        result += "/"
    return result


def aws_path(req, s3):
    if s3:
        return escape(unescape(req.path), "/") or "/"
    path = aws_normalize(req.path)
    if bug("aws", "path-encoded-once"):
        return escape(unescape(path), "/")
    return escape(path, "/")


def aws_query(req, presigned):
    query = req.query
    if presigned and bug("aws", "query-cut-at-signature"):
        query = query.split("&X-Amz-Signature=")[0]
    pairs = decode_pairs(query, bug("aws", "plus-decoded-as-space"))
    if presigned:
        pairs = [p for p in pairs if p[0] != "X-Amz-Signature"]
    if bug("aws", "duplicate-query-collapsed"):
        pairs = list(dict(pairs).items())
    if bug("aws", "query-sorted-before-encoding"):
        pairs.sort(key=byte_order)
    pairs = [(escape(n), escape(v)) for n, v in pairs]
    if not bug("aws", "query-sorted-before-encoding"):
        pairs.sort()
    query = "&".join(n + "=" + v for n, v in pairs)
    if bug("aws", "query-space-as-plus"):
        query = query.replace("%20", "+")
    return query


def aws_headers(req, names):
    grouped = {}
    for name, value in req.headers:
        name = name.lower()
        if name not in names:
            continue
        if bug("aws", "header-only-leading-space-stripped"):
            value = value.lstrip(" ")
        else:
            value = re.sub(" +", " ", value.strip(" \t"))
        if bug("aws", "header-value-lowercased"):
            value = value.lower()
        if name in grouped and bug("aws", "duplicate-header-first-only"):
            continue
        grouped.setdefault(name, []).append(value)
    order = sorted(grouped)
    if bug("aws", "token-appended-after-sort"):
        order.sort(key=lambda n: n == "x-amz-security-token")
    return "".join(n + ":" + ",".join(grouped[n]) + "\n" for n in order)


def aws_payload(req, s3, presigned):
    if presigned and (s3 or bug("aws", "presigned-payload-always-unsigned")):
        return "UNSIGNED-PAYLOAD"
    given = req.get("X-Amz-Content-Sha256")
    if given and (bug("aws", "payload-hash-taken-from-header")
                  or s3 and not presigned and given == "UNSIGNED-PAYLOAD"):
        return given
    return hashlib.sha256(raw(req.body)).hexdigest()


def aws_mac(key, message):
    return hmac.new(key, raw(message), hashlib.sha256).digest()


def aws_stages(req, secret, stamp, scope, signed, s3, presigned):
    date, region, service, _ = scope.split("/")
    st = {"date": date, "region": region, "service": service, "scope": scope}
    st["canonical_path"] = aws_path(req, s3)
    st["canonical_query"] = aws_query(req, presigned)
    st["signed_headers"] = signed
    st["canonical_headers"] = aws_headers(req, signed.split(";"))
    st["payload_hash"] = aws_payload(req, s3, presigned)
    st["canonical_request"] = "\n".join(
        [req.method, st["canonical_path"], st["canonical_query"],
         st["canonical_headers"], signed, st["payload_hash"]])
    st["string_to_sign"] = "\n".join(
        [ALGORITHM, stamp, scope,
         hashlib.sha256(raw(st["canonical_request"])).hexdigest()])
    key = raw("AWS4" + secret)
    for part in (date, region, service, "aws4_request"):
        key = aws_mac(key, part)
    st["signature"] = aws_mac(key, st["string_to_sign"]).hex()
    return st


def aws_signed_names(req):
    names = sorted({n.lower() for n, _ in req.headers} - {"authorization"})
    if bug("aws", "token-appended-after-sort"):
        names.sort(key=lambda n: n == "x-amz-security-token")
    return ";".join(names)


def aws_sign(msg, given, acct, params, req):
    s3 = msg.get("variant") == "s3"
    presigned = msg["operation"] == "presigned"
    when = time.gmtime(instant(given["time"]))
    stamp = time.strftime("%Y%m%dT%H%M%SZ", when)
    scope = "/".join([stamp[:8], params["region"], params["service"],
                      "aws4_request"])
    token = acct.get("session_token")
    req.headers = [h for h in req.headers if h[0].lower() != "authorization"]
    if presigned:
        signed = aws_signed_names(req)
        req.add_query("X-Amz-Algorithm", ALGORITHM)
        req.add_query("X-Amz-Credential", acct["access_key_id"] + "/" + scope)
        req.add_query("X-Amz-Date", stamp)
        req.add_query("X-Amz-Expires", params.get("expires", "3600"))
        if token:
            req.add_query("X-Amz-Security-Token", token)
        req.add_query("X-Amz-SignedHeaders", signed)
    else:
        req.headers.append(("X-Amz-Date", stamp))
        if token:
            req.headers.append(("X-Amz-Security-Token", token))
        if s3 and not req.all("X-Amz-Content-Sha256"):
            payload = params.get(
                "payload", hashlib.sha256(raw(req.body)).hexdigest())
            req.headers.append(("X-Amz-Content-Sha256", payload))
        signed = aws_signed_names(req)
    st = aws_stages(req, acct["secret_access_key"], stamp, scope, signed, s3,
                    presigned)
    if presigned:
        req.add_query("X-Amz-Signature", st["signature"])
    else:
        st["authorization"] = (
            "%s Credential=%s/%s, SignedHeaders=%s, Signature=%s"
            % (ALGORITHM, acct["access_key_id"], scope, signed,
               st["signature"]))
        req.headers.append(("Authorization", st["authorization"]))
    return st


def parse_amz_date(value):
    if not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", value):
        raise Reject("malformed")
    try:
        return calendar.timegm(time.strptime(value, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise Reject("malformed")


def aws_read_header(req):
    value = one_header(req, "Authorization")
    if not value.startswith(ALGORITHM + " "):
        raise Reject("malformed")
    parts = {}
    for part in value[len(ALGORITHM) + 1:].split(","):
        name, sep, item = part.strip(" \t").partition("=")
        if sep:
            parts.setdefault(name, item)
    for name in ("Credential", "SignedHeaders", "Signature"):
        if name not in parts:
            raise Reject("missing-credential")
    if req.all("X-Amz-Date"):
        when = parse_amz_date(one_header(req, "X-Amz-Date"))
    else:
        value = one_header(req, "Date")
        try:
            when = parse_amz_date(value)
        except Reject:
            try:
                when = email.utils.parsedate_to_datetime(value).timestamp()
            except (ValueError, TypeError):
                raise Reject("malformed")
    return parts["Credential"], parts["SignedHeaders"], parts["Signature"], when


def aws_query_values(req):
    values = {}
    for name, value in decode_pairs(req.query, False):
        values.setdefault(name, []).append(value)
    return values


def aws_read_query(req):
    values = aws_query_values(req)
    found = []
    for name in ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-SignedHeaders",
                 "X-Amz-Signature", "X-Amz-Date"):
        if name not in values:
            raise Reject("missing-credential")
        if len(values[name]) > 1:
            raise Reject("malformed")
        found.append(values[name][0])
    if found[0] != ALGORITHM:
        raise Reject("malformed")
    return found[1], found[2], found[3], parse_amz_date(found[4])


def aws_verify(msg, message, accounts, params, req, state):
    s3 = msg.get("variant") == "s3"
    presigned = msg["operation"] == "presigned"
    read = aws_read_query if presigned else aws_read_header
    credential, signed, sent, when = read(req)
    fields = credential.split("/")
    if len(fields) < 5 or fields[-1] != "aws4_request":
        raise Reject("malformed")
    key_id = "/".join(fields[:-4])
    date, region, service = fields[-4:-1]
    acct = next((a for a in accounts if a.get("access_key_id") == key_id), None)
    if acct is None:
        raise Reject("unknown-key")
    stamp = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(when))
    if date != stamp[:8] and not bug("aws", "scope-date-not-checked"):
        raise Reject("value-mismatch")
    if (region != params.get("region")
            and not bug("aws", "scope-region-not-checked")):
        raise Reject("value-mismatch")
    if service != params.get("service"):
        raise Reject("value-mismatch")
    values = aws_query_values(req)
    if presigned:
        tokens = values.get("X-Amz-Security-Token", [])
    else:
        tokens = [v.strip(" \t") for v in req.all("X-Amz-Security-Token")]
    if len(tokens) > 1:
        raise Reject("malformed")
    token = tokens[0] if tokens else ""
    if token != acct.get("session_token", ""):
        if tokens or not bug("aws", "absent-token-accepted"):
            raise Reject("wrong-token")
    names = signed.split(";")
    payload = req.get("X-Amz-Content-Sha256")
    if (s3 and not presigned
            and payload != aws_payload(req, s3, presigned)):
        raise Reject("value-mismatch")
    if "host" not in names and not bug("aws", "host-not-required-signed"):
        raise Reject("unsigned-part")
    for name, _ in req.headers:
        if name.lower().startswith("x-amz-") and name.lower() not in names:
            raise Reject("unsigned-part")
    skew = int(params.get("skew", "300"))
    now = instant(message.get("now"))
    late = when + skew
    if presigned:
        expires = values.get("X-Amz-Expires")
        if not expires:
            raise Reject("missing-credential")
        if len(expires) > 1 or not re.fullmatch("[0-9]+", expires[0]):
            raise Reject("malformed")
        if (int(expires[0]) > 604800
                and not bug("aws", "expires-limit-missing")):
            raise Reject("malformed")
        if not bug("aws", "expires-ignored"):
            late = when + int(expires[0])
    early = when - skew
    if bug("aws", "future-date-accepted"):
        early = 0
    if now is not None and not early <= now <= late:
        raise Reject("expired")
    scope = "/".join([date, region, service, "aws4_request"])
    st = aws_stages(req, acct.get("secret_access_key", ""), stamp, scope,
                    signed, s3, presigned)
    if not hmac.compare_digest(raw(sent), raw(st["signature"])):
        raise Reject("signature-mismatch")


# --- OAuth 1.0a --------------------------------------------------------------

def oauth_escape(value):
    result = escape(value)
    if bug("oa", "tilde-encoded"):
        result = result.replace("~", "%7E")
    return result


def oauth_base_uri(req):
    host = req.get("Host") or ""
    if not bug("oa", "host-case-kept"):
        host = host.lower()
    scheme = req.scheme.lower()
    port = {"http": ":80", "https": ":443"}.get(scheme)
    if port and host.endswith(port) and not bug("oa", "default-port-kept"):
        host = host[:-len(port)]
    return scheme + "://" + host + (req.path or "/")


def oauth_parameters(req, protocol):
    sources = [req.query]
    if (req.is_form(exact=bug("oa", "content-type-exact-match"))
            or bug("oa", "body-signed-for-any-type")):
        sources.append(req.body)
    pairs = []
    for source in sources:
        for name, value in split_pairs(source):
            if value is None and bug("oa", "valueless-parameter-dropped"):
                continue
            pairs.append((unescape(name, True), unescape(value or "", True)))
    if bug("oa", "duplicate-parameters-collapsed"):
        pairs = list(dict(pairs).items())
    pairs += [p for p in protocol
              if p[0] != "realm" or bug("oa", "realm-signed")]
    pairs = [p for p in pairs if p[0] != "oauth_signature"]
    if bug("oa", "sorted-before-encoding"):
        pairs.sort(key=byte_order)
    pairs = [(oauth_escape(n), oauth_escape(v)) for n, v in pairs]
    if bug("oa", "sorted-as-joined-pairs"):
        return "&".join(sorted(n + "=" + v for n, v in pairs))
    if not bug("oa", "sorted-before-encoding"):
        pairs.sort()
    return "&".join(n + "=" + v for n, v in pairs)


def oauth_stages(req, acct, protocol):
    st = {"base_uri": oauth_base_uri(req),
          "normalized_parameters": oauth_parameters(req, protocol)}
    st["string_to_sign"] = "&".join(oauth_escape(x) for x in (
        req.method.upper(), st["base_uri"], st["normalized_parameters"]))
    st["signing_key"] = oauth_escape(acct.get("consumer_secret", ""))
    secret = acct.get("token_secret", "")
    if secret or not bug("oa", "key-without-ampersand"):
        st["signing_key"] += "&" + oauth_escape(secret)
    mac = hmac.new(raw(st["signing_key"]), raw(st["string_to_sign"]),
                   hashlib.sha1).digest()
    st["signature"] = base64.b64encode(mac).decode()
    return st


def oauth_sign(msg, given, acct, params, req):
    protocol = [
        ("realm", params.get("realm", "")),
        ("oauth_consumer_key", acct["consumer_key"]),
        ("oauth_token", acct.get("token", "")),
        ("oauth_signature_method", "HMAC-SHA1"),
        ("oauth_timestamp", str(int(instant(given["time"])))),
        ("oauth_nonce", text(given.get("nonce", ""))),
        ("oauth_callback", params.get("callback", "")),
        ("oauth_verifier", params.get("verifier", "")),
        ("oauth_version", params.get("version", "")),
    ]
    protocol = [p for p in protocol if p[1] or p[0] in (
        "oauth_consumer_key", "oauth_nonce")]
    st = oauth_stages(req, acct, protocol)
    fields = []
    for name, value in protocol + [("oauth_signature", st["signature"])]:
        if name == "realm":
            value = value.replace("\\", "\\\\").replace('"', '\\"')
        else:
            name, value = escape(name), escape(value)
        fields.append('%s="%s"' % (name, value))
    st["parameters"] = ", ".join(fields)
    st["authorization"] = "OAuth " + st["parameters"]
    req.headers.append(("Authorization", st["authorization"]))
    return {k: v for k, v in st.items() if k != "signing_key"}


FIELD = re.compile(r'([^\s=",]+)[ \t]*=[ \t]*"((?:[^"\\]|\\.)*)"', re.S)


def split_quoted(value):
    return re.findall(r'(?:[^",]|"(?:[^"\\]|\\.)*"|")+', value, re.S)


def oauth_read(req):
    value = one_header(req, "Authorization")
    word = value[:6]
    if not bug("oa", "auth-scheme-case-sensitive"):
        word = word.lower().replace("oauth", "OAuth")
    if word != "OAuth ":
        raise Reject("malformed")
    parts = split_quoted(value[6:])
    if bug("oa", "comma-in-quotes-splits"):
        parts = value[6:].split(",")
    protocol, encoded = [], {}
    for part in parts:
        part = part.strip(" \t")
        if not part:
            continue
        field = FIELD.fullmatch(part)
        if not field:
            raise Reject("malformed")
        name, item = unescape(field.group(1)), field.group(2)
        if name == "realm":
            item = re.sub(r"\\(.)", r"\1", item)
        else:
            encoded[name] = item
            item = unescape(item)
        protocol.append((name, item))
    return protocol, encoded


def oauth_verify(msg, message, accounts, params, req, state):
    protocol, encoded = oauth_read(req)
    if len({n for n, _ in protocol}) != len(protocol):
        if not bug("oa", "duplicate-protocol-parameter-accepted"):
            raise Reject("malformed")
    fields = dict(protocol)
    for name in ("oauth_consumer_key", "oauth_signature_method",
                 "oauth_signature", "oauth_nonce", "oauth_timestamp"):
        if name not in fields:
            raise Reject("missing-credential")
    if fields["oauth_signature_method"] != "HMAC-SHA1":
        raise Reject("malformed")
    default = None if bug("oa", "version-required") else "1.0"
    if fields.get("oauth_version", default) != "1.0":
        raise Reject("malformed")
    stamp = fields["oauth_timestamp"]
    if not re.fullmatch("[1-9][0-9]*", stamp):
        raise Reject("malformed")
    key, token = fields["oauth_consumer_key"], fields.get("oauth_token", "")
    acct = next((a for a in accounts if a.get("consumer_key") == key
                 and a.get("token", "") == token), None)
    if acct is None:
        raise Reject("unknown-key")
    skew = int(params.get("skew", "300"))
    now = instant(message.get("now"))
    if now is not None:
        age = now - int(stamp)
        if age > skew or (age < -skew
                          and not bug("oa", "future-timestamp-accepted")):
            raise Reject("expired")
    nonce = fields["oauth_nonce"]
    if bug("oa", "nonce-stored-encoded"):
        nonce = encoded["oauth_nonce"]
    used = (key, token, stamp, nonce)
    seen = used in state
    if bug("oa", "nonce-stored-before-check"):
        state.add(used)
    signature = oauth_stages(req, acct, protocol)["signature"]
    sent = fields["oauth_signature"]
    if bug("oa", "signature-decoded-leniently"):
        try:
            good = base64.b64decode(raw(sent)) == base64.b64decode(signature)
        except ValueError:
            good = False
    else:
        good = hmac.compare_digest(raw(sent), raw(signature))
    if not good:
        raise Reject("signature-mismatch")
    if seen:
        raise Reject("replayed")
    state.add(used)


# --- GitHub webhooks -----------------------------------------------------------

def json_again(body, ascii_only):
    try:
        value = json.loads(body)
    except ValueError:
        return body
    return json.dumps(value, separators=(",", ":"), ensure_ascii=ascii_only)


def github_signature(req, secret):
    body = req.body
    if bug("gh", "json-written-again"):
        body = json_again(body, False)
    if bug("gh", "json-escaped-again"):
        body = json_again(body, True)
    if bug("gh", "form-payload-field-hashed") and req.is_form():
        body = dict(decode_pairs(body, True)).get("payload", body)
    data = raw(body)
    if bug("gh", "body-as-ascii"):
        data = data.decode("utf-8", "replace").encode("ascii", "replace")
    if bug("gh", "body-decoded-with-replacement"):
        data = data.decode("utf-8", "replace").encode("utf-8")
    if bug("gh", "secret-trimmed"):
        secret = secret.strip()
    digest = hmac.new(raw(secret), data, hashlib.sha256).hexdigest()
    return digest.upper() if bug("gh", "hex-upper-case") else digest


def github_sign(msg, given, acct, params, req):
    st = {"signature": github_signature(req, acct.get("secret", ""))}
    req.headers.append(("X-Hub-Signature-256", "sha256=" + st["signature"]))
    return st


def github_verify(msg, message, accounts, params, req, state):
    if (not req.all("X-Hub-Signature-256")
            and bug("gh", "missing-header-accepted")):
        return
    one_header(req, "X-Hub-Signature-256")
    value = req.all("X-Hub-Signature-256")[0]
    if bug("gh", "algorithm-name-ignored") and "=" in value:
        sent = value.split("=", 1)[1]
    elif value.startswith("sha256="):
        sent = value[len("sha256="):]
    else:
        raise Reject("malformed")
    if bug("gh", "hex-case-ignored"):
        sent = sent.lower()
    for acct in accounts:
        if not acct.get("secret"):
            continue
        good = github_signature(req, acct.get("secret", ""))
        if bug("gh", "compared-to-shorter-length"):
            difference = 0
            for a, b in zip(raw(sent), raw(good)):
                difference |= a ^ b
            if difference == 0:
                return
        elif hmac.compare_digest(raw(sent), raw(good)):
            return
    raise Reject("signature-mismatch")


# --- Flipsnack -------------------------------------------------------------------

def multipart_fields(req):
    kind = req.get("Content-Type") or ""
    if not kind.lower().startswith("multipart/form-data"):
        return []
    found = re.search(r'boundary=(?:"([^"]*)"|([^;\s]*))', kind, re.I)
    if not found:
        return []
    fields = []
    mark = "--" + (found.group(1) or found.group(2))
    for part in ("\r\n" + req.body).split("\r\n" + mark)[1:]:
        if part.startswith("--"):
            break
        head, sep, value = part.partition("\r\n\r\n")
        name = re.search(r'[;\s]name="([^"]*)"', head)
        if sep and name and not re.search(r'[;\s]filename\*?=', head):
            fields.append((name.group(1), value))
    return fields


def flipsnack_stages(req, secret):
    plus = not bug("fs", "plus-not-decoded")
    pairs = decode_pairs(req.query, plus)
    if req.is_form():
        pairs += decode_pairs(req.body, plus)
    pairs += multipart_fields(req)
    if bug("fs", "signature-name-case-ignored"):
        pairs = [p for p in pairs if p[0].lower() != "signature"]
    excluded = ["signature", "file"]
    if bug("fs", "file-not-excluded"):
        excluded.remove("file")
    pairs = [p for p in pairs if p[0] not in excluded]
    if bug("fs", "duplicate-names-last-wins"):
        pairs = list(dict(pairs).items())
    if bug("fs", "empty-values-skipped"):
        pairs = [p for p in pairs if p[1] != ""]
    if bug("fs", "values-trimmed"):
        pairs = [(n, v.strip()) for n, v in pairs]
    if bug("fs", "names-sorted-ignoring-case"):
        pairs.sort(key=lambda p: p[0].lower())
    else:
        pairs.sort(key=lambda p: raw(p[0]))
    if bug("fs", "values-percent-encoded"):
        pairs = [(n, escape(v)) for n, v in pairs]
    query = "".join(n + v for n, v in pairs)
    signed = secret + query
    if bug("fs", "secret-at-end"):
        signed = query + secret
    data = raw(signed)
    if bug("fs", "latin1-bytes"):
        data = data.decode("utf-8", "replace").encode("latin-1", "replace")
    return {"canonical_query": query, "string_to_sign": signed,
            "signature": hashlib.md5(data).hexdigest()}


def flipsnack_sign(msg, given, acct, params, req):
    path = req.path
    kept = [p for p in req.query.split("&")
            if unescape(p.split("=")[0], True) not in ("apiKey", "signature")]
    req.target = path
    for piece in filter(None, kept):
        req.append(piece)
    req.add_query("apiKey", acct["api_key"])
    st = flipsnack_stages(req, acct.get("secret", ""))
    req.add_query("signature", st["signature"])
    return st


def flipsnack_verify(msg, message, accounts, params, req, state):
    methods = ["POST" if msg.get("variant") == "upload" else "GET"]
    if methods == ["GET"] and bug("fs", "head-accepted-as-get"):
        methods.append("HEAD")
    if req.method not in methods:
        raise Reject("wrong-method", code="40")
    query = {}
    for name, value in decode_pairs(req.query, True):
        if name in query and name in ("apiKey", "signature"):
            raise Reject("malformed")
        query.setdefault(name, value)
    for name in ("apiKey", "signature"):
        if not query.get(name):
            raise Reject("missing-credential", code="30")
    acct = next((a for a in accounts if a.get("api_key") == query["apiKey"]),
                None)
    if acct is None or not acct.get("secret"):
        raise Reject("unknown-key", code="41")
    good = flipsnack_stages(req, acct["secret"])["signature"]
    if not hmac.compare_digest(raw(query["signature"]), raw(good)):
        raise Reject("signature-mismatch", code="44",
                     message="Invalid signature")


# --- protocol ----------------------------------------------------------------------

SCHEMES = {
    "aws-sigv4": (aws_sign, aws_verify),
    "oauth1": (oauth_sign, oauth_verify),
    "github": (github_sign, github_verify),
    "flipsnack": (flipsnack_sign, flipsnack_verify),
}


def do_sign(msg):
    global SIDE
    SIDE = "sign"
    given = msg["given"]
    req = Request(given["request"])
    stages = SCHEMES[msg["scheme"]][0](
        msg, given, record(given.get("account")),
        record(given.get("parameters")), req)
    reply = {"seq": msg["seq"], "signed_request": req.to_json()}
    if BUG not in NO_STAGES:
        reply["stages"] = {k: out(v) for k, v in stages.items()}
    return reply


def do_verify(msg):
    global SIDE
    SIDE = "verify"
    given = msg["given"]
    accounts = [record(a) for a in given.get("accounts", [])]
    params = record(given.get("parameters"))
    state, results = set(), []
    for message in given["messages"]:
        try:
            SCHEMES[msg["scheme"]][1](msg, message, accounts, params,
                                      Request(message["request"]), state)
            results.append({"accept": True})
        except Reject as reject:
            result = reject.result
            if msg["scheme"] == "oauth1":
                bad = result["class"] in ("malformed", "missing-credential")
                result["status"] = "400" if bad else "401"
            results.append(result)
    return {"seq": msg["seq"], "results": results}


def answer(msg):
    if msg["op"] == "start":
        return {"seq": msg["seq"], "name": "four-schemes", "version": "1.0",
                "language": "python",
                "schemes": {s: ["sign", "verify"] for s in SCHEMES},
                "capabilities": ["time", "credentials", "state"]}
    try:
        if msg["op"] == "sign":
            return do_sign(msg)
        if msg["op"] == "verify":
            return do_verify(msg)
        return {"seq": msg["seq"], "error": "unknown op"}
    except Exception as error:
        return {"seq": msg["seq"], "error": repr(error)}


def main():
    global BUG
    if len(sys.argv) == 3 and sys.argv[1] == "--bug":
        BUG = sys.argv[2]
        if BUG not in BUGS:
            sys.exit("unknown bug " + BUG)
    for line in sys.stdin:
        msg = json.loads(line)
        if msg.get("op") == "stop":
            break
        print(json.dumps(answer(msg)), flush=True)


main()
