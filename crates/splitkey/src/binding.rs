//! What a proof is bound to: one key, one request, one purpose.

use crate::{Id, codec::Header, transcript};
use gm::{sm2::PublicKey, sm3::Digest};

/// `H("hdr", P, key_id, epoch, device_id, sid, req_id, rest..)`.
pub(crate) fn hdr(public: &PublicKey, header: &Header, rest: &[&[u8]]) -> Digest {
    let (public, epoch) = (public.to_bytes(), header.epoch.to_be_bytes());
    let Header { key_id, device_id, sid, req_id, .. } = header;
    let mut fields: Vec<&[u8]> = vec![&public, &key_id.0, &epoch, &device_id.0, &sid.0, &req_id.0];
    fields.extend_from_slice(rest);
    transcript::hash("hdr", &fields)
}

/// Whether `header` speaks of this key, epoch and session.
pub(crate) fn fits(header: &Header, key_id: Id, epoch: u64, sid: Id) -> bool {
    (header.key_id, header.epoch, header.sid) == (key_id, epoch, sid)
}
