//! People: from a phone number to an approved application, through the front door.

#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../phone/mod.rs"]
mod phone;
#[allow(dead_code)] // It is a stage for more than is played here.
#[path = "../hostile/stage.rs"]
mod stage;

mod accounts;
mod applications;
mod authorisations;
mod certificates;
mod change;
mod codes;
mod console;
mod console_audit;
mod console_queue;
mod console_scan;
mod console_settings;
mod console_staff;
mod enterprises;
mod enterprises_claim;
mod firm;
mod forms;
mod garbage;
mod identity;
mod invariants;
mod invitations;
mod join;
mod letters;
mod limits;
mod messages;
mod nodes;
mod platform;
mod transfer;
