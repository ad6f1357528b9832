//! From errors to messages and exit codes: nothing else knows the codes.

use std::error::Error as _;

use crate::canon::text::shown as visible;
use crate::finding::Finding;
use crate::git::GitError;
use crate::keyring::KeyringError;
use crate::render::{github, human, json};
use crate::shell;
use crate::survey::verify::Conclusion;
use crate::tree::TreeError;
use crate::workspace::{Error, REFETCH};

/// The exit codes, the same for all commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It holds, or is done.
    Done = 0,
    /// It could not run.
    Failed = 1,
    /// The request makes no sense.
    Usage = 2,
    /// The canon forbids it.
    Denied = 10,
    /// The canon is violated.
    Violated = 11,
    /// Live files differ from the state by drafts only.
    Pending = 12,
    /// Nothing can be said.
    Unknown = 13,
    /// The watch: a critical service is still down after healing, a copy drifted, or the canon does not hold.
    Critical = 14,
    /// The watch: something is not as it should be.
    Degraded = 15,
    /// The watch: the watcher itself could not know.
    Blind = 16,
    /// Another run holds the lock or the lease, or the command is not finished: repeat it.
    Locked = 75,
}

impl From<Conclusion> for Exit {
    fn from(conclusion: Conclusion) -> Self {
        match conclusion {
            Conclusion::Holds => Self::Done,
            Conclusion::Pending => Self::Pending,
            Conclusion::Violated => Self::Violated,
            Conclusion::Unknown => Self::Unknown,
        }
    }
}

/// Why a command did not do what it was asked.
#[derive(Debug)]
pub struct Failure(Error, bool);

impl<E: Into<Error>> From<E> for Failure {
    fn from(error: E) -> Self {
        Self(error.into(), false)
    }
}

impl Failure {
    /// The request makes no sense.
    pub fn usage(fact: impl Into<String>, hint: impl Into<String>) -> Self {
        Self(Error::usage(fact, hint), false)
    }

    /// The same failure, whose words are no commands to the runner of the job that prints them.
    pub fn defused(self) -> Self {
        Self(self.0, true)
    }

    /// Why.
    pub(crate) fn error(&self) -> &Error {
        &self.0
    }

    /// The same failure, for another reason.
    pub(crate) fn because(self, error: Error) -> Self {
        Self(error, self.1)
    }

    pub(crate) fn into_error(self) -> Error {
        self.0
    }

    pub(crate) fn exit(&self) -> Exit {
        match &self.0 {
            Error::Denied { .. } | Error::Hook { .. } => Exit::Denied,
            Error::Usage { .. } => Exit::Usage,
            Error::Violated(_) | Error::Unfit(_) => Exit::Violated,
            Error::Unknown { .. } => Exit::Unknown,
            Error::Blind { .. } => Exit::Blind,
            Error::Held { .. } | Error::Unfinished { .. } | Error::Git(GitError::Locked { .. } | GitError::RefMoved { .. }) => Exit::Locked,
            Error::Git(
                GitError::NotARepository { .. }
                | GitError::RefStorage { .. }
                | GitError::ObjectFormat { .. }
                | GitError::Bare { .. }
                | GitError::NoRevision { .. }
                | GitError::Revision { .. }
                | GitError::Ambiguous { .. },
            ) => Exit::Usage,
            Error::Keyring(error) if is_the_users(error) => Exit::Usage,
            Error::Unready { .. } | Error::Git(_) | Error::Keyring(_) | Error::Io { .. } | Error::Unsigned(_) => Exit::Failed,
        }
    }

    /// The exit code: a hook of somebody else has its own.
    pub(crate) fn code(&self) -> u8 {
        match &self.0 {
            Error::Hook { code, .. } => *code,
            _ => self.exit() as u8,
        }
    }

