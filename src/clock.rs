//! Points in time as the records write them. Only fronts ask the machine what time it is.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A UTC instant with whole seconds, written `2026-02-26T00:00:00Z` and in no other form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(jiff::Timestamp);

/// A text that is not a time in its one written form.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a time: expected UTC with whole seconds, as in `2026-02-26T00:00:00Z`")]
pub struct NotATime(String);

impl Timestamp {
    /// The instant `seconds` after 1970-01-01T00:00:00Z, if it lies in the years 1970 to 9999.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        if !(0..253_402_300_800).contains(&seconds) {
            return None;
        }
        jiff::Timestamp::from_second(seconds).ok().map(Self)
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.0.as_second()
    }

    /// This instant and `hours` more, if there is such an instant.
    pub fn plus_hours(self, hours: u32) -> Option<Self> {
        Self::from_unix(self.unix().checked_add(i64::from(hours) * 3600)?)
    }

    /// The calendar date, as in `2026-02-26`.
    pub fn date(self) -> String {
        self.to_string()[..10].to_owned()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let refuse = || NotATime(text.chars().take(40).collect());
        let time: jiff::Timestamp = text.parse().map_err(|_| refuse())?;
        let time = Self::from_unix(time.as_second()).ok_or_else(refuse)?;
        if time.to_string() == text { Ok(time) } else { Err(refuse()) }
    }
}

impl TryFrom<String> for Timestamp {
    type Error = NotATime;

    fn try_from(text: String) -> Result<Self, NotATime> {
        text.parse()
    }
}

impl From<Timestamp> for String {
    fn from(time: Timestamp) -> Self {
        time.to_string()
    }
}

impl schemars::JsonSchema for Timestamp {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Timestamp".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "UTC with whole seconds",
            "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z$",
        })
    }
}
