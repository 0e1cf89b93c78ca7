//! Asking the web: politely, within bounds, and never a private address.
//!
//! One [`Fetcher`] serves every shard of the process. It follows redirects itself, so that each
//! hop passes the guard, the hop's own host turnstile and its robots.txt.

mod broken;
mod client;
mod clients;
mod dns;
mod guard;
mod host;
mod robots;
mod web;

pub use client::{Answer, Fetcher, FetcherError, Got, Kind, NotModified};
pub use guard::{Guard, is_public};
pub use robots::RobotsFile;
pub use web::Web;
