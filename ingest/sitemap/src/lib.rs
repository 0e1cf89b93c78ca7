//! The tolerant sitemap reader: bytes in, addresses and defects out.
//!
//! A document is unpacked and decoded piece by piece into a window of bounded size, over which the
//! feed reader's lexer walks; so that a sitemap of 50 MB, packed or not, costs its addresses and
//! half a megabyte. It reads no clock, opens no file, and never panics. Time is bounded by bytes:
//! each is looked at a bounded number of times.

mod document;
mod error;
mod unpack;
mod window;
mod names;
mod address;
mod lastmod;
mod walk;
mod item;
mod lines;
mod feeds;
mod reader;

pub use document::{Child, Defect, Distrust, Document, Kind, Listed, News};
pub use error::SitemapError;
pub use reader::read;

#[cfg(test)]
mod tests;
