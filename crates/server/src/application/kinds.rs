//! The table of kinds: what may be applied for, and what each needs. A new flow is a new row, not a new path.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What is applied for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ApplicationKind)]
pub enum Kind {
    /// A personal certificate (manual 1.10.1).
    PersonalCertificate,
    /// Renewal of a personal certificate (1.12.2.4).
    PersonalRenewal,
    /// A personal certificate again, after the last one ended (1.12.2.6).
    PersonalReapplication,
    /// A personal certificate on a new phone, in the place of the one on a phone that is lost or wiped (1.14).
    PersonalRecovery,
    /// An enterprise that nobody has claimed yet, and its first certificate (1.8.1).
    EnterpriseClaim,
    /// Joining an enterprise, with a certificate (1.9.1).
    EnterpriseJoin,
    /// A further enterprise certificate (1.12.2.1, 1.13.2.1).
    EnterpriseCertificate,
    /// Renewal of an enterprise certificate (1.12.2.3, 1.13.2.3).
    EnterpriseRenewal,
    /// An enterprise certificate again, after the last one ended (1.12.2.5, 1.13.2.5).
    EnterpriseReapplication,
    /// An enterprise certificate on a new phone (1.14).
    EnterpriseRecovery,
    /// Other facts about the enterprise (1.12.4.3).
    EnterpriseChange,
    /// What a clerk may do where, with a certificate to do it (1.12.5.1).
    Authorisation,
    /// Another administrator, by sealed letter (1.12.4.4.1).
    AdminTransfer,
    /// Another administrator, by stamped form, where the old one has no certificate (1.12.4.4.2).
    AdminTransferByForm,
}

/// When the administrator's sealed letter is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Letter {
    /// Never.
    No,
    /// Always.
    Yes,
    /// When the administrator has a certificate to seal it with; otherwise the stamped form stands in.
    OrForm,
}

/// How an application of this kind ends well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// The holder downloads a certificate.
    Certificate,
    /// It takes effect with the approval.
    Effect,
}

/// Who may apply.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Applicant {
    /// Anybody whose real name is verified.
    Person,
    /// A member of the enterprise: the administrator or a clerk.
    Member,
    /// The administrator of the enterprise.
    Admin,
}

/// What a kind of application needs.
#[derive(Debug, Clone, Copy)]
pub struct KindRow {
    /// The word that is stored.
    pub word: &'static str,
    /// What people call it, Chinese and English.
    pub name: (&'static str, &'static str),
    /// Who may apply.
    pub applicant: Applicant,
    /// Whether the administrator seals a letter.
    pub letter: Letter,
    /// Whether the institution reviews it.
    pub review: bool,
    /// How it ends well.
    pub ending: Ending,
    /// Materials that may be attached.
    pub materials: &'static [MaterialKind],
    /// Those of them that are wanted whatever the institution says.
    pub always: &'static [MaterialKind],
    /// The kind under which institutions list products for it: a renewal costs what that row says.
    pub product: &'static str,
}

use MaterialKind as M;

const NONE: &[M] = &[];
const FORM: &[M] = &[M::ApplicationForm];
const STAMPED: &[M] = &[M::Licence, M::ApplicationForm];
const PERSON: &[M] = &[M::Signature, M::ApplicationForm];
const CLAIM: &[M] =
    &[M::Licence, M::ApplicationForm, M::LegalPersonId, M::AgentLetter, M::AccountPermit, M::OtherProof];

impl Kind {
    /// Every kind.
    pub const ALL: [Self; 14] = [
        Self::PersonalCertificate,
        Self::PersonalRenewal,
        Self::PersonalReapplication,
        Self::PersonalRecovery,
        Self::EnterpriseClaim,
        Self::EnterpriseJoin,
        Self::EnterpriseCertificate,
        Self::EnterpriseRenewal,
        Self::EnterpriseReapplication,
        Self::EnterpriseRecovery,
        Self::EnterpriseChange,
        Self::Authorisation,
        Self::AdminTransfer,
        Self::AdminTransferByForm,
    ];

