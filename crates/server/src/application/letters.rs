//! What people are told when an application moves, in the manual's words: the applicant, the holder where that is
//! somebody else, and the administrator who must seal the letter.

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Application,
    rules::{Ending, Kind, State},
    store,
};
use crate::{
    certificate::entity::certificate,
    enterprise::store as enterprises,
    error::Result,
    message::{self, Action, Draft},
    storage::Tx,
};

/// Tells the owner, and so the old phone, that a recovery has ended a certificate.
pub async fn tell_recovered(tx: &mut Tx, now: Timestamp, old: &certificate::Model) -> Result<()> {
    let draft = Draft {
        kind: "certificate_recovered",
        title: ("证书已在新手机上找回", "Your certificate was recovered on a new phone"),
        body: (
            format!(
                "“{}”的证书已在新手机上找回，原手机上的证书已注销、密钥已失效。若非本人操作，请立即联系客服。",
                old.subject_name
            ),
            format!(
                "The certificate of {} was recovered on a new phone; the one on the old phone is revoked and its key is \
                 dead. If this was not you, contact support at once.",
                old.subject_name
            ),
        ),
        action: Some(Action::OpenCertificate(old.id)),
    };
    message::post(tx, now, old.account_id, draft).await?;
    Ok(())
}

/// Tells everybody concerned that `row` has reached its state. Drafts and withdrawals are the applicant's own doing and
/// need no message.
pub async fn tell(tx: &mut Tx, now: Timestamp, row: &Application, reason: Option<&str>) -> Result<()> {
    let institution = store::institution(&**tx, row).await?.map(|institution| institution.name).unwrap_or_default();
    let texts = Texts { row, kind: row.kind()?, institution: &institution, reason: reason.unwrap_or_default() };
    let (applicant, holder) = (row.account_id, row.holder());
    let mut letters: Vec<(Uuid, Draft<'_>)> = Vec::new();
    match row.state()? {
        State::WithAdmin => {
            letters.push((applicant, texts.submitted(true)));
            if let Some(admin) = admin(tx, row).await?.filter(|admin| *admin != applicant) {
                letters.push((admin, texts.asks_admin()));
            }
        }
        State::WithReviewer => letters.push((applicant, texts.submitted(false))),
        State::Refused => letters.push((applicant, texts.refused())),
        State::PaymentDue => letters.push((holder, texts.payment_due())),
        State::Ready => letters.push((holder, texts.ready())),
        State::Done => {
            letters.push((holder, texts.done()));
            if applicant != holder {
                letters.push((applicant, texts.done_for_other()));
            }
        }
        State::Expired => letters.push((applicant, texts.expired())),
        // The first of two reviewers is nobody's news.
        State::Draft | State::WithSecondReviewer | State::Approved | State::Withdrawn => {}
    }
    for (account_id, draft) in letters {
        message::post(tx, now, account_id, draft).await?;
    }
    Ok(())
}

async fn admin(tx: &Tx, row: &Application) -> Result<Option<Uuid>> {
    match row.enterprise_id {
        Some(enterprise) => Ok(enterprises::admin_of(&**tx, enterprise).await?),
        None => Ok(None),
    }
}

/// What the texts speak of.
struct Texts<'a> {
    row: &'a Application,
    kind: Kind,
    institution: &'a str,
    reason: &'a str,
}

