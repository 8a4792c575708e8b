//! The halt switch: while issuance is halted, of one institution or of the whole platform, no certificate comes into being
//! at any node. What waits is kept and goes on afterwards.
//!
//! | file | what |
//! |---|---|
//! | `rules.rs` | what is halted, and how many voices end it |
//! | `store.rs` | which halts are in force |
//! | `service.rs` | halting and resuming |
//! | `http.rs`, `command.rs` | both at the console, and from the command line |

pub mod command;
pub mod entity;
mod http;
pub mod rules;
pub mod service;
pub mod store;

pub use http::routes;
pub use store::require_running;

use crate::error::Kind;

/// Nothing is issued now.
pub const ISSUANCE_HALTED: Kind = Kind::new(
    409,
    "ISSUANCE_HALTED",
    "证书签发暂时停止。您的申请和资料都已保存，无需重新提交，恢复后即可继续下载",
    "Issuing certificates is paused. Nothing is lost and nothing needs to be handed in again; you can go on with the \
     download once it is resumed",
);
