//! 法人章 and name pictures of people.

use tiny_skia::{Path, PathBuilder, Rect, Transform};

use super::canvas::{BLACK, Canvas, RED, Shape};
use super::{Picture, characters};
use crate::Result;
use crate::paper::{Face, Fonts};

const PIXELS_PER_MM: f32 = 24.0;
/// A square seal's side.
const SIDE: f32 = 20.0;
const BORDER: f32 = 1.1;
/// Characters of a name, for names of all peoples.
const MAX_NAME: usize = 20;

/// A personal seal: up to four characters in a square of 20 mm, read from the top right downwards and closed with 印;
/// a longer name in one line from left to right.
///
/// # Errors
/// A name that is empty or too long, a character that the font lacks.
pub fn name_seal(name: &str, fonts: &Fonts) -> Result<Picture> {
    let name = characters("姓名", name, MAX_NAME)?;
    if name.len() > 4 { long(&name, &fonts.bold) } else { square(&name, &fonts.bold) }
}

fn square(name: &[char], face: &Face) -> Result<Picture> {
    let closing: &[char] = match name.len() {
        1 => &['印'],
        2 => &['之', '印'],
        3 => &['印'],
        _ => &[],
    };
    let text = [name, closing].concat();
    let mut canvas = Canvas::new(SIDE, SIDE, PIXELS_PER_MM, RED)?;
    canvas.stroke(frame(SIDE, SIDE), BORDER);
    let inner = SIDE - 2.0 * BORDER - 1.4;
    let rows = 2_usize;
    let columns = text.len().div_ceil(rows);
    let (width, height) = (inner / columns as f32, inner / rows as f32);
    let face = face.reader()?;
    for (number, shape) in Shape::all(&face, &text)?.into_iter().enumerate() {
        let (column, row) = ((number / rows) as f32, (number % rows) as f32);
        let x = SIDE / 2.0 + inner / 2.0 - width * (column + 0.5);
        let y = SIDE / 2.0 - inner / 2.0 + height * (row + 0.5);
        // A narrow letter is not widened, a character alone in its column fills it.
        let wide = width.min(height * 1.35);
        canvas.fill_at(shape.path, Transform::from_scale(wide * 0.98, height * 0.98).post_translate(x, y));
    }
    canvas.finish()
}

fn long(name: &[char], face: &Face) -> Result<Picture> {
    let face = face.reader()?;
    let shapes = Shape::all(&face, name)?;
    let whole: f32 = shapes.iter().map(|shape| shape.advance).sum();
    let (height, size) = (12.0_f32, 7.4_f32);
    let text_width = (whole * size).min(56.0);
    let (squeeze, width) = (text_width / whole.max(0.1), text_width + 2.0 * BORDER + 3.0);
    let mut canvas = Canvas::new(width, height, PIXELS_PER_MM, RED)?;
    canvas.stroke(frame(width, height), BORDER);
    let mut x = (width - text_width) / 2.0;
    for shape in shapes {
        let middle = x + shape.advance * squeeze / 2.0;
        canvas.fill_at(shape.path, Transform::from_scale(squeeze, size).post_translate(middle, height / 2.0));
        x += shape.advance * squeeze;
    }
    canvas.finish()
}

fn frame(width: f32, height: f32) -> Option<Path> {
    let inset = BORDER / 2.0 + 0.05;
    Rect::from_ltrb(inset, inset, width - inset, height - inset).map(PathBuilder::from_rect)
}

/// A name as a signature: ink, aslant, characters close to each other and not quite on a line. It looks like writing
/// only as far as the font does.
///
/// # Errors
/// A name that is empty or too long, a character that the font lacks.
pub fn handwritten(name: &str, fonts: &Fonts) -> Result<Picture> {
    const SIZE: f32 = 11.0;
    const HEIGHT: f32 = 15.0;
    /// Turn in degrees and lift in millimetres, over and over.
    const HAND: [(f32, f32); 4] = [(-5.0, 0.3), (3.0, -0.5), (-3.0, 0.4), (4.0, -0.2)];
    let name = characters("姓名", name, MAX_NAME)?;
    let face = fonts.regular.reader()?;
    let shapes = Shape::all(&face, &name)?;
    let step = 0.86 * SIZE;
    let whole: f32 = shapes.iter().map(|shape| shape.advance * step).sum();
    let width = whole + 6.0;
    let mut canvas = Canvas::new(width, HEIGHT, PIXELS_PER_MM, BLACK)?;
    let mut x = 3.0;
    for (shape, (turn, lift)) in shapes.into_iter().zip(HAND.into_iter().cycle()) {
        let middle = x + shape.advance * step / 2.0;
        let slanted = Transform::from_scale(SIZE * 0.94, SIZE)
            .post_concat(Transform::from_skew(-0.2, 0.0))
            .post_rotate(turn)
            .post_translate(middle, HEIGHT / 2.0 + lift);
        canvas.fill_at(shape.path, slanted);
        x += shape.advance * step;
    }
    canvas.finish()
}
