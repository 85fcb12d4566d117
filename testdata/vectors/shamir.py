"""Shares of data keys for key groups."""

import secrets


def multiply(a, b):
    """In GF(2^8) with the polynomial x^8+x^4+x^3+x+1: by hand, bit by bit."""
    product = 0
    for bit in range(8):
        if b >> bit & 1:
            product ^= a << bit
    for bit in range(14, 7, -1):
        if product >> bit & 1:
            product ^= 0x11B << (bit - 8)
    return product


def inverse(a):
    return next(b for b in range(256) if multiply(a, b) == 1)


def power(a, n):
    return 1 if n == 0 else multiply(a, power(a, n - 1))


def split(data_key, count, coefficients):
    """The shares of `count` groups; `coefficients[i]` are those of x, x^2, ... for the byte i."""
    shares = []
    for group in range(1, count + 1):
        share = []
        for secret, own in zip(data_key, coefficients, strict=True):
            value = secret
            for exponent, coefficient in enumerate(own, 1):
                value ^= multiply(coefficient, power(group, exponent))
            share.append(value)
        shares.append(bytes(share) + bytes([group]))
    return shares


def combine(shares):
    """The data key of shares with different last bytes."""
    data_key = bytearray(32)
    for share in shares:
        weight = 1
        for other in shares:
            if other is not share:
                weight = multiply(weight, multiply(other[32], inverse(other[32] ^ share[32])))
        for index in range(32):
            data_key[index] ^= multiply(share[index], weight)
    return bytes(data_key)


if __name__ == "__main__":
    key = secrets.token_bytes(32)
    parts = split(key, 5, [secrets.token_bytes(2) for _ in key])
    assert combine(parts[:3]) == combine(parts[2:]) == key != combine(parts[:2])
