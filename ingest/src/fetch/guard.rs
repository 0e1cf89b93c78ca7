//! Which addresses may be asked: one check on the parsed host and on the resolver's answers.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use ipnet::IpNet;
use url::{Host, Url};

use crate::outcome::{Again, Outcome, Refusal};

/// Ports from 1024 up that belong to services which must not be spoken to; sorted. Below 1024 only
/// 80 and 443 are asked.
const DENIED_PORTS: &[u16] = &[
    1025,  // SMTP
    1433,  // SQL Server
    1521,  // Oracle
    2049,  // NFS
    2181,  // ZooKeeper
    2375,  // Docker
    2376,  // Docker
    2379,  // etcd
    2380,  // etcd
    3306,  // MySQL
    3389,  // RDP
    4369,  // epmd
    5432,  // PostgreSQL
    5672,  // AMQP
    5900,  // VNC
    5984,  // CouchDB
    6379,  // Redis
    6443,  // Kubernetes
    6667,  // IRC
    8500,  // Consul
    9042,  // Cassandra
    9092,  // Kafka
    9093,  // Kafka
    9200,  // Elasticsearch
    9300,  // Elasticsearch
    10250, // kubelet
    11211, // memcached
    27017, // MongoDB
];

/// Decides which addresses may be asked.
#[derive(Clone, Debug)]
pub struct Guard {
    allow: Vec<IpNet>,
    deny_ports: Vec<u16>,
}

impl Guard {
    /// Public addresses, and those of the networks in `allow`; never a port of `deny_ports`.
    pub fn new(allow: Vec<IpNet>, deny_ports: Vec<u16>) -> Self {
        Self { allow, deny_ports }
    }

    /// Whether an address may be connected to.
    pub fn permits(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.allow.iter().any(|net| net.contains(&address)) || is_public(address)
    }

    /// Checks scheme, port and, where the host is an address, the address. Names are checked when
    /// they are resolved.
    pub fn check(&self, url: &Url) -> Result<(), Refusal> {
        let refuse = |outcome, what: &str| {
            Err(Refusal::new(outcome, format!("{} {what}", article::escape::url(url.as_str())))
                .again(Again::Never))
        };
        if !matches!(url.scheme(), "http" | "https") {
            return refuse(Outcome::BadUrl, "is neither http nor https");
        }
        let address = match url.host() {
            None | Some(Host::Domain("")) => return refuse(Outcome::BadUrl, "has no host"),
            Some(Host::Domain(_)) => None,
            Some(Host::Ipv4(address)) => Some(IpAddr::V4(address)),
            Some(Host::Ipv6(address)) => Some(IpAddr::V6(address)),
        };
        if address.is_some_and(|address| !self.permits(address)) {
            return refuse(Outcome::Blocked, "is no public address");
        }
        let port = url.port_or_known_default().unwrap_or(0);
        let open = matches!(port, 80 | 443)
            || (port >= 1024 && DENIED_PORTS.binary_search(&port).is_err());
        if !open || self.deny_ports.contains(&port) {
            return refuse(Outcome::Blocked, "has a port that is not asked");
        }
        Ok(())
    }
}

/// Whether an address is globally reachable unicast, by the IANA special-purpose registries. IPv6
/// wrappers of IPv4 are judged by the inner address where the connection would go there (mapped),
/// and refused otherwise.
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => match address.to_ipv4_mapped() {
            Some(inner) => is_public_v4(inner),
            None => is_public_v6(address),
        },
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(matches!(a, 0 | 10 | 127 | 224..=255)
        || (a == 100 && (64..128).contains(&b))
        || (a == 169 && b == 254)
        || (a == 172 && (16..32).contains(&b))
        || (a == 192 && b == 168)
        || (a == 192 && b == 0 && matches!(c, 0 | 2))
        || (a == 192 && b == 88 && c == 99)
        || (a == 198 && matches!(b, 18 | 19))
        || (a == 198 && b == 51 && c == 100)
        || (a == 203 && b == 0 && c == 113))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    let [a, b, ..] = address.segments();
    // Only 2000::/3 is global unicast: that leaves out loopback, compatible, NAT64 (64:ff9b::),
    // SIIT, ULA, link-local and multicast at once.
    a & 0xe000 == 0x2000
        && a != 0x2002 // 6to4
        && !(a == 0x2001 && b < 0x200) // Teredo, ORCHID, benchmarking
        && !(a == 0x2001 && b == 0xdb8) // documentation
        && !(a == 0x3fff && b < 0x1000) // documentation
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_public_is_refused_in_every_spelling() {
        let guard = Guard::new(Vec::new(), Vec::new());
        for text in [
            "http://127.0.0.1/",
            "http://2130706433/",
            "http://0x7f.1/",
            "http://①②⑦.⓪.⓪.①/",
            "http://[::1]/",
            "http://[::ffff:10.0.0.1]/",
            "http://[64:ff9b::7f00:1]/",
            "http://[2002:7f00:1::]/",
            "http://[::127.0.0.1]/",
            "http://169.254.169.254/latest",
            "http://100.100.100.200/",
            "http://[fd00:ec2::254]/",
            "http://192.0.0.192/",
            "http://example.com:6379/",
            "http://example.com:22/",
        ] {
            let url = Url::parse(text).unwrap();
            let refused = guard.check(&url).unwrap_err();
            assert_eq!(refused.outcome, Outcome::Blocked, "{text}");
        }
        assert!(guard.check(&Url::parse("https://93.184.216.34/").unwrap()).is_ok());
        assert!(guard.check(&Url::parse("https://[2606:4700::1111]:8080/").unwrap()).is_ok());
    }

    #[test]
    fn the_allow_list_opens_one_network() {
        let guard = Guard::new(vec!["127.0.0.0/8".parse().unwrap()], vec![9999]);
        assert!(guard.check(&Url::parse("http://127.0.0.1:8080/").unwrap()).is_ok());
        assert!(guard.check(&Url::parse("http://127.0.0.1:9999/").unwrap()).is_err());
        assert!(guard.check(&Url::parse("http://10.0.0.1/").unwrap()).is_err());
    }

    #[test]
    fn the_table_of_ports_is_sorted() {
        assert!(DENIED_PORTS.is_sorted());
    }
}
