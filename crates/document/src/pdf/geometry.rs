//! Where a placement lies on a page, and how its picture must be turned to stand upright.
//!
//! People see a page turned by its Rotate entry and cut to its CropBox, and measure from the top left corner in
//! millimetres. A file measures from the bottom left in units of 1/72 inch (times UserUnit), before turning.

/// Millimetres of one default user space unit.
pub(super) const MM_PER_UNIT: f64 = 25.4 / 72.0;
/// A placement may stick out by this much: what rounding in a viewer amounts to.
const TOLERANCE_MM: f64 = 0.5;

/// A rectangle in user space: left, bottom, right, top.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rect {
    pub left: f64,
    pub bottom: f64,
    pub right: f64,
    pub top: f64,
}

impl Rect {
    /// From two opposite corners in any order.
    pub fn from_corners(corners: [f64; 4]) -> Self {
        let [x1, y1, x2, y2] = corners;
        Self { left: x1.min(x2), bottom: y1.min(y2), right: x1.max(x2), top: y1.max(y2) }
    }

    pub fn intersect(self, other: Self) -> Option<Self> {
        let both = Self {
            left: self.left.max(other.left),
            bottom: self.bottom.max(other.bottom),
            right: self.right.min(other.right),
            top: self.top.min(other.top),
        };
        (both.left < both.right && both.bottom < both.top).then_some(both)
    }

    pub fn width(self) -> f64 {
        self.right - self.left
    }

    pub fn height(self) -> f64 {
        self.top - self.bottom
    }
}

/// Quarter turns clockwise that a viewer applies to the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    None,
    Right,
    Half,
    Left,
}

impl Turn {
    /// From the value of Rotate; anything but a multiple of 90 counts as 0, as viewers do.
    pub fn from_degrees(degrees: i64) -> Self {
        match degrees.rem_euclid(360) {
            90 => Self::Right,
            180 => Self::Half,
            270 => Self::Left,
            _ => Self::None,
        }
    }

    fn sideways(self) -> bool {
        matches!(self, Self::Right | Self::Left)
    }

    /// Matrix of an appearance that stands upright on a page turned like this (clause 12.5.5: the viewer moves and
    /// scales the result into the annotation's rectangle, so only the turn matters).
    pub fn upright_matrix(self) -> [i64; 6] {
        match self {
            Self::None => [1, 0, 0, 1, 0, 0],
            Self::Right => [0, 1, -1, 0, 0, 0],
            Self::Half => [-1, 0, 0, -1, 0, 0],
            Self::Left => [0, -1, 1, 0, 0, 0],
        }
    }
}

/// A page as it is seen.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct View {
    /// What is visible, in user space.
    pub visible: Rect,
    /// How it is turned.
    pub turn: Turn,
    /// Size of a user space unit in 1/72 inch.
    pub unit: f64,
}

/// A rectangle on a page as people measure it.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RectMm {
    /// From the left edge of the page as seen.
    pub x_mm: f64,
    /// From its top edge.
    pub y_mm: f64,
    /// Width.
    pub width_mm: f64,
    /// Height.
    pub height_mm: f64,
}

impl View {
    fn mm(self) -> f64 {
        MM_PER_UNIT * self.unit
    }

    /// Width and height as seen, in millimetres.
    pub fn size_mm(self) -> (f64, f64) {
        let (width, height) = (self.visible.width() * self.mm(), self.visible.height() * self.mm());
        if self.turn.sideways() { (height, width) } else { (width, height) }
    }

