"""age files for one X25519 recipient (C2SP age, version 1): wrapped keys."""

import base64
import hashlib
import hmac

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INTRO = b"age-encryption.org/v1\n"
ALPHABET = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def b64(data):
    return base64.b64encode(data).rstrip(b"=")


def unb64(text):
    return base64.b64decode(text + b"=" * (-len(text) % 4), validate=True)


def bech32(text):
    """The bytes of a Bech32 text; its checksum is not looked at, as only our own two keys come here."""
    data = text.lower().rsplit("1", 1)[1][:-6]
    bits = "".join(f"{ALPHABET.index(char):05b}" for char in data)
    return bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits) // 8 * 8, 8))


def hkdf(key, salt, info):
    return HKDF(SHA256(), 32, salt, info).derive(key)


def wrap_key(shared, share, recipient):
    return hkdf(shared, share + recipient, b"age-encryption.org/v1/X25519")


def header_mac(file_key, header):
    return hmac.new(hkdf(file_key, b"", b"header"), header, hashlib.sha256).digest()


def payload_cipher(file_key, nonce):
    # One chunk, which is the last one: the counter is 0, the flag 1.
    return ChaCha20Poly1305(hkdf(file_key, nonce, b"payload")), bytes(11) + b"\1"


def encrypt(plaintext, recipient, ephemeral, file_key, nonce):
    """An age file from fixed random values: for vectors only."""
    public = bech32(recipient)
    secret = X25519PrivateKey.from_private_bytes(ephemeral)
    share = secret.public_key().public_bytes_raw()
    key = wrap_key(secret.exchange(X25519PublicKey.from_public_bytes(public)), share, public)
    body = ChaCha20Poly1305(key).encrypt(bytes(12), file_key, None)
    header = INTRO + b"-> X25519 " + b64(share) + b"\n" + b64(body) + b"\n---"
    cipher, counter = payload_cipher(file_key, nonce)
    return header + b" " + b64(header_mac(file_key, header)) + b"\n" + nonce + cipher.encrypt(counter, plaintext, None)


def decrypt(data, identity):
    """The plaintext, or none when the identity does not fit. At most one chunk of 64 KiB."""
    secret = X25519PrivateKey.from_private_bytes(bech32(identity))
    public = secret.public_key().public_bytes_raw()
    header, _, rest = data.partition(b"\n---")
    mac_line, _, payload = rest.partition(b"\n")
    lines = header.split(b"\n")
    assert lines[0] + b"\n" == INTRO
    for number, line in enumerate(lines):
        words = line.split(b" ")
        if words[:2] != [b"->", b"X25519"] or len(words) != 3:
            continue
        share = unb64(words[2])
        key = wrap_key(secret.exchange(X25519PublicKey.from_public_bytes(share)), share, public)
        try:
            file_key = ChaCha20Poly1305(key).decrypt(bytes(12), unb64(lines[number + 1]), None)
        except InvalidTag:
            continue
        assert hmac.compare_digest(header_mac(file_key, header + b"\n---"), unb64(mac_line[1:])), "age header MAC"
        cipher, counter = payload_cipher(file_key, payload[:16])
        return cipher.decrypt(counter, payload[16:], None)
    return None
