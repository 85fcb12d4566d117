"""Scanners for JSON and dotenv, and what all formats share: written from man/sops-rs-format.5, DOCUMENTS, alone.

They are for the vectors, not for everyday use: slow, recursive, and without most limits.
"""

import json
import re
import unicodedata

PLAIN, QUOTED, EMPTY, NO_VALUE, EMPTY_MAP, EMPTY_LIST, ANCHOR, ALIAS, TAG, DIRECTIVE, COMMENT = range(1, 12)
BLANKS = " \t"


class Refused(Exception):
    """A file that must not be opened; `kind` is the class of failure as the headers name it."""

    def __init__(self, kind, what):
        super().__init__(f"{kind}: {what}")
        self.kind = kind


def syntax(what):
    return Refused("syntax failure", what)


class Leaf:
    def __init__(self, start, end, kind, path, indent=0, flow=False, value=None):
        self.start, self.end, self.kind, self.path = start, end, kind, path
        self.indent, self.flow, self.value = indent, flow, value


class Scan:
    """The leaves in document order, the paths of maps and lists, the number of documents, and whether a block can be
    added to the last root as it is."""

    def __init__(self, leaves, containers, documents, open_root):
        self.leaves = sorted(leaves, key=lambda leaf: (leaf.start, leaf.end))
        self.containers, self.documents, self.open_root = sorted(containers), documents, open_root


def check_characters(text):
    """YAML and dotenv: what some parser takes for a line break, and control characters."""
    for at, char in enumerate(text):
        bad = char in "\u0085\u2028\u2029" or char == "\ufeff" and at > 0 or char < " " and char not in "\t\n\r"
        if bad or char == "\r" and text[at + 1 : at + 2] != "\n":
            raise syntax(f"the character U+{ord(char):04X}")


class Keys:
    """The keys of one map: none may stand there twice, whatever its quotes."""

    def __init__(self, is_root, allowed=()):
        self.seen, self.is_root, self.allowed = set(), is_root, allowed

    def add(self, key):
        if key in self.seen:
            raise syntax("a key stands twice in one map")
        if self.is_root and key in ("sops", "sops-rs") and key not in self.allowed:
            raise syntax("a key of metadata")
        self.seen.add(key)


def break_of(text):
    at = text.find("\n")
    return "\r\n" if at > 0 and text[at - 1] == "\r" else "\n"


# ---------------------------------------------------------------------------------------------------------------- JSON

