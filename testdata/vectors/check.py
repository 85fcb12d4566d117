#!/usr/bin/env python3
"""Checks every vector against a second implementation of the format. See README.md."""

import json
import pathlib
import re
import sys

import age_file
import native
from builder import EXTENSIONS

HERE = pathlib.Path(__file__).parent
KEYS = [(HERE.parent / "keys" / name).read_text() for name in ("x25519.txt", "x25519_second.txt")]
IDENTITIES = [re.search(r"AGE-SECRET-KEY-1\S+", text).group() for text in KEYS]
PAGE = HERE.parent.parent / "man" / "sops-rs-format.5"


def unwrap(wrapped_key):
    """What an age file holds, if it is for one of our identities. Others may hold anything."""
    if not wrapped_key.startswith(age_file.INTRO):
        return None
    secrets = (age_file.decrypt(wrapped_key, identity) for identity in IDENTITIES)
    return next((secret for secret in secrets if secret is not None), None)


def unwrapped(metadata):
    keys = {name: native.data_key_of(section, unwrap) for name, section in metadata["sections"].items()}
    return {name: key for name, key in keys.items() if key is not None}


def check(name, header):
    """Raises `AssertionError` when something is not as the header says."""
    data = (HERE / f"{name}.enc.{EXTENSIONS[header['format']]}").read_bytes()
    keys = {section: bytes.fromhex(key) for section, key in header["data_keys"].items()}
    try:
        file = native.File(data, header["format"])
    except native.Refused as refused:
        assert refused.kind == header["expect"], f"expected {header['expect']}, but {refused}"
        return
    for how in (lambda: unwrapped(file.metadata), lambda: keys):
        try:
            plain = file.open(how())
        except native.Refused as refused:
            assert refused.kind == header["expect"], f"expected {header['expect']}, but {refused}"
        else:
            assert header["expect"] == "success", f"expected {header['expect']}, but it opens"
    if header["expect"] != "success":
        return
    assert unwrapped(file.metadata) == keys, "the wrapped keys hold other data keys"
    assert plain == (HERE / f"{name}.plain").read_bytes(), "another plaintext"
    nonces = [leaf.seal and leaf.seal[:24] for leaf in file.scan.leaves]
    if header["canonical"]:
        again = native.write(plain, header["format"], file.metadata, keys, lambda number, leaf: nonces[number])
        assert again == data, "sealed again with the same nonces, it is another file"


def check_example():
    """The example of the page: the file stands there, and every number that follows from it."""
    page = PAGE.read_text().replace("\\-", "-").replace("\\(dq", '"').replace("\\es", "\\").replace("\\&", "")
    data = (HERE / "example.enc.yaml").read_bytes()
    header = json.loads((HERE / "example.header.json").read_text())
    assert data.decode() in page, "the page has another file"
    assert (HERE / "example.plain").read_text() in page, "the page has another plaintext"
    data_key = bytes.fromhex(header["data_keys"]["default"])
    keys, file = native.SectionKeys(data_key), native.File(data, "yaml")
    start, links = native.chain(file.body, file.scan, file.format, "default", keys)
    numbers = [data_key, keys.leaf, keys.link, keys.id, start, *links.values()]
    numbers += [leaf.seal[:8] for leaf in links]
    numbers.append(native.metadata_mac(file.metadata, "default", keys))
    for number in numbers:
        assert number.hex() in page, f"the page lacks {number.hex()}"


def main():
    passed = failed = 0
    headers = sorted(HERE.glob("*.header.json"))
    cases = [(path.name.removesuffix(".header.json"), json.loads(path.read_text())) for path in headers]
    checks = [(name, lambda name=name, header=header: check(name, header)) for name, header in cases]
    for name, run in checks + [("the example of the page", check_example)]:
        try:
            run()
            passed += 1
        except Exception as error:  # a bug here must count as a failure, whatever it is
            failed += 1
            print(f"{name}: {type(error).__name__}: {error}")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not cases else 0


if __name__ == "__main__":
    sys.exit(main())
