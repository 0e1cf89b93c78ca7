//! The stage: parcels in, the same parcels out with what the enrichers found.

use std::sync::Arc;

use article::event::EnrichedArticle;
use article::{Annotations, Article, Event, Parcel};
use tokio::sync::mpsc::{Receiver, Sender};

use crate::annotate::annotate;
use crate::enricher::Enricher;

/// Enriches until nothing more can come, then lets go of `enriched`, so that the next stage ends.
///
/// Articles keep their order. The work is done on a blocking thread: a long article costs
/// milliseconds. A parcel whose enrichment dies is dropped, and its sender is told.
pub async fn run(
    mut parcels: Receiver<Parcel<Event<Article>>>,
    enriched: Sender<Parcel<Event<EnrichedArticle>>>,
    catalog: Arc<Vec<Box<dyn Enricher>>>,
) {
    while let Some(parcel) = parcels.recv().await {
        let catalog = Arc::clone(&catalog);
        let work = tokio::task::spawn_blocking(move || parcel.map(|event| enrich(event, &catalog)));
        match work.await {
            Ok(parcel) => {
                if enriched.send(parcel).await.is_err() {
                    return;
                }
            }
            Err(error) => tracing::error!(%error, "enrichment died"),
        }
    }
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
