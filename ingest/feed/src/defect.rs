//! What can be wrong with a feed, in the field's words, and the bounded list of what was.

use crate::document::{Defect, Place};

/// Defects that a document tells one by one.
const LISTED: usize = 100;
/// Defects of one kind that are told one by one, so that a common one does not hide the others.
const OF_A_KIND: usize = 20;

/// A kind of defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Fault {
    BareAmpersand,
    BadBase,
    CharacterReference,
    ControlCharacter,
    DamagedRoot,
    DateAfter2037,
    DuplicateAttribute,
    EncodingBytes,
    EncodingGuessed,
    EncodingLabel,
    EndsEarly,
    EntityExpansion,
    ExternalEntity,
    HtmlEntity,
    HtmlInText,
    ItemInItem,
    JsonSyntax,
    LostUnits,
    MarkOfOther,
    MarkInText,
    MisplacedContainer,
    MissingEndTag,
    MissingQuote,
    MissingVersion,
    Namespace,
    NoRoot,
    NullCharacter,
    OddCase,
    OddNumber,
    OddType,
    RepeatedRoot,
    StrayEndTag,
    TextBeforeRoot,
    TooDeep,
    TooLong,
    TooManyElements,
    TooManyItems,
    UndeclaredPrefix,
    UnknownEntity,
    UnquotedAttribute,
    UnreadableDate,
    UnterminatedCdata,
    UnterminatedComment,
    UnterminatedDoctype,
    UnterminatedTag,
}

impl Fault {
    /// The words for it.
    pub(crate) const fn words(self) -> &'static str {
        match self {
            Self::BareAmpersand => "bare ampersand",
            Self::BadBase => "xml:base is no address",
            Self::CharacterReference => "reference to a character that xml forbids",
            Self::ControlCharacter => "control character",
            Self::DamagedRoot => "root element not recognised, taken from its traces",
            Self::DateAfter2037 => "date after 2037",
            Self::DuplicateAttribute => "duplicate attribute",
            Self::EncodingBytes => "bytes outside of the encoding",
            Self::EncodingGuessed => "encoding had to be guessed",
            Self::EncodingLabel => "wrong encoding label on utf-8",
            Self::EndsEarly => "document ends too early",
            Self::EntityExpansion => "entity expansion over the limit",
            Self::ExternalEntity => "external entity not fetched",
            Self::HtmlEntity => "html entity in xml",
            Self::HtmlInText => "html in a text construct",
            Self::ItemInItem => "item inside of another element",
            Self::JsonSyntax => "json syntax error",
            Self::LostUnits => "utf-16 or utf-32 out of step",
            Self::MarkOfOther => "byte order mark of another encoding",
            Self::MarkInText => "byte order mark inside of the text",
            Self::MisplacedContainer => "channel or root inside of another element",
            Self::MissingEndTag => "missing end tag",
            Self::MissingQuote => "attribute without its closing quote",
            Self::MissingVersion => "rss without a version",
            Self::Namespace => "namespace is not the vocabulary's own",
            Self::NoRoot => "no root element",
            Self::NullCharacter => "null character",
            Self::OddCase => "name in the wrong case",
            Self::OddNumber => "value is no number",
            Self::OddType => "unknown type of a text construct",
            Self::RepeatedRoot => "root element repeated",
            Self::StrayEndTag => "end tag without a start tag",
            Self::TextBeforeRoot => "text before the root element",
            Self::TooDeep => "elements nested deeper than 100",
            Self::TooLong => "name, attribute or tag over the limit",
            Self::TooManyElements => "more than 200000 elements",
            Self::TooManyItems => "more than 10000 items",
            Self::UndeclaredPrefix => "undeclared namespace prefix",
            Self::UnknownEntity => "undeclared entity",
            Self::UnquotedAttribute => "attribute without quotes",
            Self::UnreadableDate => "date not understood",
            Self::UnterminatedCdata => "unterminated cdata section",
            Self::UnterminatedComment => "unterminated comment",
            Self::UnterminatedDoctype => "unterminated doctype",
            Self::UnterminatedTag => "unterminated tag",
        }
    }
}

/// What was found so far.
#[derive(Debug, Default)]
pub(crate) struct Defects {
    listed: Vec<(Fault, usize)>,
    total: usize,
}

impl Defects {
    /// Notes a defect at a byte of the decoded document.
    pub(crate) fn note(&mut self, fault: Fault, position: usize) {
        self.total += 1;
        if self.listed.len() < LISTED
            && self.listed.iter().filter(|(known, _)| *known == fault).count() < OF_A_KIND
        {
            self.listed.push((fault, position));
        }
    }

    /// All that were met, also those that are not listed.
    pub(crate) const fn total(&self) -> usize {
        self.total
    }

    /// The list in the order of the document, with lines and columns.
    pub(crate) fn place(mut self, text: &str) -> Vec<Defect> {
        self.listed.sort_by_key(|(_, position)| *position);
        let (mut line, mut column, mut seen) = (1, 1, 0);
        let place = |(fault, position): (Fault, usize)| {
            let position = text.floor_char_boundary(position);
            let passed = &text[seen..position];
            seen = position;
            if let Some(at) = passed.rfind('\n') {
                line += passed.matches('\n').count();
                column = passed[at + 1..].chars().count() + 1;
            } else {
                column += passed.chars().count();
            }
            Defect { what: fault.words().to_owned(), position, place: Some(Place { line, column }) }
        };
        self.listed.into_iter().map(place).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_defect_is_placed_by_line_and_column() {
        let text = "<a>\nঢাকা & x\n</b>";
        let mut defects = Defects::default();
        defects.note(Fault::StrayEndTag, text.find("</b>").unwrap());
        defects.note(Fault::BareAmpersand, text.find('&').unwrap());
        let placed = defects.place(text).into_iter();
        let found: Vec<_> =
            placed.filter_map(|at| Some((at.what, at.place?.line, at.place?.column))).collect();
        assert_eq!(
            found,
            [("bare ampersand".to_owned(), 2, 6), ("end tag without a start tag".to_owned(), 3, 1)]
        );
    }

    #[test]
    fn the_list_is_bounded_and_a_common_defect_does_not_hide_a_rare_one() {
        let mut defects = Defects::default();
        (0..5000).for_each(|at| defects.note(Fault::BareAmpersand, at));
        defects.note(Fault::EndsEarly, 5000);
        assert_eq!(defects.total(), 5001);
        let placed = defects.place(&" ".repeat(5001));
        assert_eq!(placed.len(), OF_A_KIND + 1);
        assert_eq!(placed.last().map(|defect| &*defect.what), Some("document ends too early"));
    }
}
