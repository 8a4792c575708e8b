//! Where everything stands: blocks from top to bottom, new pages as needed. Points (1/72 inch) from the top left.

use std::collections::BTreeSet;

use super::clean::GETA;
use super::content::{Block, Cell, Draft, Spot, date};
use super::fonts::{FaceReader, Fonts, Weight};
use super::lines::{Line, break_lines};
use super::{PageSpot, pages::furnish};
use crate::Result;
use crate::pdf::RectMm;

pub(super) const POINTS_PER_MM: f32 = 72.0 / 25.4;
pub(super) const WIDTH: f32 = 210.0 * POINTS_PER_MM;
pub(super) const HEIGHT: f32 = 297.0 * POINTS_PER_MM;
pub(super) const LEFT: f32 = 26.0 * POINTS_PER_MM;
pub(super) const RIGHT: f32 = WIDTH - LEFT;
const TOP: f32 = 27.0 * POINTS_PER_MM;
const BOTTOM: f32 = HEIGHT - 25.0 * POINTS_PER_MM;

const BODY: f32 = 11.5;
const LEADING: f32 = 1.75;
const TABLE: f32 = 10.5;
const TABLE_LEADING: f32 = 1.5;
/// Between a cell's border and its text.
const PADDING: f32 = 6.0;
/// A seal of 40 mm with air around it.
const BOX_HEIGHT: f32 = 52.0 * POINTS_PER_MM;
/// Diameter of an enterprise's seal.
const SEAL_MM: f64 = 40.0;

pub(super) const INK: u8 = 0x1a;
pub(super) const GREY: u8 = 0x6b;
const LINE: u8 = 0x55;
const SHADE: u8 = 0xf3;
/// A chosen box; drawn as an empty one with a tick over it, because few Chinese fonts have the glyph.
pub(super) const CHECKED: char = '☑';
const UNCHECKED: char = '□';

/// Something to draw. Grey values: 0 is black.
#[derive(Clone, Debug)]
pub(super) enum Mark {
    Text {
        x: f32,
        y: f32,
        size: f32,
        weight: Weight,
        text: String,
        stretch: f32,
        grey: u8,
    },
    Rule {
        from: (f32, f32),
        to: (f32, f32),
        width: f32,
        grey: u8,
    },
    Fill {
        x: f32,
        y: f32,
        width: f32,
        height: f32,
        grey: u8,
    },
    /// Filled outline of a polygon.
    Tick {
        x: f32,
        y: f32,
        size: f32,
    },
    /// Letters as shapes, aslant over the page, behind everything.
    Watermark(&'static str),
}

/// What has been laid out.
pub(super) struct Layout<'f> {
    regular: FaceReader<'f>,
    bold: FaceReader<'f>,
    pub pages: Vec<Vec<Mark>>,
    y: f32,
    pub seal: Option<PageSpot>,
    pub signature: Option<PageSpot>,
    pub missing: BTreeSet<char>,
}

/// Lays a draft out.
pub(super) fn lay_out<'f>(draft: &Draft, fonts: &'f Fonts) -> Result<Layout<'f>> {
    let mut layout = Layout::new(fonts)?;
    layout.title(draft);
    for block in &draft.blocks {
        layout.block(block);
    }
    layout.footnote();
    furnish(&mut layout, draft);
    Ok(layout)
}

impl<'f> Layout<'f> {
    pub fn new(fonts: &'f Fonts) -> Result<Self> {
        Ok(Self {
            regular: fonts.face(Weight::Regular).reader()?,
            bold: fonts.face(Weight::Bold).reader()?,
            pages: vec![Vec::new()],
            y: TOP,
            seal: None,
            signature: None,
            missing: BTreeSet::new(),
        })
    }

