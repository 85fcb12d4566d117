//! The attacks on leaves once more where JSON and dotenv have a scan, a carrier and a block of their own.

use sops_rs::Error;
use sops_rs::document::Format;
use sops_rs::error::{Position, Step};

use super::support::{format, opened, plan, refused, replaced, sealed, section_unverified, swapped, token, unverified};

const JSON: &str = r#"{
  "first": "CANARY-1",
  "db": {"user": "CANARY-2", "password": "CANARY-3"},
  "hosts": ["CANARY-4", 5, null],
  "last": true
}
"#;

const DOTENV: &str = "\
FIRST=CANARY-1
# CANARY-comment
export USER='CANARY-2'
PASSWORD=\"CANARY
-3\" # CANARY-inline
HOST=CANARY-4
INHERITED
EMPTY=
LAST=CANARY-5
";

fn json() -> &'static dyn Format {
    format("json")
}

fn dotenv() -> &'static dyn Format {
    format("dotenv")
}

fn start_broken() -> Error {
    section_unverified(Step::Start, "default")
}

fn at(line: usize, column: usize) -> Position {
    Position { line, column }
}

#[test]
fn untouched_files_open() {
    assert_eq!(opened(&sealed(JSON, json(), &plan()), json()), JSON);
    assert_eq!(opened(&sealed(DOTENV, dotenv(), &plan()), dotenv()), DOTENV);
}

#[test]
fn json_leaves_swapped_deleted_added_renamed_reordered() {
    let file = sealed(JSON, json(), &plan());
    let first_broken = unverified(Step::Link, "first", 2, 12);
    let (user, password) = (token(&file, "\"user\""), token(&file, "\"password\""));
    let host = token(&file, "\"hosts\"");
    let five = token(file.split_once(&host).expect("a host").1, "");
    for (bad, error) in [
        (swapped(&file, &user, &password), first_broken.clone()),
        (replaced(&file, "\"user\"", "\"User\""), first_broken.clone()),
        (replaced(&file, &format!("\"user\": \"{user}\", "), ""), first_broken.clone()),
        (replaced(&file, "\"user\": ", "\"password2\": "), first_broken),
        (
            replaced(&file, &format!("\"{user}\""), "\"evil\""),
            Error::LeafNotSealed { at: at(3, 18), path: "db.user".into() },
        ),
        (
            replaced(&file, "{\"user\"", "{\"admin\": 1, \"user\""),
            Error::LeafNotSealed { at: at(3, 19), path: "db.admin".into() },
        ),
    ] {
        assert_eq!(refused(&bad, json()), error);
    }
    // The columns behind tokens are not worth counting.
    let copied = replaced(&file, "{\"user\"", &format!("{{\"admin\": \"{password}\", \"user\""));
    assert!(matches!(refused(&copied, json()), Error::DuplicateId { at: Position { line: 3, .. } }));
    let twice = refused(&replaced(&file, "\"password\"", "\"user\""), json());
    assert!(matches!(twice, Error::DuplicateKey { at: Position { line: 3, .. }, key } if key == "user"));
    let reordered = refused(&swapped(&file, &host, &five), json());
    assert!(
        matches!(&reordered, Error::Authentication { step: Step::Link, path: Some(path), .. } if path == "db.password")
    );
    let regrouped = replaced(&file, &format!("\"{five}\""), &format!("[\"{five}\"]"));
    let regrouped = refused(&regrouped, json());
    assert!(
        matches!(&regrouped, Error::Authentication { step: Step::Link, path: Some(path), .. } if path == "hosts[0]")
    );
}

#[test]
fn json_tokens_are_strings() {
    let file = sealed(JSON, json(), &plan());
    let first = token(&file, "\"first\"");
    assert!(matches!(refused(&replaced(&file, &format!("\"{first}\""), &first), json()), Error::Syntax { .. }));
    for (new, error) in [
        (format!("\\u0045{}", &first[1..]), Error::LeafNotSealed { at: at(2, 12), path: "first".into() }),
        (format!("{first} "), Error::Token { at: at(2, 12), path: "first".into() }),
        (
            first.replace('/', "\\/").replacen("ENC[1:", "ENC[1:\\u0041", 1),
            Error::Token { at: at(2, 12), path: "first".into() },
        ),
    ] {
        assert_eq!(refused(&replaced(&file, &first, &new), json()), error, "{new}");
    }
}

