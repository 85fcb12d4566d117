"""The native format: a second implementation of man/sops-rs-format.5, made from that page alone, to check vectors."""

import hashlib
import hmac
import re
import struct

import shamir
from blocks import BLOCKS, metadata_failure
from cryptography.exceptions import InvalidTag
from formats import ALIAS, ANCHOR, COMMENT, DIRECTIVE, PLAIN, QUOTED, TAG, Refused, syntax
from notation import (
    SectionKeys,
    depth,
    from_base64,
    lists,
    lp,
    mac,
    opt,
    place,
    shape,
    to_base64,
    u16,
    u64,
    xchacha,
)
from policy import Policy, looks_like_token

# -- metadata

FIELDS = ["version", "comments", "clear_values", "[newline]", "[wrapped]", "sections", "[proposals]"]
DEFAULT_FIELDS = ["start", "encrypt", "clear", "key_id", "[threshold]", "recipients", "[follows]", "mac"]
SECTION_FIELDS = ["start", "paths", "key_id", "[threshold]", "recipients", "[follows]", "mac"]
READER_FIELDS = ["name", "recipient", "wrapped_key"]
MEMBER_FIELDS = ["name", "group", "recipient", "wrapped_key"]
CHOICES = {
    "version": ["1"],
    "comments": ["encrypt", "clear"],
    "clear_values": ["pinned", "free"],
    "newline": ["added"],
    "wrapped": ["true"],
}
SORTS = {"sections": dict, "proposals": tuple, "recipients": tuple, "encrypt": list, "clear": list, "paths": list}


def check_fields(tree, fields):
    if not isinstance(tree, dict):
        raise metadata_failure("no map")
    names = [field.strip("[]") for field in fields if field[0] != "[" or field[1:-1] in tree]
    if list(tree) != names:
        raise metadata_failure("a field that is unknown, missing or in another place")
    for name, value in tree.items():
        if not isinstance(value, SORTS.get(name, str)) or name in CHOICES and value not in CHOICES[name]:
            raise metadata_failure(f"the value of `{name}`")


def decoded(tree, name, length=None):
    data = from_base64(tree[name])
    if data is None or length is not None and len(data) != length:
        raise metadata_failure(f"the base64 of `{name}`")
    tree[name] = data


def read_metadata(tree):
    """The tree, checked, with bytes in the place of base64."""
    check_fields(tree, FIELDS)
    names = list(tree["sections"])
    if names[:1] != ["default"] or names[1:] != sorted(names[1:], key=str.encode) or len(names) > 64:
        raise metadata_failure("the order of the sections")
    for name, section in tree["sections"].items():
        if not re.fullmatch(r"(?!-)[A-Za-z0-9-]{1,64}(?<!-)", name):
            raise metadata_failure("the name of a section")
        check_fields(section, DEFAULT_FIELDS if name == "default" else SECTION_FIELDS)
        for field in ("start", "key_id", "mac") + (("follows",) if "follows" in section else ()):
            decoded(section, field, 32)
        readers = section["recipients"]
        for reader in readers:
            check_fields(reader, MEMBER_FIELDS if "threshold" in section else READER_FIELDS)
            decoded(reader, "wrapped_key")
            if not re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}", reader["name"]):
                raise metadata_failure("the name of a recipient")
            if not re.fullmatch(r"[\x20-\x7e]{0,16384}", reader["recipient"]):
                raise metadata_failure("a recipient")
        check_key_groups(section)
        texts = [reader["name"] for reader in readers]
        if not texts or texts != sorted(set(texts)) or len({reader["recipient"] for reader in readers}) != len(texts):
            raise metadata_failure("the order of the recipients, or one twice")
        if not {reader["recipient"] for reader in readers} <= {
            reader["recipient"] for reader in tree["sections"]["default"]["recipients"]
        }:
            raise metadata_failure("a recipient that is not one of `default`")
    for proposal in tree.get("proposals", ()):
        check_fields(proposal, ["path", "age_file", "[note]"])
        decoded(proposal, "age_file")
    return tree


def number(text):
    if not re.fullmatch("[1-9][0-9]{0,2}", text) or int(text) > 255:
        raise metadata_failure("a number")
    return int(text)


def check_key_groups(section):
    if "threshold" in section:
        groups = {number(reader["group"]) for reader in section["recipients"]}
        if groups != set(range(1, len(groups) + 1)):
            raise metadata_failure("the numbers of the key groups")
        if not 2 <= number(section["threshold"]) <= len(groups):
            raise metadata_failure("the threshold")


