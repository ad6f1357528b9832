//! A block for a system prompt: nothing in it changes unless an entry does.

use crate::canon::Domain;
use crate::canon::policy::Identity;
use crate::canon::text::markdown as escape;
use crate::identity::block;

use super::super::EntryReport;

const SECTIONS: [(Domain, &str); 5] = [
    (Domain::Value, "Values"),
    (Domain::Invariant, "Invariants"),
    (Domain::Style, "Style"),
    (Domain::Fact, "Facts"),
    (Domain::Memory, "Memories"),
];

pub(super) fn render(identity: Option<&Identity>, entries: &[EntryReport]) -> String {
    let mut out = String::from("# Identity\n");
    if let Some(identity) = identity {
        out.push_str(&format!("\n{}", block(identity)));
    }
    for (domain, title) in SECTIONS {
        let mut section = entries.iter().filter(|entry| entry.domain == domain).peekable();
        if section.peek().is_none() {
            continue;
        }
        out.push_str(&format!("\n## {title}\n\n"));
        for entry in section {
            out.push_str(&format!("- **{}**: {}\n", escape(entry.key.as_str()), item(&entry.value)));
        }
    }
    out
}

/// A text within an item of a list: it can end neither the item nor the list.
fn item(text: &str) -> String {
    let mut lines = text.trim().lines().map(|line| escape(line.trim_end()));
    let mut out = lines.next().unwrap_or_default();
    for line in lines {
        let line = start(&line);
        out.push_str(&if line.is_empty() { "\n".to_owned() } else { format!("\n  {line}") });
    }
    out
}

/// A line that begins nothing: no list, quotation, rule, heading or code.
fn start(line: &str) -> String {
    let line = line.trim_start();
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if line.starts_with(['-', '+', '=', '>']) {
        return format!("\\{line}");
    }
    match line[digits..].chars().next() {
        Some('.' | ')') if digits > 0 => format!("{}\\{}", &line[..digits], &line[digits..]),
        _ => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::item;

    #[test]
    fn no_text_leaves_its_item() {
        assert_eq!(item("plain"), "plain");
        assert_eq!(
            item("# big\n- list\n\n> quote\n1. one\n---\n    code\n<!-- x -->"),
            "\\# big\n  \\- list\n\n  \\> quote\n  1\\. one\n  \\---\n  code\n  \\<!-- x --\\>".replace("--\\>", "-->")
        );
        assert_eq!(item("a `b` *c* [d](e)"), "a \\`b\\` \\*c\\* \\[d\\](e)");
    }
}
