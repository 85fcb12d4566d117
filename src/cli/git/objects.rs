//! The contents of objects, from one running `git cat-file`.

use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Stdio};

use zeroize::Zeroizing;

use super::{ObjectId, Repository, cannot_run};
use crate::cli::exit_code;
use crate::cli::report::Failure;

/// A process that gives out objects.
pub(crate) struct Objects {
    process: Child,
    /// Taken when it ends.
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

/// What an object turned out to be.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Object {
    /// The content of a file.
    Blob(Zeroizing<Vec<u8>>),
    /// Something of so many bytes, which is more than was asked for.
    TooLong(u64),
    /// It is not here: the clone is partial, or something is damaged.
    Missing,
    /// A commit, tree or tag, as git keeps it.
    Other(Zeroizing<Vec<u8>>),
}

impl Object {
    /// The content of a file.
    pub(crate) fn into_bytes(self) -> Option<Zeroizing<Vec<u8>>> {
        match self {
            Self::Blob(bytes) => Some(bytes),
            _ => None,
        }
    }
}

/// So many are asked for ahead: their names fit into a pipe, so that asking never waits while git waits to answer.
const AHEAD: usize = 120;

impl Objects {
    /// Starts it. Several threads may have one each.
    ///
    /// # Errors
    /// When git cannot be run.
    pub(crate) fn start(repository: &Repository) -> Result<Self, Failure> {
        let mut command = repository.command(["cat-file", "--batch"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut process = command.spawn().map_err(|error| cannot_run(&error))?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        let output = output.map(BufReader::new).ok_or_else(gone)?;
        Ok(Self { process, input, output })
    }

    /// One object, of up to `limit` bytes.
    ///
    /// # Errors
    /// When git ends.
    pub(crate) fn read(&mut self, id: ObjectId, limit: usize) -> Result<Object, Failure> {
        let mut found = Object::Missing;
        self.each(&[id], limit, |_, object| found = object)?;
        Ok(found)
    }

    /// All of `ids`, in their order.
    ///
    /// # Errors
    /// When git ends.
    pub(crate) fn read_all(&mut self, ids: &[ObjectId], limit: usize) -> Result<Vec<Object>, Failure> {
        let mut all = Vec::with_capacity(ids.len());
        self.each(ids, limit, |_, object| all.push(object))?;
        Ok(all)
    }

    /// Gives each of `ids` to `take`, in their order: its number and what it is. Nothing longer than `limit` bytes is held.
    ///
    /// # Errors
    /// When git ends.
    pub(crate) fn each(
        &mut self,
        ids: &[ObjectId],
        limit: usize,
        mut take: impl FnMut(usize, Object),
    ) -> Result<(), Failure> {
        let mut asked = 0;
        for number in 0..ids.len() {
            if asked <= number + AHEAD / 2 && asked < ids.len() {
                let more = &ids[asked..ids.len().min(number + AHEAD)];
                let names: String = more.iter().map(|id| format!("{id}\n")).collect();
                self.input.as_mut().and_then(|input| input.write_all(names.as_bytes()).ok()).ok_or_else(gone)?;
                asked += more.len();
            }
            take(number, self.answer(limit).map_err(|_| gone())?);
        }
        Ok(())
    }

    fn answer(&mut self, limit: usize) -> io::Result<Object> {
        let mut header = Vec::new();
        self.output.read_until(b'\n', &mut header)?;
        let words: Vec<_> = header.trim_ascii_end().split(|&byte| byte == b' ').collect();
        let (kind, len) = match words[..] {
            [_, b"missing" | b"ambiguous"] => return Ok(Object::Missing),
            [_, kind, len] => (kind, std::str::from_utf8(len).ok().and_then(|len| len.parse::<u64>().ok())),
            _ => return Err(io::ErrorKind::UnexpectedEof.into()),
        };
        let len = len.ok_or(io::ErrorKind::InvalidData)?;
        let is_wanted = len <= limit as u64;
        let mut bytes = Zeroizing::new(Vec::new());
        // And the line break behind it.
        let mut content = self.output.by_ref().take(len + 1);
        if is_wanted {
            bytes.reserve_exact(usize::try_from(len).unwrap_or_default() + 1);
            content.read_to_end(&mut bytes)?;
        } else {
            io::copy(&mut content, &mut io::sink())?;
        }
        if content.limit() > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        bytes.pop();
        Ok(match kind {
            _ if !is_wanted => Object::TooLong(len),
            b"blob" => Object::Blob(bytes),
            _ => Object::Other(bytes),
        })
    }
}

impl Drop for Objects {
    fn drop(&mut self) {
        // It ends with its input; an answer that nobody reads must not hold it up.
        drop(self.input.take());
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn gone() -> Failure {
    Failure::new(exit_code::GENERIC, "git stopped to give out objects").hint("`git fsck` tells what is wrong")
}
