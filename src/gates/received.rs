//! What a server is pushed: judged before any ref moves.

use std::collections::BTreeSet;

use crate::git::{Oid, Repo};
use crate::ledger::state::Ledger;
use crate::survey::verify::{Conclusion, report};
use crate::workspace::advice::{self, Judged};
use crate::workspace::assess::Assessment;

use super::governed::{governed_changes, has_canon};
use super::succession::digests;
use super::{Error, Gate, Gated, Hook, RefUpdate, is_protected};
use crate::tree::Tree;

impl Gate<'_> {
    /// Holds protected refs to trees that verify and whose ledger goes on from the old one. What changes nothing governed
    /// is never held up; other refs are free. `pushed` sees the objects that come with the push, beside the repository's own.
    ///
    /// # Errors
    /// When nothing can be said of a commit: missing objects, or a newer format; when the memory of rulings cannot be understood.
    pub fn receive(&self, hook: Hook, pushed: &Repo, updates: &[RefUpdate]) -> Result<Gated, Error> {
        let mut gated = Gated::open(hook);
        // A push to a ref that stands for another one moves that.
        let mut updates = updates.to_vec();
        for update in &mut updates {
            update.name = self.repo.meant_by(&update.name)?;
        }
        let protected = self.protected_here(pushed, &updates)?;
        for update in updates.iter().filter(|update| is_protected(&protected, &update.name)) {
            let name = &update.name;
            let Some(new) = update.new else {
                gated.refuse_deletion(name);
                continue;
            };
            let old = update.old.map(|old| pushed.revision(old)).transpose()?;
            let tree = pushed.revision(new)?;
            if governed_changes(old.as_ref().map(|old| old as &dyn Tree), &tree)?.is_empty() {
                continue;
            }
            gated.changed.push(name.clone());
            let commit = new;
            let new = self.assessed(pushed, commit)?;
            let before = update.old.map(|old| self.assessed(pushed, old)).transpose()?;
            if let Some(before) = &before {
                self.learn_from(before);
            }
            let rolled_back = self.seen.check(&new.judgement.ledger)?;
            let mut report = report(&new, name, self.pin, self.now);
            advice::fit(self.repo, Judged::Sent, &new.judgement.ledger, &mut report.findings)?;
            if report.conclusion == Conclusion::Holds {
                let before = before.as_ref().map(|before| digests(&before.judgement.ledger));
                gated.refuse_loss(name, before.as_deref(), &digests(&new.judgement.ledger), &rolled_back);
            }
            let pending = "push the branch of the proposal; the Chief ratifies it there: omega ratify ID";
            let unknown = ("cannot verify: no root is pinned on this server", "on the server: omega trust pin ROOT");
            report.findings.extend(self.carried(pushed, update.old, commit, before.as_deref(), &new)?);
            gated.judged(name, commit, report, pending, unknown);
        }
        Ok(gated)
    }

    /// Remembers what a protected ref held before the push, if that holds. What is pushed may be refused by others yet.
    fn learn_from(&self, before: &Assessment) {
        let ledger = &before.judgement.ledger;
        let is_ours = self.pin.is_some_and(|pin| ledger.root() == Some(pin.root()));
        if is_ours && before.holds() && before.judgement.drafts.is_empty() {
            self.seen.learn(ledger);
        }
    }

    /// The refs that are protected before the push, or would be after it; where there is no canon yet, those that the pushed
    /// one protects.
    fn protected_here(&self, pushed: &Repo, updates: &[RefUpdate]) -> Result<BTreeSet<String>, Error> {
        let mut known: BTreeSet<Oid> = self.repo.head()?.commit.into_iter().collect();
        known.extend(self.repo.find_ref("refs/heads/main")?);
        known.extend(updates.iter().filter_map(|update| update.old));
        let mut names = self.protected_by(pushed, &known, true, None)?;
        names.extend(self.remembered()?);
        // The first of them may have a commit that no ref of this push names.
        let others = names.iter().filter_map(|name| self.repo.find_ref(name).ok().flatten()).collect();
        names.extend(self.protected_by(pushed, &others, true, None)?);
        let first = names.is_empty();
        let arriving = updates.iter().filter(|update| first || is_protected(&names, &update.name));
        let arriving = arriving.filter_map(|update| update.new).collect();
        names.extend(self.protected_by(pushed, &arriving, true, None)?);
        self.with_meant(names)
    }

    /// The refs that the canons of these commits protect; none, where there is no canon. A canon that a server does not pin
    /// cannot say there what else is free.
    pub(super) fn protected_by(
        &self,
        repo: &Repo,
        commits: &BTreeSet<Oid>,
        on_server: bool,
        verified: Option<&Ledger>,
    ) -> Result<BTreeSet<String>, Error> {
        let mut names = BTreeSet::new();
        for commit in commits {
            // A tag carries no canon. What is missing or damaged could carry one: then nothing can be said.
            if !repo.has_tree(*commit)? || !has_canon(repo, *commit)? {
                continue;
            }
            let said = self.said(repo, *commit, verified)?;
            match said.protected {
                Some(protected) => names.extend(protected),
                // A ledger that does not hold protects nothing by itself: then the usual branch is protected.
                None => drop(names.insert("refs/heads/main".to_owned())),
            }
            if on_server && (said.root.is_none() || said.root != self.pin.map(|pin| pin.root())) {
                names.insert("refs/heads/main".to_owned());
                names.extend(self.repo.head()?.branch);
            }
        }
        Ok(names)
    }
}
