//! PGP keys of SOPS files, through the `gpg` program with the arguments that SOPS gives it, and never through a shell.
//!
//! `gpg` finds its own keyring, agent and terminal in the environment (`GNUPGHOME`, `GPG_TTY`), which it inherits.

use std::ffi::OsString;
use std::fmt;
use std::io::{ErrorKind, Read, Write as _};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;

use zeroize::Zeroizing;

use super::WRAPPED_KEY_LIMIT;
use super::foreign::{clean, shown};
use super::shamir::Share;
use super::wrapped_key::Held;
use crate::data_key::DataKey;
use crate::error::Error;

/// What a wrapped key of `gpg` begins with.
const ARMOR_START: &str = "-----BEGIN PGP MESSAGE-----";

/// More of what `gpg` has to say is not read.
const MESSAGE_LIMIT: u64 = 16 * 1024;

/// The fingerprint of a PGP key, as it stands in files and configs of SOPS: 16 hexadecimal digits or more, and perhaps a
/// `!`, which means this very subkey.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Reads a fingerprint; blanks in it are dropped.
    ///
    /// # Errors
    /// [`Error::InvalidKey`]. Names and short ids are refused: `gpg` would take any key that somebody gave that name.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let digits = text.strip_suffix('!').unwrap_or(&text);
        if !(16..=64).contains(&digits.len()) || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            let what =
                "a PGP key is given by its fingerprint, the 40 hexadecimal digits that `gpg --fingerprint` shows";
            return Err(Error::InvalidKey { what: what.to_owned() });
        }
        Ok(Self(text))
    }

    /// Its text, without blanks.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The long key id: its last 16 digits, with the `!`.
    fn key_id(&self) -> &str {
        let digits = self.0.strip_suffix('!').unwrap_or(&self.0).len();
        &self.0[digits - 16..]
    }
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The `gpg` program.
#[derive(Clone, Debug)]
pub struct Gpg {
    program: OsString,
}

impl Gpg {
    /// The program with this path, or with this name on the `PATH`.
    pub fn new(program: impl Into<OsString>) -> Self {
        Self { program: program.into() }
    }

    /// Wraps `data_key` to the key with this fingerprint: an armored message (RFC 9580, section 6) without white space
    /// around it, as files of SOPS hold it.
    ///
    /// # Errors
    /// [`Error::Wrap`] with what `gpg` said, or that it is missing.
    pub fn wrap(&self, data_key: &DataKey, recipient: &Fingerprint) -> Result<String, Error> {
        self.wrap_held(data_key.expose(), recipient)
    }

    /// Wraps `share`, as [`Gpg::wrap`] does with a whole data key.
    ///
    /// # Errors
    /// The same.
    pub fn wrap_share(&self, share: &Share, recipient: &Fingerprint) -> Result<String, Error> {
        self.wrap_held(share.expose(), recipient)
    }

    /// Unwraps the data key in the armored message `wrapped`. `recipient` is the file's text for the key, for messages.
    ///
    /// # Errors
    /// [`Error::InvalidKey`] with what `gpg` said: also when the secret key is not at hand, which its exit status does not
    /// tell from other failures.
    pub fn unwrap(&self, wrapped: &str, recipient: &str) -> Result<DataKey, Error> {
        let secret = self.unwrap_held(wrapped, recipient, Held::DataKey)?;
        DataKey::from_bytes(&secret).ok_or_else(|| not_held(recipient, Held::DataKey))
    }

    /// Unwraps the share in the armored message `wrapped`, as [`Gpg::unwrap`] does with a whole data key.
    ///
    /// # Errors
    /// The same.
    pub fn unwrap_share(&self, wrapped: &str, recipient: &str) -> Result<Share, Error> {
        let secret = self.unwrap_held(wrapped, recipient, Held::Share)?;
        Share::from_bytes(&secret).ok_or_else(|| not_held(recipient, Held::Share))
    }

    fn wrap_held(&self, secret: &[u8], recipient: &Fingerprint) -> Result<String, Error> {
        let failed = |what| Error::Wrap { recipient: recipient.0.clone(), what };
        let arguments = ["--no-default-recipient", "--yes", "--encrypt", "-a", "-r", recipient.as_str()]
            .into_iter()
            .chain(["--trusted-key", recipient.key_id(), "--no-encrypt-to"]);
        let output = self.run(arguments, secret, WRAPPED_KEY_LIMIT);
        let output = output.map_err(|what| failed(format!("{what}{}", self.reason(recipient).unwrap_or_default())))?;
        if output.len() > WRAPPED_KEY_LIMIT {
            return Err(failed(format!("`gpg` made a wrapped key of more than {WRAPPED_KEY_LIMIT} bytes")));
        }
        let message = std::str::from_utf8(&output).unwrap_or_default().trim();
        // An empty answer would be a file that nobody can open.
        if !message.starts_with(ARMOR_START) {
            return Err(failed("`gpg` gave no message back".to_owned()));
        }
        Ok(message.to_owned())
    }

