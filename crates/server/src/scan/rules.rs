//! What may become of a scan request, without I/O.
//!
//! ```text
//! waiting ──claim──▶ claimed ──confirm──▶ confirmed
//!    │                  ├─────refuse───▶ refused
//!    │                  ├──────────────▶ failed      (our own result did not pass our own check)
//!    ├──────────────────┼─────cancel───▶ cancelled
//!    └──────────────────┴──────time────▶ expired
//! ```

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// What a PC may ask a phone for. A new action is a row of [`Action::lifetime`] and an arm in `scan::actions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// Log in at the relying party.
    Login,
    /// Sign a PDF.
    Sign,
}

impl Action {
    /// The word that is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Sign => "sign",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Login, Self::Sign].into_iter().find(|action| action.as_str() == word)
    }

    /// How long the whole request lives. A document wants to be read.
    #[must_use]
    pub const fn lifetime(self) -> SignedDuration {
        match self {
            Self::Login => SignedDuration::from_mins(5),
            Self::Sign => SignedDuration::from_mins(15),
        }
    }
}

/// Where a scan request stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ScanState {
    /// The code is shown, nobody has scanned it.
    Waiting,
    /// One phone has it and asks its owner.
    Claimed,
    /// The owner agreed, and what came of it has been checked.
    Confirmed,
    /// The owner said no.
    Refused,
    /// Nobody answered in time.
    Expired,
    /// The relying party took it back.
    Cancelled,
    /// What we made of the answer did not pass our own check.
    Failed,
}

impl ScanState {
    const ALL: [Self; 7] =
        [Self::Waiting, Self::Claimed, Self::Confirmed, Self::Refused, Self::Expired, Self::Cancelled, Self::Failed];

    /// The word that is stored and sent.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Claimed => "claimed",
            Self::Confirmed => "confirmed",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether nothing can follow.
    #[must_use]
    pub const fn is_final(self) -> bool {
        !matches!(self, Self::Waiting | Self::Claimed)
    }

    /// The state as of `now`: an open request past its time has expired, whether or not anybody wrote it down.
    #[must_use]
    pub fn at(self, now: Timestamp, expires_at: Timestamp) -> Self {
        if !self.is_final() && now >= expires_at { Self::Expired } else { self }
    }
}

/// Who scans.
#[derive(Debug, Clone, Copy)]
pub struct Claim {
    /// The account of the phone.
    pub account: Uuid,
    /// The account that the relying party named, if it named one.
    pub wanted: Option<Uuid>,
    /// The account that has claimed the request before.
    pub holder: Option<Uuid>,
}

/// What a claim comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimOutcome {
    /// The request is this phone's now.
    Taken,
    /// It was this account's already.
    Again,
}

/// Why a request cannot be claimed or answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unavailable {
    /// Another phone was first.
    AlreadyClaimed,
    /// The relying party asked somebody else.
    NotForYou,
    /// Too late.
    Expired,
    /// The relying party took it back.
    Cancelled,
    /// It has been answered.
    Answered,
    /// It has not been claimed.
    NotClaimed,
}

/// May this account take the request? The first phone wins; its second scan is no error.
pub fn claim(state: ScanState, claim: Claim) -> Result<ClaimOutcome, Unavailable> {
    match state {
        ScanState::Expired => return Err(Unavailable::Expired),
        ScanState::Cancelled => return Err(Unavailable::Cancelled),
        ScanState::Confirmed | ScanState::Refused | ScanState::Failed => return Err(Unavailable::Answered),
        ScanState::Waiting | ScanState::Claimed => {}
    }
    match (state, claim.holder) {
        (ScanState::Claimed, Some(holder)) if holder == claim.account => return Ok(ClaimOutcome::Again),
        (ScanState::Claimed, _) => return Err(Unavailable::AlreadyClaimed),
        _ => {}
    }
    match claim.wanted {
        Some(wanted) if wanted != claim.account => Err(Unavailable::NotForYou),
        _ => Ok(ClaimOutcome::Taken),
    }
}

