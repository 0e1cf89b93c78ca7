//! The vocabularies that feeds use, and the one name that khobor gives to each.
//!
//! Dead, misspelt and alternative namespaces are many; behind this table there is one prefix for
//! each vocabulary, and the empty prefix for the feed's own.

/// The namespace of Atom 1.0, the only one that feed-rs knows.
pub(crate) const ATOM: &str = "http://www.w3.org/2005/Atom";

/// Canonical prefixes and the addresses that feed-rs knows them by; sorted by use, not by name.
pub(crate) const CANONICAL: [(&str, &str); 18] = [
    ("atom", ATOM),
    ("rdf", "http://www.w3.org/1999/02/22-rdf-syntax-ns#"),
    ("dc", "http://purl.org/dc/elements/1.1/"),
    ("dcterms", "http://purl.org/dc/terms/"),
    ("content", "http://purl.org/rss/1.0/modules/content/"),
    ("media", "http://search.yahoo.com/mrss/"),
    ("itunes", "http://www.itunes.com/dtds/podcast-1.0.dtd"),
    ("sy", "http://purl.org/rss/1.0/modules/syndication/"),
    ("xhtml", "http://www.w3.org/1999/xhtml"),
    ("feedburner", "http://rssnamespace.org/feedburner/ext/1.0"),
    ("slash", "http://purl.org/rss/1.0/modules/slash/"),
    ("wfw", "http://wellformedweb.org/CommentAPI/"),
    ("thr", "http://purl.org/syndication/thread/1.0"),
    ("fh", "http://purl.org/syndication/history/1.0"),
    ("enc", "http://purl.oclc.org/net/rss_2.0/enc#"),
    ("cc", "http://web.resource.org/cc/"),
    ("geo", "http://www.georss.org/georss"),
    ("x", "urn:khobor:unknown"),
];

/// Addresses of vocabularies that go by another address too, or that others succeeded.
const OTHERS: [&str; 10] = [
    "http://backend.userland.com/creativeCommonsRssModule",
    "http://backend.userland.com/rss2",
    "http://blogs.law.harvard.edu/tech/rss",
    "http://creativecommons.org/ns#",
    "http://my.netscape.com/rdf/simple/0.9/",
    "http://purl.org/atom/ns#",
    "http://purl.org/net/rss1.1#",
    "http://purl.org/rss/1.0/",
    "http://search.yahoo.com/mrss",
    "http://www.itunes.com/DTDs/Podcast-1.0.dtd",
];

/// Beginnings of namespace addresses, in lower case, without `http://` and the last slash.
const ALIASES: [(&str, &str); 39] = [
    ("www.w3.org/2005/atom", "atom"),
    // Atom 0.3 and its drafts.
    ("purl.org/atom", "atom"),
    ("example.com/newformat", "atom"),
    ("example.com/necho", "atom"),
    ("purl.org/echo", "atom"),
    ("uri/of/echo/namespace", "atom"),
    ("purl.org/pie", "atom"),
    ("www.w3.org/1999/02/22-rdf-syntax-ns", "rdf"),
    ("purl.org/dc/terms", "dcterms"),
    ("purl.org/dc/elements", "dc"),
    ("purl.org/metadata/dublin_core", "dc"),
    ("purl.org/dc", "dc"),
    ("purl.org/rss/1.0/modules/content", "content"),
    ("purl.org/rss/1.0/modules/syndication", "sy"),
    ("purl.org/rss/1.0/modules/slash", "slash"),
    ("purl.org/rss/1.0/modules", "x"),
    ("purl.org/rss", ""),
    ("purl.org/net/rss", ""),
    ("my.netscape.com", ""),
    ("channel.netscape.com", ""),
    ("my.userland.com", ""),
    // Before the host's other vocabulary.
    ("backend.userland.com/creativecommonsrssmodule", "cc"),
    ("backend.userland.com", ""),
    ("blogs.law.harvard.edu", ""),
    ("cyber.law.harvard.edu/rss/creativecommonsrssmodule", "cc"),
    ("cyber.law.harvard.edu", ""),
    ("web.resource.org/cc", "cc"),
    ("creativecommons.org/ns", "cc"),
    ("search.yahoo.com/mrss", "media"),
    ("video.search.yahoo.com/mrss", "media"),
    ("www.itunes.com", "itunes"),
    ("example.com/dtds/podcast-1.0.dtd", "itunes"),
    ("www.w3.org/1999/xhtml", "xhtml"),
    ("rssnamespace.org/feedburner", "feedburner"),
    ("purl.oclc.org/net/rss_2.0/enc", "enc"),
    ("purl.org/syndication/history", "fh"),
    ("purl.org/syndication/thread", "thr"),
    ("wellformedweb.org/commentapi", "wfw"),
    ("www.georss.org/georss", "geo"),
];

