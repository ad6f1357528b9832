//! `omega init` in repositories that are in use: their instruction files, and a folder `canon/` of their own.

use crate::world::{Ran, World};

/// Plants a canon in a repository with these committed files.
fn init(world: &World, more: &[&str]) -> Ran {
    let key = world.key("ry");
    world.omega(&[&["init", "--chief", "ry", "--key", &key, "--yes"], more].concat())
}

/// A repository with these texts in a first commit.
fn committed(files: &[(&str, &str)]) -> World {
    World::committed(&files.iter().map(|(path, text)| (*path, text.as_bytes())).collect::<Vec<_>>())
}

/// Whether a commit with one more file is found wrong, by that file.
fn is_found(world: &World, path: &str) -> bool {
    world.write(path, "Obey me.\n");
    world.git(&["add", "-f", path]).exits(0);
    world.git(&["commit", "-q", "--no-verify", "-m", "One more"]).exits(0);
    let ran = world.omega(&["canon", "verify", "--format", "json"]);
    let found = ran.code == Some(11) && ran.json()["report"]["findings"].as_array().unwrap().iter().any(|f| f["path"] == path);
    world.git(&["reset", "-q", "--hard", "HEAD~1"]).exits(0);
    found
}

#[test]
fn a_file_that_takes_precedence_over_a_governed_one_is_governed() {
    for (there, more) in [
        ("AGENTS.md", &["web/AGENTS.md", "AGENTS.override.md", "web/api/AGENTS.override.md"][..]),
        ("web/AGENTS.md", &["AGENTS.md", "api/AGENTS.md"]),
        ("CLAUDE.md", &["web/CLAUDE.md", "CLAUDE.local.md", "web/CLAUDE.local.md"]),
        ("CLAUDE.local.md", &["CLAUDE.md"]),
        ("GEMINI.md", &["web/GEMINI.md"]),
        (".cursor/rules/a.mdc", &[".cursor/rules/b.mdc", "web/.cursor/rules/c.mdc", ".cursorrules"]),
        (".github/copilot-instructions.md", &[".github/instructions/a.instructions.md"]),
        (".github/instructions/a.instructions.md", &[".github/copilot-instructions.md"]),
    ] {
        let world = committed(&[(there, "Be kind.\n"), ("README.md", "Read me.\n")]);
        init(&world, &[]).exits(0);
        world.omega(&["canon", "verify"]).exits(0);
        for path in more {
            assert!(is_found(&world, path), "{there}: {path}");
        }
        // Of kinds that are not used here nothing is claimed.
        assert!(!is_found(&world, "notes.md"), "{there}");
    }
    let world = committed(&[("AGENTS.md", "Be kind.\n")]);
    init(&world, &["--profile", "omega"]).exits(0);
    assert!(!is_found(&world, "GEMINI.md"));
}

const OTHERS: &str = "# Who we are\r\n\r\nAria is a name of ours.\r\n";

#[test]
fn a_folder_canon_of_ones_own_is_named_and_its_documents_are_adopted() {
    let world =
        committed(&[("canon/OMEGA_IDENTITY.md", OTHERS), ("canon/MEMORY_CONSTITUTION.md", "---\ntitle: Memory\n---\nNothing is kept.")]);
    let before = world.traces();
    let said = "canon/ is here, but it is not an omega canon";
    let ran = init(&world, &[]).exits(10);
    assert_eq!(
        ran.err,
        format!(
            "error: {said}: 2 files\nhint: omega init --adopt takes its documents as the first drafts; or move the folder: git mv canon NAME\n"
        )
    );
    // No circle of hints: each command names the one that leads out of it.
    for args in [&["canon", "status"][..], &["canon", "verify"], &["canon", "verify", "--worktree"], &["canon", "list"], &["canon", "log"]]
    {
        assert_eq!(world.omega(args).exits(2).err, format!("error: {said}\nhint: omega init --adopt\n"), "{args:?}");
    }
    assert_eq!(world.traces(), before);
    init(&world, &["--adopt"]).exits(0);
    world.omega(&["canon", "verify"]).exits(0);
    world.omega(&["canon", "verify", "--worktree"]).exits(0);
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
    // Their words under the front matter that omega obeys.
    let identity = world.read("canon/OMEGA_IDENTITY.md");
    assert!(
        identity.starts_with("---\ndocument: OMEGA_IDENTITY\n") && identity.ends_with("---\n\n# Who we are\n\nAria is a name of ours.\n"),
        "{identity}"
    );
    let memory = world.read("canon/MEMORY_CONSTITUTION.md");
    assert!(memory.ends_with("---\n\nNothing is kept.\n") && !memory.contains("title: Memory"), "{memory}");
    assert!(world.git(&["log", "--format=%s", "--", "canon/OMEGA_IDENTITY.md"]).out.ends_with("Files\n"));
}

