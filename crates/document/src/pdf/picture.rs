//! A PNG with transparency as an image XObject with a soft mask (ISO 32000-2 clauses 8.9.5 and 11.6.5.2).

use std::io::{Cursor, Write};

use flate2::Compression;
use flate2::write::ZlibEncoder;
use image::{ImageFormat, ImageReader, Limits};
use lopdf::{Dictionary, Object, Stream};

/// Pixels in each direction; 4000 on 40 mm is far above any printer.
const MAX_SIDE: u32 = 4_000;
const MAX_ALLOC: u64 = 96 << 20;

/// The two streams of a picture; without mask when nothing is transparent.
pub(super) struct Picture {
    /// DeviceRGB samples.
    pub colours: Stream,
    /// DeviceGray samples: 0 is transparent.
    pub mask: Option<Stream>,
}

impl Picture {
    /// Reads a PNG; `None` if it is not one or too large.
    pub fn from_png(png: &[u8]) -> Option<Self> {
        let mut reader = ImageReader::with_format(Cursor::new(png), ImageFormat::Png);
        let mut limits = Limits::default();
        limits.max_image_width = Some(MAX_SIDE);
        limits.max_image_height = Some(MAX_SIDE);
        limits.max_alloc = Some(MAX_ALLOC);
        reader.limits(limits);
        let pixels = reader.decode().ok()?.into_rgba8();
        let (width, height) = pixels.dimensions();
        let mut colours = Vec::with_capacity(pixels.len() / 4 * 3);
        let mut mask = Vec::with_capacity(pixels.len() / 4);
        for [red, green, blue, alpha] in pixels.pixels().map(|pixel| pixel.0) {
            colours.extend([red, green, blue]);
            mask.push(alpha);
        }
        let opaque = mask.iter().all(|&alpha| alpha == u8::MAX);
        Some(Self {
            colours: stream(width, height, b"DeviceRGB", &colours),
            mask: (!opaque).then(|| stream(width, height, b"DeviceGray", &mask)),
        })
    }
}

fn stream(width: u32, height: u32, space: &[u8], samples: &[u8]) -> Stream {
    let mut dictionary = Dictionary::new();
    for (key, value) in [("Type", &b"XObject"[..]), ("Subtype", b"Image"), ("ColorSpace", space)] {
        dictionary.set(key, Object::Name(value.to_vec()));
    }
    dictionary.set("Width", i64::from(width));
    dictionary.set("Height", i64::from(height));
    dictionary.set("BitsPerComponent", 8);
    dictionary.set("Filter", Object::Name(b"FlateDecode".to_vec()));
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    // Writing into a vector cannot fail; should it ever, an empty image is drawn and nothing is signed wrongly.
    let packed = encoder.write_all(samples).and_then(|()| encoder.finish()).unwrap_or_default();
    Stream::new(dictionary, packed)
}
