//! Institutions at the console: their settings, products and wanted materials, and making new ones.

use std::collections::HashMap;

use axum::{extract::State, http::StatusCode};
use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Institution,
    entity::{institution, product, required_material},
    settings::{self, Change},
};
use crate::{
    app::AppState,
    application::{
        entity::application,
        kinds::{Kind, MaterialKind},
    },
    certificate::entity::authority,
    clock::from_millis,
    console::{Reviewer, policy::Act},
    error::{NOT_FOUND, ProblemBody, Result},
    extract::{Json, Path},
    outside::withdrawal,
};

/// A product, offered or withdrawn.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProductSetting {
    /// Its id.
    id: Uuid,
    /// `personal_certificate` or `enterprise_certificate`.
    kind: String,
    /// How long a certificate is good, months.
    validity_months: i32,
    /// Price in fen.
    fee_fen: i64,
    /// Whether new applications may choose it.
    offered: bool,
    /// Applications that have chosen it; without any it is removed when it is withdrawn.
    used: i64,
}

/// A material that is wanted.
#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MaterialSetting {
    /// Which.
    kind: MaterialKind,
    /// Whether an application cannot be handed in without it.
    required: bool,
}

/// What may be and is wanted with applications of a kind.
#[derive(Debug, Serialize, ToSchema)]
pub struct KindSetting {
    /// The kind.
    kind: Kind,
    /// What such an application can carry.
    permitted: Vec<MaterialKind>,
    /// What the institution wants.
    wanted: Vec<MaterialSetting>,
}

/// The CA of an institution.
#[derive(Debug, Serialize, ToSchema)]
pub struct AuthoritySetting {
    /// Where its root certificate is fetched.
    root_path: String,
    /// Where its issuing certificate is fetched.
    ca_path: String,
    /// When it was made.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// Whether a CA elsewhere issues.
    outside: bool,
    /// Revocations that the CA elsewhere has not done yet.
    withdrawals_waiting: u64,
}

/// An institution with its settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstitutionSettings {
    /// Its id.
    id: Uuid,
    /// Short name in paths.
    slug: String,
    /// Chinese.
    name: String,
    /// English.
    name_en: String,
    /// Chinese.
    description: String,
    /// English.
    description_en: String,
    /// Whether its certificates are worth nothing.
    sandbox: bool,
    /// Whether two reviewers must approve.
    four_eyes: bool,
    /// Hours within which it promises to look at what is handed in.
    service_hours: i32,
    /// For applicants; may be empty.
    contact_phone: String,
    /// For applicants; may be empty.
    contact_email: String,
    /// For applicants; may be empty.
    contact_address: String,
    /// Object identifier of the policy that new certificates name; may be empty.
    policy_oid: String,
    /// The line under the title of forms and letters; empty: its name.
    form_heading: String,
    /// Offered ones first.
    products: Vec<ProductSetting>,
    /// Kinds of application that can carry material.
    kinds: Vec<KindSetting>,
    /// Its CA.
    authority: Option<AuthoritySetting>,
    /// Whether the asker may change this.
    may_change: bool,
}

/// Institutions with their settings.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstitutionSettingsList {
    /// In their order.
    items: Vec<InstitutionSettings>,
}

async fn body(state: &AppState, who: &Reviewer, row: Institution) -> Result<InstitutionSettings> {
    let db = &*state.db;
    let ca = authority::Entity::find_by_id(row.id).one(db).await?;
    let withdrawals_waiting = withdrawal::waiting(db, row.id).await?;
    Ok(InstitutionSettings {
        products: products(state, row.id).await?,
        kinds: kinds(state, row.id).await?,
        authority: ca.map(|ca| AuthoritySetting {
            root_path: format!("/pki/{}/root.cer", ca.slug),
            ca_path: format!("/pki/{}/ca.cer", ca.slug),
            created_at: from_millis(ca.created_at),
            outside: ca.is_outside(),
            withdrawals_waiting,
        }),
        may_change: who.may(Act::ManageSettings),
        id: row.id,
        slug: row.slug,
        name: row.name,
        name_en: row.name_en,
        description: row.description,
        description_en: row.description_en,
        sandbox: row.sandbox,
        four_eyes: row.four_eyes,
        service_hours: row.service_hours,
        contact_phone: row.contact_phone,
        contact_email: row.contact_email,
        contact_address: row.contact_address,
        policy_oid: row.policy_oid,
        form_heading: row.form_heading,
    })
}

