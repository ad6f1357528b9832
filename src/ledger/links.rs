//! Links, followed as a kernel would: component by component, from the root of the tree, through its own entries. What cannot be
//! followed in exactly one way on every system is refused, so that no link makes other bytes appear where `who` looks.

use std::collections::HashMap;
use std::rc::Rc;

use crate::canon::alias::{bare, is_short};
use crate::canon::path::is_dot_git;
use crate::canon::{Look, Who};
use crate::finding::{Code, Finding};
use crate::tree::{Entry, Mode, Tree, TreeError};

/// The longest target, and the most components that are followed.
const MAX_TARGET: u64 = 4096;
const MAX_STEPS: usize = 255;

/// A link where `who` looks.
pub(super) struct Looked<'t> {
    /// The link.
    pub(super) entry: &'t Entry,
    /// Whether `who` matches the link itself, so that its target is ratified, or is found not to be.
    pub(super) matches: bool,
}

/// What is wrong with links: those that make files appear where `who` looks, without being governed there, and those of which
/// that cannot be said. Costs one look at each file, however many links lead to it.
pub(super) fn astray(tree: &dyn Tree, who: &Who, links: &[Looked<'_>]) -> Result<Vec<Finding>, TreeError> {
    if links.is_empty() {
        return Ok(Vec::new());
    }
    let all = tree.list(&|_| true)?;
    let places = Places::of(&all.entries);
    let mut walk = Walk { tree, who, places: &places, led: HashMap::new(), looks: Looks::default(), shown: HashMap::new() };
    let mut findings = Vec::new();
    for link in links {
        let Some(&node) = places.leaves.get(link.entry.path.as_slice()) else { continue };
        let path = String::from_utf8_lossy(&link.entry.path);
        let why = match walk.leads(node)? {
            Leads::Refused(why) => Some(why),
            Leads::File => None,
            // The file that it leads to is ratified, so its absence is found by itself.
            Leads::Missing if link.matches => None,
            Leads::Out | Leads::Lost | Leads::Folder(_) if link.matches => Some("the link does not lead to a file of this tree"),
            Leads::Out if who.goes_on_by_name(&who.look_at(&path)) => {
                Some("the link leads out of the repository, and a pattern of `who` could match below it")
            }
            Leads::Missing | Leads::Lost if who.goes_on_by_name(&who.look_at(&path)) => {
                Some("the link leads to what is not in this tree, and a pattern of `who` could match below it")
            }
            Leads::Out | Leads::Missing | Leads::Lost => None,
            Leads::Folder(folder) => {
                let look = walk.looks.number(who.look_at(&path));
                walk.shows(folder, look)?
            }
        };
        findings.extend(why.map(|why| Finding::error(Code::Link, &path, why)));
    }
    Ok(findings)
}

/// The places that a link to `target` goes through, read by the letter: what lies there decides where the link leads.
pub fn passes(link: &str, target: &str) -> Vec<String> {
    let mut at: Vec<&str> = link.split('/').collect();
    at.pop();
    // The folders that the link itself is in are real.
    let mut own = at.len();
    let mut passed = Vec::new();
    if target.starts_with('/') {
        return passed;
    }
    for part in target.split('/').take(MAX_STEPS) {
        match part {
            "" | "." => {}
            ".." => {
                if at.len() > own {
                    passed.push(at.join("/"));
                }
                if at.pop().is_none() {
                    return passed;
                }
                own = own.min(at.len());
            }
            part => at.push(part),
        }
    }
    passed.push(at.join("/"));
    passed
}

/// Where a link leads.
#[derive(Clone, Copy)]
enum Leads {
    /// To a file.
    File,
    /// To a folder.
    Folder(usize),
    /// Out of the tree.
    Out,
    /// To a name that is not there, in a folder that is.
    Missing,
    /// Through a name that is not there.
    Lost,
    /// This cannot be said, or differs between systems.
    Refused(&'static str),
}

/// The files and folders of a tree, each folder with its entries as the most forgiving system names them.
struct Places<'t> {
    nodes: Vec<Node<'t>>,
    by_name: HashMap<(usize, Rc<str>), usize>,
    leaves: HashMap<&'t [u8], usize>,
}

struct Node<'t> {
    parent: usize,
    name: &'t [u8],
    bare: Rc<str>,
    /// Nothing for a folder.
    leaf: Option<&'t Entry>,
    /// Whether another entry of the same folder has this name on some system.
    clashes: bool,
    inside: Vec<usize>,
}

