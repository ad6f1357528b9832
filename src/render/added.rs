//! A record that was added, as text for a terminal.

use crate::ops::add::Added;

use super::human::next;
use super::style::{FAINT, GOOD, NAME, STRONG, paint};

/// What was added, by which key, and who signed the commit.
pub fn added(added: &Added) -> String {
    let by = added.by.as_ref().map_or_else(String::new, |by| format!(" of {}", paint(NAME, by)));
    let again = if added.repeated { " (as before)" } else { "" };
    let mut out = format!("{} the {}{by} to {}{again}\n", paint(GOOD, "added"), added.kind, paint(STRONG, &added.resolution));
    out.push_str(&format!("  signed with {}\n", added.key));
    if !added.repeated {
        let commit = match &added.committed_with {
            Some(key) => format!("the commit is signed with {key}"),
            None => "the commit is unsigned".to_owned(),
        };
        out.push_str(&format!("  {}\n", paint(FAINT, commit)));
    }
    out + &next(&added.next)
}
