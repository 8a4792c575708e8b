//! Pages of long lists: a cursor names the last row shown, so that rows arriving meanwhile neither repeat nor vanish.

use uuid::Uuid;

/// Rows on a page.
pub const SIZE: u64 = 30;

/// The cursor after a row, made of what the list is sorted by.
pub fn cursor(at: i64, id: Uuid) -> String {
    format!("{at}.{}", id.simple())
}

/// What a cursor says; none when it is not one of ours.
pub fn parse(cursor: &str) -> Option<(i64, Uuid)> {
    let (at, id) = cursor.split_once('.')?;
    Some((at.parse().ok()?, Uuid::try_parse(id).ok()?))
}

/// Takes a page off `rows`, which hold one more than a page if there is more, and the cursor of the next.
pub fn cut<T>(mut rows: Vec<T>, key: impl Fn(&T) -> (i64, Uuid)) -> (Vec<T>, Option<String>) {
    // SIZE is far below what usize holds anywhere.
    let size = SIZE as usize;
    if rows.len() <= size {
        return (rows, None);
    }
    rows.truncate(size);
    let next = rows.last().map(|last| {
        let (at, id) = key(last);
        cursor(at, id)
    });
    (rows, next)
}
