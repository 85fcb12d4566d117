"""The vectors of TOML, INI, properties and binary files."""

import json
import re

from builder import ALICE, STRANGER, Sealed, reader, replaced, swapped, text_payload

SYNTAX, METADATA, LEAF, MAC = "syntax failure", "metadata failure", "leaf failure", "MAC failure"

TOML = """# head
title = 'shop' # shown
"q k"."d.o" = 1_000

[db]
host = "a\\tb \\u00e9"
ports = [ 1, [ ], # two
  { x = true, y.z = {} },
]
since = 1979-05-27 07:32:00Z
f = -inf
long = \"\"\"
one \\
   two\"\"\"\"
raw = '''
three'''

[[user]]
name = "a"
  [user.keys]
  ssh = 07:32:00

[[user]]

[[user]]
[[user.mail]] # first
to = 0xff
[[user.mail]]
to = 1.5e3

[empty] # nothing
[last]
x = ""
"""
INI = """; head
root = 1

[db] # of db
  host=db.example.org
  password : s3cret ; not a comment
name = "it is" ; c
other = 'x'
quotes = "a" "b"
empty =
flag
list =
    one
\ttwo # too
[remote "origin"]
[Peer]
key = a=
[Peer]
[Peer]
# third
key : b \t
"""
PROPERTIES = """# head
 ! note
db.url = jdbc:x//h?a=b # no comment 
  db.user:app
password \\u0073ecret
list=a, \\
     b, \\
  # c
k\\ e\\=y=\\u00e9
empty=
none
last = = x\\\\
"""
BYTES = bytes(range(256)) + b"\r\n"


def make(v):
    make_successes(v)
    make_rewritten(v)
    make_texts(v)
    make_blocks(v)
    make_moved(v)
    make_payloads(v)


def make_successes(v):
    texts = {"toml": TOML, "ini": INI, "properties": PROPERTIES}
    clear = {"toml": ["db.**", "user[].mail.**"], "ini": ["db.*", "Peer[].**"], "properties": ["*"]}
    for format, text in texts.items():
        v.success(f"{format}-kinds-sealed", "every sort of leaf", Sealed(text, format))
        first = {"toml": "title", "ini": "root", "properties": "none"}[format]
        some = Sealed(text, format, encrypt=["**"], clear=clear[format][: 2 if format != "properties" else 0] or [first])
        v.success(f"{format}-kinds-clear", "every sort of leaf, many clear", some)
        free = Sealed(text, format, clear=clear[format], clear_values="free", comments="clear")
        if format != "properties":
            v.success(f"{format}-free", "free values, clear comments", free)
        v.success(f"{format}-crlf", "CRLF", Sealed(text.replace("\n", "\r\n"), format))
        v.success(f"{format}-bom", "a byte order mark", Sealed("\ufeff" + text, format))
        v.success(f"{format}-no-newline", "without a line break at the end", Sealed(text.rstrip("\n"), format))
        v.success(f"{format}-crlf-no-newline", "CRLF, none at the end", Sealed("a=1\r\nb=2", format))
        several = {"default": [("alice", ALICE), ("bob", STRANGER)], "x": [("alice", ALICE)]}
        two = Sealed("a = 1\nb = 2\nc = 3\n", format, sections={"x": ["b"]}, readers=several, follows=["x"])
        v.success(f"{format}-sections", "two sections", two)
        proposal = {"path": "a", "age_file": reader("p", ALICE, b"proposal".ljust(32))["wrapped_key"], "note": 'x: "y"\n'}
        v.success(f"{format}-proposals", "a proposal", Sealed("a=1\n", format, proposals=[proposal]))
    v.success("toml-duplicate-names", "keys of the block's name further in", Sealed("a.sops = 1\n[b.sops-rs]\nx=1\n[sops-rs-x]\n", "toml"))
    v.success("binary-bytes", "bytes that are no text", Sealed(BYTES, "binary"))
    v.success("binary-one", "one byte", Sealed(b"\0", "binary"))
    v.success("binary-text", "a text that looks encrypted", Sealed(b"ENC[1:]\n", "binary"))
    v.success("binary-follows", "a new data key", Sealed(BYTES, "binary", follows=["default"]))


