//! Ways around the gates, changes of the check itself, text that speaks, and writes that are cut off.

use std::fs;
use std::path::{Path, PathBuf};

use omega::tree::Mode;

use super::Run::{Hand, Tree};
use super::drive::{git_with_omega, snapshot, unchanged};
use super::encoding::with;
use super::{Attack, Case, EVERYWHERE, at, cases, planted};
use crate::forge::{Edit, Forge, Seed};
use crate::world::{Ran, World};

/// A server with the honest main branch, omega's hook and the pin.
pub fn served(world: &World) -> PathBuf {
    let bare = pinned_server(world);
    git_with_omega(world, &world.repo(), &["push", "-q", bare.to_str().unwrap(), "main"]).exits(0);
    bare
}

/// A server with omega's hook and the pin, and nothing else yet.
fn pinned_server(world: &World) -> PathBuf {
    let bare = world.path("served.git");
    world.git(&["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]).exits(0);
    assert_eq!(world.omega_in(&bare, &["hooks", "install"]).exits(0).out, "installed pre-receive\n");
    world.omega_in(&bare, &["trust", "pin", &world.root()]).exits(0);
    bare
}

fn push(world: &World, bare: &Path, args: &[&str]) -> Ran {
    git_with_omega(world, &world.repo(), &[&["push", "-q", bare.to_str().unwrap()], args].concat())
}

/// Something unratified is committed on main past all local hooks.
fn sneak(world: &World) {
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "--no-verify", "-m", "Sneak"]).exits(0);
}

/// Holds a push to be refused whole.
#[track_caller]
fn refused(case: &Case, world: &World, bare: &Path, args: &[&str], words: &str) {
    let before = snapshot(bare);
    let ran = case.says(push(world, bare, args));
    assert!(ran.err.contains(words), "`{words}` is not in {}", ran.err);
    unchanged(&before, bare, case.name);
}

/// A canon whose `who` governs the files that check it, with this in the place of one of them.
fn check_edited(path: &str, text: &str) -> Attack {
    let mut forge = Forge::plant(&Seed {
        who: &["AGENTS.md", ".github/**", "hooks/**", "action.yml"],
        files: vec![
            Edit::file("AGENTS.md", "Be kind.\n"),
            Edit::file(".github/workflows/canon.yml", "jobs: {canon: {steps: [{run: omega verify}]}}\n"),
            Edit::file("hooks/pre-receive", "#!/bin/sh\nexec omega hook pre-receive\n"),
            Edit::file("action.yml", "runs: {using: composite}\n"),
        ],
        ..Seed::default()
    });
    forge.holds();
    forge.put(path, text);
    at(forge, path)
}

/// No line of an output begins as a workflow command, and nothing speaks to the terminal.
#[track_caller]
fn is_mute(ran: &Ran) {
    for line in format!("{}\n{}", ran.out, ran.err).lines() {
        let line = line.strip_prefix("remote: ").unwrap_or(line);
        assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{line}");
        assert!(!line.contains(['\u{1b}', '\u{7}', '\u{202e}', '\r']), "{line:?}");
    }
}

/// A file whose name speaks, judged, and pushed.
fn speaking(case: &Case, name: &str) {
    let world = planted();
    let bare = served(&world);
    world.write(&format!("canon/{name}"), "x\n");
    world.git(&["add", "canon"]).exits(0);
    world.git(&["commit", "-q", "-m", "Speak"]).exits(0);
    for args in [&["canon", "verify"][..], &["canon", "verify", "--index"], &["canon", "verify", "--worktree"], &["canon", "status"]] {
        let ran = world.omega(&[args, &["--color", "never"]].concat());
        is_mute(&ran);
        if args[1] == "verify" {
            case.says(ran);
        }
    }
    let ran = push(&world, &bare, &["main"]).exits(1);
    is_mute(&ran);
}

