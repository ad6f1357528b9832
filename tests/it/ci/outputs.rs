//! What jobs print and write: well formed, whatever a pull request calls its things.

use serde_json::Value;

use crate::world::{Ran, World};

use super::{branch, ci_in, commit};

/// A title that would do something nearly everywhere, if it could.
const TITLE: &str =
    "::error::x ##[error]y | `a` <img src=x onerror=z> @ry **b** [c](javascript:d) ]]> &amp; %0A::warning::w https://e.example";

/// File names that would, too.
const NAMES: [&str; 4] = [
    ".github/workflows/a,b:c%0A::error::d ]]><x>&\"'.yml",
    ".github/workflows/x\n::error::y.yml",
    ".github/workflows/\u{1b}[31m\u{202e}|@ry`.yml",
    ".github/workflows/##[error]z.yml",
];

/// A pull request with a draft and hostile names, judged in a job of GitHub with all outputs.
fn hostile() -> (World, Ran) {
    let world = World::planted(&["ana"]);
    let path = "canon/ECONOMY_MODEL.md";
    world.write(path, world.read(path) + "\n````\n</details><script>alert(1)</script>\n::error::in the text\n@ry, look\n");
    let id = world.propose_edits("ana", TITLE);
    for name in NAMES {
        world.write(name, "on: push\n");
    }
    commit(&world, "Names");
    let summary = world.path("summary.md");
    std::fs::write(&summary, "before\n").unwrap();
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())];
    let head = format!("canon/{id}");
    let files = ["--sarif", "omega.sarif", "--junit", "omega.xml", "--code-quality", "quality.json"];
    let ran = ci_in(&world, &world.repo(), &variables, &[&["--base", "main", "--head", &head][..], &files].concat()).exits(12);
    (world, ran)
}

#[test]
fn a_job_obeys_only_its_own_commands() {
    let (_world, ran) = hostile();
    let commands: Vec<&str> =
        ran.err.lines().chain(ran.out.lines()).filter(|line| line.trim_start().starts_with("::") || line.contains("##[")).collect();
    // Each of them decides how changes are checked, and comes along with a resolution.
    assert_eq!(commands.len(), 2 * NAMES.len(), "{}{}", ran.out, ran.err);
    assert_eq!(commands.iter().filter(|command| command.contains("title=C074 ")).count(), NAMES.len(), "{commands:?}");
    for command in commands.iter().filter(|command| !command.contains("title=C074 ")) {
        assert!(command.starts_with("::warning file=.github/workflows/"), "{command}");
        assert!(command.contains(",line=1,title=C070 the check itself is edited::this change adds "), "{command}");
        // Between the command and its text there are exactly three properties.
        let properties = command.strip_prefix("::warning ").unwrap().split_once("::").unwrap().0;
        assert_eq!(properties.split(',').count(), 3, "{command}");
    }
    assert!(commands.iter().any(|c| c.contains("file=.github/workflows/a%2Cb%3Ac%250A%3A%3Aerror%3A%3Ad ]]><x>&\"'.yml,")), "{commands:?}");
    assert!(!ran.out.contains('\u{1b}') && !ran.out.contains('\u{202e}') && !ran.err.contains('\u{1b}'), "{}", ran.out);
}

#[test]
fn annotations_are_printed_only_where_they_are_understood() {
    let world = World::planted(&[]);
    branch(&world, "pr", "main");
    world.edit_identity("Sneaked");
    commit(&world, "Sneak");
    let args = ["--base", "main", "--head", "pr"];
    let run = |variables: &[(&str, &str)], more: &[&str]| ci_in(&world, &world.repo(), variables, &[&args[..], more].concat()).exits(11);
    let job = [("GITHUB_ACTIONS", "true")];
    assert!(!run(&[], &[]).err.contains("::error"));
    assert!(run(&job, &[]).err.starts_with("::error file=canon/OMEGA_IDENTITY.md,line="));
    assert!(run(&[], &["--annotations", "github"]).err.starts_with("::error "));
    assert!(!run(&job, &["--annotations", "none"]).err.contains("::error"));
    // They do not come between a program and its JSON.
    run(&job, &["--format", "json"]).json();
}

