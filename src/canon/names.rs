//! The names that the canon uses: each can only be built in its one valid form.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A text that is not a valid name of its kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not {what}: {form}")]
pub struct BadName {
    text: String,
    what: &'static str,
    form: &'static str,
}

macro_rules! name {
    ($(#[$doc:meta])* $name:ident, $what:literal, $form:literal, $pattern:literal, $valid:expr) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The name as it is written.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl FromStr for $name {
            type Err = BadName;

            fn from_str(text: &str) -> Result<Self, BadName> {
                let valid: fn(&str) -> bool = $valid;
                if valid(text) {
                    Ok(Self(text.to_owned()))
                } else {
                    let text = super::text::visible(text).chars().take(80).collect();
                    Err(BadName { text, what: $what, form: $form })
                }
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadName;

            fn try_from(text: String) -> Result<Self, BadName> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(name: $name) -> Self {
                name.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl schemars::JsonSchema for $name {
            fn schema_name() -> std::borrow::Cow<'static, str> {
                stringify!($name).into()
            }

            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "description": $form, "pattern": $pattern })
            }
        }
    };
}

name!(
    /// A member of the council, as in `claude`.
    MemberName, "a member name", "a lowercase letter, then up to 31 lowercase letters, digits or `-`",
    "^[a-z][a-z0-9-]{0,31}$",
    |text| {
        text.len() <= 32
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
    }
);

name!(
    /// A resolution of the council, as in `2026-02-26-plant-the-canon`.
    ResolutionId, "a resolution id", "a date and lowercase words, as in `2026-02-26-plant-the-canon`",
    "^[0-9]{4}-[0-9]{2}-[0-9]{2}(-[a-z0-9]+)+$",
    |text| {
        let Some((date, slug)) = text.split_at_checked(10) else { return false };
        text.len() <= 80
            && date.parse::<jiff::civil::Date>().is_ok_and(|parsed| parsed.to_string() == date)
            && slug.starts_with('-')
            && slug[1..].split('-').all(|word| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            })
    }
);

name!(
    /// A canonical document, as in `OMEGA_IDENTITY`.
    DocumentName, "a document name", "uppercase words joined by `_`, as in `OMEGA_IDENTITY`",
    "^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*$",
    |text| {
        text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_uppercase())
            && text.split('_').all(|word| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
            })
    }
);

name!(
    /// The key of a phylactery entry within its domain.
    EntryKey, "an entry key", "a letter or digit, then up to 63 letters, digits, `_` or `-`",
    "^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$",
    |text| {
        text.len() <= 64
            && text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-')
    }
);

impl ResolutionId {
    /// The id that a title gives on a date: its words in lowercase ASCII, cut to a readable length.
    pub fn from_title(date: &str, title: &str) -> Option<Self> {
        use unicode_normalization::UnicodeNormalization as _;
        let ascii: String = title
            .nfkd()
            .filter(|c| !unicode_normalization::char::is_combining_mark(*c) && *c != '\'')
            .map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { ' ' })
            .collect();
        let mut slug = String::new();
        for word in ascii.split_whitespace() {
            if slug.len() + word.len() > 48 {
                break;
            }
            slug.push('-');
            slug.push_str(word);
        }
        if slug.is_empty() {
            slug.push_str("-resolution");
        }
        format!("{date}{slug}").parse().ok()
    }

    /// The day that it begins with, as `YYYY-MM-DD`.
    pub fn date(&self) -> &str {
        &self.0[..10]
    }

    /// The same id with a number behind it, for a second one of that name on one day.
    pub fn numbered(&self, number: u32) -> Option<Self> {
        format!("{}-{number}", self.0).parse().ok()
    }
}

/// The version of a document: three numbers, written `1.0.0`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Version(u32, u32, u32);

impl Version {
    /// The first version of a document.
    pub const FIRST: Self = Self(1, 0, 0);

    /// The next version after this one: the middle number rises.
    pub fn next(self) -> Option<Self> {
        Some(Self(self.0, self.1.checked_add(1)?, 0))
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.0, self.1, self.2)
    }
}

impl FromStr for Version {
    type Err = BadName;

    fn from_str(text: &str) -> Result<Self, BadName> {
        let refuse = || BadName {
            text: super::text::visible(text).chars().take(40).collect(),
            what: "a version",
            form: "three numbers joined by dots, as in `1.2.0`",
        };
        let mut numbers = text.splitn(3, '.').map(str::parse);
        let (Some(Ok(major)), Some(Ok(minor)), Some(Ok(patch))) = (numbers.next(), numbers.next(), numbers.next()) else {
            return Err(refuse());
        };
        let version = Self(major, minor, patch);
        if version.to_string() == text { Ok(version) } else { Err(refuse()) }
    }
}

impl TryFrom<String> for Version {
    type Error = BadName;

    fn try_from(text: String) -> Result<Self, BadName> {
        text.parse()
    }
}

impl From<Version> for String {
    fn from(version: Version) -> Self {
        version.to_string()
    }
}

impl schemars::JsonSchema for Version {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Version".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "pattern": "^[0-9]+\\.[0-9]+\\.[0-9]+$" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_one_form() {
        for good in ["2026-02-26-plant", "2024-02-29-a-2"] {
            assert!(good.parse::<ResolutionId>().is_ok(), "{good}");
        }
        for bad in ["2026-02-30-x", "2026-02-26", "2026-02-26-", "2026-02-26-A", "2026-02-26-a--b", "26-02-26-a", "2026-02-26-é"] {
            assert!(bad.parse::<ResolutionId>().is_err(), "{bad}");
        }
        for bad in ["", "Ry", "9a", "a_b", "rу", "a\u{200b}", &"a".repeat(33)] {
            assert!(bad.parse::<MemberName>().is_err(), "{bad}");
        }
        for bad in ["omega", "A__B", "_A", "A_", "A-B"] {
            assert!(bad.parse::<DocumentName>().is_err(), "{bad}");
        }
        for bad in ["1.0", "1.0.0.0", "01.0.0", "1.0.0-a", "+1.0.0"] {
            assert!(bad.parse::<Version>().is_err(), "{bad}");
        }
        assert!("1.10.0".parse::<Version>().ok() > "1.9.9".parse().ok());
    }

    #[test]
    fn titles_become_ids() {
        let id = |title| ResolutionId::from_title("2026-02-26", title).map(String::from);
        assert_eq!(id("Raise the drift threshold to 0.20!").as_deref(), Some("2026-02-26-raise-the-drift-threshold-to-0-20"));
        assert_eq!(id("Ωé").as_deref(), Some("2026-02-26-e"));
        assert_eq!(id("日本").as_deref(), Some("2026-02-26-resolution"));
    }
}