JSON_STRING = re.compile(r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"')
JSON_LITERAL = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null")
JSON_SPACE = re.compile(r"[ \t\n\r]*")


class Json:
    name = "json"

    def check_characters(self, text):
        pass

    def scan(self, text):
        scanner = JsonScanner(text)
        root = scanner.document()
        return Scan(scanner.leaves, scanner.containers, 1, root == "{")

    def token(self, leaf, token, text):
        return f'"{token}"'

    def pinned(self, text, leaf):
        source = text[leaf.start : leaf.end]
        if leaf.kind == PLAIN:
            return source
        value = json.loads(source)
        try:
            value.encode()
        except UnicodeEncodeError:
            raise syntax("a lone surrogate in a clear value") from None
        return value

    def is_alone(self, source, leaf, text):
        return bool(JSON_STRING.fullmatch(source) or JSON_LITERAL.fullmatch(source))


class JsonScanner:
    def __init__(self, text, with_block=False):
        self.text, self.at, self.leaves, self.containers = text, 1 if text.startswith("\ufeff") else 0, [], []
        self.allowed = ("sops-rs",) if with_block else ()
        self.members = []  # of the root: key, key start, end of what is before it, value start, value end

    def space(self):
        self.at = JSON_SPACE.match(self.text, self.at).end()

    def document(self):
        self.space()
        root = self.text[self.at : self.at + 1]
        self.root_start = self.at
        self.value((), 0)
        self.root_end = self.at
        self.space()
        if self.at != len(self.text):
            raise syntax("more than one value")
        return root

    def take(self, char):
        if self.text[self.at : self.at + 1] != char:
            raise syntax(f"`{char}` is missing")
        self.at += 1

    def string(self):
        found = JSON_STRING.match(self.text, self.at)
        if not found:
            raise syntax("not a string")
        self.at = found.end()
        return found.group()

    def value(self, path, depth):
        start, char = self.at, self.text[self.at : self.at + 1]
        if char and char in "{[":
            if depth == 128:
                raise syntax("nested too deep")
            self.collection(path, depth + 1, char)
        elif char == '"':
            self.string()
            self.leaves.append(Leaf(start, self.at, QUOTED, path))
        else:
            found = JSON_LITERAL.match(self.text, self.at)
            if not found:
                raise syntax("not a value")
            self.at = found.end()
            self.leaves.append(Leaf(start, self.at, PLAIN, path))

    def collection(self, path, depth, opening):
        self.containers.append((path, opening))
        is_map = opening == "{"
        start, closing = self.at, "}" if is_map else "]"
        self.at += 1
        before = self.at
        self.space()
        if self.text[self.at : self.at + 1] == closing:
            self.at += 1
            self.leaves.append(Leaf(start, start + 1, EMPTY_MAP if is_map else EMPTY_LIST, path))
            return
        keys, number = Keys(depth == 1, self.allowed), 0
        while True:
            self.space()
            key_start = self.at
            if is_map:
                key = json.loads(self.string())
                try:
                    key.encode()
                except UnicodeEncodeError:
                    raise syntax("a lone surrogate in a key") from None
                keys.add(key)
                self.space()
                self.take(":")
                self.space()
                segment = ("q", key)
            else:
                segment = ("i", number)
            value_start = self.at
            self.value(path + (segment,), depth)
            if depth == 1:
                self.members.append((segment[1], key_start, before, value_start, self.at))
            before = self.at
            number += 1
            self.space()
            if self.text[self.at : self.at + 1] != ",":
                break
            self.at += 1
        self.take(closing)


# -------------------------------------------------------------------------------------------------------------- dotenv


def is_key_char(char):
    return char in "_.-" or char.isalpha() or unicodedata.category(char) in ("Nd", "Nl", "No")


class Dotenv:
    name = "dotenv"

    def check_characters(self, text):
        check_characters(text)

    def scan(self, text):
        leaves, keys, at = [], Keys(False), 1 if text.startswith("\ufeff") else 0
        while at < len(text):
            at = self.line(text, at, leaves, keys)
        if re.search(r"(?:^|\n)\ufeff?sops_rs__", text):
            raise syntax("a line of metadata")
        return Scan(leaves, [], 1, True)

    def line(self, text, at, leaves, keys):
        """One entry or comment; gives the start of the line behind it."""
        end = self.end_of_line(text, at)
        at = self.blanks(text, at)
        if at == end:
            return self.behind_break(text, end)
        if text[at] == "#":
            self.comment(text, at, end, leaves)
            return self.behind_break(text, end)
        export = re.compile(r"export[ \t]+(?=[^ \t\r\n=])").match(text, at, end)
        at = export.end() if export else at
        start = at
        while at < end and is_key_char(text[at]):
            at += 1
        key, key_end = text[start:at], at
        if not key:
            raise syntax("no key")
        if key.startswith("sops_rs__") or key in ("sops_version", "sops_mac"):
            raise syntax("a key of metadata")
        keys.add(key)
        path, at = (("k", key),), self.blanks(text, at)
        if at == end:
            leaves.append(Leaf(key_end, key_end, NO_VALUE, path))
            return self.behind_break(text, end)
        if text[at] != "=":
            raise syntax("`=` is missing")
        at += 1
        quote = self.blanks(text, at)
        if quote < end and text[quote] in "\"'`":
            behind = self.closing(text, quote)
            line_end = self.end_of_line(text, behind)
            rest = self.blanks(text, behind)
            if rest == line_end or rest > behind and text[rest] == "#":
                leaves.append(Leaf(at, behind, QUOTED, path))
                if rest < line_end:
                    self.comment(text, rest, line_end, leaves)
                return self.behind_break(text, line_end)
            if behind > end:
                raise syntax("text behind a closing quote")
        leaves.append(Leaf(at, end, PLAIN if end > at else EMPTY, path))
        return self.behind_break(text, end)

    def closing(self, text, at):
        quote, at = text[at], at + 1
        while at < len(text):
            if text[at] == quote:
                return at + 1
            at += 2 if text[at] == "\\" and quote != "`" else 1
        raise syntax("no closing quote")

    def comment(self, text, start, end, leaves):
        if text[end - 1] == "\\":
            raise syntax("a comment ends in a backslash")
        leaves.append(Leaf(start, end, COMMENT, ()))

    def blanks(self, text, at):
        while at < len(text) and text[at] in BLANKS:
            at += 1
        return at

    def end_of_line(self, text, at):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        return end - 1 if end > at and text[end - 1 : end + 1] == "\r\n" else end

    def behind_break(self, text, at):
        return at + (2 if text[at : at + 2] == "\r\n" else 1) if at < len(text) else at

    def token(self, leaf, token, text):
        if leaf.kind == COMMENT:
            return f"# {token}"
        between = text[leaf.start - 1] != "=" or leaf.end < len(text) and text[leaf.end] not in "\r\n"
        return f'"{token}"' if leaf.kind == QUOTED and between else token

    def pinned(self, text, leaf):
        return text[leaf.start : leaf.end]

    def is_alone(self, source, leaf, text):
        if leaf.kind == COMMENT:
            return source.startswith("#") and not re.search(r"[\r\n]", source) and not source.endswith("\\")
        found = self.scan("K=" + source).leaves
        if len(found) != 1 or (found[0].start, found[0].end) != (2, 2 + len(source)):
            return False
        between = self.token(Leaf(leaf.start, leaf.end, QUOTED, ()), "", text) != ""
        return found[0].kind == QUOTED or found[0].kind == PLAIN and not between
