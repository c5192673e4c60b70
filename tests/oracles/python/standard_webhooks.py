"""Standard Webhooks, version 1.0.0 of the specification.

Symmetric signatures (v1) and, as a variant, asymmetric ones (v1a).
"""

import base64
import binascii
import hmac

import ed25519
from keys import ed25519_private, ed25519_public
from protocol import present, require, same, unix_seconds

TOLERANCE = b"300"
VARIANTS = ("ed25519",)


def sign(task):
    """"Webhook headers": id, timestamp and signature go into three fields."""
    timestamp = str(task.time.__floor__()).encode()
    stages = {"string_to_sign": signed_content(task.nonce, timestamp, task.message.body)}
    if task.variant == "ed25519":
        signature = ed25519.sign(ed25519_private(task.account["key.private"]), stages["string_to_sign"])
        version, stages["signature"] = b"v1a", base64.b64encode(signature)
    else:
        version, stages = b"v1", derive_symmetric(task.account, stages["string_to_sign"])
    task.message.set_header("webhook-id", task.nonce)
    task.message.set_header("webhook-timestamp", timestamp)
    task.message.set_header("webhook-signature", version + b"," + stages["signature"])
    return stages


def verify(task):
    """"Verifying signatures": the timestamp within a tolerance, and any one signature of the version that matches."""
    message_id = present(task.message.header("webhook-id") or None)
    timestamp = present(task.message.header("webhook-timestamp"))
    version = b"v1a" if task.variant == "ed25519" else b"v1"
    signatures = of_version(present(task.message.header("webhook-signature")), version)
    require(abs(task.now - unix_seconds(timestamp)) <= task.number("tolerance", TOLERANCE), "expired")
    content = signed_content(message_id, timestamp, task.message.body)
    matches = matches_asymmetric if task.variant == "ed25519" else matches_symmetric
    require(any(matches(account, content, signatures) for account in task.accounts), "signature-mismatch")


OPERATIONS = {"webhook": (sign, verify)}


def signed_content(message_id, timestamp, body):
    """"Signature scheme": `{msg_id}.{timestamp}.{payload}`."""
    return b".".join([message_id, timestamp, body])


def derive_symmetric(account, content):
    """"Signature scheme", table: HMAC-SHA256; the secret is Base64 after `whsec_`."""
    key = base64.b64decode(account["secret"].removeprefix(b"whsec_"), validate=True)
    signature = base64.b64encode(hmac.digest(key, content, "sha256"))
    return {"key": key, "string_to_sign": content, "signature": signature}


def of_version(signatures, version):
    """"Webhook headers": a signature is its version, a comma, and Base64. Those of other versions are passed over."""
    pieces = [piece.partition(b",") for piece in signatures.split(b" ")]
    require(all(comma for _, comma, _ in pieces), "malformed")
    return [value for found, _, value in pieces if found == version]


def matches_symmetric(account, content, signatures):
    stages = derive_symmetric(account, content)
    if not stages["key"]:  # "Signature scheme", table: a secret has 24 bytes at least
        return False
    return any([same(sent, stages["signature"]) for sent in signatures])


def matches_asymmetric(account, content, signatures):
    """Any signature will do; one that is not Base64 is malformed where no other matches."""
    public = ed25519_public(account["key.public"])
    decoded = [decode(sent) for sent in signatures]
    matches = any(sent is not None and ed25519.verify(public, content, sent) for sent in decoded)
    require(matches or None not in decoded, "malformed")
    return matches


def decode(text):
    """Base64 as an encoder would have written it; None where it is not."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return data if base64.b64encode(data) == text else None
