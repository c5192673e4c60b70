"""Structured field values: RFC 8941, parsing (section 4.2) and serialization (section 4.1).

Bare items are int, Decimal, str, Token, bytes and bool. An item is (bare item, parameters), an inner list is
(list of items, parameters); parameters and dictionaries are dicts in order.
"""

import base64
import re
from decimal import ROUND_HALF_EVEN, Decimal

KEY = re.compile(r"[a-z*][a-z0-9_.*-]*")
NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+.^_`|~0-9A-Za-z:/-]*")
BYTES = re.compile(r":([A-Za-z0-9+/=]*):")
BOOLEAN = re.compile(r"\?([01])")


class Token(str):
    """A token, which is no string."""


class Reader:
    """The text that is left to read. What cannot be read is a ValueError."""

    def __init__(self, data):
        self.text = data.decode("ascii")  # a UnicodeDecodeError is a ValueError

    def take(self, pattern):
        match = re.compile(pattern).match(self.text)
        if match:
            self.text = self.text[match.end() :]
        return match

    def need(self, pattern):
        match = self.take(pattern)
        if not match:
            raise ValueError(f"not of the form {pattern}")
        return match


def parse_dictionary(data):
    """Section 4.2.2; the last of two members of one name counts, in the place of the first."""
    reader, members = Reader(data), {}
    reader.take(" *")
    while reader.text:
        key = reader.need(KEY)[0]
        members[key] = parse_member(reader) if reader.take("=") else (True, parse_parameters(reader))
        reader.take("[ \t]*")
        if not reader.text:
            break
        reader.need(",[ \t]*")
        if not reader.text:
            raise ValueError("a comma at the end")
    return members


def parse_inner_list(data):
    """Section 4.2.1.2, of a whole text."""
    reader = Reader(data)
    result = parse_member(reader)
    if reader.text or not isinstance(result[0], list):
        raise ValueError("no inner list")
    return result


def parse_member(reader):
    """Section 4.2.1.1: an inner list or an item."""
    if not reader.take(r"\("):
        return parse_item(reader)
    items = []
    while True:
        reader.take(" *")
        if reader.take(r"\)"):
            return items, parse_parameters(reader)
        items.append(parse_item(reader))
        if reader.text[:1] not in (" ", ")"):
            raise ValueError("items of an inner list have a space between")


def parse_item(reader):
    return parse_bare_item(reader), parse_parameters(reader)


def parse_parameters(reader):
    """Section 4.2.3.2."""
    parameters = {}
    while reader.take("; *"):
        key = reader.need(KEY)[0]
        parameters[key] = parse_bare_item(reader) if reader.take("=") else True
    return parameters


def parse_bare_item(reader):
    """Section 4.2.3.1."""
    if match := reader.take(STRING):
        return re.sub(r"\\(.)", r"\1", match[1])
    if match := reader.take(NUMBER):
        whole, _, fraction = match[0].lstrip("-").partition(".")
        if len(whole) > (12 if fraction else 15) or len(fraction) > 3:
            raise ValueError("a number that is too long")
        return Decimal(match[0]) if fraction else int(match[0])
    if match := reader.take(BYTES):
        text = match[1].rstrip("=")  # section 4.2.7: padding that is not there is no reason to fail
        return base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    if match := reader.take(BOOLEAN):
        return match[1] == "1"
    return Token(reader.need(TOKEN)[0])


def serialize_member(member):
    """Section 4.1.1.1 or 4.1.3."""
    value, parameters = member
    if isinstance(value, list):
        text = "(" + " ".join(serialize_member(item) for item in value) + ")"
    else:
        text = serialize_bare_item(value)
    return text + serialize_parameters(parameters)


def serialize_parameters(parameters):
    """Section 4.1.1.2: a true value is left out."""
    pairs = ((key, "" if value is True else "=" + serialize_bare_item(value)) for key, value in parameters.items())
    return "".join(f";{key}{value}" for key, value in pairs)


def serialize_bare_item(value):
    """Section 4.1.3.1."""
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, int) or isinstance(value, Token):
        return str(value)
    if isinstance(value, Decimal):
        rounded = value.quantize(Decimal("0.001"), ROUND_HALF_EVEN)
        whole, _, fraction = str(rounded).partition(".")
        return f"{whole}.{fraction.rstrip('0') or '0'}"
    if isinstance(value, bytes):
        return f":{base64.b64encode(value).decode()}:"
    return '"' + re.sub(r'(["\\])', r"\\\1", value) + '"'
