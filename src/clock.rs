//! Points in time as the records write them. Only fronts ask the machine what time it is.

use std::fmt;
use std::str::FromStr;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

/// A UTC instant with whole seconds in the years 1970 to 9999, written `2026-02-26T00:00:00Z` and in no other form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Timestamp(i64);

/// A text that is not a time in its one written form.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a time: expected UTC with whole seconds, as in `2026-02-26T00:00:00Z`")]
pub struct NotATime(String);

/// The first second of the calendar that is not a time any more.
const END: i64 = 253_402_300_800;

const EPOCH: DateTime = jiff::civil::date(1970, 1, 1).at(0, 0, 0, 0);

impl Timestamp {
    /// The last instant that can be written.
    pub const LAST: Self = Self(END - 1);

    /// The instant `seconds` after 1970-01-01T00:00:00Z, if it is in the years 1970 to 9999.
    pub fn from_unix(seconds: i64) -> Option<Self> {
        (0..END).contains(&seconds).then_some(Self(seconds))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix(self) -> i64 {
        self.0
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
        // An instant with a time zone ends earlier in this library than the calendar does.
        let time = EPOCH.checked_add(SignedDuration::from_secs(self.0)).map_err(|_| fmt::Error)?;
        write!(f, "{time}Z")
    }
}

impl FromStr for Timestamp {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        let refuse = || NotATime(text.chars().take(40).collect());
        let time: DateTime = text.strip_suffix('Z').ok_or_else(refuse)?.parse().map_err(|_| refuse())?;
        let time = Self::from_unix(time.duration_since(EPOCH).as_secs()).ok_or_else(refuse)?;
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_ends_with_the_year_9999() {
        for text in ["1970-01-01T00:00:00Z", "2024-02-29T23:59:59Z", "9999-12-30T22:00:01Z", "9999-12-31T23:59:59Z"] {
            assert_eq!(text.parse::<Timestamp>().expect(text).to_string(), text);
        }
        assert_eq!(Timestamp::LAST.to_string(), "9999-12-31T23:59:59Z");
        assert_eq!(Timestamp::from_unix(Timestamp::LAST.unix() + 1), None);
        assert_eq!(Timestamp::LAST.plus_hours(1), None);
        for text in [
            "1969-12-31T23:59:59Z",
            "10000-01-01T00:00:00Z",
            "+010000-01-01T00:00:00Z",
            "2026-02-26T00:00:00",
            "2026-02-26T00:00:00z",
            "2026-02-26 00:00:00Z",
            "2026-02-26T00:00:00.5Z",
            "2026-02-26T00:00:60Z",
            "2026-02-30T00:00:00Z",
            "2026-02-26T00:00Z",
            "2026-02-26T00:00:00+00:00",
            "2026-02-26T00:00:00ZZ",
        ] {
            assert!(text.parse::<Timestamp>().is_err(), "{text}");
        }
    }
}
