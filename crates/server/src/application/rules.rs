//! The state machine of applications: which event leads from which state where, per kind. Nothing else decides it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is applied for. A new flow is a new row here and in [`Kind::row`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationKind)]
pub enum Kind {
    /// A personal certificate (manual 1.10.1).
    PersonalCertificate,
}

/// What a kind of application needs.
#[derive(Debug, Clone, Copy)]
pub struct KindRow {
    /// The word that is stored.
    pub word: &'static str,
    /// What people call it, Chinese and English.
    pub name: (&'static str, &'static str),
    /// Whether the enterprise's administrator consents before the institution reviews.
    pub admin_consents: bool,
    /// Materials that may be attached.
    pub materials: &'static [MaterialKind],
}

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 1] = [Self::PersonalCertificate];

    /// What this kind needs.
    pub fn row(self) -> KindRow {
        match self {
            Self::PersonalCertificate => KindRow {
                word: "personal_certificate",
                name: ("个人证书", "personal certificate"),
                admin_consents: false,
                materials: &[MaterialKind::Signature, MaterialKind::ApplicationForm],
            },
        }
    }

    /// The kind of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.row().word == word)
    }
}

/// An image that belongs to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaterialKind {
    /// The person's signature on a transparent ground; becomes the private seal.
    Signature,
    /// A photograph of the signed application form.
    ApplicationForm,
}

impl MaterialKind {
    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::ApplicationForm => "application_form",
        }
    }

    /// The material of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Signature, Self::ApplicationForm].into_iter().find(|kind| kind.as_str() == word)
    }
}

/// Where an application stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationState)]
pub enum State {
    /// The applicant is still writing.
    Draft,
    /// Waits for the enterprise's administrator.
    WithAdmin,
    /// Waits for the institution's reviewer.
    WithReviewer,
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
    pub const ALL: [Self; 10] = [
        Self::Draft,
        Self::WithAdmin,
        Self::WithReviewer,
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

/// Where `event` leads an application of this kind from `state`.
pub fn next(kind: KindRow, state: State, event: Event) -> Result<State, NotNow> {
    use State as S;
    match (state, event) {
        (S::Draft, Event::Submit) if kind.admin_consents => Ok(S::WithAdmin),
        (S::Draft, Event::Submit) => Ok(S::WithReviewer),
        (S::WithAdmin, Event::Approve) => Ok(S::WithReviewer),
        (S::WithReviewer, Event::Approve) => Ok(S::Approved),
        (S::WithAdmin | S::WithReviewer, Event::Refuse) => Ok(S::Refused),
        (S::Approved, Event::Release { fee: true }) => Ok(S::PaymentDue),
        (S::Approved, Event::Release { fee: false }) => Ok(S::Ready),
        (S::PaymentDue, Event::Pay) => Ok(S::Ready),
        (S::Ready, Event::Complete) => Ok(S::Done),
        (S::Draft | S::WithAdmin | S::WithReviewer, Event::Withdraw) => Ok(S::Withdrawn),
        (S::Draft | S::PaymentDue | S::Ready, Event::Expire) => Ok(S::Expired),
        _ => Err(NotNow),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONSENT: KindRow =
        KindRow { word: "join", name: ("加入企业", "join"), admin_consents: true, materials: &[] };

    /// Every cell of the table that is not a refusal, for a kind without and one with an administrator's consent.
    fn allowed(kind: KindRow) -> Vec<(State, Event, State)> {
        use State as S;
        let submitted = if kind.admin_consents { S::WithAdmin } else { S::WithReviewer };
        vec![
            (S::Draft, Event::Submit, submitted),
            (S::Draft, Event::Withdraw, S::Withdrawn),
            (S::Draft, Event::Expire, S::Expired),
            (S::WithAdmin, Event::Approve, S::WithReviewer),
            (S::WithAdmin, Event::Refuse, S::Refused),
            (S::WithAdmin, Event::Withdraw, S::Withdrawn),
            (S::WithReviewer, Event::Approve, S::Approved),
            (S::WithReviewer, Event::Refuse, S::Refused),
            (S::WithReviewer, Event::Withdraw, S::Withdrawn),
            (S::Approved, Event::Release { fee: false }, S::Ready),
            (S::Approved, Event::Release { fee: true }, S::PaymentDue),
            (S::PaymentDue, Event::Pay, S::Ready),
            (S::PaymentDue, Event::Expire, S::Expired),
            (S::Ready, Event::Complete, S::Done),
            (S::Ready, Event::Expire, S::Expired),
        ]
    }

    #[test]
    fn every_event_in_every_state_leads_where_the_table_says_or_is_refused() {
        for kind in [Kind::PersonalCertificate.row(), CONSENT] {
            let table = allowed(kind);
            for state in State::ALL {
                for event in Event::ALL {
                    let row = table.iter().find(|(from, by, _)| *from == state && *by == event);
                    let expected = row.map(|(_, _, to)| *to).ok_or(NotNow);
                    assert_eq!(next(kind, state, event), expected, "{state:?} {event:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_happens_to_a_closed_application() {
        for state in State::ALL.into_iter().filter(|state| !state.is_open()) {
            for event in Event::ALL {
                assert_eq!(next(CONSENT, state, event), Err(NotNow), "{state:?} {event:?}");
            }
        }
    }

    #[test]
    fn every_word_that_is_stored_is_read_again() {
        for state in State::ALL {
            assert_eq!(State::parse(state.as_str()), Some(state));
        }
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.row().word), Some(kind));
            for material in kind.row().materials {
                assert_eq!(MaterialKind::parse(material.as_str()), Some(*material));
            }
        }
        assert_eq!(State::parse("gone"), None);
    }
}
