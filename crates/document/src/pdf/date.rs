//! Dates as PDF writes them (ISO 32000-2 clause 7.9.4): `D:YYYYMMDDHHmmSSOHH'mm'`.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::Offset;

/// Writes a time in UTC.
pub(super) fn format(time: Timestamp) -> String {
    time.strftime("D:%Y%m%d%H%M%S+00'00'").to_string()
}

/// Reads a date; parts after the year may be missing, and a missing offset counts as UTC.
pub(super) fn parse(text: &str) -> Option<Timestamp> {
    let text = text.strip_prefix("D:").unwrap_or(text);
    if !text.is_ascii() {
        return None;
    }
    let digits = text.len() - text.trim_start_matches(|c: char| c.is_ascii_digit()).len();
    let (local, zone) = text.split_at(digits);
    let part = |start: usize, length: usize, missing: i8| match local.get(start..start + length) {
        Some(digits) => digits.parse().ok(),
        None if local.len() <= start => Some(missing),
        None => None,
    };
    let year = local.get(..4)?.parse().ok()?;
    let time = DateTime::new(year, part(4, 2, 1)?, part(6, 2, 1)?, part(8, 2, 0)?, part(10, 2, 0)?, part(12, 2, 0)?, 0);
    offset(zone)?.to_timestamp(time.ok()?).ok()
}

fn offset(zone: &str) -> Option<Offset> {
    let sign = match zone.as_bytes().first() {
        None | Some(b'Z') => return Some(Offset::UTC),
        Some(b'+') => 1,
        Some(b'-') => -1,
        Some(_) => return None,
    };
    let hours: i32 = zone.get(1..3)?.parse().ok()?;
    let minutes: i32 = zone.get(4..6).map_or(Some(0), |minutes| minutes.parse().ok())?;
    Offset::from_seconds(sign * (hours * 3600 + minutes * 60)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_and_other_offsets_and_short_forms_too() {
        let time: Timestamp = "2026-11-24T04:05:06Z".parse().expect("time");
        assert_eq!(parse(&format(time)), Some(time));
        assert_eq!(parse("D:20261124120506+08'00'"), Some(time));
        assert_eq!(parse("20261124040506Z"), Some(time));
        assert_eq!(parse("D:2026"), "2026-01-01T00:00:00Z".parse().ok());
        for bad in ["", "D:", "D:20", "D:20261350", "D:2026112404050", "D:20261124040506?", "D:二〇二六"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