impl Texts<'_> {
    fn name(&self) -> (&'static str, &'static str) {
        self.kind.row().name
    }

    fn open(&self) -> Option<Action> {
        Some(Action::OpenApplication(self.row.id))
    }

    fn certificate(&self) -> bool {
        self.kind.row().ending == Ending::Certificate
    }

    fn submitted(&self, to_admin: bool) -> Draft<'static> {
        let (zh, en) = self.name();
        let (to, to_en) = if to_admin {
            ("企业管理员".to_owned(), "the administrator of the enterprise".to_owned())
        } else {
            (self.institution.to_owned(), self.institution.to_owned())
        };
        Draft {
            kind: "application_submitted",
            title: if self.certificate() {
                ("证书申请已提交", "Application submitted")
            } else {
                ("申请已提交", "Application submitted")
            },
            body: (
                format!("您的{zh}申请已提交至{to}，审核结果将在此通知您。"),
                format!("Your application for a {en} is with {to_en}. You will be told here how it goes."),
            ),
            action: self.open(),
        }
    }

    /// 加入企业申领, 证书续期, 证书授权 (manual 1.9.2, 1.13.2.3, 1.13.2.1).
    fn asks_admin(&self) -> Draft<'static> {
        let (kind, title) = match self.kind {
            Kind::EnterpriseJoin => ("consent_join", ("加入企业申领", "Somebody wants to join your enterprise")),
            Kind::EnterpriseRenewal => ("consent_renewal", ("证书续期", "A clerk wants to renew a certificate")),
            _ => ("consent_certificate", ("证书授权", "A clerk wants a certificate")),
        };
        let (zh, en) = self.name();
        let enterprise = &self.row.subject_name;
        Draft {
            kind,
            title,
            body: (
                format!("有人向{enterprise}提交了{zh}申请，请查看后同意并盖章，或说明理由拒绝。"),
                format!(
                    "There is an application for a {en} of {enterprise}. Look at it, then seal its letter or refuse it."
                ),
            ),
            action: self.open(),
        }
    }

    fn refused(&self) -> Draft<'static> {
        let ((zh, en), reason) = (self.name(), self.reason);
        Draft {
            kind: "application_refused",
            title: if self.certificate() {
                ("证书申领失败", "Application refused")
            } else {
                ("申请未通过", "Application refused")
            },
            body: (
                format!("您的{zh}申请未通过审核，原因：{reason}。您可以修改后重新申领。"),
                format!("Your application for a {en} was refused: {reason}. You can change it and apply again."),
            ),
            action: self.open(),
        }
    }

    fn payment_due(&self) -> Draft<'static> {
        let (zh, en) = self.name();
        Draft {
            kind: "application_payment_due",
            title: ("审核通过，请支付", "Approved: please pay"),
            body: (
                format!("您的{zh}申请已通过审核，支付后即可下载证书。"),
                format!("Your application for a {en} is approved. Pay, then download the certificate."),
            ),
            action: self.open(),
        }
    }

    /// 认领企业，请下载证书; 加入成功，请下载证书 (manual 1.8.3, 1.9.3).
    fn ready(&self) -> Draft<'static> {
        let ((zh, en), institution) = (self.name(), self.institution);
        let title = match self.kind {
            Kind::EnterpriseClaim => ("认领企业，请下载证书", "Enterprise claimed: download your certificate"),
            Kind::EnterpriseJoin => ("加入成功，请下载证书", "You may join: download your certificate"),
            kind if kind.recovers() => ("审核通过，请找回证书", "Approved: recover your certificate"),
            kind if kind.renews() => ("审核通过，请续期证书", "Approved: renew your certificate"),
            _ => ("审核通过，请下载证书", "Approved: download your certificate"),
        };
        Draft {
            kind: "application_ready",
            title,
            body: (
                format!("您的{zh}申请已通过{institution}审核，请在本手机上下载证书。"),
                format!("{institution} approved your application for a {en}. Download the certificate to this phone."),
            ),
            action: Some(Action::DownloadCertificate(self.row.id)),
        }
    }

    fn done(&self) -> Draft<'static> {
        let ((zh, en), enterprise) = (self.name(), &self.row.subject_name);
        if self.kind.hands_over() {
            return Draft {
                kind: "admin_transferred",
                title: ("您已成为企业管理员", "You are the administrator now"),
                body: (
                    format!("{enterprise}的管理员已转授给您。"),
                    format!("The administrator's role of {enterprise} has been handed over to you."),
                ),
                action: self.row.enterprise_id.map(Action::OpenEnterprise),
            };
        }
        if !self.certificate() {
            return Draft {
                kind: "application_done",
                title: ("申请已办结", "Application done"),
                body: (format!("您的{zh}申请已生效。"), format!("Your application for a {en} has taken effect.")),
                action: self.open(),
            };
        }
        Draft {
            kind: "certificate_issued",
            title: ("证书下载成功", "Certificate downloaded"),
            body: (
                format!("您的{zh}已生效，可用于扫码登录和签章。"),
                format!("Your {en} is active: log in and sign by scanning."),
            ),
            action: self.row.certificate_id.map(Action::OpenCertificate),
        }
    }

    fn done_for_other(&self) -> Draft<'static> {
        let (zh, en) = self.name();
        Draft {
            kind: "application_done",
            title: ("申请已办结", "Application done"),
            body: (format!("您提交的{zh}已办结。"), format!("What you applied for is done: {en}.")),
            action: self.open(),
        }
    }

    fn expired(&self) -> Draft<'static> {
        let (zh, en) = self.name();
        Draft {
            kind: "application_expired",
            title: if self.certificate() {
                ("证书申请已过期", "Application expired")
            } else {
                ("申请已过期", "Application expired")
            },
            body: (
                format!("您的{zh}申请长时间未办理，已自动关闭。您可以重新申领。"),
                format!("Your application for a {en} was left too long and is closed. You can apply again."),
            ),
            action: self.open(),
        }
    }
}
