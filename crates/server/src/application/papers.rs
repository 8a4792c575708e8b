//! The papers of an application: the letter that the administrator seals, and the form that is printed and stamped,
//! both filled with what was entered. The same application gives the same octets.

use document::{
    paper::{
        AdminTransfer, Authorisation, Change, Enterprise, EnterpriseApplication, EnterpriseChange, Head, Paper, Person,
        PersonalApplication, Purpose, Terms,
    },
    pdf::RectMm,
};
use jiff::civil::Date;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::{
    Application,
    details::{Details, EnterpriseFacts},
    problems::APPLICATION_INCOMPLETE,
    rules::{Kind, MaterialKind},
    store,
};
use crate::{
    account::{entity::account, rules::mask_phone},
    app::AppState,
    authorisation::{
        self,
        rules::{Grant, Permission, SealKind},
    },
    clock::from_millis,
    enterprise::store as enterprises,
    enterprise::{self, rules::IdType},
    error::{NOT_FOUND, Problem, Result},
    identity::{self, rules::mask_id_number},
    institution::Institution,
    paper,
    relying::entity::relying_party,
    scan::model::Placement,
};

/// Who a letter is addressed to where no institution reviews.
const PLATFORM: &str = "桂签平台";
const RESIDENT_ID: &str = "居民身份证";

/// Somebody on a paper.
#[derive(Debug, Default, Clone)]
struct Someone {
    name: String,
    id_kind: &'static str,
    id_number: String,
    phone: String,
}

impl Someone {
    fn as_person(&self) -> Person<'_> {
        Person { name: &self.name, id_kind: self.id_kind, id_number: &self.id_number, phone: &self.phone }
    }
}

/// What stands on every paper, owned, so that it can be set beside the event loop.
#[derive(Debug, Clone)]
struct Heading {
    institution: String,
    heading: String,
    contact: String,
    number: String,
    date: Date,
    demonstration: bool,
}

impl Heading {
    async fn of(state: &AppState, row: &Application) -> Result<Self> {
        let institution = store::institution(&*state.db, row).await?;
        let at = from_millis(row.submitted_at.unwrap_or(row.created_at));
        let tail = row.id.simple().to_string().split_off(20);
        Ok(Self {
            institution: institution.as_ref().map_or(PLATFORM, |one| &one.name).to_owned(),
            heading: institution.as_ref().map(|one| one.form_heading.clone()).unwrap_or_default(),
            contact: institution.as_ref().map(contact).unwrap_or_default(),
            number: tail.to_ascii_uppercase(),
            // Days are days of China.
            date: jiff::tz::offset(8).to_datetime(at).date(),
            demonstration: institution.as_ref().map_or(state.config.is_sandbox(), |one| one.sandbox),
        })
    }

    fn as_head(&self) -> Head<'_> {
        Head {
            institution: &self.institution,
            heading: &self.heading,
            contact: &self.contact,
            number: &self.number,
            date: self.date,
            demonstration: self.demonstration,
        }
    }
}

/// How to reach an institution, as far as a line has room.
fn contact(institution: &Institution) -> String {
    let ways = [&institution.contact_phone, &institution.contact_email, &institution.contact_address];
    let said: Vec<&str> = ways.into_iter().map(String::as_str).filter(|way| !way.is_empty()).collect();
    said.join(" · ").chars().take(document::paper::MAX_VALUE).collect()
}

/// A person as papers show them; the whole numbers only on what that person prints themselves.
async fn someone(state: &AppState, account_id: Uuid, whole: bool) -> Result<Someone> {
    let row = account::Entity::find_by_id(account_id).one(&*state.db).await?.ok_or(NOT_FOUND)?;
    let verified = identity::require_person(state, account_id).await?;
    let (id_number, phone) = if whole {
        (verified.id_number.to_string(), row.phone)
    } else {
        (mask_id_number(&verified.id_number), mask_phone(&row.phone))
    };
    Ok(Someone { name: verified.name, id_kind: RESIDENT_ID, id_number, phone })
}

