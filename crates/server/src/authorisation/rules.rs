//! Who may do what for an enterprise. Without I/O.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::enterprise::rules::Role;

/// What a platform may be asked for with an enterprise certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Permission {
    /// Log in (登录).
    Login,
    /// Sign and seal documents (签章).
    Sign,
    /// Make the bid file (生成投标文件).
    Generate,
    /// Decrypt the bid (解密).
    Decrypt,
}

impl Permission {
    /// Every permission.
    pub const ALL: [Self; 4] = [Self::Login, Self::Sign, Self::Generate, Self::Decrypt];

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Login => "login",
            Self::Sign => "sign",
            Self::Generate => "generate",
            Self::Decrypt => "decrypt",
        }
    }

    /// The permission of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// A seal of the enterprise (电子公章).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SealKind {
    /// The company seal (企业公章).
    Company,
    /// The legal person's seal (法人章).
    LegalPerson,
    /// The legal person's handwritten signature (法人手写签名).
    LegalPersonSignature,
}

impl SealKind {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Company, Self::LegalPerson, Self::LegalPersonSignature];

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Company => "company",
            Self::LegalPerson => "legal_person",
            Self::LegalPersonSignature => "legal_person_signature",
        }
    }

    /// The kind of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|one| one.as_str() == word)
    }
}

/// What an administrator grants.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// At which platforms; empty: at every one.
    #[schema(max_items = 50)]
    pub relying_party_ids: Vec<Uuid>,
    /// What.
    #[schema(min_items = 1, max_items = 4)]
    pub permissions: Vec<Permission>,
    /// With which seals.
    #[schema(max_items = 3)]
    pub seals: Vec<SealKind>,
}

/// One authorisation, as far as it matters for a decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Granted {
    /// At which platform; none: at every one.
    pub relying_party_id: Option<Uuid>,
    /// What.
    pub permissions: Vec<Permission>,
    /// With which seals.
    pub seals: Vec<SealKind>,
    /// First and last moment.
    pub valid: (Timestamp, Timestamp),
    /// Whether it was ended before its time.
    pub ended: bool,
}

/// Whether an authorisation is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum AuthorisationState {
    /// It is good now.
    Active,
    /// It will be.
    Future,
    /// Its time is over.
    Expired,
    /// It was ended before its time.
    Ended,
}

impl Granted {
    /// Whether it is good at this moment.
    pub fn state(&self, now: Timestamp) -> AuthorisationState {
        match () {
            () if self.ended => AuthorisationState::Ended,
            () if now < self.valid.0 => AuthorisationState::Future,
            () if now > self.valid.1 => AuthorisationState::Expired,
            () => AuthorisationState::Active,
        }
    }
}

/// What a person is in the enterprise whose certificate is to be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    /// None: does not belong to it (any more).
    pub role: Option<Role>,
    /// What was ever granted.
    pub granted: Vec<Granted>,
}

/// What is to be done with an enterprise's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Use {
    /// What.
    pub permission: Permission,
    /// For which platform.
    pub relying_party_id: Uuid,
    /// With which seals of the enterprise.
    pub seals: Vec<SealKind>,
}

/// Why not; what comes further down is nearer to a yes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Denial {
    /// The platform wants another person's or enterprise's certificate.
    OtherSigner,
    /// A seal belongs to another enterprise than the certificate.
    ForeignSeal,
    /// The person does not belong to the enterprise.
    NotAMember,
    /// Nothing that was granted covers this platform and this act now.
    NotGranted,
    /// The act would be allowed, but not with this seal.
    SealNotGranted,
}

