//! The command line.

use std::path::PathBuf;

use clap::{Parser, Subcommand, ValueEnum};

use crate::canon::MemberName;

use super::Answer;
#[cfg(feature = "services")]
use super::commands::watch;
use super::commands::{
    canon, ci, completions, council, demo, guard, hook, hooks, inbox, init, key, man, phylactery, resonance, sync, trust, why,
};
use crate::terminal::context::Context;
use crate::terminal::failure::Failure;

/// Govern what an AI system is: its identity, its constitution, its rules.
///
/// The canon lives as signed files in a git repository. A council proposes and votes, the Chief rules,
/// and anyone proves from the tree alone that each governed byte is what was ratified.
#[derive(Debug, Parser)]
#[command(name = "omega", version, propagate_version = true, max_term_width = 100, after_help = EXAMPLES)]
pub struct Cli {
    /// Work in this folder.
    #[arg(short = 'C', long = "directory", global = true, help_heading = "Global options", value_name = "DIR")]
    pub(super) directory: Option<PathBuf>,
    /// How to answer.
    #[arg(long, global = true, help_heading = "Global options", value_enum, default_value_t, value_name = "FORMAT")]
    pub(super) format: Format,
    /// When to use colours; NO_COLOR is respected.
    #[arg(long, global = true, help_heading = "Global options", value_enum, default_value_t, value_name = "WHEN")]
    pub(super) color: Color,
    /// The member that signs, where the keys at hand belong to several.
    #[arg(long = "as", global = true, help_heading = "Global options", value_name = "MEMBER")]
    pub(super) member: Option<MemberName>,
    /// The key that signs: a private key file, or the .pub file of a key in the agent.
    #[arg(long, global = true, help_heading = "Global options", value_name = "FILE")]
    pub(super) key: Option<PathBuf>,
    /// Fetch nothing and push nothing; OMEGA_OFFLINE says the same.
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) offline: bool,
    /// Push nothing; omega sync does it later.
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) no_push: bool,
    /// Show long answers without a pager.
    #[arg(long, global = true, help_heading = "Global options")]
    pub(super) no_pager: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

const EXAMPLES: &str = "Examples:
  omega demo                              see it all on a throw-away repository
  omega init                              set up governance in this repository
  omega propose --title \"Say it plainly\"  turn your edits into a proposal
  omega review ID                         read it and vote on it
  omega ratify ID                         rule that it holds
  omega verify                            prove that nothing else happened

The commands from status to tidy can also be written with `canon` before them:
omega canon status.

Exit codes: 0 pass or done, 1 could not run, 2 usage, 10 denied, 11 violation,
12 pending, 13 cannot verify, 75 another run holds the lock; of the watch:
14 critical, 15 degraded, 16 could not know.";

