//! What a recovery asks for and what it gives leave for, without I/O.

use jiff::SignedDuration;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{
    super::rules::{KeyState, Leave},
    entity::Model,
};
use crate::rate::Limit;

/// How long a recovery may take: the person walks to the face verification and back.
pub const LIFETIME: SignedDuration = SignedDuration::from_mins(30);
/// Recoveries that one account may begin.
pub const BEGINNINGS: Limit = Limit { times: 10, window: SignedDuration::from_hours(24) };
/// How often the mask of one recovery is released: a phone that stopped in between asks again.
pub const MAX_RELEASES: i32 = 5;
/// Refreshes that may be begun with the leave of one recovery. Without a limit it would pass guesses past the lock.
pub const MAX_ATTEMPTS: i32 = 5;

/// Why a key is recovered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = KeyRecoveryKind)]
pub enum Kind {
    /// The PIN is forgotten, or locked by wrong ones.
    PinReset,
    /// The key was frozen because a copy showed itself; the PIN is known.
    Unfreeze,
}

impl Kind {
    /// The word that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::PinReset => "pin_reset",
            Self::Unfreeze => "unfreeze",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::PinReset, Self::Unfreeze].into_iter().find(|kind| kind.as_str() == word)
    }

    /// Whether a code by SMS is asked for.
    #[must_use]
    pub const fn wants_code(self) -> bool {
        matches!(self, Self::PinReset)
    }

    /// Whether a face is asked for: always against the suspicion of a copy, otherwise as the operator's policy says.
    #[must_use]
    pub const fn wants_face(self, key: KeyState, policy: bool) -> bool {
        policy || matches!(self, Self::Unfreeze) || matches!(key, KeyState::CloneSuspect)
    }
}

/// Whether everything that was asked for has been shown.
#[must_use]
pub fn proven(row: &Model) -> bool {
    let Some(kind) = Kind::parse(&row.kind) else { return false };
    (!kind.wants_code() || row.code_at.is_some()) && (!row.face_required || row.face_at.is_some())
}

/// What a refresh may look past because of this recovery.
#[must_use]
pub fn leave(row: &Model) -> Leave {
    if !proven(row) {
        return Leave::NONE;
    }
    // Only who was given the mask proves something else than a PIN.
    Leave { lock: row.kind == Kind::PinReset.as_str() && row.releases > 0, suspicion: row.face_at.is_some() }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn row(kind: Kind, face_required: bool, code: bool, face: bool, releases: i32) -> Model {
        Model {
            id: Uuid::nil(),
            account_id: Uuid::nil(),
            key_id: Uuid::nil(),
            device_id: Uuid::nil(),
            kind: kind.as_str().to_owned(),
            face_required,
            code_at: code.then_some(1),
            verification_id: None,
            face_at: face.then_some(1),
            releases,
            attempts: 0,
            created_at: 0,
            expires_at: 0,
            done_at: None,
            ended_at: None,
        }
    }

    #[test]
    fn a_forgotten_pin_wants_code_and_face_and_the_mask_before_the_lock_is_passed() {
        let leave_of = |code, face, releases| leave(&row(Kind::PinReset, true, code, face, releases));
        for (code, face) in [(false, false), (true, false), (false, true)] {
            assert_eq!(leave_of(code, face, 1), Leave::NONE, "{code} {face}");
        }
        assert_eq!(leave_of(true, true, 0), Leave { lock: false, suspicion: true });
        assert_eq!(leave_of(true, true, 1), Leave { lock: true, suspicion: true });
        let by_code_alone = leave(&row(Kind::PinReset, false, true, false, 1));
        assert_eq!(by_code_alone, Leave { lock: true, suspicion: false });
    }

    #[test]
    fn a_frozen_key_wants_the_face_whatever_the_policy_and_its_pin_is_still_counted() {
        assert!(Kind::Unfreeze.wants_face(KeyState::CloneSuspect, false));
        assert!(Kind::PinReset.wants_face(KeyState::CloneSuspect, false));
        assert!(!Kind::PinReset.wants_face(KeyState::Active, false));
        assert!(Kind::PinReset.wants_face(KeyState::Active, true));
        assert_eq!(leave(&row(Kind::Unfreeze, true, false, false, 0)), Leave::NONE);
        assert_eq!(leave(&row(Kind::Unfreeze, true, false, true, 3)), Leave { lock: false, suspicion: true });
    }

    #[test]
    fn stored_words_are_read_back() {
        for kind in [Kind::PinReset, Kind::Unfreeze] {
            assert_eq!(Kind::parse(kind.as_str()), Some(kind));
        }
        assert_eq!(Kind::parse("other"), None);
    }
}
