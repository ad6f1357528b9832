//! What a program says, bounded.

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use super::Purpose;

/// How much of what it says on standard error is kept: the end.
const TAIL: usize = 4 << 10;
/// How much it may say while it does something.
const MOST: u64 = 64 << 20;
/// What has left the process group may hold a pipe for ever. Nobody waits for it longer than this.
const PATIENCE: Duration = Duration::from_secs(2);

/// What listens.
pub(super) enum Ear {
    Pipes { limit: usize, said: Option<Told>, complained: Option<Told>, output: Option<Vec<u8>> },
    File { limit: usize, file: File },
}

type Told = mpsc::Receiver<Vec<u8>>;

/// What was heard.
pub(super) struct Heard {
    pub(super) output: Vec<u8>,
    pub(super) complaint: Vec<u8>,
    pub(super) overflow: bool,
}

impl Ear {
    /// Puts an ear to a program that is not started yet.
    pub(super) fn on(command: &mut Command, purpose: Purpose) -> io::Result<Self> {
        match purpose {
            Purpose::Answer(limit) => {
                command.stdout(Stdio::piped()).stderr(Stdio::piped());
                Ok(Self::Pipes { limit, said: None, complained: None, output: None })
            }
            Purpose::Attended(limit) => {
                command.stdout(Stdio::piped()).stderr(Stdio::inherit());
                Ok(Self::Pipes { limit, said: None, complained: None, output: None })
            }
            Purpose::Deed(limit) => {
                let file = tempfile::tempfile()?;
                // One file with one position: neither writes over what the other wrote.
                command.stdout(file.try_clone()?).stderr(file.try_clone()?);
                Ok(Self::File { limit, file })
            }
        }
    }

    /// Begins to listen to what was started.
    pub(super) fn listen(&mut self, child: &mut Child) {
        if let Self::Pipes { limit, said, complained, .. } = self {
            *said = Some(listen(child.stdout.take(), *limit, Keep::Start));
            *complained = Some(listen(child.stderr.take(), TAIL, Keep::End));
        }
    }

    /// Whether it has said more than it may.
    pub(super) fn is_full(&mut self) -> bool {
        match self {
            Self::Pipes { limit, said, output, .. } => {
                if let Some(heard) = said.as_ref().and_then(|said| said.try_recv().ok()) {
                    *output = Some(heard);
                }
                output.as_ref().is_some_and(|output| output.len() > *limit)
            }
            Self::File { file, .. } => file.metadata().is_ok_and(|about| about.len() > MOST),
        }
    }

    /// All that was heard, once the program has ended.
    pub(super) fn heard(self) -> io::Result<Heard> {
        match self {
            Self::Pipes { limit, said, complained, output } => {
                let wait = |told: Option<Told>| told.and_then(|told| told.recv_timeout(PATIENCE).ok()).unwrap_or_default();
                let mut output = output.unwrap_or_else(|| wait(said));
                let overflow = output.len() > limit;
                output.truncate(limit);
                Ok(Heard { output, complaint: wait(complained), overflow })
            }
            Self::File { limit, mut file } => {
                let length = file.metadata()?.len();
                let mut output = Vec::new();
                file.seek(SeekFrom::Start(length.saturating_sub(limit as u64)))?;
                file.take(limit as u64).read_to_end(&mut output)?;
                Ok(Heard { output, complaint: Vec::new(), overflow: false })
            }
        }
    }
}

#[derive(Clone, Copy)]
enum Keep {
    /// Up to one byte more than the limit, then no more is read.
    Start,
    /// The last bytes.
    End,
}

/// Reads a pipe on a thread of its own.
fn listen(pipe: Option<impl Read + Send + 'static>, limit: usize, keep: Keep) -> Told {
    let (tell, told) = mpsc::channel();
    thread::spawn(move || {
        let mut heard = Vec::new();
        if let Some(mut pipe) = pipe {
            let mut chunk = [0; 8 << 10];
            while let Ok(count @ 1..) = pipe.read(&mut chunk) {
                heard.extend_from_slice(&chunk[..count]);
                match keep {
                    Keep::Start if heard.len() > limit => break,
                    Keep::End if heard.len() > limit => drop(heard.drain(..heard.len() - limit)),
                    _ => {}
                }
            }
        }
        // Nobody listens any more if the program was given up.
        drop(tell.send(heard));
    });
    told
}
