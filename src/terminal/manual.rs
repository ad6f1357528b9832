//! Manual pages: what clap knows of a command, and what it does not know.

use std::io;

use clap::Command;
use clap_mangen::Man;

use super::failure::Failure;
use super::variables::{EXITS, FILES, VARIABLES};
use crate::clock::Timestamp;

/// The day on which the text of the pages changed last.
const DATE: &str = "2026-12-01";
/// Longer lines of the source are broken: readers of the source and mandoc ask for it.
const WIDTH: usize = 76;

/// The name of the file of a page.
pub fn file(command: &Command) -> String {
    format!("{}.1", command.get_display_name().unwrap_or_else(|| command.get_name()))
}

/// The date of pages: the day that SOURCE_DATE_EPOCH says (<https://reproducible-builds.org/specs/source-date-epoch/>), else
/// the day on which their text changed last.
///
/// # Errors
/// Usage, if the variable is no number of seconds.
pub fn date(epoch: Option<&str>) -> Result<String, Failure> {
    let Some(epoch) = epoch else { return Ok(DATE.to_owned()) };
    let time = epoch.parse().ok().and_then(Timestamp::from_unix);
    let unread = || Failure::usage("SOURCE_DATE_EPOCH is not a number of seconds since 1970", "unset SOURCE_DATE_EPOCH");
    Ok(time.ok_or_else(unread)?.date().to_string())
}

/// The page of a command that is built. `above` is the command that it belongs to, if it belongs to one.
///
/// # Errors
/// When the text cannot be put together.
pub fn page(command: &Command, above: Option<&Command>, date: &str) -> io::Result<String> {
    let name = command.get_display_name().unwrap_or_else(|| command.get_name());
    let version = command.get_version().unwrap_or_default();
    let man = Man::new(command.clone());
    let mut out = format!(
        ".ie \\n(.g .ds Aq \\(aq\n.el .ds Aq '\n.TH {} 1 {date} \"omega {version}\" \"omega manual\"\n",
        name.to_uppercase().replace('-', "\\-")
    );
    let about = command.get_about().map(ToString::to_string).unwrap_or_default();
    out.push_str(&format!(".SH NAME\n{}", broken(&format!("{} \\- {}", escape(name), escape(about.trim_end_matches('.'))))));
    out.push_str(&section(|to| man.render_synopsis_section(to))?);
    out.push_str(&section(|to| man.render_description_section(to))?);
    if command.get_arguments().any(|argument| !argument.is_hide_set()) {
        out.push_str(&section(|to| man.render_options_section(to))?);
    }
    if command.get_subcommands().any(|inner| !inner.is_hide_set()) {
        out.push_str(&section(|to| man.render_subcommands_section(to))?.replace(".SH SUBCOMMANDS", ".SH COMMANDS"));
    }
    out.push_str(&after(&command.get_after_help().map(ToString::to_string).unwrap_or_default()));
    out.push_str(".SH EXIT STATUS\n");
    for (code, what) in EXITS {
        out.push_str(&tagged(&code.to_string(), what));
    }
    out.push_str(".SH ENVIRONMENT\n");
    for (name, what) in VARIABLES {
        out.push_str(&tagged(name, what));
    }
    out.push_str(".SH FILES\n");
    for (name, what) in FILES {
        out.push_str(&tagged(name, what));
    }
    out.push_str(&see_also(command, above));
    Ok(out)
}

/// A section that clap_mangen renders, without what its pages begin with, without empty lines, and with lines of a fit length.
fn section(render: impl Fn(&mut dyn io::Write) -> io::Result<()>) -> io::Result<String> {
    let mut bytes = Vec::new();
    render(&mut bytes)?;
    let text = String::from_utf8_lossy(&bytes);
    let mut out = String::new();
    // The line after `.TP` is the tag as a whole, and is not broken.
    let mut is_tag = false;
    for line in text.lines() {
        let line = line.trim_end();
        if line.is_empty() || line.starts_with(".ie \\n(.g") || line.starts_with(".el .ds") || (line == ".br" && out.ends_with(".br\n")) {
            continue;
        }
        if is_tag || line.starts_with('.') {
            out.push_str(line);
            out.push('\n');
        } else {
            out.push_str(&broken(line));
        }
        is_tag = line == ".TP";
    }
    // A list of values begins with a line of its own already.
    Ok(out.replace("\n.br\n.SH", "\n.SH"))
}

