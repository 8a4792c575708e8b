//! A certificate from a CA elsewhere. The conversation is written down before the first word is said and after every
//! answer, so that whoever comes back after a lost answer or a crash takes it up where it was. A CA withdraws what nobody
//! confirms, and nothing is confirmed before it stands in the database.

use jiff::SignedDuration;
use pki::{
    Certificate,
    certificate::TbsCertificate,
    cmp::{Answer, Request, Transaction},
};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, Set,
    sea_query::Expr,
};
use uuid::Uuid;

use super::{
    ISSUER_BUSY, ISSUER_REFUSED, ca,
    entity::conversation::{Column, Entity, Model},
    pause,
    rules::{self, Purpose},
    withdrawal,
};
use crate::{
    app::AppState,
    certificate::authority::{Authority, seconds},
    clock::from_millis,
    error::{Problem, Result},
    providers::OutsideCa,
    storage::Tx,
};

/// How long one request works on a conversation. Nobody else touches it meanwhile; after a crash it is free again.
const HELD: SignedDuration = SignedDuration::from_secs(90);
/// How long a person waits for a CA that does not answer at once.
const PATIENCE: SignedDuration = SignedDuration::from_secs(25);

/// The certificate that the CA issues for these octets; the one that it has issued before if this was asked before.
///
/// # Errors
/// `ISSUER_BUSY` while it is not ready or somebody else waits for it, `ISSUER_REFUSED`, `PROVIDER_UNAVAILABLE`.
pub async fn issue(
    state: &AppState,
    authority: &Authority,
    certificate_id: Uuid,
    purpose: Purpose,
    to_be_signed: &[u8],
) -> Result<Certificate> {
    let ca = ca(state, &authority.row.slug)?;
    let wanted = TbsCertificate::read(to_be_signed).map_err(Problem::internal)?;
    let mut conversation = Conversation::hold(state, authority, certificate_id, purpose).await?;
    let issued = conversation.carry(state, &*ca, authority, &wanted).await;
    conversation.let_go(state).await?;
    issued
}

/// A conversation that this request holds.
struct Conversation {
    row: Model,
    purpose: Purpose,
    talk: Transaction,
    /// Nothing has been said yet.
    fresh: bool,
}

impl Conversation {
    /// Takes up the conversation about this certificate, or begins it.
    async fn hold(state: &AppState, authority: &Authority, certificate_id: Uuid, purpose: Purpose) -> Result<Self> {
        let tx = state.db.begin().await?;
        let (now, key) = (state.now(), (certificate_id, purpose.as_str().to_owned()));
        let held_until = (now + HELD).as_millisecond();
        let known = Entity::find_by_id(key.clone()).one(&*tx).await?;
        let (row, talk, fresh) = match known {
            Some(row) if now < from_millis(row.held_until) => return Err(ISSUER_BUSY.into()),
            Some(row) => {
                let mut held = row.into_active_model();
                held.held_until = Set(held_until);
                let row = held.update(&*tx).await?;
                let (id, nonce, answered) = (row.transaction_id.clone(), row.nonce.clone(), row.answered.clone());
                (row, Transaction { id, nonce, answered }, false)
            }
            None => {
                let talk = Transaction::begin().map_err(Problem::internal)?;
                let row = Model {
                    certificate_id,
                    purpose: key.1,
                    institution_id: authority.row.institution_id,
                    transaction_id: talk.id.clone(),
                    nonce: talk.nonce.clone(),
                    answered: None,
                    certificate: None,
                    confirmed_at: None,
                    held_until,
                    created_at: now.as_millisecond(),
                };
                (row.into_active_model().reset_all().insert(&*tx).await?, talk, true)
            }
        };
        tx.commit().await?;
        Ok(Self { row, purpose, talk, fresh })
    }

    /// Until the certificate is there and the CA knows that it is.
    async fn carry(
        &mut self,
        state: &AppState,
        ca: &dyn OutsideCa,
        authority: &Authority,
        wanted: &TbsCertificate,
    ) -> Result<Certificate> {
        let until = state.now() + PATIENCE;
        let mut begun_anew = false;
        loop {
            let issued = self.issued()?;
            if let Some(issued) = issued.as_ref().filter(|_| self.row.confirmed_at.is_some()) {
                return Ok(issued.clone());
            }
            let request = match &issued {
                Some(issued) => Request::Confirm(issued, true),
                None if self.fresh => Request::Certificate(wanted),
                None => Request::Poll,
            };
            let mut answer = ca.ask(&mut self.talk, request).await?;
            self.fresh = false;
            while let Answer::Waiting { seconds } = answer {
                self.keep(state).await?;
                if state.now() >= until {
                    return Err(ISSUER_BUSY.into());
                }
                tokio::time::sleep(pause(seconds)).await;
                answer = ca.ask(&mut self.talk, Request::Poll).await?;
            }
            match answer {
                Answer::Certificate(certificate) if issued.is_none() => {
                    self.take(state, ca, authority, wanted, &certificate).await?;
                }
                Answer::Confirmed if issued.is_some() => {
                    self.row.confirmed_at = Some(state.now().as_millisecond());
                    self.keep(state).await?;
                }
                // The CA knows nothing of a conversation that was broken off, or has forgotten it, and with it what it
                // had issued: once more from the beginning.
                Answer::Refused(refusal)
                    if !begun_anew && (issued.is_some() || !matches!(request, Request::Certificate(_))) =>
                {
                    tracing::warn!(%refusal, slug = authority.row.slug, "the CA does not go on with a conversation");
                    begun_anew = true;
                    self.begin_anew(state).await?;
                }
                other => {
                    tracing::error!(answer = ?other, slug = authority.row.slug, "the CA refused");
                    self.begin_anew(state).await?;
                    return Err(ISSUER_REFUSED.into());
                }
            }
        }
    }

