//! Folders: what is in them, and copies of them.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// All files below a folder, in order. Links are not followed.
pub fn below(dir: &Path) -> Vec<PathBuf> {
    let (mut files, mut open) = (Vec::new(), vec![dir.to_owned()]);
    while let Some(folder) = open.pop() {
        for item in fs::read_dir(&folder).unwrap() {
            let item = item.unwrap();
            if item.file_type().unwrap().is_dir() { open.push(item.path()) } else { files.push(item.path()) }
        }
    }
    files.sort();
    files
}

/// Copies a folder with the times of its files.
pub fn copy(from: &Path, to: &Path) {
    assert!(Command::new("cp").arg("-a").arg(from).arg(to).status().unwrap().success());
}

/// The same as texts, from the folder on.
pub fn names_below(dir: &Path) -> Vec<String> {
    let name = |path: &PathBuf| path.strip_prefix(dir).unwrap().to_str().unwrap().to_owned();
    let mut names: Vec<String> = below(dir).iter().map(name).collect();
    names.sort();
    names
}
