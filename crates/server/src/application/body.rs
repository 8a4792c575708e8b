//! What an application looks like in the API, to its applicant and to the console.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    Application, access,
    access::{May, Viewer},
    details::{Details, EnterpriseFacts},
    entity,
    rules::{Kind, MaterialKind, State},
    store,
};
use crate::{
    account::entity::account,
    app::AppState,
    authorisation::rules::{Grant, Permission, SealKind},
    clock::from_millis,
    enterprise::store::{self as enterprises, EnterpriseRef},
    error::{PROVIDER_UNAVAILABLE, Problem, Result},
    identity::{self, Outcome, rules::mask_id_number},
    institution::{InstitutionRef, ProductBody},
    relying::{PlatformRef, entity::relying_party},
};

/// How long a face that was shown is good for handing in.
const FACE_LASTS: SignedDuration = SignedDuration::from_hours(24);

/// A picture that belongs to an application.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Material)]
pub struct MaterialBody {
    /// A `MaterialKind`.
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
    /// `applicant`, `admin`, `reviewer` or `system`.
    by: String,
    /// Why, for refusals.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
}

/// A material that is wanted with an application.
#[derive(Debug, Serialize, ToSchema)]
pub struct WantedMaterial {
    /// Which.
    kind: MaterialKind,
    /// Whether it cannot be handed in without.
    required: bool,
}

/// Who will hold what comes of an application.
#[derive(Debug, Serialize, ToSchema)]
pub struct HolderRef {
    /// The account.
    account_id: Uuid,
    /// Real name.
    name: String,
}

/// What is granted, with the names of the platforms.
#[derive(Debug, Serialize, ToSchema)]
pub struct GrantBody {
    /// At which platforms; empty: at every one.
    relying_party_ids: Vec<Uuid>,
    /// The same, by name.
    platforms: Vec<PlatformRef>,
    /// What.
    permissions: Vec<Permission>,
    /// With which seals.
    seals: Vec<SealKind>,
}

/// How the verification of a recovery's applicant stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicantFace)]
pub enum Face {
    /// It has to be shown.
    Needed,
    /// The person has not finished at the provider.
    Pending,
    /// It is the person of the first verification.
    Passed,
    /// It is not, or the person gave up; it can be shown again.
    Failed,
}

/// The face of a recovery; none for other kinds. Only a draft's is asked for: nothing is handed in before it has passed.
/// What passed more than a day before it is handed in counts no more.
pub async fn face(state: &AppState, row: &Application) -> Result<Option<Face>> {
    if !row.kind()?.recovers() {
        return Ok(None);
    }
    let Some(id) = row.verification_id else { return Ok(Some(Face::Needed)) };
    if row.submitted_at.is_some() {
        return Ok(Some(Face::Passed));
    }
    let outcome = match identity::outcome(state, row.account_id, id).await {
        // A provider that is away must not take the list of applications with it.
        Err(problem) if problem.kind() == PROVIDER_UNAVAILABLE => Outcome::Pending,
        outcome => outcome?,
    };
    Ok(Some(match outcome {
        Outcome::Passed if identity::begun_before(state, id, state.now() - FACE_LASTS).await? => Face::Needed,
        Outcome::Passed => Face::Passed,
        Outcome::Pending => Face::Pending,
        Outcome::Failed => Face::Failed,
    }))
}

