//! The ledger: signed records, and the one pure fold that says what they ratify.
pub mod kinds;
