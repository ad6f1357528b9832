//! From headers to a decision.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canon::Risk;
use crate::canon::policy::{Header, Oxyspine};
use crate::words::words;

use super::{Consent, Level, authority, word};

/// How long a header may be, in bytes.
const MAX_HEADER: usize = 256;

words! {
    /// How an answer is to sound.
    pub enum Mode {
        /// Literal and brief.
        JustWords = "just_words",
        /// Built up in layers.
        StackIt = "stack_it",
        /// About the principle underneath.
        Frameology = "frameology",
        /// As short as it can be.
        SpareMe = "spare_me",
        /// The Chief's own mode.
        Sovereign = "sovereign",
    }
}

/// What the headers of a request claim. Nothing of it is believed without a grant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Request {
    /// How the answer is to sound.
    pub mode: Mode,
    /// What is at stake.
    pub stakes: Risk,
    /// What is agreed to.
    pub consent: Consent,
    /// Who asks.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub caller: Option<String>,
    /// In which conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
}

/// Why a request is not carried out. To the one who asks it is a status: 400, or 403 for the last two.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// The ratified schema knows no such header.
    #[error("`{0}` is no header of this protocol")]
    UnknownHeader(String),
    /// A header stands twice.
    #[error("`{0}` is there more than once")]
    Repeated(String),
    /// A header says nothing.
    #[error("`{0}` is empty")]
    Empty(String),
    /// A header is longer than any honest one.
    #[error("`{0}` is longer than {MAX_HEADER} bytes")]
    TooLong(String),
    /// A header holds characters that do not show.
    #[error("`{0}` holds characters that do not show")]
    Hidden(String),
    /// The ratified schema knows no such value.
    #[error("`{header}` has a value that is none of: {}", values.join(", "))]
    UnknownValue {
        /// The header.
        header: String,
        /// The values that it may have.
        values: Vec<String>,
    },
    /// The ratified schema gives a value that nothing here understands.
    #[error("the ratified schema gives `{header}` no value that can be used")]
    Schema {
        /// The header.
        header: String,
    },
    /// The claim goes beyond the grant.
    #[error("{0} goes beyond what was granted")]
    BeyondGrant(&'static str),
    /// Only the Chief may ask for that mode.
    #[error("sovereign mode needs the Chief's token")]
    NotTheChief,
}

impl Fault {
    /// The HTTP status that says it.
    pub fn status(&self) -> u16 {
        match self {
            Self::BeyondGrant(_) | Self::NotTheChief => 403,
            _ => 400,
        }
    }
}

/// What is known of the one who asks, besides the headers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claim {
    /// The widest consent that an authenticated grant covers; without one nothing is cut.
    pub granted: Option<Consent>,
    /// The caller that was authenticated; without one any is taken.
    pub caller: Option<String>,
    /// Whether the Chief's token was shown and is right.
    pub is_chief: bool,
}

/// How much doubt there is about the answer: steps by which authority goes down.
pub type Caution = u8;

/// What may be done with a request, and why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Decision {
    /// What was claimed.
    pub request: Request,
    /// The authority of the table, before doubt.
    pub table: u8,
    /// The authority that remains.
    pub authority: u8,
    /// The ratified word for it.
    pub word: String,
    /// The service that answers.
    pub service: String,
}

/// Reads the headers of a request by the ratified schema. Names and values are compared without regard
/// to case. Headers that do not begin with `X-Resonance-` are somebody else's.
///
/// # Errors
/// For a header that is unknown, repeated, empty, too long, or has an unknown value.
pub fn read<'h>(policy: &Oxyspine, headers: impl IntoIterator<Item = (&'h str, &'h str)>) -> Result<Request, Fault> {
    let mut given: BTreeMap<String, &str> = BTreeMap::new();
    for (name, value) in headers {
        let folded = name.trim().to_ascii_lowercase();
        if !folded.starts_with("x-resonance-") {
            continue;
        }
        let Some(header) = policy.headers.iter().find(|header| header.name.to_ascii_lowercase() == folded) else {
            return Err(Fault::UnknownHeader(crate::canon::text::visible(name.trim()).chars().take(MAX_HEADER).collect()));
        };
        let (shown, value) = (header.name.clone(), value.trim());
        if value.is_empty() {
            return Err(Fault::Empty(shown));
        }
        if value.len() > MAX_HEADER {
            return Err(Fault::TooLong(shown));
        }
        if value.chars().any(crate::canon::text::is_hidden) {
            return Err(Fault::Hidden(shown));
        }
        if given.insert(folded, value).is_some() {
            return Err(Fault::Repeated(shown));
        }
    }
    let value = |short: &str| value(policy, &given, short);
    let chosen = |short: &str| value(short)?.ok_or_else(|| Fault::Schema { header: format!("X-Resonance-{short}") });
    let unusable = |short: &str| Fault::Schema { header: format!("X-Resonance-{short}") };
    let mode = chosen("Mode")?;
    let stakes = chosen("Stakes")?;
    let consent = chosen("Consent")?;
    Ok(Request {
        mode: mode.parse().map_err(|_| unusable("Mode"))?,
        stakes: stakes.parse().map_err(|_| unusable("Stakes"))?,
        consent: consent.parse().map_err(|_| unusable("Consent"))?,
        caller: value("Caller")?,
        session: value("Session")?,
    })
}

/// The value of one header, or its ratified default.
fn value(policy: &Oxyspine, given: &BTreeMap<String, &str>, short: &str) -> Result<Option<String>, Fault> {
    let name = format!("x-resonance-{}", short.to_ascii_lowercase());
    let Some(Header { name: shown, values, default }) = policy.headers.iter().find(|header| header.name.to_ascii_lowercase() == name)
    else {
        return Ok(None);
    };
    let Some(value) = given.get(&name) else { return Ok(default.clone()) };
    if values.is_empty() {
        return Ok(Some((*value).to_owned()));
    }
    let value = value.to_lowercase();
    match values.contains(&value) {
        true => Ok(Some(value)),
        false => Err(Fault::UnknownValue { header: shown.clone(), values: values.clone() }),
    }
}

/// Decides what may be done with a request.
///
/// # Errors
/// When it claims more than was granted, or the Chief's mode without the Chief's token.
pub fn decide(policy: &Oxyspine, request: Request, claim: &Claim, caution: Caution) -> Result<Decision, Fault> {
    if request.mode == Mode::Sovereign && !claim.is_chief {
        return Err(Fault::NotTheChief);
    }
    if claim.granted.is_some_and(|granted| request.consent > granted) {
        return Err(Fault::BeyondGrant("the consent"));
    }
    if claim.caller.is_some() && request.caller.is_some() && claim.caller != request.caller {
        return Err(Fault::BeyondGrant("the caller"));
    }
    let table = authority(policy, request.stakes, request.consent);
    let level: Level = table.lowered(caution);
    Ok(Decision {
        table: table.number(),
        authority: level.number(),
        word: word(policy, level).to_owned(),
        service: policy.routing.of(request.stakes).clone(),
        request,
    })
}
