//! No bytes make the sitemap reader panic, and reading them twice gives the same.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use url::Url;

fuzz_target!(|data: &[u8]| {
    let url = Url::parse("https://fuzz.example/sitemap.xml").expect("an address");
    let now = Timestamp::from_second(1_772_445_600).expect("a time");
    let read = || sitemap::read(data, None, Some(&url), now);
    let (first, second) = (read(), read());
    match (&first, &second) {
        (Ok(first), Ok(second)) => assert_eq!(first.urls.len(), second.urls.len()),
        (Err(first), Err(second)) => assert_eq!(first.to_string(), second.to_string()),
        _ => panic!("a document is a sitemap once and once not"),
    }
});
