//! Commands that print identities, perhaps others for each recipient.

use std::sync::{Arc, Mutex, PoisonError};

use super::Identities;
use crate::error::Error;

type Load = Box<dyn Fn(&str) -> Result<Identities, Error> + Send + Sync>;

/// What a run gave. It holds for the whole life of the list, also as a failure.
type Loaded = Arc<Result<Identities, Error>>;

/// A source that is asked for the identity of a recipient.
pub(super) struct Command {
    load: Load,
    /// By recipient.
    loaded: Mutex<Vec<(String, Loaded)>>,
}

impl Command {
    pub(super) fn new(load: impl Fn(&str) -> Result<Identities, Error> + Send + Sync + 'static) -> Self {
        Self { load: Box::new(load), loaded: Mutex::default() }
    }

    /// What it gives for `recipient`. Whoever else asks waits, so that nothing is run twice.
    pub(super) fn ask(&self, recipient: &str) -> Loaded {
        let mut loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = loaded.iter().find(|(known, _)| known == recipient) {
            return Arc::clone(known);
        }
        let new = Arc::new((self.load)(recipient));
        loaded.push((recipient.to_owned(), Arc::clone(&new)));
        new
    }

    /// What it gave so far.
    pub(super) fn loaded(&self) -> Vec<Loaded> {
        let loaded = self.loaded.lock().unwrap_or_else(PoisonError::into_inner);
        loaded.iter().map(|(_, loaded)| Arc::clone(loaded)).collect()
    }
}
