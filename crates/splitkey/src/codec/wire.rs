//! `enc(f1) || enc(f2) || ..`: four bytes of length, big-endian, then the field. Reading is strict.

use crate::{Error, Id, Result, Token};
use gm::curve::{Point, Scalar};
use zeroize::Zeroizing;

/// Longest plaintext of one message. Requests with their envelope stay below 8 KiB.
pub const MAX_LENGTH: usize = 7 * 1024;

/// Collects fields. The buffer is wiped when dropped: a recorded request lets a stolen phone be searched for its PIN.
#[derive(Default)]
pub struct Writer(Zeroizing<Vec<u8>>);

impl Writer {
    /// An empty list. Reserves enough at once for every message of the protocol, so that growing leaves no copies.
    pub fn new() -> Self {
        Self(Zeroizing::new(Vec::with_capacity(MAX_LENGTH)))
    }

    /// Appends `enc(field)`.
    pub fn put(&mut self, field: &[u8]) -> &mut Self {
        self.0.extend_from_slice(&(field.len() as u32).to_be_bytes());
        self.0.extend_from_slice(field);
        self
    }

    /// Appends one typed field.
    pub fn field<F: Field>(&mut self, field: &F) -> &mut Self {
        field.put(self);
        self
    }

    /// The octets so far.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The octets.
    pub fn finish(self) -> Zeroizing<Vec<u8>> {
        self.0
    }
}

/// Takes fields off again, from the front.
pub struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// Reads from `bytes`.
    pub fn new(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    /// The next field, of any length.
    pub fn bytes(&mut self) -> Result<&'a [u8]> {
        let (length, rest) = self.0.split_first_chunk::<4>().ok_or(Error::Encoding)?;
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(|_| Error::Encoding)?;
        let (field, rest) = rest.split_at_checked(length).ok_or(Error::Encoding)?;
        self.0 = rest;
        Ok(field)
    }

    /// The next field, which must have `N` bytes.
    pub fn array<const N: usize>(&mut self) -> Result<[u8; N]> {
        self.bytes()?.try_into().map_err(|_| Error::Encoding)
    }

    /// The next field, typed.
    pub fn field<F: Field>(&mut self) -> Result<F> {
        F::take(self)
    }

    /// Refuses octets that nobody asked for.
    pub fn end(self) -> Result<()> {
        if self.0.is_empty() { Ok(()) } else { Err(Error::Encoding) }
    }

    /// Whether all fields were taken.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A value that travels as one field.
pub trait Field: Sized {
    /// Appends `enc(self)`.
    fn put(&self, to: &mut Writer);
    /// Takes the next field; refuses what is not exactly an encoding of this type.
    fn take(from: &mut Reader<'_>) -> Result<Self>;
}

impl Field for u64 {
    fn put(&self, to: &mut Writer) {
        to.put(&self.to_be_bytes());
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        from.array().map(Self::from_be_bytes)
    }
}

impl Field for [u8; 32] {
    fn put(&self, to: &mut Writer) {
        to.put(self);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        from.array()
    }
}

impl Field for Id {
    fn put(&self, to: &mut Writer) {
        to.put(&self.0);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        from.array().map(Self)
    }
}

impl Field for Token {
    fn put(&self, to: &mut Writer) {
        to.put(&self.0);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        from.array().map(Self)
    }
}

/// `04||x||y`, on the curve, not infinity.
impl Field for Point {
    fn put(&self, to: &mut Writer) {
        to.put(&self.to_bytes());
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        Self::from_slice(from.bytes()?).map_err(|_| Error::Encoding)
    }
}

/// 32 bytes in `[0, n-1]`: the components of proofs, and masks.
impl Field for Scalar {
    fn put(&self, to: &mut Writer) {
        to.put(&*self.to_secret_bytes());
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        Self::from_slice(from.bytes()?).map_err(|_| Error::Encoding)
    }
}

/// A value, or an empty field.
impl<F: Field> Field for Option<F> {
    fn put(&self, to: &mut Writer) {
        match self {
            Some(field) => field.put(to),
            None => {
                to.put(&[]);
            }
        }
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        if from.0.starts_with(&[0; 4]) {
            from.bytes()?;
            return Ok(None);
        }
        from.field().map(Some)
    }
}

/// Up to 64 values as one field that contains their fields.
impl<F: Field> Field for Vec<F> {
    fn put(&self, to: &mut Writer) {
        let mut list = Writer::new();
        for field in self {
            list.field(field);
        }
        to.put(list.as_bytes());
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        let mut list = Reader::new(from.bytes()?);
        let mut out = Self::new();
        while !list.is_empty() {
            if out.len() == 64 {
                return Err(Error::Encoding);
            }
            out.push(list.field()?);
        }
        Ok(out)
    }
}

/// A scalar in `[1, n-1]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NonZero(pub Scalar);

impl Field for NonZero {
    fn put(&self, to: &mut Writer) {
        self.0.put(to);
    }
    fn take(from: &mut Reader<'_>) -> Result<Self> {
        from.field::<Scalar>()?.nonzero().map(Self).map_err(|_| Error::Encoding)
    }
}
