//! Gates that are asked outside of a commit or push: by a framework in CI, or by hand.

use crate::git::{IndexTree, Oid};
use crate::survey::verify::{Conclusion, report};
use crate::tree::Tree;
use crate::workspace::advice::{self, Judged};
use crate::workspace::assess::{Assessment, assess};

use super::governed::{governed_changes, is_canon};
use super::{Error, Gate, Gated, Hook};

impl Gate<'_> {
    /// Judges what a commit holds, where it changes something governed since another one.
    ///
    /// # Errors
    /// When nothing can be said of a commit.
    pub fn range(&self, hook: Hook, from: Option<Oid>, to: Oid) -> Result<Gated, Error> {
        let tree = self.repo.revision(to)?;
        let old = from.map(|from| self.repo.revision(from)).transpose()?;
        let changed = governed_changes(old.as_ref().map(|old| old as &dyn Tree), &tree)?;
        let mut gated = Gated { changed: changed.into_keys().collect(), ..Gated::open(hook) };
        if !gated.changed.is_empty() {
            let assessment = self.assessed(self.repo, to)?;
            self.outside(&mut gated, &assessment, &to.to_string(), Judged::Commit(to))?;
        }
        Ok(gated)
    }

    /// Judges all that the index holds: what is staged is not all that is asked for, where git makes no commit.
    ///
    /// # Errors
    /// When nothing can be said of the index.
    pub fn whole(&self, hook: Hook, index: &IndexTree) -> Result<Gated, Error> {
        let mut gated = Gated::open(hook);
        let listing = index.list(&|folder| is_canon(folder) && !folder.contains(&b'/'))?;
        if listing.entries.iter().any(|entry| is_canon(&entry.path)) {
            self.outside(&mut gated, &assess(index, self.threads)?, "index", Judged::Index)?;
        }
        Ok(gated)
    }

    /// Drafts of open proposals may be committed and pushed, so they pass here too; `omega ci` says more.
    fn outside(&self, gated: &mut Gated, assessment: &Assessment, subject: &str, judged: Judged) -> Result<(), Error> {
        let mut report = report(assessment, subject, self.pin, self.now);
        advice::fit(self.repo, judged, &assessment.judgement.ledger, &mut report.findings)?;
        match report.conclusion {
            Conclusion::Holds | Conclusion::Pending => {}
            Conclusion::Violated => {
                let hint = if judged == Judged::Index { "omega verify --index".to_owned() } else { format!("omega verify {subject}") };
                gated.refuse(report.conclusion, "governed files are here that the council did not ratify", hint);
            }
            Conclusion::Unknown => gated.refuse(
                report.conclusion,
                "no root is pinned here, so nothing can be verified",
                "omega trust pin ROOT; or let CI ask omega ci --root ROOT",
            ),
        }
        gated.reports.push(report);
        Ok(())
    }
}
