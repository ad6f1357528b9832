//! Sentences of people, wrapped at the width of the terminal that shows them.

use std::sync::OnceLock;

/// The width; nothing, where no terminal shows the answer.
static WIDTH: OnceLock<Option<usize>> = OnceLock::new();
/// A narrower terminal is not wrapped for.
const NARROWEST: usize = 20;

/// Says once, before anything is rendered, how wide the terminal is that shows the answer.
pub fn set_width(width: Option<usize>) {
    // What was said first holds.
    let _ = WIDTH.set(width);
}

/// A line of prose as lines that fit into the terminal behind `indent`.
pub(super) fn wrapped(line: &str, indent: usize) -> Vec<String> {
    let width = WIDTH.get().copied().flatten().filter(|width| *width >= NARROWEST + indent);
    width.map_or_else(|| vec![line.to_owned()], |width| wrap(line, width - indent))
}

/// Wraps at spaces. What belongs to a list or is set in stays so; a table, a heading and code are one line each, and a word that is
/// too long is not broken: it may be something to copy.
fn wrap(line: &str, width: usize) -> Vec<String> {
    let inner = line.trim_start_matches(' ');
    let lead = line.len() - inner.len();
    if line.chars().count() <= width || lead >= 4 || inner.starts_with(['|', '#', '`', '\t']) {
        return vec![line.to_owned()];
    }
    let mark = ["- ", "* ", "+ ", "> "].iter().find(|mark| inner.starts_with(**mark)).map_or(0, |mark| mark.len());
    let hang = if inner.starts_with("> ") { format!("{}> ", " ".repeat(lead)) } else { " ".repeat(lead + mark) };
    let (mut lines, mut current, mut used) = (Vec::new(), " ".repeat(lead), lead);
    for (number, word) in inner.split(' ').enumerate() {
        let length = word.chars().count();
        let is_mark = number == 1 && mark > 0;
        if number > 0 && !is_mark && used + 1 + length > width && !current.trim().is_empty() {
            lines.push(std::mem::replace(&mut current, hang.clone()));
            used = hang.chars().count();
        } else if number > 0 {
            current.push(' ');
            used += 1;
        }
        current.push_str(word);
        used += length;
    }
    lines.push(current);
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prose_is_wrapped_and_nothing_else() {
        let cases: [(&str, &[&str]); 8] = [
            ("It should be understood by all.", &["It should be", "understood by", "all."]),
            ("short", &["short"]),
            ("- one point of a list", &["- one point", "  of a list"]),
            ("> what somebody once said", &["> what", "> somebody", "> once said"]),
            ("    code that is set in", &["    code that is set in"]),
            ("| a | table | with | cells |", &["| a | table | with | cells |"]),
            ("see https://example.org/very/long now", &["see", "https://example.org/very/long", "now"]),
            ("ééééé ééééé ééééé", &["ééééé ééééé", "ééééé"]),
        ];
        for (line, expected) in cases {
            assert_eq!(wrap(line, 13), expected, "{line}");
        }
        assert_eq!(wrapped(&"word ".repeat(50), 2).len(), 1, "no terminal, no width");
    }
}