#[test]
fn the_summary_shows_and_does_nothing() {
    let (world, _) = hostile();
    let page = std::fs::read_to_string(world.path("summary.md")).unwrap();
    assert!(page.starts_with("before\n## ⏳ canon: pending\n"), "{page}");
    // Outside of fenced blocks nothing is left of what came from the pull request but letters.
    let (mut fence, mut outside) = (None::<String>, String::new());
    for line in page.lines() {
        match &fence {
            Some(open) if line == open => fence = None,
            Some(_) => {}
            None if line.starts_with("```") => fence = Some(line.trim_end_matches("diff").to_owned()),
            None => outside.push_str(&format!("{line}\n")),
        }
    }
    assert_eq!(fence, None, "a block is not closed");
    for sign in ["@", "<img", "<script", "`", "](", "**", "https://", "::error", "##[", "]]>", "\u{1b}", "\u{202e}"] {
        assert!(!outside.contains(sign), "`{sign}` in\n{outside}");
    }
    assert!(page.contains("\n`````diff\n"), "{page}");
    let opened = outside.matches("<details>").count();
    assert!(opened > 0 && opened == outside.matches("</details>").count(), "{outside}");
    // Rows have as many cells as their tables.
    let mut cells = None;
    for line in outside.lines() {
        if line.starts_with('|') {
            let count = line.matches('|').count();
            assert_eq!(*cells.get_or_insert(count), count, "{line}");
        } else {
            cells = None;
        }
    }
    for said in [
        "### Findings",
        "### Proposal",
        "omega&#32;canon".trim_start_matches("omega&#32;"),
        "### Governed files",
        "Checkpoint: root <code>sha256&#58;",
    ] {
        assert!(outside.contains(said), "`{said}` in\n{outside}");
    }
    assert!(outside.contains(" approve &#45;&#45;reason …</code> | <code>vote</code> |"), "{outside}");
}

#[test]
fn sarif_is_valid_and_complete() {
    let (world, _) = hostile();
    let log: Value = serde_json::from_str(&world.read("omega.sarif")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(include_str!("sarif.json")).unwrap()).unwrap();
    let errors: Vec<String> = validator.iter_errors(&log).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}");
    let run = &log["runs"][0];
    let (rules, results) = (run["tool"]["driver"]["rules"].as_array().unwrap(), run["results"].as_array().unwrap());
    assert_eq!(rules.len(), omega::finding::Code::ALL.len());
    assert_eq!(results.len(), 2 * NAMES.len());
    let mut prints = std::collections::BTreeSet::new();
    for result in results {
        assert_eq!(rules[result["ruleIndex"].as_u64().unwrap() as usize]["id"], result["ruleId"]);
        assert!(prints.insert(result["partialFingerprints"]["omegaFinding/v1"].as_str().unwrap()));
    }
    let uris: Vec<&str> =
        results.iter().map(|result| result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap()).collect();
    assert!(uris.contains(&".github/workflows/x%0A%3A%3Aerror%3A%3Ay.yml"), "{uris:?}");
    // The pages of findings have the anchors that rules link to.
    for rule in rules {
        let anchor = rule["helpUri"].as_str().unwrap().split_once('#').unwrap().1;
        assert!(anchor.starts_with(&rule["id"].as_str().unwrap().to_lowercase()), "{anchor}");
    }
    let quality: Value = serde_json::from_str(&world.read("quality.json")).unwrap();
    for issue in quality.as_array().unwrap() {
        assert!(issue["location"]["lines"]["begin"].as_u64().unwrap() >= 1 && !issue["fingerprint"].as_str().unwrap().is_empty());
        assert_eq!(issue["severity"], "minor");
        assert!(issue["check_name"] == "C070" || issue["check_name"] == "C074", "{issue}");
    }
}

