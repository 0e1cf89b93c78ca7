//! The addresses on which the newsroom is served.

use std::net::{Ipv4Addr, SocketAddr};

use anyhow::{Context as _, ensure};
use tokio::net::TcpListener;
use url::Url;

use crate::newsroom::server::Door;

/// A free port on the first address may be taken on another one; so often another is tried.
const ATTEMPTS: usize = 20;

/// 127.0.1.1 to 127.0.255.200.
const MOST_ADDRESSES: usize = 255 * 200;

/// Where outlets are served.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ListenOn {
    /// Each on its own loopback address, all on the same port.
    Loopback {
        /// The port; 0 for one that is free.
        port: u16,
    },
    /// All on one address, told apart by host names such as `prabhat.newsroom`.
    VirtualHosts(SocketAddr),
}

/// A listener, and which site is behind it.
pub(super) struct Listener {
    /// The bound socket.
    pub(super) socket: TcpListener,
    /// What is behind it.
    pub(super) door: Door,
}

/// The listeners for outlets with these `hosts`, and the home page of each.
pub(super) async fn bind(
    listen: ListenOn,
    hosts: &[&str],
) -> anyhow::Result<(Vec<Listener>, Vec<Url>)> {
    match listen {
        ListenOn::VirtualHosts(address) => {
            let socket = TcpListener::bind(address)
                .await
                .with_context(|| format!("binding the newsroom to {address}"))?;
            let port = socket.local_addr().context("asking for the newsroom's port")?.port();
            let bases = hosts.iter().map(|host| base(host, port)).collect::<Result<_, _>>()?;
            Ok((vec![Listener { socket, door: Door::ByHost }], bases))
        }
        ListenOn::Loopback { port } => {
            ensure!(hosts.len() <= MOST_ADDRESSES, "at most {MOST_ADDRESSES} feeds can be served");
            let mut failure = None;
            for _ in 0..if port == 0 { ATTEMPTS } else { 1 } {
                match loopback(port, hosts.len()).await {
                    Ok(bound) => return Ok(bound),
                    Err(error) => failure = Some(error),
                }
            }
            Err(failure.unwrap_or_else(|| anyhow::anyhow!("no attempt was made to listen")))
        }
    }
}

async fn loopback(mut port: u16, count: usize) -> anyhow::Result<(Vec<Listener>, Vec<Url>)> {
    let (mut listeners, mut bases) = (Vec::with_capacity(count), Vec::with_capacity(count));
    for index in 0..count {
        let address = address(index);
        let socket = TcpListener::bind((address, port)).await.with_context(|| {
            format!(
                "binding the newsroom to {address}:{port} (each feed needs a loopback address and \
                 an open file)"
            )
        })?;
        port = socket.local_addr().context("asking for the newsroom's port")?.port();
        bases.push(base(&address.to_string(), port)?);
        listeners.push(Listener { socket, door: Door::Site(index) });
    }
    Ok((listeners, bases))
}

fn address(index: usize) -> Ipv4Addr {
    let octet = |number: usize| u8::try_from(number).unwrap_or(u8::MAX);
    Ipv4Addr::new(127, 0, octet(1 + index / 200), octet(1 + index % 200))
}

fn base(host: &str, port: u16) -> anyhow::Result<Url> {
    let base = format!("http://{host}:{port}/");
    Url::parse(&base).with_context(|| format!("making an address of {base}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_feed_has_a_loopback_address_of_its_own() {
        assert_eq!(address(0).to_string(), "127.0.1.1");
        assert_eq!(address(200).to_string(), "127.0.2.1");
        assert_eq!(address(MOST_ADDRESSES - 1).to_string(), "127.0.255.200");
    }
}