    fn reader(&self, weight: Weight) -> &FaceReader<'f> {
        match weight {
            Weight::Regular => &self.regular,
            Weight::Bold => &self.bold,
        }
    }

    pub fn draw(&mut self, mark: Mark) {
        if let Some(page) = self.pages.last_mut() {
            page.push(mark);
        }
    }

    fn new_page(&mut self) {
        self.pages.push(Vec::new());
        self.y = TOP;
    }

    /// Makes sure that `height` fits, on a new page if need be.
    fn keep(&mut self, height: f32) {
        if self.y + height > BOTTOM && self.y > TOP {
            self.new_page();
        }
    }

    /// The text as the font can show it.
    pub fn printable(&mut self, weight: Weight, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        for character in text.chars() {
            let drawn = if character == CHECKED { UNCHECKED } else { character };
            if self.reader(weight).glyph(drawn).is_some() {
                shown.push(character);
            } else {
                self.missing.insert(character);
                shown.push(GETA);
            }
        }
        shown
    }

    fn advance(&self, weight: Weight, size: f32, character: char) -> f32 {
        let drawn = if character == CHECKED { UNCHECKED } else { character };
        self.reader(weight).advance(drawn) * size
    }

    fn lines(&mut self, weight: Weight, size: f32, text: &str, width: f32, indent: f32) -> Vec<Line> {
        let text = self.printable(weight, text);
        break_lines(&text, width, indent, size, |character| self.advance(weight, size, character))
    }

    /// Draws a text by its baseline; `align` is 0 for left, 0.5 for centred at `x`, 1 for right.
    pub fn text(&mut self, x: f32, y: f32, size: f32, weight: Weight, text: &str, align: f32, grey: u8) {
        let text = self.printable(weight, text);
        let width: f32 = text.chars().map(|character| self.advance(weight, size, character)).sum();
        self.draw(Mark::Text { x: x - width * align, y, size, weight, text, stretch: 0.0, grey });
    }

    fn title(&mut self, draft: &Draft) {
        self.y += 24.0;
        for line in self.lines(Weight::Bold, 21.0, draft.title, RIGHT - LEFT, 0.0) {
            self.text(WIDTH / 2.0, self.y, 21.0, Weight::Bold, &line.text, 0.5, INK);
            self.y += 26.0;
        }
        if !draft.institution.is_empty() {
            for line in self.lines(Weight::Regular, 11.0, &draft.institution, RIGHT - LEFT, 0.0) {
                self.text(WIDTH / 2.0, self.y, 11.0, Weight::Regular, &line.text, 0.5, GREY);
                self.y += 16.0;
            }
        }
        self.y += 4.0;
        let made_out = format!("填制日期：{}", date(draft.date));
        self.text(RIGHT, self.y, 9.5, Weight::Regular, &made_out, 1.0, GREY);
        let number = format!("编号：{}", draft.number);
        self.text(LEFT, self.y, 9.5, Weight::Regular, &number, 0.0, GREY);
        self.y += 8.0;
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(text) => self.heading(text),
            Block::Paragraph(text) => self.paragraph(text, 2.0 * BODY),
            Block::Flush(text) => self.paragraph(text, 0.0),
            Block::List(items) => self.list(items),
            Block::Checks(items) => self.checks(items),
            Block::Table { columns, rows } => self.table(columns, rows),
            Block::Boxes(boxes) => self.boxes(boxes),
            Block::SignOff { who, date } => self.sign_off(who, date),
        }
    }

    fn heading(&mut self, text: &str) {
        // With at least two lines of what follows.
        self.keep(80.0);
        self.y += 22.0;
        self.text(LEFT, self.y, 12.0, Weight::Bold, text, 0.0, INK);
        self.y += 8.0;
    }

    fn paragraph(&mut self, text: &str, indent: f32) {
        let lines = self.lines(Weight::Regular, BODY, text, RIGHT - LEFT, indent);
        self.running(&lines, LEFT, indent);
    }

    fn running(&mut self, lines: &[Line], left: f32, indent: f32) {
        let step = BODY * LEADING;
        for (number, line) in lines.iter().enumerate() {
            self.keep(step);
            self.y += step;
            let x = if number == 0 { left + indent } else { left };
            self.draw(Mark::Text {
                x,
                y: self.y - (LEADING - 1.0) / 2.0 * BODY,
                size: BODY,
                weight: Weight::Regular,
                text: line.text.clone(),
                stretch: line.stretch,
                grey: INK,
            });
        }
    }

    fn list(&mut self, items: &[String]) {
        let hang = 2.0 * BODY;
        for (number, item) in (1..).zip(items) {
            let lines = self.lines(Weight::Regular, BODY, item, RIGHT - LEFT - hang, 0.0);
            self.keep(BODY * LEADING);
            let y = self.y + BODY * LEADING - (LEADING - 1.0) / 2.0 * BODY;
            self.text(LEFT + hang - 4.0, y, BODY, Weight::Regular, &format!("{number}."), 1.0, INK);
            self.running(&lines, LEFT + hang, 0.0);
        }
    }

    fn checks(&mut self, items: &[(bool, String)]) {
        let (gap, step) = (2.0 * BODY, BODY * LEADING);
        let (mut x, mut fresh) = (LEFT, true);
        for (chosen, label) in items {
            let text = format!("{}{label}", if *chosen { CHECKED } else { UNCHECKED });
            let text = self.printable(Weight::Regular, &text);
            let width: f32 = text.chars().map(|character| self.advance(Weight::Regular, BODY, character)).sum();
            if fresh || x + width > RIGHT {
                self.keep(step);
                self.y += step;
                (x, fresh) = (LEFT, false);
            }
            let y = self.y - (LEADING - 1.0) / 2.0 * BODY;
            self.text(x, y, BODY, Weight::Regular, &text, 0.0, INK);
            x += width + gap;
        }
    }

    fn table(&mut self, columns: &[f32], rows: &[Vec<Cell>]) {
        self.y += 6.0;
        for row in rows {
            self.row(columns, row);
        }
        self.y += 4.0;
    }

    fn row(&mut self, columns: &[f32], row: &[Cell]) {
        let whole = RIGHT - LEFT;
        let step = TABLE * TABLE_LEADING;
        let mut cells = Vec::new();
        for (cell, part) in row.iter().zip(columns) {
            let weight = if cell.label { Weight::Bold } else { Weight::Regular };
            cells.push((weight, self.lines(weight, TABLE, &cell.text, part * whole - 2.0 * PADDING, 0.0)));
        }
        let most = cells.iter().map(|(_, lines)| lines.len()).max().unwrap_or(1) as f32;
        let height = most * step + 2.0 * PADDING;
        self.keep(height);
        let (top, mut left) = (self.y, LEFT);
        for ((weight, lines), (cell, part)) in cells.into_iter().zip(row.iter().zip(columns)) {
            let width = part * whole;
            if cell.label {
                self.draw(Mark::Fill { x: left, y: top, width, height, grey: SHADE });
            }
            self.frame(left, top, width, height);
            let mut y = top + (height - lines.len() as f32 * step) / 2.0;
            for line in lines {
                y += step;
                let baseline = y - (TABLE_LEADING - 1.0) / 2.0 * TABLE - TABLE * 0.12;
                let text = line.text;
                let stretch = line.stretch;
                self.draw(Mark::Text { x: left + PADDING, y: baseline, size: TABLE, weight, text, stretch, grey: INK });
            }
            left += width;
        }
        self.y = top + height;
    }

    pub fn frame(&mut self, x: f32, y: f32, width: f32, height: f32) {
        let corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)];
        for pair in corners.windows(2) {
            self.draw(Mark::Rule { from: pair[0], to: pair[1], width: 0.6, grey: LINE });
        }
    }

    fn boxes(&mut self, boxes: &[(Spot, String)]) {
        self.y += 12.0;
        self.keep(BOX_HEIGHT);
        let width = (RIGHT - LEFT) / boxes.len().max(1) as f32;
        let mut left = LEFT;
        for (spot, label) in boxes {
            self.frame(left, self.y, width, BOX_HEIGHT);
            self.text(left + PADDING + 2.0, self.y + 18.0, TABLE, Weight::Bold, label, 0.0, INK);
            let foot = self.y + BOX_HEIGHT - 10.0;
            self.text(left + width - PADDING - 2.0, foot, TABLE, Weight::Regular, "年　　月　　日", 1.0, INK);
            let middle = (left + width / 2.0, self.y + BOX_HEIGHT / 2.0 + 2.0);
            let taken = match spot {
                Spot::Seal => self.spot(middle, SEAL_MM, SEAL_MM),
                Spot::Signature => self.spot(middle, 45.0, 15.0),
            };
            match spot {
                Spot::Seal => self.seal = Some(taken),
                Spot::Signature => self.signature = Some(taken),
            }
            left += width;
        }
        self.y += BOX_HEIGHT;
    }

    /// The seal stands over the name and touches the date, as official letters have it (GB/T 9704-2012 clause 7.3.5).
    fn sign_off(&mut self, who: &str, date: &str) {
        let lines = self.lines(Weight::Regular, BODY, who, 100.0 * POINTS_PER_MM, 0.0);
        let step = BODY * LEADING;
        let seal = SEAL_MM as f32 * POINTS_PER_MM;
        let height = 14.0 + seal.max((lines.len() as f32 + 1.0) * step + 20.0);
        self.keep(height);
        let middle_x = RIGHT - 50.0 * POINTS_PER_MM;
        let middle_y = self.y + 14.0 + seal / 2.0;
        let mut y = middle_y - (lines.len() as f32 - 1.0) * step / 2.0;
        for line in &lines {
            self.text(middle_x, y, BODY, Weight::Regular, &line.text, 0.5, INK);
            y += step;
        }
        self.text(middle_x, y + 3.0, BODY, Weight::Regular, date, 0.5, INK);
        self.seal = Some(self.spot((middle_x, middle_y), SEAL_MM, SEAL_MM));
        self.y += height;
    }

    pub fn spot(&self, middle: (f32, f32), width_mm: f64, height_mm: f64) -> PageSpot {
        let mm = |points: f32| f64::from(points / POINTS_PER_MM);
        let rect =
            RectMm { x_mm: mm(middle.0) - width_mm / 2.0, y_mm: mm(middle.1) - height_mm / 2.0, width_mm, height_mm };
        PageSpot { page: u32::try_from(self.pages.len()).unwrap_or(u32::MAX), rect }
    }

    /// Who reads the paper must know that a character is not the one that was meant.
    fn footnote(&mut self) {
        if self.missing.is_empty() {
            return;
        }
        self.keep(30.0);
        self.y += 20.0;
        let note = "注：标有“〓”处的字为本机字库所缺，请用黑色签字笔手写补全。";
        self.text(LEFT, self.y, 9.0, Weight::Regular, note, 0.0, GREY);
    }
}
