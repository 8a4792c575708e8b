//! The rotating code that a relying party shows and a phone scans.
//!
//! `{origin}/s#{token}.{seconds}.{mac}`: the token names the request (22 characters base64url), the seconds are Unix time
//! in base 36, the MAC is the first 16 characters base64url of HMAC-SM3(request secret, `token.seconds`). Only the server
//! can make a code, none can be made ahead of time, and a photograph of one is worthless after [`CODE_LIFETIME_S`].

use subtle::ConstantTimeEq;

/// How old a scanned code may be, in seconds.
pub const CODE_LIFETIME_S: i64 = 10;
/// How far ahead of our clock a code may be: two nodes' clocks differ a little.
const CODE_LEAD_S: i64 = 2;
const TOKEN_CHARS: usize = 22;
const MAC_CHARS: usize = 16;

/// A code that has been taken apart, not yet believed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedCode {
    /// Names the request.
    pub token: String,
    /// When the code was shown, Unix seconds.
    pub seconds: i64,
    mac: String,
}

/// Why a code is not accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CodeRefusal {
    /// Not one of our codes at all.
    Malformed,
    /// Ours once, but too old, or from the future.
    Stale,
    /// The MAC is wrong.
    Forged,
}

/// Computes the 32-byte HMAC-SM3 over a message.
pub type Mac<'a> = &'a dyn Fn(&[u8]) -> [u8; 32];

/// Makes the code for one moment.
#[must_use]
pub fn show(origin: &str, token: &str, seconds: i64, mac: Mac<'_>) -> String {
    let message = format!("{token}.{}", base36(seconds));
    let tag = shortened(mac(message.as_bytes()));
    format!("{origin}/s#{message}.{tag}")
}

impl ScannedCode {
    /// Takes a scanned text apart. The whole address and the bare part after `#` are both understood, because some
    /// scanners hand over only the latter; the origin is not compared, the MAC says whose code it is.
    pub fn parse(text: &str) -> Result<Self, CodeRefusal> {
        let code = text.rsplit_once('#').map_or(text, |(_, fragment)| fragment);
        let mut parts = code.split('.');
        let (Some(token), Some(seconds), Some(mac), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(CodeRefusal::Malformed);
        };
        if token.len() != TOKEN_CHARS || mac.len() != MAC_CHARS || !is_base64url(token) || !is_base64url(mac) {
            return Err(CodeRefusal::Malformed);
        }
        let seconds = unbase36(seconds).ok_or(CodeRefusal::Malformed)?;
        Ok(Self { token: token.to_owned(), seconds, mac: mac.to_owned() })
    }

    /// Checks MAC first, then age: only a code that was ours can be called stale.
    pub fn check(&self, now_s: i64, mac: Mac<'_>) -> Result<(), CodeRefusal> {
        let expected = shortened(mac(format!("{}.{}", self.token, base36(self.seconds)).as_bytes()));
        if !bool::from(expected.as_bytes().ct_eq(self.mac.as_bytes())) {
            return Err(CodeRefusal::Forged);
        }
        let age = now_s.saturating_sub(self.seconds);
        if (-CODE_LEAD_S..=CODE_LIFETIME_S).contains(&age) { Ok(()) } else { Err(CodeRefusal::Stale) }
    }
}

fn shortened(tag: [u8; 32]) -> String {
    use base64::Engine as _;
    let mut text = base64::engine::general_purpose::URL_SAFE_NO_PAD.encode(tag);
    text.truncate(MAC_CHARS);
    text
}

fn is_base64url(text: &str) -> bool {
    text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_')
}

fn base36(number: i64) -> String {
    let mut rest = number.unsigned_abs();
    let mut digits = Vec::new();
    loop {
        // A remainder below 36 always is a digit in base 36.
        digits.push(char::from_digit((rest % 36) as u32, 36).unwrap_or('0'));
        rest /= 36;
        if rest == 0 {
            break digits.iter().rev().collect();
        }
    }
}

