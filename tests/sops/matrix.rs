//! Both programs on the same files: what one encrypts, sets, edits, rotates or re-keys the other reads, and nothing is lost.
//! Runs only where `SOPS_RS_TEST_SOPS` names the real program; `SOPS_RS_TEST_SOPS_CASES` says how many cases a direction has.
#![expect(clippy::disallowed_methods, reason = "an opt-in run says what it was asked to do")]

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fmt;
use std::fs;
use std::path::PathBuf;

use proptest::prelude::*;
use proptest::sample::{select, subsequence};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value as Json, json};

use self::plain::{Node, documents, flat_documents};
use crate::harness::World;
use crate::product::shapes;
use crate::program::{Sops, is_oracle, ours, real, testdata};
use crate::values;

#[path = "matrix/plain.rs"]
mod plain;

/// Identities by letter, in `testdata/sops/keys`.
const READERS: [(&str, &str); 5] = [
    ("a", "age18whjdz5selvk70ppt2qfchpzq9r7n8aq4lyxnlt3d9dash2dpv3sdq6rqh"),
    ("b", "age13xr4aty0r38vlkex08h0e6kqyq9c3dr368q5hcn7lmh6f3c553gsp6hfqr"),
    ("c", "age1tlycttpv059q5h3s0xj5et9m3dlql8pu0uf7tgm6d4mdvx2v3s5qtus2s2"),
    ("d", "age135n7cl8gyzgfkqnke3ywtzkuc479qatpm3r4ju5r4mwp2lr3wp0qx9csec"),
    ("wrong", "age1eaf56zmdq2jtg5spm9e5eqg0tc42a9fpelytqx42ga8w2e5qqa9q3rw7gz"),
];
const SELECTORS: &[(&str, &str)] = &[
    ("unencrypted_suffix", "_unencrypted"),
    ("encrypted_suffix", "_enc"),
    ("unencrypted_regex", "^(public|key)$"),
    ("encrypted_regex", "^secret"),
    ("unencrypted_comment_regex", "clear:"),
    ("encrypted_comment_regex", "enc:"),
];

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Format {
    Yaml,
    Json,
    Dotenv,
    Ini,
    Binary,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    SetNew,
    SetOld,
    Unset,
    Edit,
    Rotate,
    UpdateKeys,
}

/// One combination.
#[derive(Clone)]
struct Case {
    format: Format,
    document: Node,
    bytes: Vec<u8>,
    selector: Option<(&'static str, &'static str)>,
    mac_only_encrypted: bool,
    comments: bool,
    /// How many recipients, and in how many groups.
    readers: (usize, usize),
    steps: Vec<Step>,
}

fn cases() -> impl Strategy<Value = Case> {
    let format = select(&[Format::Yaml, Format::Yaml, Format::Json, Format::Dotenv, Format::Ini, Format::Binary][..]);
    let document = format.prop_flat_map(|format| {
        let document = match format {
            Format::Dotenv => flat_documents(1),
            Format::Ini => flat_documents(2),
            _ => documents(),
        };
        (Just(format), document)
    });
    let steps =
        subsequence(vec![Step::SetNew, Step::SetOld, Step::Unset, Step::Edit, Step::Rotate, Step::UpdateKeys], 3);
    let readers = select(&[(1, 1), (2, 1), (5, 1), (2, 2), (5, 2), (5, 3)][..]);
    (
        document,
        proptest::collection::vec(any::<u8>(), 0..12),
        proptest::option::weighted(0.85, select(SELECTORS)),
        proptest::bool::weighted(0.25),
        any::<bool>(),
        readers,
        steps.prop_shuffle(),
    )
        .prop_map(|((format, document), bytes, selector, mac_only_encrypted, comments, readers, steps)| {
            let of_comments = selector.is_some_and(|(name, _)| name.ends_with("comment_regex"));
            // SOPS does not find back what it does by comments in lists.
            let document = match comments {
                true if of_comments => document.without_comments(false),
                true => document,
                false => document.without_comments(true),
            };
            Case { format, document, bytes, selector, mac_only_encrypted, comments, readers, steps }
        })
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{:?} {:?} {:?} {:?}", self.format, self.selector, self.readers, self.steps)?;
        writeln!(f, "mac_only_encrypted: {}, comments: {}", self.mac_only_encrypted, self.comments)?;
        f.write_str(&String::from_utf8_lossy(&self.text()))
    }
}

