//! What the operating system tells the daemon: to stop, or to read everything again.

use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, mpsc};
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
struct Flags {
    stop: bool,
    reload: bool,
}

/// Listens for signals, on a thread of its own.
#[derive(Clone, Debug, Default)]
pub struct Signals(Arc<(Mutex<Flags>, Condvar)>);

impl Signals {
    /// Begins to listen: SIGTERM and SIGINT stop, SIGHUP reads again. From now on they no longer end the process by
    /// themselves.
    ///
    /// # Errors
    /// When the system does not let it.
    pub fn listen() -> std::io::Result<Self> {
        let signals = Self::default();
        let (ready, is_ready) = mpsc::channel();
        let told = signals.clone();
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || told.hear(&ready))?;
        is_ready.recv().unwrap_or_else(|_| Err(std::io::Error::other("nobody listens for signals")))?;
        Ok(signals)
    }

    fn hear(&self, ready: &mpsc::Sender<std::io::Result<()>>) {
        use tokio::signal::unix::{SignalKind, signal};
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(error) => return drop(ready.send(Err(error))),
        };
        runtime.block_on(async {
            let all = (|| Ok((signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?, signal(SignalKind::hangup())?)))();
            let (mut term, mut int, mut hup) = match all {
                Ok(all) => all,
                Err(error) => return drop(ready.send(Err(error))),
            };
            // Nobody waits for it if the process is about to end.
            drop(ready.send(Ok(())));
            loop {
                tokio::select! {
                    _ = term.recv() => self.set(|flags| flags.stop = true),
                    _ = int.recv() => self.set(|flags| flags.stop = true),
                    _ = hup.recv() => self.set(|flags| flags.reload = true),
                }
            }
        });
    }

    fn flags(&self) -> MutexGuard<'_, Flags> {
        self.0.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, change: impl Fn(&mut Flags)) {
        change(&mut self.flags());
        self.0.1.notify_all();
    }

    /// Waits; says no if it was told to stop in the meantime, or before.
    pub fn pause(&self, time: Duration) -> bool {
        self.wait(time, |flags| flags.stop)
    }

    /// Waits until it is told anything; says no if it was told to stop.
    pub fn idle(&self, time: Duration) -> bool {
        self.wait(time, |flags| flags.stop || flags.reload)
    }

    /// Whether it was told to read everything again, since this was asked last.
    pub fn take_reload(&self) -> bool {
        std::mem::take(&mut self.flags().reload)
    }

    fn wait(&self, time: Duration, until: impl Fn(&Flags) -> bool) -> bool {
        let end = Instant::now() + time;
        let mut flags = self.flags();
        while !until(&flags) {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            flags = self.0.1.wait_timeout(flags, left).unwrap_or_else(PoisonError::into_inner).0;
        }
        !flags.stop
    }
}
