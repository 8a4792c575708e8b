//! Transactions of settings: an institution made, its promises and contacts, its products, what it wants to see. Each
//! leaves an audit entry.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, PaginatorTrait as _,
    QueryFilter as _, QueryOrder as _, QuerySelect as _, Set,
};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    Institution,
    entity::{institution, product, required_material},
    rules,
};
use crate::{
    app::AppState,
    application::{
        entity::application,
        kinds::{Kind, MaterialKind},
    },
    audit::{self, Actor},
    certificate::authority,
    clock::new_id,
    error::{FIELDS_INVALID, NOT_FOUND, Result},
    storage::Tx,
};

/// Materials may be wanted of each kind once.
pub type Wanted = (MaterialKind, bool);

/// What is changed about an institution; none: it stays.
#[derive(Debug, Clone, Default)]
pub struct Change {
    /// Chinese.
    pub name: Option<String>,
    /// English.
    pub name_en: Option<String>,
    /// Chinese.
    pub description: Option<String>,
    /// English.
    pub description_en: Option<String>,
    /// Whether two reviewers must approve.
    pub four_eyes: Option<bool>,
    /// Hours.
    pub service_hours: Option<i32>,
    /// For applicants.
    pub contact_phone: Option<String>,
    /// For applicants.
    pub contact_email: Option<String>,
    /// For applicants.
    pub contact_address: Option<String>,
    /// Object identifier, dotted.
    pub policy_oid: Option<String>,
    /// Under the title of forms and letters.
    pub form_heading: Option<String>,
}

/// The institution of that id.
pub async fn find(tx: &Tx, id: Uuid) -> Result<Institution> {
    institution::Entity::find_by_id(id).one(&**tx).await?.ok_or_else(|| NOT_FOUND.problem())
}

impl Change {
    /// `row` with the changes, or what is wrong with them.
    fn apply(self, row: Institution) -> Result<Institution> {
        let mut problem = FIELDS_INVALID.problem();
        let mut fine = true;
        let mut take =
            |name: &str, typed: Option<String>, now: &mut String, parse: fn(&str) -> Option<String>| match typed
                .map(|typed| parse(&typed))
            {
                None => {}
                Some(Some(parsed)) => *now = parsed,
                Some(None) => {
                    problem = problem.clone().and_field(name, "INVALID");
                    fine = false;
                }
            };
        let mut next = row;
        take("name", self.name, &mut next.name, |typed| rules::line(typed, 2, 50));
        take("name_en", self.name_en, &mut next.name_en, |typed| rules::line(typed, 2, 80));
        take("description", self.description, &mut next.description, |typed| rules::line(typed, 0, 200));
        take("description_en", self.description_en, &mut next.description_en, |typed| rules::line(typed, 0, 300));
        take("contact_phone", self.contact_phone, &mut next.contact_phone, rules::phone);
        take("contact_email", self.contact_email, &mut next.contact_email, rules::email);
        take("contact_address", self.contact_address, &mut next.contact_address, |typed| rules::line(typed, 0, 200));
        take("policy_oid", self.policy_oid, &mut next.policy_oid, rules::policy_oid);
        take("form_heading", self.form_heading, &mut next.form_heading, |typed| rules::line(typed, 0, 50));
        if let Some(hours) = self.service_hours {
            if !rules::SERVICE_HOURS.contains(&hours) {
                problem = problem.and_field("service_hours", "RANGE");
                fine = false;
            }
            next.service_hours = hours;
        }
        if let Some(four_eyes) = self.four_eyes {
            next.four_eyes = four_eyes;
        }
        if fine { Ok(next) } else { Err(problem) }
    }
}

