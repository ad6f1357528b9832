//! The wire encoding of SSH (RFC 4251, section 5), as far as keys, signatures and the agent need it.

/// Reads SSH wire values off the front of some bytes; every method is `None` when too few bytes are left.
pub(crate) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Starts at the first byte.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (head, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(head)
    }

    /// One byte.
    pub(crate) fn byte(&mut self) -> Option<u8> {
        self.take(1).map(|head| head[0])
    }

    /// A fixed number of bytes without a length before them.
    pub(crate) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.take(N)?.try_into().ok()
    }

    /// A big-endian `uint32`.
    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_be_bytes)
    }

    /// A `string`: its length as `uint32`, then that many bytes.
    pub(crate) fn string(&mut self) -> Option<&'a [u8]> {
        let length = self.u32()?;
        self.take(usize::try_from(length).ok()?)
    }

    /// A `string` of exactly `N` bytes.
    pub(crate) fn fixed_string<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.string()?.try_into().ok()
    }

    /// `Some` only if nothing is left: one value must not have several encodings.
    pub(crate) fn finish(self) -> Option<()> {
        self.0.is_empty().then_some(())
    }
}

/// Appends `bytes` as a wire `string`.
pub(crate) fn put_string(out: &mut Vec<u8>, bytes: &[u8]) {
    let length = u32::try_from(bytes.len()).expect("no key, signature or message reaches 4 GiB");
    out.extend_from_slice(&length.to_be_bytes());
    out.extend_from_slice(bytes);
}

/// An algorithm name for an error message.
///
/// Names come from files that others wrote, or from a secret that was pasted into the wrong place: only what has
/// the shape of a name is repeated.
pub(crate) fn algorithm_name(name: &[u8]) -> String {
    let plain = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-' | b'@' | b'.' | b'_');
    if (1..=64).contains(&name.len()) && name.iter().all(plain) { String::from_utf8_lossy(name).into_owned() } else { "unnamed".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strings_are_read_whole_or_not_at_all() {
        let mut wire = Vec::new();
        put_string(&mut wire, b"abc");
        let mut reader = Reader::new(&wire);
        assert_eq!(reader.string(), Some(&b"abc"[..]));
        assert_eq!(reader.finish(), Some(()));
        for cut in 0..wire.len() {
            assert_eq!(Reader::new(&wire[..cut]).string(), None);
        }
        assert_eq!(Reader::new(&[0xff; 8]).string(), None);
        assert_eq!(Reader::new(&wire).finish(), None);
    }

    #[test]
    fn only_names_are_repeated() {
        assert_eq!(algorithm_name(b"ecdsa-sha2-nistp256"), "ecdsa-sha2-nistp256");
        for other in [&b""[..], b"b3BlbnNzaC1rZXk", b"a b", b"\x1b[31m", &[b'a'; 65]] {
            assert_eq!(algorithm_name(other), "unnamed");
        }
    }
}