#[test]
fn fingerprints_stay_when_lines_move() {
    let world = World::planted(&[]);
    branch(&world, "pr", "main");
    world.edit("canon/OMEGA_IDENTITY.md", "  name: OmegA\n", "  name: OmegB\n");
    commit(&world, "Sneak");
    let print = || {
        world.omega(&["ci", "--base", "main", "--head", "pr", "--sarif", "../omega.sarif"]).exits(11);
        let log: Value = serde_json::from_str(&std::fs::read_to_string(world.path("omega.sarif")).unwrap()).unwrap();
        let result = log["runs"][0]["results"][0].clone();
        let line = result["locations"][0]["physicalLocation"]["region"]["startLine"].as_u64().unwrap();
        (result["partialFingerprints"].clone(), line)
    };
    let (first, line) = print();
    world.edit("canon/OMEGA_IDENTITY.md", "  who: []\n", "\n\n  who: []\n");
    commit(&world, "Move");
    let (second, moved) = print();
    assert_eq!(first, second);
    assert_ne!(line, moved);
}

#[test]
fn junit_is_well_formed_and_says_what_failed() {
    let (world, _) = hostile();
    let text = world.read("omega.xml");
    let document = roxmltree::Document::parse(&text).unwrap();
    let suite = document.descendants().find(|node| node.has_tag_name("testsuite")).unwrap();
    let cases: Vec<_> = suite.children().filter(|node| node.has_tag_name("testcase")).collect();
    assert_eq!((suite.attribute("tests"), cases.len()), (Some("9"), 2 * NAMES.len() + 1));
    let failed = |node: &roxmltree::Node<'_, '_>| node.children().any(|child| child.has_tag_name("failure"));
    assert_eq!(cases.iter().filter(|case| failed(case)).count(), 1, "{text}");
    assert_eq!((suite.attribute("failures"), cases[0].attribute("name")), (Some("1"), Some("omega ci")));
    assert!(
        cases.iter().any(|case| case.attribute("name") == Some("C070 \".github/workflows/a,b:c%0A::error::d ]]><x>&\\\"'.yml\":1")),
        "{text}"
    );
}

