use super::*;

#[test]
fn patterns_mean_what_they_mean_in_go() {
    for (pattern, text, expected) in [
        ("pass", "my_password", true),
        ("^pass$", "my_password", false),
        ("^(data|stringData)$", "data", true),
        ("^(data|stringData)$", "Data", false),
        ("(?i)^DATA$", "data", true),
        ("(?i:D)ata", "data", true),
        ("(?i)a(?-i)b", "AB", false),
        ("", "anything", true),
        ("a||b", "c", true),
        // ASCII where the crate has Unicode.
        (r"^\d+$", "12", true),
        (r"^\d+$", "١٢", false),
        (r"^\w+$", "é", false),
        (r"^\W$", "é", true),
        (r"^\s$", "\u{a0}", false),
        (r"^\s$", "\x0b", false),
        (r"^[\w.]+$", "a.b", true),
        (r"^[^\w]$", "é", true),
        (r"^[^\W]$", "a", true),
        (r"\bkey\b", "my key", true),
        (r"\bé", "é", false),
        (r"a\Bb", "ab", true),
        (r"^\Bé", "é", true),
        // Quoted and escaped.
        (r"^\Qa.b\E+$", "a.bbb", true),
        (r"^\Qa.b\E$", "axb", false),
        (r"^\Qa.*[b$", "a.*[b", false),
        (r"^\Qa.*[b", "a.*[b", true),
        (r"\Q\E", "", true),
        (r"^\<\>\-\_\/\%$", "<>-_/%", true),
        (r"^\x41\x{42}\103\0$", "ABC\0", true),
        (r"^\a\f\n\r\t\v$", "\x07\x0c\n\r\t\x0b", true),
        (r"^\12$", "\n", true),
        // Literal where the crate has an operator.
        ("^a{,2}$", "a{,2}", true),
        ("^a{,2}$", "aa", false),
        ("^{a,b}$", "{a,b}", true),
        ("^secrets/{dev,prod}/", "secrets/{dev,prod}/x", true),
        ("^a{01}$", "a{01}", true),
        ("^a{$", "a{", true),
        ("^a{x}}$", "a{x}}", true),
        (r"^\b{start}$", "x{start}", false),
        ("^a{2}$", "aa", true),
        ("^a{2,}$", "aaa", true),
        ("^a{1,2}?$", "aa", true),
        ("^(a+)*?b$", "aab", true),
        // Classes.
        ("^[[]a]$", "[a]", true),
        ("^[[a]$", "[", true),
        ("^[]a]+$", "]a", true),
        ("^[^]a]+$", "b", true),
        ("^[^]a]$", "]", false),
        ("^[a-]+$", "-a", true),
        ("^[-a]+$", "-a", true),
        ("^[+--]+$", "+,-", true),
        ("^[a&&b]+$", "&", true),
        ("^[a~~b]+$", "~", true),
        ("^[a-c--x]+$", "-x", true),
        ("^[[:alpha:]_]+$", "ab_", true),
        ("^[[:^alpha:]]+$", "é", true),
        ("^[[:alpha]+$", "[:alph", true),
        (r"^[\]\\\-]+$", r"]\-", true),
        (r"^[\n\x41-\x{43}\104]+$", "\nABCD", true),
        ("^[^a]$", "\n", true),
        ("^.$", "\n", false),
        ("(?s)^.$", "\n", true),
        ("(?m)^b$", "a\nb", true),
        ("^b$", "a\nb", false),
        ("a$", "a\n", false),
        (r"a\z", "a", true),
        // Unicode.
        (r"^\p{Greek}$", "λ", true),
        (r"^\p{^Greek}$", "λ", false),
        (r"^\P{Greek}$", "a", true),
        (r"^\pL\PL$", "é1", true),
        (r"^[\p{Lu}\d]+$", "É1", true),
        ("^é+$", "éé", true),
        ("(?i)^É$", "é", true),
        // Groups.
        ("^(?P<name>a)(?<other>b)(?:c)$", "abc", true),
        ("^(?P<1>a)$", "a", true),
        ("(?U)a+", "a", true),
        ("^(?)a$", "a", true),
    ] {
        let compiled = Pattern::new(pattern);
        assert_eq!(compiled.problem(), None, "{pattern:?}");
        assert_eq!(compiled.matches(text), expected, "{pattern:?} {text:?}");
        assert_eq!((compiled.as_str(), compiled.is_valid()), (pattern, true));
    }
}

