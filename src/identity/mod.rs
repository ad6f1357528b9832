//! Who the system is, as far as a program can hold it to that: what it says of itself, and how far its
//! voice has moved. Pure functions of the ratified policy of OMEGA_IDENTITY.md.

mod block;
mod drift;
mod speech;

pub use block::block;
pub use drift::{DriftVerdict, Measured, judge};
pub use speech::{Breach, breaches};

use crate::canon::Who;
use crate::canon::path::fold;

/// Whether a path belongs to who the system is; everything else is what it is made of.
pub fn is_who(who: &Who, path: &str) -> bool {
    let folded = fold(path);
    folded == "canon" || folded.starts_with("canon/") || who.0.iter().any(|glob| glob.matches_folded(&folded))
}
