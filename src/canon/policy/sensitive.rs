use serde::{Deserialize, Serialize};

/// A kind of content that must not be kept where others read it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Sensitive {
    /// Private keys and passphrases.
    PrivateKeys,
    /// Access tokens and API keys.
    AccessTokens,
    /// Passwords and other secrets that people type.
    Passwords,
    /// The token that opens the Chief's own mode.
    ChiefToken,
    /// Addresses that carry a token or a password.
    AddressesWithTokens,
    /// Data about a person who has not agreed.
    PersonalData,
}

impl Sensitive {
    /// All kinds.
    pub const ALL: [Self; 6] =
        [Self::PrivateKeys, Self::AccessTokens, Self::Passwords, Self::ChiefToken, Self::AddressesWithTokens, Self::PersonalData];

    /// The words for it, in a sentence.
    pub fn title(self) -> &'static str {
        match self {
            Self::PrivateKeys => "a private key",
            Self::AccessTokens => "an access token",
            Self::Passwords => "a password",
            Self::ChiefToken => "the Chief's token",
            Self::AddressesWithTokens => "an address that carries a token",
            Self::PersonalData => "personal data",
        }
    }
}
