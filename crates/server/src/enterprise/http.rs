//! Finding an enterprise, and what its people see of it.

use axum::extract::State;
use base64::{Engine as _, engine::general_purpose::STANDARD as BASE64};
use jiff::{SignedDuration, Timestamp};
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Enterprise, facts,
    rules::{IdType, Role, parse_credit_code},
    search::{self, grams::Wanted},
    store,
};
use crate::{
    account::{Account, entity::account, rules::mask_phone},
    app::AppState,
    certificate::{
        self,
        entity::{appearance, certificate as certificates},
        model::Certificate,
        rules::StoredState,
    },
    clock::from_millis,
    error::{FIELDS_INVALID, NOT_FOUND, Problem, ProblemBody, Result},
    extract::{Json, Path, Query},
    identity::{
        require_person,
        rules::{mask_id_number, mask_name},
    },
    rate::Limit,
};

/// Searches of one person: enough for somebody who types, too few for somebody who copies the list.
const SEARCHES: Limit = Limit { times: 60, window: SignedDuration::from_mins(1) };
/// The same, of a day.
const SEARCHES_OF_A_DAY: Limit = Limit { times: 1_000, window: SignedDuration::from_hours(24) };
/// Longest question, in characters.
const LONGEST: usize = 100;

/// What is looked for.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SearchQuery {
    /// A credit code, two or more characters of a name, or two or more first letters of its pinyin.
    q: String,
}

/// An enterprise that was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundEnterprise {
    /// Its id.
    id: Uuid,
    /// Full name.
    name: String,
    /// Unified social credit code.
    credit_code: String,
    /// Whether somebody administers it.
    has_admin: bool,
}

/// What was found.
#[derive(Debug, Serialize, ToSchema)]
pub struct FoundEnterprises {
    /// The best first, at most 20.
    items: Vec<FoundEnterprise>,
    /// The question, if it is a credit code: in its one written form, to claim an enterprise that is not known yet.
    credit_code: Option<String>,
}

/// Finds enterprises by name, parts of it, initials or credit code. For verified people only.
#[utoipa::path(get, path = "/api/enterprises", tag = "enterprises", params(SearchQuery),
    responses((status = 200, body = FoundEnterprises), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn find(
    State(state): State<AppState>,
    who: Account,
    Query(query): Query<SearchQuery>,
) -> Result<Json<FoundEnterprises>> {
    require_person(&state, who.id).await?;
    let whom = who.id.to_string();
    state.rates.take("enterprise-search", &whom, SEARCHES, state.now()).await?;
    state.rates.take("enterprise-search-day", &whom, SEARCHES_OF_A_DAY, state.now()).await?;
    let typed = query.q.trim();
    if typed.chars().count() > LONGEST {
        return Err(FIELDS_INVALID.field("q", "LENGTH"));
    }
    let (rows, credit_code) = match (parse_credit_code(typed), Wanted::parse(typed)) {
        (Some(code), _) => (store::registered(&*state.db, &code).await?.into_iter().collect(), Some(code)),
        (None, _) if looks_like_code(typed) => return Err(FIELDS_INVALID.field("q", "CREDIT_CODE_INVALID")),
        (None, Some(wanted)) => (search::find(&*state.db, &wanted).await?, None),
        (None, None) => return Err(FIELDS_INVALID.field("q", "LENGTH")),
    };
    let mut items = Vec::with_capacity(rows.len());
    for Enterprise { id, name, credit_code, .. } in rows {
        let has_admin = store::admin_of(&*state.db, id).await?.is_some();
        items.push(FoundEnterprise { id, name, credit_code, has_admin });
    }
    Ok(Json(FoundEnterprises { items, credit_code }))
}

/// Whether somebody means a credit code: eighteen letters and digits, some of them digits.
fn looks_like_code(typed: &str) -> bool {
    let plain: Vec<char> = typed.chars().filter(|one| !one.is_whitespace() && *one != '-').collect();
    plain.len() == 18
        && plain.iter().all(char::is_ascii_alphanumeric)
        && plain.iter().filter(|one| one.is_ascii_digit()).count() >= 6
}

/// An enterprise, to people who may join it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnterpriseCard {
    /// Its id.
    id: Uuid,
    /// Full name.
    name: String,
    /// Unified social credit code.
    credit_code: String,
    /// `韦*花`.
    legal_person_name_masked: String,
    /// `韦*花`.
    admin_name_masked: Option<String>,
    /// What the caller is in it.
    role: Option<Role>,
}

