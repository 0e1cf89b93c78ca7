//! The two seed articles, where they are at hand: every name, every id, no false one.

use std::fs;
use std::path::Path;

use article::annotations::Annotations;
use article::record::Article;

/// The annotations of a seed, or none where the seeds are not at hand.
#[allow(clippy::print_stdout, reason = "a skipped test says so")]
fn annotated(name: &str) -> Option<(Vec<char>, Annotations)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/seeds");
    let Ok(body) = fs::read_to_string(folder.join(name)) else {
        println!("skipped: {name} is not in {}", folder.display());
        return None;
    };
    let characters = body.chars().collect();
    let article = Article { article_body: body, ..Article::default() };
    let notes = enrich::annotate(&article, Annotations::default(), &enrich::catalog());
    Some((characters, notes))
}

/// Asserts that `name` stands in the mentions with this id and this count, and that all offsets
/// hold what they say.
fn assert_named(notes: &Annotations, characters: &[char], wanted: &[(&str, Option<&str>, usize)]) {
    for &(name, id, count) in wanted {
        let mention = notes
            .mentions
            .iter()
            .find(|mention| mention.name == name)
            .unwrap_or_else(|| panic!("{name} is not named"));
        assert_eq!((mention.id.as_deref(), mention.count), (id, count), "{name}");
    }
    for span in notes.mentions.iter().flat_map(|mention| &mention.spans) {
        assert_eq!(characters[span.start..span.end].iter().collect::<String>(), span.text);
    }
    let known: Vec<&str> = wanted.iter().map(|&(name, ..)| name).collect();
    let false_names: Vec<&str> = notes
        .mentions
        .iter()
        .map(|mention| mention.name.as_str())
        .filter(|name| !known.contains(name))
        .collect();
    assert!(false_names.is_empty(), "{false_names:?}");
}

#[test]
fn the_seed_with_a_credit_line_comes_out_right() {
    let Some((characters, notes)) = annotated("000_cee408ffa932dd6d.txt") else { return };
    assert_eq!(notes.in_language.as_deref(), Some("bn"));
    let [cnn] = notes.attribution.as_slice() else { panic!("{:?}", notes.attribution) };
    assert_eq!((cnn.name.as_str(), cnn.kind.as_str()), ("CNN", "credited"));
    assert_eq!(cnn.literal.as_deref(), Some("সিএনএন"));
    let place = cnn.start.unwrap()..cnn.end.unwrap();
    assert_eq!(characters[place].iter().collect::<String>(), "সিএনএন");
    assert!(notes.quality.flags.iter().any(|flag| flag == "mixedScript"));
    assert_eq!(notes.quality.mixed_script[0].text, "হাউitzer");
    let wanted = [
        ("ইউক্রেন", Some("Q212"), 7),
        ("রাশিয়া", Some("Q159"), 11),
        ("উত্তর কোরিয়া", Some("Q423"), 10),
        ("দক্ষিণ কোরিয়া", Some("Q884"), 3),
        ("জয়েন্ট চিফস অফ স্টাফ", None, 1),
        ("রুশ", Some("Q159"), 1),
        ("কিম জং উন", Some("Q56226"), 1),
        ("খারকিভ", Some("Q42308"), 1),
        ("ভলোদিমির জেলেনস্কি", Some("Q3874799"), 1),
        ("মার্কিন যুক্তরাষ্ট্র", Some("Q30"), 1),
        ("ডোনাল্ড ট্রাম্প", Some("Q22686"), 1),
        ("সিএনএন", Some("Q48340"), 1),
    ];
    assert_named(&notes, &characters, &wanted);
}

#[test]
fn the_seed_without_a_credit_credits_nobody() {
    let Some((characters, notes)) = annotated("003_9631a6c7ea3640cd.txt") else { return };
    assert_eq!(notes.in_language.as_deref(), Some("bn"));
    assert!(notes.attribution.is_empty(), "{:?}", notes.attribution);
    assert!(notes.quality.flags.is_empty(), "{:?}", notes.quality);
    let wanted = [
        ("রাশিয়া", Some("Q159"), 7),
        ("চীন", Some("Q148"), 9),
        ("মস্কো", Some("Q649"), 1),
        ("বেইজিং", Some("Q956"), 3),
        ("এশিয়া", Some("Q48"), 1),
        ("মার্কিন", Some("Q30"), 3),
        ("রাশিয়ার প্রতিরক্ষা মন্ত্রক", None, 1),
        ("টেলিগ্রাম", Some("Q15616276"), 1),
        ("আন্দ্রেই বেলোসভ", None, 4),
        ("কেন্দ্রীয় সামরিক কমিশন", None, 1),
        ("ঝাং ইউক্সিয়া", None, 1),
        ("চীনের প্রতিরক্ষা মন্ত্রণালয়", None, 1),
        ("তাইওয়ান", Some("Q865"), 2),
        ("তাইওয়ানি", Some("Q865"), 1),
        ("ভ্লাদিমির পুতিন", Some("Q7747"), 3),
        ("ইউক্রেন", Some("Q212"), 2),
        ("দ্বিতীয় বিশ্বযুদ্ধ", Some("Q362"), 1),
        ("ইউরোপ", Some("Q46"), 1),
        ("শি জিনপিং", Some("Q15031"), 2),
        ("মার্কিন যুক্তরাষ্ট্র", Some("Q30"), 2),
        ("এশিয়ান", Some("Q48"), 1),
    ];
    assert_named(&notes, &characters, &wanted);
}
