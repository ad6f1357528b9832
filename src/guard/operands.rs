//! The options and operands of a command, as its program reads them.

use crate::script::Word;

/// A command line without its program.
#[derive(Default)]
pub(super) struct Operands<'w> {
    /// Options as they are written, up to `=`; each letter of a cluster by itself.
    pub(super) options: Vec<String>,
    /// The values of options that have one.
    pub(super) values: Vec<(String, Word)>,
    /// Everything else. A word that is not known is one, too.
    pub(super) words: Vec<&'w Word>,
    /// How many of these stand before `--`, if that is there.
    pub(super) before_dashes: Option<usize>,
}

impl<'w> Operands<'w> {
    /// Reads a command line. `with_value` names the options whose value is the next word, or the rest of the same one.
    pub(super) fn read(args: &'w [Word], with_value: &[&str]) -> Self {
        let mut out = Self::default();
        let mut args = args.iter();
        while let Some(word) = args.next() {
            let known = word.known();
            let text = known.clone().unwrap_or_else(|| word.prefix());
            if out.before_dashes.is_some() || !text.starts_with('-') || text == "-" {
                out.words.push(word);
            } else if text == "--" {
                out.before_dashes = Some(out.words.len());
            } else if text.starts_with("--") {
                let name = text.split('=').next().unwrap_or_default().to_owned();
                if text.contains('=') {
                    out.values.push((name.clone(), word.without(name.len() + 1)));
                } else if with_value.contains(&name.as_str())
                    && let Some(value) = args.next()
                {
                    out.values.push((name.clone(), value.clone()));
                }
                out.options.push(name);
            } else {
                for (at, letter) in text.char_indices().skip(1) {
                    let name = format!("-{letter}");
                    let takes_value = with_value.contains(&name.as_str());
                    out.options.push(name.clone());
                    if takes_value {
                        let end = at + letter.len_utf8();
                        let value = if end < text.len() || known.is_none() { Some(word.without(end)) } else { args.next().cloned() };
                        out.values.extend(value.map(|value| (name, value)));
                        break;
                    }
                }
            }
        }
        out
    }

    /// Whether one of these options is there.
    pub(super) fn has(&self, names: &[&str]) -> bool {
        self.options.iter().any(|option| names.contains(&option.as_str()) || is_short_for(option, names))
    }

    /// The last value of an option.
    pub(super) fn value(&self, names: &[&str]) -> Option<&Word> {
        self.values.iter().rev().find(|(name, _)| names.contains(&name.as_str()) || is_short_for(name, names)).map(|(_, value)| value)
    }

    /// The operands behind `--`, or all of them.
    pub(super) fn behind_dashes(&self) -> &[&'w Word] {
        &self.words[self.before_dashes.unwrap_or(0).min(self.words.len())..]
    }
}

/// Whether a long option is the beginning of one of these: programs take it for what it can only be.
fn is_short_for(option: &str, names: &[&str]) -> bool {
    option.len() > 3 && option.starts_with("--") && names.iter().any(|name| name.starts_with(option))
}
