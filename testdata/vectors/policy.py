"""POLICY of the format's page: globs, roles and sections."""

import json
import re
import unicodedata

from blocks import metadata_failure
from formats import ANCHOR, COMMENT, EMPTY_LIST, EMPTY_MAP, PLAIN, QUOTED, syntax

# -- policy

STRING = r'"(?:[^"\\\x00-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
GLOB_PART = re.compile(r"(?:\*\*|(?P<name>[^.\[\]{}\"\\?!,#]+?)|(?P<string>%s)|\[\])?((?:\[\])*)(\.|\Z)" % STRING, re.S)


def read_glob(glob):
    """The segments: `**`, `*`, `[]`, or a compiled pattern for keys."""
    segments, at = [], 0
    if not glob or glob.endswith("."):
        raise metadata_failure("a glob without a segment")
    while at < len(glob):
        found = GLOB_PART.match(glob, at)
        if not found or found.end() == at or found.group().startswith("."):
            raise metadata_failure("a glob that is none")
        name, string = found.group("name"), found.group("string")
        if name is not None:
            bad = any(unicodedata.category(char) == "Cc" or char.isspace() for char in name)
            if bad or "**" in name:
                raise metadata_failure("a glob that is none")
            pattern = ".*".join(map(re.escape, name.split("*")))
            segments.append("*" if name == "*" else re.compile(pattern, re.S))
        elif string is not None:
            text = json.loads(string)
            if any("\ud800" <= char <= "\udfff" for char in text) or re.search("[\x7f-\x9f]", string):
                raise metadata_failure("a glob that is none")
            segments.append(re.compile(re.escape(text), re.S))
        elif found.group().startswith("**"):
            segments.append("**")
        head = glob[at : found.start(3)]
        segments += ["[]"] * ((head == "[]") + len(found.group(3)) // 2)
        at = found.end()
    kept = [segment for segment in segments if getattr(segment, "pattern", "") not in ("<<", re.escape("<<"))]
    if not kept or len(segments) > 64 or len(glob.encode()) > 4096:
        raise metadata_failure("a glob that is none")
    return kept


def matches(glob, path):
    path = [segment for segment in path if segment[0] != "d" and not (segment[0] in "kq" and segment[1] == "<<")]
    reached = {0}
    for part in glob:
        if part == "**":
            reached = set(range(min(reached), len(path) + 1)) if reached else reached
            continue
        fits = lambda segment: part == "*" or (
            segment[0] == "i" if part == "[]" else segment[0] != "i" and bool(part.fullmatch(segment[1]))
        )
        reached = {at + 1 for at in reached if at < len(path) and part is not None and fits(path[at])}
    return len(path) in reached


def looks_like_token(source, is_comment):
    source = source.lstrip("#;!") if is_comment else source
    return source.lstrip(" \t\"'`").startswith("ENC[")


class Policy:
    def __init__(self, metadata):
        default = metadata["sections"]["default"]
        self.encrypt, self.clear = ([read_glob(glob) for glob in default[name]] for name in ("encrypt", "clear"))
        self.comments, self.free = metadata["comments"], metadata["clear_values"] == "free"
        others = list(metadata["sections"].items())[1:]
        self.sections = [(name, [read_glob(glob) for glob in section["paths"]]) for name, section in others]

    def role(self, leaf, anchored):
        if leaf.kind == COMMENT:
            return "sealed comment" if self.comments == "encrypt" else "clear comment"
        selected = any(matches(glob, leaf.path) for glob in self.encrypt)
        selected = selected and not any(matches(glob, leaf.path) for glob in self.clear)
        if leaf.kind in (PLAIN, QUOTED) and selected:
            return "sealed"
        merged = any(kind in "kq" and key == "<<" for kind, key in leaf.path)
        merged = merged or any(leaf.path[:n] in anchored for n in range(len(leaf.path) + 1))
        if leaf.kind in (PLAIN, QUOTED, EMPTY_MAP, EMPTY_LIST) and not selected and self.free and not merged:
            return "free"
        return "covered"

    def section(self, path):
        found = (name for name, globs in self.sections if any(matches(glob, path) for glob in globs))
        return next(found, "default")

    def assign(self, scan):
        """Gives each leaf its `role` and `section`; no list may be split between sections."""
        below, lists_of = "default", {}
        anchored = {leaf.path for leaf in scan.leaves if leaf.kind == ANCHOR}
        for leaf in reversed(scan.leaves):
            leaf.role = self.role(leaf, anchored)
            if leaf.kind == COMMENT:
                leaf.section = below
                continue
            leaf.section = below = self.section(leaf.path)
            item = next((n for n, (kind, _) in enumerate(leaf.path) if kind == "i"), None)
            if item is not None and lists_of.setdefault(leaf.path[:item], leaf.section) != leaf.section:
                raise syntax("a list in two sections")
