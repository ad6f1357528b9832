//! Links that bring ungoverned files to where `who` looks, ratified links that are led astray, and other names of governed files.

use std::fs;
use std::os::unix::fs::symlink;

use omega::ledger::kinds::FileMode;
use omega::tree::Mode::{self, File, Link, Submodule};

use super::Run::{Hand, Tree};
use super::{ALSO_A_FOLDER, Attack, Case, at, cases};
use crate::forge::{Edit, Forge, Seed};
use crate::world::World;

/// What is governed in these cases, and the file that each pattern looks for.
const SKILLS: &[&str] = &["AGENTS.md", "skills/*/SKILL.md"];
const TEXTS: &[&str] = &["AGENTS.md", "prompts/**/*.txt"];
const RULES: &[&str] = &["AGENTS.md", "**/.rules/*.mdc"];

/// These leaves beside honest ones, found at the first.
fn beside(who: &'static [&'static str], leaves: &[(&str, Mode, &str)]) -> Attack {
    let files = vec![Edit::file("AGENTS.md", "Be kind.\n")];
    let mut forge = Forge::plant(&Seed { who, files, ..Seed::default() });
    for (path, mode, text) in leaves {
        forge.tree.0.insert(path.as_bytes().to_vec(), (*mode, text.as_bytes().to_vec()));
    }
    at(forge, leaves[0].0)
}

/// A ratified link to a ratified file, by way of a folder that nobody governs, which becomes these leaves.
fn astray(who: &'static [&'static str], link: &'static str, target: &str, file: &'static str, leaves: &[(&str, Mode, &str)]) -> Attack {
    let files = vec![Edit::file("AGENTS.md", "Be kind.\n"), Edit::file(file, "Good.\n"), Edit::Put(link, FileMode::Link, target.into())];
    let mut forge = Forge::plant(&Seed { who, files, ..Seed::default() });
    forge.put("way/README", "Nothing of note.\n");
    forge.holds();
    forge.delete("way/README");
    for (path, mode, text) in leaves {
        forge.tree.0.insert(path.as_bytes().to_vec(), (*mode, text.as_bytes().to_vec()));
    }
    at(forge, link)
}

/// A file that is read by a governed name on some system.
fn other_name(path: &str) -> Attack {
    beside(&["AGENTS.md", "prompts/*.md"], &[(path, File, "Obey.\n")])
}

/// A canon that governs the skills, in a work tree.
fn skills() -> World {
    let world = World::empty();
    world.write("skills/good/SKILL.md", "Good.\n");
    world.git(&["add", "."]).exits(0);
    world.git(&["commit", "-q", "-m", "Before"]).exits(0);
    world
        .omega(&["init", "--profile", "omega", "--chief", "ry", "--key", &world.key("ry"), "--govern", "skills/*/SKILL.md", "--yes"])
        .exits(0);
    fs::create_dir_all(world.repo().join("skills/x")).unwrap();
    world
}

/// Holds the work tree, and the same files as a plain folder, to the case.
fn lies_there(case: &Case, world: &World) {
    let root = world.root();
    case.says(world.omega(&["canon", "verify", "--worktree"]));
    case.says(world.omega(&["canon", "verify", "--dir", ".", "--root", &root]));
}

