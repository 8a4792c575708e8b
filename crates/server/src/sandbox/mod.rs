//! The sandbox: stand-ins for outside services, each clearly marked, served only when the platform runs in sandbox mode.

pub mod entity;
mod http;

pub use http::routes;
