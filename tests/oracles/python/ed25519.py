"""Ed25519 from RFC 8032, section 5.1, with integers."""

import hashlib

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493  # order of the base point
D = -121665 * pow(121666, P - 2, P) % P
ROOT_OF_MINUS_ONE = pow(2, (P - 1) // 4, P)


def sign(seed, message):
    """Section 5.1.6."""
    scalar, prefix = expand(seed)
    public = public_key(seed)
    r = hash_to_number(prefix + message)
    point = encode_point(multiply(r, BASE))
    s = (r + hash_to_number(point + public + message) * scalar) % L
    return point + s.to_bytes(32, "little")


def verify(public, message, signature):
    """Section 5.1.7, with the equation that is not multiplied by the cofactor."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, point = decode_point(public), decode_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if key is None or point is None or s >= L:
        return False
    k = hash_to_number(signature[:32] + public + message)
    return equal(multiply(s, BASE), add(point, multiply(k, key)))


def public_key(seed):
    """Section 5.1.5, steps 3 and 4."""
    return encode_point(multiply(expand(seed)[0], BASE))


def expand(seed):
    """Section 5.1.5, steps 1 and 2: the scalar, pruned, and the prefix."""
    digest = hashlib.sha512(seed).digest()
    scalar = int.from_bytes(digest[:32], "little")
    return scalar & ((1 << 254) - 8) | (1 << 254), digest[32:]


def hash_to_number(data):
    return int.from_bytes(hashlib.sha512(data).digest(), "little") % L


def add(left, right):
    """Section 5.1.4, addition in extended homogeneous coordinates."""
    x1, y1, z1, t1 = left
    x2, y2, z2, t2 = right
    a, b = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    c, d = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar, point):
    total = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            total = add(total, point)
        point = add(point, point)
        scalar >>= 1
    return total


def equal(left, right):
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 and (left[1] * right[2] - right[1] * left[2]) % P == 0


def encode_point(point):
    """Section 5.1.2: y, with the lowest bit of x as its highest bit."""
    inverse = pow(point[2], P - 2, P)
    x, y = point[0] * inverse % P, point[1] * inverse % P
    return (y | (x & 1) << 255).to_bytes(32, "little")


def decode_point(data):
    """Section 5.1.3; None where the bytes are no point."""
    number = int.from_bytes(data, "little")
    sign_bit, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    x = recover_x(y, sign_bit)
    return None if x is None else (x, y, 1, x * y % P)


def recover_x(y, sign_bit):
    """Section 5.1.3, steps 2 to 4."""
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * v**3 * pow(u * v**7, (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT_OF_MINUS_ONE % P
    if (v * x * x - u) % P or (x == 0 and sign_bit):
        return None
    return P - x if x & 1 != sign_bit else x


BASE = decode_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