#[test]
fn what_go_refuses_never_matches() {
    for (text, why) in [
        ("pass[", "it has a `[` without its `]`"),
        ("[]", "it has a `[` without its `]`"),
        ("[a-", "it has a `[` without its `]`"),
        (r"[\", "it has a `[` without its `]`"),
        ("(", "it is malformed, or it would become too large"),
        ("a)", "it is malformed, or it would become too large"),
        ("secrets/**", "it repeats a repetition, as `**` does; it is no glob"),
        ("a*+", "it repeats a repetition, as `**` does; it is no glob"),
        ("a{2}{3}", "it repeats a repetition, as `**` does; it is no glob"),
        ("a*??", "it repeats a repetition, as `**` does; it is no glob"),
        ("*.yaml", "it has a `*`, `+`, `?` or `{…}` with nothing to repeat before it"),
        ("(*a)", "it has a `*`, `+`, `?` or `{…}` with nothing to repeat before it"),
        ("a|+", "it has a `*`, `+`, `?` or `{…}` with nothing to repeat before it"),
        ("{2}", "it has a `*`, `+`, `?` or `{…}` with nothing to repeat before it"),
        ("a{1001}", "it repeats something more than 1000 times, or with its numbers the wrong way round"),
        ("a{3,2}", "it repeats something more than 1000 times, or with its numbers the wrong way round"),
        ("a{99999999999}", "it repeats something more than 1000 times, or with its numbers the wrong way round"),
        ("(?=a)", "it has a `(?` that is not supported; there is no looking ahead or behind"),
        ("(?<!a)", "it has a `(?` that is not supported; there is no looking ahead or behind"),
        ("(?x)a", "it has a `(?` that is not supported; there is no looking ahead or behind"),
        ("(?P=a)", "it has a `(?` that is not supported; there is no looking ahead or behind"),
        ("(?", "it has a `(?` that is not supported; there is no looking ahead or behind"),
        (r"\u0041", "it has a `\\` before something that has no meaning with it"),
        (r"\1", "it has a `\\` before something that has no meaning with it"),
        (r"\8", "it has a `\\` before something that has no meaning with it"),
        (r"\xg1", "it has a `\\` before something that has no meaning with it"),
        (r"\x{61", "it has a `\\` before something that has no meaning with it"),
        (r"\p{L", "it has a range or a class between `[` and `]` that does not exist"),
        (r"\x+1", "it has a `\\` before something that has no meaning with it"),
        (r"a\Z", "it has a `\\` before something that has no meaning with it"),
        (r"a\E", "it has a `\\` before something that has no meaning with it"),
        (r"\é", "it has a `\\` before something that has no meaning with it"),
        (r"[\b]", "it has a `\\` before something that has no meaning with it"),
        (r"\", "it ends in a `\\`"),
        ("[b-a]", "it has a range or a class between `[` and `]` that does not exist"),
        ("[[:nope:]]", "it has a range or a class between `[` and `]` that does not exist"),
        (r"\p{}", "it has a range or a class between `[` and `]` that does not exist"),
        (r"\p{Nope}", "it is malformed, or it would become too large"),
        ("a(?i)*", "it has a `*`, `+`, `?` or `{…}` with nothing to repeat before it"),
    ] {
        let pattern = Pattern::new(text);
        assert_eq!(pattern.problem(), Some(why), "{text:?}");
        assert!(!pattern.is_valid() && !pattern.matches("pass"), "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_pattern_panics(text in r"[a-c\[\]^$&:~<>{}0-3,QEpPx()|?*+.\\é-]{0,20}") {
        let _ = Pattern::new(&text).matches("abc");
    }

    #[test]
    fn a_quoted_text_matches_itself_alone(text in r"[a-c\[\]^$&~<>{}()|?*+.é-]{1,8}", other in "[a-c]{0,9}") {
        let pattern = Pattern::new(&format!(r"^\Q{text}\E$"));
        proptest::prop_assert!(pattern.matches(&text));
        proptest::prop_assert_eq!(pattern.matches(&other), other == text);
        let class = Pattern::new(&format!(r"^[{}]+$", text.chars().flat_map(|c| if c.is_ascii_alphanumeric() || !c.is_ascii() { vec![c] } else { vec!['\\', c] }).collect::<String>()));
        proptest::prop_assert!(class.matches(&text), "{:?}", class);
    }
}

/// What the real program makes of the pattern as a `path_regex`: whether it matches `text`, or none when it is refused.
fn in_sops(sops: &std::path::Path, folder: &std::path::Path, pattern: &str, text: &str) -> Option<bool> {
    let recipient = "age1a7ff2kfnj70rrs077vgzk2gerld26pm0ak877jtav9d9xezqfdnses37gs";
    let rule = serde_json::json!({"creation_rules": [{"path_regex": pattern, "age": recipient}]});
    let config = tempfile::NamedTempFile::new_in(folder).expect("a file");
    std::io::Write::write_all(&mut config.as_file(), rule.to_string().as_bytes()).expect("written");
    let output = std::process::Command::new(sops)
        .args(["--disable-version-check", "--config"])
        .arg(config.path())
        .args(["encrypt", "--input-type", "yaml", "--output-type", "yaml", "--filename-override", text, "in.yaml"])
        .current_dir(folder)
        .output()
        .expect("sops runs");
    let said = String::from_utf8_lossy(&output.stderr);
    match (
        output.status.success(),
        said.contains("can not compile regexp"),
        said.contains("no matching creation rules"),
    ) {
        (true, false, false) => Some(true),
        (false, false, true) => Some(false),
        (false, true, false) => None,
        _ => panic!("{pattern:?}: {said}"),
    }
}

/// Opt-in, since that program must be installed.
#[test]
#[expect(clippy::disallowed_methods, reason = "a switch of the test run, no input of the library")]
fn the_real_program_agrees() {
    use proptest::strategy::{Strategy as _, ValueTree as _};
    let Some(sops) = std::env::var_os("SOPS_RS_TEST_SOPS") else { return };
    let folder = tempfile::tempdir().expect("a folder");
    let input =
        tempfile::Builder::new().prefix("in").rand_bytes(0).suffix(".yaml").tempfile_in(&folder).expect("a file");
    std::io::Write::write_all(&mut input.as_file(), b"a: b\n").expect("written");
    let mut runner = proptest::test_runner::TestRunner::default();
    const PIECES: [&str; 66] = [
        "a",
        "b",
        "c",
        "[a-c]",
        "[^a]",
        "[[a]",
        "[a&&b]",
        "[a-]",
        "[]b]",
        "[+--]",
        "[a--b]",
        "[a~~c]",
        "[[:alpha:]]",
        "[[:^alpha:]b]",
        "[[:x:]]",
        "[^",
        "]",
        "[",
        "(",
        ")",
        "|",
        "?",
        "*",
        "+",
        "-",
        ",",
        ":",
        "(?",
        "(?i)",
        "(?:",
        "(?P<n>",
        "(?s-i:",
        "{",
        "}",
        "{1,2}",
        "{,2}",
        "{2}",
        "{2,}",
        "{01}",
        "^",
        "$",
        ".",
        "é",
        "&&",
        "~",
        r"\d",
        r"\D",
        r"\s",
        r"\W",
        r"\w",
        r"\b",
        r"\B",
        r"\A",
        r"\z",
        r"\Z",
        r"\pL",
        r"\p{Lu}",
        r"\P{^Ll}",
        r"\Q",
        r"\E",
        r"\x61",
        r"\x{",
        r"\1",
        r"\141",
        r"\.",
        r"\",
    ];
    let patterns = proptest::collection::vec(proptest::sample::select(&PIECES[..]), 1..7);
    let texts = "[a-cAé{}&~2,:\\[\\]-]{1,5}";
    for _ in 0..500 {
        let pattern = patterns.new_tree(&mut runner).expect("a value").current().concat();
        // The one thing that is refused although Go takes it: it repeats what stands before the flags.
        if pattern.split("(?i)").skip(1).any(|rest| rest.starts_with(['*', '+', '?', '{'])) {
            continue;
        }
        let text = texts.new_tree(&mut runner).expect("a value").current();
        let ours = Pattern::new(&pattern);
        let ours = ours.is_valid().then(|| ours.matches(&text));
        assert_eq!(ours, in_sops(sops.as_ref(), folder.path(), &pattern, &text), "{pattern:?} {text:?}");
    }
}
