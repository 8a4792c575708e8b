//! 个人数字证书申请书 (manual 1.10.1).

use super::super::clean::{optional, required};
use super::super::content::{Block, Head, Person, Spot, Terms};
use super::super::{Fonts, Paper, finish};
use super::{draft, heading, list, paragraph, person_rows};
use crate::Result;

/// Application of a natural person for a certificate.
#[derive(Clone, Debug)]
pub struct PersonalApplication<'a> {
    /// Who applies.
    pub applicant: Person<'a>,
    /// Validity and fee.
    pub terms: Terms,
}

impl PersonalApplication<'_> {
    /// The paper.
    ///
    /// # Errors
    /// A value that is absent or too long; a font that cannot be used.
    pub fn make(&self, head: &Head<'_>, fonts: &Fonts) -> Result<Paper> {
        required("姓名", self.applicant.name)?;
        let institution = optional("证书机构", head.institution)?;
        let certificate = vec![
            ("电子认证服务机构", institution.clone()),
            ("证书类型", "个人数字证书".to_owned()),
            ("证书有效期", self.terms.validity()),
            ("服务费用", self.terms.fee()),
        ];
        let blocks = vec![
            heading("一、申请人信息"),
            Block::values(person_rows(&self.applicant)?),
            heading("二、证书信息"),
            Block::values(certificate),
            heading("三、申请人承诺"),
            list(&[
                "本人所填写的信息和提交的材料真实、完整、准确、有效，本次申请出于本人真实意愿。",
                "本人已阅读并同意电子认证服务机构公布的电子认证业务规则和订户协议，按约定用途使用证书。",
                "证书及其口令由本人保管，不出租、出借、转让；密钥泄露或者设备遗失的，立即申请注销证书。",
                "使用本证书形成的可靠的电子签名，与本人手写签名或者盖章具有同等法律效力。",
            ]),
            paragraph(format!("现向{institution}提出申请，请予审核。")),
            Block::Boxes(vec![(Spot::Signature, "申请人（签字）：".to_owned())]),
        ];
        finish(&draft("个人数字证书申请书", head, blocks)?, fonts)
    }
}
