//! What was fetched: it brings the main branch forward, and closes branches that have done their duty.

use std::collections::BTreeSet;

use crate::canon::{RepoPath, ResolutionId};
use crate::git::{GitError, Oid, Push, Sent};
use crate::ledger::state::Ledger;
use crate::workspace::desk::{Desk, message};
use crate::workspace::tips::Line;
use crate::workspace::{Error, advice, find};

use super::{CANON, Exchange, Forwarded, SYNC, TroubleKind, resolution_of, short};

impl Exchange<'_> {
    /// Fetches; says whether the remote was reached.
    pub fn fetch(&mut self) -> bool {
        match self.repo.fetch(&self.peer.remote, &format!("{CANON}*"), &self.peer.main) {
            Ok(()) => true,
            Err(error) => {
                self.trouble(TroubleKind::Unreached, format!("{error}; the rest was done here only"), SYNC);
                false
            }
        }
    }

    /// Fetches, brings the main branch forward, and closes branches here. An act goes on whatever comes of that.
    pub fn receive(&mut self) {
        if self.fetch() {
            // What stops this stops the act as well, which says it.
            let Ok(desk) = (self.desk)() else { return };
            let _ = self.take_up(&desk);
        }
    }

    /// Brings the main branch forward, and closes branches here.
    pub fn take_up(&mut self, desk: &Desk<'_>) -> Result<(), Error> {
        self.forward(desk)?;
        self.close(desk)
    }

    /// Brings the main branch forward to what the remote has, where that verifies and nothing is in the way.
    fn forward(&mut self, desk: &Desk<'_>) -> Result<(), Error> {
        let (Some(here), Some(there)) = self.mains()? else { return Ok(()) };
        let (main, fetched) = (self.peer.main.clone(), self.peer.there(&self.peer.main));
        let name = short(&main);
        if self.repo.is_ancestor(there, here)? {
            return Ok(());
        }
        let before = desk.look_at(here)?;
        let ours = &before.judgement.ledger;
        // Whoever lost a race has a ruling here that the remote will never have: that is told apart from what does not verify.
        let fetched_state = desk.look_at(there);
        let is_ours = |ledger: &Ledger| Line::pinned(desk.pin.root(), Some(ours)).goes_with(ledger);
        if fetched_state.as_ref().is_ok_and(|there| !is_ours(&there.judgement.ledger)) {
            let (fact, hint) = self.apart();
            self.trouble(TroubleKind::Unverified, fact, hint);
            return Ok(());
        }
        let after = match fetched_state.and_then(|_| desk.assess(there)) {
            Ok(after) => after,
            Err(error) => {
                let fact = format!("`{fetched}` does not verify, so `{name}` stays as it is: {}", why(&error));
                self.trouble(TroubleKind::Unverified, fact, format!("omega verify {fetched}"));
                return Ok(());
            }
        };
        let theirs = &after.judgement.ledger;
        if !self.repo.is_ancestor(here, there)? {
            let (fact, hint) = self.apart();
            self.trouble(TroubleKind::Held, fact, hint);
            return Ok(());
        }
        if theirs.rulings.len() < ours.rulings.len() {
            let fact = format!("`{fetched}` lacks rulings that `{name}` has, so `{name}` stays as it is");
            self.trouble(TroubleKind::Unverified, fact, "compare checkpoints with another member: omega checkpoint");
            return Ok(());
        }
        let since = ours.last().map_or(0, |last| last + 1)..=theirs.last().unwrap_or_default();
        let paths: BTreeSet<RepoPath> = since.flat_map(|sequence| theirs.changed_by(sequence)).cloned().collect();
        let paths: Vec<RepoPath> = paths.into_iter().collect();
        let taken_up = match self.repo.head()?.branch.as_deref() == Some(main.as_str()) {
            true => desk.taken_up(&before, &after, &paths)?,
            false => Vec::new(),
        };
        match desk.advance(&main, Some(here), there, &format!("omega sync: fast-forward to {fetched}"), &taken_up) {
            Ok(()) => {
                self.seen.learn(theirs);
                self.done.forwarded = Some(Forwarded { branch: name.to_owned(), sequence: theirs.last().unwrap_or_default() });
            }
            Err(Error::Git(GitError::WouldOverwrite(paths))) => {
                let fact = format!("`{name}` stays behind `{fetched}`: {}", GitError::WouldOverwrite(paths.clone()));
                let hint = format!("{}; then: {SYNC}", advice::set_aside(self.repo, &paths)?);
                self.trouble(TroubleKind::Held, fact, hint);
            }
            Err(Error::Denied { fact, hint }) => {
                self.trouble(TroubleKind::Held, format!("`{name}` stays behind `{fetched}`: {fact}"), format!("{hint} && {SYNC}"));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }

    /// Deletes branches here whose resolution the main branch has closed, and that have nothing which it does not have.
    pub fn close(&mut self, desk: &Desk<'_>) -> Result<(), Error> {
        let Some(main) = self.repo.find_ref(&self.peer.main)? else { return Ok(()) };
        for (branch, at) in self.closed(desk, CANON, main)? {
            if self.repo.head()?.branch.as_deref() == Some(branch.as_str()) && desk.switch(&self.peer.main, &[]).is_err() {
                continue;
            }
            if self.repo.checked_out_elsewhere(&branch).is_none() {
                desk.retire(&branch, at)?;
                self.done.removed.push(short(&branch).to_owned());
            }
        }
        Ok(())
    }

    /// The same on the remote, whose own main branch must have closed them.
    pub fn close_there(&mut self) -> Result<(), Error> {
        let Some(main) = self.mains()?.1 else { return Ok(()) };
        let folder = self.peer.tracking(CANON);
        let closed = {
            let desk = (self.desk)()?;
            self.closed(&desk, &folder, main)?
        };
        if closed.is_empty() {
            return Ok(());
        }
        let deletions: Vec<Push> = closed.into_iter().map(|(name, at)| Push::Delete(name.replacen(&folder, CANON, 1), at)).collect();
        for (push, sent) in self.repo.push(&self.peer.remote, &deletions)? {
            // Whoever was quicker has deleted it, or has added to it: then it stays.
            if sent == Sent::Done {
                self.done.removed.push(self.peer.there(push.name()));
            }
        }
        Ok(())
    }

    /// The branches below a folder that a commit of the main branch has closed and holds all of.
    fn closed(&self, desk: &Desk<'_>, folder: &str, main: Oid) -> Result<Vec<(String, Oid)>, Error> {
        let mut closed = Vec::new();
        let mut judged = None;
        for (branch, at) in self.repo.branches(folder)? {
            let id: Option<ResolutionId> = branch.strip_prefix(folder).and_then(|id| id.parse().ok());
            // Only what is over has a folder on the main branch.
            let Some(id) = id.filter(|id| find::holds(self.repo, main, id).unwrap_or(false)) else { continue };
            let state = match judged.take() {
                Some(state) => state,
                None => desk.assess(main)?,
            };
            if desk.is_contained(at, &id, &state, main)? {
                closed.push((branch, at));
            }
            judged = Some(state);
        }
        Ok(closed)
    }

    /// Brings the branch of a resolution here to all that was fetched of it and verifies; says whether it moved.
    pub(super) fn join(&mut self, desk: &Desk<'_>, branch: &str) -> Result<bool, Error> {
        let Some(id) = resolution_of(branch) else { return Ok(false) };
        let found = desk.locate(&id)?;
        let basis = desk.basis(&found.tips)?;
        desk.assess(basis.tree)?;
        let moved = desk.join(&found, &basis, message(&id, "records joined", &desk.actor.name, "join"))?;
        Ok(found.tip != Some(moved))
    }

    /// Brings all branches of open resolutions here to what was fetched of them.
    pub fn join_all(&mut self) -> Result<(), Error> {
        let desk = (self.desk)()?;
        for (branch, here) in self.repo.branches(CANON)? {
            let there = self.repo.find_ref(&self.peer.tracking(&branch))?;
            let Some(there) = there else { continue };
            if self.repo.is_ancestor(there, here)? {
                continue;
            }
            match self.join(&desk, &branch) {
                Ok(true) => self.done.joined.push(short(&branch).to_owned()),
                Ok(false) => {
                    let there = self.peer.there(&branch);
                    let fact = format!("`{there}` has records that do not verify, and they are left out");
                    self.trouble(TroubleKind::Unverified, fact, format!("omega verify {there}"));
                }
                Err(error) => self.trouble(TroubleKind::Held, format!("`{}`: {error}", short(&branch)), "git status"),
            }
        }
        Ok(())
    }
}

/// What is wrong, in the words of the first finding, where there are findings.
fn why(error: &Error) -> String {
    match error {
        Error::Violated(findings) => match findings.iter().find(|finding| finding.is_error()) {
            Some(finding) => format!("{} {}: {}", finding.code, finding.path, finding.message),
            None => error.to_string(),
        },
        _ => error.to_string(),
    }
}
