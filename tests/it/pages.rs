//! The pages hang together: fences are closed, links and anchors lead somewhere, and tables are those of the source.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use omega::terminal::variables::{EXITS, FILES, VARIABLES};

use crate::documents::fresh;
use crate::world::World;

fn project(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All pages for people, with their path from the root of the project.
fn pages() -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for folder in ["", "docs"] {
        for file in fs::read_dir(project(folder)).unwrap() {
            let name = file.unwrap().file_name().into_string().unwrap();
            if name.ends_with(".md") {
                let path = if folder.is_empty() { name } else { format!("{folder}/{name}") };
                let text = fs::read_to_string(project(&path)).unwrap();
                pages.insert(path, text);
            }
        }
    }
    assert!(pages.len() >= 15, "{:?}", pages.keys());
    pages
}

/// The lines outside of code blocks, with their numbers; or the line of a fence that is not closed.
fn prose(text: &str) -> Result<Vec<(usize, &str)>, usize> {
    let mut open: Option<(usize, &str)> = None;
    let mut lines = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let start = line.trim_start();
        let ticks = &start[..start.len() - start.trim_start_matches('`').len()];
        match open {
            None if ticks.len() >= 3 => open = Some((number, ticks)),
            None => lines.push((number, line)),
            // A closing fence holds nothing else. One that does begins another block, so that the first is not closed.
            Some((begun, fence)) if ticks.len() >= fence.len() => {
                if start != ticks {
                    return Err(begun);
                }
                open = None;
            }
            Some(_) => {}
        }
    }
    match open {
        Some((begun, _)) => Err(begun),
        None => Ok(lines),
    }
}

/// The anchors of a page, as GitHub makes them of its headings.
fn anchors(text: &str) -> BTreeSet<String> {
    let mut anchors = BTreeSet::new();
    for (_, line) in prose(text).unwrap_or_default() {
        let hashes = line.len() - line.trim_start_matches('#').len();
        let Some(title) = line[hashes..].strip_prefix(' ').filter(|_| (1..=6).contains(&hashes)) else { continue };
        // Of a link only its words show.
        let mut shown = String::new();
        let mut rest = title;
        while let Some((before, after)) = rest.split_once("](") {
            shown.push_str(&before.replace('[', ""));
            rest = after.split_once(')').map_or("", |(_, after)| after);
        }
        shown.push_str(rest);
        let slug: String = shown
            .trim()
            .to_lowercase()
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let mut anchor = slug.clone();
        let mut number = 0;
        while !anchors.insert(anchor) {
            number += 1;
            anchor = format!("{slug}-{number}");
        }
    }
    anchors
}

/// The targets of the links of a page, with their lines. What is set as code is no link.
fn links(text: &str) -> Vec<(usize, String)> {
    let mut links = Vec::new();
    for (number, line) in prose(text).unwrap_or_default() {
        let plain: String = line.split('`').step_by(2).collect::<Vec<_>>().join("");
        let mut rest = plain.as_str();
        while let Some((_, after)) = rest.split_once("](") {
            let target = after.split(')').next().unwrap_or_default();
            links.push((number, target.split_whitespace().next().unwrap_or_default().to_owned()));
            rest = after;
        }
        // A reference, as in `[word]: target`.
        if let Some((name, target)) = plain.trim_start().strip_prefix('[').and_then(|rest| rest.split_once("]: "))
            && !name.contains(']')
        {
            links.push((number, target.trim().to_owned()));
        }
    }
    links
}

