//! Integers modulo the group order.

use crate::{Error, Result, random};
use core::ops::{Add, Mul, Neg, Sub};
use sm2::elliptic_curve::{PrimeField as _, ops::Reduce as _};
use subtle::{Choice, ConstantTimeEq};
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// An integer modulo the group order n. Wiped when dropped; `Debug` shows nothing.
#[derive(Clone)]
pub struct Scalar(pub(super) sm2::Scalar);

impl Scalar {
    /// Zero.
    pub const ZERO: Self = Self(sm2::Scalar::ZERO);
    /// One.
    pub const ONE: Self = Self(sm2::Scalar::ONE);

    /// Decodes 32 bytes, big-endian, in `[0, n-1]`.
    pub fn from_bytes(bytes: &[u8; 32]) -> Result<Self> {
        Option::from(sm2::Scalar::from_repr((*bytes).into())).map(Self).ok_or(Error::Scalar)
    }

    /// Decodes 32 bytes, big-endian, in `[1, n-1]`.
    pub fn from_bytes_nonzero(bytes: &[u8; 32]) -> Result<Self> {
        Self::from_bytes(bytes)?.nonzero()
    }

    /// Decodes like [`Scalar::from_bytes`] from a slice, which must have 32 bytes.
    pub fn from_slice(bytes: &[u8]) -> Result<Self> {
        Self::from_bytes(bytes.try_into().map_err(|_| Error::Scalar)?)
    }

    /// The value modulo n of 32 big-endian bytes: for digests and x-coordinates.
    pub fn reduce(bytes: &[u8; 32]) -> Self {
        let array: sm2::FieldBytes = (*bytes).into();
        Self(sm2::Scalar::reduce(&array))
    }

    /// The value modulo n of 64 big-endian bytes. From uniform bytes the result has no visible bias.
    pub fn reduce_wide(bytes: &[u8; 64]) -> Self {
        let half = |from: usize| {
            let mut part = Zeroizing::new([0u8; 32]);
            part.copy_from_slice(&bytes[from..from + 32]);
            Self::reduce(&part)
        };
        // 2^256 mod n, as 2^128 squared.
        let mut shift = [0u8; 32];
        shift[15] = 1;
        let shift = Self::reduce(&shift);
        &(&(&half(0) * &shift) * &shift) + &half(32)
    }

    /// A uniform value in `[1, n-1]`.
    pub fn random() -> Result<Self> {
        loop {
            let wide = random::secret::<64>()?;
            let scalar = Self::reduce_wide(&wide);
            if !bool::from(scalar.is_zero()) {
                return Ok(scalar);
            }
        }
    }

    /// 32 bytes, big-endian. For a secret scalar see [`Scalar::to_secret_bytes`].
    pub fn to_bytes(&self) -> [u8; 32] {
        self.0.to_repr().into()
    }

    /// 32 bytes, big-endian, wiped when dropped.
    pub fn to_secret_bytes(&self) -> Zeroizing<[u8; 32]> {
        Zeroizing::new(self.to_bytes())
    }

    /// Whether the value is zero.
    pub fn is_zero(&self) -> Choice {
        self.0.is_zero()
    }

    /// The value itself unless it is zero.
    pub fn nonzero(self) -> Result<Self> {
        if bool::from(self.is_zero()) { Err(Error::Scalar) } else { Ok(self) }
    }

    /// The multiplicative inverse, in constant time; zero has none.
    pub fn invert(&self) -> Result<Self> {
        Option::from(self.0.invert()).map(Self).ok_or(Error::Scalar)
    }
}

impl Zeroize for Scalar {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl Drop for Scalar {
    fn drop(&mut self) {
        self.zeroize();
    }
}

impl ZeroizeOnDrop for Scalar {}

impl core::fmt::Debug for Scalar {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Scalar(..)")
    }
}

impl ConstantTimeEq for Scalar {
    fn ct_eq(&self, other: &Self) -> Choice {
        self.0.ct_eq(&other.0)
    }
}

/// Compares in constant time.
impl PartialEq for Scalar {
    fn eq(&self, other: &Self) -> bool {
        self.ct_eq(other).into()
    }
}

impl Eq for Scalar {}

macro_rules! operator {
    ($trait:ident, $method:ident) => {
        impl $trait<&Scalar> for &Scalar {
            type Output = Scalar;
            fn $method(self, other: &Scalar) -> Scalar {
                Scalar($trait::$method(&self.0, &other.0))
            }
        }
        impl $trait<Scalar> for Scalar {
            type Output = Scalar;
            fn $method(self, other: Scalar) -> Scalar {
                $trait::$method(&self, &other)
            }
        }
        impl $trait<&Scalar> for Scalar {
            type Output = Scalar;
            fn $method(self, other: &Scalar) -> Scalar {
                $trait::$method(&self, other)
            }
        }
        impl $trait<Scalar> for &Scalar {
            type Output = Scalar;
            fn $method(self, other: Scalar) -> Scalar {
                $trait::$method(self, &other)
            }
        }
    };
}

operator!(Add, add);
operator!(Sub, sub);
operator!(Mul, mul);

impl Neg for &Scalar {
    type Output = Scalar;
    fn neg(self) -> Scalar {
        Scalar(-&self.0)
    }
}
