//! What a scan request uses of whose certificate: the question that [`decide`] answers. It is asked when a phone claims a
//! request, when a nonce is handed out for it, when its partial signature is computed, and in the transaction that
//! confirms it, so that what has been taken back ends a signing that is under way.

use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::{
    problems,
    rules::{Denial, Permission, SealKind, Use, decide},
    service,
};
use crate::{
    certificate::entity::{appearance, certificate},
    enterprise::{self, rules::Role},
    error::{Problem, Result},
    scan::{entity as scan_request, model::Signer, rules::Action, service as scans},
};

/// A seal that is to be put on a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Placed {
    /// Whose; none: a person's own picture.
    enterprise_id: Option<Uuid>,
    /// Which, if it is an enterprise's.
    kind: Option<SealKind>,
}

/// What a request wants of a certificate, whichever answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Demand {
    permission: Permission,
    relying_party_id: Uuid,
    signer: Option<Signer>,
    placed: Vec<Placed>,
    /// A letter of the platform's own, which only an administrator seals.
    letter: bool,
}

impl Demand {
    /// What this request wants.
    pub async fn of(db: &impl ConnectionTrait, row: &scan_request::Model) -> Result<Self> {
        let permission = match scans::action_of(row)? {
            Action::Login => Permission::Login,
            Action::Sign => Permission::Sign,
        };
        Ok(Self {
            permission,
            relying_party_id: row.relying_party_id,
            signer: Signer::of(row)?,
            placed: if row.document.is_some() { placed(db, row).await? } else { Vec::new() },
            letter: row.application_id.is_some(),
        })
    }

    /// Whether this certificate may answer now.
    pub async fn allows(
        &self,
        db: &impl ConnectionTrait,
        now: Timestamp,
        certificate: &certificate::Model,
    ) -> Result<Result<(), Denial>> {
        let wanted = match self.signer {
            Some(Signer::Person) => certificate.enterprise_id.is_none(),
            Some(Signer::Enterprise(id)) => certificate.enterprise_id == Some(id),
            None => true,
        };
        if !wanted {
            return Ok(Err(Denial::OtherSigner));
        }
        // A seal goes with a certificate of its own enterprise and with no other.
        let seals = self.placed.iter().filter(|placed| placed.enterprise_id.is_some());
        if seals.clone().any(|placed| placed.enterprise_id != certificate.enterprise_id) {
            return Ok(Err(Denial::ForeignSeal));
        }
        let Some(enterprise_id) = certificate.enterprise_id else { return Ok(Ok(())) };
        if self.letter {
            let role = enterprise::store::role_of(db, enterprise_id, certificate.account_id).await?;
            return Ok(if role == Some(Role::Admin) { Ok(()) } else { Err(Denial::NotGranted) });
        }
        let wanted = Use {
            permission: self.permission,
            relying_party_id: self.relying_party_id,
            seals: seals.filter_map(|placed| placed.kind).collect(),
        };
        let standing = service::standing(db, enterprise_id, certificate.account_id).await?;
        Ok(decide(&standing, &wanted, now))
    }

    /// The certificates that may answer. If there is none because all are denied, the refusal that says what to do.
    pub async fn choose(
        &self,
        db: &impl ConnectionTrait,
        now: Timestamp,
        usable: Vec<certificate::Model>,
    ) -> Result<Result<Vec<certificate::Model>, Problem>> {
        let (mut may, mut denied) = (Vec::new(), None);
        for certificate in usable {
            match self.allows(db, now, &certificate).await? {
                Ok(()) => may.push(certificate),
                // Of several reasons the one that came furthest helps most.
                Err(denial) => denied = denied.max(Some(denial)),
            }
        }
        Ok(match denied {
            Some(denial) if may.is_empty() => Err(problems::denied(denial)),
            _ => Ok(may),
        })
    }
}

/// The pictures on the document. One that is gone meanwhile was redrawn: nobody may use it any more.
async fn placed(db: &impl ConnectionTrait, row: &scan_request::Model) -> Result<Vec<Placed>> {
    let mut ids: Vec<Uuid> =
        scans::document(row)?.placements.into_iter().map(|placement| placement.appearance_id).collect();
    ids.sort_unstable();
    ids.dedup();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let known = appearance::Entity::find().filter(appearance::Column::Id.is_in(ids.iter().copied())).all(db).await?;
    let placed = |id: &Uuid| match known.iter().find(|row| row.id == *id) {
        Some(row) => Placed { enterprise_id: row.enterprise_id, kind: SealKind::parse(&row.kind) },
        None => Placed { enterprise_id: Some(Uuid::nil()), kind: None },
    };
    Ok(ids.iter().map(placed).collect())
}
