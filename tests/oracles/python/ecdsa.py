"""ECDSA over P-256 and P-384 (FIPS 186-5, section 6; curves of SP 800-186), with the nonces of RFC 6979."""

import hashlib
import hmac
from dataclasses import dataclass


@dataclass
class Curve:
    """y² = x³ - 3x + b over the numbers modulo `p`; the base point has the order `n`."""

    p: int
    b: int
    n: int
    base: tuple
    digest: str

    @property
    def size(self):
        return (self.n.bit_length() + 7) // 8


P256 = Curve(
    p=2**256 - 2**224 + 2**192 + 2**96 - 1,
    b=0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B,
    n=0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551,
    base=(
        0x6B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296,
        0x4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5,
    ),
    digest="sha256",
)
P384 = Curve(
    p=2**384 - 2**128 - 2**96 + 2**32 - 1,
    b=0xB3312FA7E23EE7E4988E056BE3F82D19181D9C6EFE8141120314088F5013875AC656398D8A2ED19D2A85C8EDD3EC2AEF,
    n=0xFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973,
    base=(
        0xAA87CA22BE8B05378EB1C71EF320AD746E1D3B628BA79B9859F741E082542A385502F25DBF55296C3A545E3872760AB7,
        0x3617DE4A96262C6F5D9E98BF9292DC29F8F41DBD289A147CE9DA3113B5F0B8C00A60B1CE1D7E819D7A431D7C90EA0E5F,
    ),
    digest="sha384",
)


def sign(curve, private, message):
    """FIPS 186-5, section 6.4.1; r and s in equal length, one after the other."""
    digest = hashlib.new(curve.digest, message).digest()
    for k in nonces(curve, private, digest):
        r = multiply(curve, k, curve.base)[0] % curve.n
        s = pow(k, -1, curve.n) * (to_number(curve, digest) + r * private) % curve.n
        if r and s:
            return r.to_bytes(curve.size, "big") + s.to_bytes(curve.size, "big")


def verify(curve, public, message, signature):
    """FIPS 186-5, section 6.4.2."""
    if len(signature) != 2 * curve.size or not on_curve(curve, public):
        return False
    r, s = int.from_bytes(signature[: curve.size], "big"), int.from_bytes(signature[curve.size :], "big")
    if not (0 < r < curve.n and 0 < s < curve.n):
        return False
    inverse = pow(s, -1, curve.n)
    number = to_number(curve, hashlib.new(curve.digest, message).digest())
    left = multiply(curve, number * inverse % curve.n, curve.base)
    point = add(curve, left, multiply(curve, r * inverse % curve.n, public))
    return point is not None and point[0] % curve.n == r


def to_number(curve, digest):
    """FIPS 186-5, section 6.4.1, step 2: the leftmost bits of the hash."""
    return int.from_bytes(digest, "big") >> max(0, 8 * len(digest) - curve.n.bit_length())


def nonces(curve, private, digest):
    """RFC 6979, section 3.2."""
    reduced = (to_number(curve, digest) % curve.n).to_bytes(curve.size, "big")
    seed = private.to_bytes(curve.size, "big") + reduced
    value, key = b"\x01" * len(digest), bytes(len(digest))
    for mark in (b"\x00", b"\x01"):
        key = hmac.digest(key, value + mark + seed, curve.digest)
        value = hmac.digest(key, value, curve.digest)
    while True:
        text = b""
        while len(text) < curve.size:
            value = hmac.digest(key, value, curve.digest)
            text += value
        k = to_number(curve, text[: curve.size])
        if 0 < k < curve.n:
            yield k
        key = hmac.digest(key, value + b"\x00", curve.digest)
        value = hmac.digest(key, value, curve.digest)


def on_curve(curve, point):
    x, y = point
    return 0 <= x < curve.p and 0 <= y < curve.p and (y * y - x**3 + 3 * x - curve.b) % curve.p == 0


def add(curve, left, right):
    """SP 800-186, appendix A.1.1; None is the point at infinity."""
    if left is None or right is None:
        return left or right
    (x1, y1), (x2, y2) = left, right
    if x1 == x2 and (y1 + y2) % curve.p == 0:
        return None
    if left == right:
        slope = (3 * x1 * x1 - 3) * pow(2 * y1, -1, curve.p)
    else:
        slope = (y2 - y1) * pow(x2 - x1, -1, curve.p)
    x3 = (slope * slope - x1 - x2) % curve.p
    return x3, (slope * (x1 - x3) - y1) % curve.p


def multiply(curve, scalar, point):
    total = None
    while scalar:
        if scalar & 1:
            total = add(curve, total, point)
        point = add(curve, point, point)
        scalar >>= 1
    return total
