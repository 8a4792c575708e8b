//! Eight phones at once.

use futures::future::join_all;

use crate::{
    phone::{text, transport::Transport as _},
    stage::Stage,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn eight_phones_sign_at_once_and_every_document_verifies() {
    let stage = Stage::open().await;
    let people = join_all((0..8).map(|n| stage.person(n))).await;
    let signed = join_all(people.into_iter().map(async |(mut phone, mut key)| {
        let subject = stage.log_in(&mut phone, &mut key).await;
        let mut documents = Vec::new();
        for _ in 0..3 {
            let request = stage.claimed_document(&mut phone, &subject).await;
            let signature = phone.sign_request(&mut key, &request).await.unwrap();
            assert_eq!(phone.confirm(&request, &signature).await.ok().json()["state"], "confirmed");
            let path = format!("/api/rp/scan-requests/{}/document", text(&request["id"]));
            documents.push(stage.relying_party.clone().get(&path).await.ok().body);
        }
        documents
    }))
    .await;
    let mut anybody = crate::phone::transport::InProcess::new(stage.platform.router.clone());
    for document in signed.into_iter().flatten() {
        let report = anybody.call("POST", "/api/verifications", Some("application/pdf"), document).await.ok().json();
        assert_eq!(report["intact"], true);
        assert_eq!(report["signatures"][0]["verdict"], "valid", "{report}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn forty_strangers_at_once_are_served_or_told_to_come_later_and_never_fail() {
    let stage = Stage::open().await;
    let answers = join_all((0..40).map(|_| {
        let mut stranger = crate::phone::transport::InProcess::new(stage.platform.router.clone());
        let file = crate::stage::one_page();
        async move { stranger.call("POST", "/api/verifications", Some("application/pdf"), file).await }
    }))
    .await;
    assert!(answers.iter().any(|answer| answer.status == 200));
    assert!(answers.iter().all(|answer| answer.status == 200 || answer.code() == "TOO_MANY_REQUESTS"));
}
