//! One function for each fuzz target. Each takes any bytes, must not panic by itself, and panics where what it holds does
//! not hold: that is the bug that a fuzzer looks for.

use std::fmt::{Debug, Display};
use std::str::FromStr;
use std::sync::LazyLock;

use omega::canon::{
    Document, DocumentName, EntryKey, Glob, Member, MemberName, Ratio, RepoPath, ResolutionId, Version, Who, front, path, text,
};
use omega::clock::Timestamp;
use omega::digest::Digest;
use omega::gates::RefUpdate;
use omega::keys::{KeyCache, KeyId, Namespace, PublicKey, Signature};
use omega::ledger::kinds::{Proposal, Record, Reveal, Ruling, Seal, Synthesis, Turn, Verdict, Vote, Withdrawal};
use omega::phylactery::Entry;
use omega::survey::verify::{Conclusion, verify};
use omega::tree::Mode;

use crate::forge::{Choice, Edit, Forge, time};

/// A target: its name, what it runs, and the inputs that it starts from.
pub type Target = (&'static str, fn(&[u8]), fn() -> Vec<Vec<u8>>);

/// All targets.
pub const TARGETS: [Target; 7] = [
    ("front_matter", front_matter, texts),
    ("records", records, record_seeds),
    ("signatures", signatures, signature_seeds),
    ("public_keys", public_keys, key_seeds),
    ("fields", fields, field_seeds),
    ("trees", trees, tree_seeds),
    ("hook_lines", hook_lines, hook_seeds),
];

/// Front matter as a whole: what is read says where it stands, and what is written reads back as it was.
pub fn front_matter(data: &[u8]) {
    if let Ok(front) = front::split(data) {
        assert!(data.ends_with(front.body.as_bytes()));
        assert!(text::check(data).is_ok());
    }
    if let Ok((value, body)) = front::parse::<serde_json::Value>(data)
        && value.is_object()
    {
        let written = front::render(&value, body);
        // Nulls and floats do not exist, so nothing is lost; a body that is written needs the text rules alone.
        let (again, _) = front::parse::<serde_json::Value>(written.as_bytes()).expect("what is written reads back");
        assert_eq!(again, value, "{written}");
    }
    // State files, which have types of their own.
    let _ = Document::parse(data);
    let _ = Entry::parse(data);
    let _ = front::parse::<Member>(data);
    for document in ["OMEGA_IDENTITY", "PEACE_PIPE_PROTOCOL", "CONSENSUS_ENGINE", "SECURITY_AND_PRIVACY", "OXYSPINE_TRINITY"] {
        let _ = omega::canon::policy::check(&document.parse().expect("a name"), data);
    }
}

fn record<R: Record + PartialEq + Debug>(data: &[u8]) {
    if let Ok((record, body)) = front::parse::<R>(data) {
        let written = front::render(&record, body);
        let (again, _) = front::parse::<R>(written.as_bytes()).expect("what is written reads back");
        assert_eq!(again, record);
        // No place leads out of the resolution's folder.
        if let Some(place) = record.place() {
            let place = place.to_string();
            assert!(!place.contains("..") && !place.starts_with('/'), "{place}");
        }
    }
}

/// Each kind of record: the first byte says which, the others are the file.
pub fn records(data: &[u8]) {
    let Some((kind, data)) = data.split_first() else { return };
    match kind % 8 {
        0 => record::<Proposal>(data),
        1 => record::<Turn>(data),
        2 => record::<Seal>(data),
        3 => record::<Reveal>(data),
        4 => record::<Synthesis>(data),
        5 => record::<Vote>(data),
        6 => record::<Withdrawal>(data),
        _ => record::<Ruling>(data),
    }
}

/// Armor: at most one spelling of a signature is read, and none of these is one over anything else than was signed.
pub fn signatures(data: &[u8]) {
    static SIGNED: LazyLock<Vec<Vec<u8>>> = LazyLock::new(signature_seeds);
    let Ok(signature) = Signature::parse(data) else { return };
    assert!(data.starts_with(b"-----BEGIN SSH SIGNATURE-----\n") && data.ends_with(b"\n-----END SSH SIGNATURE-----\n"));
    assert_eq!(signature.signer_id(), KeyId::of_blob(signature.signer_blob()));
    let Ok(key) = KeyCache::new().get(signature.signer_blob()) else { return };
    for namespace in Namespace::ALL {
        let valid = signature.verify(&key, namespace, b"what was signed\n").is_ok();
        assert!(!valid || SIGNED.iter().any(|honest| honest == data), "a signature that nobody made");
    }
}

/// Key lines: one spelling, one identity, never a weak point.
pub fn public_keys(data: &[u8]) {
    if let Ok(line) = std::str::from_utf8(data)
        && let Ok(key) = PublicKey::parse(line)
    {
        let written = key.to_string();
        assert!(line == written || line.starts_with(&format!("{written} ")), "{line:?} as {written:?}");
        assert_eq!(PublicKey::from_blob(key.blob()).expect("its own blob"), key);
        assert_eq!(PublicKey::from_raw(&key.raw()).expect("its own point").raw(), key.raw());
        assert!(!ed25519_dalek::VerifyingKey::from_bytes(&key.raw()).expect("a point").is_weak());
    }
    if let Ok(key) = PublicKey::from_blob(data) {
        assert_eq!(key.blob(), data);
    }
}

fn one_spelling<T: FromStr + Display>(text: &str) {
    if let Ok(value) = text.parse::<T>() {
        assert_eq!(value.to_string(), text);
    }
}

/// Paths, globs, names, numbers and times: read in one spelling, and harmless.
pub fn fields(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let (first, second) = text.split_once('\n').unwrap_or((text, ""));
    one_spelling::<MemberName>(first);
    one_spelling::<DocumentName>(first);
    one_spelling::<EntryKey>(first);
    one_spelling::<ResolutionId>(first);
    one_spelling::<Version>(first);
    one_spelling::<Ratio>(first);
    one_spelling::<Timestamp>(first);
    one_spelling::<Digest>(first);
    one_spelling::<KeyId>(first);
    one_spelling::<RepoPath>(first);
    let folded = path::fold(first);
    assert_eq!(path::fold(&folded), folded, "folding twice folds once more");
    assert!(!text::visible(text).chars().any(text::is_hidden));
    if let Ok(place) = first.parse::<RepoPath>() {
        let unsafe_segment = |s: &str| s.is_empty() || s == "." || s == ".." || s.eq_ignore_ascii_case(".git") || s.contains(['\\', ':']);
        assert!(!place.as_str().split('/').any(unsafe_segment), "{place}");
    }
    if let Ok(glob) = first.parse::<Glob>() {
        let who = Who(vec![glob]);
        if who.matches(second) {
            assert!(!path::fold(second).starts_with("canon/"), "{second}");
            // Whoever lists only the folders that a glob reaches into sees all that it matches.
            for (at, _) in second.match_indices('/') {
                assert!(who.reaches_into(&second[..at]), "`{first}` matches `{second}` and does not reach into `{}`", &second[..at]);
            }
        }
    }
}

/// What git's hooks are told: read whole or not at all.
pub fn hook_lines(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Some(updates) = RefUpdate::read(&text) {
        assert_eq!(updates.len(), text.lines().count());
    }
    if let Some(refs) = RefUpdate::read_pushed(&text) {
        assert_eq!(refs.len(), text.lines().count());
        assert!(refs.iter().all(|pushed| !pushed.name.contains(' ')));
    }
}

/// A closed ledger, which holds, and one with an open proposal, a turn and a vote.
static HONEST: LazyLock<[Forge; 2]> = LazyLock::new(|| {
    let mut closed = Forge::planted();
    let id = closed.propose("claude", "closed", vec![Edit::file("AGENTS.md", "Closed.\n"), Edit::words("ECONOMY_MODEL", "More.")]);
    closed.approve(&id);
    closed.rule(&id, Verdict::Approve);
    let mut open = closed.clone();
    let id = open.propose("gemini", "open", vec![Edit::file("prompts/two.md", "Two.\n")]);
    open.vote(&id, "codex", Choice::Reject);
    [closed, open]
});

/// What is read from the front of some bytes.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn byte(&mut self) -> Option<u8> {
        let (first, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*first)
    }

    fn number(&mut self) -> Option<usize> {
        Some(usize::from(self.byte()?) << 8 | usize::from(self.byte()?))
    }

    fn run(&mut self) -> Option<&'a [u8]> {
        let length = usize::from(self.byte()?).min(self.0.len());
        let (run, rest) = self.0.split_at(length);
        self.0 = rest;
        Some(run)
    }
}

