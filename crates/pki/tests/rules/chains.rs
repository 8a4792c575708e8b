//! Path, time, use and revocation.

use gm::sm2::KeyPair;
use pki::chain::{Fault, Revocation, Usage, Verifier};
use pki::crl::{self, Reason, Revoked, Template};
use pki::{Certificate, Crl, Profile, Serial, Signer, UnixSeconds, certificate, name};

use crate::support::{BEGIN, DAY, Holder, Institution, NOW, YEAR, issue, template};

struct World {
    made: Institution,
    roots: Vec<Certificate>,
    intermediates: Vec<Certificate>,
    crls: Vec<Crl>,
}

impl World {
    fn new() -> Self {
        let made = Institution::new();
        let roots = vec![made.root.certificate.clone()];
        let intermediates = vec![made.issuing.certificate.clone()];
        Self { made, roots, intermediates, crls: Vec::new() }
    }

    fn verifier(&self, revocation: Revocation, at: UnixSeconds) -> Verifier<'_> {
        let Self { roots, intermediates, crls, .. } = self;
        Verifier { roots, intermediates, crls, revocation, at }
    }

    fn ask(&self, leaf: &Certificate, at: UnixSeconds) -> Result<usize, Fault> {
        self.verifier(Revocation::WhenKnown, at).verify(leaf, Usage::Any).map(|path| path.len())
    }

    fn revoke(&mut self, at: UnixSeconds, this_update: UnixSeconds) {
        let serial = self.made.signing.certificate.tbs.serial.clone();
        let revoked = [Revoked { serial, at, reason: Reason::Superseded }];
        self.crls.push(list(&self.made.issuing, this_update, &revoked));
    }
}

fn list(issuer: &Holder, this_update: UnixSeconds, revoked: &[Revoked]) -> Crl {
    let template = Template { number: this_update, this_update, next_update: this_update + 7 * DAY, revoked };
    let to_be_signed = template.under(&issuer.certificate).unwrap();
    crl::sign(&to_be_signed, &issuer.certificate, &issuer.key).unwrap()
}

#[test]
fn a_path_leads_from_the_person_over_the_issuing_ca_to_the_root() {
    let world = World::new();
    let verifier = world.verifier(Revocation::WhenKnown, NOW);
    let path = verifier.verify(&world.made.signing.certificate, Usage::Signing).unwrap();
    assert_eq!(path, [&world.made.signing.certificate, &world.made.issuing.certificate, &world.made.root.certificate]);
    assert_eq!(world.ask(&world.made.root.certificate, NOW).unwrap(), 1);
}

#[test]
fn without_the_issuing_ca_or_under_another_root_nothing_is_believed() {
    let mut world = World::new();
    let leaf = world.made.signing.certificate.clone();
    world.intermediates.clear();
    assert_eq!(world.ask(&leaf, NOW), Err(Fault::Untrusted));
    let stranger = World::new();
    assert_eq!(stranger.ask(&leaf, NOW), Err(Fault::Untrusted), "the names are the same, the keys are not");
}

#[test]
fn validity_ends_with_its_last_second() {
    let world = World::new();
    let leaf = &world.made.signing.certificate;
    assert_eq!(world.ask(leaf, BEGIN - 1), Err(Fault::NotYetValid(BEGIN)));
    assert!(world.ask(leaf, BEGIN).is_ok());
    assert!(world.ask(leaf, BEGIN + YEAR).is_ok());
    assert_eq!(world.ask(leaf, BEGIN + YEAR + 1), Err(Fault::Expired(BEGIN + YEAR)));
}

#[test]
fn a_signing_certificate_does_not_encrypt_and_an_encryption_certificate_does_not_sign() {
    let world = World::new();
    let verifier = world.verifier(Revocation::WhenKnown, NOW);
    let (signing, encryption) = (&world.made.signing.certificate, &world.made.encryption.certificate);
    assert!(verifier.verify(signing, Usage::Signing).is_ok());
    assert!(verifier.verify(encryption, Usage::Encryption).is_ok());
    assert_eq!(verifier.verify(signing, Usage::Encryption), Err(Fault::Usage));
    assert_eq!(verifier.verify(encryption, Usage::Signing), Err(Fault::Usage));
    assert_eq!(verifier.verify(&world.made.issuing.certificate, Usage::Signing), Err(Fault::Usage));
}

#[test]
fn a_person_cannot_act_as_a_ca() {
    let mut world = World::new();
    let key = KeyPair::generate().unwrap();
    let forged = forge(&world.made.signing, &key);
    assert!(forged.verify_signature(&world.made.signing.certificate.tbs.public_key).is_ok());
    world.intermediates.push(world.made.signing.certificate.clone());
    assert_eq!(world.ask(&forged, NOW), Err(Fault::Untrusted));
}

#[test]
fn under_an_issuing_ca_there_is_no_further_ca() {
    let mut world = World::new();
    // As if the issuing CA had been allowed one: the same key and name in a certificate without path length.
    let deeper = impostor(&world.made.issuing);
    let under = issue(&Profile::ISSUING, &name::authority("漓水CA(演示)", "漓水CA 下级").unwrap(), 5, Some(&deeper));
    let leaf = issue(&Profile::SIGNING, &name::person("韦小明", "018f3b2f").unwrap(), 1, Some(&under));
    world.intermediates.push(under.certificate);
    assert_eq!(world.ask(&leaf.certificate, NOW), Err(Fault::Untrusted));
}

