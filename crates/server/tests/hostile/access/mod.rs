//! Who may call what: every endpoint of the description, called by every kind of caller about things of an enterprise A
//! and an institution X. The table is `docs/access.md`; an endpoint without a row, or one that answers differently, fails
//! this test. `UPDATE_DOCS=1` writes the table anew: read the difference before committing it.

mod requests;
mod world;

use std::{collections::BTreeMap, fmt::Write as _, path::Path};

use serde_json::Value;
use server::app;

use crate::{common::Platform, phone::transport::Transport as _};
use requests::Operation;
use world::{CALLERS, Caller, World};

/// How an endpoint met a caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Met {
    /// It did what was asked.
    Did,
    /// It found something wrong with what was asked, not with who asked.
    Listened(u16),
    /// Nobody is logged in.
    Login,
    /// Not this caller.
    Forbidden,
    /// To this caller the thing does not exist.
    Hidden,
}

impl Met {
    fn of(status: u16) -> Self {
        match status {
            401 => Self::Login,
            403 => Self::Forbidden,
            404 => Self::Hidden,
            200..=399 => Self::Did,
            other => Self::Listened(other),
        }
    }

    fn is_refusal(self) -> bool {
        matches!(self, Self::Login | Self::Forbidden | Self::Hidden)
    }

    fn cell(self) -> String {
        match self {
            Self::Did => "yes".to_owned(),
            Self::Listened(status) => format!("({status})"),
            Self::Login => "–".to_owned(),
            Self::Forbidden => "no".to_owned(),
            Self::Hidden => "hidden".to_owned(),
        }
    }
}

type Row = BTreeMap<&'static str, Met>;

/// Calls one endpoint as everybody. What it did for one caller is undone before the next.
async fn row(world: &World, operation: &Operation) -> Row {
    let mut row = Row::new();
    let mut platform: Option<Platform> = None;
    for caller in CALLERS {
        let here = match platform.take() {
            Some(here) => here,
            None => world.stage.platform.twin().await.expect("a folder that can be copied"),
        };
        let mut client = world.client(caller, &here.router);
        let request = operation.request(world, caller);
        let reply = client.call(&operation.method, &request.path, request.media_type.as_deref(), request.body).await;
        let met = Met::of(reply.status);
        assert!(
            reply.status < 500,
            "{} as {}: {}",
            operation.name(),
            caller.name(),
            String::from_utf8_lossy(&reply.body)
        );
        row.insert(caller.name(), met);
        // A login refused is counted.
        let counted = operation.path.ends_with("/sessions");
        if operation.method == "GET" || met.is_refusal() && !counted {
            platform = Some(here);
        }
    }
    row
}

fn table(rows: &BTreeMap<String, Row>) -> String {
    let mut text = String::from(
        "# Who may call what\n\nEvery endpoint of the description, called by everybody about the same things: enterprise A (with administrator and\n\
         clerk), institution X, and what belongs to the clerk of A. The test `access` calls them all and compares; it writes\n\
         this file with `UPDATE_DOCS=1`.\n\n`yes` it is done · `(409)` the caller may ask, this time it cannot be done for that reason · `no` not this caller ·\n\
         `hidden` to this caller the thing does not exist · `–` log in first\n\n| endpoint |",
    );
    for caller in CALLERS {
        let _ = write!(text, " {} |", caller.name());
    }
    text += "\n|---|";
    text += &"---|".repeat(CALLERS.len());
    for (name, row) in rows {
        let _ = write!(text, "\n| `{name}` |");
        for caller in CALLERS {
            let _ = write!(text, " {} |", row[caller.name()].cell());
        }
    }
    text + "\n"
}

/// What must hold whatever the table says.
fn check_rules(rows: &BTreeMap<String, Row>) {
    const OPEN: [&str; 10] = [
        "/api/health",
        "/api/platform",
        "/api/institutions",
        "/api/login-codes",
        "/api/sessions",
        "/api/password-resets",
        "/api/console/",
        "/api/verifications",
        "/api/help/",
        "/api/log/",
    ];
    let mut broken = Vec::new();
    let mut refused = |name: &str, row: &Row, callers: &[Caller]| {
        let listening = callers.iter().filter(|caller| !row[caller.name()].is_refusal());
        broken.extend(listening.map(|caller| format!("{name} listens to {}", caller.name())));
    };
    use Caller as C;
    let phones = [C::Unverified, C::Person, C::ClerkA, C::AdminA, C::ClerkB, C::AdminB];
    let desk = [C::ReviewerX, C::ReviewerY, C::LeadX, C::Auditor, C::Operator];
    for (name, row) in rows {
        let path = name.split_once(' ').expect("method and path").1;
        let open = OPEN.iter().any(|one| path.starts_with(one))
            || !path.starts_with("/api/")
            || path.starts_with("/api/sandbox/");
        if !open && path != "/api/key-operations" {
            refused(name, row, &[C::Anonymous]);
            if path.starts_with("/api/rp/") {
                refused(name, row, &phones);
            } else {
                refused(name, row, &desk);
                refused(name, row, &[C::RelyingParty]);
            }
        }
        if path.starts_with("/api/console/")
            && !path.starts_with("/api/console/sessions")
            && !path.starts_with("/api/console/scans")
        {
            refused(name, row, &phones);
            refused(name, row, &[C::Anonymous, C::RelyingParty]);
        }
        if path.starts_with("/api/console/applications/{id}") {
            refused(name, row, &[C::ReviewerY]);
        }
        // The card is for those who may want to join.
        if path.starts_with("/api/enterprises/{id}/") {
            refused(name, row, &[C::Unverified, C::Person, C::ClerkB, C::AdminB]);
        }
        if path.starts_with("/api/applications/{id}") || path.starts_with("/api/certificates/{id}") {
            refused(name, row, &[C::Unverified, C::Person, C::ClerkB, C::AdminB]);
        }
        if path.starts_with("/api/enterprises/{id}/members/") || name == "DELETE /api/authorisations/{id}" {
            refused(name, row, &[C::ClerkA]);
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

#[tokio::test]
async fn every_endpoint_answers_everybody_as_the_table_says() {
    let Some(world) = World::build().await else { return };
    let document: Value = serde_json::to_value(app::api().1).unwrap();
    let operations = requests::operations(&document);
    assert!(operations.len() > 60, "the description is there");
    let mut rows = BTreeMap::new();
    for operation in &operations {
        rows.insert(operation.name(), row(&world, operation).await);
    }
    let (said, file) = (table(&rows), Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/access.md"));
    #[expect(clippy::disallowed_methods, reason = "the switch that writes the table")]
    let update = std::env::var_os("UPDATE_DOCS").is_some();
    if update {
        std::fs::write(&file, &said).unwrap();
    }
    check_rules(&rows);
    let kept = std::fs::read_to_string(&file).unwrap_or_default();
    for (now, then) in said.lines().zip(kept.lines()) {
        assert_eq!(now, then, "docs/access.md says something else; UPDATE_DOCS=1 writes it anew");
    }
    assert_eq!(said.len(), kept.len(), "docs/access.md lacks rows or has too many; UPDATE_DOCS=1 writes it anew");
}