async fn terms(state: &AppState, row: &Application) -> Result<Terms> {
    let product = store::product(&*state.db, row).await?;
    let product = product.ok_or_else(|| APPLICATION_INCOMPLETE.field("product_id", "REQUIRED"))?;
    Ok(Terms {
        months: u32::try_from(product.validity_months).map_err(Problem::internal)?,
        fee_fen: u64::try_from(product.fee_fen).map_err(Problem::internal)?,
    })
}

/// What the letter of an application is called.
pub fn letter_title(row: &Application) -> Result<String> {
    Ok(if row.kind()?.hands_over() { "管理员转授授权书" } else { "授权书" }.to_owned())
}

/// A letter, and where the seal suggests itself on it.
pub struct Letter {
    /// The file.
    pub pdf: Vec<u8>,
    /// Its pages.
    pub pages: u32,
    /// Where.
    pub placement: Placement,
}

/// The letter of an application.
pub async fn letter(state: &AppState, row: &Application) -> Result<Letter> {
    let id = row.enterprise_id.ok_or(NOT_FOUND)?;
    let enterprise = enterprises::find(&*state.db, id).await?;
    let heading = Heading::of(state, row).await?;
    let paper = if row.kind()?.hands_over() {
        transfer(state, row, heading, enterprise, true).await?
    } else {
        let person = someone(state, row.holder(), false).await?;
        let terms = terms(state, row).await?;
        let granted = granted(state, row).await?;
        let matter = row.kind_row()?.name.0;
        paper::make(state, move |fonts| {
            let permissions: Vec<_> = granted.permissions.iter().copied().map(permission).collect();
            let seals: Vec<&str> = granted.seals.iter().copied().map(seal_name).collect();
            let letter = Authorisation {
                enterprise: Enterprise { name: &enterprise.name, credit_code: &enterprise.credit_code },
                person: person.as_person(),
                platform: &granted.platforms,
                permissions: &permissions,
                seals: &seals,
                matter,
                terms,
            };
            letter.make(&heading.as_head(), fonts)
        })
        .await?
    };
    let spot = paper.seal.ok_or_else(|| Problem::internal("a letter without room for its seal"))?;
    let RectMm { x_mm, y_mm, width_mm, height_mm } = spot.rect;
    let placement = Placement { page: spot.page, x_mm, y_mm, width_mm, height_mm };
    Ok(Letter { pdf: paper.pdf, pages: paper.pages, placement })
}

/// What a letter says is granted.
struct Granted {
    platforms: String,
    permissions: Vec<Permission>,
    seals: Vec<SealKind>,
}

/// By the application itself, or by the authorisations that the clerk has already; the administrator may do everything.
async fn granted(state: &AppState, row: &Application) -> Result<Granted> {
    if let Some(grant) = Details::of(state, row)?.grant {
        return Ok(Granted {
            platforms: platforms(state, &grant).await?,
            permissions: grant.permissions,
            seals: grant.seals,
        });
    }
    let enterprise = row.enterprise_id.unwrap_or_default();
    if enterprises::admin_of(&*state.db, enterprise).await? == Some(row.holder()) {
        let (permissions, seals) = (Permission::ALL.to_vec(), SealKind::ALL.to_vec());
        return Ok(Granted { platforms: String::new(), permissions, seals });
    }
    let at = row.submitted_at.unwrap_or(row.created_at);
    let good = authorisation::store::good_at(&*state.db, enterprise, row.holder(), at).await?;
    let said = |words: fn(&authorisation::Authorisation) -> &str, word: &str| {
        good.iter().any(|one| words(one).split(' ').any(|other| other == word))
    };
    Ok(Granted {
        platforms: "以已有授权为准".to_owned(),
        permissions: Permission::ALL.into_iter().filter(|one| said(|row| &row.permissions, one.as_str())).collect(),
        seals: SealKind::ALL.into_iter().filter(|one| said(|row| &row.seals, one.as_str())).collect(),
    })
}

