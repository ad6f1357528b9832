//! `omega ci`: pull requests on real repositories, honest and hostile.

mod attacks;
mod comments;
mod forges;
mod merges;
mod outputs;
mod shallow;
mod templates;

use std::path::Path;

use serde_json::Value;

use crate::world::{Ran, World};

/// Judges a head against a base, as JSON.
fn judged(world: &World, base: &str, head: &str) -> Ran {
    world.omega(&["ci", "--base", base, "--head", head, "--format", "json"])
}

/// The codes of findings of a severity, each once, in order.
fn codes(ran: &Ran, severity: &str) -> Vec<String> {
    let json = ran.json();
    let findings = json["report"]["findings"].as_array().unwrap_or_else(|| panic!("{json:#}")).clone();
    let mut codes: Vec<String> = findings
        .iter()
        .filter(|finding| finding["severity"] == severity)
        .map(|finding| finding["code"].as_str().unwrap().to_owned())
        .collect();
    codes.sort();
    codes.dedup();
    codes
}

/// Holds what comes of a pull request: the exit code, and the codes of its errors.
#[track_caller]
fn comes_to(world: &World, base: &str, head: &str, exit: i32, errors: &[&str]) -> Value {
    let before = world.traces();
    let ran = judged(world, base, head);
    assert_eq!(ran.code, Some(exit), "{}{}", ran.out, ran.err);
    assert_eq!(codes(&ran, "error"), errors, "{}", ran.out);
    assert_eq!(world.traces(), before, "a judgement writes nothing");
    ran.json()["report"].clone()
}

/// A new branch at a commit, checked out.
fn branch(world: &World, name: &str, at: &str) {
    world.git(&["switch", "-q", "-c", name, at]).exits(0);
}

/// Commits all that lies in the work tree.
fn commit(world: &World, message: &str) -> String {
    world.git(&["add", "-A"]).exits(0);
    world.git(&["commit", "-q", "-m", message]).exits(0);
    world.git(&["rev-parse", "HEAD"]).out.trim().to_owned()
}

/// Runs `omega ci` in a folder with further variables of the environment.
fn ci_in(world: &World, dir: &Path, variables: &[(&str, &str)], args: &[&str]) -> Ran {
    let args = [&["ci"][..], args].concat();
    let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &args, dir);
    command.envs(variables.iter().copied());
    Ran::of(command.output().unwrap())
}

#[test]
fn a_proposal_is_pending_until_it_is_ratified() {
    let world = World::planted(&["ana", "bo"]);
    world.git(&["tag", "old"]).exits(0);
    let id = world.propose("ana", "Say it plainly");
    let head = format!("canon/{id}");
    let report = comes_to(&world, "main", &head, 12, &[]);
    assert_eq!((&report["conclusion"], &report["judged"], &report["pending_allowed"]), (&"pending".into(), &"head".into(), &false.into()));
    let files: Vec<(&str, &str)> =
        report["files"].as_array().unwrap().iter().map(|file| (file["path"].as_str().unwrap(), file["stands"].as_str().unwrap())).collect();
    assert_eq!(files, [("canon/OMEGA_IDENTITY.md", "draft"), ("canon/phylactery/fact/OMEGA_IDENTITY.md", "draft")]);
    assert!(report["files"][0]["diff"].as_str().unwrap().contains("+    - \"Say it plainly\"\n"), "{report:#}");
    let proposal = &report["proposals"][0];
    assert_eq!(
        (&proposal["by"], &proposal["standing"], &proposal["tally"]["resolution"]),
        (&"ana".into(), &"open".into(), &id.as_str().into())
    );
    let next = proposal["tally"]["next"].to_string();
    assert!(next.contains(&format!("omega vote {id} approve")), "{next}");
    // Voting goes on in the same pull request.
    world.approve(&id, &["ana", "bo"]);
    let ran = world.omega(&["ci", "--base", "main", "--head", &head, "--allow-pending"]).exits(0);
    assert!(ran.out.contains("pending, which is allowed here") && ran.out.contains(&format!("omega ratify {id}")), "{}", ran.out);
    world.ratify(&id);
    // The main branch has it now; what it brought is judged by where it was.
    let report = comes_to(&world, "old", "main", 0, &[]);
    assert_eq!((&report["rulings"][0]["sequence"], &report["rulings"][0]["verdict"]), (&1.into(), &"approve".into()));
    assert!(report["files"].as_array().unwrap().iter().all(|file| file["stands"] == "ratified"), "{report:#}");
}

#[test]
fn what_touches_nothing_governed_always_passes() {
    let world = World::planted(&[]);
    branch(&world, "feature", "main");
    world.commit_unrelated("code.txt");
    let report = comes_to(&world, "main", "feature", 0, &[]);
    assert_eq!((&report["proved"], report.get("report")), (&"nothing governed changes".into(), None));
    // Also on a base that does not hold; that it does not is said.
    world.git(&["switch", "-q", "main"]).exits(0);
    world.edit_identity("Sneaked");
    commit(&world, "Sneak");
    branch(&world, "more", "main");
    world.commit_unrelated("more.txt");
    let ran = judged(&world, "main", "more").exits(0);
    assert_eq!((codes(&ran, "error"), codes(&ran, "warning")), (vec![], vec!["C073".to_owned()]));
    assert_eq!(ran.json()["report"]["base_report"]["conclusion"], "violated");
    comes_to(&world, "main", "feature", 0, &[]);
    // Nor does a clone without a pin stand in the way; governed changes do need one.
    std::fs::remove_file(world.repo().join(".git/omega/pin.toml")).unwrap();
    comes_to(&world, "main", "more", 0, &[]);
}

