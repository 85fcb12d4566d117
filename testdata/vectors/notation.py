"""NOTATION, KEYS and PATHS of the format's page."""

import base64
import hashlib
import hmac
import re
import struct

from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305

# -- notation


def u16(n):
    return struct.pack("<H", n)


def u64(n):
    return struct.pack("<Q", n)


def lp(x):
    x = x.encode() if isinstance(x, str) else x
    return u64(len(x)) + x


def lists(xs):
    return u64(len(xs)) + b"".join(map(lp, xs))


def opt(x):
    return b"\0" if x is None else b"\1" + lp(x)


def mac(key, message):
    return hmac.new(key, message, hashlib.sha256).digest()


def hkdf(key, info):
    return mac(mac(bytes(32), key), info + b"\1")


def to_base64(data):
    return base64.b64encode(data).decode().rstrip("=")


def from_base64(text):
    """None when it is not canonical."""
    if not re.fullmatch(r"[A-Za-z0-9+/]*", text) or len(text) % 4 == 1:
        return None
    data = base64.b64decode(text + "=" * (-len(text) % 4))
    return data if to_base64(data) == text else None


def hchacha20(key, nonce):
    state = list(struct.unpack("<16I", b"expand 32-byte k" + key + nonce))

    def add_rotate(a, b, c, bits):
        state[a] = state[a] + state[b] & 0xFFFFFFFF
        mixed = state[c] ^ state[a]
        state[c] = (mixed << bits | mixed >> 32 - bits) & 0xFFFFFFFF

    columns = [(0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15)]
    diagonals = [(0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14)]
    for a, b, c, d in (columns + diagonals) * 10:
        add_rotate(a, b, d, 16)
        add_rotate(c, d, b, 12)
        add_rotate(a, b, d, 8)
        add_rotate(c, d, b, 7)
    return struct.pack("<8I", *state[:4], *state[12:])


def xchacha(key, nonce):
    return ChaCha20Poly1305(hchacha20(key, nonce[:16])), bytes(4) + nonce[16:]


class SectionKeys:
    def __init__(self, data_key):
        self.leaf, self.link, self.id = (hkdf(data_key, b"sops-rs/1 " + x) for x in (b"leaf", b"link", b"id"))


# -- paths


def path_bytes(path, documents):
    kinds = {"d": b"\3", "i": b"\2", "k": b"\1", "q": b"\4"}
    number = {"d": lambda n: u64(n if documents else 0), "i": lambda n: u64(0), "k": lp, "q": lp}
    return b"".join(kinds[kind] + number[kind](value) for kind, value in path)


def shape(path):
    return path_bytes(path, False)


def place(path):
    return path_bytes(path, True)


def depth(p, q):
    if p is None:
        return 0
    return next((n for n, (a, b) in enumerate(zip(p, q)) if a != b), min(len(p), len(q)))
