//! The gates where people work: what git's hooks ask, and what they are told.
//!
//! Hooks on a person's own machine are a courtesy, which `--no-verify` skips; what arrives elsewhere is judged there.

pub mod hooks;
mod received;
mod staged;

use serde::Serialize;

use crate::canon::ResolutionId;
use crate::canon::path::fold;
use crate::clock::Timestamp;
use crate::git::{Oid, Repo};

pub use received::RefUpdate;
pub use staged::{Commit, trailer};

use super::Error;
use super::find;
use super::pin::Pin;
use super::verify::{Conclusion, Report, verify};

/// The hooks that omega answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Hook {
    /// Before a commit is made: judges what is staged.
    PreCommit,
    /// When its message is written: names the resolution.
    CommitMsg,
    /// Before refs are pushed: protected ones must hold.
    PrePush,
    /// After a merge: warns.
    PostMerge,
    /// After a checkout: warns.
    PostCheckout,
    /// On a server, before any ref of a push moves: judges all of them.
    PreReceive,
    /// On a server, before one ref of a push moves: judges that one.
    Update,
}

impl Hook {
    /// Those of a clone with a work tree.
    pub const CLONE: [Self; 5] = [Self::PreCommit, Self::CommitMsg, Self::PrePush, Self::PostMerge, Self::PostCheckout];

    /// As git calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::PreCommit => "pre-commit",
            Self::CommitMsg => "commit-msg",
            Self::PrePush => "pre-push",
            Self::PostMerge => "post-merge",
            Self::PostCheckout => "post-checkout",
            Self::PreReceive => "pre-receive",
            Self::Update => "update",
        }
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
            format!("`{name}` is protected by SECURITY_AND_PRIVACY, and would be deleted"),
            "push something else, or change `protected_refs` by a resolution",
        );
    }

    /// Takes what was judged for a protected ref, and shuts the gate on all that does not hold.
    fn judged(&mut self, name: &str, report: Report, pending: &str, unknown: (&str, &str)) {
        match report.conclusion {
            Conclusion::Holds => {}
            Conclusion::Pending => {
                self.refuse(report.conclusion, format!("`{name}` is protected, and would get drafts that are not ratified"), pending);
            }
            Conclusion::Unknown => self.refuse(report.conclusion, unknown.0, unknown.1),
            Conclusion::Violated => self.refuse(
                report.conclusion,
                format!("`{name}` is protected, and would get what the council did not ratify"),
                "omega canon verify",
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
    /// The time.
    pub now: Timestamp,
    /// How many threads verify.
    pub threads: usize,
}

/// One line of what git tells a hook that is about to push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PushedRef {
    /// The commit that is pushed; nothing, if the ref is deleted.
    pub commit: Option<Oid>,
    /// The full name that the ref has there.
    pub name: String,
}

impl PushedRef {
    /// Reads the lines `<local ref> <local id> <remote ref> <remote id>` of githooks(5).
    pub fn read(text: &str) -> Option<Vec<Self>> {
        let line = |line: &str| {
            let [_, id, name, _] = line.split(' ').collect::<Vec<_>>()[..] else { return None };
            let commit = if id.bytes().all(|byte| byte == b'0') { None } else { Some(id.parse().ok()?) };
            Some(Self { commit, name: name.to_owned() })
        };
        text.lines().map(line).collect()
    }
}

impl Gate<'_> {
    fn judge(&self, commit: Oid, subject: &str) -> Result<Report, Error> {
        verify(&self.repo.revision(commit)?, subject, self.pin, self.now, self.threads)
    }

    /// Holds protected refs to a tree that verifies; others may be pending, and are not looked at.
    ///
    /// # Errors
    /// When nothing can be said of a commit.
    pub fn push(&self, refs: &[PushedRef]) -> Result<Gated, Error> {
        let mut gated = Gated::open(Hook::PrePush);
        let protected = self.protected()?;
        for pushed in refs.iter().filter(|pushed| protected.iter().any(|name| fold(name) == fold(&pushed.name))) {
            let name = &pushed.name;
            gated.changed.push(name.clone());
            let Some(commit) = pushed.commit else {
                gated.refuse_deletion(name);
                continue;
            };
            let report = self.judge(commit, name)?;
            let pending = format!("push the branch of the proposal instead: git push origin {}", drafts_branch(&report));
            let unknown = format!("nothing can be said of `{name}`: no root is pinned here");
            gated.judged(name, report, &pending, (&unknown, "omega trust pin ROOT"));
        }
        Ok(gated)
    }

    /// Judges what is checked out now, for a warning.
    ///
    /// # Errors
    /// When nothing can be said of HEAD.
    pub fn arrived(&self, hook: Hook) -> Result<Gated, Error> {
        let mut gated = Gated::open(hook);
        if let Some(commit) = self.repo.head()?.commit.filter(|commit| staged::has_canon(self.repo, *commit).unwrap_or(true)) {
            let report = self.judge(commit, "HEAD")?;
            if report.conclusion == Conclusion::Violated {
                gated.refuse(report.conclusion, "what is checked out now is not what the council ratified", "omega canon verify");
            }
            gated.reports.push(report);
        }
        Ok(gated)
    }

    /// The refs that the canon at HEAD protects; none, where there is no canon.
    fn protected(&self) -> Result<Vec<String>, Error> {
        let Some(commit) = self.repo.head()?.commit else { return Ok(Vec::new()) };
        if !staged::has_canon(self.repo, commit)? {
            return Ok(Vec::new());
        }
        let assessment = super::assess::assess(&self.repo.revision(commit)?, self.threads)?;
        // A ledger that does not hold protects nothing by itself: then the usual branch is.
        Ok(assessment.judgement.ledger.law().map_or_else(|| vec!["refs/heads/main".to_owned()], |law| law.protected_refs.clone()))
    }
}

/// The branch of the proposal whose drafts were found.
fn drafts_branch(report: &Report) -> String {
    let branch = |id: &ResolutionId| find::branch_of(id).trim_start_matches("refs/heads/").to_owned();
    report.drafts.first().map_or_else(|| "canon/ID".to_owned(), |draft| branch(&draft.resolution))
}
