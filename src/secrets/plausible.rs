//! Telling what was drawn at random from what a person wrote to show where a secret would stand.

/// Words in values that stand for a secret and are none.
const PLACEHOLDERS: [&[u8]; 26] = [
    b"example",
    b"changeme",
    b"change_me",
    b"change-me",
    b"placeholder",
    b"redacted",
    b"your",
    b"dummy",
    b"sample",
    b"insert",
    b"replace",
    b"xxxx",
    b"****",
    b"....",
    b"0000000",
    b"1234567890123",
    b"not-a",
    b"not_a",
    b"fake",
    b"none",
    b"null",
    b"undefined",
    b"todo",
    b"secret:",
    b"sha256:",
    b"ssh-",
];

/// Whether a value stands for a secret without being one: a variable, a placeholder, a digest.
pub(super) fn stands_for_one(value: &[u8]) -> bool {
    let lower = value.to_ascii_lowercase();
    let marks = b"$<>{}()[]%\\";
    value.iter().any(|byte| marks.contains(byte))
        || !value.is_ascii()
        || PLACEHOLDERS.iter().any(|word| lower.windows(word.len()).any(|window| window == *word))
        || distinct(&lower) < 4
}

/// Whether a value looks drawn at random: letters and digits, many of them different.
pub(super) fn is_random(value: &[u8]) -> bool {
    value.iter().any(u8::is_ascii_digit) && value.iter().any(u8::is_ascii_alphabetic) && distinct(value) >= 8 && !stands_for_one(value)
}

fn distinct(value: &[u8]) -> usize {
    let mut seen = [false; 256];
    value.iter().for_each(|byte| seen[usize::from(*byte)] = true);
    seen.iter().filter(|seen| **seen).count()
}
