//! Where two histories meet, and whether that can be known: clones may be cut off.

use std::collections::BTreeSet;

use super::objects::Objects;
use super::{GitError, Oid, Repo};
use crate::tree::TreeError;

/// Where the histories of two commits meet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Meeting {
    /// The second commit has the first in its history.
    Contains,
    /// The first commit has the second in its history.
    Contained,
    /// At these commits, of which none lies behind another; nowhere, if there are none.
    At(Vec<Oid>),
    /// History is cut off where it matters.
    CutOff,
}

impl Repo {
    /// Where the histories of two commits meet.
    pub fn meeting(&self, a: Oid, b: Oid) -> Result<Meeting, GitError> {
        let known = if self.is_shallow() { self.visible_meeting(a, b)? } else { Some(self.best_common(a, b)?) };
        Ok(match known {
            None => Meeting::CutOff,
            Some(best) if best.contains(&a) => Meeting::Contains,
            Some(best) if best.contains(&b) => Meeting::Contained,
            Some(best) => Meeting::At(best),
        })
    }

    fn best_common(&self, a: Oid, b: Oid) -> Result<Vec<Oid>, GitError> {
        let failed = |e: &gix::Error| GitError::git(format!("find where {a} and {b} meet"), e);
        let (from, to) = (self.key(a)?, self.key(b)?);
        let bases = |repo: &gix::Repository| {
            repo.merge_bases_many(from, &[to]).map(|bases| bases.into_iter().map(|id| Oid::of(&id)).collect::<Vec<_>>())
        };
        let mut best = self.database().again(Result::is_ok, bases).map_err(|e| failed(&e))?;
        best.sort();
        best.dedup();
        Ok(best)
    }

    /// The same for a clone whose history is cut off: nothing, where the cut hides the answer. What is there is little.
    fn visible_meeting(&self, a: Oid, b: Oid) -> Result<Option<Vec<Oid>>, GitError> {
        let mut objects = Objects::new(&self.inner);
        let none = BTreeSet::new();
        let (of_a, _) = behind(&mut objects, [a], &none)?;
        let (of_b, _) = behind(&mut objects, [b], &none)?;
        if of_b.contains(&a) {
            return Ok(Some(vec![a]));
        }
        if of_a.contains(&b) {
            return Ok(Some(vec![b]));
        }
        let common: BTreeSet<Oid> = of_a.intersection(&of_b).copied().collect();
        let mut older = Vec::new();
        for commit in &common {
            older.extend(objects.commit(*commit)?.1);
        }
        let (older, _) = behind(&mut objects, older, &none)?;
        let best: BTreeSet<Oid> = common.difference(&older).copied().collect();
        // Only what lies before the meeting has to be there whole.
        let (_, cut_a) = behind(&mut objects, [a], &common)?;
        let (_, cut_b) = behind(&mut objects, [b], &common)?;
        Ok((!cut_a && !cut_b).then(|| best.into_iter().collect()))
    }
}

/// The commits behind some, these included, up to `until`; and whether any of them was missing.
fn behind(objects: &mut Objects, from: impl IntoIterator<Item = Oid>, until: &BTreeSet<Oid>) -> Result<(BTreeSet<Oid>, bool), GitError> {
    let mut open: Vec<Oid> = from.into_iter().collect();
    let (mut seen, mut cut) = (BTreeSet::new(), false);
    while let Some(commit) = open.pop() {
        if until.contains(&commit) || seen.contains(&commit) {
            continue;
        }
        match objects.commit(commit) {
            Ok((_, parents)) => {
                seen.insert(commit);
                open.extend(parents);
            }
            Err(TreeError::Missing { .. }) => cut = true,
            Err(error) => return Err(error.into()),
        }
    }
    Ok((seen, cut))
}
