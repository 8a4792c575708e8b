//! Files made to break readers: each is refused with a reason, within time and memory.
#![allow(clippy::unwrap_used)] // a panic here is a failed test

mod support;

use std::fmt::Write as _;
use std::io::Write as _;
use std::time::{Duration, Instant};

use document::Error;
use document::pdf::{self, Chain, MAX_SIZE, Sm2Verifier, page_sizes_mm, prepare, verify};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use support::people::Authority;
use support::{Layout, at, details, seal};

/// Builds a file from numbered objects; the trailer's entries come after Size and Root (object 1).
fn file(objects: &[(u32, Vec<u8>)], trailer: &str) -> Vec<u8> {
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut table = String::from("xref\n");
    for (number, body) in objects {
        write!(table, "{number} 1\n{:010} 00000 n\r\n", out.len()).unwrap();
        out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\nendobj\n");
    }
    let start = out.len();
    let size = objects.iter().map(|(number, _)| number + 1).max().unwrap_or(1);
    write!(table, "trailer\n<</Size {size}/Root 1 0 R{trailer}>>\nstartxref\n{start}\n%%EOF\n").unwrap();
    out.extend_from_slice(table.as_bytes());
    out
}

fn text(body: &str) -> Vec<u8> {
    body.as_bytes().to_vec()
}

fn packed(octets: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(octets).unwrap();
    encoder.finish().unwrap()
}

fn stream(entries: &str, octets: &[u8]) -> Vec<u8> {
    [format!("<<{entries}/Length {}>>\nstream\n", octets.len()).as_bytes(), octets, b"\nendstream"].concat()
}

/// One page under the usual catalog.
fn one_page() -> Vec<(u32, Vec<u8>)> {
    vec![
        (1, text("<</Type/Catalog/Pages 2 0 R>>")),
        (2, text("<</Type/Pages/Count 1/Kids[3 0 R]>>")),
        (3, text("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]>>")),
    ]
}

/// Everything that reads, on one file: none may panic, and all together not take long.
fn read_all(pdf: &[u8]) -> Vec<Error> {
    let started = Instant::now();
    let believe = Sm2Verifier(|_: &pki::Certificate, _: &[pki::Certificate], _| Chain::Trusted);
    let errors = [
        page_sizes_mm(pdf).err(),
        prepare(pdf, &[], &details("张三")).err(),
        verify(pdf, &believe).err(),
        pdf::digest(pdf).err().filter(|error| *error != Error::NotPrepared),
    ];
    assert!(started.elapsed() < Duration::from_secs(60), "took {:?}", started.elapsed());
    errors.into_iter().flatten().collect()
}

fn refused(pdf: &[u8]) {
    assert!(!read_all(pdf).is_empty(), "nobody complains");
}

#[test]
fn the_builder_of_these_files_makes_readable_ones() {
    assert_eq!(read_all(&file(&one_page(), "")), []);
}

#[test]
fn page_trees_without_end_are_refused() {
    let mut circle = one_page();
    circle[2] = (3, text("<</Type/Pages/Parent 2 0 R/Kids[2 0 R]>>"));
    refused(&file(&circle, ""));

    let mut deep = one_page();
    deep.truncate(2);
    deep.extend((3..5_000).map(|number| (number, text(&format!("<</Type/Pages/Kids[{} 0 R]>>", number + 1)))));
    refused(&file(&deep, ""));

    let mut wide = one_page();
    wide[1] = (2, text(&format!("<</Type/Pages/Kids[{}]>>", "3 0 R ".repeat(200_000))));
    refused(&file(&wide, ""));

    for pages in ["null", "3 0 R", "99 0 R", "[]", "(x)"] {
        let mut none = one_page();
        none[0] = (1, text(&format!("<</Type/Catalog/Pages {pages}>>")));
        none.truncate(2);
        refused(&file(&none, ""));
    }
}

