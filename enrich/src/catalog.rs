//! All enrichers, in the order in which they run.

use crate::attribution::Attributions;
use crate::enricher::Enricher;
use crate::entities::Entities;
use crate::fingerprint::Fingerprints;
use crate::language::Language;
use crate::quality::TextQuality;
use crate::source::Sources;

/// The enrichers in running order: the entities read the language, the rest stand alone.
pub fn catalog() -> Vec<Box<dyn Enricher>> {
    vec![
        Box::new(Language),
        Box::new(Sources),
        Box::new(Entities),
        Box::new(Attributions),
        Box::new(TextQuality),
        Box::new(Fingerprints),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_enrichers_run_in_the_order_of_the_protocol() {
        let names: Vec<_> = catalog().iter().map(|enricher| enricher.name()).collect();
        let wanted = ["language", "source", "entities", "attribution", "quality", "fingerprint"];
        assert_eq!(names, wanted);
    }
}
