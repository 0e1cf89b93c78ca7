//! The body by density: paragraphs vote for their containers, the winner is read block by block.

use std::collections::{HashMap, HashSet};

use article::text::{clean, fold_space};
use ego_tree::{NodeId, NodeRef};
use scraper::{Html, Node};

use crate::hints;

/// Shortest paragraph that votes, in scalars.
const VOTING: usize = 25;
/// Share of text inside links above which a block is a list of links.
const LINKS: f64 = 0.5;
/// Share of the winner's score that a sibling needs to be read too.
const SIBLING: f64 = 0.2;
/// Elements that are blocks of their own.
const BLOCKS: &[&str] = &[
    "address",
    "article",
    "blockquote",
    "center",
    "dd",
    "details",
    "div",
    "dl",
    "dt",
    "figure",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "main",
    "ol",
    "p",
    "pre",
    "section",
    "summary",
    "table",
    "tbody",
    "td",
    "tfoot",
    "th",
    "thead",
    "tr",
    "ul",
];

/// A stretch of text between two block boundaries.
struct Block {
    text: String,
    linked: usize,
    tag: &'static str,
    parent: NodeId,
}

/// Elements above a text whose weight it counts for.
const LEVELS: usize = 64;

/// Whether elements are what their names say.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Names {
    Believed,
    Ignored,
}

/// The paragraphs of the article, or none where no text was found. Page builders name every part
/// of a page, the article too, "widget" or the like: where names leave nothing, they are ignored.
pub(crate) fn read(html: &Html, headline: Option<&str>) -> Vec<String> {
    let mut weights = Weights::measure(html);
    let paragraphs = paragraphs(html, headline, &weights);
    if !paragraphs.is_empty() {
        return paragraphs;
    }
    weights.names = Names::Ignored;
    self::paragraphs(html, headline, &weights)
}

fn paragraphs(html: &Html, headline: Option<&str>, weights: &Weights) -> Vec<String> {
    let mut blocks = Vec::new();
    let mut open = Open::default();
    walk(html.tree.root(), weights, &mut blocks, &mut open);
    open.close(&mut blocks, html.tree.root().id(), "div");
    let Some(winner) = elect(html, &blocks) else { return Vec::new() };
    let headline = headline.map(|text| fold_space(text).to_lowercase());
    let mut kept: Vec<(&Block, String)> = blocks
        .iter()
        .filter(|block| winner.contains(&block.parent))
        .map(|block| (block, clean(&fold_space(&block.text))))
        .filter(|(block, text)| keeps(block, text, headline.as_deref()))
        .collect();
    while kept.last().is_some_and(|(block, _)| block.tag.starts_with('h')) {
        kept.pop();
    }
    let mut seen = HashSet::new();
    kept.into_iter()
        .map(|(_, text)| text)
        .filter(|text| text.chars().count() < VOTING || seen.insert(text.clone()))
        .collect()
}

fn keeps(block: &Block, text: &str, headline: Option<&str>) -> bool {
    let length = text.chars().count();
    if length == 0 {
        return false;
    }
    let lower = text.to_lowercase();
    #[expect(clippy::cast_precision_loss, reason = "lengths of text")]
    let links = block.linked as f64 / block.text.chars().count().max(1) as f64;
    links <= LINKS
        && headline != Some(lower.as_str())
        && block.tag != "h1"
        && !(length < 160 && hints::INVITATIONS.iter().any(|words| lower.starts_with(words)))
}

/// The block that is being read.
#[derive(Default)]
struct Open {
    text: String,
    linked: usize,
    links: usize,
}

impl Open {
    fn close(&mut self, blocks: &mut Vec<Block>, parent: NodeId, tag: &'static str) {
        if !self.text.trim().is_empty() {
            let text = std::mem::take(&mut self.text);
            blocks.push(Block { text, linked: self.linked, tag, parent });
        }
        self.text.clear();
        self.linked = 0;
    }
}

