//! Many at once, the impatient, and those who look where they should not: through the front door.

#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../phone/mod.rs"]
mod phone;

mod access;
mod accounts;
mod crash_output;
mod doors;
mod leaks;
mod races;
mod secrets;
mod stage;
mod storm;
