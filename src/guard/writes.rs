//! Which files a program writes, by its operands. Programs that are not here can write anything: see docs/guard.md.

use std::path::Path;

use crate::script::Word;
use crate::workspace::Error;

use super::commands::{Dirs, Walk};
use super::operands::Operands;
use super::{How, disk, patch};

/// Programs that write each of their operands, with their options that have a value.
const EACH: [(&str, &[&str]); 14] = [
    ("tee", &["--output-error"]),
    ("touch", &["-d", "-r", "-t", "--date", "--reference"]),
    ("truncate", &["-s", "-r", "--size", "--reference"]),
    ("unlink", &[]),
    ("shred", &["-n", "-s", "--iterations", "--size"]),
    ("sponge", &[]),
    ("ed", &["-p"]),
    ("ex", &["-c", "--cmd"]),
    ("vi", &["-c", "--cmd"]),
    ("vim", &["-c", "--cmd", "-u"]),
    ("nvim", &["-c", "--cmd", "-u"]),
    ("nano", &[]),
    ("emacs", &["--eval", "-l", "-f"]),
    ("prettier", &["--config", "--parser"]),
];

/// Programs that write the value of an option, and their options with a value.
const NAMED: [(&str, &[&str], &[&str]); 3] = [
    ("sort", &["-o", "--output"], &["-o", "--output", "-k", "-t", "-S", "-T", "--key"]),
    (
        "curl",
        &["-o", "--output", "-D", "--dump-header", "-c", "--cookie-jar"],
        &["-o", "--output", "-D", "--dump-header", "-c", "--cookie-jar"],
    ),
    ("wget", &["-O", "--output-document", "-o", "--output-file"], &["-O", "--output-document", "-o", "--output-file"]),
];

/// Judges what a program writes.
///
/// # Errors
/// As for [`super::Guard::decide`].
pub(super) fn judge(walk: &mut Walk<'_, '_>, name: &str, args: &[Word], input: Option<&Word>, dirs: &Dirs) -> Result<(), Error> {
    if let Some((_, with_value)) = EACH.iter().find(|(program, _)| *program == name) {
        return each(walk, &Operands::read(args, with_value).words, How::File, dirs);
    }
    if let Some((_, outputs, with_value)) = NAMED.iter().find(|(program, ..)| *program == name) {
        let operands = Operands::read(args, with_value);
        return operands.value(outputs).map_or(Ok(()), |word| walk.write(word, How::File, dirs));
    }
    match name {
        "rm" => each(walk, &Operands::read(args, &[]).words, How::Tree, dirs),
        "chmod" | "chown" | "chgrp" => {
            let operands = Operands::read(args, &["--reference"]);
            let skipped = usize::from(!operands.has(&["--reference"]));
            let how = if operands.has(&["-R", "--recursive"]) { How::Tree } else { How::File };
            each(walk, operands.words.get(skipped..).unwrap_or_default(), how, dirs)
        }
        "dd" => {
            args.iter().filter(|word| word.prefix().starts_with("of=")).try_for_each(|word| walk.write(&word.without(3), How::File, dirs))
        }
        "sed" | "gsed" => {
            // A value behind `-i` stands in the same word.
            let operands = Operands::read(args, &["-e", "-f", "-l", "--expression", "--file", "--line-length"]);
            let in_place = operands.has(&["-i", "-I", "--in-place"]);
            let skipped = usize::from(!operands.has(&["-e", "-f", "--expression", "--file"]));
            if in_place { each(walk, operands.words.get(skipped..).unwrap_or_default(), How::File, dirs) } else { Ok(()) }
        }
        "perl" | "ruby" => {
            let operands = Operands::read(args, &["-e", "-E", "-I", "-M", "-m"]);
            if operands.has(&["-i"]) { each(walk, &operands.words, How::File, dirs) } else { Ok(()) }
        }
        "cp" | "install" | "ln" | "mv" | "rsync" => copy(walk, name, args, dirs),
        "patch" => {
            let operands =
                Operands::read(args, &["-p", "-i", "-o", "-d", "-r", "-D", "-B", "-z", "--input", "--output", "--directory", "--strip"]);
            each(walk, &operands.words, How::File, dirs)?;
            by_patch(walk, "patch", input, dirs)
        }
        "git" => git(walk, args, input, dirs),
        _ => Ok(()),
    }
}

