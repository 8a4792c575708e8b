//! Enterprises: what the platform knows about them, who belongs to them, and how people find them.
//!
//! | file | what |
//! |---|---|
//! | `rules.rs` | what facts must look like, roles, states |
//! | `facts.rs` | what is said of an enterprise |
//! | `membership.rs` | founding, joining, leaving, handing over |
//! | `invitation.rs` | inviting by name and phone |
//! | `search/` | finding by name, parts of it, initials |
//! | `notices.rs` | what everybody is told |
//! | `store.rs` | queries |
//! | `http.rs`, `people.rs` | the API |

pub mod entity;
pub mod facts;
mod http;
pub mod invitation;
pub mod membership;
pub mod notices;
mod people;
pub mod problems;
pub mod rules;
pub mod search;
pub mod store;

pub use entity::{enterprise::Model as Enterprise, membership::Model as Membership};
pub use http::{MembershipBody, memberships};

use utoipa_axum::router::OpenApiRouter;

use crate::app::AppState;

/// The routes of this feature.
pub fn routes() -> OpenApiRouter<AppState> {
    http::routes().merge(people::routes())
}
