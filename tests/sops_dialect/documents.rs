//! Random files of each format, with all that makes them hard to read alike.

use sops_rs::document::sops::Store;

/// A file from a seed.
pub(crate) fn random(store: Store, seed: u64) -> String {
    let mut writer =
        Writer { random: Random(seed | 1), out: String::new(), anchors: 0, closed: Vec::new(), comments: true };
    match store {
        Store::Yaml => writer.yaml(),
        Store::Json | Store::Binary => writer.json(),
        Store::Dotenv => writer.dotenv(),
        Store::Ini => writer.ini(),
        Store::Toml => crate::toml::write(&mut writer.random, &mut writer.out),
    }
    writer.out
}

/// xorshift64*, good enough to choose.
pub(crate) struct Random(u64);

impl Random {
    pub(crate) fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 33) as usize % n
    }

    pub(crate) fn of<'t>(&mut self, texts: &[&'t str]) -> &'t str {
        texts[self.below(texts.len())]
    }

    pub(crate) fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

struct Writer {
    random: Random,
    out: String,
    anchors: usize,
    /// The anchors of whole values: an alias cannot stand for what is around it.
    closed: Vec<usize>,
    comments: bool,
}

const KEYS: &[&str] = &["a", "b", "key", "a_unencrypted", "with space", "c:d", "é", "x-y", "k1", "long_name_of_a_key"];
const PLAIN: &[&str] = &[
    "x",
    "some text",
    "42",
    "-7",
    "3.25",
    "1e3",
    "1.0",
    "true",
    "False",
    "null",
    "~",
    "yes",
    "no",
    "2001-12-14",
    "0x1F",
    "014",
    "1_000",
    "a:b",
    "http://h/p?q=1",
    "it's",
    "1:30",
    "1.2.3",
    "é",
    ".inf",
    "x#y",
    "=",
    "-1e-7",
    "123456789.5",
];
const QUOTED: &[&str] = &["", "x", "42", "a b", " lead", "trail ", "a: b", "# no", "it''s", "true", "é", "[x]", "- y"];
const DOUBLE: &[&str] = &[
    "",
    "x",
    "42",
    "a\\nb",
    "tab\\tx",
    "q\\\"q",
    "\\u00e9",
    "back\\\\slash",
    " ",
    "\\x01",
    "\\U0001F600",
    "a\\nb\\n",
    "\\n",
];
const COMMENTS: &[&str] = &["# note", "#tight", "# x marks", "# clear", "#", "# é: [", "#  two  "];

impl Writer {
    fn push(&mut self, text: &str) {
        self.out.push_str(text);
    }

