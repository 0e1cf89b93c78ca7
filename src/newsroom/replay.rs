//! Saved pages with known texts (`truth.jsonl` and `pages/*.html.gz`), served as sites with feeds.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context as _, ensure};
use serde::Deserialize;
use url::Url;

use crate::newsroom::outlets::{Format, Outlet};
use crate::newsroom::plan::{self, Draft};
use crate::newsroom::story::{Numbering, Source};
use crate::newsroom::texts;

/// No saved page is longer, unpacked.
const PAGE_BYTES: u64 = 16 * 1024 * 1024;

/// A headline cut from the truth's body is no longer than this many characters.
const HEADLINE_CHARACTERS: usize = 100;

#[derive(Deserialize)]
struct Truth {
    id: String,
    url: Option<String>,
    title: Option<String>,
    body: Option<String>,
    lang: Option<String>,
    lang_auto: Option<String>,
}

impl Truth {
    fn host(&self) -> String {
        let url = self.url.as_deref().and_then(|url| Url::parse(url).ok());
        url.and_then(|url| Some(url.host_str()?.trim_start_matches("www.").to_owned()))
            .unwrap_or_else(|| "unknown".to_owned())
    }

    fn headline(&self) -> String {
        let given = self.title.as_deref().or(self.body.as_deref()).unwrap_or(&self.id);
        texts::cut(given.lines().next().unwrap_or(&self.id), HEADLINE_CHARACTERS)
    }
}

/// How much of a folder is served.
#[derive(Clone, Copy, Debug)]
pub(super) struct Extent {
    /// The hosts of the pages are gathered into at most so many outlets.
    pub(super) feeds: usize,
    /// At most so many pages, the first.
    pub(super) articles: usize,
}

/// The outlets and the pages in `folder`: an outlet for each host that the pages came from.
pub(super) fn read(
    folder: &Path,
    extent: Extent,
    seed: u64,
) -> anyhow::Result<(Vec<Arc<Outlet>>, Vec<Draft>)> {
    let path = folder.join("truth.jsonl");
    let file = File::open(&path).with_context(|| format!("opening {}", path.display()))?;
    let (mut outlets, mut drafts) = (Vec::new(), Vec::new());
    let mut sites: BTreeMap<String, usize> = BTreeMap::new();
    for (number, line) in BufReader::new(file).lines().enumerate() {
        let place = || format!("reading line {} of {}", number + 1, path.display());
        let truth: Truth = serde_json::from_str(&line.with_context(place)?).with_context(place)?;
        let page = folder.join("pages").join(format!("{}.html.gz", truth.id));
        if truth.id.contains(['/', '\\']) || !page.is_file() {
            continue;
        }
        if drafts.len() >= extent.articles {
            break;
        }
        let (host, known) = (truth.host(), sites.len());
        let site = *sites.entry(host.clone()).or_insert(known % extent.feeds.max(1));
        if site == outlets.len() {
            let language = truth.lang.clone().or_else(|| truth.lang_auto.clone());
            outlets.push(Arc::new(outlet(&host, language)));
        }
        let serial = plan::serial(drafts.len());
        let source = Source::Replayed { headline: truth.headline(), page, truth: truth.id };
        let minutes = plan::minutes(seed, serial);
        drafts.push(Draft { serial, source, numbering: Numbering::Single, site, minutes });
    }
    ensure!(!drafts.is_empty(), "{} has no pages", folder.display());
    Ok((outlets, drafts))
}

fn outlet(host: &str, language: Option<String>) -> Outlet {
    Outlet {
        name: host.to_owned(),
        host: format!("{}.newsroom", host.replace('.', "-")),
        language: language.unwrap_or_else(|| "und".to_owned()),
        offset_minutes: 0,
        format: Format::Rss,
        correction: String::new(),
        sections: Vec::new(),
        furniture: Default::default(),
    }
}

/// The saved page at `path`, unpacked.
pub(super) async fn page(path: PathBuf) -> anyhow::Result<Vec<u8>> {
    let unpack = move || {
        let mut html = Vec::new();
        let place = || format!("unpacking {}", path.display());
        let file = File::open(&path).with_context(place)?;
        flate2::read::GzDecoder::new(file)
            .take(PAGE_BYTES)
            .read_to_end(&mut html)
            .with_context(place)?;
        Ok(html)
    };
    tokio::task::spawn_blocking(unpack).await.context("waiting for a page to be unpacked")?
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    #[tokio::test]
    async fn a_folder_of_saved_pages_becomes_an_outlet_for_each_host() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("pages")).unwrap();
        let mut truth = String::new();
        for (id, host) in [("a", "www.one.example"), ("b", "two.example"), ("c", "one.example")] {
            let page = folder.path().join(format!("pages/{id}.html.gz"));
            let mut gzip = flate2::write::GzEncoder::new(
                File::create(page).unwrap(),
                flate2::Compression::fast(),
            );
            write!(gzip, "<p>{id}</p>").unwrap();
            gzip.finish().unwrap();
            let url = format!("https://{host}/x");
            let row = serde_json::json!({ "id": id, "url": url, "body": "B" });
            truth.push_str(&row.to_string());
            truth.push('\n');
        }
        std::fs::write(folder.path().join("truth.jsonl"), truth).unwrap();
        let all = Extent { feeds: usize::MAX, articles: usize::MAX };
        let (outlets, drafts) = read(folder.path(), all, 1).unwrap();
        assert_eq!(outlets.len(), 2);
        assert_eq!(drafts.iter().map(|draft| draft.site).collect::<Vec<_>>(), [0, 1, 0]);
        let Source::Replayed { page: path, truth, .. } = &drafts[1].source else {
            panic!("not a replayed page")
        };
        assert_eq!(
            (truth.as_str(), page(path.clone()).await.unwrap()),
            ("b", b"<p>b</p>".to_vec())
        );
    }
}
