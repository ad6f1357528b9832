//! Reads the text that a shell is given: which commands run in it, with which words, and which files it writes itself.
//!
//! It reads what POSIX shells, bash and zsh have in common. It never runs anything and expands nothing that it cannot know: such a
//! part of a word is [`Part::Unknown`]. A text that it does not understand is [`Unreadable`], never a guess.

mod cursor;
mod lexer;
mod lists;
mod steered;
mod word;

use std::cell::OnceCell;
use std::rc::Rc;

pub use word::{Part, Word};

/// A longer text is not read: a system gives a program no longer argument.
pub const MAX_TEXT: usize = 128 << 10;

/// So deep may commands, quotes and substitutions stand in each other.
const MAX_DEPTH: usize = 50;

/// Why a text that is nested deeper is not read.
const DEEP: Unreadable = Unreadable("it is nested more than 50 levels deep");

/// Why a text could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable(pub &'static str);

/// Commands in their order.
#[derive(Debug, Default)]
pub struct List {
    /// Pipelines, each with what stands before it.
    pub items: Vec<Item>,
    /// Commands in the text of here-documents below, which run when their command does.
    pub in_documents: Vec<List>,
}

/// One pipeline of a list.
#[derive(Debug)]
pub struct Item {
    /// What joins it to the one before.
    pub joint: Joint,
    /// Its commands; more than one run at the same time, each in a shell of its own.
    pub pipeline: Vec<Node>,
    /// Whether it runs in the background, in a shell of its own.
    pub background: bool,
}

/// What joins a pipeline to the one before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joint {
    /// It comes after it, whatever became of it.
    Then,
    /// `&&`
    And,
    /// `||`
    Or,
}

/// One command.
#[derive(Debug)]
pub enum Node {
    /// A program with its words.
    Simple(Simple),
    /// Commands in brackets or braces, or the arms of a `case`.
    Group(Group),
}

/// Commands that stand together.
#[derive(Debug)]
pub struct Group {
    /// The commands.
    pub list: List,
    /// Whether they run in a shell of their own.
    pub apart: bool,
    /// Whether they run at all depends on what cannot be known.
    pub perhaps: bool,
    /// Where their output goes.
    pub redirects: Vec<Redirect>,
    /// Commands within the words of the redirections.
    pub inner: Vec<List>,
}

/// A program with its words.
#[derive(Debug, Default)]
pub struct Simple {
    /// Variables that are set for it, or for the shell if it has no words.
    pub assigned: Vec<(String, Word)>,
    /// The program and its arguments.
    pub words: Vec<Word>,
    /// Where its output goes.
    pub redirects: Vec<Redirect>,
    /// Commands within its words, which run before it.
    pub inner: Vec<List>,
    /// Whether it runs at all depends on what cannot be known: it stands in an `if`, a loop or a function.
    pub perhaps: bool,
}

/// One redirection.
#[derive(Debug)]
pub enum Redirect {
    /// A file is read.
    Read(Word),
    /// A file is written, made or emptied.
    Write(Word),
    /// The text is the input: a here-document or a here-string.
    Text(Rc<OnceCell<Word>>),
}

impl Simple {
    /// The text that the program gets as its input, if the script holds it.
    pub fn input(&self) -> Option<&Word> {
        self.redirects.iter().rev().find_map(|redirect| match redirect {
            Redirect::Text(text) => text.get(),
            _ => None,
        })
    }
}

/// Reads a text.
///
/// # Errors
/// When it is not understood, or too long or too deep to be read.
pub fn read(text: &str) -> Result<List, Unreadable> {
    read_at(text, 0)
}

/// Reads a text that stands in another one, so deep.
fn read_at(text: &str, depth: usize) -> Result<List, Unreadable> {
    if text.len() > MAX_TEXT {
        return Err(Unreadable("the text is longer than 128 KiB"));
    }
    if text.contains('\0') {
        return Err(Unreadable("the text holds a NUL"));
    }
    cursor::Parser::new(text, depth)?.all()
}

#[cfg(test)]
mod tests;
