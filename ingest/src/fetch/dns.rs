//! Names to addresses, with the guard between: what is not permitted is never connected to,
//! however often the name changes its mind.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use hickory_resolver::TokioResolver;
use hickory_resolver::config::{ConnectionConfig, NameServerConfig, ResolverConfig};
use hickory_resolver::net::runtime::TokioRuntimeProvider;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use thiserror::Error;

use super::guard::Guard;

/// Why a name gave no address to connect to.
#[derive(Debug, Error)]
pub(super) enum ResolveError {
    /// All its addresses are refused.
    #[error("every address of {0} is refused")]
    Blocked(String),
    /// It has none, or nobody answered.
    #[error("{0} has no address")]
    None(String),
}

/// The resolver that the client's connections use.
pub(super) struct GuardedResolver {
    guard: Guard,
    server: Option<Arc<TokioResolver>>,
}

impl GuardedResolver {
    /// Asks `server`, or the system where there is none.
    pub(super) fn new(
        guard: Guard,
        server: Option<SocketAddr>,
    ) -> Result<Self, hickory_resolver::net::NetError> {
        let server = server.map(asking).transpose()?.map(Arc::new);
        Ok(Self { guard, server })
    }
}

fn asking(server: SocketAddr) -> Result<TokioResolver, hickory_resolver::net::NetError> {
    let connections = [ConnectionConfig::udp(), ConnectionConfig::tcp()]
        .into_iter()
        .map(|mut connection| {
            connection.port = server.port();
            connection
        })
        .collect();
    let name_server = NameServerConfig::new(server.ip(), true, connections);
    let config = ResolverConfig::from_parts(None, Vec::new(), vec![name_server]);
    let provider = TokioRuntimeProvider::default();
    let mut builder = TokioResolver::builder_with_config(config, provider);
    // The guard sees every answer, those of this cache too.
    builder.options_mut().cache_size = 256;
    builder.build()
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (guard, server) = (self.guard.clone(), self.server.clone());
        Box::pin(async move {
            let host = name.as_str().to_owned();
            let none = || ResolveError::None(article::escape::one_line(&host));
            let found: Vec<IpAddr> = match &server {
                Some(server) => {
                    server.lookup_ip(host.as_str()).await.map_err(|_| none())?.iter().collect()
                }
                None => tokio::net::lookup_host((host.as_str(), 0))
                    .await
                    .map_err(|_| none())?
                    .map(|address| address.ip())
                    .collect(),
            };
            if found.is_empty() {
                return Err(none().into());
            }
            let permitted: Vec<SocketAddr> = found
                .into_iter()
                .filter(|address| guard.permits(*address))
                .map(|address| SocketAddr::new(address, 0))
                .collect();
            if permitted.is_empty() {
                return Err(ResolveError::Blocked(article::escape::one_line(&host)).into());
            }
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}
