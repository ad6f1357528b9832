//! A canon in a repository: found, judged, remembered, and written to. Reports, gates and acts are made of this.

pub mod advice;
pub mod assess;
pub mod attributes;
pub mod cases;
pub mod desk;
pub mod draft;
pub mod edits;
mod error;
pub mod files;
pub mod find;
pub mod glance;
pub mod here;
pub mod lint;
pub mod next;
pub mod open;
pub mod pin;
pub mod proposed;
pub mod provisional;
pub mod recovery;
pub mod report;
pub mod seen;
pub mod stamp;
pub(crate) mod tips;

pub use error::{Error, REFETCH, Unsigned};
