"""Makes encrypted files from fixed keys and nonces, and writes vectors."""

import hashlib
import json
import pathlib
import re

import age_file
import native
import shamir

HERE = pathlib.Path(__file__).parent
KEYS = HERE.parent / "keys"
EXTENSIONS = {
    "yaml": "yaml",
    "json": "json",
    "dotenv": "env",
    "toml": "toml",
    "ini": "ini",
    "properties": "properties",
    "binary": "bin",
}


def recipient_of(file):
    return re.search(r"age1\S+", (KEYS / file).read_text()).group()


ALICE, BOB, STRANGER = map(recipient_of, ("x25519.txt", "x25519_second.txt", "stranger.txt"))


def to_text(data):
    """Bytes as they stand in a block."""
    return native.to_base64(data)


def fixed(*labels):
    """32 bytes that look random and are the same each time."""
    return hashlib.sha256("/".join(map(str, labels)).encode()).digest()


def wrapped_key(name, recipient, secret):
    label = ("age", name, secret.hex())
    return age_file.encrypt(
        secret, recipient, fixed(*label, "ephemeral"), fixed(*label, "file key")[:16], fixed(*label, "nonce")[:16]
    )


def reader(name, recipient, data_key):
    return {"name": name, "recipient": recipient, "wrapped_key": wrapped_key(name, recipient, data_key)}


def shares(data_key, threshold, count, salt=""):
    coefficients = [fixed("coefficients", data_key.hex(), salt, index)[: threshold - 1] for index in range(32)]
    return shamir.split(data_key, count, coefficients)


def member(name, recipient, group, parts):
    """A reader in a key group. One of a kind that is not known has bytes in the place of an age file."""
    file = wrapped_key(name, recipient, parts[group - 1]) if recipient.startswith("age1") else fixed("future", name)
    return {"name": name, "group": str(group), "recipient": recipient, "wrapped_key": file}


class Sealed:
    """An encrypted file, and what is needed to say how it was made. `forged` when it is to be refused as it is."""

    forged = False

    def __init__(
        self,
        plain,
        format="yaml",
        key="key",
        salt="",
        encrypt=("**",),
        clear=(),
        comments="encrypt",
        clear_values="pinned",
        sections=None,
        readers=None,
        follows=(),
        proposals=(),
        payloads=None,
        wrap=None,
        groups=None,
    ):
        self.plain, self.format = plain if format == "binary" else plain.encode(), format
        paths = {"default": None} | (sections or {})
        self.data_keys = {name: fixed("data key", key, name) for name in paths}
        metadata = {"version": "1", "comments": comments, "clear_values": clear_values, "sections": {}}
        for name, globs in paths.items():
            who = (readers or {}).get(name, [("alice", ALICE)])
            wrapped = (wrap or {}).get(name, self.data_keys[name])
            section = {"encrypt": list(encrypt), "clear": list(clear)} if name == "default" else {"paths": list(globs)}
            if name in (groups or {}):
                threshold, members = groups[name]
                parts = shares(self.data_keys[name], threshold, max(group for _, _, group in members), salt)
                section["threshold"] = str(threshold)
                section["recipients"] = tuple(member(*it, parts) for it in members)
            else:
                section["recipients"] = tuple(reader(*it, wrapped) for it in who)
            if name in follows:
                old, new = native.SectionKeys(fixed("old", key, name)), native.SectionKeys(self.data_keys[name])
                message = b"sops-rs/1 follows" + native.lp(name) + native.lp(new.id)
                section["follows"] = native.mac(old.link, message)
            metadata["sections"][name] = section
        if proposals:
            metadata["proposals"] = tuple(proposals)

        def nonce(number, leaf):
            return fixed("id", key, number)[:8] + fixed("nonce", key, number, salt)[:16]

        def payload(number, leaf):
            source = "" if format == "binary" else self.plain.decode()[leaf.start : leaf.end]
            return (payloads or {}).get(source)

        self.bytes = native.write(self.plain, format, metadata, self.data_keys, nonce, payload)

    @property
    def text(self):
        return self.bytes.decode()

    def token(self, before, number=0):
        """The token behind the `number`th `before`, without quotes."""
        at = [found.end() for found in re.finditer(re.escape(before), self.text)][number]
        found = re.compile(r"[\"']?(ENC\[[^]]*\])").match(self.text, at)
        return found.group(1)


def text_payload(kind, text, pad=True):
    data = bytes([kind]) + (native.u16(0) if kind == 3 else b"") + text.encode() + b"\x80"
    return data + bytes(-len(data) % 32) if pad else data


class Vectors:
    def __init__(self, folder):
        self.folder, self.names = folder, set()
        for file in folder.iterdir():
            if re.search(r"\.(header\.json|plain|enc\.\w+)$", file.name):
                file.unlink()

    def put(self, name, expect, sealed, comment, data, **more):
        assert name not in self.names, name
        self.names.add(name)
        data = data.encode() if isinstance(data, str) else data
        (self.folder / f"{name}.enc.{EXTENSIONS[sealed.format]}").write_bytes(data)
        keys = more.pop("data_keys", {name: key.hex() for name, key in sealed.data_keys.items()})
        header = {"expect": expect, "comment": comment, "format": sealed.format, "data_keys": keys} | more
        (self.folder / f"{name}.header.json").write_text(json.dumps(header, indent=2, ensure_ascii=False) + "\n")

    def success(self, name, comment, sealed, data=None, plain=None, **more):
        """`canonical`: a writer that is given the plaintext and the nonces makes this file."""
        more.setdefault("canonical", data is None)
        self.put(name, "success", sealed, comment, sealed.bytes if data is None else data, **more)
        plain = sealed.plain if plain is None else plain.encode()
        (self.folder / f"{name}.plain").write_bytes(plain)

    def failure(self, name, kind, comment, sealed, data, **more):
        assert data not in (sealed.bytes, sealed.text) or sealed.forged, name
        self.put(name, kind, sealed, comment, data, **more)


def replaced(text, old, new, count=1):
    assert text.count(old) == count, (text.count(old), old)
    return text.replace(old, new)


def swapped(text, one, two):
    assert text.count(one) == text.count(two) == 1 and one != two
    return text.replace(one, "\0").replace(two, one).replace("\0", two)


def field(text, name):
    """The text behind the first field of this name."""
    return re.search(rf"{name}\"?[:=] ?\"?([^\s\",]+)", text).group(1)
