//! The environment variables that omega reads, for the manual pages and the documents. A test holds the list to the source.

/// Each variable, or all that begin with a name and `*`, with what it says.
pub const VARIABLES: &[(&str, &str)] = &[
    ("OMEGA_ROOT", "The root to trust, such as `sha256:…`, instead of the root that the clone pins. Set but empty, it is an error."),
    ("OMEGA_OFFLINE", "Any value: no command fetches or pushes, as with `--offline`."),
    ("OMEGA_STORE", "The file in which the watch stores its data."),
    ("OMEGA_WATCH_SECRETS", "A file with the secrets of the watch, one line `NAME=value` each. Only its owner may be able to read it."),
    ("OMEGA_TELEGRAM_TOKEN", "The token of the Telegram bot that sends alerts. Secret."),
    ("OMEGA_TELEGRAM_CHAT", "The Telegram chat that gets the alerts."),
    ("OMEGA_TELEGRAM_API", "The address of another Telegram Bot API server."),
    ("OMEGA_WEBHOOK_URL", "The address that receives alerts as JSON. Secret."),
    ("OMEGA_DEAD_MAN_URL", "The address that the watch requests after each complete cycle. Secret."),
    ("OMEGA_AGENT_KEY_*", "The API key of an agent's service. `*` is the agent's name in capital letters, with `_` for `-`. Secret."),
    ("OMEGA_COMMENT_TOKEN", "The token with which `omega ci` comments on a pull request, before the one of the job. Secret."),
    ("OMEGA_CHIEF_TOKEN_HASH", "The hash of the Chief's token, made by `omega resonance token`."),
    ("OMEGA_HOOK_CHAINED", "omega sets it to the name of the hook while it runs the hook that was installed before."),
    (
        "OMEGA_COMPLETE",
        "The name of a shell: omega answers its script of completions. `omega completions SHELL --dynamic` prints the script.",
    ),
    ("SOURCE_DATE_EPOCH", "The seconds since 1970 whose day is the date of manual pages, for builds that are reproducible."),
    ("XDG_CONFIG_HOME", "The folder that contains `omega/omega.toml`. The default is `~/.config`."),
    ("XDG_STATE_HOME", "The folder that contains omega's state of the user, `omega/`. The default is `~/.local/state`."),
    ("HOME", "The user's home directory."),
    ("PATH", "The folders in which programs are searched."),
    ("USER", "The name under which `omega watch ack` is recorded."),
    ("GIT_EDITOR", "The editor for reasons and statements, before git's setting `core.editor`."),
    ("VISUAL", "The editor, if neither `GIT_EDITOR` nor `core.editor` names one."),
    ("EDITOR", "The editor, if none of the above names one. The default is `vi`."),
    ("TERM", "The type of the terminal. If it is `dumb`, `VISUAL` is not used."),
    ("SSH_ASKPASS", "The program that asks for the passphrase of a key if there is no terminal."),
    ("SSH_ASKPASS_REQUIRE", "When `SSH_ASKPASS` is used, as in `ssh`: `never`, `prefer` or `force`."),
    ("SSH_AUTH_SOCK", "The socket of the ssh-agent."),
    ("NO_COLOR", "Any value turns colours off."),
    ("GIT_DIR", "The git folder. git sets it for hooks."),
    ("GIT_INDEX_FILE", "The index that a commit is made from. git sets it for hooks."),
    ("GIT_OBJECT_DIRECTORY", "The folder in which a server keeps the objects of a push until it accepts them. git sets it for hooks."),
    ("PRE_COMMIT_*", "What the pre-commit framework says about a push."),
    ("GITHUB_*", "What a GitHub job says about a change. Gitea and Forgejo set the same variables."),
    ("GITEA_*", "What a Gitea job says about a change."),
    ("FORGEJO_*", "What a Forgejo job says about a change."),
    ("GITLAB_CI", "Whether this is a GitLab job."),
    ("GITLAB_TOKEN", "The token with which `omega ci` comments on a merge request. Secret."),
    ("CI_*", "What a GitLab job says about a change."),
];

/// The files that omega reads and writes outside of what is governed, with what they are.
pub const FILES: &[(&str, &str)] = &[
    ("canon/", "The canon: documents, council, resolutions, ledger. `docs/format.md` describes each file."),
    ("$GIT_DIR/omega/pin.toml", "The pin: the root that the clone trusts, and optionally a checkpoint."),
    ("$GIT_DIR/omega/", "The data of the clone: cached ledgers, the rollback memory, sealed statements, `watch.db`."),
    ("~/.config/omega/omega.toml", "The user's settings: `keys`, private key files that are tried for signing, and `sync`."),
    ("~/.config/omega/id_ed25519", "The key that `omega key new` makes if you give no file."),
    ("~/.config/omega/watch.env", "The secrets of the watch, one line `NAME=value` each."),
    ("~/.local/state/omega/", "The rollback memory for all clones of the user: the highest ruling that was seen of each canon."),
];

/// The exit codes of all commands, with what they mean.
pub const EXITS: &[(u8, &str)] = &[
    (0, "pass, or done"),
    (1, "could not run"),
    (2, "usage: the request makes no sense here"),
    (10, "denied: the canon forbids this act"),
    (11, "violation"),
    (12, "pending: governed files differ only by open proposals"),
    (13, "cannot verify: no pin, missing objects, a newer format"),
    (14, "watch: a critical service is down, or the canon does not verify"),
    (15, "watch: something is degraded"),
    (16, "watch: the watcher itself could not know"),
    (75, "another run holds the lock, or the command is not finished: repeat it"),
];
