//! The commands of a shell text, judged one by one.

use std::path::{Path, PathBuf};

use crate::script::{self, Group, Item, Joint, List, Node, Redirect, Simple, Word};
use crate::workspace::Error;

use super::{Act, Decision, Guard, How, disk, named};

/// So deep may texts stand in texts (`sh -c "sh -c …"`), and commands in commands.
pub(super) const MOST_TEXTS: usize = 16;

/// So many folders are followed when it cannot be known in which one the shell is.
const MOST_DIRS: usize = 8;

/// The folders in which a command may run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Dirs {
    /// Those that are known.
    pub(super) known: Vec<PathBuf>,
    /// Whether it can be another one.
    pub(super) unknown: bool,
}

impl Dirs {
    fn one(dir: &Path) -> Self {
        Self { known: vec![dir.to_owned()], unknown: false }
    }

    fn join(&mut self, other: &Self) {
        for dir in &other.known {
            if !self.known.contains(dir) {
                self.known.push(dir.clone());
            }
        }
        self.unknown |= other.unknown || self.known.len() > MOST_DIRS;
        self.known.truncate(MOST_DIRS);
    }
}

/// A way through the commands of a call.
pub(super) struct Walk<'a, 'g> {
    pub(super) guard: &'a Guard<'g>,
    /// The folder of the call.
    pub(super) from: &'a Path,
    pub(super) decision: &'a mut Decision,
    /// Whether there are rules where the call is made, so that what cannot be read matters.
    is_ruled: bool,
    is_closed: bool,
    pub(super) depth: usize,
}

impl<'a, 'g> Walk<'a, 'g> {
    /// Begins in the folder of a call.
    ///
    /// # Errors
    /// As for [`Guard::decide`].
    pub(super) fn new(guard: &'a Guard<'g>, from: &'a Path, decision: &'a mut Decision) -> Result<Self, Error> {
        let place = guard.place(from)?;
        let is_closed = place.as_ref().is_some_and(|place| place.is_closed(decision));
        let is_ruled = place.is_some_and(|place| place.rules().is_some());
        Ok(Self { guard, from, decision, is_ruled, is_closed, depth: 0 })
    }

    /// Judges a text.
    pub(super) fn text(&mut self, text: &str) -> Result<(), Error> {
        let dirs = Dirs::one(self.from);
        self.read(text, &dirs)
    }

    /// Judges a command whose words no shell reads.
    pub(super) fn argv(&mut self, words: &[Word]) -> Result<(), Error> {
        let dirs = Dirs::one(self.from);
        self.command(words, None, false, &dirs)
    }

    /// A person has to agree, because something could not be read; where there are no rules, nobody has.
    pub(super) fn unread(&mut self, what: &str, why: &str) {
        if self.is_ruled {
            self.decision.add(Act::Ask, format!("`{}` cannot be read: {why}", named(what)));
        }
    }

    pub(super) fn read(&mut self, text: &str, dirs: &Dirs) -> Result<(), Error> {
        if self.is_closed {
            return Ok(());
        }
        if self.depth >= MOST_TEXTS {
            self.unread(text, "texts for shells stand too deep in each other");
            return Ok(());
        }
        self.depth += 1;
        match script::read(text) {
            Ok(list) => {
                self.list(&list, dirs.clone())?;
            }
            Err(script::Unreadable(why)) => self.unread(text, why),
        }
        self.depth -= 1;
        Ok(())
    }

    /// Judges a list; gives the folders in which the shell may be after it.
    fn list(&mut self, list: &List, mut dirs: Dirs) -> Result<Dirs, Error> {
        // Since the last `;`: every folder in which the shell may have been, and whether all of it was sure to run.
        let mut since = dirs.clone();
        for (at, item) in list.items.iter().enumerate() {
            match item.joint {
                Joint::Then => since = dirs.clone(),
                // What stands before may have run in part.
                Joint::Or => dirs = since.clone(),
                Joint::And => {}
            }
            let after = self.item(item, &dirs)?;
            since.join(&after);
            let next = list.items.get(at + 1).map_or(Joint::Then, |next| next.joint);
            dirs = match (item.joint, next) {
                // The next command runs only after this one.
                (_, Joint::And) | (Joint::Then, Joint::Then) => after,
                _ => since.clone(),
            };
        }
        for inner in &list.in_documents {
            self.list(inner, since.clone())?;
        }
        Ok(dirs)
    }

