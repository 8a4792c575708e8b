//! What anybody may post to the key operations' door, and what comes back to the phone.
#![no_main]

use gm::sm2;
use libfuzzer_sys::fuzz_target;

use splitkey::codec::{KeygenCommitReply, KeygenOpenReply, PrepareReply, SignReply, SignedBody, decode_reply};
use splitkey::{Id, envelope};
use std::sync::LazyLock;

static KEY: LazyLock<envelope::SecretKey> = LazyLock::new(|| {
    let secret = sm2::SecretKey::generate().expect("the system has randomness");
    envelope::SecretKey::new(Id([7; 16]), secret)
});

fuzz_target!(|octets: &[u8]| {
    let _ = envelope::key_id(octets);
    let _ = envelope::open(&KEY, octets);
    let _ = SignedBody::from_bytes(octets);
    let _ = decode_reply::<KeygenCommitReply>(octets);
    let _ = decode_reply::<KeygenOpenReply>(octets);
    let _ = decode_reply::<PrepareReply>(octets);
    let _ = decode_reply::<SignReply>(octets);

    // The body is reached only through a proper envelope; the door must open its own and still refuse nonsense inside.
    let Ok((sealed, _)) = envelope::seal(&KEY.public_key(), Id([1; 16]), Id([2; 16]), octets) else { return };
    if let Ok(opened) = envelope::open(&KEY, &sealed) {
        assert_eq!(&*opened.body, octets);
    }
});