#[test]
fn a_document_that_is_valid_is_adopted_with_its_policy() {
    let other = World::planted(&[]);
    let text = other.read("canon/OMEGA_IDENTITY.md");
    let text = text.replacen("  anchors:\n", "  anchors:\n    - \"Aria says what is.\"\n", 1);
    let world = committed(&[("canon/OMEGA_IDENTITY.md", &text)]);
    init(&world, &["--adopt"]).exits(0);
    assert!(world.read("canon/OMEGA_IDENTITY.md").contains("    - \"Aria says what is.\"\n"));
    world.omega(&["canon", "verify"]).exits(0);
}

#[test]
fn what_is_not_a_document_is_named_and_has_to_move() {
    let nothing = committed(&[("README.md", "x\n")]);
    assert!(init(&nothing, &["--adopt"]).exits(2).err.contains("there is no canon/ here whose documents could be adopted"));
    for (path, text) in
        [("canon/notes of mine.md", "x\n"), ("canon/img/a.png", "x"), ("Canon/OMEGA_IDENTITY.md", "x\n"), ("canon/OXYSPINE.md", "x\n")]
    {
        let world = committed(&[("canon/OMEGA_IDENTITY.md", OTHERS), (path, text)]);
        let before = world.traces();
        let ran = init(&world, &["--adopt"]).exits(10);
        assert!(ran.err.starts_with(&format!("error: canon/ holds files that are not documents of a canon: `{path}`\n")), "{}", ran.err);
        assert_eq!(world.traces(), before, "{path}");
        // The command that is printed does it.
        let hint = ran.err.lines().find_map(|line| line.split_once("as in: ")).unwrap().1.to_owned();
        world.run("sh", &["-c", &hint], &world.repo(), None).exits(0);
        world.git(&["commit", "-q", "-m", "Move"]).exits(0);
        init(&world, &["--adopt"]).exits(0);
        world.omega(&["canon", "verify"]).exits(0);
    }
}

#[test]
fn what_is_not_committed_or_does_not_show_is_not_adopted() {
    let world = committed(&[("canon/OMEGA_IDENTITY.md", OTHERS)]);
    world.write("canon/OMEGA_IDENTITY.md", "# Another\n");
    assert!(init(&world, &["--adopt"]).exits(10).err.contains("canon/ has changes that are not committed: `canon/OMEGA_IDENTITY.md`"));
    world.write("canon/OMEGA_IDENTITY.md", OTHERS);
    world.write("canon/ECONOMY_MODEL.md", "# New\n");
    assert!(init(&world, &["--adopt"]).exits(10).err.contains("not committed: `canon/ECONOMY_MODEL.md`"));
    let hidden = committed(&[("canon/OMEGA_IDENTITY.md", "# Who\u{202e}\n")]);
    let ran = init(&hidden, &["--adopt"]).exits(10);
    assert!(ran.err.contains("`canon/OMEGA_IDENTITY.md` cannot be adopted: line 1, column 6: the hidden character U+202E"), "{}", ran.err);
}

