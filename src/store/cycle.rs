//! What a cycle of the loop is, as it is handed in.

use super::Step;
use super::words::stored;
use crate::clock::Timestamp;
use crate::watch::{Grade, Health};

/// How a whole cycle went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CycleEnd {
    /// All of it was so.
    Counted(Health),
    /// Not to be counted: the clock jumped, or the machine slept.
    Discarded,
}

impl CycleEnd {
    const ALL: [Self; 5] = [
        Self::Counted(Health::Healthy),
        Self::Counted(Health::Degraded),
        Self::Counted(Health::Blind),
        Self::Counted(Health::Critical),
        Self::Discarded,
    ];

    /// The word that stands in the store.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Counted(Health::Blind) => "unknown",
            Self::Counted(health) => health.as_str(),
            Self::Discarded => "discarded",
        }
    }

    fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|end| end.as_str() == word)
    }
}

stored!(CycleEnd, CycleEnd::as_str, CycleEnd::named);

/// A cycle that begins.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// When.
    pub at: Timestamp,
    /// Which start of the machine it belongs to, if the machine tells.
    pub boot: Option<String>,
}

/// What was seen of one service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The service.
    pub service: String,
    /// How it was found.
    pub grade: Grade,
    /// The state that the loop holds it to be in, in its own words.
    pub state: String,
    /// Why it is not healthy, in the loop's words.
    pub cause: Option<String>,
    /// How long the answer took, in milliseconds.
    pub latency_ms: Option<u64>,
}

/// A cycle that ends.
#[derive(Clone, Debug)]
pub struct Cycle {
    /// Its number, as [`Store::begin_cycle`](super::Store::begin_cycle) gave it.
    pub id: i64,
    /// The last step; its `at` is the end of the cycle. Its `cycle` is not looked at: it is this one.
    pub step: Step,
    /// How long it took, in milliseconds by a clock that does not jump.
    pub took_ms: u64,
    /// How it went.
    pub health: CycleEnd,
    /// Whether every critical probe was run and healthy before anything was healed.
    pub clean: bool,
    /// How many anomalies were recorded in it.
    pub anomalies: u32,
    /// What was seen before anything was healed: every service once.
    pub before: Vec<Sight>,
    /// What was seen afterwards, of those that were looked at again.
    pub after: Vec<Sight>,
}
