//! The phylactery in forms that other systems read.

mod markdown;
mod sql;

use serde::Serialize;

use crate::canon::{Domain, text};

use super::{EntryReport, list};
use crate::words::words;
use crate::workspace::Error;
use crate::workspace::assess::Assessment;

words! {
    /// A form of export.
    pub enum Form {
        /// The entries in force, as a JSON list.
        Json = "json",
        /// The entries in force, as a block for a system prompt.
        Markdown = "markdown",
        /// All versions, as statements for SQLite and PostgreSQL.
        Sql = "sql",
    }
}

/// Which entries are exported.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// These domains; what suits the form, if none is named.
    pub domains: Vec<Domain>,
    /// In Markdown, the facts that keep the versions of documents, too.
    pub documents: bool,
}

/// An export.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Exported {
    /// Its form.
    pub form: Form,
    /// How many entries, or versions, it holds.
    pub entries: usize,
    /// The exact text.
    pub text: String,
}

/// Exports what is ratified. The same state gives the same bytes.
///
/// # Errors
/// When the bytes of an entry are missing.
pub fn export(assessment: &Assessment, form: Form, selection: &Selection) -> Result<Exported, Error> {
    let chosen = |domain: Domain| selection.domains.is_empty() || selection.domains.contains(&domain);
    let (entries, text) = match form {
        Form::Sql => sql::render(&assessment.judgement.ledger, &assessment.evidence.bytes, &chosen),
        Form::Json => {
            let mut entries = list(assessment, None)?;
            entries.retain(|entry| chosen(entry.domain));
            (entries.len(), text::json(&serde_json::to_string_pretty(&entries).expect("entries are maps with string keys")) + "\n")
        }
        Form::Markdown => {
            let mut entries = list(assessment, None)?;
            // What is remembered is looked up; it does not say who the system is.
            let said = |domain| if selection.domains.is_empty() { domain != Domain::Memory } else { chosen(domain) };
            entries.retain(|entry: &EntryReport| said(entry.domain) && (selection.documents || !entry.is_document_fact()));
            // Asked for single domains, it is a part of the identity and no whole.
            let identity = if selection.domains.is_empty() { assessment.policy("OMEGA_IDENTITY") } else { None };
            (entries.len(), markdown::render(identity.as_ref(), &entries))
        }
    };
    Ok(Exported { form, entries, text })
}
