//! What is staged: judged before it becomes a commit.

use std::collections::BTreeMap;

use crate::finding::{Code, Finding};
use crate::git::IndexTree;
use crate::shell;
use crate::tree::{Entry, Tree};

use crate::survey::verify::{Conclusion, Report, report};
use crate::workspace::advice::{self, Judged};
use crate::workspace::assess::{Assessment, assess};
use crate::workspace::glance::{self, glance};
use crate::workspace::here::go_to;

use super::governed::governed_changes;
use super::succession::{departs, digests};
use super::unfit::{is_written_by_people, malformed};
use super::{Error, Gate, Gated, Hook, drafts_branch};

/// A commit that is about to be made.
pub struct Commit<'a> {
    /// What it would hold.
    pub index: &'a IndexTree,
}

impl Gate<'_> {
    /// Judges what is staged. What changes nothing governed passes at once.
    ///
    /// # Errors
    /// When nothing can be said of the index, or the memory of rulings cannot be understood.
    pub fn commit(&self, hook: Hook, commit: &Commit<'_>) -> Result<Gated, Error> {
        let staged = self.staged(commit.index)?;
        let mut gated = Gated { changed: staged.keys().cloned().collect(), ..Gated::open(hook) };
        if staged.is_empty() {
            return Ok(gated);
        }
        let (assessment, mut report) = self.judged_index(commit.index, &staged)?;
        let ledger = &assessment.judgement.ledger;
        let rolled_back = advice::rolled_back(self.repo, self.seen, ledger)?;
        let head = self.repo.head()?;
        let branch = head.branch.unwrap_or_default();
        let on_protected =
            matches!(report.conclusion, Conclusion::Holds | Conclusion::Pending) && self.protected(Some(ledger))?.contains(&branch);
        let short = branch.trim_start_matches("refs/heads/");
        if report.conclusion != Conclusion::Holds
            && let Some((fact, hint)) = self.unfit(commit.index, &staged)?
        {
            // What must not be said at all is said first.
            gated.refuse(Conclusion::Violated, fact, hint);
            return Ok(gated);
        }
        if report.conclusion == Conclusion::Violated {
            // What people write is looked at before it is anybody's proposal.
            report.findings.extend(malformed(commit.index, &staged));
            report.findings.dedup();
            advice::fit(self.repo, Judged::Index, ledger, &mut report.findings)?;
        }
        match report.conclusion {
            Conclusion::Pending if on_protected => {
                let fact = format!("drafts do not lie on `{short}`, which is protected");
                gated.refuse(report.conclusion, fact, go_to(self.repo, &drafts_branch(&report)));
            }
            Conclusion::Holds if on_protected => {
                let before = head.commit.map(|commit| self.said(self.repo, commit, Some(ledger))).transpose()?.unwrap_or_default();
                if let Some(why) = departs(&before.rulings, &digests(ledger)) {
                    let fact = format!("`{short}` is protected, and would lose what was ruled: {why}");
                    gated.refuse(Conclusion::Violated, fact, "git restore --staged --worktree .");
                } else if let Some(finding) = rolled_back.first() {
                    gated.refuse(Conclusion::Violated, finding.message.clone(), finding.hint.clone());
                }
            }
            Conclusion::Holds | Conclusion::Pending => {}
            Conclusion::Violated => match self.by_hand(&staged, &report)? {
                Some((path, what)) => gated.refuse(
                    report.conclusion,
                    format!("`{path}` is {what}, and never edited by hand"),
                    format!("git restore --staged --worktree -- {}", shell::pathspec(&path)),
                ),
                None => {
                    gated.refuse(report.conclusion, "governed files would be committed that the council did not ratify", way_out(&report))
                }
            },
            Conclusion::Unknown => gated.refuse(
                report.conclusion,
                "cannot verify: no root is pinned here",
                "omega verify shows the root; omega trust pin ROOT",
            ),
        }
        gated.reports.push(report);
        Ok(gated)
    }

    /// What is staged, judged. Where nothing is staged of what only omega writes, the ledger is the one that was verified
    /// here before, if it was; but nothing is refused by that.
    pub(super) fn judged_index(&self, index: &IndexTree, staged: &BTreeMap<String, Option<Entry>>) -> Result<(Assessment, Report), Error> {
        if staged.keys().all(|path| is_written_by_people(path)) {
            let assessment = glance(index, &glance::LedgerCache::of(self.repo), self.threads)?;
            let report = report(&assessment, "index", self.pin, self.now);
            if matches!(report.conclusion, Conclusion::Holds | Conclusion::Pending) {
                return Ok((assessment, report));
            }
        }
        let assessment = assess(index, self.threads)?;
        let report = report(&assessment, "index", self.pin, self.now);
        Ok((assessment, report))
    }

    /// The governed paths that the index and HEAD hold differently, with what the index holds.
    pub(super) fn staged(&self, index: &IndexTree) -> Result<BTreeMap<String, Option<Entry>>, Error> {
        let head = self.repo.head()?.commit.map(|commit| self.repo.revision(commit)).transpose()?;
        governed_changes(head.as_ref().map(|head| head as &dyn Tree), index)
    }
}

/// What to do about a commit that is refused: only governed edits can be proposed.
fn way_out(report: &Report) -> &'static str {
    let can_be_proposed = |finding: &Finding| matches!(finding.code, Code::Unratified | Code::Missing | Code::Ungoverned);
    match report.findings.iter().filter(|finding| finding.is_error()).all(can_be_proposed) {
        true => "propose them instead: git restore --staged .; omega propose",
        false => "follow the hints above, stage the result, and see what is left: omega verify --index",
    }
}
