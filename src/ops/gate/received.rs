//! What a server is pushed: judged before any ref moves.

use std::collections::BTreeSet;

use crate::canon::path::fold;
use crate::digest::Digest;
use crate::git::{Oid, Repo};
use crate::ledger::state::Ledger;
use crate::ops::assess::assess;
use crate::ops::verify::{Conclusion, report};

use super::staged::{governed_changes, has_canon};
use super::{Error, Gate, Gated, Hook};
use crate::tree::Tree;

/// One ref of a push.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RefUpdate {
    /// Where it was; nothing, if it is new.
    pub old: Option<Oid>,
    /// Where it would be; nothing, if it is deleted.
    pub new: Option<Oid>,
    /// Its full name.
    pub name: String,
}

impl RefUpdate {
    /// Reads a line `<old> <new> <ref>` of githooks(5).
    pub fn parse(old: &str, new: &str, name: &str) -> Option<Self> {
        let id = |text: &str| match text.bytes().all(|byte| byte == b'0') {
            true => Some(None),
            false => text.parse().ok().map(Some),
        };
        Some(Self { old: id(old)?, new: id(new)?, name: name.to_owned() })
    }

    /// Reads what git gives to `pre-receive`.
    pub fn read(text: &str) -> Option<Vec<Self>> {
        let line = |line: &str| {
            let (old, rest) = line.split_once(' ')?;
            let (new, name) = rest.split_once(' ')?;
            Self::parse(old, new, name)
        };
        text.lines().map(line).collect()
    }
}

impl Gate<'_> {
    /// Holds protected refs to trees that verify and whose ledger goes on from the old one. What changes nothing governed
    /// is never held up; other refs are free. `pushed` sees the objects that come with the push, beside the repository's own.
    ///
    /// # Errors
    /// When nothing can be said of a commit: missing objects, or a newer format.
    pub fn receive(&self, hook: Hook, pushed: &Repo, updates: &[RefUpdate]) -> Result<Gated, Error> {
        let mut gated = Gated::open(hook);
        let protected = self.protected_here(pushed, updates)?;
        for update in updates.iter().filter(|update| protected.contains(&fold(&update.name))) {
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
            let new = assess(&tree, self.threads)?;
            let rulings = digests(&new.judgement.ledger);
            let report = report(new, name, self.pin, self.now);
            if report.conclusion == Conclusion::Holds {
                let before = old.map(|old| assess(&old, self.threads)).transpose()?.map(|old| digests(&old.judgement.ledger));
                if let Some(why) = before.and_then(|before| departs(&before, &rulings)) {
                    let fact = format!("`{name}` would lose what was ruled: {why}");
                    gated.refuse(Conclusion::Violated, fact, "fetch, and rule again on the newest state");
                }
            }
            let pending = "push the branch of the proposal; the Chief ratifies it there: omega canon ratify ID";
            let unknown = ("nothing can be said: no root is pinned on this server", "on the server: omega trust pin ROOT");
            gated.judged(name, report, pending, unknown);
        }
        Ok(gated)
    }

    /// The refs that are protected before the push; where there is no canon yet, those that the pushed one protects. Their
    /// names are folded: where case does not count, two spellings are one branch.
    fn protected_here(&self, pushed: &Repo, updates: &[RefUpdate]) -> Result<BTreeSet<String>, Error> {
        let mut known: BTreeSet<Oid> = self.repo.head()?.commit.into_iter().collect();
        known.extend(self.repo.find_ref("refs/heads/main")?);
        known.extend(updates.iter().filter_map(|update| update.old));
        let before = self.protected_by(pushed, &known)?;
        if !before.is_empty() {
            return Ok(before);
        }
        self.protected_by(pushed, &updates.iter().filter_map(|update| update.new).collect())
    }

    fn protected_by(&self, pushed: &Repo, commits: &BTreeSet<Oid>) -> Result<BTreeSet<String>, Error> {
        let mut names = BTreeSet::new();
        for commit in commits {
            // A tag of something else than a commit carries no canon.
            if !has_canon(pushed, *commit).unwrap_or(false) {
                continue;
            }
            let ledger = assess(&pushed.revision(*commit)?, self.threads)?.judgement.ledger;
            names.extend(ledger.law().iter().flat_map(|law| &law.protected_refs).map(|name| fold(name)));
            // A ledger that does not hold, or is not the pinned one, does not say what else is free: the usual branches are
            // protected whatever it says.
            if ledger.root().is_none() || ledger.root() != self.pin.map(|pin| pin.root) {
                names.insert("refs/heads/main".to_owned());
                names.extend(self.repo.head()?.branch.map(|branch| fold(&branch)));
            }
        }
        Ok(names)
    }
}

fn digests(ledger: &Ledger) -> Vec<Digest> {
    ledger.rulings.iter().map(|ruled| ruled.digest).collect()
}

/// Why the rulings of a ledger do not go on from older ones.
fn departs(old: &[Digest], new: &[Digest]) -> Option<String> {
    if new.len() < old.len() {
        return Some(format!("its ledger ends at ruling {}, and ruling {} is here", new.len().saturating_sub(1), old.len() - 1));
    }
    let at = old.iter().zip(new).position(|(old, new)| old != new)?;
    Some(format!("its ruling {at} is another one"))
}
