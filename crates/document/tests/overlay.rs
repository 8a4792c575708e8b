//! Signing adds pictures to pages. Who cannot sign must not get the same by writing a signature that is none.

#![allow(clippy::unwrap_used)] // a panic here is a failed test

mod support;

use document::pdf::{Reason, Verdict, embed, prepare};
use pki::signed_data::Message;
use support::people::Authority;
use support::{Layout, at, details, pdf, seal};

#[test]
fn a_picture_laid_over_a_page_with_a_broken_signature_spoils_what_was_signed_before() {
    let authority = Authority::new();
    let (zhang, li) = (authority.person("张三", 0, 365), authority.person("李四", 0, 365));
    let seal = seal();
    for layout in [Layout::Table, Layout::Streams] {
        let first = zhang.sign(&pdf(layout), &[at(&seal, 1, 10.0, 10.0)]);
        let prepared =
            prepare(&first, &[at(&seal, 1, 60.0, 10.0), at(&seal, 2, 60.0, 10.0)], &details("李四")).unwrap();
        let other = Message::digest(&[7; 32]).sign(&li.certificate, &[], &li.key).unwrap();
        let forged = embed(&prepared, &other).unwrap();
        let report = authority.verify(&forged);
        assert_eq!(report.signatures[1].verdict, Verdict::Invalid);
        assert_eq!(report.signatures[0].verdict, Verdict::Invalid, "{report:#?}");
        assert!(report.signatures[0].reasons.contains(&Reason::ChangedAfterSigning));
    }
}

#[test]
fn a_picture_laid_over_a_page_by_a_stranger_leaves_what_was_signed_before_unconfirmed() {
    let (authority, strangers) = (Authority::new(), Authority::new());
    let (zhang, mallory) = (authority.person("张三", 0, 365), strangers.person("张三", 0, 365));
    let seal = seal();
    for layout in [Layout::Table, Layout::Streams] {
        let first = zhang.sign(&pdf(layout), &[]);
        let overlaid = mallory.sign(&first, &[at(&seal, 1, 60.0, 10.0), at(&seal, 2, 60.0, 10.0)]);
        let report = authority.verify(&overlaid);
        assert_eq!(report.signatures[1].verdict, Verdict::Unknown);
        assert_eq!(report.signatures[0].verdict, Verdict::Unknown, "{report:#?}");
        assert_eq!(report.signatures[0].reasons, [Reason::LaterSignatureUnconfirmed]);
    }
}
