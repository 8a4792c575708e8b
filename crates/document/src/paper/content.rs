//! What stands on a paper, before it is known where.

use jiff::civil::Date;

/// What every paper carries beside its own content.
#[derive(Clone, Copy, Debug)]
pub struct Head<'a> {
    /// The certificate authority that the paper is addressed to.
    pub institution: &'a str,
    /// The line under the title, if it is not the authority's name; may be empty.
    pub heading: &'a str,
    /// How to reach the authority, at the foot of every page; may be empty.
    pub contact: &'a str,
    /// A short number by which people find the paper again.
    pub number: &'a str,
    /// The day it was made out.
    pub date: Date,
    /// Whether it must say that it is worth nothing.
    pub demonstration: bool,
}

/// An enterprise by its licence.
#[derive(Clone, Copy, Debug)]
pub struct Enterprise<'a> {
    /// 企业名称.
    pub name: &'a str,
    /// 统一社会信用代码.
    pub credit_code: &'a str,
}

/// A person by name and number; whether the number is masked is the caller's decision.
#[derive(Clone, Copy, Debug)]
pub struct Person<'a> {
    /// 姓名.
    pub name: &'a str,
    /// 证件类型, for example 居民身份证.
    pub id_kind: &'a str,
    /// 证件号码.
    pub id_number: &'a str,
    /// 手机号码; empty where it is not asked for.
    pub phone: &'a str,
}

/// A certificate to be issued.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    /// Months of validity.
    pub months: u32,
    /// Fee in fen (0.01 yuan).
    pub fee_fen: u64,
}

impl Terms {
    /// The validity in words.
    pub(super) fn validity(self) -> String {
        match (self.months / 12, self.months % 12) {
            (0, months) => format!("{months} 个月"),
            (years, 0) => format!("{years} 年"),
            (years, months) => format!("{years} 年 {months} 个月"),
        }
    }

    /// The fee in yuan.
    pub(super) fn fee(self) -> String {
        format!("人民币 {}.{:02} 元", self.fee_fen / 100, self.fee_fen % 100)
    }
}

/// A date as letters write it.
pub(super) fn date(date: Date) -> String {
    format!("{} 年 {} 月 {} 日", date.year(), date.month(), date.day())
}

/// A place left for hand or stamp.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Spot {
    /// For the enterprise's seal.
    Seal,
    /// For a signature.
    Signature,
}

/// A cell of a table.
#[derive(Clone, Debug)]
pub(super) struct Cell {
    pub text: String,
    pub label: bool,
}

/// A part of a paper, from top to bottom.
#[derive(Clone, Debug)]
pub(super) enum Block {
    /// Heading of a part.
    Heading(String),
    /// Running text, indented by two characters.
    Paragraph(String),
    /// Running text at the margin: salutations.
    Flush(String),
    /// Numbered sentences.
    List(Vec<String>),
    /// Things to choose, with what has been chosen.
    Checks(Vec<(bool, String)>),
    /// Rows of cells; columns in parts of the whole width.
    Table { columns: Vec<f32>, rows: Vec<Vec<Cell>> },
    /// Boxes side by side to stamp or sign into, each with its label and a line for the date.
    Boxes(Vec<(Spot, String)>),
    /// Who declares it and when, at the right, under an electronic seal.
    SignOff { who: String, date: String },
}

impl Block {
    /// A table of labels and values.
    pub fn values(rows: Vec<(&str, String)>) -> Self {
        let rows = rows.into_iter().map(|(label, value)| vec![Cell::label(label), Cell::value(value)]).collect();
        Self::Table { columns: vec![0.26, 0.74], rows }
    }
}

impl Cell {
    pub fn label(text: &str) -> Self {
        Self { text: text.to_owned(), label: true }
    }

    pub fn value(text: impl Into<String>) -> Self {
        Self { text: text.into(), label: false }
    }
}

/// A paper before it is laid out.
#[derive(Clone, Debug)]
pub(super) struct Draft {
    pub title: &'static str,
    /// The line under the title.
    pub heading: String,
    /// A line at the foot of every page; may be empty.
    pub contact: String,
    pub number: String,
    pub date: Date,
    pub demonstration: bool,
    pub blocks: Vec<Block>,
}