def make_rewritten(v):
    toml = Sealed('a = "x" # c\nb = [1, 2]\nc = \'y\'\n', "toml", clear=["c"])
    text = replaced(replaced(toml.text, "b = [", "b   =  [\n  "), "c = 'y'", '"c" = "\\u0079"')
    text = re.sub(r'^a = "(ENC\[[^]]*\])"', r"a='\1'", text)
    v.success(
        "toml-rewritten",
        "other blanks and quotes, of keys too, and a clear value in another spelling",
        toml,
        text,
        'a="x" # c\nb   =  [\n  1, 2]\n"c" = "\\u0079"\n',
    )
    for format in ("toml", "ini", "properties"):
        lf = Sealed("# c\na = 1\nb = 2\n", format, clear=["b"])
        v.success(
            f"{format}-rewritten-crlf",
            "checked out with CRLF",
            lf,
            lf.text.replace("\n", "\r\n"),
            "# c\r\na = 1\r\nb = 2\r\n",
        )
        v.success(f"{format}-cut-newline", "the last line break cut off", lf, lf.text[:-1], lf.plain.decode())
    ini = Sealed("[a]\nx = 1\n; c\n", "ini")
    v.success(
        "ini-rewritten",
        "other blanks, another delimiter, another sign of a comment",
        ini,
        replaced(replaced(ini.text, "x = ", "  x:"), "; ENC", "# ENC"),
        "[a]\n  x:1\n; c\n",
    )
    binary = Sealed(BYTES, "binary")
    compact = json.dumps(json.loads(binary.text), separators=(",", ":"))
    spaces = compact.replace('"encrypt":["**"]', '"encrypt": [ "**" ]')
    v.success("binary-rewritten", "another program's white space", binary, spaces)


def make_texts(v):
    """What is refused in a body, and files without metadata."""
    bases = {
        "toml": Sealed("a = 1\n[t]\nb = 2\n", "toml"),
        "ini": Sealed("a = 1\n[t]\nb = 2\n", "ini"),
        "properties": Sealed("a = 1\nb = 2\n", "properties"),
    }
    for format, base in bases.items():
        v.failure(f"not-encrypted-{format}", "not encrypted", "a plaintext", base, base.plain)
        bad = lambda name, comment, text: v.failure(f"{format}-{name}", SYNTAX, comment, base, text)
        bad("duplicate-key", "a key twice", replaced(base.text, "b = ", "b = 1\nb = "))
        bad("separator", "a character that some take for a line break", "# \u2028\n" + base.text)
        bad("lone-cr", "a CR alone", "# \rx\n" + base.text)
    v.failure("not-encrypted-binary", "not encrypted", "bytes", Sealed(b"\xff", "binary"), b"\xff")
    v.failure("not-encrypted-binary-text", "not encrypted", "a text that names the block", Sealed(b"x", "binary"),
              b'the key "sops-rs"\n')
    for name, comment, before in (
        ("reserved", "a key of metadata", "sops.x = 1\n"),
        ("string-like-block", "a line of a string that begins like a block", "s = '''\n[sops-rs.x]\n'''\n"),
        ("string-open", "a string that is not closed", "s = 'x\n"),
        ("redefined", "a key through a value", "s = 1\ns.x = 2\n"),
        ("inline-closed", "a key added to an inline table", "s = {}\ns.x = 2\n"),
        ("no-value", "a key alone", "s\n"),
        ("date", "no date", "s = 2024-02-30\n"),
    ):
        v.failure(f"toml-{name}", SYNTAX, comment, bases["toml"], before + bases["toml"].text)
    t = bases["toml"].text
    v.failure("toml-table-twice", SYNTAX, "a table twice", bases["toml"], replaced(t, "[sops-rs]", "[t]\n[sops-rs]"))
    v.failure("toml-list-apart", SYNTAX, "items of a list apart", bases["toml"],
              replaced(t, "[sops-rs]", "[[l]]\n[u]\n[[l]]\n[sops-rs]"))
    v.failure("toml-inner-list-apart", SYNTAX, "items of an inner list apart", bases["toml"],
              replaced(t, "[sops-rs]", "[[l]]\n[[l.m]]\n[l.u]\n[[l.m]]\n[sops-rs]"))
    v.failure("toml-list-continued", SYNTAX, "an item continued behind another table", bases["toml"],
              replaced(t, "[sops-rs]", "[[l]]\n[u]\n[l.v]\n[sops-rs]"))
    for name, comment, before in (
        ("reserved", "a section of metadata", "[ sops ]\n[u]\n"),
        ("backslash", "a value that may go on", "s = x \\\n"),
        ("comment-backslash", "a comment that may go on", "; x \\\n"),
        ("deeper", "a line that may be a value's or a key", "s = x\n  u = y\n"),
        ("apart", "a deeper line behind an empty one", "s = x\n\n  u\n"),
        ("quote-open", "a quote that is not closed", 's = "x\n'),
        ("triple", "three quotes", 's = """x\n'),
        ("word", "a line that is no entry", "two words\n"),
        ("brace", "a line of another syntax", "s { u: x\n"),
        ("key-quoted", "a key in quotes", '"s" = x\n'),
        ("header", "text behind a header", "[u] x\n"),
        ("header-comment", "a bracket in a comment behind a header", "[u] ; x]\n"),
        ("section-is-key", "a section with the name of a key", "t = 1\n"),
        ("sections-apart", "sections of one name apart", "[t]\n[u]\n"),
    ):
        v.failure(f"ini-{name}", SYNTAX, comment, bases["ini"], before + bases["ini"].text)
    for name, comment, before in (
        ("reserved", "a key of metadata", "sops = 1\n"),
        ("reserved-escaped", "one with an escape", "sops\\u005frs__x = 1\n"),
        ("continued-block", "a continuing line of metadata", "s = \\\nsops_rs__x\n"),
        ("goes-on", "a line that goes on with nothing", "s = x\\\n\n"),
        ("key-goes-on", "a key that goes on", "s\\\nt = x\n"),
        ("escape", "a broken escape", "s = \\u00g0\n"),
        ("surrogate", "half of a surrogate pair", "s = \\ud83d\n"),
        ("no-key", "no key", "= x\n"),
        ("duplicate-escaped", "a key twice, once with an escape", "\\u0061 = 1\n"),
    ):
        v.failure(f"properties-{name}", SYNTAX, comment, bases["properties"], before + bases["properties"].text)
    binary = Sealed(b"secret", "binary")
    v.failure("binary-more", SYNTAX, "a second key", binary, binary.text.replace(',\n  "sops-rs"', ',\n  "x": 1,\n  "sops-rs"'))


