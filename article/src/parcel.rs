//! A parcel carries one event and has a return receipt.
//!
//! The journal signs the slip once the event is durable. A parcel that is dropped on the way, by
//! an error, a panic or the end of the process, resolves its receipt to [`Lost`], so nobody waits
//! for what cannot come.

use futures_channel::oneshot;
use thiserror::Error;

/// One event on its way to the journal.
#[derive(Debug)]
pub struct Parcel<E> {
    /// What happened.
    pub event: E,
    /// An enricher's state changes, which commit with the event's row: key and opaque bytes.
    pub state: Vec<(String, Vec<u8>)>,
    slip: Slip,
}

/// The half of the receipt that travels with the event.
#[derive(Debug)]
pub struct Slip(oneshot::Sender<Signed>);

/// What the sender of a parcel waits for.
#[derive(Debug)]
pub struct Receipt(oneshot::Receiver<Signed>);

/// The journal's answer, given once the event is durable.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The number of the row that holds the event, or of the head that already held it.
    pub seq: u64,
    /// What the journal made of the event.
    pub verdict: Verdict,
}

/// What the journal made of an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// A row was written; for an article, with this version.
    Recorded {
        /// 1 for an article's first version; 0 for events without versions.
        version: u64,
    },
    /// The head holds the same already; nothing was written.
    Unchanged,
    /// The head was fetched later than this offer; nothing was written.
    Stale,
}

/// The parcel was dropped before it was durable: the event may be sent again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the parcel was dropped before the journal held it")]
pub struct Lost;

impl<E> Parcel<E> {
    /// Packs an event and hands out its receipt.
    pub fn new(event: E) -> (Self, Receipt) {
        let (sender, receiver) = oneshot::channel();
        (Self { event, state: Vec::new(), slip: Slip(sender) }, Receipt(receiver))
    }

    /// The same parcel, its event turned into another.
    pub fn map<F>(self, change: impl FnOnce(E) -> F) -> Parcel<F> {
        Parcel { event: change(self.event), state: self.state, slip: self.slip }
    }

    /// Takes the event out, leaving the slip to be signed once it is durable.
    pub fn open(self) -> (E, Vec<(String, Vec<u8>)>, Slip) {
        (self.event, self.state, self.slip)
    }
}

impl Slip {
    /// Signs for the event. The sender may have gone: then nobody is told, and nothing is lost.
    pub fn sign(self, signed: Signed) {
        let _ = self.0.send(signed);
    }
}

impl Receipt {
    /// Waits until the event is durable, or until it cannot become so any more.
    pub async fn signed(self) -> Result<Signed, Lost> {
        self.0.await.map_err(|_| Lost)
    }
}
