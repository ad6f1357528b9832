use std::collections::BTreeMap;
use std::path::Path;

use crate::monitor::{Secrets, Telegram};
use crate::terminal::environment;
use crate::workspace::Error;

const NAMES: [&str; 5] = ["OMEGA_TELEGRAM_TOKEN", "OMEGA_TELEGRAM_CHAT", "OMEGA_TELEGRAM_API", "OMEGA_WEBHOOK_URL", "OMEGA_DEAD_MAN_URL"];

/// The secrets of the channels: variables first, then a file that nobody else may read.
pub(super) fn read(file: Option<&Path>) -> Result<Secrets, Error> {
    let kept = match file {
        Some(file) => lines(file)?,
        None => match environment::config_dir().map(|dir| dir.join("watch.env")).filter(|file| file.exists()) {
            Some(file) => lines(&file)?,
            None => BTreeMap::new(),
        },
    };
    let get = |name: &str| environment::variable(name).or_else(|| kept.get(name).cloned());
    let telegram = match (get("OMEGA_TELEGRAM_TOKEN"), get("OMEGA_TELEGRAM_CHAT")) {
        (Some(token), Some(chat)) => Some(Telegram { token, chat, api: get("OMEGA_TELEGRAM_API") }),
        (None, None) => None,
        _ => {
            return Err(Error::usage(
                "of OMEGA_TELEGRAM_TOKEN and OMEGA_TELEGRAM_CHAT one is set and the other is not",
                "set both, or neither",
            ));
        }
    };
    Ok(Secrets { telegram, webhook: get("OMEGA_WEBHOOK_URL"), dead_man: get("OMEGA_DEAD_MAN_URL") })
}

/// The lines `NAME=value` of a file. No line of it is ever shown.
fn lines(file: &Path) -> Result<BTreeMap<String, String>, Error> {
    let about = std::fs::metadata(file).map_err(|error| Error::io("read", file, &error))?;
    if std::os::unix::fs::PermissionsExt::mode(&about.permissions()) & 0o077 != 0 {
        return Err(Error::usage(
            format!("`{}` holds secrets, and others may read it", file.display()),
            format!("chmod 600 {}", crate::shell::quote_path(file)),
        ));
    }
    if about.len() > 64 << 10 {
        return Err(Error::usage(format!("`{}` is too large to hold secrets", file.display()), "choose another --secrets FILE"));
    }
    let text = std::fs::read_to_string(file).map_err(|error| Error::io("read", file, &error))?;
    let mut kept = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let known = line.split_once('=').filter(|(name, _)| NAMES.contains(&name.trim()));
        let Some((name, value)) = known else {
            return Err(Error::usage(
                format!("line {number} of `{}` is none of: {}", file.display(), NAMES.join("=…, ") + "=…"),
                "correct the line",
            ));
        };
        kept.insert(name.trim().to_owned(), value.trim().to_owned());
    }
    Ok(kept)
}