def data_key_of(section, unwrap):
    """The data key, as far as `unwrap(wrapped key)` gives what is in the age files."""
    held = {}
    for reader in section["recipients"]:
        secret = unwrap(reader["wrapped_key"])
        if secret is None:
            continue
        if "threshold" not in section:
            assert len(secret) == 32
            return secret
        assert len(secret) == 33
        if secret[32] != int(reader["group"]):
            raise Refused("MAC failure", "the share of another group")
        held[secret[32]] = secret
    if "threshold" not in section or len(held) < int(section["threshold"]):
        return None
    return shamir.combine([held[group] for group in sorted(held)][: int(section["threshold"])])


def key_groups_bytes(section):
    if "threshold" not in section:
        return b""
    return u64(int(section["threshold"])) + b"".join(u64(int(reader["group"])) for reader in section["recipients"])


def metadata_mac(metadata, name, keys):
    section = metadata["sections"][name]
    readers = [lp(r["name"]) + lp(r["recipient"]) + lp(r["wrapped_key"]) for r in section["recipients"]]
    body = lp(section["key_id"]) + lists(readers) + opt(section.get("follows"))
    start = b"sops-rs/1 meta" + lp(name)
    if name != "default":
        return mac(keys.link, start + lists(section["paths"]) + body + key_groups_bytes(section))
    others = list(metadata["sections"].items())[1:]
    return mac(
        keys.link,
        start
        + lists(section["encrypt"])
        + lists(section["clear"])
        + body
        + u64(1)
        + lp(metadata["comments"])
        + lp(metadata["clear_values"])
        + opt(metadata.get("newline"))
        + opt(metadata.get("wrapped"))
        + lists([lp(other) + lists(it["paths"]) + lp(it["key_id"]) for other, it in others])
        + key_groups_bytes(section),
    )


# -- links


def chain(body, scan, format, section, keys):
    """`start`, and the link of each sealed value of the section."""
    items, previous, opened, result = [], None, None, [None, {}]

    def close(next_bytes):
        clear = hashlib.sha256(u64(len(items)) + b"".join(map(lp, items))).digest()
        if opened is None:
            result[0] = mac(keys.link, b"sops-rs/1 start" + lp(section) + lp(clear) + next_bytes)
        else:
            message = lp(section) + lp(place(opened.path)) + lp(opened.seal) + lp(clear) + next_bytes
            result[1][opened] = mac(keys.link, b"sops-rs/1 link" + message)[:16]
        items.clear()

    for leaf in scan.leaves:
        if leaf.kind == COMMENT or leaf.section != section or leaf.role == "free":
            continue
        before = u64(depth(previous, leaf.path))
        if leaf.role == "sealed":
            close(b"\1" + before + lp(place(leaf.path)) + leaf.seal[:8])
            opened = leaf
        else:
            if leaf.kind in (PLAIN, QUOTED):
                value = format.pinned(body, leaf).replace("\r\n", "\n").replace("\r", "\n")
            else:
                marks = (ANCHOR, ALIAS, TAG, DIRECTIVE)
                value = body[leaf.start : leaf.end] if leaf.kind in marks else ""
            items.append(bytes([leaf.kind]) + before + lp(place(leaf.path)) + lp(value))
        previous = leaf.path
    close(b"\0" + u64(scan.documents))
    return result


# -- seals


def aad(leaf, section):
    if leaf.kind == COMMENT:
        return b"sops-rs/1 comment" + lp(section)
    return b"sops-rs/1 leaf" + lp(section) + shape(leaf.path)


def make_payload(source, leaf):
    if leaf.kind == COMMENT:
        start = b"\2"
    else:
        start = b"\3" + u16(leaf.indent) if "\n" in source else b"\1"
    payload = start + source.encode() + b"\x80"
    return payload + bytes(-len(payload) % 32)


def read_payload(payload, leaf):
    """The source, and the indentation if it has several lines."""
    kind, head = payload[0], 3 if payload[0] == 3 else 1
    stripped = payload.rstrip(b"\0")
    if len(payload) % 32 or len(payload) - len(stripped) >= 32 or len(stripped) <= head or stripped[-1] != 0x80:
        raise Refused("leaf failure", "the padding of a payload")
    try:
        source = stripped[head:-1].decode()
    except UnicodeDecodeError:
        raise Refused("leaf failure", "a payload that is not UTF-8") from None
    if kind not in (1, 2, 3) or (kind == 3) != ("\n" in source) or (kind == 2) != (leaf.kind == COMMENT):
        raise Refused("leaf failure", "the kind of a payload")
    return source, struct.unpack("<H", payload[1:3])[0] if kind == 3 else None


def seal(keys, section, leaf, source, nonce):
    cipher, short = xchacha(keys.leaf, nonce)
    return nonce + cipher.encrypt(short, make_payload(source, leaf), aad(leaf, section))


def unseal(keys, section, leaf, data):
    cipher, short = xchacha(keys.leaf, data[:24])
    try:
        return cipher.decrypt(short, data[24:], aad(leaf, section))
    except InvalidTag:
        return None


