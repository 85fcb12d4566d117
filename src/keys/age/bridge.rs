//! Carries a plugin's questions to the caller's [`Interaction`].
//!
//! The `age` crate wants callbacks that own themselves (`'static`) and cross threads, for its note about slow plugins.
//! An [`Interaction`] is borrowed and stays on its thread: the plugin is run on a thread of its own, and asks through
//! a channel.

use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use ::age::Callbacks;
use ::age::secrecy::SecretString;

use crate::keys::foreign::clean;
use crate::keys::interaction::Interaction;

/// The plugin's end of the channel.
#[derive(Clone)]
pub(super) struct Bridge(Sender<Request>);

enum Request {
    Confirm {
        question: String,
        yes: String,
        no: Option<String>,
        answer: Sender<Option<bool>>,
    },
    /// The work is over. The channel alone does not tell: the crate's timer thread holds an end for a while.
    Done,
    Message(String),
    Passphrase {
        question: String,
        answer: Sender<Option<SecretString>>,
    },
    PublicString {
        question: String,
        answer: Sender<Option<String>>,
    },
}

/// Runs `work` on its own thread and answers its questions here. `None` when it cannot be run to its end.
pub(super) fn serve<T: Send>(interaction: &dyn Interaction, work: impl FnOnce(Bridge) -> T + Send) -> Option<T> {
    let (sender, requests) = channel();
    thread::scope(|scope| {
        let done = Done(sender.clone());
        let worker = thread::Builder::new()
            .spawn_scoped(scope, move || {
                let _done = done;
                work(Bridge(sender))
            })
            .ok()?;
        answer_all(interaction, &requests);
        worker.join().ok()
    })
}

/// Says so when the work ends, be it by a panic.
struct Done(Sender<Request>);

impl Drop for Done {
    fn drop(&mut self) {
        // Nobody listens any more: then nobody waits either.
        let _ = self.0.send(Request::Done);
    }
}

fn answer_all(interaction: &dyn Interaction, requests: &Receiver<Request>) {
    // A failing answer means that the plugin's side is gone, which `Done` tells.
    while let Ok(request) = requests.recv() {
        match request {
            Request::Confirm { question, yes, no, answer } => {
                let _ = answer.send(interaction.confirm(
                    &clean(&question),
                    &clean(&yes),
                    no.as_deref().map(clean).as_deref(),
                ));
            }
            Request::Done => break,
            Request::Message(text) => interaction.message(&clean(&text)),
            Request::Passphrase { question, answer } => {
                let passphrase = interaction.passphrase(&clean(&question));
                let _ = answer.send(passphrase.map(super::secret));
            }
            Request::PublicString { question, answer } => {
                let _ = answer.send(interaction.public_string(&clean(&question)));
            }
        }
    }
}

impl Bridge {
    fn ask<T>(&self, request: impl FnOnce(Sender<Option<T>>) -> Request) -> Option<T> {
        let (answer, answers) = channel();
        self.0.send(request(answer)).ok()?;
        answers.recv().ok()?
    }
}

impl Callbacks for Bridge {
    fn display_message(&self, message: &str) {
        // Without a listener the message comes too late.
        let _ = self.0.send(Request::Message(message.to_owned()));
    }

    fn confirm(&self, message: &str, yes_string: &str, no_string: Option<&str>) -> Option<bool> {
        let (question, yes, no) = (message.to_owned(), yes_string.to_owned(), no_string.map(str::to_owned));
        self.ask(|answer| Request::Confirm { question, yes, no, answer })
    }

    fn request_public_string(&self, description: &str) -> Option<String> {
        self.ask(|answer| Request::PublicString { question: description.to_owned(), answer })
    }

    fn request_passphrase(&self, description: &str) -> Option<SecretString> {
        self.ask(|answer| Request::Passphrase { question: description.to_owned(), answer })
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use ::age::secrecy::ExposeSecret as _;
    use zeroize::Zeroizing;

    use super::*;

    /// Answers everything, and is neither `Send` nor `'static`.
    struct Person<'a>(&'a RefCell<Vec<String>>);

    impl Interaction for Person<'_> {
        fn message(&self, text: &str) {
            self.0.borrow_mut().push(text.to_owned());
        }

        fn confirm(&self, question: &str, yes: &str, no: Option<&str>) -> Option<bool> {
            self.0.borrow_mut().push(format!("{question} {yes} {no:?}"));
            Some(true)
        }

        fn public_string(&self, question: &str) -> Option<String> {
            Some(format!("to {question}"))
        }

        fn passphrase(&self, _question: &str) -> Option<Zeroizing<String>> {
            Some(Zeroizing::new("secret".to_owned()))
        }
    }

    #[test]
    fn every_question_reaches_the_person() {
        let heard = RefCell::new(Vec::new());
        let answers = serve(&Person(&heard), |bridge| {
            bridge.display_message("touch \u{2068}it\u{2069}\n\u{1b}[2J");
            (
                bridge.confirm("sure?", "yes", Some("no")),
                bridge.request_public_string("name"),
                bridge.request_passphrase("pin").map(|pin| pin.expose_secret().to_owned()),
            )
        });
        assert_eq!(answers, Some((Some(true), Some("to name".to_owned()), Some("secret".to_owned()))));
        assert_eq!(*heard.borrow(), ["touch it  [2J", "sure? yes Some(\"no\")"]);
    }

    #[test]
    fn an_end_that_lives_on_does_not_hold_up() {
        let mut kept = None;
        let heard = RefCell::new(Vec::new());
        serve(&Person(&heard), |bridge| kept = Some(bridge)).expect("it runs");
        assert_eq!(kept.and_then(|bridge| bridge.confirm("late?", "yes", None)), None);
    }
}
