//! Object ids: the names that git gives to what it stores.

use std::fmt;
use std::str::FromStr;

/// The name of a git object, in the hash that its repository uses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Oid {
    /// 20 bytes, git's format from the beginning.
    Sha1([u8; 20]),
    /// 32 bytes, the default of git 3.0.
    Sha256([u8; 32]),
}

/// A text that is not an object id.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an object id: expected 40 or 64 hexadecimal digits")]
pub struct NotAnOid(String);

impl Oid {
    /// The id with these bytes, if they are as many as an id has.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        match bytes.len() {
            20 => bytes.try_into().ok().map(Self::Sha1),
            32 => bytes.try_into().ok().map(Self::Sha256),
            _ => None,
        }
    }

    /// The id's bytes.
    pub const fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Sha1(bytes) => bytes,
            Self::Sha256(bytes) => bytes,
        }
    }

    /// The all-zero id of the same hash, git's way to say "nothing" in hooks and reflogs.
    pub const fn null(&self) -> Self {
        match self {
            Self::Sha1(_) => Self::Sha1([0; 20]),
            Self::Sha256(_) => Self::Sha256([0; 32]),
        }
    }

    /// Whether this is the all-zero id.
    pub fn is_null(&self) -> bool {
        *self == self.null()
    }
}

impl From<[u8; 20]> for Oid {
    fn from(bytes: [u8; 20]) -> Self {
        Self::Sha1(bytes)
    }
}

impl From<[u8; 32]> for Oid {
    fn from(bytes: [u8; 32]) -> Self {
        Self::Sha256(bytes)
    }
}

impl FromStr for Oid {
    type Err = NotAnOid;

    fn from_str(text: &str) -> Result<Self, NotAnOid> {
        let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        let byte = |pair: &[u8]| Some(digit(*pair.first()?)? << 4 | digit(*pair.get(1)?)?);
        let bytes: Option<Vec<u8>> = matches!(text.len(), 40 | 64).then(|| text.as_bytes().chunks(2).map(byte).collect()).flatten();
        bytes.and_then(|bytes| Self::from_bytes(&bytes)).ok_or_else(|| NotAnOid(text.chars().take(80).collect()))
    }
}

impl fmt::Display for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_bytes().iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Oid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::Oid;

    #[test]
    fn ids_have_forty_or_sixty_four_digits() {
        for length in 0..=130 {
            let text = "0a".repeat(65)[..length].to_owned();
            let read = text.parse::<Oid>();
            assert_eq!(read.is_ok(), length == 40 || length == 64, "{length}");
            if let Ok(id) = read {
                assert_eq!((id.to_string(), id.as_bytes().len()), (text, length / 2));
                assert!(!id.is_null() && id.null().is_null() && id.null().as_bytes().len() == length / 2);
            }
        }
        for wrong in ["g".repeat(40), "ä".repeat(20), format!("+{}", "1".repeat(39)), format!("{} ", "1".repeat(63))] {
            assert!(wrong.parse::<Oid>().is_err(), "{wrong}");
        }
        assert_eq!("AB".repeat(32).parse::<Oid>().map(|id| id.to_string()).ok(), Some("ab".repeat(32)));
        assert_ne!(Oid::from([0; 20]), Oid::from([0; 32]));
    }
}
