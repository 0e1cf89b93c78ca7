//! The nouns of khobor: what every room speaks of and nothing that does anything with the world.
//!
//! Pure: no tokio, no network, no database. The one door to the clock is [`clock`].

pub mod clock;
pub mod url_key;
pub mod id;
pub mod shard;
pub mod text;
pub mod record;
pub mod annotations;
pub mod event;
pub mod parcel;
pub mod escape;

pub use annotations::Annotations;
pub use event::{Event, Stream};
pub use parcel::{Lost, Parcel, Receipt, Signed};
pub use record::Article;