fn each(walk: &mut Walk<'_, '_>, words: &[&Word], how: How, dirs: &Dirs) -> Result<(), Error> {
    words.iter().try_for_each(|word| walk.write(word, how, dirs))
}

/// The files that a patch in the script names; where it comes from elsewhere, they are not known.
fn by_patch(walk: &mut Walk<'_, '_>, what: &str, input: Option<&Word>, dirs: &Dirs) -> Result<(), Error> {
    match input.and_then(Word::known) {
        Some(text) => patch::paths(&text).iter().try_for_each(|path| walk.write(&Word::of(path), How::File, dirs)),
        None => {
            walk.unread(what, "which files it writes stands in the patch");
            Ok(())
        }
    }
}

/// Programs whose last operand is where the others go.
fn copy(walk: &mut Walk<'_, '_>, name: &str, args: &[Word], dirs: &Dirs) -> Result<(), Error> {
    let operands = Operands::read(args, &["-t", "--target-directory", "-S", "--suffix", "-m", "-o", "-g", "--mode", "-e", "--exclude"]);
    if name == "install" && operands.has(&["-d", "--directory"]) {
        return Ok(());
    }
    let target = operands.value(&["-t", "--target-directory"]).filter(|_| name != "rsync");
    let here = Word::of(".");
    let (sources, target) = match (target, operands.words.split_last()) {
        (Some(target), _) => (operands.words.as_slice(), target),
        // `ln -s FILE` makes a link in the current folder.
        (None, Some((only, []))) if name == "ln" => (std::slice::from_ref(only), &here),
        (None, Some((target, sources))) => (sources, *target),
        (None, None) => return Ok(()),
    };
    if name == "mv" {
        each(walk, sources, How::Tree, dirs)?;
    }
    if name == "rsync" && target.prefix().split('/').next().is_some_and(|host| host.contains(':')) {
        return Ok(());
    }
    let takes_folders = matches!(name, "mv" | "ln" | "rsync") || operands.has(&["-r", "-R", "-a", "--recursive", "--archive"]);
    let is_folder = |word: &Word| {
        let ends_so = word.known().is_some_and(|text| text.ends_with('/') || text == "." || text == "..");
        let paths = dirs.known.iter().filter_map(|dir| disk::paths(dir, walk.guard.home.as_deref(), word)).flatten();
        ends_so || paths.into_iter().any(|path| path.is_dir())
    };
    if !is_folder(target) {
        return walk.write(target, if takes_folders { How::Tree } else { How::File }, dirs);
    }
    for source in sources {
        let mut inside = target.clone();
        inside.parts.push(crate::script::Part::Text("/".to_owned()));
        inside.raw = format!("{}/…", target.raw);
        let known = source.known();
        match known.as_deref().and_then(|text| Path::new(text).file_name()).and_then(|name| name.to_str()) {
            Some(name) => inside.parts.push(crate::script::Part::Text(name.to_owned())),
            // All that is in a folder, or names that only the disk knows.
            None if known.is_some() => {}
            None => match source.parts.last() {
                Some(crate::script::Part::Text(text)) if text.contains('/') => {
                    inside.parts.push(crate::script::Part::Text(text.rsplit('/').next().unwrap_or_default().to_owned()));
                }
                _ => {
                    by_disk(walk, source, target, takes_folders, dirs)?;
                    continue;
                }
            },
        }
        // What is in a folder is merged into one that is there.
        walk.write(&inside, if takes_folders { How::Tree } else { How::File }, dirs)?;
    }
    Ok(())
}

/// Copies whose names are a pattern: those that the disk has.
fn by_disk(walk: &mut Walk<'_, '_>, source: &Word, target: &Word, takes_folders: bool, dirs: &Dirs) -> Result<(), Error> {
    for dir in &dirs.known {
        let Some(paths) = disk::paths(dir, walk.guard.home.as_deref(), source) else {
            walk.unread(&source.raw, "it names a file that is copied, and is only known when the command runs");
            return Ok(());
        };
        for name in paths.iter().filter_map(|path| path.file_name()?.to_str()) {
            let mut inside = target.clone();
            inside.parts.push(crate::script::Part::Text(format!("/{name}")));
            walk.write(&inside, if takes_folders { How::Tree } else { How::File }, dirs)?;
        }
    }
    Ok(())
}

