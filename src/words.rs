//! Enumerations that are written as words: each list of words is written once, and everything that reads or writes them follows it.

/// Declares an enumeration with the word of each of its values. The word is what serde reads and writes, what is shown, and what is
/// parsed.
macro_rules! words {
    ($(#[$attribute:meta])* $visibility:vis enum $name:ident { $($(#[$of_item:meta])* $item:ident = $word:literal,)+ }) => {
        $(#[$attribute])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        $visibility enum $name { $($(#[$of_item])* #[serde(rename = $word)] $item,)+ }

        impl $name {
            /// All of them, in the order of the declaration.
            pub const ALL: [Self; [$($word),+].len()] = [$(Self::$item),+];

            /// The word for it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$item => $word,)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl From<$name> for &'static str {
            fn from(value: $name) -> Self {
                value.as_str()
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(text: &str) -> Result<Self, String> {
                let known = Self::ALL.into_iter().find(|each| each.as_str() == text);
                known.ok_or_else(|| format!("`{text}` is none of: {}", Self::ALL.map(Self::as_str).join(", ")))
            }
        }
    };
}

pub(crate) use words;
