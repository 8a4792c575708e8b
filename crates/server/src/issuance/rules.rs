//! What a halt covers, and who may end it.

use uuid::Uuid;

use crate::audit::Actor;

/// Who speaks: somebody at the console, or whoever has the command line of a node.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Voice(pub Option<Uuid>);

impl Voice {
    /// For the audit log.
    pub fn actor(self) -> Actor {
        self.0.map_or(Actor::System, Actor::Reviewer)
    }
}

/// What asking for a resumption comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resumption {
    /// Issuance goes on.
    Done,
    /// Another voice must say so too.
    Asked,
    /// This voice has asked already; another one is needed.
    SameVoice,
}

/// Whether `voice` ends a halt: alone where one is enough, else as the second of two.
pub fn resumption(four_eyes: bool, asked: Option<Voice>, voice: Voice) -> Resumption {
    match asked {
        _ if !four_eyes => Resumption::Done,
        None => Resumption::Asked,
        Some(first) if first == voice => Resumption::SameVoice,
        Some(_) => Resumption::Done,
    }
}

/// The word that keeps a second halt of the same from being put in force.
pub fn slot(institution_id: Option<Uuid>) -> String {
    institution_id.map_or_else(|| "platform".to_owned(), |id| id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_four_eyes_are_wanted_two_different_voices_resume() {
        let (one, other, shell) = (Voice(Some(Uuid::from_u128(1))), Voice(Some(Uuid::from_u128(2))), Voice(None));
        assert_eq!(resumption(false, None, one), Resumption::Done);
        for (asked, voice, expected) in [
            (None, one, Resumption::Asked),
            (Some(one), one, Resumption::SameVoice),
            (Some(one), other, Resumption::Done),
            (None, shell, Resumption::Asked),
            (Some(shell), shell, Resumption::SameVoice),
            (Some(shell), one, Resumption::Done),
            (Some(one), shell, Resumption::Done),
        ] {
            assert_eq!(resumption(true, asked, voice), expected, "{asked:?} {voice:?}");
        }
    }

    #[test]
    fn each_institution_and_the_platform_have_a_slot_of_their_own() {
        assert_ne!(slot(None), slot(Some(Uuid::nil())));
        assert_ne!(slot(Some(Uuid::from_u128(1))), slot(Some(Uuid::from_u128(2))));
    }
}