#[test]
fn chains_of_revisions_without_end_or_start_are_refused() {
    let plain = file(&one_page(), "");
    let start = plain
        .windows(5)
        .rposition(|window| window == b"xref\n")
        .map(|_| plain.windows(6).position(|w| w == b"\nxref\n").unwrap() + 1)
        .unwrap();
    for previous in [start.to_string(), "-1".into(), "99999999999".into(), "(x)".into(), "3".into(), "1e9".into()] {
        refused(&file(&one_page(), &format!("/Prev {previous}")));
    }
    refused(&file(&one_page(), "/XRefStm 4"));
    for size in ["99999999", "-5"] {
        let changed = String::from_utf8(plain.clone()).unwrap().replace("/Size 4", &format!("/Size {size}"));
        let _ = read_all(changed.as_bytes());
    }
    for tail in ["startxref\n-1\n%%EOF", "startxref\n99999999\n%%EOF", "startxref\n\n%%EOF", "%%EOF"] {
        let cut = String::from_utf8(plain.clone()).unwrap();
        let cut = cut[..cut.find("startxref").unwrap()].to_owned() + tail;
        refused(cut.as_bytes());
    }
}

#[test]
fn a_reference_that_leads_to_itself_is_refused() {
    let mut circle = one_page();
    circle[2] = (3, text("<</Type/Page/Parent 2 0 R/MediaBox 4 0 R>>"));
    circle.push((4, text("5 0 R")));
    circle.push((5, text("4 0 R")));
    refused(&file(&circle, ""));
}

#[test]
fn an_object_behind_a_megabyte_of_nothing_is_not_read_for_every_page() {
    let mut pages = one_page();
    let kids: String = (10..10_010).map(|number| format!("{number} 0 R ")).collect();
    pages[1] = (2, text(&format!("<</Type/Pages/Kids[{kids}]>>")));
    pages.extend((10..10_010).map(|number| (number, text("<</Type/Page/MediaBox 4 0 R>>"))));
    pages.push((4, [vec![b' '; 1 << 20], text("[0 0 595 842]")].concat()));
    assert_eq!(page_sizes_mm(&file(&pages, "")), Err(Error::TooComplex("reading it takes too long")));
}

#[test]
fn compressed_streams_that_unpack_to_gigabytes_are_refused() {
    // A cross-reference stream of nothing but zeros, packed once and twice.
    let bomb = packed(&vec![0; 80 << 20]);
    let zeros = packed(&bomb);
    for octets in [&zeros, &bomb] {
        let filters = if core::ptr::eq(octets, &zeros) { "[/FlateDecode/FlateDecode]" } else { "/FlateDecode" };
        let entries = format!("/Type/XRef/Size 100000000/W[1 4 2]/Root 1 0 R/Filter {filters}");
        let mut out = b"%PDF-1.7\n".to_vec();
        let start = out.len();
        out.extend_from_slice(b"9 0 obj\n");
        out.extend_from_slice(&stream(&entries, octets));
        out.extend_from_slice(format!("\nendobj\nstartxref\n{start}\n%%EOF\n").as_bytes());
        refused(&out);
    }
}

#[test]
fn many_object_streams_share_one_allowance() {
    // Forty object streams of four megabytes each, all of them needed for the pages.
    let mut objects = Vec::new();
    let mut out = b"%PDF-1.7\n".to_vec();
    let mut rows = Vec::new();
    let mut row = |kind: u8, second: u32, third: u16| {
        rows.push(kind);
        rows.extend_from_slice(&second.to_be_bytes());
        rows.extend_from_slice(&third.to_be_bytes());
    };
    row(0, 0, 65_535);
    let kids: String = (100..140).map(|number| format!("{number} 0 R ")).collect();
    objects.push((1, text("<</Type/Catalog/Pages 2 0 R>>")));
    objects.push((2, text(&format!("<</Type/Pages/Kids[{kids}]>>"))));
    for number in 10..50 {
        let header = format!("{} 0 ", number + 90);
        let body = format!("{header}<</Type/Page/MediaBox[0 0 9 9]>>{}", " ".repeat(4 << 20));
        let entries = format!("/Type/ObjStm/N 1/First {}/Filter/FlateDecode", header.len());
        objects.push((number, stream(&entries, &packed(body.as_bytes()))));
    }
    let mut offsets = std::collections::BTreeMap::new();
    for (number, body) in &objects {
        offsets.insert(*number, out.len() as u32);
        out.extend_from_slice(format!("{number} 0 obj\n").as_bytes());
        out.extend_from_slice(body);
        out.extend_from_slice(b"\nendobj\n");
    }
    for number in 1..140_u32 {
        match offsets.get(&number) {
            Some(offset) => row(1, *offset, 0),
            None if number >= 100 => row(2, number - 90, 0),
            None => row(0, 0, 0),
        }
    }
    let start = out.len();
    out.extend_from_slice(b"140 0 obj\n");
    out.extend_from_slice(&stream("/Type/XRef/Size 140/W[1 4 2]/Root 1 0 R", &rows));
    out.extend_from_slice(format!("\nendobj\nstartxref\n{start}\n%%EOF\n").as_bytes());
    assert_eq!(page_sizes_mm(&out), Err(Error::TooComplex("its streams are too large when decompressed")));
    refused(&out);
}

