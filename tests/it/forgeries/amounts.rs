//! What is read of a tree, and how often: work is bounded by what the records name, before anything is read.

use std::collections::BTreeMap;
use std::sync::Mutex;

use omega::canon::text::MAX_BYTES;
use omega::canon::{Risk, front, layout};
use omega::digest::Digest;
use omega::finding::Code;
use omega::keys::Namespace;
use omega::ledger::kinds::{Change, FileMode, Proposal};
use omega::survey::verify::{Report, verify};
use omega::tree::{Entry, Listing, Oid, Reader, Tree, TreeError};

use crate::forge::{Forge, Key, MemoryTree, resolution, time};

/// A tree that knows the objects of its files, and counts how often each of them is read.
struct Counting<'a> {
    files: &'a MemoryTree,
    reads: Mutex<BTreeMap<Oid, usize>>,
}

struct CountingReader<'a>(&'a Counting<'a>);

fn object(bytes: &[u8]) -> Oid {
    let digest = Digest::of(bytes).hex();
    digest.parse().unwrap()
}

impl Tree for Counting<'_> {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        let mut listing = self.files.list(enter)?;
        for entry in &mut listing.entries {
            entry.id = Some(object(&self.files.0[&entry.path].1));
        }
        Ok(listing)
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(CountingReader(self))
    }
}

impl Reader for CountingReader<'_> {
    fn read(&mut self, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError> {
        let mut files = self.0.files;
        let bytes = (&mut files).read(entry, limit)?;
        *self.0.reads.lock().unwrap().entry(object(&bytes)).or_default() += 1;
        Ok(bytes)
    }
}

/// What is found, and how often each object was read.
fn judged(forge: &Forge) -> (Report, BTreeMap<Oid, usize>) {
    let tree = Counting { files: &forge.tree, reads: Mutex::default() };
    let report = verify(&tree, "memory", Some(forge.pin()), time("2026-02-27T00:00:00Z"), 2).unwrap();
    let reads = tree.reads.into_inner().unwrap();
    (report, reads)
}

fn finds(report: &Report, code: Code, path: &str) -> bool {
    report.findings.iter().any(|finding| finding.code == code && finding.path == path)
}

/// A proposal by a key of nobody, in a folder of its own, for these changes.
fn strange(forge: &mut Forge, slug: &str, changes: Vec<Change>) {
    let id = resolution(slug);
    let text = Proposal {
        omega: 1,
        kind: "proposal".into(),
        canon: Some(forge.pin().root()),
        resolution: id.clone(),
        by: "gemini".parse().unwrap(),
        at: time("2026-02-26T12:00:00Z"),
        title: "A stranger's".into(),
        risk: Risk::Critical,
        base: Some(forge.pin().root()),
        changes,
        supersedes: None,
        settles: None,
        purge: None,
        recovery: None,
    };
    let place = layout::in_folder(&id, "proposal.md");
    forge.signed(place.as_str(), &text, "The case.", &Key::of("stranger"));
}

fn adds(path: &str, after: Digest) -> Change {
    Change { path: path.parse().unwrap(), mode: Some(FileMode::File), before: None, after: Some(after), released: None }
}

#[test]
fn what_no_proposal_names_is_not_read() {
    let mut forge = Forge::planted();
    let stray: Vec<Vec<u8>> = (0..3).map(|number| format!("nobody asked {number}\n").into_bytes()).collect();
    for bytes in &stray {
        forge.put(layout::bytes(&Digest::of(bytes)).as_str(), bytes);
    }
    let (report, reads) = judged(&forge);
    for bytes in &stray {
        assert!(finds(&report, Code::BytesWrong, layout::bytes(&Digest::of(bytes)).as_str()), "{:#?}", report.findings);
        assert_eq!(reads.get(&object(bytes)), None);
    }
}

#[test]
fn each_object_is_read_once_under_many_names() {
    let mut forge = Forge::planted();
    // Bytes under wrong names that a stranger's proposal names, a vote without a signature, a signature of many state files,
    // and governed files.
    let [bytes, vote, prompt] = ["the same bytes\n", "the same vote\n", "the same prompt\n"];
    let mut changes = Vec::new();
    for number in 0..50 {
        let wrong = Digest::of(format!("{number}").as_bytes());
        forge.put(layout::bytes(&wrong).as_str(), bytes);
        changes.push(adds(&format!("prompts/asked-{number:02}.md"), wrong));
        forge.put(&format!("canon/resolutions/2026-02-26-many/votes/v{number}.1.md"), vote);
        forge.put(&format!("canon/resolutions/2026-02-26-many/votes/v{number}.1.md.sig"), vote);
        forge.put(&format!("canon/phylactery/memory/m{number}.md"), vote);
        forge.put(&format!("canon/phylactery/memory/m{number}.md.sig"), vote);
        forge.put(&format!("prompts/{number}.md"), prompt);
    }
    strange(&mut forge, "many-names", changes);
    let (report, reads) = judged(&forge);
    assert_eq!(reads[&object(bytes.as_bytes())], 1);
    // The vote with its signature, the entry, and the signature beside the entry.
    assert_eq!(reads[&object(vote.as_bytes())], 4);
    assert_eq!(reads[&object(prompt.as_bytes())], 1);
    for number in 0..50 {
        let wrong = Digest::of(format!("{number}").as_bytes());
        assert!(finds(&report, Code::BytesWrong, layout::bytes(&wrong).as_str()));
        assert!(finds(&report, Code::Form, &format!("canon/resolutions/2026-02-26-many/votes/v{number}.1.md")));
        assert!(finds(&report, Code::Ungoverned, &format!("prompts/{number}.md")));
    }
}

