"""What a system is asked to do, how it refuses, and the small tests that verification is made of."""

import base64
import binascii
import hmac
import ipaddress
from dataclasses import dataclass
from typing import Optional

from .message import Malformed, Message


class Refused(Exception):
    """A message is refused; `details` are the status, code, message or reply that the sender gets."""

    def __init__(self, reject_class, **details):
        super().__init__(reject_class)
        self.reject_class = reject_class
        self.details = details


@dataclass
class Signing:
    """`message` is changed in place. `account` and `parameters` hold bytes; `time` is RFC 3339 text."""

    message: Message
    account: dict
    parameters: dict
    time: Optional[str]
    nonce: Optional[bytes]
    operation: str
    variant: Optional[str]
    reading: Optional[str]


@dataclass
class Verification:
    """`now` is in nanoseconds since 1970. `state` is written only when a message has passed every check."""

    message: Message
    accounts: list
    parameters: dict
    now: Optional[int]
    client_address: Optional[str]
    state: dict
    operation: str
    variant: Optional[str]
    reading: Optional[str]


def verifier(check, **defaults):
    """`check` with two things added: what cannot be read is `malformed`, and a refusal says `defaults`."""

    def verify(task):
        try:
            return check(task)
        except Malformed:
            raise Refused("malformed", **defaults) from None
        except Refused as refusal:
            refusal.details = {**defaults, **refusal.details}
            raise

    return verify


def refuse_unless(condition, reject_class, **details):
    if not condition:
        raise Refused(reject_class, **details)


def equal(left, right):
    """Equality in constant time. What is absent equals nothing."""
    return left is not None and right is not None and hmac.compare_digest(left, right)


def find_account(accounts, credential, value):
    for account in accounts:
        if equal(account.get(credential), value):
            return account
    return None


def after_prefix(value, prefix, caseless=False):
    """The rest of `value` after the fixed text that it must begin with."""
    start = value[: len(prefix)]
    if start != prefix and not (caseless and start.lower() == prefix.lower()):
        raise Malformed(f"it does not begin with {prefix!r}")
    return value[len(prefix) :]


def cut_at_first(value, separator):
    before, found, after = value.partition(separator)
    if not found:
        raise Malformed(f"there is no {separator!r} in it")
    return before, after


def decode_base64(text):
    """Standard alphabet, padded, and only the spelling that an encoder would have written."""
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise Malformed(f"not Base64: {error}") from None
    if base64.b64encode(data) != text:
        raise Malformed("not canonical Base64")
    return data


def address_listed(address, listed):
    """Whether `address` is one of the addresses and CIDR prefixes in `listed`."""
    try:
        client = ipaddress.ip_address(address)
    except ValueError:
        return False
    return any(client in ipaddress.ip_network(entry, strict=False) for entry in listed)