    fn issued(&self) -> Result<Option<Certificate>> {
        let read = |der: &Vec<u8>| Certificate::read(der).map_err(Problem::internal);
        self.row.certificate.as_ref().map(read).transpose()
    }

    /// Looks at what came; what is not what was asked for is refused to the CA's face.
    async fn take(
        &mut self,
        state: &AppState,
        ca: &dyn OutsideCa,
        authority: &Authority,
        wanted: &TbsCertificate,
        issued: &Certificate,
    ) -> Result<()> {
        let checked = rules::check(issued, wanted, self.purpose, &authority.ca, seconds(state.now()));
        if let Err(fault) = checked {
            tracing::error!(fault, slug = authority.row.slug, "the CA issued something else than was asked for");
            // Whether or not it hears this, it withdraws what is not confirmed.
            if let Err(error) = ca.ask(&mut self.talk, Request::Confirm(issued, false)).await {
                tracing::warn!(%error, "the CA was not told");
            }
            self.begin_anew(state).await?;
            return Err(ISSUER_REFUSED.into());
        }
        self.row.certificate = Some(issued.der.clone());
        self.keep(state).await
    }

    /// Forgets the conversation. A certificate that came out of it may have been confirmed, with the answer to that lost:
    /// it is withdrawn.
    async fn begin_anew(&mut self, state: &AppState) -> Result<()> {
        let tx = state.db.begin().await?;
        if let Some(issued) = self.issued()? {
            let serial = issued.tbs.serial.to_string();
            withdrawal::put(&tx, state.now(), self.row.institution_id, &serial, Some("superseded")).await?;
        }
        self.talk = Transaction::begin().map_err(Problem::internal)?;
        (self.row.certificate, self.row.confirmed_at, self.fresh) = (None, None, true);
        self.write(state, &tx).await?;
        Ok(tx.commit().await?)
    }

    /// Writes down where it stands.
    async fn keep(&mut self, state: &AppState) -> Result<()> {
        let tx = state.db.begin().await?;
        self.write(state, &tx).await?;
        Ok(tx.commit().await?)
    }

    async fn write(&mut self, state: &AppState, tx: &Tx) -> Result<()> {
        (self.row.transaction_id, self.row.nonce) = (self.talk.id.clone(), self.talk.nonce.clone());
        self.row.answered = self.talk.answered.clone();
        self.row.held_until = (state.now() + HELD).as_millisecond();
        self.row.clone().into_active_model().reset_all().update(&**tx).await?;
        Ok(())
    }

    /// Others may go on with it.
    async fn let_go(self, state: &AppState) -> Result<()> {
        let tx = state.db.begin().await?;
        Entity::update_many()
            .col_expr(Column::HeldUntil, Expr::value(0))
            .filter(Column::CertificateId.eq(self.row.certificate_id))
            .filter(Column::Purpose.eq(self.row.purpose))
            .exec(&*tx)
            .await?;
        Ok(tx.commit().await?)
    }
}

/// The conversations about a certificate have led to it: nothing of them is needed any more.
pub async fn settle(tx: &Tx, certificate_id: Uuid) -> Result<()> {
    Entity::delete_many().filter(Column::CertificateId.eq(certificate_id)).exec(&**tx).await?;
    Ok(())
}

/// The certificate never comes into being here: what the CA has issued is withdrawn.
pub async fn abandon(state: &AppState, tx: &Tx, certificate_id: Uuid) -> Result<()> {
    for row in Entity::find().filter(Column::CertificateId.eq(certificate_id)).all(&**tx).await? {
        let Some(der) = &row.certificate else { continue };
        let serial = Certificate::read(der).map_err(Problem::internal)?.tbs.serial.to_string();
        withdrawal::put(tx, state.now(), row.institution_id, &serial, Some("cessationOfOperation")).await?;
    }
    settle(tx, certificate_id).await
}
