"""A scanner for YAML, from man/sops-rs-format.5 and YAML 1.2.2: as much of it as the vectors need.

It refuses some texts that YAML allows (keys on several lines, tabs in odd places).
"""

import re

from formats import (
    ALIAS,
    ANCHOR,
    BLANKS,
    COMMENT,
    DIRECTIVE,
    EMPTY,
    EMPTY_LIST,
    EMPTY_MAP,
    PLAIN,
    QUOTED,
    TAG,
    Keys,
    Leaf,
    Refused,
    Scan,
    check_characters,
    syntax,
)

MARK = re.compile(r"(?:---|\.\.\.)(?=[ \t\r\n]|\Z)")
FLOW = ",[]{}"


class Yaml:
    name = "yaml"

    def check_characters(self, text):
        check_characters(text)

    def scan(self, text):
        return YamlScanner(text).stream()

    def token(self, leaf, token, text):
        if leaf.kind == COMMENT:
            return f"# {token}"
        return f'"{token}"' if leaf.flow else token

    def pinned(self, text, leaf):
        return leaf.value

    def is_alone(self, source, leaf, text):
        if leaf.kind == COMMENT:
            return source.startswith("#") and not re.search(r"[\r\n]", source)
        before, after = " " * leaf.indent + "- ", "\n" + " " * leaf.indent + "- e\n"
        if leaf.flow:
            before, after = "[", ", e]"
        elif leaf.path == (("d", 0),):
            before, after = "--- ", "\n--- e\n"
        found = self.scan(before + source + after).leaves
        span = (len(before), len(before) + len(source))
        first, last = len(found) == 2 and (found[0], found[1]) or (None, None)
        return (
            first is not None
            and (first.start, first.end) == span
            and first.kind in (PLAIN, QUOTED)
            and last.kind == PLAIN
            and last.value == "e"
            and len(first.path) == len(last.path) == (1 if "---" in before else 2)
        )


