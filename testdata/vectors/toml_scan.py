"""A scanner for TOML: spans and paths; whether a text is TOML at all, Python's own reader says."""

import re
import tomllib

from formats import COMMENT, EMPTY_LIST, EMPTY_MAP, PLAIN, QUOTED, Leaf, Scan, check_characters, syntax
from line_formats import HEADER_LINE

SPACE, GAP = re.compile(r"[ \t]*"), re.compile(r"[ \t\r\n]*")
BARE = re.compile(r"\d{4}-\d\d-\d\d \d\d:[^\s,\]}#]*|[^\s,\]}#]+")
KEY = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'""")


def parsed(text):
    try:
        return tomllib.loads(text.removeprefix("\ufeff"))
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise syntax(f"not TOML: {error}") from None


class Toml:
    name = "toml"

    def check_characters(self, text):
        check_characters(text)

    def scan(self, text):
        tree = parsed(text)
        if {"sops", "sops-rs"} & set(tree) or HEADER_LINE.search(text):
            raise syntax("a key or line of metadata")
        return Scanner(text, tree).document()

    def token(self, leaf, token, text):
        return f"# {token}" if leaf.kind == COMMENT else f'"{token}"'

    def pinned(self, text, leaf):
        source = text[leaf.start : leaf.end]
        return parsed("k = " + source)["k"] if leaf.kind == QUOTED else source

    def is_alone(self, source, leaf, text):
        if leaf.kind == COMMENT:
            return source.startswith("#") and not re.search(r"[\r\n\x7f]", source)
        found = self.scan("k=" + source).leaves
        return len(found) == 1 and found[0].kind in (PLAIN, QUOTED) and (found[0].start, found[0].end) == (
            2,
            2 + len(source),
        )


class Scanner:
    def __init__(self, text, tree):
        self.text, self.tree, self.at = text, tree, 1 if text.startswith("\ufeff") else 0
        self.leaves, self.containers, self.lists, self.open = [], [((), "{")], {}, set()

    def skip(self, pattern):
        self.at = pattern.match(self.text, self.at).end()
        return self.text[self.at : self.at + 1]

    def document(self):
        table = ()
        while char := self.skip(GAP):
            if char == "#":
                self.comment(table)
            elif char == "[":
                table = self.header()
            else:
                self.value(table + self.key())
        return Scan(self.leaves, self.containers, 1, True)

    def comment(self, path):
        end = re.compile(r"[^\r\n]*").match(self.text, self.at).end()
        self.leaves.append(Leaf(self.at, end, COMMENT, path))
        self.at = end

    def key(self):
        """The segments of a dotted key and what ends it."""
        path = ()
        while True:
            self.skip(SPACE)
            found = KEY.match(self.text, self.at)
            source, self.at = found.group(), found.end()
            path += (("k", parsed("k = " + source)["k"] if source[0] in "\"'" else source),)
            end = self.skip(SPACE)
            if end == ".":
                self.at += 1
                continue
            self.at += 1 if end == "=" else 0
            return path

    def header(self):
        start, is_item = self.at, self.text.startswith("[[", self.at)
        self.at += 2 if is_item else 1
        path, through, keys = (), set(), self.key()
        for number, segment in enumerate(keys):
            path += (segment,)
            is_last = number == len(keys) - 1
            if path in self.lists:
                if path not in self.open:
                    raise syntax("the items of a list stand apart")
                through.add(path)
                self.lists[path] += is_last and is_item
                path += (("i", self.lists[path]),)
            elif is_last and is_item:
                self.lists[path] = 0
                through.add(path)
                path += (("i", 0),)
        self.open = through
        self.at += 2 if is_item else 1
        self.containers.append((path, "{"))
        node = self.tree
        for _, step in path:
            node = node[step]
        if node == {}:
            self.leaves.append(Leaf(start, start + 1, EMPTY_MAP, path))
        return path

    def value(self, path):
        char, start = self.skip(SPACE), self.at
        if char in "[{":
            self.collection(path, char)
        elif char in "\"'":
            self.at = self.end_of_string()
            self.leaves.append(Leaf(start, self.at, QUOTED, path))
        else:
            self.at = BARE.match(self.text, self.at).end()
            self.leaves.append(Leaf(start, self.at, PLAIN, path))

    def collection(self, path, opening):
        self.containers.append((path, opening))
        bracket, number, closing = self.at, 0, "]" if opening == "[" else "}"
        self.at += 1
        while True:
            char = self.skip(GAP)
            if char == "#":
                self.comment(path)
            elif char == ",":
                self.at += 1
            elif char == closing:
                self.at += 1
                break
            else:
                self.value(path + ((("i", number),) if opening == "[" else self.key()))
                number += 1
        if number == 0:
            self.leaves.append(Leaf(bracket, bracket + 1, EMPTY_LIST if opening == "[" else EMPTY_MAP, path))

    def end_of_string(self):
        quote = self.text[self.at]
        long = self.text.startswith(3 * quote, self.at)
        at, closing = self.at + (3 if long else 1), 3 * quote if long else quote
        while not self.text.startswith(closing, at):
            at += 2 if quote == '"' and self.text[at] == "\\" else 1
        at += len(closing)
        extra = 0
        while long and extra < 2 and self.text.startswith(quote, at):
            at, extra = at + 1, extra + 1
        return at