#[test]
fn the_only_leaf_of_a_json_root_scalar_deleted() {
    let file = sealed("\"CANARY\"", json(), &plan());
    let token = format!("\"{}\"", token(&file, ""));
    for new in ["{}", "[]"] {
        let bad = replaced(&file, &token, new);
        let what = "the root is not wrapped as the metadata say";
        let error = if new == "{}" { Error::Metadata { line: 0, what } } else { start_broken() };
        assert_eq!(refused(&bad, json()), error, "{new}");
    }
    let what = "the root is not wrapped as the metadata say";
    let bad = replaced(&file, &format!("\"data\": {token},"), "");
    assert!(matches!(refused(&bad, json()), Error::Metadata { .. }));
    let list = sealed("[\"CANARY\"]", json(), &plan());
    let more = replaced(&list, "\"data\": ", "\"more\": 1, \"data\": ");
    assert_eq!(refused(&more, json()), Error::Metadata { line: 0, what });
}

#[test]
fn a_json_root_wrapped_or_unwrapped() {
    // `[…]` and `{"data": […]}` are different texts.
    let list = sealed("[\"CANARY\"]", json(), &plan());
    let unwrapped = replaced(&list, "    \"wrapped\": true,\n", "");
    assert_eq!(refused(&unwrapped, json()), section_unverified(Step::MetadataMac, "default"));
    let map = sealed("{\"data\": [\"CANARY\"]}", json(), &plan());
    let wrapped = replaced(&map, "\"pinned\",\n", "\"pinned\",\n    \"wrapped\": true,\n");
    assert_eq!(refused(&wrapped, json()), section_unverified(Step::MetadataMac, "default"));
}

#[test]
fn json_blocks_doubled_misplaced_or_of_both_dialects() {
    let file = sealed("{\"a\": \"CANARY\"}", json(), &plan());
    let reserved = "this key is reserved for metadata and cannot stand at the root";
    for key in ["sops-rs", "sops", "sops\\u002drs"] {
        let bad = replaced(&file, "{\"a\"", &format!("{{\"{key}\": {{\"version\": 1}}, \"a\""));
        assert_eq!(refused(&bad, json()), Error::Syntax { at: at(1, 2), what: reserved }, "{key}");
    }
    let end = file.rfind("\n  }").expect("the end of the block") + 4;
    let behind = format!("{}, \"b\": 1{}", &file[..end], &file[end..]);
    assert_eq!(refused(&behind, json()), Error::Metadata { line: 2, what: "something stands behind the metadata" });
    for tail in ["x", "{}", "// CANARY", "\0"] {
        let error = refused(&format!("{file}{tail}"), json());
        assert!(matches!(error, Error::Metadata { .. } | Error::NotEncrypted), "{error} for {tail}");
    }
    let inner = format!("{{\"x\": {file}}}");
    assert!(matches!(refused(&inner, json()), Error::NotEncrypted | Error::Metadata { .. }));
}

#[test]
fn dotenv_leaves_swapped_deleted_added_renamed_reordered() {
    let file = sealed(DOTENV, dotenv(), &plan());
    let (user, host) = (token(&file, "USER="), token(&file, "HOST="));
    let first_broken = unverified(Step::Link, "FIRST", 1, 7);
    let host_line = format!("HOST={host}\n");
    for (bad, error) in [
        (swapped(&file, &user, &host), first_broken.clone()),
        (replaced(&file, "USER=", "User="), first_broken.clone()),
        (replaced(&file, &format!("export USER={user}\n"), ""), first_broken.clone()),
        (replaced(&file, "export USER=", "#export USER="), first_broken.clone()),
        (replaced(&replaced(&file, &host_line, ""), "FIRST=", &format!("{host_line}FIRST=")), start_broken()),
        (replaced(&file, &host, "evil"), Error::LeafNotSealed { at: at(5, 6), path: "HOST".into() }),
        (replaced(&file, &host, ""), unverified(Step::Link, "PASSWORD", 4, 10)),
        (replaced(&file, "HOST=", "ADMIN=1\nHOST="), Error::LeafNotSealed { at: at(5, 7), path: "ADMIN".into() }),
        (replaced(&file, "HOST=", &format!("ADMIN={host}\nHOST=")), Error::DuplicateId { at: at(6, 6) }),
        (replaced(&file, "HOST=", "USER=1\nHOST="), Error::DuplicateKey { at: at(5, 1), key: "USER".into() }),
        (replaced(&file, "INHERITED\n", "INHERITED=\n"), unverified(Step::Link, "HOST", 5, 6)),
        (replaced(&file, "INHERITED\n", ""), unverified(Step::Link, "HOST", 5, 6)),
        (replaced(&file, "EMPTY=\n", "EMPTY\n"), unverified(Step::Link, "HOST", 5, 6)),
        (replaced(&file, "EMPTY=\n", "EMPTY=\nMORE=\n"), unverified(Step::Link, "HOST", 5, 6)),
        (replaced(&file, "EMPTY=\n", "EMPTY=''\n"), Error::LeafNotSealed { at: at(7, 7), path: "EMPTY".into() }),
    ] {
        assert_eq!(refused(&bad, dotenv()), error);
    }
}

