//! Programs on a real terminal.

use crate::world::{Ran, World};

/// Runs a command on a terminal of its own with as many rows and columns as the first two arguments say, types the third, and gives
/// what was shown and how it ended.
const TERMINAL: &str = "
import fcntl, os, pty, struct, sys, termios
rows, columns, typed = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3].encode()
pid, master = pty.fork()
if pid == 0:
    fcntl.ioctl(1, termios.TIOCSWINSZ, struct.pack('HHHH', rows, columns, 0, 0))
    os.execvp(sys.argv[4], sys.argv[4:])
os.write(master, typed)
shown = b''
while True:
    try:
        data = os.read(master, 4096)
    except OSError:
        break
    if not data:
        break
    shown += data
sys.stdout.buffer.write(shown)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
";

/// Runs omega on a terminal of 24 rows; `env` is set, and `typed` is what the user types.
pub fn on_terminal(world: &World, columns: &str, env: &[(&str, &str)], typed: &str, args: &[&str]) -> Ran {
    let all = [&["-c", TERMINAL, "24", columns, typed, env!("CARGO_BIN_EXE_omega")], args].concat();
    let mut command = world.command("python3", &all, &world.repo());
    command.env("TERM", "xterm").env_remove("COLUMNS").envs(env.iter().copied());
    Ran::of(command.output().unwrap())
}