/// What is wrong with the pages, a line each.
fn faults(pages: &BTreeMap<String, String>, exists: &dyn Fn(&str) -> bool) -> Vec<String> {
    let mut faults = Vec::new();
    for (path, text) in pages {
        if let Err(line) = prose(text) {
            faults.push(format!("{path}:{line}: a code block is not closed"));
        }
        for (line, target) in links(text) {
            if target.contains("://") || target.starts_with("mailto:") {
                continue;
            }
            let (file, anchor) = target.split_once('#').map_or((target.as_str(), None), |(file, anchor)| (file, Some(anchor)));
            let mut folder: Vec<&str> = path.split('/').collect();
            folder.pop();
            for part in file.split('/') {
                match part {
                    ".." => drop(folder.pop()),
                    "." | "" => {}
                    part => folder.push(part),
                }
            }
            let wanted = if file.is_empty() { path.clone() } else { folder.join("/") };
            match (pages.get(&wanted), anchor) {
                (Some(page), Some(anchor)) if !anchors(page).contains(anchor) => {
                    faults.push(format!("{path}:{line}: {target}: no such heading"));
                }
                (None, _) if !exists(&wanted) => faults.push(format!("{path}:{line}: {target}: no such file")),
                _ => {}
            }
        }
    }
    faults
}

