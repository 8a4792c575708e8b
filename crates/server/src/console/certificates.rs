//! The certificates that the reviewer's institution issued.

use axum::extract::State;
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};

use super::{Reviewer, policy::Act, rules};
use crate::{
    account::{self, entity::account as accounts},
    app::AppState,
    certificate::{
        entity::certificate::{Column, Entity},
        model::Certificate,
        rules::StoredState,
        store,
    },
    error::{ProblemBody, QUERY_INVALID, Result},
    extract::{Json, Query},
    page,
    storage::holds_words,
};

/// The person behind a certificate.
#[derive(Debug, Serialize, ToSchema)]
pub struct Holder {
    /// Real name.
    name: String,
    /// `138****8000`.
    phone_masked: String,
}

/// A certificate as the console sees it.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleCertificate {
    /// The certificate.
    #[serde(flatten)]
    certificate: Certificate,
    /// The person.
    applicant: Holder,
}

/// A page of certificates.
#[derive(Debug, Serialize, ToSchema)]
pub struct ConsoleCertificateList {
    /// Newest first.
    items: Vec<ConsoleCertificate>,
    /// Names the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
}

/// What to show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct CertificateQuery {
    /// Part of the name or of the serial number.
    q: Option<String>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

/// The certificates that the reviewer's institution issued, newest first.
#[utoipa::path(get, path = "/api/console/certificates", tag = "console", params(CertificateQuery),
    responses((status = 200, body = ConsoleCertificateList), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn list(
    State(state): State<AppState>,
    who: Reviewer,
    Query(query): Query<CertificateQuery>,
) -> Result<Json<ConsoleCertificateList>> {
    who.require(Act::ReadCertificates)?;
    let mut find = Entity::find().filter(Column::State.ne(StoredState::Issuing.as_str()));
    if let Some(institution) = who.institution_id {
        find = find.filter(Column::InstitutionId.eq(institution));
    }
    if let Some(words) = rules::search_words(query.q.as_deref()).ok_or_else(|| QUERY_INVALID.field("q", "INVALID"))? {
        let [name, serial] = [Column::SubjectName, Column::Serial].map(|column| holds_words((Entity, column), words));
        find = find.filter(Condition::any().add(name).add(serial));
    }
    if let Some(cursor) = query.cursor {
        let (at, id) = page::parse(&cursor).ok_or(QUERY_INVALID)?;
        let earlier = Condition::all().add(Column::CreatedAt.eq(at)).add(Column::Id.lt(id));
        find = find.filter(Condition::any().add(Column::CreatedAt.lt(at)).add(earlier));
    }
    let find = find.order_by_desc(Column::CreatedAt).order_by_desc(Column::Id).limit(page::SIZE + 1);
    let (rows, next_cursor) = page::cut(find.all(&*state.db).await?, |row| (row.created_at, row.id));
    let owners: Vec<_> = rows.iter().map(|row| row.account_id).collect();
    let people = accounts::Entity::find().filter(accounts::Column::Id.is_in(owners.clone())).all(&*state.db).await?;
    let views = store::views(&*state.db, state.now(), rows).await?;
    let holder = |certificate: Certificate, owner| {
        let phone = people.iter().find(|person| person.id == owner).map_or("", |person| &person.phone);
        let name = certificate.subject_name.clone();
        let applicant = Holder { name, phone_masked: account::rules::mask_phone(phone) };
        ConsoleCertificate { certificate, applicant }
    };
    let items = views.into_iter().zip(owners).map(|(certificate, owner)| holder(certificate, owner)).collect();
    Ok(Json(ConsoleCertificateList { items, next_cursor }))
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(list))
}
