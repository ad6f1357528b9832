//! Which agent instruction files a new canon offers to govern.

use std::collections::BTreeSet;

use serde::Serialize;

use crate::canon::instructions::KINDS;
use crate::canon::text::MAX_BYTES;
use crate::canon::{Glob, RepoPath, Who};
use crate::git::{Attributes, Repo};
use crate::ledger::law;
use crate::tree::{Entry, Mode, Tree};
use crate::workspace::Error;
use crate::workspace::attributes::rewrites;

/// Larger files of a folder are left out: people would not read them before they vote.
const LARGE: u64 = 256 << 10;

/// Git takes a file for binary that has a NUL in its first bytes; so do we.
const BEGINNING: usize = 8000;

/// Endings that a folder of instructions may have tomorrow, where it cannot be governed as a whole.
const TEXTS: [&str; 8] = ["md", "mdc", "txt", "json", "yaml", "yml", "toml", "sh"];

/// What is offered.
#[derive(Debug, Default)]
pub struct Offer {
    /// The globs, each with the number of files that it matches now.
    pub globs: Vec<(Glob, usize)>,
    /// Files in the folders of these globs that none of them matches, because people cannot read them.
    pub left_out: Vec<Unread>,
}

/// A file that is not governed, although it is where instructions are.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct Unread {
    /// The file.
    pub path: String,
    /// Its size in bytes.
    pub size: u64,
    /// Why: `binary`, `large` or `filtered`.
    pub why: &'static str,
}

/// The globs of agent instruction files that a canon of this repository should govern. A program reads the nearest file, and
/// prefers an override: so where one file of a kind is found, all files of the kind are offered, and with `all` also the kinds of
/// which there is no file yet. A kind whose files are all named already is left as its user named it.
///
/// # Errors
/// When the index cannot be read.
pub fn instruction_files(repo: &Repo, named: &[Glob], all: bool) -> Result<Offer, Error> {
    let index = repo.index()?;
    let entries = index.list(&|_| true)?.entries;
    let files: Vec<(&str, &Entry)> = entries
        .iter()
        .filter(|entry| entry.mode != Mode::Submodule)
        .filter_map(|entry| Some((std::str::from_utf8(&entry.path).ok()?, entry)))
        .collect();
    let named = Who(named.to_vec());
    let mut wanted: Vec<Glob> = Vec::new();
    for kind in KINDS {
        let globs: Vec<Glob> = kind.globs().collect();
        let whole = Who(globs.clone());
        let is_found = files.iter().any(|(path, _)| whole.matches(path) && !named.matches(path));
        let is_named = files.iter().any(|(path, _)| whole.matches(path) && named.matches(path));
        if is_found || (all && !kind.only_if_found && !is_named) {
            wanted.extend(globs.into_iter().filter(|glob| !named.0.contains(glob)));
        }
    }
    // Each file is read once, however many globs match it.
    let whole = Who(wanted.clone());
    let candidates: Vec<(&str, &Entry)> = files.iter().filter(|(path, _)| whole.matches(path)).copied().collect();
    let unread = unreadable(repo, &index, &candidates)?;
    let mut offer = Offer::default();
    for glob in wanted {
        let one = Who(vec![glob.clone()]);
        let matched: Vec<&str> = candidates.iter().map(|(path, _)| *path).filter(|path| one.matches(path)).collect();
        let is_out = |file: &&Unread| one.matches(&file.path) && !(folder(&glob).is_none() && file.is_text());
        let left_out: BTreeSet<&str> = unread.iter().filter(is_out).map(|file| file.path.as_str()).collect();
        let taken = if left_out.is_empty() { vec![glob] } else { narrowed(&glob, &matched, &left_out) };
        for glob in taken {
            let one = Who(vec![glob.clone()]);
            offer.globs.push((glob, matched.iter().filter(|path| one.matches(path)).count()));
        }
    }
    lead_on(&index, &files, &mut offer)?;
    let taken = Who(offer.globs.iter().map(|(glob, _)| glob.clone()).collect());
    offer.left_out = unread.into_iter().filter(|file| !taken.matches(&file.path)).collect();
    Ok(offer)
}

/// The folder that a glob takes as a whole. Nothing, if the glob names files: agents obey a file of that name whatever its size, so
/// one large file must not free all others of the same name.
fn folder(glob: &Glob) -> Option<&str> {
    glob.as_str().strip_suffix("/**")
}

