//! Which shard a host belongs to: a pure function, the same on every machine.

use serde::{Deserialize, Serialize};
use url::Url;

/// The number of a shard, from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct ShardId(pub u16);

impl std::fmt::Display for ShardId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// The host key of an address: its registrable domain (private suffixes included), in ASCII and
/// lower case; the address itself for an IP; empty where there is no host.
pub fn host_key(url: &Url) -> String {
    match url.host() {
        Some(url::Host::Domain(domain)) => {
            let domain = domain.trim_end_matches('.').to_ascii_lowercase();
            psl::domain_str(&domain).unwrap_or(&domain).to_owned()
        }
        Some(host) => host.to_string(),
        None => String::new(),
    }
}

/// `murmur2(host key) mod shards`, as Kafka's own partitioner computes it.
pub fn shard_of(host_key: &str, shards: u16) -> ShardId {
    let positive = murmur2(host_key.as_bytes()) & 0x7fff_ffff;
    ShardId(u16::try_from(positive % u32::from(shards.max(1))).expect("below a u16"))
}

/// Murmur2 with Kafka's seed (`org.apache.kafka.common.utils.Utils.murmur2`).
pub fn murmur2(data: &[u8]) -> u32 {
    const M: u32 = 0x5bd1_e995;
    let length = u32::try_from(data.len()).unwrap_or(u32::MAX);
    let mut hash = 0x9747_b28c ^ length;
    let mut words = data.chunks_exact(4);
    for word in &mut words {
        let mut k = u32::from_le_bytes(word.try_into().expect("four bytes"));
        k = k.wrapping_mul(M);
        k ^= k >> 24;
        k = k.wrapping_mul(M);
        hash = hash.wrapping_mul(M) ^ k;
    }
    let tail = words.remainder();
    for (at, byte) in tail.iter().enumerate() {
        hash ^= u32::from(*byte) << (8 * at);
    }
    if !tail.is_empty() {
        hash = hash.wrapping_mul(M);
    }
    hash ^= hash >> 13;
    hash = hash.wrapping_mul(M);
    hash ^ (hash >> 15)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values from Kafka's `UtilsTest.testMurmur2`.
    #[test]
    #[expect(clippy::cast_possible_wrap, reason = "Kafka's own figures are signed")]
    fn murmur2_agrees_with_kafka() {
        let cases = [
            ("21", -973_932_308),
            ("foobar", -790_332_482),
            ("a-little-bit-long-string", -985_981_536),
            ("a-little-bit-longer-string", -1_486_304_829),
            ("lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8", -58_897_971),
        ];
        for (text, hash) in cases {
            assert_eq!(murmur2(text.as_bytes()) as i32, hash, "{text}");
        }
    }

    #[test]
    fn a_private_suffix_is_a_host_of_its_own() {
        let key = |s: &str| host_key(&Url::parse(s).expect("a url"));
        assert_eq!(key("https://a.github.io/x"), "a.github.io");
        assert_eq!(key("https://www.prothomalo.com/"), "prothomalo.com");
        assert_eq!(key("http://127.0.3.1:80/"), "127.0.3.1");
    }
}
