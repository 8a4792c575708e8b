//! Asking, claiming, answering, cancelling. Every step is one conditional statement: of two that come at once, one
//! finds the request in its old state and the other is told what has become of it.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD as BASE64, URL_SAFE_NO_PAD},
};
use gm::{random, sm3};
use jiff::Timestamp;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    Set, sea_query::Expr,
};
use serde_json::json;
use uuid::Uuid;

use super::{
    code::{self, CodeRefusal, ScannedCode},
    entity::{self as scan_request, Column, Entity},
    model::{Browser, BrowserView, DocumentView, RelyingPartyView, ScanRequest, ScanResult, Signer, StoredDocument},
    own, problems,
    rules::{self, Action, Claim, ClaimOutcome, ScanState, answerable},
    statement,
};
use crate::{
    account::Account,
    app::AppState,
    application, audit,
    authorisation::policy::Demand,
    certificate::{self, entity::certificate as certificates},
    clock::from_millis,
    error::{FIELDS_INVALID, NOT_FOUND, Problem, Result},
    message::{self, EventKind},
    relying::entity::relying_party,
    signing,
    storage::Tx,
};

/// What a relying party asks.
#[derive(Debug)]
pub struct Question {
    /// What for.
    pub action: Action,
    /// From which browser.
    pub browser: Browser,
    /// Whom, if it matters.
    pub subject_account_id: Option<Uuid>,
    /// Sign: which document.
    pub document: Option<StoredDocument>,
    /// Sign: as whom.
    pub signer: Option<Signer>,
}

/// Stores a question; its code can be shown from now on.
pub async fn ask(
    state: &AppState,
    relying_party: &relying_party::Model,
    question: Question,
) -> Result<scan_request::Model> {
    let now = state.now();
    // Whole seconds everywhere: the relying party compares what it was told with what the statement says.
    let (id, expires_at) = (state.new_id(), whole_seconds(now + question.action.lifetime()));
    let check_number = rules::check_number(random::bytes()?);
    let facts = statement::LoginFacts {
        request: id,
        relying_party: relying_party.id,
        name: &relying_party.name,
        check_number: &check_number,
        issued_at: whole_seconds(now),
        expires_at,
    };
    let statement = (question.action == Action::Login).then(|| statement::login(&facts));
    let row = scan_request::ActiveModel {
        id: Set(id),
        token: Set(URL_SAFE_NO_PAD.encode(random::bytes::<16>()?)),
        action: Set(question.action.as_str().to_owned()),
        state: Set(ScanState::Waiting.as_str().to_owned()),
        relying_party_id: Set(relying_party.id),
        check_number: Set(check_number),
        subject_account_id: Set(question.subject_account_id),
        account_id: Set(None),
        browser: Set(serde_json::to_string(&question.browser).map_err(Problem::internal)?),
        browser_key: Set(question.browser.key(relying_party.id).to_vec()),
        statement: Set(statement),
        document: Set(question.document.as_ref().map(serde_json::to_string).transpose().map_err(Problem::internal)?),
        digest: Set(None),
        certificate_id: Set(None),
        signature: Set(None),
        refusal: Set(None),
        created_at: Set(now.as_millisecond()),
        expires_at: Set(expires_at.as_millisecond()),
        claimed_at: Set(None),
        answered_at: Set(None),
        application_id: Set(None),
        signer: Set(question.signer.map(Signer::to_word)),
    };
    let tx = state.db.begin().await?;
    let row = row.insert(&*tx).await?;
    tx.commit().await?;
    Ok(row)
}

fn whole_seconds(at: Timestamp) -> Timestamp {
    Timestamp::from_second(at.as_second()).unwrap_or(at)
}

/// The state as of now.
pub fn state_of(row: &scan_request::Model, now: Timestamp) -> Result<ScanState> {
    let stored =
        ScanState::parse(&row.state).ok_or_else(|| Problem::internal("a scan request is in no known state"))?;
    Ok(stored.at(now, from_millis(row.expires_at)))
}

