//! What single programs run and write.

use std::path::PathBuf;
use std::rc::Rc;

use crate::script::Word;
use crate::security::{self, Arg};
use crate::workspace::Error;

use super::commands::{Dirs, MOST_TEXTS, Walk};
use super::place::Place;
use super::{Act, How, named, tools, wrappers, writes};

/// Shells, and other programs that give the text behind `-c` to one.
const SHELLS: [&str; 10] = ["sh", "bash", "dash", "zsh", "ksh", "ash", "fish", "su", "runuser", "script"];

impl Walk<'_, '_> {
    /// Judges one command.
    pub(super) fn command(&mut self, words: &[Word], input: Option<&Word>, piped: bool, dirs: &Dirs) -> Result<(), Error> {
        let Some((first, args)) = words.split_first() else { return Ok(()) };
        let Some(program) = first.known() else {
            self.unread(&first.raw, "which program runs is only known when the command runs");
            return Ok(());
        };
        let name = program.rsplit('/').next().unwrap_or_default();
        if self.depth >= MOST_TEXTS {
            self.unread(&program, "commands stand too deep in each other");
            return Ok(());
        }
        self.depth += 1;
        let judged = self.named(name, words, args, input, piped, dirs);
        self.depth -= 1;
        judged
    }

    fn named(&mut self, name: &str, words: &[Word], args: &[Word], input: Option<&Word>, piped: bool, dirs: &Dirs) -> Result<(), Error> {
        if let Some(inner) = wrappers::unwrap(name, args) {
            if let Some(unread) = inner.unread {
                self.unread(&unread, "which command runs depends on it");
            }
            for (name, value) in &inner.assigned {
                self.assigned(name, value, dirs)?;
            }
            let dirs = inner.dir.map_or_else(|| dirs.clone(), |dir| self.moved("chdir", &[dir], dirs));
            // A rule can also name the wrapper itself.
            self.forbidden(name, words, &dirs)?;
            return self.command(&inner.words, input, piped && name != "xargs", &dirs);
        }
        if SHELLS.contains(&name) {
            return self.shell(name, args, input, piped, dirs);
        }
        match name {
            "eval" => {
                let known: Option<Vec<String>> = args.iter().map(Word::known).collect();
                match known {
                    Some(words) => self.read(&words.join(" "), dirs)?,
                    None => self.unread(&join(args), "what `eval` runs is only known when the command runs"),
                }
            }
            "trap" => {
                if let Some(text) = args.iter().find(|word| !word.prefix().starts_with('-')) {
                    self.read_word(text, "what `trap` runs is only known when the command runs", dirs)?;
                }
            }
            "alias" => {
                for word in args {
                    let prefix = word.prefix();
                    if let Some((name, _)) = prefix.split_once('=') {
                        self.read_word(&word.without(name.len() + 1), "what the alias runs is only known when the command runs", dirs)?;
                    }
                }
            }
            "export" | "declare" | "typeset" | "local" | "readonly" => {
                for word in args {
                    if let Some((name, _)) = word.prefix().split_once('=') {
                        self.assigned(name, &word.without(name.len() + 1), dirs)?;
                    }
                }
            }
            "find" => self.find(args, dirs)?,
            "apply_patch" | "applypatch" => match input.or(args.last()).and_then(Word::known) {
                Some(text) => {
                    for dir in &dirs.known {
                        tools::apply_patch(self.guard, dir, &text, self.decision)?;
                    }
                }
                None => self.unread(&join(args), "which files the patch writes is only known when the command runs"),
            },
            _ => {}
        }
        self.forbidden(name, words, dirs)?;
        writes::judge(self, name, args, input, dirs)
    }

    fn read_word(&mut self, word: &Word, why: &str, dirs: &Dirs) -> Result<(), Error> {
        match word.known() {
            Some(text) => self.read(&text, dirs),
            None => {
                self.unread(&word.raw, why);
                Ok(())
            }
        }
    }

    /// A shell: the text behind `-c`, a file, which is a program like others, or what it reads.
    fn shell(&mut self, name: &str, args: &[Word], input: Option<&Word>, piped: bool, dirs: &Dirs) -> Result<(), Error> {
        const WHY: &str = "what the shell runs is only known when the command runs";
        let mut args = args.iter();
        let (mut runs_text, mut reads_input) = (false, false);
        while let Some(word) = args.next() {
            let text = word.known();
            let start = text.clone().unwrap_or_else(|| word.prefix());
            if start == "--command" {
                runs_text = true;
                continue;
            }
            if start.starts_with(['-', '+']) && start.len() > 1 && text.is_some() {
                let is_cluster = !start.starts_with("--");
                runs_text |= is_cluster && start.starts_with('-') && start.contains('c');
                reads_input |= is_cluster && start.contains('s');
                // These have a value of their own.
                if matches!(start.as_str(), "-o" | "+o" | "-O" | "+O" | "--rcfile" | "--init-file") {
                    args.next();
                }
                // `su -c` takes the next word, whatever stands there.
                if runs_text && matches!(name, "su" | "runuser" | "script") {
                    break;
                }
                continue;
            }
            if runs_text {
                return self.read_word(word, WHY, dirs);
            }
            if !reads_input {
                return match text {
                    Some(_) => Ok(()),
                    None => {
                        self.unread(&word.raw, WHY);
                        Ok(())
                    }
                };
            }
        }
        match (runs_text, args.next()) {
            (true, Some(word)) => self.read_word(word, WHY, dirs),
            _ => match input {
                Some(input) => self.read_word(input, WHY, dirs),
                None => {
                    if piped && !matches!(name, "su" | "runuser" | "script") {
                        self.unread(name, "it runs what another command writes");
                    }
                    Ok(())
                }
            },
        }
    }

