use super::*;

/// A short form of the tree, with lines and columns.
fn show(node: &Node) -> String {
    let Position { line, column } = node.at;
    let inner = match &node.value {
        Value::List(items) => format!("[{}]", items.iter().map(show).collect::<Vec<_>>().join(" ")),
        Value::Map(entries) => {
            let entry = |entry: &Entry| format!("{}={}", entry.key, show(&entry.value));
            format!("{{{}}}", entries.iter().map(entry).collect::<Vec<_>>().join(" "))
        }
        Value::Null => "null".to_owned(),
        Value::Text(text) => format!("{text:?}"),
    };
    format!("{line}:{column}{inner}")
}

fn refused(text: &str) -> String {
    parse(text).unwrap_err().to_string()
}

#[test]
fn nodes_have_their_positions() {
    let text = "a: 1\nb:\n  - x\n  - é: \"y\"\n    z: ~\nc:\n";
    let root = parse(text).unwrap().unwrap();
    assert_eq!(show(&root), r#"1:1{a=1:4"1" b=3:3[3:5"x" 4:5{é=4:8"y" z=5:8null}] c=6:2null}"#);
    assert_eq!(
        show(&parse("\u{feff}a: {b: [c]}\r\nd: 'null'").unwrap().unwrap()),
        r#"1:1{a=1:4{b=1:8[1:9"c"]} d=2:4"null"}"#
    );
}

#[test]
fn an_empty_text_has_no_root() {
    assert!(parse("").unwrap().is_none());
    assert!(parse("# nothing\n\n").unwrap().is_none());
}

#[test]
fn what_a_config_has_no_use_for_is_refused() {
    let cases = [
        ("a: 1\nb: 2\na: 3\n", "line 3, column 1: `a` stands here twice, first on line 1"),
        ("a: {b: 1, \"b\": 2}", "line 1, column 11: `b` stands here twice, first on line 1"),
        ("files: [*.yaml]", "line 1, column 9: `*` begins a YAML alias here; put globs that begin with it in quotes"),
        ("- *x", "line 1, column 3: `*` begins a YAML alias here; put globs that begin with it in quotes"),
        ("a: &x 1\nb: *x", "line 1, column 7: `&` begins a YAML anchor here; put texts that begin with it in quotes"),
        ("a: !x 1", "line 1, column 7: `!` begins a YAML tag here; put texts that begin with it in quotes"),
        ("a: 1\n---\nb: 1\n", "line 2, column 1: a second YAML document; a config is one document"),
        ("? [a]\n: b", "line 1, column 3: a map or a list cannot be a key"),
        ("~: b", "line 1, column 1: empty key"),
        ("%YAML 1.2\n---\na: 1", "line 1, column 1: this is not valid YAML: YAML directives are disallowed"),
        ("a: [b", "line 1, column 4: this is not valid YAML: unclosed bracket '['"),
        ("a: \"b", "line 1, column 4: this is not valid YAML: unclosed quote"),
    ];
    for (text, message) in cases {
        assert_eq!(refused(text), message, "{text:?}");
    }
}

#[test]
fn nesting_is_limited() {
    assert!(parse(&format!("{}{}", "[".repeat(16), "]".repeat(16))).is_ok());
    let error = refused(&format!("{}{}", "[".repeat(17), "]".repeat(17)));
    assert_eq!(error, "the nesting of the config exceeds the limit of 16 at line 1, column 17");
    assert!(parse(&"[".repeat(1 << 20)).is_err());
    assert!(parse(&"a: {".repeat(1 << 18)).is_err());
    assert!(parse(&"- ".repeat(1 << 19)).is_err());
}

#[test]
fn secret_keys_are_refused_without_being_quoted() {
    let what = "this is a secret key; a config holds public keys only, and is committed";
    for secret in ["AGE-SECRET-KEY-1CANARY", "age-secret-key-1canary", "AGE-PLUGIN-CANARY-1X", "'-----BEGIN CANARY'"] {
        assert_eq!(refused(&format!("a: {secret}")), format!("line 1, column 4: {what}"));
        assert_eq!(refused(&format!("a: [b, {secret}]")), format!("line 1, column 8: {what}"));
        assert_eq!(refused(&format!("{secret}: a")), format!("line 1, column 1: {what}"));
    }
    assert!(parse("a: -----BEGI").is_ok());
}

/// The classic: nine levels of nine aliases each.
#[test]
fn an_alias_bomb_ends_at_its_first_anchor() {
    let mut bomb = "a: &a [x]\n".to_owned();
    for (name, of) in ('b'..='j').zip('a'..) {
        bomb.push_str(&format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 9].join(", ")));
    }
    assert!(refused(&bomb).starts_with("line 1, column 7: `&` begins a YAML anchor here"));
}

fn sops(text: &str) -> String {
    show(&parse_sops(text).expect("a config").root.expect("a root"))
}

fn refused_sops(text: &str) -> String {
    parse_sops(text).expect_err("refused").to_string()
}

#[test]
fn configs_of_sops_may_use_aliases_and_merge_keys() {
    assert_eq!(sops("a: &x [1, &y 2]\nb: *x\nc: *y"), r#"1:1{a=1:7[1:8"1" 1:14"2"] b=2:4[1:8"1" 1:14"2"] c=3:4"2"}"#);
    let text = "x: &x {a: 1, b: 1}\ny: &y {b: 2, c: 2}\nz: {<<: [*x, *y], c: 3}\nw: {a: 0, <<: *x}\nv: {'<<': 4}";
    let root = sops(text);
    let merged = root.split(" z=").nth(1).expect("z");
    assert_eq!(merged, r#"3:4{a=1:11"1" b=1:17"1" c=3:22"3"} w=4:4{a=4:8"0" b=1:17"1"} v=5:4{<<=5:11"4"}}"#);
    assert_eq!(sops("%YAML 1.2\n---\na: !!str b"), r#"3:1{a=3:10"b"}"#);
    for (text, message) in [
        ("a: *x", "line 1, column 4: this alias has no anchor; texts that begin with `*` need quotes"),
        ("a: &a [*a]", "line 1, column 8: this alias stands inside of what it names"),
        ("a: {<<: 1}", "line 1, column 5: `<<` needs a map, or a list of maps"),
        ("<<: {a: 1}\n<<: {a: 1}", "line 2, column 1: `<<` stands here twice, first on line 1"),
    ] {
        assert_eq!(refused_sops(text), message, "{text}");
    }
}

#[test]
fn an_alias_bomb_in_a_config_of_sops_is_a_limit() {
    let mut bomb = "a: &a [x]\n".to_owned();
    for (name, of) in ('b'..='z').zip('a'..) {
        bomb.push_str(&format!("{name}: &{name} [{}]\n", vec![format!("*{of}"); 9].join(", ")));
    }
    let message = "what the anchors and aliases of the config stand for exceeds the limit of 100000";
    assert!(refused_sops(&bomb).starts_with(message), "{}", refused_sops(&bomb));
    let nested = format!("{}{}", "&a [".repeat(65), "]".repeat(65));
    assert!(refused_sops(&nested).starts_with("the nesting of the config exceeds the limit of 64"));
}
