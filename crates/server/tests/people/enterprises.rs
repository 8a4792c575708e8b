//! Enterprises (manual 1.8, 1.9.1, 1.12.4, 1.17): finding one, its people, what each of them sees.

use std::collections::BTreeMap;

use axum::http::{Method, StatusCode};
use jiff::SignedDuration;
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _};
use sea_orm_migration::{MigratorTrait as _, SchemaManager};
use serde_json::{Value, json};
use server::{
    audit,
    enterprise::{
        entity::enterprise,
        membership,
        search::{
            self,
            entity::{frequency, gram},
        },
        store,
    },
    storage::migrations::Migrator,
};

use crate::common::{
    Browser, ID_NUMBERS, Platform,
    company::{account_of, credit_code, facts},
    text,
};

const NAME: &str = "广西桂云工程有限公司";

async fn people(platform: &Platform) -> (Browser, Browser, Browser) {
    let admin = platform.verified_phone("13800138000", ID_NUMBERS[0]).await;
    let clerk = platform.verified_phone("13800138001", ID_NUMBERS[1]).await;
    let stranger = platform.verified_phone("13800138002", ID_NUMBERS[2]).await;
    (admin, clerk, stranger)
}

async fn found(who: &mut Browser, q: &str) -> Vec<String> {
    let q = percent_encoding::utf8_percent_encode(q, percent_encoding::NON_ALPHANUMERIC);
    let answer = who.get(&format!("/api/enterprises?q={q}")).await.expect(StatusCode::OK).json();
    answer["items"].as_array().unwrap().iter().map(|one| text(&one["name"])).collect()
}

#[tokio::test]
async fn an_enterprise_is_found_by_its_beginning_by_a_part_by_initials_and_by_its_code() {
    let platform = Platform::start().await;
    let (mut admin, _, mut stranger) = people(&platform).await;
    platform.enterprise(1, NAME, &mut admin).await;
    platform.enterprise(2, "重庆长安汽车股份有限公司", &mut admin).await;
    for q in ["广西", "桂云", "云工程", "程有限", NAME, "gxgy", "GYGC", "gygcyxgs", "1450100"] {
        let expected: &[&str] = if q == "1450100" { &[] } else { &[NAME] };
        assert_eq!(found(&mut stranger, q).await, expected, "{q}");
    }
    for q in ["cqca", "zqza", "caqc", "长安汽车"] {
        assert_eq!(found(&mut stranger, q).await, ["重庆长安汽车股份有限公司"], "{q}");
    }
    let code = credit_code(1);
    let spaced = format!("{} {}", &code[..4], code[4..].to_lowercase());
    for q in [code.as_str(), &spaced] {
        let q = q.replace(' ', "%20");
        let answer = stranger.get(&format!("/api/enterprises?q={q}")).await.expect(StatusCode::OK).json();
        assert_eq!(answer["credit_code"], code.as_str());
        assert_eq!(answer["items"][0]["name"], NAME);
        assert_eq!(answer["items"][0]["has_admin"], true);
    }
    // A right code that nobody has claimed is answered with its written form, so that it can be claimed.
    let answer = stranger.get(&format!("/api/enterprises?q={}", credit_code(77))).await.json();
    assert_eq!((&answer["items"], &answer["credit_code"]), (&json!([]), &json!(credit_code(77))));
}

#[tokio::test]
async fn exact_names_come_first_then_beginnings_then_shorter_names() {
    let platform = Platform::start().await;
    let (mut admin, _, mut stranger) = people(&platform).await;
    let names = ["南宁桂花", "桂花", "南宁市桂花园林有限公司", "桂花食品工业集团有限公司", "桂花酒业"];
    for (n, name) in (1..).zip(names) {
        platform.enterprise(n, name, &mut admin).await;
    }
    let expected = ["桂花", "桂花酒业", "桂花食品工业集团有限公司", "南宁桂花", "南宁市桂花园林有限公司"];
    assert_eq!(found(&mut stranger, "桂花").await, expected);
}