async fn products(state: &AppState, id: Uuid) -> Result<Vec<ProductSetting>> {
    let used: Vec<(Option<Uuid>, i64)> = application::Entity::find()
        .select_only()
        .column(application::Column::ProductId)
        .column_as(application::Column::Id.count(), "used")
        .filter(application::Column::InstitutionId.eq(id))
        .group_by(application::Column::ProductId)
        .into_tuple()
        .all(&*state.db)
        .await?;
    let used: HashMap<Uuid, i64> = used.into_iter().filter_map(|(id, used)| Some((id?, used))).collect();
    let rows = product::Entity::find()
        .filter(product::Column::InstitutionId.eq(id))
        .order_by_desc(product::Column::Offered)
        .order_by_desc(product::Column::Kind)
        .order_by_asc(product::Column::ValidityMonths)
        .all(&*state.db)
        .await?;
    let setting = |row: product::Model| ProductSetting {
        used: used.get(&row.id).copied().unwrap_or_default(),
        id: row.id,
        kind: row.kind,
        validity_months: row.validity_months,
        fee_fen: row.fee_fen,
        offered: row.offered,
    };
    Ok(rows.into_iter().map(setting).collect())
}

async fn kinds(state: &AppState, id: Uuid) -> Result<Vec<KindSetting>> {
    let rows = required_material::Entity::find()
        .filter(required_material::Column::InstitutionId.eq(id))
        .all(&*state.db)
        .await?;
    let wanted = |kind: Kind| {
        let of_kind = rows.iter().filter(|row| row.application_kind == kind.row().word);
        let mut wanted: Vec<_> = of_kind
            .filter_map(|row| {
                Some(MaterialSetting { kind: MaterialKind::parse(&row.material_kind)?, required: row.required })
            })
            .collect();
        wanted.sort_by_key(|one| kind.row().materials.iter().position(|permitted| *permitted == one.kind));
        wanted
    };
    let carrying = Kind::ALL.into_iter().filter(|kind| !kind.row().materials.is_empty());
    let setting = |kind: Kind| KindSetting { kind, permitted: kind.row().materials.to_vec(), wanted: wanted(kind) };
    Ok(carrying.map(setting).collect())
}

/// The institution with its settings, if it is the asker's business.
async fn load(state: &AppState, who: &Reviewer, id: Uuid) -> Result<Json<InstitutionSettings>> {
    who.require_for(Act::ReadSettings, Some(id))?;
    let row = institution::Entity::find_by_id(id).one(&*state.db).await?.ok_or(NOT_FOUND)?;
    Ok(Json(body(state, who, row).await?))
}

