//! Where a page stops being read because a tag has too many attributes: html5ever compares each
//! with all before it, so that 1.9 MB took 17 s, before a tree sees any of them.

/// Follows a page's bytes from tag to tag.
#[derive(Default)]
pub(crate) struct TagCounter {
    place: Place,
    /// The name of the tag that is open, as far as it matters.
    name: Vec<u8>,
    attributes: usize,
    /// The last bytes, to find the end of a comment or of a script.
    tail: Vec<u8>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Place {
    #[default]
    Text,
    /// Behind `<`.
    Opening,
    Name,
    /// Between attributes.
    Gap,
    /// In an attribute's name.
    Attribute,
    /// Behind `=`.
    Equals,
    Value,
    Quoted(u8),
    Comment,
    /// In what is text up to its own end tag.
    Raw,
}

/// Elements whose content is text, whatever it looks like; sorted.
const RAW: &[&[u8]] = &[b"script", b"style", b"textarea", b"title"];

impl TagCounter {
    /// Reads on; false once a tag has more than `most` attributes.
    pub(crate) fn goes_on(&mut self, piece: &[u8], most: usize) -> bool {
        piece.iter().all(|byte| {
            self.step(byte.to_ascii_lowercase());
            self.attributes <= most
        })
    }

    fn step(&mut self, byte: u8) {
        let space = byte.is_ascii_whitespace();
        self.place = match self.place {
            Place::Text if byte == b'<' => Place::Opening,
            Place::Opening if byte.is_ascii_alphabetic() => {
                (self.name, self.attributes) = (vec![byte], 0);
                Place::Name
            }
            Place::Opening if byte == b'!' => self.begin(Place::Comment),
            Place::Text | Place::Opening => Place::Text,
            Place::Comment | Place::Raw => self.inside(byte),
            Place::Quoted(quote) if byte == quote => Place::Gap,
            Place::Quoted(quote) => Place::Quoted(quote),
            _ if byte == b'>' => self.close(),
            Place::Name | Place::Gap | Place::Attribute if space || byte == b'/' => Place::Gap,
            Place::Name => {
                if self.name.len() < 16 {
                    self.name.push(byte);
                }
                Place::Name
            }
            Place::Gap | Place::Attribute if byte == b'=' => Place::Equals,
            Place::Gap => {
                self.attributes += 1;
                Place::Attribute
            }
            Place::Attribute => Place::Attribute,
            Place::Equals if space => Place::Equals,
            Place::Equals if byte == b'"' || byte == b'\'' => Place::Quoted(byte),
            Place::Value if space => Place::Gap,
            Place::Equals | Place::Value => Place::Value,
        };
    }

    fn begin(&mut self, place: Place) -> Place {
        self.tail.clear();
        place
    }

    fn close(&mut self) -> Place {
        if RAW.binary_search(&self.name.as_slice()).is_ok() {
            return self.begin(Place::Raw);
        }
        Place::Text
    }

    /// In a comment or in raw text: looks for its end.
    fn inside(&mut self, byte: u8) -> Place {
        if self.tail.len() == 16 {
            self.tail.remove(0);
        }
        self.tail.push(byte);
        let ended = if self.place == Place::Comment {
            // A doctype and the like end at the first `>`.
            byte == b'>' && (self.tail.ends_with(b"-->") || !self.is_comment())
        } else {
            let end = [b"</", self.name.as_slice()].concat();
            self.tail.ends_with(&end)
        };
        if ended {
            self.place = Place::Text;
            self.name.clear();
        }
        self.place
    }

    /// Whether what began with `<!` goes on with `--`. Long comments have lost their beginning, and
    /// are comments.
    fn is_comment(&self) -> bool {
        self.tail.len() == 16 || self.tail.starts_with(b"--")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn goes_on(page: &str) -> bool {
        let mut counter = TagCounter::default();
        page.as_bytes().chunks(7).all(|piece| counter.goes_on(piece, 10))
    }

    #[test]
    fn attributes_are_counted_and_text_is_not() {
        let words = "a b c d e f g h i j k l m n o p ".repeat(4);
        assert!(goes_on(&format!("<p class=x id='{words}' data-x=\"{words}\">{words}</p>")));
        assert!(goes_on(&format!("<!doctype html><!-- <p {words} --><p>{words}")));
        assert!(goes_on(&format!("<SCRIPT async>if (a<b) {{ {words} }}</Script><p>{words}")));
        assert!(goes_on(&format!("<p>1 < 2 {words}<br/>")));
        assert!(!goes_on(&format!("<div {words}>")));
        assert!(!goes_on(&format!("<script>x<b</script><div {words}>")));
        assert!(!goes_on(&format!("<div {}>", "a=1 b='2' ".repeat(6))));
    }
}