    /// What this kind needs.
    pub fn row(self) -> KindRow {
        use {Applicant as A, Ending as E, Letter as L};
        let row = |word, name, applicant, letter, review, ending, (materials, always), product| KindRow {
            word,
            name,
            applicant,
            letter,
            review,
            ending,
            materials,
            always,
            product,
        };
        let (personal, enterprise) = ("personal_certificate", "enterprise_certificate");
        match self {
            Self::PersonalCertificate => {
                let name = ("个人证书", "personal certificate");
                row(personal, name, A::Person, L::No, true, E::Certificate, (PERSON, NONE), personal)
            }
            Self::PersonalRenewal => {
                let name = ("个人证书续期", "renewal of a personal certificate");
                row("personal_renewal", name, A::Person, L::No, true, E::Certificate, (NONE, NONE), personal)
            }
            Self::PersonalReapplication => {
                let name = ("个人证书重新申领", "new personal certificate");
                row("personal_reapplication", name, A::Person, L::No, true, E::Certificate, (PERSON, NONE), personal)
            }
            Self::PersonalRecovery => {
                let name = ("找回个人证书", "recovery of a personal certificate");
                row("personal_recovery", name, A::Person, L::No, true, E::Certificate, (FORM, FORM), personal)
            }
            Self::EnterpriseClaim => {
                let name = ("认领企业", "claim of an enterprise");
                row("enterprise_claim", name, A::Person, L::No, true, E::Certificate, (CLAIM, STAMPED), enterprise)
            }
            Self::EnterpriseJoin => {
                let name = ("加入企业", "joining of an enterprise");
                row("enterprise_join", name, A::Person, L::Yes, true, E::Certificate, (NONE, NONE), enterprise)
            }
            Self::EnterpriseCertificate => {
                let name = ("企业证书", "enterprise certificate");
                row(enterprise, name, A::Member, L::OrForm, true, E::Certificate, (FORM, NONE), enterprise)
            }
            Self::EnterpriseRenewal => {
                let name = ("企业证书续期", "renewal of an enterprise certificate");
                row("enterprise_renewal", name, A::Member, L::OrForm, true, E::Certificate, (FORM, NONE), enterprise)
            }
            Self::EnterpriseReapplication => {
                let name = ("企业证书重新申领", "new enterprise certificate");
                row(
                    "enterprise_reapplication",
                    name,
                    A::Member,
                    L::OrForm,
                    true,
                    E::Certificate,
                    (FORM, NONE),
                    enterprise,
                )
            }
            Self::EnterpriseRecovery => {
                let name = ("找回企业证书", "recovery of an enterprise certificate");
                row("enterprise_recovery", name, A::Member, L::No, true, E::Certificate, (FORM, FORM), enterprise)
            }
            Self::EnterpriseChange => {
                let name = ("变更企业信息", "change of enterprise information");
                row("enterprise_change", name, A::Admin, L::No, true, E::Effect, (CLAIM, STAMPED), enterprise)
            }
            Self::Authorisation => {
                let name = ("新增授权", "authorisation");
                row("authorisation", name, A::Admin, L::Yes, true, E::Certificate, (NONE, NONE), enterprise)
            }
            Self::AdminTransfer => {
                let name = ("转授管理员", "handing over of the administrator's role");
                row("admin_transfer", name, A::Admin, L::Yes, false, E::Effect, (NONE, NONE), enterprise)
            }
            Self::AdminTransferByForm => {
                let name = ("转授管理员", "handing over of the administrator's role");
                row("admin_transfer_by_form", name, A::Admin, L::No, true, E::Effect, (FORM, FORM), enterprise)
            }
        }
    }

