"""Flipbase: HMAC-SHA256 over verb, URI-encoded path and date, each on a line ("Create a signature")."""

import base64
import hashlib
import hmac

from .clock import header_date, milliseconds_text, seconds
from .message import UNRESERVED, percent_encode
from .tasks import after_prefix, cut_at_first, equal, find_account, refuse_unless, verifier

VARIANTS = []
READINGS = [
    "api-key-as-hmac-key",
    "meant-path",
    "path-with-query",
    "lower-case-path",
    "rfc4868-truncation",
    "bare-authorization",
]

DEFAULT_SKEW = b"900"  # seconds; no page of the vendor states a value


def derive(message, date, account, reading):
    path = message.raw_path
    if reading == "meant-path":
        path = message.path
    elif reading == "path-with-query":
        path = message.target
    elif reading == "lower-case-path":
        path = path.lower()
    string_to_sign = b"\n".join([message.method, percent_encode(path, UNRESERVED), date])

    key = account["api_key" if reading == "api-key-as-hmac-key" else "api_secret"]
    mac = hmac.digest(key, string_to_sign, hashlib.sha256)
    if reading == "rfc4868-truncation":
        mac = mac[:16]
    return {"string_to_sign": string_to_sign, "signature": base64.b64encode(mac)}


def authorization_prefix(reading):
    return b"" if reading == "bare-authorization" else b"Signature "


def sign_flipbase(task):
    if task.time is None:
        raise ValueError("needs a time to sign")
    date = milliseconds_text(task.time).encode()
    stages = derive(task.message, date, task.account, task.reading)
    stages["authorization"] = authorization_prefix(task.reading) + task.account["api_key"] + b":" + stages["signature"]
    task.message.set_header("X-Flipbase-Date", date)
    task.message.set_header("Authorization", stages["authorization"])
    return stages


def verify_flipbase(task):
    message = task.message
    authorization = message.header("Authorization")
    refuse_unless(authorization is not None, "missing-credential")
    api_key, received = cut_at_first(after_prefix(authorization, authorization_prefix(task.reading)), b":")

    date = message.header("X-Flipbase-Date")  # wins over Date
    if date is None:
        date = message.header("Date")
    refuse_unless(date is not None, "missing-credential")
    time = header_date(date)

    account = find_account(task.accounts, "api_key", api_key)
    refuse_unless(account is not None, "unknown-key")
    refuse_unless(account.get("api_secret"), "unknown-key")

    if task.now is None:
        raise ValueError("needs the time of the message's arrival (now)")
    skew = seconds(task.parameters.get("skew", DEFAULT_SKEW))
    refuse_unless(abs(task.now - time) <= skew, "expired")

    stages = derive(message, date, account, task.reading)
    refuse_unless(equal(received, stages["signature"]), "signature-mismatch")
    return stages


OPERATIONS = {"request": (sign_flipbase, verifier(verify_flipbase))}