/// A writing command on a disk on which no file can grow beyond so many blocks of 512 bytes.
fn on_a_full_disk(world: &World, blocks: usize, args: &[&str]) -> Ran {
    let script = format!("ulimit -f {blocks}; trap '' XFSZ; exec \"$0\" \"$@\"");
    let mut all = vec!["-c", &script, env!("CARGO_BIN_EXE_omega")];
    all.extend(args);
    world.run("bash", &all, &world.repo(), None)
}

cases! {
    19 commit_without_hooks "a commit is made with --no-verify" &["pre-push", "pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        world.omega(&["hooks", "install"]).exits(0);
        sneak(&world);
        refused(case, &world, &bare, &["main"], "error: `refs/heads/main` is protected, and would get what the council did not ratify");
        refused(case, &world, &bare, &["--no-verify", "main"], "remote: error: `refs/heads/main` is protected");
    });
    12 poisoned_memory_and_a_push "the memory of folded ledgers is rewritten in the clone and on the server, and what it ratifies is pushed" &["pre-push", "pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        world.omega(&["hooks", "install"]).exits(0);
        super::surroundings::poison(&world);
        std::fs::create_dir_all(bare.join("omega")).unwrap();
        world.run("cp", &["-r", ".git/omega/ledgers", bare.join("omega").to_str().unwrap()], &world.repo(), None).exits(0);
        git_with_omega(&world, &world.repo(), &["commit", "-q", "-a", "-m", "Sneak"]).exits(0);
        refused(case, &world, &bare, &["main"], "error: `refs/heads/main` is protected, and would get what the council did not ratify");
        refused(case, &world, &bare, &["--no-verify", "main"], "remote: error: `refs/heads/main` is protected");
    });
    19 hooks_path_elsewhere "core.hooksPath leads to an empty folder" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        world.omega(&["hooks", "install"]).exits(0);
        world.git(&["config", "core.hooksPath", "/dev/null"]).exits(0);
        world.edit_identity("Sneaked");
        git_with_omega(&world, &world.repo(), &["commit", "-q", "-a", "-m", "Sneak"]).exits(0);
        refused(case, &world, &bare, &["main"], "remote: error: `refs/heads/main` is protected");
    });
    16 file_behind_a_harmless_link "a file is put where a link of an earlier push leads, so that it is read by a governed name" &["pre-commit", "pre-receive"], ["C009"] 11 Hand(|case| {
        let world = World::empty();
        world.omega(&["init", "--profile", "omega", "--chief", "ry", "--key", &world.key("ry"), "--govern", "skills/*/SKILL.md", "--yes"]).exits(0);
        let bare = served(&world);
        fs::create_dir_all(world.repo().join("skills")).unwrap();
        std::os::unix::fs::symlink("../lib/there", world.repo().join("skills/x")).unwrap();
        world.write("lib/there/README", "Nothing of note.\n");
        world.git(&["add", "."]).exits(0);
        world.git(&["commit", "-q", "-m", "A link"]).exits(0);
        push(&world, &bare, &["main"]).exits(0);
        world.write("lib/there/SKILL.md", "Obey me.\n");
        world.git(&["add", "."]).exits(0);
        case.says(world.omega(&["hook", "pre-commit"]));
        world.git(&["commit", "-q", "-m", "A skill"]).exits(0);
        let ran = push(&world, &bare, &["main"]).exits(1);
        assert!(ran.err.contains("remote: error: `refs/heads/main` is protected"), "{}", ran.err);
        // What no link leads to is free as before.
        world.git(&["reset", "-q", "--hard", "HEAD~1"]).exits(0);
        world.write("lib/SKILL.md", "Nobody reads me.\n");
        world.git(&["add", "."]).exits(0);
        world.git(&["commit", "-q", "-m", "A file"]).exits(0);
        push(&world, &bare, &["main"]).exits(0);
    });
    19 forced_over_what_was_not_fetched "a protected branch is forced over a ruling that was never fetched" &["pre-push"], [] 1 Hand(|case| {
        let world = planted();
        let bare = world.path("plain.git");
        world.git(&["init", "-q", "--bare", "-b", "main", bare.to_str().unwrap()]).exits(0);
        push(&world, &bare, &["main"]).exits(0);
        let other = world.copied();
        other.omega(&["hooks", "install"]).exits(0);
        let id = world.propose("ana", "Say it plainly");
        world.approve(&id, &["ana"]);
        world.ratify(&id);
        push(&world, &bare, &["main"]).exits(0);
        other.write("README.md", "Something else.\n");
        other.git(&["add", "."]).exits(0);
        git_with_omega(&other, &other.repo(), &["commit", "-q", "-m", "Else"]).exits(0);
        let ran = case.says(git_with_omega(&other, &other.repo(), &["push", "-q", "--force", bare.to_str().unwrap(), "main"]));
        assert!(ran.err.contains("`refs/heads/main` is protected, and what is there was not fetched yet"), "{}", ran.err);
        assert!(ran.err.contains("hint: git fetch"), "{}", ran.err);
    });
    19 damaged_server "the canon of a server is damaged, and a tree without any is forced on it" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        let tree = world.git_in(&bare, &["rev-parse", "main:canon"]).exits(0).out.trim().to_owned();
        // Loose objects, whatever the push came as.
        for pack in fs::read_dir(bare.join("objects/pack")).unwrap().map(|file| file.unwrap().path()).collect::<Vec<_>>() {
            let moved = world.path(pack.file_name().unwrap());
            fs::rename(&pack, &moved).unwrap();
            if moved.extension().is_some_and(|kind| kind == "pack") {
                world.run("git", &["unpack-objects", "-q"], &bare, Some(&fs::read(&moved).unwrap())).exits(0);
            }
        }
        fs::remove_file(bare.join("objects").join(&tree[..2]).join(&tree[2..])).unwrap();
        let _ = fs::remove_dir_all(bare.join("omega/seen"));
        world.git(&["switch", "-q", "--orphan", "empty"]).exits(0);
        world.write("README.md", "Nothing else.\n");
        world.git(&["add", "README.md"]).exits(0);
        world.git(&["commit", "-q", "-m", "Nothing"]).exits(0);
        case.says(push(&world, &bare, &["--force", "empty:main"]));
    });
    20 tag_named_like_the_base "a tag has the name of the branch that a change is judged against" &["CI"], [] 2 Hand(|case| {
        let world = planted();
        world.git(&["update-ref", "refs/remotes/origin/main", "main"]).exits(0);
        world.git(&["switch", "-q", "-c", "evil"]).exits(0);
        sneak(&world);
        world.git(&["tag", "origin/main"]).exits(0);
        let ran = case.says(world.omega(&["ci", "--base", "origin/main", "--head", "HEAD"]));
        assert!(ran.err.contains("`origin/main` means two things: refs/tags/origin/main and refs/remotes/origin/main"), "{}", ran.err);
        world.omega(&["ci", "--base", "refs/remotes/origin/main", "--head", "HEAD"]).exits(11);
    });
    20 repository_within_the_tree "a bare repository with a pin of its own is committed into the tree" &["commit"], [] 2 Hand(|case| {
        let world = planted();
        let inner = world.repo().join("sub");
        world.git(&["clone", "-q", "--bare", ".", inner.to_str().unwrap()]).exits(0);
        let ran = case.says(world.omega_in(&inner, &["canon", "verify"]));
        assert!(ran.err.contains("is a bare repository inside another one's work tree"), "{}", ran.err);
    });
    19 one_bad_ref_of_many "one bad ref comes among good ones" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        sneak(&world);
        refused(case, &world, &bare, &["HEAD~1:refs/heads/a", "HEAD~1:refs/heads/b", "main", "HEAD~1:refs/tags/c"], "remote: error: `refs/heads/main` is protected");
    });
    19 protected_branch_made_anew "a protected branch is pushed that does not exist there yet" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = pinned_server(&world);
        sneak(&world);
        refused(case, &world, &bare, &["main"], "remote: error: `refs/heads/main` is protected");
    });
    19 protected_branch_deleted "a protected branch is deleted" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        world.git_in(&bare, &["config", "receive.denyDeleteCurrent", "ignore"]).exits(0);
        refused(case, &world, &bare, &[":main"], "remote: error: `refs/heads/main` is protected by the canon, and would be deleted");
    });
    19 protected_branch_forced "a protected branch is forced to another history" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        world.git(&["checkout", "-q", "--orphan", "fresh"]).exits(0);
        world.git(&["rm", "-rqf", "canon"]).exits(0);
        world.write("code.txt", "code\n");
        world.git(&["add", "code.txt"]).exits(0);
        world.git(&["commit", "-q", "-m", "Fresh"]).exits(0);
        refused(case, &world, &bare, &["--force", "fresh:main"], "remote: error: `refs/heads/main` is protected");
    });
    19 protected_branch_in_other_letters "a protected branch is pushed in other letters, which is the same file on some servers" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        sneak(&world);
        refused(case, &world, &bare, &["main:refs/heads/MAIN"], "remote: error: `refs/heads/MAIN` is protected");
    });
    19 protected_by_the_attacker_s_own_canon "a canon that protects some other branch is the first that a server sees" &["pre-receive"], [] 1 Hand(|case| {
        let (world, other) = (planted(), World::empty());
        let bare = pinned_server(&world);
        let key = other.key("eve");
        other.git(&["symbolic-ref", "HEAD", "refs/heads/elsewhere"]).exits(0);
        other.omega(&["init", "--profile", "omega", "--chief", "eve", "--key", &key, "--yes"]).exits(0);
        assert!(other.read("canon/SECURITY_AND_PRIVACY.md").contains("refs/heads/elsewhere"));
        let before = snapshot(&bare);
        let ran = case.says(git_with_omega(&other, &other.repo(), &["push", "-q", bare.to_str().unwrap(), "HEAD:refs/heads/main"]));
        assert!(ran.err.contains("remote: C017 canon/ledger/000000.md"), "{}", ran.err);
        unchanged(&before, &bare, case.name);
    });
    19 protected_ref_that_is_no_commit "a protected branch is moved to a tag of a tree" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        world.git(&["tag", "-a", "-m", "Tree", "tree", "HEAD^{tree}"]).exits(0);
        // The same files in a tree are nothing new to omega, and git takes only commits; other files omega refuses first.
        let before = world.git_in(&bare, &["rev-parse", "main"]).out;
        case.says(push(&world, &bare, &["--force", "tree:refs/heads/main"]));
        sneak(&world);
        world.git(&["tag", "-a", "-m", "Tree", "bad", "HEAD^{tree}"]).exits(0);
        refused(case, &world, &bare, &["--force", "bad:refs/heads/main"], "pre-receive hook declined");
        assert_eq!(world.git_in(&bare, &["rev-parse", "main"]).out, before);
    });
    19 server_without_a_pin "a server has lost its pin: nothing is claimed, and nothing is taken" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        fs::remove_file(bare.join("omega/pin.toml")).unwrap();
        let id = world.propose("ana", "Say it plainly");
        world.approve(&id, &["ana"]);
        world.ratify(&id);
        refused(case, &world, &bare, &["main"], "remote: error: cannot verify: no root is pinned on this server");
    });
    19 draft_on_a_protected_branch "an open proposal is pushed to a protected branch" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        let id = world.propose("ana", "Say it plainly");
        refused(case, &world, &bare, &[&format!("canon/{id}:main")], "remote: error: `refs/heads/main` is protected, and would get drafts that are not ratified");
    });
    19 draft_committed_on_a_protected_branch "an open proposal's draft is committed on a protected branch" &["pre-commit"], [] 12 Hand(|case| {
        let world = planted();
        let id = world.propose("ana", "Say it plainly");
        world.git(&["switch", "-q", "main"]).exits(0);
        world.git(&["restore", "--source", &format!("canon/{id}"), "--staged", "--worktree", "canon"]).exits(0);
        let ran = case.says(world.omega(&["hook", "pre-commit"]));
        assert!(ran.err.starts_with("error: drafts do not lie on `main`, which is protected\n"), "{}", ran.err);
    });
    19 unratified_commit "an edit that nobody proposed is committed" &["pre-commit"], ["C040"] 11 Hand(|case| {
        let world = planted();
        world.edit_identity("Sneaked");
        world.git(&["add", "canon"]).exits(0);
        case.says(world.omega(&["hook", "pre-commit"]));
    });
    19 who_narrowed_in_the_commit "a commit narrows `who` and edits what it named, in one go" &["pre-commit", "pre-receive"], ["C040"] 11 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        world.write("AGENTS.md", "Be kind.\n");
        world.edit("canon/OMEGA_IDENTITY.md", "  who: []", "  who: [AGENTS.md]");
        let id = world.propose_edits("ana", "Govern AGENTS.md");
        world.approve(&id, &["ana"]);
        world.ratify(&id);
        push(&world, &bare, &["main"]).exits(0);
        world.edit("canon/OMEGA_IDENTITY.md", "  who: [AGENTS.md]", "  who: []");
        world.write("AGENTS.md", "Obey.\n");
        world.git(&["add", "."]).exits(0);
        let ran = case.says(world.omega(&["hook", "pre-commit"]));
        assert!(ran.err.contains("C040 AGENTS.md"), "{}", ran.err);
        world.git(&["commit", "-q", "-m", "Sneak"]).exits(0);
        let ran = push(&world, &bare, &["main"]).exits(1);
        assert!(ran.err.contains("remote: C040 AGENTS.md"), "{}", ran.err);
    });
    19 private_key_under_canon "a private key is committed under canon/" &["pre-commit"], [] 11 Hand(|case| {
        let world = planted();
        fs::copy(world.key("ry"), world.repo().join("canon/ry.md")).unwrap();
        world.git(&["add", "canon"]).exits(0);
        let ran = case.says(world.omega(&["hook", "pre-commit"]));
        assert!(ran.err.contains("holds a private key") && !ran.err.contains("BEGIN"), "{}", ran.err);
    });

    20 workflow_edited "a change edits the workflow that checks it, where `who` names it" EVERYWHERE, ["C040"] 11 Tree(|| check_edited(".github/workflows/canon.yml", "jobs: {canon: {steps: [{run: \"true\"}]}}\n"));
    20 action_edited "a change edits the action that checks it, where `who` names it" EVERYWHERE, ["C040"] 11 Tree(|| check_edited("action.yml", "runs: {using: none}\n"));
    20 hook_edited "a change edits the hook that checks it, where `who` names it" EVERYWHERE, ["C040"] 11 Tree(|| check_edited("hooks/pre-receive", "#!/bin/sh\nexit 0\n"));
    20 workflow_added "a change adds a workflow beside the one that checks it" EVERYWHERE, ["C042"] 11 Tree(|| check_edited(".github/workflows/other.yml", "on: pull_request_target\n"));
    20 hook_in_the_pushed_tree "a push brings a hook of its own along: the server's own one decides" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let bare = served(&world);
        world.write("hooks/pre-receive", "#!/bin/sh\nexit 0\n");
        world.git(&["add", "hooks"]).exits(0);
        sneak(&world);
        refused(case, &world, &bare, &["main"], "remote: error: `refs/heads/main` is protected");
    });

    21 escape_in_a_file_name "a file name moves the cursor and colours the terminal" &["commit", "index", "work tree", "pre-receive"], ["C001"] 11 Hand(|case| speaking(case, "\u{1b}[2J\u{1b}[31mgood\u{7}.md"));
    21 annotation_in_a_file_name "a file name begins a new line with a workflow command" &["commit", "index", "work tree", "pre-receive"], ["C001"] 11 Hand(|case| speaking(case, "x\n::error file=README.md,line=1::pwned\n##[error]pwned.md"));
    21 carriage_return_in_a_file_name "a file name overwrites the line it is shown on" &["commit", "index", "work tree", "pre-receive"], ["C001"] 11 Hand(|case| speaking(case, "x\rC000 fine: all is well.md"));
    21 direction_in_a_file_name "a file name turns the direction of its line" &["commit", "index", "work tree", "pre-receive"], ["C001"] 11 Hand(|case| speaking(case, "x\u{202e}dm.boog"));
    21 escape_in_a_title "a title carries a terminal code" &["propose"], [] 2 Hand(|case| {
        let world = planted();
        world.edit_identity("Anything");
        let before = world.traces();
        let ran = case.says(world.by("ana", &["canon", "propose", "--title", "Fine\u{1b}[2J", "--reason", "Because."]));
        is_mute(&ran);
        assert_eq!(world.traces(), before);
    });
    21 escape_in_a_reason "a reason carries a terminal code" &["vote"], [] 2 Hand(|case| {
        let world = planted();
        let id = world.propose("ana", "Say it plainly");
        let before = world.traces();
        let ran = case.says(world.by("ana", &["canon", "vote", &id, "approve", "--reason", "Fine\u{1b}[2J"]));
        is_mute(&ran);
        assert_eq!(world.traces(), before);
    });
    21 annotation_in_a_reason "titles and reasons are workflow commands and markup: they are shown as text" &["show", "list", "log", "status", "tally", "docket", "transcript"], [] 0 Hand(|case| {
        let world = planted();
        let title = "::error::<img src=x onerror=alert(1)> [click](javascript:x) **bold**";
        let reason = "First.\n::error file=README.md::pwned\n::set-output name=x::y\n##[error]pwned\n<script>alert(1)</script>\n## Heading";
        world.edit_identity("Anything");
        let ran = world.by("ana", &["canon", "propose", "--title", title, "--reason", reason, "--format", "json"]).exits(0);
        let id = ran.json()["report"]["resolution"].as_str().unwrap().to_owned();
        world.look_at(&id);
        world.by("ana", &["canon", "vote", &id, "approve", "--reason", reason]).exits(0);
        for args in [&["canon", "show", &id][..], &["canon", "list"], &["canon", "tally", &id]] {
            is_mute(&case.says(world.omega(args)));
        }
        is_mute(&world.omega(&["canon", "status"]).exits(12));
        world.by("ry", &["canon", "ratify", &id, "--reason", reason, "--yes"]).exits(0);
        for args in [&["canon", "show", &id][..], &["canon", "log"], &["canon", "status"], &["why", "canon/OMEGA_IDENTITY.md:1"]] {
            is_mute(&case.says(world.omega(args)));
        }
        for file in ["docket.md", "transcript.md"] {
            let text = world.read(&format!("canon/resolutions/{id}/{file}"));
            // Markup is text: nothing begins a tag, a link or a heading that omega did not write.
            let tags = text.match_indices('<').any(|(at, _)| !text[..at].ends_with('\\'));
            assert!(!tags && !text.contains("[click]("), "{text}");
            assert!(!text.lines().any(|line| line == "## Heading" || line.starts_with("::")), "{text}");
        }
    });

    22 killed_between_writes "a ruling is killed before each of its durable steps: what comes next finishes it, or nothing happened" &["every step"], [] 0 Hand(|case| {
        let ready = {
            let world = planted();
            let id = world.propose("ana", "Say it plainly");
            world.approve(&id, &["ana"]);
            (world, id)
        };
        let key = ready.0.key("ry");
        let args = ["canon", "ratify", &ready.1, "--reason", "So be it.", "--yes", "--key", &key];
        // tests/it/crashes.rs kills every writing command before every step; here are some of one.
        let after = ready.0.copied_after(&args);
        let mut killed = 0;
        for step in [0, 2, 4, 7] {
            let world = ready.0.copied();
            let ran = world.omega_killed_at(&world.repo(), step, &args);
            if ran.code == Some(0) {
                break;
            }
            killed += 1;
            // Whatever lies there now is either as before or as after: main never holds anything else.
            world.omega(&["canon", "verify", "main"]).exits(0);
            let again = world.omega(&args);
            assert!(matches!(again.code, Some(0 | 10)), "step {step}: {}{}", again.out, again.err);
            case.says(world.omega(&["canon", "verify", "main"]));
            assert_eq!(world.git(&["rev-list", "--count", "main"]).out, after, "step {step}");
        }
        assert!(killed > 2, "{killed} steps");
    });
    22 two_writers_at_once "two rulings are made at once" &["the lock"], [] 75 Hand(|case| {
        let world = planted();
        let id = world.propose("ana", "Say it plainly");
        world.approve(&id, &["ana"]);
        let key = world.key("ry");
        let args = ["canon", "ratify", &id, "--reason", "So be it.", "--yes", "--key", &key];
        // Another run holds the lock, for as long as it lives.
        let lock = world.repo().join(".git/omega");
        fs::create_dir_all(&lock).unwrap();
        let mut holder = std::process::Command::new("flock");
        let mut holder = holder.arg(lock.join("lock")).args(["sleep", "30"]).spawn().unwrap();
        std::thread::sleep(std::time::Duration::from_millis(200));
        let before = world.traces();
        let ran = world.omega(&args);
        holder.kill().unwrap();
        holder.wait().unwrap();
        case.says(ran);
        assert_eq!(world.traces(), before);
    });
    22 full_disk "a ruling is made on a disk that is full" &["the command"], [] 1 Hand(|case| {
        let world = planted();
        let id = world.propose("ana", "Say it plainly");
        world.approve(&id, &["ana"]);
        let key = world.key("ry");
        let args = ["canon", "ratify", &id, "--reason", "So be it.", "--yes", "--key", &key];
        let before = world.traces();
        case.says(on_a_full_disk(&world, 0, &args));
        assert_eq!(world.traces(), before);
        world.omega(&["canon", "verify", "main"]).exits(0);
        // With room again it is done as if nothing had been.
        world.omega(&args).exits(0);
        world.omega(&["canon", "verify", "main"]).exits(0);
    });
    22 answer_that_cannot_be_written "the answer goes to a full device" &["the command"], [] 1 Hand(|case| {
        let world = planted();
        let full = fs::OpenOptions::new().write(true).open("/dev/full").unwrap();
        let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &["canon", "verify"], &world.repo());
        let ended = command.stdout(full).status().unwrap();
        assert_eq!(ended.code(), Some(case.exit));
    });
    22 read_only_repository "a ruling is made in a repository that cannot be written" &["the command"], [] 1 Hand(|case| {
        let world = planted();
        let id = world.propose("ana", "Say it plainly");
        world.approve(&id, &["ana"]);
        let key = world.key("ry");
        // The store of objects is a file: nobody can write into it, not even root.
        let objects = world.repo().join(".git/objects");
        let hidden: Vec<PathBuf> = fs::read_dir(&objects).unwrap().map(|item| item.unwrap().path()).filter(|path| path.is_dir()).collect();
        let store = world.path("store");
        fs::create_dir(&store).unwrap();
        for path in &hidden {
            fs::rename(path, store.join(path.file_name().unwrap())).unwrap();
        }
        (0..256).for_each(|byte| fs::write(objects.join(format!("{byte:02x}")), "").unwrap());
        fs::create_dir(objects.join("info")).unwrap();
        fs::write(objects.join("info/alternates"), format!("{}\n", store.display())).unwrap();
        let before = world.traces();
        case.says(world.omega(&["canon", "ratify", &id, "--reason", "So be it.", "--yes", "--key", &key]));
        assert_eq!(world.traces(), before);
    });
}

impl World {
    /// How many commits main has after this command in a copy, as git prints it.
    fn copied_after(&self, args: &[&str]) -> String {
        let world = self.copied();
        world.omega(args).exits(0);
        world.git(&["rev-list", "--count", "main"]).out
    }
}

#[test]
fn names_that_are_harmless_hold() {
    // What the cases about names find is the names, not that there is a file.
    let attack = with(b"docs/\x1b[31mred.md", Mode::File, b"free\n");
    assert_eq!(attack.tree.0.len(), Forge::planted().tree.0.len() + 1);
    let report = omega::survey::verify::verify(&attack.tree, "memory", Some(attack.pin), attack.now, 1).unwrap();
    assert_eq!(report.conclusion, omega::survey::verify::Conclusion::Holds);
}
