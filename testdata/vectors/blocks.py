"""Metadata blocks: their spelling, attaching and detaching, in each format (METADATA in the format's page).

A block is a tree: a map is a `dict`, a list of maps a `tuple` of dicts, a list of texts a `list`, a text a `str`.
"""

import re

from formats import Dotenv, Json, JsonScanner, Refused, break_of
from line_formats import Binary, Ini, Properties
from toml_scan import Toml, parsed
from yaml_scan import Yaml


def metadata_failure(what):
    return Refused("metadata failure", what)


# -- texts

BARE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9+/=_.@ -]*[A-Za-z0-9+/=_.@-])?")
QUOTED_TEXT = re.compile(r'"(?:[^"\\]|\\.)*"')
NAME = re.compile(r"[A-Za-z0-9_-]+")
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def quote(text):
    def spell(char):
        code = ord(char)
        control = code < 0x20 or 0x7F <= code <= 0x9F or code in (0x2028, 0x2029, 0xFEFF, 0xFFFE, 0xFFFF)
        return ESCAPES.get(char) or (f"\\u{code:04x}" if control else char)

    return '"' + "".join(map(spell, text)) + '"'


def unquote(source):
    def char(found):
        escape = found.group(1)
        if len(escape) > 1:
            return chr(int(escape[1:], 16))
        return {"n": "\n", "r": "\r", "t": "\t"}.get(escape, escape)

    text = re.sub(r"\\(u[0-9a-f]{4}|.)", char, source[1:-1], flags=re.S)
    if not QUOTED_TEXT.fullmatch(source) or quote(text) != source:
        raise metadata_failure("a text in another spelling")
    return text


def spell_text(text):
    return text if BARE.fullmatch(text) else quote(text)


def spell_texts(texts):
    return "[" + ", ".join(map(quote, texts)) + "]"


def read_value(source):
    """A text or a list of texts, in YAML and dotenv."""
    if source.startswith("["):
        items = [found.group() for found in QUOTED_TEXT.finditer(source)]
        if "[" + ", ".join(items) + "]" != source:
            raise metadata_failure("a list in another spelling")
        return [unquote(item) for item in items]
    text = unquote(source) if source.startswith('"') else source
    if spell_text(text) != source:
        raise metadata_failure("a text in another spelling")
    return text


def lines_of(text):
    """The lines without their breaks."""
    lines = text.split("\n")
    last = lines.pop()
    lines = [line[:-1] if line.endswith("\r") else line for line in lines]
    return lines + [last] if last else lines


def take_newline(rest, added, may_be_empty):
    """Undoes, and checks, `newline: added`."""
    if not added:
        return rest
    for line_break in ("\r\n", "\n"):
        if rest.endswith(line_break):
            rest = rest[: -len(line_break)]
            if rest.lstrip("\ufeff") or may_be_empty:
                return rest
            break
    raise metadata_failure("no line break was added")


def needs_newline(body, mark_counts):
    text = body if mark_counts else body.removeprefix("\ufeff")
    return text != "" and not text.endswith("\n")


# -- YAML


