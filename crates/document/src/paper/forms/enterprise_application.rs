//! 企业数字证书申请书 (manual 1.8.1, 1.12.2): printed, stamped, signed by the legal person, photographed.

use super::super::clean::optional;
use super::super::content::{Block, Enterprise, Head, Person, Spot, Terms};
use super::super::{Fonts, Paper, finish};
use super::{draft, enterprise_rows, heading, list, paragraph, person_rows};
use crate::Result;

/// What a certificate is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// 认领企业 (1.8.1): the applicant becomes the enterprise's administrator.
    Claim,
    /// 新增 (1.12.2.1).
    New,
    /// 续期 (1.12.2.3).
    Renewal,
    /// 过期后重新申领 (1.12.2.5).
    Again,
    /// 换手机找回 (1.14).
    Recovery,
}

impl Purpose {
    const ALL: [(Self, &'static str); 5] = [
        (Self::Claim, "认领企业并首次申领"),
        (Self::New, "新增证书"),
        (Self::Renewal, "证书续期"),
        (Self::Again, "过期后重新申领"),
        (Self::Recovery, "换手机找回"),
    ];

    pub(super) fn checks(self) -> Block {
        Block::Checks(Self::ALL.iter().map(|&(purpose, label)| (purpose == self, label.to_owned())).collect())
    }
}

/// Application of an enterprise for a certificate.
#[derive(Clone, Debug)]
pub struct EnterpriseApplication<'a> {
    /// Whose certificate.
    pub enterprise: Enterprise<'a>,
    /// 法定代表人; the phone is not printed when empty.
    pub legal_person: Person<'a>,
    /// 经办人, the account that applies.
    pub applicant: Person<'a>,
    /// What for.
    pub purpose: Purpose,
    /// Validity and fee.
    pub terms: Terms,
}

impl EnterpriseApplication<'_> {
    /// The paper.
    ///
    /// # Errors
    /// A value that is absent or too long; a font that cannot be used.
    pub fn make(&self, head: &Head<'_>, fonts: &Fonts) -> Result<Paper> {
        let institution = optional("证书机构", head.institution)?;
        let mut enterprise = enterprise_rows(&self.enterprise)?;
        enterprise.extend([
            ("法定代表人", optional("法定代表人", self.legal_person.name)?),
            ("法定代表人证件类型", optional("证件类型", self.legal_person.id_kind)?),
            ("法定代表人证件号码", optional("证件号码", self.legal_person.id_number)?),
        ]);
        let certificate = vec![
            ("电子认证服务机构", institution.clone()),
            ("证书类型", "企业数字证书（签名证书和加密证书）".to_owned()),
            ("证书有效期", self.terms.validity()),
            ("服务费用", self.terms.fee()),
        ];
        let blocks = vec![
            heading("一、申请事项"),
            self.purpose.checks(),
            heading("二、企业信息"),
            Block::values(enterprise),
            heading("三、经办人信息"),
            Block::values(person_rows(&self.applicant)?),
            heading("四、证书信息"),
            Block::values(certificate),
            heading("五、申请单位承诺"),
            list(&[
                "本单位所填写的信息和提交的材料真实、完整、准确、有效，如有虚假，由本单位承担由此产生的一切法律责任。",
                "本单位委托上述经办人办理本次申请，并认可其在移动端生成、保管和使用证书密钥的行为。",
                "本单位已阅读并同意电子认证服务机构公布的电子认证业务规则和订户协议，按约定用途使用证书。",
                "本单位妥善保管证书及其口令；密钥泄露、设备遗失或者登记信息发生变更的，立即申请注销或者变更证书。",
                "使用本证书形成的可靠的电子签名，与本单位盖章具有同等法律效力。",
            ]),
            paragraph(format!("现向{institution}提出申请，请予审核。")),
            Block::Boxes(vec![
                (Spot::Seal, "申请单位（盖章）：".to_owned()),
                (Spot::Signature, "法定代表人（签字）：".to_owned()),
            ]),
        ];
        finish(&draft("企业数字证书申请书", head, blocks)?, fonts)
    }
}
