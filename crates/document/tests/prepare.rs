//! Preparing and embedding, judged by qpdf and pdfsig.

mod support;

use document::Error;
use document::pdf::{MAX_SIZE, Placement, Prepared, ROOM, RectMm, digest, embed, page_sizes_mm, prepare};
use lopdf::{Dictionary, Document, Object, dictionary};
use support::{Layout, at, details, judge, keep, pdf, pdf_with, qpdf_accepts, save, seal};

/// Stands for a signature where only the structure is looked at: a DER SEQUENCE around an OCTET STRING.
fn dummy() -> Vec<u8> {
    [&[0x30, 0x82, 1, 4, 0x04, 0x82, 1, 0][..], &[0x5a; 256]].concat()
}

fn sign(pdf: &[u8], placements: &[Placement<'_>], name: &str) -> Vec<u8> {
    let prepared = prepare(pdf, placements, &details(name)).expect("can be prepared");
    assert_eq!(Prepared::reopen(prepared.bytes.clone()).expect("is prepared"), prepared);
    assert_eq!(digest(&prepared.bytes).expect("has a digest"), prepared.digest);
    let signed = embed(&prepared, &dummy()).expect("fits");
    assert!(signed.starts_with(pdf), "the earlier octets stay as they are");
    assert_eq!(digest(&signed).expect("has a digest"), prepared.digest, "Contents is not part of what is signed");
    signed
}

#[test]
fn a_signature_is_one_update_that_qpdf_accepts_and_pdfsig_sees_as_total() {
    for layout in [Layout::Table, Layout::Streams] {
        let seal = seal();
        let signed = sign(&pdf(layout), &[at(&seal, 1, 120.0, 200.0), at(&seal, 2, 20.0, 30.0)], "张三");
        qpdf_accepts(&signed);
        keep(&format!("document-{layout:?}.pdf").to_lowercase(), &signed);
        if let Some((_, text)) = judge("pdfsig", &[], &signed) {
            assert!(text.contains("Signature #1"), "{text}");
            assert!(text.contains("Total document signed"), "{text}");
        }
    }
}

#[test]
fn several_signatures_in_a_row_keep_what_was_before() {
    for layout in [Layout::Table, Layout::Streams] {
        let seal = seal();
        let first = sign(&pdf(layout), &[at(&seal, 1, 20.0, 200.0)], "张三");
        let second = sign(&first, &[at(&seal, 1, 80.0, 200.0)], "李四");
        let third = sign(&second, &[], "王五");
        qpdf_accepts(&third);
        keep(&format!("document-thrice-{layout:?}.pdf").to_lowercase(), &third);
        if let Some((_, text)) = judge("pdfsig", &[], &third) {
            for number in 1..=3 {
                assert!(text.contains(&format!("Signature #{number}")), "{text}");
            }
            assert_eq!(text.matches("Total document signed").count(), 1, "{text}");
        }
        let document = Document::load_mem(&third).expect("readable");
        let form =
            document.catalog().and_then(|c| c.get(b"AcroForm")).and_then(|f| document.dereference(f)).expect("form");
        let form = form.1.as_dict().expect("form");
        assert_eq!(form.get(b"SigFlags").and_then(Object::as_i64).expect("flags"), 3);
        assert_eq!(form.get(b"Fields").and_then(Object::as_array).expect("fields").len(), 3);
    }
}

#[test]
fn turned_and_cut_pages_show_the_picture_where_it_was_placed_and_upright() {
    let bytes = pdf_with(Layout::Table, 4, |number, page| {
        page.set("Rotate", number as i64 * 90);
        page.set("CropBox", vec![50.into(), 60.into(), 450.into(), 700.into()]);
    });
    let sizes = page_sizes_mm(&bytes).expect("sizes");
    let mm = |units: f64| units * 25.4 / 72.0;
    for (number, (width, height)) in sizes.iter().enumerate() {
        let (w, h) = if number % 2 == 0 { (400.0, 640.0) } else { (640.0, 400.0) };
        assert!((width - mm(w)).abs() < 0.01 && (height - mm(h)).abs() < 0.01, "page {number}: {width} x {height}");
    }
    let seal = seal();
    let placements: Vec<_> = (1..=4).map(|page| at(&seal, page, 5.0, 10.0)).collect();
    let signed = sign(&bytes, &placements, "张三");
    qpdf_accepts(&signed);
    keep("document-turned.pdf", &signed);
    for page in 1..=4 {
        let Some(picture) = rendered(&signed, page) else { return };
        // 50 dpi: the box 5..45 mm, 10..50 mm is 10..88, 20..98 pixels. The arrow's tip is above its foot.
        let red = |x: u32, y: u32| {
            let [r, g, b] = picture.get_pixel(x, y).0;
            r > 150 && g < 140 && b < 140
        };
        let ring_left = (8..14).any(|x| red(x, 59));
        let ring_right = (84..90).any(|x| red(x, 59));
        assert!(ring_left && ring_right, "page {page}: the ring is where it was placed");
        let width_at = |y: u32| (30..70).filter(|&x| red(x, y)).count();
        assert!(width_at(60) > width_at(40), "page {page}: the arrow points up");
    }
}

/// The page as poppler shows it at 50 dpi.
fn rendered(pdf: &[u8], page: u32) -> Option<image::RgbImage> {
    let folder = tempfile::tempdir().expect("folder");
    let (input, output) = (folder.path().join("in.pdf"), folder.path().join("out"));
    std::fs::write(&input, pdf).expect("written");
    let page = page.to_string();
    let status = std::process::Command::new("pdftoppm")
        .args(["-r", "50", "-cropbox", "-png", "-singlefile", "-f", &page, "-l", &page])
        .args([&input, &output])
        .status()
        .ok()?;
    assert!(status.success(), "pdftoppm");
    Some(image::open(output.with_extension("png")).expect("picture").into_rgb8())
}

#[test]
fn shared_arrays_and_existing_forms_are_extended_not_replaced() {
    let mut document = Document::load_mem(&pdf(Layout::Table)).expect("readable");
    let note = document.add_object(dictionary! {
        "Type" => "Annot", "Subtype" => "Text", "Rect" => vec![0.into(), 0.into(), 20.into(), 20.into()],
    });
    let annotations = document.add_object(vec![Object::Reference(note)]);
    let page = document.get_pages()[&1];
    document.get_dictionary_mut(page).expect("page").set("Annots", annotations);
    let field = document.add_object(dictionary! { "FT" => "Tx", "T" => Object::string_literal("Signature1") });
    let fields = document.add_object(vec![Object::Reference(field)]);
    let form = document.add_object(dictionary! { "Fields" => fields, "NeedAppearances" => false });
    document.catalog_mut().expect("catalog").set("AcroForm", form);
    let seal = seal();
    let signed = sign(&save(document, Layout::Streams), &[at(&seal, 1, 20.0, 20.0)], "张三");
    qpdf_accepts(&signed);

    let document = Document::load_mem(&signed).expect("readable");
    let page = document.get_dictionary(document.get_pages()[&1]).expect("page");
    let annotations = document.dereference(page.get(b"Annots").expect("Annots")).expect("Annots").1;
    assert_eq!(annotations.as_array().expect("array").len(), 2);
    let form =
        document.dereference(document.catalog().expect("catalog").get(b"AcroForm").expect("form")).expect("form");
    let fields =
        document.dereference(form.1.as_dict().expect("form").get(b"Fields").expect("Fields")).expect("Fields").1;
    let names: Vec<_> = fields
        .as_array()
        .expect("array")
        .iter()
        .map(|field| {
            let field = document.dereference(field).expect("field").1.as_dict().expect("field");
            field.get(b"T").and_then(Object::as_str).expect("name").to_vec()
        })
        .collect();
    assert_eq!(names, [b"Signature1".to_vec(), b"Signature2".to_vec()], "the new name is free");
}

#[test]
fn a_placement_that_is_not_on_a_page_is_refused() {
    let (bytes, seal) = (pdf(Layout::Table), seal());
    let refuse = |placement: Placement<'_>| prepare(&bytes, &[placement], &details("张三")).expect_err("refused");
    assert_eq!(refuse(at(&seal, 0, 10.0, 10.0)), Error::NoSuchPage { page: 0, pages: 2 });
    assert_eq!(refuse(at(&seal, 3, 10.0, 10.0)), Error::NoSuchPage { page: 3, pages: 2 });
    assert_eq!(refuse(at(&seal, 1, 200.0, 10.0)), Error::OffPage { index: 0 });
    assert_eq!(refuse(at(b"GIF89a", 1, 10.0, 10.0)), Error::Appearance { index: 0 });
    let empty = RectMm { x_mm: 1.0, y_mm: 1.0, width_mm: -4.0, height_mm: 4.0 };
    assert_eq!(refuse(Placement { rect: empty, ..at(&seal, 1, 0.0, 0.0) }), Error::OffPage { index: 0 });
    let many = vec![at(&seal, 1, 10.0, 10.0); 501];
    assert_eq!(prepare(&bytes, &many, &details("张三")), Err(Error::TooManyPlacements { limit: 500 }));
}

#[test]
fn a_signature_larger_than_the_room_is_refused() {
    let prepared = prepare(&pdf(Layout::Table), &[], &details("张三")).expect("prepared");
    assert_eq!(embed(&prepared, &vec![1; ROOM]).expect("fits").len(), prepared.bytes.len());
    let refused = embed(&prepared, &vec![1; ROOM + 1]);
    assert_eq!(refused, Err(Error::SignatureTooLong { length: ROOM + 1, room: ROOM }));
}

#[test]
fn an_encrypted_file_is_refused() {
    let folder = tempfile::tempdir().expect("folder");
    let (plain, locked) = (folder.path().join("plain.pdf"), folder.path().join("locked.pdf"));
    std::fs::write(&plain, pdf(Layout::Table)).expect("written");
    let made = std::process::Command::new("qpdf")
        .args(["--encrypt", "", "owner", "256", "--"])
        .args([&plain, &locked])
        .status();
    if made.is_ok_and(|status| status.success()) {
        let locked = std::fs::read(&locked).expect("read");
        assert_eq!(prepare(&locked, &[], &details("张三")), Err(Error::Encrypted));
        assert_eq!(page_sizes_mm(&locked), Err(Error::Encrypted));
    }
}

#[test]
fn a_file_certified_against_change_is_refused() {
    let mut document = Document::load_mem(&pdf(Layout::Table)).expect("readable");
    let certification = document.add_object(dictionary! {
        "Type" => "Sig",
        "Reference" => vec![Object::Dictionary(dictionary! {
            "TransformMethod" => "DocMDP", "TransformParams" => dictionary! { "P" => 1 },
        })],
    });
    let mut permissions = Dictionary::new();
    permissions.set("DocMDP", certification);
    document.catalog_mut().expect("catalog").set("Perms", permissions);
    assert_eq!(prepare(&save(document, Layout::Table), &[], &details("张三")), Err(Error::Certified));
}

#[test]
fn what_is_not_prepared_is_not_taken_for_it() {
    let plain = pdf(Layout::Table);
    assert_eq!(Prepared::reopen(plain.clone()), Err(Error::NotPrepared));
    assert_eq!(digest(&plain), Err(Error::NotPrepared));
    let prepared = prepare(&plain, &[], &details("张三")).expect("prepared");
    let signed = embed(&prepared, &dummy()).expect("embedded");
    assert_eq!(Prepared::reopen(signed), Err(Error::NotPrepared), "a signature stands in it already");
    let mut longer = prepared.bytes;
    longer.extend_from_slice(b"% more\n");
    assert_eq!(Prepared::reopen(longer), Err(Error::NotPrepared), "octets that nothing covers");
}

#[test]
fn files_that_are_no_pdf_too_large_or_cut_are_refused() {
    assert_eq!(page_sizes_mm(b""), Err(Error::NotPdf));
    assert_eq!(page_sizes_mm(b"\xff\xd8\xff\xe0 a photograph"), Err(Error::NotPdf));
    assert_eq!(page_sizes_mm(&vec![b' '; MAX_SIZE + 1]), Err(Error::TooLarge { limit: MAX_SIZE }));
    for layout in [Layout::Table, Layout::Streams] {
        let whole = pdf(layout);
        for cut in (9..whole.len() - 8).step_by(7) {
            assert!(prepare(&whole[..cut], &[], &details("张三")).is_err(), "{layout:?} cut at {cut}");
        }
    }
}