/// Commands of git that write files of the work tree that they are given.
fn git(walk: &mut Walk<'_, '_>, args: &[Word], input: Option<&Word>, dirs: &Dirs) -> Result<(), Error> {
    let mut dirs = dirs.clone();
    let mut at = 0;
    while let Some(word) = args.get(at).filter(|word| word.prefix().starts_with('-')) {
        let text = word.prefix();
        at += 1;
        let takes_next =
            matches!(text.as_str(), "-C" | "-c" | "--git-dir" | "--work-tree" | "--namespace" | "--config-env" | "--exec-path");
        let value = args.get(at).filter(|_| takes_next);
        at += usize::from(takes_next);
        if text == "-C"
            && let Some(value) = value
        {
            dirs = walk.moved("chdir", std::slice::from_ref(value), &dirs);
            walk.forbidden("git", &[&[Word::of("git")], args.get(at..).unwrap_or_default()].concat(), &dirs)?;
        } else if text == "-c" && value.is_some_and(|value| value.prefix().to_ascii_lowercase().starts_with("alias.")) {
            walk.unread(&value.map(|value| value.raw.clone()).unwrap_or_default(), "it gives a command of git another name");
        }
    }
    let Some(subcommand) = args.get(at).and_then(Word::known) else { return Ok(()) };
    let rest = &args[at + 1..];
    match subcommand.as_str() {
        "checkout" => {
            let operands = Operands::read(rest, &["-b", "-B", "--orphan", "--conflict", "--pathspec-from-file"]);
            if operands.has(&["-b", "-B", "--orphan"]) {
                return Ok(());
            }
            // Without `--` a word is a branch or a file; a branch has no file of its name that is governed.
            pathspecs(walk, operands.behind_dashes(), How::Restored, &dirs)
        }
        "restore" => {
            let operands = Operands::read(rest, &["-s", "--source", "--conflict", "--pathspec-from-file"]);
            // What is only taken out of the index stays on the disk.
            if operands.has(&["-S", "--staged"]) && !operands.has(&["-W", "--worktree"]) {
                return Ok(());
            }
            pathspecs(walk, &operands.words, How::Restored, &dirs)
        }
        "rm" => {
            let operands = Operands::read(rest, &["--pathspec-from-file"]);
            if operands.has(&["--cached"]) { Ok(()) } else { pathspecs(walk, &operands.words, How::Tree, &dirs) }
        }
        "mv" => copy(walk, "mv", rest, &dirs),
        "apply" => {
            let operands = Operands::read(rest, &["-p", "-C", "--directory", "--exclude", "--include", "--whitespace"]);
            let only_shows = operands.has(&["--stat", "--numstat", "--summary", "--check"]) && !operands.has(&["--apply"]);
            if only_shows || operands.has(&["--cached"]) {
                Ok(())
            } else {
                by_patch(walk, "git apply", input.filter(|_| operands.words.is_empty()), &dirs)
            }
        }
        _ => Ok(()),
    }
}

/// Judges the files that pathspecs of git name.
fn pathspecs(walk: &mut Walk<'_, '_>, words: &[&Word], how: How, dirs: &Dirs) -> Result<(), Error> {
    for word in words {
        let Some(text) = word.known().filter(|text| text.starts_with(':') || text.contains(['*', '?', '['])) else {
            walk.write(word, how, dirs)?;
            continue;
        };
        if text.starts_with(':') {
            walk.unread(&text, "which files it names is only known to git");
            continue;
        }
        // Git expands patterns by itself, across folders: all that is in the folder before them can be meant.
        let folder = text[..text.find(['*', '?', '[']).unwrap_or(0)].rsplit_once('/').map_or(".", |(folder, _)| folder);
        walk.write(&Word::of(folder), how, dirs)?;
    }
    Ok(())
}
