//! Where records are made: one signer, one writer, one commit, judged before it counts.

mod docket;
mod journal;
pub(crate) mod ready;

use std::cell::RefCell;

use crate::canon::text;
use crate::canon::{Member, MemberName, RepoPath, ResolutionId, front, layout};
use crate::clock::Timestamp;
use crate::git::{Actor, Lock, NewCommit, Oid, Repo};
use crate::keyring::Signer;
use crate::keys::{Namespace, PublicKey};
use crate::ledger::kinds::Record;
use crate::ledger::state::{Law, Ledger};
use crate::ledger::verdict::check_pin;
use crate::tree::Tree;

use super::assess::{Assessment, assess_beside};
use super::edits::{Edits, put};
use super::pin::Pin;
use super::tips::{Line, built_upon};
use super::{Error, Unsigned, find};

pub(crate) use docket::must_hold_but_for;
pub use docket::{Docket, Main};
pub(crate) use journal::recover;
use journal::{Journal, resume};

/// What one run may write with.
pub struct Desk<'a> {
    /// The repository.
    pub repo: &'a Repo,
    /// Who signs.
    pub hand: Hand<'a>,
    /// What is trusted; only `init` has nothing yet.
    pub pin: Pin,
    /// The author of commits, and the time of records and commits.
    pub actor: Actor,
    /// How many threads verify.
    pub threads: usize,
    /// Held by every run that may write.
    lock: Option<Lock>,
    /// What this run has judged first. What other trees have in common with it is not judged again.
    known: RefCell<Option<Assessment>>,
    /// The commit that an earlier run left half-way to the work tree, and that this run has brought there.
    pub(crate) resumed: Option<Oid>,
}

/// Who signs at a desk.
#[derive(Clone, Copy, Debug)]
pub enum Hand<'a> {
    /// A key at hand.
    Key(&'a Signer),
    /// Somebody elsewhere. What is to be signed is given back as [`Error::Unsigned`], and commits are not signed.
    Elsewhere {
        /// The member that acts, where that matters.
        member: Option<&'a MemberName>,
        /// The key that will sign, where it is known.
        key: Option<&'a PublicKey>,
    },
}

/// The tree that a commit builds on, with the commits that it joins.
pub struct Basis {
    /// A tree, or a commit.
    pub tree: Oid,
    /// The parents of the commit to come.
    pub parents: Vec<Oid>,
}

impl<'a> Desk<'a> {
    /// Takes the write lock, and finishes what a killed run left between its commit and the work tree.
    pub fn open(repo: &'a Repo, hand: Hand<'a>, pin: Pin, actor: Actor, threads: usize) -> Result<Self, Error> {
        ready::repository(repo)?;
        let lock = repo.lock()?;
        let resumed = resume(repo)?;
        Ok(Self { repo, hand, pin, actor, threads, lock: Some(lock), known: RefCell::default(), resumed })
    }

    /// A desk at which nothing is written.
    pub fn reading(repo: &'a Repo, hand: Hand<'a>, pin: Pin, actor: Actor, threads: usize) -> Self {
        Self { repo, hand, pin, actor, threads, lock: None, known: RefCell::default(), resumed: None }
    }

    /// The same desk, where something was judged already in this run.
    pub fn knowing(self, known: Option<Assessment>) -> Self {
        self.known.replace(known);
        self
    }

    /// Reads and judges a commit or tree, beside what is known.
    pub(crate) fn judge(&self, known: Option<&Assessment>, tree: Oid) -> Result<Assessment, Error> {
        self.judge_tree(known, &self.repo.revision(tree)?)
    }

    fn judge_tree(&self, known: Option<&Assessment>, tree: &dyn Tree) -> Result<Assessment, Error> {
        let own = self.known.borrow();
        let assessment = assess_beside(known.or(own.as_ref()), tree, self.threads)?;
        drop(own);
        if self.known.borrow().is_none() {
            self.known.replace(Some(assessment.clone()));
        }
        Ok(assessment)
    }

