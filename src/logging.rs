//! Log lines: text on a terminal, one JSON object a line elsewhere; the filter is `KHOBOR_LOG`.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;

/// What the HTML parser warns of is in every other page (`foster parenting not implemented`), and
/// says nothing to an operator.
const QUIET: &str = "html5ever=error";

/// Starts logging from `level` on to standard error; standard output belongs to what commands answer.
pub(crate) fn start(level: &str) {
    let filter = EnvFilter::try_from_env("KHOBOR_LOG")
        .unwrap_or_else(|_| EnvFilter::new(format!("{level},{QUIET}")));
    let lines = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr);
    if std::io::stderr().is_terminal() {
        lines.with_target(false).init();
    } else {
        lines.json().init();
    }
}
