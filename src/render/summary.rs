//! The summary of a job, in Markdown: what a change comes to, and who types what next.

use crate::finding::Finding;
use crate::gates::ci::{CiReport, FileChange, OpenProposal, RulingReport, Stands};
use crate::shell;
use crate::survey::verify::Conclusion;

use super::ci::{answer, judged, word};
use super::human::ruled_word;
use super::markdown::{block, code};

/// The most bytes of a page: forges take a mebibyte for each step, and drop a larger page as a whole. Less than that is read.
pub const LARGEST: usize = 768 << 10;
/// More rows of a table are not read.
const ROWS: usize = 100;

/// A page that never grows beyond its room. What is left out is counted, and the end of the page says so.
struct Page {
    out: String,
    room: usize,
    left_out: Vec<(&'static str, usize)>,
}

impl Page {
    /// Adds a part with its items, as far as there is room. An item that does not fit is left out as a whole; smaller ones after it
    /// may still fit.
    fn add(&mut self, part: Part) {
        if part.items.is_empty() {
            return;
        }
        let mut left_out = 0;
        let whole: usize = part.items.iter().map(String::len).sum();
        let mut room = self.room.saturating_sub(self.out.len() + part.head.len() + part.tail.len());
        if room < whole.min(MOST_OF_ONE) {
            left_out = part.items.len();
        } else {
            self.out.push_str(&part.head);
            for item in &part.items {
                if item.len() <= room {
                    room -= item.len();
                    self.out.push_str(item);
                } else {
                    left_out += 1;
                }
            }
            self.out.push_str(&part.tail);
        }
        if left_out > 0 {
            self.left_out.push((part.what, left_out));
        }
    }

