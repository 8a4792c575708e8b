//! What can be wrong with a document, as one list for the crate.

/// Why a document could not be read, prepared or finished.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The octets do not start with `%PDF-`.
    #[error("not a PDF file")]
    NotPdf,
    /// More octets than [`crate::pdf::MAX_SIZE`].
    #[error("the file is larger than {limit} octets")]
    TooLarge {
        /// The limit, in octets.
        limit: usize,
    },
    /// The file has an encryption dictionary: its bytes cannot be signed meaningfully without the password.
    #[error("the file is encrypted")]
    Encrypted,
    /// The structure cannot be read without guessing. Two readers might guess differently, so it is not signed.
    #[error("the file is damaged: {0}")]
    Damaged(&'static str),
    /// Reading would cost more work or memory than a document of this size may ask for.
    #[error("the file is too complex: {0}")]
    TooComplex(&'static str),
    /// An earlier certification signature allows no further change (DocMDP, P = 1).
    #[error("the author certified the file against any change")]
    Certified,
    /// A placement names a page that does not exist.
    #[error("there is no page {page}, the file has {pages}")]
    NoSuchPage {
        /// The page asked for, from 1.
        page: u32,
        /// How many pages there are.
        pages: u32,
    },
    /// A placement is empty, not a number, or not on the visible part of its page.
    #[error("placement {index} is not on its page")]
    OffPage {
        /// Position in the list of placements, from 0.
        index: usize,
    },
    /// More placements than [`crate::pdf::MAX_PLACEMENTS`].
    #[error("more than {limit} placements")]
    TooManyPlacements {
        /// The limit.
        limit: usize,
    },
    /// A placement's picture is not a PNG, or too large.
    #[error("the picture of placement {index} cannot be used")]
    Appearance {
        /// Position in the list of placements, from 0.
        index: usize,
    },
    /// The octets are not a prepared PDF: no empty signature ends them.
    #[error("the file is not prepared for a signature")]
    NotPrepared,
    /// The signature does not fit into the space kept for it.
    #[error("the signature has {length} octets, there is room for {room}")]
    SignatureTooLong {
        /// Octets of the signature.
        length: usize,
        /// Octets kept.
        room: usize,
    },
    /// Octets handed in as a font cannot serve as one for Chinese.
    #[error("the font cannot be used: {0}")]
    Font(&'static str),
    /// A paper says nothing without this value.
    #[error("{field} is empty")]
    FieldEmpty {
        /// The value's name, as on the paper.
        field: &'static str,
    },
    /// A value longer than its paper has room for.
    #[error("{field} is longer than {limit} characters")]
    FieldTooLong {
        /// The value's name, as on the paper.
        field: &'static str,
        /// The limit, in characters.
        limit: usize,
    },
    /// A seal must not show another character in place of one that the font lacks.
    #[error("the font has no glyph for U+{:04X}", u32::from(*.character))]
    NoGlyph {
        /// The character.
        character: char,
    },
    /// The paper or picture could not be written out.
    #[error("cannot be drawn: {0}")]
    Drawing(String),
}

impl Error {
    /// A stable name for interfaces: what a server may answer as problem code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::NotPdf => "PDF_NOT_PDF",
            Self::TooLarge { .. } => "PDF_TOO_LARGE",
            Self::Encrypted => "PDF_ENCRYPTED",
            Self::Damaged(_) => "PDF_DAMAGED",
            Self::TooComplex(_) => "PDF_TOO_COMPLEX",
            Self::Certified => "PDF_CERTIFIED",
            Self::NoSuchPage { .. } => "PDF_NO_SUCH_PAGE",
            Self::OffPage { .. } => "PDF_OFF_PAGE",
            Self::TooManyPlacements { .. } => "PDF_TOO_MANY_PLACEMENTS",
            Self::Appearance { .. } => "PDF_APPEARANCE_INVALID",
            Self::NotPrepared => "PDF_NOT_PREPARED",
            Self::SignatureTooLong { .. } => "PDF_SIGNATURE_TOO_LONG",
            Self::Font(_) => "FONT_UNUSABLE",
            Self::FieldEmpty { .. } => "PAPER_FIELD_EMPTY",
            Self::FieldTooLong { .. } => "PAPER_FIELD_TOO_LONG",
            Self::NoGlyph { .. } => "SEAL_NO_GLYPH",
            Self::Drawing(_) => "PAPER_DRAWING",
        }
    }
}
