//! Authorisations (授权): what a clerk may do for an enterprise at which platform, until when. One function decides every
//! use, [`rules::decide`].

pub mod entity;
pub mod rules;

pub use entity::Model as Authorisation;
