"""Twilio request signatures: Twilio documentation, "Security", "Validating requests are coming from Twilio"."""

import base64
import hmac

from protocol import present, require, same

VARIANTS = ()


def sign(task):
    stages = derive(task.account["auth_token"], task.message)
    task.message.set_header("X-Twilio-Signature", stages["signature"])
    return stages


def verify(task):
    sent = present(task.message.header("X-Twilio-Signature") or None)
    expected = [derive(account["auth_token"], task.message) for account in task.accounts if account.get("auth_token")]
    require(any([same(sent, stages["signature"]) for stages in expected]), "signature-mismatch")


OPERATIONS = {"request": (sign, verify)}


def derive(token, message):
    """Steps 1 to 5: the URL, then names and values of the form without anything between; HMAC-SHA1, Base64."""
    host = message.header("Host")
    require(host is not None, "malformed")
    parameters = b"".join(name + value for name, value in sorted(message.form(), key=lambda pair: pair[0]))
    text = message.scheme + b"://" + host + message.target + parameters
    signature = base64.b64encode(hmac.digest(token, text, "sha1"))
    return {"parameters": parameters, "string_to_sign": text, "signature": signature}
