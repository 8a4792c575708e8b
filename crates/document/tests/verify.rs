//! Verification: what holds, and every way of changing a signed document that must not.

#![allow(clippy::unwrap_used)] // a panic here is a failed test

mod support;

use document::Error;
use document::pdf::{Chain, ROOM, Reason, Report, Verdict};
use lopdf::{Document, Object};
use support::people::Authority;
use support::{Layout, at, keep, pdf, qpdf_accepts, save, seal};

fn verdicts(report: &Report) -> Vec<(Verdict, Vec<Reason>)> {
    report.signatures.iter().map(|signature| (signature.verdict, signature.reasons.clone())).collect()
}

fn invalid(report: &Report, reason: Reason) {
    assert!(!report.intact);
    let found = report.signatures.iter().any(|s| s.verdict == Verdict::Invalid && s.reasons.contains(&reason));
    assert!(found, "expected {reason:?}, got {report:#?}");
}

/// Appends an incremental update with a cross-reference table.
fn append(pdf: &[u8], objects: &[(u32, &str)], trailer: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(pdf);
    let previous: usize =
        text.rsplit("startxref").next().unwrap().trim().lines().next().unwrap().trim().parse().unwrap();
    let mut out = pdf.to_vec();
    let mut table = String::from("xref\n");
    for (number, body) in objects {
        table += &format!("{number} 1\n{:010} 00000 n\r\n", out.len());
        out.extend_from_slice(format!("{number} 0 obj\n{body}\nendobj\n").as_bytes());
    }
    let start = out.len();
    let document = Document::load_mem(pdf).unwrap();
    let root = document.trailer.get(b"Root").and_then(Object::as_reference).unwrap();
    let size = objects.iter().map(|(number, _)| number + 1).max().unwrap_or(0).max(document.max_id + 1);
    table += &format!(
        "trailer\n<</Size {size}/Prev {previous}/Root {} {} R{trailer}>>\nstartxref\n{start}\n%%EOF\n",
        root.0, root.1
    );
    out.extend_from_slice(table.as_bytes());
    out
}

/// Object number of a page, and of its content.
fn page_and_content(pdf: &[u8], page: u32) -> (u32, u32) {
    let document = Document::load_mem(pdf).unwrap();
    let page = document.get_pages()[&page];
    let content = document.get_dictionary(page).unwrap().get(b"Contents").and_then(Object::as_reference).unwrap();
    (page.0, content.0)
}

#[test]
fn a_signed_document_is_valid_and_says_who_signed_where() {
    let authority = Authority::new();
    let zhang = authority.person("张三", 0, 365);
    let seal = seal();
    for layout in [Layout::Table, Layout::Streams] {
        let signed = zhang.sign(&pdf(layout), &[at(&seal, 2, 30.0, 40.0), at(&seal, 1, 10.0, 10.0)]);
        keep("document-signed.pdf", &signed);
        let report = authority.verify(&signed);
        assert!(report.intact);
        let [one] = report.signatures.as_slice() else { panic!("one signature: {report:?}") };
        assert_eq!((one.verdict, one.reasons.as_slice()), (Verdict::Valid, &[][..]));
        assert!(one.digest_ok && one.signature_ok && one.covers_whole_document && !one.later_revision_exists);
        assert_eq!(one.signer_name.as_deref(), Some("张三"));
        assert_eq!(one.issuer_name.as_deref(), Some("演示根CA"));
        assert_eq!(one.serial, Some(zhang.certificate.tbs.serial.to_string()));
        assert_eq!(one.signed_at, "2026-11-24T04:00:00Z".parse().ok());
        assert_eq!(one.sub_filter, "GM.sm2cms.detached");
        assert_eq!((one.chain, one.page), (Some(Chain::Trusted), Some(2)));
        let rect = one.rect_mm.expect("visible");
        assert!((rect.x_mm - 30.0).abs() < 0.01 && (rect.y_mm - 40.0).abs() < 0.01, "{rect:?}");
    }
}

