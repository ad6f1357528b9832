//! Nothing rides along with a ruling: code, workflows, submodules and modes that somebody puts beside a proposal stay where they are.

use std::os::unix::fs::PermissionsExt as _;

use crate::world::{Ran, World};

/// A repository with code, a workflow and an instruction file that is governed.
fn world() -> World {
    let world = World::empty();
    world.write("AGENTS.md", "Be plain.\n");
    world.write("main.rs", "fn main() {}\n");
    world.write(".github/workflows/canon.yml", "run: omega ci\n");
    world.write("tool.sh", "true\n");
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "What was there before"]).exits(0);
    let ana = format!("ana={}.pub", world.key("ana"));
    world
        .omega(&[
            "init",
            "--profile",
            "omega",
            "--chief",
            "ry",
            "--key",
            &world.key("ry"),
            "--member",
            &ana,
            "--govern",
            "AGENTS.md",
            "--yes",
        ])
        .exits(0);
    world
}

/// Code, a workflow, a submodule and a mode, in the work tree and the index.
fn smuggle(world: &World) {
    world.write("main.rs", "fn main() { evil() }\n");
    world.write(".github/workflows/canon.yml", "run: omega --version\n");
    let tool = world.repo().join("tool.sh");
    std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
    world.git(&["add", "main.rs", ".github", "tool.sh"]).exits(0);
    let commit = world.git(&["rev-parse", "HEAD"]).out;
    world.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{},vendor", commit.trim())]).exits(0);
}

const SMUGGLED: [&str; 4] = [".github/workflows/canon.yml", "main.rs", "tool.sh", "vendor"];

fn commit(world: &World) {
    world.git(&["commit", "-q", "-m", "wip"]).exits(0);
}

fn propose(world: &World, more: &[&str]) -> String {
    let args = [&["canon", "propose", "--title", "Be kind", "--reason", "x", "--format", "json"], more].concat();
    world.by("ana", &args).exits(0).json()["report"]["resolution"].as_str().unwrap().to_owned()
}

fn edited(world: &World) -> String {
    world.write("AGENTS.md", "Be plain. Be kind.\n");
    propose(world, &[])
}

/// What came onto the main branch is the ruling and what it approves; gives the ruling's report.
#[track_caller]
fn ratified(world: &World, id: &str, base: &str) -> serde_json::Value {
    world.approve(id, &["ana"]);
    let report = world.by("ry", &["canon", "ratify", id, "--yes", "--format", "json"]).exits(0).json()["report"].clone();
    arrived(world, base);
    report
}

#[track_caller]
fn arrived(world: &World, base: &str) {
    let changed = world.git(&["diff", "--raw", "--no-abbrev", base, "main"]).out;
    for line in changed.lines() {
        let path = line.split_once('\t').unwrap().1;
        assert!(path == "AGENTS.md" || path.starts_with("canon/"), "{changed}");
    }
    assert!(changed.contains("\tAGENTS.md"), "{changed}");
    world.omega(&["canon", "verify", "main"]).exits(0);
    // Nor does it come by the history: a commit that counts as merged is never merged again.
    let log = world.git(&["log", "--format=%s", "main"]).out;
    assert!(!log.contains("wip"), "{log}");
}

fn main_tip(world: &World) -> String {
    world.git(&["rev-parse", "main"]).out.trim().to_owned()
}