const ROOT: usize = 0;

impl<'t> Places<'t> {
    /// Of entries in byte order of their paths.
    fn of(entries: &'t [Entry]) -> Self {
        let root = Node { parent: ROOT, name: b"", bare: "".into(), leaf: None, clashes: false, inside: Vec::new() };
        let mut places = Self { nodes: vec![root], by_name: HashMap::new(), leaves: HashMap::with_capacity(entries.len()) };
        // The folders from the root down to the last entry, whose files come one after another.
        let mut open: Vec<usize> = Vec::new();
        for entry in entries {
            let (folders, name) = match entry.path.iter().rposition(|byte| *byte == b'/') {
                Some(at) => (&entry.path[..at], &entry.path[at + 1..]),
                None => (&b""[..], &entry.path[..]),
            };
            let mut depth = 0;
            for folder in folders.split(|byte| *byte == b'/').filter(|folder| !folder.is_empty()) {
                if open.get(depth).is_none_or(|node| places.nodes[*node].name != folder) {
                    open.truncate(depth);
                    let node = places.add(open.last().copied().unwrap_or(ROOT), folder, None);
                    open.push(node);
                }
                depth += 1;
            }
            open.truncate(depth);
            let node = places.add(open.last().copied().unwrap_or(ROOT), name, Some(entry));
            places.leaves.insert(&entry.path, node);
        }
        places
    }

    fn add(&mut self, parent: usize, name: &'t [u8], leaf: Option<&'t Entry>) -> usize {
        let node = self.nodes.len();
        let bare: Rc<str> = bare(&String::from_utf8_lossy(name)).into();
        let other = *self.by_name.entry((parent, Rc::clone(&bare))).or_insert(node);
        self.nodes.push(Node { parent, name, bare, leaf, clashes: other != node, inside: Vec::new() });
        self.nodes[other].clashes |= other != node;
        self.nodes[parent].inside.push(node);
        node
    }

    /// Where a link with this target leads.
    fn follow(&self, link: usize, target: &[u8]) -> Leads {
        const OTHER_NAME: Leads = Leads::Refused("on some systems the link leads to another place");
        if target.starts_with(b"/") {
            return Leads::Out;
        }
        let Some(target) = std::str::from_utf8(target).ok().filter(|target| !target.is_empty()) else {
            return Leads::Refused("the target of the link is not UTF-8, or is empty");
        };
        if target.contains(['\\', ':', '\0']) {
            return OTHER_NAME;
        }
        let mut above = self.nodes[link].parent;
        while above != ROOT {
            if self.nodes[above].clashes {
                return OTHER_NAME;
            }
            above = self.nodes[above].parent;
        }
        let mut at = self.nodes[link].parent;
        let mut parts = target.split('/');
        for step in 0.. {
            let Some(part) = parts.next() else { break };
            if step == MAX_STEPS {
                return Leads::Refused("the target of the link has too many components");
            }
            if self.nodes[at].leaf.is_some() {
                return Leads::Refused("the link leads through a file");
            }
            match part {
                "" | "." => continue,
                ".." if at == ROOT => return Leads::Out,
                ".." => {
                    at = self.nodes[at].parent;
                    continue;
                }
                _ if is_dot_git(part) => return Leads::Refused("the link leads into `.git`"),
                _ => {}
            }
            let Some(&node) = self.by_name.get(&(at, bare(part).into())) else {
                let rest: Vec<&str> = parts.collect();
                return match rest[..] {
                    // A short name may be any file's.
                    _ if is_short(&bare(part)) => OTHER_NAME,
                    _ if rest.contains(&"..") => Leads::Refused("the link leads back out of what is not there"),
                    [] => Leads::Missing,
                    _ => Leads::Lost,
                };
            };
            let found = &self.nodes[node];
            if found.clashes || found.name != part.as_bytes() {
                return OTHER_NAME;
            }
            match found.leaf.map(|leaf| leaf.mode) {
                Some(Mode::Link) => return Leads::Refused("the link leads on by another link, and `who` looks here"),
                Some(Mode::Submodule) => {
                    return Leads::Refused("the link leads into a submodule, and a pattern of `who` could match below it");
                }
                _ => at = node,
            }
        }
        if self.nodes[at].leaf.is_some() { Leads::File } else { Leads::Folder(at) }
    }
}