    /// Why a key cannot be used, where its entry in the keyring tells: `gpg` itself only calls it unusable.
    fn reason(&self, key: &Fingerprint) -> Option<&'static str> {
        let name = key.0.strip_suffix('!').unwrap_or(&key.0);
        let listed =
            self.run(["--batch", "--with-colons", "--list-keys", name].into_iter(), b"", MESSAGE_LIMIT as usize);
        reason(&String::from_utf8_lossy(&listed.ok()?))
    }

    fn unwrap_held(&self, wrapped: &str, recipient: &str, held: Held) -> Result<Zeroizing<Vec<u8>>, Error> {
        let failed = |what| Error::InvalidKey { what: format!("the PGP key {}: {what}", shown(recipient)) };
        if wrapped.len() > WRAPPED_KEY_LIMIT {
            return Err(failed(format!("its wrapped key is longer than {WRAPPED_KEY_LIMIT} bytes")));
        }
        self.run(["-d"].into_iter(), wrapped.as_bytes(), held.len()).map_err(failed)
    }

    /// What `gpg` prints when it gets `input`: at most one byte more than `limit`, so that more than that shows.
    fn run<'a>(
        &self,
        arguments: impl Iterator<Item = &'a str>,
        input: &[u8],
        limit: usize,
    ) -> Result<Zeroizing<Vec<u8>>, String> {
        let mut child = Command::new(&self.program)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| self.not_started(error.kind()))?;
        let mut output = Zeroizing::new(Vec::with_capacity(limit + 1));
        let (status, message) = converse(&mut child, input, &mut output, limit);
        match status {
            // It was cut off, and fails for that if for nothing else.
            _ if output.len() > limit => Ok(output),
            Some(status) if status.success() => Ok(output),
            _ if message.is_empty() => Err("`gpg` failed and did not say why".to_owned()),
            _ => Err(message),
        }
    }

    fn not_started(&self, kind: ErrorKind) -> String {
        let program = clean(&self.program.to_string_lossy());
        match kind {
            ErrorKind::NotFound => format!("the program `{program}` is not there; it is needed for PGP keys"),
            kind => format!("the program `{program}` cannot be run: {kind}"),
        }
    }
}

/// Writes and reads at the same time, so that neither side waits for the other. Gives the exit status, and what was said.
fn converse(child: &mut Child, input: &[u8], output: &mut Vec<u8>, limit: usize) -> (Option<ExitStatus>, String) {
    let (stdin, stdout, stderr) = (child.stdin.take(), child.stdout.take(), child.stderr.take());
    thread::scope(|scope| {
        // A program that ends before it has read everything says so by its status.
        scope.spawn(move || stdin.map(|mut pipe| pipe.write_all(input)));
        let said = scope.spawn(move || {
            let mut said = Vec::new();
            // What comes after the limit is dropped, not left in the pipe, where it would hold the program up.
            if let Some(mut pipe) = stderr {
                let _ = pipe.by_ref().take(MESSAGE_LIMIT).read_to_end(&mut said);
                let _ = std::io::copy(&mut pipe, &mut std::io::sink());
            }
            said
        });
        if let Some(pipe) = stdout {
            let _ = pipe.take(limit as u64 + 1).read_to_end(output);
        }
        // The pipe is closed now: a program with more to say ends.
        let status = child.wait().ok();
        (status, message(&said.join().unwrap_or_default()))
    })
}

/// What is wrong with a key, by its listing (GnuPG's doc/DETAILS): with the key itself, or with all that encrypt.
fn reason(listing: &str) -> Option<&'static str> {
    let fault = |validity: &str| match validity {
        "e" => Some(" (the key has expired)"),
        "r" => Some(" (the key is revoked)"),
        "d" => Some(" (the key is disabled)"),
        "i" => Some(" (the key is not valid)"),
        _ => None,
    };
    let rows = listing.lines().map(|line| line.split(':').collect::<Vec<_>>());
    let keys: Vec<_> = rows.filter(|row| row.len() > 11 && matches!(row[0], "pub" | "sub")).collect();
    let primary = keys.iter().find(|row| row[0] == "pub")?;
    let encrypting: Vec<_> = keys.iter().filter(|row| row[11].contains('e')).map(|row| fault(row[1])).collect();
    match encrypting[..] {
        _ if fault(primary[1]).is_some() => fault(primary[1]),
        [] => Some(" (the key is not for encryption)"),
        [first, ..] => first.filter(|_| encrypting.iter().all(Option::is_some)),
    }
}

/// The lines that `gpg` wrote, without its name.
fn message(said: &[u8]) -> String {
    let said = String::from_utf8_lossy(said);
    let lines = said.lines().map(|line| line.trim().trim_start_matches("gpg: "));
    clean(&lines.filter(|line| !line.is_empty()).collect::<Vec<_>>().join("; "))
}

fn not_held(recipient: &str, held: Held) -> Error {
    Error::NotADataKey { what: format!("the wrapped key for the PGP key {} does not hold {held}", shown(recipient)) }
}

#[cfg(test)]
mod tests;
