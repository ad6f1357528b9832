//! What every command works with.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use crate::canon::{MemberName, ResolutionId};
use crate::clock::Timestamp;
use crate::digest::Digest;
use crate::git::{Actor, Repo};
use crate::keyring::Signer;
use crate::tree::Tree;
use crate::workspace::assess::{Assessment, assess_beside};
use crate::workspace::desk::{Desk, Hand};
use crate::workspace::pin::{self, Pin};
use crate::workspace::seen::{RollbackMemory, Seen};
use crate::workspace::{Error, find};

use super::environment;
use super::failure::Failure;
use super::settings::Network;

/// The folder, the clock, and who acts.
pub struct Context {
    /// Where the command works.
    pub dir: PathBuf,
    /// The member that is to sign.
    pub member: Option<MemberName>,
    /// The key file that is to sign.
    pub key: Option<PathBuf>,
    /// What time it is, once for the whole run.
    pub now: Timestamp,
    /// How many threads verify.
    pub threads: usize,
    /// How much of the network this run may use.
    pub network: Network,
    /// What this run has judged already.
    known: RefCell<Option<Assessment>>,
}

impl Context {
    /// Works in `dir`, seen from where the command was started, as `member` and with `key`, where they are named.
    pub(crate) fn new(dir: Option<&Path>, member: Option<MemberName>, key: Option<&Path>, network: Network) -> Self {
        let here = environment::current_dir();
        let dir = dir.map_or(here.clone(), |dir| here.join(dir));
        // Shown in messages, and clearer without `..`.
        let dir = dir.canonicalize().unwrap_or(dir);
        let key = key.map(|key| here.join(key));
        Self { dir, member, key, now: environment::now(), threads: environment::threads(), network, known: RefCell::default() }
    }

    /// The repository that the folder lies in.
    pub fn repo(&self) -> Result<Repo, Failure> {
        self.outer_repo_in(&self.dir)
    }

    /// The repository that a folder lies in, and no bare one that may have come with its files.
    pub fn outer_repo_in(&self, dir: &Path) -> Result<Repo, Failure> {
        let repo = self.repo_in(dir)?;
        if repo.is_embedded() {
            let fact = format!(
                "`{}` is a bare repository inside another one's work tree, which anybody may have committed",
                repo.common_dir().display()
            );
            return Err(Failure::usage(fact, "run omega outside of it, or name it by GIT_DIR in a hook"));
        }
        Ok(repo)
    }

    /// The repository that a folder lies in.
    pub fn repo_in(&self, dir: &std::path::Path) -> Result<Repo, Failure> {
        if !dir.is_dir() {
            return Err(Failure::usage(format!("there is no folder `{}`", dir.display()), "choose another one with -C DIR"));
        }
        let mut repo = Repo::discover(dir, Some(&environment::git_settings(dir)?))?;
        if let Some(hook) = environment::crash_hook() {
            repo.set_step_hook(hook);
        }
        Ok(repo)
    }

    /// Writes a report into a file, if one is named.
    pub fn write(&self, file: Option<&Path>, text: impl FnOnce() -> String) -> Result<(), Failure> {
        let Some(file) = file else { return Ok(()) };
        let path = self.dir.join(file);
        std::fs::write(&path, text()).map_err(|error| Error::io("write", &path, &error))?;
        Ok(())
    }

    /// The root to trust, by the flag, else by OMEGA_ROOT.
    pub fn root(&self, flag: Option<Digest>) -> Result<Option<Digest>, Failure> {
        Ok(flag.or(environment::root()?))
    }

    /// What this clone trusts: the root that is given, else what was pinned. A variable that is set and says nothing is an
    /// error also for those commands that trust the pin alone.
    pub fn pin(&self, repo: Option<&Repo>, root: Option<Digest>) -> Result<Option<Pin>, Failure> {
        environment::root()?;
        Ok(pin::trusted(repo, root)?)
    }

    /// What was seen of canons before, in this clone and by this user.
    pub fn seen(&self, repo: &Repo) -> RollbackMemory {
        RollbackMemory::of(repo.common_dir(), repo.sharing(), environment::state_dir().as_deref())
    }

    /// Remembers what was just ruled on a protected branch: another clone of this user then knows it, too.
    pub fn learn(&self, repo: &Repo, branch: Option<&str>) -> Result<(), Failure> {
        if let Some(tip) = branch.map(|branch| repo.find_ref(branch)).transpose()?.flatten() {
            let assessment = self.judge(&repo.revision(tip)?)?.sound()?;
            self.seen(repo).learn(&assessment.judgement.ledger);
        }
        Ok(())
    }

    /// Judges a tree, beside what was judged before in this run.
    pub fn judge(&self, tree: &dyn Tree) -> Result<Assessment, Error> {
        assess_beside(self.known.borrow().as_ref(), tree, self.threads)
    }

    /// Keeps in mind what was judged: what other trees have in common with it is not judged again in this run.
    pub fn know(&self, assessment: Assessment) {
        self.known.replace(Some(assessment));
    }

    /// A desk to write at, for a signer. Nothing is signed in a clone that pins nothing.
    pub fn desk<'a>(&self, repo: &'a Repo, signer: &'a Signer, name: &str) -> Result<Desk<'a>, Failure> {
        self.desk_for(repo, Hand::Key(signer), name)
    }

    /// A desk to write at, whoever signs.
    pub fn desk_for<'a>(&self, repo: &'a Repo, hand: Hand<'a>, name: &str) -> Result<Desk<'a>, Failure> {
        let desk = Desk::open(repo, hand, self.pinned(repo)?, self.actor(repo, name), self.threads)?;
        Ok(desk.knowing(self.known.borrow().clone()))
    }

    /// A desk at which nothing is written.
    pub fn reading_desk<'a>(&self, repo: &'a Repo, hand: Hand<'a>, name: &str) -> Result<Desk<'a>, Failure> {
        Ok(Desk::reading(repo, hand, self.pinned(repo)?, self.actor(repo, name), self.threads))
    }

    fn pinned(&self, repo: &Repo) -> Result<Pin, Failure> {
        let pin = self.pin(Some(repo), None)?.ok_or_else(|| {
            Error::unknown(
                "this clone pins no root, so it cannot know that this is the right canon",
                "omega verify shows the root; if its people confirm it: omega trust pin ROOT",
            )
        })?;
        // Nothing is built upon a ledger that lost what was seen before.
        let seen = self.seen(repo).highest(&pin.root())?;
        let rises = |seen: &Seen| pin.checkpoint().is_none_or(|pinned| pinned.sequence < seen.sequence);
        Ok(seen.filter(rises).map_or(pin, |seen| Pin::Checkpoint(seen.checkpoint())))
    }

    /// The author of commits: git's own, else the member.
    pub fn actor(&self, repo: &Repo, name: &str) -> Actor {
        let config = |key: &str| repo.config_string(key).filter(|value| !value.is_empty());
        Actor {
            name: config("user.name").unwrap_or_else(|| name.to_owned()),
            email: config("user.email").unwrap_or_else(|| format!("{name}@omega.invalid")),
            time: self.now,
        }
    }

    /// The resolution that the user means.
    pub fn resolution(&self, repo: &Repo, text: &str) -> Result<ResolutionId, Failure> {
        Ok(find::named(repo, text)?)
    }
}
