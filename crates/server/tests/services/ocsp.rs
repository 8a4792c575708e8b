//! Whether a certificate is revoked, asked at the platform.

use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use pki::{
    Profile, Serial,
    chain::{Revocation, Usage, Verifier},
    crl::Reason,
    hash::Hash,
    ocsp::{CertId, MOST_IDS, Refusal, Request, Response, Status},
    oid,
};
use server::pki_services::presign;

use crate::{
    asking::{SLUG, Subject, get, post},
    stage::Stage,
};

const NONCE: &[u8] = b"0123456789abcdef0123456789abcdef";

/// The path of a GET: base64 with its three special letters escaped.
fn escaped(request: &Request) -> String {
    request.to_path().replace('+', "%2B").replace('/', "%2F").replace('=', "%3D")
}

#[tokio::test]
async fn a_certificate_says_where_to_ask_and_the_answer_is_good() {
    let stage = Stage::open().await;
    let subject = Subject::new(&stage, 1).await;
    let access = subject.certificate.tbs.addresses(&oid::AUTHORITY_INFO_ACCESS).unwrap();
    assert_eq!(access, ["http://platform.test/pki/guiyun/ocsp", "http://platform.test/pki/guiyun/ca.cer"]);
    let mut browser = stage.platform.browser();
    for hash in [Hash::Sm3, Hash::Sha1, Hash::Sha256] {
        let answer = post(&mut browser, &subject.request(hash, Some(NONCE)).to_der()).await.expect(StatusCode::OK);
        let answer = answer.header("content-type", "application/ocsp-response").header("cache-control", "no-store");
        assert_eq!(subject.believe(&stage, &answer.body, Some(NONCE)), Status::Good);
    }
}

#[tokio::test]
async fn a_revocation_is_seen_by_the_very_next_question_kept_answers_included() {
    let stage = Stage::open().await;
    let subject = Subject::new(&stage, 1).await;
    let mut browser = stage.platform.browser();
    let (plain, fresh) = (subject.request(Hash::Sha1, None), subject.request(Hash::Sha1, Some(NONCE)));
    for _ in 0..2 {
        let answer = get(&mut browser, &escaped(&plain), &[]).await.expect(StatusCode::OK);
        assert_eq!(subject.believe(&stage, &answer.body, None), Status::Good);
    }
    let at = u64::try_from(stage.platform.state.now().as_second()).unwrap();
    subject.revoke(&stage, "keyCompromise").await;
    let revoked = Status::Revoked { at, reason: Reason::KeyCompromise };
    let answer = get(&mut browser, &escaped(&plain), &[]).await;
    assert_eq!(subject.believe(&stage, &answer.body, None), revoked);
    let answer = post(&mut browser, &fresh.to_der()).await;
    assert_eq!(subject.believe(&stage, &answer.body, Some(NONCE)), revoked);
    let answer = post(&mut browser, &plain.to_der()).await;
    assert_eq!(subject.believe(&stage, &answer.body, None), revoked);
    // It stays revoked when its time is over.
    stage.platform.clock.advance(SignedDuration::from_hours(24 * 400));
    let answer = post(&mut browser, &plain.to_der()).await;
    assert_eq!(subject.believe(&stage, &answer.body, None), revoked);
}

#[tokio::test]
async fn an_answer_without_nonce_may_be_kept_and_one_with_a_nonce_may_not() {
    let stage = Stage::open().await;
    let subject = Subject::new(&stage, 1).await;
    let mut browser = stage.platform.browser();
    let path = escaped(&subject.request(Hash::Sm3, None));
    let first = get(&mut browser, &path, &[]).await.expect(StatusCode::OK);
    let first = first
        .header("cache-control", "max-age=300, public, no-transform, must-revalidate")
        .header("last-modified", "Mon, 02 Mar 2026 08:00:00 GMT")
        .header("expires", "Mon, 02 Mar 2026 08:10:00 GMT");
    let etag = first.headers["etag"].to_str().unwrap().to_owned();
    let again = get(&mut browser, &path, &[("if-none-match", &etag)]).await.expect(StatusCode::NOT_MODIFIED);
    assert!(again.body.is_empty());
    stage.platform.clock.advance(SignedDuration::from_secs(299));
    let kept = get(&mut browser, &path, &[]).await;
    assert_eq!(kept.body, first.body, "the same signature");
    stage.platform.clock.advance(SignedDuration::from_secs(1));
    let new = get(&mut browser, &path, &[("if-none-match", &etag)]).await.expect(StatusCode::OK);
    assert_ne!(new.body, first.body);
    let nonce = get(&mut browser, &escaped(&subject.request(Hash::Sm3, Some(NONCE))), &[]).await;
    assert_eq!(subject.believe(&stage, &nonce.header("cache-control", "no-store").body, Some(NONCE)), Status::Good);
}

