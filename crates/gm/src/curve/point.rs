//! Points of the curve, and what point arithmetic gives.

use super::Scalar;
use crate::{Error, Result};
use core::ops::{Add, Neg, Sub};
use sm2::{
    AffinePoint, ProjectivePoint,
    elliptic_curve::{
        BatchNormalize as _, Group as _,
        ops::{LinearCombination as _, MulByGeneratorVartime as _},
        point::AffineCoordinates as _,
        sec1::{FromSec1Point as _, Sec1Point},
    },
};
use zeroize::Zeroize;

/// A point of the curve other than infinity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Point(AffinePoint);

impl Point {
    /// Length of the encoding `04||x||y`.
    pub const LENGTH: usize = 65;

    /// The base point G.
    pub const GENERATOR: Self = Self(AffinePoint::GENERATOR);

    /// Decodes `04||x||y`: exactly 65 bytes, coordinates below p, on the curve.
    pub fn from_bytes(bytes: &[u8; 65]) -> Result<Self> {
        Self::from_slice(bytes)
    }

    /// Decodes like [`Point::from_bytes`] from a slice.
    pub fn from_slice(bytes: &[u8]) -> Result<Self> {
        if bytes.len() != Self::LENGTH || bytes[0] != 4 {
            return Err(Error::Point);
        }
        let encoded = Sec1Point::<sm2::Sm2>::from_bytes(bytes).map_err(|_| Error::Point)?;
        Option::from(AffinePoint::from_sec1_point(&encoded)).map(Self).ok_or(Error::Point)
    }

    /// `04||x||y`.
    pub fn to_bytes(&self) -> [u8; 65] {
        let mut out = [0; 65];
        out[0] = 4;
        out[1..33].copy_from_slice(&self.x());
        out[33..].copy_from_slice(&self.y());
        out
    }

    /// The x-coordinate, 32 bytes big-endian.
    pub fn x(&self) -> [u8; 32] {
        self.0.x().into()
    }

    /// The y-coordinate, 32 bytes big-endian.
    pub fn y(&self) -> [u8; 32] {
        self.0.y().into()
    }

    /// `[k]G`, constant-time in `k`.
    pub fn mul_base(k: &Scalar) -> Element {
        Element(ProjectivePoint::mul_by_generator(&k.0))
    }

    /// `[k]G` for public `k`.
    pub fn mul_base_vartime(k: &Scalar) -> Element {
        Element(ProjectivePoint::mul_by_generator_vartime(&k.0))
    }

    /// `[k]self`, constant-time in `k`.
    pub fn mul(&self, k: &Scalar) -> Element {
        Element(ProjectivePoint::from(self.0).mul(&k.0))
    }

    /// `[k]self` for public `k`.
    pub fn mul_vartime(&self, k: &Scalar) -> Element {
        Element(ProjectivePoint::from(self.0).mul_vartime(&k.0))
    }

    /// `[a]G + [b]self` for public `a` and `b`.
    pub fn mul_add_base_vartime(&self, a: &Scalar, b: &Scalar) -> Element {
        Self::mul_add_base_all_vartime([(a, b, self)]).map_or(Element::IDENTITY, |[sum]| sum.into())
    }

    /// `[a]G + [b]P` for each term `(a, b, P)`, all public, with one inversion; refuses if one of them is infinity.
    #[cfg(target_pointer_width = "64")]
    pub fn mul_add_base_all_vartime<const N: usize>(terms: [(&Scalar, &Scalar, &Self); N]) -> Result<[Self; N]> {
        let terms = terms.map(|(a, b, point)| (a.to_bytes(), b.to_bytes(), (point.x(), point.y())));
        let mut out = [Self::GENERATOR; N];
        for (slot, sum) in out.iter_mut().zip(super::vartime::mul_add_all(terms)) {
            let (x, y) = sum.ok_or(Error::Point)?;
            // Decoding checks that the sum is on the curve: a fault in the arithmetic does not pass.
            *slot = Self::from_coordinates(&x, &y)?;
        }
        Ok(out)
    }

