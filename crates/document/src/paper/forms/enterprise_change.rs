//! 企业信息变更申请表 (manual 1.12.4.3): what was, what shall be, and which certificates follow.

use super::super::clean::{optional, required};
use super::super::content::{Block, Cell, Enterprise, Head, Person, Spot};
use super::super::{Fonts, Paper, finish};
use super::{draft, enterprise_rows, heading, labels, list, person_rows};
use crate::{Error, Result};

/// One item that changes.
#[derive(Clone, Copy, Debug)]
pub struct Change<'a> {
    /// For example 企业名称.
    pub item: &'a str,
    /// As registered.
    pub old: &'a str,
    /// As it shall be.
    pub new: &'a str,
}

/// Application to change what is registered of an enterprise.
#[derive(Clone, Debug)]
pub struct EnterpriseChange<'a> {
    /// As registered so far.
    pub enterprise: Enterprise<'a>,
    /// 经办人, the administrator.
    pub applicant: Person<'a>,
    /// What changes; at most twelve items.
    pub changes: &'a [Change<'a>],
    /// How many certificates are to be replaced.
    pub certificates: u32,
}

/// Facts of an enterprise are fewer.
const MAX_CHANGES: usize = 12;

impl EnterpriseChange<'_> {
    /// The paper.
    ///
    /// # Errors
    /// No change, a value that is absent or too long; a font that cannot be used.
    pub fn make(&self, head: &Head<'_>, fonts: &Fonts) -> Result<Paper> {
        if self.changes.is_empty() {
            return Err(Error::FieldEmpty { field: "变更事项" });
        }
        if self.changes.len() > MAX_CHANGES {
            return Err(Error::FieldTooLong { field: "变更事项", limit: MAX_CHANGES });
        }
        let mut rows = vec![labels(&["变更事项", "变更前", "变更后"])];
        for change in self.changes {
            rows.push(vec![
                Cell::label(&required("变更事项", change.item)?),
                Cell::value(optional("变更前", change.old)?),
                Cell::value(required("变更后", change.new)?),
            ]);
        }
        let blocks = vec![
            heading("一、企业现登记信息"),
            Block::values(enterprise_rows(&self.enterprise)?),
            heading("二、变更内容"),
            Block::Table { columns: vec![0.2, 0.4, 0.4], rows },
            heading("三、经办人信息"),
            Block::values(person_rows(&self.applicant)?),
            heading("四、证书变更"),
            Block::List(vec![
                format!(
                    "本次申请同时变更所选的企业数字证书共 {} 张，变更后证书的主体信息与变更后的企业信息一致。",
                    self.certificates
                ),
                "本单位知悉：数字证书一经变更，不能恢复，无法解密原有文件。需要保留的加密文件已在变更前解密。"
                    .to_owned(),
            ]),
            heading("五、申请单位承诺"),
            list(&[
                "变更事项已依法办理登记，所填写的信息和提交的材料真实、完整、准确、有效，由本单位承担相应法律责任。",
                "变更前已经完成的电子签名、电子印章继续有效，由本单位承继其权利和义务。",
            ]),
            Block::Boxes(vec![
                (Spot::Seal, "申请单位（盖章）：".to_owned()),
                (Spot::Signature, "法定代表人（签字）：".to_owned()),
            ]),
        ];
        finish(&draft("企业信息变更申请表", head, blocks)?, fonts)
    }
}
