//! Seals drawn from a name.

#![allow(clippy::unwrap_used)] // a panic here is a failed test

mod support;

use document::Error;
use document::stamp::{CompanySeal, Picture, handwritten, name_seal};
use image::RgbaImage;
use proptest::prelude::*;
use support::keep;
use support::papers::fonts;

const LONG: &str = "广西壮族自治区公共资源交易中心（南宁市武鸣区分中心）工程建设项目招标代理有限责任公司";

fn company(name: &str) -> Result<Picture, Error> {
    CompanySeal { name, line: None, code: None }.draw(fonts())
}

fn pixels(picture: &Picture) -> RgbaImage {
    image::load_from_memory(&picture.png).unwrap().into_rgba8()
}

/// Red as far as it is there at all.
fn is_red(picture: &RgbaImage) {
    for pixel in picture.pixels().filter(|pixel| pixel.0[3] == 255) {
        assert!(pixel.0[0] > 180 && pixel.0[1] < 60 && pixel.0[2] < 60, "{pixel:?}");
    }
}

#[test]
fn a_company_seal_is_40_mm_round_red_and_transparent_around_and_between() {
    let picture = company("南宁市桂花树建筑工程有限公司").unwrap();
    assert_eq!((picture.width_mm, picture.height_mm), (40.0, 40.0));
    let pixels = pixels(&picture);
    assert_eq!(pixels.dimensions(), (800, 800));
    is_red(&pixels);
    let opaque = |x: u32, y: u32| pixels.get_pixel(x, y).0[3] > 200;
    assert!(!opaque(2, 2) && !opaque(797, 797), "the corners are empty");
    assert!(opaque(12, 400) && opaque(788, 400) && opaque(400, 12) && opaque(400, 788), "the ring");
    assert!(opaque(400, 400), "the star");
    assert!(!opaque(400, 620), "nothing under the star unless asked for");
}

#[test]
fn names_of_2_to_40_characters_fill_the_arc_without_touching_ring_or_star() {
    for name in ["桂签", "桂签公司", "南宁市桂花树建筑工程有限公司", &LONG.chars().take(40).collect::<String>()]
    {
        let picture = company(name).unwrap();
        keep(&format!("seal-{}.png", name.chars().count()), &picture.png);
        let pixels = pixels(&picture);
        let ink_between = |inner: f64, outer: f64| {
            pixels.enumerate_pixels().any(|(x, y, pixel)| {
                let far = (f64::from(x) - 400.0).hypot(f64::from(y) - 400.0) / 20.0;
                (inner..outer).contains(&far) && pixel.0[3] > 0
            })
        };
        assert!(!ink_between(17.9, 18.5), "{name}: air before the ring");
        assert!(!ink_between(7.0, 11.5), "{name}: air around the star");
        assert!(ink_between(13.0, 17.5), "{name}: the name is there");
    }
}

#[test]
fn the_first_character_stands_left_and_the_last_right_heads_outward() {
    // 一 is a bar: at its place on the arc it lies across the radius.
    let pixels = pixels(&company("一一一").unwrap());
    let ink = |x0: u32, x1: u32| {
        (x0..x1).flat_map(|x| (40..300).map(move |y| (x, y))).filter(|&(x, y)| {
            let far = (f64::from(x) - 400.0).hypot(f64::from(y) - 400.0) / 20.0;
            (12.0..18.0).contains(&far) && pixels.get_pixel(x, y).0[3] > 128
        })
    };
    let middle = |x0, x1| {
        let spots: Vec<_> = ink(x0, x1).collect();
        assert!(!spots.is_empty());
        spots.iter().map(|&(_, y)| f64::from(y)).sum::<f64>() / spots.len() as f64
    };
    let (left, top, right) = (middle(180, 320), middle(350, 450), middle(480, 620));
    assert!(top < left && top < right, "the middle character is the highest: {left} {top} {right}");
    assert!((left - right).abs() < 15.0, "both sides are level, but for the serif: {left} {right}");
}

#[test]
fn a_kind_of_seal_and_a_number_stand_below_the_star() {
    let with =
        CompanySeal {
            name: "南宁市桂花树建筑工程有限公司", line: Some("合同专用章"), code: Some("4501000012345")
        };
    let picture = with.draw(fonts()).unwrap();
    keep("seal-contract.png", &picture.png);
    let pixels = pixels(&picture);
    is_red(&pixels);
    let ink = |y0: u32, y1: u32| (300..500).any(|x| (y0..y1).any(|y| pixels.get_pixel(x, y).0[3] > 200));
    assert!(ink(570, 640), "the line");
    assert!(ink(725, 765), "the number");
}

#[test]
fn a_personal_seal_is_square_up_to_four_characters_and_a_strip_for_longer_names() {
    for name in ["韦", "韦山", "韦大山", "欧阳大山", "买买提·艾合买提"] {
        let picture = name_seal(name, fonts()).unwrap();
        keep(&format!("name-{}.png", name.chars().count()), &picture.png);
        is_red(&pixels(&picture));
        assert_eq!(picture.width_mm == picture.height_mm, name.chars().count() <= 4, "{name}");
    }
}

#[test]
fn a_name_is_written_in_ink_on_nothing() {
    let picture = handwritten("韦大山", fonts()).unwrap();
    keep("hand.png", &picture.png);
    let pixels = pixels(&picture);
    assert!(pixels.pixels().all(|pixel| pixel.0[0] < 40 || pixel.0[3] == 0));
    assert!((0..pixels.width()).all(|x| pixels.get_pixel(x, 0).0[3] == 0), "nothing is cut at the top");
    assert!((0..pixels.height()).all(|y| pixels.get_pixel(0, y).0[3] == 0), "nor at the left");
}

#[test]
fn a_seal_never_shows_another_name_than_the_one_given() {
    assert_eq!(company(""), Err(Error::FieldEmpty { field: "企业名称" }));
    assert_eq!(company("\u{200b}\t"), Err(Error::FieldEmpty { field: "企业名称" }));
    assert_eq!(company(&"长".repeat(41)), Err(Error::FieldTooLong { field: "企业名称", limit: 40 }));
    assert_eq!(company("南宁\u{1f600}公司"), Err(Error::NoGlyph { character: '\u{1f600}' }));
    assert_eq!(name_seal("\u{1f600}", fonts()), Err(Error::NoGlyph { character: '\u{1f600}' }));
    assert_eq!(handwritten(&"长".repeat(21), fonts()), Err(Error::FieldTooLong { field: "姓名", limit: 20 }));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_the_name_there_is_a_picture_or_a_reason(name in "\\PC{0,45}") {
        for drawn in [company(&name), name_seal(&name, fonts()), handwritten(&name, fonts())] {
            if let Ok(picture) = drawn {
                prop_assert!(image::load_from_memory(&picture.png).is_ok());
            }
        }
    }
}
