//! What the door decides, without I/O: who may pass, and what a repeated request means.
//!
//! The numbers and the order come from `docs/protocol.md` ("The server's transactions"). Every function here is total
//! and pure, so that the tables below are the whole truth about a decision.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

/// Wrong PINs in a row after which a key is locked.
pub const MAX_FAILURES: i32 = 5;
/// Wrong PINs since the last PIN change after which a key is locked, whatever happened in between.
///
/// Without this second limit somebody who holds a copy of the phone's storage could guess four times between any two
/// successes of the rightful owner, for ever.
pub const MAX_TOTAL_FAILURES: i32 = 30;
/// Nonce commitments that one key may hold open.
pub const MAX_OPEN_NONCES: usize = 16;
/// How far the phone's clock may be off.
pub const CLOCK_SKEW: SignedDuration = SignedDuration::from_mins(5);
/// How long an answer is kept for an identical retry. More than twice [`CLOCK_SKEW`] is not needed: a later retry is
/// refused because of its time stamp, whatever it says.
pub const REPLY_LIFETIME: SignedDuration = SignedDuration::from_mins(10);
/// How long a nonce commitment stays good.
pub const NONCE_LIFETIME: SignedDuration = SignedDuration::from_mins(60);
/// How long the phone may take between the two messages of a refresh.
pub const REFRESH_LIFETIME: SignedDuration = SignedDuration::from_mins(10);

/// The state of a split key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It may sign.
    Active,
    /// Somebody asked for a pause; the reason stands in the audit log.
    Suspended,
    /// A stale token was presented: two phones hold this share, so neither may use it.
    CloneSuspect,
    /// Its server share is destroyed.
    Revoked,
}

impl KeyState {
    /// The word that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
            Self::CloneSuspect => "clone_suspect",
            Self::Revoked => "revoked",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Active, Self::Suspended, Self::CloneSuspect, Self::Revoked].into_iter().find(|s| s.as_str() == word)
    }
}

/// Why a key may not be used now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Barred {
    /// See [`KeyState::Suspended`].
    Suspended,
    /// See [`KeyState::CloneSuspect`].
    CloneSuspect,
    /// See [`KeyState::Revoked`].
    Revoked,
    /// Too many wrong PINs.
    Locked,
}

/// What a proven recovery lets one refresh of the shares look past; everything else gets [`Leave::NONE`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Leave {
    /// The lock and its counters: it is not a PIN that is proven.
    pub lock: bool,
    /// The suspicion of a clone, and whatever token the phone still has: the person was verified anew.
    pub suspicion: bool,
}

impl Leave {
    /// Nothing.
    pub const NONE: Self = Self { lock: false, suspicion: false };
}

/// State first, then the lock: a revoked key says so even when it was locked before.
pub const fn admit(state: KeyState, failures: i32, total_failures: i32, leave: Leave) -> Result<(), Barred> {
    let locked = failures >= MAX_FAILURES || total_failures >= MAX_TOTAL_FAILURES;
    match state {
        KeyState::Suspended => Err(Barred::Suspended),
        KeyState::Revoked => Err(Barred::Revoked),
        KeyState::CloneSuspect if !leave.suspicion => Err(Barred::CloneSuspect),
        KeyState::Active | KeyState::CloneSuspect if locked && !leave.lock => Err(Barred::Locked),
        KeyState::Active | KeyState::CloneSuspect => Ok(()),
    }
}

/// Tries that are left, given the counters after this failure was counted.
#[must_use]
pub fn tries_left(failures: i32, total_failures: i32) -> u64 {
    let left = (MAX_FAILURES - failures).min(MAX_TOTAL_FAILURES - total_failures).max(0);
    u64::try_from(left).unwrap_or(0)
}

/// Is the phone's time stamp (Unix milliseconds) near enough to ours?
#[must_use]
pub fn timely(ts_ms: u64, now: Timestamp) -> bool {
    i64::try_from(ts_ms).is_ok_and(|ts| (ts - now.as_millisecond()).abs() <= CLOCK_SKEW.as_millis() as i64)
}