#[test]
fn forms_without_end_are_refused_or_read_once() {
    let mut circle = one_page();
    circle[0] = (1, text("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[4 0 R 4 0 R]>>>>"));
    circle.push((4, text("<</FT/Sig/T(a)/Kids[4 0 R 5 0 R]>>")));
    circle.push((5, text("<</Kids[4 0 R]/V<</Type/Sig/ByteRange[0 1 2 3]/Contents<00>>>>>")));
    assert_eq!(read_all(&file(&circle, "")), []);
    let mut wide = one_page();
    let fields = "<<>>".repeat(60_000);
    wide[0] = (1, text(&format!("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{fields}]>>>>")));
    refused(&file(&wide, ""));
    let mut many = one_page();
    let fields = "<</FT/Sig/V<</ByteRange[0 1 20 9]>>>>".repeat(300);
    many[0] = (1, text(&format!("<</Type/Catalog/Pages 2 0 R/AcroForm<</Fields[{fields}]>>>>")));
    assert!(read_all(&file(&many, "")).contains(&Error::TooComplex("too many signatures")));
}

#[test]
fn strange_page_boxes_still_have_a_size() {
    for entries in [
        "/MediaBox[0 0 0 0]",
        "/MediaBox[1 2]",
        "/MediaBox(x)",
        "/MediaBox[0 0 595 842]/CropBox[9000 9000 9100 9100]",
        "/MediaBox[595 842 0 0]/Rotate 91",
        "/MediaBox[0 0 595 842]/UserUnit -3",
        "/MediaBox[0 0 1e9 842]",
        "/Rotate 99999999999",
    ] {
        let mut page = one_page();
        page[2] = (3, text(&format!("<</Type/Page/Parent 2 0 R{entries}>>")));
        if let Ok(sizes) = page_sizes_mm(&file(&page, "")) {
            let [(width, height)] = sizes[..] else { panic!("one page") };
            assert!(width.is_finite() && height.is_finite() && width > 0.0 && height > 0.0, "{entries}");
        }
    }
}

#[test]
fn pictures_larger_than_any_printer_are_refused() {
    let plain = support::pdf(Layout::Table);
    // A PNG header that claims 60000 x 60000 pixels.
    let mut huge = seal();
    huge[16..24].copy_from_slice(&[0, 0, 0xea, 0x60, 0, 0, 0xea, 0x60]);
    for png in [&huge[..], &seal()[..60], b""] {
        assert_eq!(prepare(&plain, &[at(png, 1, 10.0, 10.0)], &details("张三")), Err(Error::Appearance { index: 0 }));
    }
}

#[test]
fn files_changed_at_random_never_break_the_reader() {
    let authority = Authority::new();
    let person = authority.person("张三", 0, 365);
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut random = |below: usize| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state % below as u64).unwrap()
    };
    for layout in [Layout::Table, Layout::Streams] {
        let signed = person.sign(&person.sign(&support::pdf(layout), &[]), &[]);
        for _ in 0..150 {
            let mut changed = signed.clone();
            for _ in 0..=random(6) {
                let (place, other) = (random(changed.len()), random(changed.len()));
                match random(4) {
                    0 => changed[place] = u8::try_from(random(256)).unwrap(),
                    1 => drop(changed.drain(place..(place + random(40)).min(changed.len()))),
                    2 => {
                        let piece = changed[other..(other + random(60)).min(changed.len())].to_vec();
                        changed.splice(place..place, piece);
                    }
                    _ => changed.truncate(place.max(20)),
                }
            }
            read_all(&changed);
            if changed != signed
                && let Ok(report) = authority.try_verify(&changed)
            {
                // Whatever still counts as whole is what was signed: only unread hints inside of the signature differ.
                assert!(!report.intact || changed.len() == signed.len());
            }
        }
    }
}

#[test]
fn the_largest_file_is_read_in_time() {
    let mut page = one_page();
    page[2] = (3, text("<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R>>"));
    page.push((4, stream("", &vec![b' '; MAX_SIZE - (1 << 20)])));
    assert_eq!(read_all(&file(&page, "")), []);
}
