//! Which values are worth looking for: what is no secret by its look stands in many places, and none of them is a leak.

use super::MIN_LEN;

/// What a value seems to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Worth {
    /// No secret: too short, a common word, a number, a date, an address without a password, a public key, a placeholder.
    Nothing,
    /// Words or names, as a passphrase has them: a secret perhaps, which is found only where it stands alone.
    Word,
    /// A secret.
    Secret,
}

/// What keys and certificates begin with (RFC 7468).
const ARMOR: &[u8] = b"-----BEGIN ";

/// Runs of digits that are longer are no number that anybody uses.
const MAX_NUMBER_LEN: usize = 15;
/// Runs of letters that are longer are no words.
const MAX_WORD_LEN: usize = 19;

impl Worth {
    /// By the look of `value`.
    #[must_use]
    pub fn of(value: &[u8]) -> Self {
        let value = value.trim_ascii();
        if value.len() < MIN_LEN || is_public(value) {
            return Self::Nothing;
        }
        let Some(text) = std::str::from_utf8(value).ok().filter(|_| !value.starts_with(ARMOR)) else {
            return Self::Secret;
        };
        if is_placeholder(text) || is_date(text) {
            return Self::Nothing;
        }
        let mut tokens = text.split(|c: char| c.is_ascii() && !c.is_ascii_alphanumeric()).filter(|t| !t.is_empty());
        if has_password(text) || tokens.clone().any(|token| Token::of(token) == Token::Random) {
            return Self::Secret;
        }
        if is_address(text) {
            return Self::Nothing;
        }
        let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b" -_./:,@+".contains(&byte) || !byte.is_ascii();
        if !text.bytes().all(|byte| is_plain(byte) || byte.is_ascii_whitespace()) {
            // Signs between the letters are the work of a generator; between words they are grammar.
            return if text.contains([' ', '\n']) { Self::Word } else { Self::Secret };
        }
        if tokens.all(|token| Token::of(token) == Token::Common) { Self::Nothing } else { Self::Word }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    Common,
    Word,
    Random,
}

impl Token {
    fn of(token: &str) -> Self {
        let bytes = token.as_bytes();
        let digits = bytes.iter().rev().take_while(|byte| byte.is_ascii_digit()).count();
        let letters = bytes.len() - digits;
        if letters == 0 {
            return if digits > MAX_NUMBER_LEN { Self::Random } else { Self::Common };
        }
        if bytes.len() <= 3 || letters <= MAX_WORD_LEN && COMMON.contains(&&*token[..letters].to_ascii_lowercase()) {
            return Self::Common;
        }
        let is_word = !bytes[..letters].iter().any(u8::is_ascii_digit) && digits <= 3 && letters <= MAX_WORD_LEN;
        if is_word { Self::Word } else { Self::Random }
    }
}

/// Whether it says itself that it is public.
fn is_public(value: &[u8]) -> bool {
    let starts = |start: &str| value.starts_with(start.as_bytes());
    if value.starts_with(ARMOR) {
        return !super::contains(value, b"PRIVATE KEY") && !super::contains(value, b"SECRET");
    }
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-", "age1"].into_iter().any(starts)
}

/// Whether something else is to be put in its place, or it is one sign again and again.
fn is_placeholder(text: &str) -> bool {
    let pairs = [("${", "}"), ("$(", ")"), ("{{", "}}"), ("<", ">"), ("%(", ")s")];
    let first = text.chars().next();
    pairs.iter().any(|(start, end)| text.starts_with(start) && text.ends_with(end) && !text.contains('\n'))
        || text.chars().all(|c| Some(c) == first)
}

/// Dates and times (ISO 8601).
fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_sign = |byte: &u8| byte.is_ascii_digit() || b"-:.+TZ ".contains(byte);
    bytes.len() >= 10 && bytes[4] == b'-' && bytes[7] == b'-' && bytes.iter().all(is_sign)
}

/// Whether it is an address with a user and a password.
fn has_password(text: &str) -> bool {
    let authority = text.split_once("://").map(|(_, rest)| rest.split(['/', '?', '#']).next().unwrap_or_default());
    let user = authority.and_then(|authority| authority.rsplit_once('@')).map(|(user, _)| user);
    user.and_then(|user| user.split_once(':')).is_some_and(|(_, password)| !password.is_empty())
}

/// Whether it tells where something is: a URL, a host, a file, a mailbox, a time zone.
fn is_address(text: &str) -> bool {
    if text.contains(char::is_whitespace) {
        return false;
    }
    let is_path = ["/", "./", "../", "~/"].iter().any(|start| text.starts_with(start));
    let is_zone = text.split_once('/').is_some_and(|(area, _)| AREAS.contains(&area));
    is_path || is_zone || text.contains("://") || is_host(text.rsplit_once('@').map_or(text, |(_, host)| host))
}

/// A name of a host, perhaps with a port, or a path behind it.
fn is_host(text: &str) -> bool {
    let name = text.split([':', '/']).next().unwrap_or_default();
    let is_label =
        |label: &str| !label.is_empty() && label.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_".contains(&b));
    let Some((rest, last)) = name.rsplit_once('.') else { return false };
    rest.split('.').all(is_label) && (last.len() == 2 && is_label(last) || DOMAINS.contains(&last))
}

const DOMAINS: [&str; 15] = [
    "app", "cloud", "cluster", "com", "dev", "example", "info", "internal", "invalid", "lan", "local", "net", "org",
    "svc", "test",
];

/// Of the time zone database.
const AREAS: [&str; 9] =
    ["Africa", "America", "Antarctica", "Asia", "Atlantic", "Australia", "Europe", "Indian", "Pacific"];

/// Words that stand in every repository, in lower case.
const COMMON: [&str; 103] = [
    "admin",
    "administrator",
    "allow",
    "america",
    "anonymous",
    "application",
    "asia",
    "authorization",
    "backend",
    "base",
    "bearer",
    "bucket",
    "central",
    "change",
    "changeit",
    "changeme",
    "charset",
    "client",
    "cluster",
    "config",
    "content",
    "count",
    "custom",
    "data",
    "database",
    "debug",
    "default",
    "demo",
    "deny",
    "dev",
    "development",
    "disable",
    "disabled",
    "docker",
    "dummy",
    "east",
    "elastic",
    "elasticsearch",
    "email",
    "enable",
    "enabled",
    "english",
    "error",
    "europe",
    "example",
    "external",
    "false",
    "frontend",
    "full",
    "global",
    "guest",
    "host",
    "hostname",
    "html",
    "http",
    "https",
    "image",
    "info",
    "internal",
    "json",
    "kafka",
    "kubernetes",
    "latest",
    "local",
    "localhost",
    "main",
    "mariadb",
    "master",
    "memcached",
    "mongo",
    "mongodb",
    "mysql",
    "name",
    "north",
    "none",
    "null",
    "pass",
    "passwd",
    "password",
    "plain",
    "postgres",
    "postgresql",
    "primary",
    "private",
    "prod",
    "production",
    "public",
    "rabbitmq",
    "redis",
    "region",
    "replica",
    "root",
    "sample",
    "secret",
    "server",
    "service",
    "south",
    "sqlite",
    "staging",
    "test",
    "testing",
    "text",
    "west",
];
