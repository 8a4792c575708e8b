//! What other people's software asks the platform: revocation lists, OCSP, time stamps.

#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../phone/mod.rs"]
mod phone;
#[allow(dead_code)] // It is a stage for more than is played here.
#[path = "../hostile/stage.rs"]
mod stage;

mod asking;
mod elsewhere;
mod lists;
mod ocsp;
mod outside;
mod stamps;
mod withdrawal;
