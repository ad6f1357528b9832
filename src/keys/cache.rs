//! Decompressing a key costs more than parsing a signature; a ledger has thousands of signatures by a few keys.

use std::collections::HashMap;

use super::{PublicKey, PublicKeyError};

/// Remembers what became of each key blob, refused ones included.
#[derive(Debug, Default)]
pub struct KeyCache(HashMap<Box<[u8]>, Result<PublicKey, PublicKeyError>>);

impl KeyCache {
    /// An empty cache.
    pub fn new() -> Self {
        Self::default()
    }

    /// The key with this wire blob, checked on the first call only.
    ///
    /// # Errors
    /// The same as [`PublicKey::from_blob`], each time.
    pub fn get(&mut self, blob: &[u8]) -> Result<PublicKey, PublicKeyError> {
        if let Some(known) = self.0.get(blob) {
            return known.clone();
        }
        let key = PublicKey::from_blob(blob);
        self.0.insert(blob.into(), key.clone());
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::tests::keypair;

    #[test]
    fn answers_stay_the_same() {
        let (_, key) = keypair(1);
        let mut cache = KeyCache::new();
        for _ in 0..2 {
            assert_eq!(cache.get(key.blob()), Ok(key.clone()));
            assert_eq!(cache.get(b"junk"), Err(PublicKeyError::Malformed));
        }
        assert_eq!(cache.0.len(), 2);
    }
}
