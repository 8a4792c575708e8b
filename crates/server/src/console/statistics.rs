//! Figures of the asker's scope: decisions a day, why is refused, what was issued, how long people wait.

use std::collections::BTreeMap;

use axum::extract::State;
use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, ExprTrait as _, QueryFilter as _, QuerySelect as _,
    sea_query::{Expr, Query as SubQuery, SelectStatement},
};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::{router::OpenApiRouter, routes};
use uuid::Uuid;

use super::{Reviewer, policy::Act, rules::Age};
use crate::{
    app::AppState,
    application::{
        entity::{application, step},
        rules::State as Stage,
    },
    certificate::{entity::certificate, rules::StoredState},
    error::{NOT_FOUND, ProblemBody, QUERY_INVALID, Result},
    extract::{Json, Query},
    institution::{Institution, InstitutionRef, entity::institution},
};

/// Days are those of China, where the institutions work.
const OFFSET_MS: i64 = 8 * 3_600_000;
const DAY_MS: i64 = 24 * 3_600_000;
/// Reasons shown.
const REASONS: usize = 10;

/// Decisions of one day.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReviewDay {
    /// `2026-03-02`, China.
    #[schema(value_type = String, format = Date)]
    day: String,
    /// Said yes, the first and the second time.
    approved: u32,
    /// Said no.
    refused: u32,
}

/// How often something was refused for this.
#[derive(Debug, Serialize, ToSchema)]
pub struct RefusalCount {
    /// The words.
    reason: String,
    /// How often.
    count: u32,
}

/// An institution's figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct InstitutionFigures {
    /// Which.
    institution: InstitutionRef,
    /// Hours that it promises.
    service_hours: i32,
    /// Certificates in use.
    active: u32,
    /// Certificates whose time is over.
    expired: u32,
    /// Certificates that were withdrawn.
    revoked: u32,
    /// Certificates issued in these days.
    issued: u32,
    /// Waiting less than half of the promised time.
    fresh: u32,
    /// Waiting more than half.
    due: u32,
    /// Waiting too long.
    late: u32,
}

/// Figures.
#[derive(Debug, Serialize, ToSchema)]
pub struct Statistics {
    /// One entry for each day, oldest first.
    days: Vec<ReviewDay>,
    /// Most frequent first, at most ten.
    refusal_reasons: Vec<RefusalCount>,
    /// In the institutions' order.
    institutions: Vec<InstitutionFigures>,
    /// Half of the decisions took less than this, hours; absent without decisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    median_hours: Option<f64>,
    /// Part of the decisions that kept the promise, 0 to 1; absent without decisions.
    #[serde(skip_serializing_if = "Option::is_none")]
    in_time: Option<f64>,
}

/// Of what.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct StatisticsQuery {
    /// Days back, 1 to 90; 30 when absent.
    days: Option<i64>,
    /// Only of this institution.
    institution_id: Option<Uuid>,
}

/// Figures of the asker's scope.
#[utoipa::path(get, path = "/api/console/statistics", tag = "console", params(StatisticsQuery),
    responses((status = 200, body = Statistics), (status = "4XX", body = ProblemBody, content_type = "application/problem+json")))]
async fn statistics(
    State(state): State<AppState>,
    who: Reviewer,
    Query(query): Query<StatisticsQuery>,
) -> Result<Json<Statistics>> {
    who.require(Act::ReadStatistics)?;
    let days = query.days.unwrap_or(30);
    if !(1..=90).contains(&days) {
        return Err(QUERY_INVALID.field("days", "RANGE"));
    }
    let wanted = query.institution_id.or(who.institution_id);
    if !who.may_see(wanted) {
        return Err(NOT_FOUND.into());
    }
    let institutions = institution::Entity::find().all(&*state.db).await?;
    let mut institutions: Vec<_> =
        institutions.into_iter().filter(|one| wanted.is_none_or(|wanted| one.id == wanted)).collect();
    institutions.sort_by_key(|one| one.position);
    let today = day_of(state.now().as_millisecond());
    let since = (today - days + 1) * DAY_MS - OFFSET_MS;
    let decisions = Decisions::load(&state, wanted, since).await?;
    let mut figures = Vec::with_capacity(institutions.len());
    for one in &institutions {
        figures.push(figures_of(&state, one, since).await?);
    }
    Ok(Json(Statistics {
        days: decisions.by_day(today - days + 1, today),
        refusal_reasons: reasons(&state, wanted, since).await?,
        median_hours: decisions.median_hours(),
        in_time: decisions.in_time(&institutions),
        institutions: figures,
    }))
}