    fn kind(&self) -> &'static str {
        match self.exit() {
            Exit::Locked if matches!(self.0, Error::Unfinished { .. }) => "unfinished",
            Exit::Denied => "denied",
            Exit::Usage => "usage",
            Exit::Violated => "violated",
            Exit::Unknown => "unknown",
            Exit::Blind => "blind",
            Exit::Locked => "held",
            _ => "failed",
        }
    }

    /// The fact with its causes, on one line.
    fn message(&self) -> String {
        let mut line = self.0.to_string();
        let mut cause = self.0.source();
        while let Some(inner) = cause {
            let words = inner.to_string();
            if !line.contains(&words) {
                line = format!("{line}: {words}");
            }
            cause = inner.source();
        }
        visible(&in_words(&line).replace('\n', " "))
    }

    fn hint(&self) -> Option<String> {
        Self::hint_of(&self.0)
    }

    fn hint_of(error: &Error) -> Option<String> {
        match error {
            Error::Denied { hint, .. }
            | Error::Usage { hint, .. }
            | Error::Unready { hint, .. }
            | Error::Unknown { hint, .. }
            | Error::Blind { hint, .. }
            | Error::Held { hint, .. } => Some(hint.clone()),
            Error::Violated(_) => Some("omega verify shows all that is wrong".to_owned()),
            Error::Unfit(_) => Some("do what the findings say, then repeat the command".to_owned()),
            Error::Unfinished { cause, .. } => Some(match Self::hint_of(cause) {
                Some(hint) => format!("{hint}, then repeat the command: it finishes what is left"),
                None => "repeat the command: it finishes what is left".to_owned(),
            }),
            Error::Git(GitError::NotARepository { .. }) => Some("git init, or omega init --new DIR".to_owned()),
            Error::Git(GitError::RefStorage { .. }) => Some("git refs migrate --ref-format=files".to_owned()),
            Error::Git(GitError::ObjectFormat { .. } | GitError::Extension { .. }) => Some("install a newer omega".to_owned()),
            Error::Git(GitError::Bare { .. }) => Some("work in a clone: git clone".to_owned()),
            Error::Git(GitError::NoRevision { .. } | GitError::Revision { .. }) => Some("git branch --all".to_owned()),
            Error::Git(GitError::Ambiguous { first, other, .. }) => {
                Some(format!("git show --no-patch {} {}; then name one of these in full", shell::quote(first), shell::quote(other)))
            }
            Error::Git(GitError::WouldOverwrite(_)) => Some("git stash or git commit these files, then repeat the command".to_owned()),
            Error::Git(GitError::Tree(TreeError::Missing { .. })) => Some(REFETCH.to_owned()),
            Error::Git(GitError::RefMoved { .. }) => Some("repeat the command: another process was faster".to_owned()),
            Error::Git(GitError::Locked { .. }) => Some("wait until the other run is done".to_owned()),
            Error::Keyring(error) => keyring_hint(error),
            Error::Hook { .. } => Some("see what it printed".to_owned()),
            Error::Git(_) | Error::Io { .. } | Error::Unsigned(_) => None,
        }
    }

    fn findings(&self) -> &[Finding] {
        match &self.0 {
            Error::Violated(findings) | Error::Unfit(findings) => findings,
            _ => &[],
        }
    }

    pub(crate) fn human(&self) -> String {
        let mut out = format!("{}: {}\n", human::error_word(), self.message());
        if let Error::Violated(findings) | Error::Unfit(findings) = &self.0 {
            out.push_str(&human::findings(findings));
        }
        if let Some(hint) = self.hint() {
            out.push_str(&format!("{}: {}\n", human::hint_word(), visible(&hint)));
        }
        if self.1 { github::defuse(&out) } else { out }
    }

    pub(crate) fn json(&self) -> json::Failed {
        json::Failed { kind: self.kind().to_owned(), message: self.message(), hint: self.hint(), findings: self.findings().to_vec() }
    }
}

/// Whether the key that was named is what is wrong, and not the machine.
fn is_the_users(error: &KeyringError) -> bool {
    use KeyringError::{BadComment, EmptyPassphrase, NotAKey, PassphraseNeeded, TooOpen, Unusable, WrongPassphrase};
    matches!(
        error,
        TooOpen { .. }
            | NotAKey { .. }
            | Unusable { .. }
            | PassphraseNeeded { .. }
            | WrongPassphrase { .. }
            | EmptyPassphrase
            | BadComment { .. }
    )
}

fn keyring_hint(error: &KeyringError) -> Option<String> {
    Some(match error {
        KeyringError::TooOpen { path, .. } => format!("chmod 600 {}", shell::quote_path(path)),
        KeyringError::PassphraseNeeded { path } => {
            format!("run it on a terminal, or put the key into the agent: ssh-add {}", shell::quote_path(path))
        }
        KeyringError::Create { .. } => "choose another file; one that is there is never overwritten".to_owned(),
        KeyringError::NotAKey { .. } | KeyringError::Unusable { .. } => "use another key; omega key new makes one".to_owned(),
        _ => "choose another key with --key, or make one: omega key new".to_owned(),
    })
}

/// The system's number of an error tells a person nothing that its words do not.
fn in_words(text: &str) -> String {
    let mut parts = text.split(" (os error ");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once(')') {
            Some((number, rest)) if number.bytes().all(|byte| byte.is_ascii_digit()) => out.push_str(rest),
            _ => out.push_str(&format!(" (os error {part}")),
        }
    }
    out
}