#[test]
fn earlier_signatures_stay_valid_when_others_sign() {
    let authority = Authority::new();
    let (zhang, li, wang) =
        (authority.person("张三", 0, 365), authority.person("李四", 0, 365), authority.person("王五", 0, 365));
    let seal = seal();
    for layout in [Layout::Table, Layout::Streams] {
        let first = zhang.sign(&pdf(layout), &[at(&seal, 1, 10.0, 10.0)]);
        let second = li.sign(&first, &[at(&seal, 1, 60.0, 10.0), at(&seal, 2, 60.0, 10.0)]);
        let third = wang.sign(&second, &[]);
        qpdf_accepts(&third);
        let report = authority.verify(&third);
        assert!(report.intact, "{report:#?}");
        let names: Vec<_> = report.signatures.iter().map(|s| s.signer_name.clone().unwrap()).collect();
        assert_eq!(names, ["张三", "李四", "王五"]);
        assert_eq!(
            verdicts(&report),
            [
                (Verdict::Valid, vec![Reason::LaterSignatures]),
                (Verdict::Valid, vec![Reason::LaterSignatures]),
                (Verdict::Valid, vec![]),
            ]
        );
        assert!(report.signatures[0].later_revision_exists && !report.signatures[0].covers_whole_document);
    }
}

#[test]
fn a_document_without_signature_is_not_intact_and_not_an_error() {
    let report = Authority::new().verify(&pdf(Layout::Table));
    assert_eq!(report, Report { intact: false, signatures: vec![] });
}

#[test]
fn a_flipped_octet_anywhere_is_noticed() {
    let authority = Authority::new();
    let signed = authority.person("张三", 0, 365).sign(&pdf(Layout::Table), &[]);
    let zeros = signed.windows(4_096).position(|w| w.iter().all(|&o| o == b'0')).unwrap();
    let contents = signed[..zeros].iter().rposition(|&octet| octet == b'<').unwrap();
    let outside = (10..signed.len()).filter(|place| !(contents..contents + ROOM * 2).contains(place)).step_by(17);
    for place in outside {
        let mut changed = signed.clone();
        changed[place] ^= 1;
        if let Ok(report) = authority.try_verify(&changed) {
            assert!(!report.intact, "octet {place}: {report:?}");
            assert!(report.signatures.iter().all(|s| s.verdict != Verdict::Valid), "octet {place}: {report:?}");
        }
    }
    // Of the signature itself some octets are mere hints for readers; whatever is flipped, it never speaks for another.
    for place in (contents..zeros).step_by(5) {
        let mut changed = signed.clone();
        changed[place] ^= 1;
        let Ok(report) = authority.try_verify(&changed) else { continue };
        let believed = report.signatures.iter().filter(|s| s.verdict == Verdict::Valid);
        believed.for_each(|s| assert_eq!(s.signer_name.as_deref(), Some("张三"), "octet {place}"));
    }
}

#[test]
fn something_hidden_in_the_padding_of_contents_is_noticed() {
    let authority = Authority::new();
    let mut signed = authority.person("张三", 0, 365).sign(&pdf(Layout::Table), &[]);
    let zeros = signed.windows(4_096).position(|w| w.iter().all(|&o| o == b'0')).unwrap();
    signed[zeros + 2_000] = b'1';
    invalid(&authority.verify(&signed), Reason::ContentsInvalid);
}

#[test]
fn a_page_replaced_after_signing_is_noticed() {
    let authority = Authority::new();
    for layout in [Layout::Table, Layout::Streams] {
        let signed = authority.person("张三", 0, 365).sign(&pdf(layout), &[]);
        let (_, content) = page_and_content(&signed, 1);
        let body = "<</Length 46>>\nstream\nBT /F1 24 Tf 72 700 Td (Another price) Tj ET   \nendstream";
        let report = authority.verify(&append(&signed, &[(content, body)], ""));
        invalid(&report, Reason::ChangedAfterSigning);
        assert!(
            report.signatures[0].digest_ok
                && report.signatures[0].signature_ok
                && report.signatures[0].later_revision_exists
        );
    }
}

#[test]
fn an_annotation_laid_over_a_signed_page_is_noticed() {
    let authority = Authority::new();
    let signed = authority.person("张三", 0, 365).sign(&pdf(Layout::Table), &[]);
    let (page, content) = page_and_content(&signed, 2);
    let tree = Document::load_mem(&signed)
        .unwrap()
        .get_dictionary((page, 0))
        .unwrap()
        .get(b"Parent")
        .and_then(Object::as_reference)
        .unwrap()
        .0;
    for (kind, flags) in [("FreeText", 4), ("Stamp", 4), ("Stamp", 708), ("Widget/FT/Sig/V<<>>", 4)] {
        let note = format!("<</Type/Annot/Subtype/{kind}/F {flags}/Rect[0 0 300 300]>>");
        let page_body = format!("<</Type/Page/Parent {tree} 0 R/Contents {content} 0 R/Annots[900 0 R]>>");
        let changed = append(&signed, &[(page, &page_body), (900, &note)], "");
        invalid(&authority.verify(&changed), Reason::ChangedAfterSigning);
    }
}

