//! How far a probe came, and how long each part took.

use std::time::{Duration, Instant};

/// A part of a probe.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// The name is resolved.
    Resolve,
    /// The connection is made.
    Connect,
    /// Both agree on TLS.
    Tls,
    /// The first byte of the answer comes.
    FirstByte,
    /// The rest of it comes.
    Body,
}

impl Stage {
    /// What was waited for.
    pub fn waiting(self) -> &'static str {
        match self {
            Self::Resolve => "its name was not resolved",
            Self::Connect => "no connection came about",
            Self::Tls => "it did not agree on TLS",
            Self::FirstByte => "it accepted the connection, and sent nothing",
            Self::Body => "it did not come to an end",
        }
    }
}

/// How long each part took, as far as the probe came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Timings {
    /// Resolving the name.
    pub resolve: Option<Duration>,
    /// Making the connection.
    pub connect: Option<Duration>,
    /// Agreeing on TLS.
    pub tls: Option<Duration>,
    /// From the request to the head of the answer.
    pub first_byte: Option<Duration>,
    /// Until the answer was read.
    pub body: Option<Duration>,
    /// All together, however it ended.
    pub total: Duration,
}

/// A probe under way.
pub(super) struct Trace {
    started: Instant,
    deadline: Duration,
    stage: Stage,
    since: Instant,
    timings: Timings,
    pub(super) tls_until: Option<i64>,
    pub(super) status: Option<u16>,
    pub(super) body: Vec<u8>,
}

impl Trace {
    pub(super) fn new(deadline: Duration) -> Self {
        let now = Instant::now();
        Self {
            started: now,
            deadline,
            stage: Stage::Resolve,
            since: now,
            timings: Timings::default(),
            tls_until: None,
            status: None,
            body: Vec::new(),
        }
    }

    /// Where it is.
    pub(super) fn stage(&self) -> Stage {
        self.stage
    }

    /// Begins a part.
    pub(super) fn enter(&mut self, stage: Stage) {
        self.stage = stage;
        self.since = Instant::now();
    }

    /// Ends the part that was begun last.
    pub(super) fn leave(&mut self) {
        let took = Some(self.since.elapsed());
        match self.stage {
            Stage::Resolve => self.timings.resolve = took,
            Stage::Connect => self.timings.connect = took,
            Stage::Tls => self.timings.tls = took,
            Stage::FirstByte => self.timings.first_byte = took,
            Stage::Body => self.timings.body = took,
        }
    }

    /// How long it has taken.
    pub(super) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// What is left until the deadline.
    pub(super) fn left(&self) -> Duration {
        self.deadline.saturating_sub(self.elapsed())
    }

    pub(super) fn end(self) -> (Timings, Option<i64>, Vec<u8>) {
        (Timings { total: self.started.elapsed(), ..self.timings }, self.tls_until, self.body)
    }
}
