//! Pushing what is ours: branches of resolutions, and rulings on the main branch.

use std::collections::{BTreeMap, BTreeSet};

use crate::git::{Oid, Push, Sent};
use crate::workspace::Error;
use crate::workspace::here::go_to;

use super::{CANON, Exchange, TroubleKind, short};

/// The command that catches up later.
pub(crate) const SYNC: &str = "omega sync";

/// How often records of others may come first before this run gives up.
const ATTEMPTS: usize = 6;

/// More commits than these are not looked at.
const MOST: usize = 10_000;

impl Exchange<'_> {
    /// Pushes the branches that an act has moved, and the one that it is about. `before` is where they were. The act is done,
    /// whatever comes of that.
    pub fn send(&mut self, before: &BTreeMap<String, Oid>, about: Option<&str>) {
        if let Err(error) = self.send_moved(before, about) {
            self.trouble(TroubleKind::Held, format!("not all is pushed: {error}"), SYNC);
        }
    }

    fn send_moved(&mut self, before: &BTreeMap<String, Oid>, about: Option<&str>) -> Result<(), Error> {
        if self.is_cut_off() {
            return Ok(());
        }
        let now = self.branches()?;
        let mut moved: BTreeSet<String> =
            now.iter().filter(|(name, at)| before.get(*name) != Some(at)).map(|(name, _)| name.clone()).collect();
        if let Some(branch) = about.map(|id| format!("{CANON}{id}")).filter(|branch| now.contains_key(branch)) {
            moved.insert(branch);
        }
        let has_ruled = moved.contains(&self.peer.main);
        self.push(moved)?;
        if has_ruled && self.done.pushed.iter().any(|name| name == short(&self.peer.main)) {
            {
                let desk = (self.desk)()?;
                self.close(&desk)?;
            }
            self.close_there()?;
        }
        Ok(())
    }

    /// All that is done with a remote at once: fetched, taken up, joined, pushed, and cleaned up.
    pub fn all(&mut self, pushes: bool) -> Result<(), Error> {
        if !self.fetch() {
            return Ok(());
        }
        {
            let desk = (self.desk)()?;
            self.take_up(&desk)?;
        }
        self.join_all()?;
        if pushes {
            let waiting: BTreeSet<String> = self.branches()?.into_keys().collect();
            self.push(waiting)?;
            self.close_there()?;
        }
        Ok(())
    }

    /// Pushes those of these branches that have something the remote has not. Where records of others come first, both are
    /// joined, and it is tried again.
    fn push(&mut self, branches: BTreeSet<String>) -> Result<(), Error> {
        let mut waiting = BTreeSet::new();
        for branch in branches {
            if self.is_ours(&branch)? {
                waiting.insert(branch);
            }
        }
        for _ in 0..ATTEMPTS {
            if waiting.is_empty() {
                return Ok(());
            }
            // Where rulings are, their records must be before the main branch is.
            let (canon, main): (Vec<String>, Vec<String>) =
                std::mem::take(&mut waiting).into_iter().partition(|name| *name != self.peer.main);
            let mut behind = Vec::new();
            for names in [canon, main] {
                for (name, sent) in self.push_once(names)? {
                    match sent {
                        Sent::Done => self.done.pushed.push(short(&name).to_owned()),
                        Sent::Behind => behind.push(name),
                        Sent::Refused(why) => self.refused(&name, &why),
                    }
                }
                if self.is_cut_off() {
                    return Ok(());
                }
            }
            if behind.is_empty() || !self.fetch() {
                return Ok(());
            }
            let desk = (self.desk)()?;
            for name in behind {
                if name == self.peer.main {
                    let (fact, hint) = self.apart();
                    self.trouble(TroubleKind::Refused, fact, hint);
                    continue;
                }
                match self.join(&desk, &name) {
                    Ok(true) => drop(waiting.insert(name)),
                    Ok(false) => {
                        let there = self.peer.there(&name);
                        let fact = format!("`{}` is not pushed: `{there}` has records that do not verify", short(&name));
                        self.trouble(TroubleKind::Unverified, fact, format!("omega verify {there}"));
                    }
                    Err(error) => {
                        self.trouble(TroubleKind::Held, format!("`{}` is not pushed: {error}", short(&name)), SYNC);
                    }
                }
            }
        }
        for name in waiting {
            let fact = format!("`{}` is not pushed: others pushed to it again and again", short(&name));
            self.trouble(TroubleKind::Refused, fact, SYNC);
        }
        Ok(())
    }

    /// Pushes branches in one go. A remote that refuses all of them because of one is asked for each alone.
    fn push_once(&mut self, names: Vec<String>) -> Result<Vec<(String, Sent)>, Error> {
        if names.is_empty() {
            return Ok(Vec::new());
        }
        let pushes: Vec<Push> = names.into_iter().map(Push::Update).collect();
        let mut outcome = Vec::new();
        let sent = match self.repo.push(&self.peer.remote, &pushes) {
            Ok(sent) => sent,
            Err(error) => {
                self.trouble(TroubleKind::Unreached, format!("{error}; the rest was done here only"), SYNC);
                return Ok(outcome);
            }
        };
        let is_group = sent.len() > 1;
        for (push, sent) in sent {
            let sent = match sent {
                Sent::Refused(_) if is_group => match self.repo.push(&self.peer.remote, std::slice::from_ref(&push)) {
                    Ok(alone) => alone.into_iter().next().map_or(sent, |(_, sent)| sent),
                    Err(_) => sent,
                },
                sent => sent,
            };
            outcome.push((push.name().to_owned(), sent));
        }
        Ok(outcome)
    }

    /// Whether a branch waits to be pushed, and omega may push it: what people commit to the main branch they push themselves.
    fn is_ours(&mut self, branch: &str) -> Result<bool, Error> {
        let Some(here) = self.repo.find_ref(branch)? else { return Ok(false) };
        let there = self.repo.find_ref(&self.peer.tracking(branch))?;
        if branch == self.peer.main {
            // The first push of a main branch is its people's.
            let Some(there) = there.filter(|there| *there != here) else { return Ok(false) };
            // Where both have moved on, that is told already.
            if !self.repo.is_ancestor(there, here)? {
                return Ok(false);
            }
            let brought = self.repo.brought(&[here], &[there], MOST)?;
            let is_ruling = |commit: &crate::git::Brought| commit.paths.iter().any(|path| path.starts_with(b"canon/ledger/"));
            if brought.as_ref().is_some_and(|brought| brought.iter().all(is_ruling)) {
                return Ok(true);
            }
            let rules = brought.is_none_or(|brought| brought.iter().any(is_ruling));
            if rules {
                let name = short(branch);
                let fact =
                    format!("`{name}` is not pushed: beside rulings it has other commits that `{}` does not have", self.peer.there(branch));
                self.trouble(TroubleKind::Held, fact, format!("git push {} {name}", self.peer.remote.name));
            }
            return Ok(false);
        }
        // What does not verify goes nowhere.
        let desk = (self.desk)()?;
        if let Some(there) = there {
            return Ok(!self.repo.is_ancestor(here, there)? && desk.assess(here).is_ok());
        }
        // What the main branch has closed is only kept for what is on it besides.
        let id = super::resolution_of(branch);
        let main = self.repo.find_ref(&self.peer.main)?;
        let is_over = match (&id, main) {
            (Some(id), Some(main)) => crate::workspace::find::holds(self.repo, main, id)?,
            _ => true,
        };
        Ok(!is_over && desk.assess(here).is_ok())
    }

    fn refused(&mut self, branch: &str, why: &str) {
        let (name, remote) = (short(branch), &self.peer.remote.name);
        if branch == self.peer.main {
            let fact = format!("the ruling is made here, and `{remote}` does not take it onto `{name}`: {why}");
            let hint = format!(
                "if `{name}` takes pull requests only: git push {remote} {name}:refs/heads/ruling-of-{name}, and open a pull request from it"
            );
            return self.trouble(TroubleKind::Refused, fact, hint);
        }
        self.trouble(TroubleKind::Refused, format!("`{remote}` does not take `{name}`: {why}"), SYNC);
    }

    /// What is so, and what to do, where the main branch here and that of the remote have both moved on.
    pub(super) fn apart(&self) -> (String, String) {
        let (name, there) = (short(&self.peer.main), self.peer.there(&self.peer.main));
        let go = go_to(self.repo, name);
        match self.both_ruled() {
            Ok(true) => (
                format!("`{there}` has another ruling than `{name}`, which came first"),
                format!("take up what is there, and rule again: {go} && git reset --keep {there} && omega trust accept-rollback"),
            ),
            _ => (
                format!("`{name}` and `{there}` both have commits that the other one does not have"),
                format!("{go} && git pull --rebase {} {name} && {SYNC}", self.peer.remote.name),
            ),
        }
    }

    /// Whether both main branches got rulings since they parted.
    fn both_ruled(&self) -> Result<bool, Error> {
        let (Some(here), Some(there)) = self.mains()? else { return Ok(false) };
        let base = self.repo.merge_base(here, there)?;
        let has_ruled =
            |tip| -> Result<bool, Error> { Ok(self.repo.changed_paths(base, tip)?.iter().any(|path| path.starts_with(b"canon/ledger/"))) };
        Ok(has_ruled(here)? && has_ruled(there)?)
    }
}
