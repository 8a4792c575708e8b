//! Applications: every request that somebody must approve, one state machine for all kinds.
//!
//! draft → (with admin) → with reviewer → (with second reviewer) → refused | approved → (payment due) → ready → done, plus
//! withdrawn and expired. The table of kinds stands in [`kinds`], the machine in [`rules`]; every change goes through `store::advance`, which writes state, version, history, audit
//! entry and the applicant's event in one transaction.

mod body;
pub mod details;
mod ending;
pub mod entity;
mod http;
pub mod kinds;
mod letters;
pub mod picture;
pub mod rules;
mod service;
pub mod store;

pub use body::ApplicationBody;
pub use ending::{end_all, forget_unused, open_of};
pub use entity::application::Model as Application;
pub use http::{material_response, routes};
pub use service::{
    Guide, ReadyApplication, approve, expire_left_alone, guide, mark_done, refuse, require_ready, waiting_since,
};