#[test]
fn where_there_is_no_canon_all_commands_say_the_same() {
    let world = committed(&[("README.md", "x\n")]);
    for args in [
        &["canon", "status"][..],
        &["canon", "verify"],
        &["canon", "verify", "HEAD"],
        &["canon", "verify", "--worktree"],
        &["canon", "verify", "--index"],
        &["canon", "list"],
        &["canon", "log"],
        &["canon", "checkpoint"],
        &["why", "README.md"],
        &["council", "list"],
        &["phylactery", "list"],
    ] {
        assert_eq!(world.omega(args).exits(2).err, "error: there is no canon here\nhint: omega init\n", "{args:?}");
    }
    // A base without a canon governs nothing, and the gates say that.
    world.omega(&["ci", "--base", "main", "--head", "main"]).exits(0);
    // Where a root is pinned there must be a canon.
    let root = format!("sha256:{}", "0".repeat(64));
    world.omega(&["canon", "verify", "--root", &root]).exits(11);
    // Nor is a canon whose first ruling was taken away none.
    let planted = World::planted(&[]);
    planted.git(&["rm", "-q", "-r", "canon/ledger"]).exits(0);
    planted.git(&["commit", "-q", "-m", "Cut"]).exits(0);
    planted.omega(&["canon", "verify"]).exits(11);
    std::fs::remove_file(planted.repo().join(".git/omega/pin.toml")).unwrap();
    planted.omega(&["canon", "verify"]).exits(11);
    // Before the first commit there is none either.
    let empty = World::empty();
    for args in [&["canon", "verify"][..], &["canon", "status"], &["canon", "list"]] {
        assert!(empty.omega(args).exits(2).err.ends_with("hint: omega init\n"), "{args:?}");
    }
}

#[test]
fn a_file_that_never_was_is_not_called_removed() {
    let world = committed(&[("AGENTS.md", "Be kind.\n")]);
    init(&world, &[]).exits(0);
    let ran = world.omega(&["why", "web/AGENTS.md"]).exits(2);
    assert_eq!(ran.err, "error: `web/AGENTS.md` is not here, and no ruling ever changed it\nhint: omega log\n");
    world.omega(&["why", "AGENTS.md"]).exits(0);
}

#[test]
fn what_does_not_show_is_spelled_in_json_and_for_people() {
    let world = World::planted(&[]);
    let name = "docs/\u{202e}x\u{fffe}.gitattributes";
    world.write("canon/\u{202e}\u{fffe}.md", "x\n");
    for args in [&["canon", "verify", "--worktree"][..], &["canon", "verify", "--worktree", "--format", "json"], &["canon", "show", name]] {
        let ran = world.omega(args);
        let said = format!("{}{}", ran.out, ran.err);
        assert!(!said.contains('\u{202e}') && !said.contains('\u{fffe}'), "{said:?}");
        let spelled = |code: &str, bytes: &str| said.contains(code) || said.contains(bytes);
        assert!(spelled("202e", "\\xe2\\x80\\xae") && spelled("fffe", "\\xef\\xbf\\xbe"), "{said}");
    }
    let ran = world.omega(&["canon", "verify", "--worktree", "--junit", "../junit.xml", "--sarif", "../sarif.json"]).exits(11);
    assert_eq!(ran.code, Some(11));
    for file in ["junit.xml", "sarif.json"] {
        let text = std::fs::read_to_string(world.path(file)).unwrap();
        assert!(!text.contains('\u{202e}') && !text.contains('\u{fffe}'), "{text}");
    }
}

#[test]
fn what_a_user_names_is_governed_as_it_is_named() {
    let world = committed(&[("AGENTS.md", "Be kind.\n"), ("GEMINI.md", "Be kind.\n")]);
    init(&world, &["--govern", "AGENTS.md"]).exits(0);
    assert!(!is_found(&world, "web/AGENTS.md") && is_found(&world, "web/GEMINI.md"));
}
