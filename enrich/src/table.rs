//! Reads the tab-separated tables of `data/`: lines of columns, `#` for comments.

/// The rows of a table, each with exactly `N` columns; missing ones at the end are empty.
pub(crate) fn rows<const N: usize>(table: &'static str) -> impl Iterator<Item = [&'static str; N]> {
    table.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(|line| {
        let mut row = [""; N];
        for (cell, value) in row.iter_mut().zip(line.split('\t')) {
            *cell = value;
        }
        row
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_are_skipped_and_short_rows_are_filled() {
        let all: Vec<[&str; 3]> = rows("# source\na\tb\tc\n\nd\n").collect();
        assert_eq!(all, [["a", "b", "c"], ["d", "", ""]]);
    }
}
