//! The lines of a `.gitattributes` file as git understands them, in words that the library takes the
//! same way.
//!
//! The library matches patterns; what is done here is only what it would read in another way than git:
//! bounds, quoting, and `**` behind a literal.

use gix::bstr::ByteSlice;

/// Git ignores lines of this length.
const MAX_LINE: usize = 2048;
/// With more wildcards, matching takes time without end, and the library gives up at about sixty.
const MAX_STARS: usize = 16;

const CLASSES: [&str; 12] = ["alnum", "alpha", "blank", "cntrl", "digit", "graph", "lower", "print", "punct", "space", "upper", "xdigit"];

const BLANKS: &[u8] = b" \t\r";
const MACRO: &[u8] = b"[attr]";
const BOM: &[u8] = b"\xef\xbb\xbf";

/// Rewrites the content of a file; what is read in different ways by different versions is told.
pub(super) fn normalize(bytes: &[u8], defects: &mut Vec<String>) -> Vec<u8> {
    if bytes.starts_with(BOM) {
        defects.push("begins with a byte order mark, which git skips only in a checked-out file".to_owned());
    }
    let end = bytes.find_byte(0).unwrap_or(bytes.len());
    if end < bytes.len() {
        defects.push("contains a NUL byte, behind which git reads on only in a checked-out file".to_owned());
    }
    let mut lines = Vec::with_capacity(end);
    for (number, line) in (1..).zip(bytes[..end].split(|b| *b == b'\n')) {
        let start = line.find_not_byteset(BLANKS).unwrap_or(line.len());
        let text = &line[start..];
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        if line.len() >= MAX_LINE {
            defects.push(format!("line {number} is too long: git ignores it since version 2.39"));
            continue;
        }
        let (name, states) = split(text);
        if stars(&name) > MAX_STARS {
            defects.push(format!("line {number} has more than {MAX_STARS} wildcards"));
            continue;
        }
        if has_unknown_class(&name) {
            // Programs differ in where such a set of characters ends.
            defects.push(format!("line {number} has an unknown character class"));
        }
        rewrite(&name, states, &mut lines);
    }
    lines
}

/// The pattern or macro name of a line, and the rest.
fn split(text: &[u8]) -> (Vec<u8>, &[u8]) {
    let unquoted = text.starts_with(b"\"").then(|| gix::quote::ansi_c::undo(text.as_bstr()).ok()).flatten();
    match unquoted {
        Some((name, length)) => {
            // To git it is a C string.
            let end = name.find_byte(0).unwrap_or(name.len());
            (name[..end].to_vec(), &text[length..])
        }
        None => {
            let end = text.find_byteset(BLANKS).unwrap_or(text.len());
            (text[..end].to_vec(), &text[end..])
        }
    }
}

/// How many wildcards a pattern has that match any length.
fn stars(pattern: &[u8]) -> usize {
    pattern.split(|b| *b != b'*').filter(|run| !run.is_empty()).count()
}

/// Whether `[:` stands for anything but one of the named classes.
fn has_unknown_class(pattern: &[u8]) -> bool {
    pattern.find_iter("[:").any(|at| {
        let class = &pattern[at + 2..];
        !CLASSES.iter().any(|name| class.strip_prefix(name.as_bytes()).is_some_and(|rest| rest.starts_with(b":]")))
    })
}

fn rewrite(name: &[u8], states: &[u8], lines: &mut Vec<u8>) {
    let mut put = |name: &[u8]| {
        lines.extend_from_slice(name);
        lines.push(b' ');
        lines.extend_from_slice(states);
        lines.push(b'\n');
    };
    match name.strip_prefix(MACRO) {
        Some(name) if !name.is_empty() => {
            // A quoted name may have blanks around it.
            let start = name.find_not_byteset(b" \t\r\n").unwrap_or(name.len());
            let name = &name[start..];
            let end = name.find_byteset(b" \t\r\n").unwrap_or(name.len());
            if end > 0 {
                put(&[MACRO, &name[..end]].concat());
            }
        }
        _ => {
            let mut patterns = Vec::new();
            spread(name.to_vec(), &mut patterns);
            for pattern in patterns {
                put(&quote(&pattern));
            }
        }
    }
}

/// Git compares the literal beginning of a pattern first and matches the rest by itself. `**` behind
/// a literal, as in `/a**`, thus begins a pattern and matches across folders, as it does behind a
/// slash. To the library it is a plain `*`, so the pattern is told in several.
fn spread(pattern: Vec<u8>, patterns: &mut Vec<Vec<u8>>) {
    let is_folder = pattern.ends_with(b"/");
    let body = &pattern[..pattern.len() - usize::from(is_folder)];
    let literal = body.find_byteset(b"*?[\\").unwrap_or(body.len());
    let (prefix, rest) = body.split_at(literal);
    let after = rest.trim_start_with(|c| c == '*');
    let is_deep = rest.len() - after.len() >= 2;
    let is_plain = !body.contains(&b'/') || prefix.is_empty() || prefix.ends_with(b"/");
    let tail = match after {
        b"" => Some(&b""[..]),
        _ => after.strip_prefix(b"/").or(after.strip_prefix(b"\\/")),
    };
    let Some(tail) = tail.filter(|_| is_deep && !is_plain && !prefix.starts_with(b"!")) else {
        patterns.push(pattern);
        return;
    };
    let anchor: &[u8] = if prefix.starts_with(b"/") { b"" } else { b"/" };
    let end: &[u8] = if is_folder { b"/" } else { b"" };
    let deeper: &[u8] = if after.is_empty() { b"*/**" } else { b"*/**/" };
    patterns.push([anchor, prefix, deeper, tail, end].concat());
    if after.is_empty() {
        patterns.push([anchor, prefix, b"*", end].concat());
    } else if after.starts_with(b"/") {
        // One literal longer: what follows may begin with `**` again.
        spread([anchor, prefix, tail, end].concat(), patterns);
    }
}

/// In quotes, whatever it is; the library would not take blanks alone for a pattern.
fn quote(pattern: &[u8]) -> Vec<u8> {
    let mut quoted = b"\"".to_vec();
    if pattern.iter().all(u8::is_ascii_whitespace) && !pattern.is_empty() {
        quoted.extend_from_slice(b"\\\\");
    }
    for byte in pattern {
        match byte {
            b'"' | b'\\' => quoted.extend_from_slice(&[b'\\', *byte]),
            b' '..=b'~' => quoted.push(*byte),
            _ => quoted.extend_from_slice(format!("\\{byte:03o}").as_bytes()),
        }
    }
    quoted.push(b'"');
    quoted
}