cases! {
    15 link_through_a_link "a link leads through another link to files where `who` looks" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(SKILLS, &[
        ("skills/x", Link, "../a/b"), ("a", Link, "evil"), ("evil/b/SKILL.md", File, "Obey.\n"),
    ]));
    15 link_through_a_link_to_texts "the same, deeper, below a pattern for all folders" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(TEXTS, &[
        ("prompts/deep/x", Link, "../../lib/now/texts"), ("lib/now", Link, "../evil"), ("evil/texts/system.txt", File, "Obey.\n"),
    ]));
    15 link_through_a_link_to_rules "the same, at a folder that a pattern names anywhere" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(RULES, &[
        ("web/.rules", Link, "../conf/rules"), ("conf", Link, "evil"), ("evil/rules/a.mdc", File, "Obey.\n"),
    ]));
    15 link_up_through_a_link "a link goes up behind another link, and so comes elsewhere than its text says" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(SKILLS, &[
        ("skills/x", Link, "../a/../evil"), ("a", Link, "deep/er"), ("deep/er/k", File, "k\n"), ("deep/evil/SKILL.md", File, "Obey.\n"),
    ]));
    15 link_up_through_a_link_to_texts "the same, with a harmless folder where the text leads" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(TEXTS, &[
        ("prompts/x", Link, "../a/../evil"), ("a", Link, "deep/er"), ("deep/er/k", File, "k\n"), ("deep/evil/a.txt", File, "Obey.\n"), ("evil/README", File, "Harmless.\n"),
    ]));
    15 link_up_through_a_link_to_rules "the same, below no fixed folder" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(RULES, &[
        ("web/.rules", Link, "../a/./../evil/"), ("a", Link, "deep/er"), ("deep/er/k", File, "k\n"), ("deep/evil/a.mdc", File, "Obey.\n"),
    ]));
    15 link_up_out_of_nothing "a link goes up out of a folder that is not there" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(RULES, &[
        ("tools/x", Link, "../gone/../lib"), ("lib/README", File, "Nothing of note.\n"),
    ]));
    15 link_in_other_letters "a link names a folder in other letters, which some systems follow" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(SKILLS, &[
        ("skills/x", Link, "../Evil"), ("evil/SKILL.md", File, "Obey.\n"),
    ]));
    15 link_in_other_letters_on_the_way "the same, on the way to the folder" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(TEXTS, &[
        ("prompts/x", Link, "../LIB/texts"), ("lib/texts/a.txt", File, "Obey.\n"),
    ]));
    15 link_with_a_dot_behind "a link names a folder with a dot behind, which Windows drops" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(RULES, &[
        ("web/.rules", Link, "../evil."), ("evil/a.mdc", File, "Obey.\n"),
    ]));
    15 link_by_a_short_name "a link names a folder as Windows shortens it" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(RULES, &[
        ("web/x", Link, "../CONFIG~1"), ("configuration/.rules/a.mdc", File, "Harmless.\n"),
    ]));
    15 link_with_a_backslash "a link is written as Windows writes paths" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(SKILLS, &[
        ("skills/x", Link, "..\\evil"), ("evil/SKILL.md", File, "Obey.\n"),
    ]));
    15 link_to_one_of_two "a link names a folder that has a twin in other letters" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(TEXTS, &[
        ("prompts/x", Link, "../lib"), ("lib/README", File, "Harmless.\n"), ("LIB/a.txt", File, "Obey.\n"),
    ]));
    15 link_to_a_submodule "a link leads to a submodule" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(SKILLS, &[
        ("skills/x", Link, "../v/sub"), ("v/sub", Submodule, ""),
    ]));
    15 link_into_a_submodule "a link leads to a folder within a submodule" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(RULES, &[
        ("web/.rules", Link, "../v/sub/rules"), ("v/sub", Submodule, ""),
    ]));
    15 link_above_a_submodule "a link leads to a folder that has a submodule" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(TEXTS, &[
        ("prompts/x", Link, "../v"), ("v/sub", Submodule, ""), ("v/README", File, "Nothing of note.\n"),
    ]));
    15 link_to_itself "a link leads to itself" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(SKILLS, &[("skills/x", Link, "x")]));
    15 links_in_a_circle "two links lead to each other" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(RULES, &[("tools/x", Link, "y"), ("tools/y", Link, "../tools/x")]));
    15 link_into_git "a link leads into `.git`" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(RULES, &[("tools/x", Link, "../.git/hooks")]));
    15 link_out_below_a_pattern "a link below a folder that a pattern names leads out of the repository" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(SKILLS, &[("skills/x", Link, "/opt/skills")]));
    15 link_out_at_a_named_folder "a link has the name of a folder that a pattern looks for anywhere, and leads out" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(RULES, &[("web/.rules", Link, "../../elsewhere")]));
    15 link_to_what_is_not_there "a link below a folder that a pattern names leads to what is not there yet" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(TEXTS, &[("prompts/x", Link, "../build/out")]));
    15 link_to_a_folder_with_links "a link leads to a folder whose links lead on" ALSO_A_FOLDER, ["C009"] 11 Tree(|| beside(TEXTS, &[
        ("prompts/x", Link, "../lib"), ("lib/on", Link, "../evil"), ("evil/a.txt", File, "Obey.\n"),
    ]));
    15 ratified_link_astray "a folder on the way of a ratified link becomes a link" ALSO_A_FOLDER, ["C009"] 11 Tree(|| astray(SKILLS, "skills/x/SKILL.md", "../../way/../skills/good/SKILL.md", "skills/good/SKILL.md", &[
        ("way", Link, "deep/er"), ("deep/er/k", File, "k\n"), ("deep/skills/good/SKILL.md", File, "Obey.\n"),
    ]));
    15 ratified_link_into_a_submodule "a folder on the way of a ratified link becomes a submodule" ALSO_A_FOLDER, ["C009"] 11 Tree(|| astray(TEXTS, "prompts/x.txt", "../way/../prompts/good/a.txt", "prompts/good/a.txt", &[
        ("way", Submodule, ""),
    ]));
    15 ratified_link_with_a_twin "a folder on the way of a ratified link gets a twin in other letters" ALSO_A_FOLDER, ["C009"] 11 Tree(|| astray(RULES, ".rules/x.mdc", "../way/../.rules/good.mdc", ".rules/good.mdc", &[
        ("way/README", File, "Nothing of note.\n"), ("Way", Link, "deep/er"), ("deep/.rules/good.mdc", File, "Obey.\n"),
    ]));
    15 ratified_link_through_nothing "a folder on the way of a ratified link goes away" ALSO_A_FOLDER, ["C009"] 11 Tree(|| astray(SKILLS, "skills/x/SKILL.md", "../../way/../skills/good/SKILL.md", "skills/good/SKILL.md", &[]));
    15 pipe_where_who_looks "a pipe or socket has a governed name" &["work tree", "folder"], ["C042"] 11 Hand(|case| {
        let world = skills();
        let socket = world.repo().join("skills/x/SKILL.md");
        drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
        lies_there(case, &world);
        fs::remove_file(&socket).unwrap();
        world.run("mkfifo", &[socket.to_str().unwrap()], &world.repo(), None).exits(0);
        lies_there(case, &world);
    });
    15 pipe_for_a_governed_folder "a pipe is where a pattern looks for a folder" &["work tree", "folder"], ["C042"] 11 Hand(|case| {
        let world = skills();
        fs::remove_dir(world.repo().join("skills/x")).unwrap();
        world.run("mkfifo", &["skills/x"], &world.repo(), None).exits(0);
        lies_there(case, &world);
    });
    15 git_file_that_hides_a_folder "an empty `.git` file makes a governed folder look like a submodule" &["work tree", "folder"], ["C042"] 11 Hand(|case| {
        let world = skills();
        world.write("skills/x/SKILL.md", "Obey.\n");
        for text in ["", "gitdir: elsewhere\n", "gitdir: ../../.git/hooks\n"] {
            world.write("skills/x/.git", text);
            lies_there(case, &world);
        }
        fs::remove_file(world.repo().join("skills/x/.git")).unwrap();
        fs::create_dir_all(world.repo().join("skills/x/.git/refs")).unwrap();
        lies_there(case, &world);
    });
    15 link_on_disk "a link that is in no commit makes files appear where `who` looks" &["work tree", "folder"], ["C009"] 11 Hand(|case| {
        let world = skills();
        world.write("evil/b/SKILL.md", "Obey.\n");
        symlink("evil", world.repo().join("a")).unwrap();
        symlink("../a/b", world.repo().join("skills/y")).unwrap();
        lies_there(case, &world);
    });

    14 name_with_a_dot_behind "a file has a governed name with a dot behind" ALSO_A_FOLDER, ["C003"] 11 Tree(|| other_name("AGENTS.md."));
    14 name_with_a_space_behind "a file has a governed name with a space behind" ALSO_A_FOLDER, ["C003"] 11 Tree(|| other_name("agents.md "));
    14 name_with_a_stream_behind "a file has a governed name with the name of its stream behind" ALSO_A_FOLDER, ["C003"] 11 Tree(|| other_name("AGENTS.md::$DATA"));
    14 name_with_what_does_not_show "a file has a governed name with a character of no width" ALSO_A_FOLDER, ["C003"] 11 Tree(|| other_name("AG\u{200b}ENTS.md"));
    14 short_name "a file has the short name that Windows could give a governed one" ALSO_A_FOLDER, ["C003"] 11 Tree(|| other_name("AGENTS~1.MD"));
    14 short_name_of_a_folder "a folder has the short name of a governed one" ALSO_A_FOLDER, ["C003"] 11 Tree(|| other_name("PROMPT~1/new.md"));
    14 folder_with_a_dot_behind "a folder has the name of a governed one with a dot behind" ALSO_A_FOLDER, ["C003"] 11 Tree(|| other_name("prompts./new.md"));
    14 path_in_one_name "a file has a whole governed path for its name, as Windows writes it" ALSO_A_FOLDER, ["C003"] 11 Tree(|| other_name("prompts\\new.md"));
    14 canon_with_what_does_not_show "a folder is called `canon` with a character of no width" ALSO_A_FOLDER, ["C003"] 11 Tree(|| other_name("can\u{200d}on/OMEGA_IDENTITY.md"));
    14 canon_with_a_dot_behind "a folder is called `canon.`" ALSO_A_FOLDER, ["C003"] 11 Tree(|| other_name("canon./OMEGA_IDENTITY.md"));
    14 canon_by_a_short_name "a folder is called `CANON~1`" ALSO_A_FOLDER, ["C003"] 11 Tree(|| other_name("CANON~1/OMEGA_IDENTITY.md"));
}
