//! What every page carries at its head and foot.

use super::content::Draft;
use super::fonts::Weight;
use super::layout::{GREY, HEIGHT, LEFT, Layout, Mark, POINTS_PER_MM, RIGHT, Style};

const DEMONSTRATION: &str = "演示文件，仅供测试使用，不具有法律效力";

/// Adds watermark, number and page count to all pages.
pub(super) fn furnish(layout: &mut Layout<'_>, draft: &Draft) {
    let pages = std::mem::take(&mut layout.pages);
    let count = pages.len();
    for (number, marks) in (1..).zip(pages) {
        // Shaded cells lie under the watermark. A page with nothing but a frame is photographed and stays clean.
        let watermark = (draft.demonstration && !draft.blocks.is_empty()).then_some(Mark::Watermark("演示"));
        let (ground, ink): (Vec<_>, Vec<_>) = marks.into_iter().partition(|mark| matches!(mark, Mark::Fill { .. }));
        layout.pages.push(ground.into_iter().chain(watermark).chain(ink).collect());
        if draft.demonstration {
            let y = 14.0 * POINTS_PER_MM;
            layout.text(((LEFT + RIGHT) / 2.0, y), Style(9.0, Weight::Regular, GREY), DEMONSTRATION, 0.5);
        }
        let y = HEIGHT - 14.0 * POINTS_PER_MM;
        let rule = y - 12.0;
        layout.draw(Mark::Rule { from: (LEFT, rule), to: (RIGHT, rule), width: 0.4, grey: 0xc0 });
        let name = format!("{}　{}", draft.title, draft.number);
        layout.text((LEFT, y), Style(8.5, Weight::Regular, GREY), &name, 0.0);
        layout.text((RIGHT, y), Style(8.5, Weight::Regular, GREY), &format!("第 {number} 页，共 {count} 页"), 1.0);
        if !draft.contact.is_empty() {
            let below = y + 4.5 * POINTS_PER_MM;
            for (row, line) in (0u8..).zip(layout.lines(Weight::Regular, 8.0, &draft.contact, RIGHT - LEFT, 0.0)) {
                let at = (LEFT, below + f32::from(row) * 10.0);
                layout.text(at, Style(8.0, Weight::Regular, GREY), &line.text, 0.0);
            }
        }
    }
}