impl Case {
    fn name(&self) -> &'static str {
        match self.format {
            Format::Yaml => "file.yaml",
            Format::Json => "file.json",
            Format::Dotenv => "file.env",
            Format::Ini => "file.ini",
            Format::Binary => "file.bin",
        }
    }

    fn text(&self) -> Vec<u8> {
        match self.format {
            Format::Yaml => self.document.yaml().into_bytes(),
            Format::Json => self.document.json().into_bytes(),
            Format::Dotenv => self.document.dotenv().into_bytes(),
            Format::Ini => self.document.ini().into_bytes(),
            Format::Binary => self.bytes.clone(),
        }
    }

    /// The keys of these readers, group by group.
    fn groups<'r>(&self, readers: &[&'r str]) -> Vec<Vec<&'r str>> {
        let groups = self.readers.1;
        (0..groups).map(|group| readers.iter().copied().skip(group).step_by(groups).collect()).collect()
    }

    fn config(&self, readers: &[&str]) -> String {
        let groups: Vec<_> =
            self.groups(readers).iter().map(|group| format!("{{age: [{}]}}", group.join(", "))).collect();
        let mut config = format!("creation_rules:\n  - key_groups: [{}]\n", groups.join(", "));
        if self.readers.1 > 2 {
            config += "    shamir_threshold: 2\n";
        }
        if let Some((name, value)) = self.selector {
            config += &format!("    {name}: '{value}'\n");
        }
        if self.mac_only_encrypted {
            config += "    mac_only_encrypted: true\n";
        }
        config
    }

    /// As few identities as are needed: of the last reader of each group, and where two of three do, of two.
    fn identities(&self, readers: &[&str]) -> String {
        let groups = self.groups(readers);
        let needed = groups.iter().skip(usize::from(groups.len() > 2)).filter_map(|group| group.last());
        let names = needed.map(|reader| READERS.iter().find(|(_, recipient)| recipient == reader).expect("a reader").0);
        names
            .map(|name| fs::read_to_string(testdata("sops/keys").join(format!("{name}.txt"))).expect("an identity"))
            .collect()
    }
}

/// A case that runs, with what its file must hold by now.
struct Play<'c> {
    case: &'c Case,
    world: World,
    programs: [PathBuf; 2],
    identities: String,
    expected: Json,
    /// The entries that were set or removed: their comments may go with them.
    gone: BTreeSet<String>,
}

impl<'c> Play<'c> {
    fn run(&self, program: usize, arguments: &[&str]) -> Result<Vec<u8>, TestCaseError> {
        let run = self.world.sops_at(&self.programs[program], arguments);
        let run = run.env("SOPS_AGE_KEY_FILE", self.world.path("identities")).env("EDITOR", "sh edit");
        let output = run.stdin("").output();
        let fails = |what: &str| {
            let said = String::from_utf8_lossy(&output.stderr);
            let file = fs::read(self.world.path(self.case.name())).unwrap_or_default();
            let file = String::from_utf8_lossy(&file);
            TestCaseError::fail(format!("{} {arguments:?}: {what}\n{said}\n{file}", self.programs[program].display()))
        };
        if !output.status.success() {
            return Err(fails(&output.status.to_string()));
        }
        let said = String::from_utf8_lossy(&output.stderr);
        if said.contains("unencrypted comment") || said.contains("panic") {
            return Err(fails("it does not find everything"));
        }
        Ok(output.stdout)
    }

    /// Reads the file with this program: everything must be there.
    fn check(&self, program: usize) -> Result<(), TestCaseError> {
        self.world.file("identities", &self.identities);
        let name = self.case.name();
        if self.case.format == Format::Binary {
            let bytes = self.run(program, &["decrypt", name])?;
            prop_assert_eq!(json!({ "data": bytes }), self.expected.clone());
            return Ok(());
        }
        let plain = self.run(program, &["decrypt", "--output-type", "json", name])?;
        let mut plain = values::json(std::str::from_utf8(&plain).expect("UTF-8"));
        if self.case.format == Format::Ini && plain["DEFAULT"] == json!({}) {
            plain.as_object_mut().expect("a map").shift_remove("DEFAULT");
        }
        let [read, expected] = [&plain, &self.expected].map(|value| serde_json::to_string(value).expect("JSON"));
        prop_assert_eq!(read, expected, "read by {}\n{}", self.programs[program].display(), self.world.read(name));
        if self.case.comments && self.case.format != Format::Json {
            let text = String::from_utf8(self.run(program, &["decrypt", name])?).expect("UTF-8");
            let mut lines: Vec<_> =
                text.lines().map(|line| line.trim_start().trim_start_matches(['#', ';', ' '])).collect();
            for comment in self.case.document.comments_but_of(&self.gone) {
                let at = lines.iter().position(|line| *line == comment);
                prop_assert!(
                    at.is_some(),
                    "# {} is lost, as {} reads\n{}",
                    comment,
                    self.programs[program].display(),
                    text
                );
                lines.remove(at.unwrap_or_default());
            }
        }
        Ok(())
    }

