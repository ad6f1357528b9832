//! A plain folder of the file system seen as a [`Tree`]: an export without git.

use std::fs::{self, File, Metadata};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::error::text;
use super::rev_tree::join;
use crate::tree::{Entry, Listing, Mode, Reader, Tree, TreeError};

/// The files below a folder, without its `.git`.
pub struct FolderTree {
    root: PathBuf,
}

impl FolderTree {
    /// The files below `root`.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    fn list_folder(&self, folder: &[u8], enter: &dyn Fn(&[u8]) -> bool, listing: &mut Listing, open: &mut Vec<Vec<u8>>) -> io::Result<()> {
        for item in fs::read_dir(resolve(&self.root, folder)?)? {
            let item = item?;
            let name = os_bytes(&item.file_name());
            if folder.is_empty() && name == b".git" {
                continue;
            }
            let path = join(folder, &name);
            // Never follows a link.
            let meta = item.metadata()?;
            if !meta.is_dir() {
                listing.entries.push(Entry { path, mode: mode_of(&meta), id: None });
            } else if is_repository(&item.path()) {
                listing.entries.push(Entry { path, mode: Mode::Submodule, id: None });
            } else if enter(&path) {
                open.push(path);
            }
        }
        Ok(())
    }
}

impl Tree for FolderTree {
    fn list(&self, enter: &dyn Fn(&[u8]) -> bool) -> Result<Listing, TreeError> {
        let mut listing = Listing::default();
        let mut open = vec![Vec::new()];
        while let Some(folder) = open.pop() {
            self.list_folder(&folder, enter, &mut listing, &mut open).map_err(|e| self.io(&folder, &e))?;
        }
        listing.entries.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(listing)
    }

    fn reader(&self) -> Box<dyn Reader + '_> {
        Box::new(FileReader { tree: self })
    }
}

impl FolderTree {
    fn io(&self, path: &[u8], cause: &io::Error) -> TreeError {
        let path = if path.is_empty() { self.root.display().to_string() } else { text(path) };
        TreeError::Io { path, cause: cause.to_string() }
    }
}

struct FileReader<'a> {
    tree: &'a FolderTree,
}

impl Reader for FileReader<'_> {
    fn read(&mut self, entry: &Entry, limit: u64) -> Result<Vec<u8>, TreeError> {
        let io = |e: io::Error| self.tree.io(&entry.path, &e);
        let path = resolve(&self.tree.root, &entry.path).map_err(io)?;
        let bytes = match entry.mode {
            Mode::Submodule => return Ok(Vec::new()),
            Mode::Link => os_bytes(fs::read_link(&path).map_err(io)?.as_os_str()),
            Mode::File | Mode::Exec => read_file(&path, limit).map_err(io)?,
            Mode::Other => return Err(io(io::Error::other("neither a file nor a link"))),
        };
        let size = bytes.len() as u64;
        if size > limit {
            // The rest was not read, its size comes from the file system.
            let size = fs::symlink_metadata(&path).map_or(size, |meta| meta.len().max(size));
            return Err(TreeError::TooLarge { path: text(&entry.path), size, limit });
        }
        Ok(bytes)
    }
}

/// Whether git takes a folder for a repository within another one, and does not enter it: `.git` in it is a repository, or a file
/// that names one. Anything else of that name hides nothing.
pub(super) fn is_repository(folder: &Path) -> bool {
    let dot_git = folder.join(".git");
    let Ok(meta) = fs::metadata(&dot_git) else { return false };
    if meta.is_dir() {
        return is_git_dir(&dot_git);
    }
    if !meta.is_file() || meta.len() > 1 << 20 {
        return false;
    }
    // As git does: one that cannot be read is left alone.
    let Ok(text) = fs::read(&dot_git) else { return true };
    let Some(name) = text.strip_prefix(b"gitdir: ") else { return false };
    let end = name.iter().rposition(|byte| !matches!(byte, b'\n' | b'\r')).map_or(0, |at| at + 1);
    os_name(&name[..end]).is_ok_and(|name| !name.is_empty() && is_git_dir(&folder.join(name)))
}

/// Whether a folder has what git demands of a repository: a HEAD, objects and refs.
fn is_git_dir(dir: &Path) -> bool {
    let head = match fs::read_link(dir.join("HEAD")) {
        Ok(target) => os_bytes(target.as_os_str()).starts_with(b"refs/"),
        Err(_) => fs::read(dir.join("HEAD")).is_ok_and(|head| match head.strip_prefix(b"ref:") {
            Some(name) => name.trim_ascii_start().starts_with(b"refs/"),
            None => head.len() >= 40 && head[..40].iter().all(u8::is_ascii_hexdigit),
        }),
    };
    let common = match fs::read(dir.join("commondir")) {
        Ok(name) => os_name(name.trim_ascii_end()).map(|name| dir.join(name)).unwrap_or_default(),
        Err(_) => dir.to_owned(),
    };
    head && common.join("objects").is_dir() && common.join("refs").is_dir()
}

/// At most `limit` bytes and one more of a plain file.
pub(super) fn read_file(path: &Path, limit: u64) -> io::Result<Vec<u8>> {
    // Opening a pipe would wait forever, and opening a link would leave the tree.
    let listed = fs::symlink_metadata(path)?;
    if !listed.is_file() {
        return Err(io::Error::other("no longer a plain file"));
    }
    let file = File::open(path)?;
    if !same_file(&listed, &file.metadata()?) {
        return Err(io::Error::other("the file was replaced while it was read"));
    }
    let mut bytes = Vec::with_capacity(usize::try_from(listed.len().min(limit)).unwrap_or(0));
    file.take(limit.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn same_file(a: &Metadata, b: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (a.dev(), a.ino()) == (b.dev(), b.ino())
}

/// What a file or link is; folders are [`Mode::Other`].
pub(super) fn mode_of(meta: &Metadata) -> Mode {
    if meta.is_symlink() {
        Mode::Link
    } else if !meta.is_file() {
        Mode::Other
    } else if is_executable(meta) {
        Mode::Exec
    } else {
        Mode::File
    }
}

fn is_executable(meta: &Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o100 != 0
}

/// The file-system path of a tree path.
pub(super) fn resolve(root: &Path, path: &[u8]) -> io::Result<PathBuf> {
    let mut full = root.to_owned();
    if !path.is_empty() {
        for segment in path.split(|b| *b == b'/') {
            full.push(os_name(segment)?);
        }
    }
    Ok(full)
}

fn os_name(bytes: &[u8]) -> io::Result<&std::ffi::OsStr> {
    Ok(std::os::unix::ffi::OsStrExt::from_bytes(bytes))
}

/// The bytes of a name; where names are not bytes, a lossy rendering that matches no governed path.
pub(super) fn os_bytes(name: &std::ffi::OsStr) -> Vec<u8> {
    std::os::unix::ffi::OsStrExt::as_bytes(name).to_vec()
}
