//! What happens to unfinished files when the process is told to end.

use gix::tempfile::signal::{handler::Mode, setup};

/// Has unfinished files and `.lock` files of this process removed when a signal (SIGINT, SIGTERM or
/// SIGQUIT) ends it; the signal then does what it always does.
///
/// Only the first call counts, and it must come before the first write: call it first in `main`.
/// A run that is killed outright (SIGKILL, a lost terminal, a power cut) leaves its locks behind, and so
/// may one that was just writing to them: see [`Repo::clear_locks_since`](super::Repo::clear_locks_since).
pub fn on_signal() {
    setup(Mode::DeleteTempfilesOnTerminationAndRestoreDefaultBehaviour);
}