/// The platforms by name, as far as a line has room for them.
async fn platforms(state: &AppState, grant: &Grant) -> Result<String> {
    let rows = relying_party::Entity::find()
        .filter(relying_party::Column::Id.is_in(grant.relying_party_ids.clone()))
        .all(&*state.db)
        .await?;
    let names: Vec<String> = rows.into_iter().map(|row| row.name).collect();
    let mut line = String::new();
    for (index, name) in names.iter().enumerate() {
        if line.chars().count() + name.chars().count() > document::paper::MAX_VALUE - 20 {
            return Ok(format!("{line}等 {} 个业务系统", names.len()));
        }
        line += if index == 0 { "" } else { "、" };
        line += name;
    }
    Ok(line)
}

fn permission(one: Permission) -> document::paper::Permission {
    match one {
        Permission::Login => document::paper::Permission::Login,
        Permission::Sign => document::paper::Permission::Seal,
        Permission::Generate => document::paper::Permission::BidFile,
        Permission::Decrypt => document::paper::Permission::Decrypt,
    }
}

fn seal_name(kind: SealKind) -> &'static str {
    match kind {
        SealKind::Company => "企业公章",
        SealKind::LegalPerson => "法人章",
        SealKind::LegalPersonSignature => "法人手写签名",
    }
}

/// The form of an application as PDF, filled with what has been entered; none for kinds that want none.
pub async fn form(state: &AppState, row: &Application) -> Result<Vec<u8>> {
    let kind = row.kind()?;
    if !kind.row().materials.contains(&MaterialKind::ApplicationForm) {
        return Err(NOT_FOUND.into());
    }
    let heading = Heading::of(state, row).await?;
    let paper = match kind {
        Kind::PersonalCertificate | Kind::PersonalRenewal | Kind::PersonalReapplication | Kind::PersonalRecovery => {
            let (applicant, terms) = (someone(state, row.account_id, true).await?, terms(state, row).await?);
            paper::make(state, move |fonts| {
                let form = PersonalApplication { applicant: applicant.as_person(), terms };
                form.make(&heading.as_head(), fonts)
            })
            .await?
        }
        Kind::EnterpriseChange => change(state, row, heading).await?,
        Kind::AdminTransfer | Kind::AdminTransferByForm => {
            let enterprise = enterprises::find(&*state.db, row.enterprise_id.unwrap_or_default()).await?;
            transfer(state, row, heading, enterprise, false).await?
        }
        _ => enterprise_form(state, row, heading).await?,
    };
    Ok(paper.pdf)
}

async fn enterprise_form(state: &AppState, row: &Application, heading: Heading) -> Result<Paper> {
    let purpose = match row.kind()? {
        Kind::EnterpriseClaim => Purpose::Claim,
        Kind::EnterpriseRenewal => Purpose::Renewal,
        Kind::EnterpriseReapplication => Purpose::Again,
        Kind::EnterpriseRecovery => Purpose::Recovery,
        _ => Purpose::New,
    };
    let facts = match (row.enterprise_id, Details::of(state, row)?.facts) {
        (_, Some(facts)) => facts,
        (Some(id), None) => {
            let facts = enterprise::facts::whole(state, &enterprises::find(&*state.db, id).await?)?;
            let legal_person_id_number = mask_id_number(&facts.legal_person_id_number);
            EnterpriseFacts { legal_person_id_number, ..facts }
        }
        (None, None) => return Err(APPLICATION_INCOMPLETE.field("facts", "REQUIRED")),
    };
    refuse_unnamed(&facts)?;
    let (applicant, terms) = (someone(state, row.account_id, true).await?, terms(state, row).await?);
    paper::make(state, move |fonts| {
        let legal_person = Person {
            name: &facts.legal_person_name,
            id_kind: id_kind(facts.legal_person_id_type),
            id_number: &facts.legal_person_id_number,
            phone: "",
        };
        let enterprise = Enterprise { name: &facts.name, credit_code: &facts.credit_code };
        let form = EnterpriseApplication { enterprise, legal_person, applicant: applicant.as_person(), purpose, terms };
        form.make(&heading.as_head(), fonts)
    })
    .await
}