/// The day of a moment, counted from 1970.
fn day_of(at: i64) -> i64 {
    (at + OFFSET_MS).div_euclid(DAY_MS)
}

/// The applications of an institution, or of all.
fn of_institution(wanted: Option<Uuid>) -> SelectStatement {
    let mut select = SubQuery::select();
    select.column(application::Column::Id).from(application::Entity);
    if let Some(wanted) = wanted {
        select.and_where(Expr::col(application::Column::InstitutionId).eq(wanted));
    }
    select
}

/// What reviewers decided: institution, when, whether yes, how long it had waited.
struct Decisions(Vec<(Option<Uuid>, i64, bool, i64)>);

impl Decisions {
    async fn load(state: &AppState, wanted: Option<Uuid>, since: i64) -> Result<Self> {
        let yes = [Stage::Approved.as_str(), Stage::WithSecondReviewer.as_str()];
        let rows: Vec<(Uuid, String, i64)> = step::Entity::find()
            .select_only()
            .columns([step::Column::ApplicationId, step::Column::State, step::Column::At])
            .filter(step::Column::By.eq("reviewer"))
            .filter(step::Column::At.gte(since))
            .filter(step::Column::ApplicationId.in_subquery(of_institution(wanted)))
            .into_tuple()
            .all(&*state.db)
            .await?;
        let waiting: Vec<(Uuid, Option<Uuid>, Option<i64>)> = application::Entity::find()
            .select_only()
            .columns([application::Column::Id, application::Column::InstitutionId, application::Column::SubmittedAt])
            .filter(application::Column::Id.in_subquery(decided_since(since)))
            .into_tuple()
            .all(&*state.db)
            .await?;
        let waiting: BTreeMap<Uuid, _> = waiting.into_iter().map(|(id, at, since)| (id, (at, since))).collect();
        let decisions = rows.into_iter().map(|(id, word, at)| {
            let (institution, handed_in) = waiting.get(&id).copied().unwrap_or_default();
            (institution, at, yes.contains(&word.as_str()), Ord::max(at - handed_in.unwrap_or(at), 0))
        });
        Ok(Self(decisions.collect()))
    }

    fn by_day(&self, first: i64, last: i64) -> Vec<ReviewDay> {
        let mut counted: BTreeMap<i64, (u32, u32)> = (first..=last).map(|day| (day, (0, 0))).collect();
        for (_, at, yes, _) in &self.0 {
            if let Some((approved, refused)) = counted.get_mut(&day_of(*at)) {
                *(if *yes { approved } else { refused }) += 1;
            }
        }
        let name = |day: i64| {
            let noon = Timestamp::UNIX_EPOCH + SignedDuration::from_hours(24 * day + 12);
            noon.strftime("%Y-%m-%d").to_string()
        };
        counted.into_iter().map(|(day, (approved, refused))| ReviewDay { day: name(day), approved, refused }).collect()
    }

    fn median_hours(&self) -> Option<f64> {
        let mut waited: Vec<i64> = self.0.iter().map(|(_, _, _, waited)| *waited).collect();
        waited.sort_unstable();
        // Below 2^53 milliseconds a float is exact.
        waited.get(waited.len() / 2).map(|median| (*median as f64 / 360_000.0).round() / 10.0)
    }

