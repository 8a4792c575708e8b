//! The fast arithmetic for public values gives what the constant-time arithmetic gives.

#![allow(clippy::unwrap_used)]

use gm::curve::{Element, Point, Scalar};
use proptest::prelude::*;

fn scalar() -> impl Strategy<Value = Scalar> {
    prop_oneof![
        4 => proptest::array::uniform32(any::<u8>()).prop_map(|bytes| Scalar::reduce(&bytes)),
        1 => (0u64..40).prop_map(small),
        1 => (0u64..40).prop_map(|value| -&small(value)),
        1 => (0usize..256).prop_map(|bit| {
            let mut bytes = [0; 32];
            bytes[31 - bit / 8] = 1 << (bit % 8);
            Scalar::reduce(&bytes)
        }),
    ]
}

fn small(value: u64) -> Scalar {
    let mut bytes = [0; 32];
    bytes[24..].copy_from_slice(&value.to_be_bytes());
    Scalar::from_bytes(&bytes).unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn public_sums_equal_constant_time_sums(a in scalar(), b in scalar(), p in scalar(), c in scalar()) {
        let point = match Point::mul_base(&p).normalize() {
            Ok(point) => point,
            Err(_) => Point::GENERATOR,
        };
        let slow = Point::mul_base(&a) + point.mul(&b);
        prop_assert_eq!(point.mul_add_base_vartime(&a, &b), slow);
        let other = Point::mul_base(&c) + point.mul(&a);
        match Point::mul_add_base_all_vartime([(&a, &b, &point), (&c, &a, &point)]) {
            Ok([first, second]) => {
                prop_assert_eq!(Element::from(first), slow);
                prop_assert_eq!(Element::from(second), other);
            }
            Err(_) => prop_assert!(slow.is_identity() || other.is_identity()),
        }
        prop_assert_eq!(Element::lincomb_vartime([(&Point::GENERATOR, &a), (&point, &b)]), slow);
        prop_assert_eq!(Point::mul_base_vartime(&a), Point::mul_base(&a));
        prop_assert_eq!(point.mul_vartime(&a), point.mul(&a));
    }

    #[test]
    fn an_inverse_undoes_its_scalar(a in scalar()) {
        match a.invert() {
            Ok(inverse) => prop_assert_eq!(&a * &inverse, Scalar::ONE),
            Err(_) => prop_assert!(bool::from(a.is_zero())),
        }
    }

    #[test]
    fn sixty_four_bytes_reduce_like_two_halves(high in scalar(), low in scalar()) {
        // 2^256 = (2^128)^2, both as scalars.
        let mut shift = [0; 32];
        shift[15] = 1;
        let shift = Scalar::reduce(&shift);
        let mut wide = [0; 64];
        wide[..32].copy_from_slice(&high.to_bytes());
        wide[32..].copy_from_slice(&low.to_bytes());
        prop_assert_eq!(Scalar::reduce_wide(&wide), &(&high * &(&shift * &shift)) + &low);
    }

    #[test]
    fn random_octets_are_no_point(x in proptest::array::uniform32(any::<u8>()), y in proptest::array::uniform32(any::<u8>())) {
        let mut bytes = [4; 65];
        bytes[1..33].copy_from_slice(&x);
        bytes[33..].copy_from_slice(&y);
        prop_assert!(Point::from_bytes(&bytes).is_err());
    }
}

#[test]
fn sums_that_meet_infinity_or_a_doubling_are_right() {
    let two = small(2);
    let g = Point::GENERATOR;
    // G + (-1)G, G + G, 0 + 0, and a chain that doubles inside.
    assert!(g.mul_add_base_vartime(&Scalar::ONE, &-&Scalar::ONE).is_identity());
    assert_eq!(g.mul_add_base_vartime(&Scalar::ONE, &Scalar::ONE), Point::mul_base(&two));
    assert!(g.mul_add_base_vartime(&Scalar::ZERO, &Scalar::ZERO).is_identity());
    assert_eq!(g.mul_add_base_vartime(&two, &two), Point::mul_base(&small(4)));
    let n_minus_1 = -&Scalar::ONE;
    assert_eq!(g.mul_add_base_vartime(&n_minus_1, &two), Point::mul_base(&Scalar::ONE));
}

#[test]
fn coordinates_at_or_above_p_and_other_forms_are_refused() {
    let good = Point::GENERATOR.to_bytes();
    Point::from_bytes(&good).unwrap();
    for (at, value) in [(0, 2), (0, 3), (0, 0), (0, 6), (64, good[64] ^ 1)] {
        let mut bad = good;
        bad[at] = value;
        Point::from_bytes(&bad).unwrap_err();
    }
    // x + p for the smallest points' x does not fit 32 bytes unless x < 2^256 - p; x = p itself and all ones:
    let mut bad = good;
    bad[1..33].fill(0xff);
    Point::from_bytes(&bad).unwrap_err();
    Point::from_slice(&good[..33]).unwrap_err();
    Point::from_slice(&[0]).unwrap_err();
    Point::from_slice(&[]).unwrap_err();
    Point::mul_base(&Scalar::ZERO).normalize().unwrap_err();
}