    /// The key that signs, where it is known.
    pub fn public_key(&self) -> Option<&'a PublicKey> {
        match self.hand {
            Hand::Key(signer) => Some(signer.public_key()),
            Hand::Elsewhere { key, .. } => key,
        }
    }

    /// The same desk with another pin.
    pub fn trusting(mut self, pin: Pin) -> Self {
        self.pin = pin;
        self
    }

    /// The time of everything that this run makes.
    pub fn now(&self) -> Timestamp {
        self.actor.time
    }

    /// Reads and judges a commit or tree; only what holds, and is the pinned canon, is built upon.
    pub fn assess(&self, tree: Oid) -> Result<Assessment, Error> {
        self.assess_but_for(None, tree, &|_| false)
    }

    /// A branch may have left before the ruling that is pinned, as long as the main branch contains it.
    pub(crate) fn hold_to_pin(&self, ledger: &Ledger) -> Result<(), Error> {
        let checkpoint = self.pin.checkpoint();
        let is_behind = checkpoint.is_some_and(|seen| ledger.last().is_some_and(|last| last < seen.sequence));
        let main = match ledger.law().filter(|_| is_behind) {
            Some(law) => self.repo.find_ref(&law.protected_refs[0])?,
            None => None,
        };
        let wrong = match main {
            Some(main) => {
                let main = self.judge(None, main)?;
                [check_pin(ledger, &self.pin.root(), None), check_pin(&main.judgement.ledger, &self.pin.root(), checkpoint)].concat()
            }
            None => check_pin(ledger, &self.pin.root(), checkpoint),
        };
        if wrong.is_empty() { Ok(()) } else { Err(Error::Violated(wrong)) }
    }

    /// Reads and judges a commit that need not hold, as long as it is of the pinned canon.
    pub fn look_at(&self, tree: Oid) -> Result<Assessment, Error> {
        let assessment = self.judge(None, tree)?;
        let wrong = check_pin(&assessment.judgement.ledger, &self.pin.root(), None);
        if wrong.is_empty() { Ok(assessment) } else { Err(Error::Violated(wrong)) }
    }

    /// The member who signs here.
    pub fn member<'l>(&self, law: &'l Law) -> Result<&'l Member, Error> {
        match self.hand {
            Hand::Key(signer) => holder(law, signer.public_key()),
            Hand::Elsewhere { member: Some(name), .. } => law.roster.get(name).ok_or_else(|| {
                Error::denied(
                    format!("`{name}` is not on the council that judges this"),
                    "omega council list shows who is on the council now",
                )
            }),
            Hand::Elsewhere { member: None, .. } => Err(Error::usage("cannot tell who signs", "--as NAME")),
        }
    }

    /// Joins commits into one basis, file by file.
    pub fn basis(&self, tips: &[Oid]) -> Result<Basis, Error> {
        let parents = find::newest(self.repo, tips)?;
        let mut tree = *parents.first().ok_or_else(|| Error::usage("there is no commit to build on", "omega init"))?;
        for other in parents.iter().skip(1) {
            let base = self.repo.merge_base(parents[0], *other)?;
            let merge = self.repo.merge_trees(base, tree, *other)?;
            if !merge.conflicts.is_empty() {
                let paths: Vec<String> =
                    merge.conflicts.iter().take(5).map(|path| format!("`{}`", text::visible(&String::from_utf8_lossy(path)))).collect();
                return Err(Error::denied(
                    format!("the branch here and the one that was fetched changed the same files differently: {}", paths.join(", ")),
                    "merge both with git, or propose again: omega propose --supersedes ID",
                ));
            }
            tree = self.repo.write_tree(Some(tree), &merge.edits)?;
        }
        Ok(Basis { tree, parents })
    }

    /// Signs the bytes of a record or state file.
    ///
    /// # Errors
    /// Unsigned, where that happens elsewhere.
    pub fn sign(&self, namespace: Namespace, bytes: &[u8]) -> Result<String, Error> {
        match self.hand {
            Hand::Key(signer) => Ok(signer.sign(namespace, bytes)?),
            // Whatever is signed here was held to the text rules before.
            Hand::Elsewhere { .. } => Err(Error::Unsigned(Unsigned { namespace, text: String::from_utf8_lossy(bytes).into_owned() })),
        }
    }

    /// Writes a record of a resolution and its signature into `edits`; gives its exact bytes.
    pub fn record<R: Record>(&self, edits: &mut Edits, record: &R, body: &str) -> Result<String, Error> {
        let place = record.place().expect("only rulings have no place in a folder, and they are placed by number");
        self.record_at(edits, &layout::in_folder(record.resolution(), place), record, body)
    }

    /// The same, at a path.
    pub fn record_at<R: Record>(&self, edits: &mut Edits, path: &RepoPath, record: &R, body: &str) -> Result<String, Error> {
        let rendered = front::render(record, &recordable(body)?);
        check_text(&rendered)?;
        let armor = self.sign(R::NAMESPACE, rendered.as_bytes())?;
        put(edits, path, rendered.clone().into_bytes());
        put(edits, &path.signature(), armor.into_bytes());
        Ok(rendered)
    }

    /// Writes one commit on a branch: objects, judgement, reference, then index and work tree where
    /// the branch is checked out. `overwrites` are paths whose content in the work tree is taken up by
    /// the commit.
    pub fn publish(&self, publication: &Publication<'_>) -> Result<Oid, Error> {
        self.publish_assessed(publication).map(|(commit, _)| commit)
    }

    /// The same, and what the commit was judged to be.
    pub fn publish_assessed(&self, publication: &Publication<'_>) -> Result<(Oid, Assessment), Error> {
        let commit = self.commit(publication)?;
        let assessment = self.assess(commit)?;
        self.advance(publication.branch, publication.tip, commit, &publication.message, &[])?;
        Ok((commit, assessment))
    }

    /// Brings the branch of a resolution to what all its tips hold together, where it is behind or beside them; gives its tip.
    pub fn join(&self, found: &find::Found, basis: &Basis, message: String) -> Result<Oid, Error> {
        match basis.parents.as_slice() {
            [tip] if found.tip.is_none_or(|here| here == *tip) => Ok(*tip),
            [tip] => {
                self.advance(&found.branch, found.tip, *tip, &message, &[])?;
                Ok(*tip)
            }
            _ => self.publish(&Publication { branch: &found.branch, tip: found.tip, basis, edits: &Edits::new(), message }),
        }
    }

    /// Writes the commit and moves nothing.
    pub fn commit(&self, publication: &Publication<'_>) -> Result<Oid, Error> {
        if self.lock.is_none() {
            return Err(Error::usage("this run only reads", "repeat it with a key that signs: --key FILE"));
        }
        ready::branch(self.repo, publication.branch, publication.tip.is_some())?;
        let signer = match self.hand {
            Hand::Key(signer) => Some(signer),
            Hand::Elsewhere { .. } => None,
        };
        let sign = signer.map(|signer| {
            move |bytes: &[u8]| -> Result<String, Box<dyn std::error::Error + Send + Sync>> { Ok(signer.sign(Namespace::Git, bytes)?) }
        });
        Ok(self.repo.commit(NewCommit {
            parents: publication.basis.parents.clone(),
            base_tree: Some(publication.basis.tree),
            edits: publication.edits,
            message: publication.message.clone(),
            author: self.actor.clone(),
            sign: sign.as_ref().map(|sign| sign as _),
        })?)
    }

    /// Moves a branch from one commit to another and brings the work tree along, if the branch is
    /// checked out.
    pub fn advance(&self, branch: &str, from: Option<Oid>, to: Oid, message: &str, overwrites: &[RepoPath]) -> Result<(), Error> {
        self.must_be_free(branch)?;
        let head = self.repo.head()?;
        let checkout = head.branch.as_deref() == Some(branch) && !self.repo.is_bare();
        let journal = Journal::new(branch, from, Some(to), checkout, overwrites);
        journal.begin(self.repo)?;
        self.repo.update_ref(branch, to, from, &self.actor, message)?;
        journal.finish(self.repo)
    }

    /// Makes a branch the one that is checked out, and brings the work tree along.
    pub fn switch(&self, branch: &str, overwrites: &[RepoPath]) -> Result<(), Error> {
        self.must_be_free(branch)?;
        let from = self.repo.head()?.commit;
        let to = self.repo.find_ref(branch)?.ok_or_else(|| Error::usage(format!("there is no branch `{branch}`"), "omega list"))?;
        let journal = Journal::new(branch, from, Some(to), true, overwrites);
        journal.begin(self.repo)?;
        self.repo.set_head(branch, &self.actor)?;
        journal.finish(self.repo)
    }

    /// Refuses to move a branch under the feet of another work tree.
    pub fn must_be_free(&self, branch: &str) -> Result<(), Error> {
        let Some(path) = self.repo.checked_out_elsewhere(branch) else { return Ok(()) };
        let name = branch.trim_start_matches("refs/heads/");
        Err(Error::denied(
            format!("the branch `{name}` is checked out in another work tree: `{}`", path.display()),
            format!("run the command there: cd {}", crate::shell::quote_path(&path)),
        ))
    }

    /// Deletes a branch that is not checked out, after what was on it is recorded elsewhere.
    pub fn retire(&self, branch: &str, at: Oid) -> Result<(), Error> {
        let journal = Journal::new(branch, Some(at), None, false, &[]);
        let retired = journal.begin(self.repo).and_then(|()| Ok(self.repo.delete_ref(branch, at, &self.actor)?));
        retired.and_then(|()| journal.finish(self.repo)).map_err(|cause| match cause {
            Error::Unfinished { .. } => cause,
            cause => Error::Unfinished { done: "the ruling is recorded".to_owned(), cause: Box::new(cause) },
        })
    }

    /// Where a resolution is worked on, and the commits that hold its records and count.
    pub fn locate(&self, id: &ResolutionId) -> Result<find::Found, Error> {
        let found = find::locate(self.repo, id)?;
        if found.tips.iter().all(|tip| found.tip == Some(*tip)) {
            return Ok(found);
        }
        let head = self.repo.head()?.commit.and_then(|head| self.judge(None, head).ok());
        let line = Line::pinned(self.pin.root(), head.as_ref().map(|head| &head.judgement.ledger));
        Ok(built_upon(self.repo, found, &line, &|tree| self.judge_tree(None, tree)))
    }
}

