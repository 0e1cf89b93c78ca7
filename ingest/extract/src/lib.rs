//! The extraction engine: a page in, the article's fields out.