#[test]
fn another_catalog_or_page_order_is_noticed() {
    let authority = Authority::new();
    let signed = authority.person("张三", 0, 365).sign(&pdf(Layout::Table), &[]);
    let document = Document::load_mem(&signed).unwrap();
    let tree = document.catalog().unwrap().get(b"Pages").and_then(Object::as_reference).unwrap().0;
    let (first, second) = (page_and_content(&signed, 1).0, page_and_content(&signed, 2).0);
    for kids in [format!("[{second} 0 R {first} 0 R]"), format!("[{first} 0 R]")] {
        let body = format!("<</Type/Pages/Count 2/MediaBox[0 0 595.276 841.89]/Kids{kids}>>");
        invalid(&authority.verify(&append(&signed, &[(tree, &body)], "")), Reason::ChangedAfterSigning);
    }
    // A second Root in the last trailer wins.
    let other = append(&signed, &[(901, &format!("<</Type/Catalog/Pages {tree} 0 R>>"))], "");
    let other = String::from_utf8_lossy(&other).is_ascii().then_some(other);
    if let Some(other) = other {
        assert!(authority.verify(&other).signatures.iter().all(|s| s.later_revision_exists));
    }
    let action = format!("<</Type/Catalog/Pages {tree} 0 R/OpenAction<</S/JavaScript/JS(app.alert)>>>>");
    let catalog = document.trailer.get(b"Root").and_then(Object::as_reference).unwrap().0;
    let report = authority.verify(&append(&signed, &[(catalog, &action)], ""));
    assert!(!report.intact, "a catalog that lost its form has no signature to show");
}

#[test]
fn content_left_open_when_signing_and_filled_in_later_is_noticed() {
    let authority = Authority::new();
    let mut document = Document::load_mem(&pdf(Layout::Table)).unwrap();
    let page = document.get_pages()[&1];
    let content = document.get_dictionary(page).unwrap().get(b"Contents").unwrap().clone();
    // The second content stream does not exist: nothing is drawn.
    document.get_dictionary_mut(page).unwrap().set("Contents", vec![content, Object::Reference((800, 0))]);
    let signed = authority.person("张三", 0, 365).sign(&save(document, Layout::Table), &[]);
    assert!(authority.verify(&signed).intact);
    let body = "<</Length 30>>\nstream\n0 0 600 900 re f              \nendstream";
    invalid(&authority.verify(&append(&signed, &[(800, body)], "")), Reason::ChangedAfterSigning);
}

#[test]
fn what_may_change_must_not_be_drawn_too() {
    let authority = Authority::new();
    let mut document = Document::load_mem(&pdf(Layout::Table)).unwrap();
    let page = document.get_pages()[&1];
    let content = document.get_dictionary(page).unwrap().get(b"Contents").and_then(Object::as_reference).unwrap();
    // The page's content is declared to be the document's metadata, which may change.
    document.catalog_mut().unwrap().set("Metadata", content);
    let signed = authority.person("张三", 0, 365).sign(&save(document, Layout::Table), &[]);
    assert!(authority.verify(&signed).intact);
    let body = "<</Type/Metadata/Length 30>>\nstream\n0 0 600 900 re f              \nendstream";
    invalid(&authority.verify(&append(&signed, &[(content.0, body)], "")), Reason::ChangedAfterSigning);
}

#[test]
fn a_second_signer_who_changes_a_page_spoils_the_first_signature_only() {
    let authority = Authority::new();
    let (zhang, li) = (authority.person("张三", 0, 365), authority.person("李四", 0, 365));
    let first = zhang.sign(&pdf(Layout::Table), &[]);
    let (_, content) = page_and_content(&first, 1);
    let body = "<</Length 46>>\nstream\nBT /F1 24 Tf 72 700 Td (Another price) Tj ET   \nendstream";
    let report = authority.verify(&li.sign(&append(&first, &[(content, body)], ""), &[]));
    assert!(!report.intact);
    assert_eq!(verdicts(&report), [(Verdict::Invalid, vec![Reason::ChangedAfterSigning]), (Verdict::Valid, vec![])]);
}

