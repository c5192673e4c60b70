"""Flip for Business: a Basic credential on requests, a validation token in callbacks ("General FAQ")."""

import base64

from .message import Malformed, only_value
from .tasks import (
    address_listed,
    after_prefix,
    cut_at_first,
    decode_base64,
    equal,
    find_account,
    refuse_unless,
    verifier,
)

VARIANTS = ["production", "source-addresses"]
READINGS = ["without-colon", "last-token"]

SANDBOX_URL = b"https://bigflip.id/big_sandbox_api"
PRODUCTION_URL = b"https://bigflip.id/api/"

CALLBACK_ADDRESSES = [
    "149.129.234.86",
    "149.129.218.31",
    "34.101.204.31",
    "34.101.114.113",
    "34.101.63.196",
    "34.101.161.100",
    "34.101.232.118",
    "34.101.212.103",
]


def base_url(task):
    return PRODUCTION_URL if task.variant == "production" else SANDBOX_URL


def sign_request(task):
    secret = task.account["secret"]
    # The secret is the user name and the password is empty, as in RFC 7617.
    credentials = base64.b64encode(secret if task.reading == "without-colon" else secret + b":")
    authorization = b"Basic " + credentials
    task.message.set_header("Authorization", authorization)
    return {"base_url": base_url(task), "credentials": credentials, "authorization": authorization}


def verify_request(task):
    authorization = task.message.header("Authorization")
    refuse_unless(authorization is not None, "missing-credential")
    user = decode_base64(after_prefix(authorization, b"Basic ", caseless=True))
    password = b""
    if task.reading != "without-colon":
        user, password = cut_at_first(user, b":")

    refuse_unless(user, "missing-credential")
    account = find_account(task.accounts, "secret", user)
    refuse_unless(account is not None, "unknown-key")
    if password:
        raise Malformed("the password is not empty")

    environment = b"production" if task.variant == "production" else b"sandbox"
    refuse_unless(account.get("environment") == environment, "wrong-environment")
    refuse_unless(under(task.message.url, base_url(task)), "wrong-environment")
    if task.variant == "production":
        listed = address_listed(task.client_address, account.get("allowed_addresses", []))
        refuse_unless(listed, "address-not-allowed", message="IP is not Whitelisted")
    return {"base_url": base_url(task)}


def under(url, base):
    """Whether `url` is `base` or goes on from it at a slash."""
    return url is not None and (url == base or url.startswith(base.rstrip(b"/") + b"/"))


def sign_callback(task):
    token = task.account["validation_token"]
    task.message.set_form(b"token", token)
    return {"token": token}


def verify_callback(task):
    if task.variant == "source-addresses":
        refuse_unless(address_listed(task.client_address, CALLBACK_ADDRESSES), "address-not-allowed")
    form = task.message.form_pairs()
    if not only_value(form, b"data"):
        raise Malformed("there is no data")
    received = received_token(form, task.reading)
    refuse_unless(received, "missing-credential")

    # A callback names no account: it is for the merchant who gets it.
    token = task.accounts[0].get("validation_token") if task.accounts else None
    refuse_unless(equal(received, token), "wrong-token")
    return {"token": token}


def received_token(form, reading):
    if reading == "last-token":
        return next((value for name, value in reversed(form) if name == b"token"), None)
    return only_value(form, b"token")


OPERATIONS = {
    "request": (sign_request, verifier(verify_request, status="401")),
    "callback": (sign_callback, verifier(verify_callback, reply="disregard")),
}
