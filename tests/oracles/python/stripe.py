"""Stripe webhook signatures: Stripe documentation, "Webhooks", "Verify webhook signatures manually"."""

import hmac

from protocol import present, require, same, unix_seconds

TOLERANCE = b"300"
VARIANTS = ()


def sign(task):
    """The header field as Stripe makes it: `t=<timestamp>,v1=<signature>`."""
    timestamp = str(task.time.__floor__()).encode()
    stages = derive(task.account["secret"], timestamp, task.message.body)
    task.message.set_header("Stripe-Signature", b"t=%s,v1=%s" % (timestamp, stages["signature"]))
    return stages


def verify(task):
    fields = extract(present(task.message.header("Stripe-Signature")))
    timestamp = present(next(iter(fields.get(b"t", [])), None))  # of two, the first: the document does not say
    signatures = fields.get(b"v1", [])
    require(abs(task.now - unix_seconds(timestamp)) <= task.number("tolerance", TOLERANCE), "expired")
    secrets = [account["secret"] for account in task.accounts if account.get("secret")]
    expected = [derive(secret, timestamp, task.message.body) for secret in secrets]
    require(any([same(sent, stages["signature"]) for sent in signatures for stages in expected]), "signature-mismatch")


OPERATIONS = {"webhook": (sign, verify)}


def extract(value):
    """Step 1: elements at commas, each a prefix and a value at the equals sign; of other prefixes they are ignored."""
    fields = {}
    for element in value.split(b","):
        prefix, equals, rest = element.partition(b"=")
        require(equals, "malformed")
        fields.setdefault(prefix, []).append(rest)
    return fields


def derive(secret, timestamp, body):
    """Steps 2 and 3: timestamp, a full stop and the body, under HMAC with SHA-256, in hexadecimal."""
    content = timestamp + b"." + body
    return {"string_to_sign": content, "signature": hmac.digest(secret, content, "sha256").hex().encode()}
