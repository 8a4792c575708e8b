//! Who may do what at the console: one function, asked by every handler. Within its scope: an institution's people see
//! and touch nothing of another's.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What somebody is at the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConsoleRole)]
pub enum Role {
    /// Runs the platform: institutions, people, audit; stands in for any institution's reviewer.
    Operator,
    /// Leads an institution's reviewers and keeps its settings.
    Lead,
    /// Decides applications.
    Reviewer,
    /// Reads everything, decides nothing.
    Auditor,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 4] = [Self::Operator, Self::Lead, Self::Reviewer, Self::Auditor];

    /// The word that is stored.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Operator => "operator",
            Self::Lead => "lead",
            Self::Reviewer => "reviewer",
            Self::Auditor => "auditor",
        }
    }

    /// The role of a stored word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// Whether somebody of this role may belong to the platform itself, or to one institution.
    pub const fn fits(self, scope: Scope) -> bool {
        match self {
            Self::Operator => matches!(scope, Scope::Platform),
            Self::Lead => matches!(scope, Scope::Institution),
            Self::Reviewer | Self::Auditor => true,
        }
    }

    /// Whether somebody of this role may make, change and disable people of `other`. Nobody makes more of their own
    /// kind but the operator.
    pub const fn manages(self, other: Self) -> bool {
        match self {
            Self::Operator => true,
            Self::Lead => matches!(other, Self::Reviewer | Self::Auditor),
            Self::Reviewer | Self::Auditor => false,
        }
    }
}

/// Whose business somebody sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    /// Every institution's, and the platform's own.
    Platform,
    /// One institution's.
    Institution,
}

/// What is done at the console.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ConsoleAct)]
pub enum Act {
    /// See applications with their material.
    ReadApplications,
    /// See whole identity numbers; each look is written down.
    ReadIdentity,
    /// Take an application in hand, approve, refuse.
    Decide,
    /// See certificates.
    ReadCertificates,
    /// Suspend, resume or revoke them.
    ChangeCertificates,
    /// See who works at the console.
    ReadReviewers,
    /// Make and change them.
    ManageReviewers,
    /// See an institution's settings.
    ReadSettings,
    /// Change them.
    ManageSettings,
    /// Make an institution with its CA.
    CreateInstitution,
    /// Halt issuance, and let it go on.
    HaltIssuance,
    /// See faults and what they touch.
    ReadFaults,
    /// Open faults, and have what they touch issued anew.
    ManageFaults,
    /// See figures.
    ReadStatistics,
    /// See the audit log of one's scope, and export it.
    ReadAudit,
    /// Have its whole chain checked.
    VerifyAudit,
    /// See what users wrote to the platform.
    ReadFeedback,
    /// Answer it.
    AnswerFeedback,
}

impl Act {
    /// Every act.
    pub const ALL: [Self; 18] = [
        Self::ReadApplications,
        Self::ReadIdentity,
        Self::Decide,
        Self::ReadCertificates,
        Self::ChangeCertificates,
        Self::ReadReviewers,
        Self::ManageReviewers,
        Self::ReadSettings,
        Self::ManageSettings,
        Self::CreateInstitution,
        Self::HaltIssuance,
        Self::ReadFaults,
        Self::ManageFaults,
        Self::ReadStatistics,
        Self::ReadAudit,
        Self::VerifyAudit,
        Self::ReadFeedback,
        Self::AnswerFeedback,
    ];
}

