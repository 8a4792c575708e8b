//! Verifying every signature of a PDF, and what came after each.

mod certificates;
mod changes;
mod report;

use std::collections::BTreeMap;

use jiff::Timestamp;
use lopdf::{Dictionary, Object};

use super::byte_range::{self, Covered};
use super::form::{self, SignedField};
use super::reader::Reader;
use super::{pages, text_string};
use crate::{Error, Result};
pub use certificates::Sm2Verifier;
use changes::Later;
pub use report::{Chain, Facts, Reason, Report, SignatureReport, Verdict};

/// More signatures than a document collects.
const MAX_SIGNATURES: usize = 200;
/// Octets that all signatures of one file together may make us hash.
const MAX_HASHED: usize = 1 << 30;

/// Knows certificates: examines what stands in Contents.
pub trait SignatureVerifier {
    /// Examines a signature of GB/T 35275 form.
    ///
    /// `contents` is the DER without its padding, `covered` the octets it speaks for, `claimed_at` the time that the
    /// signer claims.
    ///
    /// # Errors
    /// The reason, if `contents` cannot be read at all.
    fn examine(&self, contents: &[u8], covered: &Covered<'_>, claimed_at: Option<Timestamp>) -> Result<Facts, Reason>;
}

/// Verifies all signatures of a file, in the order in which they were made.
///
/// A signature is valid only if what a reader sees now is what was signed: later signatures with their pictures are
/// fine, any other visible change is not, however it is hidden.
///
/// # Errors
/// Whatever is wrong with the file as it is now. A broken signature is no error, it is reported.
pub fn verify(pdf: &[u8], verifier: &impl SignatureVerifier) -> Result<Report> {
    let reader = Reader::open(pdf)?;
    let signed = form::fields(&reader)?.signed;
    if signed.len() > MAX_SIGNATURES {
        return Err(Error::TooComplex("too many signatures"));
    }
    let pages = pages::list(&reader)?;
    let mut hashed = 0_usize;
    let mut examined = Vec::new();
    for field in &signed {
        let covered = byte_range::read(&field.value).and_then(|range| range.split(pdf));
        hashed = hashed.saturating_add(covered.map_or(0, |covered| covered.end));
        if hashed > MAX_HASHED {
            return Err(Error::TooComplex("too many signatures"));
        }
        let mut report = describe(&reader, field);
        locate(&reader, &pages, field, &mut report)?;
        examine(&reader, field, covered, verifier, &mut report)?;
        examined.push((covered.map(|covered| covered.end), report));
    }
    examined.sort_by_key(|(end, _)| end.unwrap_or(0));
    let ends = examined.iter().filter_map(|(end, report)| end.map(|end| (end, report.standing())));
    let later = later_changes(&reader, ends.collect())?;
    let mut signatures = Vec::new();
    for (index, (end, mut report)) in examined.into_iter().enumerate() {
        report.index = index;
        if let Some(end) = end {
            report.covers_whole_document = end == pdf.len();
            report.later_revision_exists = end < pdf.len();
            if let Some(reason) = later.get(&end).and_then(|later| later.reason()) {
                report.reasons.push(reason);
            }
        }
        report.decide();
        signatures.push(report);
    }
    let intact = signatures.last().is_some_and(|newest| newest.covers_whole_document)
        && signatures.iter().all(|s| s.digest_ok && s.signature_ok && s.verdict != Verdict::Invalid);
    Ok(Report { intact, signatures })
}

/// What the signature dictionary claims.
fn describe(reader: &Reader<'_>, field: &SignedField) -> SignatureReport {
    let string = |key: &[u8]| reader.value(&field.value, key).ok().and_then(|value| text_string(&value));
    let name = reader.value(&field.value, b"SubFilter").ok();
    let sub_filter = name.as_ref().and_then(|name| name.as_name().ok()).map(String::from_utf8_lossy);
    SignatureReport {
        signer_name: string(b"Name"),
        signed_at: string(b"M").and_then(|date| super::date::parse(&date)),
        sub_filter: sub_filter.unwrap_or_default().into_owned(),
        ..SignatureReport::default()
    }
}

/// On which page the signature shows, and where.
fn locate(reader: &Reader<'_>, pages: &[pages::Page], field: &SignedField, report: &mut SignatureReport) -> Result<()> {
    let page = field.field.get(b"P").and_then(Object::as_reference).ok();
    let Some(position) = page.and_then(|page| pages.iter().position(|known| known.id.0 == page.0)) else {
        return Ok(());
    };
    let rect = pages::rect(reader, &reader.value(&field.field, b"Rect")?)?;
    if let Some(rect) = rect.filter(|rect| rect.width() > 0.0 && rect.height() > 0.0) {
        report.page = u32::try_from(position + 1).ok();
        report.rect_mm = Some(pages[position].view.seen(rect));
    }
    Ok(())
}

fn examine(
    reader: &Reader<'_>,
    field: &SignedField,
    covered: Option<Covered<'_>>,
    verifier: &impl SignatureVerifier,
    report: &mut SignatureReport,
) -> Result<()> {
    let Some(covered) = covered else {
        report.reasons.push(Reason::ByteRangeInvalid);
        return Ok(());
    };
    if let Some(reason) = out_of_place(reader, field, &covered)? {
        report.reasons.push(reason);
        return Ok(());
    }
    let Some(contents) = contents(&field.value, &covered) else {
        report.reasons.push(Reason::ContentsInvalid);
        return Ok(());
    };
    if !matches!(report.sub_filter.as_str(), "GM.sm2cms.detached" | "adbe.pkcs7.detached" | "ETSI.CAdES.detached") {
        report.reasons.push(Reason::UnsupportedFormat);
        return Ok(());
    }
    match verifier.examine(&contents, &covered, report.signed_at) {
        Ok(facts) => report.take(facts),
        Err(reason) => report.reasons.push(reason),
    }
    Ok(())
}

/// The gap must be one hexadecimal string, the same that the signature dictionary holds, with nothing hidden in its
/// padding.
fn contents(signature: &Dictionary, covered: &Covered<'_>) -> Option<Vec<u8>> {
    let mut written = covered.contents()?;
    let Ok(Object::String(parsed, _)) = signature.get(b"Contents") else { return None };
    if *parsed != written {
        return None;
    }
    let length = der_length(&written)?;
    let padding = written.split_off(length);
    padding.iter().all(|&octet| octet == 0).then_some(written)
}

/// Octets of the DER element at the start, if it fits.
fn der_length(octets: &[u8]) -> Option<usize> {
    let (header, length) = match *octets.get(1)? {
        short @ 0..=0x7f => (2, usize::from(short)),
        long @ 0x81..=0x84 => {
            let count = usize::from(long & 0x7f);
            let length = octets.get(2..2 + count)?.iter().fold(0_usize, |sum, &octet| sum << 8 | usize::from(octet));
            (2 + count, length)
        }
        _ => return None,
    };
    let total = header.checked_add(length)?;
    (octets.first() == Some(&0x30) && total <= octets.len()).then_some(total)
}

/// The covered octets up to their end must be a whole PDF in which this very signature stands: otherwise the signature
/// was moved here from elsewhere, or its range leaves out part of its own revision.
fn out_of_place(reader: &Reader<'_>, field: &SignedField, covered: &Covered<'_>) -> Result<Option<Reason>> {
    let fields = reader.revision(covered.end).and_then(|revision| form::fields(&revision));
    let fields = match fields {
        Err(Error::TooComplex(what)) => return Err(Error::TooComplex(what)),
        Err(_) => return Ok(Some(Reason::RevisionUnreadable)),
        Ok(fields) => fields,
    };
    let found = fields.signed.iter().any(|known| {
        known.number == field.number && known.value_number == field.value_number && known.value == field.value
    });
    Ok((!found).then_some(Reason::NotInItsRevision))
}

/// For the end of each signed revision, with what is known of the signature that ends there: what happened from there
/// to the end of the file.
fn later_changes(now: &Reader<'_>, mut ends: Vec<(usize, Verdict)>) -> Result<BTreeMap<usize, Later>> {
    ends.dedup_by_key(|(end, _)| *end);
    let mut result = BTreeMap::new();
    let mut next: Option<(Option<Reader<'_>>, Verdict, Later)> = None;
    for (end, standing) in ends.into_iter().rev() {
        // A revision that cannot be opened is reported as such with its own signature.
        let old = now.revision(end).ok();
        let later = match (&old, &next) {
            (_, None) if end == now.data().len() => Later::Nothing,
            (Some(old), None) => changes::unsigned_tail(old, now)?,
            (Some(old), Some((Some(new), by, after))) => changes::by_next_signature(old, new, *by)?.and_then(*after),
            (None, _) | (_, Some((None, ..))) => Later::Changed,
        };
        result.insert(end, later);
        next = Some((old, standing, later));
    }
    Ok(result)
}
