//! The document `docs/applications.md`, drawn from the table of kinds and the machine: what it says is what the code does.

use std::fmt::Write as _;

use super::{
    kinds::{Applicant, Ending, Kind, KindRow, Letter, MaterialKind},
    rules::{Event, Route, State, next},
};

const HEAD: &str = "\
# Applications

Drawn from `crates/server/src/application/{kinds,rules}.rs`. A test compares this page with the code;
`UPDATE_DOCS=1 cargo test -p server --test people applications_md` writes it anew.

## The machine

One machine for every kind. Which way an application takes is decided by its kind (table below), by whether the
administrator can seal a letter when it is handed in, by whether the institution wants two reviewers, and by the fee.
Draft and waiting applications may be withdrawn by their applicant; drafts, letters that nobody seals, unpaid and not
downloaded ones expire. Both are left out of the picture for the sake of the reader and stand in the list under it.

";

/// The whole page.
pub fn page() -> String {
    let mut page = String::from(HEAD);
    page += &picture();
    page += &closings();
    page += "\n## The kinds\n\n";
    page += "| kind | 中文 | who | administrator's letter | review | ends with | materials (always wanted) | products of |\n";
    page += "|---|---|---|---|---|---|---|---|\n";
    for kind in Kind::ALL {
        page += &line(kind.row());
    }
    page
}

/// Every transition that some route has, with the routes' conditions that it needs.
fn picture() -> String {
    let mut text = String::from("```mermaid\nstateDiagram-v2\n    [*] --> draft\n");
    for from in State::ALL {
        for event in Event::ALL {
            if matches!(event, Event::Withdraw | Event::Expire) {
                continue;
            }
            for to in State::ALL {
                if let Some(condition) = condition(from, event, to) {
                    let _ = writeln!(text, "    {} --> {}: {}{condition}", from.as_str(), to.as_str(), word(event));
                }
            }
        }
    }
    for state in State::ALL.into_iter().filter(|state| !state.is_open()) {
        if !matches!(state, State::Withdrawn | State::Expired) {
            let _ = writeln!(text, "    {} --> [*]", state.as_str());
        }
    }
    text + "```\n\n"
}

/// Something about a route, and its words when it is so and when it is not.
type Fact = (fn(&Route) -> bool, &'static str, &'static str);

/// What all routes that go this way have in common and the others lack; none if no route goes it.
fn condition(from: State, event: Event, to: State) -> Option<String> {
    let goes = |route: &Route| next(*route, from, event) == Ok(to);
    let (with, without): (Vec<Route>, Vec<Route>) = Route::all().partition(goes);
    if with.is_empty() {
        return None;
    }
    let facts: [Fact; 4] = [
        (|route| route.letter, "letter", "no letter"),
        (|route| route.review, "review", "no review"),
        (|route| route.two_reviewers, "two reviewers", "one reviewer"),
        (|route| route.ending == Ending::Certificate, "certificate", "effect"),
    ];
    let mut words = Vec::new();
    for (fact, yes, no) in facts {
        let wanted = with.iter().all(fact);
        let unwanted = !with.iter().any(fact);
        if !without.is_empty() && (wanted || unwanted) {
            words.push(if wanted { yes } else { no });
        }
    }
    Some(if words.is_empty() { String::new() } else { format!(" [{}]", words.join(", ")) })
}

fn closings() -> String {
    let mut text = String::new();
    for (event, verb) in [(Event::Withdraw, "withdrawn from"), (Event::Expire, "expires in")] {
        let can = |from: &State| Route::all().any(|route| next(route, *from, event).is_ok());
        let states: Vec<_> = State::ALL.into_iter().filter(can).map(|state| format!("`{}`", state.as_str())).collect();
        let _ = writeln!(text, "- {verb}: {}", states.join(", "));
    }
    text
}

fn word(event: Event) -> &'static str {
    match event {
        Event::Submit => "submit",
        Event::Withdraw => "withdraw",
        Event::Approve => "approve",
        Event::Refuse => "refuse",
        Event::Release { fee: true } => "release, fee",
        Event::Release { fee: false } => "release, no fee",
        Event::Pay => "pay",
        Event::Complete => "complete",
        Event::Expire => "expire",
    }
}

fn line(row: KindRow) -> String {
    let who = match row.applicant {
        Applicant::Person => "verified person",
        Applicant::Member => "member",
        Applicant::Admin => "administrator",
    };
    let letter = match row.letter {
        Letter::No => "–",
        Letter::Yes => "yes",
        Letter::OrForm => "yes, or stamped form",
    };
    let ending = match row.ending {
        Ending::Certificate => "certificate",
        Ending::Effect => "effect",
    };
    let materials: Vec<String> = row.materials.iter().map(|material| material_word(row, *material)).collect();
    let materials = if materials.is_empty() { "–".to_owned() } else { materials.join(", ") };
    let review = if row.review { "yes" } else { "–" };
    let product = if row.ending == Ending::Certificate { format!("`{}`", row.product) } else { "–".to_owned() };
    format!("| `{}` | {} | {who} | {letter} | {review} | {ending} | {materials} | {product} |\n", row.word, row.name.0)
}

fn material_word(row: KindRow, material: MaterialKind) -> String {
    let word = material.as_str();
    if row.always.contains(&material) { format!("**{word}**") } else { word.to_owned() }
}