/// The member that holds a key.
///
/// # Errors
/// Denied, if nobody does.
pub fn holder<'l>(law: &'l Law, key: &PublicKey) -> Result<&'l Member, Error> {
    law.roster.holder(key).ok_or_else(|| {
        Error::denied(
            format!("the key {} belongs to no member of the council that judges this", key.fingerprint()),
            "choose another key with --key, or see who may act: omega status",
        )
    })
}

/// Why a key that once was in force signs nothing any more, and what to do; nothing for any other key.
pub fn departed(key: &str, ledger: &Ledger, public: &PublicKey) -> Option<(String, String)> {
    let (left, owner) = ledger.departure(public)?;
    let whose = owner.map_or("was a recovery key".to_owned(), |name| format!("was `{name}`'s"));
    let hint = match owner.filter(|name| ledger.law().is_some_and(|law| law.roster.get(name).is_some())) {
        Some(name) => format!("`{name}` signs with another key now: --key FILE; omega council list shows which"),
        None => "omega council list shows who is on the council".to_owned(),
    };
    Some((format!("{key} {whose}, and left by ruling {left}"), hint))
}

/// One commit on one branch.
pub struct Publication<'p> {
    /// The full name of the branch.
    pub branch: &'p str,
    /// Where the branch is; nothing, if it is not there yet.
    pub tip: Option<Oid>,
    /// What the commit builds on.
    pub basis: &'p Basis,
    /// What it changes.
    pub edits: &'p Edits,
    /// The message with its trailers.
    pub message: String,
}

/// The message of a commit that a writing command makes.
pub fn message(id: &ResolutionId, what: &str, member: impl std::fmt::Display, event: &str) -> String {
    format!("canon({id}): {what} by {member}\n\nCouncil-Resolution: {id}\nCouncil-Event: {event}\n")
}

/// A text in the form in which a record keeps it.
///
/// # Errors
/// Usage, if it holds what no record may hold.
pub fn recordable(body: &str) -> Result<String, Error> {
    let body: String = body.replace("\r\n", "\n").lines().map(str::trim_end).collect::<Vec<_>>().join("\n");
    let body = body.trim_matches('\n').to_owned();
    check_text(&format!("{body}\n"))?;
    Ok(body)
}

fn check_text(text: &str) -> Result<(), Error> {
    text::check(text.as_bytes()).map(drop).map_err(|error| {
        Error::usage(format!("the text cannot be recorded: {}", error.what), "remove what does not show, and say it again")
    })
}
