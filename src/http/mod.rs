//! The admin port: liveness, readiness with reasons, metrics. Loopback by default.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio_util::sync::CancellationToken;

/// What the admin port answers with; asked anew at each request.
pub(crate) struct Admin {
    /// Prometheus text.
    pub(crate) metrics: Box<dyn Fn() -> String + Send + Sync>,
    /// Why the service is not ready: one line a reason, none when it is.
    pub(crate) unready: Box<dyn Fn() -> Vec<String> + Send + Sync>,
}

/// An admin port that listens and is yet to be served.
pub(crate) struct Bound {
    listener: tokio::net::TcpListener,
    /// Where it listens.
    pub(crate) address: SocketAddr,
}

/// Binds the admin port.
pub(crate) async fn bind(listen: SocketAddr) -> anyhow::Result<Bound> {
    let listener = tokio::net::TcpListener::bind(listen).await.with_context(|| {
        format!("the admin port {listen} cannot be opened; change [admin] listen")
    })?;
    let address = listener.local_addr().context("the admin port has no address")?;
    Ok(Bound { listener, address })
}

/// Serves until `stop`.
pub(crate) async fn serve(bound: Bound, admin: Admin, stop: CancellationToken) {
    let router = Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(metrics))
        .with_state(Arc::new(admin));
    let served =
        axum::serve(bound.listener, router).with_graceful_shutdown(stop.cancelled_owned()).await;
    if let Err(error) = served {
        tracing::error!(%error, "the admin port ended");
    }
}

async fn ready(State(admin): State<Arc<Admin>>) -> impl IntoResponse {
    let reasons = (admin.unready)();
    if reasons.is_empty() {
        return (StatusCode::OK, "ready\n".to_owned());
    }
    (StatusCode::SERVICE_UNAVAILABLE, reasons.join("\n") + "\n")
}

async fn metrics(State(admin): State<Arc<Admin>>) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], (admin.metrics)())
}
