//! What the watch remembers, in one SQLite file: cycles, states of services, events, alerts, restarts, credits.
//!
//! Four rules shape it. One method is one transaction: it is on the disk when the method returns, or nothing of it is. What has
//! happened is only ever added to, and triggers hold that against mistakes in this program too. Sums by the hour and by
//! the day are kept while things happen, so that reading them is quick and retention takes nothing from them. And a fault of the
//! database is an error like any other: the loop goes on without it.

mod alerts;
mod chain;
mod credits;
mod cycle;
mod cycles;
mod error;
mod events;
mod history;
mod lease;
mod migrate;
mod open;
mod outbox;
mod prune;
mod restarts;
mod state;
mod step;
mod words;

#[cfg(test)]
mod tests;

pub use alerts::{Alert, NewAlert};
pub use chain::{Break, BreakKind, Chain, Head};
pub use credits::{Balance, Credit, CreditDay, Direction, MINT};
pub use cycle::{Cycle, CycleEnd, Sight, Start};
pub use cycles::{CycleRow, SightRow};
pub use error::StoreError;
pub use events::{Event, NewEvent};
pub use history::{CycleSpan, ServiceSpan, Span};
pub use lease::{Holder, Lease, Taken};
pub use open::Store;
pub use outbox::{Attempt, Delivery, Undelivered};
pub use prune::{Pruned, Retention};
pub use restarts::{NewRestart, Restart, RestartEnd};
pub use state::{Document, Saved};
pub use step::{Recorded, Step};
