//! How fast a reader is over real documents, on one core: `speed READER SECONDS FILE...` prints the
//! bytes read, the processor seconds that took, and the most memory held beyond the documents.
//!
//! `khobor` is this crate's reader, `feed-rs` the bare parser, `none` holds the documents alone.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::process::ExitCode;

#[expect(clippy::print_stdout, reason = "this is the command's answer")]
fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let (Some(reader), Some(seconds)) = (arguments.next(), arguments.next()) else {
        eprintln!("usage: speed khobor|feed-rs|none SECONDS FILE...");
        return ExitCode::from(2);
    };
    let seconds: f64 = seconds.parse().expect("SECONDS is a number");
    let documents: Vec<Vec<u8>> =
        arguments.map(|path| std::fs::read(&path).expect("a file that can be read")).collect();
    let read: fn(&[u8]) -> bool = match reader.as_str() {
        "khobor" => |bytes| feed::read(bytes, None, None).is_ok(),
        // It panics on some: that is an answer too.
        "feed-rs" => |bytes| {
            catch_unwind(AssertUnwindSafe(|| feed_rs::parser::parse(bytes).is_ok()))
                .unwrap_or(false)
        },
        _ => |_| false,
    };
    std::panic::set_hook(Box::new(|_| {}));
    let held = peak();
    let (mut bytes, mut feeds) = (0_usize, 0_usize);
    let mut largest = 0;
    let began = processor_seconds();
    let mut passed = 0.0;
    while passed < seconds {
        for document in &documents {
            bytes += document.len();
            largest = largest.max(document.len());
            feeds += usize::from(read(document));
        }
        passed = processor_seconds() - began;
        if reader == "none" {
            break;
        }
    }
    println!(
        "{{\"reader\": \"{reader}\", \"bytes\": {bytes}, \"seconds\": {passed}, \"feeds\": {feeds}, \
         \"grownBytes\": {}, \"largest\": {largest}}}",
        peak() - held
    );
    ExitCode::SUCCESS
}

/// Seconds that this process spent on a processor.
fn processor_seconds() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/schedstat").expect("this is Linux");
    let nanoseconds = stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok());
    nanoseconds.expect("the first number is nanoseconds") / 1e9
}

/// The most memory that was resident, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").expect("this is Linux");
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<usize>().ok());
    kilobytes.expect("a process has a peak") * 1024
}
