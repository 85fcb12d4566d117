//! Clear leaves changed, added and removed: pinned, and as far as `free` frees them.

use sops_rs::Error;
use sops_rs::error::{Position, Step};
use sops_rs::file::Plan;
use sops_rs::select::{ClearValues, Selection};

use super::support::{
    format, globs, opened, plan, plan_with_clear, refused, replaced, sealed, section_unverified, token, unverified,
    yaml,
};

const TEXT: &str = "\
kind: CANARY-kind
data:
  password: CANARY-1
  none:
  map: {}
  list: []
meta:
  name: 'CANARY-name'
  tags: [CANARY-t, CANARY-u]
last: CANARY-2
";

fn pinned() -> String {
    sealed(TEXT, yaml(), &plan_with_clear(&["kind", "meta.**"]))
}

fn free() -> String {
    let selection = Selection { encrypt: globs(&["data.**", "last"]), clear: globs(&["kind", "meta.**"]) };
    sealed(TEXT, yaml(), &Plan { selection, clear_values: ClearValues::Free, ..plan() })
}

fn start_broken() -> Error {
    section_unverified(Step::Start, "default")
}

fn password_broken() -> Error {
    unverified(Step::Link, "data.password", 3, 13)
}

/// Changes behind `data.password`, as old and new text.
const CHANGES: &[(&str, &str)] = &[
    ("'CANARY-name'", "'evil'"),
    ("'CANARY-name'", "CANARY-name"),
    ("name: 'CANARY-name'\n", "name:\n"),
    ("  name: 'CANARY-name'\n", ""),
    ("  name: 'CANARY-name'\n", "  name: 'CANARY-name'\n  new: 1\n"),
    ("  name: 'CANARY-name'\n", "  name: 'CANARY-name'\n  new:\n"),
    ("  name: 'CANARY-name'\n", "  name: 'CANARY-name'\n  new: {}\n"),
    ("  name: 'CANARY-name'\n", "  name: 'CANARY-name'\n  new: []\n"),
    ("  name:", "  nom:"),
    ("[CANARY-t, CANARY-u]", "[CANARY-u, CANARY-t]"),
    ("[CANARY-t, CANARY-u]", "[[CANARY-t, CANARY-u]]"),
    ("[CANARY-t, CANARY-u]", "[[CANARY-t], CANARY-u]"),
    ("[CANARY-t, CANARY-u]", "[CANARY-t, CANARY-u, ]  # same\n  more: {}"),
    ("  name: 'CANARY-name'\n", "  deep:\n    name: 'CANARY-name'\n"),
    ("meta:\n", "meta: !x\n"),
    ("meta:\n", "meta: &x\n"),
    ("last:", "alias: *x\nlast:"),
];

/// Changes of what cannot be sealed below `data`, where the policy seals everything.
const FORCED: &[(&str, &str)] = &[
    ("  none:\n", ""),
    ("  none:\n", "  none: {}\n"),
    ("  none:\n", "  none: []\n"),
    ("  map: {}\n", "  map: []\n"),
    ("  map: {}\n", ""),
    ("  list: []\n", "  list: [[]]\n"),
    ("  list: []\n", "  list: []\n  tls_verify:\n"),
    ("  list: []\n", "  list: []\n  more: {}\n"),
    ("  list: []\n", "  lists: []\n"),
];

#[test]
fn pinned_clear_leaves_cannot_change() {
    let file = pinned();
    for (old, new) in CHANGES.iter().chain(FORCED) {
        let bad = replaced(&file, old, new);
        assert_eq!(refused(&bad, yaml()), password_broken(), "{new:?} for {old:?}");
    }
    assert_eq!(refused(&replaced(&file, "CANARY-kind", "Secret"), yaml()), start_broken());
    assert_eq!(refused(&replaced(&file, "kind: ", "\"kind\": "), yaml()), start_broken());
}

#[test]
fn pinned_clear_leaves_may_be_spelled_otherwise() {
    let same = replaced(&pinned(), "'CANARY-name'", "\"\\x43ANARY-name\"");
    let same = replaced(&same, "[CANARY-t, CANARY-u]", "\n  - CANARY-t\n  - CANARY-u");
    let expected = replaced(TEXT, "'CANARY-name'", "\"\\x43ANARY-name\"");
    let expected = replaced(&expected, "[CANARY-t, CANARY-u]", "\n  - CANARY-t\n  - CANARY-u");
    assert_eq!(opened(&same, yaml()), expected);
}

#[test]
fn clear_leaves_behind_the_last_sealed_one_are_pinned_too() {
    let file = sealed("a: CANARY-1\nb: CANARY-2\n", yaml(), &plan_with_clear(&["b"]));
    let broken = unverified(Step::Link, "a", 1, 4);
    assert_eq!(refused(&replaced(&file, "CANARY-2", "evil"), yaml()), broken);
    assert_eq!(refused(&replaced(&file, "b: CANARY-2\n", ""), yaml()), broken);
}

#[test]
fn a_clear_leaf_regrouped_in_a_list() {
    let plan = plan_with_clear(&["env[].name"]);
    let text = "env:\n  - name: CANARY-a\n    value: CANARY-1\n  - name: CANARY-b\n    value: CANARY-2\n";
    let file = sealed(text, yaml(), &plan);
    // The value leaves its name.
    let second = token(file.split_once("CANARY-b").expect("a name").1, "value: ");
    let bad = replaced(&file, &format!("    value: {second}"), &format!("  - value: {second}"));
    assert_eq!(refused(&bad, yaml()), unverified(Step::Link, "env[0].value", 3, 12));
    let first = token(&file, "value: ");
    let bad = replaced(&file, &format!("    value: {first}"), &format!("  - value: {first}"));
    assert_eq!(refused(&bad, yaml()), start_broken());
    // A value joins a name that has none.
    let text = "env:\n  - value: CANARY-1\n  - name: CANARY-a\n  - value: CANARY-2\n";
    let file = sealed(text, yaml(), &plan);
    let second = token(file.split_once("CANARY-a").expect("a name").1, "value: ");
    let bad = replaced(&file, &format!("  - value: {second}"), &format!("    value: {second}"));
    assert_eq!(refused(&bad, yaml()), unverified(Step::Link, "env[0].value", 2, 12));
}

