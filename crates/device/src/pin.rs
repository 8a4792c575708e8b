//! Which PINs a phone refuses to set.
//!
//! The server allows five wrong attempts, so what matters is not length but being among the first that anybody would try.

/// Number of digits of a PIN.
pub const LENGTH: usize = 6;

/// What is wrong with a PIN that somebody wants to set.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weakness {
    /// Not six digits.
    Format,
    /// One digit, or one short group, over and over: 888888, 121212, 123123.
    Repeated,
    /// Rising or falling in even steps: 123456, 987654, 024680.
    Sequence,
    /// Two halves that mirror each other, or three pairs: 123321, 112233.
    Pattern,
    /// Known to be popular: 520131, 147258 and the like.
    Popular,
}

/// Popular choices that the rules above do not catch: keypad walks and numbers that sound like words.
const POPULAR: [[u8; LENGTH]; 14] = [
    *b"147258", *b"258369", *b"159357", *b"357159", *b"789456", *b"456123", *b"520131", *b"201314", *b"131452",
    *b"584520", *b"110120", *b"168168", *b"518518", *b"100861",
];

/// Whether `pin` may be set.
pub fn check(pin: &str) -> Result<(), Weakness> {
    let digits: &[u8; LENGTH] = pin.as_bytes().try_into().map_err(|_| Weakness::Format)?;
    if !digits.iter().all(u8::is_ascii_digit) {
        return Err(Weakness::Format);
    }
    if [1, 2, 3].iter().any(|&period| digits.iter().zip(&digits[period..]).all(|(a, b)| a == b)) {
        return Err(Weakness::Repeated);
    }
    let step = |from: u8, to: u8| (10 + to - from) % 10;
    let first = step(digits[0], digits[1]);
    if [1, 2, 8, 9].contains(&first) && digits.windows(2).all(|pair| step(pair[0], pair[1]) == first) {
        return Err(Weakness::Sequence);
    }
    let mirrored = digits.iter().eq(digits.iter().rev());
    let pairs = digits.chunks_exact(2).all(|pair| pair[0] == pair[1]);
    let halves = digits.chunks_exact(3).all(|half| half.iter().all(|&digit| digit == half[0]));
    if mirrored || pairs || halves {
        return Err(Weakness::Pattern);
    }
    if POPULAR.contains(digits) {
        return Err(Weakness::Popular);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pin_is_six_digits() {
        for pin in ["", "12345", "1234567", "12a456", "１２３４５６", "12 456"] {
            assert_eq!(check(pin), Err(Weakness::Format), "{pin}");
        }
    }

    #[test]
    fn the_pins_that_everybody_tries_first_are_refused() {
        let refused = [
            ("000000", Weakness::Repeated),
            ("121212", Weakness::Repeated),
            ("123123", Weakness::Repeated),
            ("123456", Weakness::Sequence),
            ("654321", Weakness::Sequence),
            ("890123", Weakness::Sequence),
            ("135791", Weakness::Sequence),
            ("123321", Weakness::Pattern),
            ("112233", Weakness::Pattern),
            ("111222", Weakness::Pattern),
            ("147258", Weakness::Popular),
        ];
        for (pin, weakness) in refused {
            assert_eq!(check(pin), Err(weakness), "{pin}");
        }
    }

    #[test]
    fn an_ordinary_pin_is_accepted() {
        for pin in ["274913", "908172", "531846"] {
            assert_eq!(check(pin), Ok(()), "{pin}");
        }
    }

    #[test]
    fn few_pins_are_refused() {
        let refused = (0..1_000_000).filter(|pin| check(&format!("{pin:06}")).is_err()).count();
        assert!(refused < 4_000, "{refused} of a million");
    }
}
