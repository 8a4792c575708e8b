//! What people are told about their enterprises.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Enterprise, entity::invitation, invitation::Answer, store};
use crate::{
    error::Result,
    message::{self, Action, Draft, EventKind, sms},
    storage::Tx,
};

/// Tells a person's open phone to look at the enterprise again.
pub async fn stir(tx: &mut Tx, now: Timestamp, enterprise_id: Uuid, account_id: Uuid) -> Result<()> {
    Ok(message::emit(tx, now, account_id, EventKind::Enterprise, enterprise_id).await?)
}

/// Somebody has been deleted by the administrator.
pub async fn deleted(tx: &mut Tx, now: Timestamp, enterprise: &Enterprise, account_id: Uuid) -> Result<()> {
    let name = &enterprise.name;
    let draft = Draft {
        kind: "member_deleted",
        title: ("您已被移出企业", "You were removed from an enterprise"),
        body: (
            format!("{name}的管理员已将您移出企业，您在该企业的证书已注销、授权已终止。如有疑问请联系企业管理员。"),
            format!(
                "The administrator of {name} removed you: your certificates of it are revoked and your authorisations \
                 have ended. Ask the administrator if this was a mistake."
            ),
        ),
        action: None,
    };
    message::post(tx, now, account_id, draft).await?;
    Ok(())
}

/// An authorisation has been taken back.
pub async fn authorisation_deleted(
    tx: &mut Tx,
    now: Timestamp,
    enterprise: &Enterprise,
    account_id: Uuid,
) -> Result<()> {
    let name = &enterprise.name;
    let draft = Draft {
        kind: "authorisation_deleted",
        title: ("授权已终止", "An authorisation has ended"),
        body: (
            format!("{name}的管理员已终止对您的一项授权，立即生效。如仍需使用，请联系企业管理员重新授权。"),
            format!(
                "The administrator of {name} took one of your authorisations back, effective at once. Ask them for a \
                 new one if you still need it."
            ),
        ),
        action: Some(Action::OpenEnterprise(enterprise.id)),
    };
    message::post(tx, now, account_id, draft).await?;
    Ok(())
}

/// Somebody is invited. Whoever has no account yet finds the invitation when they have one.
pub async fn invited(
    tx: &mut Tx,
    now: Timestamp,
    enterprise: &Enterprise,
    row: &invitation::Model,
    account_id: Option<Uuid>,
) -> Result<()> {
    let name = &enterprise.name;
    sms::put(tx, now, sms::To::Phone(&row.phone), sms::Kind::Invitation, name).await?;
    let Some(account_id) = account_id else { return Ok(()) };
    let draft = Draft {
        kind: "invitation",
        title: ("企业邀请", "An enterprise invites you"),
        body: (
            format!("{name}邀请您成为办事人员，请在 7 天内接受或拒绝。"),
            format!("{name} invites you to be one of its clerks. Please accept or decline within 7 days."),
        ),
        action: Some(Action::OpenInvitation(row.id)),
    };
    message::post(tx, now, account_id, draft).await?;
    stir(tx, now, enterprise.id, account_id).await
}

/// The administrator hears what became of an invitation.
pub async fn answered(
    tx: &mut Tx,
    now: Timestamp,
    enterprise: &Enterprise,
    row: &invitation::Model,
    answer: Answer,
) -> Result<()> {
    let Some(admin) = store::admin_of(&**tx, enterprise.id).await? else { return Ok(()) };
    let (name, person) = (&enterprise.name, &row.name);
    let draft = match answer {
        Answer::Accept => Draft {
            kind: "invitation_accepted",
            title: ("邀请已接受", "Invitation accepted"),
            body: (
                format!("{person}已加入{name}，成为办事人员。请为其新增授权。"),
                format!("{person} is a clerk of {name} now. Authorise them for what they shall do."),
            ),
            action: Some(Action::OpenEnterprise(enterprise.id)),
        },
        Answer::Decline => Draft {
            kind: "invitation_declined",
            title: ("邀请被拒绝", "Invitation declined"),
            body: (format!("{person}拒绝了加入{name}的邀请。"), format!("{person} declined the invitation to {name}.")),
            action: Some(Action::OpenEnterprise(enterprise.id)),
        },
    };
    message::post(tx, now, admin, draft).await?;
    stir(tx, now, enterprise.id, admin).await
}