def reindent(source, sealed_at, now):
    if sealed_at is None or sealed_at == now:
        return source
    first, *lines = source.split("\n")
    if now > sealed_at:
        lines = [" " * (now - sealed_at) + line if line not in ("", "\r") else line for line in lines]
    else:
        lines = [re.sub("^ {0,%d}" % (sealed_at - now), "", line) for line in lines]
    return "\n".join([first, *lines])


# -- tokens

TOKEN = re.compile(r"ENC\[1:([A-Za-z0-9+/]+):([A-Za-z0-9+/]{22})\]")
COMMENT_TOKEN = re.compile(r"[#;] ENC\[1:([A-Za-z0-9+/]+)\]")


def seal_bytes(text):
    data = from_base64(text)
    fits = data is not None and len(data) >= 24 + 32 + 16 and (len(data) - 40) % 32 == 0
    return data if fits else None


def read_token(source):
    if len(source) > 1 and source[0] in "\"'`" and source[0] == source[-1]:
        source = source[1:-1]
    found = TOKEN.fullmatch(source)
    data, link = (seal_bytes(found.group(1)), from_base64(found.group(2))) if found else (None, None)
    if data is None or link is None:
        raise Refused("leaf failure", "not encrypted, or a malformed token")
    return data, link


# -- reading


def is_binary(format):
    return format.name == "binary"


def check_text(data, format):
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Refused("not encrypted", "no text") if is_binary(format) else syntax("not UTF-8") from None
    format.check_characters(text)
    return text


class File:
    """Steps 1 to 3."""

    def __init__(self, data, format_name):
        self.block = BLOCKS[format_name]
        self.format = self.block.format
        text = check_text(data, self.format)
        detached = self.block.detach(text)
        if detached is None:
            raise Refused("not encrypted", "no metadata")
        rest, tree, separate = detached
        self.metadata = read_metadata(tree)
        self.policy = Policy(self.metadata)
        self.body = self.block.body(rest, self.metadata)
        self.scan = self.format.scan(self.body)
        found = ("newline" in self.metadata, separate, "wrapped" in self.metadata)
        if self.block.layout(self.body) != found:
            raise metadata_failure("the block is not attached as it says")
        self.policy.assign(self.scan)
        self.read_tokens()

    def read_tokens(self):
        ids = set()
        for leaf in self.scan.leaves:
            source = self.body[leaf.start : leaf.end]
            leaf.seal = leaf.link = None
            if leaf.role == "sealed":
                leaf.seal, leaf.link = read_token(source)
                if (leaf.section, leaf.seal[:8]) in ids:
                    raise Refused("leaf failure", "an id stands twice")
                ids.add((leaf.section, leaf.seal[:8]))
            elif leaf.role == "sealed comment":
                found = COMMENT_TOKEN.fullmatch(source)
                leaf.seal = seal_bytes(found.group(1)) if found else None
            elif leaf.role != "clear comment" and looks_like_token(source, False):
                raise Refused("leaf failure", "a clear leaf that looks like a token")

    def open(self, data_keys):
        """Steps 4 to 9: the plaintext. `warnings` are the comments that did not open."""
        sections = self.metadata["sections"]
        if "default" not in data_keys:
            raise Refused("no match", "no data key")
        keys = {}
        for name in sections:
            if name in data_keys:
                keys[name] = SectionKeys(data_keys[name])
                if not hmac.compare_digest(keys[name].id, sections[name]["key_id"]):
                    raise Refused("MAC failure", "key id")
        for name in keys:
            if not hmac.compare_digest(metadata_mac(self.metadata, name, keys[name]), sections[name]["mac"]):
                raise Refused("MAC failure", "metadata MAC")
        for name in keys:
            start, links = chain(self.body, self.scan, self.format, name, keys[name])
            if not hmac.compare_digest(start, sections[name]["start"]):
                raise Refused("MAC failure", "start")
            if not all(hmac.compare_digest(link, leaf.link) for leaf, link in links.items()):
                raise Refused("MAC failure", "link")
        self.warnings, self.opened_by = 0, {}
        texts = {leaf: text for leaf in self.scan.leaves if (text := self.open_leaf(leaf, keys)) is not None}
        return self.splice(texts)

    def open_leaf(self, leaf, keys):
        if leaf.seal is None:
            return None
        if leaf.kind == COMMENT:
            tried = [(name, unseal(keys[name], name, leaf, leaf.seal)) for name in keys]
        elif leaf.section not in keys:
            return None
        else:
            tried = [(leaf.section, unseal(keys[leaf.section], leaf.section, leaf, leaf.seal))]
        name, payload = next(((name, payload) for name, payload in tried if payload is not None), (None, None))
        if payload is None:
            if leaf.kind != COMMENT:
                raise Refused("leaf failure", "a seal does not open")
            self.warnings += len(keys) == len(self.metadata["sections"])
            return None
        self.opened_by[leaf] = name
        source = reindent(*read_payload(payload, leaf), leaf.indent)
        try:
            alone = self.format.is_alone(source, leaf, self.body)
        except Refused:
            alone = False
        if not alone:
            raise Refused("leaf failure", "more or less than one value")
        return source

    def splice(self, texts):
        plaintext, spans = replace(self.body, self.scan.leaves, texts)
        try:
            self.format.check_characters(plaintext)
            scan = self.format.scan(plaintext)
        except Refused:
            raise Refused("leaf failure", "the plaintext does not scan") from None
        same = (scan.containers, scan.documents, scan.open_root) == (
            self.scan.containers,
            self.scan.documents,
            self.scan.open_root,
        ) and len(scan.leaves) == len(self.scan.leaves)
        for old, new, span in zip(self.scan.leaves, scan.leaves, spans):
            kinds = (PLAIN, QUOTED) if old in texts and old.kind != COMMENT else (old.kind,)
            same = same and (new.start, new.end) == span and new.path == old.path and new.kind in kinds
        if not same:
            raise Refused("leaf failure", "the plaintext has another structure")
        return self.format.unwrap(plaintext) if is_binary(self.format) else plaintext.encode()


