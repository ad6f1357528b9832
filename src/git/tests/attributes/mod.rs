//! Attributes as the real `git` resolves them.

mod cases;
mod effects;
mod patterns;
mod reading;

use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::git::Attributes;

const NAMES: [&str; 8] = ["text", "crlf", "eol", "ident", "filter", "working-tree-encoding", "export-subst", "export-ignore"];

/// Makes the index hold exactly these files, whatever attributes say.
fn stage(sandbox: &Sandbox, files: &[(String, Vec<u8>)]) {
    let folder = sandbox.home().join("blobs");
    std::fs::create_dir_all(&folder).unwrap();
    let mut names = String::new();
    for (number, (_, bytes)) in files.iter().enumerate() {
        let blob = folder.join(number.to_string());
        std::fs::write(&blob, bytes).unwrap();
        names.push_str(&format!("{}\n", blob.display()));
    }
    let ids = sandbox.git_with(&["hash-object", "-w", "--no-filters", "--stdin-paths"], names.as_bytes());
    let mut index = String::new();
    for ((path, _), id) in files.iter().zip(ids.lines()) {
        index.push_str(&format!("100644 {id}\t{path}\0"));
    }
    sandbox.git(&["read-tree", "--empty"]);
    sandbox.git_with(&["update-index", "-z", "--index-info"], index.as_bytes());
}

fn folders_of(path: &str) -> impl Iterator<Item = &str> {
    path.match_indices('/').map(|(at, _)| &path[..at])
}

/// All folders that can matter for the paths.
fn folders(paths: &[String]) -> BTreeSet<String> {
    let above = paths.iter().flat_map(|path| folders_of(path));
    above.map(str::to_owned).chain([String::new()]).collect()
}

/// What git says about each path in the index, where letters count and where they do not.
fn by_git(sandbox: &Sandbox, paths: &[String]) -> Vec<Vec<String>> {
    let both = by_git_of(sandbox, paths, "false").into_iter().zip(by_git_of(sandbox, paths, "true"));
    both.map(|(mut list, more)| {
        let new: Vec<String> = more.into_iter().filter(|name| !list.contains(name)).collect();
        list.extend(new);
        list
    })
    .collect()
}

fn by_git_of(sandbox: &Sandbox, paths: &[String], ignore_case: &str) -> Vec<Vec<String>> {
    let mut asked = String::new();
    for path in paths {
        for folder in folders_of(path) {
            asked.push_str(&format!("{folder}/\0"));
        }
        asked.push_str(&format!("{path}\0"));
    }
    let mut command = sandbox.command("git");
    command.args(["-c", &format!("core.ignoreCase={ignore_case}"), "check-attr", "--cached", "-z", "--stdin"]);
    command.args(NAMES).stderr(Stdio::null());
    let input = sandbox.home().join("asked");
    std::fs::write(&input, asked).unwrap();
    command.stdin(std::fs::File::open(&input).unwrap());
    let out = command.output().unwrap();
    assert!(out.status.success());
    let text = String::from_utf8(out.stdout).unwrap();
    let mut states: BTreeMap<&str, BTreeMap<&str, &str>> = BTreeMap::new();
    let words: Vec<_> = text.split('\0').collect();
    for word in words.chunks_exact(3) {
        states.entry(word[0]).or_default().insert(word[1], word[2]);
    }
    let hides = |path: &str| states[path]["export-ignore"] == "set";
    paths
        .iter()
        .map(|path| {
            let folder_hides = folders_of(path).any(|folder| hides(&format!("{folder}/")));
            expected(&states[path.as_str()], folder_hides)
        })
        .collect()
}

fn expected(states: &BTreeMap<&str, &str>, folder_hides: bool) -> Vec<String> {
    let binary = states["text"] == "unset" || states["text"] == "unspecified" && states["crlf"] == "unset";
    let mut list = Vec::new();
    for name in NAMES {
        let state = match states[name] {
            "unset" | "unspecified" => continue,
            state => state,
        };
        let counts = match name {
            "text" | "working-tree-encoding" => true,
            "crlf" => !binary,
            "eol" => !binary && state != "set",
            "filter" => state != "set",
            _ => state == "set",
        };
        match state {
            _ if !counts => {}
            "set" => list.push(name.to_owned()),
            value => list.push(format!("{name}={value}")),
        }
    }
    if folder_hides && !list.iter().any(|name| name == "export-ignore") {
        list.push("export-ignore".to_owned());
    }
    list
}

/// Asserts that we and git say the same of all paths but those with a defect above, and returns what.
fn agree(sandbox: &Sandbox, files: &[(String, Vec<u8>)], paths: &[String]) -> Vec<Vec<String>> {
    stage(sandbox, files);
    let index = sandbox.open().index().unwrap();
    let attributes = Attributes::read(&index, &folders(paths)).unwrap();
    let theirs = by_git(sandbox, paths);
    let mut wrong = Vec::new();
    for (path, theirs) in paths.iter().zip(&theirs) {
        let ours = attributes.conversions(path);
        let is_told = attributes.defects().iter().any(|(file, _)| {
            let file = std::str::from_utf8(file).unwrap();
            path.starts_with(file.strip_suffix(".gitattributes").unwrap())
        });
        if ours != *theirs && !is_told {
            let sources = files.iter().filter(|(file, _)| {
                let folder = file.strip_suffix(".gitattributes").unwrap_or("-");
                path.starts_with(folder)
            });
            let texts: Vec<_> = sources.map(|(_, text)| String::from_utf8_lossy(text)).collect();
            // Where letters do not count, the library folds the bounds of ranges too, and git does not: it finds too much
            // then, never too little.
            if theirs.iter().all(|name| ours.contains(name)) && texts.iter().any(|text| text.contains('[') && text.contains('-')) {
                continue;
            }
            wrong.push(format!("{path}: git {theirs:?}, we {ours:?} by {texts:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    theirs
}
