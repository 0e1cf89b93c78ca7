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
#[derive(Clone)]
pub(super) struct GuardedResolver {
    guard: Guard,
    server: Option<Arc<TokioResolver>>,
    /// A name whose addresses are not judged: that of a proxy.
    trusted: Option<String>,
}

impl GuardedResolver {
    /// Asks `server`, or the system where there is none.
    pub(super) fn new(
        guard: Guard,
        server: Option<SocketAddr>,
    ) -> Result<Self, hickory_resolver::net::NetError> {
        let server = server.map(asking).transpose()?.map(Arc::new);
        Ok(Self { guard, server, trusted: None })
    }

    /// The same, which takes whatever addresses this one name has.
    pub(super) fn trusting(&self, name: &str) -> Self {
        Self { trusted: Some(name.to_owned()), ..self.clone() }
    }

    /// The addresses of a name that may be connected to.
    pub(super) async fn permitted(&self, host: &str) -> Result<Vec<SocketAddr>, ResolveError> {
        let none = || ResolveError::None(article::escape::one_line(host));
        let found: Vec<IpAddr> = match &self.server {
            Some(server) => server.lookup_ip(host).await.map_err(|_| none())?.iter().collect(),
            None => tokio::net::lookup_host((host, 0))
                .await
                .map_err(|_| none())?
                .map(|address| address.ip())
                .collect(),
        };
        if found.is_empty() {
            return Err(none());
        }
        let is_trusted =
            self.trusted.as_deref().is_some_and(|name| name.eq_ignore_ascii_case(host));
        let permitted: Vec<SocketAddr> = found
            .into_iter()
            .filter(|address| is_trusted || self.guard.permits(*address))
            .map(|address| SocketAddr::new(address, 0))
            .collect();
        if permitted.is_empty() {
            return Err(ResolveError::Blocked(article::escape::one_line(host)));
        }
        Ok(permitted)
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
        let resolver = self.clone();
        Box::pin(async move {
            let permitted = resolver.permitted(name.as_str()).await?;
            Ok(Box::new(permitted.into_iter()) as Addrs)
        })
    }
}
