//! The binary `khobor`: reads the command line and the configuration, wires the rooms, waits.

mod cli;
mod config;
mod config_file;
mod console_line;
mod demo;
mod explain;
mod feeds;
mod filter;
mod health;
mod http;
mod line;
mod logging;
mod newsroom;
mod service;
mod storage;
mod tail;
mod topics;

use std::process::ExitCode;

use clap::Parser as _;

fn main() -> ExitCode {
    let command = cli::Cli::parse().command;
    match cli::dispatch(command) {
        Ok(code) => code,
        Err(error) => {
            let usage = error.is::<config_file::Faults>() || error.is::<service::Refused>();
            eprintln!("khobor: {error:#}");
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}
