//! Zero-knowledge proofs of discrete logarithms (docs/protocol.md, "Proofs").
//!
//! All are Schnorr proofs in the form (c, z..): the challenge is the hash of the statement and the first message, and
//! the verifier recomputes that first message. The prover works in constant time; for the verifier c, z and the points
//! are public.

use crate::{Error, PhonePoint, PhoneShares, Result, codec::ShareProof, decrypt::ServerDecryptionShare, transcript};
use gm::curve::{Element, Point, Scalar};

/// A proof of one discrete logarithm.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// Challenge.
    pub c: Scalar,
    /// Response.
    pub z: Scalar,
}

/// A proof of two discrete logarithms at once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairProof {
    /// Challenge.
    pub c: Scalar,
    /// Response for the first point.
    pub z0: Scalar,
    /// Response for the second point.
    pub z1: Scalar,
}

/// `PoK(x; X)` under `tag`: `c = Hs(tag, ctx, X, tG)`, `z = t + cx`.
pub(crate) fn prove(tag: &str, ctx: &[u8], x: &Scalar, point: &Point) -> Result<Proof> {
    let t = Scalar::random()?;
    let first = Point::mul_base(&t).normalize()?;
    let c = transcript::hash_to_scalar(tag, &[ctx, &point.to_bytes(), &first.to_bytes()]);
    let z = &t + &(&c * x);
    Ok(Proof { c, z })
}

/// Checks a `PoK`.
pub(crate) fn verify(tag: &str, ctx: &[u8], point: &Point, proof: &Proof) -> Result<()> {
    let [first] = Point::mul_add_base_all_vartime([(&proof.z, &-&proof.c, point)]).map_err(|_| Error::Proof)?;
    accept(&proof.c, tag, &[ctx, &point.to_bytes(), &first.to_bytes()])
}

