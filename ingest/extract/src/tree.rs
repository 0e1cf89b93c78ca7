//! One bounded tree: html5ever, fed in small pieces, into a sink that counts.
//!
//! html5ever has no cap on depth, is quadratic in it, and formatting tags multiply: 59 KB became
//! 16 million nodes. The sink notes when a cap is passed and the feeding stops; the page's first
//! part, which is where the lead stands, is still there.

use std::borrow::Cow;
use std::cell::{Cell, Ref};

use ego_tree::NodeId;
use html5ever::tendril::{StrTendril, TendrilSink as _};
use html5ever::tree_builder::{ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::{Attribute, ParseOpts, QualName, parse_document};
use scraper::{Html, HtmlTreeSink};

use crate::attributes::TagCounter;

/// Deepest element, as browsers have it.
const DEPTH: usize = 512;
/// Most nodes of a page; the largest news page measured has a tenth.
const NODES: usize = 300_000;
/// Most attributes of an element.
const ATTRIBUTES: usize = 1024;
/// Bytes fed between two looks at the caps: the tree grows by at most depth × bytes / 3 between.
const PIECE: usize = 512;

struct CappedSink {
    inner: HtmlTreeSink,
    nodes: Cell<usize>,
    full: Cell<bool>,
}

impl CappedSink {
    fn count(&self) {
        self.nodes.set(self.nodes.get() + 1);
        if self.nodes.get() > NODES {
            self.full.set(true);
        }
    }

    fn measure(&self, parent: NodeId) {
        let html = self.inner.0.borrow();
        let depth =
            html.tree.get(parent).map_or(0, |node| node.ancestors().take(DEPTH + 1).count());
        if depth > DEPTH {
            self.full.set(true);
        }
    }
}

/// Parses a page as far as the caps allow.
pub(crate) fn parse(text: &str) -> Html {
    let sink = CappedSink {
        inner: HtmlTreeSink::new(Html::new_document()),
        nodes: Cell::new(0),
        full: Cell::new(false),
    };
    let mut parser = parse_document(sink, ParseOpts::default());
    let mut rest = text;
    let mut tags = TagCounter::default();
    while !rest.is_empty() && !parser.tokenizer.sink.sink.full.get() {
        let mut end = rest.len().min(PIECE);
        while !rest.is_char_boundary(end) {
            end += 1;
        }
        let (piece, after) = rest.split_at(end);
        if !tags.goes_on(piece.as_bytes(), ATTRIBUTES) {
            break;
        }
        parser.process(StrTendril::from_slice(piece));
        rest = after;
    }
    parser.finish()
}

impl TreeSink for CappedSink {
    type Handle = NodeId;
    type Output = Html;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Html {
        self.inner.finish()
    }

    fn parse_error(&self, _: Cow<'static, str>) {}

    fn get_document(&self) -> NodeId {
        self.inner.get_document()
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        self.inner.elem_name(target)
    }

    fn create_element(
        &self,
        name: QualName,
        mut attrs: Vec<Attribute>,
        flags: ElementFlags,
    ) -> NodeId {
        self.count();
        attrs.truncate(ATTRIBUTES);
        self.inner.create_element(name, attrs, flags)
    }

    fn create_comment(&self, _: StrTendril) -> NodeId {
        self.count();
        self.inner.create_comment(StrTendril::new())
    }

    fn create_pi(&self, target: StrTendril, data: StrTendril) -> NodeId {
        self.count();
        self.inner.create_pi(target, data)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        match &child {
            NodeOrText::AppendNode(_) => self.measure(*parent),
            NodeOrText::AppendText(_) => self.count(),
        }
        self.inner.append(parent, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        previous: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        self.measure(*element);
        self.inner.append_based_on_parent_node(element, previous, child);
    }

    fn append_doctype_to_document(&self, name: StrTendril, public: StrTendril, system: StrTendril) {
        self.inner.append_doctype_to_document(name, public, system);
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        self.inner.get_template_contents(target)
    }

    fn same_node(&self, x: &NodeId, y: &NodeId) -> bool {
        self.inner.same_node(x, y)
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.inner.set_quirks_mode(mode);
    }

    fn append_before_sibling(&self, sibling: &NodeId, node: NodeOrText<NodeId>) {
        self.measure(*sibling);
        self.inner.append_before_sibling(sibling, node);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, mut attrs: Vec<Attribute>) {
        attrs.truncate(ATTRIBUTES);
        self.inner.add_attrs_if_missing(target, attrs);
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.inner.remove_from_parent(target);
    }

    fn reparent_children(&self, node: &NodeId, parent: &NodeId) {
        self.inner.reparent_children(node, parent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_deep_page_and_a_formatting_bomb_stay_small() {
        let deep = "<div>".repeat(100_000);
        assert!(parse(&deep).tree.nodes().count() < 2_000);
        let tags: Vec<String> = (0..4_000).map(|n| format!("<b id={n}>")).collect();
        let bomb = tags.concat() + &"<p>".repeat(4_000);
        assert!(parse(&bomb).tree.nodes().count() < 2 * NODES);
    }
}
