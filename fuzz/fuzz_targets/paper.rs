//! What people type, on papers and seals. Needs a Chinese font: fonts-noto-cjk.
#![no_main]

use std::process::Command;
use std::sync::LazyLock;

use document::Error;
use document::paper::{Authorisation, Enterprise, Face, Fonts, Head, Permission, Person, Terms};
use document::pdf::{Details, prepare};
use document::stamp::{CompanySeal, handwritten, name_seal};
use jiff::{Timestamp, civil::date};
use libfuzzer_sys::fuzz_target;

static FONTS: LazyLock<Fonts> = LazyLock::new(|| {
    let octets = std::fs::read("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc").expect("fonts-noto-cjk");
    Fonts::single(Face::from_octets(octets).expect("a font"))
});

fuzz_target!(|text: &str| {
    let (one, two) = text.split_once('\n').unwrap_or((text, "韦大山"));
    let head = Head { institution: "机构", number: "GQ1", date: date(2026, 11, 24), demonstration: true };
    let letter = Authorisation {
        enterprise: Enterprise { name: one, credit_code: two },
        person: Person { name: two, id_kind: one, id_number: one, phone: "" },
        platform: one,
        permissions: &[Permission::Login],
        seals: &[],
        matter: two,
        terms: Terms { months: 12, fee_fen: 0 },
    };
    match letter.make(&head, &FONTS) {
        Ok(paper) => {
            let details = Details { name: "fuzz", reason: None, signed_at: Timestamp::UNIX_EPOCH };
            prepare(&paper.pdf, &[], &details).expect("we read what we write");
            qpdf_accepts(&paper.pdf);
        }
        Err(error) => assert!(matches!(error, Error::FieldEmpty { .. } | Error::FieldTooLong { .. }), "{error}"),
    }
    let _ = CompanySeal { name: one, line: Some(two), code: Some(two) }.draw(&FONTS);
    let _ = name_seal(one, &FONTS);
    let _ = handwritten(one, &FONTS);
});

/// qpdf --check says nothing against it, where it is installed.
fn qpdf_accepts(pdf: &[u8]) {
    let path = std::env::temp_dir().join(format!("guiqian-fuzz-{}.pdf", std::process::id()));
    std::fs::write(&path, pdf).expect("the folder for temporary files can be written");
    if let Ok(checked) = Command::new("qpdf").arg("--check").arg(&path).output() {
        assert!(checked.status.success(), "{}", String::from_utf8_lossy(&checked.stderr));
    }
}
