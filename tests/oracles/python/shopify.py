"""Shopify callbacks and webhooks.

Documents: Shopify documentation, "Authorization code grant" (AUTH) and "Webhooks" (WEBHOOKS).
"""

import base64
import hmac

from protocol import pick, present, require, same

VARIANTS = ()


def sign_callback(task):
    stages = derive_callback(task.account["secret"], task.message)
    task.message.set_query("hmac", stages["signature"])
    return stages


def verify_callback(task):
    sent = present(pick(task.message.query(plus=True), b"hmac") or None)
    secrets = [account["secret"] for account in task.accounts if account.get("secret")]
    expected = [derive_callback(secret, task.message) for secret in secrets]
    require(any([same(sent, stages["signature"]) for stages in expected]), "signature-mismatch")


def sign_webhook(task):
    stages = derive_webhook(task.account["secret"], task.message.body)
    task.message.set_header("X-Shopify-Hmac-SHA256", stages["signature"])
    return stages


def verify_webhook(task):
    sent = present(task.message.header("X-Shopify-Hmac-SHA256") or None)
    secrets = [account["secret"] for account in task.accounts if account.get("secret")]
    expected = [derive_webhook(secret, task.message.body) for secret in secrets]
    require(any([same(sent, stages["signature"]) for stages in expected]), "signature-mismatch")


OPERATIONS = {"callback": (sign_callback, verify_callback), "webhook": (sign_webhook, verify_webhook)}


def derive_callback(secret, message):
    """AUTH, "Verify the installation request": without hmac, sorted, joined; HMAC with SHA-256, hexadecimal.

    Names and values stand decoded, as the discrepancy `reserved-characters` decides; an earlier edition escaped some.
    """
    pairs = sorted(pair for pair in message.query(plus=True) if pair[0] != b"hmac")
    text = b"&".join(b"=".join(pair) for pair in pairs)
    return {"message": text, "signature": hmac.digest(secret, text, "sha256").hex().encode()}


def derive_webhook(secret, body):
    """WEBHOOKS, "Validate the origin": HMAC with SHA-256 of the body, in Base64."""
    return {"signature": base64.b64encode(hmac.digest(secret, body, "sha256"))}
