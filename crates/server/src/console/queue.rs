//! The queue of applications: filtered, sorted, counted; how long each has waited against what its institution promises.

use std::collections::{BTreeMap, HashMap};

use axum::extract::State;
use jiff::Timestamp;
use sea_orm::{
    ColumnTrait as _, Condition, EntityTrait as _, ExprTrait as _, Order, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
    sea_query::{Expr, Query as SubQuery, SelectStatement},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{
    Reviewer,
    entity::hold,
    hold::{self as holds, ReviewHold},
    policy::Act,
    review::{self, Applicant},
    rules::{self, Age},
};
use crate::{
    account::entity::account as accounts,
    app::AppState,
    application::{
        self, Application,
        entity::application::{Column, Entity},
        rules::{Kind, State as Stage},
    },
    clock::from_millis,
    enterprise::entity::enterprise as enterprises,
    error::{ProblemBody, QUERY_INVALID, Result},
    extract::{Json, Query},
    institution::{InstitutionRef, ProductBody, entity::institution as institutions, entity::product as products},
    page,
    storage::holds_words,
};

/// An application in the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueueItem {
    /// Its id.
    id: Uuid,
    /// What is applied for.
    kind: String,
    /// Where it stands.
    state: Stage,
    /// Counts every change.
    version: i32,
    /// Whom the certificate will name.
    subject_name: String,
    /// The enterprise that it is about, once it exists.
    #[serde(skip_serializing_if = "Option::is_none")]
    enterprise_name: Option<String>,
    /// Chosen institution.
    #[serde(skip_serializing_if = "Option::is_none")]
    institution: Option<InstitutionRef>,
    /// Chosen product.
    #[serde(skip_serializing_if = "Option::is_none")]
    product: Option<ProductBody>,
    /// The person.
    applicant: Applicant,
    /// Since when it waits.
    #[schema(value_type = String, format = DateTime)]
    waiting_since: Timestamp,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    updated_at: Timestamp,
    /// While it waits for a reviewer: how long, against what the institution promises.
    #[serde(skip_serializing_if = "Option::is_none")]
    age: Option<Age>,
    /// Who has it in hand.
    #[serde(skip_serializing_if = "Option::is_none")]
    hold: Option<ReviewHold>,
}

/// A page of the queue.
#[derive(Debug, Serialize, ToSchema)]
pub struct QueuePage {
    /// In the order that was asked for.
    items: Vec<QueueItem>,
    /// Names the next page.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// How many there are by state, under all filters but that of the state and the age.
    counts: BTreeMap<String, i64>,
    /// How many of those that wait for a reviewer have which age, under the same filters.
    ages: BTreeMap<&'static str, u64>,
}

/// In whose hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = QueueHand)]
pub enum Hand {
    /// The asker's.
    Mine,
    /// Nobody's.
    Unassigned,
}

/// In which order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = QueueSort)]
pub enum Sort {
    /// Longest waiting first.
    Oldest,
    /// Newest first.
    Newest,
}

/// What to show.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct QueueQuery {
    /// Only those in this state.
    #[param(inline)]
    state: Option<Stage>,
    /// Only those of this kind.
    #[param(inline)]
    kind: Option<Kind>,
    /// Only those of this institution.
    institution_id: Option<Uuid>,
    /// Only those that wait for a reviewer and have this age.
    #[param(inline)]
    age: Option<Age>,
    /// Only those in this hand.
    #[param(inline)]
    hand: Option<Hand>,
    /// Part of the person's or the enterprise's name, of the phone number, or a credit code.
    q: Option<String>,
    /// Default: oldest first where only waiting ones are shown, otherwise newest first.
    #[param(inline)]
    sort: Option<Sort>,
    /// The `next_cursor` of the page before.
    cursor: Option<String>,
}

impl QueueQuery {
    fn oldest_first(&self) -> bool {
        let waiting = self.age.is_some() || self.state.is_some_and(waits);
        self.sort.map_or(waiting, |sort| sort == Sort::Oldest)
    }