    fn keys(&mut self, count: usize) -> Vec<&'static str> {
        let start = self.random.below(KEYS.len());
        (0..count).map(|n| KEYS[(start + n) % KEYS.len()]).collect()
    }

    fn yaml(&mut self) {
        let documents = if self.random.chance(15) { 2 } else { 1 };
        for number in 0..documents {
            if number > 0 || self.random.chance(10) {
                self.push("---\n");
            }
            self.closed.clear();
            self.yaml_map(0, 0);
        }
        if self.random.chance(10) {
            self.out.pop();
        }
    }

    fn own_line_comment(&mut self, indent: usize) {
        if self.comments && self.random.chance(20) {
            if self.random.chance(25) {
                self.push("\n");
            }
            for _ in 0..1 + self.random.below(2) {
                let comment = self.random.of(COMMENTS);
                self.push(&" ".repeat(indent));
                self.push(comment);
                self.push("\n");
            }
            if self.random.chance(25) {
                self.push("\n");
            }
        }
    }

    fn end_line(&mut self) {
        if self.comments && self.random.chance(12) {
            let comment = self.random.of(COMMENTS);
            self.push(" ");
            self.push(comment);
        }
        self.push("\n");
    }

    fn yaml_map(&mut self, indent: usize, depth: usize) {
        let count = 1 + self.random.below(4);
        for key in self.keys(count) {
            self.own_line_comment(indent);
            self.push(&" ".repeat(indent));
            let key = if key.contains(' ') && self.random.chance(50) { format!("\"{key}\"") } else { key.to_owned() };
            self.push(&key);
            self.push(":");
            self.yaml_value(indent, depth);
        }
        self.own_line_comment(indent);
    }

    fn yaml_value(&mut self, indent: usize, depth: usize) {
        let step = if self.random.chance(80) { 2 } else { 4 };
        match self.random.below(if depth > 2 { 6 } else { 11 }) {
            0..4 => {
                self.push(" ");
                let anchor = self.anchor();
                self.yaml_scalar(false);
                self.end_line();
                self.closed.extend(anchor);
            }
            4 => {
                self.push(" ");
                self.block_scalar(indent + step);
            }
            5 => {
                if !self.closed.is_empty() && self.random.chance(50) {
                    let number = self.closed[self.random.below(self.closed.len())];
                    self.push(&format!(" *n{number}"));
                } else {
                    let value = self.random.of(&[" {}", " []", "", " \"\""]);
                    self.push(value);
                }
                self.push("\n");
            }
            6 => {
                self.push(" ");
                self.yaml_flow(depth);
                self.end_line();
            }
            7..9 => {
                self.push(" ");
                let anchor = self.anchor();
                let len = self.out.trim_end_matches(' ').len();
                self.out.truncate(len);
                self.end_line();
                self.yaml_map(indent + step, depth + 1);
                self.closed.extend(anchor);
            }
            _ => {
                self.end_line();
                let indent = if self.random.chance(50) { indent } else { indent + step };
                for _ in 0..1 + self.random.below(3) {
                    self.own_line_comment(indent);
                    self.push(&" ".repeat(indent));
                    self.push("-");
                    if self.random.chance(30) && depth < 2 {
                        self.push(" ");
                        let at = self.out.len();
                        let (comments, had) = (self.comments, self.comments);
                        self.comments = false;
                        self.yaml_map(indent + 2, depth + 2);
                        self.comments = had && comments;
                        // The first entry stands behind the dash.
                        let line = self.out[at..].trim_start_matches(' ').to_owned();
                        self.out.truncate(at);
                        self.push(&line);
                    } else {
                        self.push(" ");
                        self.yaml_scalar(false);
                        self.end_line();
                    }
                }
            }
        }
    }

    fn anchor(&mut self) -> Option<usize> {
        if !self.random.chance(8) {
            return None;
        }
        self.anchors += 1;
        self.push(&format!("&n{} ", self.anchors));
        Some(self.anchors)
    }

    fn yaml_scalar(&mut self, flow: bool) {
        match self.random.below(10) {
            0..6 => {
                // go-yaml takes no `?` between brackets.
                let text = self.random.of(PLAIN);
                self.push(if flow && text.contains('?') { "x" } else { text });
            }
            6 | 7 => {
                let text = self.random.of(QUOTED);
                self.push(&format!("'{text}'"));
            }
            8 => {
                let text = self.random.of(DOUBLE);
                self.push(&format!("\"{text}\""));
            }
            _ if flow => self.push("z"),
            _ => {
                let text =
                    self.random.of(&["!!str 42", "!!int \"12\"", "!!float 3", "!Ref foo", "!!binary aGVsbG8=", "! x"]);
                self.push(text);
            }
        }
    }

    fn yaml_flow(&mut self, depth: usize) {
        let is_map = self.random.chance(50);
        self.push(if is_map { "{" } else { "[" });
        let count = 1 + self.random.below(3);
        for (number, key) in self.keys(count).into_iter().enumerate() {
            if number > 0 {
                self.push(", ");
            }
            if is_map {
                self.push(&format!("\"{key}\": "));
            }
            if depth < 3 && self.random.chance(20) {
                self.yaml_flow(depth + 1);
            } else {
                self.yaml_scalar(true);
            }
        }
        self.push(if is_map { "}" } else { "]" });
    }

    fn block_scalar(&mut self, indent: usize) {
        let header = self.random.of(&["|", "|-", "|+", ">", ">-", "| # why"]);
        self.push(header);
        self.push("\n");
        for number in 0..1 + self.random.below(3) {
            let line = self.random.of(&["one", "two words", "  deeper", "", "# no comment", "k: v"]);
            let line = if number == 0 { "one" } else { line };
            if !line.is_empty() {
                self.push(&" ".repeat(indent));
            }
            self.push(line);
            self.push("\n");
        }
        self.push(&" ".repeat(indent));
        self.push("end\n");
    }

    fn json(&mut self) {
        let newline = self.random.of(&["\n\t", "\n  ", " ", ""]);
        self.json_map(newline, 0);
        self.push("\n");
    }

    fn json_map(&mut self, newline: &str, depth: usize) {
        self.push("{");
        let count = self.random.below(5) + usize::from(depth == 0);
        for (number, key) in self.keys(count).into_iter().enumerate() {
            self.push(if number > 0 { "," } else { "" });
            self.push(newline);
            self.push(&format!("\"{key}\": "));
            self.json_value(newline, depth);
        }
        self.push("}");
    }

    fn json_value(&mut self, newline: &str, depth: usize) {
        match self.random.below(if depth > 3 { 4 } else { 6 }) {
            0 | 1 => {
                let text = self.random.of(&["", "x", "42", "a\\nb", "<&>", "\\u00e9", "\\\"", "true", " "]);
                self.push(&format!("\"{text}\""));
            }
            2 | 3 => {
                let text =
                    self.random.of(&["1", "-5", "1.5", "1e3", "1.0", "0.00001", "true", "false", "null", "123456.25"]);
                self.push(text);
            }
            4 => self.json_map(newline, depth + 1),
            _ => {
                self.push("[");
                for number in 0..self.random.below(4) {
                    self.push(if number > 0 { ", " } else { "" });
                    self.json_value(newline, depth + 1);
                }
                self.push("]");
            }
        }
    }

    fn dotenv(&mut self) {
        for number in 0..1 + self.random.below(6) {
            if self.random.chance(20) {
                let line = self.random.of(&["# note", "#", "#x y", ""]);
                self.push(line);
                self.push("\n");
            }
            let key = self.random.of(&["A", "B_C", "export X", "k_unencrypted", " I"]);
            let value = self.random.of(&["x", "", " x ", "\"q\"", "a#b", "a # b", "l1\\nl2", "a=b", "'s'", "é", "42"]);
            self.push(&format!("{key}{number}={value}\n"));
        }
    }

    fn ini(&mut self) {
        for section in 0..1 + self.random.below(3) {
            if section > 0 || self.random.chance(70) {
                self.ini_comment();
                self.push(&format!("[s{section}]\n"));
            }
            for number in 0..self.random.below(4) + 1 {
                self.ini_comment();
                let key = self.random.of(&["a", "b c", "x_unencrypted", "é"]);
                let delimiter = self.random.of(&[" = ", "=", ": "]);
                let value = self.random.of(&[
                    "x",
                    "a b",
                    "\"q\"",
                    "'s t'",
                    "`a#b`",
                    "42",
                    "x ; in line",
                    "",
                    "k=v",
                    "\"\"\"p\nq\"\"\"",
                    "é",
                ]);
                self.push(&format!("{key}{number}{delimiter}{value}\n"));
            }
            if self.random.chance(50) {
                self.push("\n");
            }
        }
    }

    fn ini_comment(&mut self) {
        for _ in 0..self.random.below(3) / 2 * (1 + self.random.below(2)) {
            let line = self.random.of(&["; note", "# x y", ";tight"]);
            self.push(line);
            self.push("\n");
        }
    }
}
