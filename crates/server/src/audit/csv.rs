//! The log as CSV (RFC 4180), as spreadsheets open it.

use super::http::AuditEntry;

/// UTF-8 with the mark by which spreadsheets know it, and the names of the columns.
pub const HEAD: &str = "\u{feff}seq,at,actor_kind,actor,actor_id,action,target_kind,target,target_id,detail,digest\r\n";

/// One entry.
pub fn line(entry: &AuditEntry) -> String {
    let id = |id: Option<uuid::Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let fields = [
        entry.seq.to_string(),
        entry.at.to_string(),
        entry.actor_kind.clone(),
        entry.actor_name.clone().unwrap_or_default(),
        id(entry.actor_id),
        entry.action.clone(),
        entry.target_kind.clone(),
        entry.target_name.clone().unwrap_or_default(),
        id(entry.target_id),
        entry.detail.to_string(),
        entry.digest.clone(),
    ];
    row(&fields)
}

/// A line of these cells.
pub fn row(fields: &[String]) -> String {
    let cells: Vec<String> = fields.iter().map(|field| cell(field)).collect();
    cells.join(",") + "\r\n"
}

/// Quoted where it must be; what a spreadsheet would take for a formula is text.
fn cell(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let text = if formula { format!("'{text}") } else { text.to_owned() };
    if text.contains(['"', ',', '\n', '\r', '\'']) { format!("\"{}\"", text.replace('"', "\"\"")) } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_in_a_cell_stays_in_it_and_is_no_formula() {
        for (text, expected) in [
            ("", ""),
            ("韦桂花", "韦桂花"),
            ("a,b", "\"a,b\""),
            ("say \"yes\"", "\"say \"\"yes\"\"\""),
            ("two\nlines", "\"two\nlines\""),
            ("=HYPERLINK(1)", "\"'=HYPERLINK(1)\""),
            ("@sum", "\"'@sum\""),
            ("-1", "\"'-1\""),
        ] {
            assert_eq!(cell(text), expected);
        }
    }
}
