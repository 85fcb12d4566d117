//! What looks like a secret: tokens of well-known services, private keys, and keys that are called like passwords.
//!
//! It is better to miss one than to cry wolf: only spellings that hardly stand for anything else are known.

/// The kind of secret that stands somewhere in `text`, as in "an access key of AWS"; none when nothing looks like one.
#[must_use]
pub fn known_secret(text: &str) -> Option<&'static str> {
    let found = TOKENS.iter().find(|token| token.is_in(text)).map(|token| token.name);
    found
        .or_else(|| is_private_key(text).then_some("a private key"))
        .or_else(|| has_jwt(text))
        .or_else(|| has_login(text))
}

/// Whether a key is called as those are whose values are secrets: its last word is `password`, `token`, `secret` or the like.
#[must_use]
pub fn is_secret_name(key: &str) -> bool {
    let plain: String = key.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect();
    NAMES.iter().any(|name| plain.ends_with(name))
}

/// Whether a value under such a key may be the secret itself, and not a number, a switch, a path or the name of where it is.
#[must_use]
pub fn may_be_secret(value: &str) -> bool {
    let value = value.trim().trim_matches(['"', '\'']);
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || b".-_+".contains(&byte));
    let is_word = ["true", "false", "yes", "no", "on", "off", "null", "none", "optional", "required", "changeme"]
        .iter()
        .any(|word| value.eq_ignore_ascii_case(word));
    let is_reference =
        ["$", "{{", "<", "*", "%", "@", "/", "./", "~/", "!", "vault:", "ref+", "op://", "arn:", "env:", "file:"]
            .iter()
            .any(|start| value.starts_with(start))
            || ["://", "${", "{{", " "].iter().any(|part| value.contains(part));
    // Six or more of one character are a mask.
    let is_mask = value.chars().next().is_some_and(|first| value.chars().all(|c| c == first));
    value.len() >= MIN_SECRET_LEN && !is_number && !is_word && !is_reference && !is_mask
}

/// Shorter ones are words and switches.
const MIN_SECRET_LEN: usize = 6;

/// How the names of secrets end, without case, `-` and `_`.
const NAMES: [&str; 14] = [
    "accesskey",
    "apikey",
    "apitoken",
    "authtoken",
    "clientsecret",
    "encryptionkey",
    "passphrase",
    "passwd",
    "password",
    "privatekey",
    "secret",
    "secretkey",
    "signingkey",
    "token",
];

/// A token that begins with what nothing else begins with.
struct Token {
    name: &'static str,
    start: &'static str,
    /// What follows: so many of these characters at least.
    len: usize,
    is_part: fn(u8) -> bool,
}

const TOKENS: [Token; 26] = [
    token("an access key of AWS", "AKIA", 16, is_upper),
    token("an access key of AWS", "ASIA", 16, is_upper),
    token("an age identity", "AGE-SECRET-KEY-1", 50, is_upper),
    token("an age identity", "AGE-SECRET-KEY-PQ-1", 50, is_upper),
    token("a token of Anthropic", "sk-ant-", 32, is_url),
    token("a token of DigitalOcean", "dop_v1_", 64, is_word),
    token("a token of GitHub", "ghp_", 36, is_word),
    token("a token of GitHub", "gho_", 36, is_word),
    token("a token of GitHub", "ghu_", 36, is_word),
    token("a token of GitHub", "ghs_", 36, is_word),
    token("a token of GitHub", "ghr_", 36, is_word),
    token("a token of GitHub", "github_pat_", 60, is_word),
    token("a token of GitLab", "glpat-", 20, is_url),
    token("a key of Google", "AIza", 35, is_url),
    token("a token of Hugging Face", "hf_", 34, is_word),
    token("a token of npm", "npm_", 36, is_word),
    token("a token of OpenAI", "sk-proj-", 40, is_url),
    token("a token of PyPI", "pypi-AgEIcHlwaS5vcmc", 50, is_url),
    token("a key of SendGrid", "SG.", 60, |byte| is_url(byte) || byte == b'.'),
    token("a token of Slack", "xoxb-", 24, is_url),
    token("a token of Slack", "xoxp-", 24, is_url),
    token("a token of Slack", "xapp-", 24, is_url),
    token("a webhook of Slack", "https://hooks.slack.com/services/T", 30, |byte| is_word(byte) || byte == b'/'),
    token("a key of Stripe", "sk_live_", 24, is_word),
    token("a key of Stripe", "rk_live_", 24, is_word),
    token("a token of Vault", "hvs.", 24, is_url),
];

const fn token(name: &'static str, start: &'static str, len: usize, is_part: fn(u8) -> bool) -> Token {
    Token { name, start, len, is_part }
}

impl Token {
    fn is_in(&self, text: &str) -> bool {
        text.match_indices(self.start).any(|(at, _)| {
            let before = text[..at].bytes().next_back();
            let rest = &text.as_bytes()[at + self.start.len()..];
            let part = &rest[..rest.iter().take_while(|&&byte| (self.is_part)(byte)).count()];
            // An access key has exactly its length; in what is made by hand one character stands many times.
            let fits = part.len() >= self.len && (self.len > 16 || part.len() == self.len);
            fits && !before.is_some_and(is_word) && is_varied(part)
        })
    }
}

/// Whether it has as many different characters as random ones of some length have: examples are full of `x` and `0`.
fn is_varied(part: &[u8]) -> bool {
    const LEAST: usize = 8;
    let mut seen = [false; 256];
    part.iter().for_each(|&byte| seen[usize::from(byte)] = true);
    seen.iter().filter(|&&seen| seen).count() >= LEAST
}