/// The institutions of the asker's scope.
#[utoipa::path(get, path = "/api/console/institutions", tag = "console",
    responses((status = 200, body = InstitutionSettingsList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn list(State(state): State<AppState>, who: Reviewer) -> Result<Json<InstitutionSettingsList>> {
    who.require(Act::ReadSettings)?;
    let mut find = institution::Entity::find();
    if let Some(own) = who.institution_id {
        find = find.filter(institution::Column::Id.eq(own));
    }
    let rows = find.order_by_asc(institution::Column::Position).all(&*state.db).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        items.push(body(&state, &who, row).await?);
    }
    Ok(Json(InstitutionSettingsList { items }))
}

/// One institution.
#[utoipa::path(get, path = "/api/console/institutions/{id}", tag = "console", params(("id" = Uuid, Path)),
    responses((status = 200, body = InstitutionSettings), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn get(State(state): State<AppState>, who: Reviewer, Path(id): Path<Uuid>) -> Result<Json<InstitutionSettings>> {
    load(&state, &who, id).await
}

/// What is changed; what is absent stays.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct InstitutionChange {
    /// Chinese, 2 to 50 characters.
    #[serde(default)]
    name: Option<String>,
    /// English, 2 to 80 characters.
    #[serde(default)]
    name_en: Option<String>,
    /// Chinese, at most 200 characters.
    #[serde(default)]
    description: Option<String>,
    /// English, at most 300 characters.
    #[serde(default)]
    description_en: Option<String>,
    /// Whether two reviewers must approve.
    #[serde(default)]
    four_eyes: Option<bool>,
    /// Hours within which it promises to look at what is handed in, 1 to 720.
    #[serde(default)]
    service_hours: Option<i32>,
    /// Telephone number for applicants, or empty.
    #[serde(default)]
    contact_phone: Option<String>,
    /// E-mail address for applicants, or empty.
    #[serde(default)]
    contact_email: Option<String>,
    /// Address of the counter, or empty.
    #[serde(default)]
    contact_address: Option<String>,
    /// Object identifier of the policy that new certificates name, dotted, or empty.
    #[serde(default)]
    policy_oid: Option<String>,
    /// The line under the title of forms and letters, at most 50 characters; empty: the name.
    #[serde(default)]
    form_heading: Option<String>,
}

impl From<InstitutionChange> for Change {
    fn from(change: InstitutionChange) -> Self {
        Self {
            name: change.name,
            name_en: change.name_en,
            description: change.description,
            description_en: change.description_en,
            four_eyes: change.four_eyes,
            service_hours: change.service_hours,
            contact_phone: change.contact_phone,
            contact_email: change.contact_email,
            contact_address: change.contact_address,
            policy_oid: change.policy_oid,
            form_heading: change.form_heading,
        }
    }
}

/// Changes an institution's settings.
#[utoipa::path(patch, path = "/api/console/institutions/{id}", tag = "console", params(("id" = Uuid, Path)), request_body = InstitutionChange,
    responses((status = 200, body = InstitutionSettings), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn change(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(request): Json<InstitutionChange>,
) -> Result<Json<InstitutionSettings>> {
    who.require_for(Act::ManageSettings, Some(id))?;
    settings::change(&state, who.id, id, request.into()).await?;
    load(&state, &who, id).await
}

/// An institution to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewInstitution {
    /// Short name in paths: 2 to 30 lower-case letters, digits or hyphens. It never changes.
    slug: String,
    /// Chinese, 2 to 50 characters; stands in its certificates.
    name: String,
    /// English, 2 to 80 characters.
    name_en: String,
    /// Chinese, at most 200 characters.
    #[serde(default)]
    description: String,
    /// English, at most 300 characters.
    #[serde(default)]
    description_en: String,
}

/// Makes an institution with its CA.
#[utoipa::path(post, path = "/api/console/institutions", tag = "console", request_body = NewInstitution,
    responses((status = 201, body = InstitutionSettings), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn create(
    State(state): State<AppState>,
    who: Reviewer,
    Json(new): Json<NewInstitution>,
) -> Result<(StatusCode, Json<InstitutionSettings>)> {
    who.require(Act::CreateInstitution)?;
    let change = Change {
        name: Some(new.name),
        name_en: Some(new.name_en),
        description: Some(new.description),
        description_en: Some(new.description_en),
        ..Change::default()
    };
    let id = settings::create(&state, who.id, &new.slug, change).await?;
    Ok((StatusCode::CREATED, load(&state, &who, id).await?))
}

/// A product to be offered.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewProduct {
    /// `personal_certificate` or `enterprise_certificate`.
    kind: String,
    /// 1 to 60.
    validity_months: i32,
    /// Price in fen, 0 to 1,000,000.
    fee_fen: i64,
}

/// Offers a product. A fee is changed by withdrawing the product and offering it again.
#[utoipa::path(post, path = "/api/console/institutions/{id}/products", tag = "console", params(("id" = Uuid, Path)), request_body = NewProduct,
    responses((status = 201, body = InstitutionSettings), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn offer(
    State(state): State<AppState>,
    who: Reviewer,
    Path(id): Path<Uuid>,
    Json(new): Json<NewProduct>,
) -> Result<(StatusCode, Json<InstitutionSettings>)> {
    who.require_for(Act::ManageSettings, Some(id))?;
    settings::offer(&state, who.id, id, &new.kind, new.validity_months, new.fee_fen).await?;
    Ok((StatusCode::CREATED, load(&state, &who, id).await?))
}

/// Withdraws a product. One that applications have chosen stays for them; another is removed.
#[utoipa::path(delete, path = "/api/console/institutions/{id}/products/{product_id}", tag = "console",
    params(("id" = Uuid, Path), ("product_id" = Uuid, Path)),
    responses((status = 200, body = InstitutionSettings), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn withdraw(
    State(state): State<AppState>,
    who: Reviewer,
    Path((id, product_id)): Path<(Uuid, Uuid)>,
) -> Result<Json<InstitutionSettings>> {
    who.require_for(Act::ManageSettings, Some(id))?;
    settings::withdraw(&state, who.id, id, product_id).await?;
    load(&state, &who, id).await
}

/// What is wanted.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantedMaterials {
    /// Each material once.
    items: Vec<MaterialSetting>,
}

/// Says what is wanted with applications of a kind, in place of what was said before.
#[utoipa::path(put, path = "/api/console/institutions/{id}/materials/{kind}", tag = "console",
    params(("id" = Uuid, Path), ("kind" = Kind, Path)), request_body = WantedMaterials,
    responses((status = 200, body = InstitutionSettings), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn want(
    State(state): State<AppState>,
    who: Reviewer,
    Path((id, kind)): Path<(Uuid, Kind)>,
    Json(request): Json<WantedMaterials>,
) -> Result<Json<InstitutionSettings>> {
    who.require_for(Act::ManageSettings, Some(id))?;
    let wanted: Vec<_> = request.items.into_iter().map(|item| (item.kind, item.required)).collect();
    settings::want(&state, who.id, id, kind, &wanted).await?;
    load(&state, &who, id).await
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, change))
        .routes(routes!(offer))
        .routes(routes!(withdraw))
        .routes(routes!(want))
}
