//! The one document that the loop writes after each step.

use serde::{Deserialize, Serialize};

use crate::store::{Document, Store};
use crate::watch::{Rules, State};
use crate::workspace::Error;

/// The version of the document's form. What the first one wrote can be read: it wrote everything.
const VERSION: u32 = 2;

/// What is kept from step to step and from run to run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Kept {
    /// What the loop remembers.
    pub state: State,
    /// The last rules that were read from a canon that held. They are watched by while it does not, and nothing is
    /// healed by them then.
    pub rules: Option<Rules>,
    /// The ruling that they were read at.
    pub ruling: Option<String>,
    /// Why the rules that were kept cannot be obeyed by this omega, where it is stricter than the one that kept them.
    #[serde(skip)]
    pub unread: Option<String>,
}

impl Kept {
    /// Reads what a store keeps; the beginning of everything, if it keeps nothing yet.
    ///
    /// # Errors
    /// When the store cannot be read, or a newer omega has written it.
    pub fn read(store: &Store) -> Result<Self, Error> {
        let Some(saved) = store.state()? else { return Ok(Self::default()) };
        let bad = |why: String| Error::blind(format!("what the watch remembers cannot be read: {why}"), "use the omega that wrote it");
        if !(1..=VERSION).contains(&saved.document.version) {
            return Err(bad(format!("its form is {}, and this omega knows {VERSION}", saved.document.version)));
        }
        // The rules are only what stands in for the ratified ones while those cannot be read. If they are refused, what the loop
        // remembers counts all the same.
        let unread = match serde_json::from_str(&saved.document.json) {
            Ok(kept) => return Ok(kept),
            Err(error) => error.to_string(),
        };
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        #[allow(dead_code, reason = "the fields say what may be there")]
        struct WithoutRules {
            state: State,
            rules: Option<serde::de::IgnoredAny>,
            ruling: Option<String>,
        }
        let WithoutRules { state, .. } = serde_json::from_str(&saved.document.json).map_err(|error| bad(error.to_string()))?;
        Ok(Self { state, unread: Some(unread), ..Self::default() })
    }

    /// The document for the store.
    pub fn document(state: &State, rules: &Rules, ruling: Option<&str>) -> Document {
        // The same fields, without a copy of a thousand services.
        #[derive(Serialize)]
        struct Borrowed<'a> {
            state: &'a State,
            rules: &'a Rules,
            ruling: Option<&'a str>,
        }
        let json = serde_json::to_string(&Borrowed { state, rules, ruling }).expect("a state is a map with string keys");
        Document { version: VERSION, json }
    }
}
