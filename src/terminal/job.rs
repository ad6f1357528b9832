//! The job of a forge that omega runs in.

use std::io::Read as _;
use std::path::Path;

use super::environment;
use crate::gates::ci::Asked;
use crate::workspace::Error;

/// The largest file of an event that is read.
const MAX_EVENT: u64 = 32 << 20;

/// What the job asks for; nothing, outside of all known forges.
///
/// # Errors
/// When the event cannot be read, or says nothing of a change.
pub fn asked(dir: &Path) -> Result<Option<Asked>, Error> {
    let event = |path: &str| {
        let path = dir.join(path);
        let failed = |error: std::io::Error| Error::io("read", &path, &error);
        let mut text = String::new();
        std::fs::File::open(&path).and_then(|file| file.take(MAX_EVENT).read_to_string(&mut text)).map_err(failed)?;
        Ok(text)
    };
    Asked::detect(&environment::variable, &event)
}