#[test]
fn an_emergency_that_ran_out_holds_nobody_up_but_governed_changes() {
    let mut world = World::planted(&[]);
    world.edit_identity("Stop it");
    world.chief(&["canon", "emergency", "--title", "Stop it", "--reason", "It does harm.", "--yes"]).exits(0);
    "2026-03-26T12:00:00Z".clone_into(&mut world.now);
    branch(&world, "feature", "main");
    world.commit_unrelated("code.txt");
    let ran = judged(&world, "main", "feature").exits(0);
    assert_eq!(codes(&ran, "warning"), ["C073"]);
    world.write("canon/ECONOMY_MODEL.md", world.read("canon/ECONOMY_MODEL.md") + "\nMore.\n");
    commit(&world, "More");
    comes_to(&world, "main", "feature", 11, &["C029", "C040"]);
}

#[test]
fn without_a_pin_nothing_is_said_of_governed_changes() {
    let world = World::planted(&["ana"]);
    let root = world.root();
    let head = format!("canon/{}", world.propose("ana", "Say it plainly"));
    std::fs::remove_file(world.repo().join(".git/omega/pin.toml")).unwrap();
    let report = comes_to(&world, "main", &head, 13, &[]);
    assert_eq!((&report["conclusion"], &report["checkpoint"]["root"]), (&"unknown".into(), &root.as_str().into()));
    let args = ["--base", "main", "--head", &head];
    ci_in(&world, &world.repo(), &[("OMEGA_ROOT", &root)], &args).exits(12);
    // A variable that the forge does not know arrives empty; one that is no root is no pin.
    let empty = ci_in(&world, &world.repo(), &[("OMEGA_ROOT", "")], &args).exits(13);
    assert!(empty.err.starts_with("error: OMEGA_ROOT is set and empty, so no root is trusted\nhint: "), "{}", empty.err);
    let ran = ci_in(&world, &world.repo(), &[("OMEGA_ROOT", "sha256:12")], &args).exits(2);
    assert!(ran.err.starts_with("error: OMEGA_ROOT is not a root\nhint: "), "{}", ran.err);
    world.omega(&["ci", "--base", "main", "--head", &head, "--root", &root]).exits(12);
}

#[test]
fn a_pull_request_can_plant_a_canon() {
    let world = World::empty();
    world.commit_unrelated("code.txt");
    branch(&world, "plant", "main");
    world.omega(&["init", "--profile", "omega", "--chief", "ry", "--key", &world.key("ry"), "--yes"]).exits(0);
    let report = comes_to(&world, "main", "plant", 0, &[]);
    assert_eq!((report.get("base_report"), &report["rulings"][0]["sequence"]), (None, &0.into()));
    // A project without any canon is none of its business.
    branch(&world, "code", "main");
    world.commit_unrelated("more.txt");
    comes_to(&world, "main", "code", 0, &[]);
}

#[test]
fn what_the_rules_say_otherwise_is_told() {
    let world = World::planted(&["ana"]);
    let economy = "canon/ECONOMY_MODEL.md";
    world.edit_alone(economy, "      tenths: 100\n", "      tenths: 90\n");
    world.edit_alone(
        economy,
        "tenths: 100, capped: false, amount: \"10 Neuro-Credit\"",
        "tenths: 90, capped: false, amount: \"9 Neuro-Credit\"",
    );
    world.edit_alone(economy, "expect: { tenths: 100, capped: false }", "expect: { tenths: 90, capped: false }");
    let head = format!("canon/{}", world.propose_edits("ana", "Award less"));
    let report = comes_to(&world, "main", &head, 12, &[]);
    let file = report["files"].as_array().unwrap().iter().find(|file| file["path"] == economy).unwrap();
    let shift = &file["shifts"][0];
    assert_eq!(shift["case"], "a clean cycle is worth 10 credits");
    assert_eq!((&shift["before"]["tenths"], &shift["after"]["tenths"]), (&100.into(), &90.into()), "{shift:#}");
    let ran = world.omega(&["ci", "--base", "main", "--head", &head, "--summary", "../summary.md"]).exits(12);
    assert!(ran.out.contains("  a clean cycle is worth 10 credits: {"), "{}", ran.out);
    assert!(std::fs::read_to_string(world.path("summary.md")).unwrap().contains("### What the rules say otherwise\n"));
    // Nobody has put this forward, and its cases are not asked anything.
    branch(&world, "pr", "main");
    world.edit(economy, "      tenths: 100\n", "      tenths: 80\n");
    commit(&world, "Sneak");
    let report = comes_to(&world, "main", "pr", 11, &["C040"]);
    assert_eq!(report["files"][0].get("shifts"), None);
}
