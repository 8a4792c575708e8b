//! The list of institutions.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Institution, Product, entity};
use crate::{app::AppState, error::Result, extract::Json};

/// An institution, by name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InstitutionRef {
    /// Its id.
    pub id: Uuid,
    /// Chinese.
    pub name: String,
    /// English.
    pub name_en: String,
    /// Short name in paths.
    pub slug: String,
}

impl From<&Institution> for InstitutionRef {
    fn from(row: &Institution) -> Self {
        Self { id: row.id, name: row.name.clone(), name_en: row.name_en.clone(), slug: row.slug.clone() }
    }
}

/// What an institution sells.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[schema(as = Product)]
pub struct ProductBody {
    /// Its id.
    pub id: Uuid,
    /// `personal_certificate` or `enterprise_certificate`: the `product_kind` of the applications that may choose it.
    pub kind: String,
    /// How long a certificate is good, months.
    pub validity_months: i32,
    /// Price in fen.
    pub fee_fen: i64,
}

impl From<Product> for ProductBody {
    fn from(row: Product) -> Self {
        Self { id: row.id, kind: row.kind, validity_months: row.validity_months, fee_fen: row.fee_fen }
    }
}

/// A material that an institution wants to see.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RequiredMaterial {
    /// `signature` or `application_form`.
    kind: String,
    /// Whether an application cannot be submitted without it.
    required: bool,
}

/// A CA institution with what it sells and wants.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Institution)]
pub struct InstitutionBody {
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
    /// Hours within which it promises to look at an application.
    service_hours: i32,
    /// Telephone number for applicants; may be empty.
    contact_phone: String,
    /// E-mail address for applicants; may be empty.
    contact_email: String,
    /// Where its counter is; may be empty.
    contact_address: String,
    /// What may be chosen.
    products: Vec<ProductBody>,
    /// What it wants to see with a personal certificate's application; other applications say themselves what is wanted.
    required_materials: Vec<RequiredMaterial>,
}

/// All institutions.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstitutionList {
    /// In their order.
    items: Vec<InstitutionBody>,
}

/// The institutions that issue certificates.
#[utoipa::path(get, path = "/api/institutions", tag = "institutions", responses((status = 200, body = InstitutionList)))]
async fn list(axum::extract::State(state): axum::extract::State<AppState>) -> Result<Json<InstitutionList>> {
    let rows =
        entity::institution::Entity::find().order_by_asc(entity::institution::Column::Position).all(&*state.db).await?;
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let products = entity::product::Entity::find()
            .filter(entity::product::Column::InstitutionId.eq(row.id))
            .filter(entity::product::Column::Offered.eq(true))
            .order_by_desc(entity::product::Column::Kind)
            .order_by_asc(entity::product::Column::ValidityMonths)
            .all(&*state.db)
            .await?;
        let materials = entity::required_material::Entity::find()
            .filter(entity::required_material::Column::InstitutionId.eq(row.id))
            .filter(entity::required_material::Column::ApplicationKind.eq("personal_certificate"))
            .order_by_desc(entity::required_material::Column::MaterialKind)
            .all(&*state.db)
            .await?;
        items.push(InstitutionBody {
            id: row.id,
            slug: row.slug,
            name: row.name,
            name_en: row.name_en,
            description: row.description,
            description_en: row.description_en,
            sandbox: row.sandbox,
            service_hours: row.service_hours,
            contact_phone: row.contact_phone,
            contact_email: row.contact_email,
            contact_address: row.contact_address,
            products: products.into_iter().map(ProductBody::from).collect(),
            required_materials: materials
                .into_iter()
                .map(|material| RequiredMaterial { kind: material.material_kind, required: material.required })
                .collect(),
        });
    }
    Ok(Json(InstitutionList { items }))
}

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}