class YamlBlock:
    format = Yaml()

    def detach(self, text):
        heads = [found.start(1) for found in re.finditer(r"(?:^|\n)\ufeff?(sops-rs:)(?=\r?\n|\r?$|\Z)", text)]
        heads = [at for at in heads if at < 2 or text[at - 1] == "\n" or at == 1]
        if not heads:
            return None
        rest, lines = text[: heads[-1]], lines_of(text[heads[-1] :])
        separate = re.search(r"(?:^|\n)\ufeff?(---\r?\n)$", rest)
        tree, end = self.read_map(lines, 1, 0)
        if end != len(lines):
            raise metadata_failure("a line that is no field")
        return rest[: separate.start(1)] if separate else rest, tree, bool(separate)

    LINE = re.compile(r"( *)(- )?([A-Za-z0-9_-]+):(?: (.+))?")

    def read_line(self, lines, number):
        found = self.LINE.fullmatch(lines[number]) if number < len(lines) else None
        if not found:
            if number < len(lines):
                raise metadata_failure("a line that is no field")
            return None
        return len(found.group(1)), bool(found.group(2)), found.group(3), found.group(4)

    def read_map(self, lines, number, above, column=None):
        """The fields in `column` (when it is none, in that of the first one, which is greater than `above`)."""
        tree = {}
        while True:
            line = self.read_line(lines, number)
            if line is None:
                break
            at, dash, name, value = line
            if dash and not (column is not None and not tree and at + 2 == column):
                break
            at += 2 if dash else 0
            if column is None:
                if at <= above:
                    break
                column = at
            if at != column:
                break
            if name in tree:
                raise metadata_failure("a field stands twice")
            number += 1
            if value is not None:
                tree[name] = read_value(value)
                continue
            below = self.read_line(lines, number)
            if below and below[1] and below[0] >= column:
                tree[name], number = self.read_list(lines, number, below[0])
            else:
                tree[name], number = self.read_map(lines, number, column)
        if not tree:
            raise metadata_failure("a map without fields")
        return tree, number

    def read_list(self, lines, number, dash):
        items = []
        while True:
            line = self.read_line(lines, number)
            if not line or not line[1] or line[0] != dash:
                return tuple(items), number
            item, number = self.read_map(lines, number, dash, dash + 2)
            items.append(item)

    def body(self, rest, metadata):
        if "wrapped" in metadata:
            raise metadata_failure("`wrapped` in YAML")
        return take_newline(rest, "newline" in metadata, False)

    def layout(self, body):
        """Whether a line break, `---` and wrapping are needed."""
        return needs_newline(body, False), not self.format.scan(body).open_root, False

    def attach(self, body, tree, newline, separate, wrapped):
        nl = break_of(body)
        lines = (["---"] if separate else []) + ["sops-rs:"] + list(self.spell(tree, 2))
        return body + (nl if newline else "") + "".join(line + nl for line in lines)

    def spell(self, tree, indent):
        for name, value in tree.items():
            head = " " * indent + name + ":"
            if isinstance(value, str):
                yield head + " " + spell_text(value)
            elif isinstance(value, list):
                yield head + " " + spell_texts(value)
            elif isinstance(value, dict):
                yield head
                yield from self.spell(value, indent + 2)
            else:
                yield head
                for item in value:
                    lines = list(self.spell(item, indent + 4))
                    yield " " * (indent + 2) + "- " + lines[0].lstrip(" ")
                    yield from lines[1:]


# -- JSON


