//! Object ids without the git library's types.

use std::fmt;
use std::str::FromStr;

/// The SHA-1 name of a git object.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Oid([u8; 20]);

/// A text that is not forty hexadecimal digits.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an object id: expected 40 hexadecimal digits")]
pub struct NotAnOid(String);

impl Oid {
    /// The id with these bytes.
    pub const fn from_bytes(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }

    /// The id's bytes.
    pub const fn as_bytes(&self) -> &[u8; 20] {
        &self.0
    }

    /// Whether this is the all-zero id, git's way to say "nothing" in hooks and reflogs.
    pub fn is_null(&self) -> bool {
        self.0 == [0; 20]
    }

    pub(super) fn of(id: &gix::oid) -> Self {
        let mut bytes = [0; 20];
        // Repositories with longer ids are refused when they are opened.
        bytes.copy_from_slice(&id.as_bytes()[..20]);
        Self(bytes)
    }

    pub(super) fn gix(self) -> gix::ObjectId {
        gix::ObjectId::Sha1(self.0)
    }
}

impl From<[u8; 20]> for Oid {
    fn from(bytes: [u8; 20]) -> Self {
        Self(bytes)
    }
}

impl FromStr for Oid {
    type Err = NotAnOid;

    fn from_str(text: &str) -> Result<Self, NotAnOid> {
        match gix::ObjectId::from_hex(text.as_bytes()) {
            Ok(id) if text.len() == 40 => Ok(Self::of(&id)),
            _ => Err(NotAnOid(text.chars().take(64).collect())),
        }
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