#[test]
fn octets_behind_the_last_signature_are_reported() {
    let authority = Authority::new();
    let signed = authority.person("张三", 0, 365).sign(&pdf(Layout::Table), &[]);
    let mut longer = signed.clone();
    longer.extend_from_slice(b"% nothing to see\n");
    for longer in [longer, append(&signed, &[(903, "(nobody refers to this)")], "")] {
        let report = authority.verify(&longer);
        assert!(!report.intact);
        assert_eq!(verdicts(&report), [(Verdict::Valid, vec![Reason::UnsignedOctets])]);
        assert!(report.signatures[0].later_revision_exists);
    }
}

#[test]
fn a_byte_range_that_leaves_out_more_than_contents_is_refused() {
    let authority = Authority::new();
    let signed = authority.person("张三", 0, 365).sign(&pdf(Layout::Table), &[]);
    let text: Vec<u8> = b"/ByteRange [0 ".to_vec();
    let place = signed.windows(text.len()).position(|w| w == text).unwrap() + text.len();
    let end = place + signed[place..].iter().position(|&o| o == b' ').unwrap();
    let first: usize = String::from_utf8_lossy(&signed[place..end]).parse().unwrap();
    for other in [first - 1, first + 1, first - 60] {
        let mut changed = signed.clone();
        changed[place..end].copy_from_slice(other.to_string().as_bytes());
        let report = authority.verify(&changed);
        assert!(!report.intact);
        assert_eq!(report.signatures[0].verdict, Verdict::Invalid, "{other}: {report:?}");
    }
    for range in [
        "[0 0 0 0]",
        "[0 -5 10 20]",
        "[0 1 2]",
        "[0 10 5 7]",
        "[9 10 12 7]",
        "[0 9223372036854775807 9223372036854775807 9]",
    ] {
        let start = place - 3;
        let mut changed = signed.clone();
        let width = 48.max(range.len());
        changed[start..start + width].fill(b' ');
        changed[start..start + range.len()].copy_from_slice(range.as_bytes());
        let report = authority.verify(&changed);
        assert_eq!(report.signatures[0].verdict, Verdict::Invalid, "{range}: {report:?}");
    }
}

#[test]
fn the_certificate_decides_whether_a_good_signature_is_believed() {
    let authority = Authority::new();
    let stranger = Authority::new().person("路人", 0, 365);
    let late = authority.person("过期", 0, 30);
    let plain = pdf(Layout::Table);
    let report = authority.verify(&stranger.sign(&plain, &[]));
    assert_eq!(verdicts(&report), [(Verdict::Unknown, vec![Reason::CertificateUntrusted])]);
    assert!(report.signatures[0].digest_ok && report.signatures[0].signature_ok);
    let report = authority.verify(&late.sign(&plain, &[]));
    assert_eq!(verdicts(&report), [(Verdict::Unknown, vec![Reason::CertificateExpired])]);
}

#[test]
fn a_signature_of_another_document_does_not_fit() {
    let authority = Authority::new();
    let zhang = authority.person("张三", 0, 365);
    let one = zhang.sign(&pdf(Layout::Table), &[]);
    let prepared =
        document::pdf::prepare(&support::pdf_with(Layout::Table, 3, |_, _| {}), &[], &support::details("张三"))
            .unwrap();
    let own = document::pdf::Prepared::reopen(prepared.bytes).unwrap();
    let digest = [7; 32];
    let cms = pki::signed_data::Message::digest(&digest).sign(&zhang.certificate, &[], &zhang.key).unwrap();
    let report = authority.verify(&document::pdf::embed(&own, &cms).unwrap());
    invalid(&report, Reason::DigestMismatch);
    assert!(authority.verify(&one).intact);
    let garbage = authority.verify(&document::pdf::embed(&own, &[0x30, 3, 1, 2, 3]).unwrap());
    invalid(&garbage, Reason::MalformedSignature);
}

#[test]
fn a_cut_signed_file_is_an_error_or_without_valid_signature() {
    let authority = Authority::new();
    let signed = authority.person("张三", 0, 365).sign(&pdf(Layout::Streams), &[]);
    let trust = document::pdf::Sm2Verifier(|_: &pki::Certificate, _: &[pki::Certificate], _| Chain::Trusted);
    for cut in (0..signed.len()).step_by(97) {
        match document::pdf::verify(&signed[..cut], &trust) {
            Ok(report) => assert!(!report.intact, "cut at {cut}"),
            Err(error) => assert!(matches!(error, Error::NotPdf | Error::Damaged(_)), "cut at {cut}: {error}"),
        }
    }
}