#[tokio::test]
async fn a_rarer_legal_form_tells_names_apart_in_an_index_from_before_it_was_kept_too() {
    let platform = Platform::start().await;
    let (mut admin, _, mut stranger) = people(&platform).await;
    let names = ["桂林建材有限责任公司", "桂林建材有限公司", "漓江旅游集团有限公司"];
    for (n, name) in (1..).zip(names) {
        platform.enterprise(n, name, &mut admin).await;
    }
    let all = [("建材有限责任", names[0]), ("有限责任", names[0]), ("集团", names[2])];
    for (typed, name) in all {
        assert_eq!(found(&mut stranger, typed).await, [name], "{typed}");
    }
    let tx = platform.state.db.begin().await.unwrap();
    let kept_since = gram::Column::Gram.is_in(["限责", "责任", "任公", "集团", "团有"]);
    gram::Entity::delete_many().filter(kept_since).exec(&*tx).await.unwrap();
    tx.commit().await.unwrap();
    assert!(found(&mut stranger, "集团").await.is_empty());
    let step = Migrator::migrations().into_iter().find(|step| step.name() == "m0025_search_order").unwrap();
    let tx = platform.state.db.begin().await.unwrap();
    tx.execute_unprepared("DROP TABLE enterprise_gram_frequency").await.unwrap();
    step.up(&SchemaManager::new(&*tx)).await.unwrap();
    tx.commit().await.unwrap();
    for (typed, name) in all {
        assert_eq!(found(&mut stranger, typed).await, [name], "{typed}");
    }
    every_gram_is_counted(&platform).await;
}

#[tokio::test]
async fn how_many_names_have_a_gram_is_known_after_every_change() {
    let platform = Platform::start().await;
    let (mut admin, ..) = people(&platform).await;
    let names = ["桂林建材有限责任公司", "桂林桂林建材有限公司"];
    for (n, name) in (1..).zip(names) {
        platform.enterprise(n, name, &mut admin).await;
    }
    every_gram_is_counted(&platform).await;
    let enterprise = enterprise::Entity::find().filter(enterprise::Column::Name.eq(names[0]));
    let id = enterprise.one(&*platform.state.db).await.unwrap().unwrap().id;
    for (before, after) in [(names[0], "漓江建材集团有限公司"), ("漓江建材集团有限公司", "漓江建材集团有限公司")]
    {
        let tx = platform.state.db.begin().await.unwrap();
        search::index(&*tx, id, Some(before), after).await.unwrap();
        tx.commit().await.unwrap();
        every_gram_is_counted(&platform).await;
    }
}

/// The numbers are those that counting gives.
async fn every_gram_is_counted(platform: &Platform) {
    let mut counted: BTreeMap<String, i64> = BTreeMap::new();
    for row in gram::Entity::find().all(&*platform.state.db).await.unwrap() {
        *counted.entry(row.gram).or_default() += 1;
    }
    let known = frequency::Entity::find().filter(frequency::Column::Names.ne(0)).all(&*platform.state.db);
    let known: BTreeMap<String, i64> = known.await.unwrap().into_iter().map(|row| (row.gram, row.names)).collect();
    assert!(!counted.is_empty());
    assert_eq!(known, counted);
}

#[tokio::test]
async fn what_is_too_short_or_mistyped_is_refused_and_nobody_unverified_searches() {
    let platform = Platform::start().await;
    let mut phone = platform.verified_phone("13800138000", ID_NUMBERS[0]).await;
    let code = credit_code(1);
    let wrong = format!("{}{}", &code[..17], if code.ends_with('0') { '1' } else { '0' });
    for (q, why) in
        [("a", "LENGTH"), ("%20", "LENGTH"), (&*"a".repeat(101), "LENGTH"), (&*wrong, "CREDIT_CODE_INVALID")]
    {
        let answer = phone.get(&format!("/api/enterprises?q={q}")).await;
        answer.refused(422, "FIELDS_INVALID");
        assert_eq!(answer.json()["fields"]["q"], why, "{q}");
    }
    phone.get("/api/enterprises").await.refused(400, "QUERY_INVALID");
    for q in ["%25%25", "'%20OR%201", "__", "\\\\"] {
        phone.get(&format!("/api/enterprises?q={}", q.replace('\\', "%5C"))).await.expect(StatusCode::OK);
    }
    platform.phone("13800138009").await.get("/api/enterprises?q=gx").await.refused(403, "NOT_VERIFIED");
    platform.browser().get("/api/enterprises?q=gx").await.refused(401, "NOT_LOGGED_IN");
}

#[tokio::test]
async fn nobody_copies_the_list_of_enterprises() {
    let platform = Platform::start().await;
    let mut phone = platform.verified_phone("13800138000", ID_NUMBERS[0]).await;
    for _ in 0..60 {
        phone.get("/api/enterprises?q=gx").await.expect(StatusCode::OK);
    }
    phone.get("/api/enterprises?q=gx").await.refused(429, "TOO_MANY_REQUESTS");
    platform.clock.advance(SignedDuration::from_mins(1));
    phone.get("/api/enterprises?q=gx").await.expect(StatusCode::OK);
}

