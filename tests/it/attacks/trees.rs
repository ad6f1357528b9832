//! What lies in the tree: links, submodules, modes, strays, and objects that git would not make.

use std::fs;

use gix::objs::{Kind, Write as _};
use omega::keys::Namespace;
use omega::ledger::kinds::FileMode;
use omega::tree::Mode;

use super::Run::{Hand, Tree};
use super::encoding::with;
use super::{Attack, Case, EVERYWHERE, IN_GIT, at, cases, planted};
use crate::forge::{Edit, Forge, Key, Seed};

/// An honest file in another mode.
fn mode(path: &str, mode: Mode) -> Attack {
    let mut forge = Forge::planted();
    let bytes = forge.get(path);
    forge.tree.0.insert(path.as_bytes().to_vec(), (mode, bytes));
    at(forge, path)
}

/// A leaf in the place of a whole folder.
fn instead(folder: &str, mode: Mode) -> Attack {
    let mut forge = Forge::planted();
    let pin = forge.pin();
    forge.tree.0.retain(|path, _| !path.starts_with(format!("{folder}/").as_bytes()));
    forge.tree.0.insert(folder.as_bytes().to_vec(), (mode, b"elsewhere".to_vec()));
    Attack { tree: forge.tree, place: folder.to_owned(), pin, now: crate::forge::time("2026-02-27T00:00:00Z") }
}

/// A ratified link that leads there.
fn link(target: &str) -> Attack {
    let mut forge = Forge::planted();
    forge.put("README.md", "Read me.\n");
    forge.ratify("link", vec![Edit::link("prompts/link.md", target)]);
    at(forge, "prompts/link.md")
}

fn stray(path: &str) -> Attack {
    with(path.as_bytes(), Mode::File, b"stray\n")
}

fn changed(act: impl FnOnce(&mut Forge), place: &str) -> Attack {
    let mut forge = Forge::planted();
    act(&mut forge);
    at(forge, place)
}

/// The tree of HEAD with its raw entries changed, committed and pushed; what is found must name this path.
fn raw(case: &Case, folder: &str, place: &str, change: impl FnOnce(Vec<Vec<u8>>) -> Vec<Vec<u8>>) {
    let world = planted();
    let repo = gix::open(world.repo()).unwrap();
    let id = |rev: &str| gix::ObjectId::from_hex(world.git(&["rev-parse", rev]).exits(0).out.trim().as_bytes()).unwrap();
    let entries = |tree: gix::ObjectId| -> Vec<Vec<u8>> {
        let bytes = repo.find_object(tree).unwrap().data.clone();
        let (mut rest, mut entries) = (&bytes[..], Vec::new());
        while !rest.is_empty() {
            let end = rest.iter().position(|byte| *byte == 0).unwrap() + 21;
            entries.push(rest[..end].to_vec());
            rest = &rest[end..];
        }
        entries
    };
    let write = |entries: Vec<Vec<u8>>| repo.objects.write_buf(Kind::Tree, &entries.concat()).unwrap();
    let root = match folder {
        "" => write(change(entries(id("HEAD^{tree}")))),
        folder => {
            let inner = write(change(entries(id(&format!("HEAD:{folder}")))));
            let mut root = entries(id("HEAD^{tree}"));
            let at = root.iter().position(|entry| entry.starts_with(format!("40000 {folder}\0").as_bytes())).unwrap();
            root[at] = [format!("40000 {folder}\0").as_bytes(), inner.as_bytes()].concat();
            write(root)
        }
    };
    let server = super::gates::served(&world);
    super::drive::write_commit(&repo, root, &[id("HEAD")], "refs/heads/attack");
    let ran = case.says(world.omega(&["canon", "verify", "attack"]));
    assert!(ran.out.contains(&format!("{} {place}", case.codes[0])), "{}", ran.out);
    let ran = super::drive::git_with_omega(&world, &world.repo(), &["push", "-q", server.to_str().unwrap(), "attack:main"]).exits(1);
    assert!(ran.err.contains(&format!("{} {place}", case.codes[0])), "{}", ran.err);
}

/// Two branches are merged in this way, and the result is judged.
fn merged(case: &Case, merge: &[&str]) {
    let world = planted();
    let before = world.git(&["rev-parse", "HEAD"]).out;
    let server = super::gates::served(&world);
    world.git(&["switch", "-q", "-c", "side"]).exits(0);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "-m", "Side"]).exits(0);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.git(&[&["merge", "-q", "-m", "Merge"], merge].concat()).exits(0);
    case.says(world.omega(&["canon", "verify"]));
    super::drive::git_with_omega(&world, &world.repo(), &["push", "-q", server.to_str().unwrap(), "main"]).exits(1);
    assert_eq!(world.git_in(&server, &["rev-parse", "main"]).out, before);
}

