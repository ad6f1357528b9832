//! Single mutations of files.

use std::collections::BTreeSet;

use omega::digest::Digest;
use omega::tree::Mode;

use super::files::Files;
use super::story::Subject;
use crate::kit::random::Random;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    ChangeByte,
    FlipBit,
    RemoveByte,
    InsertByte,
    Truncate,
    Empty,
    Append,
    AppendNewline,
    Windows,
    Remove,
    Copy,
    Overwrite,
    Swap,
    Rename,
    Recase,
    Garble,
    GarbleFolder,
    Executable,
    Plain,
    Link,
    Submodule,
    Other,
}

impl Kind {
    pub(super) const ALL: [Self; 22] = [
        Self::ChangeByte,
        Self::FlipBit,
        Self::RemoveByte,
        Self::InsertByte,
        Self::Truncate,
        Self::Empty,
        Self::Append,
        Self::AppendNewline,
        Self::Windows,
        Self::Remove,
        Self::Copy,
        Self::Overwrite,
        Self::Swap,
        Self::Rename,
        Self::Recase,
        Self::Garble,
        Self::GarbleFolder,
        Self::Executable,
        Self::Plain,
        Self::Link,
        Self::Submodule,
        Self::Other,
    ];
}

pub(super) struct Mutant {
    pub(super) kind: Kind,
    pub(super) files: Files,
    /// The paths that are not what they were.
    pub(super) touched: Vec<Vec<u8>>,
}

/// The one mutation of a file; nothing, where it changes nothing or makes no tree.
fn mutate(subject: &Subject, path: &[u8], kind: Kind, random: &mut Random) -> Option<Mutant> {
    let base = &subject.files;
    let paths: Vec<&Vec<u8>> = base.0.keys().filter(|path| is_governed(path)).collect();
    let leaf = base.get(path)?.clone();
    let mut bytes = leaf.bytes.to_vec();
    let mut files = base.clone();
    let mut touched = vec![path.to_vec()];
    let rewrite = |files: &mut Files, bytes: Vec<u8>| files.put(path, leaf.mode, bytes);
    let moved = |files: &mut Files, to: Vec<u8>| {
        files.0.remove(path);
        let room = files.has_room(&to);
        files.0.insert(to.clone(), leaf.clone());
        room.then_some(to)
    };
    match kind {
        Kind::ChangeByte | Kind::FlipBit | Kind::RemoveByte if bytes.is_empty() => return None,
        Kind::ChangeByte => {
            let at = random.below(bytes.len());
            bytes[at] = bytes[at].wrapping_add(1 + random.below(255) as u8);
            rewrite(&mut files, bytes);
        }
        Kind::FlipBit => {
            let at = random.below(bytes.len());
            bytes[at] ^= 1 << random.below(8);
            rewrite(&mut files, bytes);
        }
        Kind::RemoveByte => {
            bytes.remove(random.below(bytes.len()));
            rewrite(&mut files, bytes);
        }
        Kind::InsertByte => {
            // Half of the time something that a reader could take for nothing.
            let byte = if random.below(2) == 0 { *random.of(b" \n\t\r0-#") } else { random.below(256) as u8 };
            bytes.insert(random.below(bytes.len() + 1), byte);
            rewrite(&mut files, bytes);
        }
        Kind::Truncate => {
            bytes.truncate(random.below(bytes.len()));
            rewrite(&mut files, bytes);
        }
        Kind::Empty => rewrite(&mut files, Vec::new()),
        Kind::Append => {
            bytes.extend((0..=random.below(40)).map(|_| random.below(256) as u8));
            rewrite(&mut files, bytes);
        }
        Kind::AppendNewline => {
            bytes.push(b'\n');
            rewrite(&mut files, bytes);
        }
        Kind::Windows => {
            let bytes = bytes.iter().flat_map(|byte| if *byte == b'\n' { vec![b'\r', b'\n'] } else { vec![*byte] }).collect();
            rewrite(&mut files, bytes);
        }
        Kind::Remove => drop(files.0.remove(path)),
        Kind::Copy => {
            let to = new_name(base, path, random);
            if !files.has_room(&to) {
                return None;
            }
            files.0.insert(to.clone(), leaf.clone());
            touched = vec![to];
        }
        Kind::Overwrite => {
            let other = *random.of(&paths);
            rewrite(&mut files, base.get(other)?.bytes.to_vec());
        }
        Kind::Swap => {
            let other = (*random.of(&paths)).clone();
            files.0.insert(path.to_vec(), base.get(&other)?.clone());
            files.0.insert(other.clone(), leaf.clone());
            touched.push(other);
        }
        Kind::Rename => touched.push(moved(&mut files, new_name(base, path, random))?),
        Kind::Recase => {
            let at: Vec<usize> = (0..path.len()).filter(|at| path[*at].is_ascii_alphabetic()).collect();
            let mut to = path.to_vec();
            to[*random.of(&at)] ^= 0x20;
            touched.push(moved(&mut files, to)?);
        }
        Kind::Garble => {
            let mut to = path.to_vec();
            let name = path.iter().rposition(|b| *b == b'/').map_or(0, |at| at + 1);
            to.insert(name + random.below(path.len() - name), 0xff);
            // AGENTS.md is governed by its whole name, and this is another one.
            touched.push(moved(&mut files, to)?);
        }
        Kind::GarbleFolder => {
            let name = path.iter().rposition(|b| *b == b'/')?;
            let to = [&path[..name], b"/\xff", &path[name..]].concat();
            touched.push(moved(&mut files, to)?);
        }
        Kind::Executable => files.put(path, Mode::Exec, leaf.bytes),
        Kind::Plain => files.put(path, Mode::File, leaf.bytes),
        Kind::Link => files.put(path, Mode::Link, leaf.bytes),
        Kind::Submodule => files.put(path, Mode::Submodule, leaf.bytes),
        Kind::Other => files.put(path, Mode::Other, leaf.bytes),
    }
    (files != *base).then_some(Mutant { kind, files, touched })
}

