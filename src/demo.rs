//! `khobor demo`: the service with the bundled newsroom and the journal, articles on screen.

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use article::clock::Clock;
use clap::Args;
use ingest::{FeedConfig, Span};

use crate::config::Config;
use crate::newsroom::{self, NewsroomOptions, Script};
use crate::{console_line, service};

/// Articles on screen before the demo says where things are.
const LINES_BEFORE_NOTE: usize = 12;
/// How often the journal is looked at.
const GLANCE: Duration = Duration::from_millis(100);
/// Rows read at once.
const ROWS: usize = 100;

/// What the demo may be told.
#[derive(Args)]
pub(crate) struct DemoArgs {
    /// The data folder (default: a new temporary one)
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The admin port; a free one where it is taken
    #[arg(long, default_value = "127.0.0.1:9464")]
    admin: std::net::SocketAddr,
}

/// Runs until Ctrl-C, then prints a summary that adds up.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub(crate) async fn command(args: DemoArgs) -> anyhow::Result<ExitCode> {
    let options = NewsroomOptions { script: Script::Endless, ..NewsroomOptions::default() };
    let newsroom = newsroom::start(options, Clock::system()).await?;
    let data_dir = args.data_dir.unwrap_or_else(|| {
        std::env::temp_dir().join(format!("khobor-demo-{}", std::process::id()))
    });
    let mut config = Config { data_dir: data_dir.clone(), ..Config::default() };
    config.admin.listen = free(args.admin);
    config.fetch.allow = vec!["127.0.0.0/8".parse()?];
    config.fetch.pace = Span(Duration::ZERO);
    config.schedule.shortest = Span::seconds(2);
    config.schedule.base = Span::seconds(2);
    config.schedule.longest = Span::seconds(10);
    config.schedule.recheck = vec![Span::seconds(10), Span::seconds(60)];
    for feed in &newsroom.feeds {
        let labels = feed.labels.clone();
        config.feed.push(FeedConfig { labels, ..FeedConfig::new(feed.url.clone()) });
    }
    let service = service::start(config).await?;
    let note = format!(
        "\njournal  {0}/shard-0/journal.sqlite   (khobor tail --data-dir {0} --from start)\nadmin    http://{1}/metrics /healthz /readyz\nCtrl-C ends the demo\n",
        data_dir.display(),
        service.admin
    );
    let journal = service.journals[0].clone();
    let mut printer = tokio::task::JoinSet::new();
    printer.spawn(async move {
        let (mut after, mut lines) = (0, 0);
        loop {
            let Ok(rows) = journal.read(after, ROWS) else { return };
            for row in &rows {
                after = row.seq;
                if let Some(line) = console_line::of(row) {
                    println!("{line}");
                    lines += 1;
                    if lines == LINES_BEFORE_NOTE {
                        println!("{note}");
                    }
                }
            }
            drop(rows);
            tokio::time::sleep(GLANCE).await;
        }
    });
    let stop = service.stopper();
    let counts = service.wait(service::stop_signal(), stop).await?;
    printer.abort_all();
    while printer.join_next().await.is_some() {}
    newsroom.shutdown().await;
    println!("\n{}", service::summary(&counts));
    println!("the journal stays in {}", data_dir.display());
    Ok(ExitCode::SUCCESS)
}

/// The wanted address, or any free port of it.
fn free(wanted: std::net::SocketAddr) -> std::net::SocketAddr {
    match std::net::TcpListener::bind(wanted) {
        Ok(_) => wanted,
        Err(_) => std::net::SocketAddr::new(wanted.ip(), 0),
    }
}
