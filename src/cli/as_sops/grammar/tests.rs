use super::*;

fn read_with(words: &[&str], variables: &[(&str, &str)]) -> Result<Request, Misuse> {
    let words: Vec<OsString> = words.iter().map(Into::into).collect();
    let variable =
        |name: &str| variables.iter().find(|(variable, _)| *variable == name).map(|(_, value)| OsString::from(value));
    parse(&words, &variable)
}

#[track_caller]
fn line(words: &[&str]) -> Line {
    match read_with(words, &[]) {
        Ok(Request::Run(line)) => line,
        other => panic!("{words:?}: {other:?}"),
    }
}

fn misuse(words: &[&str]) -> String {
    read_with(words, &[]).expect_err("a misuse").what
}

#[test]
fn one_dash_or_two_a_blank_or_an_equals_sign() {
    for words in [
        &["decrypt", "--output", "o", "f"][..],
        &["decrypt", "-output", "o", "f"],
        &["decrypt", "--output=o", "f"],
        &["decrypt", "-output=o", "f"],
        &["decrypt", "f", "--output", "o"],
        &["decrypt", "--output", "first", "f", "--output=o"],
        &["--output", "o", "decrypt", "f"],
    ] {
        let line = line(words);
        assert_eq!((line.command.name, line.text("output")), ("decrypt", Some("o")), "{words:?}");
        assert_eq!(line.words, ["f"], "{words:?}");
    }
    assert_eq!(line(&["decrypt", "--output=a=b"]).text("output"), Some("a=b"));
    assert_eq!(line(&["decrypt", "--output", "x", "--output="]).text("output"), None, "an empty value is none");
}

#[test]
fn without_a_command_options_stand_on_both_sides_of_the_file() {
    let line = line(&["-d", "--input-type", "yaml", "a file", "-i"]);
    assert_eq!(line.command.name, "sops");
    assert!(line.is_on("decrypt") && line.is_on("in-place") && !line.is_on("encrypt"));
    assert_eq!((line.text("input-type"), &line.words[..]), (Some("yaml"), &["a file".into()][..]));
}

#[test]
fn a_double_dash_ends_options_and_a_lone_one_is_a_word() {
    assert_eq!(line(&["decrypt", "--", "-i"]).words, ["-i"]);
    assert_eq!(line(&["-d", "--", "-x"]).words, ["-x"]);
    assert_eq!(line(&["decrypt", "-"]).words, ["-"]);
    assert_eq!(line(&["set", "f", "[\"a\"]", "-5"]).words, ["f", "[\"a\"]", "-5"]);
}

#[test]
fn switches_have_truth_and_nothing_else() {
    assert!(!line(&["decrypt", "-i=false", "f"]).is_on("in-place"));
    assert!(line(&["decrypt", "-i=T", "f"]).is_on("in-place"));
    assert!(line(&["decrypt", "f"]).is_on("enable-local-keyservice"), "on if nothing is said");
    assert!(!line(&["decrypt", "--enable-local-keyservice=0", "f"]).is_on("enable-local-keyservice"));
    assert_eq!(misuse(&["decrypt", "-i=yes", "f"]), "invalid boolean value \"yes\" for -i: parse error");
    assert_eq!(misuse(&["--indent", "x", "f"]), "invalid value \"x\" for flag -indent: parse error");
}

#[test]
fn letters_are_not_bundled_and_unknown_options_are_refused_everywhere() {
    assert_eq!(misuse(&["decrypt", "-di", "f"]), "flag provided but not defined: -di");
    assert_eq!(misuse(&["decrypt", "f", "--foo"]), "flag provided but not defined: -foo");
    assert_eq!(misuse(&["-d", "f", "--foo=1"]), "flag provided but not defined: -foo");
    assert_eq!(misuse(&["decrypt", "--output"]), "flag needs an argument: -output");
    assert_eq!(misuse(&["decrypt", "---x"]), "bad flag syntax: ---x");
}

#[test]
fn variables_stand_for_options() {
    let with = |words: &[&str], variables: &[(&str, &str)]| match read_with(words, variables) {
        Ok(Request::Run(line)) => line,
        other => panic!("{other:?}"),
    };
    let line = with(&["encrypt", "f"], &[("SOPS_AGE_RECIPIENTS", "a, b"), ("SOPS_CONFIG", "c")]);
    assert_eq!((line.text("age"), line.path("config")), (Some("a, b"), Some(Path::new("c"))));
    assert_eq!(line.list("age"), ["a", "b"]);
    let line = with(&["encrypt", "--age", "", "f"], &[("SOPS_AGE_RECIPIENTS", "a")]);
    assert_eq!(line.text("age"), None, "what is given counts, even when it is empty");
    let line = with(&["decrypt", "f"], &[("SOPS_ENABLE_LOCAL_KEYSERVICE", "")]);
    assert!(!line.is_on("enable-local-keyservice"), "an empty truth is a false one");
    let wrong = read_with(&["decrypt", "f"], &[("SOPS_DISABLE_VERSION_CHECK", "maybe")]).expect_err("a misuse");
    assert!(wrong.what.starts_with("could not parse \"maybe\" as bool value"), "{}", wrong.what);
}

#[test]
fn help_and_version_come_first() {
    let topic = |words: &[&str]| match read_with(words, &[]) {
        Ok(Request::Help { name, .. }) => name,
        other => panic!("{words:?}: {other:?}"),
    };
    assert_eq!(topic(&["-h", "decrypt"]), "sops");
    assert_eq!(topic(&["help", "decrypt"]), "sops decrypt");
    assert_eq!(topic(&["help", "decrypt", "more"]), "sops decrypt");
    assert_eq!(topic(&["h"]), "sops");
    assert_eq!(topic(&["decrypt", "f", "-help"]), "sops decrypt");
    assert_eq!(topic(&["groups"]), "sops groups");
    assert_eq!(topic(&["groups", "help", "add"]), "sops groups add");
    assert!(matches!(read_with(&["-v", "decrypt"], &[]), Ok(Request::Version)));
    for words in [&["help", "foo"][..], &["groups", "foo"], &["completion", "fish"]] {
        assert!(read_with(words, &[]).expect_err("no topic").no_topic, "{words:?}");
    }
}

#[test]
fn completion_asks_with_a_last_word() {
    let candidates = |words: &[&str]| match read_with(words, &[]) {
        Ok(Request::Candidates { command, start }) => (command.name, start),
        other => panic!("{words:?}: {other:?}"),
    };
    assert_eq!(candidates(&["--generate-bash-completion"]), ("sops", None));
    assert_eq!(candidates(&["decrypt", "--in", COMPLETE]), ("decrypt", Some("--in".to_owned())));
    assert_eq!(candidates(&["-d", "--output", COMPLETE]), ("sops", Some("--output".to_owned())));
}
