"""Slack request signatures: Slack documentation, "Verifying requests from Slack"."""

import hmac

from protocol import present, require, same, unix_seconds

TOLERANCE = b"300"  # "more than five minutes from local time"
VARIANTS = ()
VERSION = b"v0"


def sign(task):
    timestamp = str(task.time.__floor__()).encode()
    stages = derive(task.account["secret"], timestamp, task.message.body)
    task.message.set_header("X-Slack-Request-Timestamp", timestamp)
    task.message.set_header("X-Slack-Signature", VERSION + b"=" + stages["signature"])
    return stages


def verify(task):
    timestamp = present(task.message.header("X-Slack-Request-Timestamp"))
    sent = present(task.message.header("X-Slack-Signature"))
    require(sent.startswith(VERSION + b"="), "malformed")
    require(abs(task.now - unix_seconds(timestamp)) <= task.number("tolerance", TOLERANCE), "expired")
    secrets = [account["secret"] for account in task.accounts if account.get("secret")]
    expected = [derive(secret, timestamp, task.message.body) for secret in secrets]
    require(any([same(sent, VERSION + b"=" + stages["signature"]) for stages in expected]), "signature-mismatch")


OPERATIONS = {"request": (sign, verify)}


def derive(secret, timestamp, body):
    """Steps 3 and 4: version, timestamp and body with colons between, under HMAC with SHA-256, in hexadecimal."""
    base = b":".join([VERSION, timestamp, body])
    return {"string_to_sign": base, "signature": hmac.digest(secret, base, "sha256").hex().encode()}
