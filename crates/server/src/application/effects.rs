//! Rows of enterprises, memberships and authorisations that applications bring about.

use jiff::Timestamp;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set};
use uuid::Uuid;

use super::{access, details::EnterpriseFacts, problems::ENTERPRISE_REGISTERED};
use crate::{
    app::AppState,
    authorisation::{entity as authorisation, rules::Grant},
    clock::new_id,
    enterprise::{
        Enterprise,
        entity::{enterprise, membership},
        rules::Role,
    },
    error::{Problem, Result},
    storage::Tx,
};

/// What the number of the legal person's document is sealed for.
const PURPOSE: &str = "enterprise-legal-person/v1";

/// Makes the enterprise, with its administrator. The unique credit code lets one claim through.
pub async fn found(state: &AppState, tx: &Tx, facts: &EnterpriseFacts, admin: Uuid) -> Result<Enterprise> {
    let (now, id) = (state.now(), state.new_id());
    if access::registered(&**tx, &facts.credit_code).await?.is_some() {
        return Err(ENTERPRISE_REGISTERED.into());
    }
    let row = enterprise::ActiveModel {
        id: Set(id),
        name: Set(facts.name.clone()),
        credit_code: Set(facts.credit_code.clone()),
        legal_person_name: Set(facts.legal_person_name.clone()),
        legal_person_id_type: Set(facts.legal_person_id_type.as_str().to_owned()),
        legal_person_id_number: Set(Some(sealed(state, id, facts)?)),
        created_at: Set(now.as_millisecond()),
        updated_at: Set(now.as_millisecond()),
    };
    let row = row.insert(&**tx).await?;
    join(tx, now, id, admin, Role::Admin).await?;
    Ok(row)
}

fn sealed(state: &AppState, id: Uuid, facts: &EnterpriseFacts) -> Result<Vec<u8>> {
    Ok(state.secrets.seal(PURPOSE, id.as_bytes(), facts.legal_person_id_number.as_bytes())?)
}

/// The whole number of the legal person's document.
pub fn legal_person_number(state: &AppState, row: &Enterprise) -> Result<Option<String>> {
    let Some(sealed) = &row.legal_person_id_number else { return Ok(None) };
    let octets = state.secrets.open_sealed(PURPOSE, row.id.as_bytes(), sealed)?;
    Ok(Some(String::from_utf8(octets.to_vec()).map_err(Problem::internal)?))
}

/// Makes a person a clerk.
pub async fn add_clerk(tx: &Tx, now: Timestamp, enterprise_id: Uuid, account_id: Uuid) -> Result<()> {
    join(tx, now, enterprise_id, account_id, Role::Clerk).await
}

async fn join(tx: &Tx, now: Timestamp, enterprise_id: Uuid, account_id: Uuid, role: Role) -> Result<()> {
    let row = membership::ActiveModel {
        id: Set(new_id(now)),
        enterprise_id: Set(enterprise_id),
        account_id: Set(account_id),
        role: Set(role.as_str().to_owned()),
        joined_at: Set(now.as_millisecond()),
        ended_at: Set(None),
        active_slot: Set(Some(format!("{enterprise_id}:{account_id}"))),
        admin_slot: Set((role == Role::Admin).then_some(enterprise_id)),
    };
    row.insert(&**tx).await?;
    Ok(())
}

/// The administrator becomes a clerk and the clerk the administrator.
pub async fn swap_admin(tx: &Tx, _now: Timestamp, enterprise_id: Uuid, old: Uuid, new: Uuid) -> Result<()> {
    // The old one first: the unique slot holds one.
    for (account_id, role) in [(old, Role::Clerk), (new, Role::Admin)] {
        let row = membership::Entity::find()
            .filter(membership::Column::EnterpriseId.eq(enterprise_id))
            .filter(membership::Column::AccountId.eq(account_id))
            .filter(membership::Column::EndedAt.is_null())
            .one(&**tx)
            .await?;
        let row = row.ok_or_else(|| Problem::internal("a transfer by or to somebody who is no member"))?;
        let mut change = row.into_active_model();
        change.role = Set(role.as_str().to_owned());
        change.admin_slot = Set((role == Role::Admin).then_some(enterprise_id));
        change.update(&**tx).await?;
    }
    Ok(())
}

/// Writes other facts.
pub async fn change_facts(state: &AppState, tx: &Tx, id: Uuid, facts: &EnterpriseFacts) -> Result<Enterprise> {
    let mut change = access::enterprise(&**tx, id).await?.into_active_model();
    change.name = Set(facts.name.clone());
    change.credit_code = Set(facts.credit_code.clone());
    change.legal_person_name = Set(facts.legal_person_name.clone());
    change.legal_person_id_type = Set(facts.legal_person_id_type.as_str().to_owned());
    change.legal_person_id_number = Set(Some(sealed(state, id, facts)?));
    change.updated_at = Set(state.now().as_millisecond());
    Ok(change.update(&**tx).await?)
}

/// Whom a grant is for, by whom and until when.
#[derive(Debug, Clone, Copy)]
pub struct NewGrant {
    /// For which enterprise.
    pub enterprise_id: Uuid,
    /// Who may.
    pub account_id: Uuid,
    /// Who says so.
    pub granted_by: Uuid,
    /// The application that ended with it.
    pub application_id: Option<Uuid>,
    /// First and last moment.
    pub valid: (Timestamp, Timestamp),
}

/// Writes one authorisation for each platform, or one for every platform.
pub async fn grant(tx: &Tx, now: Timestamp, new: &NewGrant, grant: &Grant) -> Result<()> {
    let mut platforms: Vec<Option<Uuid>> = grant.relying_party_ids.iter().copied().map(Some).collect();
    if platforms.is_empty() {
        platforms.push(None);
    }
    let permissions: Vec<_> = grant.permissions.iter().map(|one| one.as_str()).collect();
    let seals: Vec<_> = grant.seals.iter().map(|one| one.as_str()).collect();
    for relying_party_id in platforms {
        let row = authorisation::ActiveModel {
            id: Set(new_id(now)),
            enterprise_id: Set(new.enterprise_id),
            account_id: Set(new.account_id),
            relying_party_id: Set(relying_party_id),
            permissions: Set(permissions.join(" ")),
            seals: Set(seals.join(" ")),
            valid_from: Set(new.valid.0.as_millisecond()),
            valid_to: Set(new.valid.1.as_millisecond()),
            granted_by: Set(new.granted_by),
            application_id: Set(new.application_id),
            created_at: Set(now.as_millisecond()),
            ended_at: Set(None),
            ended_by: Set(None),
            end_reason: Set(None),
        };
        row.insert(&**tx).await?;
    }
    Ok(())
}