/// A certificate with good extensions that a person's key signed; the crate itself refuses to make it, so the
/// signature is put behind the octets by hand.
fn forge(person: &Holder, key: &KeyPair) -> Certificate {
    let stand_in = impostor(person);
    let holder = issue_for(key, &stand_in.certificate);
    let signature = Signer::sign(&person.key, &holder).unwrap();
    // SEQUENCE { to-be-signed, SEQUENCE { OID SM2 with SM3 }, BIT STRING }
    let algorithm = [0x30, 0x0a, 0x06, 0x08, 0x2a, 0x81, 0x1c, 0xcf, 0x55, 0x01, 0x83, 0x75];
    let bits = [&[0x03, signature.len() as u8 + 1, 0][..], &signature].concat();
    let content = [&holder[..], &algorithm, &bits].concat();
    let length = (content.len() as u16).to_be_bytes();
    Certificate::read(&[&[0x30, 0x82, length[0], length[1]][..], &content].concat()).unwrap()
}

fn issue_for(key: &KeyPair, issuer: &Certificate) -> Vec<u8> {
    let (serial, public_key) = (Serial::random().unwrap(), key.public_key());
    template(&Profile::SIGNING, &serial, &name::person("受害人", "018f3b2f").unwrap(), &public_key, 1)
        .under(issuer)
        .unwrap()
}

/// A self-signed CA certificate with somebody's name and key.
fn impostor(holder: &Holder) -> Holder {
    let (serial, public_key) = (Serial::random().unwrap(), holder.key.public_key());
    let template = template(&Profile::ROOT, &serial, &holder.certificate.tbs.subject, &public_key, 20);
    let certificate = certificate::sign(&template.self_signed().unwrap(), None, &holder.key).unwrap();
    Holder { key: holder.key.clone(), certificate }
}

#[test]
fn a_revoked_certificate_is_refused_from_the_moment_of_its_revocation() {
    let mut world = World::new();
    world.revoke(NOW - 2 * DAY, NOW - DAY);
    let leaf = world.made.signing.certificate.clone();
    let serial = leaf.tbs.serial.clone();
    let revoked = Fault::Revoked { serial, at: NOW - 2 * DAY, reason: Reason::Superseded };
    assert_eq!(world.ask(&leaf, NOW), Err(revoked.clone()));
    assert_eq!(world.ask(&leaf, NOW - 2 * DAY), Err(revoked));
    assert!(world.ask(&leaf, NOW - 2 * DAY - 1).is_ok(), "what was signed before stays good");
    assert!(world.ask(&world.made.encryption.certificate, NOW).is_ok());
}

#[test]
fn a_required_list_must_be_there_fresh_and_the_issuers() {
    let mut world = World::new();
    let leaf = world.made.signing.certificate.clone();
    let strict =
        |world: &World, revocation| world.verifier(revocation, NOW).verify(&leaf, Usage::Any).map(|path| path.len());
    assert_eq!(strict(&world, Revocation::RequiredForLeaf), Err(Fault::RevocationUnknown));
    world.crls = vec![list(&world.made.issuing, NOW - 8 * DAY, &[])];
    assert_eq!(strict(&world, Revocation::RequiredForLeaf), Err(Fault::RevocationUnknown), "stale");
    world.crls = vec![list(&World::new().made.issuing, NOW - DAY, &[])];
    assert_eq!(strict(&world, Revocation::RequiredForLeaf), Err(Fault::RevocationUnknown), "a stranger's");
    world.crls = vec![list(&world.made.issuing, NOW - DAY, &[])];
    assert_eq!(strict(&world, Revocation::RequiredForLeaf), Ok(3));
    assert_eq!(strict(&world, Revocation::Required), Err(Fault::RevocationUnknown), "the root's list is missing");
    world.crls.push(list(&world.made.root, NOW - DAY, &[]));
    assert_eq!(strict(&world, Revocation::Required), Ok(3));
}

#[test]
fn the_newest_of_several_lists_counts() {
    let mut world = World::new();
    world.crls.push(list(&world.made.issuing, NOW - 2 * DAY, &[]));
    world.revoke(NOW - DAY, NOW - DAY);
    world.crls.push(list(&world.made.issuing, NOW - 3 * DAY, &[]));
    let leaf = world.made.signing.certificate.clone();
    assert!(matches!(world.ask(&leaf, NOW), Err(Fault::Revoked { .. })));
}

#[test]
fn a_revoked_issuing_ca_takes_its_people_with_it() {
    let mut world = World::new();
    let serial = world.made.issuing.certificate.tbs.serial.clone();
    let revoked = [Revoked { serial, at: NOW - DAY, reason: Reason::CaCompromise }];
    world.crls.push(list(&world.made.root, NOW - DAY, &revoked));
    let leaf = world.made.signing.certificate.clone();
    assert!(matches!(world.ask(&leaf, NOW), Err(Fault::Revoked { reason: Reason::CaCompromise, .. })));
}

#[test]
fn many_certificates_of_one_name_and_key_do_not_keep_the_search_busy() {
    let (mut world, other) = (World::new(), Institution::new());
    // Each of them could stand above each other: 60 to the fifth power of paths.
    world.intermediates = (0..60).map(|_| impostor(&other.root).certificate).collect();
    world.intermediates.insert(0, other.issuing.certificate.clone());
    let started = std::time::Instant::now();
    assert_eq!(world.ask(&other.signing.certificate, NOW), Err(Fault::Untrusted));
    assert!(started.elapsed().as_secs() < 10);
}
