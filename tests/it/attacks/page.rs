//! The page of attacks, from the same table that is tested.

use omega::finding::Code;

use super::{Run, all};

/// The lines of the list, in its own words.
const HEADINGS: [&str; 23] = [
    "Votes replayed",
    "Votes counted twice",
    "Thresholds and weights that bend the count",
    "Rulings that say what the records do not",
    "Rulings out of order, or by somebody else",
    "Proposals that help themselves",
    "Weak keys and malleable signatures",
    "Signatures made for something else",
    "Keys that have left",
    "The chain of rulings",
    "Rollbacks and newer formats",
    "Caches",
    "Files that two readers take differently",
    "Paths that are another file somewhere",
    "Trees with more than plain files",
    "Files that should not be there, and merges",
    "Git's own ways to show other objects",
    "Git's own ways to show other bytes",
    "Ways around the hooks",
    "Changes of the check itself",
    "Text that speaks to terminals and forges",
    "Interrupted, doubled and impossible writes",
    "The law in one document",
];

/// The page as it is generated.
pub fn page() -> String {
    let mut page = String::from(
        "# Attacks\n\nEvery case of the attack suite, generated from the table that the tests run (`tests/it/attacks/`). Each forges a real \
         repository and asks the real binary. Where a case is judged in several places, it is stopped in each of them: as a commit, in the index, in the work tree and as a plain folder by `omega verify`, \
         in a push by the server's hook, in a pull request by `omega ci`. Exit codes are those \
         of the command that refuses; `git push` itself exits 1. The codes are explained in [findings.md](findings.md), and what no check can \
         stop in [threat-model.md](threat-model.md).\n",
    );
    for (number, heading) in (1..).zip(HEADINGS) {
        page.push_str(&format!("\n## {number}. {heading}\n\n| attack | stopped at | finding | exit |\n|---|---|---|---|\n"));
        for case in all().into_iter().filter(|case| case.number == number) {
            let codes = if case.codes.is_empty() { "–".to_owned() } else { case.codes.join(", ") };
            page.push_str(&format!("| {} | {} | {codes} | {} |\n", case.what, case.stopped.join(", "), case.exit));
        }
    }
    page
}

#[test]
fn the_page_of_attacks_is_fresh() {
    crate::documents::fresh("docs/attacks.md", &page());
}

#[test]
fn every_line_of_the_list_has_cases_and_every_case_its_own_name() {
    let cases = all();
    for number in 1..=23 {
        assert!(cases.iter().any(|case| case.number == number), "no case of line {number}");
    }
    let mut names: Vec<&str> = cases.iter().map(|case| case.name).collect();
    names.sort_unstable();
    let mut words: Vec<&str> = cases.iter().map(|case| case.what).collect();
    words.sort_unstable();
    for pairs in [names.windows(2), words.windows(2)] {
        pairs.for_each(|pair| assert_ne!(pair[0], pair[1]));
    }
    for case in cases {
        assert!(case.codes.iter().all(|code| Code::ALL.iter().any(|known| known.as_str() == *code)), "{}", case.name);
        assert!(!matches!(case.run, Run::Tree(_)) || case.exit != 0, "{}: a forged tree is no answer of 0", case.name);
        assert!(!case.what.contains('|') && !case.stopped.is_empty(), "{}", case.name);
    }
}
