//! The gates where people work: what git's hooks ask, and what they are told.
//!
//! Hooks on a person's own machine are a courtesy, which `--no-verify` skips; what arrives elsewhere is judged there.

mod carried;
pub mod ci;
mod cleanup;
mod governed;
pub mod hooks;
mod message;
mod pushed;
mod range;
mod received;
mod staged;
mod succession;
mod unfit;
mod update;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde::Serialize;

use crate::canon::ResolutionId;
use crate::canon::path::fold;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::finding::Finding;
use crate::git::{Oid, Repo};
use crate::ledger::state::Ledger;

pub use message::Message;
pub use staged::Commit;
use succession::departs;
pub use update::RefUpdate;

use crate::survey::verify::{Conclusion, Report, report};
use crate::words::words;
use crate::workspace::Error;
use crate::workspace::advice::{self, Judged};
use crate::workspace::assess::{Assessment, assess_beside};
use crate::workspace::find;
use crate::workspace::glance::last_ruling;
use crate::workspace::pin::Pin;
use crate::workspace::seen::RollbackMemory;

words! {
    /// The hooks that omega answers.
    pub enum Hook {
        /// Before a commit is made: judges what is staged.
        PreCommit = "pre-commit",
        /// Before a merge without conflicts becomes a commit: git asks this in the place of `pre-commit`.
        PreMergeCommit = "pre-merge-commit",
        /// When its message is written: names the resolution.
        CommitMsg = "commit-msg",
        /// Before refs are pushed: protected ones must hold.
        PrePush = "pre-push",
        /// After a merge: warns.
        PostMerge = "post-merge",
        /// After a checkout: warns.
        PostCheckout = "post-checkout",
        /// On a server, before any ref of a push moves: judges all of them.
        PreReceive = "pre-receive",
        /// On a server, before one ref of a push moves: judges that one.
        Update = "update",
    }
}

impl Hook {
    /// Those of a clone with a work tree.
    pub const CLONE: [Self; 6] =
        [Self::PreCommit, Self::PreMergeCommit, Self::CommitMsg, Self::PrePush, Self::PostMerge, Self::PostCheckout];

    /// Whether it comes too late to stop anything.
    pub fn only_warns(self) -> bool {
        matches!(self, Self::PostMerge | Self::PostCheckout)
    }

    /// Whether git tells it about refs on standard input.
    pub fn reads_input(self) -> bool {
        matches!(self, Self::PrePush | Self::PreReceive)
    }

    /// Whether git calls it with arguments.
    pub fn takes_arguments(self) -> bool {
        !matches!(self, Self::PreCommit | Self::PreMergeCommit | Self::PreReceive)
    }
}

/// What a gate said.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Gated {
    /// The hook.
    pub hook: Hook,
    /// The governed paths that change; empty where nothing governed does, and then nothing is held up.
    pub changed: Vec<String>,
    /// What was judged, as far as it had to be.
    pub reports: Vec<Report>,
    /// Why the gate does not open; nothing, if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<Refused>,
}

impl Gated {
    /// An open gate: nothing governed changes, as far as was looked.
    pub fn open(hook: Hook) -> Self {
        Self { hook, changed: Vec::new(), reports: Vec::new(), refused: None }
    }

    /// Shuts the gate, unless something else did before.
    fn refuse(&mut self, conclusion: Conclusion, fact: impl Into<String>, hint: impl Into<String>) {
        self.refused.get_or_insert_with(|| Refused { conclusion, fact: fact.into(), hint: hint.into() });
    }

    /// Shuts the gate on the deletion of a protected ref.
    fn refuse_deletion(&mut self, name: &str) {
        self.refuse(
            Conclusion::Violated,
            format!("`{name}` is protected by the canon, and would be deleted"),
            "push something else, or change `protected_refs` by a resolution",
        );
    }

