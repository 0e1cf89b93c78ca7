//! The tolerant feed reader: bytes in, entries and defects out.
//!
//! A document is decoded, cut into tags, repaired into balanced elements with known names, and
//! read in one walk over them; what was wrong is on a bounded list. It reads no clock, opens no
//! file, and never panics.

mod document;
mod person;
mod attachment;
mod error;
mod defect;
mod decode;
mod units;
mod lexer;
mod section;
mod locate;
mod traces;
mod names;
mod binding;
mod doctype;
mod entities;
mod escape;
mod nesting;
mod repair;
mod node;
mod walk;
mod head;
mod entry;
mod construct;
mod base64;
mod address;
mod date;
mod topic;
mod rights;
mod second;
mod quoted;
mod loose;
mod json;
mod reader;
pub mod opml;

pub use attachment::{Attachment, AttachmentRole};
pub use document::{
    Defect, Document, DoubtfulDate, Entry, EntrySource, Feed, Place, TextKind, Topic,
};
pub use error::FeedError;
pub use person::{Person, PersonRole};
pub use reader::read;

// What the reader of sitemaps, which are as broken as feeds, reads with.
pub use date::parse as date;
pub use decode::{Chosen, encoding};
pub use escape::reference;
pub use lexer::{Lexer, Token};

#[cfg(test)]
mod tests;
