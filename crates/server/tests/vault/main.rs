//! Where private keys lie: under a key in a PKCS#11 token (SoftHSM), and off-line.

#![allow(clippy::unwrap_used)]

#[path = "../common/mod.rs"]
mod common;
#[path = "../phone/mod.rs"]
mod phone;
#[path = "../hostile/stage.rs"]
#[allow(dead_code)]
mod stage;

mod moving;
mod roots;
mod softhsm;
mod token;
