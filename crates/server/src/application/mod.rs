//! Applications: every request that somebody must approve, one state machine for all kinds.
//!
//! draft → (with admin) → with reviewer → (with second reviewer) → refused | approved → (payment due) → ready → done, plus
//! withdrawn and expired. The table of kinds stands in [`kinds`], the machine in [`rules`]; every change goes through
//! `store::advance`, which writes state, version, history, audit entry and everybody's events in one transaction.
//!
//! | file | what |
//! |---|---|
//! | `kinds.rs`, `rules.rs` | the table of kinds, the machine |
//! | `access.rs` | whose business an application is, and what each may do |
//! | `origin.rs` | what it is about, and whether this person may begin it |
//! | `drafts.rs`, `facts.rs`, `picture.rs` | what the applicant writes, and its checks |
//! | `submission.rs` | handing in |
//! | `consent.rs` | the administrator's letter or refusal |
//! | `review.rs` | the reviewers' decisions |
//! | `ready.rs` | what the download needs to know |
//! | `completion.rs`, `seals.rs` | what comes of it |
//! | `papers.rs` | forms and letters |
//! | `ending.rs`, `expiry.rs` | what becomes of it when somebody leaves, or nobody goes on |
//! | `letters.rs` | what everybody is told |
//! | `guide.rs` | the next step for a person |
//! | `diagram.rs` | `docs/applications.md`, drawn from the code |
//! | `body.rs`, `http.rs` | the API |

mod access;
mod body;
mod completion;
mod consent;
pub mod details;
pub mod diagram;
mod drafts;
mod ending;
pub mod entity;
mod expiry;
mod facts;
mod guide;
mod http;
pub mod kinds;
mod letters;
mod origin;
mod papers;
pub mod picture;
pub mod problems;
mod ready;
mod review;
pub mod rules;
mod seals;
pub mod store;
mod submission;

pub use access::Viewer;
pub use body::ApplicationBody;
pub use completion::mark_done;
pub use consent::{letter_response, letter_sealed};
pub use ending::{end_all, end_in_enterprise, forget_unused, open_of};
pub use entity::application::Model as Application;
pub use expiry::expire_left_alone;
pub use guide::{Guide, guide};
pub use http::{material_response, routes};
pub use origin::follow_certificate;
pub use ready::{ReadyApplication, require_ready};
pub use review::{approve, refuse, waiting_since};
pub use seals::{Seal, for_download as seals_for_download};
pub use store::route;
