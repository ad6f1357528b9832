//! What a proposal changes.

use omega::canon::policy::{Consensus, PeacePipe};
use omega::canon::{Document, Domain, Member, front};
use omega::ledger::kinds::FileMode;

/// One edit of a proposal.
pub enum Edit {
    /// A file outside the documents, as it is.
    Put(&'static str, FileMode, Vec<u8>),
    /// A file that goes away.
    Remove(&'static str),
    /// A file that is no longer governed.
    Release(&'static str),
    /// A document, with what becomes of its text; it brings its fact.
    Document(&'static str, Box<dyn Fn(&str) -> String>),
    /// The same with this version.
    DocumentAt(&'static str, &'static str, Box<dyn Fn(&str) -> String>),
    /// A document without its fact.
    Lonely(&'static str),
    /// An entry with this value.
    Entry(Domain, &'static str, &'static str),
    /// The same with this version.
    EntryAt(Domain, &'static str, u32),
    /// A member, as it is.
    Member(Member),
}

impl Edit {
    pub fn file(path: &'static str, text: &str) -> Self {
        Self::Put(path, FileMode::File, text.as_bytes().to_vec())
    }

    pub fn link(path: &'static str, target: &str) -> Self {
        Self::Put(path, FileMode::Link, target.as_bytes().to_vec())
    }

    /// Other words in a document.
    pub fn words(document: &'static str, words: &'static str) -> Self {
        Self::Document(document, Box::new(move |text| format!("{text}\n{words}\n")))
    }

    /// Another text in a document.
    pub fn replace(document: &'static str, from: &'static str, to: &'static str) -> Self {
        Self::Document(
            document,
            Box::new(move |text| {
                assert!(text.contains(from), "{document} has no {from:?}");
                text.replacen(from, to, 1)
            }),
        )
    }

    /// Other rules of consensus.
    pub fn consensus(change: impl Fn(&mut Consensus) + 'static) -> Self {
        Self::Document("CONSENSUS_ENGINE", Box::new(move |text| with_policy(text, &change)))
    }

    /// Another protocol.
    pub fn protocol(change: impl Fn(&mut PeacePipe) + 'static) -> Self {
        Self::Document("PEACE_PIPE_PROTOCOL", Box::new(move |text| with_policy(text, &change)))
    }

    /// Other globs of governed paths.
    pub fn who(globs: &'static [&'static str]) -> Self {
        Self::Document("OMEGA_IDENTITY", Box::new(move |text| with_who(text, globs)))
    }
}

pub(super) fn with_who(text: &str, globs: &[&str]) -> String {
    let line = text.lines().find(|line| line.starts_with("  who:")).unwrap();
    text.replacen(line, &format!("  who: {}", serde_json::to_string(globs).unwrap().replace(',', ", ")), 1)
}

pub(super) fn with_policy<T: serde::de::DeserializeOwned + serde::Serialize>(text: &str, change: &impl Fn(&mut T)) -> String {
    let (mut document, body) = Document::parse(text.as_bytes()).unwrap();
    let mut policy: T = omega::canon::policy::read(text.as_bytes()).unwrap();
    change(&mut policy);
    document.policy = serde_json::to_value(policy).unwrap().as_object().unwrap().clone();
    front::render(&document, body)
}
