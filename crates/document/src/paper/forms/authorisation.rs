//! 授权书 (manual 1.9.2, 1.12.2.1, 1.12.2.3, 1.12.5, 1.13.2): an enterprise lets a person hold and use a certificate in
//! its name. It takes the enterprise's electronic seal.

use super::super::clean::{optional, required};
use super::super::content::{Block, Enterprise, Head, Person, Terms, date};
use super::super::{Fonts, Paper, finish};
use super::{draft, heading, list, named, paragraph};
use crate::{Error, Result};

/// What the person may do with the certificate (1.12.5.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    /// 登录.
    Login,
    /// 签章.
    Seal,
    /// 生成投标文件.
    BidFile,
    /// 解密.
    Decrypt,
}

impl Permission {
    const ALL: [(Self, &'static str); 4] =
        [(Self::Login, "登录"), (Self::Seal, "签章"), (Self::BidFile, "生成投标文件"), (Self::Decrypt, "解密")];
}

/// Letter of authorisation.
#[derive(Clone, Debug)]
pub struct Authorisation<'a> {
    /// Who authorises.
    pub enterprise: Enterprise<'a>,
    /// Who is authorised.
    pub person: Person<'a>,
    /// For which trading platform; empty means all that are connected.
    pub platform: &'a str,
    /// What for: at least one.
    pub permissions: &'a [Permission],
    /// Names of the seals that may be used; at most [`MAX_SEALS`].
    pub seals: &'a [&'a str],
    /// What is asked of the institution, for example 新增企业数字证书.
    pub matter: &'a str,
    /// Validity and fee of the certificate.
    pub terms: Terms,
}

/// Seals named in one letter.
const MAX_SEALS: usize = 20;
/// Characters of one seal's name.
const MAX_SEAL_NAME: usize = 40;

impl Authorisation<'_> {
    /// The paper.
    ///
    /// # Errors
    /// A value that is absent or too long; a font that cannot be used.
    pub fn make(&self, head: &Head<'_>, fonts: &Fonts) -> Result<Paper> {
        if self.permissions.is_empty() {
            return Err(Error::FieldEmpty { field: "授权权限" });
        }
        let enterprise = required("企业名称", self.enterprise.name)?;
        let code = required("统一社会信用代码", self.enterprise.credit_code)?;
        let institution = optional("证书机构", head.institution)?;
        let platform = match optional("业务系统", self.platform)? {
            platform if platform.is_empty() => "已接入的全部业务系统".to_owned(),
            platform => platform,
        };
        let chosen = |permission| self.permissions.contains(&permission);
        let permissions =
            Permission::ALL.iter().map(|&(permission, label)| (chosen(permission), label.to_owned())).collect();
        let details = vec![
            ("申请事项", required("申请事项", self.matter)?),
            ("业务系统", platform),
            ("可用印章", self.seal_names()?),
            ("电子认证服务机构", institution.clone()),
            ("证书有效期", self.terms.validity()),
        ];
        let blocks = vec![
            Block::Flush(format!("{institution}：")),
            paragraph(format!(
                "{enterprise}（统一社会信用代码：{code}，以下简称“本单位”）授权{}（以下简称“被授权人”）\
                 以本单位名义办理并持有企业数字证书，在下列范围内使用本单位的企业数字证书和电子印章：",
                named(&self.person)?
            )),
            heading("一、授权权限"),
            Block::Checks(permissions),
            heading("二、授权内容"),
            Block::values(details),
            heading("三、授权声明"),
            list(&[
                "被授权人在授权范围内使用企业数字证书和电子印章形成的可靠的电子签名，由本单位承担法律责任。",
                "授权期限与证书有效期一致；本单位可以随时删除授权，自删除之时起被授权人不得再行使用。",
                "被授权人应当妥善保管证书及其口令，不得转授他人。",
            ]),
            Block::SignOff { who: enterprise, date: date(head.date) },
        ];
        finish(&draft("授权书", head, blocks)?, fonts)
    }

    fn seal_names(&self) -> Result<String> {
        if self.seals.len() > MAX_SEALS {
            return Err(Error::FieldTooLong { field: "可用印章", limit: MAX_SEALS });
        }
        let mut names = Vec::with_capacity(self.seals.len());
        for seal in self.seals {
            let name = required("印章名称", seal)?;
            if name.chars().count() > MAX_SEAL_NAME {
                return Err(Error::FieldTooLong { field: "印章名称", limit: MAX_SEAL_NAME });
            }
            names.push(name);
        }
        Ok(if names.is_empty() { "无".to_owned() } else { names.join("、") })
    }
}
