//! Judging a change before it is merged, as the required check of a pull request does.
//!
//! What decides is the base: its ledger has to go on, its law names what is governed, and the pin comes from outside. The
//! head can only be judged.

mod asked;
mod configures;
mod council;
mod files;
mod sides;

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canon::layout;
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::finding::{Code, Finding, Severity};
use crate::git::{Repo, RevTree};
use crate::ledger::checkpoint::Checkpoint;
use crate::tree::{Listing, Tree as _};

use crate::gates::carried::{beside, findings as carried_findings};
use crate::gates::governed::{Governed, Sides as Was, differences, has_canon};
use crate::gates::succession::{departs, digests};
use crate::survey::verify::{self, Conclusion, Report};
use crate::workspace::Error;
use crate::workspace::advice::{self, Judged};
use crate::workspace::assess::{Assessment, assess, assess_beside};
use crate::workspace::pin::Pin;

pub use asked::{Asked, Forge, Lookup, Wanted};
pub use council::{OpenProposal, RulingReport};
pub use files::{FileChange, Stands};
pub use sides::How;

use sides::{Outcome, Sides};

/// What a change would come to.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct CiReport {
    /// The forge that the job runs on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub forge: Option<Forge>,
    /// What happened there, in its own word.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// The commit that it would be merged into.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base: Option<String>,
    /// The commit that would be merged.
    pub head: String,
    /// What was judged.
    pub judged: How,
    /// The full name of the ref that would change.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Whether the law of the base protects that ref.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub protected: Option<bool>,
    /// What can be said.
    pub conclusion: Conclusion,
    /// Whether drafts of open proposals are taken for a success.
    pub pending_allowed: bool,
    /// The governed paths that change; empty where nothing governed does, and then nothing is held up.
    pub changed: Vec<String>,
    /// The governed files among them that people read, with what changes.
    pub files: Vec<FileChange>,
    /// The open proposals that the change carries, with their count and who acts next.
    pub proposals: Vec<OpenProposal>,
    /// The rulings that it brings, oldest first.
    pub rulings: Vec<RulingReport>,
    /// What the base is worth by itself; nothing, where it has no canon.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_report: Option<Report>,
    /// What the result is worth; nothing, where nothing governed changes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub report: Option<Report>,
    /// All that is wrong, and what is worth knowing.
    pub findings: Vec<Finding>,
    /// Where the ledger would end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
    /// What was proved, in one sentence.
    pub proved: String,
}

impl CiReport {
    /// Whether the check is passed.
    pub fn passes(&self) -> bool {
        match self.conclusion {
            Conclusion::Holds => true,
            Conclusion::Pending => self.pending_allowed,
            Conclusion::Violated | Conclusion::Unknown => false,
        }
    }

    /// Whether there is nothing to tell about the change: it passes, and touches nothing that is governed.
    pub fn is_silent(&self) -> bool {
        self.passes() && self.changed.is_empty() && self.findings.is_empty()
    }
}

/// What a change is judged by.
pub struct Judge<'a> {
    /// The repository.
    pub repo: &'a Repo,
    /// What is trusted.
    pub pin: Option<Pin>,
    /// Whether drafts of open proposals are taken for a success.
    pub allow_pending: bool,
    /// The time.
    pub now: Timestamp,
    /// How many threads verify.
    pub threads: usize,
}

