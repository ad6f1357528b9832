use std::os::unix::fs::MetadataExt as _;

use serde::Serialize;

use crate::cli::Answer;
use crate::terminal::context::Context;
use crate::terminal::environment;
use crate::terminal::failure::{Exit, Failure};

/// Print what starts the watch on this machine. Nothing is installed.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// For which starter.
    #[arg(long, value_enum, value_name = "STARTER")]
    print: Starter,
}

/// What starts programs on a machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Starter {
    /// A unit for systemd.
    Systemd,
    /// A line for cron.
    Cron,
}

/// What starts the watch.
#[derive(Debug, Serialize, schemars::JsonSchema)]
pub struct InstallReport {
    /// The unit, or the line.
    pub text: String,
}

pub fn run(context: &Context, args: &Args) -> Result<Answer, Failure> {
    let repo = context.repo()?;
    let dir = repo.workdir().unwrap_or_else(|| repo.common_dir()).display().to_string();
    let omega = environment::executable().display().to_string();
    // Its store, its secrets and what it restarts are this user's, and a number names the user everywhere.
    let user = std::fs::metadata(&dir)
        .map_err(|error| Failure::usage(format!("`{dir}` cannot be looked at: {error}"), "omega -C REPOSITORY watch install"))?
        .uid();
    if [&dir, &omega].iter().any(|path| path.contains(['"', '\'', '%', '\\', '\n', '$'])) {
        return Err(Failure::usage(format!("`{dir}` or `{omega}` holds a character that needs quoting"), "move it to a plainer path"));
    }
    let text = match args.print {
        Starter::Cron => format!("* * * * * \"{omega}\" -C \"{dir}\" watch --once >/dev/null\n"),
        Starter::Systemd => format!(
            "# /etc/systemd/system/omega-watch.service
[Unit]
Description=omega watch
After=network-online.target
Wants=network-online.target
StartLimitIntervalSec=0

[Service]
Type=exec
# The owner of the repository: whoever runs it starts and heals as that user.
User={user}
ExecStart=\"{omega}\" -C \"{dir}\" watch
ExecReload=/bin/kill -HUP $MAINPID
# The secrets of the channels, in a file of mode 0600 that this user owns; a reload reads it again. Once it is there:
#Environment=OMEGA_WATCH_SECRETS=/etc/omega/watch.env
Restart=always
RestartSec=5
# As long as a heal command may take: the act in hand is finished first.
TimeoutStopSec=3720
# Only the watch itself is told to stop: what it has started lives on.
KillMode=process

[Install]
WantedBy=multi-user.target
"
        ),
    };
    Ok(Answer::exact(Exit::Done, text.clone(), &InstallReport { text }))
}
