//! What html5ever does with small pages that are built to hurt, as `docs/upstream.md` tells its
//! authors. A test that fails here says that a new version mended something: then the document and
//! the guard that names it are to be looked at again.

use scraper::Html;

/// Nodes of a tree without bounds.
fn nodes(page: &str) -> usize {
    Html::parse_document(page).tree.nodes().count()
}

#[test]
fn formatting_tags_multiply() {
    let page = |n: usize| {
        let open: Vec<String> = (0..n).map(|i| format!("<b id={i}>")).collect();
        format!("<p>{}{}", open.concat(), "<p>x".repeat(n))
    };
    let (small, large) = (page(100), page(400));
    let grown = nodes(&large) / nodes(&small);
    assert!(large.len() < 5 * small.len());
    assert!(grown > 12, "four times the page, {grown} times the nodes");
}

#[test]
fn depth_has_no_bound() {
    let page = "<div>".repeat(20_000);
    let tree = Html::parse_document(&page).tree;
    let deepest = tree.nodes().next_back().map(|node| node.ancestors().count());
    assert!(deepest > Some(20_000), "{deepest:?}");
}
