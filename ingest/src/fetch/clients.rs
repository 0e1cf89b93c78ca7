//! The HTTP clients: one for the web, and one for each proxy that the operator names for a feed.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use article::escape;
use reqwest::header::HeaderValue;
use url::Url;

use super::client::FetcherError;
use super::dns::GuardedResolver;
use super::guard::Guard;
use crate::config::FetchConfig;
use crate::outcome::{Again, Outcome, Refusal};

/// Most proxies that are remembered at a time: an operator has a handful.
const PROXIES: usize = 64;

pub(super) struct Clients {
    direct: reqwest::Client,
    proxied: Mutex<HashMap<Url, reqwest::Client>>,
    config: FetchConfig,
    resolver: GuardedResolver,
    agent: HeaderValue,
    certificates: Vec<reqwest::Certificate>,
}

impl Clients {
    pub(super) fn new(config: &FetchConfig, guard: &Guard) -> Result<Self, FetcherError> {
        // Another room of the process may have installed it already: either is ring.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let resolver = GuardedResolver::new(guard.clone(), config.resolver)
            .map_err(|error| FetcherError::Resolver(error.to_string()))?;
        let contact = config.contact.as_deref();
        let agent = format!(
            "{}/{}{}",
            config.user_agent,
            env!("CARGO_PKG_VERSION"),
            contact.map(|contact| format!(" (+{contact})")).unwrap_or_default()
        );
        let agent = HeaderValue::from_str(&agent).map_err(|_| FetcherError::UserAgent(agent))?;
        let certificates = match &config.extra_ca {
            Some(path) => {
                let pem = std::fs::read(path).map_err(|source| FetcherError::Certificates {
                    path: path.display().to_string(),
                    source,
                })?;
                reqwest::Certificate::from_pem_bundle(&pem)?
            }
            None => Vec::new(),
        };
        let direct = builder(config, &agent, &certificates, resolver.clone()).build()?;
        let config = config.clone();
        Ok(Self { direct, proxied: Mutex::default(), config, resolver, agent, certificates })
    }

    /// The client for requests through this proxy, or to the web itself.
    pub(super) fn of(&self, proxy: Option<&Url>) -> Result<reqwest::Client, Refusal> {
        let Some(proxy) = proxy else { return Ok(self.direct.clone()) };
        let mut proxied = self.proxied.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = proxied.get(proxy) {
            return Ok(client.clone());
        }
        // The client's own error may hold the proxy's address with its password.
        let unfit = || Refusal::new(Outcome::Blocked, "the feed's proxy cannot be used");
        let through = reqwest::Proxy::all(proxy.clone()).map_err(|_| unfit())?;
        // The only name that this client looks up is the proxy's, and the operator chose that.
        let resolver = self.resolver.trusting(proxy.host_str().unwrap_or_default());
        let client = builder(&self.config, &self.agent, &self.certificates, resolver)
            .proxy(through)
            .build()
            .map_err(|_| unfit())?;
        if proxied.len() >= PROXIES {
            proxied.clear();
        }
        proxied.insert(proxy.clone(), client.clone());
        Ok(client)
    }

    /// Checks the name that a proxy would look up, as the client does where there is no proxy. At
    /// the origin that the operator named, a name that only the proxy can look up is let pass.
    pub(super) async fn check_name(&self, url: &Url, is_own: bool) -> Result<(), Refusal> {
        let Some(url::Host::Domain(name)) = url.host() else { return Ok(()) };
        let look_up = self.resolver.permitted(name);
        let shown = || escape::url(url.as_str());
        match tokio::time::timeout(self.config.connect_timeout.0, look_up).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(super::dns::ResolveError::Blocked(_))) => {
                let message = format!("{} has no public address", shown());
                Err(Refusal::new(Outcome::Blocked, message).again(Again::Never))
            }
            Ok(Err(super::dns::ResolveError::None(_))) | Err(_) if is_own => Ok(()),
            Ok(Err(super::dns::ResolveError::None(_))) | Err(_) => {
                let message = format!("{} has no address that can be checked", shown());
                Err(Refusal::new(Outcome::Dns, message))
            }
        }
    }
}

fn builder(
    config: &FetchConfig,
    agent: &HeaderValue,
    certificates: &[reqwest::Certificate],
    resolver: GuardedResolver,
) -> reqwest::ClientBuilder {
    let builder = reqwest::Client::builder()
        .user_agent(agent.clone())
        .no_proxy()
        .referer(false)
        .redirect(reqwest::redirect::Policy::none())
        .timeout(config.timeout.0)
        .connect_timeout(config.connect_timeout.0)
        .read_timeout(config.idle_timeout.0)
        .pool_max_idle_per_host(1)
        .pool_idle_timeout(Duration::from_secs(20))
        .http1_ignore_invalid_headers_in_responses(true)
        .http1_allow_obsolete_multiline_headers_in_responses(true)
        .dns_resolver(resolver);
    if certificates.is_empty() {
        builder
    } else {
        builder.tls_certs_merge(certificates.iter().cloned())
    }
}