/// Whether the canon says what lies at a path of the honest trees.
fn is_governed(path: &[u8]) -> bool {
    path.starts_with(b"canon/") || path.starts_with(b"prompts/") || path == b"AGENTS.md"
}

/// Trees: an honest one (or none at all) under as many mutations as the bytes say. It never panics, and no change of a
/// governed byte holds.
pub fn trees(data: &[u8]) {
    let mut cursor = Cursor(data);
    let Some(base) = cursor.byte() else { return };
    let honest = &HONEST[usize::from(base & 1)];
    let mut tree = honest.tree.clone();
    if base & 6 == 6 {
        tree.0.clear();
    }
    for _ in 0..16 {
        if mutate(&mut tree, &mut cursor).is_none() {
            break;
        }
    }
    // An object of a newer format makes nothing sayable, and that is an answer.
    let Ok(report) = verify(&tree, "fuzz", Some(honest.pin()), time("2026-02-27T00:00:00Z"), 1) else { return };
    let of = |tree: &crate::forge::MemoryTree| -> Vec<(Vec<u8>, Mode, Vec<u8>)> {
        let governed = tree.0.iter().filter(|(path, _)| is_governed(path));
        governed.map(|(path, (mode, bytes))| (path.clone(), *mode, bytes.clone())).collect()
    };
    if base & 1 == 0 && of(&tree) != of(&honest.tree) {
        assert!(report.conclusion == Conclusion::Violated, "governed bytes changed, and it says {:?}", report.conclusion);
    }
}

