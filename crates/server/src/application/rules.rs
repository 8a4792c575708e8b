//! The state machine of applications: which event leads from which state where, by the route that its kind takes.
//! Nothing else decides it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use super::kinds::{Applicant, Ending, Kind, KindRow, Letter, MaterialKind};

/// Where an application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationState)]
pub enum State {
    /// The applicant is still writing.
    Draft,
    /// Waits for the enterprise's administrator, who seals the letter.
    WithAdmin,
    /// Waits for the institution's reviewer.
    WithReviewer,
    /// One reviewer said yes; the institution wants a second one.
    WithSecondReviewer,
    /// Refused, with a reason.
    Refused,
    /// Approved; what comes next depends on the fee.
    Approved,
    /// Waits for payment.
    PaymentDue,
    /// The certificate may be downloaded.
    Ready,
    /// The certificate has been downloaded.
    Done,
    /// Taken back by the applicant.
    Withdrawn,
    /// Nobody went on with it in time.
    Expired,
}

impl State {
    /// Every state.
    pub const ALL: [Self; 11] = [
        Self::Draft,
        Self::WithAdmin,
        Self::WithReviewer,
        Self::WithSecondReviewer,
        Self::Refused,
        Self::Approved,
        Self::PaymentDue,
        Self::Ready,
        Self::Done,
        Self::Withdrawn,
        Self::Expired,
    ];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::WithAdmin => "with_admin",
            Self::WithReviewer => "with_reviewer",
            Self::WithSecondReviewer => "with_second_reviewer",
            Self::Refused => "refused",
            Self::Approved => "approved",
            Self::PaymentDue => "payment_due",
            Self::Ready => "ready",
            Self::Done => "done",
            Self::Withdrawn => "withdrawn",
            Self::Expired => "expired",
        }
    }

    /// The state of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether something may still happen to it; one application of a kind may be open.
    pub fn is_open(self) -> bool {
        !matches!(self, Self::Refused | Self::Done | Self::Withdrawn | Self::Expired)
    }

    /// Whether it may be repeated as a new draft.
    pub fn may_be_repeated(self) -> bool {
        matches!(self, Self::Refused | Self::Withdrawn | Self::Expired)
    }
}

/// What can happen to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// The applicant hands it in.
    Submit,
    /// The applicant takes it back.
    Withdraw,
    /// The administrator or the reviewer says yes, whoever it waits for.
    Approve,
    /// The administrator or the reviewer says no.
    Refuse,
    /// The platform looks at the fee of an approved application.
    Release {
        /// Whether there is something to pay.
        fee: bool,
    },
    /// The fee has been paid.
    Pay,
    /// The certificate has been issued.
    Complete,
    /// Time is up.
    Expire,
}

impl Event {
    /// Every event.
    pub const ALL: [Self; 9] = [
        Self::Submit,
        Self::Withdraw,
        Self::Approve,
        Self::Refuse,
        Self::Release { fee: false },
        Self::Release { fee: true },
        Self::Pay,
        Self::Complete,
        Self::Expire,
    ];
}

/// The event does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotNow;

/// The way that one application takes through the machine: its kind's row, and what was decided for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Route {
    /// Whether the administrator's sealed letter is wanted.
    pub letter: bool,
    /// Whether the institution reviews it.
    pub review: bool,
    /// Whether two reviewers must say yes.
    pub two_reviewers: bool,
    /// How it ends well.
    pub ending: Ending,
}

impl Route {
    /// Every route there could be.
    pub fn all() -> impl Iterator<Item = Self> {
        (0..16u8).map(|bits| Self {
            letter: bits & 1 != 0,
            review: bits & 2 != 0,
            two_reviewers: bits & 4 != 0,
            ending: if bits & 8 != 0 { Ending::Certificate } else { Ending::Effect },
        })
    }

    fn after_letter(self) -> State {
        if self.review { State::WithReviewer } else { State::Approved }
    }
}

