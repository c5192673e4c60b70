"""Flipsnack: the MD5 of the secret followed by the sorted request parameters.

The numbered steps are those of "How to sign a request".
"""

import hashlib

from .message import UNRESERVED, only_value, percent_encode
from .tasks import Refused, equal, find_account, refuse_unless, verifier

VARIANTS = ["upload"]
READINGS = ["caseless-sort", "url-encoded-values", "upper-case-digits"]

UNSIGNED = (b"signature", b"file")


def derive(message, secret, reading):
    # Step 1: the request parameters without signature and file, sorted by name; equal names keep their order.
    pairs = message.query_pairs() + message.form_pairs() + message.multipart_pairs()
    pairs = [pair for pair in pairs if pair[0] not in UNSIGNED]
    if reading == "caseless-sort":
        pairs.sort(key=lambda pair: (pair[0].lower(), pair[0]))
    else:
        pairs.sort(key=lambda pair: pair[0])
    if reading == "url-encoded-values":
        pairs = [(percent_encode(name, UNRESERVED), percent_encode(value, UNRESERVED)) for name, value in pairs]
    # Step 2: the secret, then every name and value without anything between.
    canonical_query = b"".join(name + value for name, value in pairs)
    string_to_sign = secret + canonical_query
    # Step 3.
    signature = hashlib.md5(string_to_sign).hexdigest().encode()
    return {"canonical_query": canonical_query, "string_to_sign": string_to_sign, "signature": signature}


def sign_flipsnack(task):
    task.message.set_query(b"apiKey", task.account["api_key"])
    stages = derive(task.message, task.account["secret"], task.reading)
    task.message.set_query(b"signature", stages["signature"])  # step 4
    return stages


def verify_flipsnack(task):
    message = task.message
    method = b"POST" if task.variant == "upload" else b"GET"
    refuse_unless(message.method == method, "wrong-method", code="40")

    query = message.query_pairs()
    api_key = only_value(query, b"apiKey")
    refuse_unless(api_key, "missing-credential", code="30")
    received = only_value(query, b"signature")
    refuse_unless(received, "missing-credential", code="30")

    account = find_account(task.accounts, "api_key", api_key)
    if account is None or not account.get("secret"):
        raise Refused("unknown-key", code="41")

    stages = derive(message, account["secret"], task.reading)
    if task.reading == "upper-case-digits":
        received = received.lower()
    refuse_unless(equal(received, stages["signature"]), "signature-mismatch", code="44", message="Invalid signature")
    return stages


OPERATIONS = {"request": (sign_flipsnack, verifier(verify_flipsnack))}
