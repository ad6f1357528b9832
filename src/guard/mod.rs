//! What an agent's hook asks before a tool call: whether the ratified rules allow it.
//!
//! A call is read from the agent's own form ([`agent`]), judged by the ratified State of the repositories that it touches, and
//! answered in that form. Nothing is run, and nothing is written but the ledger cache.

pub mod agent;
mod call;
mod commands;
mod decision;
mod disk;
mod operands;
mod patch;
mod place;
mod programs;
mod rules;
pub mod settings;
mod tools;
mod wrappers;
mod writes;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use crate::canon::text::shown;
use crate::clock::Timestamp;
use crate::git::Repo;
use crate::shell;
use crate::workspace::Error;
use crate::workspace::pin::Pin;
use crate::workspace::seen::RollbackMemory;

pub use call::{Call, Tool};
pub use decision::{Act, Decision};
pub use rules::{Rules, Standing, standing};

use disk::real;
use place::Place;

/// A repository, with what is trusted there and what was seen there before.
pub struct Opened {
    /// The repository.
    pub repo: Repo,
    /// What is trusted.
    pub pin: Option<Pin>,
    /// What was seen before.
    pub seen: RollbackMemory,
}

/// How a path is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::guard) enum How {
    /// The file itself.
    File,
    /// The file, or a folder with all that is in it.
    Tree,
    /// The same, from what git has of it.
    Restored,
}

/// More repositories than these are not looked into for one call.
const MOST_PLACES: usize = 8;

/// What a call is judged by.
pub struct Guard<'a> {
    /// Finds the repository around a folder; nothing, where there is none.
    pub open: &'a dyn Fn(&Path) -> Result<Option<Opened>, Error>,
    /// The user's home.
    pub home: Option<PathBuf>,
    /// The user's folders in which omega keeps what it trusts and remembers.
    pub own: Vec<PathBuf>,
    /// The time.
    pub now: Timestamp,
    /// How many threads verify.
    pub threads: usize,
    places: RefCell<Vec<Rc<Place>>>,
}

impl<'a> Guard<'a> {
    /// A guard that finds repositories in this way.
    pub fn new(open: &'a dyn Fn(&Path) -> Result<Option<Opened>, Error>, now: Timestamp, threads: usize) -> Self {
        Self { open, home: None, own: Vec::new(), now, threads, places: RefCell::default() }
    }

    /// Judges a call.
    ///
    /// # Errors
    /// When a repository, or its canon, cannot be read: then nothing is allowed.
    pub fn decide(&self, call: &Call) -> Result<Decision, Error> {
        let mut decision = Decision::default();
        tools::judge(self, call, &mut decision)?;
        Ok(decision)
    }

    /// The repository around a folder, with its rules; nothing, where there is none.
    fn place(&self, dir: &Path) -> Result<Option<Rc<Place>>, Error> {
        let dir = disk::existing(dir);
        let known = self.places.borrow().iter().find(|place| place.holds(&dir)).cloned();
        if known.is_some() {
            return Ok(known);
        }
        let Some(opened) = (self.open)(&dir)? else { return Ok(None) };
        if self.places.borrow().len() >= MOST_PLACES {
            return Err(Error::denied("the call touches more repositories than are looked into for one call", "make one call for each"));
        }
        let place = Rc::new(Place::read(&opened, self.now, self.threads)?);
        self.places.borrow_mut().push(place.clone());
        Ok(Some(place))
    }

    /// Judges that a path is written. `from` is the folder of the call: its rules also forbid paths elsewhere.
    fn write(&self, from: &Path, path: &Path, how: How, decision: &mut Decision) -> Result<(), Error> {
        let (mut paths, followed) = (vec![real(path, false)], real(path, true));
        if !paths.contains(&followed) {
            paths.push(followed);
        }
        for path in paths {
            if let Some(own) = self.own.iter().find(|own| path.starts_with(own) || (how == How::Tree && own.starts_with(&path))) {
                let what = format!("`{}` is where omega keeps what it trusts and remembers of canons", shown(&own.display().to_string()));
                decision.add(Act::Deny, format!("{what}; only omega writes it"));
                continue;
            }
            let around = if how != How::File && path.is_dir() { path.as_path() } else { path.parent().unwrap_or(&path) };
            let mut places: Vec<Rc<Place>> = self.place(around)?.into_iter().collect();
            let inside = places.first().is_some_and(|place| place.judge(&path, how, decision));
            if let Some(place) = self.place(from)?.filter(|other| !places.iter().any(|place| Rc::ptr_eq(place, other))) {
                places.push(place);
            }
            if !inside {
                places.iter().for_each(|place| place.forbid(&path, self.home.as_deref(), how, decision));
            }
        }
        Ok(())
    }
}

/// A path or command as it is shown in a reason: one line, and not longer than people read.
pub(in crate::guard) fn named(text: &str) -> String {
    const MOST: usize = 120;
    let line: String = text.chars().take(MOST).collect();
    let more = if line.len() < text.len() { "…" } else { "" };
    format!("{}{more}", shown(&line))
}

/// A path as one word.
pub(in crate::guard) fn quoted(path: &Path) -> String {
    named(&shell::quote_path(path))
}
