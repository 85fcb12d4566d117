"""The vectors that are refused."""

import re

import native
from builder import ALICE, STRANGER, Sealed, field, reader, replaced, swapped, text_payload

TEXT = """# head
db:
  user: app
  password: s3cret
  note: &x !t free
  other: *x
list:
  - {name: a, pw: one}
  - {name: b, pw: two}
empty:
last: x
"""
SYNTAX, METADATA, LEAF, MAC = "syntax failure", "metadata failure", "leaf failure", "MAC failure"


def make(v):
    base = Sealed(TEXT, clear=["**.user", "**.name", "**.note"])
    make_text(v, base)
    make_metadata(v, base)
    make_leaves(v, base)
    make_links(v, base)
    make_macs(v, base)
    make_payloads(v)
    make_sections(v)


def make_text(v, base):
    """Steps 1 and 3, and files without metadata."""
    t = base.text
    for format, text in (("yaml", "a: 1\n"), ("json", '{"a": 1}\n'), ("dotenv", "A=1\n")):
        plain = Sealed(text, format)
        v.failure(f"not-encrypted-{format}", "not encrypted", "a plaintext", plain, text)
    json = Sealed('{"a": 1}\n', "json")
    v.failure(
        "not-encrypted-json-key",
        "not encrypted",
        "the block's key in another spelling",
        json,
        replaced(json.text, '"sops-rs"', '"sops\\u002drs"'),
    )
    v.failure(
        "not-encrypted-yaml-key",
        "not encrypted",
        "the block's key in quotes",
        base,
        replaced(t, "sops-rs:", "'sops-rs':"),
    )
    v.failure("text-not-utf8", SYNTAX, "not UTF-8", base, base.bytes.replace(b"app", b"a\xff"))
    for name, char in (("nel", "\u0085"), ("line-separator", "\u2028"), ("mark", "\ufeff"), ("escape", "\x1b")):
        v.failure(f"text-{name}", SYNTAX, "a refused character in a comment", base, t.replace("db:", f"db: # {char}x"))
    v.failure("text-lone-cr", SYNTAX, "a CR that no LF follows", base, t.replace("db:", "db: # \rx: 1"))
    v.failure("yaml-broken", SYNTAX, "a bracket that is not closed", base, t.replace("pw: ", "[", 1))
    v.failure("yaml-duplicate-key", SYNTAX, "a key twice", base, t.replace("empty:", "last:"))
    v.failure(
        "yaml-duplicate-key-quoted", SYNTAX, "a key twice, once in quotes", base, t.replace("empty:", '"l\\x61st":')
    )
    v.failure("yaml-key-sops", SYNTAX, "a key of metadata", base, t.replace("empty:", "sops:"))
    v.failure("yaml-alias-key", SYNTAX, "an alias as a key", base, t.replace("empty:", "*x :"))
    json, env = Sealed('{"a": 1, "b": 2}\n', "json"), Sealed("A=1\nB=2\n", "dotenv")
    v.failure("json-broken", SYNTAX, "a comma too many", json, json.text.replace('{"a"', '{, "a"'))
    v.failure("json-duplicate-key", SYNTAX, "a key twice", json, replaced(json.text, '"b"', '"\\u0061"'))
    v.failure(
        "json-second-block", SYNTAX, "two blocks: a key twice", json, json.text.replace('{"a"', '{"sops-rs": {}, "a"')
    )
    v.failure("dotenv-no-closing-quote", SYNTAX, "a quote that is not closed", env, 'C="\n' + env.text)
    v.failure("dotenv-duplicate-key", SYNTAX, "a key twice", env, replaced(env.text, "B=", "A=", 1))
    v.failure("dotenv-comment-backslash", SYNTAX, "a comment that hides the next line", env, "# \\\n" + env.text)