class JsonBlock:
    format = Json()
    LITERAL = re.compile(r"0|[1-9][0-9]{0,8}|true")

    def detach(self, text):
        scanner = JsonScanner(text, with_block=True)
        scanner.document()
        found = [member for member in scanner.members if member[0] == "sops-rs"]
        found = [member for member in found if text[member[1] :].startswith('"sops-rs"')]
        if scanner.text[scanner.root_start : scanner.root_start + 1] != "{" or not found:
            return None
        _, key_start, before, value_start, value_end = found[0]
        if found[0] is not scanner.members[-1]:
            raise metadata_failure("the block is not the last member")
        comma = text[before:key_start].lstrip(" \t\n\r")
        if len(scanner.members) > 1 and text[before] != "," or len(scanner.members) == 1 and comma != "":
            raise metadata_failure("white space before the block's comma")
        reader = JsonScanner(text)
        reader.at = value_start
        tree = self.read(reader)
        return text[:before] + text[value_end:], tree, False

    def read(self, reader):
        char = reader.text[reader.at]
        if char == '"':
            text = unquote(reader.string())
            if self.LITERAL.fullmatch(text):
                raise metadata_failure("a text in another spelling")
            return text
        if char not in "{[":
            found = re.compile(r"[^ \t\n\r,\]}]+").match(reader.text, reader.at)
            if not self.LITERAL.fullmatch(found.group()):
                raise metadata_failure("a literal that is none of ours")
            reader.at = found.end()
            return found.group()
        items, reader.at = [], reader.at + 1
        while True:
            reader.space()
            if reader.text[reader.at] in "}]":
                reader.at += 1
                break
            name = None
            if char == "{":
                name = unquote(reader.string())
                reader.space()
                reader.take(":")
                reader.space()
            quoted = reader.text[reader.at] == '"'
            if char == "[" and quoted:
                items.append((name, unquote(reader.string())))
            elif char == "[" and reader.text[reader.at] != "{":
                raise metadata_failure("a list of something else")
            else:
                items.append((name, self.read(reader)))
            reader.space()
            if reader.text[reader.at] == ",":
                reader.at += 1
        if char == "{":
            if not items or len(dict(items)) != len(items):
                raise metadata_failure("an empty map, or a field twice")
            return dict(items)
        values = [value for _, value in items]
        if all(isinstance(value, str) for value in values):
            return values
        if all(isinstance(value, dict) for value in values):
            return tuple(values)
        raise metadata_failure("a list of several sorts")

    def body(self, rest, metadata):
        if "newline" in metadata:
            raise metadata_failure("`newline` in JSON")
        if "wrapped" not in metadata:
            return rest
        scanner = JsonScanner(rest)
        root = scanner.document()
        if root != "{" or [member[0] for member in scanner.members] != ["data"]:
            raise metadata_failure("not the one member `data`")
        member = scanner.members[0]
        value = rest[member[3] : member[4]]
        if value.startswith("{") or not rest[member[1] :].startswith('"data"'):
            raise metadata_failure("not wrapped as it says")
        return rest[: scanner.root_start] + value + rest[scanner.root_end :]

    def layout(self, body):
        scanner = JsonScanner(body)
        return False, False, scanner.document() != "{"

    def attach(self, body, tree, newline, separate, wrapped):
        nl, scanner = break_of(body), JsonScanner(body)
        scanner.document()
        start, end = scanner.root_start, scanner.root_end
        block = '"sops-rs": ' + self.spell(tree, 2, nl)
        if wrapped:
            inside = '{%s  "data": %s,%s  %s%s}' % (nl, body[start:end], nl, block, nl)
            return body[:start] + inside + body[end:]
        at = scanner.members[-1][4] if scanner.members else start + 1
        return body[:at] + ("," if scanner.members else "") + nl + "  " + block + body[at:]

    def spell(self, value, indent, nl):
        if isinstance(value, str):
            return value if self.LITERAL.fullmatch(value) else quote(value)
        if isinstance(value, list):
            return spell_texts(value)
        inner = nl + " " * (indent + 2)
        if isinstance(value, dict):
            items = [quote(name) + ": " + self.spell(item, indent + 2, nl) for name, item in value.items()]
        else:
            items = [self.spell(item, indent + 2, nl) for item in value]
        opening, closing = "{}" if isinstance(value, dict) else "[]"
        return opening + inner + ("," + inner).join(items) + nl + " " * indent + closing


# -- dotenv


class DotenvBlock:
    format = Dotenv()
    PREFIX = "sops_rs__"

    def detach(self, text):
        starts = [0] + [at + 1 for at, char in enumerate(text) if char == "\n"]
        starts = [at for at in starts if at < len(text)]
        if starts and text.startswith("\ufeff"):
            starts[0] = 1
        first = len(starts)
        while first > 0 and text.startswith(self.PREFIX, starts[first - 1]):
            first -= 1
        if first == len(starts):
            if any(text.startswith(self.PREFIX, at) for at in starts):
                raise metadata_failure("the block is not the last thing in the file")
            return None
        lines = lines_of(text[starts[first] :])
        tree = self.read(lines)
        if list(self.spell(tree, self.PREFIX)) != lines:
            raise metadata_failure("lines in another order or spelling")
        return text[: starts[first]], tree, False

    def read(self, lines):
        tree = {}
        for line in lines:
            way, equals, value = line.partition("=")
            parts, node = way[len(self.PREFIX) :].split("__"), tree
            if not equals:
                raise metadata_failure("a line without `=`")
            for part in parts[:-1]:
                node = node.setdefault(part, {})
                if not isinstance(node, dict):
                    raise metadata_failure("a field that is text and map")
            if parts[-1] in node:
                raise metadata_failure("a field stands twice")
            node[parts[-1]] = read_value(value)
        return self.lists(tree)

    def lists(self, node):
        if not isinstance(node, dict):
            return node
        items = {name: self.lists(value) for name, value in node.items()}
        if all(re.fullmatch("[0-9]+", name) for name in items):
            return tuple(items.values())
        return {name[1:] if re.fullmatch(r"\.[0-9]+", name) else name: value for name, value in items.items()}

    def body(self, rest, metadata):
        if "wrapped" in metadata:
            raise metadata_failure("`wrapped` in dotenv")
        return take_newline(rest, "newline" in metadata, True)

    def layout(self, body):
        return needs_newline(body, True), False, False

    def attach(self, body, tree, newline, separate, wrapped):
        nl = break_of(body)
        return body + (nl if newline else "") + "".join(line + nl for line in self.spell(tree, self.PREFIX))

    def spell(self, value, way):
        if isinstance(value, (str, list)):
            yield way[:-2] + "=" + (spell_text(value) if isinstance(value, str) else spell_texts(value))
            return
        if isinstance(value, dict):
            items = [("." + name if re.fullmatch("[0-9]+", name) else name, item) for name, item in value.items()]
        else:
            items = [(str(index), item) for index, item in enumerate(value)]
        for name, item in items:
            yield from self.spell(item, f"{way}{name}__")