/// A line of text as several, none of which is taken for a request.
fn broken(line: &str) -> String {
    let mut out = String::new();
    let mut length = 0;
    for word in line.split_whitespace() {
        if length > 0 && length + 1 + word.len() > WIDTH {
            out.push('\n');
            length = 0;
        }
        if length > 0 {
            out.push(' ');
            length += 1;
        } else if word.starts_with(['.', '\'']) {
            out.push_str("\\&");
        }
        out.push_str(word);
        length += word.len();
    }
    out.push('\n');
    out
}

/// The text after the help of a command: examples line by line as they are typed, and words.
fn after(text: &str) -> String {
    let mut out = String::new();
    for block in text.split("\n\n") {
        let (head, lines): (Vec<&str>, Vec<&str>) = block.lines().partition(|line| !line.starts_with("  "));
        if head.is_empty() && lines.is_empty() {
            continue;
        }
        let head = head.join(" ");
        match head.as_str() {
            "Examples:" | "Example:" => out.push_str(".SH EXAMPLES\n"),
            "" => out.push_str(".sp\n"),
            _ if out.is_empty() => out.push_str(&format!(".SH NOTES\n{}", broken(&escape(&head)))),
            _ => out.push_str(&format!(".PP\n{}", broken(&escape(&head)))),
        }
        if !lines.is_empty() {
            out.push_str(".nf\n");
            for line in lines {
                let line = escape(line.strip_prefix("  ").unwrap_or(line));
                out.push_str(&if line.starts_with(['.', '\'']) { format!("\\&{line}\n") } else { format!("{line}\n") });
            }
            out.push_str(".fi\n");
        }
    }
    out
}

fn tagged(tag: &str, what: &str) -> String {
    format!(".TP\n\\fB{}\\fR\n{}", escape(tag), broken(&escape(&what.replace('`', ""))))
}

/// The pages beside this one: the command above, those below, and the programs that omega stands on.
fn see_also(command: &Command, above: Option<&Command>) -> String {
    let shown = |command: &Command| escape(command.get_display_name().unwrap_or_else(|| command.get_name()));
    let mut pages: Vec<(String, u8)> = Vec::new();
    pages.extend(above.map(|above| (shown(above), 1)));
    pages.extend(above.into_iter().flat_map(Command::get_subcommands).filter(|other| !other.is_hide_set()).map(|other| (shown(other), 1)));
    pages.extend(command.get_subcommands().filter(|inner| !inner.is_hide_set()).map(|inner| (shown(inner), 1)));
    pages.retain(|(name, _)| *name != shown(command) && !name.ends_with("\\-help"));
    pages.extend([("git".to_owned(), 1), ("ssh\\-agent".to_owned(), 1), ("ssh\\-keygen".to_owned(), 1)]);
    let lines: Vec<String> = pages.iter().map(|(name, number)| format!(".BR {name} ({number})")).collect();
    format!(".SH SEE ALSO\n{}\n", lines.join(" ,\n"))
}

/// Text that roff shows as it is.
fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\e"),
            '-' => out.push_str("\\-"),
            '\'' => out.push_str("\\(aq"),
            '`' => out.push_str("\\(ga"),
            '^' => out.push_str("\\(ha"),
            '~' => out.push_str("\\(ti"),
            '…' => out.push_str("..."),
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_stay_as_they_are_typed() {
        let text = after("Examples:\n  omega a --b    one\n  .omega 'c'\n\nThen so:\n  d\n\nWords of\ntwo lines");
        let expected =
            ".SH EXAMPLES\n.nf\nomega a \\-\\-b    one\n\\&.omega \\(aqc\\(aq\n.fi\n.PP\nThen so:\n.nf\nd\n.fi\n.PP\nWords of two lines\n";
        assert_eq!(text, expected);
        assert_eq!(after("Words"), ".SH NOTES\nWords\n");
        assert_eq!(after(""), "");
        assert_eq!(broken(&format!("{} .x", "a".repeat(75))), format!("{}\n\\&.x\n", "a".repeat(75)));
    }
}
