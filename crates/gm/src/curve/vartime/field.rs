//! Arithmetic modulo p = 2^256 - 2^224 - 2^96 + 2^64 - 1 in Montgomery form, for public values.
//!
//! p is -1 modulo 2^64, so a step of Montgomery's reduction needs no multiplication: with m the lowest limb,
//! t + mp is a multiple of 2^64, and (t + mp) / 2^64 = t / 2^64 + m 2^192 - m 2^160 - m 2^32 + m (rounding down).

/// The prime, least significant limb first.
const P: [u64; 4] = [0xffff_ffff_ffff_ffff, 0xffff_ffff_0000_0000, 0xffff_ffff_ffff_ffff, 0xffff_fffe_ffff_ffff];
/// 2^512 mod p: brings a value into Montgomery form.
const R2: Fe = Fe([0x0000_0002_0000_0003, 0x0000_0002_ffff_ffff, 0x0000_0001_0000_0001, 0x0000_0004_0000_0002]);

/// An element of the field, below p.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Fe([u64; 4]);

impl Fe {
    pub(super) const ZERO: Self = Self([0; 4]);
    /// 2^256 mod p.
    pub(super) const ONE: Self = Self([1, 0xffff_ffff, 0, 0x1_0000_0000]);

    /// From 32 big-endian bytes of a value below p.
    pub(super) fn from_bytes(bytes: &[u8; 32]) -> Self {
        let mut limbs = [0; 4];
        for (limb, chunk) in limbs.iter_mut().rev().zip(bytes.as_chunks::<8>().0) {
            *limb = u64::from_be_bytes(*chunk);
        }
        Self(limbs).mul(&R2)
    }

    pub(super) fn to_bytes(self) -> [u8; 32] {
        let plain = self.mul(&Self([1, 0, 0, 0]));
        let mut bytes = [0; 32];
        for (chunk, limb) in bytes.as_chunks_mut::<8>().0.iter_mut().zip(plain.0.iter().rev()) {
            *chunk = limb.to_be_bytes();
        }
        bytes
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0 == [0; 4]
    }

    #[inline]
    pub(super) fn add(&self, other: &Self) -> Self {
        let (sum, carry) = add4(&self.0, &other.0);
        reduce_once(sum, carry)
    }

    #[inline]
    pub(super) fn double(&self) -> Self {
        self.add(self)
    }

    #[inline]
    pub(super) fn sub(&self, other: &Self) -> Self {
        let (difference, borrow) = sub4(&self.0, &other.0);
        // All ones exactly when the difference is negative.
        let mask = 0u64.wrapping_sub(u64::from(borrow));
        Self(add4(&difference, &P.map(|limb| limb & mask)).0)
    }

    pub(super) fn neg(&self) -> Self {
        Self::ZERO.sub(self)
    }

    #[inline]
    pub(super) fn mul(&self, other: &Self) -> Self {
        let mut t = [0u64; 8];
        for i in 0..4 {
            let mut carry = 0;
            for j in 0..4 {
                (t[i + j], carry) = self.0[i].carrying_mul_add(other.0[j], t[i + j], carry);
            }
            t[i + 4] = carry;
        }
        montgomery(t)
    }

    #[inline]
    pub(super) fn square(&self) -> Self {
        let [a0, a1, a2, a3] = self.0;
        // The products of different limbs, once ..
        let mut t = [0u64; 8];
        let mut carry;
        (t[1], carry) = a0.carrying_mul(a1, 0);
        (t[2], carry) = a0.carrying_mul(a2, carry);
        (t[3], t[4]) = a0.carrying_mul(a3, carry);
        (t[3], carry) = a1.carrying_mul_add(a2, t[3], 0);
        (t[4], t[5]) = a1.carrying_mul_add(a3, t[4], carry);
        (t[5], t[6]) = a2.carrying_mul_add(a3, t[5], 0);
        // .. doubled ..
        t[7] = t[6] >> 63;
        for i in (2..7).rev() {
            t[i] = (t[i] << 1) | (t[i - 1] >> 63);
        }
        t[1] <<= 1;
        // .. and the squares.
        let mut carry = false;
        for (i, limb) in self.0.iter().enumerate() {
            let (low, high) = limb.carrying_mul(*limb, 0);
            (t[2 * i], carry) = t[2 * i].carrying_add(low, carry);
            (t[2 * i + 1], carry) = t[2 * i + 1].carrying_add(high, carry);
        }
        montgomery(t)
    }

    fn square_times(&self, times: usize) -> Self {
        (0..times).fold(*self, |value, _| value.square())
    }

