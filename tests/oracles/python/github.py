"""GitHub webhook signatures: GitHub Docs, "Validating webhook deliveries"."""

import hmac

from protocol import present, require, same

VARIANTS = ()
PREFIX = b"sha256="


def sign(task):
    stages = derive(task.account["secret"], task.message.body)
    task.message.set_header("X-Hub-Signature-256", PREFIX + stages["signature"])
    return stages


def verify(task):
    sent = present(task.message.header("X-Hub-Signature-256"))
    require(sent.startswith(PREFIX), "malformed")
    expected = [derive(account["secret"], task.message.body) for account in task.accounts if account.get("secret")]
    require(any([same(sent, PREFIX + stages["signature"]) for stages in expected]), "signature-mismatch")


OPERATIONS = {"webhook": (sign, verify)}


def derive(secret, body):
    """"Validating webhook deliveries": HMAC with SHA-256 of the payload, in hexadecimal, after `sha256=`."""
    return {"signature": hmac.digest(secret, body, "sha256").hex().encode()}
