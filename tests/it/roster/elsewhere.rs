//! Records that are signed where omega is not: printed, signed by stock ssh-keygen, added.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::world::{Ran, World};

const PROTOCOL: &str = "canon/PEACE_PIPE_PROTOCOL.md";

impl World {
    /// Prints a record, and keeps it in a file outside the repository.
    #[track_caller]
    fn prints(&self, args: &[&str]) -> PathBuf {
        let ran = self.omega(&[args, &["--print"]].concat()).exits(0);
        assert!(ran.err.contains("ssh-keygen -Y sign -n omega-") && ran.err.contains("omega add FILE FILE.sig"), "{}", ran.err);
        let path = self.path(format!("printed-{}.md", ran.out.len()));
        std::fs::write(&path, ran.out).unwrap();
        path
    }

    /// Signs a file with stock ssh-keygen.
    #[track_caller]
    fn signs(&self, name: &str, namespace: &str, file: &std::path::Path) {
        let _ = std::fs::remove_file(format!("{}.sig", file.display()));
        let key = self.key(name);
        self.run("ssh-keygen", &["-q", "-Y", "sign", "-n", namespace, "-f", &key, file.to_str().unwrap()], &self.path("."), None).exits(0);
    }

    fn adds(&self, file: &std::path::Path) -> Ran {
        self.omega(&["canon", "add", file.to_str().unwrap()])
    }

    /// Prints, signs elsewhere and adds.
    #[track_caller]
    fn by_hand(&self, name: &str, namespace: &str, args: &[&str]) -> Ran {
        let file = self.prints(args);
        self.signs(name, namespace, &file);
        self.adds(&file).exits(0)
    }

    /// Every file of the repository with its bytes, those of git too.
    fn everything(&self) -> BTreeMap<PathBuf, Vec<u8>> {
        let mut files = BTreeMap::new();
        let mut folders = vec![self.repo()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    folders.push(path);
                } else {
                    files.insert(path.clone(), std::fs::read(path).unwrap());
                }
            }
        }
        files
    }
}

#[test]
fn a_printed_vote_is_what_the_command_would_have_signed() {
    let world = World::planted(&["ann", "bo"]);
    let id = world.propose("ann", "Say it plainly");
    let vote = ["canon", "vote", &id, "approve", "--reason", "Short, and übersichtlich.", "--confidence", "80"];
    let before = world.everything();
    let file = world.prints(&[&vote[..], &["--as", "bo"]].concat());
    assert_eq!(world.everything(), before, "printing writes nothing");
    let printed = std::fs::read_to_string(&file).unwrap();
    let json = world.omega(&[&vote[..], &["--as", "bo", "--print", "--format", "json"]].concat()).exits(0).json();
    assert_eq!(json["report"]["record"], printed.as_str());
    assert_eq!(json["report"]["sign"], "ssh-keygen -Y sign -n omega-vote-v1 -f KEY FILE");

    // In a copy, the command itself makes the very same record and signature.
    let copy = world.path("copy");
    world.run("cp", &["-a", world.repo().to_str().unwrap(), copy.to_str().unwrap()], &world.path("."), None).exits(0);
    let bo = world.key("bo");
    world.omega_in(&copy, &[&vote[..], &["--key", &bo]].concat()).exits(0);
    let made = |name: &str| std::fs::read_to_string(copy.join(format!("canon/resolutions/{id}/votes/{name}"))).unwrap();
    assert_eq!(printed, made("bo.1.md"));

    world.signs("bo", "omega-vote-v1", &file);
    let added = world.adds(&file).exits(0).out;
    assert_eq!(
        world.plain(&added),
        format!(
            "added the vote of bo to {id}\n  signed with SHA256:[…]\n  the commit is unsigned\n\nnext:\n  ann  omega vote {id} approve --reason …  vote\n"
        )
    );
    let at = |name: &str| world.read(&format!("canon/resolutions/{id}/votes/{name}"));
    assert_eq!((at("bo.1.md"), at("bo.1.md.sig")), (made("bo.1.md"), made("bo.1.md.sig")));
    assert_eq!(
        world.git(&["log", "-1", "--format=%s%n%b"]).out.trim_end(),
        world.git_in(&copy, &["log", "-1", "--format=%s%n%b"]).out.trim_end()
    );
    assert!(!world.git(&["cat-file", "commit", "HEAD"]).out.contains("gpgsig"));
    world.omega(&["canon", "verify"]).exits(12);
    // Once more changes nothing.
    let head = world.git(&["rev-parse", "HEAD"]).out;
    assert!(world.adds(&file).exits(0).out.contains("(as before)"));
    assert_eq!(world.git(&["rev-parse", "HEAD"]).out, head);
    let refused = world.omega(&[&vote[..], &["--as", "bo", "--print"]].concat()).exits(10);
    assert!(refused.err.contains("the same is recorded already"), "{}", refused.err);

    // Whoever is on the council may add it, and signs the commit.
    let file = world.prints(&["canon", "vote", &id, "approve", "--reason", "Mine.", "--as", "ann"]);
    world.signs("ann", "omega-vote-v1", &file);
    let added = world.chief(&["canon", "add", file.to_str().unwrap()]).exits(0).out;
    assert!(added.contains(&format!("the commit is signed with {}", world.fingerprint("ry"))), "{added}");
    assert!(world.git(&["cat-file", "commit", "HEAD"]).out.contains("gpgsig"));
    world.ratify(&id);
    world.holds();
}

