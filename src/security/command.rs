//! Whether a command is one that a rule forbids, with its options read as the program reads them.

/// Short options whose value may follow in the same word (`-mtext`), by program and subcommand: git-push(1), git-commit(1),
/// ssh-keygen(1). A letter behind one of these is no option. Of the second list the value never is the next word.
const WITH_VALUE: [(&str, &str, &str, &str); 3] =
    [("git", "push", "o", ""), ("git", "commit", "CFtcm", "Su"), ("ssh-keygen", "", "CDEFIJKLMNOPQRSTUVWYZabfgijkmnrstwz", "")];

/// The spellings of one option, and other options that do the same and more: each push of these moves a branch of the remote to a
/// commit that does not follow from it.
const SAME: [(&str, &str, &[&str]); 2] =
    [("git", "push", &["--force", "-f", "--force-with-lease", "--mirror"]), ("git", "commit", &["--no-verify", "-n"])];

/// Options of `git` itself that take the next word as their value.
const BEFORE_SUBCOMMAND: [&str; 7] = ["-C", "-c", "--git-dir", "--work-tree", "--namespace", "--config-env", "--exec-path"];

/// What stands for a word that is not known and is taken for no rule's.
const NEUTRAL: &str = "\u{1}";

/// More words that are not known are not tried one by one.
const MOST_UNKNOWN: usize = 24;

/// A word of a command, as far as it is known before a shell expands it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arg<'a> {
    /// The word.
    Known(&'a str),
    /// A word that begins like this.
    Unknown {
        /// How it begins.
        prefix: &'a str,
        /// Whether it can be several words.
        many: bool,
    },
}

/// The rule that forbids a command, as the first words of its argument vector. The program counts by its name, wherever it lies;
/// a flag of a rule counts wherever it stands, alone or among others (`-fv`), whole or shortened (`--forc`), and in its other
/// spellings. A `+` before what `git push` pushes is `--force`, and `git -c NAME=VALUE` is `git config NAME`.
pub fn forbidding<'p>(rules: &'p [Vec<String>], argv: &[String]) -> Option<&'p [String]> {
    let program = argv.first().map(|first| first.rsplit('/').next().unwrap_or(first))?;
    // A rule that names the option as it was typed says more than one that names its other spelling.
    let mut command = Command::read(program, &argv[1..]);
    let rule = forbidding_as_typed(rules, program, &command);
    if rule.is_some() {
        return rule;
    }
    command.spell_all_ways(program);
    forbidding_as_typed(rules, program, &command)
}