    fn in_time(&self, institutions: &[Institution]) -> Option<f64> {
        let promised = |id: Option<Uuid>| institutions.iter().find(|one| Some(one.id) == id);
        let kept = self.0.iter().filter(|(institution, _, _, waited)| {
            promised(*institution).is_some_and(|one| Age::of(*waited, one.service_hours) != Age::Late)
        });
        let (kept, all) = (kept.count(), self.0.len());
        (all > 0).then(|| kept as f64 / all as f64)
    }
}

fn decided_since(since: i64) -> SelectStatement {
    SubQuery::select()
        .column(step::Column::ApplicationId)
        .from(step::Entity)
        .and_where(Expr::col(step::Column::By).eq("reviewer"))
        .and_where(Expr::col(step::Column::At).gte(since))
        .to_owned()
}

async fn reasons(state: &AppState, wanted: Option<Uuid>, since: i64) -> Result<Vec<RefusalCount>> {
    let rows: Vec<(Option<String>, i64)> = step::Entity::find()
        .select_only()
        .column(step::Column::Reason)
        .column_as(step::Column::Id.count(), "count")
        .filter(step::Column::By.eq("reviewer"))
        .filter(step::Column::State.eq(Stage::Refused.as_str()))
        .filter(step::Column::At.gte(since))
        .filter(step::Column::ApplicationId.in_subquery(of_institution(wanted)))
        .group_by(step::Column::Reason)
        .into_tuple()
        .all(&*state.db)
        .await?;
    let mut reasons: Vec<_> = rows.into_iter().filter_map(|(reason, count)| Some((reason?, count))).collect();
    reasons.sort_by(|(a, m), (b, n)| n.cmp(m).then_with(|| a.cmp(b)));
    reasons.truncate(REASONS);
    Ok(reasons.into_iter().map(|(reason, count)| RefusalCount { reason, count: whole(count) }).collect())
}

fn whole(count: i64) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

async fn figures_of(state: &AppState, one: &Institution, since: i64) -> Result<InstitutionFigures> {
    use certificate::Column;
    let now = state.now().as_millisecond();
    let issued = || certificate::Entity::find().filter(Column::InstitutionId.eq(one.id));
    let valid = issued().filter(Column::State.eq(StoredState::Issued.as_str()));
    let count = async |find: sea_orm::Select<certificate::Entity>| -> Result<u32> {
        use sea_orm::PaginatorTrait as _;
        Ok(u32::try_from(find.count(&*state.db).await?).unwrap_or(u32::MAX))
    };
    let waiting: Vec<i64> = application::Entity::find()
        .select_only()
        .column(application::Column::SubmittedAt)
        .filter(application::Column::InstitutionId.eq(one.id))
        .filter(application::Column::SubmittedAt.is_not_null())
        .filter(application::Column::State.is_in([Stage::WithReviewer.as_str(), Stage::WithSecondReviewer.as_str()]))
        .into_tuple()
        .all(&*state.db)
        .await?;
    let aged = |age| {
        let fitting = waiting.iter().filter(|at| Age::of(now - **at, one.service_hours) == age);
        u32::try_from(fitting.count()).unwrap_or(u32::MAX)
    };
    Ok(InstitutionFigures {
        institution: InstitutionRef::from(one),
        service_hours: one.service_hours,
        active: count(valid.clone().filter(Column::NotAfter.gte(now))).await?,
        expired: count(valid.filter(Column::NotAfter.lt(now))).await?,
        revoked: count(issued().filter(Column::State.eq(StoredState::Revoked.as_str()))).await?,
        issued: count(
            issued().filter(Column::State.ne(StoredState::Issuing.as_str())).filter(Column::CreatedAt.gte(since)),
        )
        .await?,
        fresh: aged(Age::Fresh),
        due: aged(Age::Due),
        late: aged(Age::Late),
    })
}

/// The routes of this file.
pub fn routes() -> OpenApiRouter<AppState> {
    OpenApiRouter::new().routes(routes!(statistics))
}
