//! What is about to be pushed: judged before it leaves.

use std::collections::BTreeSet;

use crate::git::Oid;
use crate::survey::verify::{Conclusion, report};
use crate::workspace::advice::{self, Judged};

use super::governed::governed_changes;
use super::succession::digests;
use super::{Error, Gate, Gated, Hook, RefUpdate, drafts_branch, is_protected};

impl Gate<'_> {
    /// Holds protected refs to a tree that verifies and whose ledger goes on from what is there; others may be pending, and
    /// are not looked at.
    ///
    /// # Errors
    /// When nothing can be said of a commit, or the memory of rulings cannot be understood.
    pub fn push(&self, refs: &[RefUpdate]) -> Result<Gated, Error> {
        let mut gated = Gated::open(Hook::PrePush);
        // Where the remote is may not have been fetched.
        let there = |pushed: &RefUpdate| pushed.old.filter(|there| self.repo.revision(*there).is_ok());
        let mut known: BTreeSet<Oid> = refs.iter().filter_map(|pushed| pushed.new).collect();
        known.extend(refs.iter().filter_map(there));
        let mut protected = self.protected(None)?;
        protected.extend(self.protected_by(self.repo, &known, false, None)?);
        if protected.is_empty() && self.pin.is_some() {
            // Here is a canon, and all of it would go.
            protected.insert("refs/heads/main".to_owned());
        }
        for pushed in refs.iter().filter(|pushed| is_protected(&protected, &pushed.name)) {
            let name = &pushed.name;
            let Some(commit) = pushed.new else {
                gated.changed.push(name.clone());
                gated.refuse_deletion(name);
                continue;
            };
            if pushed.old.is_some() && there(pushed).is_none() {
                // Only a forced push comes this far, and what it would lose is not known here.
                gated.changed.push(name.clone());
                gated.refuse(Conclusion::Unknown, format!("`{name}` is protected, and what is there was not fetched yet"), "git fetch");
                continue;
            }
            let tree = self.repo.revision(commit)?;
            let old = there(pushed).map(|there| self.repo.revision(there)).transpose()?;
            if let Some(old) = &old
                && governed_changes(Some(old), &tree)?.is_empty()
            {
                continue;
            }
            gated.changed.push(name.clone());
            let assessment = self.assessed(self.repo, commit)?;
            let ledger = &assessment.judgement.ledger;
            let rolled_back = advice::rolled_back(self.repo, self.seen, ledger)?;
            let mut report = report(&assessment, name, self.pin, self.now);
            advice::fit(self.repo, Judged::Commit(commit), ledger, &mut report.findings)?;
            if matches!(report.conclusion, Conclusion::Holds | Conclusion::Pending) {
                let before = there(pushed).map(|there| self.said(self.repo, there, Some(ledger))).transpose()?.map(|said| said.rulings);
                gated.refuse_loss(name, before.as_deref(), &digests(ledger), &rolled_back);
            }
            let pending = format!("push the branch of the proposal instead: git push origin {}", drafts_branch(&report));
            let unknown = format!("cannot verify `{name}`: no root is pinned here");
            let before = there(pushed).map(|there| self.assessed(self.repo, there)).transpose()?;
            report.findings.extend(self.carried(self.repo, there(pushed), commit, before.as_deref(), &assessment)?);
            gated.judged(name, commit, report, &pending, (&unknown, "omega trust pin ROOT"));
        }
        Ok(gated)
    }
}