fn mutate(tree: &mut crate::forge::MemoryTree, cursor: &mut Cursor<'_>) -> Option<()> {
    let operation = cursor.byte()?;
    let at = cursor.number()?;
    let path = tree.0.keys().nth(at % tree.0.len().max(1)).cloned().unwrap_or_else(|| b"canon/ledger/000000.md".to_vec());
    let bytes = |tree: &crate::forge::MemoryTree| tree.0.get(&path).map(|(_, bytes)| bytes.clone()).unwrap_or_default();
    match operation % 9 {
        0 => drop(tree.0.remove(&path)),
        1 => {
            let mut text = bytes(tree);
            let (place, byte) = (cursor.number()?, cursor.byte()?);
            if !text.is_empty() {
                let place = place % text.len();
                text[place] = byte;
            }
            tree.0.insert(path, (Mode::File, text));
        }
        2 => {
            let mut text = bytes(tree);
            let place = cursor.number()? % (text.len() + 1);
            text.splice(place..place, cursor.run()?.iter().copied());
            tree.0.insert(path, (Mode::File, text));
        }
        3 => {
            let mut text = bytes(tree);
            let (from, count) = (cursor.number()? % (text.len() + 1), usize::from(cursor.byte()?));
            text.drain(from..(from + count).min(text.len()));
            tree.0.insert(path, (Mode::File, text));
        }
        4 => {
            let mode = [Mode::Exec, Mode::Link, Mode::Other, Mode::File][usize::from(cursor.byte()?) % 4];
            let text = bytes(tree);
            tree.0.insert(path, (mode, text));
        }
        5 => {
            let other = cursor.number()?;
            let other = tree.0.keys().nth(other % tree.0.len().max(1)).cloned()?;
            let file = tree.0[&other].clone();
            tree.0.insert(path, file);
        }
        6 => {
            // A file where the bytes say, if a tree could hold it beside the others.
            let (name, text) = (cursor.run()?.to_vec(), cursor.run()?.to_vec());
            if !name.is_empty() && !name.contains(&0) && !name.split(|b| *b == b'/').any(|s| s.is_empty() || s == b"." || s == b"..") {
                tree.0.insert(name, (Mode::File, text));
            }
        }
        7 => {
            // A file whose name is nearly that of another.
            let mut name = path.clone();
            let (place, byte) = (cursor.number()? % name.len(), cursor.byte()?);
            if byte != b'/' && byte != 0 && name[place] != b'/' {
                name[place] = byte;
                let file = tree.0.get(&path).cloned().unwrap_or((Mode::File, Vec::new()));
                tree.0.insert(name, file);
            }
        }
        _ => {
            let text = cursor.run()?.to_vec();
            tree.0.insert(path, (Mode::File, text));
        }
    }
    Some(())
}

fn files(wanted: impl Fn(&str) -> bool) -> Vec<(String, Vec<u8>)> {
    let all = HONEST[1].tree.0.iter().filter_map(|(path, (_, bytes))| Some((String::from_utf8(path.clone()).ok()?, bytes.clone())));
    all.filter(|(path, _)| wanted(path)).collect()
}