#[tokio::test]
async fn strangers_see_a_card_clerks_the_profile_and_the_administrator_the_people() {
    let platform = Platform::start().await;
    let (mut admin, mut clerk, mut stranger) = people(&platform).await;
    let enterprise = platform.enterprise(1, NAME, &mut admin).await;
    let clerk_id = platform.clerk(&enterprise, &mut clerk).await;
    let path = format!("/api/enterprises/{}", enterprise.id);

    let card = stranger.get(&path).await.expect(StatusCode::OK).json();
    assert_eq!(card["legal_person_name_masked"], "覃*水");
    assert_eq!(card["admin_name_masked"], "韦*花");
    assert_eq!(card["role"], Value::Null);
    assert_eq!(card.as_object().unwrap().len(), 6);
    assert_eq!(clerk.get(&path).await.json()["role"], "clerk");

    let profile = clerk.get(&format!("{path}/profile")).await.expect(StatusCode::OK).json();
    assert_eq!(profile["legal_person_id_number_masked"], "1****************X");
    assert_eq!(profile["admin_phone_masked"], "138****8000");
    assert_eq!((&profile["members"], &profile["certificates"]), (&json!(2), &json!(0)));
    assert!(!profile.to_string().contains("11010519491231002X"));

    let members = admin.get(&format!("{path}/members")).await.expect(StatusCode::OK).json();
    let roles: Vec<_> = members["items"].as_array().unwrap().iter().map(|one| text(&one["role"])).collect();
    assert_eq!(roles, ["admin", "clerk"]);
    let member = admin.get(&format!("{path}/members/{clerk_id}")).await.expect(StatusCode::OK).json();
    assert_eq!((&member["phone_masked"], &member["certificates"]), (&json!("138****8001"), &json!(0)));

    for inner in ["profile", "members", "invitations", "authorisations", "certificates"] {
        stranger.get(&format!("{path}/{inner}")).await.refused(403, "NOT_A_MEMBER");
        platform.browser().get(&format!("{path}/{inner}")).await.refused(401, "NOT_LOGGED_IN");
    }
    for inner in ["members", "invitations", "authorisations", "certificates"] {
        clerk.get(&format!("{path}/{inner}")).await.refused(403, "NOT_THE_ADMIN");
    }
    stranger.get(&format!("{path}/appearances")).await.refused(404, "NOT_FOUND");
    clerk.get(&format!("{path}/appearances")).await.expect(StatusCode::OK);
}

#[tokio::test]
async fn the_phone_knows_the_enterprises_of_its_user_the_newest_first() {
    let platform = Platform::start().await;
    let (mut admin, mut clerk, _) = people(&platform).await;
    let first = platform.enterprise(1, NAME, &mut admin).await;
    platform.clock.advance(SignedDuration::from_secs(5));
    let second = platform.enterprise(2, "桂林山水旅游有限公司", &mut clerk).await;
    platform.clock.advance(SignedDuration::from_secs(5));
    platform.clerk(&second, &mut admin).await;
    let me = admin.get("/api/me").await.json();
    let expected = json!([
        { "enterprise_id": second.id, "name": second.name, "credit_code": credit_code(2), "role": "clerk" },
        { "enterprise_id": first.id, "name": first.name, "credit_code": credit_code(1), "role": "admin" },
    ]);
    assert_eq!(me["memberships"], expected);
}

#[tokio::test]
async fn a_deleted_person_is_no_clerk_any_more_and_the_administrator_stays() {
    let platform = Platform::start().await;
    let (mut admin, mut clerk, mut stranger) = people(&platform).await;
    let enterprise = platform.enterprise(1, NAME, &mut admin).await;
    let clerk_id = platform.clerk(&enterprise, &mut clerk).await;
    let (admin_id, stranger_id) = (account_of(&mut admin).await, account_of(&mut stranger).await);
    let path = |id| format!("/api/enterprises/{}/members/{id}", enterprise.id);

    clerk.delete(&path(admin_id)).await.refused(403, "NOT_THE_ADMIN");
    stranger.delete(&path(clerk_id)).await.refused(403, "NOT_A_MEMBER");
    admin.delete(&path(admin_id)).await.refused(409, "ADMIN_STAYS");
    admin.delete(&path(stranger_id)).await.refused(404, "NOT_FOUND");

    admin.delete(&path(clerk_id)).await.expect(StatusCode::NO_CONTENT);
    admin.delete(&path(clerk_id)).await.refused(404, "NOT_FOUND");
    assert_eq!(clerk.get("/api/me").await.json()["memberships"], json!([]));
    clerk.get(&format!("/api/enterprises/{}/profile", enterprise.id)).await.refused(403, "NOT_A_MEMBER");
    let messages = clerk.get("/api/messages").await.json();
    assert_eq!(messages["items"][0]["kind"], "member_deleted");
    assert!(text(&messages["items"][0]["body"]).contains(NAME));
    // Whoever was deleted may be invited again.
    platform.clerk(&enterprise, &mut clerk).await;
    assert_eq!(audit::first_broken(&platform.state).await.unwrap(), None);
}

