//! What every page carries at its head and foot.

use super::content::Draft;
use super::fonts::Weight;
use super::layout::{GREY, HEIGHT, LEFT, Layout, Mark, POINTS_PER_MM, RIGHT};

const DEMONSTRATION: &str = "演示文件，仅供测试使用，不具有法律效力";

/// Adds watermark, number and page count to all pages.
pub(super) fn furnish(layout: &mut Layout<'_>, draft: &Draft) {
    let pages = std::mem::take(&mut layout.pages);
    let count = pages.len();
    for (number, marks) in (1..).zip(pages) {
        let watermark = draft.demonstration.then_some(Mark::Watermark("演示"));
        layout.pages.push(watermark.into_iter().chain(marks).collect());
        if draft.demonstration {
            let y = 14.0 * POINTS_PER_MM;
            layout.text((LEFT + RIGHT) / 2.0, y, 9.0, Weight::Regular, DEMONSTRATION, 0.5, GREY);
        }
        let y = HEIGHT - 14.0 * POINTS_PER_MM;
        let rule = y - 12.0;
        layout.draw(Mark::Rule { from: (LEFT, rule), to: (RIGHT, rule), width: 0.4, grey: 0xc0 });
        let name = format!("{}　{}", draft.title, draft.number);
        layout.text(LEFT, y, 8.5, Weight::Regular, &name, 0.0, GREY);
        layout.text(RIGHT, y, 8.5, Weight::Regular, &format!("第 {number} 页，共 {count} 页"), 1.0, GREY);
    }
}