#[test]
fn a_proposal_from_a_feature_branch_brings_nothing_of_it() {
    let world = world();
    let base = main_tip(&world);
    world.git(&["switch", "-q", "-c", "feature"]).exits(0);
    smuggle(&world);
    commit(&world);
    let id = edited(&world);
    let report = ratified(&world, &id, &base);
    assert!(report.get("left_behind").is_none(), "{report:#}");
    assert_eq!(world.git(&["rev-parse", "main^@"]).out.trim(), base);
    // The feature is still there, and is merged like any other.
    world.git(&["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.git(&["merge", "-q", "--no-edit", "feature"]).exits(0);
    assert!(world.read("main.rs").contains("evil"));
}

#[test]
fn a_proposal_brings_nothing_that_is_dirty_or_staged() {
    let world = world();
    let base = main_tip(&world);
    smuggle(&world);
    let id = edited(&world);
    let brought = world.git(&["diff", "--name-only", &base, &format!("canon/{id}")]).out;
    assert!(SMUGGLED.iter().all(|path| !brought.contains(path)), "{brought}");
    ratified(&world, &id, &base);
    let staged = world.git(&["diff", "--cached", "--name-only"]).out;
    assert_eq!(staged.lines().collect::<Vec<_>>(), SMUGGLED);
}

#[test]
fn a_commit_on_the_branch_of_a_proposal_is_left_behind_and_named() {
    let world = world();
    let base = main_tip(&world);
    let id = edited(&world);
    world.approve(&id, &["ana"]);
    world.look_at(&id);
    smuggle(&world);
    commit(&world);
    world.git(&["switch", "-q", "-f", "main"]).exits(0);
    let report = ratified(&world, &id, &base);
    assert_eq!(report["left_behind"], serde_json::json!(SMUGGLED));
    // Nothing is lost with the branch, which stays.
    assert!(world.git(&["show", &format!("canon/{id}:main.rs")]).exits(0).out.contains("evil"));
}

#[test]
fn a_commit_that_was_fetched_is_left_behind() {
    let world = world();
    let base = main_tip(&world);
    let id = edited(&world);
    world.approve(&id, &["ana"]);
    world.git(&["checkout", "-q", "--", "AGENTS.md"]).exits(0);
    world.git(&["clone", "-q", "--bare", ".", "../origin.git"]).exits(0);
    world.git(&["remote", "add", "origin", "../origin.git"]).exits(0);
    world.look_at(&id);
    smuggle(&world);
    commit(&world);
    world.git(&["push", "-q", "origin", &format!("canon/{id}")]).exits(0);
    world.git(&["fetch", "-q"]).exits(0);
    world.git(&["switch", "-q", "-f", "main"]).exits(0);
    world.git(&["branch", "-q", "-D", &format!("canon/{id}")]).exits(0);
    let report = ratified(&world, &id, &base);
    assert_eq!(report["left_behind"], serde_json::json!(SMUGGLED));
}

#[test]
fn a_merge_that_brings_more_than_it_merges_is_left_behind() {
    let world = world();
    let base = main_tip(&world);
    let id = edited(&world);
    world.git(&["switch", "-q", "-f", "-c", "side", "main"]).exits(0);
    world.commit_unrelated("wip.txt");
    world.look_at(&id);
    world.git(&["merge", "-q", "--no-commit", "--no-ff", "side"]).exits(0);
    smuggle(&world);
    commit(&world);
    world.git(&["switch", "-q", "-f", "main"]).exits(0);
    let report = ratified(&world, &id, &base);
    assert!(SMUGGLED.iter().all(|path| report["left_behind"].to_string().contains(path)), "{report:#}");
}

#[test]
fn what_is_taken_back_on_the_branch_comes_neither_as_a_change_nor_as_history() {
    let world = world();
    let base = main_tip(&world);
    let id = edited(&world);
    world.look_at(&id);
    smuggle(&world);
    commit(&world);
    world.git(&["revert", "--no-edit", "HEAD"]).exits(0);
    world.git(&["switch", "-q", "-f", "main"]).exits(0);
    ratified(&world, &id, &base);
}

#[test]
fn a_newer_proposal_does_not_inherit_what_was_put_beside_the_older_one() {
    let world = world();
    let base = main_tip(&world);
    let first = edited(&world);
    world.look_at(&first);
    smuggle(&world);
    commit(&world);
    world.git(&["switch", "-q", "-f", "main"]).exits(0);
    let second = propose(&world, &["--supersedes", &first]);
    let brought = world.git(&["diff", "--name-only", &base, &format!("canon/{second}")]).out;
    assert!(brought.contains(&first) && SMUGGLED.iter().all(|path| !brought.contains(path)), "{brought}");
    ratified(&world, &second, &base);
}

#[test]
fn a_ruling_that_waits_for_a_pull_request_takes_off_what_was_put_on_its_branch() {
    let world = world();
    let base = main_tip(&world);
    let id = edited(&world);
    world.approve(&id, &["ana"]);
    world.look_at(&id);
    smuggle(&world);
    commit(&world);
    world.git(&["switch", "-q", "-f", "main"]).exits(0);
    world.by("ry", &["canon", "ratify", &id, "--yes", "--no-merge"]).exits(0);
    let branch = format!("canon/{id}");
    let brought = world.git(&["diff", "--name-only", &base, &branch]).out;
    assert!(SMUGGLED.iter().all(|path| !brought.contains(path)), "{brought}");
    // Somebody goes on after the ruling. The Chief brings it here, and the rest stays there.
    world.look_at(&id);
    smuggle(&world);
    commit(&world);
    world.git(&["switch", "-q", "-f", "main"]).exits(0);
    world.by("ry", &["canon", "ratify", &id, "--yes"]).exits(0);
    arrived(&world, &base);
}

#[test]
fn an_edit_that_was_committed_is_proposed_from_any_branch() {
    for branch in ["feature", "main"] {
        let world = world();
        if branch == "feature" {
            world.git(&["switch", "-q", "-c", "feature"]).exits(0);
        }
        let base = main_tip(&world);
        world.write("AGENTS.md", "Be plain. Be kind.\n");
        world.write("main.rs", "fn main() { feature() }\n");
        world.git(&["commit", "-q", "-a", "-m", "An agent edits its instructions"]).exits(0);
        world.omega(&["canon", "verify"]).exits(11);
        let id = propose(&world, &[]);
        world.approve(&id, &["ana"]);
        world.ratify(&id);
        world.omega(&["canon", "verify", "main"]).exits(0);
        assert_eq!(world.git(&["show", "main:AGENTS.md"]).out, "Be plain. Be kind.\n");
        let came = world.git(&["diff", "--name-only", &base, "main"]).out.contains("main.rs");
        // On the main branch itself it was committed already.
        assert_eq!(came, branch == "main");
    }
}

#[test]
fn an_edit_that_is_proposed_is_not_proposed_again() {
    let world = world();
    let id = edited(&world);
    let again = ["canon", "propose", "--title", "Be kind, please", "--reason", "x"];
    let ran = world.by("ana", &again).exits(10);
    assert_eq!(ran.err, format!("error: {id} proposes this already\nhint: omega show {id}\n"));
    // With another edit, only that one is.
    world.edit_identity("Kindness");
    let ran = world.by("ana", &again).exits(0);
    assert!(ran.out.contains(&format!("left out AGENTS.md: {id} proposes it already\n")), "{}", ran.out);
    assert!(!world.git(&["diff", "--name-only", "main", "canon/2026-02-26-be-kind-please"]).out.contains("AGENTS.md"));
}

/// The findings of `omega ci` with this code, as lines of their paths.
fn ci(world: &World, base: &str, head: &str) -> (Ran, Vec<String>) {
    let ran = world.omega(&["ci", "--base", base, "--head", head, "--allow-pending", "--format", "json"]);
    let found = ran.json()["report"]["findings"].as_array().unwrap().clone();
    let carried = found.iter().filter(|finding| finding["code"] == "C074");
    let paths = carried.map(|finding| finding["path"].as_str().unwrap().to_owned()).collect();
    (ran, paths)
}

#[test]
fn a_pull_request_with_a_resolution_and_other_changes_names_them() {
    let world = world();
    let base = main_tip(&world);
    let id = edited(&world);
    let branch = format!("canon/{id}");
    let (ran, carried) = ci(&world, &base, &branch);
    assert_eq!((ran.code, carried), (Some(0), Vec::new()));

    world.look_at(&id);
    smuggle(&world);
    commit(&world);
    world.git(&["switch", "-q", "-f", "main"]).exits(0);
    let (ran, carried) = ci(&world, &base, &branch);
    assert_eq!((ran.code, carried.as_slice()), (Some(0), SMUGGLED.map(str::to_owned).as_slice()));
    let args = ["ci", "--base", &base, "--head", &branch, "--allow-pending", "--annotations", "github", "--summary", "summary.md"];
    let ran = world.omega(&args).exits(0);
    let summary = world.read("summary.md").replace("&#46;", ".").replace("&#47;", "/");
    let said = ran.out + &ran.err;
    for path in SMUGGLED {
        assert!(said.contains(&format!("::warning file={path},title=C074")) && summary.contains(path), "{path}: {said}\n{summary}");
    }
    // Other changes alone are nobody's business, and a ruling alone is what was decided.
    world.git(&["switch", "-q", "-c", "feature"]).exits(0);
    smuggle(&world);
    commit(&world);
    assert_eq!((ci(&world, &base, "feature").0.code, ci(&world, &base, "feature").1), (Some(0), Vec::new()));
    world.git(&["switch", "-q", "-f", "main"]).exits(0);
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    assert_eq!((ci(&world, &base, "main").0.code, ci(&world, &base, "main").1), (Some(0), Vec::new()));
    // A feature that has merged the main branch brings its own changes alone.
    world.git(&["switch", "-q", "feature"]).exits(0);
    world.git(&["merge", "-q", "--no-edit", "main"]).exits(0);
    assert_eq!((ci(&world, "main", "feature").0.code, ci(&world, "main", "feature").1), (Some(0), Vec::new()));
}

#[test]
fn attributes_that_a_new_pattern_needs_come_along_and_others_do_not() {
    let world = world();
    world.write("docs/guide.md", "Guide.\n");
    world.git(&["add", "docs"]).exits(0);
    world.git(&["commit", "-q", "-m", "Guide"]).exits(0);
    world.edit_alone("canon/OMEGA_IDENTITY.md", "  who: [", "  who: [\"docs/**\", ");
    let id = world.propose_edits("ana", "Govern the guide");
    assert_eq!(ci(&world, "main", &format!("canon/{id}")).1, [""; 0]);
    world.write(".gitattributes", world.read(".gitattributes") + "*.rs -diff\n");
    world.git(&["commit", "-q", "-a", "-m", "Hide code from reviews"]).exits(0);
    assert_eq!(ci(&world, "main", &format!("canon/{id}")).1, [".gitattributes"]);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    let attributes = world.read(".gitattributes");
    assert!(attributes.contains("docs/**") && !attributes.contains("-diff"), "{attributes}");
}

/// A bare repository with the gate, and a remote of that name.
fn server(world: &World) {
    world.git(&["clone", "-q", "--bare", ".", "../server.git"]).exits(0);
    let server = world.path("server.git");
    world.omega_in(&server, &["trust", "pin", &world.root()]).exits(0);
    world.git(&["remote", "add", "server", "../server.git"]).exits(0);
}

/// What `pre-push` and `pre-receive` say of the main branch.
fn pushed(world: &World) -> [Ran; 2] {
    let (old, new) = (world.git_in(&world.path("server.git"), &["rev-parse", "main"]).out, main_tip(world));
    let old = old.trim();
    let line = format!("refs/heads/main {new} refs/heads/main {old}\n");
    let push = world.run(env!("CARGO_BIN_EXE_omega"), &["hook", "pre-push", "server", "x"], &world.repo(), Some(line.as_bytes()));
    world.git(&["push", "-q", "server", "+main:refs/heads/aside"]).exits(0);
    let line = format!("{old} {new} refs/heads/main\n");
    let receive = world.run(env!("CARGO_BIN_EXE_omega"), &["hook", "pre-receive"], &world.path("server.git"), Some(line.as_bytes()));
    [push, receive]
}

#[test]
fn a_push_names_what_comes_with_a_resolution() {
    let world = world();
    server(&world);
    let id = edited(&world);
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    for ran in pushed(&world) {
        assert_eq!((ran.code, ran.err.as_str()), (Some(0), ""), "{}", ran.out);
    }
    // In a commit of its own, and in one with the ruling.
    smuggle(&world);
    commit(&world);
    for ran in pushed(&world) {
        assert_eq!(ran.code, Some(0), "{}", ran.err);
        let said = ran.out + &ran.err;
        assert!(SMUGGLED.iter().all(|path| said.contains(path)) && said.contains("C074") && said.contains(&id), "{said}");
    }
    world.git(&["fetch", "-q", "server"]).exits(0);
    world.git(&["reset", "-q", "--soft", "server/main"]).exits(0);
    world.git(&["commit", "-q", "-m", "All in one"]).exits(0);
    for ran in pushed(&world) {
        assert_eq!(ran.code, Some(0), "{}{}", ran.out, ran.err);
        let said = ran.out + &ran.err;
        assert!(SMUGGLED.iter().all(|path| said.contains(path)) && said.contains("C074"), "{said}");
    }
}

#[test]
fn folders_that_git_could_move_files_along_with_are_judged() {
    let world = World::empty();
    for (path, text) in [("lib/one", "1\n2\n3\n"), ("lib/two", "a\nb\nc\n"), ("p/a", "p\n"), ("deep/x/y", "y\n")] {
        world.write(path, text);
    }
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "before"]).exits(0);
    let ana = format!("ana={}.pub", world.key("ana"));
    world
        .omega(&[
            "init",
            "--profile",
            "omega",
            "--chief",
            "ry",
            "--key",
            &world.key("ry"),
            "--member",
            &ana,
            "--govern",
            "p/**",
            "--govern",
            "**/RULES.md",
            "--yes",
        ])
        .exits(0);
    for (branch, path) in [("into-p", "lib/new.md"), ("deeper", "lib/sub/new.md"), ("elsewhere", "other/new.md"), ("to-root", "deep/x/z")] {
        world.git(&["switch", "-q", "-c", branch, "main"]).exits(0);
        world.commit_unrelated(path);
    }
    world.git(&["switch", "-q", "main"]).exits(0);
    std::fs::create_dir_all(world.repo().join("p/lib")).unwrap();
    world.git(&["mv", "lib/one", "lib/two", "p/lib/"]).exits(0);
    let id = propose(&world, &[]);
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    world.git(&["commit", "-q", "-m", "the rest of the move"]).exits(0);
    let code = |branch: &str| world.omega(&["ci", "--base", "main", "--head", branch]).code;
    assert_eq!((code("into-p"), code("deeper")), (Some(11), Some(11)));
    assert_eq!((code("elsewhere"), code("to-root")), (Some(0), Some(0)));
    // What is refused is what git would do.
    world.git(&["-c", "merge.directoryRenames=true", "merge", "-q", "-m", "merged", "into-p"]).exits(0);
    world.omega(&["canon", "verify"]).exits(11);
}
