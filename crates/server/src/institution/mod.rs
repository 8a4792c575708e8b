//! CA institutions: who issues, what they sell, what they want to see.

pub mod entity;
mod http;
mod sandbox;

pub use entity::{institution::Model as Institution, product::Model as Product};
pub use http::{InstitutionRef, ProductBody, routes};
pub use sandbox::ensure_sandbox;
