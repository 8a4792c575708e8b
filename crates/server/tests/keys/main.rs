//! The door for key operations: who gets a partial signature, and what a crash leaves behind.

#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../phone/mod.rs"]
mod phone;
#[path = "../hostile/stage.rs"]
#[allow(dead_code)]
mod stage;

mod crash;
mod door;
mod encryption;
mod faults;
mod issuance;
mod killed;
mod life;
mod recovery;
mod refresh;
mod transparency;
