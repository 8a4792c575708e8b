//! Arithmetic of sm2p256v1 (GB/T 32918.5 clause 2) for protocols built on it.
//!
//! * [`Scalar`]: an integer modulo the group order n; wiped when dropped, never printed.
//! * [`Point`]: a point of the curve other than infinity, in affine form; its bytes are always `04||x||y`.
//! * [`Element`]: the result of point arithmetic, possibly infinity; [`Element::normalize`] refuses infinity.
//!
//! Multiplications are constant-time in the scalar unless their name says `vartime`.

mod point;
mod scalar;
#[cfg(target_pointer_width = "64")]
mod vartime;

pub use point::{Element, Point};
pub use scalar::Scalar;