    fn item(&mut self, item: &Item, dirs: &Dirs) -> Result<Dirs, Error> {
        let mut after = dirs.clone();
        for (at, node) in item.pipeline.iter().enumerate() {
            after = self.node(node, at > 0, dirs)?;
        }
        // Each command of a pipeline, and what runs in the background, has a shell of its own; but in zsh the last one has not.
        if item.background {
            return Ok(dirs.clone());
        }
        if item.pipeline.len() > 1 {
            after.join(dirs);
        }
        Ok(after)
    }

    fn node(&mut self, node: &Node, piped: bool, dirs: &Dirs) -> Result<Dirs, Error> {
        match node {
            Node::Simple(simple) => self.simple(simple, piped, dirs),
            Node::Group(Group { list, apart, perhaps, redirects, inner }) => {
                for inner in inner {
                    self.list(inner, dirs.clone())?;
                }
                self.redirects(redirects, dirs)?;
                let mut after = self.list(list, dirs.clone())?;
                if *apart {
                    return Ok(dirs.clone());
                }
                if *perhaps {
                    after.join(dirs);
                }
                Ok(after)
            }
        }
    }

    fn redirects(&mut self, redirects: &[Redirect], dirs: &Dirs) -> Result<(), Error> {
        for redirect in redirects {
            if let Redirect::Write(word) = redirect {
                self.write(word, How::File, dirs)?;
            }
        }
        Ok(())
    }

    /// Judges that a word names a file that is written.
    pub(super) fn write(&mut self, word: &Word, how: How, dirs: &Dirs) -> Result<(), Error> {
        let is_rooted = word.prefix().starts_with('/') || matches!(word.parts.first(), Some(script::Part::Home));
        if dirs.unknown && !is_rooted {
            self.unread(&word.raw, "it names a file that is written, from a folder that is only known when the command runs");
        }
        for dir in &dirs.known {
            match disk::paths(dir, self.guard.home.as_deref(), word) {
                Some(paths) => {
                    for path in paths {
                        self.guard.write(self.from, &path, how, self.decision)?;
                    }
                }
                None => self.unread(&word.raw, "it names a file that is written, and is only known when the command runs"),
            }
            if is_rooted {
                break;
            }
        }
        Ok(())
    }

    fn simple(&mut self, simple: &Simple, piped: bool, dirs: &Dirs) -> Result<Dirs, Error> {
        for inner in &simple.inner {
            self.list(inner, dirs.clone())?;
        }
        self.redirects(&simple.redirects, dirs)?;
        for (name, value) in &simple.assigned {
            self.assigned(name, value, dirs)?;
        }
        if simple.words.is_empty() {
            return Ok(dirs.clone());
        }
        self.command(&simple.words, simple.input(), piped, dirs)?;
        let program = simple.words[0].known().unwrap_or_default();
        if !matches!(program.as_str(), "cd" | "pushd" | "popd" | "chdir") {
            return Ok(dirs.clone());
        }
        let mut after = self.moved(&program, &simple.words[1..], dirs);
        // Whether the folder can be entered is known only of one that is there.
        if simple.perhaps || after.known.iter().any(|dir| !dir.is_dir()) {
            after.join(dirs);
        }
        Ok(after)
    }

    /// The folders after `cd`.
    pub(super) fn moved(&self, program: &str, args: &[Word], dirs: &Dirs) -> Dirs {
        let unknown = Dirs { known: dirs.known.clone(), unknown: true };
        let is_option = |word: &&Word| word.known().is_some_and(|text| matches!(text.as_str(), "-L" | "-P" | "-e" | "--"));
        let operands: Vec<&Word> = args.iter().skip_while(is_option).collect();
        let word = match operands.as_slice() {
            [] if program == "cd" => match &self.guard.home {
                Some(home) => return Dirs::one(home),
                None => return unknown,
            },
            [word] if program != "popd" && !word.prefix().starts_with(['-', '+']) => *word,
            _ => return unknown,
        };
        let mut after = Dirs { known: Vec::new(), unknown: dirs.unknown };
        for dir in &dirs.known {
            let Some(paths) = disk::paths(dir, self.guard.home.as_deref(), word) else { return unknown };
            after.join(&Dirs { known: paths.iter().map(|path| disk::real(path, true)).collect(), unknown: false });
        }
        after
    }

    /// A variable that is set: git takes settings from some.
    pub(super) fn assigned(&mut self, name: &str, value: &Word, dirs: &Dirs) -> Result<(), Error> {
        if name.starts_with("GIT_CONFIG_KEY_") {
            let words = [Word::of("git"), Word::of("config"), value.clone()];
            return self.forbidden("git", &words, dirs);
        }
        if name == "GIT_CONFIG_PARAMETERS" {
            self.unread(&value.raw, "it gives settings to git in a form of git's own");
        }
        Ok(())
    }
}
