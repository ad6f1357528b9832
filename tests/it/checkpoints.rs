//! Checkpoints: lines that two people compare.

use std::fs;

use crate::world::World;

fn ruled() -> World {
    let world = World::planted(&["ana"]);
    let id = world.propose("ana", "Say it plainly");
    world.approve(&id, &["ana"]);
    world.ratify(&id);
    world
}

fn checked(world: &World, line: &str) -> (i32, String) {
    let ran = world.omega(&["canon", "checkpoint", "--check", line]);
    (ran.code.unwrap(), format!("{}{}", ran.out, ran.err))
}

#[test]
fn a_line_says_where_the_ledger_ends_and_is_compared() {
    let world = ruled();
    let line = world.omega(&["canon", "checkpoint"]).exits(0).out;
    let words: Vec<&str> = line.split(' ').collect();
    assert_eq!((words.len(), words[0], words[1], words[2]), (4, "omega-checkpoint-v1", world.root().as_str(), "1"));
    assert!(line.ends_with('\n') && line.matches('\n').count() == 1);
    let (code, said) = checked(&world, &line);
    assert!(code == 0 && said.starts_with("same both ledgers end with the same ruling\n"), "{said}");
    let earlier = world.omega(&["canon", "checkpoint", "HEAD~1"]).exits(0).out;
    let (code, said) = checked(&world, &earlier);
    assert!(code == 0 && said.starts_with("ahead the ledger here goes on from theirs: it ends at ruling 1\n"), "{said}");
    // The other way round nothing can be said: the end of theirs is not here.
    let ran = world.omega(&["canon", "checkpoint", "HEAD~1", "--check", &line]).exits(13);
    assert!(ran.out.starts_with("behind "), "{}", ran.out);
    assert!(ran.out.contains(&format!("  theirs root {} ruling 1 {}", words[1], words[3])), "{}", ran.out);
    // Another ruling in the same place, and another canon.
    let other = line.replace(&words[3].trim()[..20], "sha256:0000000000000");
    let (code, said) = checked(&world, &other);
    assert!(code == 11 && said.starts_with("forked ") && said.contains(words[3].trim()) && said.contains("sha256:0000000000000"), "{said}");
    let (code, said) = checked(&world, &line.replace(&words[1][..20], "sha256:0000000000000"));
    assert!(code == 11 && said.starts_with("forked theirs is another canon\n"), "{said}");
}

#[test]
fn a_line_survives_a_mail() {
    let world = ruled();
    let line = world.by("ana", &["canon", "checkpoint", "--sign"]).exits(0).out;
    let folded: Vec<String> = line.trim().as_bytes().chunks(61).map(|chunk| String::from_utf8_lossy(chunk).into_owned()).collect();
    // Only between words and within the base64 do programs break lines.
    let at = line.find(" ana ").unwrap() + 5;
    let (head, base64) = line.trim().split_at(at);
    let broken: Vec<&str> = base64.as_bytes().chunks(70).map(|chunk| std::str::from_utf8(chunk).unwrap()).collect();
    let mail = format!("Dear ben,\n\nmine is\n{}\r\n{}\n\nyours, ana\n", head.trim().replace(' ', "\n"), broken.join("\r\n"));
    assert!(folded.len() > 3);
    fs::write(world.path("mail.txt"), &mail).unwrap();
    let ran = world.omega(&["canon", "checkpoint", "--check", world.path("mail.txt").to_str().unwrap()]).exits(0);
    assert!(ran.out.starts_with("same ") && ran.out.ends_with("  signed by ana\n"), "{}", ran.out);
    let args = ["canon", "checkpoint", "--check", "-"];
    let ran = world.run(env!("CARGO_BIN_EXE_omega"), &args, &world.repo(), Some(mail.as_bytes())).exits(0);
    assert!(ran.out.ends_with("  signed by ana\n"), "{}", ran.out);
}

#[test]
fn stock_tools_agree_on_a_signed_line() {
    let world = ruled();
    let line = world.by("ana", &["canon", "checkpoint", "--sign"]).exits(0).out;
    let words: Vec<&str> = line.split_whitespace().collect();
    let mut armor = String::from("-----BEGIN SSH SIGNATURE-----\n");
    for chunk in words[5].as_bytes().chunks(70) {
        armor.push_str(std::str::from_utf8(chunk).unwrap());
        armor.push('\n');
    }
    armor.push_str("-----END SSH SIGNATURE-----\n");
    fs::write(world.path("sig"), armor).unwrap();
    let signers = format!("ana {}\n", world.public("ana"));
    fs::write(world.path("signers"), signers).unwrap();
    let message = format!("{}\n", words[..4].join(" "));
    let args = ["-Y", "verify", "-f", "signers", "-I", "ana", "-n", "omega-checkpoint-v1", "-s", "sig"];
    world.run("ssh-keygen", &args, &world.path("."), Some(message.as_bytes())).exits(0);
}

#[test]
fn signatures_that_are_not_the_members_prove_nothing() {
    let world = ruled();
    let line = world.by("ana", &["canon", "checkpoint", "--sign"]).exits(0).out;
    let words: Vec<&str> = line.split_whitespace().collect();
    // In the name of another, of nobody, over another ruling, cut, and for another purpose.
    let vote = world.git(&["ls-files", "canon/resolutions/*/votes/ana.1.md.sig"]).out;
    let vote: String = world.read(vote.trim()).lines().filter(|line| !line.starts_with("---")).collect();
    for (at, with) in [(4, "ry"), (4, "nobody"), (3, world.root().as_str()), (5, &words[5][..100]), (5, vote.as_str())] {
        let mut forged = words.clone();
        forged[at] = with;
        let (code, said) = checked(&world, &forged.join(" "));
        assert!(code == 13 && said.starts_with("error: the checkpoint is not signed by "), "{at} {said}");
    }
    // Whoever is no member signs none.
    world.by("mallory", &["canon", "checkpoint", "--sign"]).exits(10);
    for nonsense in
        ["omega-checkpoint-v1", "omega-checkpoint-v2 a 1 b", "omega-checkpoint-v1 sha256:00 1 sha256:00", "omega-checkpoint-v1 \u{1b}[31m"]
    {
        assert_eq!(checked(&world, nonsense).0, 2, "{nonsense}");
    }
}

#[test]
fn nothing_is_said_without_a_pin_or_of_what_does_not_hold() {
    let world = ruled();
    let root = world.root();
    fs::remove_file(world.repo().join(".git/omega/pin.toml")).unwrap();
    world.omega(&["canon", "checkpoint"]).exits(13);
    world.omega(&["canon", "checkpoint", "--root", &root]).exits(0);
    world.omega(&["canon", "checkpoint", "--root", &format!("sha256:{}", "0".repeat(64))]).exits(11);
    world.edit_identity("Sneaked");
    world.git(&["commit", "-q", "-a", "-m", "Sneak"]).exits(0);
    world.omega(&["canon", "checkpoint", "--root", &root]).exits(11);
}
