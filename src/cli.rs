//! The command line: one variant a command, each handed to the file that carries it out.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

use crate::{
    config_file, demo, explain, feeds, filter, health, logging, newsroom, service, tail, topics,
};

/// Streaming news ingestion: feeds in, enriched articles out through a durable journal and Kafka.
#[derive(Parser)]
#[command(version, about, arg_required_else_help = true)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Subcommand)]
pub(crate) enum Command {
    /// Runs the service: polls, extracts, enriches, journals, publishes
    Run(ConfigArgs),
    /// Runs the service with a bundled newsroom and the journal: nothing to install
    Demo(demo::DemoArgs),
    /// Plays outlets on loopback, for the demo, the tests and compose
    Newsroom(newsroom::cli::NewsroomArgs),
    /// Validates the configuration and prints the effective one
    Check(ConfigArgs),
    /// The feed list: list, status, add, remove, import, export, discover
    Feeds(feeds::FeedsArgs),
    /// Shows one page with each field and where it came from
    Explain(explain::ExplainArgs),
    /// The pure rooms as Unix filters: JSON Lines in, JSON Lines out
    Filter(filter::FilterArgs),
    /// Prints the journal's records as JSON Lines, and follows
    Tail(tail::TailArgs),
    /// Creates or checks the Kafka topics
    Topics(topics::TopicsArgs),
    /// Asks a running service whether it is alive: exit status 0 or 1
    Health(health::HealthArgs),
}

/// Where the configuration is.
#[derive(Args, Clone)]
pub(crate) struct ConfigArgs {
    /// The configuration file
    #[arg(long, short, default_value = "khobor.toml")]
    pub(crate) config: PathBuf,
}

pub(crate) fn dispatch(command: Command) -> anyhow::Result<ExitCode> {
    match command {
        Command::Run(args) => {
            let config = config_file::read(&args.config)?;
            logging::start("info");
            within(service::command(config))
        }
        Command::Demo(args) => {
            logging::start("warn");
            within(demo::command(args))
        }
        Command::Newsroom(args) => {
            logging::start("info");
            runtime()?.block_on(newsroom::cli::command(args)).map(|()| ExitCode::SUCCESS)
        }
        Command::Check(args) => config_file::check(&args.config),
        Command::Feeds(args) => runtime()?.block_on(feeds::command(args)),
        Command::Explain(args) => runtime()?.block_on(explain::command(args)),
        Command::Filter(args) => filter::command(&args),
        Command::Tail(args) => tail::command(&args),
        Command::Topics(args) => runtime()?.block_on(topics::command(args)),
        Command::Health(args) => runtime()?.block_on(health::command(args)),
    }
}

/// Runs a service to its end. A parser that is still at work is not waited for: what it was asked
/// for is pending in the ledger.
fn within(service: impl Future<Output = anyhow::Result<ExitCode>>) -> anyhow::Result<ExitCode> {
    let runtime = runtime()?;
    let ended = runtime.block_on(service);
    runtime.shutdown_background();
    ended
}

/// Stacks of 8 MiB for the parsers on blocking threads, beside the depth caps.
fn runtime() -> anyhow::Result<tokio::runtime::Runtime> {
    Ok(tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_stack_size(8 << 20)
        .max_blocking_threads(16)
        .build()?)
}
