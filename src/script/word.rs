//! One word of a command, as far as it can be known before the shell runs.

/// A part of a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// Text that stays as it is.
    Text(String),
    /// Characters that are a pattern for file names.
    Glob(String),
    /// The user's home: `~` and `$HOME`.
    Home,
    /// The folder that the shell is in: `$PWD`.
    Here,
    /// What is only known when the shell runs. It can be several words, where it is not quoted.
    Unknown {
        /// Whether it can be more words than one.
        many: bool,
    },
}

/// A word of a command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Word {
    /// As it is written.
    pub raw: String,
    /// What it consists of.
    pub parts: Vec<Part>,
}

impl Word {
    /// A word that is known: an argument that no shell has to read.
    pub fn of(text: &str) -> Self {
        Self { raw: text.to_owned(), parts: vec![Part::Text(text.to_owned())] }
    }

    /// A word of which nothing is known, that can be any number of words.
    pub fn unknown(raw: &str) -> Self {
        Self { raw: raw.to_owned(), parts: vec![Part::Unknown { many: true }] }
    }

    /// The word, where it is known; a pattern is known only to the disk.
    pub fn known(&self) -> Option<String> {
        match self.parts.as_slice() {
            [] => Some(String::new()),
            [Part::Text(text)] => Some(text.clone()),
            parts => parts
                .iter()
                .map(|part| match part {
                    Part::Text(text) => Some(text.as_str()),
                    _ => None,
                })
                .collect(),
        }
    }

    /// How the word begins, whatever the rest is.
    pub fn prefix(&self) -> String {
        let texts = self.parts.iter().map_while(|part| match part {
            Part::Text(text) => Some(text.as_str()),
            _ => None,
        });
        texts.collect()
    }

    /// Whether it can become several words, of which the later ones can begin in any way.
    pub fn is_many(&self) -> bool {
        self.parts.contains(&Part::Unknown { many: true })
    }

    /// Whether only the disk, the home and the current folder are needed to know it.
    pub fn is_readable(&self) -> bool {
        !self.parts.iter().any(|part| matches!(part, Part::Unknown { .. }))
    }

    /// The same word without its first `bytes`, which are text.
    pub fn without(&self, bytes: usize) -> Self {
        let mut rest = self.clone();
        if let Some(Part::Text(text)) = rest.parts.first_mut()
            && text.is_char_boundary(bytes)
        {
            text.replace_range(..bytes, "");
        }
        rest
    }

    pub(super) fn push(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Text(last)) => last.push_str(text),
            _ => self.parts.push(Part::Text(text.to_owned())),
        }
    }

    pub(super) fn push_glob(&mut self, text: &str) {
        match self.parts.last_mut() {
            Some(Part::Glob(last)) => last.push_str(text),
            _ => self.parts.push(Part::Glob(text.to_owned())),
        }
    }
}