    /// `[a]G + [b]P` for each term `(a, b, P)`, all public, with one inversion; refuses if one of them is infinity.
    #[cfg(not(target_pointer_width = "64"))]
    pub fn mul_add_base_all_vartime<const N: usize>(terms: [(&Scalar, &Scalar, &Self); N]) -> Result<[Self; N]> {
        Element::normalize_all(terms.map(|(a, b, point)| Self::mul_base_vartime(a) + point.mul_vartime(b)))
    }

    #[cfg(target_pointer_width = "64")]
    fn from_coordinates(x: &[u8; 32], y: &[u8; 32]) -> Result<Self> {
        let mut bytes = [4; 65];
        bytes[1..33].copy_from_slice(x);
        bytes[33..].copy_from_slice(y);
        Self::from_bytes(&bytes)
    }
}

impl core::fmt::Debug for Point {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        // Some points of the split-key protocol let a stolen phone be searched for its PIN, so none is printed.
        f.write_str("Point(..)")
    }
}

impl Zeroize for Point {
    /// Leaves the base point behind.
    fn zeroize(&mut self) {
        self.0.zeroize();
        self.0 = AffinePoint::GENERATOR;
    }
}

/// A result of point arithmetic: a point of the curve or infinity.
#[derive(Clone, Copy)]
pub struct Element(ProjectivePoint);

impl Element {
    /// Infinity.
    pub const IDENTITY: Self = Self(ProjectivePoint::IDENTITY);

    /// The affine form; refuses infinity.
    pub fn normalize(&self) -> Result<Point> {
        let affine = self.0.to_affine();
        if bool::from(affine.is_identity()) { Err(Error::Point) } else { Ok(Point(affine)) }
    }

    /// The affine forms of several results with one inversion; refuses if one of them is infinity.
    pub fn normalize_all<const N: usize>(elements: [Self; N]) -> Result<[Point; N]> {
        let affine = ProjectivePoint::batch_normalize(&elements.map(|element| element.0));
        if affine.iter().any(|point| bool::from(point.is_identity())) {
            return Err(Error::Point);
        }
        Ok(affine.map(Point))
    }

    /// Whether this is infinity.
    pub fn is_identity(&self) -> bool {
        self.0.is_identity().into()
    }

    /// `[k1]P1 + [k2]P2 + ...` for public scalars, sharing the doublings (Straus' method).
    pub fn lincomb_vartime<const N: usize>(terms: [(&Point, &Scalar); N]) -> Self {
        let terms = terms.map(|(point, scalar)| (ProjectivePoint::from(point.0), scalar.0));
        Self(ProjectivePoint::lincomb_vartime(&terms))
    }
}

impl core::fmt::Debug for Element {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Element(..)")
    }
}

impl Zeroize for Element {
    fn zeroize(&mut self) {
        self.0.zeroize();
    }
}

impl From<Point> for Element {
    fn from(point: Point) -> Self {
        Self(point.0.into())
    }
}

impl From<&Point> for Element {
    fn from(point: &Point) -> Self {
        Self(point.0.into())
    }
}

impl Add for &Element {
    type Output = Element;
    fn add(self, other: &Element) -> Element {
        Element(self.0 + other.0)
    }
}

impl Sub for &Element {
    type Output = Element;
    fn sub(self, other: &Element) -> Element {
        Element(self.0 - other.0)
    }
}

impl Add for Element {
    type Output = Element;
    fn add(self, other: Element) -> Element {
        Element(self.0 + other.0)
    }
}

impl Sub for Element {
    type Output = Element;
    fn sub(self, other: Element) -> Element {
        Element(self.0 - other.0)
    }
}

impl Add<&Point> for Element {
    type Output = Element;
    fn add(self, other: &Point) -> Element {
        Element(self.0 + other.0)
    }
}

impl Sub<&Point> for Element {
    type Output = Element;
    fn sub(self, other: &Point) -> Element {
        Element(self.0 - other.0)
    }
}

impl Neg for Element {
    type Output = Element;
    fn neg(self) -> Element {
        Element(-self.0)
    }
}

impl PartialEq for Element {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl Eq for Element {}
