//! Exact fractions for quorum and thresholds.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A fraction from 0 to 1 in lowest terms, written `2/3` (or `0/1`, `1/1`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Ratio {
    part: u32,
    whole: u32,
}

/// A text that is not a fraction in its one written form.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not a fraction from 0/1 to 1/1 in lowest terms")]
pub struct NotARatio(String);

impl Ratio {
    /// `part / whole`, if it is in lowest terms and between 0 and 1.
    pub fn new(part: u32, whole: u32) -> Option<Self> {
        (whole > 0 && part <= whole && gcd(part, whole) == 1).then_some(Self { part, whole })
    }

    /// Whether `part / whole >= self`, exactly. An empty whole reaches nothing but zero.
    pub fn is_reached_by(self, part: u64, whole: u64) -> bool {
        if whole == 0 {
            return self.part == 0;
        }
        u128::from(part) * u128::from(self.whole) >= u128::from(self.part) * u128::from(whole)
    }

    /// Whether `part / whole > self`, exactly.
    pub fn is_passed_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(self.whole) > u128::from(self.part) * u128::from(whole)
    }

    /// Whether `other >= self`, exactly.
    pub fn is_reached_by_ratio(self, other: Self) -> bool {
        self.is_reached_by(other.part.into(), other.whole.into())
    }

    /// Whether `part / whole > 1 - self`, exactly.
    pub fn complement_is_passed_by(self, part: u64, whole: u64) -> bool {
        u128::from(part) * u128::from(self.whole) > u128::from(self.whole - self.part) * u128::from(whole)
    }

    /// Whether this is 0.
    pub fn is_zero(self) -> bool {
        self.part == 0
    }

    /// Whether this is at least one half.
    pub fn is_at_least_half(self) -> bool {
        u64::from(self.part) * 2 >= u64::from(self.whole)
    }

    /// The least part of `whole` that reaches this fraction.
    pub fn least_of(self, whole: u64) -> u64 {
        let needed = (u128::from(self.part) * u128::from(whole)).div_ceil(u128::from(self.whole));
        u64::try_from(needed).expect("a part of a u64 is a u64")
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    if b == 0 { a } else { gcd(b, a % b) }
}

impl fmt::Display for Ratio {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.whole)
    }
}

impl FromStr for Ratio {
    type Err = NotARatio;

    fn from_str(text: &str) -> Result<Self, NotARatio> {
        let refuse = || NotARatio(text.chars().take(40).collect());
        let (part, whole) = text.split_once('/').ok_or_else(refuse)?;
        let ratio = Self::new(part.parse().map_err(|_| refuse())?, whole.parse().map_err(|_| refuse())?).ok_or_else(refuse)?;
        if ratio.to_string() == text { Ok(ratio) } else { Err(refuse()) }
    }
}

impl TryFrom<String> for Ratio {
    type Error = NotARatio;

    fn try_from(text: String) -> Result<Self, NotARatio> {
        text.parse()
    }
}

impl From<Ratio> for String {
    fn from(ratio: Ratio) -> Self {
        ratio.to_string()
    }
}

impl schemars::JsonSchema for Ratio {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ratio".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "An exact fraction from 0/1 to 1/1, in lowest terms",
            "pattern": "^[0-9]+/[1-9][0-9]*$",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_exact_at_the_edges() {
        let two_thirds: Ratio = "2/3".parse().expect("valid");
        assert!(two_thirds.is_reached_by(2, 3) && two_thirds.is_reached_by(4, 6));
        assert!(!two_thirds.is_reached_by(666_666, 1_000_000) && !two_thirds.is_reached_by(0, 0));
        assert!(two_thirds.is_passed_by(3, 4) && !two_thirds.is_passed_by(2, 3));
        assert!(two_thirds.complement_is_passed_by(2, 5) && !two_thirds.complement_is_passed_by(1, 3));
        assert_eq!(two_thirds.least_of(5), 4);
        assert!(two_thirds.is_reached_by(u64::MAX, u64::MAX));
        for bad in ["2/4", "3/2", "1/0", "-1/2", "01/2", "1", "1/2 ", "0.5"] {
            assert!(bad.parse::<Ratio>().is_err(), "{bad}");
        }
    }
}