fn texts() -> Vec<Vec<u8>> {
    let odd = ["---\na: [1, {b: \"x\"}]\nc: |\n  text\nd: >-\n  a\n  b\n? e\n: 'f'\n---\nBody.\n", "---\n- &x a\n- *x\n- <<: {}\n---\n"];
    files(|path| path.ends_with(".md")).into_iter().map(|(_, bytes)| bytes).chain(odd.map(|text| text.into())).collect()
}

fn record_seeds() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    for (path, bytes) in files(|path| path.ends_with(".md") && (path.contains("/resolutions/") || path.contains("/ledger/"))) {
        let kind = if path.contains("/ledger/") {
            7
        } else if path.contains("/votes/") {
            5
        } else {
            0
        };
        seeds.push([&[kind], &bytes[..]].concat());
    }
    let head = "omega: 1\ncanon: sha256:0000000000000000000000000000000000000000000000000000000000000000\nresolution: 2026-02-26-x-y\nby: ana\nat: \"2026-02-26T00:00:00Z\"\nproposal: sha256:0000000000000000000000000000000000000000000000000000000000000000\n";
    let digest = "sha256:0000000000000000000000000000000000000000000000000000000000000000";
    for (kind, rest) in [
        (1, format!("kind: turn\nturn: 1\nprevious: {digest}\nposition: approve\nconfidence: 9\n")),
        (1, format!("kind: turn\nturn: 1\nprevious: {digest}\nskips: bo\n")),
        (2, format!("kind: seal\nhash: {digest}\n")),
        (3, format!("kind: reveal\nseal: {digest}\nseals: {{ana: {digest}}}\nnonce: \"00\"\nposition: amend\nconfidence: 1\n")),
        (4, format!("kind: synthesis\nturns: [{digest}]\n")),
        (6, "kind: withdrawal\n".to_owned()),
    ] {
        seeds.push([&[kind], format!("---\n{head}{rest}---\n\nWhy.\n").as_bytes()].concat());
    }
    seeds
}

fn signature_seeds() -> Vec<Vec<u8>> {
    use crate::forge::Key;
    let keys = [Key::of("ry"), Key::of("claude"), Key::token("ry", 1), Key::token("ry", 0)];
    keys.iter().flat_map(|key| Namespace::ALL.map(|namespace| key.sign(namespace, b"what was signed\n"))).collect()
}

fn key_seeds() -> Vec<Vec<u8>> {
    use crate::forge::Key;
    let keys = [Key::of("ry").public(), Key::of("claude").public(), Key::token("ry", 1).public()];
    keys.iter().flat_map(|key| [key.to_string().into_bytes(), format!("{key} a comment").into_bytes(), key.blob().to_vec()]).collect()
}

fn field_seeds() -> Vec<Vec<u8>> {
    let lines = [
        "prompts/**\nprompts/a/b.md",
        "**/AGENTS.md\nx/y/AGENTS.md",
        "a/*/c?.md\na/b/cd.md",
        "canon/council/ry.md",
        "prompts/.GIT/x",
        "git~1",
        "prompts/é.md",
        "ſß/İ",
        "2026-02-26-plant-the-canon",
        "2/3",
        "1.10.0",
        "2026-02-26T00:00:00Z",
        "OMEGA_IDENTITY",
        "sha256:0000000000000000000000000000000000000000000000000000000000000000",
    ];
    lines.iter().map(|line| line.as_bytes().to_vec()).collect()
}

fn hook_seeds() -> Vec<Vec<u8>> {
    let (zero, one) = ("0".repeat(40), "1".repeat(40));
    [
        format!("{zero} {one} refs/heads/main\n"),
        format!("{one} {zero} refs/heads/main\n{zero} {one} refs/tags/x\n"),
        format!("refs/heads/main {one} refs/heads/main {zero}\n"),
        format!("(delete) {zero} refs/heads/main {one}\n"),
    ]
    .map(String::into_bytes)
    .to_vec()
}

fn tree_seeds() -> Vec<Vec<u8>> {
    let mut seeds = vec![vec![0], vec![1], vec![6]];
    for operation in 0..9u8 {
        for at in 0..24u8 {
            seeds.push(vec![at & 1, operation, 0, at * 5, 0, at.wrapping_mul(37), b'x', 4, b'a', b'/', b'b', b'c', 2, b'\n', b'-']);
        }
    }
    let mut put = vec![0, 6, 0, 0, 14];
    put.extend(b"prompts/new.md\x03Hi\n");
    seeds.push(put);
    seeds
}
