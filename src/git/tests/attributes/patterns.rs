use super::*;

/// Pieces of which patterns are made at random, and the paths below match them often.
const PIECES: [&str; 34] = [
    "*",
    "**",
    "***",
    "/",
    "/",
    "/",
    "?",
    "a",
    "ab",
    "b",
    "c",
    "a/b",
    "/**/",
    "**/",
    "/**",
    "[ab]",
    "[!a]",
    "[^b]",
    "[a-c]",
    "[[:alpha:]]",
    "[]a]",
    "[a",
    "\\a",
    "\\*",
    "\\",
    "[\\]]",
    "[[:x]",
    "[/]",
    "!",
    "#",
    "\\/",
    "[a-]",
    ".",
    "-",
];

const PATHS: [&str; 16] =
    ["a", "b", "ab", "c", "a/b", "a/b/c", "ab/a", "ab/b/a", "a/a/b/b", "*", "a*", "!a", "#", "b/ab/c", "-/a.b", "abc/]"];

/// A generator that gives the same numbers on each run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, sides: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % sides as u64).unwrap()
    }

    fn pattern(&mut self) -> String {
        let pieces = 1 + self.below(6);
        (0..pieces).map(|_| PIECES[self.below(PIECES.len())]).collect()
    }
}

#[test]
fn random_patterns_match_what_git_matches() {
    let sandbox = Sandbox::new();
    let rounds = std::env::var("OMEGA_ROUNDS").map_or(1, |rounds| rounds.parse().unwrap());
    for round in 0..rounds {
        let mut dice = Dice(0x9e37_79b9_7f4a_7c15 ^ (round as u64) << 8);
        let mut files = Vec::new();
        let mut paths = Vec::new();
        for folder in 0..600 {
            let pattern = dice.pattern();
            let line = match dice.below(4) {
                0 => format!("\"{}\"", pattern.replace('\\', "\\\\")),
                _ => pattern,
            };
            let text = format!("{line} filter=x export-ignore\n");
            files.push((format!("f{folder}/.gitattributes"), text.into_bytes()));
            paths.extend(PATHS.map(|path| format!("f{folder}/{path}")));
        }
        let said = agree(&sandbox, &files, &paths);
        let hits = said.iter().filter(|list| !list.is_empty()).count();
        assert!(hits > 300, "only {hits} matches");
    }
}

#[test]
fn random_patterns_at_the_top() {
    let sandbox = Sandbox::new();
    let mut dice = Dice(42);
    let paths = PATHS.map(str::to_owned);
    for _ in 0..8 {
        // Each later line can take back what an earlier one said.
        let mut text = String::new();
        for number in 0..12 {
            let state = ["filter=", "eol=", "-text !eol x="][dice.below(3)];
            text.push_str(&format!("{} {state}{number}\n", dice.pattern()));
        }
        let files = [(".gitattributes".to_owned(), text.into_bytes())];
        agree(&sandbox, &files, &paths);
    }
}
