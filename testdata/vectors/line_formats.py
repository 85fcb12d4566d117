"""Scanners for INI, properties and binary files: written from man/sops-rs-format.5, DOCUMENTS, alone."""

import base64
import re

from formats import (
    BLANKS,
    COMMENT,
    EMPTY,
    EMPTY_MAP,
    NO_VALUE,
    PLAIN,
    QUOTED,
    Json,
    Keys,
    Leaf,
    Scan,
    check_characters,
    is_key_char,
    syntax,
)

HEADER_LINE = re.compile(r"(?:^|\n)\ufeff?\[sops-rs(?![A-Za-z0-9_-])")


class Lines:
    """What formats have in common that are read line by line."""

    def check_characters(self, text):
        check_characters(text)

    def end_of_line(self, text, at):
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        end = end - 1 if end > at and text[end - 1 : end + 1] == "\r\n" else end
        if "\r" in text[at:end]:
            raise syntax("a CR alone")
        return end

    def behind_break(self, text, at):
        return at + (2 if text[at : at + 2] == "\r\n" else 1) if at < len(text) else at

    def blanks(self, text, at):
        while at < len(text) and text[at] in BLANKS:
            at += 1
        return at

    def comment(self, text, start, end, path, leaves):
        if text[end - 1] == "\\":
            raise syntax("a comment ends in a backslash")
        leaves.append(Leaf(start, end, COMMENT, path))

    def is_comment(self, source, signs):
        return source[:1] in signs and not re.search(r"[\r\n]", source) and not source.endswith("\\") and source != ""

    def pinned(self, text, leaf):
        return text[leaf.start : leaf.end]


class Ini(Lines):
    name = "ini"

    def scan(self, text):
        start = 1 if text.startswith("\ufeff") else 0
        names = re.findall(r"(?:^|\n)\ufeff?[ \t]*\[([^\]\n]*)\]", text)
        self.counts = {name: -1 for name in names if names.count(name) > 1}
        leaves, containers, root = [], [((), "{")], Keys(True)
        state = {"path": (), "keys": root, "indent": None, "header": None, "name": None}
        at = start
        while at < len(text):
            at = self.line(text, at, leaves, containers, root, state)
        self.close(state, leaves)
        if HEADER_LINE.search(text):
            raise syntax("a line of metadata")
        return Scan(leaves, containers, 1, True)

    def close(self, state, leaves):
        if state["header"] is not None and not state["keys"].seen:
            leaves.append(Leaf(state["header"], state["header"] + 1, EMPTY_MAP, state["path"]))

    def line(self, text, at, leaves, containers, root, state):
        end, begin = self.end_of_line(text, at), at
        at = self.blanks(text, at)
        if at >= end:
            return self.behind_break(text, end)
        if text[at] in "#;":
            self.comment(text, at, end, state["path"], leaves)
            return self.behind_break(text, end)
        if state["indent"] is not None and at - begin > state["indent"]:
            raise syntax("a line that may belong to a value")
        if text[at] == "[":
            self.close(state, leaves)
            self.header(text, at, end, leaves, root, state)
            containers.append((state["path"], "{"))
            return self.behind_break(text, end)
        return self.entry(text, begin, at, end, leaves, state)

    def header(self, text, at, end, leaves, root, state):
        found = re.compile(r"\[([^\[\]\n]+)\][ \t]*([#;].*)?").fullmatch(text, at, end)
        if not found or found.group(1).strip(BLANKS) in ("sops", "sops-rs"):
            raise syntax("not a header, or one of metadata")
        comment = re.sub(r"^[#;] ENC\[1:(.*)\]$", r"\1", found.group(2) or "")
        if "]" in comment:
            raise syntax("a comment that may belong to a name")
        name = found.group(1)
        path = (("k", name),)
        if name in self.counts:
            if self.counts[name] >= 0 and state["name"] != name:
                raise syntax("sections of one name apart")
            if self.counts[name] < 0:
                root.add(name)
            self.counts[name] += 1
            path += (("i", self.counts[name]),)
        else:
            root.add(name)
        state.update(path=path, keys=Keys(False), indent=None, header=at, name=name)
        if found.group(2):
            self.comment(text, found.start(2), end, path, leaves)

    def entry(self, text, begin, at, end, leaves, state):
        delimiter = re.compile(r"[=:]").search(text, at, end)
        key_end = delimiter.start() if delimiter else end
        key = text[at:key_end].rstrip(BLANKS)
        allowed = all(map(is_key_char, key)) if not delimiter else not set(key) & set("\"'`{}<>;#\\")
        if not key or not allowed:
            raise syntax("not a key")
        state["keys"].add(key)
        state["indent"] = at - begin
        path = state["path"] + (("k", key),)
        if not delimiter:
            leaves.append(Leaf(at + len(key), at + len(key), NO_VALUE, path))
            return self.behind_break(text, end)
        start = min(self.blanks(text, delimiter.end()), end)
        kind, value_end, last = self.value(text, start, end, at - begin)
        leaves.append(Leaf(start, value_end, kind, path))
        return self.behind_break(text, last)

    def value(self, text, start, end, indent):
        """Kind, end, and end of its last line."""
        line = text[start:end]
        if line[:1] and line[0] in "\"'`":
            quote = line[0]
            close = line.find(quote, 1)
            rest = line[close + 1 :]
            if close < 0:
                raise syntax("a quote that is not closed")
            if not rest.strip(BLANKS) and quote != "`" and line[close - 1] != "\\":
                return QUOTED, start + close + 1, end
            if line.startswith(3 * quote) and line.count(3 * quote) == 1 or line.endswith("\\"):
                raise syntax("a quote that is not closed")
            return PLAIN, end, end
        while True:
            following = self.behind_break(text, end)
            content = self.blanks(text, following)
            if following == len(text):
                break
            following_end = self.end_of_line(text, following)
            if content >= following_end or content - following <= indent or text[content] in "#;":
                break
            if text[content] == "[" or re.search("[=:]", text[content:following_end]):
                raise syntax("a line that may be an entry")
            end = following_end
        if text[start:end].endswith("\\"):
            raise syntax("a value ends in a backslash")
        return (EMPTY if start == end else PLAIN), end, end

    def token(self, leaf, token, text):
        if leaf.kind == COMMENT:
            return f"{text[leaf.start]} {token}"
        between = leaf.end < len(text) and text[leaf.end] not in "\r\n"
        return f'"{token}"' if leaf.kind == QUOTED and between else token

    def is_alone(self, source, leaf, text):
        if leaf.kind == COMMENT:
            return self.is_comment(source, "#;")
        if source[:1] in ("", " ", "\t"):
            return False
        kind, end, _ = self.value(source, 0, self.end_of_line(source, 0), 0)
        between = leaf.end < len(text) and text[leaf.end] not in "\r\n"
        return end == len(source) and (kind == QUOTED or kind == PLAIN and not between)


