//! Builders of small documents, and outside tools as judges.
#![allow(dead_code, clippy::unwrap_used)] // each test file uses its part; a panic here is a failed test

pub mod papers;
pub mod people;

use std::path::PathBuf;
use std::process::Command;

use document::pdf::{Details, Placement, RectMm};
use lopdf::{Dictionary, Document, Object, SaveOptions, Stream, dictionary};

/// How a fixture is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// Cross-reference table.
    Table,
    /// Cross-reference stream and object streams.
    Streams,
}

/// A document of A4 pages; `page` may change each page's dictionary.
pub fn pdf_with(layout: Layout, pages: usize, page: impl Fn(usize, &mut Dictionary)) -> Vec<u8> {
    let mut document = Document::with_version("1.7");
    let tree = document.new_object_id();
    let font = document.add_object(dictionary! { "Type" => "Font", "Subtype" => "Type1", "BaseFont" => "Helvetica" });
    let mut kids = Vec::new();
    for number in 0..pages {
        let text = format!("BT /F1 24 Tf 72 700 Td (Page {}) Tj ET 0 0 200 100 re S", number + 1);
        let content = document.add_object(Stream::new(Dictionary::new(), text.into_bytes()));
        let mut dictionary = dictionary! {
            "Type" => "Page",
            "Parent" => tree,
            "Contents" => content,
            "Resources" => dictionary! { "Font" => dictionary! { "F1" => font } },
        };
        page(number, &mut dictionary);
        kids.push(Object::Reference(document.add_object(dictionary)));
    }
    document.objects.insert(
        tree,
        Object::Dictionary(dictionary! {
            "Type" => "Pages",
            "Count" => pages as i64,
            "Kids" => kids,
            "MediaBox" => vec![0.into(), 0.into(), Object::Real(595.276), Object::Real(841.89)],
        }),
    );
    let catalog = document.add_object(dictionary! { "Type" => "Catalog", "Pages" => tree });
    document.trailer.set("Root", catalog);
    save(document, layout)
}

/// Writes a document in the layout asked for.
pub fn save(mut document: Document, layout: Layout) -> Vec<u8> {
    let mut bytes = Vec::new();
    match layout {
        Layout::Table => {
            document.reference_table.cross_reference_type = lopdf::xref::XrefType::CrossReferenceTable;
            document.save_to(&mut bytes).unwrap();
        }
        Layout::Streams => {
            let options = SaveOptions { use_object_streams: true, use_xref_streams: true, ..SaveOptions::default() };
            document.save_with_options(&mut bytes, options).unwrap();
        }
    }
    bytes
}

/// A plain document of two A4 pages.
pub fn pdf(layout: Layout) -> Vec<u8> {
    pdf_with(layout, 2, |_, _| {})
}

/// A PNG of a red ring on nothing, with an arrow upwards so that turning shows.
pub fn seal() -> Vec<u8> {
    let side = 160_u32;
    let picture = image::RgbaImage::from_fn(side, side, |x, y| {
        let (dx, dy) = (f64::from(x) - 80.0, f64::from(y) - 80.0);
        let ring = (62.0..76.0).contains(&dx.hypot(dy));
        let arrow = (20..90).contains(&y) && dx.abs() < f64::from(y - 20) / 2.0;
        if ring || arrow { image::Rgba([200, 20, 30, 230]) } else { image::Rgba([0, 0, 0, 0]) }
    });
    let mut octets = std::io::Cursor::new(Vec::new());
    picture.write_to(&mut octets, image::ImageFormat::Png).unwrap();
    octets.into_inner()
}

/// A placement of `png` on `page`.
pub fn at(png: &[u8], page: u32, x_mm: f64, y_mm: f64) -> Placement<'_> {
    Placement { page, rect: RectMm { x_mm, y_mm, width_mm: 40.0, height_mm: 40.0 }, png }
}

/// What a signer claims.
pub fn details(name: &str) -> Details<'_> {
    Details { name, reason: Some("投标文件签署"), signed_at: "2026-11-24T04:00:00Z".parse().unwrap() }
}

/// Runs an outside tool over a file and gives its exit code and output; `None` where it is not installed.
pub fn judge(program: &str, arguments: &[&str], pdf: &[u8]) -> Option<(i32, String)> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("judged.pdf");
    std::fs::write(&path, pdf).unwrap();
    let output = match Command::new(program).args(arguments).arg(&path).output() {
        Ok(output) => output,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => panic!("{program}: {error}"),
    };
    let text = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    Some((output.status.code().unwrap_or(-1), text))
}

/// qpdf finds nothing to complain about.
pub fn qpdf_accepts(pdf: &[u8]) {
    if let Some((code, text)) = judge("qpdf", &["--check"], pdf) {
        assert_eq!(code, 0, "qpdf --check: {text}");
    }
}

/// Leaves a file for people to look at, where the environment asks for it.
pub fn keep(name: &str, octets: &[u8]) {
    // Where test artifacts go is the one thing a test asks of its environment.
    #[allow(clippy::disallowed_methods)]
    if let Some(folder) = std::env::var_os("GUIQIAN_ARTIFACTS").map(PathBuf::from) {
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(name), octets).unwrap();
    }
}