/// The one decision about every use of an enterprise's certificate. The administrator may do everything; a clerk what a
/// single authorisation that is good now grants, seals included.
pub fn decide(standing: &Standing, wanted: &Use, now: Timestamp) -> Result<(), Denial> {
    match standing.role {
        None => return Err(Denial::NotAMember),
        Some(Role::Admin) => return Ok(()),
        Some(Role::Clerk) => {}
    }
    let good = standing.granted.iter().filter(|granted| {
        granted.state(now) == AuthorisationState::Active
            && granted.relying_party_id.is_none_or(|id| id == wanted.relying_party_id)
            && granted.permissions.contains(&wanted.permission)
    });
    let mut any = false;
    for granted in good {
        any = true;
        if wanted.seals.iter().all(|seal| granted.seals.contains(seal)) {
            return Ok(());
        }
    }
    Err(if any { Denial::SealNotGranted } else { Denial::NotGranted })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Uuid = Uuid::from_u128(1);
    const ELSEWHERE: Uuid = Uuid::from_u128(2);

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("in range")
    }

    fn granted() -> Granted {
        Granted {
            relying_party_id: Some(HERE),
            permissions: vec![Permission::Login, Permission::Sign],
            seals: vec![SealKind::Company],
            valid: (at(100), at(200)),
            ended: false,
        }
    }

    fn clerk(granted: Vec<Granted>) -> Standing {
        Standing { role: Some(Role::Clerk), granted }
    }

    fn wanted(permission: Permission, relying_party_id: Uuid, seals: &[SealKind]) -> Use {
        Use { permission, relying_party_id, seals: seals.to_vec() }
    }

    #[test]
    fn stored_words_are_read_again() {
        for one in Permission::ALL {
            assert_eq!(Permission::parse(one.as_str()), Some(one));
        }
        for one in SealKind::ALL {
            assert_eq!(SealKind::parse(one.as_str()), Some(one));
        }
        assert_eq!(Permission::parse("everything"), None);
    }

    /// Role, act, platform, seals, moment → decision: the matrix of the manual, 1.12.5.1.
    #[test]
    fn every_use_is_decided_as_the_matrix_says() {
        use {Denial as D, Permission as P, SealKind as S};
        let admin = Standing { role: Some(Role::Admin), granted: vec![] };
        let gone = Standing { role: None, granted: vec![granted()] };
        let everywhere = clerk(vec![Granted { relying_party_id: None, ..granted() }]);
        let ended = clerk(vec![Granted { ended: true, ..granted() }]);
        // Two halves do not make a whole: one authorisation must cover act and seals together.
        let halves = clerk(vec![
            Granted { permissions: vec![P::Sign], seals: vec![], ..granted() },
            Granted { permissions: vec![P::Login], seals: vec![S::Company], ..granted() },
        ]);
        let table = [
            (&admin, P::Decrypt, ELSEWHERE, &[S::LegalPerson][..], 150, Ok(())),
            (&gone, P::Login, HERE, &[], 150, Err(D::NotAMember)),
            (&clerk(vec![]), P::Login, HERE, &[], 150, Err(D::NotGranted)),
            (&clerk(vec![granted()]), P::Login, HERE, &[], 150, Ok(())),
            (&clerk(vec![granted()]), P::Sign, HERE, &[S::Company], 150, Ok(())),
            (&clerk(vec![granted()]), P::Sign, HERE, &[S::LegalPerson], 150, Err(D::SealNotGranted)),
            (&clerk(vec![granted()]), P::Sign, ELSEWHERE, &[S::Company], 150, Err(D::NotGranted)),
            (&clerk(vec![granted()]), P::Decrypt, HERE, &[], 150, Err(D::NotGranted)),
            (&clerk(vec![granted()]), P::Generate, HERE, &[], 150, Err(D::NotGranted)),
            (&clerk(vec![granted()]), P::Login, HERE, &[], 99, Err(D::NotGranted)),
            (&clerk(vec![granted()]), P::Login, HERE, &[], 100, Ok(())),
            (&clerk(vec![granted()]), P::Login, HERE, &[], 200, Ok(())),
            (&clerk(vec![granted()]), P::Login, HERE, &[], 201, Err(D::NotGranted)),
            (&ended, P::Login, HERE, &[], 150, Err(D::NotGranted)),
            (&everywhere, P::Login, ELSEWHERE, &[], 150, Ok(())),
            (&halves, P::Sign, HERE, &[S::Company], 150, Err(D::SealNotGranted)),
        ];
        for (row, (standing, permission, place, seals, second, expected)) in table.into_iter().enumerate() {
            assert_eq!(decide(standing, &wanted(permission, place, seals), at(second)), expected, "row {row}");
        }
    }
}