#[tokio::test]
async fn there_is_exactly_one_administrator_before_and_after_a_transfer() {
    let platform = Platform::start().await;
    let (mut admin, mut clerk, _) = people(&platform).await;
    let enterprise = platform.enterprise(1, NAME, &mut admin).await;
    let clerk_id = platform.clerk(&enterprise, &mut clerk).await;
    let admin_id = account_of(&mut admin).await;
    let db = &*platform.state.db;
    let swap = async |from, to| {
        let mut tx = platform.state.db.begin().await.unwrap();
        let done = membership::swap_admin(&mut tx, platform.state.now(), enterprise.id, from, to).await;
        if done.is_ok() {
            tx.commit().await.unwrap();
        }
        done.is_ok()
    };
    assert!(!swap(clerk_id, admin_id).await, "a clerk hands nothing over");
    assert!(!swap(admin_id, uuid::Uuid::new_v4()).await, "nobody takes nothing over");
    assert!(!swap(admin_id, admin_id).await);
    assert_eq!(store::admin_of(db, enterprise.id).await.unwrap(), Some(admin_id));
    assert!(swap(admin_id, clerk_id).await);
    assert!(!swap(admin_id, clerk_id).await, "once");
    assert_eq!(store::admin_of(db, enterprise.id).await.unwrap(), Some(clerk_id));
    let roles: Vec<_> = store::members(db, enterprise.id).await.unwrap().into_iter().map(|row| row.role).collect();
    assert_eq!(roles, ["clerk", "admin"]);
}

#[tokio::test]
async fn of_two_who_found_the_same_enterprise_one_wins() {
    let platform = Platform::start().await;
    let (mut admin, mut clerk, _) = people(&platform).await;
    let (first, second) = (account_of(&mut admin).await, account_of(&mut clerk).await);
    let found = async |account| {
        let mut tx = platform.state.db.begin().await.unwrap();
        let done = membership::found(&platform.state, &mut tx, &facts(1, NAME), account).await;
        if done.is_ok() {
            tx.commit().await.unwrap();
        }
        done.is_ok()
    };
    let (one, other) = tokio::join!(found(first), found(second));
    assert!(one != other, "one of them");
}

#[tokio::test]
async fn an_administrator_hands_over_before_closing_the_account_and_a_clerks_membership_ends_with_it() {
    let platform = Platform::start().await;
    let (mut admin, mut clerk, _) = people(&platform).await;
    let enterprise = platform.enterprise(1, NAME, &mut admin).await;
    let clerk_id = platform.clerk(&enterprise, &mut clerk).await;
    let ends = admin.get("/api/me/deletion").await.json();
    assert_eq!((&ends["memberships"], &ends["administered"]), (&json!(0), &json!([NAME])));
    let close = async |phone: &mut Browser, number: &str, confirmed: bool| {
        platform.clock.advance(SignedDuration::from_mins(2));
        phone.post("/api/me/codes", json!({ "purpose": "deletion" })).await.expect(StatusCode::ACCEPTED);
        let code = platform.code(number).await;
        let body = json!({ "code": code, "confirmed": confirmed }).to_string().into_bytes();
        phone.octets(Method::DELETE, "/api/me", "application/json", body).await
    };
    let refused = close(&mut admin, "13800138000", true).await;
    refused.refused(409, "ACCOUNT_ADMINISTERS");
    assert_eq!(refused.json()["enterprises"], json!([NAME]));

    let refused = close(&mut clerk, "13800138001", false).await;
    refused.refused(409, "ACCOUNT_IN_USE");
    assert_eq!(refused.json()["memberships"], 1);
    let closed = close(&mut clerk, "13800138001", true).await;
    assert!(closed.status.is_success(), "{}", closed.status);
    assert_eq!(store::role_of(&*platform.state.db, enterprise.id, clerk_id).await.unwrap(), None);
    let members = admin.get(&format!("/api/enterprises/{}/members", enterprise.id)).await.json();
    assert_eq!(members["items"].as_array().unwrap().len(), 1);
}