/// Whether the canon says what lies at a path. `prompts/` and one file are governed by `who`.
fn is_governed(path: &[u8]) -> bool {
    path.starts_with(b"canon/") || path.starts_with(b"prompts/") || path == b"AGENTS.md"
}

/// A path that some file of the canon could well have; half of the time one of the same kind.
fn new_name(base: &Files, path: &[u8], random: &mut Random) -> Vec<u8> {
    let text = String::from_utf8_lossy(path).into_owned();
    let hex: String = (0..8).map(|_| format!("{:08x}", random.next() as u32)).collect();
    let digest = Digest::of(&base.get(path).unwrap().bytes).hex();
    let ids: BTreeSet<String> = base
        .0
        .keys()
        .filter_map(|path| Some(std::str::from_utf8(path).ok()?.strip_prefix("canon/resolutions/")?.split('/').next()?.to_owned()))
        .collect();
    let mut ids: Vec<String> = ids.into_iter().collect();
    ids.push("2026-02-27-from-nowhere".to_owned());
    let folder = format!("canon/resolutions/{}", random.of(&ids));
    let signature = if text.ends_with(".sig") { ".sig" } else { "" };
    let number = random.below(12);
    let near = match text.split('/').collect::<Vec<_>>().as_slice() {
        ["canon", "council", _] => format!("canon/council/eve.md{signature}"),
        ["canon", "phylactery", _, _] => {
            format!("canon/phylactery/{}/extra.md{signature}", random.of(&["value", "style", "fact", "invariant", "memory"]))
        }
        ["canon", "bytes", _] => format!("canon/bytes/{hex}"),
        ["canon", "ledger", name] => format!("canon/ledger/{number:06}.{}", name.split_once('.').unwrap().1),
        ["canon", "resolutions", _, rest @ ..] => format!("{folder}/{}", rest.join("/")),
        ["canon", _] => format!("canon/EXTRA_{number}.md{signature}"),
        _ => format!("prompts/extra-{number}.md"),
    };
    let far = [
        format!("{folder}/votes/eve.1.md{signature}"),
        format!("{folder}/votes/claude.{}.md{signature}", number + 1),
        format!("{folder}/turns/{:03}.md{signature}", number + 1),
        format!("{folder}/seals/claude.md{signature}"),
        format!("{folder}/reveals/claude.md{signature}"),
        format!("{folder}/synthesis.md{signature}"),
        format!("{folder}/withdrawal.md{signature}"),
        format!("{folder}/keys/{hex}.sig"),
        format!("{folder}/recover/{hex}.sig"),
        format!("{folder}/transcript.md"),
        format!("{folder}/docket.md"),
        format!("{folder}/notes.txt"),
        format!("canon/bytes/{digest}"),
        format!("canon/ledger/{number:06}.signers"),
        "canon/README.md".to_owned(),
        "canon/deep/down/x.md".to_owned(),
        "canon/.gitkeep".to_owned(),
        "prompts/.hidden".to_owned(),
        "prompts/deep/.gitattributes".to_owned(),
    ];
    if random.below(2) == 0 { near } else { random.of(&far).clone() }.into_bytes()
}

/// The mutants of a subject: every governed file under as many kinds of mutation, which take turns.
pub(super) fn mutants(subject: &Subject, seed: u64, each: usize) -> Vec<Mutant> {
    let mut all = Vec::new();
    let mut random = Random(seed);
    for path in subject.files.0.keys().filter(|path| is_governed(path)) {
        let first = random.below(Kind::ALL.len());
        // Steps of 5 through 22 kinds meet each once.
        let kinds = (0..each).map(|number| Kind::ALL[(first + 5 * number) % Kind::ALL.len()]);
        all.extend(kinds.filter_map(|kind| mutate(subject, path, kind, &mut random)));
    }
    all
}