/// A rule that could forbid a command, if words of it that are not known were what the rule names. The program is known.
pub fn could_forbid<'p>(rules: &'p [Vec<String>], program: &str, args: &[Arg<'_>]) -> Option<&'p [String]> {
    let name = program.rsplit('/').next().unwrap_or(program);
    let unknown: Vec<usize> = (0..args.len()).filter(|at| matches!(args[*at], Arg::Unknown { .. })).collect();
    let mut named = rules.iter().filter(|rule| rule.first().is_some_and(|first| first == name));
    if unknown.len() > MOST_UNKNOWN {
        return named.next().map(Vec::as_slice);
    }
    let filled = |rule: &[String], first: usize, offset: usize, alone: bool| -> Vec<String> {
        let mut words = vec![program.to_owned()];
        let mut next = offset;
        for (at, arg) in args.iter().enumerate() {
            let (prefix, many) = match *arg {
                Arg::Known(word) => {
                    words.push(word.to_owned());
                    continue;
                }
                Arg::Unknown { prefix, many } => (prefix, many),
            };
            let wanted = if many { next..rule.len() } else { next..(next + 1).min(rule.len()) };
            // A word of several begins as it is written, and those behind it in any way.
            let fits = alone || rule.get(next).is_some_and(|word| word.starts_with(prefix));
            if at < first || wanted.is_empty() || !fits || (alone && !many) {
                words.push(format!("{prefix}{NEUTRAL}"));
                continue;
            }
            words.extend(alone.then(|| format!("{prefix}{NEUTRAL}")));
            next = wanted.end;
            words.extend(rule[wanted].iter().cloned());
        }
        words
    };
    named.find_map(|rule| {
        let tries = unknown.iter().flat_map(|first| (1..rule.len()).map(move |offset| (*first, offset)));
        let mut tries = tries.flat_map(|(first, offset)| [(first, offset, false), (first, offset, true)]);
        tries.find_map(|(first, offset, alone)| forbidding(rules, &filled(rule, first, offset, alone)))
    })
}

fn forbidding_as_typed<'p>(rules: &'p [Vec<String>], program: &str, command: &Command<'_>) -> Option<&'p [String]> {
    let is_git = program == "git";
    let says = |rule: &&Vec<String>| {
        let mut words = rule.iter();
        if words.next().map(String::as_str) != Some(program) {
            return false;
        }
        if let [_, config, name] = rule.as_slice()
            && is_git
            && config == "config"
            && command.settings.iter().any(|set| set.eq_ignore_ascii_case(name))
        {
            return true;
        }
        let mut rest = command.words.iter();
        let mut flag: Option<&String> = None;
        let mut is_first = true;
        // The words of a rule stand in this order; what stands between them are options. A word behind a flag can be its value.
        words.all(|word| match flag.take() {
            _ if word.starts_with('-') => {
                flag = Some(word);
                command.has(word)
            }
            Some(flag) if command.values.iter().any(|(name, _)| name == flag) => {
                command.values.iter().any(|(name, value)| name == flag && *value == word.as_str())
            }
            // What git or omega is asked to do is one word in one place.
            _ if (is_git || program == "omega") && std::mem::take(&mut is_first) => rest.next() == Some(&word.as_str()),
            _ if is_git && command.words.first() == Some(&"config") => rest.any(|arg| arg.eq_ignore_ascii_case(word)),
            _ => rest.any(|arg| *arg == word.as_str()),
        })
    };
    rules.iter().find(says).map(Vec::as_slice)
}

/// A command as its program reads it.
struct Command<'a> {
    /// The words that are neither options nor values of short ones; of git the subcommand first.
    words: Vec<&'a str>,
    /// The options, each alone: `-f`, `--force`; of those with a value the name.
    options: Vec<String>,
    /// Short options with their values.
    values: Vec<(String, &'a str)>,
    /// The settings of git that are set for this command.
    settings: Vec<&'a str>,
}

impl<'a> Command<'a> {
    fn read(program: &str, args: &'a [String]) -> Self {
        let mut command = Self { words: Vec::new(), options: Vec::new(), values: Vec::new(), settings: Vec::new() };
        let args = if program == "git" { command.before_subcommand(args) } else { args };
        let subcommand = args.first().filter(|_| program == "git").map(String::as_str);
        let table = WITH_VALUE.iter().find(|(name, sub, ..)| *name == program && (sub.is_empty() || Some(*sub) == subcommand));
        let mut are_options = true;
        let mut args = args.iter();
        while let Some(arg) = args.next() {
            if !are_options || !arg.starts_with('-') || arg == "-" {
                if program == "git" && subcommand == Some("push") && arg.starts_with('+') {
                    command.options.push("--force".to_owned());
                }
                command.words.push(arg.as_str());
            } else if arg == "--" {
                are_options = false;
            } else if arg.starts_with("--") {
                command.options.push(arg.split('=').next().unwrap_or(arg).to_owned());
            } else {
                for (at, letter) in arg.char_indices().skip(1) {
                    command.options.push(format!("-{letter}"));
                    let (takes_next, takes_rest) =
                        table.map_or((false, false), |(.., next, rest)| (next.contains(letter), rest.contains(letter)));
                    if takes_next || takes_rest {
                        let value = Some(&arg[at + letter.len_utf8()..]).filter(|value| !value.is_empty());
                        let value = value.or_else(|| takes_next.then(|| args.next().map(String::as_str)).flatten());
                        command.values.extend(value.map(|value| (format!("-{letter}"), value)));
                        break;
                    }
                }
            }
        }
        command
    }

    /// Reads the options of `git` itself; gives its subcommand and what follows.
    fn before_subcommand(&mut self, args: &'a [String]) -> &'a [String] {
        let mut at = 0;
        while let Some(arg) = args.get(at).filter(|arg| arg.starts_with('-')) {
            let (option, value) = match arg.split_once('=').filter(|_| arg.starts_with("--")) {
                Some((option, value)) => (option, Some(value)),
                None => (arg.as_str(), None),
            };
            self.options.push(option.to_owned());
            let takes_next = value.is_none() && BEFORE_SUBCOMMAND.contains(&option);
            let value = value.or_else(|| takes_next.then(|| args.get(at + 1).map(String::as_str)).flatten());
            if let Some(value) = value.filter(|_| matches!(option, "-c" | "--config-env")) {
                self.settings.push(value.split('=').next().unwrap_or(value));
            }
            at += 1 + usize::from(takes_next);
        }
        args.get(at..).unwrap_or_default()
    }

    fn spell_all_ways(&mut self, program: &str) {
        let subcommand = self.words.first().copied();
        for (_, _, same) in SAME.iter().filter(|(name, sub, _)| *name == program && Some(*sub) == subcommand) {
            if same.iter().any(|flag| self.has(flag)) {
                self.options.extend(same.iter().map(|flag| (*flag).to_owned()));
            }
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
            ("git push --force-with-lease origin topic", "git push --force"),
            ("git push --force-with-lease=main:abc origin main", "git push --force"),
            ("git push --force-with-l", "git push --force"),
            ("git push --mirror backup", "git push --force"),
            ("git -C /srv/x push -f", "git push -f"),
            ("git -c a.b=push push --no-verif", "git push --no-verify"),
            ("git commit -n", "git commit --no-verify"),
            ("git commit -anm text", "git commit --no-verify"),
            ("git commit -S -n", "git commit --no-verify"),
            ("git commit -u -n", "git commit --no-verify"),
            ("git config --global core.hookspath /tmp", "git config core.hooksPath"),
            ("git config set CORE.hooksPath /tmp", "git config core.hooksPath"),
            ("git -c core.hooksPath=/dev/null commit", "git config core.hooksPath"),
            ("git --config-env=core.hooksPath=X commit", "git config core.hooksPath"),
            ("git --git-dir=/x --no-pager push -f", "git push -f"),
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
            "git push --follow-tags",
            "git commit -mn",
            "git commit -m n",
            "git commit -am note",
            "git commit -Fnote",
            "git commit -- -n",
            "git log -n 3",
            "git log push --force",
            "git -C push log --force",
            "git -c user.name=x commit",
            "git show replace",
            "git merge -n topic",
            "ssh-keygen -Y verify -f sign -I a",
        ] {
            assert_eq!(rule(free), None, "{free}");
        }
        assert_eq!(forbidding(&planted(), &[]), None);
    }

    #[test]
    fn words_that_are_not_known_could_be_those_of_a_rule() {
        let rules = planted();
        let could = |line: &str| {
            let words: Vec<&str> = line.split(' ').collect();
            let arg = |word: &&'static str| match word.split_once('$') {
                Some((prefix, rest)) => Arg::Unknown { prefix, many: !rest.ends_with('"') },
                None => Arg::Known(word),
            };
            // The words live as long as the test.
            let words: Vec<&'static str> = words.into_iter().map(|word| &*Box::leak(word.to_owned().into_boxed_str())).collect();
            let args: Vec<Arg<'_>> = words[1..].iter().map(arg).collect();
            could_forbid(&rules, words[0], &args).map(|rule| rule.join(" "))
        };
        for (line, rule) in [
            ("git $X", "git push --force"),
            ("git $X\"", "git update-ref"),
            ("git $X\" --force", "git push --force"),
            ("git push $X\"", "git push --force"),
            ("git push origin $X", "git push --force"),
            ("git push --fo$X\"", "git push --force"),
            ("git commit -m $X", "git commit --no-verify"),
            ("ssh-keygen $X\" $Y\"", "ssh-keygen -Y sign"),
            ("omega $X\" pin", "omega trust"),
            ("git config a$X", "git config core.hooksPath"),
        ] {
            assert_eq!(could(line).as_deref(), Some(rule), "{line}");
        }
        for line in [
            "git commit -m $X\"",
            "git commit -am $X\"",
            "git push origin refs/heads/$X\"",
            "git log $X",
            "git add $X",
            "rm $X",
            "omega canon $X\"",
            "git push origin topic",
        ] {
            assert_eq!(could(line), None, "{line}");
        }
    }
}
