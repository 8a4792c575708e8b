//! 企业公章: a ring of 40 mm with a star, the enterprise's name on the upper arc in Song type, as the State Council's
//! rules for seals (国发〔1999〕25号) have it.

use std::f32::consts::{PI, TAU};

use tiny_skia::{Path, PathBuilder, Transform};

use super::canvas::{Canvas, RED, Shape};
use super::{Picture, characters};
use crate::Result;
use crate::paper::{Face, Fonts};

/// Diameter.
const DIAMETER: f32 = 40.0;
const CENTRE: f32 = DIAMETER / 2.0;
/// 800 pixels in all: crisp on a screen and at 500 dpi.
const PIXELS_PER_MM: f32 = 20.0;
const RING: f32 = 1.2;
/// Where the characters' outer edge is.
const TEXT_RADIUS: f32 = 17.5;
const STAR_RADIUS: f32 = 6.6;
/// Height of a name's characters; the width gives way first, down to this part of the height.
const HEIGHT: f32 = 4.7;
const NARROWEST: f32 = 0.46;
/// Characters on the arc.
const MAX_NAME: usize = 40;
const MAX_LINE: usize = 12;
const MAX_CODE: usize = 18;

/// An enterprise's seal.
#[derive(Clone, Copy, Debug)]
pub struct CompanySeal<'a> {
    /// Name on the arc: 2 to 40 characters.
    pub name: &'a str,
    /// Straight line under the star, for example 合同专用章; at most 12 characters.
    pub line: Option<&'a str>,
    /// Number on the lower arc, at most 18 characters.
    pub code: Option<&'a str>,
}

impl CompanySeal<'_> {
    /// Draws it: 40 × 40 mm.
    ///
    /// # Errors
    /// A name that is empty or too long, a character that the font lacks.
    pub fn draw(&self, fonts: &Fonts) -> Result<Picture> {
        let mut canvas = Canvas::new(DIAMETER, DIAMETER, PIXELS_PER_MM, RED)?;
        canvas.stroke(PathBuilder::from_circle(CENTRE, CENTRE, CENTRE - RING / 2.0 - 0.05), RING);
        let line = self.line.map(|line| characters("印章类型", line, MAX_LINE)).transpose()?;
        let lift = if line.is_some() { 1.0 } else { 0.0 };
        canvas.fill_at(star(), Transform::from_scale(STAR_RADIUS, STAR_RADIUS).post_translate(CENTRE, CENTRE - lift));
        name(&mut canvas, &fonts.bold, &characters("企业名称", self.name, MAX_NAME)?)?;
        if let Some(line) = line {
            straight(&mut canvas, &fonts.bold, &line)?;
        }
        if let Some(code) = self.code {
            numbers(&mut canvas, &fonts.bold, &characters("印章编码", code, MAX_CODE)?)?;
        }
        canvas.finish()
    }
}

/// Clockwise from the left over the top, feet towards the centre.
fn name(canvas: &mut Canvas, face: &Face, text: &[char]) -> Result<()> {
    let face = face.reader()?;
    let shapes = Shape::all(&face, text)?;
    let gaps = text.len().saturating_sub(1).max(1) as f32;
    // Few characters stand apart, many take up to four fifths of the ring.
    let step = (0.46_f32).min(TAU * 0.78 / gaps);
    let mut height = HEIGHT;
    let room = |height: f32| step * (TEXT_RADIUS - height / 2.0) * 0.94;
    let mut width = room(height).min(HEIGHT * 0.94);
    if width < height * NARROWEST {
        height = width / NARROWEST;
        width = room(height).min(height * 0.94);
    }
    let radius = TEXT_RADIUS - height / 2.0;
    let first = -step * (text.len() as f32 - 1.0) / 2.0;
    for (number, shape) in shapes.into_iter().enumerate() {
        let angle = first + step * number as f32;
        canvas.fill_at(shape.path, on_arc(width, height, radius, angle));
    }
    Ok(())
}

/// Scales a shape of one em, turns it by `angle` from the top, clockwise, and sets it on a circle.
fn on_arc(width: f32, height: f32, radius: f32, angle: f32) -> Transform {
    Transform::from_scale(width, height)
        .post_rotate(angle.to_degrees())
        .post_translate(CENTRE + radius * angle.sin(), CENTRE - radius * angle.cos())
}

/// Under the star, from left to right.
fn straight(canvas: &mut Canvas, face: &Face, text: &[char]) -> Result<()> {
    let face = face.reader()?;
    let shapes = Shape::all(&face, text)?;
    let whole: f32 = shapes.iter().map(|shape| shape.advance).sum();
    let height = 3.7_f32;
    let width = height.min(21.0 / whole.max(0.1));
    let mut x = CENTRE - whole * width / 2.0;
    for shape in shapes {
        let middle = x + shape.advance * width / 2.0;
        canvas.fill_at(shape.path, Transform::from_scale(width, height).post_translate(middle, CENTRE + 10.2));
        x += shape.advance * width;
    }
    Ok(())
}

/// Along the foot of the ring, from left to right, heads towards the centre.
fn numbers(canvas: &mut Canvas, face: &Face, text: &[char]) -> Result<()> {
    let face = face.reader()?;
    let (height, radius) = (1.9_f32, 17.2_f32);
    let step = (0.088_f32).min(1.5 / text.len() as f32);
    let first = step * (text.len() as f32 - 1.0) / 2.0;
    for (number, shape) in Shape::all(&face, text)?.into_iter().enumerate() {
        let angle = PI + first - step * number as f32;
        let turned = Transform::from_scale(height, height)
            .post_rotate((angle - PI).to_degrees())
            .post_translate(CENTRE + radius * angle.sin(), CENTRE - radius * angle.cos());
        canvas.fill_at(shape.path, turned);
    }
    Ok(())
}

/// A five-pointed star in a circle of radius 1, one point up.
fn star() -> Option<Path> {
    // The inner corners of a regular pentagram.
    let inner = (PI / 10.0).sin() / (3.0 * PI / 10.0).sin();
    let mut path = PathBuilder::new();
    for corner in 0_u8..10 {
        let radius = if corner % 2 == 0 { 1.0 } else { inner };
        let angle = f32::from(corner) * PI / 5.0;
        let (x, y) = (radius * angle.sin(), -radius * angle.cos());
        if corner == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    path.close();
    path.finish()
}