/// What differs, for the audit log.
fn difference(before: &Institution, after: &Institution) -> Value {
    let fields = |row: &Institution| {
        [
            ("name", json!(row.name)),
            ("name_en", json!(row.name_en)),
            ("description", json!(row.description)),
            ("description_en", json!(row.description_en)),
            ("four_eyes", json!(row.four_eyes)),
            ("service_hours", json!(row.service_hours)),
            ("contact_phone", json!(row.contact_phone)),
            ("contact_email", json!(row.contact_email)),
            ("contact_address", json!(row.contact_address)),
            ("policy_oid", json!(row.policy_oid)),
            ("form_heading", json!(row.form_heading)),
        ]
    };
    let pairs = fields(before).into_iter().zip(fields(after)).filter(|(from, to)| from != to);
    Value::Object(pairs.map(|((name, from), (_, to))| (name.to_owned(), json!({ "from": from, "to": to }))).collect())
}

/// Changes an institution.
pub async fn change(state: &AppState, by: Uuid, id: Uuid, change: Change) -> Result<()> {
    let tx = state.db.begin().await?;
    let before = find(&tx, id).await?;
    let after = change.apply(before.clone())?;
    if after == before {
        return Ok(());
    }
    let detail = difference(&before, &after);
    let mut row = before.into_active_model();
    row.name = Set(after.name);
    row.name_en = Set(after.name_en);
    row.description = Set(after.description);
    row.description_en = Set(after.description_en);
    row.four_eyes = Set(after.four_eyes);
    row.service_hours = Set(after.service_hours);
    row.contact_phone = Set(after.contact_phone);
    row.contact_email = Set(after.contact_email);
    row.contact_address = Set(after.contact_address);
    row.policy_oid = Set(after.policy_oid);
    row.form_heading = Set(after.form_heading);
    row.update(&*tx).await?;
    record(state, &tx, by, "institution.change", id, detail).await?;
    Ok(tx.commit().await?)
}

/// Makes an institution, then its CA. Whatever is interrupted between the two is made good at the next start.
pub async fn create(state: &AppState, by: Uuid, slug: &str, change: Change) -> Result<Uuid> {
    if !rules::is_slug(slug) {
        return Err(FIELDS_INVALID.field("slug", "INVALID"));
    }
    let now = state.now();
    let blank = Institution {
        id: new_id(now),
        slug: slug.to_owned(),
        name: String::new(),
        name_en: String::new(),
        description: String::new(),
        description_en: String::new(),
        sandbox: state.config.is_sandbox(),
        four_eyes: false,
        position: 0,
        created_at: now.as_millisecond(),
        service_hours: 24,
        contact_phone: String::new(),
        contact_email: String::new(),
        contact_address: String::new(),
        policy_oid: String::new(),
        form_heading: String::new(),
    };
    let mut row = change.apply(blank)?;
    let tx = state.db.begin().await?;
    if institution::Entity::find().filter(institution::Column::Slug.eq(slug)).count(&*tx).await? > 0 {
        return Err(FIELDS_INVALID.field("slug", "TAKEN"));
    }
    if institution::Entity::find().filter(institution::Column::Name.eq(&*row.name)).count(&*tx).await? > 0 {
        return Err(FIELDS_INVALID.field("name", "TAKEN"));
    }
    let last: Option<i32> = institution::Entity::find()
        .select_only()
        .column(institution::Column::Position)
        .order_by_desc(institution::Column::Position)
        .into_tuple()
        .one(&*tx)
        .await?;
    row.position = last.map_or(0, |last| last + 1);
    let id = row.id;
    row.clone().into_active_model().reset_all().insert(&*tx).await?;
    record(state, &tx, by, "institution.create", id, json!({ "slug": slug, "name": row.name })).await?;
    tx.commit().await?;
    authority::ensure(state, &row).await?;
    Ok(id)
}