def make_metadata(v, base):
    t = base.text

    def bad(name, comment, old, new, sealed=base):
        v.failure(f"metadata-{name}", METADATA, comment, sealed, replaced(sealed.text, old, new))

    start, mac = field(t, "start"), field(t, "mac")
    bad("version", "version 2", "version: 1", "version: 2")
    bad("unknown-field", "a field that is unknown", "  comments: encrypt\n", "  comments: encrypt\n  more: 1\n")
    bad("missing-field", "a field is missing", "  clear_values: pinned\n", "")
    bad(
        "field-order",
        "fields in another order",
        "  comments: encrypt\n  clear_values: pinned\n",
        "  clear_values: pinned\n  comments: encrypt\n",
    )
    bad("field-twice", "a field twice", "  comments: encrypt\n", "  comments: encrypt\n  comments: encrypt\n")
    bad("value", "a value that is unknown", "comments: encrypt", "comments: maybe")
    bad("base64-padded", "base64 with padding", start, start + "=")
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    bad("base64-bits", "base64 with unused bits", start, start[:-1] + alphabet[alphabet.index(start[-1]) + 1])
    bad("length", "31 bytes", mac, mac[:-2])
    bad("quoted", "a text in quotes that could do without", "version: 1", 'version: "1"')
    bad("blank", "a blank behind a value", "version: 1\n", "version: 1 \n")
    bad("comment", "a comment in the block", "version: 1\n", "version: 1 # one\n")
    bad("blank-line", "an empty line in the block", "version: 1\n", "version: 1\n\n")
    bad("tab", "a tab in an indentation", "  version: 1\n", "\tversion: 1\n")
    bad("anchor", "an anchor in the block", "comments: encrypt", "comments: &a encrypt")
    bad(
        "section-name",
        "the name of a section ends in a hyphen",
        "    x:\n",
        "    x-:\n",
        Sealed("a: 1\nb: 2\n", sections={"x": ["a"]}),
    )
    bad("sections-order", "sections in another order", "    default:\n", "    eefault:\n")
    bad("glob", "a glob that is none", '["**"]', '["a..b"]')
    bad("readers-name", "a recipient's name that is none", "name: alice", 'name: "-alice"')
    bad("newline", "no line break was added", "  sections:\n", "  newline: added\n  sections:\n", Sealed("a: 1\n\n"))
    bad("wrapped", "`wrapped` in YAML", "  sections:\n", "  wrapped: true\n  sections:\n")
    bad("separate", "a document that was not needed", "sops-rs:\n", "---\nsops-rs:\n")
    bad("truncated", "cut off in the block", f"      mac: {mac}\n", "")
    outsider = Sealed("a: 1\nb: 2\n", sections={"x": ["a"]}, readers={"x": [("alice", ALICE), ("eve", STRANGER)]})
    outsider.forged = True
    v.failure(
        "metadata-outsider", METADATA, "a recipient of a section that is not one of default", outsider, outsider.bytes
    )
    two = Sealed("a: 1\n", readers={"default": [("bob", STRANGER), ("alice", ALICE)]})
    two.forged = True
    v.failure("metadata-readers-order", METADATA, "recipients that are not sorted", two, two.bytes)
    block = t[t.index("sops-rs:\n") :]
    v.failure("metadata-second-block", SYNTAX, "a second block: its head is a key of the root", base, t + block)
    v.failure("metadata-not-last", METADATA, "a key behind the block", base, t + "more: 1\n")
    json = Sealed('{"a": 1}\n', "json")
    bad("json-comma", "a blank before the block's comma", ',\n  "sops-rs"', ' ,\n  "sops-rs"', json)
    v.failure(
        "metadata-json-not-last",
        METADATA,
        "a member behind the block",
        json,
        json.text.rstrip("\n")[:-1] + ', "b": []}\n',
    )
    bad("json-version-text", "a text that must be a literal", '"version": 1', '"version": "1"', json)
    bad("json-wrapped", "said to be wrapped", '    "sections"', '    "wrapped": true,\n    "sections"', json)
    bad("json-escape", "a text with an escape too many", '"pinned"', '"p\\u0069nned"', json)
    env = Sealed("A=1\n", "dotenv")
    bad(
        "dotenv-order",
        "lines in another order",
        "sops_rs__version=1\nsops_rs__comments=encrypt\n",
        "sops_rs__comments=encrypt\nsops_rs__version=1\n",
        env,
    )
    bad("dotenv-index", "an index with a zero before it", "recipients__0__name", "recipients__00__name", env)
    v.failure("metadata-dotenv-empty-line", METADATA, "an empty line behind the block", env, env.text + "\n")
    v.failure(
        "metadata-dotenv-elsewhere", SYNTAX, "a line of metadata before the block", env, "sops_rs__x=1\n" + env.text
    )