/// At most eight lower-case digits: enough for the next 80,000 years, and never an overflow.
fn unbase36(text: &str) -> Option<i64> {
    let canonical = !text.is_empty() && text.len() <= 8 && (text == "0" || !text.starts_with('0'));
    let digits = text.bytes().all(|b| b.is_ascii_digit() || b.is_ascii_lowercase());
    if canonical && digits { i64::from_str_radix(text, 36).ok() } else { None }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "AbCdEfGhIjKlMnOpQrSt-_";
    const SHOWN: i64 = 1_800_000_000;

    /// Stands in for HMAC-SM3: what matters here is that it depends on every byte.
    fn mac(message: &[u8]) -> [u8; 32] {
        let mut tag = [7u8; 32];
        for (i, byte) in message.iter().enumerate() {
            tag[i % 12] = tag[i % 12].rotate_left(3) ^ byte;
        }
        tag
    }

    fn scanned() -> ScannedCode {
        ScannedCode::parse(&show("https://ca.example", TOKEN, SHOWN, &mac)).expect("own code")
    }

    #[test]
    fn a_code_is_accepted_for_ten_seconds() {
        for (age, expected) in [
            (0, Ok(())),
            (10, Ok(())),
            (11, Err(CodeRefusal::Stale)),
            (3_600, Err(CodeRefusal::Stale)),
            (-2, Ok(())),
            (-3, Err(CodeRefusal::Stale)),
        ] {
            assert_eq!(scanned().check(SHOWN + age, &mac), expected, "age {age}");
        }
    }

    #[test]
    fn the_bare_fragment_is_a_code_too() {
        let whole = show("https://ca.example", TOKEN, SHOWN, &mac);
        let fragment = whole.split('#').nth(1).expect("fragment");
        assert_eq!(ScannedCode::parse(fragment), ScannedCode::parse(&whole));
    }

    #[test]
    fn a_code_with_a_later_time_written_into_it_is_forged() {
        let mut code = scanned();
        code.seconds += 30;
        assert_eq!(code.check(SHOWN + 30, &mac), Err(CodeRefusal::Forged));
    }

    #[test]
    fn texts_that_are_not_codes_are_malformed() {
        let good = show("https://ca.example", TOKEN, SHOWN, &mac);
        for text in [
            "".to_owned(),
            "https://ca.example/s#".to_owned(),
            "weixin://dl/business".to_owned(),
            good.replace('.', ","),
            format!("{good}."),
            format!("{good}A"),
            good.replace("AbCd", "Ab%d"),
            good.replace(".tr", ".+"),
            format!("{TOKEN}.zzzzzzzzz.0123456789abcdef"),
            format!("{TOKEN}..0123456789abcdef"),
            format!("{TOKEN}.0tr.0123456789abcdef"),
            format!("{TOKEN}.TR.0123456789abcdef"),
        ] {
            assert_eq!(ScannedCode::parse(&text), Err(CodeRefusal::Malformed), "{text}");
        }
    }

    proptest! {
        #[test]
        fn base36_round_trips(number in 0i64..36i64.pow(8)) {
            prop_assert_eq!(unbase36(&base36(number)), Some(number));
        }

        #[test]
        fn any_text_is_parsed_without_panic(text in ".{0,80}") {
            let _ = ScannedCode::parse(&text).map(|code| code.check(SHOWN, &mac));
        }

        #[test]
        fn a_changed_character_is_never_accepted(at in 0usize..48, to in "[A-Za-z0-9_-]") {
            let code = show("", TOKEN, SHOWN, &mac);
            let code = code.split('#').nth(1).expect("fragment").to_owned();
            let at = at % code.len();
            let mut changed: Vec<char> = code.chars().collect();
            changed[at] = to.chars().next().expect("one");
            let changed: String = changed.into_iter().collect();
            prop_assume!(changed != code);
            let accepted = ScannedCode::parse(&changed).and_then(|c| c.check(SHOWN, &mac));
            prop_assert!(accepted.is_err());
        }
    }
}