#[tokio::test]
async fn answers_are_signed_before_they_are_asked_for_and_a_revocation_overtakes_them() {
    let stage = Stage::open().await;
    let subject = Subject::new(&stage, 1).await;
    let (state, mut browser) = (&stage.platform.state, stage.platform.browser());
    assert_eq!(presign(state).await.unwrap(), 2, "one by SHA-1, one by SM3");
    assert_eq!(presign(state).await.unwrap(), 0);
    stage.platform.clock.advance(SignedDuration::from_secs(100));
    for hash in [Hash::Sha1, Hash::Sm3] {
        // Its time tells that it was there before the question.
        let answer = get(&mut browser, &escaped(&subject.request(hash, None)), &[]).await.expect(StatusCode::OK);
        let answer = answer.header("last-modified", "Mon, 02 Mar 2026 08:00:00 GMT");
        assert_eq!(subject.believe(&stage, &answer.body, None), Status::Good);
    }
    stage.platform.clock.advance(SignedDuration::from_secs(100));
    assert_eq!(presign(state).await.unwrap(), 2, "anew before they grow old");
    subject.revoke(&stage, "keyCompromise").await;
    let answer = get(&mut browser, &escaped(&subject.request(Hash::Sm3, None)), &[]).await;
    assert!(matches!(subject.believe(&stage, &answer.body, None), Status::Revoked { .. }));
    assert_eq!(presign(state).await.unwrap(), 1, "the other digest's, with what is true now");
}

#[tokio::test]
async fn base64_in_the_path_is_understood_escaped_and_as_it_is() {
    let stage = Stage::open().await;
    let subject = Subject::new(&stage, 1).await;
    let mut browser = stage.platform.browser();
    // Nonces that give every letter of base64, slashes beside each other and at the end included.
    for last in 0..64u8 {
        let nonce = [[0xff; 8], [last.wrapping_mul(4).wrapping_add(3); 8]].concat();
        let request = subject.request(Hash::Sm3, Some(&nonce));
        for path in [escaped(&request), request.to_path(), request.to_path().trim_end_matches('=').to_owned()] {
            let answer = get(&mut browser, &path, &[]).await.expect(StatusCode::OK);
            assert_eq!(subject.believe(&stage, &answer.body, Some(&nonce)), Status::Good, "{path}");
        }
    }
}

#[tokio::test]
async fn what_nobody_issued_here_is_unknown() {
    let stage = Stage::open().await;
    let subject = Subject::new(&stage, 1).await;
    let mut browser = stage.platform.browser();
    let stranger = CertId::new(Hash::Sm3, &subject.ca, Serial::from_bytes(&[0x42; 16]));
    let other_ca = CertId::new(Hash::Sm3, &subject.root, subject.serial().clone());
    let known = CertId::new(Hash::Sm3, &subject.ca, subject.serial().clone());
    let request = Request { ids: vec![stranger, known.clone(), other_ca], nonce: None };
    let answer = post(&mut browser, &request.to_der()).await.expect(StatusCode::OK);
    let Response::Basic(answer) = Response::read(&answer.body).unwrap() else { panic!("an answer") };
    let statuses: Vec<_> = answer.answers.iter().map(|answer| answer.status.clone()).collect();
    assert_eq!(statuses, [Status::Unknown, Status::Good, Status::Unknown]);
    // Another institution's responder does not know it either.
    let elsewhere = browser
        .octets(Method::POST, "/pki/lishui/ocsp", "application/ocsp-request", subject.request(Hash::Sm3, None).to_der())
        .await;
    let Response::Basic(answer) = Response::read(&elsewhere.body).unwrap() else { panic!("an answer") };
    assert_eq!(answer.answers[0].status, Status::Unknown);
}

