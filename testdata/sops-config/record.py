"""Records what the real sops makes of the configs in this folder: run as `record.py PATH_OF_SOPS`.

Each `#> PATH` line of a config is a file to encrypt; what follows the arrow on it is written anew.
"""
import pathlib, re, subprocess, sys, tempfile, yaml

SOPS = sys.argv[1]
LISTS = {"age": "recipient", "pgp": "fp", "kms": "arn", "gcp_kms": "resource_id", "hckms": "key_id"}
SELECTORS = [f"{kind}_{what}" for kind in ("encrypted", "unencrypted") for what in ("suffix", "regex", "comment_regex")]


def group(entries):
    return "[" + " ".join(entry[field] for name, field in LISTS.items() for entry in entries.get(name) or []) + "]"


def summary(folder, path):
    env = {"PATH": "/usr/bin:/bin", "SOPS_GPG_EXEC": str(folder / "gpg"), "HOME": str(folder)}
    run = subprocess.run(
        [SOPS, "--disable-version-check", "encrypt", "--filename-override", path, "--input-type", "yaml", "--output-type", "yaml", "in.yaml"],
        cwd=folder, env=env, capture_output=True, text=True)
    if run.returncode != 0:
        # A key of a service that is not at hand: the message names it.
        key = re.search(r'failed to encrypt new data key with master key "([^"]*)"', run.stderr)
        return f"key {key[1]}" if key else "error"
    block = yaml.safe_load(run.stdout)["sops"]
    groups = [group(entries) for entries in block["key_groups"]] if "key_groups" in block else [group(block)]
    words = groups + [f"{name}={block[name]}" for name in ["shamir_threshold"] if name in block]
    words += [f"{name}={block[name]}" for name in SELECTORS if name in block]
    words += ["mac_only_encrypted"] * bool(block.get("mac_only_encrypted"))
    return " ".join(words)


with tempfile.TemporaryDirectory() as folder:
    folder = pathlib.Path(folder)
    (folder / "in.yaml").write_text("a: b\n")
    (folder / "gpg").write_text("#!/bin/sh\ncat >/dev/null\necho '-----BEGIN PGP MESSAGE-----'\n")
    (folder / "gpg").chmod(0o755)
    for config in sorted(pathlib.Path(__file__).parent.glob("*.yaml")):
        text = config.read_text()
        (folder / ".sops.yaml").write_text(text)
        record = lambda line: f"#> {line[1]} => {summary(folder, line[1])}"
        config.write_text(re.sub(r"^#> (\S+).*$", record, text, flags=re.M))
