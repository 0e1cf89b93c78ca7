//! No bytes make the feed reader panic, and reading them twice gives the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let url = Url::parse("https://fuzz.example/feed").expect("an address");
    let read = || feed::read(data, None, Some(&url));
    let (first, second) = (read(), read());
    match (&first, &second) {
        (Ok(first), Ok(second)) => assert!(first.entries == second.entries),
        (Err(first), Err(second)) => assert_eq!(first.to_string(), second.to_string()),
        _ => panic!("a document is a feed once and once not"),
    }
});
