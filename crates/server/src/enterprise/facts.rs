//! What is said of an enterprise. The number of the legal person's document is sealed; only its administrator's own
//! application and the console ever see it whole.

use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _, Set};
use serde_json::json;
use uuid::Uuid;
use zeroize::Zeroizing;

use super::{Enterprise, notices, rules::IdType, search, store};
use crate::{
    app::AppState,
    application::details::EnterpriseFacts,
    audit::{self, Actor},
    error::{Problem, Result},
    storage::Tx,
};

/// What the number of the legal person's document is sealed for.
const PURPOSE: &str = "enterprise-legal-person/v1";

/// The sealed number, bound to the enterprise.
pub(super) fn seal_number(state: &AppState, id: Uuid, facts: &EnterpriseFacts) -> Result<Vec<u8>> {
    Ok(state.secrets.seal(PURPOSE, id.as_bytes(), facts.legal_person_id_number.as_bytes())?)
}

/// The number of the legal person's document, if it is known.
pub fn number(state: &AppState, row: &Enterprise) -> Result<Option<Zeroizing<String>>> {
    let Some(sealed) = &row.legal_person_id_number else { return Ok(None) };
    let octets = state.secrets.open_sealed(PURPOSE, row.id.as_bytes(), sealed)?;
    Ok(Some(Zeroizing::new(String::from_utf8(octets.to_vec()).map_err(Problem::internal)?)))
}

/// Everything that is said of an enterprise, the whole number of the legal person's document included.
pub fn whole(state: &AppState, row: &Enterprise) -> Result<EnterpriseFacts> {
    Ok(EnterpriseFacts {
        name: row.name.clone(),
        credit_code: row.credit_code.clone(),
        legal_person_name: row.legal_person_name.clone(),
        legal_person_id_type: IdType::parse(&row.legal_person_id_type)
            .ok_or_else(|| Problem::internal("unknown type of document in the database"))?,
        legal_person_id_number: number(state, row)?.map(|number| number.to_string()).unwrap_or_default(),
    })
}

/// Writes other facts, in the transaction that approves them; everybody who belongs to the enterprise is stirred.
pub async fn change(state: &AppState, tx: &mut Tx, id: Uuid, facts: &EnterpriseFacts) -> Result<Enterprise> {
    let now = state.now();
    let before = store::find(&**tx, id).await?;
    let (old_name, renamed) = (before.name.clone(), before.name != facts.name);
    let detail = json!({ "renamed": renamed, "credit_code": before.credit_code != facts.credit_code });
    let mut change = before.into_active_model();
    change.name = Set(facts.name.clone());
    change.credit_code = Set(facts.credit_code.clone());
    change.legal_person_name = Set(facts.legal_person_name.clone());
    change.legal_person_id_type = Set(facts.legal_person_id_type.as_str().to_owned());
    change.legal_person_id_number = Set(Some(seal_number(state, id, facts)?));
    change.updated_at = Set(now.as_millisecond());
    let row = change.update(&**tx).await?;
    if renamed {
        search::index(&**tx, id, Some(&old_name), &row.name).await?;
    }
    let entry = audit::Entry {
        actor: Actor::System,
        action: "enterprise.change",
        target_kind: "enterprise",
        target_id: Some(id),
        detail,
    };
    audit::record(tx, now, entry).await?;
    for member in store::members(&**tx, id).await? {
        notices::stir(tx, now, id, member.account_id).await?;
    }
    Ok(row)
}