/// What a proof of two logarithms speaks of: the secrets with their points.
pub(crate) struct Pair<'a> {
    pub(crate) secrets: [&'a Scalar; 2],
    pub(crate) points: [&'a Point; 2],
}

/// Proves `points[i] = secrets[i] G`: `c = Hs(tag, hdr, points.., t0 G, t1 G)`, `z_i = t_i + c secrets[i]`, with the
/// given t0 and t1, which must never be used again.
pub(crate) fn prove_pair(tag: &str, hdr: &[u8], pair: &Pair<'_>, t: [&Scalar; 2]) -> Result<PairProof> {
    let [first, second] = Element::normalize_all([Point::mul_base(t[0]), Point::mul_base(t[1])])?;
    let c = pair_challenge(tag, hdr, pair.points, [&first, &second]);
    let respond = |i: usize| t[i] + &(&c * pair.secrets[i]);
    let (z0, z1) = (respond(0), respond(1));
    Ok(PairProof { c, z0, z1 })
}

/// Checks a proof of two logarithms.
pub(crate) fn verify_pair(tag: &str, hdr: &[u8], points: [&Point; 2], proof: &PairProof) -> Result<()> {
    let minus_c = -&proof.c;
    let [first, second] =
        Point::mul_add_base_all_vartime([(&proof.z0, &minus_c, points[0]), (&proof.z1, &minus_c, points[1])])
            .map_err(|_| Error::Proof)?;
    if pair_challenge(tag, hdr, points, [&first, &second]) == proof.c { Ok(()) } else { Err(Error::Proof) }
}

fn pair_challenge(tag: &str, hdr: &[u8], points: [&Point; 2], firsts: [&Point; 2]) -> Scalar {
    let [a, b, c, d] = [points[0], points[1], firsts[0], firsts[1]].map(Point::to_bytes);
    transcript::hash_to_scalar(tag, &[hdr, &a, &b, &c, &d])
}

fn accept(c: &Scalar, tag: &str, fields: &[&[u8]]) -> Result<()> {
    if transcript::hash_to_scalar(tag, fields) == *c { Ok(()) } else { Err(Error::Proof) }
}

/// Proves y1 and each a, with one challenge. Without any a the tag is another, so that neither proof passes for the
/// other.
pub(crate) fn prove_shares(tag: &str, hdr: &[u8], shares: &PhoneShares) -> Result<ShareProof> {
    let secrets: Vec<&Scalar> = core::iter::once(&shares.sign.y1).chain(shares.enc.iter().map(|enc| &enc.a)).collect();
    let nonces = secrets.iter().map(|_| Scalar::random()).collect::<Result<Vec<_>, _>>()?;
    let points = |scalars: &[&Scalar]| {
        scalars.iter().map(|scalar| Point::mul_base(scalar).normalize()).collect::<Result<Vec<_>, _>>()
    };
    let (points, firsts) = (points(&secrets)?, points(&nonces.iter().collect::<Vec<_>>())?);
    let c = shares_challenge(tag, hdr, &points, &firsts);
    let mut responses = nonces.iter().zip(secrets).map(|(t, secret)| t + &(&c * secret));
    let z0 = responses.next().ok_or(Error::Encoding)?;
    let z = responses.collect();
    Ok(ShareProof { c, z0, z })
}

/// Checks a proof of shares against X1 and each A = P_E - bG.
pub(crate) fn verify_shares(
    tag: &str,
    hdr: &[u8],
    phone: &PhonePoint,
    enc: &[ServerDecryptionShare],
    proof: &ShareProof,
) -> Result<()> {
    if proof.z.len() != enc.len() {
        return Err(Error::Encoding);
    }
    let mut points = vec![phone.0];
    for share in enc {
        let [phone, _] = share.points()?;
        points.push(phone);
    }
    let minus_c = -&proof.c;
    let mut firsts = Vec::with_capacity(points.len());
    for (z, point) in core::iter::once(&proof.z0).chain(&proof.z).zip(&points) {
        let [first] = Point::mul_add_base_all_vartime([(z, &minus_c, point)]).map_err(|_| Error::Proof)?;
        firsts.push(first);
    }
    if shares_challenge(tag, hdr, &points, &firsts) == proof.c { Ok(()) } else { Err(Error::Proof) }
}

/// `Hs(tag, hdr, X1, A.., t0 G, t1 G..)`; for y1 alone the tag has `-sign` behind it.
fn shares_challenge(tag: &str, hdr: &[u8], points: &[Point], firsts: &[Point]) -> Scalar {
    let tag = if points.len() == 1 { &[tag, "-sign"].concat() } else { tag };
    let points: Vec<_> = points.iter().chain(firsts).map(Point::to_bytes).collect();
    let fields: Vec<&[u8]> = core::iter::once(hdr).chain(points.iter().map(|point| &point[..])).collect();
    transcript::hash_to_scalar(tag, &fields)
}

/// The claim `log_G(first) = log_base(second)`.
pub(crate) struct Equality<'a> {
    pub(crate) first: &'a Point,
    pub(crate) base: &'a Point,
    pub(crate) second: &'a Point,
}

/// Proves an equality of logarithms x: `c = Hs(tag, ctx, first, base, second, tG, t base)`, `z = t + cx`.
pub(crate) fn prove_equality(tag: &str, ctx: &[u8], x: &Scalar, claim: &Equality<'_>) -> Result<Proof> {
    let t = Scalar::random()?;
    let firsts = Element::normalize_all([Point::mul_base(&t), claim.base.mul(&t)])?;
    let c = equality_challenge(tag, ctx, claim, &firsts);
    let z = &t + &(&c * x);
    Ok(Proof { c, z })
}

/// Checks an equality of logarithms.
pub(crate) fn verify_equality(tag: &str, ctx: &[u8], claim: &Equality<'_>, proof: &Proof) -> Result<()> {
    let minus_c = -&proof.c;
    let on_base = claim.base.mul_vartime(&proof.z) + claim.second.mul_vartime(&minus_c);
    let on_g = claim.first.mul_add_base_vartime(&proof.z, &minus_c);
    let firsts = Element::normalize_all([on_g, on_base]).map_err(|_| Error::Proof)?;
    if equality_challenge(tag, ctx, claim, &firsts) == proof.c { Ok(()) } else { Err(Error::Proof) }
}

fn equality_challenge(tag: &str, ctx: &[u8], claim: &Equality<'_>, firsts: &[Point; 2]) -> Scalar {
    let [a, b, c, d, e] = [claim.first, claim.base, claim.second, &firsts[0], &firsts[1]].map(Point::to_bytes);
    transcript::hash_to_scalar(tag, &[ctx, &a, &b, &c, &d, &e])
}
