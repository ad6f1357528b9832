//! What went wrong, and whether it is the service's trouble or the watcher's own.

use std::io::{Error, ErrorKind};

use rustix::io::Errno;

use super::{Cause, Outcome, Stage};

/// What went wrong.
#[derive(Debug)]
pub(super) struct Fault {
    pub(super) outcome: Outcome,
    pub(super) detail: String,
}

impl Fault {
    pub(super) fn new(cause: Cause, detail: impl Into<String>) -> Self {
        Self { outcome: Outcome::Failed(cause), detail: detail.into() }
    }

    pub(super) fn own(detail: impl Into<String>) -> Self {
        Self { outcome: Outcome::WatcherFault, detail: detail.into() }
    }

    /// What an error of the system means; `otherwise` where it could be anything.
    pub(super) fn of_system(error: &Error, otherwise: Cause) -> Self {
        if let Some(own) = own(error) {
            return Self::own(own);
        }
        let cause = match error.kind() {
            ErrorKind::ConnectionRefused
            | ErrorKind::ConnectionReset
            | ErrorKind::ConnectionAborted
            | ErrorKind::BrokenPipe
            | ErrorKind::NotConnected
            | ErrorKind::HostUnreachable => Cause::Refused,
            ErrorKind::TimedOut => Cause::Timeout(Stage::Connect),
            _ => otherwise,
        };
        Self::new(cause, error.to_string())
    }

    /// Whether it is the watcher's own.
    pub(super) fn is_own(&self) -> bool {
        self.outcome == Outcome::WatcherFault
    }
}

/// Why this error says nothing of the service, if it does not.
fn own(error: &Error) -> Option<&'static str> {
    let errno = Errno::from_io_error(error)?;
    let table = [
        (Errno::MFILE, "this process has no file descriptor left"),
        (Errno::NFILE, "this machine has no file descriptor left"),
        (Errno::NOBUFS, "this machine has no room for another connection"),
        (Errno::NOMEM, "this machine has no memory left"),
        (Errno::ADDRNOTAVAIL, "this machine has no address or port to ask from"),
        (Errno::NETUNREACH, "this machine has no way to that network"),
        (Errno::NETDOWN, "the network of this machine is down"),
        (Errno::PERM, "this machine does not let the watch connect"),
        (Errno::ACCESS, "this machine does not let the watch connect"),
    ];
    table.iter().find(|(known, _)| *known == errno).map(|(_, why)| *why)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_watchers_own_trouble_is_never_the_services() {
        for errno in [Errno::MFILE, Errno::NFILE, Errno::NOBUFS, Errno::NETUNREACH, Errno::NETDOWN, Errno::ADDRNOTAVAIL] {
            let fault = Fault::of_system(&errno.into(), Cause::Refused);
            assert!(fault.is_own(), "{errno}");
        }
        for (errno, cause) in [
            (Errno::CONNREFUSED, Cause::Refused),
            (Errno::CONNRESET, Cause::Refused),
            (Errno::HOSTUNREACH, Cause::Refused),
            (Errno::TIMEDOUT, Cause::Timeout(Stage::Connect)),
            (Errno::PROTO, Cause::Body),
        ] {
            assert_eq!(Fault::of_system(&errno.into(), Cause::Body).outcome, Outcome::Failed(cause), "{errno}");
        }
    }
}
