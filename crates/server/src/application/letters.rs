//! What a person is told when an application moves, in the manual's words.

use jiff::Timestamp;

use super::Application;
use crate::{
    error::Result,
    message::{self, Action, Draft},
    storage::Tx,
};

use super::rules::State;

/// Tells the applicant that `row` has reached its state. Drafts and withdrawals are the applicant's own doing and need
/// no message.
pub async fn tell(
    tx: &mut Tx,
    now: Timestamp,
    row: &Application,
    institution: &str,
    reason: Option<&str>,
) -> Result<()> {
    let (zh, en) = row.kind_row()?.name;
    let reason = reason.unwrap_or_default();
    let open = Some(Action::OpenApplication(row.id));
    let draft = match row.state()? {
        State::WithAdmin | State::WithReviewer => Draft {
            kind: "application_submitted",
            title: ("证书申请已提交", "Application submitted"),
            body: (
                format!("您的{zh}申请已提交至{institution}，审核结果将在此通知您。"),
                format!("Your application for a {en} is with {institution}. You will be told here how it goes."),
            ),
            action: open,
        },
        State::Refused => Draft {
            kind: "application_refused",
            title: ("证书申领失败", "Application refused"),
            body: (
                format!("您的{zh}申请未通过审核，原因：{reason}。您可以修改后重新申领。"),
                format!("Your application for a {en} was refused: {reason}. You can change it and apply again."),
            ),
            action: open,
        },
        State::PaymentDue => Draft {
            kind: "application_payment_due",
            title: ("审核通过，请支付", "Approved: please pay"),
            body: (
                format!("您的{zh}申请已通过审核，支付后即可下载证书。"),
                format!("Your application for a {en} is approved. Pay, then download the certificate."),
            ),
            action: open,
        },
        State::Ready => Draft {
            kind: "application_ready",
            title: ("审核通过，请下载证书", "Approved: download your certificate"),
            body: (
                format!("您的{zh}申请已通过{institution}审核，请在本手机上下载证书。"),
                format!("{institution} approved your application for a {en}. Download the certificate to this phone."),
            ),
            action: Some(Action::DownloadCertificate(row.id)),
        },
        State::Done => Draft {
            kind: "certificate_issued",
            title: ("证书下载成功", "Certificate downloaded"),
            body: (
                format!("您的{zh}已生效，可用于扫码登录和签章。"),
                format!("Your {en} is active: log in and sign by scanning."),
            ),
            action: row.certificate_id.map(Action::OpenCertificate),
        },
        State::Expired => Draft {
            kind: "application_expired",
            title: ("证书申请已过期", "Application expired"),
            body: (
                format!("您的{zh}申请长时间未办理，已自动关闭。您可以重新申领。"),
                format!("Your application for a {en} was left too long and is closed. You can apply again."),
            ),
            action: open,
        },
        // The first of two reviewers is nobody's news.
        State::Draft | State::WithSecondReviewer | State::Approved | State::Withdrawn => return Ok(()),
    };
    message::post(tx, now, row.account_id, draft).await?;
    Ok(())
}
