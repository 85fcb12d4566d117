"""The vectors of files with key groups. Who checks them holds the keys of alice and of bob, not those of the others."""

from builder import ALICE, BOB, STRANGER, Sealed, field, replaced, shares, swapped, to_text, wrapped_key

YAML = "db:\n  user: app\n  password: s3cret\n"
TWO = [("alice", ALICE, 1), ("bob", BOB, 2)]
THREE = TWO + [("carol", STRANGER, 3)]
METADATA, MATCH, MAC = "metadata failure", "no match", "MAC failure"


def future(number, group):
    """A reader of a kind that nobody knows yet."""
    return f"f{number:02}", f"future1{number:02}", group


def make(v):
    make_successes(v)
    base = Sealed(YAML, clear=["**.user"], groups={"default": (2, THREE)}, key="groups")
    make_metadata(v, base)
    make_tampered(v, base)
    for name, comment, threshold, members in (
        ("one-of-two", "one of two groups is held", 2, [("alice", ALICE, 1), ("bob", STRANGER, 2)]),
        ("two-of-three", "two of three groups are held, and all are needed", 3, THREE),
        ("one-twice", "both keys at hand are of one group", 2, [("alice", ALICE, 1), ("bob", BOB, 1), future(1, 2)]),
    ):
        file = Sealed(YAML, groups={"default": (threshold, members)}, key=name)
        file.forged = True
        v.failure(f"groups-{name}", MATCH, comment, file, file.bytes, data_keys={})


def make_successes(v):
    def good(name, comment, members, threshold=2, plain=YAML, format="yaml", **more):
        v.success(
            f"groups-{name}",
            comment,
            Sealed(plain, format, groups={"default": (threshold, members)}, key=f"groups {name}", **more),
        )

    good("all", "both of two groups are needed", TWO)
    good("some", "two of three groups are needed", THREE, clear=["**.user"], comments="clear")
    good("order", "recipients stand by name, not by group", [("a", STRANGER, 3), ("b", BOB, 1), ("c", ALICE, 2)])
    good("larger", "groups of several recipients", THREE[:2] + [future(1, 2), future(2, 1), future(3, 3), future(4, 3)])
    good("twelve", "twelve groups", many(12))
    good("follows", "after a rotation", TWO, follows=["default"])
    good("most", "255 groups", many(255))
    for format, plain in (
        ("json", '{"a": 1, "b": [true, "x"]}\n'),
        ("dotenv", "A=1\nB='x'\n"),
        ("toml", "a = 1\n[b]\nc = 'x'\n"),
        ("ini", "[b]\nc = x\n"),
        ("properties", "a.b = x\n"),
        ("binary", b"\0\1x"),
    ):
        good(format, f"in {format}", THREE, plain=plain, format=format)
    good("json-wrapped", "in JSON whose root is wrapped", TWO, plain="[1, 2]\n", format="json")
    readers = {"default": [("alice", ALICE), ("bob", BOB), ("carol", STRANGER)]}
    section = {"sections": {"db": ["db.**"]}, "readers": readers}
    text = "a: 1\ndb:\n  b: 2\n"
    held = Sealed(text, groups={"db": (2, THREE)}, key="groups section", **section)
    v.success("groups-section", "key groups of a section", held)
    locked = Sealed(text, groups={"db": (3, THREE)}, key="groups locked", **section)
    keys = {"default": locked.data_keys["default"].hex()}
    plain = text.replace("2", locked.token("b: "))
    v.success(
        "groups-section-locked",
        "a section of which too few groups are held",
        locked,
        locked.bytes,
        plain,
        data_keys=keys,
        canonical=False,
    )


def many(groups):
    """Alice in the last group, bob in the one before it, and others alone."""
    others = [future(number, number) for number in range(1, groups - 1)]
    return [("alice", ALICE, groups), ("bob", BOB, groups - 1)] + [
        (f"f{number:03}", recipient, group) for number, (_, recipient, group) in enumerate(others, 1)
    ]


def make_metadata(v, base):
    t = base.text

    def bad(name, comment, *changes):
        text = t
        for old, new in changes:
            text = replaced(text, old, new)
        v.failure(f"groups-{name}", METADATA, comment, base, text)

    for name, value in (("one", "1"), ("zero", "0"), ("above", "4"), ("leading-zero", "02"), ("word", "two")):
        bad(f"threshold-{name}", f"a threshold of {value} of 3", ("threshold: 2", f"threshold: {value}"))
    bad("threshold-256", "a threshold that is no byte", ("threshold: 2", "threshold: 256"))
    bad("threshold-quoted", "a number in quotes", ("threshold: 2", 'threshold: "2"'))
    bad("threshold-list", "a threshold that is a list", ("threshold: 2", 'threshold: ["2"]'))
    bad("threshold-missing", "groups without a threshold", ("      threshold: 2\n", ""))
    mac, threshold = f"      mac: {field(t, 'mac')}\n", "      threshold: 2\n"
    bad("threshold-late", "the threshold in another place", (threshold, ""), (mac, threshold + mac))
    bad("group-missing", "a recipient without a group", ("          group: 2\n", ""))
    bad("group-gap", "a group without a recipient", ("group: 3", "group: 4"))
    bad("group-zero", "the group 0", ("group: 1", "group: 0"))
    bad("group-leading-zero", "a number in another spelling", ("group: 1", "group: 01"))
    bad("group-256", "a group that is no byte", ("group: 3", "group: 256"))
    group, recipient = "          group: 1\n", f"          recipient: {ALICE}\n"
    bad("group-late", "the group in another place", (group + recipient, recipient + group))
    bad("group-twice", "a recipient in two groups", (STRANGER, BOB))
    bad("all-gone", "a threshold, and no recipient has a group", *((f"          group: {n}\n", "") for n in "123"))
    bad("few", "fewer groups than the threshold", ("group: 2", "group: 1"), ("group: 3", "group: 1"))


def make_tampered(v, base):
    """What somebody without the data key may try."""
    t = base.text
    v.failure("groups-swapped", MAC, "two recipients in each other's groups", base, swapped(t, "group: 2", "group: 3"))
    four = Sealed(YAML, groups={"default": (2, THREE + [future(1, 3)])}, key="groups moved")
    old, new = (f"name: f01\n          group: {group}" for group in (3, 1))
    v.failure("groups-moved", MAC, "another recipient in another group", four, replaced(four.text, old, new))
    lower = Sealed(YAML, groups={"default": (2, THREE)}, key="groups lower")
    all_three = Sealed(YAML, groups={"default": (3, THREE)}, key="groups lower")
    text = replaced(all_three.text, "threshold: 3", "threshold: 2")
    v.failure("groups-threshold-lowered", MAC, "a lower threshold", lower, text)
    parts = shares(base.data_keys["default"], 2, 3)
    old = to_text(wrapped_key("bob", BOB, parts[1]))
    other = shares(base.data_keys["default"], 2, 3, "other")
    for name, comment, share in (
        ("share-of-another", "the share of another group", parts[2]),
        ("share-of-another-split", "a share of another polynomial", other[1]),
        ("share-forged", "a share of nothing", bytes(32) + b"\2"),
    ):
        v.failure(f"groups-{name}", MAC, comment, base, replaced(t, old, to_text(wrapped_key("bob", BOB, share))))