/// How a command answers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Text for people.
    #[default]
    Human,
    /// One JSON document, see schemas/.
    Json,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Color {
    /// On a terminal.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

impl Color {
    pub(super) fn write_global(self) {
        match self {
            Self::Auto => anstream::ColorChoice::Auto,
            Self::Always => anstream::ColorChoice::Always,
            Self::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}

/// The verbs.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Set up governance in a git repository.
    Init(init::Args),
    #[command(flatten)]
    Short(canon::Command),
    /// Change the canon, and prove it: the same commands under their long names.
    #[command(subcommand, hide = true)]
    Canon(canon::Command),
    /// See the council and its rules, propose changes of it, and ask its agents.
    ///
    /// Each change is drafted, shown and proposed in one go, on a branch of its own. It takes effect when
    /// the Chief ratifies it.
    #[command(subcommand)]
    Council(council::Command),
    /// Read and change what the system holds to be true of itself.
    #[command(subcommand)]
    Phylactery(phylactery::Command),
    /// Show which ruling approved a line.
    Why(why::Args),
    /// See how much authority a request carries.
    #[command(subcommand)]
    Resonance(resonance::Command),
    /// Judge a change before it is merged.
    Ci(ci::Args),
    /// Make and show keys, and propose changes of those on the council.
    #[command(subcommand)]
    Key(key::Command),
    /// List what waits for you: votes, turns, rulings, and emergencies that run out.
    Inbox(inbox::Args),
    /// Fetch what others did, push what waits here, and clean up.
    Sync(sync::Args),
    /// Put the gates into this clone's git hooks, or take them out.
    #[command(subcommand)]
    Hooks(hooks::Command),
    /// Answer a git hook; git calls it.
    #[command(subcommand, hide = true)]
    Hook(hook::Command),
    /// Say whether the ratified rules allow a tool call of an agent.
    Guard(guard::Args),
    /// Say which canon is trusted here.
    #[command(subcommand)]
    Trust(trust::Command),
    #[cfg(feature = "services")]
    #[command(flatten)]
    Watch(watch::Verb),
    /// Show the whole way on a throw-away repository.
    Demo(demo::Args),
    /// Print completions for a shell.
    Completions(completions::Args),
    /// Print the manual page, or write all pages into a folder.
    Man(man::Args),
}

impl Command {
    /// The command as it is typed.
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Init(_) => "init",
            Self::Short(command) | Self::Canon(command) => command.name(),
            Self::Council(command) => command.name(),
            Self::Phylactery(command) => command.name(),
            Self::Why(_) => "why",
            Self::Resonance(command) => command.name(),
            Self::Ci(_) => "ci",
            Self::Key(command) => command.name(),
            Self::Inbox(_) => "inbox",
            Self::Sync(_) => "sync",
            Self::Hooks(command) => command.name(),
            Self::Hook(command) => command.name(),
            Self::Guard(_) => "guard",
            Self::Trust(command) => command.name(),
            #[cfg(feature = "services")]
            Self::Watch(verb) => verb.name(),
            Self::Demo(_) => "demo",
            Self::Completions(_) => "completions",
            Self::Man(_) => "man",
        }
    }

    /// Whether the command goes on until it is told to stop, and hears signals by itself.
    pub(super) fn hears_signals(&self) -> bool {
        match self {
            #[cfg(feature = "services")]
            Self::Watch(verb) => verb.hears_signals(),
            _ => false,
        }
    }

    /// Whether the answer is something to read, and may be longer than a screen.
    pub(super) fn is_read(&self) -> bool {
        READ.contains(&self.name())
    }

    /// Whether the command makes records.
    pub(super) fn acts(&self) -> bool {
        match self {
            Self::Phylactery(command) => command.acts(),
            other => ACTS.contains(&other.name()),
        }
    }

    #[cfg_attr(not(feature = "services"), expect(unused_variables, reason = "only the watch answers in parts"))]
    pub(super) fn run(self, context: &Context, format: Format) -> Result<Answer, Failure> {
        match self {
            Self::Init(args) => init::run(context, args),
            Self::Short(command) | Self::Canon(command) => command.run(context),
            Self::Council(command) => command.run(context),
            Self::Phylactery(command) => command.run(context),
            Self::Why(args) => why::run(context, &args),
            Self::Resonance(command) => command.run(context),
            Self::Ci(args) => ci::run(context, &args),
            Self::Key(command) => command.run(context),
            Self::Inbox(args) => inbox::run(context, &args),
            Self::Sync(args) => sync::run(context, &args),
            Self::Hooks(command) => command.run(context),
            Self::Hook(command) => command.run(context),
            Self::Guard(args) => Ok(guard::run(context, &args)),
            Self::Trust(command) => command.run(context),
            #[cfg(feature = "services")]
            Self::Watch(verb) => verb.run(context, format),
            Self::Demo(args) => demo::run(context, args),
            Self::Completions(args) => completions::run(args),
            Self::Man(args) => man::run(args),
        }
    }
}

/// The commands that make records, whatever their options say.
const ACTS: [&str; 27] = [
    "canon add",
    "canon emergency",
    "canon enrol",
    "canon expire",
    "canon propose",
    "canon ratify",
    "canon reveal",
    "canon review",
    "canon rule",
    "canon skip",
    "canon speak",
    "canon synthesize",
    "canon tidy",
    "canon vote",
    "canon withdraw",
    "council add",
    "council convene",
    "council retire",
    "council role",
    "council weight",
    "key recovery clear",
    "key recovery finish",
    "key recovery set",
    "key recovery sign",
    "key recovery start",
    "key revoke",
    "key rotate",
];

/// The commands whose answers a pager shows.
const READ: [&str; 11] = [
    "canon diff",
    "canon list",
    "canon log",
    "canon show",
    "canon tally",
    "council list",
    "events",
    "phylactery get",
    "phylactery history",
    "phylactery list",
    "why",
];