    /// `find`: the commands that it runs, and the files that it removes or writes.
    fn find(&mut self, args: &[Word], dirs: &Dirs) -> Result<(), Error> {
        let is = |word: &Word, names: &[&str]| word.known().is_some_and(|text| names.contains(&text.as_str()));
        let mut at = 0;
        while let Some(word) = args.get(at) {
            at += 1;
            if is(word, &["-exec", "-execdir", "-ok", "-okdir"]) {
                let rest = &args[at..];
                let length = rest.iter().position(|word| is(word, &[";", "+"])).unwrap_or(rest.len());
                let found = |word: &Word| if word.raw.contains("{}") { Word::unknown("{}") } else { word.clone() };
                let words: Vec<Word> = rest[..length].iter().map(found).collect();
                self.command(&words, None, false, dirs)?;
                at += length + 1;
            } else if is(word, &["-delete"]) {
                self.unread("find … -delete", "which files are removed is only known when the command runs");
            } else if is(word, &["-fprint", "-fprint0", "-fprintf", "-fls"])
                && let Some(file) = args.get(at)
            {
                self.write(file, How::File, dirs)?;
            }
        }
        Ok(())
    }

    /// Judges a command by the commands that the security policy forbids, where the call is made and where the command runs.
    pub(super) fn forbidden(&mut self, name: &str, words: &[Word], dirs: &Dirs) -> Result<(), Error> {
        let mut places: Vec<Rc<Place>> = Vec::new();
        for dir in std::iter::once(self.from).chain(dirs.known.iter().map(PathBuf::as_path)) {
            let place = self.guard.place(dir)?;
            places.extend(place.filter(|place| !places.iter().any(|known| Rc::ptr_eq(known, place))));
        }
        for place in places {
            if place.is_closed(self.decision) {
                continue;
            }
            let Some(rules) = place.rules() else { continue };
            let document = &rules.documents().security;
            let ruling = || rules.ruling_of(document);
            let forbidden = |words: &[Word], rule: &[String]| {
                format!("`{}` is forbidden for agents: {document}, `{}`, {}", named(&join(words)), named(&rule.join(" ")), ruling())
            };
            let known: Option<Vec<String>> = words.iter().map(Word::known).collect();
            if let Some(known) = known {
                if let Some(rule) = security::forbidding(&rules.forbidden.forbidden_commands, &known) {
                    self.decision.add(Act::Deny, forbidden(words, rule));
                }
                continue;
            }
            let prefixes: Vec<String> = words.iter().map(Word::prefix).collect();
            // What is known is enough, if it is forbidden whatever the rest is.
            let neutral: Vec<String> =
                words.iter().zip(&prefixes).map(|(word, prefix)| word.known().unwrap_or_else(|| format!("{prefix}\u{1}"))).collect();
            if let Some(rule) = security::forbidding(&rules.forbidden.forbidden_commands, &neutral) {
                self.decision.add(Act::Deny, forbidden(words, rule));
                continue;
            }
            let texts: Vec<Option<String>> = words.iter().map(Word::known).collect();
            let args: Vec<Arg<'_>> = (1..words.len())
                .map(|at| match &texts[at] {
                    Some(text) => Arg::Known(text),
                    None => Arg::Unknown { prefix: &prefixes[at], many: words[at].is_many() },
                })
                .collect();
            if let Some(rule) = security::could_forbid(&rules.forbidden.forbidden_commands, name, &args) {
                let what = named(&join(words));
                let rule = named(&rule.join(" "));
                let reason = format!(
                    "`{what}` cannot be read before it runs, and could be `{rule}`, which {document} forbids for agents, {}",
                    ruling()
                );
                self.decision.add(Act::Ask, reason);
            }
        }
        Ok(())
    }
}

/// Words as they are written.
fn join(words: &[Word]) -> String {
    let raw: Vec<&str> = words.iter().map(|word| word.raw.as_str()).collect();
    raw.join(" ")
}
