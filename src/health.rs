//! `khobor health`: asks a running service's admin port, for health checks without curl.

use std::net::SocketAddr;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

/// Longest wait for the answer.
const PATIENCE: Duration = Duration::from_secs(3);

/// Whom to ask for what.
#[derive(Args)]
pub(crate) struct HealthArgs {
    /// The admin port
    #[arg(long, default_value = "127.0.0.1:9464")]
    admin: SocketAddr,
    /// Asks whether the service is ready, with its reasons, instead of alive
    #[arg(long)]
    ready: bool,
}

/// Prints the answer; exit status 0 where it is good, 1 where it is not.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub(crate) async fn command(args: HealthArgs) -> anyhow::Result<ExitCode> {
    let path = if args.ready { "/readyz" } else { "/healthz" };
    let answer = tokio::time::timeout(PATIENCE, get(args.admin, path))
        .await
        .with_context(|| format!("{} did not answer within {PATIENCE:?}", args.admin))?
        .with_context(|| format!("{} cannot be asked", args.admin))?;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    print!("{body}");
    let good = head.split(' ').nth(1) == Some("200");
    Ok(if good { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

async fn get(admin: SocketAddr, path: &str) -> anyhow::Result<String> {
    let mut stream = tokio::net::TcpStream::connect(admin).await?;
    let request = format!("GET {path} HTTP/1.1\r\nhost: {admin}\r\nconnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = String::new();
    stream.take(64 << 10).read_to_string(&mut answer).await?;
    Ok(answer)
}
