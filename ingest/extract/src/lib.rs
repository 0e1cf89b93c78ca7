//! The extraction engine: a page in, the article's fields out. Pure: no network, no clock.
//!
//! One bounded tree is built and everything reads that tree; nothing is parsed twice.

mod decode;
mod attributes;
mod tree;
mod hints;
mod jsonld;
mod date;
mod metadata;
mod body;
mod block;
pub mod links;
pub mod page;

pub use block::Block;
pub use links::{Anchor, Link, Links, links};
pub use page::{ExtractError, Page, read};
