//! Untrusted text in Markdown: it shows, and it does nothing.

use crate::canon::text::visible;

/// Longer texts are cut.
const LONGEST: usize = 300;

/// Text as a piece of code within a line or a table. Each sign that could begin markup, a link, a mention or HTML is a
/// numeric reference, which Markdown never takes for structure; and forges mention nobody within code.
pub(super) fn code(text: &str) -> String {
    let text = visible(text);
    let mut out = String::from("<code>");
    for c in text.chars().take(LONGEST) {
        if c.is_ascii_punctuation() {
            out.push_str(&format!("&#{};", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    if text.chars().count() > LONGEST {
        out.push('…');
    }
    out.push_str("</code>");
    out
}

/// Text as a block of code, fenced by more backticks than it has in a row.
pub(super) fn block(language: &str, text: &str) -> String {
    let (mut run, mut longest) = (0, 0);
    for c in text.chars() {
        run = if c == '`' { run + 1 } else { 0 };
        longest = longest.max(run);
    }
    let fence = "`".repeat(longest.max(2) + 1);
    let lines: String = text.lines().map(|line| visible(&line.replace('\t', "    ")) + "\n").collect();
    format!("{fence}{language}\n{lines}{fence}\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_has_no_signs_left() {
        let shown = code("<img src=x>|`a`\n@ry **b** [c](http://d.e)");
        let inner = shown.trim_start_matches("<code>").trim_end_matches("</code>");
        assert!(!inner.contains(['<', '>', '|', '`', '@', '*', '[', ':', '.', '\n']), "{shown}");
        assert!(code(&"x".repeat(1000)).len() < 400);
    }

    #[test]
    fn a_block_ends_where_it_should() {
        let shown = block("diff", "+a\n+````\n+</details>\x1b[0m");
        assert_eq!(shown, "`````diff\n+a\n+````\n+</details>\\u{1b}[0m\n`````\n");
    }
}
