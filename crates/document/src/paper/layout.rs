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
/// A heading with the air above and below it.
const HEADING: f32 = 30.0;
const ABOVE_BOXES: f32 = 12.0;
/// A box to sign into.
const SIGNATURE_HEIGHT: f32 = 30.0 * POINTS_PER_MM;
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

/// Size, weight and grey value of a text.
#[derive(Clone, Copy)]
pub(super) struct Style(pub f32, pub Weight, pub u8);

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
    for (number, block) in draft.blocks.iter().enumerate() {
        if let (Block::Heading(_), Some(Block::Table { columns, rows })) = (block, draft.blocks.get(number + 1)) {
            // A heading goes with the first row.
            let first = rows.first().map_or(0.0, |row| layout.cells(columns, row).1);
            layout.keep(HEADING + 6.0 + first);
        }
        if let (Block::Paragraph(text), Some(Block::Boxes(boxes))) = (block, draft.blocks.get(number + 1)) {
            // Nobody signs a page on which nothing else stands.
            let lines = layout.lines(Weight::Regular, BODY, text, RIGHT - LEFT, 2.0 * BODY).len();
            layout.keep(lines as f32 * BODY * LEADING + ABOVE_BOXES + tall(boxes));
        }
        layout.block(block);
    }
    layout.footnote();
    furnish(&mut layout, draft);
    Ok(layout)
}