def make_blocks(v):
    toml, ini = Sealed("a = 1\n", "toml"), Sealed("a = 1\n", "ini")
    properties, binary = Sealed("a = 1\n", "properties"), Sealed(b"secret", "binary")

    def bad(name, comment, old, new, sealed):
        v.failure(f"{sealed.format}-block-{name}", METADATA, comment, sealed, replaced(sealed.text, old, new))

    for sealed in (toml, ini):
        bad("head", "a comment behind the header", "[sops-rs]\n", "[sops-rs] # x\n", sealed)
        v.failure(f"{sealed.format}-block-not-last", METADATA, "a section behind the block", sealed, sealed.text + "[u]\n")
        block = sealed.text[sealed.text.index("[sops-rs]") :]
        v.failure(f"{sealed.format}-block-twice", SYNTAX, "a second block", sealed, sealed.text + block)
    bad("blanks", "other blanks", "version = 1", "version=1", toml)
    bad("text", "a text that must be a literal", "version = 1", 'version = "1"', toml)
    bad("quotes", "other quotes", '"encrypt"', "'encrypt'", toml)
    bad("table", "an inner table", "sections.default.mac = ", "[sops-rs.sections.default]\nmac = ", toml)
    bad("order", "dotted keys apart", "clear_values = \"pinned\"\nsections.default.start", "sections.default.start", toml)
    bad("list", "a list on one line", "recipients = [\n  {", "recipients = [  {", toml)
    bad("comma", "no comma behind the last item", "},\n]", "}\n]", toml)
    bad("empty-line", "an empty line", "version = 1\n", "version = 1\n\n", toml)
    bad("field-twice", "a field twice", "version = 1\n", "version = 1\nversion = 1\n", toml)
    more = Sealed("a = 1\n\n", "toml")
    bad("newline", "no line break was added", "sections.default.start", 'newline = "added"\nsections.default.start', more)
    bad("wrapped", "said to be wrapped", "sections.default.start", "wrapped = true\nsections.default.start", toml)
    bad("prefix", "a field without its beginning", "sops_rs__version", "version", ini)
    bad("blanks", "blanks around `=`", "version=1", "version = 1", ini)
    bad("comment", "a comment in the block", "sops_rs__version", "; x\nsops_rs__version", ini)
    bad("delimiter", "another delimiter", "version=1", "version:1", properties)
    v.failure("properties-block-not-last", METADATA, "an entry behind the block", properties, properties.text + "b = 1\n")
    bad("wrapped", "said to be wrapped", '    "sections"', '    "wrapped": true,\n    "sections"', binary)
    v.failure("binary-block-not-last", METADATA, "a key behind the block", binary,
              binary.text.rstrip("\n")[:-1] + ', "b": []}\n')


