//! `khobor topics`: what differs between the topics as they are and as they should be, and makes it so.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use crate::cli::ConfigArgs;
use crate::config_file;

/// What to do with the topics.
#[derive(Args)]
pub(crate) struct TopicsArgs {
    #[command(subcommand)]
    action: Action,
}

#[derive(Subcommand)]
enum Action {
    /// Says what differs and changes nothing
    Plan(ConfigArgs),
    /// Creates what is missing; refuses to shrink
    Apply(ConfigArgs),
}

/// Exit status 1 from `plan` where anything differs, so that scripts can ask.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub(crate) async fn command(args: TopicsArgs) -> anyhow::Result<ExitCode> {
    let (Action::Plan(file) | Action::Apply(file)) = &args.action;
    let config = config_file::read(&file.config)?;
    let kafka = config.kafka.context("the configuration has no [kafka] section")?;
    let differences = match args.action {
        Action::Plan(_) => sink::topics::plan(&kafka).await?,
        Action::Apply(_) => sink::topics::apply(&kafka).await?,
    };
    for difference in &differences {
        println!("{difference}");
    }
    if differences.is_empty() {
        println!("all topics are as they should be");
        return Ok(ExitCode::SUCCESS);
    }
    Ok(if matches!(args.action, Action::Plan(_)) { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}
