//! Pictures from strangers: decoded under limits, and written anew, so that nothing but pixels is kept (no EXIF, no
//! position, nothing appended).

use std::io::Cursor;

use image::{
    DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder, metadata::Orientation,
};

use super::rules::MaterialKind;
use crate::error::{Kind, Problem, Result};

/// Octets of an uploaded picture.
pub const MAX_OCTETS: usize = 8 * 1024 * 1024;
/// Pixels on the longer side of a photograph.
const MAX_PHOTO_SIDE: u32 = 10_000;
/// Pixels on the longer side of a signature.
const MAX_SIGNATURE_SIDE: u32 = 4_000;
/// Memory that decoding may take.
const MAX_MEMORY: u64 = 256 * 1024 * 1024;
/// Longer side of a photograph that is kept: enough to read a form of A4 size.
const KEPT_SIDE: u32 = 2_480;
/// A pixel darker than this in its alpha counts as ink.
const INK: u8 = 32;

const PICTURE_UNREADABLE: Kind = Kind::new(
    422,
    "PICTURE_UNREADABLE",
    "图片无法识别，请上传清晰的 PNG 或 JPEG 图片",
    "The picture cannot be read; use a PNG or JPEG",
);
const PICTURE_TOO_LARGE: Kind = Kind::new(
    422,
    "PICTURE_TOO_LARGE",
    "图片尺寸过大，请缩小后上传",
    "The picture has too many pixels; make it smaller",
);
const SIGNATURE_NOT_TRANSPARENT: Kind = Kind::new(
    422,
    "SIGNATURE_NOT_TRANSPARENT",
    "签名图片须为透明背景的 PNG，请重新书写或生成",
    "The signature must be a PNG with a transparent ground; write or generate it again",
);
const SIGNATURE_EMPTY: Kind =
    Kind::new(422, "SIGNATURE_EMPTY", "签名为空，请先书写签名", "The signature is empty; write it first");

/// A picture that may be kept.
#[derive(Debug)]
pub struct Picture {
    /// PNG or JPEG, freshly written.
    pub octets: Vec<u8>,
    /// Its media type.
    pub content_type: &'static str,
}

/// Checks a picture of `kind` with the media type that the upload claims. Takes a while: not for the async threads.
pub fn check(kind: MaterialKind, media_type: &str, octets: &[u8]) -> Result<Picture> {
    match kind {
        MaterialKind::Signature => signature(media_type, octets),
        _ => photo(media_type, octets),
    }
}

fn signature(media_type: &str, octets: &[u8]) -> Result<Picture> {
    if media_type != "image/png" {
        return Err(SIGNATURE_NOT_TRANSPARENT.into());
    }
    let (image, _) = decode(ImageFormat::Png, octets, MAX_SIGNATURE_SIDE)?;
    if !image.color().has_alpha() {
        return Err(SIGNATURE_NOT_TRANSPARENT.into());
    }
    let image = image.into_rgba8();
    let ink = image.pixels().filter(|pixel| pixel.0[3] > INK).count();
    let all = image.pixels().len();
    if ink * 2_000 < all || ink < 16 {
        return Err(SIGNATURE_EMPTY.into());
    }
    // A signature leaves most of its ground free; a filled rectangle is a photograph with an alpha channel.
    if ink * 10 > all * 9 {
        return Err(SIGNATURE_NOT_TRANSPARENT.into());
    }
    write(&DynamicImage::ImageRgba8(image), ImageFormat::Png)
}

/// Checks a photograph or screenshot with the media type that the upload claims. Takes a while, like [`check`].
pub fn photo(media_type: &str, octets: &[u8]) -> Result<Picture> {
    let format = if media_type == "image/png" { ImageFormat::Png } else { ImageFormat::Jpeg };
    let (mut image, orientation) = decode(format, octets, MAX_PHOTO_SIDE)?;
    image.apply_orientation(orientation);
    if image.width().max(image.height()) > KEPT_SIDE {
        image = image.thumbnail(KEPT_SIDE, KEPT_SIDE);
    }
    write(&DynamicImage::ImageRgb8(image.into_rgb8()), ImageFormat::Jpeg)
}

