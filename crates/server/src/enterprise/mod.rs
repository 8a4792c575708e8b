//! Enterprises: what the platform knows about them, who belongs to them, and how people find them.

pub mod entity;
pub mod rules;

pub use entity::{enterprise::Model as Enterprise, membership::Model as Membership};