fn is_upper(byte: u8) -> bool {
    byte.is_ascii_uppercase() || byte.is_ascii_digit()
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_'
}

fn is_url(byte: u8) -> bool {
    is_word(byte) || byte == b'-'
}

/// PEM (RFC 7468), and what is like it: OpenSSH's and PGP's.
fn is_private_key(text: &str) -> bool {
    text.split("-----BEGIN ").skip(1).any(|rest| {
        let label = rest.split("-----").next().unwrap_or_default();
        // `…PUBLIC KEY` and certificates are nobody's secret, and so is a text about this one.
        (label.ends_with("PRIVATE KEY") || label == "PGP PRIVATE KEY BLOCK")
            && rest.len() > label.len() + 64
            && label.len() < 40
    })
}

/// A signed JSON Web Token (RFC 7519): two objects in base64, and a signature.
fn has_jwt(text: &str) -> Option<&'static str> {
    let is_jwt = |(at, _): (usize, &str)| {
        let end = text[at..].find(|c: char| !(c.is_ascii() && is_url(c as u8) || c == '.'));
        let parts: Vec<_> = text[at..end.map_or(text.len(), |end| at + end)].split('.').collect();
        matches!(parts[..], [head, body, signature] if head.len() > 15 && body.starts_with("eyJ") && signature.len() > 20)
    };
    text.match_indices("eyJ").any(is_jwt).then_some("a signed JSON Web Token")
}

/// An address with a password in it (RFC 3986, "userinfo").
fn has_login(text: &str) -> Option<&'static str> {
    let is_login = |(at, _): (usize, &str)| {
        let rest = &text[at + 3..];
        let end = rest.find(|c: char| c.is_whitespace() || "/?#\"'`<>(),;".contains(c)).unwrap_or(rest.len());
        let Some((login, host)) = rest[..end].rsplit_once('@') else { return false };
        let Some((_, password)) = login.split_once(':') else { return false };
        // `postgres://postgres:postgres@db` is what every example has.
        let is_example = login.split_once(':').is_some_and(|(user, password)| user == password)
            || ["pass", "password", "passwd", "secret", "pw", "pwd", "user", "test", "example"]
                .iter()
                .any(|word| password.eq_ignore_ascii_case(word));
        !host.is_empty() && may_be_secret(password) && !is_example
    };
    text.match_indices("://").any(is_login).then_some("an address with a password in it")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_of_services_are_known_wherever_they_stand() {
        // Put together here, so that no scanner takes this file for a leak.
        let random = "a8Kd03mZqP2xW7bY5tR1cV9nL4jH6gF0sE3u";
        for (text, expected) in [
            (format!("{}IOSFODNN7EXAMPL2", "AKIA"), Some("an access key of AWS")),
            (format!("key is {}IOSFODNN7EXAMPL2.", "AKIA"), Some("an access key of AWS")),
            (format!("{}IOSFODNN7EXAMPL2X", "AKIA"), None),
            (format!("x{}IOSFODNN7EXAMPL2", "AKIA"), None),
            (format!("{}{random}", "ghp_"), Some("a token of GitHub")),
            (format!("# old: {}{random}", "ghp_"), Some("a token of GitHub")),
            (format!("{}{}", "ghp_", "x".repeat(36)), None),
            (format!("{}short", "ghp_"), None),
            (format!("{}{random}", "sk_live_"), Some("a key of Stripe")),
            (format!("{}{random}", "sk_test_"), None),
            (format!("-----BEGIN {}-----\n{random}{random}\n", "PRIVATE KEY"), Some("a private key")),
            (format!("-----BEGIN OPENSSH {}-----\n{random}{random}\n", "PRIVATE KEY"), Some("a private key")),
            (format!("-----BEGIN PUBLIC KEY-----\n{random}{random}\n"), None),
            (format!("-----BEGIN {}-----", "PRIVATE KEY"), None),
            (format!("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJib2IifQ.{random}"), Some("a signed JSON Web Token")),
            ("eyJhbGciOiJIUzI1NiJ9".into(), None),
            ("postgres://app:x8Kd03mZq@db/app".into(), Some("an address with a password in it")),
            ("postgres://app:${PASSWORD}@db/app".into(), None),
            ("postgres://postgres:postgres@db/app".into(), None),
            ("postgres://user:password@db/app".into(), None),
            ("https://example.com/a:b@c".into(), None),
            ("é eyJ é ://é:é".into(), None),
            (String::new(), None),
        ] {
            assert_eq!(known_secret(&text), expected, "{text}");
        }
    }

    #[test]
    fn names_of_secrets_end_as_such() {
        for key in
            ["password", "DB_PASSWORD", "apiKey", "api-key", "authToken", "client_secret", "AWS_SECRET_ACCESS_KEY"]
        {
            assert!(is_secret_name(key), "{key}");
        }
        for key in ["passwordFile", "tokenUrl", "secretName", "key", "public_key", "secrets", "tokens", "user", ""] {
            assert!(!is_secret_name(key), "{key}");
        }
    }

    #[test]
    fn references_and_switches_are_no_secrets() {
        for value in ["hunter2x", "s3cr3t!", "\"correct-horse\""] {
            assert!(may_be_secret(value), "{value}");
        }
        for value in [
            "",
            "true",
            "3600000",
            "${DB_PASSWORD}",
            "{{ .Values.x }}",
            "/run/secrets/x",
            "********",
            "see the wiki",
            "vault:a#b",
        ] {
            assert!(!may_be_secret(value), "{value}");
        }
    }
}
