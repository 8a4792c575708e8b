//! What an application looks like in the API, to its applicant and to the console.

use jiff::Timestamp;
use sea_orm::{ConnectionTrait, DbErr};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{Application, entity, rules::State, store};
use crate::{
    clock::from_millis,
    error::Result,
    institution::{InstitutionRef, ProductBody},
};

/// A picture that belongs to an application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Material)]
pub struct MaterialBody {
    /// `signature` or `application_form`.
    kind: String,
    /// Media type.
    content_type: String,
    /// Octets.
    size: i64,
    /// When it was uploaded.
    #[schema(value_type = String, format = DateTime)]
    uploaded_at: Timestamp,
}

impl From<entity::material::Model> for MaterialBody {
    fn from(row: entity::material::Model) -> Self {
        Self {
            kind: row.kind,
            content_type: row.content_type,
            size: row.size,
            uploaded_at: from_millis(row.uploaded_at),
        }
    }
}

/// One entry of an application's history.
#[derive(Debug, Serialize, ToSchema)]
pub struct ApplicationStep {
    /// The state entered.
    state: State,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    at: Timestamp,
    /// `applicant`, `reviewer` or `system`.
    by: String,
    /// Why, for refusals.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A request that somebody must approve.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Application)]
pub struct ApplicationBody {
    /// Its id.
    id: Uuid,
    /// `personal_certificate`.
    kind: String,
    /// Where it stands.
    state: State,
    /// Counts every change; a decision names the one it was made on.
    version: i32,
    /// Chosen institution.
    #[serde(skip_serializing_if = "Option::is_none")]
    institution: Option<InstitutionRef>,
    /// Chosen product.
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<ProductBody>,
    /// Whom the certificate will name.
    subject_name: String,
    /// What has been uploaded.
    materials: Vec<MaterialBody>,
    /// Kinds of material that the institution requires and that are not there.
    missing_materials: Vec<String>,
    /// Oldest first.
    history: Vec<ApplicationStep>,
    /// When it was begun.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    certificate_id: Option<Uuid>,
    /// The closed application that this one repeats.
    #[serde(skip_serializing_if = "Option::is_none")]
    previous_id: Option<Uuid>,
}

impl ApplicationBody {
    /// Gathers what belongs to `row`.
    pub async fn load(db: &impl ConnectionTrait, row: Application) -> Result<Self> {
        let state = row.state()?;
        let institution = store::institution(db, &row).await?;
        let product = store::product(db, &row).await?;
        let materials = store::materials(db, row.id).await?;
        let missing_materials = store::missing_materials(db, &row).await?;
        let history = history(db, row.id).await?;
        Ok(Self {
            id: row.id,
            kind: row.kind,
            state,
            version: row.version,
            institution: institution.as_ref().map(InstitutionRef::from),
            product: product.map(ProductBody::from),
            subject_name: row.subject_name,
            materials: materials.into_iter().map(MaterialBody::from).collect(),
            missing_materials,
            history,
            created_at: from_millis(row.created_at),
            updated_at: from_millis(row.updated_at),
            certificate_id: row.certificate_id,
            previous_id: row.previous_id,
        })
    }
}

async fn history(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<ApplicationStep>, DbErr> {
    let steps = store::steps(db, id).await?;
    let entry = |step: entity::step::Model| {
        let state = State::parse(&step.state)?;
        Some(ApplicationStep { state, at: from_millis(step.at), by: step.by, reason: step.reason })
    };
    Ok(steps.into_iter().filter_map(entry).collect())
}
