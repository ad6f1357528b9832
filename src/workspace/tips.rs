//! Which tips of a resolution's branch count. Whoever may push to a remote can put anything there: records that nobody signed,
//! stray files, another canon. Such a tip must neither be believed nor hide what others hold.

use crate::digest::Digest;
use crate::git::{Oid, Repo};
use crate::ledger::state::Ledger;
use crate::tree::Tree;

use super::assess::Assessment;
use super::{Error, find, pin};

/// How a tree is judged: whole, or at a glance.
pub(crate) type Judge<'a> = &'a dyn Fn(&dyn Tree) -> Result<Assessment, Error>;

/// The canon that a tip must belong to.
pub(crate) struct Line<'l> {
    /// The root that is trusted; nothing, where none is.
    root: Option<Digest>,
    /// The rulings that are known: those of the main branch, or of what is checked out.
    known: Option<&'l Ledger>,
}

impl<'l> Line<'l> {
    /// The canon that a clone trusts, with the rulings that it knows.
    ///
    /// # Errors
    /// When the pin cannot be read.
    pub fn of(repo: &Repo, known: Option<&'l Ledger>) -> Result<Self, Error> {
        let known = known.filter(|ledger| ledger.root().is_some());
        Ok(Self { root: pin::read(repo.common_dir())?.map(|pin| pin.root()), known })
    }

    /// The same, where the root is known.
    pub fn pinned(root: Digest, known: Option<&'l Ledger>) -> Self {
        Self { root: Some(root), known }
    }

    /// Whether a ledger is of this canon: it has its root, and no ruling of it differs.
    pub fn goes_with(&self, ledger: &Ledger) -> bool {
        let known = self.known.map_or(&[][..], |known| &known.rulings);
        let has_root = ledger.root().is_some() && self.root.is_none_or(|root| ledger.root() == Some(root));
        has_root && known.iter().zip(&ledger.rulings).all(|(ours, theirs)| ours.digest == theirs.digest)
    }
}

/// What the tips of a resolution's branch hold together. Tips of another canon count for nothing, and where one tip holds, those
/// that do not hold or cannot be read are left out; where none does, it is the first that shows what is wrong. Nothing, where no
/// tip is of this canon.
///
/// # Errors
/// When what the tips hold together cannot be read, though each can.
pub(crate) fn union(repo: &Repo, tips: &[Oid], line: &Line<'_>, judge: Judge<'_>) -> Result<Option<Assessment>, Error> {
    let mut judged: Vec<(Oid, Assessment)> = Vec::new();
    for tip in tips {
        if judged.iter().any(|(known, _)| known == tip) {
            continue;
        }
        // What cannot be read says nothing, and another tip may say all.
        if let Ok(assessment) = repo.revision(*tip).map_err(Error::from).and_then(|tree| judge(&tree))
            && line.goes_with(&assessment.judgement.ledger)
        {
            judged.push((*tip, assessment));
        }
    }
    if judged.iter().any(|(_, assessment)| assessment.holds()) {
        judged.retain(|(_, assessment)| assessment.holds());
    } else {
        judged.truncate(1);
    }
    if judged.len() < 2 {
        return Ok(judged.pop().map(|(_, assessment)| assessment));
    }
    let sound: Vec<Oid> = judged.iter().map(|(tip, _)| *tip).collect();
    judge(find::joined(repo, &sound)?.as_ref()).map(Some)
}

/// The tips that a record is built upon: the local branch, and what was fetched of it, holds, and is of this canon. Where that is
/// none, the first, so that what is wrong with it is said.
///
/// # Errors
/// None of its own.
pub(crate) fn built_upon(repo: &Repo, found: find::Found, line: &Line<'_>, judge: Judge<'_>) -> find::Found {
    let counts = |tip: &Oid| {
        let judged = repo.revision(*tip).map_err(Error::from).and_then(|tree| judge(&tree));
        judged.is_ok_and(|assessment| assessment.holds() && line.goes_with(&assessment.judgement.ledger))
    };
    let first = found.tips.first().copied();
    let mut tips: Vec<Oid> = Vec::new();
    for tip in found.tips {
        if !tips.contains(&tip) && (found.tip == Some(tip) || counts(&tip)) {
            tips.push(tip);
        }
    }
    if tips.is_empty() {
        tips.extend(first);
    }
    find::Found { tips, ..found }
}
