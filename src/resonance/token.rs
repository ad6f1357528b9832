//! The Chief's token: compared in constant time with a slow, salted hash (Argon2id, RFC 9106).

use argon2::password_hash::{PasswordHash, PasswordHasher as _, PasswordVerifier as _, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};

/// The least memory that a hash must cost, in KiB: what OWASP's password storage page asks of Argon2id.
const MEMORY: u32 = 19 * 1024;
/// The least passes over it, from the same page.
const PASSES: u32 = 2;
/// A token that can be guessed is none: fewer characters are refused.
const SHORTEST: usize = 16;

/// The configured hash of the Chief's token, in PHC string form. The token itself is never kept.
#[derive(Clone)]
pub struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

/// Why a token or its hash cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// Nothing is configured: a start-up error, and not a silent refusal of everybody.
    #[error("no hash of the Chief's token is configured")]
    Unset,
    /// Not the text of an Argon2id hash.
    #[error("the configured hash of the Chief's token is not an Argon2id hash")]
    NotAHash,
    /// Too cheap to guess.
    #[error("the configured hash of the Chief's token is too cheap: at least {MEMORY} KiB and {PASSES} passes")]
    TooCheap,
    /// Too short to be a token.
    #[error("the token is shorter than {SHORTEST} characters")]
    TooShort,
}

impl Token {
    /// Takes a configured hash, `$argon2id$v=19$m=…,t=…,p=…$salt$hash`.
    ///
    /// # Errors
    /// When it is empty, no such hash, or too cheap.
    pub fn configured(hash: &str) -> Result<Self, TokenError> {
        let hash = hash.trim();
        if hash.is_empty() {
            return Err(TokenError::Unset);
        }
        let parsed = PasswordHash::new(hash).map_err(|_| TokenError::NotAHash)?;
        if parsed.algorithm != Algorithm::Argon2id.ident() || parsed.salt.is_none() || parsed.hash.is_none() {
            return Err(TokenError::NotAHash);
        }
        let params = Params::try_from(&parsed).map_err(|_| TokenError::NotAHash)?;
        if params.m_cost() < MEMORY || params.t_cost() < PASSES {
            return Err(TokenError::TooCheap);
        }
        Ok(Self(hash.to_owned()))
    }

    /// Hashes a new token with a salt of 16 random bytes, for the configuration.
    ///
    /// # Errors
    /// When the token is too short.
    pub fn hash(token: &str, salt: &[u8; 16]) -> Result<String, TokenError> {
        if token.chars().count() < SHORTEST {
            return Err(TokenError::TooShort);
        }
        let salt = SaltString::encode_b64(salt).map_err(|_| TokenError::NotAHash)?;
        hasher().hash_password(token.as_bytes(), &salt).map(|hash| hash.to_string()).map_err(|_| TokenError::NotAHash)
    }

    /// Whether a token is the Chief's. Takes the same time whatever is wrong with it.
    pub fn admits(&self, token: &str) -> bool {
        PasswordHash::new(&self.0).is_ok_and(|hash| hasher().verify_password(token.as_bytes(), &hash).is_ok())
    }
}

fn hasher() -> Argon2<'static> {
    let params = Params::new(MEMORY, PASSES, 1, None).expect("these parameters are within the bounds of Argon2");
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_token_itself_is_admitted() {
        let hash = Token::hash("correct horse battery", &[7; 16]).expect("long enough");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        let token = Token::configured(&hash).expect("a hash");
        assert!(token.admits("correct horse battery"));
        for wrong in ["", "correct horse batter", "Correct horse battery", "correct horse battery ", hash.as_str()] {
            assert!(!token.admits(wrong), "{wrong:?}");
        }
        assert_ne!(hash, Token::hash("correct horse battery", &[8; 16]).expect("long enough"), "the salt counts");
        assert_eq!(format!("{token:?}"), "Token(…)");
    }

    #[test]
    fn what_is_unset_or_cheap_is_a_start_up_error() {
        let failed = |text: &str| Token::configured(text).map(drop).expect_err("refused");
        assert_eq!(failed("  "), TokenError::Unset);
        assert_eq!(failed("5e884898da28047151d0e56f8dc6292773603d0d6aabbd62a11ef721d1542d8"), TokenError::NotAHash);
        assert_eq!(failed("$argon2id$v=19$m=64,t=1,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"), TokenError::TooCheap);
        assert_eq!(failed("$argon2i$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAA"), TokenError::NotAHash);
        assert_eq!(Token::hash("short", &[0; 16]), Err(TokenError::TooShort));
    }
}