/// What the server remembers of a key's token chain. Tokens themselves are never stored, only their hashes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenChain {
    /// SM3 of the token that the next operation must present.
    pub current: [u8; 32],
    /// SM3 of the token before it.
    pub previous: Option<[u8; 32]>,
    /// The request that consumed the previous token.
    pub consumed_by: Option<Uuid>,
}

/// What a presented token says about the phone that presents it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenStanding {
    /// The expected token.
    Current,
    /// The previous token with the request that consumed it: the answer was lost on its way.
    Retry,
    /// The previous token with a new request, and the phone knows which request it was that consumed the token: it
    /// restarted before it saw the answer. Good again after a full PIN proof.
    Resync,
    /// Somebody else has moved the chain on.
    Clone,
}

/// Places a presented token (as its SM3) in the chain.
///
/// `pending` is the request that the phone says it had under way when it stopped.
#[must_use]
pub fn token_standing(chain: &TokenChain, presented: &[u8; 32], req_id: Uuid, pending: Option<Uuid>) -> TokenStanding {
    if *presented == chain.current {
        return TokenStanding::Current;
    }
    match (&chain.previous, chain.consumed_by) {
        (Some(previous), Some(consumed_by)) if previous == presented => {
            if req_id == consumed_by {
                TokenStanding::Retry
            } else if pending == Some(consumed_by) {
                TokenStanding::Resync
            } else {
                TokenStanding::Clone
            }
        }
        _ => TokenStanding::Clone,
    }
}

/// What is known of a request id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Nothing: go on.
    Never,
    /// Begun and not finished, or finished under another boot key: its nonce is burnt and its answer is gone.
    Lost,
    /// Finished with the same content: the stored answer is given again.
    Answered,
    /// The same id with other content.
    Conflict,
}