class Properties(Lines):
    name = "properties"

    def scan(self, text):
        leaves, keys, at = [], Keys(True), 1 if text.startswith("\ufeff") else 0
        while at < len(text):
            end, at = self.end_of_line(text, at), self.blanks(text, at)
            if at < end and text[at] in "#!":
                self.comment(text, at, end, (), leaves)
            elif at < end:
                end = self.entry(text, at, end, keys, leaves)
            at = self.behind_break(text, end)
        if re.search(r"(?:^|\n)\ufeff?sops_rs__", text):
            raise syntax("a line of metadata")
        return Scan(leaves, [], 1, True)

    def entry(self, text, at, end, keys, leaves):
        key_end = re.compile(r"(?:\\[^\r\n]|[^\\ \t=:\r\n])*").match(text, at, end).end()
        if key_end == at or text[key_end : key_end + 1] == "\\":
            raise syntax("no key, or one that goes on")
        key = self.unescape(text[at:key_end])
        if key.startswith("sops_rs__"):
            raise syntax("a key of metadata")
        keys.add(key)
        path, at = (("k", key),), min(self.blanks(text, key_end), end)
        delimiter = at < end and text[at] in "=:"
        start = min(self.blanks(text, at + 1), end) if delimiter else at
        if start == end:
            leaves.append(Leaf(end, end, EMPTY, path) if delimiter else Leaf(key_end, key_end, NO_VALUE, path))
            return end
        end = self.end_of_value(text, start)
        self.unescape(text[start:end])
        leaves.append(Leaf(start, end, PLAIN, path))
        return end

    def end_of_value(self, text, at):
        while True:
            end = self.end_of_line(text, at)
            if (len(text[at:end]) - len(text[at:end].rstrip("\\"))) % 2 == 0:
                return end
            at = self.behind_break(text, end)
            if not text[at : self.end_of_line(text, at)].strip(BLANKS):
                raise syntax("a line that goes on with nothing")

    def unescape(self, source):
        def char(found):
            escape = found.group(1)
            if escape[0] == "u":
                if len(escape) == 1:
                    raise syntax("a broken escape")
                return chr(int(escape[1:], 16))
            if escape[0] in "\r\n":
                return ""
            return {"t": "\t", "n": "\n", "r": "\r", "f": "\f"}.get(escape, escape)

        text = re.sub(r"\\(u[0-9a-fA-F]{4}|\r?\n[ \t]*|.)", char, source, flags=re.S)
        try:
            return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le")
        except UnicodeDecodeError:
            raise syntax("half of a surrogate pair") from None

    def token(self, leaf, token, text):
        return f"# {token}" if leaf.kind == COMMENT else token

    def is_alone(self, source, leaf, text):
        if leaf.kind == COMMENT:
            return self.is_comment(source, "#!")
        self.unescape(source)
        return source[:1] not in ("", " ", "\t", "\r", "\n") and self.end_of_value(source, 0) == len(source)


class Binary(Json):
    name = "binary"

    def wrap(self, data):
        return b'{\n  "data": "' + base64.b64encode(data) + b'"\n}\n'

    def unwrap(self, text):
        source = next(text[leaf.start : leaf.end] for leaf in self.scan(text).leaves)
        try:
            data = base64.b64decode(source[1:-1], validate=True)
        except ValueError:
            raise syntax("not base64") from None
        if base64.b64encode(data).decode() != source[1:-1]:
            raise syntax("not canonical base64")
        return data

    def scan(self, text):
        scan = super().scan(text)
        if [(leaf.kind, leaf.path) for leaf in scan.leaves] != [(QUOTED, (("q", "data"),))]:
            raise syntax("not an envelope")
        return scan

    def is_alone(self, source, leaf, text):
        return source.startswith('"') and super().is_alone(source, leaf, text)
