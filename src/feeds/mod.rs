//! `khobor feeds`: the feed list, its changes and its health.
//!
//! What stands in the configuration is changed there; what these commands add stands in the
//! ledger. A command that changes the list holds the data folder for its moment, so it is refused
//! while a service runs on it; those that only read work beside one.

mod change;
mod discover;
mod shelf;
mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use ingest::Span;
use url::Url;

use crate::cli::ConfigArgs;

/// What to do with the feed list.
#[derive(Args)]
pub(crate) struct FeedsArgs {
    #[command(subcommand)]
    command: Command,
    #[command(flatten)]
    config: ConfigArgs,
}

#[derive(Subcommand)]
enum Command {
    /// Prints the feeds, an address a line with its labels
    List(ShowArgs),
    /// Shows how each feed does: outcome, next poll and its reason, failures, defects
    Status(ShowArgs),
    /// Adds feeds, or the best feed of a home page; each is read before it is added
    Add(AddArgs),
    /// Removes feeds that a command added
    Remove {
        /// Addresses of feeds
        #[arg(required = true)]
        urls: Vec<Url>,
    },
    /// Adds the feeds of an OPML file, its folders as labels; they are not read first
    Import {
        /// The file
        file: PathBuf,
    },
    /// Writes all feeds as OPML
    Export {
        /// The file; standard output without it
        #[arg(long, short)]
        output: Option<PathBuf>,
    },
    /// Finds the feeds of a site, with reasons, the best first
    Discover {
        /// A page or a home page
        url: String,
        /// One JSON object instead of lines
        #[arg(long)]
        json: bool,
    },
}

/// Which feeds to show, and how.
#[derive(Args)]
struct ShowArgs {
    /// Only feeds whose address, title or label holds this
    filter: Option<String>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
    /// Only feeds that fail or are stopped
    #[arg(long)]
    failing: bool,
}

/// What to add.
#[derive(Args)]
struct AddArgs {
    /// Addresses of feeds, sitemaps or home pages
    #[arg(required = true)]
    urls: Vec<String>,
    /// A word for the feed, carried into every record; may be given several times
    #[arg(long = "label", value_name = "WORD")]
    labels: Vec<String>,
    /// The feed's own shortest interval, such as 5m
    #[arg(long)]
    shortest: Option<Span>,
    /// The feed's own longest interval, such as 6h
    #[arg(long)]
    longest: Option<Span>,
    /// Publishes the feed's own text and never asks for its pages
    #[arg(long)]
    text_only: bool,
}

/// `khobor feeds`.
pub(crate) async fn command(args: FeedsArgs) -> anyhow::Result<ExitCode> {
    let config = crate::config_file::read(&args.config.config)?;
    match args.command {
        Command::List(show) => show::list(&config, &show),
        Command::Status(show) => show::status(&config, &show),
        Command::Add(add) => change::add(&config, add).await,
        Command::Remove { urls } => change::remove(&config, &urls),
        Command::Import { file } => change::import(&config, &file),
        Command::Export { output } => show::export(&config, output.as_deref()),
        Command::Discover { url, json } => discover::command(&config, &url, json).await,
    }
}
