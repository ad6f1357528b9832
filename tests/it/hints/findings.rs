//! One row for each code: what is done with its hint, on a repository in which that code was found.

use std::fs;

use omega::finding::Code;

use super::{commands, paste};
use crate::attacks::drive::{GROUND, made, write_commit, write_tree};
use crate::attacks::{Attack, Case, Run, all};
use crate::forge::Forge;
use crate::world::World;

/// What is done with the hint of a code.
enum Row {
    /// Its command is typed until the finding is gone from the commit.
    Gone,
    /// Its command names the commit that brought it, and without that commit all holds.
    Undone,
    /// A command that starts like this ends with 0.
    Runs(&'static str),
    /// Another test runs it.
    Elsewhere(&'static str),
    /// Only people can act, and the hint says who or what.
    People(&'static str),
}

use Row::{Elsewhere, Gone, People, Runs, Undone};

const ROWS: &[(&str, Row)] = &[
    ("C001", Gone),
    ("C002", Gone),
    ("C003", Gone),
    ("C004", Runs("git log --oneline -- ")),
    ("C005", Runs("omega restore ")),
    ("C006", Gone),
    ("C007", Gone),
    ("C008", Runs("git check-attr --all -- ")),
    ("C009", Runs("git rm --cached -- ")),
    ("C010", Gone),
    ("C011", Gone),
    ("C012", Gone),
    ("C013", Elsewhere("hints::errors::a_record_that_was_removed_after_its_ruling_is_brought_back")),
    ("C014", Elsewhere("hints::errors::late_records_are_tidied")),
    ("C015", Undone),
    ("C016", Gone),
    ("C017", Runs("omega trust show")),
    ("C018", People("compare checkpoints with another member")),
    ("C019", Elsewhere("gates::costly::a_folder_that_stands_in_itself_many_times")),
    ("C020", People("propose that")),
    ("C021", People("Its proposer")),
    ("C022", People("Its proposer")),
    ("C023", Gone),
    ("C024", Undone),
    ("C025", Undone),
    ("C026", Undone),
    ("C027", People("The holder of the key")),
    ("C028", Undone),
    ("C029", Elsewhere("hints::errors::an_emergency_that_ran_out_is_expired")),
    ("C030", Undone),
    ("C031", Undone),
    ("C032", Gone),
    ("C033", Gone),
    ("C034", Gone),
    ("C035", Gone),
    ("C040", Gone),
    ("C041", Gone),
    ("C042", Gone),
    ("C050", People("Propose")),
    ("C051", People("Propose")),
    ("C052", People("Read what it holds")),
    ("C053", People("propose")),
    ("C054", People("omega test")),
    ("C060", People("on its own")),
    ("C061", People("the council")),
    ("C062", Elsewhere("worktree::governed_files_that_are_left_out_are_noted_and_not_missing")),
    ("C070", People("Read this edit")),
    ("C071", People("Merge the base")),
    ("C072", People("Merge the base")),
    ("C073", People("omega verify")),
    ("C074", People("a change of its own")),
];

fn row(code: Code) -> &'static Row {
    let row = ROWS.iter().find(|(known, _)| *known == code.as_str());
    &row.unwrap_or_else(|| panic!("{code} has no row: run its hint in the situation that prints it")).1
}

/// The honest canon on main with a forged commit on top, checked out as far as git can.
fn forged(attack: &Attack) -> World {
    let mut world = GROUND.copied();
    world.now = attack.now.to_string();
    fs::create_dir_all(world.repo().join(".git/omega")).unwrap();
    fs::write(world.repo().join(".git/omega/pin.toml"), toml::to_string(&attack.pin).unwrap()).unwrap();
    let repo = gix::open(world.repo()).unwrap();
    let tree = write_tree(&repo, &attack.tree);
    let main = fs::read_to_string(world.repo().join(".git/refs/heads/main")).unwrap();
    write_commit(&repo, tree, &[gix::ObjectId::from_hex(main.trim().as_bytes()).unwrap()], "refs/heads/main");
    world.git(&["reset", "-q", "--hard"]);
    world
}

/// What is wrong at HEAD: code, path and hint of each error.
fn wrong(world: &World) -> Vec<(String, String, String)> {
    let ran = world.omega(&["canon", "verify", "--format", "json"]);
    let findings = ran.json()["report"]["findings"].clone();
    let text = |finding: &serde_json::Value, key: &str| finding[key].as_str().unwrap().to_owned();
    let errors = findings.as_array().into_iter().flatten().filter(|finding| finding["severity"] == "error");
    errors.map(|finding| (text(finding, "code"), text(finding, "path"), text(finding, "hint"))).collect()
}

/// The case that shows a code best: one whose tree git can check out.
fn case(code: Code) -> Option<(&'static Case, std::sync::Arc<Attack>)> {
    let mut cases: Vec<&Case> = all().into_iter().filter(|case| case.codes.first() == Some(&code.as_str()) && case.exit == 11).collect();
    cases.sort_by_key(|case| !case.stopped.contains(&"work tree"));
    let root = Forge::planted().root();
    let made = cases.into_iter().filter_map(|case| match case.run {
        Run::Tree(make) => Some((case, made(case, make))),
        Run::Hand(_) => None,
    });
    let mut made: Vec<_> = made.take(6).collect();
    made.sort_by_key(|(_, attack)| attack.pin.root() != root);
    made.into_iter().next()
}

fn hint_of(found: &[(String, String, String)], code: Code) -> Option<&(String, String, String)> {
    found.iter().find(|(other, ..)| other == code.as_str())
}

#[track_caller]
fn run_hint(code: Code) {
    let (case, attack) = case(code).unwrap_or_else(|| panic!("no attack shows {code}"));
    let world = forged(&attack);
    match row(code) {
        Gone => {
            let mut typed = Vec::new();
            for _ in 0..20 {
                let found = wrong(&world);
                let Some((_, path, hint)) = hint_of(&found, code) else { break };
                let command = commands(hint).into_iter().find(|command| command.starts_with("omega restore "));
                let command = command.unwrap_or_else(|| panic!("{}: no command in `{hint}`", case.name));
                assert!(!typed.contains(&command), "{}: `{command}` did not help {path}: {found:?}", case.name);
                let ran = paste(&world, &command);
                assert_eq!(ran.code, Some(0), "{}: {command}\n{}{}", case.name, ran.out, ran.err);
                typed.push(command);
            }
            assert!(!typed.is_empty(), "{}: {code} was not found", case.name);
            assert!(hint_of(&wrong(&world), code).is_none(), "{}: {typed:?} left {:?}", case.name, wrong(&world));
        }
        Undone => {
            let found = wrong(&world);
            let (_, _, hint) = hint_of(&found, code).unwrap_or_else(|| panic!("{}: {code} was not found", case.name));
            let command = commands(hint).into_iter().find(|command| command.starts_with("git log -1 -- ")).unwrap();
            let ran = paste(&world, &format!("{command} | cat")).exits(0);
            assert!(ran.out.contains("    Attack\n"), "{}: {command}\n{}", case.name, ran.out);
            world.git(&["revert", "--no-edit", "HEAD"]).exits(0);
            assert!(wrong(&world).is_empty(), "{}: {:?}", case.name, wrong(&world));
        }
        Runs(start) => {
            let found = wrong(&world);
            let (_, _, hint) = hint_of(&found, code).unwrap_or_else(|| panic!("{}: {code} was not found", case.name));
            let command = commands(hint).into_iter().find(|command| command.starts_with(start));
            let command = command.unwrap_or_else(|| panic!("{}: no `{start}` in `{hint}`", case.name));
            let ran = paste(&world, &command);
            assert_eq!(ran.code, Some(0), "{}: {command}\n{}{}", case.name, ran.out, ran.err);
        }
        Elsewhere(_) | People(_) => {}
    }
}

#[test]
fn every_code_has_a_row_and_its_remedy_says_what_the_row_needs() {
    for code in Code::ALL {
        match row(*code) {
            Gone => assert!(code.remedy().contains("omega restore ") && code.remedy().contains("PATH"), "{code}"),
            Undone => assert!(code.remedy().contains("git log -1 -- PATH"), "{code}"),
            Runs(start) => assert!(code.remedy().contains(start.trim_end()), "{code}"),
            People(words) => assert!(code.remedy().contains(words), "{code}: {}", code.remedy()),
            Elsewhere(_) => {}
        }
    }
}

macro_rules! run {
    ($($name:ident $code:literal),+ $(,)?) => {
        /// The codes that have a test of their own here.
        const RUN: &[&str] = &[$($code),+];
        $(#[test] fn $name() { run_hint(Code::ALL.iter().copied().find(|code| code.as_str() == $code).unwrap()); })+
    };
}

run! {
    c001 "C001", c002 "C002", c003 "C003", c004 "C004", c005 "C005", c006 "C006", c007 "C007", c008 "C008", c009 "C009", c010 "C010",
    c011 "C011", c012 "C012", c015 "C015", c016 "C016", c017 "C017", c023 "C023", c024 "C024", c025 "C025",
    c026 "C026", c028 "C028", c030 "C030", c031 "C031", c032 "C032", c033 "C033", c034 "C034", c035 "C035", c040 "C040", c041 "C041",
    c042 "C042",
}

#[test]
fn every_row_that_is_run_has_a_test() {
    for (code, row) in ROWS {
        assert_eq!(RUN.contains(code), matches!(row, Gone | Undone | Runs(_)), "{code}");
    }
}

#[test]
fn the_page_of_hints_is_fresh() {
    let mut page = String::from(
        "# Hints\n\nWhat omega says to do about each finding, and what ran it. Generated from the table in `tests/it/hints/findings.rs`. How a hint\n\
         changes with the place of an edit (work tree, index, commit, push, pull request) is run by `tests/it/hints/edits.rs`; hints of\n\
         refused commands by `tests/it/hints/errors.rs`; that omega takes every command that it names by `tests/it/hints/syntax.rs`.\n\n\
         | code | hint | run by | and then |\n|---|---|---|---|\n",
    );
    for code in Code::ALL {
        let own = format!("hints::findings::{}", code.as_str().to_lowercase());
        let (test, then) = match row(*code) {
            Gone => (own, "the finding is gone from the commit"),
            Undone => (own, "it names the commit; without that, all holds"),
            Runs(_) => (own, "it ends with 0"),
            Elsewhere(test) => ((*test).to_owned(), "all holds"),
            People(_) => ("–".to_owned(), "people act"),
        };
        page.push_str(&format!(
            "| {code} | {} | {} | {then} |\n",
            code.remedy().replace('|', "\\|"),
            if test == "–" { test } else { format!("`{test}`") }
        ));
    }
    crate::documents::fresh("docs/hints.md", &page);
}
