//! Identity entries as text for a terminal.

use crate::canon::text::shown as visible;
use crate::ops::phylactery::Drafted;
use crate::survey::phylactery::{Contradiction, EntryReport, HistoryReport, VersionReport};

use super::style::{BAD, FAINT, GOOD, NAME, STRONG, WAITING, command, paint};
use super::survey::quoted;

/// One entry with its provenance.
pub fn get(entry: &EntryReport) -> String {
    let mut out = quoted(&entry.value);
    out.push_str(&format!("\n{} version {}\n", paint(STRONG, entry.id()), entry.version));
    let mut line = |word: &str, text: String| out.push_str(&format!("  {} {text}\n", paint(FAINT, format!("{word:10}"))));
    line("source", visible(&entry.source));
    line("confidence", format!("{} of 100", entry.confidence));
    line("written", entry.created_at.to_string());
    line("ratified", format!("by ruling {}, {}", entry.ruling, entry.resolution));
    if let Some(artifact) = &entry.artifact {
        line("evidence", format!("{} ({})", visible(&artifact.url), artifact.digest));
    }
    if let Some(until) = entry.provisional_until {
        line("holds", paint(WAITING, format!("until {until}, unless the emergency is settled before")));
    }
    line("digest", entry.digest.to_string());
    out + &format!("\nnext: {}\n", command(format!("omega phylactery history {}", entry.id())))
}

/// Entries, a line each.
pub fn list(entries: &[EntryReport], none: &str) -> String {
    if entries.is_empty() {
        return format!("{none}\n");
    }
    let width = entries.iter().map(|entry| entry.id().to_string().len()).max().unwrap_or(0);
    let row = |entry: &EntryReport| {
        format!(
            "{} {} {} {}\n",
            paint(NAME, format!("{:width$}", entry.id().to_string())),
            paint(FAINT, format!("{:>4}", format!("v{}", entry.version))),
            paint(FAINT, format!("{:>4}", format!("{}%", entry.confidence))),
            first_line(&entry.value)
        )
    };
    entries.iter().map(row).collect()
}

/// The first line of a text, cut where it gets long.
fn first_line(text: &str) -> String {
    const SHOWN: usize = 60;
    let first = text.lines().next().unwrap_or_default();
    let cut: String = first.chars().take(SHOWN).collect();
    let more = if cut.len() < first.len() || text.lines().count() > 1 { " …" } else { "" };
    format!("{}{more}", visible(&cut))
}

/// Every version of an entry.
pub fn history(history: &HistoryReport) -> String {
    let mut out = String::new();
    for version in history.versions.iter().rev() {
        let (style, word) = fate(history, version);
        let name = version.version.map_or_else(|| "purged version,".to_owned(), |number| format!("v{number}"));
        out.push_str(&format!(
            "{} {} {}\n",
            paint(STRONG, name),
            paint(style, word),
            paint(FAINT, format!("ruling {} on {}, {}", version.ruling, version.ratified_at.date(), version.resolution))
        ));
        match (&version.content, version.purged_by) {
            (Some(content), _) => {
                out.push_str(&quoted(&content.value));
                let artifact =
                    content.artifact.as_ref().map(|artifact| format!(", evidence {}", visible(&artifact.url))).unwrap_or_default();
                let text = format!("source: {}, confidence {}{artifact}", visible(&content.source), content.confidence);
                out.push_str(&format!("  {}\n", paint(FAINT, text)));
            }
            (None, Some(ruling)) => {
                out.push_str(&format!("  purged by ruling {ruling}; what is left is its digest {}\n", version.digest));
            }
            (None, None) => {}
        }
    }
    out
}

fn fate(history: &HistoryReport, version: &VersionReport) -> (anstyle::Style, String) {
    match (version.live, version.superseded_by, version.undone_by, version.removed_by) {
        (true, ..) => (GOOD, "in force".to_owned()),
        (_, Some(next), ..) => {
            let next = history.versions.iter().find(|version| version.digest == next).and_then(|version| version.version);
            (FAINT, next.map_or_else(|| "superseded".to_owned(), |next| format!("superseded by v{next}")))
        }
        (_, _, Some(ruling), _) => (WAITING, format!("undone by ruling {ruling}")),
        (_, _, _, Some(ruling)) => (BAD, format!("removed by ruling {ruling}")),
        _ => (FAINT, String::new()),
    }
}

/// What looks like a contradiction.
pub fn contradictions(found: &[Contradiction]) -> String {
    if found.is_empty() {
        return "no two entries contradict each other, as far as this looks: see --help\n".to_owned();
    }
    let mut out = String::new();
    for contradiction in found {
        out.push_str(&format!("{} {}\n", paint(WAITING, "to adjudicate"), contradiction.what));
        for side in &contradiction.sides {
            out.push_str(&format!("  {}: {}\n", paint(NAME, &side.name), first_line(&side.says)));
        }
    }
    out + &format!("\nnothing is resolved by itself. next: {}\n", command("omega phylactery supersede DOMAIN/KEY --value … --source …"))
}

/// A draft in the work tree.
pub fn drafted(drafted: &Drafted) -> String {
    let what = drafted.supersedes.map(|version| format!(", which would supersede version {version}")).unwrap_or_default();
    format!("{} {}{what}\n", paint(WAITING, "drafted"), paint(STRONG, &drafted.path))
}

/// How a draft is proposed.
pub fn propose_next(drafted: &Drafted) -> String {
    let mut out = String::new();
    for other in &drafted.others {
        out.push_str(&format!("{} is edited too, and is proposed along with it\n", paint(STRONG, other)));
    }
    out + &format!("\nit is not canon yet. next: {}\n", command("omega propose --title … --reason …"))
}