    /// Shuts the gate on a ledger that lost rulings which are there, or were seen before.
    fn refuse_loss(&mut self, name: &str, before: Option<&[Digest]>, rulings: &[Digest], rolled_back: &[Finding]) {
        if let Some(why) = before.and_then(|before| departs(before, rulings)) {
            let fact = format!("`{name}` would lose what was ruled: {why}");
            // What was ruled here meanwhile is remembered, and would be missed.
            let hint = "take up what is there, and rule again: git fetch && git reset --keep '@{upstream}' && omega trust accept-rollback";
            self.refuse(Conclusion::Violated, fact, hint);
        } else if let Some(finding) = rolled_back.first() {
            let fact = format!("`{name}` would lose what was ruled: {}", finding.message);
            self.refuse(Conclusion::Violated, fact, finding.hint.clone());
        }
    }

    /// Takes what was judged for a protected ref, and shuts the gate on all that does not hold.
    fn judged(&mut self, name: &str, commit: Oid, report: Report, pending: &str, unknown: (&str, &str)) {
        match report.conclusion {
            Conclusion::Holds => {}
            Conclusion::Pending => {
                self.refuse(report.conclusion, format!("`{name}` is protected, and would get drafts that are not ratified"), pending);
            }
            Conclusion::Unknown => self.refuse(report.conclusion, unknown.0, unknown.1),
            Conclusion::Violated => self.refuse(
                report.conclusion,
                format!("`{name}` is protected, and would get what the council did not ratify"),
                format!("omega verify {commit}"),
            ),
        }
        self.reports.push(report);
    }
}

/// Why a gate does not open.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Refused {
    /// What can be said of the tree that is worst.
    pub conclusion: Conclusion,
    /// What is so.
    pub fact: String,
    /// The command to type next.
    pub hint: String,
}

/// What a gate judges by.
pub struct Gate<'a> {
    /// The repository.
    pub repo: &'a Repo,
    /// What is trusted.
    pub pin: Option<Pin>,
    /// What was seen before.
    pub seen: &'a RollbackMemory,
    /// The time.
    pub now: Timestamp,
    /// How many threads verify.
    pub threads: usize,
    /// The commits that were judged in this run.
    judged: RefCell<BTreeMap<Oid, Rc<Assessment>>>,
}

/// What a commit's ledger says that gates ask for.
#[derive(Default)]
struct Said {
    /// Its rulings, in order.
    rulings: Vec<Digest>,
    /// The refs that its law protects; nothing, where it has no law.
    protected: Option<Vec<String>>,
    root: Option<Digest>,
}

impl<'a> Gate<'a> {
    /// A gate of a repository, with what is trusted there and what was seen there before.
    pub fn new(repo: &'a Repo, pin: Option<Pin>, seen: &'a RollbackMemory, now: Timestamp, threads: usize) -> Self {
        Self { repo, pin, seen, now, threads, judged: RefCell::default() }
    }
}