def make_moved(v):
    """What somebody without a key may try."""
    toml = Sealed("x = 1\n[[l]]\na = 1\n[[l]]\n[l.c]\nb = 2\n[u]\na = 1\nb = 3\nfree = 4\n", "toml", clear=["u.free"])
    ini = Sealed("[l]\na = 1\n[l]\na = 2\nb = 3\n[u]\na = 4\nb = 5\nfree = 6\n", "ini", clear=["u.free"])
    for sealed, header in ((toml, "[[l]]\n"), (ini, "[l]\n")):
        name, text = sealed.format, sealed.text
        bad = lambda what, comment, text: v.failure(f"{name}-{what}", MAC, comment, sealed, text)
        second = text.index(header, text.index(header) + 1)
        bad("item-removed", "the header of a list's item removed", text[:second] + text[second + len(header) :]) if name == "toml" else None
        bad("item-added", "an empty item added", text[:second] + header + text[second:])
        bad("clear-changed", "a clear value changed", replaced(text, "free = ", "free = 9"))
        bad("clear-added", "a clear empty section added", text.replace("[sops-rs]", "[new]\n[sops-rs]"))
        a, b = sealed.token("[u]\na = "), re.search(r"\[u\]\na = .*\nb = [\"]?(ENC\[[^]]*\])", text).group(1)
        v.failure(f"{name}-swapped", MAC, "two values swapped", sealed, swapped(text, a, b))
        line = re.search(r"\[u\]\n(a = .*\n)", text).group(1)
        bad("removed", "a value removed", replaced(text, "[u]\n" + line, "[u]\n"))
    properties = Sealed("a=1\nb=2\nfree=3\n", "properties", clear=["free"])
    text = properties.text
    v.failure("properties-swapped", MAC, "two values swapped", properties,
              swapped(text, properties.token("a="), properties.token("b=")))
    v.failure("properties-clear-changed", MAC, "a clear value changed", properties, replaced(text, "free=3", "free=\\u0033"))
    v.failure("properties-not-sealed", LEAF, "a value in clear", properties, "c=1\n" + text)
    other = Sealed(b"other", "binary", key="other")
    binary = Sealed(b"secret", "binary")
    v.failure("binary-other", MAC, "another file's data", binary,
              replaced(binary.text, binary.token('"data": '), other.token('"data": ')))
    v.failure("binary-clear", LEAF, "data in clear", binary, re.sub(r'"data": "[^"]*"', '"data": "AAEC"', binary.text))


def make_payloads(v):
    """What a holder of a key may try."""
    for format, payload, comment in (
        ("toml", "1\nx = 2", "another key"),
        ("toml", "1 # c", "a comment"),
        ("toml", "[1]", "a list"),
        ("toml", "{}", "an empty table"),
        ("toml", " 1", "a blank"),
        ("toml", "'''\n[sops-rs]\n'''", "a line of metadata"),
        ("toml", "x", "no value"),
        ("ini", "x\ny = 2", "another key"),
        ("ini", "x\n[u]", "a section"),
        ("ini", " x", "a blank"),
        ("ini", "x\\", "a backslash at the end"),
        ("ini", "'x' ", "a blank behind the quotes"),
        ("ini", "'x", "a quote that is not closed"),
        ("properties", "x\ny=2", "another key"),
        ("properties", "x\\", "a backslash at the end"),
        ("properties", " x", "a blank"),
        ("properties", "\\u12", "a broken escape"),
    ):
        number = len([name for name in v.names if name.startswith(f"{format}-payload-")])
        kind = 3 if "\n" in payload else 1
        sealed = Sealed("a = 5\nb = 6\n", format, payloads={"5": text_payload(kind, payload)})
        sealed.forged = True
        v.failure(f"{format}-payload-{number}", LEAF, f"a value that opens to more or less: {comment}", sealed, sealed.bytes)
