//! The papers one by one; each has its input as a type and `make`.

mod admin_transfer;
mod authorisation;
mod enterprise_application;
mod enterprise_change;
mod personal_application;
mod recovery;
mod seal_template;

pub use admin_transfer::AdminTransfer;
pub use authorisation::{Authorisation, Permission};
pub use enterprise_application::{EnterpriseApplication, Purpose};
pub use enterprise_change::{Change, EnterpriseChange};
pub use personal_application::PersonalApplication;
pub use recovery::Recovery;
pub use seal_template::{SealTemplate, Target};

use super::clean::{optional, required};
use super::content::{Block, Cell, Draft, Enterprise, Head, Person};
use crate::Result;

fn draft(title: &'static str, head: &Head<'_>, blocks: Vec<Block>) -> Result<Draft> {
    let institution = required("证书机构", head.institution)?;
    let heading = optional("抬头", head.heading)?;
    Ok(Draft {
        title,
        heading: if heading.is_empty() { institution } else { heading },
        contact: optional("联系方式", head.contact)?,
        number: required("编号", head.number)?,
        date: head.date,
        demonstration: head.demonstration,
        blocks,
    })
}

/// Rows about a person under names such as 经办人.
fn person_rows(person: &Person<'_>) -> Result<Vec<(&'static str, String)>> {
    let mut rows = vec![
        ("姓　　名", optional("姓名", person.name)?),
        ("证件类型", optional("证件类型", person.id_kind)?),
        ("证件号码", optional("证件号码", person.id_number)?),
    ];
    let phone = optional("手机号码", person.phone)?;
    if !phone.is_empty() {
        rows.push(("手机号码", phone));
    }
    Ok(rows)
}

fn enterprise_rows(enterprise: &Enterprise<'_>) -> Result<Vec<(&'static str, String)>> {
    Ok(vec![
        ("企业名称", required("企业名称", enterprise.name)?),
        ("统一社会信用代码", required("统一社会信用代码", enterprise.credit_code)?),
    ])
}

/// A person inside a sentence.
fn named(person: &Person<'_>) -> Result<String> {
    let name = required("姓名", person.name)?;
    let kind = optional("证件类型", person.id_kind)?;
    let number = optional("证件号码", person.id_number)?;
    Ok(if number.is_empty() { name } else { format!("{name}（{kind}号码：{number}）") })
}

fn heading(text: &str) -> Block {
    Block::Heading(text.to_owned())
}

fn paragraph(text: impl Into<String>) -> Block {
    Block::Paragraph(text.into())
}

fn list(items: &[&str]) -> Block {
    Block::List(items.iter().map(|&item| item.to_owned()).collect())
}

fn labels(texts: &[&str]) -> Vec<Cell> {
    texts.iter().map(|text| Cell::label(text)).collect()
}
