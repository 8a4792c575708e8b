//! Applications: every request that somebody must approve, one state machine for all kinds.

pub mod entity;
mod http;
pub mod rules;
mod service;

pub use entity::application::Model as Application;
pub use http::routes;
pub use service::{ReadyApplication, mark_done, require_ready};
