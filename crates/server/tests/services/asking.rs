//! A certificate of a person, and questions about it.

use axum::{
    body::Body,
    http::{Method, Request as HttpRequest, StatusCode},
};
use pki::{
    Certificate, Serial,
    hash::Hash,
    ocsp::{Ask, CertId, Request, Response, Status},
};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use server::{
    audit::Actor,
    certificate::{entity::certificate, revocation},
    clock::Clock as _,
};

use crate::{
    common::{Answer, Browser},
    phone::{text, transport::Transport as _},
    stage::Stage,
};

/// The institution where persons of the tests apply.
pub const SLUG: &str = "guiyun";

/// A person's certificate and the one above it.
pub struct Subject {
    pub certificate: Certificate,
    pub ca: Certificate,
    pub root: Certificate,
}

impl Subject {
    /// Of the `n`th person, who downloads it for this.
    pub async fn new(stage: &Stage, n: u32) -> Self {
        let (mut phone, _) = stage.person(n).await;
        let list = phone.http.get("/api/certificates?list=active").await.ok().json();
        let pem = text(&list["items"][0]["certificate_pem"]);
        let der = pki::pem::decode(pki::pem::CERTIFICATE, &pem).unwrap();
        let mut browser = stage.platform.browser();
        let mut fetch = async |name: &str| {
            let answer = browser.get(&format!("/pki/{SLUG}/{name}")).await.expect(StatusCode::OK);
            Certificate::read(&answer.header("content-type", "application/pkix-cert").body).unwrap()
        };
        Self { certificate: Certificate::read(&der).unwrap(), ca: fetch("ca.cer").await, root: fetch("root.cer").await }
    }

    pub fn serial(&self) -> &Serial {
        &self.certificate.tbs.serial
    }

    /// A question about it.
    pub fn request(&self, hash: Hash, nonce: Option<&[u8]>) -> Request {
        let id = CertId::new(hash, &self.ca, self.serial().clone());
        Request { ids: vec![id], nonce: nonce.map(<[u8]>::to_vec) }
    }

    /// What is to be believed of an answer.
    pub fn believe(&self, stage: &Stage, der: &[u8], nonce: Option<&[u8]>) -> Status {
        let at = u64::try_from(stage.platform.clock.now().as_second()).unwrap();
        let ask = Ask { issuer: &self.ca, serial: self.serial(), nonce, at };
        match Response::read(der).unwrap() {
            Response::Basic(answer) => answer.check(&ask).unwrap().clone(),
            Response::Refused(refusal) => panic!("{refusal:?}"),
        }
    }

    /// Revokes it, as the platform's own code does.
    pub async fn revoke(&self, stage: &Stage, reason: &'static str) {
        let state = &stage.platform.state;
        let row = certificate::Entity::find().filter(certificate::Column::Serial.eq(self.serial().to_string()));
        let row = row.one(&*state.db).await.unwrap().unwrap();
        let tx = state.db.begin().await.unwrap();
        revocation::revoke(&tx, state.now(), &row, reason, Actor::System).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// A POST to the institution's responder.
pub async fn post(browser: &mut Browser, request: &[u8]) -> Answer {
    let path = format!("/pki/{SLUG}/ocsp");
    browser.octets(Method::POST, &path, "application/ocsp-request", request.to_vec()).await
}

/// A GET from the institution's responder, with more headers.
pub async fn get(browser: &mut Browser, path: &str, headers: &[(&str, &str)]) -> Answer {
    let mut request = HttpRequest::builder().method(Method::GET).uri(format!("/pki/{SLUG}/ocsp/{path}"));
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    browser.send(request, Body::empty()).await
}