/// Whether somebody of this role, who belongs to the platform or to an institution, may do this within their scope.
pub const fn allows(role: Role, scope: Scope, act: Act) -> bool {
    use Role::{Auditor, Lead, Operator, Reviewer};
    let platform = matches!(scope, Scope::Platform);
    match act {
        Act::ReadApplications | Act::ReadIdentity | Act::ReadCertificates | Act::ReadSettings | Act::ReadStatistics => {
            true
        }
        Act::Decide | Act::ChangeCertificates => matches!(role, Operator | Lead | Reviewer),
        Act::ReadReviewers => matches!(role, Operator | Lead | Auditor),
        Act::ManageReviewers | Act::ManageSettings => matches!(role, Operator | Lead),
        Act::CreateInstitution | Act::HaltIssuance | Act::ManageFaults => matches!(role, Operator),
        Act::ReadAudit => matches!(role, Operator | Auditor),
        // The chain runs through everybody's entries, and a fault through everybody's certificates.
        Act::VerifyAudit | Act::ReadFaults => platform && matches!(role, Operator | Auditor),
        Act::ReadFeedback => platform,
        Act::AnswerFeedback => platform && matches!(role, Operator | Lead | Reviewer),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Rows: acts. Columns: operator, platform's reviewer, platform's auditor, lead, reviewer, auditor.
    const MATRIX: &str = "
        ReadApplications   yes yes yes yes yes yes
        ReadIdentity       yes yes yes yes yes yes
        Decide             yes yes no  yes yes no
        ReadCertificates   yes yes yes yes yes yes
        ChangeCertificates yes yes no  yes yes no
        ReadReviewers      yes no  yes yes no  yes
        ManageReviewers    yes no  no  yes no  no
        ReadSettings       yes yes yes yes yes yes
        ManageSettings     yes no  no  yes no  no
        CreateInstitution  yes no  no  no  no  no
        HaltIssuance       yes no  no  no  no  no
        ReadFaults         yes no  yes no  no  no
        ManageFaults       yes no  no  no  no  no
        ReadStatistics     yes yes yes yes yes yes
        ReadAudit          yes no  yes no  no  yes
        VerifyAudit        yes no  yes no  no  no
        ReadFeedback       yes yes yes no  no  no
        AnswerFeedback     yes yes no  no  no  no
    ";
    const COLUMNS: [(Role, Scope); 6] = [
        (Role::Operator, Scope::Platform),
        (Role::Reviewer, Scope::Platform),
        (Role::Auditor, Scope::Platform),
        (Role::Lead, Scope::Institution),
        (Role::Reviewer, Scope::Institution),
        (Role::Auditor, Scope::Institution),
    ];

    #[test]
    fn every_role_may_do_what_the_matrix_says_and_nothing_else() {
        let rows: Vec<Vec<&str>> = MATRIX
            .lines()
            .map(|line| line.split_whitespace().collect())
            .filter(|row: &Vec<_>| !row.is_empty())
            .collect();
        assert_eq!(rows.len(), Act::ALL.len(), "every act has a row");
        for (row, act) in rows.iter().zip(Act::ALL) {
            assert_eq!(row[0], format!("{act:?}"));
            for ((role, scope), word) in COLUMNS.into_iter().zip(&row[1..]) {
                assert_eq!(allows(role, scope, act), *word == "yes", "{role:?} {scope:?} {act:?}");
            }
        }
    }

    #[test]
    fn an_auditor_changes_nothing() {
        for act in Act::ALL.into_iter().filter(|act| !format!("{act:?}").starts_with("Read")) {
            for scope in [Scope::Platform, Scope::Institution] {
                assert!(!allows(Role::Auditor, scope, act) || act == Act::VerifyAudit, "{act:?}");
            }
        }
    }

    #[test]
    fn a_lead_makes_reviewers_and_auditors_but_no_further_leads() {
        let managed = |role: Role| Role::ALL.into_iter().filter(|other| role.manages(*other)).collect::<Vec<_>>();
        assert_eq!(managed(Role::Operator), Role::ALL);
        assert_eq!(managed(Role::Lead), [Role::Reviewer, Role::Auditor]);
        assert_eq!(managed(Role::Reviewer), []);
        assert_eq!(managed(Role::Auditor), []);
    }

    #[test]
    fn every_role_that_is_stored_is_read_again() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
            assert_eq!(serde_json::to_value(role).expect("a word"), role.as_str());
        }
        assert_eq!(Role::parse("root"), None);
    }
}
