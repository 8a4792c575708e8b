//! People: from a phone number to an approved application, through the front door.

#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../phone/mod.rs"]
mod phone;

mod accounts;
mod applications;
mod codes;
mod console;
mod console_audit;
mod console_queue;
mod console_scan;
mod console_settings;
mod console_staff;
mod garbage;
mod identity;
mod limits;
mod messages;
mod nodes;
mod platform;
