//! What lies around a tree: memories of older runs, git's own ways to show other objects and other bytes.

use std::fs;

use omega::digest::Digest;
use omega::tree::Mode;

use super::Run::{Hand, Tree};
use super::encoding::with;
use super::{Attack, Case, EVERYWHERE, cases, planted};
use crate::world::{Ran, World};

/// Where governed bytes lie that nobody ratified, on a branch `bad`; main is as it was.
fn sneaked() -> World {
    let world = planted();
    world.git(&["switch", "-q", "-c", "bad"]).exits(0);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "-m", "Sneak"]).exits(0);
    world
}

/// Runs omega with more in its environment.
fn with_env(world: &World, env: &[(&str, &str)], args: &[&str]) -> Ran {
    let mut command = world.command(env!("CARGO_BIN_EXE_omega"), args, &world.repo());
    command.envs(env.iter().copied());
    Ran::of(command.output().unwrap())
}

/// Judges the sneaked branch with an environment that points git to an honest repository.
fn pointed(case: &Case, env: impl FnOnce(&World) -> Vec<(&'static str, String)>) {
    let world = sneaked();
    let honest = world.path("honest");
    world.git(&["clone", "-q", "-b", "main", world.repo().to_str().unwrap(), honest.to_str().unwrap()]).exits(0);
    let env = env(&world);
    let env: Vec<(&str, &str)> = env.iter().map(|(name, value)| (*name, value.as_str())).collect();
    for args in [&["canon", "verify"][..], &["canon", "verify", "--index"], &["canon", "verify", "--worktree"]] {
        case.says(with_env(&world, &env, args));
    }
}

/// A `.gitattributes` with this line, which is found at a governed path.
fn attributes(line: &str, place: &str) -> Attack {
    let mut attack = with(b".gitattributes", Mode::File, line.as_bytes());
    attack.place = place.to_owned();
    attack
}

/// Edits the identity in the work tree, and hides that from git in this way.
fn hidden(case: &Case, flag: &str) {
    let world = planted();
    world.edit_identity("Sneaked");
    world.git(&["update-index", flag, "canon/OMEGA_IDENTITY.md"]).exits(0);
    assert_eq!(world.git(&["status", "--porcelain"]).out, "");
    case.says(world.omega(&["canon", "verify", "--worktree"]));
}

/// Puts other bytes where git keeps the object of a document, under its honest name.
fn swap_object(world: &World, path: &str, bytes: &[u8]) -> String {
    let id = world.git(&["rev-parse", &format!("HEAD:{path}")]).exits(0).out.trim().to_owned();
    let evil = world.run("git", &["hash-object", "-w", "--stdin"], &world.repo(), Some(bytes)).exits(0).out.trim().to_owned();
    let place = |id: &str| world.repo().join(".git/objects").join(&id[..2]).join(&id[2..]);
    fs::remove_file(place(&id)).unwrap();
    fs::copy(place(&evil), place(&id)).unwrap();
    id
}

/// Edits a document, and rewrites what this clone remembers of the ledger so that it ratifies the edit.
pub(super) fn poison(world: &World) {
    world.omega(&["canon", "status"]).exits(0);
    let honest = Digest::of(world.read("canon/OMEGA_IDENTITY.md").as_bytes()).to_string();
    world.edit_identity("Sneaked");
    let sneaked = Digest::of(world.read("canon/OMEGA_IDENTITY.md").as_bytes()).to_string();
    let mut poisoned = 0;
    for file in fs::read_dir(world.repo().join(".git/omega/ledgers")).unwrap() {
        let path = file.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        poisoned += usize::from(text.contains(&honest));
        fs::write(path, text.replace(&honest, &sneaked)).unwrap();
    }
    assert_eq!(poisoned, 1);
}

const LOCAL: &[&str] = &["commit", "index", "work tree"];

cases! {
    12 poisoned_memory "the memory of folded ledgers is rewritten so that it ratifies what was sneaked in" &["commit", "index", "work tree"], ["C040"] 11 Hand(|case| {
        let world = planted();
        poison(&world);
        case.says(world.omega(&["canon", "verify", "--worktree"]));
        world.git(&["add", "canon"]).exits(0);
        case.says(world.omega(&["canon", "verify", "--index"]));
        // Who can write that memory could as well remove the gate of a commit, which believes it. Nothing else does.
        world.omega(&["hook", "pre-commit"]).exits(0);
        world.git(&["commit", "-q", "-m", "Sneak"]).exits(0);
        case.says(world.omega(&["canon", "verify"]));
    });
    12 memory_of_another_build "the memory is of another build, or no text at all, and nothing was changed" LOCAL, [] 0 Hand(|case| {
        let world = planted();
        world.omega(&["canon", "status"]).exits(0);
        let path = fs::read_dir(world.repo().join(".git/omega/ledgers")).unwrap().next().unwrap().unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        for poison in [text.replacen("\"build\":\"", "\"build\":\"9.9.9 ", 1).into_bytes(), b"\xff\0{".to_vec(), vec![b'['; 100_000], text.into_bytes()[..99].to_vec()] {
            fs::write(&path, poison).unwrap();
            // Nothing of it decides, and what only looks reads the ledger again.
            world.omega(&["canon", "status"]).exits(0);
            case.says(world.omega(&["canon", "verify"]));
            case.says(world.omega(&["canon", "verify", "--index"]));
            case.says(world.omega(&["canon", "verify", "--worktree"]));
        }
    });

    17 replaced_commit "a replace ref shows an honest commit in the place of a bad one" &["commit"], ["C040"] 11 Hand(|case| {
        let world = sneaked();
        world.git(&["replace", "bad", "main"]).exits(0);
        assert!(!world.git(&["show", "bad:canon/OMEGA_IDENTITY.md"]).out.contains("Sneaked"));
        case.says(world.omega(&["canon", "verify", "bad"]));
    });
    17 replaced_blob "a replace ref shows honest bytes in the place of bad ones" &["commit", "index"], ["C040"] 11 Hand(|case| {
        let world = sneaked();
        world.git(&["replace", "bad:canon/OMEGA_IDENTITY.md", "main:canon/OMEGA_IDENTITY.md"]).exits(0);
        assert!(!world.git(&["show", "bad:canon/OMEGA_IDENTITY.md"]).out.contains("Sneaked"));
        case.says(world.omega(&["canon", "verify", "bad"]));
        case.says(world.omega(&["canon", "verify", "--index"]));
    });
    17 grafted_history "grafts give a bad commit honest parents" &["commit"], ["C040"] 11 Hand(|case| {
        let world = sneaked();
        let id = |rev: &str| world.git(&["rev-parse", rev]).out.trim().to_owned();
        fs::write(world.repo().join(".git/info/grafts"), format!("{}\n{} {}\n", id("main"), id("bad"), id("main"))).unwrap();
        case.says(world.omega(&["canon", "verify", "bad"]));
    });
    17 bytes_under_another_name "an object's bytes are replaced on disk under the honest name" &["commit", "index"], [] 13 Hand(|case| {
        let world = planted();
        let text = world.read("canon/OMEGA_IDENTITY.md");
        swap_object(&world, "canon/OMEGA_IDENTITY.md", text.replacen("  anchors:\n", "  anchors:\n    - \"Sneaked\"\n", 1).as_bytes());
        for args in [&["canon", "verify"][..], &["canon", "verify", "--index"]] {
            let ran = case.says(world.omega(args));
            assert!(ran.err.contains("canon/OMEGA_IDENTITY.md"), "{}", ran.err);
        }
    });
    17 alternate_with_bytes_under_another_name "the same, in another store that objects/info/alternates adds" &["commit"], [] 13 Hand(|case| {
        let world = planted();
        let store = world.path("store");
        let id = world.git(&["rev-parse", "HEAD:canon/OMEGA_IDENTITY.md"]).exits(0).out.trim().to_owned();
        let evil = world.run("git", &["hash-object", "-w", "--stdin"], &world.repo(), Some(b"Sneaked.\n")).exits(0).out.trim().to_owned();
        let objects = world.repo().join(".git/objects");
        let place = |root: &std::path::Path, id: &str| root.join(&id[..2]).join(&id[2..]);
        fs::create_dir_all(store.join(&id[..2])).unwrap();
        fs::copy(place(&objects, &evil), place(&store, &id)).unwrap();
        fs::remove_file(place(&objects, &id)).unwrap();
        fs::write(objects.join("info/alternates"), format!("{}\n", store.display())).unwrap();
        let ran = case.says(world.omega(&["canon", "verify"]));
        assert!(ran.err.contains("canon/OMEGA_IDENTITY.md"), "{}", ran.err);
    });
    17 git_dir_elsewhere "GIT_DIR points to an honest repository" LOCAL, ["C040"] 11 Hand(|case| pointed(case, |world| vec![("GIT_DIR", world.path("honest/.git").display().to_string())]));
    17 work_tree_elsewhere "GIT_WORK_TREE points to an honest work tree" LOCAL, ["C040"] 11 Hand(|case| pointed(case, |world| vec![("GIT_WORK_TREE", world.path("honest").display().to_string())]));
    17 objects_elsewhere "GIT_OBJECT_DIRECTORY points to an honest store" LOCAL, ["C040"] 11 Hand(|case| pointed(case, |world| vec![("GIT_OBJECT_DIRECTORY", world.path("honest/.git/objects").display().to_string())]));
    17 index_elsewhere "GIT_INDEX_FILE points to an honest index" LOCAL, ["C040"] 11 Hand(|case| pointed(case, |world| vec![("GIT_INDEX_FILE", world.path("honest/.git/index").display().to_string())]));
    17 configuration_in_the_environment "GIT_CONFIG_COUNT points the work tree elsewhere" LOCAL, ["C040"] 11 Hand(|case| pointed(case, |world| {
        let honest = world.path("honest").display().to_string();
        vec![("GIT_CONFIG_COUNT", "1".into()), ("GIT_CONFIG_KEY_0", "core.worktree".into()), ("GIT_CONFIG_VALUE_0", honest)]
    }));
    17 work_tree_by_configuration "core.worktree leads to another folder: git judges that one, and so does omega, which names it" &["work tree"], ["C040"] 11 Hand(|case| {
        let world = planted();
        let other = world.path("other");
        world.git(&["worktree", "add", "-q", "--detach", other.to_str().unwrap()]).exits(0);
        world.git(&["config", "core.worktree", other.to_str().unwrap()]).exits(0);
        world.edit_identity("Sneaked");
        assert_eq!(world.git(&["status", "--porcelain", "canon"]).out, "");
        let ran = world.omega(&["canon", "verify", "--worktree"]).exits(0);
        assert!(ran.out.contains(other.canonicalize().unwrap().to_str().unwrap()), "{}", ran.out);
        fs::copy(world.repo().join("canon/OMEGA_IDENTITY.md"), other.join("canon/OMEGA_IDENTITY.md")).unwrap();
        assert_eq!(world.git(&["status", "--porcelain", "canon"]).out, " M canon/OMEGA_IDENTITY.md\n");
        case.says(world.omega(&["canon", "verify", "--worktree"]));
    });
    17 replace_refs_elsewhere "GIT_REPLACE_REF_BASE and GIT_GRAFT_FILE name other replacements" LOCAL, ["C040"] 11 Hand(|case| pointed(case, |world| {
        world.git(&["update-ref", &format!("refs/evil/{}", world.git(&["rev-parse", "bad"]).out.trim()), "main"]).exits(0);
        vec![("GIT_REPLACE_REF_BASE", "refs/evil/".into()), ("GIT_GRAFT_FILE", "/dev/null".into())]
    }));
    17 shallow_clone "a clone has no history behind a bad commit" LOCAL, ["C040"] 11 Hand(|case| {
        let world = sneaked();
        let clone = world.path("shallow");
        let from = format!("file://{}", world.repo().display());
        world.git(&["clone", "-q", "--depth", "1", "-b", "bad", &from, clone.to_str().unwrap()]).exits(0);
        let root = world.root();
        for args in [&["canon", "verify"][..], &["canon", "verify", "--index"], &["canon", "verify", "--worktree"]] {
            case.says(world.omega_in(&clone, &[args, &["--root", &root]].concat()));
        }
    });
    17 partial_clone "a clone lacks the bytes of the canon: nothing is claimed" &["commit", "index"], [] 13 Hand(|case| {
        let world = planted();
        world.git(&["config", "uploadpack.allowFilter", "true"]).exits(0);
        let clone = world.path("partial");
        let from = format!("file://{}", world.repo().display());
        world.git(&["clone", "-q", "--filter=blob:none", "--no-checkout", &from, clone.to_str().unwrap()]).exits(0);
        let root = world.root();
        let ran = case.says(world.omega_in(&clone, &["canon", "verify", "--root", &root]));
        assert!(ran.err.contains("is missing from this repository"), "{}", ran.err);
        world.git_in(&clone, &["read-tree", "HEAD"]).exits(0);
        case.says(world.omega_in(&clone, &["canon", "verify", "--index", "--root", &root]));
    });
    17 pin_that_is_garbled "the pin of a clone is garbled: nothing is claimed" LOCAL, [] 13 Hand(|case| {
        let world = planted();
        fs::write(world.repo().join(".git/omega/pin.toml"), "root = \"sha256:00\"\n").unwrap();
        for args in [&["canon", "verify"][..], &["canon", "verify", "--index"], &["canon", "verify", "--worktree"]] {
            case.says(world.omega(args));
        }
    });
    17 pin_in_the_tree "a pin lies in the tree that is judged, and the clone has none: nothing is claimed" LOCAL, [] 13 Hand(|case| {
        let world = planted();
        fs::create_dir(world.repo().join("omega")).unwrap();
        fs::rename(world.repo().join(".git/omega/pin.toml"), world.repo().join("omega/pin.toml")).unwrap();
        fs::copy(world.repo().join("omega/pin.toml"), world.repo().join("pin.toml")).unwrap();
        world.git(&["add", "."]).exits(0);
        world.git(&["commit", "-q", "-m", "Pin"]).exits(0);
        for args in [&["canon", "verify"][..], &["canon", "verify", "--index"], &["canon", "verify", "--worktree"]] {
            case.says(world.omega(args));
        }
    });

    18 filter "attributes run a filter over a governed file" EVERYWHERE, ["C008"] 11 Tree(|| attributes("AGENTS.md filter=evil\n", "AGENTS.md"));
    18 filter_in_other_letters "attributes name a governed file in other letters, as file systems without case read them" EVERYWHERE, ["C008"] 11 Tree(|| attributes("/agents.MD working-tree-encoding=UTF-16\n", "AGENTS.md"));
    18 line_ends "attributes convert the line ends of a governed file" EVERYWHERE, ["C008"] 11 Tree(|| attributes("* text=auto\n", "AGENTS.md"));
    18 eol "attributes check a document out with other line ends" EVERYWHERE, ["C008"] 11 Tree(|| attributes("*.md eol=crlf\n", "canon/OMEGA_IDENTITY.md"));
    18 ident "attributes expand $Id$ in a governed file" EVERYWHERE, ["C008"] 11 Tree(|| attributes("AGENTS.md ident\n", "AGENTS.md"));
    18 working_tree_encoding "attributes check a governed file out in another encoding" EVERYWHERE, ["C008"] 11 Tree(|| attributes("AGENTS.md working-tree-encoding=UTF-16\n", "AGENTS.md"));
    18 encoding_by_a_macro "the same, by a macro of another name" EVERYWHERE, ["C008"] 11 Tree(|| attributes("[attr]harmless working-tree-encoding=UTF-16\n*.md harmless\n", "prompts/one.md"));
    18 export_ignore "attributes leave a governed folder out of archives" EVERYWHERE, ["C008"] 11 Tree(|| attributes("prompts export-ignore\n", "prompts/one.md"));
    18 export_subst "attributes rewrite governed files in archives" EVERYWHERE, ["C008"] 11 Tree(|| attributes("canon/** export-subst\n", "canon/council/ry.md"));
    18 attributes_in_a_governed_folder "a governed folder brings attributes of its own" EVERYWHERE, ["C042"] 11 Tree(|| with(b"prompts/.gitattributes", Mode::File, b"*.md -text\n"));
    18 attributes_in_other_letters "a file is taken for .gitattributes where names ignore case" &["commit", "index", "pre-receive"], ["C008"] 11 Tree(|| with(b".GITATTRIBUTES", Mode::File, b"* text\n"));
    18 attributes_that_are_a_link "the .gitattributes is a link" EVERYWHERE, ["C008"] 11 Tree(|| with(b".gitattributes", Mode::Link, b"elsewhere"));
    18 attributes_with_a_byte_order_mark "attributes begin with a byte order mark, which not every git skips" EVERYWHERE, ["C008"] 11 Tree(|| attributes("\u{feff}* -text\n", ".gitattributes"));
    18 local_attributes "the clone's own info/attributes let a filter rewrite the work tree" &["work tree"], ["C040"] 11 Hand(|case| {
        let world = planted();
        world.git(&["config", "filter.evil.smudge", "sed s/Creed/Greed/"]).exits(0);
        fs::write(world.repo().join(".git/info/attributes"), "canon/OMEGA_IDENTITY.md filter=evil\n").unwrap();
        fs::remove_file(world.repo().join("canon/OMEGA_IDENTITY.md")).unwrap();
        world.git(&["checkout", "-q", "--", "canon"]).exits(0);
        let changed = world.read("canon/OMEGA_IDENTITY.md") != world.git(&["show", "HEAD:canon/OMEGA_IDENTITY.md"]).out;
        assert!(changed, "the filter did nothing");
        world.omega(&["canon", "verify"]).exits(0);
        case.says(world.omega(&["canon", "verify", "--worktree"]));
    });
    18 assume_unchanged "git is told to assume that a changed file is unchanged" &["work tree"], ["C040"] 11 Hand(|case| hidden(case, "--assume-unchanged"));
    18 skip_worktree "git is told to skip a changed file" &["work tree"], ["C040"] 11 Hand(|case| hidden(case, "--skip-worktree"));
    18 sparse_checkout "a sparse checkout leaves governed files away: they are not here, and nothing is claimed of them" &["work tree"], [] 13 Hand(|case| {
        let world = planted();
        world.write("src/code.txt", "code\n");
        world.git(&["add", "src"]).exits(0);
        world.git(&["commit", "-q", "-m", "Code"]).exits(0);
        world.git(&["sparse-checkout", "set", "--no-cone", "src/", "canon/ledger/", "canon/resolutions/", "canon/bytes/", "canon/council/", "canon/allowed_signers"]).exits(0);
        assert_eq!(world.git(&["status", "--porcelain"]).out, "");
        world.omega(&["canon", "verify"]).exits(0);
        case.says(world.omega(&["canon", "verify", "--worktree"]));
    });
    18 index_only "only the index differs" &["index"], ["C040"] 11 Hand(|case| {
        let world = planted();
        let honest = world.read("canon/OMEGA_IDENTITY.md");
        world.edit_identity("Sneaked");
        world.git(&["add", "canon"]).exits(0);
        world.write("canon/OMEGA_IDENTITY.md", honest);
        world.omega(&["canon", "verify"]).exits(0);
        world.omega(&["canon", "verify", "--worktree"]).exits(0);
        case.says(world.omega(&["canon", "verify", "--index"]));
    });
    18 head_only "only the commit differs" &["commit"], ["C040"] 11 Hand(|case| {
        let world = sneaked();
        world.git(&["read-tree", "-u", "--reset", "main"]).exits(0);
        world.omega(&["canon", "verify", "--index"]).exits(0);
        world.omega(&["canon", "verify", "--worktree"]).exits(0);
        case.says(world.omega(&["canon", "verify"]));
    });
    18 all_three_differ "commit, index and work tree differ pairwise, each from what was ratified" LOCAL, ["C040"] 11 Hand(|case| {
        let world = sneaked();
        world.edit_identity("Staged");
        world.git(&["add", "canon"]).exits(0);
        world.edit_identity("Lying there");
        for args in [&["canon", "verify"][..], &["canon", "verify", "--index"], &["canon", "verify", "--worktree"]] {
            case.says(world.omega(args));
        }
    });
    18 unmerged_path "a governed path is unmerged in the index" &["index"], ["C004"] 11 Hand(|case| {
        let world = planted();
        let id = world.git(&["rev-parse", "HEAD:canon/OMEGA_IDENTITY.md"]).out.trim().to_owned();
        let path = "canon/OMEGA_IDENTITY.md";
        let stages = format!("0 {} 0\t{path}\n100644 {id} 1\t{path}\n100644 {id} 2\t{path}\n", "0".repeat(40));
        world.run("git", &["update-index", "--index-info"], &world.repo(), Some(stages.as_bytes())).exits(0);
        case.says(world.omega(&["canon", "verify", "--index"]));
    });
}
