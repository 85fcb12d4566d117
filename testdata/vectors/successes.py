"""The vectors that open."""

from builder import ALICE, STRANGER, Sealed, reader, replaced, swapped

KINDS = """%YAML 1.2 # a directive
---
plain: one
quoted: 'two'
nothing:
map: {}
list: []
anchor: &name three
alias: *name
tag: !!str 4
key: five
&on_key keyed: 6
!!str tagged: 7
flow: [8, "nine", {ten: 'eleven', "twelve"}]
sealed: secret
"""
MULTI_LINE = """outer:
  literal: |
    one
      two

    three
  folded: >-
    four
    five
  plain: six
    seven
  double: "eight
    nine \\
    ten"
  list:
    - |2
        indented
       less
    - last
"""
SECTIONS = """# for all
app:
  user: admin # who
  password: all readers
prod:
  # for few
  password: few readers
  list: [a, b]
last: x
"""
DOTENV = """# comment
A=plain
export B="quoted" # behind
C=
D
E='two
lines'
F=with # no comment
G = spaced
H=`tick`
"""
TWO = {"default": [("alice", ALICE), ("bob", STRANGER)], "prod": [("bob", STRANGER)]}


def make(v):
    make_yaml(v)
    make_json(v)
    make_dotenv(v)
    make_sections(v)
    make_rewritten(v)
    make_limits(v)