/// A request that somebody must approve.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Application)]
pub struct ApplicationBody {
    /// Its id.
    id: Uuid,
    /// What is applied for.
    kind: Kind,
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
    /// The `kind` of the products to choose from: `personal_certificate` or `enterprise_certificate`.
    product_kind: String,
    /// Whom the certificate will name.
    subject_name: String,
    /// The enterprise that it is about, once it exists.
    enterprise: Option<EnterpriseRef>,
    /// Who will hold the certificate or the role.
    holder: Option<HolderRef>,
    /// Claim and change: what the enterprise is. Only its applicant and the console see the whole number of the legal
    /// person's document.
    facts: Option<EnterpriseFacts>,
    /// Join and authorisation: what is granted.
    grant: Option<GrantBody>,
    /// Join: whether the administrator's details have been shown to be known.
    admin_known: bool,
    /// Change: the certificates that it replaces.
    certificate_ids: Vec<Uuid>,
    /// The certificate that is renewed or replaced.
    old_certificate_id: Option<Uuid>,
    /// Recovery: how the verification of the applicant's face stands.
    #[serde(skip_serializing_if = "Option::is_none")]
    face: Option<Face>,
    /// Whether the administrator's sealed letter is wanted; of a draft: whether it would be, as things stand.
    letter_due: bool,
    /// The scan request that seals, or has sealed, the letter.
    letter_request_id: Option<Uuid>,
    /// What has been uploaded.
    materials: Vec<MaterialBody>,
    /// What may be uploaded.
    permitted_materials: Vec<MaterialKind>,
    /// What is wanted by the kind and by the chosen institution.
    required_materials: Vec<WantedMaterial>,
    /// Kinds of material that are required and not there.
    missing_materials: Vec<String>,
    /// What the viewer may do now.
    may: Vec<May>,
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
    /// Gathers what belongs to `row`, as `viewer` may see it.
    pub async fn load(state: &AppState, row: Application, viewer: Viewer) -> Result<Self> {
        let (db, now) = (&*state.db, state.now());
        let (kind, stage) = (row.kind()?, row.state()?);
        let details = Details::of(state, &row)?;
        let letter_due = match stage {
            State::Draft => access::letter_wanted(db, now, &row).await?,
            _ => row.letter_due,
        };
        let whole = viewer == Viewer::Console || viewer == Viewer::Account(row.account_id);
        let wanted = store::wanted_materials(db, &row, letter_due).await?;
        let institution = store::institution(db, &row).await?;
        Ok(Self {
            id: row.id,
            kind,
            state: stage,
            version: row.version,
            institution: institution.as_ref().map(InstitutionRef::from),
            product: store::product(db, &row).await?.map(ProductBody::from),
            product_kind: kind.row().product.to_owned(),
            enterprise: enterprise(db, &row).await?,
            holder: holder(db, &row).await?,
            facts: details.facts.map(|facts| if whole { facts } else { masked(facts) }),
            grant: grant(db, details.grant).await?,
            admin_known: details.known_admin.is_some(),
            certificate_ids: details.certificate_ids,
            old_certificate_id: row.old_certificate_id,
            face: face(state, &row).await?,
            letter_due,
            letter_request_id: row.letter_request_id,
            materials: store::materials(db, row.id).await?.into_iter().map(MaterialBody::from).collect(),
            permitted_materials: kind.row().materials.to_vec(),
            required_materials: wanted.into_iter().map(|(kind, required)| WantedMaterial { kind, required }).collect(),
            missing_materials: store::missing_materials(db, &row, letter_due).await?,
            may: may(db, &row, viewer).await?,
            history: history(db, row.id).await?,
            created_at: from_millis(row.created_at),
            updated_at: from_millis(row.updated_at),
            certificate_id: row.certificate_id,
            previous_id: row.previous_id,
            subject_name: row.subject_name,
        })
    }
}

fn masked(facts: EnterpriseFacts) -> EnterpriseFacts {
    EnterpriseFacts { legal_person_id_number: mask_id_number(&facts.legal_person_id_number), ..facts }
}

async fn may(db: &impl ConnectionTrait, row: &Application, viewer: Viewer) -> Result<Vec<May>> {
    let Viewer::Account(account_id) = viewer else { return Ok(Vec::new()) };
    let seat = access::seat(db, row, account_id).await?.unwrap_or_default();
    Ok(May::list(seat, row.state()?, row.kind_row()?.ending))
}

async fn enterprise(db: &impl ConnectionTrait, row: &Application) -> Result<Option<EnterpriseRef>> {
    let Some(id) = row.enterprise_id else { return Ok(None) };
    Ok(Some(enterprises::find(db, id).await?.into()))
}

async fn holder(db: &impl ConnectionTrait, row: &Application) -> Result<Option<HolderRef>> {
    let account_id = row.holder();
    let person = account::Entity::find_by_id(account_id).one(db).await?;
    let person = person.ok_or_else(|| Problem::internal("an application of nobody"))?;
    Ok(Some(HolderRef { account_id, name: person.name.unwrap_or_default() }))
}

async fn grant(db: &impl ConnectionTrait, grant: Option<Grant>) -> Result<Option<GrantBody>> {
    let Some(Grant { relying_party_ids, permissions, seals }) = grant else { return Ok(None) };
    let rows = relying_party::Entity::find()
        .filter(relying_party::Column::Id.is_in(relying_party_ids.clone()))
        .all(db)
        .await?;
    let platforms = rows.into_iter().map(PlatformRef::from).collect();
    Ok(Some(GrantBody { relying_party_ids, platforms, permissions, seals }))
}

async fn history(db: &impl ConnectionTrait, id: Uuid) -> Result<Vec<ApplicationStep>, DbErr> {
    let steps = store::steps(db, id).await?;
    let entry = |step: entity::step::Model| {
        let state = State::parse(&step.state)?;
        Some(ApplicationStep { state, at: from_millis(step.at), by: step.by, reason: step.reason })
    };
    Ok(steps.into_iter().filter_map(entry).collect())
}
