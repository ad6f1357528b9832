//! Whether a command is one that a rule forbids, with its options read as the program reads them.

/// Short options whose value may follow in the same word (`-mtext`), by program and subcommand: git-push(1), git-commit(1),
/// ssh-keygen(1). A letter behind one of these is no option.
const WITH_VALUE: [(&str, &str, &str); 3] =
    [("git", "push", "o"), ("git", "commit", "CFStcmu"), ("ssh-keygen", "", "CDEFIJKLMNOPQRSTUVWYZabfgijkmnrstwz")];

/// The long and the short spelling of one option.
const SAME: [(&str, &str, &str, &str); 2] = [("git", "push", "--force", "-f"), ("git", "commit", "--no-verify", "-n")];

/// Options of `git` itself that take the next word as their value.
const BEFORE_SUBCOMMAND: [&str; 7] = ["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--exec-path"];

/// The rule that forbids a command, as the first words of its argument vector. The program counts by its name, wherever it lies;
/// a flag of a rule counts wherever it stands, alone or among others (`-fv`), whole or shortened (`--forc`), and in its other
/// spelling. A `+` before what `git push` pushes is `--force`.
pub fn forbidding<'p>(rules: &'p [Vec<String>], argv: &[String]) -> Option<&'p [String]> {
    let program = argv.first().map(|first| first.rsplit('/').next().unwrap_or(first))?;
    // A rule that names the option as it was typed says more than one that names its other spelling.
    let mut command = Command::read(program, &argv[1..]);
    let rule = forbidding_as_typed(rules, program, &command);
    if rule.is_some() {
        return rule;
    }
    command.spell_both_ways(program, subcommand(program, &argv[1..]));
    forbidding_as_typed(rules, program, &command)
}

fn forbidding_as_typed<'p>(rules: &'p [Vec<String>], program: &str, command: &Command<'_>) -> Option<&'p [String]> {
    let says = |rule: &&Vec<String>| {
        let mut words = rule.iter();
        if words.next().map(String::as_str) != Some(program) {
            return false;
        }
        let mut rest = command.words.iter();
        let mut flag: Option<&String> = None;
        // The words of a rule stand in this order; what stands between them are options. A word behind a flag can be its value.
        words.all(|word| match flag.take() {
            _ if word.starts_with('-') => {
                flag = Some(word);
                command.has(word)
            }
            Some(flag) if command.values.iter().any(|(name, _)| name == flag) => {
                command.values.iter().any(|(name, value)| name == flag && *value == word.as_str())
            }
            _ => rest.any(|arg| *arg == word.as_str()),
        })
    };
    rules.iter().find(says).map(Vec::as_slice)
}

/// A command as its program reads it.
struct Command<'a> {
    /// The words that are neither options nor values of short ones.
    words: Vec<&'a str>,
    /// The options, each alone: `-f`, `--force`; of those with a value the name.
    options: Vec<String>,
    /// Short options with their values.
    values: Vec<(String, &'a str)>,
}

impl<'a> Command<'a> {
    fn read(program: &str, args: &'a [String]) -> Self {
        let subcommand = subcommand(program, args);
        let table = WITH_VALUE.iter().find(|(name, sub, _)| *name == program && (sub.is_empty() || Some(*sub) == subcommand));
        let takes_value = |letter: char| table.is_some_and(|(.., letters)| letters.contains(letter));
        let (mut words, mut options, mut values) = (Vec::new(), Vec::new(), Vec::new());
        let mut are_options = true;
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if !are_options || !arg.starts_with('-') || arg == "-" {
                if program == "git" && subcommand == Some("push") && arg.starts_with('+') {
                    options.push("--force".to_owned());
                }
                words.push(arg.as_str());
            } else if arg == "--" {
                are_options = false;
            } else if arg.starts_with("--") {
                options.push(arg.split('=').next().unwrap_or(arg).to_owned());
            } else {
                for (at, letter) in arg.char_indices().skip(1) {
                    options.push(format!("-{letter}"));
                    if takes_value(letter) {
                        let value = Some(&arg[at + letter.len_utf8()..]).filter(|value| !value.is_empty());
                        values.extend(value.or_else(|| args.next().map(String::as_str)).map(|value| (format!("-{letter}"), value)));
                        break;
                    }
                }
            }
        }
        Self { words, options, values }
    }

    fn spell_both_ways(&mut self, program: &str, subcommand: Option<&str>) {
        for (_, _, long, short) in SAME.iter().filter(|(name, sub, ..)| *name == program && Some(*sub) == subcommand) {
            let (has_long, has_short) = (self.has(long), self.has(short));
            self.options.extend(has_long.then(|| (*short).to_owned()));
            self.options.extend(has_short.then(|| (*long).to_owned()));
        }
    }

    fn has(&self, flag: &str) -> bool {
        self.options.iter().any(|option| is(option, flag))
    }
}

/// Whether an option is this flag, or a beginning of it: programs take a long one for what it can only be.
fn is(option: &str, flag: &str) -> bool {
    option == flag || (option.len() > 2 && option.starts_with("--") && flag.starts_with(option))
}

/// The first word that is neither an option nor the value of one of git's own.
fn subcommand<'a>(program: &str, args: &'a [String]) -> Option<&'a str> {
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        if program == "git" && BEFORE_SUBCOMMAND.contains(&arg.as_str()) {
            args.next();
        } else if !arg.starts_with('-') {
            return Some(arg);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::canon::policy;

    fn planted() -> Vec<Vec<String>> {
        let policy: policy::Security = policy::read(include_bytes!("../../canon/SECURITY_AND_PRIVACY.md")).expect("planted");
        policy.forbidden_commands
    }

    #[test]
    fn options_are_read_as_the_program_reads_them() {
        let rules = planted();
        let rule = |line: &str| {
            let argv: Vec<String> = line.split(' ').map(str::to_owned).collect();
            forbidding(&rules, &argv).map(|rule| rule.join(" "))
        };
        for (line, expected) in [
            ("git push -fv", "git push -f"),
            ("git push -vf origin main", "git push -f"),
            ("git push origin +main", "git push --force"),
            ("git push origin +topic:main", "git push --force"),
            ("git push -- origin +main", "git push --force"),
            ("git push --forc", "git push --force"),
            ("git push --force=true", "git push --force"),
            ("git -C /srv/x push -f", "git push -f"),
            ("git -c a.b=push push --no-verif", "git push --no-verify"),
            ("git commit -n", "git commit --no-verify"),
            ("git commit -anm text", "git commit --no-verify"),
            ("git commit --no-veri -m text", "git commit --no-verify"),
            ("/usr/bin/ssh-keygen -Ysign -f key", "ssh-keygen -Y sign"),
            ("ssh-keygen -qY sign -f key", "ssh-keygen -Y sign"),
        ] {
            assert_eq!(rule(line).as_deref(), Some(expected), "{line}");
        }
        for free in [
            "git push",
            "git push origin topic",
            "git push -o force origin topic",
            "git push -oforce origin topic",
            "git push --force-with-lease origin topic",
            "git push --follow-tags",
            "git commit -mn",
            "git commit -m n",
            "git commit -am note",
            "git commit -Fnote",
            "git commit -- -n",
            "git log -n 3",
            "git merge -n topic",
            "ssh-keygen -Y verify -f sign -I a",
        ] {
            assert_eq!(rule(free), None, "{free}");
        }
        assert_eq!(forbidding(&planted(), &[]), None);
    }
}