#[tokio::test]
async fn malformed_questions_get_the_answer_of_the_standard() {
    let stage = Stage::open().await;
    let subject = Subject::new(&stage, 1).await;
    let mut browser = stage.platform.browser();
    let id = CertId::new(Hash::Sm3, &subject.ca, subject.serial().clone());
    let many = Request { ids: vec![id.clone(); MOST_IDS + 1], nonce: None }.to_der();
    let long = Request { ids: vec![id], nonce: Some(vec![1; 129]) }.to_der();
    for wrong in [&[][..], b"{}", &[0x30, 0], &many, &long] {
        let answer = post(&mut browser, wrong).await.expect(StatusCode::OK);
        assert_eq!(answer.body, Refusal::MalformedRequest.to_der());
    }
    for path in ["x", "MA", "%FF", "a/b/c"] {
        let answer = get(&mut browser, path, &[]).await;
        if path == "%FF" {
            answer.refused(404, "NOT_FOUND");
        } else {
            assert_eq!(answer.header("cache-control", "no-store").body, Refusal::MalformedRequest.to_der(), "{path}");
        }
    }
    let good = subject.request(Hash::Sm3, None).to_der();
    let media = browser.octets(Method::POST, &format!("/pki/{SLUG}/ocsp"), "text/plain", good.clone()).await;
    media.refused(415, "UNSUPPORTED_MEDIA_TYPE");
    let nowhere = browser.octets(Method::POST, "/pki/nowhere/ocsp", "application/ocsp-request", good).await;
    nowhere.refused(404, "NOT_FOUND");
    post(&mut browser, &vec![0; 70_000]).await.refused(413, "BODY_TOO_LARGE");
}

#[tokio::test]
async fn the_responder_is_replaced_before_its_certificate_ends_and_survives_a_restart() {
    let mut stage = Stage::open().await;
    let subject = Subject::new(&stage, 1).await;
    let request = subject.request(Hash::Sm3, None).to_der();
    let responder = async |stage: &Stage| {
        let answer = post(&mut stage.platform.browser(), &request).await.expect(StatusCode::OK);
        assert_eq!(subject.believe(stage, &answer.body, None), Status::Good);
        let Response::Basic(answer) = Response::read(&answer.body).unwrap() else { panic!("an answer") };
        pki::Certificate::read(&answer.certificates[0]).unwrap()
    };
    let first = responder(&stage).await;
    assert_eq!(Profile::of(&first.tbs), Some(&Profile::OCSP_RESPONDER));
    let (roots, between) = ([subject.root.clone()], [subject.ca.clone()]);
    let verifier =
        |at| Verifier { roots: &roots, intermediates: &between, crls: &[], revocation: Revocation::WhenKnown, at };
    verifier(first.tbs.not_before).verify(&first, Usage::Any).unwrap();
    stage = Stage::on(stage.platform.restart().await);
    assert_eq!(responder(&stage).await, first);
    for _ in 0..12 {
        stage.platform.clock.advance(SignedDuration::from_hours(24 * 9));
        let now = responder(&stage).await;
        let at = u64::try_from(stage.platform.state.now().as_second()).unwrap();
        assert!(now.tbs.not_after > at + 9 * 86_400, "there is always time left");
    }
    assert_ne!(responder(&stage).await, first);
    assert_eq!(server::audit::first_broken(&stage.platform.state).await.unwrap(), None);
}

#[tokio::test]
async fn many_who_ask_at_once_after_a_long_pause_meet_one_new_responder() {
    let stage = Stage::open().await;
    let subject = Subject::new(&stage, 1).await;
    stage.platform.clock.advance(SignedDuration::from_hours(24 * 60));
    let request = subject.request(Hash::Sm3, Some(NONCE)).to_der();
    let ask = (0..16).map(|_| {
        let (mut browser, request) = (stage.platform.browser(), request.clone());
        async move { post(&mut browser, &request).await.expect(StatusCode::OK).body }
    });
    let mut responders = Vec::new();
    for body in futures::future::join_all(ask).await {
        assert_eq!(subject.believe(&stage, &body, Some(NONCE)), Status::Good);
        let Response::Basic(answer) = Response::read(&body).unwrap() else { panic!("an answer") };
        responders.push(answer.certificates);
    }
    responders.dedup();
    assert_eq!(responders.len(), 1);
}