#[test]
fn a_dotenv_token_with_something_around_it() {
    let file = sealed(DOTENV, dotenv(), &plan());
    let host = token(&file, "HOST=");
    let malformed = Error::Token { at: at(5, 6), path: "HOST".into() };
    for new in [" @", " '@'", "\t\"@\"", "@ ", "@ # note", "@#", "@x", "\"@ \"", "@\\"] {
        assert_eq!(refused(&replaced(&file, &host, &new.replace('@', &host)), dotenv()), malformed, "{new}");
    }
    let not_sealed = Error::LeafNotSealed { at: at(5, 6), path: "HOST".into() };
    for new in ["$@", "\"\n@\"", "x@"] {
        assert_eq!(refused(&replaced(&file, &host, &new.replace('@', &host)), dotenv()), not_sealed, "{new}");
    }
    // A value without quotes does not open where only quotes would keep it apart from what stands around it.
    for (new, column) in [("'@' # note", 6), ("\"@\" ", 6)] {
        let bad = replaced(&file, &host, &new.replace('@', &host));
        assert_eq!(refused(&bad, dotenv()), unverified(Step::Splice, "HOST", 5, column), "{new}");
    }
    assert_eq!(opened(&replaced(&file, &host, &format!("`{host}`")), dotenv()), DOTENV);
}

#[test]
fn the_quotes_around_a_dotenv_token_do_not_matter() {
    let file = sealed(DOTENV, dotenv(), &plan());
    let user = token(&file, "USER=");
    for quote in ["'", "\"", "`"] {
        assert_eq!(opened(&replaced(&file, &user, &format!("{quote}{user}{quote}")), dotenv()), DOTENV);
    }
}

#[test]
fn dotenv_line_breaks_of_other_readers() {
    let file = sealed(DOTENV, dotenv(), &plan());
    for c in ["\u{85}", "\u{2028}", "\u{2029}", "\u{feff}", "\r", "\0", "\u{c}"] {
        let code = c.chars().next().map_or(0, u32::from);
        for (old, new, at) in [
            ("# ENC", format!("# note{c}ADMIN=true ENC"), at(2, 7)),
            ("HOST=", format!("# {c}HOST=1\nHOST="), at(5, 3)),
            ("HOST=", format!("{c}HOST="), at(5, 1)),
            ("EMPTY=", format!("EMPTY={c}x"), at(7, 7)),
        ] {
            let bad = file.replacen(old, &new, 1);
            assert_eq!(refused(&bad, dotenv()), Error::ForbiddenCharacter { at, code }, "{c:?} in {new:?}");
        }
    }
    let bad = replaced(&file, "HOST=", "# note \\\nHOST=");
    let what = "a comment must not end in a backslash, it hides the next line";
    assert_eq!(refused(&bad, dotenv()), Error::Syntax { at: at(5, 8), what });
}

#[test]
fn dotenv_blocks_doubled_misplaced_or_of_both_dialects() {
    let file = sealed("A=CANARY-1\n", dotenv(), &plan());
    let (body, block) = file.split_at(file.find("sops_rs__").expect("a block"));
    let lines = file.lines().count();
    assert_eq!(
        refused(&format!("{block}{body}"), dotenv()),
        Error::Metadata { line: 1, what: "something stands behind the metadata" },
    );
    for behind in ["B=1\n", "# CANARY\n", "\n"] {
        let error = refused(&format!("{file}{behind}"), dotenv());
        assert_eq!(error, Error::Metadata { line: 2, what: "something stands behind the metadata" }, "{behind:?}");
    }
    let error = refused(&format!("{file}{block}"), dotenv());
    assert_eq!(error, Error::Metadata { line: lines + 1, what: "a field stands twice" });
    let reserved = "this key is reserved for metadata";
    for key in ["sops_version", "sops_mac", "export sops_mac"] {
        let Error::Syntax { at, what } = refused(&format!("{key}=1\n{file}"), dotenv()) else { panic!("{key}") };
        assert_eq!((at.line, what), (1, reserved), "{key}");
    }
    let quoted = format!("{body}B=\"\n{block}\"\n");
    assert_eq!(refused(&quoted, dotenv()), Error::Metadata { line: 3, what: "something stands behind the metadata" });
    let open = format!("{body}B=\"\n{block}");
    assert!(matches!(refused(&open, dotenv()), Error::Syntax { .. }));
}