/// Offers a product. One of the same kind and validity is offered at one fee.
pub async fn offer(state: &AppState, by: Uuid, id: Uuid, kind: &str, months: i32, fee_fen: i64) -> Result<()> {
    if !rules::is_product_kind(kind) {
        return Err(FIELDS_INVALID.field("kind", "UNKNOWN"));
    }
    if !rules::VALIDITY_MONTHS.contains(&months) {
        return Err(FIELDS_INVALID.field("validity_months", "RANGE"));
    }
    if !rules::FEE_FEN.contains(&fee_fen) {
        return Err(FIELDS_INVALID.field("fee_fen", "RANGE"));
    }
    let tx = state.db.begin().await?;
    find(&tx, id).await?;
    let same = product::Entity::find()
        .filter(product::Column::InstitutionId.eq(id))
        .filter(product::Column::Kind.eq(kind))
        .filter(product::Column::ValidityMonths.eq(months))
        .filter(product::Column::Offered.eq(true));
    if same.count(&*tx).await? > 0 {
        return Err(FIELDS_INVALID.field("validity_months", "OFFERED"));
    }
    let row = product::ActiveModel {
        id: Set(new_id(state.now())),
        institution_id: Set(id),
        kind: Set(kind.to_owned()),
        validity_months: Set(months),
        fee_fen: Set(fee_fen),
        offered: Set(true),
    };
    let row = row.insert(&*tx).await?;
    let detail = json!({ "product": row.id, "kind": kind, "validity_months": months, "fee_fen": fee_fen });
    record(state, &tx, by, "product.offer", id, detail).await?;
    Ok(tx.commit().await?)
}

/// Withdraws a product: one that applications have chosen stays for them and is offered no more, another is removed.
pub async fn withdraw(state: &AppState, by: Uuid, id: Uuid, product_id: Uuid) -> Result<()> {
    let tx = state.db.begin().await?;
    let find = product::Entity::find_by_id(product_id).filter(product::Column::InstitutionId.eq(id));
    let row = find.one(&*tx).await?.ok_or(NOT_FOUND)?;
    let used = application::Entity::find().filter(application::Column::ProductId.eq(product_id));
    let used = used.count(&*tx).await? > 0;
    if used && !row.offered {
        return Ok(());
    }
    let detail = json!({ "product": row.id, "kind": row.kind, "validity_months": row.validity_months, "fee_fen": row.fee_fen, "removed": !used });
    if used {
        let mut row = row.into_active_model();
        row.offered = Set(false);
        row.update(&*tx).await?;
    } else {
        product::Entity::delete_by_id(product_id).exec(&*tx).await?;
    }
    record(state, &tx, by, "product.withdraw", id, detail).await?;
    Ok(tx.commit().await?)
}

/// Says what an institution wants to see with applications of a kind, in place of what it said before.
pub async fn want(state: &AppState, by: Uuid, id: Uuid, kind: Kind, wanted: &[Wanted]) -> Result<()> {
    for (place, (material, _)) in wanted.iter().enumerate() {
        if !rules::takes(kind, *material) {
            return Err(FIELDS_INVALID.field("items", "NOT_OF_THIS_KIND"));
        }
        if wanted[..place].iter().any(|(earlier, _)| earlier == material) {
            return Err(FIELDS_INVALID.field("items", "REPEATED"));
        }
    }
    let tx = state.db.begin().await?;
    find(&tx, id).await?;
    required_material::Entity::delete_many()
        .filter(required_material::Column::InstitutionId.eq(id))
        .filter(required_material::Column::ApplicationKind.eq(kind.row().word))
        .exec(&*tx)
        .await?;
    for (material, required) in wanted {
        let row = required_material::ActiveModel {
            id: Set(new_id(state.now())),
            institution_id: Set(id),
            application_kind: Set(kind.row().word.to_owned()),
            material_kind: Set(material.as_str().to_owned()),
            required: Set(*required),
        };
        row.insert(&*tx).await?;
    }
    let items: Vec<_> =
        wanted.iter().map(|(kind, required)| json!({ "kind": kind.as_str(), "required": required })).collect();
    let detail = json!({ "application_kind": kind.row().word, "items": items });
    record(state, &tx, by, "institution.materials", id, detail).await?;
    Ok(tx.commit().await?)
}

async fn record(state: &AppState, tx: &Tx, by: Uuid, action: &str, id: Uuid, detail: Value) -> Result<()> {
    let entry =
        audit::Entry { actor: Actor::Reviewer(by), action, target_kind: "institution", target_id: Some(id), detail };
    Ok(audit::record(tx, state.now(), entry).await?)
}
