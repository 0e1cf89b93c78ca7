//! The tolerant feed reader: bytes in, entries and defects out.
//!
//! A document is decoded, repaired into bounded and well-formed XML with known names, read by
//! feed-rs and by a walk of our own, and what both found is put together. It reads no clock, opens
//! no file, and never panics.

mod document;
mod error;
mod decode;
mod lexer;
mod locate;
mod names;
mod entities;
mod escape;
mod repair;
mod read;
mod node;
mod supplement;
mod entry;
mod author;
mod date;
mod base64;
mod salvage;
mod json;
mod clean;
mod reader;
pub mod opml;

pub use document::{Defect, Document, Entry, EntrySource, Feed};
pub use error::FeedError;
pub use reader::read;

// What the reader of sitemaps, which are as broken as feeds, reads with.
pub use date::parse as date;
pub use decode::{Chosen, encoding};
pub use escape::reference;
pub use lexer::{Lexer, Token};

#[cfg(test)]
mod tests;
