//! From an article to an annotated article: language, source, attribution, entities.

pub mod enricher;
mod words;
mod bengali;
mod affixes;
mod table;
mod gazetteer;
mod publications;
pub mod language;
pub mod source;
pub mod entities;
mod coreference;
pub mod attribution;
pub mod quality;
pub mod fingerprint;
pub mod catalog;
pub mod annotate;
pub mod run;

pub use annotate::annotate;
pub use catalog::catalog;
pub use enricher::{EnrichError, Enricher};
pub use run::run;
