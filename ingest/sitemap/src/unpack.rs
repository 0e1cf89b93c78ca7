//! Bytes as they came, or unpacked; never more than a sitemap may have.

use std::borrow::Cow;
use std::io::{BufRead, BufReader, Read};

use flate2::bufread::MultiGzDecoder;

/// The most bytes that a sitemap may have, unpacked (sitemaps.org).
pub(crate) const BYTES: usize = 50 << 20;
/// So many bytes come out of one packed byte at most; the densest sitemaps, with one time and nine
/// alternates a page, reach 60, a bomb 1000.
const RATIO: usize = 200;
/// Below this a ratio says nothing.
const SMALL: usize = 1 << 20;
/// Packings inside of packings: a `.gz` that a server packs once more.
const LAYERS: usize = 2;
/// Bytes of a piece.
const PIECE: usize = 64 * 1024;

/// The pieces of a document.
pub(crate) struct Unpack<'a> {
    reader: Box<dyn Read + 'a>,
    buffer: Vec<u8>,
    filled: usize,
    /// Bytes that may still come.
    left: usize,
    /// Whether the bound is the standard's and not that of the ratio.
    is_full: bool,
    /// Whether the bytes came packed.
    packed: bool,
    /// What ended it too early.
    pub(crate) defect: Option<&'static str>,
}

impl<'a> Unpack<'a> {
    /// Looks at the magic bytes, not at the name: `.gz` is served unpacked as often as not.
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        let mut reader: Box<dyn BufRead + 'a> = Box::new(bytes);
        let mut packed = false;
        for _ in 0..LAYERS {
            if !reader.fill_buf().is_ok_and(|head| head.starts_with(&[0x1f, 0x8b, 8])) {
                break;
            }
            packed = true;
            reader = Box::new(BufReader::new(MultiGzDecoder::new(reader)));
        }
        let by_ratio = bytes.len().saturating_mul(RATIO).max(SMALL);
        let left = if packed { by_ratio.min(BYTES) } else { BYTES };
        Self {
            reader: Box::new(reader),
            buffer: vec![0; PIECE],
            filled: 0,
            left,
            is_full: left == BYTES,
            packed,
            defect: None,
        }
    }

    /// Goes on to the next piece.
    pub(crate) fn advance(&mut self) {
        let mut filled = 0;
        // A damaged stream has given all that stands before the damage.
        while filled < PIECE && self.defect.is_none() {
            match self.reader.read(&mut self.buffer[filled..]) {
                Ok(0) => break,
                Ok(read) => filled += read,
                Err(_) => self.defect = Some("the packing is damaged or ends too early"),
            }
        }
        if filled > self.left {
            filled = self.left;
            self.defect = Some(if self.is_full {
                "more than 50 MB"
            } else {
                "more than 200 times as long as its packing"
            });
        }
        self.left -= filled;
        self.filled = filled;
    }

    /// The piece; empty at the end.
    pub(crate) fn piece(&self) -> &[u8] {
        &self.buffer[..self.filled]
    }
}

/// The whole of a document, if it is no longer than `limit`; a feed is read as a whole.
pub(crate) fn whole(bytes: &[u8], limit: usize) -> Option<Cow<'_, [u8]>> {
    let mut source = Unpack::new(bytes);
    if !source.packed {
        return Some(Cow::Borrowed(bytes));
    }
    let mut all = Vec::new();
    loop {
        source.advance();
        if source.piece().is_empty() {
            return Some(Cow::Owned(all));
        }
        if all.len() + source.piece().len() > limit {
            return None;
        }
        all.extend_from_slice(source.piece());
    }
}