#[test]
fn fences_links_and_anchors_of_all_pages_are_sound() {
    let faults = faults(&pages(), &|path| project(path).exists());
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn a_page_that_does_not_hang_together_is_found() {
    let wrong = |text: &str| {
        let other = "# Other\n## A `b`, c!\n## A `b`, c!\n".to_owned();
        let pages = BTreeMap::from([("docs/a.md".to_owned(), text.to_owned()), ("docs/b.md".to_owned(), other)]);
        faults(&pages, &|path| path == "LICENSE").len()
    };
    for (text, count) in [
        ("[x](b.md#a-b-c) [y](b.md#a-b-c-1) [z](#top) [l](../LICENSE) [w](https://x.invalid/y)\n# Top\n", 0),
        ("[x](b.md#a-b) [y](c.md)\n[z]: ../LICENCE\n", 3),
        ("```sh\n[x](nowhere)\n```\n`[x](nowhere)`\n", 0),
        ("```sh\nx\n", 1),
        ("```sh\nx\n\n## Heading\n\n```sh\ny\n```\n", 1),
        ("````\n```\n````\n", 0),
    ] {
        assert_eq!(wrong(text), count, "{text}");
    }
}

#[test]
fn the_readme_lists_the_exit_codes_and_all_documents() {
    let readme = &pages()["README.md"];
    let table: String = EXITS.iter().map(|(code, what)| format!("| {code} | {what} |\n")).collect();
    assert!(readme.contains(&table), "the table of README.md is to be:\n{table}");
    for page in pages().keys().filter(|page| page.starts_with("docs/")) {
        assert!(readme.contains(&format!("| [{page}]({page}) |")), "README.md does not list {page}");
    }
}

#[test]
fn the_page_of_the_environment_is_fresh() {
    let rows = |list: &[(&str, &str)]| list.iter().map(|(name, what)| format!("| `{name}` | {what} |\n")).collect::<String>();
    let page = format!(
        "# Environment and files\n\n\
         Generated from the source. The same lists are in each manual page: `omega man`.\n\n\
         ## Environment variables\n\n\
         An empty variable counts as unset, with four exceptions. An empty `GIT_PAGER` or `PAGER` means no pager. An empty\n\
         `OMEGA_ROOT` is an error (exit code 13) in every command that uses the root. An empty `OMEGA_STORE` or `OMEGA_WATCH_SECRETS` is an error (exit code 2) in the commands that have the option\n\
         `--store` or `--secrets`. `HOME`, `XDG_CONFIG_HOME` and `XDG_STATE_HOME` are ignored if they are not absolute paths, as\n\
         the XDG base directory specification demands.\n\n\
         | variable | meaning |\n|---|---|\n{}\n\
         ## Files\n\n\
         `$GIT_DIR` is the git folder that all work trees of a clone share. `XDG_CONFIG_HOME` and `XDG_STATE_HOME` replace `~/.config` and\n\
         `~/.local/state`.\n\n\
         | file | content |\n|---|---|\n{}\n\
         ## omega.toml\n\n\
         The file `~/.config/omega/omega.toml` contains the user's settings. It is optional and has two fields:\n\n\
         ```toml\nkeys = [\"~/keys/ann\", \"/media/token/ann-hardware\"]\nsync = true\n```\n\n\
         `keys` lists private key files. A command that signs uses `--key` if it is given. Otherwise it tries the ssh-agent, git's\n\
         `user.signingkey` and then these files, and takes the key whose member may sign. `~/` is the user's home directory.\n\n\
         `sync` says whether commands that write a branch of a resolution or the main branch fetch before and push after. The default is\n\
         `true`. With `false`, only `omega sync` uses the network. `--offline` and `OMEGA_OFFLINE` switch both off for one run, and\n\
         `--no-push` switches off the push. [The council](council.md#a-team-with-a-server) describes what is fetched and pushed.\n\n\
         Any other field is an error: all rules are in the ratified documents, and no setting can change them.\n\n\
         ## Pager\n\n\
         On a terminal, answers that one reads (`diff`, `list`, `log`, `show`, `tally`, `why` and others) go through the pager that git would\n\
         start: `GIT_PAGER`, git's setting `core.pager`, `PAGER`, `less`. If `LESS` is not set, it is `FRX`: a list that fits on the screen\n\
         needs no key, and a longer one begins with the newest. `--no-pager` and the pager `cat` switch it off. The setting is one program\n\
         with its arguments. omega starts it without a shell, so a setting with a pipe does not work. Reasons and statements are wrapped at the width\n\
         of the terminal.\n\n\
         ## Completions\n\n\
         `omega completions SHELL --dynamic` prints a short script. With it, the shell asks omega at each press of the tab key, so it knows\n\
         the ids of proposals and rulings, the members, the choices and the options, and it never grows old:\n\n\
         ```sh\n\
         source <(omega completions bash --dynamic)                  # in ~/.bashrc\n\
         source <(omega completions zsh --dynamic)                   # in ~/.zshrc, after compinit\n\
         omega completions fish --dynamic | source                   # in ~/.config/fish/config.fish\n\
         ```\n\n\
         Nothing is verified and nothing is fetched for this, and an error shows nothing. Without `--dynamic`, `omega completions SHELL` prints\n\
         a script that knows commands and options only and never runs omega; write it to the folder of your shell's completions.\n",
        rows(VARIABLES),
        rows(FILES)
    );
    fresh("docs/environment.md", &page);
}

/// The names in the source that something reads as a variable of the environment.
fn read_by_the_source(folder: &Path, names: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            if !path.ends_with("tests") {
                read_by_the_source(&path, names);
            }
            continue;
        }
        let text = fs::read_to_string(&path).unwrap();
        let text = text.split("#[cfg(test)]").next().unwrap();
        if path.ends_with("terminal/variables.rs") || path.extension().is_none_or(|end| end != "rs") {
            continue;
        }
        for before in [
            "variable(\"",
            "folder(\"",
            "env = \"",
            "told(\"",
            "says(\"",
            "get(\"OMEGA_",
            "const CHAINED: &str = \"",
            "const HASH: &str = \"",
        ] {
            for (at, _) in text.match_indices(before) {
                let rest = &text[at + before.len()..];
                let name = rest.split('"').next().unwrap();
                let name = if before.ends_with("OMEGA_") { format!("OMEGA_{name}") } else { name.to_owned() };
                if name.bytes().all(|b| b.is_ascii_uppercase() || b == b'_') {
                    names.insert(name);
                }
            }
        }
    }
}