/// An enterprise, as much as somebody who may join it needs to recognise it.
#[utoipa::path(get, path = "/api/enterprises/{id}", tag = "enterprises", params(("id" = Uuid, Path)),
    responses((status = 200, body = EnterpriseCard), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn card(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<EnterpriseCard>> {
    let db = &*state.db;
    require_person(&state, who.id).await?;
    state.rates.take("enterprise-search", &who.id.to_string(), SEARCHES, state.now()).await?;
    let row = store::find(db, id).await?;
    let admin = admin(&state, id).await?;
    Ok(Json(EnterpriseCard {
        id,
        legal_person_name_masked: mask_name(&row.legal_person_name),
        admin_name_masked: admin.and_then(|admin| admin.name).map(|name| mask_name(&name)),
        role: store::role_of(db, id, who.id).await?,
        name: row.name,
        credit_code: row.credit_code,
    }))
}

async fn admin(state: &AppState, enterprise_id: Uuid) -> Result<Option<account::Model>> {
    match store::admin_of(&*state.db, enterprise_id).await? {
        Some(id) => Ok(account::Entity::find_by_id(id).one(&*state.db).await?),
        None => Ok(None),
    }
}

/// An enterprise, to those who belong to it.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnterpriseProfile {
    /// Its id.
    id: Uuid,
    /// Full name.
    name: String,
    /// Unified social credit code.
    credit_code: String,
    /// Name of the legal person.
    legal_person_name: String,
    /// Kind of the legal person's document.
    legal_person_id_type: IdType,
    /// Its number, first and last character only.
    legal_person_id_number_masked: Option<String>,
    /// What the caller is in it.
    role: Role,
    /// Real name of the administrator.
    admin_name: Option<String>,
    /// `138****8000`.
    admin_phone_masked: Option<String>,
    /// People who belong to it.
    members: u64,
    /// Certificates of it that may be used.
    certificates: u64,
    /// Since when it is known.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When its facts last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
}

/// What an enterprise's people see of it.
#[utoipa::path(get, path = "/api/enterprises/{id}/profile", tag = "enterprises", params(("id" = Uuid, Path)),
    responses((status = 200, body = EnterpriseProfile), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn profile(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<EnterpriseProfile>> {
    let db = &*state.db;
    let role = store::require_member(db, id, who.id).await?;
    let row = store::find(db, id).await?;
    let admin = admin(&state, id).await?;
    let usable = certificate::store::usable(state.now()).filter(certificates::Column::EnterpriseId.eq(id));
    let unknown = || Problem::internal("unknown type of document in the database");
    Ok(Json(EnterpriseProfile {
        id,
        role,
        legal_person_id_type: IdType::parse(&row.legal_person_id_type).ok_or_else(unknown)?,
        legal_person_id_number_masked: facts::number(&state, &row)?.map(|number| mask_id_number(&number)),
        admin_phone_masked: admin.as_ref().map(|admin| mask_phone(&admin.phone)),
        admin_name: admin.and_then(|admin| admin.name),
        members: store::members(db, id).await?.len() as u64,
        certificates: usable.count(db).await?,
        created_at: from_millis(row.created_at),
        updated_at: from_millis(row.updated_at),
        name: row.name,
        credit_code: row.credit_code,
        legal_person_name: row.legal_person_name,
    }))
}

/// A certificate of an enterprise, with whoever holds it.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldCertificate {
    /// Who holds it.
    account_id: Uuid,
    /// Real name of the holder.
    holder_name: String,
    /// The certificate.
    certificate: Certificate,
}

/// Certificates of an enterprise.
#[derive(Debug, Serialize, ToSchema)]
pub struct HeldCertificates {
    /// Newest first.
    items: Vec<HeldCertificate>,
}

/// All certificates of an enterprise that may be used, whoever holds them. For its administrator.
#[utoipa::path(get, path = "/api/enterprises/{id}/certificates", tag = "enterprises", params(("id" = Uuid, Path)),
    responses((status = 200, body = HeldCertificates), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn held(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<HeldCertificates>> {
    let db = &*state.db;
    store::require_admin(db, id, who.id).await?;
    let rows = certificate::store::usable(state.now())
        .filter(certificates::Column::EnterpriseId.eq(id))
        .filter(certificates::Column::State.eq(StoredState::Issued.as_str()))
        .order_by_desc(certificates::Column::CreatedAt)
        .all(db)
        .await?;
    let people = account::Entity::find()
        .filter(account::Column::Id.is_in(rows.iter().map(|row| row.account_id)))
        .all(db)
        .await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let account_id = row.account_id;
        let holder = people.iter().find(|person| person.id == account_id).and_then(|person| person.name.clone());
        if let Some(certificate) = certificate::store::one(db, state.now(), row).await? {
            items.push(HeldCertificate { account_id, holder_name: holder.unwrap_or_default(), certificate });
        }
    }
    Ok(Json(HeldCertificates { items }))
}

/// A seal of an enterprise.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnterpriseSeal {
    /// Names it.
    id: Uuid,
    /// A `SealKind`.
    kind: String,
    /// What it is called.
    name: String,
    /// Width on the page, mm.
    width_mm: f64,
    /// Height on the page, mm.
    height_mm: f64,
    /// Base64 of the PNG.
    png: String,
}

/// The seals of an enterprise.
#[derive(Debug, Serialize, ToSchema)]
pub struct EnterpriseSeals {
    /// In the order of their kinds.
    items: Vec<EnterpriseSeal>,
}

/// The seals of an enterprise, to look at. For its people.
#[utoipa::path(get, path = "/api/enterprises/{id}/appearances", tag = "enterprises", params(("id" = Uuid, Path)),
    responses((status = 200, body = EnterpriseSeals), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn seals(State(state): State<AppState>, who: Account, Path(id): Path<Uuid>) -> Result<Json<EnterpriseSeals>> {
    store::require_member(&*state.db, id, who.id).await.map_err(|_| NOT_FOUND)?;
    let rows = appearance::Entity::find()
        .filter(appearance::Column::EnterpriseId.eq(id))
        .order_by_asc(appearance::Column::Kind)
        .all(&*state.db)
        .await?;
    let items = rows.into_iter().map(|row| EnterpriseSeal {
        id: row.id,
        kind: row.kind,
        name: row.name,
        width_mm: f64::from(row.width_um) / 1000.0,
        height_mm: f64::from(row.height_um) / 1000.0,
        png: BASE64.encode(row.png),
    });
    Ok(Json(EnterpriseSeals { items: items.collect() }))
}

/// An enterprise that a person belongs to.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Membership)]
pub struct MembershipBody {
    /// The enterprise.
    enterprise_id: Uuid,
    /// Full name.
    name: String,
    /// Unified social credit code.
    credit_code: String,
    /// What the person is in it.
    role: Role,
}

/// Where a person belongs, the newest first.
pub async fn memberships(state: &AppState, account_id: Uuid) -> Result<Vec<MembershipBody>> {
    let rows = store::memberships_of(&*state.db, account_id).await?;
    rows.into_iter()
        .map(|(membership, Enterprise { id, name, credit_code, .. })| {
            Ok(MembershipBody { enterprise_id: id, name, credit_code, role: membership.role()? })
        })
        .collect()
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(find))
        .routes(routes!(card))
        .routes(routes!(profile))
        .routes(routes!(held))
        .routes(routes!(seals))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mistyped_credit_code_is_told_from_a_name() {
        assert!(looks_like_code("91350100M000100Y44"));
        assert!(looks_like_code("9135-0100-m000-100y-44"));
        assert!(!looks_like_code("桂林漓江工程有限公司桂林漓江工程有限"));
        assert!(!looks_like_code("gxgyjtgfyxgsnnfgs0"));
    }
}
