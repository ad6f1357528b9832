//! The object database, read while another program may replace its packs.

use std::cell::{Cell, RefCell};
use std::thread;
use std::time::Duration;

use gix::objs::{Data, Find};
use gix::odb::{Header, find};

/// How long is waited before each further look.
const PAUSES: [Duration; 3] = [Duration::ZERO, Duration::from_millis(20), Duration::from_millis(80)];

/// The objects of a repository, for one thread.
///
/// `git gc`, which other git commands start by themselves, puts the objects into new packs and removes the old ones. The library
/// then says of some objects that they are missing, or that a pack cannot be read, and it has no room for many new packs. So
/// whatever cannot be read is looked for again in the database as it is then.
pub(super) struct Database {
    repo: RefCell<gix::Repository>,
    /// Whether something was missing after all pauses: what is missing after it is not waited for.
    is_settled: Cell<bool>,
}

impl Database {
    pub(super) fn new(repo: gix::Repository) -> Self {
        Self { repo: RefCell::new(repo), is_settled: Cell::new(false) }
    }

    /// The hash that names the objects.
    pub(super) fn hash(&self) -> gix::hash::Kind {
        self.repo.borrow().object_hash()
    }

    /// Kind and size of an object, if it is there.
    pub(super) fn header(&self, id: &gix::oid) -> Result<Option<find::Header>, gix::Error> {
        self.again(is_found, |repo| repo.objects.try_header(id))
    }

    /// What `read` gives, once it is an answer or has been asked for often enough.
    pub(super) fn again<T>(&self, is_answer: impl Fn(&T) -> bool, mut read: impl FnMut(&gix::Repository) -> T) -> T {
        let mut last = read(&self.repo.borrow());
        for pause in PAUSES {
            if is_answer(&last) || (self.is_settled.get() && !pause.is_zero()) {
                return last;
            }
            thread::sleep(pause);
            let anew = {
                let repo = self.repo.borrow();
                gix::open_opts(repo.git_dir(), repo.open_options().clone())
            };
            let Ok(anew) = anew else { return last };
            last = read(&anew);
            self.repo.replace(anew);
        }
        if !is_answer(&last) {
            self.is_settled.set(true);
        }
        last
    }
}

fn is_found<T, E>(found: &Result<Option<T>, E>) -> bool {
    matches!(found, Ok(Some(_)))
}

impl Find for Database {
    fn try_find<'a>(&self, id: &gix::oid, buffer: &'a mut Vec<u8>) -> Result<Option<Data<'a>>, gix::Error> {
        let found =
            self.again(is_found, |repo| repo.objects.try_find(id, buffer).map(|found| found.map(|data| (data.kind, data.data.len()))))?;
        Ok(found.map(|(kind, size)| Data { kind, object_hash: id.kind(), data: &buffer[..size] }))
    }
}