#[test]
fn every_variable_that_is_read_is_listed() {
    let mut names = BTreeSet::new();
    read_by_the_source(&project("src"), &mut names);
    assert!(names.len() > 20, "{names:?}");
    // What the tests say, a state of git that is told in the same words, and the last words of names that begin with that of a forge
    // or of the pre-commit framework.
    let parts = [
        "BISECT_START",
        "EVENT_NAME",
        "EVENT_PATH",
        "SHA",
        "BASE_REF",
        "REF",
        "TOKEN",
        "SERVER_URL",
        "API_URL",
        "WORKFLOW",
        "JOB",
        "REPOSITORY",
        "REMOTE_BRANCH",
        "LOCAL_BRANCH",
        "TO_REF",
        "FROM_REF",
    ];
    names.retain(|name| !name.starts_with("OMEGA_TEST_") && !parts.contains(&name.as_str()));
    for name in names {
        let listed = VARIABLES.iter().any(|(listed, _)| match listed.strip_suffix('*') {
            Some(start) => name.starts_with(start),
            None => *listed == name,
        });
        assert!(listed, "src/terminal/variables.rs does not list {name}");
    }
}

#[test]
fn the_manual_pages_are_what_mandoc_and_man_want() {
    let world = World::empty();
    let dir = world.path("man");
    world.omega_in(&world.path("."), &["man", "--dir", dir.to_str().unwrap()]).exits(0);
    let mut files: Vec<PathBuf> = fs::read_dir(&dir).unwrap().map(|file| file.unwrap().path()).collect();
    files.sort();
    assert!(files.len() > 60, "{}", files.len());
    for file in &files {
        let text = fs::read_to_string(file).unwrap();
        let name = file.file_stem().unwrap().to_str().unwrap();
        let title = text.lines().find(|line| line.starts_with(".TH ")).unwrap();
        let expected = format!(
            ".TH {} 1 2026-12-01 \"omega {}\" \"omega manual\"",
            name.to_uppercase().replace('-', "\\-"),
            env!("CARGO_PKG_VERSION")
        );
        assert_eq!(title, expected);
        for heading in ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "EXIT STATUS", "ENVIRONMENT", "FILES", "SEE ALSO"] {
            assert_eq!(text.matches(&format!(".SH {heading}\n")).count(), 1, "{name}: {heading}");
        }
        assert!(!text.contains("EXTRA") && !text.contains("\n\n") && text.contains("\\fBOMEGA_ROOT\\fR"), "{name}");
        // Each page that it names is there.
        let also = text.split(".SH SEE ALSO\n").nth(1).unwrap();
        for line in also.lines() {
            let other = line.strip_prefix(".BR ").unwrap().split(' ').next().unwrap().replace('\\', "");
            assert!(!other.starts_with("omega") || dir.join(format!("{other}.1")).exists(), "{name}: {other}");
        }
    }
    let init = fs::read_to_string(dir.join("omega-init.1")).unwrap();
    assert!(init.contains(".SH EXAMPLES\n.nf\nomega init "), "{init}");
    // The same text without a folder.
    assert_eq!(world.omega(&["man"]).exits(0).out, fs::read_to_string(dir.join("omega.1")).unwrap());
    // The date is that of the build, where one says it.
    let mut command = world.command(env!("CARGO_BIN_EXE_omega"), &["man"], &world.path("."));
    let dated = crate::world::Ran::of(command.env("SOURCE_DATE_EPOCH", "1700000000").output().unwrap()).exits(0).out;
    assert!(dated.contains(".TH OMEGA 1 2023-11-14 "), "{dated}");
    let refused = crate::world::Ran::of(command.env("SOURCE_DATE_EPOCH", "yesterday").output().unwrap()).exits(2).err;
    assert_eq!(refused, "error: SOURCE_DATE_EPOCH is not a number of seconds since 1970\nhint: unset SOURCE_DATE_EPOCH\n");
    // Where the programs are, they have the last word.
    let all: Vec<&str> = files.iter().map(|file| file.to_str().unwrap()).collect();
    if world.run("sh", &["-c", "command -v mandoc"], &dir, None).code == Some(0) {
        let ran = world.run("mandoc", &[&["-T", "lint"][..], &all].concat(), &dir, None);
        assert_eq!((ran.code, ran.out.as_str()), (Some(0), ""), "{}", ran.err);
    }
}
