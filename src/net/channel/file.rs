//! A file on this machine: the channel that works without any network.

use std::fs::OpenOptions;
use std::io::{Read, Seek, SeekFrom, Write};
use std::path::Path;

use serde_json::Value;

use super::Receipt;

/// Appends an alert to a file as one line of JSON, and waits until it is on the disk. A new file is readable by its owner
/// alone.
pub fn append(path: &Path, alert: &Value) -> Receipt {
    match write(path, alert) {
        Ok(()) => Receipt::Sent,
        Err(error) => Receipt::again(format!("`{}` cannot be written: {error}", path.display())),
    }
}

fn write(path: &Path, alert: &Value) -> std::io::Result<()> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    // A pipe without a reader would be waited for, and one with a slow reader for ever.
    std::os::unix::fs::OpenOptionsExt::custom_flags(
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600),
        rustix::fs::OFlags::NONBLOCK.bits().cast_signed(),
    );
    let mut file = options.open(path)?;
    if !file.metadata()?.is_file() {
        return Err(std::io::Error::other("it is not a plain file"));
    }
    let mut line = format!("{alert}\n");
    // A line that was cut short by a full disk or a kill must not spoil this one.
    if file.metadata()?.len() > 0 {
        let mut last = [0];
        file.seek(SeekFrom::End(-1))?;
        file.read_exact(&mut last)?;
        if last != *b"\n" {
            line.insert(0, '\n');
        }
    }
    file.write_all(line.as_bytes())?;
    file.sync_data()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn every_alert_has_a_line_of_its_own() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("alerts.jsonl");
        assert_eq!(append(&path, &json!({ "text": "one\ntwo" })), Receipt::Sent);
        std::fs::write(&path, std::fs::read_to_string(&path).unwrap() + "{\"text\":\"cut sh").unwrap();
        assert_eq!(append(&path, &json!({ "text": "three" })), Receipt::Sent);
        assert_eq!(std::fs::read_to_string(&path).unwrap(), "{\"text\":\"one\\ntwo\"}\n{\"text\":\"cut sh\n{\"text\":\"three\"}\n");
        assert_eq!(std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(&path).unwrap().permissions()) & 0o777, 0o600);
        assert!(matches!(append(dir.path(), &json!(1)), Receipt::Again { .. }));
    }

    #[test]
    fn a_pipe_is_no_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("pipe");
        rustix::fs::mknodat(rustix::fs::CWD, &path, rustix::fs::FileType::Fifo, rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR, 0)
            .unwrap();
        let Receipt::Again { why, .. } = append(&path, &json!(1)) else { panic!("a pipe took it") };
        assert!(why.contains("not a plain file"), "{why}");
    }
}