    /// The rectangle in user space, or `None` if it is empty or not on the page.
    pub fn place(self, rect: RectMm) -> Option<Rect> {
        let RectMm { x_mm, y_mm, width_mm, height_mm } = rect;
        let (page_width, page_height) = self.size_mm();
        let fits = [x_mm, y_mm, width_mm, height_mm].iter().all(|value| value.is_finite())
            && width_mm > 0.0
            && height_mm > 0.0
            && x_mm >= -TOLERANCE_MM
            && y_mm >= -TOLERANCE_MM
            && x_mm + width_mm <= page_width + TOLERANCE_MM
            && y_mm + height_mm <= page_height + TOLERANCE_MM;
        if !fits {
            return None;
        }
        let corner = |x: f64, y: f64| {
            let (x, y) = (x / self.mm(), y / self.mm());
            let Rect { left, bottom, right, top } = self.visible;
            match self.turn {
                Turn::None => (left + x, top - y),
                Turn::Right => (left + y, bottom + x),
                Turn::Half => (right - x, bottom + y),
                Turn::Left => (right - y, top - x),
            }
        };
        let (x1, y1) = corner(x_mm, y_mm);
        let (x2, y2) = corner(x_mm + width_mm, y_mm + height_mm);
        Some(Rect::from_corners([x1, y1, x2, y2]))
    }

    /// A rectangle of the file as people measure it.
    pub fn seen(self, rect: Rect) -> RectMm {
        let Rect { left, bottom, right, top } = self.visible;
        let (x, y, width, height) = match self.turn {
            Turn::None => (rect.left - left, top - rect.top, rect.width(), rect.height()),
            Turn::Right => (rect.bottom - bottom, rect.left - left, rect.height(), rect.width()),
            Turn::Half => (right - rect.right, rect.bottom - bottom, rect.width(), rect.height()),
            Turn::Left => (top - rect.top, right - rect.right, rect.height(), rect.width()),
        };
        let mm = self.mm();
        RectMm { x_mm: x * mm, y_mm: y * mm, width_mm: width * mm, height_mm: height * mm }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn view(turn: Turn, unit: f64) -> View {
        // A page whose visible part does not start at the origin.
        View { visible: Rect::from_corners([100.0, 50.0, 400.0, 650.0]), turn, unit }
    }

    #[test]
    fn what_is_placed_is_seen_at_the_same_place_on_every_turned_page() {
        let rect = RectMm { x_mm: 10.0, y_mm: 20.0, width_mm: 30.0, height_mm: 15.0 };
        for turn in [Turn::None, Turn::Right, Turn::Half, Turn::Left] {
            for unit in [1.0, 2.5] {
                let view = view(turn, unit);
                let placed = view.place(rect).expect("on the page");
                let seen = view.seen(placed);
                for (left, right) in [
                    (seen.x_mm, rect.x_mm),
                    (seen.y_mm, rect.y_mm),
                    (seen.width_mm, rect.width_mm),
                    (seen.height_mm, rect.height_mm),
                ] {
                    assert!((left - right).abs() < 1e-9, "{turn:?} {unit}: {seen:?}");
                }
                assert!(placed.intersect(view.visible) == Some(placed), "{turn:?}: inside of what is visible");
            }
        }
    }

    #[test]
    fn a_page_turned_right_shows_its_lower_left_corner_at_the_top_left() {
        let placed = view(Turn::Right, 1.0)
            .place(RectMm { x_mm: 0.0, y_mm: 0.0, width_mm: 25.4, height_mm: 12.7 })
            .expect("on the page");
        assert!((placed.left - 100.0).abs() < 1e-9 && (placed.bottom - 50.0).abs() < 1e-9);
        assert!((placed.width() - 36.0).abs() < 1e-9 && (placed.height() - 72.0).abs() < 1e-9);
    }

    #[test]
    fn a_placement_off_the_page_or_without_size_is_refused() {
        let view = view(Turn::None, 1.0);
        let (width, height) = view.size_mm();
        let rect = |x_mm, y_mm, width_mm, height_mm| RectMm { x_mm, y_mm, width_mm, height_mm };
        for bad in [
            rect(-1.0, 0.0, 10.0, 10.0),
            rect(0.0, height - 5.0, 10.0, 10.0),
            rect(width - 5.0, 0.0, 10.0, 10.0),
            rect(0.0, 0.0, 0.0, 10.0),
            rect(0.0, 0.0, f64::NAN, 10.0),
            rect(0.0, f64::INFINITY, 10.0, 10.0),
        ] {
            assert!(view.place(bad).is_none(), "{bad:?}");
        }
        assert!(view.place(rect(0.0, 0.0, width, height)).is_some());
    }
}