    /// Every filter but those of state and age.
    fn filters(&self, who: &Reviewer, now: Timestamp) -> Result<Condition> {
        let mut all = review::visible(who);
        if let Some(kind) = self.kind {
            all = all.add(Column::Kind.eq(kind.row().word));
        }
        if let Some(institution) = self.institution_id {
            all = all.add(Column::InstitutionId.eq(institution));
        }
        match self.hand {
            Some(Hand::Mine) => all = all.add(Column::Id.in_subquery(held(now, Some(who.id)))),
            Some(Hand::Unassigned) => all = all.add(Column::Id.not_in_subquery(held(now, None))),
            None => {}
        }
        let words = rules::search_words(self.q.as_deref()).ok_or_else(|| QUERY_INVALID.field("q", "INVALID"))?;
        Ok(match words {
            Some(words) => all.add(matching(words)),
            None => all,
        })
    }
}

/// Whether it waits for a reviewer.
pub fn waits(state: Stage) -> bool {
    matches!(state, Stage::WithReviewer | Stage::WithSecondReviewer)
}

/// What is in somebody's hand, or in anybody's.
fn held(now: Timestamp, by: Option<Uuid>) -> SelectStatement {
    let mut select = SubQuery::select();
    select
        .column(hold::Column::ApplicationId)
        .from(hold::Entity)
        .and_where(Expr::col(hold::Column::ExpiresAt).gt(now.as_millisecond()));
    if let Some(by) = by {
        select.and_where(Expr::col(hold::Column::ReviewerId).eq(by));
    }
    select
}

fn matching(words: &str) -> Condition {
    let by_phone = SubQuery::select()
        .column(accounts::Column::Id)
        .from(accounts::Entity)
        .and_where(Expr::col(accounts::Column::Phone).like(format!("%{words}%")))
        .to_owned();
    let by_enterprise = SubQuery::select()
        .column(enterprises::Column::Id)
        .from(enterprises::Entity)
        .cond_where(
            Condition::any()
                .add(holds_words(enterprises::Column::Name, words))
                .add(Expr::col(enterprises::Column::CreditCode).eq(words.to_ascii_uppercase())),
        )
        .to_owned();
    Condition::any()
        .add(holds_words((Entity, Column::SubjectName), words))
        .add(Column::CreditCode.eq(words.to_ascii_uppercase()))
        .add(Column::AccountId.in_subquery(by_phone))
        .add(Column::EnterpriseId.in_subquery(by_enterprise))
}

/// What waits for a reviewer and has this age, by what each institution promises.
fn aged(age: Age, now: Timestamp, institutions: &[institutions::Model]) -> Condition {
    let waiting = [Stage::WithReviewer, Stage::WithSecondReviewer].map(Stage::as_str);
    let mut any = Condition::any();
    for institution in institutions {
        let (after, until) = age.since(now.as_millisecond(), institution.service_hours);
        let mut one = Condition::all().add(Column::InstitutionId.eq(institution.id));
        if let Some(after) = after {
            one = one.add(Column::SubmittedAt.gt(after));
        }
        if let Some(until) = until {
            one = one.add(Column::SubmittedAt.lte(until));
        }
        any = any.add(one);
    }
    Condition::all().add(Column::State.is_in(waiting)).add(any)
}

