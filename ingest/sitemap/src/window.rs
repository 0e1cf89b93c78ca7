//! A window of bounded size that moves over the decoded text.

use encoding_rs::{CoderResult, Decoder};

use crate::unpack::Unpack;

/// So much text is in sight, where there is so much.
pub(crate) const WINDOW: usize = 256 * 1024;
/// So much text is in sight behind what is read, where there is so much: the longest attribute or
/// comment that is understood wherever it stands.
pub(crate) const AHEAD: usize = 64 * 1024;

/// The text in sight.
pub(crate) struct Window<'a> {
    source: Unpack<'a>,
    decoder: Decoder,
    text: String,
    passed: usize,
    ended: bool,
    damaged: bool,
    label: Option<&'static str>,
}

impl<'a> Window<'a> {
    /// Reads the first piece, which says what the encoding is.
    pub(crate) fn open(mut source: Unpack<'a>, content_type: Option<&str>) -> Self {
        source.advance();
        let chosen = feed::encoding(whole_characters(source.piece()), content_type);
        let mut window = Self {
            decoder: chosen.encoding.new_decoder_without_bom_handling(),
            text: String::with_capacity(WINDOW + WINDOW / 2),
            passed: 0,
            ended: false,
            damaged: false,
            label: chosen.defect(),
            source,
        };
        window.decode(chosen.mark);
        window
    }

    fn decode(&mut self, from: usize) {
        let last = self.source.piece().is_empty();
        self.ended = last;
        let mut rest = self.source.piece().get(from..).unwrap_or_default();
        loop {
            // Room for the worst case, which a byte of UTF-8 is when it is damaged.
            self.text.reserve(rest.len().saturating_mul(3) + 16);
            let (result, read, damaged) = self.decoder.decode_to_string(rest, &mut self.text, last);
            self.damaged |= damaged;
            rest = &rest[read..];
            if result == CoderResult::InputEmpty {
                break;
            }
        }
    }

    /// Brings more into sight.
    pub(crate) fn fill(&mut self) {
        while self.text.len() < WINDOW && !self.ended {
            self.source.advance();
            self.decode(0);
        }
    }

    /// What is in sight.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether nothing comes behind what is in sight.
    pub(crate) fn is_last(&self) -> bool {
        self.ended
    }

    /// Where what is in sight begins.
    pub(crate) fn position(&self) -> usize {
        self.passed
    }

    /// Lets go of the beginning.
    pub(crate) fn pass(&mut self, bytes: usize) {
        self.text.drain(..bytes);
        self.passed += bytes;
    }

    /// What was wrong with the bytes, as far as they were read.
    pub(crate) fn defects(&self) -> impl Iterator<Item = &'static str> {
        let damaged = self.damaged.then_some("bytes outside of the encoding");
        [self.label.or(damaged), self.source.defect].into_iter().flatten()
    }
}

/// A piece without the character that its end cuts.
fn whole_characters(piece: &[u8]) -> &[u8] {
    match std::str::from_utf8(piece) {
        Err(error) if error.error_len().is_none() => &piece[..error.valid_up_to()],
        _ => piece,
    }
}