/// Reads the texts of a tree, in order, into blocks. Recursion is bounded by the tree's depth.
fn walk(node: NodeRef<'_, Node>, weights: &Weights, blocks: &mut Vec<Block>, open: &mut Open) {
    for child in node.children() {
        match child.value() {
            Node::Text(text) => {
                open.text.push_str(text);
                if open.links > 0 {
                    open.linked += text.trim().chars().count();
                }
            }
            Node::Element(element) => {
                let name = element.name();
                if is_dropped(&child, weights) {
                    continue;
                }
                if name == "br" {
                    // Two in a row part paragraphs; a single one is a space.
                    let parts = child.next_siblings().find(|next| match next.value() {
                        Node::Text(text) => !text.trim().is_empty(),
                        _ => true,
                    });
                    let doubled = parts
                        .and_then(|next| next.value().as_element().map(|e| e.name() == "br"))
                        .unwrap_or(false);
                    if doubled {
                        open.close(blocks, node.id(), "p");
                    } else {
                        open.text.push(' ');
                    }
                    continue;
                }
                let block = BLOCKS.binary_search(&name).ok().map(|at| BLOCKS[at]);
                if block.is_some() {
                    let around = node.value().as_element().map_or("", scraper::node::Element::name);
                    let around = BLOCKS.binary_search(&around).map_or("div", |at| BLOCKS[at]);
                    open.close(blocks, node.id(), around);
                }
                if name == "a" {
                    open.links += 1;
                }
                walk(child, weights, blocks, open);
                if name == "a" {
                    open.links -= 1;
                }
                if let Some(tag) = block {
                    open.close(blocks, child.id(), tag);
                }
            }
            _ => {}
        }
    }
}

/// How much paragraph text each element holds, in bytes.
struct Weights {
    inside: HashMap<NodeId, usize>,
    all: usize,
    names: Names,
}

impl Weights {
    fn measure(html: &Html) -> Self {
        let mut weights = Self { inside: HashMap::new(), all: 0, names: Names::Believed };
        for node in html.tree.nodes() {
            let Node::Text(text) = node.value() else { continue };
            let Some(parent) = node.parent() else { continue };
            let in_paragraph = std::iter::once(parent)
                .chain(parent.ancestors())
                .take(4)
                .any(|up| up.value().as_element().is_some_and(|element| element.name() == "p"));
            let length = text.trim().len();
            if !in_paragraph || length == 0 {
                continue;
            }
            weights.all += length;
            // Deeper than that no element is an article's own.
            for up in node.ancestors().take(LEVELS) {
                *weights.inside.entry(up.id()).or_default() += length;
            }
        }
        weights
    }

    /// Whether an element holds so much of the page's text that its name must be wrong.
    fn is_heavy(&self, node: &NodeRef<'_, Node>) -> bool {
        self.inside.get(&node.id()).is_some_and(|inside| inside * 5 > self.all * 2)
    }
}

fn is_dropped(node: &NodeRef<'_, Node>, weights: &Weights) -> bool {
    let Some(element) = node.value().as_element() else { return true };
    let name = element.name();
    if hints::DROPPED_TAGS.binary_search(&name).is_ok() {
        return !(matches!(name, "form" | "aside" | "footer") && weights.is_heavy(node));
    }
    if matches!(name, "html" | "body" | "article" | "main" | "p" | "head") {
        return false;
    }
    let names = format!("{} {}", element.attr("class").unwrap_or(""), element.id().unwrap_or(""));
    let hidden = element.attr("hidden").is_some()
        || element.attr("aria-hidden") == Some("true")
        || element
            .attr("style")
            .is_some_and(|style| style.replace(' ', "").contains("display:none"));
    let role = matches!(
        element.attr("role"),
        Some("navigation" | "complementary" | "banner" | "contentinfo" | "dialog" | "search")
    );
    let furniture = weights.names == Names::Believed && hints::is_furniture(&names);
    (hidden || role || furniture) && !weights.is_heavy(node)
}

