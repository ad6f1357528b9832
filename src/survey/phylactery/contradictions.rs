//! What looks like a contradiction between ratified texts. It is shown to people, who adjudicate; nothing is
//! ever resolved by itself.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::canon::Domain;
use crate::canon::path::fold;
use crate::canon::policy::Identity;

use super::{EntryReport, list};
use crate::workspace::Error;
use crate::workspace::assess::Assessment;

/// Two ratified texts that may not both be meant.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Contradiction {
    /// What is so, as a lowercase fragment.
    pub what: String,
    /// The texts.
    pub sides: Vec<Side>,
}

/// One of them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, schemars::JsonSchema)]
pub struct Side {
    /// The entry or document.
    pub name: String,
    /// What it says.
    pub says: String,
}

/// Finds two kinds of contradictions among what is ratified, and no others: one key with different values in
/// several domains, where case, `-` and `_` are no difference; and an entry that says what
/// `never_claims` in OMEGA_IDENTITY says is never said.
///
/// # Errors
/// When the bytes of an entry are missing.
pub fn contradictions(assessment: &Assessment) -> Result<Vec<Contradiction>, Error> {
    let mut entries = list(assessment, None)?;
    entries.retain(|entry| !entry.is_document_fact());
    let mut found = one_key_twice(&entries);
    if let Some(identity) = assessment.policy("OMEGA_IDENTITY") {
        found.extend(entries.iter().filter_map(|entry| never_said(&identity, entry)));
    }
    Ok(found)
}

fn one_key_twice(entries: &[EntryReport]) -> Vec<Contradiction> {
    let mut by_key: BTreeMap<String, Vec<&EntryReport>> = BTreeMap::new();
    for entry in entries {
        by_key.entry(fold(entry.key.as_str()).replace('_', "-")).or_default().push(entry);
    }
    let differ = |same: &&Vec<&EntryReport>| same.iter().any(|entry| words(&entry.value) != words(&same[0].value));
    by_key
        .values()
        .filter(differ)
        .map(|same| Contradiction {
            what: format!("{} domains hold different values for one key", same.len()),
            sides: same.iter().map(|entry| Side { name: entry.id().to_string(), says: entry.value.clone() }).collect(),
        })
        .collect()
}

fn never_said(identity: &Identity, entry: &EntryReport) -> Option<Contradiction> {
    // What the system remembers may be about others, and quote them.
    if entry.domain == Domain::Memory {
        return None;
    }
    let (name, claims) = (fold(&identity.name), &identity.never_claims);
    let to_be = claims.to_be.iter().flat_map(|other| {
        ["i am", "i'm", "we are", &format!("{name} is")]
            .map(|verb| (format!("{verb} {}", fold(other)), format!("never claims to be {other}")))
    });
    let made = claims.to_be_made_by.iter().flat_map(|maker| {
        ["made by", "created by", "built by", "trained by", "developed by"]
            .map(|verb| (format!("{verb} {}", fold(maker)), format!("never claims to be made by {maker}")))
    });
    let phrases = claims.phrases.iter().chain(&identity.contamination).map(|phrase| (fold(phrase), format!("never says: {phrase}")));
    let value = format!(" {} ", words(&entry.value));
    let (_, rule) = to_be.chain(made).chain(phrases).find(|(phrase, _)| value.contains(&format!(" {} ", words(phrase))))?;
    Some(Contradiction {
        what: "an entry says what the identity says is never said".to_owned(),
        sides: vec![
            Side { name: entry.id().to_string(), says: entry.value.clone() },
            Side { name: "OMEGA_IDENTITY".to_owned(), says: rule },
        ],
    })
}

/// The words of a text, without case and punctuation.
fn words(text: &str) -> String {
    let bare: String = fold(text).chars().map(|c| if c.is_alphanumeric() || c == '\'' { c } else { ' ' }).collect();
    bare.split_whitespace().collect::<Vec<_>>().join(" ")
}
