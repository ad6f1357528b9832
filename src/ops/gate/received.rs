//! What a server is pushed: judged before any ref moves.

use std::collections::BTreeSet;

use crate::git::{Oid, Repo};
use crate::ledger::state::Ledger;
use crate::ops::assess::assess;
use crate::ops::verify::Conclusion;

use super::staged::{governed_changes, has_canon};
use super::{Error, Gate, Gated, Hook, Refused};
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
        let mut gated = Gated { hook, changed: Vec::new(), reports: Vec::new(), refused: None };
        let protected = self.protected_here(pushed, updates)?;
        for update in updates.iter().filter(|update| protected.contains(&update.name)) {
            let name = &update.name;
            let mut refuse = |conclusion, fact: String, hint: &str| {
                gated.refused.get_or_insert(Refused { conclusion, fact, hint: hint.to_owned() });
            };
            let Some(new) = update.new else {
                refuse(
                    Conclusion::Violated,
                    format!("`{name}` is protected by SECURITY_AND_PRIVACY, and would be deleted"),
                    "push something else, or change `protected_refs` by a resolution",
                );
                continue;
            };
            let old = update.old.map(|old| pushed.revision(old)).transpose()?;
            let tree = pushed.revision(new)?;
            if governed_changes(old.as_ref().map(|old| old as &dyn Tree), &tree)?.is_empty() {
                continue;
            }
            gated.changed.push(name.clone());
            let report = crate::ops::verify::verify(&tree, name, self.pin, self.now, self.threads)?;
            match report.conclusion {
                Conclusion::Holds => {
                    let new = assess(&tree, self.threads)?.judgement.ledger;
                    let old = old.map(|old| assess(&old, self.threads)).transpose()?.map(|old| old.judgement.ledger);
                    if let Some(why) = old.and_then(|old| departs(&old, &new)) {
                        refuse(
                            Conclusion::Violated,
                            format!("`{name}` would lose what was ruled: {why}"),
                            "fetch, and rule again on the newest state",
                        );
                    }
                }
                Conclusion::Pending => refuse(
                    Conclusion::Pending,
                    format!("`{name}` is protected, and would get drafts that are not ratified"),
                    "push the branch of the proposal; the Chief ratifies it there: omega canon ratify ID",
                ),
                Conclusion::Unknown => refuse(
                    Conclusion::Unknown,
                    "nothing can be said: no root is pinned on this server".to_owned(),
                    "on the server: omega trust pin ROOT",
                ),
                Conclusion::Violated => refuse(
                    Conclusion::Violated,
                    format!("`{name}` is protected, and would get what the council did not ratify"),
                    "omega canon verify",
                ),
            }
            gated.reports.push(report);
        }
        Ok(gated)
    }

    /// The refs that are protected before the push; where there is no canon yet, those that the pushed one protects.
    fn protected_here(&self, pushed: &Repo, updates: &[RefUpdate]) -> Result<BTreeSet<String>, Error> {
        let mut known: BTreeSet<Oid> = self.repo.head()?.commit.into_iter().collect();
        known.extend(self.repo.find_ref("refs/heads/main")?);
        known.extend(updates.iter().filter_map(|update| update.old));
        let before = protected_by(pushed, &known, self.threads)?;
        if !before.is_empty() {
            return Ok(before);
        }
        protected_by(pushed, &updates.iter().filter_map(|update| update.new).collect(), self.threads)
    }
}

fn protected_by(repo: &Repo, commits: &BTreeSet<Oid>, threads: usize) -> Result<BTreeSet<String>, Error> {
    let mut names = BTreeSet::new();
    for commit in commits {
        // A tag of something else than a commit carries no canon.
        if !has_canon(repo, *commit).unwrap_or(false) {
            continue;
        }
        match assess(&repo.revision(*commit)?, threads)?.judgement.ledger.law() {
            Some(law) => names.extend(law.protected_refs.iter().cloned()),
            // A ledger that does not hold protects nothing by itself: then the usual branch is protected.
            None => drop(names.insert("refs/heads/main".to_owned())),
        }
    }
    Ok(names)
}

/// Why a ledger does not go on from an older one.
fn departs(old: &Ledger, new: &Ledger) -> Option<String> {
    if new.rulings.len() < old.rulings.len() {
        return Some(format!(
            "its ledger ends at ruling {}, and ruling {} is here",
            new.rulings.len().saturating_sub(1),
            old.rulings.len() - 1
        ));
    }
    let at = old.rulings.iter().zip(&new.rulings).position(|(old, new)| old.digest != new.digest)?;
    Some(format!("its ruling {at} is another one"))
}