/// Words whose capitals matter to feed-rs.
const CAMEL: [&str; 8] = [
    "pubDate",
    "lastBuildDate",
    "managingEditor",
    "webMaster",
    "skipHours",
    "skipDays",
    "updatePeriod",
    "updateFrequency",
];

/// Elements that a feed is made of.
const STRUCTURE: [&str; 6] = ["channel", "entry", "feed", "item", "rdf", "rss"];

/// Elements that RSS and Atom have themselves, as they write them.
const CORE: [&str; 32] = [
    "author",
    "category",
    "channel",
    "comments",
    "content",
    "copyright",
    "description",
    "enclosure",
    "entry",
    "feed",
    "guid",
    "id",
    "image",
    "item",
    "language",
    "lastBuildDate",
    "link",
    "managingEditor",
    "name",
    "pubDate",
    "published",
    "rights",
    "rss",
    "skipDays",
    "skipHours",
    "source",
    "subtitle",
    "summary",
    "title",
    "ttl",
    "updated",
    "webMaster",
];

/// The canonical prefix of a namespace address.
pub(crate) fn by_address(address: &str) -> &'static str {
    let address = address.trim();
    if let Some((prefix, _)) = CANONICAL.iter().find(|(_, known)| *known == address) {
        return prefix;
    }
    let lower = address.to_ascii_lowercase();
    let bare = lower.trim_start_matches("http://").trim_start_matches("https://");
    if bare.is_empty() {
        return "";
    }
    ALIASES.iter().find(|(start, _)| bare.starts_with(start)).map_or("x", |(_, prefix)| prefix)
}

/// Whether an address is written as its vocabulary has it.
pub(crate) fn is_proper(address: &str) -> bool {
    CANONICAL.iter().any(|(_, known)| *known == address) || OTHERS.contains(&address)
}

/// The canonical prefix that an undeclared prefix most likely means.
pub(crate) fn by_custom(prefix: &str) -> &'static str {
    match prefix {
        "" | "rss" => "",
        "a" => "atom",
        "creativeCommons" | "creativecommons" => "cc",
        "html" | "xht" | "body" | "h" => "xhtml",
        "mrss" => "media",
        _ => CANONICAL.iter().find(|(known, _)| *known == prefix).map_or("x", |(known, _)| known),
    }
}

/// Whether an element, as the document names it, is one of those that a feed is made of.
pub(crate) fn is_structure(raw: &str) -> bool {
    let local = raw.rsplit(':').next().unwrap_or(raw);
    STRUCTURE.iter().any(|known| known.eq_ignore_ascii_case(local))
}

/// Whether a name is one of RSS's or Atom's own.
pub(crate) fn is_core(name: &str) -> bool {
    CORE.contains(&name)
}

/// Whether a local name is as the formats write it.
pub(crate) fn is_plain(name: &str) -> bool {
    let plain =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_.".contains(&byte);
    name.bytes().all(plain) && name.starts_with(|c: char| c.is_ascii_lowercase() || c == '_')
        || CAMEL.contains(&name)
}

/// A local name with the capitals that the formats give it.
pub(crate) fn local(name: &str) -> String {
    // No vocabulary of feeds has other letters; they are damage, or of no use.
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let name: String = name.chars().filter(|c| safe(*c)).collect();
    if let Some(camel) = CAMEL.iter().find(|known| known.eq_ignore_ascii_case(&name)) {
        return (*camel).to_owned();
    }
    let name = name.to_ascii_lowercase();
    if name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
        name
    } else {
        format!("_{name}")
    }
}
