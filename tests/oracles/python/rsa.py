"""RSA signatures from RFC 8017, with integers: RSASSA-PSS (section 8.1) and RSASSA-PKCS1-v1_5 (section 8.2)."""

import hashlib
import hmac
import os

# Section 9.2, note 1: DigestInfo before the hash.
DIGEST_INFO = {"sha256": bytes.fromhex("3031300d060960864801650304020105000420")}


def sign_pss(key, message, digest):
    """Section 8.1.1, with a salt as long as the hash."""
    modulus, exponent = key
    encoded = emsa_pss_encode(message, modulus.bit_length() - 1, os.urandom(hashlib.new(digest).digest_size), digest)
    return power(modulus, exponent, encoded)


def verify_pss(key, message, signature, digest):
    """Section 8.1.2."""
    encoded = recover(key, signature)
    bits = key[0].bit_length() - 1
    return encoded is not None and emsa_pss_verify(message, encoded, bits, digest)


def sign_v1_5(key, message, digest):
    """Section 8.2.1."""
    modulus, exponent = key
    return power(modulus, exponent, emsa_v1_5_encode(message, byte_length(modulus), digest))


def verify_v1_5(key, message, signature, digest):
    """Section 8.2.2: the message is encoded anew, and compared."""
    encoded = recover(key, signature)
    return encoded is not None and hmac.compare_digest(encoded, emsa_v1_5_encode(message, byte_length(key[0]), digest))


def byte_length(number):
    return (number.bit_length() + 7) // 8


def power(modulus, exponent, encoded):
    """Section 5.2.1."""
    return pow(int.from_bytes(encoded, "big"), exponent, modulus).to_bytes(byte_length(modulus), "big")


def recover(key, signature):
    """Section 5.2.2; None where the length or the number is none of a signature."""
    modulus, exponent = key
    number = int.from_bytes(signature, "big")
    if len(signature) != byte_length(modulus) or number >= modulus:
        return None
    return pow(number, exponent, modulus).to_bytes(byte_length(modulus), "big")


def emsa_v1_5_encode(message, length, digest):
    """Section 9.2."""
    info = DIGEST_INFO[digest] + hashlib.new(digest, message).digest()
    return b"\x00\x01" + b"\xff" * (length - len(info) - 3) + b"\x00" + info


def emsa_pss_encode(message, bits, salt, digest):
    """Section 9.1.1."""
    length = (bits + 7) // 8
    seed = hashlib.new(digest, bytes(8) + hashlib.new(digest, message).digest() + salt).digest()
    data = bytes(length - len(salt) - len(seed) - 2) + b"\x01" + salt
    masked = bytearray(exclusive_or(data, mgf1(seed, len(data), digest)))
    masked[0] &= 0xFF >> (8 * length - bits)
    return bytes(masked) + seed + b"\xbc"


def emsa_pss_verify(message, encoded, bits, digest):
    """Section 9.1.2, with a salt as long as the hash."""
    size, length = hashlib.new(digest).digest_size, (bits + 7) // 8
    if any(encoded[: len(encoded) - length]) or encoded[-1] != 0xBC:
        return False
    encoded = encoded[len(encoded) - length :]
    masked, seed = encoded[: -size - 1], encoded[-size - 1 : -1]
    if masked[0] & ~(0xFF >> (8 * length - bits)) & 0xFF:
        return False
    data = bytearray(exclusive_or(masked, mgf1(seed, len(masked), digest)))
    data[0] &= 0xFF >> (8 * length - bits)
    padding = len(data) - size - 1
    if any(data[:padding]) or data[padding] != 1:
        return False
    expected = hashlib.new(digest, bytes(8) + hashlib.new(digest, message).digest() + bytes(data[-size:])).digest()
    return hmac.compare_digest(seed, expected)


def mgf1(seed, length, digest):
    """Appendix B.2.1."""
    mask, counter = b"", 0
    while len(mask) < length:
        mask += hashlib.new(digest, seed + counter.to_bytes(4, "big")).digest()
        counter += 1
    return mask[:length]


def exclusive_or(left, right):
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
