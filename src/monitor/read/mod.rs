//! What is read from the store: how things are, what happened, what it came to.

mod past;
mod status;

use serde::Serialize;

use crate::clock::Timestamp;
use crate::store::Store;
use crate::workspace::Error;

use super::kept::Kept;
use super::remember;

pub use past::{ChainReport, CreditDay, Credits, EventReport, History, RestartReport, credits, events, history, verify_events};
pub use status::{BudgetStatus, CycleStatus, Drifted, IncidentStatus, ServiceStatus, Status, Waiting, status};

/// Tenths of a credit that the loop has.
fn balance(store: &Store) -> Result<i64, Error> {
    Ok(store.balances()?.iter().find(|balance| balance.account == remember::ACCOUNT).map_or(0, |balance| balance.tenths))
}

/// Somebody knows of an incident.
#[derive(Clone, Debug, Serialize, schemars::JsonSchema)]
pub struct Acknowledged {
    /// The incident.
    pub incident: u64,
    /// Whether nobody had said so before.
    pub first: bool,
}

/// Notes that somebody knows of an incident, so that it is not repeated. The loop takes it in with its next round.
///
/// # Errors
/// Usage, if there is no such incident: none is going on with that number, and nobody was told of one.
pub fn acknowledge(store: &mut Store, incident: u64, by: &str, now: Timestamp) -> Result<Acknowledged, Error> {
    let goes_on = Kept::read(store)?.state.incidents.values().any(|known| known.id == incident);
    if !goes_on && store.alerts_of(&incident.to_string())?.is_empty() {
        return Err(Error::usage(format!("there is no incident {incident}"), "omega watch status"));
    }
    Ok(Acknowledged { incident, first: store.acknowledge(&incident.to_string(), by, now)? })
}

/// Opens a store to be read.
///
/// # Errors
/// When there is none, or it cannot be read.
pub fn open(path: &std::path::Path) -> Result<Store, Error> {
    Ok(Store::read(path)?)
}

/// Opens a store to note something in it beside the loop; it must be there already.
///
/// # Errors
/// When there is none, or it cannot be written.
pub fn open_to_note(path: &std::path::Path) -> Result<Store, Error> {
    drop(Store::read(path)?);
    Ok(Store::open(path)?)
}
