//! Differences between two versions of a file, by line and within lines by word.

use similar::{ChangeTag, TextDiff};

use crate::canon::Place;
use crate::canon::policy::{self, IdentityCore, LawDocuments};
use crate::canon::text::shown as visible;
use crate::ops::propose::Plan;
use crate::shell;
use crate::workspace::draft::{Changes, Planned};

use super::style::{BAD, FAINT, GOOD, STRONG, paint};

fn words(what: Changes) -> &'static str {
    match what {
        Changes::Added => "added",
        Changes::Changed => "changed",
        Changes::Mode => "changes its mode, not its bytes",
        Changes::Removed => "removed",
        Changes::Governed => "comes under governance as it is",
        Changes::Released => "is no longer governed; the file stays",
    }
}

/// Both sides of one path as a unified difference with three lines around each change.
pub fn render(path: &str, what: Changes, before: Option<&[u8]>, after: Option<&[u8]>) -> String {
    let mut out = format!("{} {}\n", paint(STRONG, shell::quote(path)), paint(FAINT, words(what)));
    if what == Changes::Released {
        return out;
    }
    let (Ok(old), Ok(new)) = (std::str::from_utf8(before.unwrap_or_default()), std::str::from_utf8(after.unwrap_or_default())) else {
        out.push_str("  (not text)\n");
        return out;
    };
    let diff = TextDiff::from_lines(old, new);
    for group in diff.grouped_ops(3) {
        if let (Some(first), Some(last)) = (group.first(), group.last()) {
            let (old, new) = (first.old_range().start..last.old_range().end, first.new_range().start..last.new_range().end);
            out.push_str(&paint(FAINT, format!("@@ -{},{} +{},{} @@", old.start + 1, old.len(), new.start + 1, new.len())));
            out.push('\n');
        }
        for op in &group {
            for change in diff.iter_inline_changes(op) {
                let (sign, style) = match change.tag() {
                    ChangeTag::Delete => ('-', BAD.effects(anstyle::Effects::new())),
                    ChangeTag::Insert => ('+', GOOD),
                    ChangeTag::Equal => (' ', anstyle::Style::new()),
                };
                let mut line = String::new();
                for (emphasised, value) in change.iter_strings_lossy() {
                    let text = visible(value.trim_end_matches('\n'));
                    let style = if emphasised { style.bold().underline() } else { style };
                    if !text.is_empty() {
                        line.push_str(&paint(style, text));
                    }
                }
                out.push_str(&format!("{}{line}\n", paint(style, sign)));
                if change.missing_newline() {
                    out.push_str(&format!("{}\n", paint(FAINT, "\\ No newline at end of file")));
                }
            }
        }
    }
    out
}

/// What a plan changes, as a diff of each file; the facts of documents are left out.
pub fn plan(plan: &Plan) -> String {
    let says_who = |planned: &&Planned| matches!(Place::of(&planned.change.path), Some(Place::Document(name)) if LawDocuments::OF_WHO.contains(&name.as_str()));
    let who = plan.changes.iter().find(says_who).and_then(|planned| policy::read::<IdentityCore>(planned.before.as_deref()?).ok());
    let what = |change| Changes::of(change, who.as_ref().map(|core| &core.who));
    let shown = plan.changes.iter().filter(|planned| !planned.change.path.as_str().starts_with("canon/phylactery/fact/"));
    shown
        .map(|planned| render(planned.change.path.as_str(), what(&planned.change), planned.before.as_deref(), planned.after.as_deref()))
        .collect()
}