/// Compares a request with what is stored under its id.
#[must_use]
pub fn seen(stored: Option<(&[u8], bool)>, digest: &[u8; 32]) -> Seen {
    match stored {
        None => Seen::Never,
        Some((known, _)) if known != digest => Seen::Conflict,
        Some((_, true)) => Seen::Answered,
        Some((_, false)) => Seen::Lost,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const NOW: i64 = 1_800_000_000_000;

    fn chain() -> TokenChain {
        TokenChain { current: [2; 32], previous: Some([1; 32]), consumed_by: Some(Uuid::from_u128(7)) }
    }

    #[test]
    fn the_current_token_is_good_for_any_request() {
        assert_eq!(token_standing(&chain(), &[2; 32], Uuid::from_u128(9), None), TokenStanding::Current);
    }

    #[test]
    fn the_previous_token_is_a_retry_only_with_the_request_that_consumed_it() {
        assert_eq!(token_standing(&chain(), &[1; 32], Uuid::from_u128(7), None), TokenStanding::Retry);
        assert_eq!(token_standing(&chain(), &[1; 32], Uuid::from_u128(9), None), TokenStanding::Clone);
    }

    #[test]
    fn a_phone_that_names_the_request_it_lost_may_resynchronise() {
        let named = |id| token_standing(&chain(), &[1; 32], Uuid::from_u128(9), Some(Uuid::from_u128(id)));
        assert_eq!(named(7), TokenStanding::Resync);
        assert_eq!(named(8), TokenStanding::Clone);
    }

    #[test]
    fn a_token_from_before_the_previous_one_is_a_clone_whatever_it_names() {
        let standing = token_standing(&chain(), &[0; 32], Uuid::from_u128(7), Some(Uuid::from_u128(7)));
        assert_eq!(standing, TokenStanding::Clone);
    }

    #[test]
    fn a_fresh_chain_knows_no_previous_token() {
        let fresh = TokenChain { current: [2; 32], previous: None, consumed_by: None };
        assert_eq!(token_standing(&fresh, &[0; 32], Uuid::nil(), None), TokenStanding::Clone);
    }

    #[test]
    fn the_state_is_told_before_the_lock() {
        assert_eq!(admit(KeyState::Revoked, 5, 5, Leave::NONE), Err(Barred::Revoked));
        assert_eq!(admit(KeyState::CloneSuspect, 5, 5, Leave::NONE), Err(Barred::CloneSuspect));
        assert_eq!(admit(KeyState::Suspended, 0, 0, Leave::NONE), Err(Barred::Suspended));
    }

    #[test]
    fn five_in_a_row_or_thirty_in_all_lock_the_key() {
        for (failures, total, expected) in
            [(0, 0, Ok(())), (4, 29, Ok(())), (5, 5, Err(Barred::Locked)), (0, 30, Err(Barred::Locked))]
        {
            assert_eq!(admit(KeyState::Active, failures, total, Leave::NONE), expected, "{failures} {total}");
        }
    }

    #[test]
    fn the_tries_told_to_the_user_are_the_smaller_of_both_limits() {
        assert_eq!(tries_left(1, 1), 4);
        assert_eq!(tries_left(1, 29), 1);
        assert_eq!(tries_left(5, 9), 0);
        assert_eq!(tries_left(9, 40), 0);
    }

    #[test]
    fn five_minutes_are_tolerated_and_not_more() {
        let now = Timestamp::from_millisecond(NOW).expect("in range");
        let at = |offset: i64| u64::try_from(NOW + offset).expect("positive");
        assert!(timely(at(0), now) && timely(at(300_000), now) && timely(at(-300_000), now));
        assert!(!timely(at(300_001), now) && !timely(at(-300_001), now));
        assert!(!timely(u64::MAX, now) && !timely(0, now));
    }

    #[test]
    fn a_known_request_is_answered_again_lost_or_in_conflict() {
        let digest = [3; 32];
        assert_eq!(seen(None, &digest), Seen::Never);
        assert_eq!(seen(Some((&[3; 32], true)), &digest), Seen::Answered);
        assert_eq!(seen(Some((&[3; 32], false)), &digest), Seen::Lost);
        assert_eq!(seen(Some((&[4; 32], true)), &digest), Seen::Conflict);
        assert_eq!(seen(Some((&[], true)), &digest), Seen::Conflict);
    }

    #[test]
    fn a_proven_recovery_passes_the_lock_or_the_suspicion_and_never_a_suspension() {
        let (lock, suspicion) = (Leave { lock: true, suspicion: false }, Leave { lock: false, suspicion: true });
        assert_eq!(admit(KeyState::Active, 5, 30, lock), Ok(()));
        assert_eq!(admit(KeyState::Active, 5, 5, suspicion), Err(Barred::Locked));
        assert_eq!(admit(KeyState::CloneSuspect, 0, 0, lock), Err(Barred::CloneSuspect));
        assert_eq!(admit(KeyState::CloneSuspect, 0, 0, suspicion), Ok(()));
        let both = Leave { lock: true, suspicion: true };
        assert_eq!(admit(KeyState::CloneSuspect, 9, 31, both), Ok(()));
        assert_eq!(admit(KeyState::Suspended, 0, 0, both), Err(Barred::Suspended));
        assert_eq!(admit(KeyState::Revoked, 0, 0, both), Err(Barred::Revoked));
    }

    #[test]
    fn every_state_survives_being_stored() {
        for state in [KeyState::Active, KeyState::Suspended, KeyState::CloneSuspect, KeyState::Revoked] {
            assert_eq!(KeyState::parse(state.as_str()), Some(state));
        }
        assert_eq!(KeyState::parse("ACTIVE"), None);
    }

    proptest! {
        #[test]
        fn admission_never_survives_more_failures(failures in 0..40, total in 0..40) {
            if admit(KeyState::Active, failures, total, Leave::NONE).is_err() {
                prop_assert!(admit(KeyState::Active, failures + 1, total + 1, Leave::NONE).is_err());
                prop_assert_eq!(tries_left(failures, total), 0);
            } else {
                prop_assert!(tries_left(failures, total) > 0);
            }
        }
    }
}
