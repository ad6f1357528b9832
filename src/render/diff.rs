//! Differences between two versions of a file, by line and within lines by word.

use similar::{ChangeTag, TextDiff};

use crate::canon::text::shown as visible;
use crate::shell;
use crate::workspace::draft::Changes;

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
