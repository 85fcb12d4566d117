"""Makes `files/` with the real sops: run as `make.py PATH_OF_SOPS`. Files that are there stay as they are."""
import pathlib, subprocess, sys, tempfile

SOPS = sys.argv[1]
HERE = pathlib.Path(__file__).resolve().parent
KEYS = HERE.parent / "sops" / "keys"
A = "age18whjdz5selvk70ppt2qfchpzq9r7n8aq4lyxnlt3d9dash2dpv3sdq6rqh"
PGP = "FBC7B9E2A4F9289AC0C1D4843D16CEE4A27381B4"
B = "age13xr4aty0r38vlkex08h0e6kqyq9c3dr368q5hcn7lmh6f3c553gsp6hfqr"
AGE = ["--age", A]

YAML = """\
# of the example application
global:
    username: admin # who
    password: "p@ss: word #1"
list:
    - one
    - 2
    - true
empty: ""
nothing: null
date: 2001-12-14T21:59:43Z
number: 1.5
text: |
    two
    lines
last_unencrypted: clear
"""
JSON = """\
{
	"global": {
		"username": "admin",
		"password": "p@ss <&> \\"word\\""
	},
	"list": ["one", 2.5, true, null],
	"empty": {},
	"text": "two\\nlines\\n",
	"last_unencrypted": "clear"
}
"""
ENV = "# of the example\nUSERNAME=admin\nPASSWORD=p@ss = \"word\" #1\nLINES=two\\nlines\nEMPTY=\n"
LIST = "foo: bar\nbar:\n    - baz\n    - bam: 1\nbaz:\n    bar:\n        - first\n        - 2\n        - true\n"

# name in files/: (plain name, plaintext, arguments), written as sops prints it
FILES = {
    "secrets.yaml": ("secrets.yaml", YAML, AGE),
    "secrets.json": ("secrets.json", JSON, AGE),
    "secrets.env": ("secrets.env", ENV, AGE),
    "other.yaml": ("other.yaml", "a: one\nb:\n    c: 2\n", AGE),
    "trailing-newline.yaml": ("t.yaml", "a: |\n    text\nb: |-\n    more\nc: |+\n    most\n\n\n", AGE),
    "trailing-newline.raw": ("t.raw", "text\n\n\n", AGE),
    "pgp.yaml": ("pgp.yaml", YAML, ["--pgp", PGP]),
    "templates.yaml": ("t.gotpl", 'a: "{{ .Values.a }}"\nb: "{{- if .x }}y{{ end }}"\n', AGE + ["--input-type", "yaml", "--output-type", "yaml"]),
    "properties": ("file.properties", "db.user = admin\ndb.password = p@ss\n", AGE),
    "list.yaml": ("list.yaml", LIST, AGE),
    "list.json": ("list.json", '{"bar": "text", "baz": {"bar": ["first", "second", 3.5]}}', AGE),
    "binary.sops": ("binary", bytes(range(256)) + b"\n\n", AGE),
    "binary-in-yaml": ("binary", b"text of \xff a key\n", AGE + ["--input-type", "binary", "--output-type", "yaml"]),
    "text.sops": ("text", "text of a key  \n\n", AGE),
    "empty.json": ("empty.json", "{}", AGE),
    "json-in-binary": ("test_json", '{"a": 1.5, "b": ["c"]}', AGE + ["--input-type", "json"]),
    "yaml-in-binary": ("test_yaml", LIST, AGE + ["--input-type", "yaml"]),
    "two-recipients.yaml": ("two.yaml", YAML, ["--age", A + "," + B]),
}


def main():
    for name, (plain, text, arguments) in FILES.items():
        if (HERE / "files" / name).exists():
            continue
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            (folder / plain).write_bytes(text if isinstance(text, bytes) else text.encode())
            env = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "SOPS_GPG_EXEC": str(HERE.parent.parent / "tests/gpg/gpg")}
            run = subprocess.run([SOPS, "encrypt", *arguments, plain], cwd=folder, env=env, capture_output=True, check=True)
            (HERE / "files" / name).write_bytes(run.stdout)
    for name, text in {"plain.yaml": YAML, "plain.json": JSON, "plain.env": ENV, "plain.list.yaml": LIST, "plain.text": "text of a key  \n\n"}.items():
        (HERE / "files" / name).write_text(text)
    windows = (HERE / "files" / "secrets.yaml").read_bytes().replace(b"\n", b"\r\n")
    (HERE / "files" / "windows.yaml").write_bytes(windows)
    for name, keys in {"rules.yaml": A, "two-recipients.rules.yaml": f"{A},{B}"}.items():
        (HERE / "files" / name).write_text(f"creation_rules:\n    - age: {keys}\n")
    (HERE / "files" / "only-yaml.rules.yaml").write_text(f"creation_rules:\n    - path_regex: '\\.yaml$'\n      age: {A}\n")
    (HERE / "files" / "nothing").write_text("")
    (HERE / "files" / "value").write_text('"postgres://u:p@h/db?x=1&y=2"')
    (HERE / "files" / "line").write_text("typed: by the user\n")


main()
