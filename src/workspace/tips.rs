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

/// A tip as it was judged, if it can be read and is of this canon.
fn judged(repo: &Repo, tip: Oid, line: &Line<'_>, judge: Judge<'_>) -> Option<Assessment> {
    let assessment = judge(&repo.revision(tip).ok()?).ok()?;
    line.goes_with(&assessment.judgement.ledger).then_some(assessment)
}

/// The tip whose ledger goes on furthest beyond `ledger`, of those that hold and are of this canon; nothing, where none has a ruling
/// more.
pub(crate) fn furthest(repo: &Repo, tips: &[Oid], line: &Line<'_>, ledger: &Ledger, judge: Judge<'_>) -> Option<Assessment> {
    let length = |assessment: &Assessment| assessment.judgement.ledger.rulings.len();
    let judged = tips.iter().filter_map(|tip| judged(repo, *tip, line, judge));
    let longer = judged.filter(|assessment| assessment.holds() && length(assessment) > ledger.rulings.len());
    longer.max_by_key(length)
}

/// What the tips of a resolution's branch hold together. Tips of another canon count for nothing, and where one tip holds, those
/// that do not hold or cannot be read are left out; where none does, it is the first that shows what is wrong. Nothing, where no
/// tip is of this canon.
///
/// # Errors
/// When what the tips hold together cannot be read, though each can.
pub(crate) fn union(repo: &Repo, tips: &[Oid], line: &Line<'_>, judge: Judge<'_>) -> Result<Option<Assessment>, Error> {
    // What cannot be read says nothing, and another tip may say all.
    let mut judged: Vec<(Oid, Assessment)> = tips.iter().filter_map(|tip| Some((*tip, judged(repo, *tip, line, judge)?))).collect();
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
pub(crate) fn built_upon(repo: &Repo, found: find::Found, line: &Line<'_>, judge: Judge<'_>) -> find::Found {
    let counts = |tip: Oid| found.tip == Some(tip) || judged(repo, tip, line, judge).is_some_and(|assessment| assessment.holds());
    let mut tips: Vec<Oid> = found.tips.iter().copied().filter(|tip| counts(*tip)).collect();
    if tips.is_empty() {
        tips.extend(found.tips.first());
    }
    find::Found { tips, ..found }
}