/// The different looks, by number.
#[derive(Default)]
struct Looks {
    numbers: HashMap<Look, usize>,
    looks: Vec<Look>,
}

impl Looks {
    fn number(&mut self, look: Look) -> usize {
        *self.numbers.entry(look).or_insert_with_key(|look| {
            self.looks.push(look.clone());
            self.looks.len() - 1
        })
    }
}

/// What was found out so far.
struct Walk<'a, 't> {
    tree: &'a dyn Tree,
    who: &'a Who,
    places: &'a Places<'t>,
    led: HashMap<usize, Leads>,
    looks: Looks,
    /// What is wrong below a folder where `who` looks in this way.
    shown: HashMap<(usize, usize), Option<&'static str>>,
}

impl Walk<'_, '_> {
    /// Where a link leads.
    fn leads(&mut self, link: usize) -> Result<Leads, TreeError> {
        if let Some(known) = self.led.get(&link) {
            return Ok(*known);
        }
        let leads = match self.places.nodes[link].leaf {
            Some(entry) => match self.tree.reader().read(entry, MAX_TARGET) {
                Ok(target) => self.places.follow(link, &target),
                Err(TreeError::TooLarge { .. }) => Leads::Refused("the target of the link is too long"),
                Err(error) => return Err(error),
            },
            None => Leads::Refused("a folder"),
        };
        self.led.insert(link, leads);
        Ok(leads)
    }

    /// What is wrong, if the files of a folder are also seen where `who` looks like this. Each folder is looked through once
    /// for each way in which `who` can look at it, and these are few.
    fn shows(&mut self, folder: usize, look: usize) -> Result<Option<&'static str>, TreeError> {
        let mut open = vec![(folder, look, usize::MAX)];
        let mut found: Vec<Option<&'static str>> = Vec::new();
        let mut at = 0;
        while let Some(&(folder, look, _)) = open.get(at) {
            if let Some(known) = self.shown.get(&(folder, look)) {
                found.push(*known);
            } else {
                let (places, mut wrong) = (self.places, None);
                for &child in &places.nodes[folder].inside {
                    let seen = self.who.look_into(&self.looks.looks[look], &places.nodes[child].bare);
                    if places.nodes[child].leaf.is_some() {
                        wrong = wrong.or(self.appears(child, &seen)?);
                    } else if self.who.goes_on(&seen) {
                        open.push((child, self.looks.number(seen), at));
                    }
                }
                found.push(wrong);
            }
            at += 1;
        }
        for at in (0..open.len()).rev() {
            let (folder, look, above) = open[at];
            self.shown.insert((folder, look), found[at]);
            if above != usize::MAX && found[above].is_none() {
                found[above] = found[at];
            }
        }
        Ok(found[0])
    }

    /// What is wrong, if a file, link or submodule is also seen where `who` looks like this.
    fn appears(&mut self, leaf: usize, seen: &Look) -> Result<Option<&'static str>, TreeError> {
        let Some(entry) = self.places.nodes[leaf].leaf else { return Ok(None) };
        let (ends, goes_on) = (self.who.ends(seen), self.who.goes_on(seen));
        if !ends && !goes_on {
            return Ok(None);
        }
        // What is governed where it really is, is seen there.
        let own = self.who.look_at(&String::from_utf8_lossy(&entry.path));
        if ends && !self.who.ends(&own) && !(entry.mode == Mode::Submodule && self.who.goes_on(&own)) {
            return Ok(Some("the link makes files appear under paths that `who` names"));
        }
        Ok(match entry.mode {
            Mode::Submodule if !self.who.goes_on(&own) && !self.who.ends(&own) => {
                Some("the link makes a submodule appear where `who` looks")
            }
            Mode::Link if goes_on => match self.leads(leaf)? {
                Leads::File => None,
                Leads::Out | Leads::Missing | Leads::Lost if !self.who.goes_on_by_name(seen) => None,
                _ => Some("the link leads to further links, and a pattern of `who` could match below it"),
            },
            _ => None,
        })
    }
}