def make_yaml(v):
    demo = "# demo\ndb:\n  user: app\n  password: s3cret\nports: [5432, 5433]\n"
    v.success("example", "the example of the page", Sealed(demo, clear=["db.user"], key="example"))
    v.success(
        "yaml-kinds-clear",
        "covered leaves of all kinds but 4, beside one sealed value",
        Sealed(KINDS, encrypt=["sealed"]),
    )
    v.success("yaml-kinds-sealed", "leaves of all kinds but 4; 1 and 2 are sealed", Sealed(KINDS))
    v.success(
        "yaml-free",
        "free values are in no link, marks and what stands below `<<` or an anchor are",
        Sealed("a: 1\n<<: {b: 2}\nc: !t 3\nd: []\nf: &x {g: 4}\nh: &y 5\ne: secret\n", encrypt=["e"], clear_values="free"),
    )
    v.success("yaml-comments-clear", "comments that stay clear", Sealed("# head\na: 1 # behind\n#\n", comments="clear"))
    v.success("yaml-comments-only-blank", "comments of one sign, and with trailing blanks", Sealed("#\na: 1 #  x \n"))
    v.success(
        "yaml-documents",
        "four documents, one of them empty, and an end mark",
        Sealed("--- # one\na: 1\n---\n- 2\n- b: 3\n--- !t\n...\n---\nfour\n"),
    )
    v.success("yaml-root-scalar", "a root that is no map: the block is a document of its own", Sealed("secret\n"))
    v.success("yaml-root-list", "a list as root", Sealed("- a\n- - b\n  - c\n- d: e\n"))
    v.success("yaml-root-flow", "a flow map as root", Sealed("{a: 1, b: [2, '3'], c: d}\n"))
    v.success("yaml-root-several-lines", "a root on several lines", Sealed("one\ntwo\n\nthree\n"))
    v.success("yaml-missing-key", "the last key of the root is missing: a document of its own", Sealed("a: 1\n: 2\n"))
    v.success("yaml-indented-root", "keys of the root that are not in column 0", Sealed("  a: 1\n  b: 2\n"))
    v.success("yaml-document-end", "`...` behind the last document", Sealed("a: 1\n...\n"))
    v.success("yaml-several-lines", "values on several lines", Sealed(MULTI_LINE))
    v.success(
        "yaml-several-lines-clear",
        "clear values on several lines, pinned by their meaning",
        Sealed(MULTI_LINE + "x: 1\n", encrypt=["x"]),
    )
    v.success(
        "yaml-block-scalars",
        "block scalars with indicators, with trailing empty lines and without content",
        Sealed("a: |+\n  x\n\n\nb: |+ # c\n\n\nc: |- # d\nd: >+\n\ne: |\n  y\n  \n   \nf: |1-\n  z\n"),
    )
    v.success(
        "yaml-block-scalars-clear",
        "the same, clear",
        Sealed(
            "a: |+\n  x\n\n\nb: |+ # c\n\n\nc: |- # d\nd: >+\n\ne: |\n  y\n  \n   \nf: |1-\n  z\ng: 1\n", encrypt=["g"]
        ),
    )
    v.success(
        "yaml-double-quoted-clear",
        "escapes in clear values",
        Sealed("a: \"\\x41\\u00e9\\U0001F600\\n\\t\\\"\\\\\\/\\_\\N\\0\"\nb: 'it''s'\nc: secret\n", encrypt=["c"]),
    )
    v.success("yaml-crlf", "line breaks are CRLF", Sealed('a: 1\r\nb: |\r\n  x\r\n  y\r\nc: "d\r\n  e"\r\n'))
    v.success("yaml-bom", "a byte order mark", Sealed("\ufeffa: 1\nb: 2\n"))
    v.success("yaml-no-last-newline", "a line break was added", Sealed("a: 1\nb: 2"))
    v.success("yaml-no-last-newline-block", "a block scalar up to the end of the text", Sealed("a: |\n  x\n  y"))
    v.success("yaml-no-last-newline-scalar", "a line break and a document were added", Sealed("\ufeffsecret"))
    v.success(
        "yaml-quoted-keys",
        '`1` and `"1"` are different keys, `"a"` and `\'a\'` are not',
        Sealed('1: a\n\'b c\': d\n"e\\n": f\n"sops\\u002Drs2": g\nx: {"1":h, \'q\': i}\n'),
    )
    v.success(
        "yaml-unicode",
        "characters of two, three and four bytes",
        Sealed('clé: naïve\n鍵: 秘密\n🔑: [😀, "\\U0001F600"] # 🙂\n'),
    )
    v.success("yaml-explicit-keys", "`?`, with and without a value", Sealed("? a\n: 1\n? b\n? 'c' # d\n: - 2\n"))
    v.success(
        "yaml-empty-values",
        "values that are not there, beside a sealed one",
        Sealed("a:\nb:\n- \n- x\n-\nc: {d, e: }\n"),
    )
    v.success("yaml-flow-pairs", "maps of one pair in a list", Sealed('a: [b: 1, "c": 2, {d: 3}, [e: 4]]\n'))
    v.success(
        "yaml-clear-between",
        "clear leaves between sealed ones, in items of a list",
        Sealed("- {user: a, pw: S1}\n- {pw: S2, user: b}\n- user: c\n- pw: S4\n", clear=["**.user"]),
    )
    v.success(
        "yaml-globs",
        "every sort of glob",
        Sealed(
            'a: {b: 1, c.d: 2, "e": 3}\nf: [4, [5, {g: 6}]]\nxyz: 7\nxz: 8\nk: 9\n---\na: {b: 10}\n',
            encrypt=["a.b", 'a."c.d"', "f[][]", "**.g", "x*z", "*"],
            clear=["xz", "f[]"],
        ),
    )
    v.success(
        "yaml-merge-keys",
        "`<<` does not count in globs",
        Sealed("a:\n  <<: {b: 1, c: 2}\n  d: 3\n", encrypt=["a.b", "a.<<.d"]),
    )


def make_json(v):
    v.success(
        "json-object",
        "an object",
        Sealed('{\n  "a": 1,\n  "b": [true, null, -1.5e3, "x\\u00e9\\n"],\n  "c": {"d": {}, "e": []}\n}\n', "json"),
    )
    v.success("json-minified", "without white space or line break", Sealed('{"a":1,"b":{"c":"d"}}', "json"))
    v.success(
        "json-clear",
        "clear values, with escapes",
        Sealed('{"a": "\\u0041\\ud83d\\ude00\\/", "b": 1.0, "c": [], "d": {}, "e": "s"}\n', "json", encrypt=["e"]),
    )
    v.success("json-wrapped-list", "a root that is a list", Sealed('[1, "two", [3], {"a": 4}]\n', "json"))
    v.success(
        "json-wrapped-text", "a root that is a string, and white space around it", Sealed(' \n"secret"\t\n', "json")
    )
    v.success("json-bom-crlf", "a byte order mark and CRLF", Sealed('\ufeff{\r\n  "a": 1\r\n}\r\n', "json"))
    v.success("json-lone-surrogate", "a sealed string with a lone surrogate", Sealed('{"a": "\\ud800"}\n', "json"))
    v.success(
        "json-line-separators",
        "U+2028 is no line break in JSON",
        Sealed('{"a": "x\u2028y\u0085", "b": 1}\n', "json", clear=["a"]),
    )


