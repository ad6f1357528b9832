//! The network: the only room that speaks HTTP. It asks models, probes services, comments on
//! pull requests, and carries alerts out.

mod channel;
mod chat;
mod client;
mod comment;
mod probe;

#[cfg(test)]
mod tests;

pub use channel::{Ping, Receipt, Telegram, Webhook, append};
pub use chat::{Question, ask};
pub use client::finish;
pub use comment::{CommentApi, Commented, Thread, comment};
pub use probe::{Cause, HttpProbe, Outcome, Planned, Probe, ProbeResult, Stage, TcpProbe, Timings, Trust, WAITING, probe, probe_all};

/// Why the network gave no answer.
#[derive(Debug, thiserror::Error)]
pub enum NetError {
    /// The address is none that may be asked.
    #[error("`{url}` {why}")]
    Address {
        /// The address.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Nothing came back.
    #[error("`{url}` does not answer: {cause}")]
    Unreachable {
        /// The address.
        url: String,
        /// Why.
        cause: String,
    },
    /// Something else came back.
    #[error("`{url}` answers with status {status}")]
    Status {
        /// The address.
        url: String,
        /// The HTTP status.
        status: u16,
    },
    /// What came back is no answer.
    #[error("`{url}` answers with {what}")]
    Answer {
        /// The address.
        url: String,
        /// What came instead.
        what: String,
    },
}