    /// Which values are encrypted, and as what.
    fn shape(&self, text: &str) -> Result<String, TestCaseError> {
        let shape = serde_json::to_string(&shapes(text)).expect("JSON");
        // Up to 3.13.1 SOPS makes floats of JSON's integers.
        // And comments are items of lists, and null is an empty list.
        let comment = "\"ENC[type:comment]\"";
        let shape = shape.replace(&format!("{comment},"), "").replace(&format!(",{comment}"), "").replace(comment, "");
        let shape = shape.replace("\"hc_vault\":null", "\"hc_vault\":[]");
        Ok(if self.case.format == Format::Json { shape.replace("type:int", "type:float") } else { shape })
    }

    fn step(&mut self, step: Step, program: usize) -> Result<(), TestCaseError> {
        let name = self.case.name();
        let format = self.case.format;
        match step {
            Step::SetNew | Step::SetOld | Step::Unset if format == Format::Binary => return Ok(()),
            Step::SetNew => {
                let (path, value) = match format {
                    Format::Dotenv => (&["new"][..], json!("two\nlines")),
                    Format::Ini => (&["more", "new"][..], json!("set value")),
                    _ => (&["more", "new_enc"][..], json!("it's: #1\n")),
                };
                self.set(program, path, value)?;
            }
            Step::SetOld => {
                let root = self.expected.as_object().expect("a map");
                let (key, value) = root.iter().next_back().expect("an entry");
                let key = key.clone();
                self.gone.insert(key.clone());
                match value.as_object().and_then(|map| map.keys().next()).cloned() {
                    Some(inner) => self.set(program, &[&key, &inner], json!("another"))?,
                    None if format == Format::Ini => return Ok(()),
                    None => self.set(program, &[&key], json!("another"))?,
                }
            }
            Step::Unset => {
                let root = self.expected.as_object_mut().expect("a map");
                if root.len() < 2 {
                    return Ok(());
                }
                let key = root.keys().next().expect("an entry").clone();
                root.shift_remove(&key);
                self.gone.insert(key.clone());
                self.run(program, &["unset", name, &format!("[{}]", json!(key))])?;
            }
            Step::Edit => {
                let script = match format {
                    Format::Yaml => "echo 'edited: by \"hand\"' >> \"$1\"",
                    Format::Json => "sed '1s/{/{\"edited\": \"by hand\",/' \"$1\" > t && cat t > \"$1\"",
                    Format::Dotenv => "echo 'edited=by hand' >> \"$1\"",
                    Format::Ini => "printf '\\n[edited]\\nx = by hand\\n' >> \"$1\"",
                    Format::Binary => "printf 'by hand' >> \"$1\"",
                };
                self.world.file("edit", script);
                self.run(program, &["edit", name])?;
                match format {
                    Format::Yaml => self.expected["edited"] = json!("by \"hand\""),
                    Format::Dotenv => self.expected["edited"] = json!("by hand"),
                    Format::Ini => self.expected["edited"] = json!({ "x": "by hand" }),
                    Format::Json => {
                        let root = self.expected.as_object_mut().expect("a map");
                        root.shift_insert(0, "edited".to_owned(), json!("by hand"));
                    }
                    Format::Binary => {
                        let data = self.expected["data"].as_array_mut().expect("bytes");
                        data.extend(b"by hand".iter().map(|byte| json!(byte)));
                    }
                }
            }
            Step::Rotate => {
                let before = self.world.read(name);
                self.run(program, &["rotate", "-i", name])?;
                let after = self.world.read(name);
                let kept = tokens(&before).intersection(&tokens(&after)).count();
                prop_assert_eq!(kept, 0, "a token is there still\n{}", after);
            }
            Step::UpdateKeys => {
                // Whoever was a reader is none any more.
                let readers: Vec<_> =
                    READERS.iter().rev().map(|(_, recipient)| *recipient).take(self.case.readers.0).collect();
                self.world.file(".sops.yaml", self.case.config(&readers));
                self.run(program, &["updatekeys", "-y", name])?;
                self.identities = self.case.identities(&readers);
            }
        }
        Ok(())
    }