/// Where `event` leads an application on this route from `state`.
pub fn next(route: Route, state: State, event: Event) -> Result<State, NotNow> {
    use State as S;
    let certificate = route.ending == Ending::Certificate;
    match (state, event) {
        (S::Draft, Event::Submit) if route.letter => Ok(S::WithAdmin),
        (S::Draft, Event::Submit) => Ok(route.after_letter()),
        (S::WithAdmin, Event::Approve) => Ok(route.after_letter()),
        (S::WithReviewer, Event::Approve) if route.two_reviewers => Ok(S::WithSecondReviewer),
        (S::WithReviewer | S::WithSecondReviewer, Event::Approve) => Ok(S::Approved),
        (S::WithAdmin | S::WithReviewer | S::WithSecondReviewer, Event::Refuse) => Ok(S::Refused),
        (S::Approved, Event::Release { fee: true }) if certificate => Ok(S::PaymentDue),
        (S::Approved, Event::Release { fee: false }) if certificate => Ok(S::Ready),
        (S::PaymentDue, Event::Pay) => Ok(S::Ready),
        (S::Approved, Event::Complete) if !certificate => Ok(S::Done),
        (S::Ready, Event::Complete) => Ok(S::Done),
        (S::Draft | S::WithAdmin | S::WithReviewer | S::WithSecondReviewer, Event::Withdraw) => Ok(S::Withdrawn),
        (S::Draft | S::WithAdmin | S::PaymentDue | S::Ready, Event::Expire) => Ok(S::Expired),
        _ => Err(NotNow),
    }
}

/// A refusal's reason without blanks around it, or none when it says nothing or too much: 2 to 500 characters.
pub fn parse_reason(typed: &str) -> Option<String> {
    let reason = typed.trim();
    let count = reason.chars().count();
    let printable = reason.chars().all(|character| !character.is_control() || character == '\n');
    ((2..=500).contains(&count) && printable).then(|| reason.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every cell of the table that is not a refusal.
    fn allowed(route: Route) -> Vec<(State, Event, State)> {
        use State as S;
        let reviewed = if route.review { S::WithReviewer } else { S::Approved };
        let mut rows = vec![
            (S::Draft, Event::Submit, if route.letter { S::WithAdmin } else { reviewed }),
            (S::Draft, Event::Withdraw, S::Withdrawn),
            (S::Draft, Event::Expire, S::Expired),
            (S::WithAdmin, Event::Approve, reviewed),
            (S::WithAdmin, Event::Refuse, S::Refused),
            (S::WithAdmin, Event::Withdraw, S::Withdrawn),
            (S::WithAdmin, Event::Expire, S::Expired),
            (S::WithReviewer, Event::Approve, if route.two_reviewers { S::WithSecondReviewer } else { S::Approved }),
            (S::WithReviewer, Event::Refuse, S::Refused),
            (S::WithReviewer, Event::Withdraw, S::Withdrawn),
            (S::WithSecondReviewer, Event::Approve, S::Approved),
            (S::WithSecondReviewer, Event::Refuse, S::Refused),
            (S::WithSecondReviewer, Event::Withdraw, S::Withdrawn),
            (S::PaymentDue, Event::Pay, S::Ready),
            (S::PaymentDue, Event::Expire, S::Expired),
            (S::Ready, Event::Complete, S::Done),
            (S::Ready, Event::Expire, S::Expired),
        ];
        match route.ending {
            Ending::Certificate => rows.extend([
                (S::Approved, Event::Release { fee: false }, S::Ready),
                (S::Approved, Event::Release { fee: true }, S::PaymentDue),
            ]),
            Ending::Effect => rows.push((S::Approved, Event::Complete, S::Done)),
        }
        rows
    }

    #[test]
    fn every_event_in_every_state_leads_where_the_table_says_or_is_refused() {
        for route in Route::all() {
            let table = allowed(route);
            for state in State::ALL {
                for event in Event::ALL {
                    let row = table.iter().find(|(from, by, _)| *from == state && *by == event);
                    let expected = row.map(|(_, _, to)| *to).ok_or(NotNow);
                    assert_eq!(next(route, state, event), expected, "{route:?} {state:?} {event:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_happens_to_a_closed_application() {
        for route in Route::all() {
            for state in State::ALL.into_iter().filter(|state| !state.is_open()) {
                for event in Event::ALL {
                    assert_eq!(next(route, state, event), Err(NotNow), "{state:?} {event:?}");
                }
            }
        }
    }

    #[test]
    fn every_state_that_is_stored_is_read_again() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        assert_eq!(State::parse("gone"), None);
    }

    #[test]
    fn a_refusal_says_why() {
        assert_eq!(parse_reason(" 签名不清晰 "), Some("签名不清晰".to_owned()));
        for nothing in ["", "  ", "x", "a\u{7}b", &"长".repeat(501)] {
            assert_eq!(parse_reason(nothing), None);
        }
    }
}