def make_leaves(v, base):
    t = base.text
    password, last = base.token("password: "), base.token("last: ")
    seal = last.split(":")[1]

    def bad(name, comment, data):
        v.failure(f"leaf-{name}", LEAF, comment, base, data)

    bad("clear", "a value in clear where a token must be", replaced(t, password, "mine"))
    bad("token-in-clear", "a token where a clear value must be", replaced(t, "user: app", f"user: {last}"))
    bad("token-like", "a clear value that looks like a token", replaced(t, "user: app", "user: '`ENC[x'"))
    bad("copied", "a token twice: an id twice", replaced(t, password, last))
    bad("no-link", "a comment's token for a value", replaced(t, last, f"ENC[1:{seal}]"))
    bad("version", "a token of another version", replaced(t, last, last.replace("[1:", "[2:")))
    bad("base64", "a token whose base64 is not canonical", replaced(t, last, last.replace("]", "=]")))
    link = last[-23:-1]
    following = {"A": "B", "Q": "R", "g": "h", "w": "x"}[link[-1]]
    bad("base64-bits", "a link with unused bits", replaced(t, last, last[:-2] + following + "]"))
    bad("blank", "a blank within the quotes", replaced(t, last, f'" {last}"'))
    bad("block-scalar", "a token in a block scalar", replaced(t, last, f"|-\n  {last}"))
    bad("short", "a seal without payload", replaced(t, seal, native.to_base64(native.from_base64(seal)[:40])))
    bad("length", "a payload of 33 bytes", replaced(t, seal, native.to_base64(native.from_base64(seal) + b"x")))
    bad("truncated", "a token that is cut off", replaced(t, last, last[:-4]))