def make_dotenv(v):
    v.success("dotenv", "every form of a value", Sealed(DOTENV, "dotenv"))
    v.success("dotenv-blanks", "blanks before a quote belong to the value", Sealed("A= \"x\"\nB=\t'y' # c\nC= z\n", "dotenv"))
    v.success(
        "dotenv-clear",
        "kinds 1, 2, 3 and 4 clear, pinned by their source",
        Sealed(DOTENV + "Z=secret\n", "dotenv", encrypt=["Z"]),
    )
    v.success(
        "dotenv-crlf",
        "CRLF, also within a clear value",
        Sealed("A='x\r\ny'\r\nB=\"p\r\nq\"\r\nC=1\r\n", "dotenv", clear=["A"]),
    )
    v.success("dotenv-no-last-newline", "a line break was added", Sealed("A=1\nB=2", "dotenv"))
    v.success(
        "dotenv-bom", "a byte order mark, and keys of other letters", Sealed("\ufeffÄ.b-1=x\nexport=y\n", "dotenv")
    )
    v.success(
        "dotenv-numeric-section",
        "the name of a section that consists of digits",
        Sealed("A=1\nB=2\n", "dotenv", sections={"7": ["B"]}),
    )


def make_sections(v):
    both = Sealed(SECTIONS, sections={"prod": ["prod.**"]})
    v.success("sections-both-held", "two sections, both held", both)
    locked = Sealed(SECTIONS, sections={"prod": ["prod.**"]}, readers=TWO)
    plain = replaced(SECTIONS, "few readers", locked.token("  password: ", 1))
    plain = replaced(plain, "[a, b]", '["%s", "%s"]' % (locked.token("list: ["), locked.token('", ')))
    plain = replaced(plain, "# for few", "# " + locked.token("# ", 2))
    default = {"default": locked.data_keys["default"].hex()}
    v.success(
        "sections-one-held",
        "two sections, of which one is held: the other's tokens stay",
        locked,
        locked.bytes,
        plain,
        data_keys=default,
    )
    three = Sealed("a: 1\nb: {c: 2, d: 3}\ne: 4\n", sections={"x": ["b.c"], "y": ["b.**", "nothing"]}, follows=["x"])
    v.success("sections-three", "three sections; the first one whose glob matches gets a leaf", three)
    clear = Sealed("a: 1\nb: 2\nc: 3\nd: 4\n", sections={"x": ["b", "c"]}, clear=["b", "d"])
    v.success("sections-clear-leaves", "clear leaves belong to sections, too", clear)
    v.success("sections-dotenv", "sections in dotenv", Sealed('A=1\nB="2\n3"\n', "dotenv", sections={"x": ["B"]}))
    v.success("sections-json", "sections in JSON", Sealed('{"a": 1, "b": [2]}', "json", sections={"x": ["b.**"]}))
    v.success("follows", "a new data key says which one it follows", Sealed("a: 1\n", follows=["default"]))
    several = {"default": [("alice", ALICE), ("bob@example.org", STRANGER)]}
    v.success("recipients-two", "two recipients", Sealed("a: 1\n", readers=several))
    proposal = {"path": "a", "age_file": reader("p", ALICE, b"proposal".ljust(32))["wrapped_key"], "note": 'why: "x"\n'}
    bare = {"path": 'b."c d"[0]', "age_file": b"not looked at"}
    for format, text in (("yaml", "a: 1\n"), ("json", '{"a": 1}\n'), ("dotenv", "a=1\n")):
        v.success(
            f"proposals-{format}",
            "two proposals, with and without a note",
            Sealed(text, format, proposals=[proposal, bare]),
        )