#[test]
fn a_whole_deliberation_is_signed_elsewhere() {
    let world = World::planted(&["ann", "bo", "cy"]);
    world.edit(PROTOCOL, "    critical: optional\n", "    critical: required\n");
    let id = world.propose_edits("ry", "Speak first");
    world.approve(&id, &["ann", "bo", "cy"]);
    world.ratify(&id);
    let id = world.propose("ann", "Say it plainly");
    let reason = ["--reason", "So it is."];
    let said = |by: &str, namespace: &str, args: &[&str]| {
        world.by_hand(by, namespace, &[&["canon"], args, &reason[..], &["--as", by]].concat()).out
    };
    let turn = "omega-turn-v1";
    said("ann", turn, &["speak", &id, "approve"]);
    // Out of turn, there is nothing to sign.
    let refused = world.omega(&["canon", "speak", &id, "approve", "--reason", "Me first.", "--as", "cy", "--print"]).exits(10);
    assert!(refused.err.starts_with("error: it is the turn of `bo`\n"), "{}", refused.err);
    assert!(said("ry", turn, &["skip", &id, "bo"]).contains("added the turn of ry"));
    said("cy", turn, &["speak", &id, "reject"]);
    let refused = world.omega(&["canon", "synthesize", &id, "--reason", "All.", "--as", "ry", "--print"]).exits(10);
    assert!(refused.err.contains("spoken") || refused.err.contains("enough"), "{}", refused.err);
    let withdrawn = said("ann", "omega-withdrawal-v1", &["withdraw", &id]);
    assert!(withdrawn.contains("added the withdrawal of ann"), "{withdrawn}");
    // The drafts are gone with it, as with the command.
    world.holds();
    let id = world.propose("ann", "Say it at last");
    for by in ["ann", "bo", "cy"] {
        said(by, turn, &["speak", &id, "approve"]);
    }
    assert!(said("ry", "omega-synthesis-v1", &["synthesize", &id]).contains("added the synthesis of ry"));
    said("bo", "omega-vote-v1", &["vote", &id, "approve"]);
    world.approve(&id, &["ann", "cy"]);
    world.ratify(&id);
    world.holds();
}

#[test]
fn enrolments_and_recovery_keys_sign_elsewhere() {
    let world = World::planted(&["ann"]);
    let [bo, safe] = ["bo", "safe"].map(|name| world.pub_file(name));
    let id = world.drafts("ry", &["council", "add", "bo", &bo]);
    world.approve(&id, &["ann"]);
    let added = world.by_hand("bo", "omega-enrol-v1", &["canon", "enrol", &id]).out;
    assert!(added.contains("added the enrolment to") && added.contains(&format!("omega ratify {id}")), "{added}");
    world.ratify(&id);
    let id = world.drafts("ry", &["key", "recovery", "set", "--threshold", "1", &safe]);
    world.approve(&id, &["ann", "bo"]);
    // The key that will sign may be looked at before.
    let refused = world.omega(&["canon", "enrol", &id, "--print", "--key", &bo]).exits(10);
    assert!(refused.err.contains("does not add the key"), "{}", refused.err);
    world.by_hand("safe", "omega-enrol-v1", &["canon", "enrol", &id, "--key", &safe]);
    world.ratify(&id);
    world.omega(&["key", "recovery", "start", "--to", &world.key("ry-2")]).exits(0);
    let id = "2026-02-26-replace-the-lost-key-of-the-chief";
    let added = world.by_hand("safe", "omega-recover-v1", &["key", "recovery", "sign", id]).out;
    assert!(added.contains("added the consent to"), "{added}");
    world.by("ry-2", &["key", "recovery", "finish", id, "--yes"]).exits(0);
    world.holds();
}