/// What stands in the container with most votes, and in those of its siblings that come near.
fn elect(html: &Html, blocks: &[Block]) -> Option<HashSet<NodeId>> {
    let mut scores: HashMap<NodeId, f64> = HashMap::new();
    for block in blocks {
        let length = block.text.trim().chars().count();
        if length < VOTING || block.tag.starts_with('h') {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "lengths of text")]
        let (length, links) = (length as f64, block.linked as f64 / length as f64);
        let stops = block.text.chars().filter(|c| ",،、，।.。".contains(*c)).count();
        #[expect(clippy::cast_precision_loss, reason = "a count of characters")]
        let vote =
            (1.0 + (stops as f64).min(10.0) + (length / 100.0).min(6.0)) * (1.0 - links).max(0.0);
        let node = html.tree.get(block.parent)?;
        // A paragraph votes for what holds it; text that stands bare votes for its element.
        let ups = std::iter::once(node).chain(node.ancestors());
        let skip = usize::from(matches!(block.tag, "p" | "pre" | "blockquote" | "li"));
        for (up, share) in ups.skip(skip).zip([1.0, 0.6, 0.25]) {
            *scores.entry(up.id()).or_default() += vote * share;
        }
    }
    let weighed = |id: &NodeId, score: f64| {
        let Some(element) = html.tree.get(*id).and_then(|node| node.value().as_element()) else {
            return score * 0.5;
        };
        let names =
            format!("{} {}", element.attr("class").unwrap_or(""), element.id().unwrap_or(""));
        let semantic = matches!(element.name(), "article" | "main")
            || element.attr("itemprop") == Some("articleBody");
        let boost = if element.attr("itemprop") == Some("articleBody") { 1.6 } else { 1.0 };
        let hinted = if semantic || hints::is_text(&names) { 1.25 } else { 1.0 };
        let place = if matches!(element.name(), "body" | "html") { 0.6 } else { 1.0 };
        score * boost * hinted * place
    };
    let mut ranked: Vec<(NodeId, f64)> =
        scores.iter().map(|(id, score)| (*id, weighed(id, *score))).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
    let (best, score) = *ranked.first()?;
    let mut nodes = vec![best];
    if let Some(parent) = html.tree.get(best).and_then(|node| node.parent()) {
        for sibling in parent.children() {
            let votes = scores.get(&sibling.id()).copied().unwrap_or_default();
            let paragraph = sibling.value().as_element().is_some_and(|e| e.name() == "p");
            if sibling.id() != best && (paragraph || votes > score * SIBLING) {
                nodes.push(sibling.id());
            }
        }
    }
    let inside = nodes.iter().filter_map(|id| html.tree.get(*id));
    Some(inside.flat_map(|node| node.descendants()).map(|node| node.id()).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree;

    fn body(page: &str) -> Vec<String> {
        read(&tree::parse(page), None)
    }

    #[test]
    fn text_parted_by_line_breaks_becomes_paragraphs_and_furniture_goes() {
        let one = "The ferry between the two islands runs again after a week of storms, the company said on Monday.";
        let two = "Tickets that were sold for the cancelled trips stay valid until the end of the month, it added.";
        let page = format!(
            "<body><nav>Home News</nav><div id=story>{one}<br><br>{two}<div class=share-bar>Share this page with all your friends now</div></div></body>"
        );
        assert_eq!(body(&page), [one, two]);
    }

    #[test]
    fn a_page_whose_every_part_is_named_furniture_still_has_its_text() {
        let one = "The harbour office opened a second counter for island traders, and the queue was gone by noon.";
        let part = |text: &str| format!("<div class=builder-widget-wrap><p>{text}</p></div>");
        // Three parts of the same weight, none of which holds most of the text.
        let texts = [one.to_owned(), one.replace("noon", "one"), one.replace("noon", "two")];
        let page =
            format!("<body><nav>Home</nav>{}</body>", texts.each_ref().map(|t| part(t)).concat());
        assert_eq!(body(&page), texts);
    }

    #[test]
    fn the_table_of_blocks_is_sorted() {
        assert!(BLOCKS.is_sorted());
    }
}