/// The applications of the asker's scope.
#[utoipa::path(get, path = "/api/console/applications", tag = "console", params(QueueQuery),
    responses((status = 200, body = QueuePage), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn queue(
    State(state): State<AppState>,
    who: Reviewer,
    Query(query): Query<QueueQuery>,
) -> Result<Json<QueuePage>> {
    who.require(Act::ReadApplications)?;
    let now = state.now();
    let filters = query.filters(&who, now)?;
    let institutions = institutions::Entity::find().all(&*state.db).await?;
    let mut find = Entity::find().filter(filters.clone());
    if let Some(stage) = query.state {
        find = find.filter(Column::State.eq(stage.as_str()));
    }
    if let Some(age) = query.age {
        find = find.filter(aged(age, now, &institutions));
    }
    let oldest_first = query.oldest_first();
    if let Some(cursor) = &query.cursor {
        let (at, id) = page::parse(cursor).ok_or(QUERY_INVALID)?;
        let (beyond, tie) = if oldest_first {
            (Column::SubmittedAt.gt(at), Column::Id.gt(id))
        } else {
            (Column::SubmittedAt.lt(at), Column::Id.lt(id))
        };
        find = find.filter(Condition::any().add(beyond).add(Condition::all().add(Column::SubmittedAt.eq(at)).add(tie)));
    }
    let order = if oldest_first { Order::Asc } else { Order::Desc };
    let rows = find
        .order_by(Column::SubmittedAt, order.clone())
        .order_by(Column::Id, order)
        .limit(page::SIZE + 1)
        .all(&*state.db)
        .await?;
    let (rows, next_cursor) = page::cut(rows, |row| (application::waiting_since(row), row.id));
    let items = items(&state, &who, rows, &institutions).await?;
    let counts = counts(&state, filters.clone()).await?;
    let mut ages = BTreeMap::new();
    for (name, age) in ["fresh", "due", "late"].into_iter().zip(Age::ALL) {
        let find = Entity::find().filter(filters.clone()).filter(aged(age, now, &institutions));
        ages.insert(name, find.count(&*state.db).await?);
    }
    Ok(Json(QueuePage { items, next_cursor, counts, ages }))
}

async fn counts(state: &AppState, filters: Condition) -> Result<BTreeMap<String, i64>> {
    let rows: Vec<(String, i64)> = Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Column::Id.count(), "count")
        .filter(filters)
        .group_by(Column::State)
        .into_tuple()
        .all(&*state.db)
        .await?;
    Ok(rows.into_iter().collect())
}

/// How long `row` has waited for a reviewer, if it does.
pub fn age(row: &Application, now: Timestamp, institution: Option<&institutions::Model>) -> Result<Option<Age>> {
    let waited = now.as_millisecond() - application::waiting_since(row);
    Ok(institution.filter(|_| row.state().is_ok_and(waits)).map(|one| Age::of(waited, one.service_hours)))
}

async fn items(
    state: &AppState,
    who: &Reviewer,
    rows: Vec<Application>,
    institutions: &[institutions::Model],
) -> Result<Vec<QueueItem>> {
    let (db, now) = (&*state.db, state.now());
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut holds = holds::of(db, now, who, &ids).await?;
    let chosen = rows.iter().filter_map(|row| row.product_id);
    let products = products::Entity::find().filter(products::Column::Id.is_in(chosen)).all(db).await?;
    let products: HashMap<Uuid, _> = products.into_iter().map(|row| (row.id, row)).collect();
    let about = rows.iter().filter_map(|row| row.enterprise_id);
    let enterprises = enterprises::Entity::find().filter(enterprises::Column::Id.is_in(about)).all(db).await?;
    let enterprises: HashMap<Uuid, _> = enterprises.into_iter().map(|row| (row.id, row.name)).collect();
    let mut items = Vec::with_capacity(rows.len());
    for row in rows {
        let institution = row.institution_id.and_then(|id| institutions.iter().find(|one| one.id == id));
        items.push(QueueItem {
            id: row.id,
            state: row.state()?,
            version: row.version,
            enterprise_name: row.enterprise_id.and_then(|id| enterprises.get(&id).cloned()),
            institution: institution.map(InstitutionRef::from),
            product: row.product_id.and_then(|id| products.get(&id).cloned()).map(ProductBody::from),
            applicant: review::applicant(state, row.account_id).await?,
            waiting_since: from_millis(application::waiting_since(&row)),
            updated_at: from_millis(row.updated_at),
            age: age(&row, now, institution)?,
            hold: holds.remove(&row.id),
            kind: row.kind,
            subject_name: row.subject_name,
        });
    }
    Ok(items)
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(queue))
}