# -- properties, INI, TOML, binary


class PropertiesBlock(DotenvBlock):
    format = Properties()


class HeadedBlock(DotenvBlock):
    """A block that begins with the line `[sops-rs]`."""

    def detach(self, text):
        heads = [found.start(1) for found in re.finditer(r"(?m)^\ufeff?(\[sops-rs\])(?=\r?$)", text)]
        heads = [at for at in heads if at == 0 or text[at - 1] == "\n" or text[:at] == "\ufeff"]
        if not heads:
            if re.search(r"(?m)^\ufeff?\[sops-rs(?![A-Za-z0-9_-])", text):
                raise metadata_failure("a header in another spelling")
            return None
        lines = lines_of(text[heads[-1] :])
        tree = self.read_lines(lines[1:])
        if list(self.lines(tree)) != lines:
            raise metadata_failure("lines in another order or spelling")
        return text[: heads[-1]], tree, False

    def attach(self, body, tree, newline, separate, wrapped):
        nl = break_of(body)
        return body + (nl if newline else "") + "".join(line + nl for line in self.lines(tree))


class IniBlock(HeadedBlock):
    format = Ini()

    def read_lines(self, lines):
        if not lines or not all(line.startswith(self.PREFIX) for line in lines):
            raise metadata_failure("a line that is no field")
        return self.read(lines)

    def lines(self, tree):
        yield "[sops-rs]"
        yield from self.spell(tree, self.PREFIX)


class TomlBlock(HeadedBlock):
    format = Toml()

    def read_lines(self, lines):
        try:
            tree = parsed("\n".join(lines))
        except Refused as refused:
            raise metadata_failure(str(refused)) from None
        return self.texts(tree)

    def texts(self, value):
        if isinstance(value, dict):
            return {name: self.texts(item) for name, item in value.items()}
        if isinstance(value, list):
            items = [self.texts(item) for item in value]
            return tuple(items) if items and all(isinstance(item, dict) for item in items) else items
        return "true" if value is True else str(value)

    def lines(self, tree):
        yield "[sops-rs]"
        for way, value in self.fields(tree):
            if isinstance(value, tuple):
                yield f"{way} = ["
                yield from (f"  {self.inline(item)}," for item in value)
                yield "]"
            else:
                yield f"{way} = {self.inline(value)}"

    def fields(self, tree, way=""):
        for name, value in tree.items():
            if isinstance(value, dict):
                yield from self.fields(value, f"{way}{name}.")
            else:
                yield way + name, value

    def inline(self, value):
        if isinstance(value, str):
            return value if JsonBlock.LITERAL.fullmatch(value) else quote(value)
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{way} = {self.inline(item)}" for way, item in self.fields(value)) + " }"
        if isinstance(value, tuple):
            return "[" + ", ".join(map(self.inline, value)) + "]"
        return spell_texts(value)


class BinaryBlock(JsonBlock):
    format = Binary()

    def detach(self, text):
        if not re.match(r"\ufeff?\s*\{\s*\"data\"\s*:\s*\"", text):
            return None
        return super().detach(text)

    def body(self, rest, metadata):
        if "wrapped" in metadata:
            raise metadata_failure("`wrapped` in a binary file")
        return super().body(rest, metadata)


BLOCKS = {
    "yaml": YamlBlock(),
    "json": JsonBlock(),
    "dotenv": DotenvBlock(),
    "toml": TomlBlock(),
    "ini": IniBlock(),
    "properties": PropertiesBlock(),
    "binary": BinaryBlock(),
}