class YamlScanner:
    def __init__(self, text):
        self.text, self.start = text, 1 if text.startswith("\ufeff") else 0
        self.at, self.leaves, self.containers, self.documents = self.start, [], [], 0

    # -- the stream

    def stream(self):
        open_root = ended = explicit = False
        while True:
            self.space()
            if self.at == len(self.text):
                if explicit:
                    raise syntax("a directive without a document")
                return Scan(self.leaves, self.containers, self.documents, open_root and not ended)
            if self.text[self.at] == "%" and self.column() == 0 and (self.documents == 0 or ended):
                self.directive()
                explicit = True
                continue
            mark = MARK.match(self.text, self.at) if self.column() == 0 else None
            if mark and mark.group() == "...":
                if explicit:
                    raise syntax("a directive without a document")
                self.at += 3
                self.end_of_line()
                ended = True
                continue
            if not mark and (explicit or self.documents and not ended):
                raise syntax("text behind a document")
            explicit = ended = False
            self.documents += 1
            path = (("d", self.documents - 1),)
            if mark:
                self.at += 3
            self.last_root_key = None
            open_root = self.block_node(path, -1, 0, "---" if mark else "") == "block map 0"
            open_root = open_root and self.last_root_key != ("k", "")

    def directive(self):
        line = self.rest_of_line()
        text = re.split(r"[ \t]+#", line)[0].rstrip(BLANKS)
        self.leaves.append(Leaf(self.at, self.at + len(text), DIRECTIVE, (("d", self.documents),)))
        self.at += len(text)
        self.end_of_line()

    # -- white space

    def column(self, at=None):
        at = self.at if at is None else at
        return at - max(self.text.rfind("\n", 0, at) + 1, self.start if at >= self.start else 0)

    def peek(self, n=1):
        return self.text[self.at : self.at + n]

    def rest_of_line(self):
        end = self.text.find("\n", self.at)
        line = self.text[self.at : len(self.text) if end < 0 else end]
        return line[:-1] if line.endswith("\r") else line

    def blanks(self):
        while self.peek() and self.peek() in BLANKS:
            self.at += 1

    def comment(self):
        if self.at > self.start and self.text[self.at - 1] not in " \t\n":
            raise syntax("a comment needs a blank before it")
        line = self.rest_of_line()
        self.leaves.append(Leaf(self.at, self.at + len(line), COMMENT, ()))
        self.at += len(line)

    def space(self):
        """Over blanks, line breaks and comments; tells whether a line break was among them."""
        crossed = False
        while True:
            self.blanks()
            if self.peek() == "#":
                self.comment()
            elif self.peek() == "\n" or self.peek(2) == "\r\n":
                self.at += 1 if self.peek() == "\n" else 2
                crossed = True
            else:
                return crossed

    def end_of_line(self):
        self.blanks()
        if self.peek() == "#":
            self.comment()
        if self.at < len(self.text) and self.peek() not in "\r\n":
            raise syntax("text behind a value")

    def at_mark(self):
        return self.column() == 0 and MARK.match(self.text, self.at) is not None

    # -- block nodes

    def block_node(self, path, parent, indent, behind):
        """A node of a block collection in column `parent`; `behind` is the indicator before it on this line."""
        empty_at, fresh, properties = self.at, behind == "", []
        while True:
            fresh = self.space() or fresh
            column = self.column()
            inside = column > parent or behind == ":" and column == parent and self.is_indicator("-")
            if self.at == len(self.text) or fresh and (self.at_mark() or not inside):
                self.marks(properties, path, indent)
                self.leaf(empty_at, empty_at, EMPTY, path, indent, value="")
                return "scalar"
            if fresh and "\t" in self.text[self.at - column : self.at]:
                raise syntax("a tab in an indentation")
            compact = fresh or behind in ("-", "?")
            if self.is_indicator("-"):
                if not compact:
                    raise syntax("a list on the line of its key")
                self.marks(properties, path, indent)
                return self.block_list(path, column)
            line_start = self.at
            own = self.properties()
            if self.is_key():
                if not compact:
                    raise syntax("a map on the line of its key")
                self.at = line_start
                self.marks(properties, path, indent)
                return self.block_map(path, column)
            properties += own
            if own:
                empty_at = own[-1][2]
            self.blanks()
            if self.peek() in ("", "\r", "\n", "#"):
                behind, fresh = behind or "---", False
                if not own:
                    raise syntax("nothing where a value is expected")
                continue
            self.marks(properties, path, indent)
            if self.peek() in "[{":
                self.flow_collection(path, indent)
                self.end_of_line()
                return "flow"
            self.scalar(path, parent, indent)
            self.end_of_line()
            return "scalar"

    def is_indicator(self, char):
        return self.peek() == char and (self.text[self.at + 1 : self.at + 2] or " ") in " \t\r\n"

    def properties(self):
        found = []
        while self.peek() and self.peek() in "&!":
            kind, start = (ANCHOR if self.peek() == "&" else TAG), self.at
            if any(kind == other[0] for other in found):
                raise syntax("two anchors or two tags")
            found_text = re.compile(r"&[^ \t\r\n,\[\]{}]+|!<[^ \t\r\n<>]*>|![^ \t\r\n,\[\]{}]*").match(
                self.text, self.at
            )
            if not found_text:
                raise syntax("an anchor without a name")
            self.at = found_text.end()
            found.append((kind, start, self.at))
            self.blanks()
        return found

    def marks(self, properties, path, indent, key_end=None, flow=False):
        for number, (kind, start, end) in enumerate(properties):
            if key_end is not None and number == len(properties) - 1:
                end = key_end
            self.leaf(start, end, kind, path, indent, flow)

    def leaf(self, start, end, kind, path, indent, flow=False, value=None):
        self.leaves.append(Leaf(start, end, kind, path, indent, flow, value))

    def is_key(self, flow=False):
        """Whether an implicit key, or `?` or `:`, stands here; the place is left as it was."""
        at, count = self.at, len(self.leaves)
        try:
            if self.is_indicator("?") or self.is_indicator(":"):
                return True
            if self.peek() in ("", "[", "{", "|", ">", "#"):
                return False
            line_end = self.at + len(self.rest_of_line())
            if self.peek() == "*":
                self.alias()
            elif self.peek() in "\"'":
                self.quoted()
            else:
                self.plain_line(flow)
            self.blanks()
            return self.at <= line_end and self.is_colon(flow, self.text[self.at - 1] in "\"'")
        except Refused:
            return False
        finally:
            self.at = at
            del self.leaves[count:]

    def is_colon(self, flow, adjacent=False):
        next_char = self.text[self.at + 1 : self.at + 2] or " "
        return self.peek() == ":" and (next_char in " \t\r\n" or flow and (adjacent or next_char in FLOW))

    def key(self, flow=False):
        """A key with its quotes: the segment of its path."""
        if self.peek() in ("'", '"'):
            start = self.at
            text = self.quoted()
            if "\n" in self.text[start : self.at]:
                raise syntax("a key on several lines")
            return ("q", text)
        if self.peek() in ("*", "[", "{", "|", ">"):
            raise syntax("a key that is no scalar")
        start = self.at
        self.plain_line(flow)
        return ("k", self.text[start : self.at])

    def depth(self, path):
        if len(path) > 128:
            raise syntax("nested too deep")

    def block_list(self, path, column):
        self.depth(path)
        self.containers.append((path, "["))
        number = 0
        while True:
            self.at += 1
            self.block_node(path + (("i", number),), column, column, "-")
            number += 1
            if not self.next_entry(column, path) or not self.is_indicator("-"):
                return "block list"

    def next_entry(self, column, path):
        self.space()
        if self.at == len(self.text) or self.at_mark() or self.column() < column:
            return False
        if self.column() > column:
            raise syntax("an indentation that fits nothing")
        return True

    def block_map(self, path, column):
        self.depth(path)
        self.containers.append((path, "{"))
        keys = Keys(len(path) == 1)
        while True:
            explicit = self.is_indicator("?")
            if explicit:
                self.at += 1
                self.blanks()
                segment = self.entry_key(path, keys, column)
                key_end = self.at
                self.end_of_line()
                self.space()
                if not (self.column() == column and self.is_indicator(":")):
                    self.leaf(key_end, key_end, EMPTY, path + (segment,), column, value="")
                    if self.at < len(self.text) and self.column() == column and not self.at_mark():
                        continue
                    return f"block map {column}"
            else:
                if self.is_indicator("-"):
                    raise syntax("a list item among keys")
                segment = self.entry_key(path, keys, column)
                self.blanks()
                if not self.is_colon(False):
                    raise syntax("`:` is missing")
            self.at += 1
            self.block_node(path + (segment,), column, column, "?" if explicit else ":")
            if not self.next_entry(column, path):
                return f"block map {column}"

    def entry_key(self, path, keys, indent, flow=False):
        own = self.properties()
        if self.is_colon(flow):
            if own:
                raise syntax("an anchor or tag on an empty key")
            segment = ("k", "")
        else:
            segment = self.key(flow)
        keys.add(segment[1])
        self.last_root_key = segment if len(path) == 1 else self.last_root_key
        self.marks(own, path + (segment,), indent, self.at, flow)
        return segment

    # -- flow nodes

    def flow_collection(self, path, indent):
        self.depth(path)
        opening, start = self.peek(), self.at
        is_map, number, keys = opening == "{", 0, Keys(len(path) == 1)
        closing = "}" if is_map else "]"
        self.containers.append((path, opening))
        self.at += 1
        self.space()
        if self.peek() == closing:
            self.at += 1
            self.leaf(start, start + 1, EMPTY_MAP if is_map else EMPTY_LIST, path, indent, True)
            return
        while self.peek() != closing:
            if is_map:
                self.flow_entry(path, indent, keys)
            else:
                item, at = path + (("i", number),), self.at
                self.properties()
                is_pair = self.is_key(True)
                self.at = at
                if is_pair:
                    self.depth(item)
                    self.containers.append((item, "{"))
                    self.flow_entry(item, indent, Keys(False))
                else:
                    self.flow_node(item, indent, None)
            number += 1
            self.space()
            if self.peek() == ",":
                self.at += 1
                self.space()
            elif self.peek() != closing:
                raise syntax("a flow collection without its end")
        self.at += 1

    def flow_entry(self, path, indent, keys):
        if self.is_indicator("?"):
            self.at += 1
            self.blanks()
        segment = self.entry_key(path, keys, indent, True)
        empty_at = self.at
        self.space()
        if self.is_colon(True, segment[0] == "q"):
            self.at += 1
            self.flow_node(path + (segment,), indent, self.at)
        else:
            self.leaf(empty_at, empty_at, EMPTY, path + (segment,), indent, True, "")

    def flow_node(self, path, indent, empty_at):
        self.space()
        own = self.properties()
        self.marks(own, path, indent, None, True)
        empty_at = own[-1][2] if own else empty_at
        self.space()
        if self.peek() == "":
            raise syntax("a flow collection without its end")
        if self.peek() in ",]}":
            if empty_at is None:
                raise syntax("nothing between commas")
            self.leaf(empty_at, empty_at, EMPTY, path, indent, True, "")
        elif self.peek() in "[{":
            self.flow_collection(path, indent)
        else:
            self.scalar(path, -1, indent, True)

    # -- scalars

    def alias(self):
        found = re.compile(r"\*[^ \t\r\n,\[\]{}]+").match(self.text, self.at)
        if not found:
            raise syntax("an alias without a name")
        self.at = found.end()

    def scalar(self, path, parent, indent, flow=False):
        start, char = self.at, self.peek()
        if char == "*":
            self.alias()
            return self.leaf(start, self.at, ALIAS, path, indent, flow)
        if char in "|>":
            if flow:
                raise syntax("a block scalar in flow context")
            return self.block_scalar(path, parent, indent)
        if char in "\"'":
            value, kind = self.quoted(parent), QUOTED
        else:
            value, kind = self.plain(parent, flow), PLAIN
        if len(path) == 1 and path[0][1] > 0 and re.search(r"\n(?![ \t\r\n]|[\"']\Z)", self.text[start : self.at]):
            raise syntax("a root on several lines of which one begins in column 0")
        self.leaf(start, self.at, kind, path, indent, flow, value)

    def plain_line(self, flow):
        """The part of a plain scalar on this line."""
        end, char = self.at, self.peek()
        follows = self.text[self.at + 1 : self.at + 2] or " "
        if char in "-?:" and (follows in " \t\r\n" or flow and follows in FLOW) or char in ",[]{}#&*!|>'\"%@`":
            raise syntax("not the beginning of a plain scalar")
        line_end = self.at + len(self.rest_of_line())
        at = self.at
        while at < line_end:
            char = self.text[at]
            next_char = self.text[at + 1] if at + 1 < line_end else " "
            if char == "#" and self.text[at - 1] in BLANKS:
                break
            if char == ":" and (next_char in " \t" or flow and next_char in FLOW) or flow and char in FLOW:
                break
            at += 1
            if char not in BLANKS:
                end = at
        if end == self.at:
            raise syntax("not a plain scalar")
        self.at = end

    def plain(self, parent, flow):
        start = self.at
        self.plain_line(flow)
        value = self.text[start : self.at]
        while True:
            end = self.at
            self.blanks()
            empty = -1
            while self.peek() == "\n" or self.peek(2) == "\r\n":
                self.at += 1 if self.peek() == "\n" else 2
                empty += 1
                self.blanks()
            stop = self.peek() in ("", "#") or empty < 0 or flow and self.peek() in FLOW
            if stop or self.at_mark() or not flow and self.column() <= parent or self.is_colon(flow):
                self.at = end
                return value
            line = self.at
            self.continue_line(flow)
            if self.text[line : self.at] == "":
                self.at = end
                return value
            value += ("\n" * empty if empty else " ") + self.text[line : self.at]
            at = self.at
            self.blanks()
            if not flow and self.is_colon(False):
                raise syntax("a key on several lines")
            self.at = at

    def continue_line(self, flow):
        """As `plain_line`, where any character may be the first one."""
        line_end, at, end = self.at + len(self.rest_of_line()), self.at, self.at
        while at < line_end:
            char, next_char = self.text[at], self.text[at + 1] if at + 1 < line_end else " "
            if char == "#" and self.text[at - 1] in BLANKS or flow and char in FLOW:
                break
            if char == ":" and (next_char in " \t" or flow and next_char in FLOW):
                break
            at += 1
            if char not in BLANKS:
                end = at
        self.at = end

    ESCAPES = dict(zip('0abt\tnvfre "/\\N_LP', '\0\a\b\t\t\n\v\f\r\x1b "/\\\x85\xa0\u2028\u2029'))

    def quoted(self, parent=-1):
        quote, out = self.peek(), []
        self.at += 1
        while True:
            char = self.peek()
            if char == "":
                raise syntax("no closing quote")
            if char == quote:
                self.at += 1
                if quote == "'" and self.peek() == "'":
                    out.append("'")
                    self.at += 1
                    continue
                return "".join(out)
            if char in " \t\r\n":
                self.quoted_space(parent, quote, out)
            elif char == "\\" and quote == '"':
                self.escape(parent, quote, out)
            else:
                out.append(char)
                self.at += 1

    def quoted_space(self, parent, quote, out):
        start, breaks = self.at, 0
        self.blanks()
        blanks = self.text[start : self.at]
        while self.peek() in ("\r", "\n"):
            self.at += 1 if self.peek() == "\n" else 2
            breaks += 1
            self.continuation(parent, quote)
        out.append(blanks if not breaks else " " if breaks == 1 else "\n" * (breaks - 1))

    def continuation(self, parent, quote):
        self.blanks()
        if self.at_mark() or self.peek() not in ("\r", "\n", "", quote) and self.column() <= parent:
            raise syntax("a quoted text outside of its indentation")

    def escape(self, parent, quote, out):
        char = self.text[self.at + 1 : self.at + 2]
        if char in ("\r", "\n"):
            self.at += 2 if char == "\n" else 3
            self.continuation(parent, quote)
            while self.peek() in ("\r", "\n") and self.peek():
                out.append("\n")
                self.at += 1 if self.peek() == "\n" else 2
                self.continuation(parent, quote)
            return
        length = {"x": 2, "u": 4, "U": 8}.get(char)
        if length:
            digits = self.text[self.at + 2 : self.at + 2 + length]
            if not re.fullmatch(r"[0-9a-fA-F]{%d}" % length, digits):
                raise syntax("an escape that is none")
            out.append(chr(int(digits, 16)))
            self.at += 2 + length
        elif char in self.ESCAPES and char:
            out.append(self.ESCAPES[char])
            self.at += 2
        else:
            raise syntax("an escape that is none")

    def block_scalar(self, path, parent, indent):
        start, style = self.at, self.peek()
        header = re.compile(r"[|>](?:([1-9])([+-])?|([+-])([1-9])?)?").match(self.text, self.at)
        digit, chomp = header.group(1) or header.group(4), header.group(2) or header.group(3) or ""
        self.at = header_end = header.end()
        count = len(self.leaves)
        self.end_of_line()
        comment = self.leaves[count:]
        del self.leaves[count:]
        body = self.at + (2 if self.peek() == "\r" else 1)
        lines, at = [], body  # (start, end without break, start of the next)
        while at < len(self.text):
            end = self.text.find("\n", at)
            end = len(self.text) if end < 0 else end
            lines.append(
                (at, end - 1 if self.text[end - 1 : end] == "\r" and end > at else end, min(end + 1, len(self.text)))
            )
            at = end + 1
        width = lambda line: len(line) - len(line.lstrip(" "))
        texts = [self.text[a:b] for a, b, _ in lines]
        if digit:
            margin = max(parent, 0) + int(digit)
        else:
            first = next((text for text in texts if text.strip(" ")), None)
            # Without any content it is that of the longest line, as YAML says.
            longest = max(map(width, texts), default=0)
            margin = max(parent + 1, width(first) if first is not None else longest)
        taken = last = 0
        for number, text in enumerate(texts):
            if width(text) < margin and (text.strip(" ") or width(text) < len(text)):
                break
            if width(text) == 0 and MARK.match(text):
                break
            taken = number + 1
            if len(text) > margin:
                last = taken
        content = [text[margin:] for text in texts[:last]]
        trailing = taken - last
        if not last and not (chomp == "+" and trailing):
            self.leaves += comment
        end = lines[last - 1][1] if last else header_end
        if chomp == "+" and trailing:
            # Up to the last line break: of the last line, or before it when the text ends within that.
            _, stop, behind = lines[taken - 1]
            if behind == stop:
                trailing -= 1
            end = stop if behind > stop else lines[taken - 2][1] if taken > 1 else header_end
        self.at = end if last or chomp == "+" and trailing else self.at
        self.leaf(start, end, QUOTED, path, indent, False, self.fold(content, style, chomp, trailing))

    def fold(self, content, style, chomp, trailing):
        if style == "|":
            text = "\n".join(content)
        else:
            text, empty, previous = "", 0, None
            for line in content:
                if line == "":
                    empty += 1
                    continue
                more = line[0] in BLANKS
                if previous is None:
                    text += "\n" * empty
                elif more or previous:
                    text += "\n" * (empty + 1)
                else:
                    text += "\n" * empty if empty else " "
                text += line
                previous, empty = more, 0
        if chomp == "-" or not content and chomp == "":
            return text
        return text + "\n" * (1 if chomp == "" else (1 if content else 0) + trailing)
