//! 管理员转授授权书 (manual 1.12.4.4): with a certificate it takes an electronic seal, without one it is printed.

use super::super::clean::{optional, required};
use super::super::content::{Block, Enterprise, Head, Person, Spot, date};
use super::super::{Fonts, Paper, finish};
use super::{draft, list, named, paragraph};
use crate::Result;

/// Letter by which an enterprise makes somebody else its administrator.
#[derive(Clone, Debug)]
pub struct AdminTransfer<'a> {
    /// Which enterprise.
    pub enterprise: Enterprise<'a>,
    /// 转让人, the administrator so far.
    pub from: Person<'a>,
    /// 被转让人.
    pub to: Person<'a>,
    /// Whether an electronic seal will be put on it (有证转授); otherwise it is printed and stamped (无证转授).
    pub electronic: bool,
}

impl AdminTransfer<'_> {
    /// The paper.
    ///
    /// # Errors
    /// A value that is absent or too long; a font that cannot be used.
    pub fn make(&self, head: &Head<'_>, fonts: &Fonts) -> Result<Paper> {
        let enterprise = required("企业名称", self.enterprise.name)?;
        let code = required("统一社会信用代码", self.enterprise.credit_code)?;
        let institution = optional("证书机构", head.institution)?;
        let mut blocks = vec![
            Block::Flush(format!("{institution}：")),
            paragraph(format!(
                "{enterprise}（统一社会信用代码：{code}，以下简称“本单位”）决定变更本单位在移动数字证书平台的管理员。\
                 现将管理员由{}转授给{}，由其行使本单位管理员的下列职权：",
                named(&self.from)?,
                named(&self.to)?
            )),
            list(&[
                "管理本单位的人员，同意、邀请人员加入本单位或者将其移出。",
                "代表本单位申领、续期、变更和注销企业数字证书，管理本单位的电子印章。",
                "代表本单位向办事人员授予、收回登录业务系统、签章、生成投标文件和解密的权限。",
            ]),
            paragraph(
                "转授生效后，原管理员在本单位的身份变更为办事人员，不再行使上述职权；\
                 其在任期间依法办理的事项继续有效，由本单位承担相应法律责任。",
            ),
            paragraph(if self.electronic {
                "本授权书自加盖本单位电子印章之日起生效。"
            } else {
                "本授权书加盖本单位公章后提交，自审核通过之日起生效。"
            }),
        ];
        if self.electronic {
            blocks.push(Block::SignOff { who: enterprise, date: date(head.date) });
        } else {
            blocks.push(Block::Boxes(vec![
                (Spot::Seal, "授权单位（盖章）：".to_owned()),
                (Spot::Signature, "法定代表人（签字）：".to_owned()),
            ]));
        }
        finish(&draft("管理员转授授权书", head, blocks)?, fonts)
    }
}
