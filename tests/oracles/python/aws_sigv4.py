"""AWS Signature Version 4.

Documents: AWS IAM User Guide, "Create a signed AWS API request" (IAM below), and Amazon S3 API Reference,
"Authenticating Requests (AWS Signature Version 4)": header-based (S3-header) and with query parameters (S3-query).
"""

import hashlib
import hmac
import re
from datetime import datetime, timezone
from email.utils import format_datetime

from protocol import EPOCH, UNRESERVED, Fraction, Refused, calendar, percent_decode, percent_encode
from protocol import pick, present, require, same

ALGORITHM = b"AWS4-HMAC-SHA256"
UNSIGNED = b"UNSIGNED-PAYLOAD"
LONGEST_EXPIRY = 604800  # S3-query, X-Amz-Expires: seven days
SKEW = b"300"
EXPIRES = b"3600"
VARIANTS = ("s3",)


def sign_request(task):
    """IAM, steps 1 to 5: the signature goes into the Authorization header field."""
    message = task.message
    message.set_header("X-Amz-Date", long_date(task.time))
    if task.variant == "s3":  # S3-header: x-amz-content-sha256 is required
        message.set_header("X-Amz-Content-Sha256", task.parameter("payload") or sha256(message.body))
    if task.account.get("session_token"):
        message.set_header("X-Amz-Security-Token", task.account["session_token"])
    payload_hash = message.header("X-Amz-Content-Sha256") if task.variant == "s3" else sha256(message.body)
    names, scope = names_to_sign(message), scope_of(task)
    stages = derive(task, task.account, task.time, scope, names, payload_hash, message.query())
    stages["authorization"] = b"%s Credential=%s/%s, SignedHeaders=%s, Signature=%s" % (
        ALGORITHM, task.account["access_key_id"], stages["scope"], stages["signed_headers"], stages["signature"],
    )
    message.set_header("Authorization", stages["authorization"])
    return stages


def sign_presigned(task):
    """S3-query: everything but the signature is in the query before it is signed."""
    message, account = task.message, task.account
    names = names_to_sign(message)
    message.set_query("X-Amz-Algorithm", ALGORITHM)
    message.set_query("X-Amz-Credential", b"/".join([account["access_key_id"], *scope_of(task)]))
    message.set_query("X-Amz-Date", long_date(task.time))
    message.set_query("X-Amz-Expires", task.parameter("expires", EXPIRES))
    if account.get("session_token"):
        message.set_query("X-Amz-Security-Token", account["session_token"])
    message.set_query("X-Amz-SignedHeaders", names)
    rest, payload_hash = without_signature(message), presigned_payload(task)
    stages = derive(task, account, task.time, scope_of(task), names, payload_hash, rest)
    message.set_query("X-Amz-Signature", stages["signature"])
    return stages


def verify_request(task):
    message = task.message
    parts = read_authorization(present(message.header("Authorization")))
    access_key_id, scope = read_credential(parts[b"Credential"])
    time = read_date(message)
    account = find_account(task, access_key_id)
    check_scope(task, time, scope)
    check_token(account, message.header("X-Amz-Security-Token"))
    check_signed_names(message, parts[b"SignedHeaders"])
    payload_hash = sha256(message.body)
    if task.variant == "s3":
        sent = message.header("X-Amz-Content-Sha256")
        require(present(sent) in (UNSIGNED, payload_hash), "value-mismatch")
        payload_hash = sent
    require(abs(task.now - time) <= task.number("skew", SKEW), "expired")
    stages = derive(task, account, time, scope, parts[b"SignedHeaders"], payload_hash, message.query())
    require(same(parts[b"Signature"], stages["signature"]), "signature-mismatch")
    return stages


def verify_presigned(task):
    message = task.message
    query = message.query()
    require(present(pick(query, b"X-Amz-Algorithm")) == ALGORITHM, "malformed")
    access_key_id, scope = read_credential(present(pick(query, b"X-Amz-Credential")))
    time = read_basic(present(pick(query, b"X-Amz-Date")))
    names = present(pick(query, b"X-Amz-SignedHeaders"))
    sent = present(pick(query, b"X-Amz-Signature"))
    expires = pick(query, b"X-Amz-Expires")
    require(re.fullmatch(rb"[0-9]+", present(expires)) and 1 <= int(expires) <= LONGEST_EXPIRY, "malformed")
    account = find_account(task, access_key_id)
    check_scope(task, time, scope)
    check_token(account, pick(query, b"X-Amz-Security-Token"))
    check_signed_names(message, names)
    require(time - task.number("skew", SKEW) <= task.now <= time + int(expires), "expired")
    stages = derive(task, account, time, scope, names, presigned_payload(task), without_signature(message))
    require(same(sent, stages["signature"]), "signature-mismatch")
    return stages


OPERATIONS = {"request": (sign_request, verify_request), "presigned": (sign_presigned, verify_presigned)}


# Derivation


def derive(task, account, time, scope, names, payload_hash, query):
    """IAM, steps 1 to 4: canonical request, string to sign, signing key, signature."""
    stages = {
        "canonical_path": canonical_path(task),
        "canonical_query": canonical_query(query),
        "signed_headers": names,
        "canonical_headers": canonical_headers(task.message, names),
        "payload_hash": payload_hash,
    }
    stages["canonical_request"] = b"\n".join([task.message.method, *(stages[name] for name in (
        "canonical_path", "canonical_query", "canonical_headers", "signed_headers", "payload_hash"))])
    stages["date"], stages["region"], stages["service"] = scope[:3]
    stages["scope"] = b"/".join(scope)
    stages["string_to_sign"] = b"\n".join(
        [ALGORITHM, long_date(time), stages["scope"], sha256(stages["canonical_request"])]
    )
    stages["signing_key"] = signing_key(account["secret_access_key"], scope)
    stages["signature"] = hmac_sha256(stages["signing_key"], stages["string_to_sign"]).hex().encode()
    return stages


