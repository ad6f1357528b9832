//! The picture in ARCHITECTURE.md is true: who may use whom, what stays out of which room, and that nothing goes in circles.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// A path of modules and names, from the root of the library.
type Names = Vec<String>;

/// A source file without its tests.
struct Source {
    /// Its module; the root has none.
    module: Names,
    file: PathBuf,
    /// Its words and signs in order.
    words: Vec<String>,
    /// All paths that it names, from the root of the library.
    paths: Vec<Names>,
    /// What it names in another module's stead (`pub use`): the name, and where that comes from.
    passed_on: Vec<(String, Names)>,
    lines: usize,
}

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(dir: &Path, out: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, out);
        } else if path.extension().is_some_and(|ext| ext == "rs") {
            out.push(path);
        }
    }
}

/// Every source file of the library and the binary, but those of tests inside the rooms.
fn sources() -> Vec<Source> {
    let src = project().join("src");
    let mut all = Vec::new();
    files(&src, &mut all);
    all.sort();
    let is_test = |path: &PathBuf| path.strip_prefix(&src).unwrap().iter().any(|part| part == "tests" || part == "tests.rs");
    all.retain(|path| !is_test(path));
    all.into_iter().map(|path| source(&src, path)).collect()
}

fn source(src: &Path, path: PathBuf) -> Source {
    let file = path.strip_prefix(src).unwrap().to_owned();
    let mut module: Names = file.with_extension("").iter().map(|part| part.to_str().unwrap().to_owned()).collect();
    if ["mod", "lib", "main"].contains(&module.last().unwrap().as_str()) {
        let last = module.pop().unwrap();
        // The binary is a room of its own.
        module.extend((last == "main").then_some(last));
    }
    let text = fs::read_to_string(&path).unwrap();
    let mut words = Vec::new();
    flatten(without_tests(text.parse().unwrap()), &mut words);
    let (paths, passed_on) = named(&module, &words);
    Source { module, file, words, paths, passed_on, lines: text.lines().count() }
}

/// The tokens without the items that stand behind `#[cfg(test)]`.
fn without_tests(tokens: TokenStream) -> Vec<TokenTree> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let is_mark = |tree: &TokenTree| matches!(tree, TokenTree::Group(group) if group.to_string().replace(' ', "") == "[cfg(test)]");
        if matches!(&tokens[at], TokenTree::Punct(punct) if punct.as_char() == '#') && tokens.get(at + 1).is_some_and(is_mark) {
            // The item ends with a semicolon or with its braces.
            let ends = |tree: &TokenTree| match tree {
                TokenTree::Punct(punct) => punct.as_char() == ';',
                TokenTree::Group(group) => group.delimiter() == Delimiter::Brace,
                _ => false,
            };
            at += tokens[at..].iter().position(ends).map_or(tokens.len(), |end| end + 1);
            continue;
        }
        kept.push(tokens[at].clone());
        at += 1;
    }
    kept
}

fn flatten(tokens: Vec<TokenTree>, out: &mut Vec<String>) {
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let (open, close) = match group.delimiter() {
                    Delimiter::Brace => ("{", "}"),
                    Delimiter::Bracket => ("[", "]"),
                    Delimiter::Parenthesis => ("(", ")"),
                    Delimiter::None => ("", ""),
                };
                out.push(open.to_owned());
                flatten(without_tests(group.stream()), out);
                out.push(close.to_owned());
            }
            // What a text says is no name.
            TokenTree::Literal(_) => out.push("0".to_owned()),
            other => out.push(other.to_string()),
        }
    }
}

