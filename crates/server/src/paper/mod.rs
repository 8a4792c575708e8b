//! The platform's papers: brings the fonts of this machine to [`document::paper`] and [`document::stamp`], which know
//! no files.

mod fonts;

pub use fonts::FontRoom;

use document::paper::Fonts;

use crate::{
    app::AppState,
    error::{Kind, Problem, Result},
    heavy,
};

/// No font with Chinese characters is on this machine.
pub const FONT_MISSING: Kind = Kind::new(
    503,
    "FONT_MISSING",
    "服务器缺少中文字体，暂时无法生成文件，请联系平台运营人员安装（Debian：fonts-noto-cjk）或用 serve --font 指定字体",
    "The server has no Chinese font and cannot make papers; its operator should install one (Debian: fonts-noto-cjk) or name a file with serve --font",
);
/// A value cannot stand on the paper.
pub const FIELD_INVALID: Kind = Kind::new(
    422,
    "PAPER_FIELD_INVALID",
    "填写的内容无法生成文件，请修改后重试",
    "The paper cannot be made with what was entered; change it and try again",
);

/// Makes a paper or seal beside the event loop.
///
/// # Errors
/// [`FONT_MISSING`], [`FIELD_INVALID`].
pub async fn make<T: Send + 'static>(
    state: &AppState,
    work: impl FnOnce(&Fonts) -> document::Result<T> + Send + 'static,
) -> Result<T> {
    let fonts = state.fonts.fonts().await?;
    let made = heavy::run(move || work(&fonts)).await.map_err(Problem::internal)?;
    made.map_err(|error| problem(&error))
}

/// What is wrong with a paper's input, under the document crate's stable code.
fn problem(error: &document::Error) -> Problem {
    use document::Error;
    let (zh, en) = match error {
        Error::FieldEmpty { field } => (format!("“{field}”没有填写"), format!("{field} is empty")),
        Error::FieldTooLong { field, limit } => {
            (format!("“{field}”超过 {limit} 个字"), format!("{field} has more than {limit} characters"))
        }
        Error::NoGlyph { character } => (
            format!("字体中没有“{character}”字，请改用手写或拍照的方式"),
            format!("The font has no {character}; write by hand or upload a photograph"),
        ),
        other => return Problem::internal(other),
    };
    FIELD_INVALID.detail(zh, en).with("reason", error.code())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_that_cannot_stand_on_a_paper_is_named_in_the_answer() {
        let empty = document::Error::FieldEmpty { field: "企业名称" };
        assert_eq!(problem(&empty).kind(), FIELD_INVALID);
        let glyph = document::Error::NoGlyph { character: '\u{1f600}' };
        assert_eq!(problem(&glyph).kind(), FIELD_INVALID);
        let broken = document::Error::Drawing("page".to_owned());
        assert_eq!(problem(&broken).kind(), crate::error::INTERNAL);
    }
}
