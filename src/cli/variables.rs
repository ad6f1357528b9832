//! The environment variables that omega reads, for the manual pages and the documents. A test holds the list to the source.

/// Each variable, or all that begin with a name and `*`, with what it says.
pub const VARIABLES: &[(&str, &str)] = &[
    ("OMEGA_ROOT", "The root to trust, as in `sha256:…`, instead of the one that the clone pins."),
    ("OMEGA_STORE", "The file in which the watch keeps what it saw."),
    ("OMEGA_WATCH_SECRETS", "A file with the secrets of the watch, a line `NAME=value` for each; only its owner may read it."),
    ("OMEGA_TELEGRAM_TOKEN", "The token of the Telegram bot that carries alerts. Secret."),
    ("OMEGA_TELEGRAM_CHAT", "The Telegram chat that gets the alerts."),
    ("OMEGA_TELEGRAM_API", "Another address of the Telegram service."),
    ("OMEGA_WEBHOOK_URL", "The address that gets alerts as JSON. Secret."),
    ("OMEGA_DEAD_MAN_URL", "The address that is asked after each whole cycle of the watch. Secret."),
    ("OMEGA_AGENT_KEY_*", "The key of the service behind an agent, by the agent's name in capital letters, with `_` for `-`. Secret."),
    ("OMEGA_CHIEF_TOKEN_HASH", "The hash of the Chief's token, made by `omega resonance token`."),
    ("OMEGA_HOOK_CHAINED", "Set by omega while it runs the hook that was there before it, to the name of the hook."),
    ("XDG_CONFIG_HOME", "The folder above `omega/omega.toml`; `~/.config` if it is not set or is not an absolute path."),
    ("XDG_STATE_HOME", "The folder above what omega remembers; `~/.local/state` if it is not set or is not an absolute path."),
    ("HOME", "The user's home."),
    ("PATH", "Where programs are looked for."),
    ("USER", "The name under which `omega watch ack` is recorded."),
    ("GIT_EDITOR", "The editor for reasons and statements, before git's setting `core.editor`."),
    ("VISUAL", "The editor, where neither `GIT_EDITOR` nor `core.editor` names one."),
    ("EDITOR", "The editor, where nothing else names one; else it is `vi`."),
    ("TERM", "The kind of terminal: on one that is `dumb`, `VISUAL` is not used."),
    ("SSH_ASKPASS", "The program that asks for the passphrase of a key where there is no terminal."),
    ("SSH_ASKPASS_REQUIRE", "When that program is used, as in `ssh`: `never`, `prefer` or `force`."),
    ("SSH_AUTH_SOCK", "The socket of the ssh-agent that holds keys."),
    ("NO_COLOR", "Set to anything, it turns colours off."),
    ("GIT_DIR", "The git folder, as git gives it to hooks."),
    ("GIT_INDEX_FILE", "The index that a commit is made from, as git gives it to hooks."),
    ("GIT_OBJECT_DIRECTORY", "Where a server keeps the objects of a push until it is accepted, as git gives it to hooks."),
    ("PRE_COMMIT_*", "What the pre-commit framework says of a push."),
    ("GITHUB_*", "What a job of GitHub says of a change; Gitea and Forgejo say the same."),
    ("GITEA_*", "What a job of Gitea says of a change."),
    ("FORGEJO_*", "What a job of Forgejo says of a change."),
    ("GITLAB_CI", "Whether this is a job of GitLab."),
    ("CI_*", "What a job of GitLab says of a change."),
];

/// The files that omega reads and writes outside of what is governed, with what they are.
pub const FILES: &[(&str, &str)] = &[
    ("canon/", "The canon: documents, council, resolutions, ledger. `docs/format.md` describes each file."),
    ("$GIT_DIR/omega/pin.toml", "The root that the clone trusts, and a checkpoint."),
    ("$GIT_DIR/omega/", "What the clone remembers: folded ledgers, the highest ruling that was seen, sealed statements, `watch.db`."),
    ("~/.config/omega/omega.toml", "The user's settings: `keys = [\"FILE\", …]` names private key files that are tried for signing."),
    ("~/.config/omega/id_ed25519", "The key that `omega key new` makes where no file is named."),
    ("~/.config/omega/watch.env", "The secrets of the watch, a line `NAME=value` for each."),
    ("~/.local/state/omega/", "The highest ruling that was seen of each canon, for all clones of the user."),
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
