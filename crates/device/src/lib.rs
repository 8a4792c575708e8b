//! The phone's half of Guiqian, in WebAssembly for the web app.

pub mod pdf;
pub mod pin;