def make_links(v, base):
    t = base.text
    password, last = base.token("password: "), base.token("last: ")
    one, two = base.token("pw: "), base.token("pw: ", 1)

    def bad(name, comment, data, sealed=base):
        v.failure(f"link-{name}", MAC, comment, sealed, data)

    bad("swapped", "two tokens swapped", swapped(t, password, last))
    bad("swapped-items", "tokens of two items of a list swapped", swapped(t, one, two))
    bad("swapped-seals", "their seals alone swapped", swapped(t, one.split(":")[1], two.split(":")[1]))
    bad("removed", "a leaf removed", replaced(t, f"last: {last}\n", ""))
    bad("removed-first", "the first one removed", replaced(t, f"  password: {password}\n", ""))
    bad("removed-item", "an item of a list removed", re.sub(r"  - \{name: b.*\n", "", t))
    bad("moved", "a leaf moved, with its key", f"last: {last}\n" + replaced(t, f"last: {last}\n", ""))
    bad("renamed", "a key renamed", replaced(t, "last:", "lost:"))
    bad("quoted-key", "a key put in quotes", replaced(t, "last:", '"last":'))
    bad("clear-value", "a clear value changed", replaced(t, "user: app", "user: abb"))
    bad("clear-kind", "a clear value put in quotes", replaced(t, "user: app", "user: 'app'"))
    bad("clear-added", "a clear leaf added", replaced(t, "  user: app\n", "  user: app\n  x: {}\n"))
    bad("clear-removed", "a clear leaf removed", replaced(t, "  user: app\n", ""))
    bad("empty-value", "a sealed value replaced by none", replaced(t, f"last: {last}", "last:"))
    bad("tag", "a tag changed", replaced(t, "!t", "!u"))
    bad("tag-added", "a tag added to a sealed value", replaced(t, "last: ", "last: !!binary "))
    bad("anchor", "an anchor changed", replaced(t, "&x", "&y"))
    bad("anchor-added", "an anchor added to a sealed value", replaced(t, "last: ", "last: &z "))
    bad("alias", "an alias changed", replaced(t, "*x", "*y"))
    bad("alias-added", "an alias added", replaced(t, "empty:", "empty: *x"))
    bad("directive", "a directive added", "%YAML 1.2\n---\n" + t)
    bad(
        "document-added",
        "an empty document added before the block",
        replaced(t, "\nsops-rs:", "\n---\nz: {}\nsops-rs:"),
    )
    bad("names-swapped", "clear values of two items swapped", swapped(t, "{name: a", "{name: b"))
    pairs = Sealed("- {pw: S1}\n- {user: a, pw: S2}\n", clear=["**.user"])
    split = replaced(pairs.text, "user: a, ", "user: a}\n- {")
    bad("regrouped", "an item split: a clear leaf no longer belongs to the secret behind it", split, pairs)
    joined = Sealed("- {user: a}\n- {pw: S2}\n- {pw: S3}\n", clear=["**.user"])
    bad("joined", "two items joined", replaced(joined.text, "user: a}\n- {", "user: a, "), joined)
    back = Sealed("- {pw: S1, user: a}\n- {pw: S2}\n", clear=["**.user"])
    bad(
        "regrouped-behind",
        "a clear leaf moved to the next item",
        replaced(replaced(back.text, ", user: a", ""), "\n- {", "\n- {user: a, "),
        back,
    )
    listed = Sealed("a: [1, 2]\nb: 3\n")
    a, b = listed.token("a: ["), listed.token('", "', 0)
    bad(
        "list-pair",
        "items of a list swapped with the links put where they were",
        swapped(listed.text, a.split(":")[1], b.split(":")[1]),
        listed,
    )
    nested = Sealed("- [1, 2]\n- [3]\n")
    bad(
        "list-regrouped",
        "an item moved from one list to the next",
        replaced(
            replaced(nested.text, '", "', '"]\n- ["'),
            '"]\n- ["' + nested.token("\n- ["),
            '", "' + nested.token("\n- ["),
        ),
        nested,
    )
    new = Sealed(replaced(TEXT, "last: x", "last: y\nnew: z"), clear=["**.user", "**.name", "**.note"], salt="later")
    bad(
        "earlier",
        "a token of an earlier state: its seam does not fit",
        replaced(new.text, new.token("last: "), last),
        new,
    )
    other = Sealed(TEXT, clear=["**.user", "**.name", "**.note"], key="other")
    bad("foreign", "a token of another file", replaced(t, last, other.token("last: ")))
    flipped = native.from_base64(last.split(":")[1])
    flipped = native.to_base64(flipped[:-1] + bytes([flipped[-1] ^ 1]))
    bad("flipped", "a bit of a seal changed", replaced(t, last.split(":")[1], flipped))
    document = Sealed("a: 1\n---\nb: 2\n")
    bad(
        "documents-swapped",
        "two documents swapped",
        f"b: {document.token('b: ')}\n---\na: {document.token('a: ')}\n"
        + document.text[document.text.index("sops-rs:") :],
        document,
    )
    env = Sealed("A='x'\nB=y # z\nC=\nD\nE=s\n", "dotenv", encrypt=["E"])
    for name, old, new in (
        ("quotes", "'x'", '"x"'),
        ("inline-comment", "y # z", "y # a"),
        ("blank", "=y", "= y"),
        ("no-value", "D\n", "D=\n"),
        ("value", "C=\n", "C=1\n"),
    ):
        bad(f"dotenv-{name}", "a clear value in dotenv changed", replaced(env.text, old, new), env)
    json = Sealed('{"a": 1, "b": {}, "c": "s"}\n', "json", encrypt=["c"])
    bad(
        "json-number",
        "a clear number changed, though it is the same one",
        replaced(json.text, '"a": 1', '"a": 1.0'),
        json,
    )
    bad("json-empty", "an empty map made an empty list", replaced(json.text, "{}", "[]"), json)


