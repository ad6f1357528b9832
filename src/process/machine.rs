//! Which start of the machine this is, and how long it has run: clocks that nobody sets.

use std::time::Duration;

/// The start of the machine that this process belongs to, if the machine tells.
pub fn boot() -> Option<String> {
    let text = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let id = text.trim();
    (id.len() == 36 && id.bytes().all(|byte| byte.is_ascii_hexdigit() || byte == b'-')).then(|| id.to_owned())
}

/// How long ago the machine was started, with the time that it slept where the system counts that, if the machine tells. It is
/// to be compared only within one [`boot`].
pub fn since_boot() -> Option<Duration> {
    #[cfg(target_os = "linux")]
    return elapsed(rustix::time::ClockId::Boottime);
    #[cfg(not(target_os = "linux"))]
    awake()
}

/// The same without the time that it slept.
pub fn awake() -> Option<Duration> {
    elapsed(rustix::time::ClockId::Monotonic)
}

fn elapsed(clock: rustix::time::ClockId) -> Option<Duration> {
    rustix::time::clock_gettime(clock).try_into().ok()
}

/// How many columns the terminal has that standard output goes to; nothing, where that is none.
pub fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(std::io::stdout()).ok()?;
    Some(usize::from(size.ws_col)).filter(|columns| *columns > 0)
}