def canonical_path(task):
    """IAM, step 1, CanonicalUri: normalized and encoded once more; for S3 neither, but encoded once."""
    if task.variant == "s3":
        return percent_encode(percent_decode(task.message.raw_path), UNRESERVED + b"/")
    return percent_encode(normalize_path(task.message.raw_path), UNRESERVED + b"/")


def normalize_path(path):
    """RFC 3986, section 5.2.4, with empty segments left out too."""
    kept = []
    for segment in path.split(b"/"):
        if segment == b"..":
            del kept[-1:]
        elif segment not in (b"", b"."):
            kept.append(segment)
    directory = kept and path.split(b"/")[-1] in (b"", b".", b"..")
    return b"/" + b"/".join(kept) + (b"/" if directory else b"")


def canonical_query(pairs):
    """IAM, step 1, CanonicalQueryString: encoded first, and then sorted."""
    return b"&".join(b"=".join(pair) for pair in sorted(tuple(map(percent_encode, pair)) for pair in pairs))


def names_to_sign(message):
    """IAM, step 1, SignedHeaders: every field but Authorization, in lower case, sorted, each once."""
    return b";".join(sorted({name.lower() for name, _ in message.headers} - {b"authorization"}))


def canonical_headers(message, names):
    """IAM, step 1, CanonicalHeaders: values trimmed, spaces in a row made one, those of one name joined by a comma."""
    lines = b""
    for name in sorted(names.split(b";")):
        values = [trim(value) for value in message.lines(name.decode("latin-1"))]
        lines += name + b":" + b",".join(values) + b"\n" if values else b""
    return lines


def trim(value):
    return re.sub(rb" +", b" ", value.strip(b" \t"))


def signing_key(secret, scope):
    """IAM, step 3: the key of one HMAC is the result of the one before."""
    key = b"AWS4" + secret
    for part in scope:
        key = hmac_sha256(key, part)
    return key


def scope_of(task):
    """IAM, step 2, CredentialScope."""
    return [long_date(task.time)[:8], task.parameter("region"), task.parameter("service"), b"aws4_request"]


def without_signature(message):
    """S3-query: all of the query is signed but the signature."""
    return [(name, value) for name, value in message.query() if name != b"X-Amz-Signature"]


def presigned_payload(task):
    """S3-query: a presigned URL of S3 leaves the payload unsigned."""
    return UNSIGNED if task.variant == "s3" else sha256(task.message.body)


# What arrives


def read_authorization(value):
    """S3-header, "Overview of Authorization header": the algorithm, a space, three parts with commas between."""
    algorithm, _, fields = value.partition(b" ")
    require(algorithm == ALGORITHM, "malformed")
    parts = {}
    for part in fields.split(b","):
        name, sign, rest = part.strip(b" \t").partition(b"=")
        require(sign and name not in parts, "malformed")
        parts[name] = rest
    for name in (b"Credential", b"SignedHeaders", b"Signature"):
        present(parts.get(name))
    return parts


def read_credential(value):
    """Key id and scope: `<id>/<date>/<region>/<service>/aws4_request`."""
    parts = value.split(b"/")
    require(len(parts) == 5 and parts[4] == b"aws4_request", "malformed")
    return parts[0], parts[1:]


def read_date(message):
    """IAM, "Date": x-amz-date in basic form; without it Date, which may be of the form of RFC 7231 too."""
    value = message.header("X-Amz-Date")
    if value is not None:
        return read_basic(value)
    value = present(message.header("Date"))
    try:
        return read_basic(value)
    except Refused:
        return read_http_date(value)


def read_basic(value):
    """ISO 8601 basic: YYYYMMDD'T'HHMMSS'Z'."""
    require(re.fullmatch(rb"[0-9]{8}T[0-9]{6}Z", value), "malformed")
    return read_time(value, "%Y%m%dT%H%M%SZ")


def read_http_date(value):
    """RFC 7231, section 7.1.1.1, IMF-fixdate; read only as it would be written."""
    time = read_time(value, "%a, %d %b %Y %H:%M:%S GMT")
    require(format_datetime(calendar(time), usegmt=True).encode() == value, "malformed")
    return time


def read_time(value, form):
    try:
        time = datetime.strptime(value.decode(), form).replace(tzinfo=timezone.utc)
    except ValueError:
        raise Refused("malformed") from None
    return Fraction(int((time - EPOCH).total_seconds()))


def find_account(task, access_key_id):
    for account in task.accounts:
        if account.get("access_key_id") == access_key_id and account.get("secret_access_key"):
            return account
    raise Refused("unknown-key")


def check_scope(task, time, scope):
    """IAM, step 2: the date of the scope is the one of the request; region and service are the server's."""
    require(scope[0] == long_date(time)[:8], "value-mismatch")
    require(scope[1] == task.parameter("region") and scope[2] == task.parameter("service"), "value-mismatch")


def check_token(account, sent):
    """IAM, "Temporary security credentials": the token belongs to the key."""
    require(sent == account.get("session_token"), "wrong-token")


def check_signed_names(message, names):
    """IAM, step 1: host, and every x-amz- field that is sent, must be signed."""
    names = names.split(b";")
    sent = {name.lower() for name, _ in message.headers}
    require(b"host" in names and all(name in names for name in sent if name.startswith(b"x-amz-")), "unsigned-part")


def long_date(time):
    return calendar(time).strftime("%Y%m%dT%H%M%SZ").encode()


def sha256(data):
    return hashlib.sha256(data).hexdigest().encode()


def hmac_sha256(key, data):
    return hmac.digest(key, data, "sha256")