impl Judge<'_> {
    /// Judges a change. No tree is assessed twice, and nothing is written.
    ///
    /// # Errors
    /// Unknown, with what to fetch, if a side or the place where they part is not in this clone.
    pub fn judge(&self, asked: &Asked) -> Result<CiReport, Error> {
        let sides = Sides::find(self.repo, asked)?;
        let base_tree = sides.base.map(|base| self.repo.revision(base)).transpose()?;
        let base = match (&base_tree, sides.base) {
            (Some(tree), Some(commit)) if has_canon(self.repo, commit)? => Some(assess(tree, self.threads)?),
            _ => None,
        };
        let law = base.as_ref().and_then(|base| base.judgement.ledger.law().cloned());
        let who = law.as_ref().map(|law| &law.who);
        let (how, outcome, mut findings) = sides.outcome(self.repo, asked, who)?;
        let old = base_tree.as_ref().map(|tree| tree.list(&|_| true)).transpose()?.unwrap_or_default();
        let new = outcome.list(&|_| true)?;
        let governed = Governed::of(base_tree.as_ref().map(|tree| tree as _), &outcome, who)?;
        let changed = governed.differences(&old, &new);
        findings.extend(files::check_edited(&old, &new, base_tree.as_ref(), &outcome)?);

        let mut report = CiReport {
            forge: asked.forge,
            event: asked.event.clone(),
            base: sides.base.map(|base| base.to_string()),
            head: sides.head.to_string(),
            judged: how,
            protected: asked.target.as_ref().and_then(|target| Some(law.as_ref()?.protected_refs.contains(target))),
            target: asked.target.clone(),
            conclusion: Conclusion::Holds,
            pending_allowed: self.allow_pending,
            changed: changed.keys().cloned().collect(),
            files: Vec::new(),
            proposals: Vec::new(),
            rulings: Vec::new(),
            base_report: None,
            report: None,
            findings: Vec::new(),
            checkpoint: base.as_ref().and_then(|base| Checkpoint::of(&base.judgement.ledger)),
            proved: "nothing governed changes".to_owned(),
        };
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        if errors > 0 {
            // There is no such merge: what else could be said would be of a tree that never is.
            (report.conclusion, report.proved) = (Conclusion::Violated, nothing(errors));
        } else if !changed.is_empty() {
            let assessment = assess_beside(base.as_ref(), &outcome, self.threads)?;
            let before: Vec<Digest> = base.as_ref().map(|base| digests(&base.judgement.ledger)).unwrap_or_default();
            // Of a ledger that was not read nothing is lost.
            let after = if assessment.is_too_much() { before.clone() } else { digests(&assessment.judgement.ledger) };
            findings.extend(cut(&before, &after));
            findings.extend(carried(base.as_ref(), &assessment, (&old, &new), base_tree.as_ref(), &outcome)?);
            report.files = files::changes(&changed, base_tree.as_ref(), &outcome, &assessment)?;
            report.proposals = council::proposals(&assessment, &changed);
            report.rulings = council::rulings(&assessment, before.len());
            self.conclude(&mut report, &assessment, &mut findings)?;
        }
        if let Some(base) = base {
            let judged = verify::bare_report(&base, "base", self.pin, self.now, Vec::new());
            findings.extend(broken(&judged));
            report.base_report = Some(judged);
        }
        findings.sort_by(|a, b| (b.severity, &a.path, a.code).cmp(&(a.severity, &b.path, b.code)));
        findings.dedup();
        report.findings = findings;
        Ok(report)
    }

    /// Joins what the result is worth with what was found on the way to it.
    fn conclude(&self, report: &mut CiReport, assessment: &Assessment, findings: &mut Vec<Finding>) -> Result<(), Error> {
        let mut judged = verify::report(assessment, "result", self.pin, self.now);
        advice::fit(self.repo, Judged::Sent, &assessment.judgement.ledger, &mut judged.findings)?;
        for finding in &mut judged.findings {
            let file = report.files.iter().find(|file| file.path == finding.path);
            finding.line = finding.line.or_else(|| file.filter(|_| finding.code == Code::Unratified)?.line);
        }
        findings.extend(judged.findings.iter().cloned());
        let errors = findings.iter().filter(|finding| finding.is_error()).count();
        report.checkpoint = judged.checkpoint;
        (report.conclusion, report.proved) = match (errors, judged.conclusion) {
            (0, conclusion) => (conclusion, judged.proved.clone()),
            (errors, _) => (Conclusion::Violated, nothing(errors)),
        };
        report.report = Some(judged);
        Ok(())
    }
}

fn nothing(errors: usize) -> String {
    if errors == 1 { "nothing: 1 violation found".to_owned() } else { format!("nothing: {errors} violations found") }
}

/// Rulings of the base that the result does not have.
fn cut(before: &[Digest], after: &[Digest]) -> Option<Finding> {
    let why = departs(before, after)?;
    let at = before.iter().zip(after).position(|(old, new)| old != new).unwrap_or(after.len());
    let path = layout::ruling(u32::try_from(at).unwrap_or(u32::MAX));
    Some(Finding::error(Code::LedgerCut, path, format!("the change would lose what was ruled: {why}")))
}

/// The paths that the change carries along with a resolution.
fn carried(
    base: Option<&Assessment>,
    assessment: &Assessment,
    (old, new): (&Listing, &Listing),
    base_tree: Option<&RevTree>,
    outcome: &Outcome,
) -> Result<Vec<Finding>, Error> {
    let (Some(base), Some(base_tree)) = (base, base_tree) else { return Ok(Vec::new()) };
    let changed = differences(old, new, &|_| true);
    let ledgers = [&base.judgement.ledger, &assessment.judgement.ledger];
    let beside = beside(changed.keys().map(String::as_bytes), &ledgers, Some(base_tree), outcome)?;
    Ok(carried_findings(&beside, "a resolution"))
}

/// A base that does not hold by itself is worth knowing; it holds nobody up who changes nothing governed.
fn broken(base: &Report) -> Option<Finding> {
    let first = base.findings.iter().find(|finding| finding.is_error())?;
    let more = base.findings.iter().filter(|finding| finding.is_error()).count() - 1;
    let more = if more == 0 { String::new() } else { format!(", and {more} more") };
    let what = format!("the base does not hold by itself: {} {}{more}", first.code, first.message);
    Some(Finding { severity: Severity::Warning, ..Finding::error(Code::BaseBroken, &first.path, what) })
}

/// The changed paths with what they held and hold.
type Changed = BTreeMap<String, Was>;

/// The paths that two listings hold differently and that decide how changes are checked.
fn deciding(old: &Listing, new: &Listing) -> Changed {
    differences(old, new, &|entry| configures::decides(&String::from_utf8_lossy(&entry.path)).is_some())
}
