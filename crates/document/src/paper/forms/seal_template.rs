//! 印章打印模板 (manual 1.12.3.2.1): a frame to stamp or sign into, between four marks by which software straightens a
//! photograph.

use super::super::content::{Draft, Head};
use super::super::fonts::Weight;
use super::super::layout::{GREY, INK, Layout, Mark, POINTS_PER_MM, Style, WIDTH};
use super::super::{Fonts, PageSpot, Paper, pages::furnish, write};
use super::draft;
use crate::Result;
use crate::pdf::RectMm;

/// What comes into the frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// A stamp: 60 × 60 mm.
    Stamp,
    /// A signature by hand: 100 × 50 mm.
    Signature,
}

/// The page to print.
#[derive(Clone, Copy, Debug)]
pub struct SealTemplate {
    /// What comes into the frame.
    pub target: Target,
}

/// Side of a corner mark, mm: seven modules of 1.5 mm, dark and light as 1:1:3:1:1 like a QR code's finder.
const MARK_MM: f64 = 10.5;
/// Centres of the marks from the top left of the page, mm: top left, top right, bottom left, bottom right. The last
/// one has no dark middle, so that it is known which way up the page was.
const MARKS_MM: [(f64, f64); 4] = [(35.0, 75.0), (175.0, 75.0), (35.0, 195.0), (175.0, 195.0)];
/// Centre of the frame, mm.
const MIDDLE_MM: (f64, f64) = (105.0, 135.0);

impl SealTemplate {
    /// Centres of the corner marks, mm from the top left of the page: top left, top right, bottom left, bottom right.
    pub const MARKS_MM: [(f64, f64); 4] = MARKS_MM;

    /// The frame on the page.
    #[must_use]
    pub fn frame(&self) -> RectMm {
        let (width_mm, height_mm) = match self.target {
            Target::Stamp => (60.0, 60.0),
            Target::Signature => (100.0, 50.0),
        };
        RectMm { x_mm: MIDDLE_MM.0 - width_mm / 2.0, y_mm: MIDDLE_MM.1 - height_mm / 2.0, width_mm, height_mm }
    }

    /// The paper; `seal` or `signature` is the frame.
    ///
    /// # Errors
    /// A number or institution that is absent or too long; a font that cannot be used.
    pub fn make(&self, head: &Head<'_>, fonts: &Fonts) -> Result<Paper> {
        let draft = draft("印章打印模板", head, Vec::new())?;
        let mut layout = Layout::new(fonts)?;
        self.draw(&mut layout, &draft);
        furnish(&mut layout, &draft);
        let about = write::About { title: draft.title, number: &draft.number, date: draft.date };
        let spot = PageSpot { page: 1, rect: self.frame() };
        Ok(Paper {
            pdf: write::write(&layout.pages, &about, fonts)?,
            pages: 1,
            seal: (self.target == Target::Stamp).then_some(spot),
            signature: (self.target == Target::Signature).then_some(spot),
            missing: layout.missing.into_iter().collect(),
        })
    }

    fn draw(&self, layout: &mut Layout<'_>, draft: &Draft) {
        let mm = POINTS_PER_MM;
        let (middle, size) = (WIDTH / 2.0, 11.0);
        layout.text((middle, 40.0 * mm), Style(21.0, Weight::Bold, INK), draft.title, 0.5);
        layout.text((middle, 47.0 * mm), Style(size, Weight::Regular, GREY), &draft.heading, 0.5);
        let what = match self.target {
            Target::Stamp => "请将印章清晰、完整地盖在下方方框正中，印章不得压到边框。",
            Target::Signature => "请用黑色签字笔在下方方框内书写姓名，笔画不得压到边框。",
        };
        layout.text((middle, 58.0 * mm), Style(size, Weight::Regular, INK), what, 0.5);
        for (number, at) in MARKS_MM.into_iter().enumerate() {
            mark(layout, at, number < 3);
        }
        let frame = self.frame();
        let [x, y, width, height] =
            [frame.x_mm, frame.y_mm, frame.width_mm, frame.height_mm].map(|value| value as f32 * mm);
        layout.frame(x, y, width, height);
        let notes = [
            "1. 请用 A4 白纸按实际大小（100%）打印，不要缩放。",
            "2. 拍照时请保证四角的定位标记全部入镜，光线均匀，手机与纸面平行。",
            "3. 系统自动校正照片并提取印章，提交前请核对提取的效果。",
        ];
        for (number, note) in (0_u8..).zip(notes) {
            let y = (216.0 + 8.0 * f32::from(number)) * mm;
            layout.text((35.0 * mm, y), Style(10.5, Weight::Regular, GREY), note, 0.0);
        }
    }
}

fn mark(layout: &mut Layout<'_>, centre: (f64, f64), dark_middle: bool) {
    let mut square = |modules: f64, grey: u8| {
        let side = MARK_MM / 7.0 * modules;
        let [x, y, side] = [centre.0 - side / 2.0, centre.1 - side / 2.0, side].map(|mm| mm as f32 * POINTS_PER_MM);
        layout.draw(Mark::Fill { x, y, width: side, height: side, grey });
    };
    square(7.0, 0);
    square(5.0, 0xff);
    if dark_middle {
        square(3.0, 0);
    }
}
