//! The platform: accounts, real names, applications, certificates, split keys, scan requests, and the console for those
//! who review. One folder per feature; every folder reads the same way.
//!
//! | file | what |
//! |---|---|
//! | `mod.rs` | what the feature is, its types and routes |
//! | `rules.rs` | decisions, pure: no async, no SQL, no HTTP |
//! | `entity.rs`, `store.rs` | tables and queries |
//! | `service.rs` | transactions |
//! | `http.rs` | requests, answers, their description in OpenAPI |

// utoipa's `path` attribute writes full paths where our handlers name their extractors.
#![allow(unused_qualifications)]

pub mod app;
pub mod clock;
pub mod config;
pub mod error;
pub mod events;
pub mod extract;
mod fail_point;
pub mod heavy;
pub mod openapi;
pub mod outside;
pub mod page;
pub mod paper;
pub mod password;
pub mod providers;
pub mod rate;
pub mod serve;
pub mod storage;
pub mod upkeep;
pub mod web;

pub mod account;
pub mod application;
pub mod audit;
pub mod authorisation;
pub mod certificate;
pub mod console;
pub mod enterprise;
pub mod fault;
pub mod feedback;
pub mod help;
pub mod identity;
pub mod institution;
pub mod issuance;
pub mod keys;
pub mod kmc;
pub mod message;
pub mod pki_services;
pub mod relying;
pub mod sandbox;
pub mod scan;
pub mod signing;
pub mod transparency;
pub mod vault;
pub mod verify;
