//! Point arithmetic for public values only: verification of signatures and proofs.
//!
//! Running time and memory access depend on the arguments; nothing secret may come near. For secrets stay with
//! [`super::Point::mul`] and [`super::Point::mul_base`]. Written for processors with 64-bit multiplication; the others
//! use the constant-time implementation's own functions.

mod field;

use field::Fe;
use std::sync::LazyLock;

/// An affine point, big-endian x and y.
pub(super) type Coordinates = ([u8; 32], [u8; 32]);

/// Window of the digits for an arbitrary point: 8 odd multiples.
const WINDOW: usize = 5;
/// Window of the digits for G: 64 odd multiples, computed once.
const BASE_WINDOW: usize = 8;

/// A point in Jacobian coordinates: x = X/Z^2, y = Y/Z^3; infinity has Z = 0.
#[derive(Clone, Copy)]
struct Jacobian {
    x: Fe,
    y: Fe,
    z: Fe,
}

#[derive(Clone, Copy)]
struct Affine {
    x: Fe,
    y: Fe,
}

impl Affine {
    fn new((x, y): &Coordinates) -> Self {
        Self { x: Fe::from_bytes(x), y: Fe::from_bytes(y) }
    }

    fn neg(&self) -> Self {
        Self { x: self.x, y: self.y.neg() }
    }
}

impl Jacobian {
    const INFINITY: Self = Self { x: Fe::ONE, y: Fe::ONE, z: Fe::ZERO };

    fn from_affine(point: &Affine) -> Self {
        Self { x: point.x, y: point.y, z: Fe::ONE }
    }

    fn neg(&self) -> Self {
        Self { y: self.y.neg(), ..*self }
    }

    /// Doubling for a = -3: 3 multiplications, 5 squarings.
    fn double(&self) -> Self {
        let delta = self.z.square();
        let gamma = self.y.square();
        let beta = self.x.mul(&gamma);
        let alpha = self.x.sub(&delta).mul(&self.x.add(&delta));
        let alpha = alpha.double().add(&alpha);
        let beta4 = beta.double().double();
        let x = alpha.square().sub(&beta4.double());
        let z = self.y.add(&self.z).square().sub(&gamma).sub(&delta);
        let y = alpha.mul(&beta4.sub(&x)).sub(&gamma.square().double().double().double());
        Self { x, y, z }
    }

    /// Addition of two points in general position, or not.
    fn add(&self, other: &Self) -> Self {
        if self.z.is_zero() {
            return *other;
        }
        if other.z.is_zero() {
            return *self;
        }
        let (z1z1, z2z2) = (self.z.square(), other.z.square());
        let (u1, u2) = (self.x.mul(&z2z2), other.x.mul(&z1z1));
        let s1 = self.y.mul(&other.z).mul(&z2z2);
        let s2 = other.y.mul(&self.z).mul(&z1z1);
        self.join(u1, s1, &u2.sub(&u1), &s2.sub(&s1), &self.z.mul(&other.z))
    }

    /// Addition of an affine point.
    fn add_affine(&self, other: &Affine) -> Self {
        if self.z.is_zero() {
            return Self::from_affine(other);
        }
        let z1z1 = self.z.square();
        let u2 = other.x.mul(&z1z1);
        let s2 = other.y.mul(&self.z).mul(&z1z1);
        self.join(self.x, self.y, &u2.sub(&self.x), &s2.sub(&self.y), &self.z)
    }

    /// The common end of both additions, from U1, S1, H = U2 - U1, R = S2 - S1 and Z1 Z2.
    fn join(&self, u1: Fe, s1: Fe, h: &Fe, r: &Fe, zz: &Fe) -> Self {
        if h.is_zero() {
            return if r.is_zero() { self.double() } else { Self::INFINITY };
        }
        let h2 = h.square();
        let h3 = h2.mul(h);
        let v = u1.mul(&h2);
        let x = r.square().sub(&h3).sub(&v.double());
        let y = r.mul(&v.sub(&x)).sub(&s1.mul(&h3));
        Self { x, y, z: zz.mul(h) }
    }
}

