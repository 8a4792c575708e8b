//! 证书找回申请书 (manual 1.14).

use super::super::clean::{optional, required};
use super::super::content::{Block, Enterprise, Head, Person, Spot};
use super::super::{Fonts, Paper, finish};
use super::{draft, enterprise_rows, heading, list, paragraph, person_rows};
use crate::Result;

/// Application for bringing a certificate to a new phone.
#[derive(Clone, Debug)]
pub struct Recovery<'a> {
    /// Who applies.
    pub applicant: Person<'a>,
    /// Whose certificate it is; none for a person's own.
    pub enterprise: Option<Enterprise<'a>>,
    /// Serial number of the certificate.
    pub serial: &'a str,
    /// Why: 更换手机, 手机格式化…
    pub reason: &'a str,
}

impl Recovery<'_> {
    /// The paper.
    ///
    /// # Errors
    /// A value that is absent or too long; a font that cannot be used.
    pub fn make(&self, head: &Head<'_>, fonts: &Fonts) -> Result<Paper> {
        required("姓名", self.applicant.name)?;
        let institution = optional("证书机构", head.institution)?;
        let mut blocks = vec![heading("一、申请人信息"), Block::values(person_rows(&self.applicant)?)];
        blocks.push(heading("二、拟找回的证书"));
        let mut certificate = match &self.enterprise {
            Some(enterprise) => enterprise_rows(enterprise)?,
            None => Vec::new(),
        };
        let kind = if self.enterprise.is_some() { "企业数字证书" } else { "个人数字证书" };
        certificate.extend([
            ("证书类型", kind.to_owned()),
            ("证书序列号", required("证书序列号", self.serial)?),
            ("电子认证服务机构", institution.clone()),
            ("找回原因", optional("找回原因", self.reason)?),
        ]);
        blocks.push(Block::values(certificate));
        blocks.push(heading("三、申请人承诺"));
        blocks.push(list(&[
            "上述证书确为申请人合法持有，本次找回出于申请人真实意愿，所提交的材料真实有效。",
            "申请人知悉：找回后在新设备上重新生成签名密钥并换发证书，加密密钥恢复到新设备，原设备上的证书随即失效。",
            "找回之前原设备上的证书如被他人使用，申请人已经或者将立即告知电子认证服务机构。",
        ]));
        blocks.push(paragraph(format!("现向{institution}提出申请，请予审核。")));
        let signature = (Spot::Signature, "申请人（签字）：".to_owned());
        blocks.push(Block::Boxes(match self.enterprise {
            Some(_) => vec![(Spot::Seal, "申请单位（盖章）：".to_owned()), signature],
            None => vec![signature],
        }));
        finish(&draft("证书找回申请书", head, blocks)?, fonts)
    }
}