/// A form that names nobody is no form.
fn refuse_unnamed(facts: &EnterpriseFacts) -> Result<()> {
    for (field, value) in [("facts.name", &facts.name), ("facts.credit_code", &facts.credit_code)] {
        if value.is_empty() {
            return Err(APPLICATION_INCOMPLETE.field(field, "REQUIRED"));
        }
    }
    Ok(())
}

async fn change(state: &AppState, row: &Application, heading: Heading) -> Result<Paper> {
    let enterprise = enterprises::find(&*state.db, row.enterprise_id.unwrap_or_default()).await?;
    let (old, details) = (enterprise::facts::whole(state, &enterprise)?, Details::of(state, row)?);
    let new = details.facts.ok_or_else(|| APPLICATION_INCOMPLETE.field("facts", "REQUIRED"))?;
    refuse_unnamed(&new)?;
    let applicant = someone(state, row.account_id, true).await?;
    let certificates = u32::try_from(details.certificate_ids.len()).map_err(Problem::internal)?;
    paper::make(state, move |fonts| {
        let number = |facts: &EnterpriseFacts| mask_id_number(&facts.legal_person_id_number);
        let (old_number, new_number) = (number(&old), number(&new));
        let rows = [
            ("企业名称", old.name.as_str(), new.name.as_str()),
            ("统一社会信用代码", &old.credit_code, &new.credit_code),
            ("法定代表人", &old.legal_person_name, &new.legal_person_name),
            ("法定代表人证件类型", id_kind(old.legal_person_id_type), id_kind(new.legal_person_id_type)),
            ("法定代表人证件号码", &old_number, &new_number),
        ];
        let differs = |item: &str, before: &str, after: &str| match item {
            "法定代表人证件号码" => old.legal_person_id_number != new.legal_person_id_number,
            _ => before != after,
        };
        let mut changes: Vec<Change<'_>> = rows
            .into_iter()
            .filter(|(item, before, after)| differs(item, before, after))
            .map(|(item, old, new)| Change { item, old, new })
            .collect();
        if changes.is_empty() {
            changes.push(Change { item: "企业证书", old: "现有证书", new: "重新签发" });
        }
        let form = EnterpriseChange {
            enterprise: Enterprise { name: &old.name, credit_code: &old.credit_code },
            applicant: applicant.as_person(),
            changes: &changes,
            certificates,
        };
        form.make(&heading.as_head(), fonts)
    })
    .await
}

async fn transfer(
    state: &AppState,
    row: &Application,
    heading: Heading,
    enterprise: crate::enterprise::Enterprise,
    electronic: bool,
) -> Result<Paper> {
    let from = someone(state, row.account_id, false).await?;
    let to = someone(state, row.holder(), false).await?;
    paper::make(state, move |fonts| {
        let letter = AdminTransfer {
            enterprise: Enterprise { name: &enterprise.name, credit_code: &enterprise.credit_code },
            from: from.as_person(),
            to: to.as_person(),
            electronic,
        };
        letter.make(&heading.as_head(), fonts)
    })
    .await
}

fn id_kind(kind: IdType) -> &'static str {
    match kind {
        IdType::ResidentId => RESIDENT_ID,
        IdType::Passport => "护照",
        IdType::HkMacaoPermit => "港澳居民来往内地通行证",
        IdType::TaiwanPermit => "台湾居民来往大陆通行证",
    }
}
