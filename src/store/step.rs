//! One step of the loop, remembered whole or not at all.

use super::{Credit, Document, NewAlert, NewEvent, NewRestart, RestartEnd, Store, StoreError};
use super::{alerts, credits, events, outbox, restarts, state};
use crate::clock::Timestamp;

/// All that one step of the loop wants remembered. It is committed in one transaction.
#[derive(Clone, Debug)]
pub struct Step {
    /// When the step is taken.
    pub at: Timestamp,
    /// The cycle that it belongs to.
    pub cycle: Option<i64>,
    /// The state of the loop after it.
    pub state: Option<Document>,
    /// What happened, in order.
    pub events: Vec<NewEvent>,
    /// What people are to be told.
    pub alerts: Vec<NewAlert>,
    /// Alerts that need not go out any more where they still wait.
    pub withdrawn: Vec<i64>,
    /// Restarts that are about to be run. They use up budget from now on, whatever happens.
    pub restarts: Vec<NewRestart>,
    /// Restarts that have ended, by number.
    pub ended: Vec<(i64, RestartEnd)>,
    /// Credits and debits.
    pub credits: Vec<Credit>,
}

impl Step {
    /// A step that holds nothing yet.
    pub fn new(at: Timestamp, cycle: Option<i64>) -> Self {
        Self {
            at,
            cycle,
            state: None,
            events: Vec::new(),
            alerts: Vec::new(),
            withdrawn: Vec::new(),
            restarts: Vec::new(),
            ended: Vec::new(),
            credits: Vec::new(),
        }
    }
}

/// The numbers that a step was given, in the order of what it held.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recorded {
    /// Of its events.
    pub events: Vec<i64>,
    /// Of its alerts; an alert with a known dedup key is not entered again and has the number of the first.
    pub alerts: Vec<i64>,
    /// Of its restarts.
    pub restarts: Vec<i64>,
    /// Tenths of a credit that were booked; what is over a cap is not.
    pub credits: Vec<u64>,
    /// How many deliveries were withdrawn.
    pub withdrawn: usize,
}

impl Store {
    /// Remembers a step.
    ///
    /// # Errors
    /// When something in it breaks a rule, or the store cannot be written; then nothing of it is remembered.
    pub fn record(&mut self, step: &Step) -> Result<Recorded, StoreError> {
        let transaction = self.begin()?;
        let recorded = write(&transaction, step, step.cycle)?;
        transaction.commit()?;
        Ok(recorded)
    }
}

/// Writes a step that belongs to a cycle, whatever it says of that itself.
pub(super) fn write(db: &rusqlite::Connection, step: &Step, cycle: Option<i64>) -> Result<Recorded, StoreError> {
    if let Some(document) = &step.state {
        state::save(db, document, step.at)?;
    }
    let mut recorded = Recorded { withdrawn: outbox::withdraw(db, &step.withdrawn, step.at)?, ..Recorded::default() };
    for restart in &step.restarts {
        recorded.restarts.push(restarts::intend(db, restart, cycle, step.at)?);
    }
    for (restart, end) in &step.ended {
        restarts::end(db, *restart, end, step.at)?;
    }
    recorded.events = events::append(db, &step.events, cycle, step.at)?;
    for alert in &step.alerts {
        recorded.alerts.push(alerts::enter(db, alert, cycle, step.at)?);
    }
    for credit in &step.credits {
        recorded.credits.push(credits::book(db, credit, cycle, step.at)?);
    }
    Ok(recorded)
}