def replace(text, leaves, texts):
    """The text with `texts` in the places of leaves, and the span that each leaf has then."""
    out, at, length, spans = [], 0, 0, []
    for leaf in leaves:
        new = texts.get(leaf, text[leaf.start : leaf.end])
        out += [text[at : leaf.start], new]
        length += leaf.start - at
        spans.append((length, length + len(new)))
        length += len(new)
        at = leaf.end
    return "".join(out) + text[at:], spans


# -- writing


def as_tree(metadata):
    """Metadata with base64 in the place of bytes."""
    if isinstance(metadata, bytes):
        return to_base64(metadata)
    if isinstance(metadata, dict):
        return {name: as_tree(value) for name, value in metadata.items()}
    return tuple(map(as_tree, metadata)) if isinstance(metadata, tuple) else metadata


def write(data, format_name, metadata, data_keys, nonce_for, payload_for=None):
    """Encrypts a plaintext. `metadata` need not have its layout, `start` and `mac`. `nonce_for(number, leaf)` gives the
    nonces; `payload_for(number, leaf)` may give what is sealed instead of a leaf, alone or with its aad, for files that
    must be refused."""
    block = BLOCKS[format_name]
    text = check_text(block.format.wrap(data) if is_binary(block.format) else data, block.format)
    scan = block.format.scan(text)
    newline, separate, wrapped = block.layout(text)
    fields = {name: metadata[name] for name in ("version", "comments", "clear_values")}
    fields |= {"newline": "added"} if newline else {}
    fields |= {"wrapped": "true"} if wrapped else {}
    fields |= {name: metadata[name] for name in ("sections", "proposals") if name in metadata}
    policy = Policy(fields)
    policy.assign(scan)
    keys = {name: SectionKeys(data_key) for name, data_key in data_keys.items()}
    tokens = {}
    for number, leaf in enumerate(scan.leaves):
        source = text[leaf.start : leaf.end]
        if looks_like_token(source, leaf.kind == COMMENT):
            raise syntax("a leaf looks like a token")
        if leaf.role in ("sealed", "sealed comment"):
            forged = payload_for(number, leaf) if payload_for else None
            nonce = nonce_for(number, leaf)
            if forged is None:
                leaf.seal = seal(keys[leaf.section], leaf.section, leaf, source, nonce)
            else:
                payload, data = forged if isinstance(forged, tuple) else (forged, aad(leaf, leaf.section))
                cipher, short = xchacha(keys[leaf.section].leaf, nonce)
                leaf.seal = nonce + cipher.encrypt(short, payload, data)
    for name, section in fields["sections"].items():
        section["key_id"] = keys[name].id
    for name, section in fields["sections"].items():
        start, links = chain(text, scan, block.format, name, keys[name])
        order = DEFAULT_FIELDS if name == "default" else SECTION_FIELDS
        section |= {"start": start, "mac": metadata_mac(fields, name, keys[name])}
        fields["sections"][name] = {f.strip("[]"): section[f.strip("[]")] for f in order if f.strip("[]") in section}
        for leaf, link in links.items():
            token = f"ENC[1:{to_base64(leaf.seal)}:{to_base64(link)}]"
            tokens[leaf] = block.format.token(leaf, token, text)
    for leaf in scan.leaves:
        if leaf.role == "sealed comment":
            tokens[leaf] = block.format.token(leaf, f"ENC[1:{to_base64(leaf.seal)}]", text)
    body, _ = replace(text, scan.leaves, tokens)
    return block.attach(body, as_tree(fields), newline, separate, wrapped).encode()