fn decode(format: ImageFormat, octets: &[u8], max_side: u32) -> Result<(DynamicImage, Orientation)> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(max_side);
    limits.max_image_height = Some(max_side);
    limits.max_alloc = Some(MAX_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(octets), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(|error| refusal(&error))?;
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let image = DynamicImage::from_decoder(decoder).map_err(|error| refusal(&error))?;
    Ok((image, orientation))
}

fn refusal(error: &image::ImageError) -> Problem {
    match error {
        image::ImageError::Limits(_) => PICTURE_TOO_LARGE.into(),
        _ => PICTURE_UNREADABLE.into(),
    }
}

fn write(image: &DynamicImage, format: ImageFormat) -> Result<Picture> {
    let mut out = Cursor::new(Vec::new());
    let content_type = match format {
        ImageFormat::Jpeg => {
            image.write_with_encoder(JpegEncoder::new_with_quality(&mut out, 88)).map_err(Problem::internal)?;
            "image/jpeg"
        }
        _ => {
            image.write_to(&mut out, ImageFormat::Png).map_err(Problem::internal)?;
            "image/png"
        }
    };
    Ok(Picture { octets: out.into_inner(), content_type })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    fn png(image: impl Into<DynamicImage>) -> Vec<u8> {
        let mut out = Cursor::new(Vec::new());
        image.into().write_to(&mut out, ImageFormat::Png).unwrap();
        out.into_inner()
    }

    fn stroke(ink_rows: u32) -> Vec<u8> {
        png(RgbaImage::from_fn(100, 100, |_, y| if y < ink_rows { Rgba([0, 0, 0, 255]) } else { Rgba([0; 4]) }))
    }

    fn code(result: Result<Picture>) -> &'static str {
        result.unwrap_err().kind().code
    }

    #[test]
    fn a_written_signature_on_a_transparent_ground_is_kept() {
        let kept = check(MaterialKind::Signature, "image/png", &stroke(10)).unwrap();
        assert_eq!(kept.content_type, "image/png");
        let again = image::load_from_memory(&kept.octets).unwrap();
        assert_eq!((again.width(), again.height()), (100, 100));
    }

    #[test]
    fn an_empty_an_opaque_and_a_filled_signature_are_refused() {
        assert_eq!(code(check(MaterialKind::Signature, "image/png", &stroke(0))), "SIGNATURE_EMPTY");
        let opaque = png(RgbImage::from_pixel(50, 50, Rgb([200, 0, 0])));
        assert_eq!(code(check(MaterialKind::Signature, "image/png", &opaque)), "SIGNATURE_NOT_TRANSPARENT");
        assert_eq!(code(check(MaterialKind::Signature, "image/png", &stroke(100))), "SIGNATURE_NOT_TRANSPARENT");
        assert_eq!(code(check(MaterialKind::Signature, "image/jpeg", &stroke(10))), "SIGNATURE_NOT_TRANSPARENT");
    }

    #[test]
    fn what_is_not_a_picture_or_breaks_off_is_refused() {
        for octets in [&b""[..], b"hello", b"\x89PNG\r\n\x1a\n", &stroke(10)[..60]] {
            assert_eq!(code(check(MaterialKind::Signature, "image/png", octets)), "PICTURE_UNREADABLE");
            assert_eq!(code(check(MaterialKind::ApplicationForm, "image/jpeg", octets)), "PICTURE_UNREADABLE");
        }
    }

    #[test]
    fn a_picture_that_unpacks_to_too_many_pixels_is_refused_before_it_is_unpacked() {
        let wide = png(image::GrayImage::new(12_000, 1));
        assert_eq!(code(check(MaterialKind::ApplicationForm, "image/png", &wide)), "PICTURE_TOO_LARGE");
        let large = png(RgbaImage::from_pixel(4_001, 2, Rgba([0, 0, 0, 255])));
        assert_eq!(code(check(MaterialKind::Signature, "image/png", &large)), "PICTURE_TOO_LARGE");
    }

    #[test]
    fn a_photograph_is_written_anew_without_what_was_appended() {
        let mut octets = png(RgbImage::from_pixel(60, 40, Rgb([1, 2, 3])));
        octets.extend_from_slice(b"secret position");
        let kept = check(MaterialKind::ApplicationForm, "image/png", &octets).unwrap();
        assert_eq!(kept.content_type, "image/jpeg");
        assert!(!kept.octets.windows(6).any(|window| window == b"secret"));
    }
}