def make_macs(v, base):
    t = base.text

    def bad(name, comment, data, sealed=base, **more):
        v.failure(f"mac-{name}", MAC, comment, sealed, data, **more)

    start, mac, key_id = field(t, "start"), field(t, "mac"), field(t, "key_id")
    wrong = native.to_base64(bytes(32))
    bad("start", "another start", replaced(t, start, wrong))
    bad("mac", "another metadata MAC", replaced(t, mac, wrong))
    bad("key-id", "another key id", replaced(t, key_id, wrong))
    bad("encrypt", "a glob added", replaced(t, '["**"]', '["**", "x"]'))
    bad("clear-values", "made free", replaced(t, "pinned", "free"))
    bad("comments", "comments made clear", replaced(t, "comments: encrypt", "comments: clear"))
    bad("reader-name", "a recipient renamed", replaced(t, "alice", "alicf"))
    eve = native.to_base64(reader("eve", STRANGER, bytes(32))["wrapped_key"])
    added = f"        - name: eve\n          recipient: {STRANGER}\n          wrapped_key: {eve}\n      mac:"
    bad("reader-added", "a recipient added", replaced(t, "      mac:", added))
    follows = Sealed("a: 1\n", follows=["default"])
    bad(
        "follows-removed",
        "`follows` taken out",
        replaced(follows.text, f"      follows: {field(follows.text, 'follows')}\n", ""),
        follows,
    )
    bad("follows-added", "`follows` put in", replaced(t, "      mac:", f"      follows: {wrong}\n      mac:"))
    line = Sealed("a: 1")
    bad(
        "newline",
        "`newline` taken out: the line break becomes the file's",
        replaced(line.text, "  newline: added\n", ""),
        line,
    )
    wrapped = Sealed("[1]", "json")
    data = wrapped.text.replace('    "wrapped": true,\n', "")
    bad("unwrapped", "`wrapped` taken out: `data` becomes a key", data, wrapped)
    other = {"default": bytes(range(32))}
    forged = Sealed("a: 1\n", wrap=other)
    forged.forged = True
    bad(
        "wrong-data-key",
        "the wrapped key holds another data key",
        forged.bytes,
        forged,
        data_keys={"default": other["default"].hex()},
    )
    nobody = Sealed("a: 1\n", readers={"default": [("bob", STRANGER)]})
    nobody.forged = True
    v.put("no-match", "no match", nobody, "wrapped to somebody else only", nobody.bytes, data_keys={})


def make_payloads(v):
    """By somebody who has the data key, so that MACs and links are right (steps 7 and 8)."""

    def bad(name, comment, source, payload, text=None, format="yaml", **more):
        sealed = Sealed(text or f"a: {source}\nb: 1\n", format, payloads={source: payload}, **more)
        sealed.forged = True
        v.failure(f"payload-{name}", LEAF, comment, sealed, sealed.bytes)

    elsewhere = b"sops-rs/1 leaf" + native.lp("default") + native.shape((("d", 0), ("k", "b")))
    bad("other-path", "a seal for another path", "x", (text_payload(1, "x"), elsewhere))
    bad(
        "other-section",
        "a seal for another section",
        "x",
        (text_payload(1, "x"), elsewhere.replace(b"default", b"defaulu")),
    )
    bad(
        "swallows-comment",
        "one value alone, but in its place it takes in the comment behind it",
        "x",
        text_payload(3, "|\n y"),
        "a: x # c\nb: 1\n",
    )
    bad("kind", "an unknown kind", "x", text_payload(4, "x"))
    bad("kind-lf", "a line break in a payload for one line", "x", text_payload(1, "'x\n y'"))
    bad("kind-no-lf", "a payload for several lines without a line break", "x", text_payload(3, "x"))
    bad("kind-comment", "a comment's payload in a value", "x", text_payload(2, "# x"))
    bad("padding-long", "32 bytes of padding too many", "x", text_payload(1, "x") + bytes(32))
    bad("padding-none", "no 0x80", "x", b"\1x" + bytes(30))
    bad("padding-zero", "nothing but zeros", "x", bytes(32))
    bad("padding-other", "padding that is not zero", "x", text_payload(1, "x")[:-1] + b"\1")
    bad("not-utf8", "a text that is not UTF-8", "x", b"\1\xff\x80" + bytes(29))
    bad("empty", "no text", "x", text_payload(1, ""))
    bad("second-key", "a value, a line break and a second key", "x", text_payload(3, "x\nc: 2"))
    bad("comment-behind", "a value and a comment", "x", text_payload(1, "x # c"))
    bad("comment", "a comment for a value", "x", text_payload(1, "# c"))
    bad("blank", "a blank behind the value", "x", text_payload(1, "x "))
    bad("alias", "an alias", "x", text_payload(1, "*x"))
    bad("anchor", "an anchor and a value", "x", text_payload(1, "&x y"))
    bad("tag", "a tag and a value", "x", text_payload(1, "!t y"))
    bad("map", "a map", "x", text_payload(1, "{}"))
    bad("list", "a list on lines of its own", "x", text_payload(3, "\n- x"))
    bad("quote", "a quote that is not closed", "x", text_payload(1, '"x'))
    bad("second-item", "two items in a list", "x", text_payload(1, "x, y"), "a: [x]\n")
    bad("second-pair", "a map in a list", "x", text_payload(1, "x: y"), "a: [x]\n")
    bad("bracket", "the end of a list", "x", text_payload(1, "x] #"), "a: [x]\n")
    bad("document", "a document mark", "x", text_payload(3, "x\n--- y"), "x\n")
    bad("character", "a refused character", "x", text_payload(1, "x\u0085y"))
    bad("indentation", "lines that reach into column 0", "x", text_payload(3, "|\n x\ny"))
    bad("comment-value", "a comment's payload that is none", "# c", text_payload(2, "c"), "# c\na: 1\n")
    bad("comment-lines", "a comment of two lines", "# c", text_payload(3, "# c\nb: 2"), "# c\na: 1\n")
    bad("json-second", "two items", '"x"', text_payload(1, '"x", "y"'), '["x"]\n', "json")
    bad("json-space", "a blank before the string", '"x"', text_payload(1, ' "x"'), '["x"]\n', "json")
    bad("json-map", "a map", '"x"', text_payload(1, "{}"), '["x"]\n', "json")
    bad("dotenv-second", "a second line", "x", text_payload(3, "x\nB=2"), "A=x\n", "dotenv")
    bad("dotenv-empty", "no value", "x", text_payload(1, ""), "A=x\n", "dotenv")
    bad("dotenv-quoted-behind", "quotes, and a comment behind them", "x", text_payload(1, '"x" # c'), "A=x\n", "dotenv")
    bad("dotenv-quote", "a quote that is not closed", "x", text_payload(1, '"x'), 'A=x\nB="\n"\n', "dotenv")
    bad("dotenv-comment", "a comment that hides the next line", "# c", text_payload(2, "# c\\"), "# c\nA=x\n", "dotenv")