#[test]
fn a_record_under_the_name_of_another_is_misplaced_and_the_right_one_counts() {
    let mut forge = Forge::planted();
    let id = forge.propose("claude", "copied", vec![crate::forge::Edit::file("AGENTS.md", "Copied.\n")]);
    forge.vote(&id, "gemini", crate::forge::Choice::Approve);
    let right = forge.of(&id, "votes/gemini.1.md");
    for name in ["aaa.1", "gemini.2", "zzz.1"] {
        for end in ["md", "md.sig"] {
            let bytes = forge.get(&right.replace("gemini.1.md", &format!("gemini.1.{end}")));
            forge.put(&forge.of(&id, &format!("votes/{name}.{end}")), bytes);
        }
    }
    let (report, _) = judged(&forge);
    for name in ["aaa.1", "gemini.2", "zzz.1"] {
        assert!(finds(&report, Code::Misplaced, &forge.of(&id, &format!("votes/{name}.md"))), "{:#?}", report.findings);
    }
    assert!(!report.findings.iter().any(|finding| finding.path == right), "{:#?}", report.findings);
}

#[test]
fn a_large_record_is_parsed_only_if_it_is_signed() {
    let place = "canon/resolutions/2026-02-26-large/proposal.md";
    let signature = format!("{place}.sig");
    for (size, signed, code, path) in
        [(100, false, Code::Form, place), (100_000, false, Code::Signature, signature.as_str()), (100_000, true, Code::Form, place)]
    {
        let mut forge = Forge::planted();
        let text = format!("---\na: [{}]\n---\n", "x, ".repeat(size / 3));
        let armor = if signed { Key::of("stranger").sign(Namespace::Proposal, text.as_bytes()) } else { b"none\n".to_vec() };
        forge.put(place, text);
        forge.put(&signature, armor);
        let report = forge.violates(code, path);
        let about = report.findings.iter().filter(|finding| finding.path.starts_with(place)).count();
        assert_eq!(about, 1, "{:#?}", report.findings);
    }
    // One of later rules is told as such, signed or not.
    let mut forge = Forge::planted();
    forge.put(place, format!("---\nkind: proposal\nomega: 2\nnew: \"{}\"\n---\n", "x".repeat(10_000)));
    forge.put(&signature, "none\n");
    let error = verify(&forge.tree, "memory", Some(forge.pin()), time("2026-02-27T00:00:00Z"), 1).unwrap_err();
    assert!(error.to_string().contains("follows version 2 of the rules"), "{error}");
}

#[test]
fn front_matter_has_so_many_nodes_at_most() {
    // A map, its key, its list, and what that holds.
    let text = |items: usize| format!("---\na:\n{}---\n", "  - b\n".repeat(items));
    assert!(front::split(text(65_536 - 3).as_bytes()).is_ok());
    let error = front::split(text(65_536 - 2).as_bytes()).unwrap_err();
    assert_eq!(error.to_string(), "line 65536, column 5: more than 65536 maps, lists and scalars");
}

#[test]
fn what_strangers_propose_is_read_up_to_a_limit() {
    let mut forge = Forge::planted();
    let mut changes = Vec::new();
    for number in 0..9 {
        let mut bytes = vec![b'x'; usize::try_from(MAX_BYTES).unwrap()];
        bytes[0] = b'0' + number;
        let digest = Digest::of(&bytes);
        forge.put(layout::bytes(&digest).as_str(), bytes);
        changes.push(adds(&format!("canon/phylactery/memory/m{number}.md"), digest));
    }
    let eighth = changes.pop().unwrap();
    strange(&mut forge, "eight", changes.clone());
    // Eight files are 64 MiB, the documents of the canon come on top.
    let (report, _) = judged(&forge);
    assert_eq!(report.findings.len(), 1, "{:#?}", report.findings);
    assert!(finds(&report, Code::Limit, "canon/bytes"));
    assert!(report.findings[0].message.contains("more than 64 MiB"), "{:#?}", report.findings);
    // Seven are not too many, and only the stranger is.
    changes.pop();
    strange(&mut forge, "eight", changes);
    let (report, _) = judged(&forge);
    assert!(finds(&report, Code::Signer, "canon/resolutions/2026-02-26-eight/proposal.md"), "{:#?}", report.findings);
    assert!(!report.findings.iter().any(|finding| finding.code == Code::Limit));
    assert!(finds(&report, Code::BytesWrong, layout::bytes(&eighth.after.unwrap()).as_str()));
}
