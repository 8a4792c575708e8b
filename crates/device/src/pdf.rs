//! What the phone signs of a PDF, computed from the octets that the phone itself received.
//!
//! The phone trusts nothing that the server says about the digest. It looks for the one signature that covers the file
//! as it stands: a `/ByteRange [0 a b c]` (ISO 32000-1, 12.8.1) that begins with the file, ends with the file and leaves out
//! exactly one hexadecimal string made of zeros, the place of the signature to come. Everything that a reader of the
//! document can see lies inside that range.

use gm::sm3::Sm3;
use thiserror::Error;

/// Why a document is not one that can be signed.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PdfError {
    /// The octets do not begin as a PDF file does.
    #[error("not a PDF file")]
    NotPdf,
    /// No `/ByteRange` covers the whole file but one empty signature.
    #[error("no byte range covers the whole file but one empty signature")]
    NotPrepared,
}

/// SM3 over the octets that the prepared signature of `pdf` covers.
pub fn digest(pdf: &[u8]) -> Result<[u8; 32], PdfError> {
    if !pdf.starts_with(b"%PDF-") {
        return Err(PdfError::NotPdf);
    }
    let (first, second) = covered(pdf).ok_or(PdfError::NotPrepared)?;
    Ok(Sm3::new().chain(first).chain(second).finalize())
}

/// The two stretches of the byte range that covers everything but one empty `/Contents`.
fn covered(pdf: &[u8]) -> Option<(&[u8], &[u8])> {
    const KEY: &[u8] = b"/ByteRange";
    // The newest signature stands in the last revision, so the search runs from the end.
    let mut end = pdf.len();
    while let Some(at) = find_last(&pdf[..end], KEY) {
        if let Some(range) = four_integers(&pdf[at + KEY.len()..]).and_then(|range| leaves_out_zeros(pdf, range)) {
            return Some(range);
        }
        end = at;
    }
    None
}

fn find_last(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack.windows(needle.len()).rposition(|window| window == needle)
}

/// Reads `[ a b c d ]` with white space as ISO 32000-1, 7.2.2 defines it.
fn four_integers(text: &[u8]) -> Option<[usize; 4]> {
    // Four numbers of at most ten digits with generous padding: a longer array is not ours.
    let text = text.get(..text.len().min(96))?;
    let open = text.iter().position(|&byte| !is_space(byte))?;
    if text[open] != b'[' {
        return None;
    }
    let close = open + text[open..].iter().position(|&byte| byte == b']')?;
    let mut numbers = text[open + 1..close].split(|&byte| is_space(byte)).filter(|part| !part.is_empty());
    let mut range = [0; 4];
    for number in &mut range {
        let digits = numbers.next()?;
        if digits.len() > 10 || !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        *number = core::str::from_utf8(digits).ok()?.parse().ok()?;
    }
    numbers.next().is_none().then_some(range)
}

fn leaves_out_zeros(pdf: &[u8], [start, length, resume, rest]: [usize; 4]) -> Option<(&[u8], &[u8])> {
    if start != 0 || resume.checked_add(rest)? != pdf.len() || length > resume {
        return None;
    }
    let gap = pdf.get(length..resume)?;
    let [b'<', zeros @ .., b'>'] = gap else { return None };
    if zeros.is_empty() || !zeros.iter().all(|&byte| byte == b'0') {
        return None;
    }
    Some((&pdf[..length], &pdf[resume..]))
}

const fn is_space(byte: u8) -> bool {
    matches!(byte, b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file of the shape that matters here: head, empty signature, tail.
    fn prepared(gap: &str, change: impl Fn([usize; 4]) -> [usize; 4]) -> Vec<u8> {
        let head = |range: [usize; 4]| {
            let [a, b, c, d] = range;
            format!("%PDF-1.7\n1 0 obj <</Type/Sig/ByteRange [{a:010} {b:010} {c:010} {d:010}]/Contents ")
        };
        let tail = ">>\nendobj\n%%EOF\n";
        let length = head([0; 4]).len();
        let range = change([0, length, length + gap.len(), tail.len()]);
        format!("{}{gap}{tail}", head(range)).into_bytes()
    }

    #[test]
    fn the_digest_covers_every_octet_but_the_empty_signature() {
        let pdf = prepared("<0000>", |range| range);
        let gap = pdf.windows(6).position(|window| window == b"<0000>").unwrap();
        let expected = Sm3::new().chain(&pdf[..gap]).chain(&pdf[gap + 6..]).finalize();
        assert_eq!(digest(&pdf), Ok(expected));
        for position in (0..gap).chain(gap + 6..pdf.len()) {
            let mut changed = pdf.clone();
            changed[position] ^= 1;
            assert_ne!(digest(&changed), Ok(expected), "octet {position} is not covered");
        }
    }

    #[test]
    fn an_earlier_signature_does_not_stand_in_for_the_new_one() {
        let mut pdf = prepared("<00ff>", |range| range);
        let before = pdf.len();
        assert_eq!(digest(&pdf), Err(PdfError::NotPrepared));
        let head = "2 0 obj <</ByteRange [0 0000000000 0000000000 0000000000]/Contents ";
        let gap = "<000000>";
        let length = before + head.len();
        pdf.extend(
            format!("2 0 obj <</ByteRange [0 {length:010} {:010} 0000000002]/Contents {gap}>>", length + gap.len())
                .bytes(),
        );
        let expected = Sm3::new().chain(&pdf[..length]).chain(b">>").finalize();
        assert_eq!(digest(&pdf), Ok(expected));
    }

    #[test]
    fn a_range_that_hides_something_is_refused() {
        for gap in ["<>", "<00 00>", "<0001>", "(0000)", "<0000", "0000>"] {
            assert_eq!(digest(&prepared(gap, |range| range)), Err(PdfError::NotPrepared), "{gap}");
        }
        let changes: [fn([usize; 4]) -> [usize; 4]; 5] = [
            |[_, b, c, d]| [1, b, c, d],
            |[a, b, c, d]| [a, b - 1, c, d],
            |[a, b, c, d]| [a, b, c + 1, d - 1],
            |[a, b, c, d]| [a, b, c, d - 1],
            |[a, b, c, _]| [a, b, c, 9_999_999_999],
        ];
        for change in changes {
            assert_eq!(digest(&prepared("<0000>", change)), Err(PdfError::NotPrepared));
        }
    }

    #[test]
    fn what_is_no_pdf_is_refused() {
        assert_eq!(digest(b""), Err(PdfError::NotPdf));
        assert_eq!(digest(b"PK\x03\x04"), Err(PdfError::NotPdf));
        assert_eq!(digest(b"%PDF-1.7\n/ByteRange"), Err(PdfError::NotPrepared));
        assert_eq!(digest(b"%PDF-1.7\n/ByteRange [0 1 2"), Err(PdfError::NotPrepared));
        assert_eq!(digest(b"%PDF-1.7\n/ByteRange [0 1 2 3 4]"), Err(PdfError::NotPrepared));
    }
}
