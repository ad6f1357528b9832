//! Small pushes that would cost a verifier, a job of CI or a server's hook gigabytes or minutes.

use omega::digest::Digest;

use super::{git, served};
use crate::world::{Ran, World};

/// What each run may take for its data, in KiB. Systems that know no such limit run without.
const MEMORY: &str = "262144";

/// Runs omega with so much memory.
fn bounded(world: &World, args: &[&str]) -> Ran {
    let script = "ulimit -d $0 2>/dev/null; exec \"$@\"";
    let mut all = vec!["-c", script, MEMORY, env!("CARGO_BIN_EXE_omega")];
    all.extend(args);
    world.run("sh", &all, &world.repo(), None)
}

fn blob(world: &World, bytes: &[u8]) -> String {
    world.run("git", &["hash-object", "-w", "--stdin"], &world.repo(), Some(bytes)).exits(0).out.trim().to_owned()
}

fn tree(world: &World, lines: &str) -> String {
    world.run("git", &["mktree"], &world.repo(), Some(lines.as_bytes())).exits(0).out.trim().to_owned()
}

/// The lines of a folder of HEAD but for one name.
fn others(world: &World, folder: &str, name: &str) -> String {
    let listed = world.git(&["ls-tree", folder]).exits(0).out;
    listed.lines().filter(|line| !line.ends_with(&format!("\t{name}"))).map(|line| format!("{line}\n")).collect()
}

/// A commit on HEAD in which `canon/NAME` is this tree.
fn commit(world: &World, name: &str, inner: &str) -> String {
    let canon = tree(world, &format!("{}040000 tree {inner}\t{name}\n", others(world, "HEAD:canon", name)));
    let root = tree(world, &format!("{}040000 tree {canon}\tcanon\n", others(world, "HEAD", "canon")));
    world.git(&["commit-tree", &root, "-p", "HEAD", "-m", "costly"]).exits(0).out.trim().to_owned()
}

fn is_refused(world: &World, head: &str, code: &str) {
    let ran = bounded(world, &["canon", "verify", head]).exits(11);
    assert!(format!("{}{}", ran.out, ran.err).contains(code), "{}{}", ran.out, ran.err);
    let ran = bounded(world, &["ci", "--base", "main", "--head", head]).exits(11);
    assert!(format!("{}{}", ran.out, ran.err).contains(code), "{}{}", ran.out, ran.err);
    let ran = git(world, &["push", "-q", "origin", &format!("{head}:refs/heads/main")]).exits(1);
    assert!(ran.err.contains(code), "{}", ran.err);
}

fn planted() -> World {
    let world = World::planted(&["ana"]);
    served(&world);
    git(&world, &["push", "-q", "origin", "main"]).exits(0);
    world
}

#[test]
fn many_large_files_that_no_proposal_names() {
    let world = planted();
    let mut lines = others(&world, "HEAD:canon/bytes", "");
    for number in 0..40 {
        let mut bytes = vec![0; 8 << 20];
        bytes[0] = number;
        lines.push_str(&format!("100644 blob {}\t{}\n", blob(&world, &bytes), Digest::of(&bytes).hex()));
    }
    let inner = tree(&world, &lines);
    is_refused(&world, &commit(&world, "bytes", &inner), "C033");
}

#[test]
fn very_many_proposals_of_one_object() {
    let world = planted();
    let folder = tree(&world, &format!("100644 blob {}\tproposal.md\n", blob(&world, b"---\nomega: 1\n---\n")));
    let mut lines = others(&world, "HEAD:canon/resolutions", "");
    for number in 0..40_000 {
        lines.push_str(&format!("040000 tree {folder}\t2026-01-01-x{number}\n"));
    }
    let inner = tree(&world, &lines);
    is_refused(&world, &commit(&world, "resolutions", &inner), "C019");
}

#[test]
fn one_large_file_under_many_names() {
    let world = planted();
    let id = blob(&world, &vec![0; 8 << 20]);
    let mut lines = others(&world, "HEAD:canon/bytes", "");
    for number in 0..1_000 {
        lines.push_str(&format!("100644 blob {id}\t{number:064x}\n"));
    }
    let inner = tree(&world, &lines);
    is_refused(&world, &commit(&world, "bytes", &inner), "C033");
}

#[test]
fn many_files_with_long_names() {
    let world = planted();
    let id = blob(&world, b"x");
    let mut inner = tree(&world, &(0..20_000).map(|number| format!("100644 blob {id}\t{number:06}\n")).collect::<String>());
    for _ in 0..60 {
        inner = tree(&world, &format!("040000 tree {inner}\t{}\n", "d".repeat(250)));
    }
    is_refused(&world, &commit(&world, "x", &inner), "C019");
}

#[test]
fn a_folder_that_stands_in_itself_many_times() {
    let world = planted();
    let id = blob(&world, b"x");
    let mut inner = tree(&world, &format!("100644 blob {id}\tx\n"));
    for _ in 0..10 {
        inner = tree(&world, &(0..10).map(|number| format!("040000 tree {inner}\t{number}\n")).collect::<String>());
    }
    let head = commit(&world, "x", &inner);
    is_refused(&world, &head, "C019");
    // The hint names the commit, and without that all holds.
    let report = world.omega(&["canon", "verify", &head, "--format", "json"]).exits(11).json()["report"].clone();
    let finding = report["findings"].as_array().unwrap().iter().find(|finding| finding["code"] == "C019").unwrap();
    let hint = finding["hint"].as_str().unwrap();
    world.git(&["update-ref", "refs/heads/hostile", &head]).exits(0);
    world.git(&["symbolic-ref", "HEAD", "refs/heads/hostile"]).exits(0);
    let command = format!("git log -1 --format=%s -- {}", finding["path"].as_str().unwrap());
    assert!(hint.contains(&command.replace(" --format=%s", "")), "{hint}");
    assert_eq!(world.run("sh", &["-c", &command], &world.repo(), None).exits(0).out, "costly\n");
    world.omega(&["canon", "verify", "HEAD~1"]).exits(0);
}

#[test]
fn one_unsigned_record_under_many_names() {
    let world = planted();
    let text = format!("---\na: [{}]\n---\n", "{a: b}, ".repeat(100_000));
    let id = blob(&world, text.as_bytes());
    let mut lines = String::new();
    for number in 0..100 {
        lines.push_str(&format!("100644 blob {id}\tx{number}.1.md\n100644 blob {id}\tx{number}.1.md.sig\n"));
    }
    let votes = tree(&world, &lines);
    let genesis = world.git(&["ls-tree", "--name-only", "HEAD:canon/resolutions"]).exits(0).out.trim().to_owned();
    let folder =
        tree(&world, &format!("{}040000 tree {votes}\tvotes\n", others(&world, &format!("HEAD:canon/resolutions/{genesis}"), "votes")));
    let inner = tree(&world, &format!("040000 tree {folder}\t{genesis}\n"));
    is_refused(&world, &commit(&world, "resolutions", &inner), "C010");
}