/// The action of a stored request.
pub fn action_of(row: &scan_request::Model) -> Result<Action> {
    Action::parse(&row.action).ok_or_else(|| Problem::internal("a scan request has no known action"))
}

/// The code to show at this moment.
pub fn code(state: &AppState, row: &scan_request::Model) -> String {
    let secret = code_secret(state, row.id);
    code::show(&state.config.origin, &row.token, state.now().as_second(), &|message| sm3::hmac(&secret, message))
}

/// Each request has a secret of its own, which no table holds.
fn code_secret(state: &AppState, id: Uuid) -> [u8; 32] {
    sm3::hmac(&*state.secrets.key("scan/codes"), id.as_bytes())
}

/// A phone has scanned a code.
pub async fn claim(state: &AppState, account: Account, text: &str) -> Result<ScanRequest> {
    let scanned = ScannedCode::parse(text).map_err(|_| problems::CODE_INVALID)?;
    let row = Entity::find().filter(Column::Token.eq(&scanned.token)).one(&*state.db).await?;
    let row = row.ok_or(problems::CODE_INVALID)?;
    let secret = code_secret(state, row.id);
    let fresh = scanned.check(state.now().as_second(), &|message| sm3::hmac(&secret, message));
    // Whoever holds the request already may scan again, however old the picture.
    match fresh {
        Ok(()) => {}
        Err(CodeRefusal::Stale) if row.account_id == Some(account.id) => {}
        Err(CodeRefusal::Stale) => return Err(problems::CODE_STALE.into()),
        Err(_) => return Err(problems::CODE_INVALID.into()),
    }
    let now = state.now();
    let standing = Claim { account: account.id, wanted: row.subject_account_id, holder: row.account_id };
    if rules::claim(state_of(&row, now)?, standing).map_err(problems::unavailable)? == ClaimOutcome::Again {
        return view(state, &row, account.id).await;
    }
    take(state, account, &row).await
}

/// The first phone wins.
async fn take(state: &AppState, account: Account, row: &scan_request::Model) -> Result<ScanRequest> {
    let usable = certificate::store::usable_of(&*state.db, state.now(), account.id).await?;
    Demand::of(&*state.db, row).await?.choose(&*state.db, state.now(), usable).await??;
    let prepared = match action_of(row)? {
        Action::Login => None,
        Action::Sign => Some(signing::prepare(state, account, document(row)?).await?),
    };
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let mut update = Entity::update_many()
        .col_expr(Column::State, Expr::value(ScanState::Claimed.as_str()))
        .col_expr(Column::AccountId, Expr::value(account.id))
        .col_expr(Column::ClaimedAt, Expr::value(now.as_millisecond()));
    if let Some(prepared) = prepared {
        let document = serde_json::to_string(&prepared.document).map_err(Problem::internal)?;
        update = update
            .col_expr(Column::Document, Expr::value(document))
            .col_expr(Column::Digest, Expr::value(prepared.digest.to_vec()));
    }
    let taken = update
        .filter(Column::Id.eq(row.id))
        .filter(Column::State.eq(ScanState::Waiting.as_str()))
        .filter(Column::ExpiresAt.gt(now.as_millisecond()))
        .exec(&*tx)
        .await?;
    let row = load(&*tx, row.id).await?;
    if taken.rows_affected == 0 {
        let standing = Claim { account: account.id, wanted: row.subject_account_id, holder: row.account_id };
        rules::claim(state_of(&row, now)?, standing).map_err(problems::unavailable)?;
        drop(tx);
        return view(state, &row, account.id).await;
    }
    record(state, &tx, audit::Actor::Account(account.id), "scan.claim", &row).await?;
    announce(state, &mut tx, &row).await?;
    tx.commit().await?;
    view(state, &row, account.id).await
}

