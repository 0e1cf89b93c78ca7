//! Reads the configuration file and names every fault at once, each with file, line and what is
//! allowed there.
//!
//! The reader of TOML stops at its first fault. So each fault's lines are blanked, which keeps all
//! line numbers, and the rest is read again, until nothing is left to find.

use std::fmt;
use std::path::Path;
use std::process::ExitCode;

use anyhow::Context as _;

use crate::config::Config;

/// Faults named in one go; a file with more is hardly a configuration.
const MOST_FAULTS: usize = 50;

/// All that is wrong with a configuration file.
#[derive(Debug)]
pub(crate) struct Faults(Vec<String>);

impl Faults {
    /// A single fault.
    pub(crate) fn one(fault: String) -> Self {
        Self(vec![fault])
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration has {} fault(s), nothing was started", self.0.len())?;
        self.0.iter().try_for_each(|fault| write!(f, "\n  {fault}"))
    }
}

impl std::error::Error for Faults {}

/// Reads and validates a configuration.
///
/// # Errors
/// [`Faults`] with every fault, or that the file cannot be read.
pub(crate) fn read(path: &Path) -> anyhow::Result<Config> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => {
            let fault =
                format!("{}: cannot be read: {error}; name another with --config", path.display());
            return Err(Faults::one(fault).into());
        }
    };
    let config = parse(&text, path)?;
    config.with_opml(path)
}

/// `khobor check`: the effective configuration on standard output.
#[expect(clippy::print_stdout, reason = "this is the command's answer")]
pub(crate) fn check(path: &Path) -> anyhow::Result<ExitCode> {
    let config = read(path)?;
    for note in config.notes.iter().chain(&missing(&config)?) {
        eprintln!("khobor: {note}");
    }
    print!("{}", toml::to_string_pretty(&config).context("the configuration cannot be shown")?);
    Ok(ExitCode::SUCCESS)
}

/// The secrets of feeds that cannot be had here: the service may run elsewhere, so that is no fault.
fn missing(config: &Config) -> anyhow::Result<Vec<String>> {
    let runtime = tokio::runtime::Builder::new_current_thread().build()?;
    let mut notes = Vec::new();
    for feed in config.feed.iter().filter(|feed| feed.has_access()) {
        let shown = article::escape::url(feed.url.as_str());
        let missing = runtime.block_on(feed.missing_secrets());
        notes.extend(missing.into_iter().map(|what| format!("feed {shown}: {what}")));
    }
    Ok(notes)
}

fn parse(text: &str, path: &Path) -> Result<Config, Faults> {
    let mut rest = text.to_owned();
    let mut faults = Vec::new();
    let config = loop {
        match toml::from_str::<Config>(&rest) {
            Ok(config) => break Some(config.without_userinfo()),
            Err(error) => {
                let span = error.span().unwrap_or(0..0);
                let line = text[..span.start.min(text.len())].matches('\n').count() + 1;
                let message = error.message().replace('\n', "; ");
                faults.push(format!("{}:{line}: {message}", path.display()));
                if faults.len() == MOST_FAULTS || !blank(&mut rest, span) {
                    break None;
                }
            }
        }
    };
    if let Some(config) = &config {
        faults.extend(
            config.contradictions().into_iter().map(|fault| format!("{}: {fault}", path.display())),
        );
    }
    match config {
        Some(config) if faults.is_empty() => Ok(config),
        _ => Err(Faults(faults)),
    }
}

/// Blanks the lines that a span touches; a table's header takes its table along. False where
/// nothing was left to blank.
fn blank(text: &mut String, span: std::ops::Range<usize>) -> bool {
    let start = text[..span.start.min(text.len())].rfind('\n').map_or(0, |at| at + 1);
    let line_end = |from: usize| text[from..].find('\n').map_or(text.len(), |at| from + at);
    let mut end = line_end(span.end.clamp(start, text.len()));
    if text[start..].trim_start().starts_with('[') {
        while end < text.len() && !text[end + 1..].trim_start_matches([' ', '\t']).starts_with('[')
        {
            end = line_end(end + 1);
        }
    }
    if text[start..end].trim().is_empty() {
        return false;
    }
    let blanked: String =
        text[start..end].bytes().map(|byte| if byte == b'\n' { '\n' } else { ' ' }).collect();
    text.replace_range(start..end, &blanked);
    true
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_is_named_with_its_line() {
        let text = "data_dir = 7\n[admin]\nlisten = \"nowhere\"\nlisen = 1\n[[feed]]\nurl = \"http://a/\"\ncolour = 3\n";
        let Err(Faults(faults)) = parse(text, Path::new("k.toml")) else { panic!("no faults") };
        let lines: Vec<&str> = faults.iter().filter_map(|fault| fault.split(':').nth(1)).collect();
        assert_eq!(faults.len(), 4, "{faults:#?}");
        for line in ["1", "3", "4", "7"] {
            assert!(lines.contains(&line), "{faults:#?}");
        }
    }

    #[test]
    fn no_secret_is_in_what_is_shown() {
        let text = "[[feed]]\nurl = \"https://me:s3cret@a.example/\"\n[[feed]]\nurl = \"https://b.example/\"\n\
                    bearer = \"s3cret\"\nproxy = \"http://me:s3cret@p.example\"\nheaders = { X = \"s3cret\" }\n";
        let config = parse(text, Path::new("k.toml")).unwrap();
        let shown = toml::to_string_pretty(&config).unwrap();
        assert!(shown.contains("https://a.example/\"") && !shown.contains("s3cret"), "{shown}");
        let wrong = text.replace("proxy = \"http", "proxy = \"gopher");
        let faults = parse(&wrong, Path::new("k.toml")).unwrap_err().to_string();
        assert!(faults.contains("proxy") && !faults.contains("s3cret"), "{faults}");
    }

    #[test]
    fn an_empty_file_is_a_whole_configuration() {
        assert!(parse("", Path::new("k.toml")).is_ok());
    }
}