def make_sections(v):
    text, paths = "a: 1\nprod: {b: 2, c: 3}\nd: 4\n", {"prod": ["prod.**"]}
    both = Sealed(text, sections=paths)

    def bad(name, kind, comment, data, sealed=both, **more):
        v.failure(f"sections-{name}", kind, comment, sealed, data, **more)

    # Whoever holds `default` alone makes a section of the same name, with a data key of their own.
    prod = both.text.index("    prod:\n")
    other = Sealed(text, sections=paths, key="forged")
    theirs = other.text[other.text.index("    prod:\n") :]
    forged = both.text[:prod] + theirs
    for before in ("{b: ", ", c: "):
        forged = replaced(forged, both.token(before), other.token(before))
    sealed = Sealed(text, sections=paths)
    sealed.data_keys = {"default": both.data_keys["default"], "prod": other.data_keys["prod"]}
    bad(
        "forged-key",
        MAC,
        "another section under a key of one's own: its key id is in the MAC of default",
        forged,
        sealed,
    )
    bad("swapped", MAC, "tokens of two sections swapped", swapped(both.text, both.token("a: "), both.token("{b: ")))
    bad(
        "removed",
        MAC,
        "a section taken out, with its leaves",
        re.sub(r"prod: \{.*\n", "", both.text[:prod]),
        data_keys={"default": both.data_keys["default"].hex()},
    )
    bad("paths", MAC, "a glob added", replaced(both.text, '["prod.**"]', '["prod.**", "x"]'))
    bad("link", MAC, "a leaf of a section removed", re.sub(r", c: \"ENC.*\"\}", "}", both.text))
    bad(
        "start",
        MAC,
        "the other section's start",
        replaced(both.text, field(both.text[prod:], "start"), field(both.text, "start")),
    )
    split = replaced(Sealed("a: [1]\nb: [2]\n", sections={"x": ["b[]"]}).text, 'paths: ["b[]"]', 'paths: ["b[].c"]')
    bad("list-split", SYNTAX, "a list in two sections", replaced(split, "b: [", "b: [{c: }, "))
