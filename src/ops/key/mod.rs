//! Changes of keys, drafted on the state that will judge them.

mod recovery;
mod revoke;
mod rotate;

use std::fmt;

use crate::canon::Member;
use crate::canon::text::visible;
use crate::keys::PublicKey;

use crate::workspace::Error;

pub use recovery::{recover, set_recovery};
pub use revoke::revoke;
pub use rotate::{Rotation, rotate};

impl fmt::Display for Which {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fingerprint(text) => f.write_str(&visible(text)),
            Self::Key(key) => f.write_str(&key.fingerprint()),
        }
    }
}

/// A key that stands on the council: by its fingerprint, or whole.
pub enum Which {
    /// As ssh shows it: `SHA256:…`.
    Fingerprint(String),
    /// The key itself.
    Key(PublicKey),
}

impl Which {
    fn is(&self, key: &PublicKey) -> bool {
        match self {
            Self::Fingerprint(text) => key.fingerprint() == *text,
            Self::Key(other) => key.raw() == other.raw(),
        }
    }

    /// The key of a member that is meant.
    fn of<'m>(&self, member: &'m Member) -> Result<&'m PublicKey, Error> {
        member
            .keys
            .iter()
            .find(|key| self.is(key))
            .ok_or_else(|| Error::denied(format!("{} is not a key of `{}`", self, member.name), "omega council list"))
    }
}