cases! {
    15 executable_governed_file "a governed file is made executable" EVERYWHERE, ["C040"] 11 Tree(|| mode("AGENTS.md", Mode::Exec));
    15 link_for_a_governed_file "a governed file becomes a link" EVERYWHERE, ["C040"] 11 Tree(|| mode("AGENTS.md", Mode::Link));
    15 submodule_for_a_governed_file "a governed file becomes a submodule" EVERYWHERE, ["C041"] 11 Tree(|| mode("AGENTS.md", Mode::Submodule));
    15 executable_record "a file of the canon is made executable" EVERYWHERE, ["C002"] 11 Tree(|| mode("canon/council/ry.md", Mode::Exec));
    15 link_for_a_record "a signature becomes a link" EVERYWHERE, ["C002"] 11 Tree(|| mode("canon/ledger/000000.md.sig", Mode::Link));
    15 odd_mode "a file of the canon has a mode that git does not write" IN_GIT, ["C002"] 11 Tree(|| mode("canon/council/ry.md", Mode::Other));
    15 link_for_the_canon "the whole canon becomes a link" EVERYWHERE, ["C009"] 11 Tree(|| instead("canon", Mode::Link));
    15 submodule_for_the_canon "the whole canon becomes a submodule" EVERYWHERE, ["C009"] 11 Tree(|| instead("canon", Mode::Submodule));
    15 submodule_inside_the_canon "a submodule lies inside the canon" EVERYWHERE, ["C002"] 11 Tree(|| with(b"canon/vendor", Mode::Submodule, b""));
    15 link_for_a_governed_folder "a governed folder becomes a link" EVERYWHERE, ["C009"] 11 Tree(|| instead("prompts", Mode::Link));
    15 submodule_for_a_governed_folder "a governed folder becomes a submodule" EVERYWHERE, ["C009"] 11 Tree(|| instead("prompts", Mode::Submodule));
    15 link_that_climbs_out "a council ratifies a link that leads out of the tree" EVERYWHERE, ["C009"] 11 Tree(|| link("../../etc/passwd"));
    15 absolute_link "a council ratifies an absolute link" EVERYWHERE, ["C009"] 11 Tree(|| link("/etc/passwd"));
    15 link_to_what_is_not_governed "a council ratifies a link to a file that anybody can change" EVERYWHERE, ["C009"] 11 Tree(|| link("../README.md"));
    15 link_to_a_link "a council ratifies a link to a link" EVERYWHERE, ["C009"] 11 Tree(|| changed(|forge| drop(forge.ratify("hops", vec![Edit::link("prompts/link.md", "one.md"), Edit::link("prompts/two.md", "link.md")])), "prompts/two.md"));
    15 ungoverned_link_into_who "an ungoverned link makes ungoverned files appear where `who` looks" EVERYWHERE, ["C009"] 11 Tree(|| {
        let mut forge = Forge::plant(&Seed { who: &["AGENTS.md", "team/*/AGENTS.md"], files: vec![Edit::file("AGENTS.md", "Be kind.\n")], ..Seed::default() });
        forge.put("shadow/AGENTS.md", "Obey.\n");
        forge.put_mode("team/x", FileMode::Link, b"../shadow");
        at(forge, "team/x")
    });
    15 duplicate_tree_entries "a tree holds a governed name twice" IN_GIT, ["C004"] 11 Hand(|case| raw(case, "", "canon", |mut entries| {
        let canon = entries.iter().position(|entry| entry.starts_with(b"40000 canon\0")).unwrap();
        entries.insert(canon, entries[canon].clone());
        entries
    }));
    15 unsorted_tree_entries "a tree is out of order" IN_GIT, ["C004"] 11 Hand(|case| raw(case, "canon", "canon/", |mut entries| {
        entries.reverse();
        entries
    }));
    15 zero_padded_mode "a mode has a zero before it" IN_GIT, ["C004"] 11 Hand(|case| raw(case, "canon", "canon/OMEGA_IDENTITY.md", |mut entries| {
        let at = entries.iter().position(|entry| entry.starts_with(b"100644 OMEGA_IDENTITY.md\0")).unwrap();
        entries[at] = [b"0", &entries[at][..]].concat();
        entries
    }));
    15 file_and_folder_of_one_name "a tree holds a name as a file and as a folder" IN_GIT, ["C004"] 11 Hand(|case| raw(case, "", "canon", |mut entries| {
        let canon = entries.iter().position(|entry| entry.starts_with(b"40000 canon\0")).unwrap();
        let file = entries.iter().find(|entry| entry.starts_with(b"100644 .gitattributes\0")).unwrap();
        let twin = [b"100644 canon\0", &file[file.len() - 20..]].concat();
        entries.insert(canon, twin);
        entries
    }));

    16 stray_file "a file of no known kind lies under canon/" EVERYWHERE, ["C001"] 11 Tree(|| stray("canon/notes.txt"));
    16 stray_dot_file "a hidden file lies under canon/" EVERYWHERE, ["C001"] 11 Tree(|| stray("canon/.gitkeep"));
    16 stray_in_a_resolution "a file of no known kind lies in a resolution" EVERYWHERE, ["C001"] 11 Tree(|| stray("canon/resolutions/2026-02-26-genesis/notes.md"));
    16 stray_name_that_is_no_text "a name that is no UTF-8 lies under canon/" EVERYWHERE, ["C001"] 11 Tree(|| {
        let mut attack = with(b"canon/\xff.md", Mode::File, b"hidden\n");
        attack.place = "canon/\u{fffd}.md".into();
        attack
    });
    16 rogue_document "a document that nobody ratified lies under canon/" EVERYWHERE, ["C042"] 11 Tree(|| stray("canon/ROGUE.md"));
    16 rogue_member "a member whom nobody seated lies under canon/council" EVERYWHERE, ["C042"] 11 Tree(|| stray("canon/council/zed.md"));
    16 rogue_signature "the Chief's signature lies beside no file" EVERYWHERE, ["C035"] 11 Tree(|| changed(|forge| forge.put("canon/ROGUE.md.sig", Key::of("ry").sign(Namespace::State, b"rogue\n")), "canon/ROGUE.md.sig"));
    16 rogue_bytes "bytes that no proposal names lie under canon/bytes" EVERYWHERE, ["C033"] 11 Tree(|| stray(&format!("canon/bytes/{}", omega::digest::Digest::of(b"stray\n").hex())));
    16 bytes_of_another_name "bytes are not what their name says" EVERYWHERE, ["C033"] 11 Tree(|| {
        let mut forge = Forge::planted();
        let place = format!("canon/bytes/{}", omega::digest::Digest::of(&forge.get("AGENTS.md")).hex());
        forge.put(&place, "other\n");
        at(forge, place)
    });
    16 instruction_file_never_ratified "an instruction file appears where `who` looks" EVERYWHERE, ["C042"] 11 Tree(|| stray("prompts/deep/er/new.md"));
    16 ratified_file_deleted "a ratified file is deleted" EVERYWHERE, ["C041"] 11 Tree(|| changed(|forge| forge.delete("AGENTS.md"), "AGENTS.md"));
    16 ratified_document_deleted "a ratified document is deleted" EVERYWHERE, ["C041"] 11 Tree(|| changed(|forge| forge.delete("canon/OMEGA_IDENTITY.md"), "canon/OMEGA_IDENTITY.md"));
    16 ratified_file_renamed "a ratified file is renamed" EVERYWHERE, ["C041", "C042"] 11 Tree(|| changed(|forge| {
        let bytes = forge.get("prompts/one.md");
        forge.delete("prompts/one.md");
        forge.put("prompts/uno.md", bytes);
    }, "prompts/one.md"));
    16 records_without_a_proposal "votes lie in a folder whose proposal was deleted" EVERYWHERE, ["C007"] 11 Tree(|| {
        let (mut forge, id) = super::votes::open();
        forge.vote(&id, "gemini", crate::forge::Choice::Approve);
        let proposal = forge.of(&id, "proposal.md");
        forge.delete_record(&proposal);
        at(forge, proposal)
    });
    16 record_without_a_signature "an unsigned record lies in a resolution" EVERYWHERE, ["C007"] 11 Tree(|| {
        let mut attack = stray("canon/resolutions/2026-02-26-x/synthesis.md");
        attack.place.push_str(".sig");
        attack
    });
    16 evil_merge "a merge holds what neither side held" IN_GIT, ["C040"] 11 Hand(|case| {
        let world = planted();
        let before = world.git(&["rev-parse", "HEAD"]).out;
        let server = super::gates::served(&world);
        world.git(&["switch", "-q", "-c", "side"]).exits(0);
        world.commit_unrelated("side.txt");
        world.git(&["switch", "-q", "main"]).exits(0);
        world.commit_unrelated("main.txt");
        world.git(&["merge", "-q", "--no-commit", "side"]).exits(0);
        world.edit_identity("Sneaked");
        world.git(&["commit", "-q", "-a", "-m", "Merge"]).exits(0);
        assert_eq!(world.git(&["rev-list", "--parents", "-1", "HEAD"]).out.split_whitespace().count(), 3);
        case.says(world.omega(&["canon", "verify"]));
        super::drive::git_with_omega(&world, &world.repo(), &["push", "-q", server.to_str().unwrap(), "main"]).exits(1);
        assert_eq!(world.git_in(&server, &["rev-parse", "main"]).out, before);
    });
    16 merge_of_an_unratified_side "a merge brings what a side branch changed" IN_GIT, ["C040"] 11 Hand(|case| merged(case, &["--no-ff", "side"]));
    16 merge_that_prefers_the_other_side "the same, preferring the other side (-X theirs)" IN_GIT, ["C040"] 11 Hand(|case| merged(case, &["--no-ff", "-X", "theirs", "side"]));
    16 octopus "an octopus merge brings it with others" IN_GIT, ["C040"] 11 Hand(|case| {
        let world = planted();
        let server = super::gates::served(&world);
        for (name, sneak) in [("one", false), ("two", true), ("three", false)] {
            world.git(&["switch", "-q", "-c", name, "main"]).exits(0);
            if sneak {
                world.edit_identity("Sneaked");
                world.git(&["commit", "-q", "-a", "-m", "Side"]).exits(0);
            } else {
                world.commit_unrelated(name);
            }
        }
        world.git(&["switch", "-q", "main"]).exits(0);
        world.git(&["merge", "-q", "-m", "Octopus", "one", "two", "three"]).exits(0);
        assert!(world.git(&["rev-list", "--parents", "-1", "HEAD"]).out.split_whitespace().count() > 3);
        case.says(world.omega(&["canon", "verify"]));
        super::drive::git_with_omega(&world, &world.repo(), &["push", "-q", server.to_str().unwrap(), "main"]).exits(1);
    });
    16 unrelated_histories "another canon is merged in as an unrelated history, and preferred" IN_GIT, ["C017"] 11 Hand(|case| {
        let (world, other) = (planted(), crate::world::World::planted(&["eve"]));
        let server = super::gates::served(&world);
        world.git(&["fetch", "-q", other.repo().to_str().unwrap(), "main"]).exits(0);
        world.git(&["read-tree", "--reset", "-u", "FETCH_HEAD"]).exits(0);
        let tree = world.git(&["write-tree"]).exits(0).out;
        let commit = world.git(&["commit-tree", tree.trim(), "-p", "HEAD", "-p", "FETCH_HEAD", "-m", "Merge"]).exits(0).out;
        world.git(&["reset", "-q", "--hard", commit.trim()]).exits(0);
        case.says(world.omega(&["canon", "verify"]));
        super::drive::git_with_omega(&world, &world.repo(), &["push", "-q", server.to_str().unwrap(), "main"]).exits(1);
    });
    16 ours_over_a_revocation "`merge -s ours` drops a revocation that the server has" &["pre-receive"], [] 1 Hand(|case| {
        let world = planted();
        let server = super::gates::served(&world);
        let before = world.git(&["rev-parse", "HEAD"]).out;
        fs::remove_file(world.repo().join("canon/council/ana.md")).unwrap();
        let id = world.propose_edits("ry", "Let ana go");
        world.approve(&id, &["ana"]);
        world.ratify(&id);
        super::drive::git_with_omega(&world, &world.repo(), &["push", "-q", server.to_str().unwrap(), "main"]).exits(0);
        world.git(&["switch", "-q", "-c", "old", before.trim()]).exits(0);
        world.commit_unrelated("code.txt");
        world.git(&["merge", "-q", "-s", "ours", "-m", "Merge", "main"]).exits(0);
        // In itself it is the older state, whole: the server knows better.
        world.omega(&["canon", "verify", "old"]).exits(0);
        let ran = super::drive::git_with_omega(&world, &world.repo(), &["push", "-q", server.to_str().unwrap(), "old:main"]);
        assert!(ran.err.contains("would lose what was ruled: its ledger ends at ruling 0, and ruling 1 is here"), "{}", ran.err);
        case.says(ran);
    });
}
