"""Flexiown Payments: an API key in a header, trust seed and value in the payload ("Authentication & Authorization").

The document does not give the formula of the trust signature; this is that of the vendor's published plugin.
"""

import hashlib

from .clock import SECOND
from .tasks import Refused, equal, find_account, refuse_unless, verifier

VARIANTS = []
READINGS = []

DEFAULT_LIMIT = b"60"  # requests a minute; the document states no number


def derive(trust_value, trust_seed):
    return {"trust_signature": hashlib.sha256(trust_value + trust_seed).hexdigest().encode()}


def sign_request(task):
    message = task.message
    message.add_json_member("trust_seed", task.parameters["trust_seed"])
    message.add_json_member("trust_value", task.parameters["trust_value"])
    message.set_header("api-key", task.account["api_key"])
    return derive(message.json_member("trust_value"), message.json_member("trust_seed"))


def verify_request(task):
    message = task.message
    api_key = message.header("api-key")
    refuse_unless(api_key, "missing-credential")
    account = find_account(task.accounts, "api_key", api_key)
    refuse_unless(account is not None, "unknown-key")
    refuse_unless(account.get("status", b"valid") == b"valid", "revoked-key")

    if task.now is None:
        raise ValueError("needs the time of the message's arrival (now)")
    accepted = task.state.setdefault(("accepted", api_key), [])
    in_last_minute = sum(task.now - 60 * SECOND < time <= task.now for time in accepted)
    if in_last_minute >= int(task.parameters.get("limit", DEFAULT_LIMIT)):
        raise Refused("rate-limited", status="429", message="Too Many Requests")

    payment = message.json_member("payment_id")
    refuse_unless(payment, "malformed")
    trust_seed = message.json_member("trust_seed")
    refuse_unless(trust_seed, "missing-credential")
    trust_value = message.json_member("trust_value")
    refuse_unless(trust_value, "missing-credential")

    # The values that created the payment are the ones that all later requests for it must carry.
    trusted_seed, trusted_value = task.state.get(("trusted", payment), (trust_seed, trust_value))
    refuse_unless(equal(trust_seed, trusted_seed), "value-mismatch")
    refuse_unless(equal(trust_value, trusted_value), "value-mismatch")

    accepted.append(task.now)
    task.state["trusted", payment] = (trust_seed, trust_value)
    return derive(trust_value, trust_seed)


def sign_response(task):
    stages = derive(task.parameters["trust_value"], task.parameters["trust_seed"])
    task.message.add_json_member("trust_signature", stages["trust_signature"])
    return stages


def verify_response(task):
    received = task.message.json_member("trust_signature")
    refuse_unless(received, "missing-credential")
    stored = task.parameters  # what the client stored when it created the payment
    if "trust_value" not in stored or "trust_seed" not in stored:
        raise Refused("signature-mismatch")
    stages = derive(stored["trust_value"], stored["trust_seed"])
    refuse_unless(equal(received, stages["trust_signature"]), "signature-mismatch")
    return stages


OPERATIONS = {
    "request": (sign_request, verifier(verify_request)),
    "response": (sign_response, verifier(verify_response)),
}