    /// The inverse, by Fermat's theorem: self^(p-2). Zero gives zero.
    pub(super) fn invert(&self) -> Self {
        // p - 2 in binary: 31 ones, a zero, 128 ones, 32 zeros, 62 ones, a zero, a one.
        let ones = |value: &Self, count: usize| value.square_times(count).mul(value);
        let (x1, x2) = (*self, ones(self, 1));
        let x4 = ones(&x2, 2);
        let x8 = ones(&x4, 4);
        let x16 = ones(&x8, 8);
        let x32 = ones(&x16, 16);
        let x30 = x16.square_times(8).mul(&x8).square_times(4).mul(&x4).square_times(2).mul(&x2);
        let x31 = x30.square().mul(&x1);
        let x62 = x31.square_times(31).mul(&x31);
        let mut out = x31.square();
        for _ in 0..4 {
            out = out.square_times(32).mul(&x32);
        }
        out = out.square_times(32);
        out = out.square_times(62).mul(&x62);
        out.square_times(2).mul(&x1)
    }
}

/// t / 2^256 mod p for t below p 2^256.
#[inline]
fn montgomery(mut t: [u64; 8]) -> Fe {
    let mut top = false;
    for i in 0..4 {
        let m = t[i];
        let (high, low) = (m >> 32, m << 32);
        let (w0, borrow) = m.borrowing_sub(low, false);
        let (w1, borrow) = 0u64.borrowing_sub(high, borrow);
        let (w2, borrow) = 0u64.borrowing_sub(low, borrow);
        let w3 = m.wrapping_sub(high).wrapping_sub(u64::from(borrow));
        let mut carry;
        (t[i + 1], carry) = t[i + 1].carrying_add(w0, false);
        (t[i + 2], carry) = t[i + 2].carrying_add(w1, carry);
        (t[i + 3], carry) = t[i + 3].carrying_add(w2, carry);
        let (sum, first) = t[i + 4].carrying_add(w3, carry);
        let (sum, second) = sum.overflowing_add(u64::from(top));
        t[i + 4] = sum;
        top = first | second;
    }
    reduce_once([t[4], t[5], t[6], t[7]], top)
}

/// Takes p off once, if the value (with its carry) is not below it.
#[inline]
fn reduce_once(value: [u64; 4], carry: bool) -> Fe {
    let (reduced, borrow) = sub4(&value, &P);
    let keep = 0u64.wrapping_sub(u64::from(borrow & !carry));
    Fe(core::array::from_fn(|i| (value[i] & keep) | (reduced[i] & !keep)))
}

#[inline]
fn add4(a: &[u64; 4], b: &[u64; 4]) -> ([u64; 4], bool) {
    let mut out = [0; 4];
    let mut carry = false;
    for i in 0..4 {
        (out[i], carry) = a[i].carrying_add(b[i], carry);
    }
    (out, carry)
}

#[inline]
fn sub4(a: &[u64; 4], b: &[u64; 4]) -> ([u64; 4], bool) {
    let mut out = [0; 4];
    let mut borrow = false;
    for i in 0..4 {
        (out[i], borrow) = a[i].borrowing_sub(b[i], borrow);
    }
    (out, borrow)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn small(value: u64) -> Fe {
        let mut bytes = [0; 32];
        bytes[24..].copy_from_slice(&value.to_be_bytes());
        Fe::from_bytes(&bytes)
    }

    fn any() -> impl Strategy<Value = Fe> {
        // Limbs of all zeros and all ones often, because carries live there. Reduced once, since 2^256 < 2p.
        let limb = prop_oneof![Just(0), Just(u64::MAX), Just(0xffff_ffff), Just(1), proptest::num::u64::ANY];
        proptest::array::uniform4(limb).prop_map(|limbs| reduce_once(limbs, false))
    }

    #[test]
    fn small_numbers_behave() {
        assert_eq!(small(1), Fe::ONE);
        assert_eq!(small(6).mul(&small(7)), small(42));
        assert_eq!(small(5).sub(&small(7)).add(&small(2)), Fe::ZERO);
        assert_eq!(small(12).square().to_bytes()[31], 144);
    }

    proptest! {
        #[test]
        fn the_field_is_a_field(a in any(), b in any(), c in any()) {
            prop_assert_eq!(a.mul(&b), b.mul(&a));
            prop_assert_eq!(a.mul(&b).mul(&c), a.mul(&b.mul(&c)));
            prop_assert_eq!(a.add(&b).mul(&c), a.mul(&c).add(&b.mul(&c)));
            prop_assert_eq!(a.square(), a.mul(&a));
            prop_assert_eq!(a.sub(&b).add(&b), a);
            prop_assert_eq!(a.add(&a.neg()), Fe::ZERO);
            prop_assert_eq!(Fe::from_bytes(&a.to_bytes()), a);
            if !a.is_zero() {
                prop_assert_eq!(a.mul(&a.invert()), Fe::ONE);
            }
        }
    }
}