/// The request, if this account has claimed it.
pub async fn own(db: &impl ConnectionTrait, account: Account, id: Uuid) -> Result<scan_request::Model> {
    let row = Entity::find_by_id(id).one(db).await?;
    row.filter(|row| row.account_id == Some(account.id)).ok_or_else(|| NOT_FOUND.problem())
}

/// The owner says no.
pub async fn refuse(state: &AppState, account: Account, id: Uuid, reason: &'static str) -> Result<ScanRequest> {
    let row = own(&*state.db, account, id).await?;
    let now = state.now();
    if state_of(&row, now)? == ScanState::Refused {
        return view(state, &row, account.id).await;
    }
    answerable(state_of(&row, now)?).map_err(problems::unavailable)?;
    let end =
        End { state: ScanState::Refused, refusal: Some(reason), certificate_id: None, signature: None, document: None };
    let row = finish(state, account, &row, end).await?;
    view(state, &row, account.id).await
}

/// The owner agrees, with a signature made for it.
pub async fn confirm(
    state: &AppState,
    account: Account,
    id: Uuid,
    certificate_id: Uuid,
    signature: Vec<u8>,
) -> Result<ScanRequest> {
    let row = own(&*state.db, account, id).await?;
    let now = state.now();
    // The same answer again, because the first one's receipt was lost.
    if state_of(&row, now)? == ScanState::Confirmed && row.signature.as_deref() == Some(&signature[..]) {
        return view(state, &row, account.id).await;
    }
    answerable(state_of(&row, now)?).map_err(problems::unavailable)?;
    let usable = certificate::store::usable_of(&*state.db, now, account.id).await?;
    let certificate = usable.into_iter().find(|certificate| certificate.id == certificate_id);
    let certificate = certificate.filter(|certificate| own::may_answer(&row, certificate));
    let certificate = certificate.ok_or_else(|| FIELDS_INVALID.field("certificate_id", "NOT_USABLE"))?;
    Demand::of(&*state.db, &row).await?.choose(&*state.db, now, vec![certificate.clone()]).await??;
    check_signature(&row, &certificate, &signature)?;
    let document = match action_of(&row)? {
        Action::Login => None,
        Action::Sign => match signing::finish(state, document(&row)?, &certificate, &signature).await {
            Ok(document) => Some(document),
            Err(fault) => return fail(state, account, &row, fault).await,
        },
    };
    let end = End {
        state: ScanState::Confirmed,
        refusal: None,
        certificate_id: Some(certificate.id),
        signature: Some(signature),
        document,
    };
    let row = finish(state, account, &row, end).await?;
    view(state, &row, account.id).await
}

/// Our own result did not pass our own check: nobody gets it.
async fn fail(state: &AppState, account: Account, row: &scan_request::Model, fault: Problem) -> Result<ScanRequest> {
    tracing::error!(request = %row.id, %fault, "a signed document did not pass the check");
    let end = End {
        state: ScanState::Failed,
        refusal: Some("result_invalid"),
        certificate_id: None,
        signature: None,
        document: None,
    };
    finish(state, account, row, end).await?;
    Err(fault)
}

fn check_signature(row: &scan_request::Model, certificate: &certificates::Model, signature: &[u8]) -> Result<()> {
    let message = row.statement.as_deref().or(row.digest.as_deref());
    let message = message.ok_or_else(|| Problem::internal("a claimed request has nothing to sign"))?;
    let key =
        certificate.der.as_deref().and_then(|der| pki::Certificate::read(der).ok()).map(|read| read.tbs.public_key);
    let key = key.ok_or_else(|| Problem::internal("an issued certificate cannot be read"))?;
    pki::signature::verify(&key, message, signature, "answer").map_err(|_| problems::SIGNATURE_WRONG.problem())
}

