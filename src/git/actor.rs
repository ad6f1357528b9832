//! Who acts, and the line in which a reflog says what for.

use crate::clock::Timestamp;

/// Who does something, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    /// The name, as in `user.name`.
    pub name: String,
    /// The mail address, as in `user.email`.
    pub email: String,
    /// The time, recorded as UTC.
    pub time: Timestamp,
}

impl Actor {
    pub(super) fn signature(&self) -> gix::actor::Signature {
        gix::actor::Signature {
            name: self.name.as_str().into(),
            email: self.email.as_str().into(),
            time: gix::date::Time::new(self.time.unix(), 0),
        }
    }
}

/// Reflog messages are one line each.
pub(super) fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}