def make_rewritten(v):
    """Files as formatters, merges and check-outs leave them."""
    indented = Sealed('a:\n  b: |\n    x\n\n     y\n  c: "p\n    q"\n')
    v.success(
        "rewritten-indentation",
        "indented anew: lines of values move with it",
        indented,
        replaced(replaced(indented.text, "\n  b: ", "\n      b: "), "\n  c: ", "\n      c: "),
        'a:\n      b: |\n        x\n\n         y\n      c: "p\n        q"\n',
    )
    deep = Sealed("a:\n      b: |\n        x\n       \n         y\n  \nc: 1\n")
    less = replaced(deep.text, "\n      b: ", "\n b: ")
    v.success("rewritten-less-indentation", "indented less", deep, less, "a:\n b: |\n   x\n  \n    y\n  \nc: 1\n")
    lf = Sealed("# c\na: 1\nb: 'x\n  y'\nz: 1\nd: |\n  p\n  q\n", clear=["b"])
    plain = "# c\r\na: 1\r\nb: 'x\r\n  y'\r\nz: 1\r\nd: |\n  p\n  q\r\n"
    v.success(
        "rewritten-crlf",
        "checked out with CRLF: sealed values keep their own line breaks",
        lf,
        lf.text.replace("\n", "\r\n"),
        plain,
    )
    crlf = Sealed("a: |\r\n  x\r\n  y\r\nb: 1\r\n")
    v.success("rewritten-lf", "and the reverse", crlf, crlf.text.replace("\r\n", "\n"), "a: |\r\n  x\r\n  y\nb: 1\n")
    small = Sealed("a: 1 # c\nb: [2, 3]\nd: 'e'\n", clear=["d"])
    text = replaced(small.text, "b: [", "b:   [ ")
    text = replaced(text, "a: ENC", "a:  'ENC")
    text = replaced(text, "] # ", "]'   # ")
    v.success(
        "rewritten-blanks-and-quotes",
        "blanks, a token in other quotes, a clear value in others",
        small,
        replaced(text, "d: 'e'", 'd: "\\x65"'),
        'a:  1   # c\nb:   [ 2, 3]\nd: "\\x65"\n',
    )
    head, tail = small.text.split("      recipients:\n")
    tail = replaced(
        replaced(replaced(tail, "        - name", "      - name"), "          recipient", "        recipient"),
        "          wrapped",
        "        wrapped",
    )
    v.success(
        "rewritten-block",
        "a block with dashes in the column of their field, without the last line break",
        small,
        (head + "      recipients:\n" + tail)[:-1],
        small.plain.decode(),
    )
    moved = Sealed("# one\na: 1\nb: 2 # two\n")
    one, two = moved.token("# "), moved.token("# ", 1)
    v.success(
        "rewritten-comments-moved",
        "comments swapped, a third one added in clear",
        moved,
        "# plain\n" + swapped(moved.text, one, two),
        "# plain\n# two\na: 1\nb: 2 # one\n",
    )
    foreign = Sealed("# x\na: 1\n", key="another").token("# ")
    v.success(
        "rewritten-comment-foreign",
        "a comment that does not open stays, with a warning",
        moved,
        replaced(moved.text, one, foreign),
        f"# {foreign}\na: 1\nb: 2 # two\n",
    )
    v.success(
        "rewritten-json-spaces",
        "white space within a JSON block",
        Sealed('{"a":1}', "json"),
        Sealed('{"a":1}', "json").text.replace('": ', '" :\t').replace(',\n  "sops-rs"', ',\n\n "sops-rs"'),
        '{"a":1}',
    )


def make_limits(v):
    for length in (30, 31, 32):
        # A payload is one byte longer than its text, and one more for its end.
        v.success(
            f"padding-{length}",
            f"a payload of {length} bytes before its 0x80",
            Sealed("a: " + "x" * (length - 1) + "\n", key="padding"),
        )
    v.success("value-long", "a value of 10,000 bytes", Sealed("a: " + "0123456789" * 1000 + "\nb: 1\n"))
    v.success("value-empty", "texts without a character", Sealed("a: ''\nb: \"\"\n"))
    v.success("nested", "as deep as it may be", Sealed("[" * 128 + "a" + "]" * 128 + "\n"))
    v.success(
        "unused-sections-and-globs",
        "a policy that seals one of many",
        Sealed("".join(f"k{n}: {n}\n" for n in range(50)), encrypt=["k7"], sections={"x": ["none"]}),
    )
    v.success(
        "looks-like-a-token-almost",
        "values that almost look like tokens",
        Sealed("a: ENC\nb: x ENC[1:]\nc: enc[\n", clear=["b"]),
    )