    /// The kind of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.row().word == word)
    }

    /// Whether it is about an enterprise that the platform knows already.
    pub fn needs_enterprise(self) -> bool {
        self == Self::EnterpriseJoin || self.row().applicant != Applicant::Person
    }

    /// Whether it takes the place of a certificate of the holder's.
    pub fn replaces(self) -> bool {
        matches!(
            self,
            Self::PersonalRenewal
                | Self::PersonalReapplication
                | Self::EnterpriseRenewal
                | Self::EnterpriseReapplication
        ) || self.recovers()
    }

    /// Whether it brings a certificate to a new phone: the face is verified anew, two reviewers decide, because keys leave
    /// escrow for it, and the certificate on the old phone ends.
    pub fn recovers(self) -> bool {
        matches!(self, Self::PersonalRecovery | Self::EnterpriseRecovery)
    }

    /// Whether a certificate is renewed while it lasts.
    pub fn renews(self) -> bool {
        matches!(self, Self::PersonalRenewal | Self::EnterpriseRenewal)
    }

    /// Whether it speaks about what an enterprise is.
    pub fn states_facts(self) -> bool {
        matches!(self, Self::EnterpriseClaim | Self::EnterpriseChange)
    }

    /// Whether it says what a clerk may do.
    pub fn grants(self) -> bool {
        matches!(self, Self::EnterpriseJoin | Self::Authorisation)
    }

    /// Whether another administrator comes of it.
    pub fn hands_over(self) -> bool {
        matches!(self, Self::AdminTransfer | Self::AdminTransferByForm)
    }

    /// Whether another person than the applicant is named in it: the clerk to be authorised, the new administrator.
    pub fn names_holder(self) -> bool {
        matches!(self, Self::Authorisation | Self::AdminTransfer | Self::AdminTransferByForm)
    }
}

/// An image that belongs to an application.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MaterialKind {
    /// The person's signature on a transparent ground; becomes the private seal.
    Signature,
    /// A photograph of the signed or stamped application form (申请书).
    ApplicationForm,
    /// The business licence or the certificate of the unified social credit code (营业执照).
    Licence,
    /// The legal person's identity document (法人身份证).
    LegalPersonId,
    /// Letter of authority of the person who handles the matter (经办人授权书).
    AgentLetter,
    /// Permit of the corporate bank account (开户许可证).
    AccountPermit,
    /// Whatever else the institution asks for.
    OtherProof,
}

impl MaterialKind {
    /// Every kind.
    pub const ALL: [Self; 7] = [
        Self::Signature,
        Self::ApplicationForm,
        Self::Licence,
        Self::LegalPersonId,
        Self::AgentLetter,
        Self::AccountPermit,
        Self::OtherProof,
    ];

    /// The word that is stored.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signature => "signature",
            Self::ApplicationForm => "application_form",
            Self::Licence => "licence",
            Self::LegalPersonId => "legal_person_id",
            Self::AgentLetter => "agent_letter",
            Self::AccountPermit => "account_permit",
            Self::OtherProof => "other_proof",
        }
    }

    /// The material of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_word_that_is_stored_is_read_again_and_stands_once() {
        for kind in Kind::ALL {
            assert_eq!(Kind::parse(kind.row().word), Some(kind));
            for material in kind.row().materials {
                assert_eq!(MaterialKind::parse(material.as_str()), Some(*material));
            }
        }
        assert_eq!(Kind::parse("gone"), None);
    }

    #[test]
    fn what_is_always_wanted_may_be_attached() {
        for kind in Kind::ALL.map(Kind::row) {
            assert!(kind.always.iter().all(|material| kind.materials.contains(material)), "{}", kind.word);
        }
    }

    #[test]
    fn what_nobody_reviews_is_sealed_by_the_administrator() {
        for kind in Kind::ALL.map(Kind::row) {
            assert!(kind.review || kind.letter == Letter::Yes, "{}", kind.word);
        }
    }

    #[test]
    fn every_stored_word_is_the_word_of_the_api() {
        for kind in Kind::ALL {
            assert_eq!(serde_json::to_value(kind).expect("a word"), kind.row().word);
        }
    }
}
