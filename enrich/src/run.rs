//! The stage: parcels in, the same parcels out with what the enrichers found.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use article::event::EnrichedArticle;
use article::{Annotations, Article, Event, Parcel};
use tokio::sync::mpsc::{Receiver, Sender};
use tokio::sync::oneshot;

use crate::annotate::annotate;
use crate::enricher::Enricher;

/// Enriches until nothing more can come, then lets go of `enriched`, so that the next stage ends.
///
/// Articles keep their order. The work is done on a thread of its own, as a long article costs
/// milliseconds; on one thread, as patterns keep a cache of some megabytes for each that uses them.
/// A parcel whose enrichment dies is dropped, and its sender is told.
pub async fn run(
    mut parcels: Receiver<Parcel<Event<Article>>>,
    enriched: Sender<Parcel<Event<EnrichedArticle>>>,
    catalog: Arc<Vec<Box<dyn Enricher>>>,
) -> std::io::Result<()> {
    let (ended, end) = oneshot::channel::<()>();
    std::thread::Builder::new().name("enrich".to_owned()).spawn(move || {
        while let Some(parcel) = parcels.blocking_recv() {
            let work = || parcel.map(|event| enrich(event, &catalog));
            let Ok(parcel) = catch_unwind(AssertUnwindSafe(work)) else {
                // The panic's own words are on standard error.
                tracing::error!("enrichment died");
                continue;
            };
            if enriched.blocking_send(parcel).is_err() {
                break;
            }
        }
        drop((enriched, ended));
    })?;
    // Nothing is ever sent: it resolves when the thread ends.
    let _ = end.await;
    Ok(())
}

fn enrich(event: Event<Article>, catalog: &[Box<dyn Enricher>]) -> Event<EnrichedArticle> {
    match event {
        Event::Article(article) => {
            let annotations = annotate(&article, Annotations::default(), catalog);
            Event::Article(Box::new(EnrichedArticle { article: *article, annotations }))
        }
        Event::Withdrawal(withdrawal) => Event::Withdrawal(withdrawal),
        Event::DeadLetter(letter) => Event::DeadLetter(letter),
        Event::FeedHealth(health) => Event::FeedHealth(health),
    }
}