/// Height of boxes side by side.
fn tall(boxes: &[(Spot, String)]) -> f32 {
    if boxes.iter().any(|(spot, _)| *spot == Spot::Seal) { BOX_HEIGHT } else { SIGNATURE_HEIGHT }
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

    /// The same for what is signed or sealed; a page with nothing else says so, lest words be added later.
    fn keep_with_words(&mut self, height: f32) {
        self.keep(height);
        if self.y <= TOP {
            self.paragraph("（此页无正文）", 0.0);
            self.y += 8.0;
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

    pub fn lines(&mut self, weight: Weight, size: f32, text: &str, width: f32, indent: f32) -> Vec<Line> {
        let text = self.printable(weight, text);
        break_lines(&text, width, indent, size, |character| self.advance(weight, size, character))
    }

    /// Draws a text by its baseline; `align` is 0 for left of `at`, 0.5 for centred, 1 for right.
    pub fn text(&mut self, at: (f32, f32), style: Style, text: &str, align: f32) {
        let Style(size, weight, grey) = style;
        let text = self.printable(weight, text);
        let width: f32 = text.chars().map(|character| self.advance(weight, size, character)).sum();
        self.draw(Mark::Text { x: at.0 - width * align, y: at.1, size, weight, text, stretch: 0.0, grey });
    }

    fn title(&mut self, draft: &Draft) {
        self.y += 24.0;
        for line in self.lines(Weight::Bold, 21.0, draft.title, RIGHT - LEFT, 0.0) {
            self.text((WIDTH / 2.0, self.y), Style(21.0, Weight::Bold, INK), &line.text, 0.5);
            self.y += 26.0;
        }
        if !draft.heading.is_empty() {
            for line in self.lines(Weight::Regular, 11.0, &draft.heading, RIGHT - LEFT, 0.0) {
                self.text((WIDTH / 2.0, self.y), Style(11.0, Weight::Regular, GREY), &line.text, 0.5);
                self.y += 16.0;
            }
        }
        self.y += 4.0;
        let made_out = format!("填制日期：{}", date(draft.date));
        self.text((RIGHT, self.y), Style(9.5, Weight::Regular, GREY), &made_out, 1.0);
        let number = format!("编号：{}", draft.number);
        self.text((LEFT, self.y), Style(9.5, Weight::Regular, GREY), &number, 0.0);
        self.y += 8.0;
    }

    fn block(&mut self, block: &Block) {
        match block {
            Block::Heading(text) => self.heading(text),
            Block::Paragraph(text) => self.paragraph(text, 2.0 * BODY),
            Block::Flush(text) => {
                self.y += 10.0;
                self.paragraph(text, 0.0);
            }
            Block::List(items) => self.list(items),
            Block::Checks(items) => self.checks(items),
            Block::Table { columns, rows } => self.table(columns, rows),
            Block::Boxes(boxes) => self.boxes(boxes),
            Block::SignOff { who, date } => self.sign_off(who, date),
        }
    }

    fn heading(&mut self, text: &str) {
        // With at least two lines of what follows.
        self.keep(HEADING + 2.0 * BODY * LEADING);
        self.y += 22.0;
        self.text((LEFT, self.y), Style(12.0, Weight::Bold, INK), text, 0.0);
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
            self.text((LEFT + hang - 4.0, y), Style(BODY, Weight::Regular, INK), &format!("{number}."), 1.0);
            self.running(&lines, LEFT + hang, 0.0);
        }
    }

    fn checks(&mut self, items: &[(bool, String)]) {
        let (gap, step) = (2.0 * BODY, BODY * LEADING);
        let (mut x, mut fresh) = (LEFT, true);
        for (chosen, label) in items {
            let text = format!("{} {label}", if *chosen { CHECKED } else { UNCHECKED });
            let text = self.printable(Weight::Regular, &text);
            let width: f32 = text.chars().map(|character| self.advance(Weight::Regular, BODY, character)).sum();
            if fresh || x + width > RIGHT {
                self.keep(step);
                self.y += step;
                (x, fresh) = (LEFT, false);
            }
            let y = self.y - (LEADING - 1.0) / 2.0 * BODY;
            self.text((x, y), Style(BODY, Weight::Regular, INK), &text, 0.0);
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

    /// The lines of each cell, and the height of the row.
    fn cells(&mut self, columns: &[f32], row: &[Cell]) -> (Vec<(Weight, Vec<Line>)>, f32) {
        let mut cells = Vec::new();
        for (cell, part) in row.iter().zip(columns) {
            let weight = if cell.label { Weight::Bold } else { Weight::Regular };
            cells.push((weight, self.lines(weight, TABLE, &cell.text, part * (RIGHT - LEFT) - 2.0 * PADDING, 0.0)));
        }
        let most = cells.iter().map(|(_, lines)| lines.len()).max().unwrap_or(1) as f32;
        (cells, most * TABLE * TABLE_LEADING + 2.0 * PADDING)
    }

    fn row(&mut self, columns: &[f32], row: &[Cell]) {
        let (whole, step) = (RIGHT - LEFT, TABLE * TABLE_LEADING);
        let (cells, height) = self.cells(columns, row);
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
        self.y += ABOVE_BOXES;
        let tall = tall(boxes);
        self.keep_with_words(tall);
        let width = (RIGHT - LEFT) / boxes.len().max(1) as f32;
        let mut left = LEFT;
        for (spot, label) in boxes {
            self.frame(left, self.y, width, tall);
            self.text((left + PADDING + 2.0, self.y + 18.0), Style(TABLE, Weight::Bold, INK), label, 0.0);
            let foot = self.y + tall - 10.0;
            self.text((left + width - PADDING - 2.0, foot), Style(TABLE, Weight::Regular, INK), "年　　月　　日", 1.0);
            let middle = (left + width / 2.0, self.y + tall / 2.0 + 2.0);
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
        self.y += tall;
    }

    /// The seal stands over the name and touches the date, as official letters have it (GB/T 9704-2012 clause 7.3.5).
    fn sign_off(&mut self, who: &str, date: &str) {
        let lines = self.lines(Weight::Regular, BODY, who, 100.0 * POINTS_PER_MM, 0.0);
        let step = BODY * LEADING;
        let seal = SEAL_MM as f32 * POINTS_PER_MM;
        // Half of what is taller: the seal, or a name of many lines.
        let half = (seal / 2.0).max((lines.len() as f32 - 1.0) * step / 2.0 + BODY);
        let height = 14.0 + 2.0 * half + step;
        self.keep_with_words(height);
        let middle_x = RIGHT - 50.0 * POINTS_PER_MM;
        let middle_y = self.y + 14.0 + half;
        let mut y = middle_y - (lines.len() as f32 - 1.0) * step / 2.0;
        for line in &lines {
            self.text((middle_x, y), Style(BODY, Weight::Regular, INK), &line.text, 0.5);
            y += step;
        }
        self.text((middle_x, y + 3.0), Style(BODY, Weight::Regular, INK), date, 0.5);
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
        self.text((LEFT, self.y), Style(9.0, Weight::Regular, GREY), note, 0.0);
    }
}