struct End {
    state: ScanState,
    refusal: Option<&'static str>,
    certificate_id: Option<Uuid>,
    signature: Option<Vec<u8>>,
    document: Option<StoredDocument>,
}

/// Ends a claimed request, if it still is one.
async fn finish(
    state: &AppState,
    account: Account,
    row: &scan_request::Model,
    end: End,
) -> Result<scan_request::Model> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    if let Some(certificate_id) = end.certificate_id {
        // What was taken back while the phone was signing is taken back: this is the last word.
        let usable = certificate::store::usable_of(&*tx, now, account.id).await?;
        let certificate = usable.into_iter().find(|certificate| certificate.id == certificate_id);
        let certificate = certificate.ok_or_else(|| FIELDS_INVALID.field("certificate_id", "NOT_USABLE"))?;
        Demand::of(&*tx, row).await?.choose(&*tx, now, vec![certificate]).await??;
    }
    let mut update = Entity::update_many()
        .col_expr(Column::State, Expr::value(end.state.as_str()))
        .col_expr(Column::Refusal, Expr::value(end.refusal))
        .col_expr(Column::CertificateId, Expr::value(end.certificate_id))
        .col_expr(Column::Signature, Expr::value(end.signature.clone()))
        .col_expr(Column::AnsweredAt, Expr::value(now.as_millisecond()));
    if let Some(document) = &end.document {
        update =
            update.col_expr(Column::Document, Expr::value(serde_json::to_string(document).map_err(Problem::internal)?));
    }
    let ended = update
        .filter(Column::Id.eq(row.id))
        .filter(Column::State.eq(ScanState::Claimed.as_str()))
        .filter(Column::AccountId.eq(account.id))
        .filter(Column::ExpiresAt.gt(now.as_millisecond()))
        .exec(&*tx)
        .await?;
    let row = load(&*tx, row.id).await?;
    if ended.rows_affected == 0 {
        // The same answer came twice at once, because a phone was impatient: it stands.
        if row.state == end.state.as_str() && row.signature == end.signature {
            return Ok(row);
        }
        let refusal = answerable(state_of(&row, now)?).err().unwrap_or(rules::Unavailable::Answered);
        return Err(problems::unavailable(refusal));
    }
    let action = match end.state {
        ScanState::Confirmed => "scan.confirm",
        ScanState::Refused => "scan.refuse",
        _ => "scan.fail",
    };
    record(state, &tx, audit::Actor::Account(account.id), action, &row).await?;
    announce(state, &mut tx, &row).await?;
    if let (ScanState::Confirmed, Some(application)) = (end.state, row.application_id) {
        application::letter_sealed(state, &mut tx, application, row.id, account.id).await?;
    }
    tx.commit().await?;
    Ok(row)
}

/// The relying party takes its question back. Doing it again changes nothing.
pub async fn cancel(state: &AppState, row: &scan_request::Model) -> Result<()> {
    let now = state.now();
    let mut tx = state.db.begin().await?;
    let cancelled = Entity::update_many()
        .col_expr(Column::State, Expr::value(ScanState::Cancelled.as_str()))
        .col_expr(Column::AnsweredAt, Expr::value(now.as_millisecond()))
        .filter(Column::Id.eq(row.id))
        .filter(Column::State.is_in([ScanState::Waiting.as_str(), ScanState::Claimed.as_str()]))
        .filter(Column::ExpiresAt.gt(now.as_millisecond()))
        .exec(&*tx)
        .await?;
    let row = load(&*tx, row.id).await?;
    if cancelled.rows_affected == 0 {
        return match state_of(&row, now)? {
            ScanState::Cancelled | ScanState::Expired => Ok(()),
            _ => Err(problems::unavailable(rules::Unavailable::Answered)),
        };
    }
    record(state, &tx, audit::Actor::RelyingParty(row.relying_party_id), "scan.cancel", &row).await?;
    announce(state, &mut tx, &row).await?;
    tx.commit().await?;
    Ok(())
}

