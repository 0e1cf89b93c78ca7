//! `khobor tail`: the journal's records as JSON Lines, from another process, and follows.

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::{Args, ValueEnum};
use sink::journal::JournalReader;

use crate::config_file;

/// How often a followed journal is looked at.
const GLANCE: Duration = Duration::from_millis(200);

/// Rows read at once.
const ROWS: usize = 200;

/// What to print of which journal.
#[derive(Args)]
pub(crate) struct TailArgs {
    /// The data folder (default: that of the configuration file, else `data`)
    #[arg(long)]
    data_dir: Option<PathBuf>,
    /// The configuration file
    #[arg(long, short, default_value = "khobor.toml")]
    config: PathBuf,
    /// Where to begin
    #[arg(long, value_enum, default_value = "end")]
    from: From,
    /// Ends at the journal's end instead of following
    #[arg(long)]
    no_follow: bool,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum From {
    Start,
    End,
}

/// Prints articles' records until it is interrupted.
pub(crate) fn command(args: &TailArgs) -> anyhow::Result<ExitCode> {
    let data_dir = match &args.data_dir {
        Some(folder) => folder.clone(),
        None if args.config.exists() => config_file::read(&args.config)?.data_dir,
        None => PathBuf::from("data"),
    };
    let mut journals = Vec::new();
    for path in crate::line::journal_paths(&data_dir)? {
        let reader = JournalReader::open_read_only(&path)
            .with_context(|| format!("{} cannot be read", path.display()))?;
        let after = if args.from == From::Start { 0 } else { reader.last_seq()? };
        journals.push((reader, after));
    }
    anyhow::ensure!(
        !journals.is_empty(),
        "{} holds no journal; name the data folder with --data-dir",
        data_dir.display()
    );
    let mut output = std::io::stdout().lock();
    loop {
        let mut quiet = true;
        for (reader, after) in &mut journals {
            for row in reader.read(*after, ROWS)? {
                *after = row.seq;
                quiet = false;
                if row.stream != article::Stream::Article {
                    continue;
                }
                if let Some(value) = &row.value {
                    let line = output.write_all(value).and_then(|()| output.write_all(b"\n"));
                    if line.and_then(|()| output.flush()).is_err() {
                        // The reader of the pipe has seen enough.
                        return Ok(ExitCode::SUCCESS);
                    }
                }
            }
        }
        if quiet {
            if args.no_follow {
                return Ok(ExitCode::SUCCESS);
            }
            std::thread::sleep(GLANCE);
        }
    }
}
