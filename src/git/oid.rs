//! Object ids as the git library has them.

use crate::tree::Oid;

impl Oid {
    pub(super) fn of(id: &gix::oid) -> Self {
        match id.kind() {
            gix::hash::Kind::Sha256 => {
                let mut bytes = [0; 32];
                bytes.copy_from_slice(id.as_bytes());
                Self::Sha256(bytes)
            }
            _ => {
                let mut bytes = [0; 20];
                bytes.copy_from_slice(id.as_bytes());
                Self::Sha1(bytes)
            }
        }
    }

    pub(super) fn gix(self) -> gix::ObjectId {
        match self {
            Self::Sha1(bytes) => gix::ObjectId::Sha1(bytes),
            Self::Sha256(bytes) => gix::ObjectId::Sha256(bytes),
        }
    }

    /// The hash that made this id.
    pub(super) fn hash(self) -> gix::hash::Kind {
        self.gix().kind()
    }
}