    fn set(&mut self, program: usize, path: &[&str], value: Json) -> Result<(), TestCaseError> {
        let index: String = path.iter().map(|key| format!("[{}]", json!(key))).collect();
        self.run(program, &["set", self.case.name(), &index, &value.to_string()])?;
        let mut place = &mut self.expected;
        for key in path {
            place = &mut place[*key];
        }
        *place = value;
        Ok(())
    }
}

/// The authentication tags of the tokens of a file.
fn tokens(text: &str) -> BTreeSet<String> {
    text.split("ENC[AES256_GCM,").skip(1).filter_map(|rest| rest.split(',').nth(2)).map(str::to_owned).collect()
}

/// The first program encrypts, then each in turn works on the file, and the other one reads it.
fn play(case: &Case, programs: [PathBuf; 2]) -> Result<(), TestCaseError> {
    let readers: Vec<_> = READERS.iter().map(|(_, recipient)| *recipient).take(case.readers.0).collect();
    let expected = match case.format {
        Format::Binary => json!({ "data": case.bytes }),
        _ => case.document.values(),
    };
    let identities = case.identities(&readers);
    let mut play = Play { case, world: World::new(), programs, identities, expected, gone: BTreeSet::new() };
    let name = case.name();
    play.world.file(".sops.yaml", case.config(&readers));
    play.world.file("identities", &play.identities);
    play.world.file(name, case.text());
    let [first, second] = [0, 1].map(|program| play.run_to_text(program, &["encrypt", name]));
    let (first, second) = (first?, second?);
    prop_assert_eq!(play.shape(&first)?, play.shape(&second)?, "\n{}\n{}", first, second);
    play.world.file(name, &first);
    play.check(1)?;
    for (number, step) in case.steps.iter().enumerate() {
        let program = (number + 1) % 2;
        play.step(*step, program)?;
        play.check(1 - program)?;
    }
    play.check(0)?;
    play.check(1)
}

impl Play<'_> {
    fn run_to_text(&self, program: usize, arguments: &[&str]) -> Result<String, TestCaseError> {
        Ok(String::from_utf8(self.run(program, arguments)?).expect("UTF-8"))
    }
}

/// Plays many cases, and sees to it that they cover what they should.
fn play_all(programs: &[PathBuf; 2]) {
    let cases_per_direction =
        std::env::var("SOPS_RS_TEST_SOPS_CASES").map_or(260, |cases| cases.parse().expect("a number"));
    let config =
        Config { cases: cases_per_direction, max_shrink_iters: 60, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let met = RefCell::new(BTreeSet::new());
    let result = runner.run(&cases(), |case| {
        let mut met = met.borrow_mut();
        met.extend(case.steps.iter().map(|step| format!("{:?} {step:?}", case.format)));
        met.insert(format!("{:?} {:?}", case.format, case.selector));
        met.insert(format!("{:?} {:?}", case.format, case.readers));
        met.insert(format!("{:?} {}", case.format, case.comments));
        drop(met);
        play(&case, programs.clone())
    });
    if let Err(error) = result {
        panic!("{error}");
    }
    // 6 steps, 6 selectors or none, 6 numbers of readers, with and without comments, for 5 formats.
    let expected = 5 * (6 + 7 + 6 + 2);
    assert!(cases_per_direction < 200 || met.borrow().len() == expected, "{:?}", met.borrow());
}

#[test]
fn sops_works_on_what_we_encrypt() {
    if let Some(real) = real().filter(|_| !is_oracle()) {
        play_all(&[ours(), real]);
    }
}

#[test]
fn we_work_on_what_sops_encrypts() {
    if let Some(real) = real().filter(|_| !is_oracle()) {
        play_all(&[real, ours()]);
    }
}

#[test]
fn the_cases_hold_by_the_real_program_alone() {
    if let Some(real) = real().filter(|_| is_oracle()) {
        play_all(&[real.clone(), real]);
    }
}