fn is_name(word: &str) -> bool {
    word.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

/// The paths in a file that start at `crate`, `super` or `self`, and those that it passes on to others.
fn named(module: &Names, words: &[String]) -> (Vec<Names>, Vec<(String, Names)>) {
    let (mut paths, mut passed_on) = (Vec::new(), Vec::new());
    for at in 0..words.len() {
        let starts = ["crate", "super", "self"].contains(&words[at].as_str()) && words.get(at + 1).is_some_and(|next| next == ":");
        let goes_on = at >= 1 && words[at - 1] == ":";
        let is_use = |at: usize| at >= 1 && words[at - 1] == "use";
        let of_child = is_use(at) && is_name(&words[at]) && !starts;
        if (!starts && !of_child) || goes_on {
            continue;
        }
        let mut found = Vec::new();
        read(words, at, &Vec::new(), &mut found);
        let passes = is_use(at)
            && at >= 2
            && (words[at - 2] == "pub" || (words[at - 2] == ")" && words[..at].iter().rev().take(9).any(|w| w == "pub")));
        for names in found {
            let Some(full) = absolute(module, &names) else { continue };
            if passes {
                passed_on.push((full.last().unwrap().clone(), full.clone()));
            }
            paths.push(full);
        }
    }
    (paths, passed_on)
}

/// Reads the path at a place, with all that stands in its braces; gives where it ends.
fn read(words: &[String], mut at: usize, before: &Names, found: &mut Vec<Names>) -> usize {
    let mut names = before.clone();
    loop {
        match words.get(at).map(String::as_str) {
            Some("{") => {
                at += 1;
                while words.get(at).is_some_and(|word| word != "}") {
                    at = read(words, at, &names, found);
                    // An alias names nothing else.
                    while words.get(at).is_some_and(|word| word != "," && word != "}") {
                        at += 1;
                    }
                    at += usize::from(words.get(at).is_some_and(|word| word == ","));
                }
                return at + 1;
            }
            Some(word) if is_name(word) || word == "*" => {
                names.push(word.to_owned());
                at += 1;
            }
            _ => break,
        }
        if words.get(at).is_some_and(|word| word == ":") && words.get(at + 1).is_some_and(|word| word == ":") {
            at += 2;
        } else {
            break;
        }
    }
    found.push(names);
    at
}

/// A path as it is from the root of the library; nothing for one of another library.
fn absolute(module: &Names, names: &[String]) -> Option<Names> {
    let ups = names.iter().take_while(|name| *name == "super").count();
    let rest = |skip: usize| names[skip..].iter().filter(|name| *name != "self" && *name != "*").cloned();
    Some(match names.first()?.as_str() {
        "crate" => rest(1).collect(),
        "super" => module[..module.len().checked_sub(ups)?].iter().cloned().chain(rest(ups)).collect(),
        "self" => module.iter().cloned().chain(rest(1)).collect(),
        // `use child::Name` beside `mod child;`; libraries are told apart where modules are looked up.
        _ => module.iter().cloned().chain(rest(0)).collect(),
    })
}

/// The module of each path, through whatever passes it on.
struct Modules {
    known: BTreeSet<Names>,
    passed_on: BTreeMap<(Names, String), Names>,
}

impl Modules {
    fn of(sources: &[Source]) -> Self {
        let known = sources.iter().map(|source| source.module.clone()).collect();
        let passed_on = sources
            .iter()
            .flat_map(|source| source.passed_on.iter().map(|(name, from)| ((source.module.clone(), name.clone()), from.clone())));
        Self { known, passed_on: passed_on.collect() }
    }

    fn find(&self, path: &Names) -> Option<Names> {
        let mut path = path.clone();
        // As deep as `pub use` goes in practice.
        for _ in 0..8 {
            let module = (0..=path.len()).rev().map(|end| path[..end].to_vec()).find(|module| self.known.contains(module))?;
            let Some(name) = path.get(module.len()) else { return Some(module) };
            match self.passed_on.get(&(module.clone(), name.clone())) {
                Some(from) if *from != path => path = from.iter().chain(&path[module.len() + 1..]).cloned().collect(),
                _ => return Some(module),
            }
        }
        None
    }
}

#[test]
fn rooms_use_only_rooms_below_them() {
    const DOMAIN: &[&str] = &["clock", "digest", "finding", "tree", "keys", "canon", "council", "phylactery", "ledger"];
    const POLICIES: &[&str] = &["economy", "identity", "memory", "resonance", "security", "watch", "enforcement"];
    let also = |lists: &[&[&'static str]]| lists.concat();
    let may = |room: &str| -> Vec<&str> {
        match room {
            "clock" | "digest" | "finding" | "script" | "secrets" | "shell" | "tree" | "words" | "net" | "process" | "lib" => vec![],
            "keys" => vec!["digest"],
            "canon" => vec!["keys", "digest", "clock"],
            "council" => vec!["keys", "canon", "clock"],
            "economy" | "identity" | "memory" | "resonance" => vec!["canon"],
            "security" => vec!["canon", "secrets"],
            "phylactery" => vec!["canon", "clock", "digest"],
            "watch" => vec!["canon", "clock"],
            "enforcement" => also(&[&["keys", "canon", "clock", "council"], &POLICIES[..6]]),
            "ledger" => DOMAIN[..8].to_vec(),
            "git" => vec!["tree", "clock", "process"],
            "keyring" => vec!["keys", "digest"],
            "store" => vec!["clock", "digest", "canon", "watch"],
            "workspace" => also(&[DOMAIN, &["secrets", "security", "enforcement", "git", "keyring", "process", "store", "net"]]),
            "survey" => also(&[DOMAIN, &["identity", "git", "keyring", "workspace"]]),
            "sync" => also(&[DOMAIN, &["git", "workspace"]]),
            "gates" => also(&[DOMAIN, &["secrets", "enforcement", "git", "process", "workspace", "survey"]]),
            "guard" => also(&[DOMAIN, &["script", "security", "git", "workspace", "survey"]]),
            "monitor" => also(&[DOMAIN, &["secrets", "economy", "watch", "git", "net", "process", "store", "workspace"]]),
            "ops" => also(&[DOMAIN, &["git", "keyring", "net", "process", "workspace", "survey", "gates"]]),
            "daemon" => vec!["clock", "workspace", "monitor"],
            "demo" => also(&[DOMAIN, &["git", "keyring", "workspace", "survey", "ops", "render", "terminal"]]),
            "render" => {
                also(&[DOMAIN, &["watch", "enforcement", "resonance", "workspace", "survey", "gates", "guard", "monitor", "ops", "sync"]])
            }
            "terminal" => also(&[DOMAIN, &["git", "keyring", "net", "process", "workspace", "survey", "sync", "gates", "guard", "render"]]),
            "cli" => also(&[
                DOMAIN,
                &["secrets", "resonance", "watch", "enforcement", "git", "keyring", "workspace", "survey", "gates", "monitor", "ops"],
                &["guard", "sync", "daemon", "demo", "render", "terminal"],
            ]),
            "main" => vec!["cli"],
            other => panic!("the room `{other}` is not in the picture"),
        }
    };
    let mut uses = 0;
    let sources = sources();
    let rooms: BTreeSet<&String> = sources.iter().filter_map(|source| source.module.first()).collect();
    for source in &sources {
        let Some(room) = source.module.first() else { continue };
        let allowed = may(room);
        for path in &source.paths {
            // Every room may put a name into a command, and give its enumerations words.
            let is_free = |used: &String| used == room || ["shell", "words"].contains(&used.as_str());
            let Some(used) = path.first().filter(|used| rooms.contains(used) && !is_free(used)) else { continue };
            uses += 1;
            assert!(allowed.contains(&used.as_str()), "{}: `{room}` uses `{used}`", source.file.display());
        }
    }
    assert!(uses > 1000, "only {uses} uses were found");
}

#[test]
fn nothing_goes_in_circles() {
    let sources = sources();
    let modules = Modules::of(&sources);
    // At each level, what is in a folder is one thing, whatever is in it. A folder's own file is the face of all of it.
    let mut edges: BTreeMap<Names, BTreeMap<String, BTreeMap<String, String>>> = BTreeMap::new();
    let mut count = 0;
    for source in &sources {
        for path in &source.paths {
            let Some(used) = modules.find(path) else { continue };
            let shared = source.module.iter().zip(&used).take_while(|(one, other)| one == other).count();
            let (Some(from), Some(to)) = (source.module.get(shared), used.get(shared)) else { continue };
            count += 1;
            let what = format!("{} uses {}", source.file.display(), used.join("/"));
            let level = edges.entry(source.module[..shared].to_vec()).or_default();
            level.entry(from.clone()).or_default().insert(to.clone(), what);
        }
    }
    assert!(count > 1500, "only {count} uses were found");
    let mut circles = Vec::new();
    for (level, edges) in &edges {
        let reaches = |from: &String| {
            let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
            while let Some(next) = open.pop() {
                open.extend(edges.get(next).into_iter().flat_map(BTreeMap::keys).filter(|to| seen.insert((*to).clone())));
            }
            seen
        };
        for (from, used) in edges {
            for (to, what) in used {
                // Clap wants the type of a command to name those of its parts, and completions and manuals name the whole.
                let is_claps =
                    level.join("/") == "cli" && [from.as_str(), to.as_str()].iter().all(|name| ["args", "commands"].contains(name));
                if !is_claps && reaches(to).contains(from) {
                    circles.push(format!("{}: {what}", level.join("/")));
                }
            }
        }
    }
    assert_eq!(circles, [""; 0]);
}

#[test]
fn rooms_and_files_stay_small_enough_to_be_read() {
    let mut rooms: BTreeMap<String, usize> = BTreeMap::new();
    for source in sources() {
        assert!(source.lines <= 400, "{} has {} lines", source.file.display(), source.lines);
        if let Some(room) = source.module.first() {
            *rooms.entry(room.clone()).or_default() += source.lines;
        }
    }
    for (room, lines) in rooms {
        assert!(lines <= 6000, "`{room}` has {lines} lines");
    }
}

#[test]
fn outside_things_have_one_room_each() {
    let only = [
        ("gix::", &["git"][..]),
        ("std::env::var", &["terminal", "process"]),
        ("SystemTime::now", &["terminal"]),
        ("println!", &[]),
        ("Command::new", &["terminal", "keyring", "process"]),
        ("reqwest::", &["net"]),
        ("hyper::", &["net"]),
        ("rusqlite::", &["store"]),
        ("rustix::", &["git", "process", "net"]),
        ("anstyle::", &["render"]),
        ("regex::", &["secrets"]),
        ("UnixStream", &["keyring"]),
    ];
    let mut found = BTreeSet::new();
    for source in sources() {
        // Names that stand side by side are two.
        let mut code = String::new();
        for word in &source.words {
            if is_name(word) && code.ends_with(|c: char| c.is_alphanumeric() || c == '_') {
                code.push(' ');
            }
            code.push_str(word);
        }
        let room = source.module.first().map_or("lib", String::as_str);
        for (what, allowed) in &only {
            let is_there = code.match_indices(what).any(|(at, _)| !code[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_'));
            assert!(!is_there || allowed.contains(&room), "{}: `{what}` has no place in `{room}`", source.file.display());
            found.extend(is_there.then_some(*what));
        }
    }
    // A rule about what is nowhere would hold whatever happens.
    assert_eq!(only.iter().filter(|(_, allowed)| !allowed.is_empty()).filter(|(what, _)| !found.contains(what)).count(), 0, "{found:?}");
}