    /// The page, and what it does not show.
    fn finish(mut self, end: &str) -> String {
        if !self.left_out.is_empty() {
            let all: Vec<String> = self.left_out.iter().map(|(what, count)| format!("{count} {what}")).collect();
            self.out.push_str(&format!(
                "**This page is cut: forges show no larger one.** Not shown: {}. The whole report: <code>omega ci --format json</code>\n\n",
                all.join(", ")
            ));
        }
        self.out + end
    }
}

/// A part with less room than this is left out with its heading, unless all of it fits.
const MOST_OF_ONE: usize = 8 << 10;

/// A heading, its items, and what follows them.
struct Part {
    what: &'static str,
    head: String,
    items: Vec<String>,
    tail: String,
}

/// The whole page, in so many bytes.
pub fn summary(report: &CiReport, room: usize) -> String {
    let sign = match report.conclusion {
        _ if report.passes() => "✅",
        Conclusion::Violated => "❌",
        _ => "⏳",
    };
    let mut out = format!("## {sign} canon: {}\n\nJudged: {}.\n\nProved: {}.\n\n", word(report), judged(report), report.proved);
    if let (Some(target), Some(protected)) = (&report.target, report.protected) {
        out.push_str(&format!("{} is {}protected by the base.\n\n", code(target), if protected { "" } else { "not " }));
    }
    let mut end = String::new();
    if let Some(found) = &report.checkpoint {
        end.push_str(&format!(
            "Checkpoint: root {} sequence {} head {}\n",
            code(&found.root.to_string()),
            found.sequence,
            code(&found.head.to_string())
        ));
    }
    if report.conclusion == Conclusion::Unknown {
        end.push_str("\nNo root is pinned: give the job the root that the people of this canon confirm, as <code>OMEGA_ROOT</code>.\n");
    }
    // The end of the page, and what says that it is cut, always fit.
    let room = room.saturating_sub(end.len() + (1 << 10));
    let mut page = Page { out, room, left_out: Vec::new() };
    page.add(findings(report));
    page.add(Part { what: "proposals", head: String::new(), items: report.proposals.iter().map(proposal).collect(), tail: String::new() });
    page.add(rulings(&report.rulings));
    page.add(shifts(&report.files));
    page.add(files(&report.files, report.changed.len()));
    page.finish(&end)
}

/// A page that says why nothing was judged.
pub fn failure(message: &str, hint: Option<&str>) -> String {
    let hint = hint.map(|hint| format!("What to do: {}\n", code(hint))).unwrap_or_default();
    format!("## ⏳ canon: not judged\n\n{}\n\n{hint}", code(message))
}

fn findings(report: &CiReport) -> Part {
    let row = |finding: &Finding| {
        let line = finding.line.map(|line| format!(" line {line}")).unwrap_or_default();
        format!(
            "| {} | {} | {}{line} | {} | {} |\n",
            finding.severity,
            finding.code,
            code(&shell::quote(&finding.path)),
            code(&finding.message),
            code(&finding.hint)
        )
    };
    Part {
        what: "findings",
        head: "### Findings\n\n| | code | where | what | what to do |\n|---|---|---|---|---|\n".to_owned(),
        items: report.findings.iter().take(ROWS).map(row).collect(),
        tail: more(report.findings.len()) + "\n",
    }
}

fn more(rows: usize) -> String {
    if rows > ROWS { format!("\n… and {} more.\n", rows - ROWS) } else { String::new() }
}

fn proposal(open: &OpenProposal) -> String {
    let tally = &open.tally;
    let mut out = format!("### Proposal {}\n\n", code(tally.resolution.as_str()));
    out.push_str(&format!("{}\n\n", code(&tally.title)));
    out.push_str(&format!("{}, by {}, {} risk, stage {}.\n\n", open.standing, code(open.by.as_str()), tally.risk, tally.stage));
    if tally.count.voters == 0 {
        out.push_str("No member has a vote: the Chief decides.\n\n");
    } else {
        out.push_str("| member | weight | vote | counts |\n|---|---|---|---|\n");
        for ballot in tally.ballots.iter().take(ROWS) {
            let choice = ballot.choice.map_or("", |choice| choice.as_str());
            let counts = if ballot.counts { "yes".to_owned() } else { ballot.why_not.as_deref().map(code).unwrap_or_default() };
            out.push_str(&format!("| {} | {} | {choice} | {counts} |\n", code(ballot.member.as_str()), ballot.weight));
        }
        out.push_str(&more(tally.ballots.len()));
        let (count, needed) = (&tally.count.tally, tally.count.quorum_weight);
        out.push_str(&format!(
            "\nCast {} of {} ({needed} needed): {} approve, {} reject, {} amend, {} abstain; {} needed to approve.\n\n",
            count.cast, count.eligible, count.approve, count.reject, count.amend, count.abstain, tally.count.approve_weight
        ));
    }
    if !tally.next.is_empty() {
        out.push_str("Next:\n\n| who | types | to |\n|---|---|---|\n");
        for step in tally.next.iter().take(ROWS) {
            out.push_str(&format!("| {} | {} | {} |\n", code(step.member.as_str()), code(&step.command), code(&step.what)));
        }
        out.push('\n');
    }
    out
}

fn rulings(rulings: &[RulingReport]) -> Part {
    let row = |ruling: &RulingReport| {
        format!(
            "| {} | {} | {} | {} | {} | {} |\n",
            ruling.sequence,
            ruled_word(ruling.verdict.as_str()),
            code(ruling.resolution.as_str()),
            code(&ruling.title),
            code(ruling.by.as_str()),
            ruling.changed.len()
        )
    };
    Part {
        what: "rulings",
        head: "### Rulings\n\n| ruling | verdict | resolution | title | by | paths |\n|---|---|---|---|---|---|\n".to_owned(),
        items: rulings.iter().map(row).collect(),
        tail: "\n".to_owned(),
    }
}

/// What the policies answer otherwise than before.
fn shifts(files: &[FileChange]) -> Part {
    let mut rows: Vec<String> = Vec::new();
    for file in files {
        for shift in &file.shifts {
            let cells = [
                code(&shell::quote(&file.path)),
                code(&shift.case),
                code(&answer(shift.before.as_ref())),
                code(&answer(shift.after.as_ref())),
            ];
            rows.push(format!("| {} |\n", cells.join(" | ")));
        }
    }
    let tail = more(rows.len()) + "\n";
    rows.truncate(ROWS);
    Part {
        what: "cases",
        head: "### What the rules say otherwise\n\n| document | case | before | after |\n|---|---|---|---|\n".to_owned(),
        items: rows,
        tail,
    }
}

fn files(files: &[FileChange], changed: usize) -> Part {
    let item = |file: &FileChange| {
        let sign = match file.stands {
            Stands::Ratified => "ratified",
            Stands::Draft => "draft",
            Stands::Unratified => "**not ratified**",
        };
        let of = file.resolution.as_ref().map(|id| format!(" of {}", code(id.as_str()))).unwrap_or_default();
        // Within the line of a summary HTML is HTML: what comes from the change is escaped sign by sign.
        let head = format!("{} {} ({}{of})", file.what, code(&shell::quote(&file.path)), sign.trim_matches('*'));
        let cut = file.cut.as_deref().map(|cut| format!("{cut}\n\n")).unwrap_or_default();
        let diff = file.diff.as_deref().map(|diff| block("diff", diff)).unwrap_or_default();
        format!("<details><summary>{head}</summary>\n\n{cut}{diff}\n</details>\n\n")
    };
    let mut items: Vec<String> = files.iter().map(item).collect();
    let others = changed.saturating_sub(files.len());
    if others > 0 {
        items.push(format!("{others} further paths under <code>canon/</code> are records and what follows from them.\n\n"));
    }
    Part { what: "files", head: "### Governed files\n\n".to_owned(), items, tail: String::new() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn part(what: &'static str, sizes: &[usize]) -> Part {
        Part { what, head: format!("# {what}\n"), items: sizes.iter().map(|size| "x".repeat(*size)).collect(), tail: "\n".to_owned() }
    }

    #[test]
    fn a_page_stays_within_its_room_and_says_what_it_leaves_out() {
        let mut page = Page { out: String::new(), room: 20 << 10, left_out: Vec::new() };
        page.add(part("a", &[9 << 10, 30 << 10, 1]));
        page.add(part("b", &[]));
        page.add(part("c", &[20 << 10, 20 << 10]));
        page.add(part("d", &[5]));
        assert_eq!(page.left_out, [("a", 1), ("c", 2)]);
        assert!(page.out.len() <= page.room && page.out.contains("# d\n"));
        let page = page.finish("end\n");
        assert!(page.contains("Not shown: 1 a, 2 c.") && page.ends_with("\n\nend\n"), "{}", &page[page.len() - 300..]);
        let whole = Page { out: "x".to_owned(), room: 9, left_out: Vec::new() };
        assert_eq!(whole.finish("end"), "xend");
    }
}
