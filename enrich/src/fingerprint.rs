//! Fingerprints of the body, for finding copies downstream.

use article::annotations::{Annotations, Fingerprint};
use article::record::Article;
use sha2::{Digest, Sha256};

use crate::enricher::{EnrichError, Enricher};
use crate::words::words;

/// Writes `fingerprint`; an article without a body has none.
pub struct Fingerprints;

impl Enricher for Fingerprints {
    fn name(&self) -> &'static str {
        "fingerprint"
    }

    fn annotate(&self, article: &Article, notes: &mut Annotations) -> Result<(), EnrichError> {
        let body = &article.article_body;
        notes.fingerprint = (!body.is_empty()).then(|| Fingerprint {
            sha256: hex(&Sha256::digest(body.as_bytes())),
            simhash64: format!("{:016x}", simhash(body)),
        });
        Ok(())
    }
}

/// The bytes in hexadecimal, small letters.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for digit in [byte >> 4, byte & 15] {
            text.extend(char::from_digit(u32::from(digit), 16));
        }
        text
    })
}

/// The simhash of the word triples: near copies differ in few bits.
fn simhash(body: &str) -> u64 {
    let keys: Vec<u64> = words(body).iter().map(|word| hash(word.key.as_bytes())).collect();
    let mut votes = [0_i32; 64];
    for triple in keys.windows(keys.len().clamp(1, 3)) {
        let mixed = triple.iter().fold(0_u64, |sum, &key| mix(sum.rotate_left(21) ^ key));
        for (bit, vote) in votes.iter_mut().enumerate() {
            *vote += if mixed >> bit & 1 == 1 { 1 } else { -1 };
        }
    }
    let set = |(bit, &vote): (usize, &i32)| u64::from(vote > 0) << bit;
    votes.iter().enumerate().map(set).fold(0, |sum, bit| sum | bit)
}

/// FNV-1a: fixed for all time, so that fingerprints of two releases compare.
fn hash(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |sum, &byte| {
        (sum ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// The last step of splitmix64: spreads the bits.
fn mix(value: u64) -> u64 {
    let value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ value >> 31
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbered(word: &str) -> String {
        let words: Vec<String> = (0..60).map(|n| format!("{word}{n}")).collect();
        words.join(" ")
    }

    #[test]
    fn a_small_edit_moves_few_bits_and_another_text_many() {
        let text = numbered("word");
        let edited = text.replace("word30", "other");
        let other = numbered("thing");
        let near = (simhash(&text) ^ simhash(&edited)).count_ones();
        let far = (simhash(&text) ^ simhash(&other)).count_ones();
        assert!(near < 16 && far > 16, "{near} {far}");
    }
}