impl Unread {
    /// Whether it is a text that is only long, and that a canon can hold.
    fn is_text(&self) -> bool {
        self.why == "large" && self.size <= MAX_BYTES
    }
}

/// Adds the files that governed links lead to: a link whose target anybody may edit governs nothing.
fn lead_on(index: &dyn Tree, files: &[(&str, &Entry)], offer: &mut Offer) -> Result<(), Error> {
    let taken = Who(offer.globs.iter().map(|(glob, _)| glob.clone()).collect());
    let mut reader = index.reader();
    for (path, entry) in files.iter().filter(|(path, entry)| entry.mode == Mode::Link && taken.matches(path)) {
        let target = reader.read(entry, LARGE)?;
        let target = std::str::from_utf8(&target).ok().and_then(|target| law::resolve(path, target));
        let is_there = |target: &String| files.iter().any(|(path, entry)| path == target && entry.mode != Mode::Link);
        let glob = target.filter(|target| is_there(target) && !taken.matches(target)).and_then(|target| target.parse::<Glob>().ok());
        if let Some(glob) = glob.filter(|glob| !offer.globs.iter().any(|(known, _)| known == glob)) {
            offer.globs.push((glob, 1));
        }
    }
    Ok(())
}

/// The files that people cannot read in a diff.
fn unreadable(repo: &Repo, index: &dyn Tree, files: &[(&str, &Entry)]) -> Result<Vec<Unread>, Error> {
    let mut reader = index.reader();
    let paths: BTreeSet<String> =
        files.iter().map(|(path, _)| path.rsplit_once('/').map_or(String::new(), |(top, _)| top.to_owned())).collect();
    let head = repo.head()?.commit;
    let attributes = head.map(|commit| Ok::<_, Error>(Attributes::read(&repo.revision(commit)?, &paths)?)).transpose()?;
    let mut found = Vec::new();
    for (path, entry) in files.iter().filter(|(_, entry)| entry.mode != Mode::Link) {
        let is_filtered = attributes.as_ref().is_some_and(|attributes| attributes.conversions(path).iter().any(|how| rewrites(how)));
        let (size, why) = match reader.read(entry, MAX_BYTES) {
            Ok(bytes) => {
                let size = bytes.len() as u64;
                let is_binary = bytes[..bytes.len().min(BEGINNING)].contains(&0);
                (size, is_binary.then_some("binary").or((size > LARGE).then_some("large")))
            }
            Err(crate::tree::TreeError::TooLarge { size, .. }) => (size, Some("large")),
            Err(error) => return Err(error.into()),
        };
        if let Some(why) = is_filtered.then_some("filtered").or(why) {
            found.push(Unread { path: (*path).to_owned(), size, why });
        }
    }
    Ok(found)
}

/// Globs for the readable files of a folder, by their endings. Where a glob says how a file is called, the readable ones of that name
/// are named one by one: no glob can leave a file out.
fn narrowed(glob: &Glob, files: &[&str], left_out: &BTreeSet<&str>) -> Vec<Glob> {
    let readable = || files.iter().filter(|path| !left_out.contains(*path));
    let Some(folder) = folder(glob) else { return readable().filter_map(|path| path.parse().ok()).collect() };
    let name = |path: &str| path.rsplit('/').next().unwrap_or(path).to_owned();
    let ending = |path: &str| name(path).rsplit_once('.').filter(|(stem, _)| !stem.is_empty()).map(|(_, ending)| ending.to_lowercase());
    let bad: BTreeSet<Option<String>> = left_out.iter().map(|path| ending(path)).collect();
    let mut endings: BTreeSet<String> = TEXTS.map(str::to_owned).into();
    let (mut names, mut exact) = (BTreeSet::new(), Vec::new());
    for path in readable() {
        let ending = ending(path);
        // An ending that some file has which cannot be read: its readable files are named one by one.
        if bad.contains(&ending) && path.parse::<RepoPath>().is_ok() {
            exact.push((*path).to_owned());
        }
        match ending {
            Some(ending) => drop(endings.insert(ending)),
            None => drop(names.insert(name(path))),
        }
    }
    endings.retain(|ending| !bad.contains(&Some(ending.clone())));
    let by_ending = endings.iter().map(|ending| format!("{folder}/**/*.{ending}"));
    let by_name = names.iter().map(|name| format!("{folder}/**/{name}"));
    by_ending.chain(by_name).chain(exact).filter_map(|text| text.parse().ok()).collect()
}