#[test]
fn the_answer_in_json_fits_its_schema() {
    let schemas: std::collections::BTreeMap<_, _> = omega::cli::schemas::all().into_iter().collect();
    let validator = jsonschema::validator_for(schemas["answer/ci"].as_value()).unwrap();
    let (world, _) = hostile();
    let head = world.git(&["branch", "--show-current"]).out;
    let ran = world.omega(&["ci", "--base", "main", "--head", head.trim(), "--format", "json"]).exits(12);
    assert!(!ran.out.contains("##["), "{}", ran.out);
    assert_eq!(ran.json()["report"]["proposals"][0]["tally"]["title"], TITLE);
    let errors: Vec<String> = validator.iter_errors(&ran.json()).map(|error| format!("{error} at {}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:?}");
}

#[test]
fn however_large_a_change_is_its_report_is_not() {
    let world = World::planted(&[]);
    branch(&world, "pr", "main");
    world.edit("canon/OMEGA_IDENTITY.md", "  who: []\n", "  who:\n    - \"prompts/**\"\n");
    let line = |n: usize| format!("{n} {}\n", "x".repeat(60));
    world.write("prompts/long.md", (0..5000).map(line).collect::<String>());
    world.write("prompts/longer.md", "y\n".repeat(100_000));
    world.write("prompts/huge.md", "z".repeat(600 << 10));
    world.write("prompts/binary.md", b"\xff\xfe".repeat(1000));
    for n in 0..400 {
        world.write(&format!("prompts/{n:03}.md"), line(n).repeat(40));
    }
    commit(&world, "Much");
    let ran = ci_in(&world, &world.repo(), &[], &["--base", "main", "--head", "pr", "--format", "json", "--summary", "../summary.md"]);
    let report = ran.exits(11).json()["report"].clone();
    let files = report["files"].as_array().unwrap();
    assert!(files.len() <= 300);
    let diffs: usize = files.iter().filter_map(|file| Some(file["diff"].as_str()?.len())).sum();
    assert!((1..=256 << 10).contains(&diffs), "{diffs}");
    assert!(files.iter().any(|file| file["cut"] == "the change as a whole is too large to show more of it"));
    let size = std::fs::metadata(world.path("summary.md")).unwrap().len();
    assert!(size < 1 << 20, "{size}");
}

#[test]
fn a_job_that_could_not_judge_says_why_everywhere() {
    let world = World::planted(&[]);
    let summary = world.path("summary.md");
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", summary.to_str().unwrap())];
    let args = ["--base", "origin/@ry|main", "--head", "main", "--junit", "omega.xml", "--sarif", "omega.sarif"];
    let ran = ci_in(&world, &world.repo(), &variables, &args).exits(13);
    let hint = "git fetch origin '+refs/heads/@ry|main:refs/remotes/origin/@ry|main'";
    assert_eq!(
        ran.err,
        format!(
            "::error title=omega::`origin/@ry|main` is not in this clone%0Ahint: {hint}\nerror: `origin/@ry|main` is not in this clone\nhint: {hint}\n"
        )
    );
    let page = std::fs::read_to_string(summary).unwrap();
    assert!(page.starts_with("## ⏳ canon: not judged\n") && !page.contains('@'), "{page}");
    let text = world.read("omega.xml");
    let document = roxmltree::Document::parse(&text).unwrap();
    assert_eq!(document.descendants().filter(|node| node.has_tag_name("failure")).count(), 1, "{text}");
    assert!(!world.repo().join("omega.sarif").exists(), "an empty log would mean that all is well");
}

#[test]
fn a_summary_never_grows_beyond_what_forges_take() {
    let world = World::planted(&["ana"]);
    let before = world.git(&["rev-parse", "main"]).out;
    // Signs of markup are spelled in six letters each.
    let title = |n: usize| format!("{n} {}", "<".repeat(60));
    for n in 0..3 {
        let path = "canon/ECONOMY_MODEL.md";
        world.write(path, world.read(path) + &format!("\n{}\n", "<\t`".repeat(20_000)));
        let id = world.propose_edits("ana", &title(n));
        world.approve(&id, &["ana"]);
        world.ratify(&id);
    }
    let page = world.path("page.md");
    let page = page.to_str().unwrap();
    // Another command of the step has written already.
    let words = "y".repeat(1023 << 10);
    std::fs::write(page, &words).unwrap();
    let variables = [("GITHUB_ACTIONS", "true"), ("GITHUB_STEP_SUMMARY", page)];
    ci_in(&world, &world.repo(), &variables, &["--base", before.trim(), "--head", "main"]).exits(0);
    let text = std::fs::read_to_string(page).unwrap();
    assert!(text.len() < 1 << 20 && text.starts_with(&words), "{}", text.len());
    let ours = &text[words.len()..];
    assert!(ours.contains("**This page is cut: forges show no larger one.** Not shown: ") && ours.contains("Checkpoint: root "), "{ours}");
}

#[test]
fn every_error_of_a_job_is_defused() {
    let world = World::planted(&[]);
    // Where a report cannot be written, the name of its file is in the words.
    for name in ["../no/##[error]x", "../no/\n::error::x", "../no/\u{1b}[0m::error::x"] {
        let ran = ci_in(&world, &world.repo(), &[("GITHUB_ACTIONS", "true")], &["--base", "main", "--head", "main", "--junit", name]);
        let ran = ran.exits(1);
        for line in ran.out.lines().chain(ran.err.lines()) {
            assert!(!line.trim_start().starts_with("::") && !line.contains("##[") && !line.contains('\u{1b}'), "{line}");
        }
    }
}