#[test]
fn what_does_not_fit_is_not_added() {
    let world = World::planted(&["ann", "bo"]);
    let id = world.propose("ann", "Say it plainly");
    let file = world.prints(&["canon", "vote", &id, "approve", "--reason", "Good.", "--as", "bo"]);
    let honest = std::fs::read(&file).unwrap();
    let path = file.to_str().unwrap().to_owned();
    let before = world.traces();
    let refuses = |code: i32, words: &str| {
        let ran = world.adds(&file).exits(code);
        assert!(ran.err.contains(words), "{}", ran.err);
        assert_eq!((ran.out.as_str(), world.traces()), ("", before.clone()));
    };
    // No signature at all, and one that is none.
    refuses(2, "cannot read");
    std::fs::write(format!("{path}.sig"), "no signature\n").unwrap();
    refuses(2, "the signature cannot be used");
    // Other bytes than those that were signed.
    world.signs("bo", "omega-vote-v1", &file);
    std::fs::write(&file, String::from_utf8(honest.clone()).unwrap().replace("approve", "reject")).unwrap();
    refuses(11, "C010");
    std::fs::write(&file, &honest).unwrap();
    // For something else.
    for (namespace, code, words) in [
        ("omega-turn-v1", 11, "C005"),
        ("omega-enrol-v1", 11, "C005"),
        ("omega-ruling-v1", 2, "a signature for `omega-ruling-v1` is not taken from elsewhere"),
        ("git", 2, "a signature for `git` is not taken from elsewhere"),
        ("file", 2, "the signature is for `file`, which is nothing of omega's"),
    ] {
        world.signs("bo", namespace, &file);
        refuses(code, words);
    }
    // By somebody else, and by nobody.
    world.signs("ann", "omega-vote-v1", &file);
    refuses(10, "the record says that it is by `bo`, and the key");
    world.signs("stranger", "omega-vote-v1", &file);
    refuses(10, "belongs to no member of the council that judges this");
    // With another ballot number, of another proposal, of no proposal.
    let altered = |from: &str, to: &str| {
        let text = String::from_utf8(honest.clone()).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(&file, text.replacen(from, to, 1)).unwrap();
        world.signs("bo", "omega-vote-v1", &file);
    };
    altered("ballot: 1", "ballot: 2");
    refuses(10, "ballot");
    let digest = &world.omega(&["trust", "show", "--format", "json"]).json()["report"]["pin"]["root"].as_str().unwrap().to_owned();
    let line = String::from_utf8(honest.clone()).unwrap().lines().find(|line| line.starts_with("proposal:")).unwrap().to_owned();
    altered(&line, &format!("proposal: {digest}"));
    refuses(11, "C012");
    altered(&id, "2026-02-26-another");
    refuses(2, "there is no resolution 2026-02-26-another");
    altered("omega: 1", "omega: 2");
    refuses(13, "follows version 2 of the rules");
    altered("confidence: 100", "confidence: 200");
    refuses(11, "C023");
    std::fs::write(&file, vec![b'x'; 2_000_000]).unwrap();
    refuses(2, "is larger than any record");
    // A proposal's signature over other bytes than the proposal.
    let proposal = world.read(&format!("canon/resolutions/{id}/proposal.md"));
    std::fs::write(&file, proposal.replace("Because.", "Because!")).unwrap();
    world.signs("bo", "omega-enrol-v1", &file);
    refuses(10, "these are not the bytes of the proposal");
    std::fs::write(&file, proposal).unwrap();
    world.signs("bo", "omega-enrol-v1", &file);
    refuses(10, "does not add the key");
    world.signs("bo", "omega-recover-v1", &file);
    refuses(10, "is not a recovery");
    // When it is ruled.
    std::fs::write(&file, &honest).unwrap();
    world.signs("bo", "omega-vote-v1", &file);
    world.chief(&["canon", "rule", &id, "reject", "--yes"]).exits(0);
    let ran = world.adds(&file).exits(10);
    assert!(ran.err.contains("is ruled: nothing can be added"), "{}", ran.err);
    // Printing needs a name, and one on the council.
    let id = world.propose("ann", "Say it again");
    let refused = world.omega(&["canon", "vote", &id, "approve", "--reason", "Good.", "--print"]).exits(2);
    assert!(refused.err.contains("cannot tell whose record to print\nhint: --as NAME"), "{}", refused.err);
    let refused = world.omega(&["canon", "vote", &id, "approve", "--reason", "Good.", "--print", "--as", "zed"]).exits(10);
    assert!(refused.err.contains("`zed` is not on the council that judges this"), "{}", refused.err);
}

#[test]
fn a_key_that_has_left_adds_nothing() {
    let world = World::planted(&["ann", "bo"]);
    let open = world.propose("ann", "Say it plainly");
    let file = world.prints(&["canon", "vote", &open, "reject", "--reason", "No.", "--as", "bo"]);
    world.git(&["switch", "-q", "main"]).exits(0);
    world.enacts("ry", &["key", "rotate", "bo", "--to", &world.pub_file("bo-2"), "--enrol-key", &world.key("bo-2")], &["ann", "bo"]);
    world.signs("bo", "omega-vote-v1", &file);
    let refused = world.adds(&file).exits(10);
    assert!(refused.err.contains("was `bo`'s, and left by ruling 1"), "{}", refused.err);
}