/// May the request be answered, or its key be used for it?
pub const fn answerable(state: ScanState) -> Result<(), Unavailable> {
    match state {
        ScanState::Claimed => Ok(()),
        ScanState::Waiting => Err(Unavailable::NotClaimed),
        ScanState::Expired => Err(Unavailable::Expired),
        ScanState::Cancelled => Err(Unavailable::Cancelled),
        ScanState::Confirmed | ScanState::Refused | ScanState::Failed => Err(Unavailable::Answered),
    }
}

/// The four digits that both screens show. Uniform: 10,000 divides nothing of 2^32, but the bias is below 10^-5.
#[must_use]
pub fn check_number(random: [u8; 4]) -> String {
    format!("{:04}", u32::from_be_bytes(random) % 10_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: Uuid = Uuid::from_u128(1);
    const OTHER: Uuid = Uuid::from_u128(2);

    #[test]
    fn the_first_phone_takes_a_waiting_request_and_may_scan_it_again() {
        let first = Claim { account: ME, wanted: None, holder: None };
        assert_eq!(claim(ScanState::Waiting, first), Ok(ClaimOutcome::Taken));
        let again = Claim { holder: Some(ME), ..first };
        assert_eq!(claim(ScanState::Claimed, again), Ok(ClaimOutcome::Again));
    }

    #[test]
    fn a_second_phone_is_told_that_it_is_too_late() {
        let second = Claim { account: OTHER, wanted: None, holder: Some(ME) };
        assert_eq!(claim(ScanState::Claimed, second), Err(Unavailable::AlreadyClaimed));
    }

    #[test]
    fn a_request_for_one_person_is_for_nobody_else() {
        let foreign = Claim { account: OTHER, wanted: Some(ME), holder: None };
        assert_eq!(claim(ScanState::Waiting, foreign), Err(Unavailable::NotForYou));
        let own = Claim { account: ME, wanted: Some(ME), holder: None };
        assert_eq!(claim(ScanState::Waiting, own), Ok(ClaimOutcome::Taken));
    }

    #[test]
    fn nothing_follows_a_final_state() {
        for (state, why) in [
            (ScanState::Confirmed, Unavailable::Answered),
            (ScanState::Refused, Unavailable::Answered),
            (ScanState::Failed, Unavailable::Answered),
            (ScanState::Expired, Unavailable::Expired),
            (ScanState::Cancelled, Unavailable::Cancelled),
        ] {
            assert!(state.is_final());
            assert_eq!(claim(state, Claim { account: ME, wanted: None, holder: Some(ME) }), Err(why));
            assert_eq!(answerable(state), Err(why));
        }
    }

    #[test]
    fn only_a_claimed_request_can_be_answered() {
        assert_eq!(answerable(ScanState::Claimed), Ok(()));
        assert_eq!(answerable(ScanState::Waiting), Err(Unavailable::NotClaimed));
    }

    #[test]
    fn time_ends_open_requests_only() {
        let end = Timestamp::from_second(1_800_000_000).expect("in range");
        let before = end - SignedDuration::from_millis(1);
        assert_eq!(ScanState::Waiting.at(before, end), ScanState::Waiting);
        assert_eq!(ScanState::Waiting.at(end, end), ScanState::Expired);
        assert_eq!(ScanState::Claimed.at(end, end), ScanState::Expired);
        assert_eq!(ScanState::Confirmed.at(end, end), ScanState::Confirmed);
    }

    #[test]
    fn stored_words_are_read_back_and_others_are_not() {
        for state in ScanState::ALL {
            assert_eq!(ScanState::parse(state.as_str()), Some(state));
        }
        for action in [Action::Login, Action::Sign] {
            assert_eq!(Action::parse(action.as_str()), Some(action));
        }
        assert_eq!(ScanState::parse("open"), None);
        assert_eq!(Action::parse("LOGIN"), None);
    }

    #[test]
    fn a_check_number_has_four_digits_always() {
        assert_eq!(check_number([0; 4]), "0000");
        assert_eq!(check_number(10_007u32.to_be_bytes()), "0007");
    }
}