#[test]
fn free_frees_what_the_policy_leaves_clear() {
    let file = free();
    for (old, new) in CHANGES.iter().filter(|(_, new)| !new.contains([':', '&', '!']) || new.contains(": {}")) {
        let changed = replaced(&file, old, new);
        assert_eq!(opened(&changed, yaml()), replaced(TEXT, old, new), "{new:?}");
    }
    let changed = replaced(&file, "kind: CANARY-kind\n", "kind: Other\nnew: [1, {a: {}}]\n");
    assert_eq!(opened(&changed, yaml()), replaced(TEXT, "kind: CANARY-kind\n", "kind: Other\nnew: [1, {a: {}}]\n"));
}

#[test]
fn free_does_not_free_what_cannot_be_sealed() {
    let file = free();
    for (old, new) in FORCED {
        assert_eq!(refused(&replaced(&file, old, new), yaml()), password_broken(), "{new:?} for {old:?}");
    }
}

#[test]
fn free_does_not_free_empty_values_tags_anchors_and_aliases() {
    let file = free();
    for new in ["meta:\n  new:\n", "meta: !x\n", "meta: &x\n", "x: *x\nmeta:\n", "meta:\n  ? !!str a\n  : b\n"] {
        assert_eq!(refused(&replaced(&file, "meta:\n", new), yaml()), password_broken(), "{new:?}");
    }
    assert_eq!(refused(&format!("%YAML 1.1\n---\n{file}"), yaml()), start_broken());
}

#[test]
fn free_does_not_free_merge_keys() {
    let file = free();
    for new in ["<<: {kind: evil}\nmeta:\n", "meta:\n  <<: {a: 1}\n", "meta:\n  \"<<\": {a: {b: 1}}\n"] {
        assert_eq!(refused(&replaced(&file, "meta:\n", new), yaml()), password_broken(), "{new:?}");
    }
    // What lies below the key is selected through it.
    let bad = replaced(&file, "kind:", "<<: {data: {password: evil}}\nkind:");
    let at = Position { line: 1, column: 23 };
    assert_eq!(refused(&bad, yaml()), Error::LeafNotSealed { at, path: "<<.data.password".into() });
}

#[test]
fn free_does_not_free_documents() {
    let file = free();
    let last = unverified(Step::Link, "last", 10, 7);
    for new in ["---\nkind: ClusterRoleBinding\nsops-rs:\n", "---\n---\nkind: {}\nsops-rs:\n"] {
        assert_eq!(refused(&replaced(&file, "sops-rs:\n", new), yaml()), last, "{new:?}");
    }
    assert_eq!(refused(&format!("kind: evil\n---\n{file}"), yaml()), start_broken());
}

#[test]
fn free_does_not_free_plaintext_where_the_policy_seals() {
    let bad = replaced(&free(), "data:\n", "data:\n  new: 1\n");
    let at = Position { line: 3, column: 8 };
    assert_eq!(refused(&bad, yaml()), Error::LeafNotSealed { at, path: "data.new".into() });
}

#[test]
fn dotenv_clear_values_are_pinned_as_they_are_spelled() {
    let text = "A=CANARY-1\nB='CANARY-$2'\nC=CANARY-3\nD\nE=\n";
    let file = sealed(text, format("dotenv"), &plan_with_clear(&["A", "B"]));
    for (old, new) in [
        // Readers differ in whether these belong to the value, and double quotes interpolate.
        ("A=CANARY-1", "A=CANARY-1 # note"),
        ("A=CANARY-1", "A=CANARY-1 "),
        ("A=CANARY-1", "A= CANARY-1"),
        ("A=CANARY-1", "A=\"CANARY-1\""),
        ("'CANARY-$2'", "\"CANARY-$2\""),
        ("'CANARY-$2'", "`CANARY-$2`"),
        ("'CANARY-$2'", "CANARY-$2"),
        ("A=CANARY-1\n", "A\n"),
    ] {
        assert_eq!(refused(&replaced(&file, old, new), format("dotenv")), start_broken(), "{new:?}");
    }
    let behind = unverified(Step::Link, "C", 3, 3);
    for (old, new) in [("\nD\n", "\nD=\n"), ("\nE=\n", "\nE\n"), ("\nD\n", "\n"), ("\nD\n", "\nD\nF\n")] {
        assert_eq!(refused(&replaced(&file, old, new), format("dotenv")), behind, "{new:?}");
    }
}

#[test]
fn json_clear_values_are_pinned() {
    let text = "{\"a\": \"CANARY-1\", \"b\": 10, \"c\": null, \"d\": {}, \"e\": []}";
    let file = sealed(text, format("json"), &plan_with_clear(&["b", "c"]));
    let broken = unverified(Step::Link, "a", 1, 7);
    for (old, new) in [
        (": 10", ": 1e1"),
        (": 10", ": \"10\""),
        (": null", ": false"),
        (": null", ": \"null\""),
        (": {}", ": []"),
        (": []", ": [[]]"),
        (", \"c\": null", ""),
        (", \"c\": null", ", \"c\": null, \"f\": {}"),
    ] {
        let bad = file.replacen(old, new, 1);
        assert_ne!(bad, file);
        assert_eq!(refused(&bad, format("json")), broken, "{new:?}");
    }
}
