"""Keys in PEM: RFC 7468, with PKCS#8 (RFC 5208, RFC 8410) and SubjectPublicKeyInfo (RFC 5280), read as DER (X.690)."""

import base64
import re

SEQUENCE, INTEGER, BIT_STRING, OCTET_STRING, OBJECT_IDENTIFIER = 0x30, 0x02, 0x03, 0x04, 0x06


def read_pem(text):
    """RFC 7468, section 2: the Base64 between the two lines of the label, decoded."""
    match = re.search(rb"-----BEGIN ([A-Z ]+)-----(.*?)-----END \1-----", text, re.DOTALL)
    return base64.b64decode(b"".join(match[2].split()), validate=True)


def read_element(data, tag):
    """X.690, section 8.1: the contents of the element at the start, and what follows it."""
    if data[0] != tag:
        raise ValueError(f"a DER element of tag {data[0]:#x}, not {tag:#x}")
    length, start = data[1], 2
    if length & 0x80:  # section 8.1.3.5: the long form
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    if len(data) < start + length:
        raise ValueError("a DER element that ends too early")
    return data[start : start + length], data[start + length :]


def read_integers(data):
    """All the integers of a sequence, in order."""
    rest, numbers = read_element(data, SEQUENCE)[0], []
    while rest and rest[0] == INTEGER:
        number, rest = read_element(rest, INTEGER)
        numbers.append(int.from_bytes(number, "big", signed=True))
    return numbers


def public_bits(pem):
    """RFC 5280, section 4.1: SubjectPublicKeyInfo is an algorithm and a bit string with the key."""
    _, rest = read_element(read_element(read_pem(pem), SEQUENCE)[0], SEQUENCE)
    return read_element(rest, BIT_STRING)[0][1:]


def private_octets(pem):
    """RFC 5208, section 5: PrivateKeyInfo is a version, an algorithm and an octet string with the key."""
    _, rest = read_element(read_element(read_pem(pem), SEQUENCE)[0], INTEGER)
    _, rest = read_element(rest, SEQUENCE)
    return read_element(rest, OCTET_STRING)[0]


def ed25519_public(pem):
    """RFC 8410, section 4: the bit string is the 32 bytes of RFC 8032."""
    return public_bits(pem)


def ed25519_private(pem):
    """RFC 8410, section 7: the octet string holds another one, with the 32 bytes."""
    return read_element(private_octets(pem), OCTET_STRING)[0]


def rsa_public(pem):
    """RFC 8017, appendix A.1.1: modulus and public exponent."""
    return tuple(read_integers(public_bits(pem)))


def rsa_private(pem):
    """RFC 8017, appendix A.1.2: modulus and private exponent."""
    _, modulus, _, exponent = read_integers(private_octets(pem))[:4]
    return modulus, exponent


def ec_public(pem):
    """RFC 5480, section 2.2: 4, then both coordinates in equal length."""
    point = public_bits(pem)
    if point[0] != 4:
        raise ValueError("a compressed point")
    half = len(point) // 2
    return int.from_bytes(point[1 : 1 + half], "big"), int.from_bytes(point[1 + half :], "big")


def ec_private(pem):
    """RFC 5915, section 3: version 1, then the number in an octet string."""
    _, rest = read_element(read_element(private_octets(pem), SEQUENCE)[0], INTEGER)
    return int.from_bytes(read_element(rest, OCTET_STRING)[0], "big")
