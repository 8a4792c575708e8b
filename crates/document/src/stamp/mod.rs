//! Seals and signatures drawn from a name, for those who have none to photograph. Pictures are PNG on a transparent
//! ground with their size on paper.

mod canvas;
mod company;
mod name;

pub use company::CompanySeal;
pub use name::{handwritten, name_seal};

use crate::paper::one_line;
use crate::{Error, Result};

/// A drawn picture.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    /// PNG with transparency.
    pub png: Vec<u8>,
    /// Width on paper.
    pub width_mm: f64,
    /// Height on paper.
    pub height_mm: f64,
}

/// Characters to draw, from people: as for papers, within bounds, without spaces at the ends.
fn characters(field: &'static str, text: &str, limit: usize) -> Result<Vec<char>> {
    let characters: Vec<char> = one_line(text).chars().collect();
    match characters.len() {
        0 => Err(Error::FieldEmpty { field }),
        count if count > limit => Err(Error::FieldTooLong { field, limit }),
        _ => Ok(characters),
    }
}