/// The width-w non-adjacent form: odd digits below 2^(w-1) in absolute value, at least w-1 zeros between them.
fn digits(scalar: &[u8; 32], window: usize) -> [i8; 257] {
    let mut k = [0u64; 5];
    for (limb, chunk) in k.iter_mut().zip(scalar.as_rchunks::<8>().1.iter().rev()) {
        *limb = u64::from_be_bytes(*chunk);
    }
    let mut out = [0; 257];
    let mut carry = 0;
    let mut position = 0;
    while position < 257 {
        let bit = |at: usize| (k[at / 64] >> (at % 64)) & 1;
        if bit(position) == carry {
            position += 1;
            continue;
        }
        let mut word = carry;
        for i in 0..window.min(320 - position) {
            word += bit(position + i) << i;
        }
        carry = word >> (window - 1) & 1;
        // At most 2^(w-1) in absolute value, w at most 8: fits.
        out[position] = (word as i64 - ((carry as i64) << window)) as i8;
        position += window;
    }
    out
}

/// 1P, 3P, 5P, .. 15P.
fn odd_multiples<const N: usize>(point: &Jacobian) -> [Jacobian; N] {
    let twice = point.double();
    let mut out = [*point; N];
    for i in 1..N {
        out[i] = out[i - 1].add(&twice);
    }
    out
}

/// Odd multiples of G.
static BASE: LazyLock<[Affine; 1 << (BASE_WINDOW - 2)]> = LazyLock::new(|| {
    let generator = super::Point::GENERATOR;
    let base = Jacobian::from_affine(&Affine::new(&(generator.x(), generator.y())));
    let table = odd_multiples::<{ 1 << (BASE_WINDOW - 2) }>(&base);
    // No multiple of G below n is infinity.
    normalize(&table).map(|point| point.unwrap_or(Affine { x: Fe::ZERO, y: Fe::ZERO }))
});

/// The affine forms with one inversion; `None` for infinity.
fn normalize<const N: usize>(points: &[Jacobian; N]) -> [Option<Affine>; N] {
    // Products of all z up to each point, leaving out infinity.
    let mut products = [Fe::ONE; N];
    let mut product = Fe::ONE;
    for (slot, point) in products.iter_mut().zip(points) {
        *slot = product;
        if !point.z.is_zero() {
            product = product.mul(&point.z);
        }
    }
    let mut inverse = product.invert();
    let mut out = [None; N];
    for i in (0..N).rev() {
        let point = &points[i];
        if point.z.is_zero() {
            continue;
        }
        let z = inverse.mul(&products[i]);
        inverse = inverse.mul(&point.z);
        let z2 = z.square();
        out[i] = Some(Affine { x: point.x.mul(&z2), y: point.y.mul(&z2).mul(&z) });
    }
    out
}

/// aG + bP, sharing the doublings (Straus' method).
fn mul_add(a: &[u8; 32], b: &[u8; 32], point: &Coordinates) -> Jacobian {
    let table = odd_multiples::<{ 1 << (WINDOW - 2) }>(&Jacobian::from_affine(&Affine::new(point)));
    let (a, b) = (digits(a, BASE_WINDOW), digits(b, WINDOW));
    let mut sum = Jacobian::INFINITY;
    for (a, b) in a.iter().zip(&b).rev() {
        sum = sum.double();
        if *b != 0 {
            let entry = &table[usize::from(b.unsigned_abs()) / 2];
            sum = if *b > 0 { sum.add(entry) } else { sum.add(&entry.neg()) };
        }
        if *a != 0 {
            let entry = &BASE[usize::from(a.unsigned_abs()) / 2];
            sum = if *a > 0 { sum.add_affine(entry) } else { sum.add_affine(&entry.neg()) };
        }
    }
    sum
}

/// `a G + b P` for each term `(a, b, P)`; `None` for infinity. Scalars are big-endian and below n.
pub(super) fn mul_add_all<const N: usize>(terms: [([u8; 32], [u8; 32], Coordinates); N]) -> [Option<Coordinates>; N] {
    let sums = terms.map(|(a, b, point)| mul_add(&a, &b, &point));
    normalize(&sums).map(|sum| sum.map(|point| (point.x.to_bytes(), point.y.to_bytes())))
}
