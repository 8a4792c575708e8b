//! A QR code for the terminal: two modules per character, dark on light whatever the terminal's colours.

use anyhow::Result;
use qrcode::render::unicode::Dense1x2;
use qrcode::{EcLevel, QrCode};

/// The picture of `text`, a few lines tall.
pub fn picture(text: &str) -> Result<String> {
    let code = QrCode::with_error_correction_level(text, EcLevel::L)?;
    // The renderer paints characters for dark modules; most terminals are dark, so the colours are swapped.
    Ok(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).quiet_zone(true).build())
}