impl Gate<'_> {
    /// A commit, read and judged; once in a run.
    fn assessed(&self, repo: &Repo, commit: Oid) -> Result<Rc<Assessment>, Error> {
        if let Some(known) = self.judged.borrow().get(&commit) {
            return Ok(known.clone());
        }
        let tree = repo.revision(commit)?;
        let other = self.judged.borrow().values().next().cloned();
        let assessment = Rc::new(assess_beside(other.as_deref(), &tree, self.threads)?);
        self.judged.borrow_mut().insert(commit, assessment.clone());
        Ok(assessment)
    }

    /// What comes to a protected ref along with a resolution.
    fn carried(
        &self,
        repo: &Repo,
        old: Option<Oid>,
        new: Oid,
        before: Option<&Assessment>,
        after: &Assessment,
    ) -> Result<Vec<Finding>, Error> {
        let Some(old) = old else { return Ok(Vec::new()) };
        let ledgers: Vec<&Ledger> = before.into_iter().chain([after]).map(|known| &known.judgement.ledger).collect();
        carried::in_push(repo, old, new, &ledgers)
    }

    /// What the ledger of a commit says. Where its last ruling is one of a ledger that was verified, it is the beginning of
    /// that: each ruling names the one before it by its digest.
    fn said(&self, repo: &Repo, commit: Oid, verified: Option<&Ledger>) -> Result<Said, Error> {
        let said = |ledger: &Ledger, count: usize| Said {
            rulings: ledger.rulings.iter().take(count).map(|ruled| ruled.digest).collect(),
            protected: count.checked_sub(1).and_then(|last| ledger.laws.get(last)).map(|law| law.protected_refs.clone()),
            root: ledger.root().filter(|_| count > 0),
        };
        if let Some(verified) = verified
            && let Some(last) = last_ruling(&repo.revision(commit)?)?
            && let Some(sequence) = verified.sequence_of(&last)
        {
            return Ok(said(verified, sequence as usize + 1));
        }
        let assessment = self.assessed(repo, commit)?;
        Ok(said(&assessment.judgement.ledger, assessment.judgement.ledger.rulings.len()))
    }

    /// Judges what is checked out now, for a warning. What holds on a protected branch is remembered.
    ///
    /// # Errors
    /// When nothing can be said of HEAD, or the memory of rulings cannot be understood.
    pub fn arrived(&self, hook: Hook) -> Result<Gated, Error> {
        let mut gated = Gated::open(hook);
        let head = self.repo.head()?;
        if let Some(commit) = head.commit.filter(|commit| governed::has_canon(self.repo, *commit).unwrap_or(true)) {
            let assessment = self.assessed(self.repo, commit)?;
            let ledger = &assessment.judgement.ledger;
            let mut report = report(&assessment, "HEAD", self.pin, self.now);
            advice::fit(self.repo, Judged::Commit(commit), ledger, &mut report.findings)?;
            let names = ledger.law().map(|law| law.protected_refs.iter().cloned().collect()).unwrap_or_default();
            let names = self.with_meant(names)?;
            let on_protected = head.branch.is_some_and(|branch| names.contains(&branch));
            let rolled_back = if on_protected { advice::rolled_back(self.repo, self.seen, ledger)? } else { Vec::new() };
            if report.conclusion == Conclusion::Violated {
                gated.refuse(report.conclusion, "what is checked out now is not what the council ratified", "omega verify");
            } else if let Some(finding) = rolled_back.first() {
                gated.refuse(Conclusion::Violated, finding.message.clone(), finding.hint.clone());
            } else if on_protected && report.conclusion == Conclusion::Holds {
                self.seen.learn(ledger);
            } else if on_protected && report.conclusion == Conclusion::Pending {
                let hint = if hook == Hook::PostMerge { "git reset --keep ORIG_HEAD" } else { "omega status" };
                gated.refuse(report.conclusion, "this protected branch now has drafts that are not ratified", hint);
            }
            gated.reports.push(report);
        }
        Ok(gated)
    }

    /// The refs that are protected here: by the canon at HEAD or on the main branch, or by what was seen before.
    fn protected(&self, verified: Option<&Ledger>) -> Result<BTreeSet<String>, Error> {
        let mut known: BTreeSet<Oid> = self.repo.head()?.commit.into_iter().collect();
        known.extend(self.repo.find_ref("refs/heads/main")?);
        let mut names = self.protected_by(self.repo, &known, false, verified)?;
        names.extend(self.remembered()?);
        self.with_meant(names)
    }

    /// These names, and what they stand for: a protected branch may be another name for one, as after a rename.
    fn with_meant(&self, mut names: BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
        let meant: Vec<String> = names.iter().map(|name| self.repo.meant_by(name)).collect::<Result<_, _>>()?;
        names.extend(meant);
        Ok(names)
    }

    /// The refs of the pinned canon that were protected when it was last seen.
    fn remembered(&self) -> Result<Vec<String>, Error> {
        let Some(pin) = &self.pin else { return Ok(Vec::new()) };
        Ok(self.seen.highest(&pin.root())?.map(|seen| seen.protected).unwrap_or_default())
    }
}

/// Whether a ref is one of the protected ones, or the same file as one on some systems.
fn is_protected(protected: &BTreeSet<String>, name: &str) -> bool {
    protected.contains(name) || protected.iter().any(|other| fold(other) == fold(name))
}

/// The branch of the proposal whose drafts were found.
fn drafts_branch(report: &Report) -> String {
    let branch = |id: &ResolutionId| find::branch_of(id).trim_start_matches("refs/heads/").to_owned();
    report.drafts.first().map_or_else(|| "canon/ID".to_owned(), |draft| branch(&draft.resolution))
}
