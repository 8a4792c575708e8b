//! What an application carries beyond its columns: sealed JSON, because identity numbers are among it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::Application;
use crate::{
    app::AppState,
    authorisation::rules::Grant,
    enterprise::rules::IdType,
    error::{Problem, Result},
};

/// What the sealed form is bound to, beside the application's id.
const PURPOSE: &str = "application-details/v1";

/// What is said about an enterprise: by a claim, or by a change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EnterpriseFacts {
    /// Full name, as on the licence. In a draft, whatever is not known yet is empty.
    #[schema(max_length = 100)]
    pub name: String,
    /// Unified social credit code, 18 characters.
    #[schema(max_length = 30)]
    pub credit_code: String,
    /// Name of the legal person.
    #[schema(max_length = 50)]
    pub legal_person_name: String,
    /// Kind of the legal person's document.
    pub legal_person_id_type: IdType,
    /// Its number.
    #[schema(max_length = 30)]
    pub legal_person_id_number: String,
}

/// The details of one application; which are there depends on its kind.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Details {
    /// Claim and change: the enterprise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub facts: Option<EnterpriseFacts>,
    /// Join and authorisation: what is granted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grant: Option<Grant>,
    /// Change: the certificates that are replaced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub certificate_ids: Vec<Uuid>,
    /// Join: the administrator whom the applicant has shown to know.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known_admin: Option<Uuid>,
    /// Reapplication after a change: the certificate ends when the old one would have.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub ends_with_old: bool,
}

impl Details {
    /// The details of `row`; empty where it has none.
    pub fn of(state: &AppState, row: &Application) -> Result<Self> {
        let Some(sealed) = &row.details else { return Ok(Self::default()) };
        let json = state.secrets.open_sealed(PURPOSE, row.id.as_bytes(), sealed)?;
        serde_json::from_slice(&json).map_err(Problem::internal)
    }

    /// The sealed form for the application `id`.
    pub fn seal(&self, state: &AppState, id: Uuid) -> Result<Vec<u8>> {
        let json = serde_json::to_vec(self).map_err(Problem::internal)?;
        Ok(state.secrets.seal(PURPOSE, id.as_bytes(), &json)?)
    }
}
