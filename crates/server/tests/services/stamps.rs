//! Time stamps of the platform.

use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use pki::{
    Certificate, ObjectIdentifier, Profile,
    chain::{Revocation, Usage, Verifier},
    hash::Hash,
    ocsp::{self, CertId},
    signed_data::Dialect,
    timestamp::{Failure, Imprint, Request, Response, Token},
};
use server::{config::Mode, pki_services::tsa};

use crate::common::{Answer, Platform};

const DOCUMENT: &[u8] = b"the document";

fn request() -> Request {
    Request { imprint: Imprint::of(Hash::Sm3, DOCUMENT), policy: None, nonce: Some(vec![0x42; 8]), certificate: true }
}

async fn ask(platform: &Platform, body: Vec<u8>) -> Answer {
    platform.browser().octets(Method::POST, "/pki/tsa", "application/timestamp-query", body).await
}

async fn stamped(platform: &Platform, request: &Request) -> Token {
    let answer = ask(platform, request.to_der()).await.expect(StatusCode::OK);
    match Response::read(&answer.header("content-type", "application/timestamp-reply").body).unwrap() {
        Response::Granted(token) => *token,
        refused => panic!("{refused:?}"),
    }
}

async fn trusted(platform: &Platform, authority: &Certificate, at: u64) -> bool {
    let mut browser = platform.browser();
    let mut fetch = async |name: &str| {
        Certificate::read(&browser.get(&format!("/pki/guiyun/{name}")).await.expect(StatusCode::OK).body).unwrap()
    };
    let (roots, intermediates) = ([fetch("root.cer").await], [fetch("ca.cer").await]);
    let revocation = Revocation::WhenKnown;
    let verifier = Verifier { roots: &roots, intermediates: &intermediates, crls: &[], revocation, at };
    verifier.verify(authority, Usage::TimeStamp).is_ok()
}

#[tokio::test]
async fn a_stamp_says_that_the_document_existed_now() {
    let platform = Platform::start().await;
    let now = u64::try_from(platform.state.now().as_second()).unwrap();
    for hash in [Hash::Sm3, Hash::Sha256, Hash::Sha384, Hash::Sha512] {
        let request = Request { imprint: Imprint::of(hash, DOCUMENT), ..request() };
        let token = stamped(&platform, &request).await;
        assert_eq!((token.info.at, token.info.policy, token.message.dialect), (now, tsa::POLICY, Dialect::Cms));
        let authority = token.answers(&request, None).unwrap();
        assert_eq!(Profile::of(&authority.tbs), Some(&Profile::TIME_STAMP));
        assert!(trusted(&platform, &authority, now).await);
    }
    let serials = [stamped(&platform, &request()).await, stamped(&platform, &request()).await];
    assert_ne!(serials[0].info.serial, serials[1].info.serial);
}

#[tokio::test]
async fn whoever_names_the_policy_of_gm_t_0033_gets_its_identifiers() {
    let platform = Platform::start().await;
    let request = Request { policy: Some(tsa::GM_POLICY), ..request() };
    let token = stamped(&platform, &request).await;
    assert_eq!((token.message.dialect, token.info.policy), (Dialect::Gm, tsa::GM_POLICY));
    token.answers(&request, None).unwrap();
}

#[tokio::test]
async fn certificates_come_along_only_when_they_are_asked_for() {
    let platform = Platform::start().await;
    let with = stamped(&platform, &request()).await;
    let authority = with.answers(&request(), None).unwrap();
    assert_eq!(with.message.certificates.len(), 2);
    let asked = Request { certificate: false, nonce: None, ..request() };
    let without = stamped(&platform, &asked).await;
    assert!(without.message.certificates.is_empty());
    without.answers(&asked, Some(&authority)).unwrap();
}

#[tokio::test]
async fn what_cannot_be_stamped_is_refused_by_the_standards_reasons() {
    let platform = Platform::start().await;
    let strange = ObjectIdentifier::new("1.2.3.4").unwrap();
    let sha1 = Request { imprint: Imprint::of(Hash::Sha1, DOCUMENT), ..request() };
    for (body, failure) in [
        (b"{}".to_vec(), Failure::BadDataFormat),
        (sha1.to_der(), Failure::BadAlg),
        (Request { policy: Some(strange), ..request() }.to_der(), Failure::UnacceptedPolicy),
    ] {
        let answer = ask(&platform, body).await.expect(StatusCode::OK);
        assert_eq!(Response::read(&answer.body).unwrap(), Response::Refused { status: 2, failure: Some(failure) });
    }
    ask(&platform, Vec::new()).await.refused(400, "BODY_UNREADABLE");
    let mut browser = platform.browser();
    let media = browser.octets(Method::POST, "/pki/tsa", "application/json", request().to_der()).await;
    media.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    ask(&platform, vec![0; 70_000]).await.refused(413, "BODY_TOO_LARGE");
    let empty = Platform::start_as(Mode::Production).await;
    ask(&empty, request().to_der()).await.refused(404, "NOT_FOUND");
}

#[tokio::test]
async fn a_stamp_can_be_verified_for_years_because_its_authority_changes_every_year() {
    let platform = Platform::start().await;
    let first = stamped(&platform, &request()).await;
    let authority = first.check(&request().imprint, None).unwrap();
    let year = SignedDuration::from_hours(24 * 366);
    let mut authorities = vec![authority.clone()];
    for _ in 0..3 {
        platform.clock.advance(year);
        let at = u64::try_from(platform.state.now().as_second()).unwrap();
        let token = stamped(&platform, &request()).await;
        let now = token.check(&request().imprint, None).unwrap();
        assert!(now.tbs.not_after > at + 4 * 365 * 86_400, "years are left");
        authorities.push(now);
        assert!(trusted(&platform, &authority, at).await, "the first stamp is still good");
    }
    authorities.dedup();
    assert_eq!(authorities.len(), 4);
}

#[tokio::test]
async fn the_authoritys_own_certificate_can_be_asked_about() {
    let platform = Platform::start().await;
    let authority = stamped(&platform, &request()).await.check(&request().imprint, None).unwrap();
    let mut browser = platform.browser();
    let ca = Certificate::read(&browser.get("/pki/guiyun/ca.cer").await.expect(StatusCode::OK).body).unwrap();
    let ids = vec![CertId::new(Hash::Sm3, &ca, authority.tbs.serial)];
    let asked = ocsp::Request { ids, nonce: None }.to_der();
    let answer = browser.octets(Method::POST, "/pki/guiyun/ocsp", "application/ocsp-request", asked).await;
    let ocsp::Response::Basic(answer) = ocsp::Response::read(&answer.body).unwrap() else { panic!("an answer") };
    assert_eq!(answer.answers[0].status, ocsp::Status::Good);
}

#[tokio::test]
async fn the_platform_stamps_for_itself_in_both_dialects() {
    let platform = Platform::start().await;
    for dialect in [Dialect::Cms, Dialect::Gm] {
        let token = Token::read(&tsa::stamp(&platform.state, dialect, DOCUMENT).await.unwrap()).unwrap();
        assert_eq!(token.message.dialect, dialect);
        token.check(&Imprint::of(Hash::Sm3, DOCUMENT), None).unwrap();
    }
}