async fn load(db: &impl ConnectionTrait, id: Uuid) -> Result<scan_request::Model> {
    Entity::find_by_id(id).one(db).await?.ok_or_else(|| NOT_FOUND.problem())
}

/// Tells the PC's stream, and the phone's if there is one.
async fn announce(state: &AppState, tx: &mut Tx, row: &scan_request::Model) -> Result<()> {
    tx.wake(row.id);
    if let Some(account_id) = row.account_id {
        message::emit(tx, state.now(), account_id, EventKind::ScanRequest, row.id).await?;
    }
    Ok(())
}

async fn record(
    state: &AppState,
    tx: &Tx,
    actor: audit::Actor,
    action: &'static str,
    row: &scan_request::Model,
) -> Result<()> {
    let detail =
        json!({ "action": row.action, "relying_party": row.relying_party_id, "certificate": row.certificate_id });
    let entry = audit::Entry { actor, action, target_kind: "scan_request", target_id: Some(row.id), detail };
    Ok(audit::record(tx, state.now(), entry).await?)
}

/// The document of a signing request.
pub fn document(row: &scan_request::Model) -> Result<StoredDocument> {
    let text = row.document.as_deref().ok_or(NOT_FOUND)?;
    serde_json::from_str(text).map_err(Problem::internal)
}

/// The request as the phone sees it.
pub async fn view(state: &AppState, row: &scan_request::Model, account_id: Uuid) -> Result<ScanRequest> {
    let (db, now) = (&*state.db, state.now());
    let asker = relying_party::Entity::find_by_id(row.relying_party_id).one(db).await?.ok_or(NOT_FOUND)?;
    let browser: Browser = serde_json::from_str(&row.browser).map_err(Problem::internal)?;
    let known = Entity::find()
        .filter(Column::AccountId.eq(account_id))
        .filter(Column::BrowserKey.eq(row.browser_key.clone()))
        .filter(Column::State.eq(ScanState::Confirmed.as_str()))
        .filter(Column::Id.ne(row.id))
        .count(db)
        .await?;
    let usable = certificate::store::usable_of(db, now, account_id).await?;
    let usable = usable.into_iter().filter(|certificate| own::may_answer(row, certificate)).collect();
    // Whoever holds the request sees which of their certificates may still answer, perhaps none.
    let usable = Demand::of(db, row).await?.choose(db, now, usable).await?.unwrap_or_default();
    let state_now = state_of(row, now)?;
    let result = match (state_now, row.certificate_id, row.answered_at) {
        (ScanState::Confirmed, Some(certificate_id), Some(at)) => {
            Some(ScanResult { certificate_id, answered_at: from_millis(at).to_string() })
        }
        _ => None,
    };
    Ok(ScanRequest {
        id: row.id,
        action: action_of(row)?,
        state: state_now,
        relying_party: RelyingPartyView {
            id: asker.id,
            name: asker.name,
            domain: asker.domain,
            logo_url: asker.logo_url,
        },
        check_number: row.check_number.clone(),
        created_at: from_millis(row.created_at).to_string(),
        expires_at: from_millis(row.expires_at).to_string(),
        browser: BrowserView { user_agent_short: browser.short(), address: browser.address, first_time: known == 0 },
        statement: row.statement.as_ref().map(|statement| BASE64.encode(statement)),
        document: document_view(row)?,
        certificates: certificate::store::views(db, now, usable).await?,
        result,
    })
}

fn document_view(row: &scan_request::Model) -> Result<Option<DocumentView>> {
    let (Some(digest), true) = (&row.digest, row.document.is_some()) else { return Ok(None) };
    let document = document(row)?;
    Ok(Some(DocumentView {
        title: document.title,
        pages: document.pages,
        size: document.prepared_size,
        digest: hex::encode(digest),
        placements: document.placements.into_iter().map(|placement| placement.at).collect(),
    }))
}
