//! The attack suite: each clause of the list of forgeries that must be found, as a named case with the finding and the exit
//! code, against the real binary on real repositories.
//!
//! One table of cases a file drives the tests and the page docs/attacks.md alike. A case that forges a tree is judged as a
//! commit, in the index, in the work tree, pushed to a server, and as a pull request; a case about git or the gates does what it says by hand.

mod beside;
pub mod drive;
mod page;

mod bounds;
mod constitution;
mod encoding;
mod gates;
mod keys;
mod ledger;
mod links;
mod surroundings;
mod trees;
mod votes;

use omega::clock::Timestamp;
use omega::ledger::checkpoint::Checkpoint;
use omega::workspace::pin::Pin;

use crate::forge::{Forge, MemoryTree};
use crate::world::World;

/// One attack.
pub struct Case {
    /// The line of the list that it belongs to.
    pub number: u8,
    /// What it is called, here and on the page.
    pub name: &'static str,
    /// What the attacker does.
    pub what: &'static str,
    /// Where it is stopped.
    pub stopped: &'static [&'static str],
    /// What is found: the first of these at the place that the attack names.
    pub codes: &'static [&'static str],
    /// The exit code of the command that says so.
    pub exit: i32,
    /// What it does.
    pub run: Run,
}

/// What a case does.
pub enum Run {
    /// Forges a tree.
    Tree(fn() -> Attack),
    /// Does something by hand, and holds what omega says to the case.
    Hand(fn(&Case)),
}

/// Where a forged tree is judged.
pub const EVERYWHERE: &[&str] = &["commit", "index", "work tree", "pre-receive", "pull request"];
/// The same, and as a plain folder without git.
pub const ALSO_A_FOLDER: &[&str] = &["commit", "index", "work tree", "folder", "pre-receive", "pull request"];
/// Where git itself puts no such tree into the index.
pub const IN_GIT: &[&str] = &["commit", "pre-receive", "pull request"];
/// Where the attack shows on a file system only.
pub const ON_DISK: &[&str] = &["commit", "work tree", "pre-receive", "pull request"];
/// Where a tree is judged that cannot lie in files.
pub const NOT_ON_DISK: &[&str] = &["commit", "index", "pre-receive", "pull request"];

/// A forged tree with the place where omega finds it.
pub struct Attack {
    /// What lies in the tree.
    pub tree: MemoryTree,
    /// The path of the finding.
    pub place: String,
    /// What the verifier trusts.
    pub pin: Pin,
    /// What the clock says.
    pub now: Timestamp,
}

/// A forged tree as it lies, found at this place.
pub fn at(forge: Forge, place: impl Into<String>) -> Attack {
    let (pin, now) = (forge.pin(), Timestamp::from_unix(forge.now + 60).unwrap());
    Attack { tree: forge.tree, place: place.into(), pin, now }
}

/// The same for a verifier that trusts the root (and checkpoint) of another ledger.
pub fn against(forge: Forge, honest: &Forge, place: impl Into<String>) -> Attack {
    let (sequence, head) = honest.head();
    let now = Timestamp::from_unix(forge.now.max(honest.now) + 60).unwrap();
    Attack { tree: forge.tree, place: place.into(), pin: Pin::Checkpoint(Checkpoint { root: honest.root(), sequence, head }), now }
}

/// Makes a table of cases, and a test of each.
macro_rules! cases {
    ($($number:literal $name:ident $what:literal $stopped:expr, [$($code:literal),*] $exit:literal $run:expr;)+) => {
        /// The cases of this file.
        pub const CASES: &[crate::attacks::Case] = &[$(crate::attacks::Case {
            number: $number,
            name: stringify!($name),
            what: $what,
            stopped: $stopped,
            codes: &[$($code),*],
            exit: $exit,
            run: $run,
        }),+];

        $(#[test] fn $name() { crate::attacks::drive::drive(CASES.iter().find(|case| case.name == stringify!($name)).unwrap()); })+
    };
}
use cases;

/// All cases, by number.
pub fn all() -> Vec<&'static Case> {
    let tables = [
        votes::CASES,
        keys::CASES,
        ledger::CASES,
        bounds::CASES,
        constitution::CASES,
        encoding::CASES,
        trees::CASES,
        links::CASES,
        surroundings::CASES,
        gates::CASES,
    ];
    let mut all: Vec<&Case> = tables.into_iter().flatten().collect();
    all.sort_by_key(|case| case.number);
    all
}

impl Case {
    /// Holds a command's exit code to the case's, and its words to all codes of the case.
    #[track_caller]
    pub fn says(&self, ran: crate::world::Ran) -> crate::world::Ran {
        let text = format!("{}{}", ran.out, ran.err);
        for code in self.codes {
            assert!(text.contains(code), "{}: {code} is not in\n{text}", self.name);
        }
        assert_eq!(ran.code, Some(self.exit), "{}: {text}", self.name);
        ran
    }
}

/// A planted canon in a real repository with one voter, copied from one that is planted once.
pub fn planted() -> World {
    static PLANTED: std::sync::LazyLock<World> = std::sync::LazyLock::new(|| World::planted(&["ana"]));
    PLANTED.copied()
}
