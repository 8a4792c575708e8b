//! Certificates of every profile, and those that OpenSSL makes.

use pki::chain::{Revocation, Usage, Verifier};
use pki::{Certificate, pem};

use crate::support::{Institution, NOW, YEAR};
use crate::tools::{Outside, corrupted};

const PKILINT: [&str; 2] = ["pkilint.bin.lint_pkix_cert", "lint"];

#[test]
fn every_certificate_is_accepted_and_its_corrupted_copies_are_refused() {
    let (outside, made) = (Outside::new("certificates"), Institution::new());
    let root = outside.file("root.pem", made.root.certificate.to_pem().as_bytes());
    let between = outside.file("issuing.pem", made.issuing.certificate.to_pem().as_bytes());
    for (name, holder, issuer) in made.all() {
        let pem = outside.file(&format!("{name}.pem"), holder.certificate.to_pem().as_bytes());
        let below = (issuer.certificate != made.root.certificate).then_some(between.as_path());
        outside.verify(&pem, below, &root, NOW, &[]).accepts();

        let der = outside.file(&format!("{name}.cer"), &holder.certificate.der);
        let above = match name {
            "root" => der.clone(),
            _ => outside.file(&format!("above-{name}.cer"), &issuer.certificate.der),
        };
        outside.judge("signed", &der, &above).accepts();
        if let Some(found) = outside.lint(&PKILINT, &der) {
            // RFC 5480 has no key encipherment with elliptic curves; SM2 encrypts, and GB/T 20518 says so.
            let expected: &[&str] =
                if name == "encryption" { &["pkix.key_usage_value_prohibited_for_ec"] } else { &[] };
            assert_eq!(found, expected, "{name}");
        }

        for (number, copy) in corrupted(&holder.certificate.der, "演示".as_bytes()).iter().enumerate() {
            let text = pem::encode(pem::CERTIFICATE, copy).unwrap();
            let pem = outside.file(&format!("corrupted-{name}-{number}.pem"), text.as_bytes());
            let anchor = if name == "root" { &pem } else { &root };
            if name != "root" || outside.has_four() {
                outside.verify(&pem, below, anchor, NOW, &[]).refuses();
            }
            let der = outside.file(&format!("corrupted-{name}-{number}.cer"), copy);
            let above = if name == "root" { &der } else { &above };
            outside.judge("signed", &der, above).refuses();
            let ours =
                Certificate::read(copy).and_then(|read| read.verify_signature(&issuer.certificate.tbs.public_key));
            assert!(ours.is_err());
        }
    }
    let chain = [&made.signing, &made.issuing, &made.root].map(|holder| holder.certificate.to_pem()).concat();
    outside.file("chain.pem", chain.as_bytes());
}

#[test]
fn openssl_sees_the_usages_of_the_profiles() {
    let (outside, made) = (Outside::new("usages"), Institution::new());
    let text = |holder: &crate::support::Holder| {
        let file = outside.file("certificate.pem", holder.certificate.to_pem().as_bytes());
        let words = ["x509".as_ref(), "-noout".as_ref(), "-text".as_ref(), "-in".as_ref(), file.as_os_str()];
        outside.openssl(&words).words().unwrap().to_owned()
    };
    let signing = text(&made.signing);
    assert!(signing.contains("X509v3 Key Usage: critical\n                Digital Signature, Non Repudiation\n"));
    assert!(signing.contains("URI:http://ca.example/ca.crl"));
    assert!(signing.contains("CA Issuers - URI:http://ca.example/ca.cer"));
    let usage = "X509v3 Key Usage: critical\n                Key Encipherment, Data Encipherment, Key Agreement\n";
    assert!(text(&made.encryption).contains(usage));
    assert!(text(&made.issuing).contains("CA:TRUE, pathlen:0"));
}

#[test]
fn an_expired_certificate_and_one_of_a_stranger_are_refused_outside_too() {
    let (outside, made, stranger) = (Outside::new("time-and-strangers"), Institution::new(), Institution::new());
    let between = outside.file("issuing.pem", made.issuing.certificate.to_pem().as_bytes());
    let leaf = outside.file("leaf.pem", made.signing.certificate.to_pem().as_bytes());
    let root = outside.file("root.pem", made.root.certificate.to_pem().as_bytes());
    outside.verify(&leaf, Some(&between), &root, NOW + 2 * YEAR, &[]).refuses();
    let root = outside.file("stranger.pem", stranger.root.certificate.to_pem().as_bytes());
    outside.verify(&leaf, Some(&between), &root, NOW, &[]).refuses();
}

#[test]
fn a_chain_that_openssl_made_is_believed() {
    let outside = Outside::new("made-by-openssl");
    let path = |name: &str| outside.file(name, b"");
    let (root_key, root, key, request, leaf) =
        (path("key"), path("root.pem"), path("leaf-key"), path("request"), path("leaf.pem"));
    let extensions = outside.file("extensions", b"keyUsage=critical,digitalSignature\n");
    // The user id must be named for 3.0 and may be named for 4.0.
    let id = "distid:1234567812345678";
    let lines = [
        format!("genpkey -algorithm SM2 -out {}", root_key.display()),
        format!(
            "req -x509 -new -key {} -sm3 -sigopt {id} -subj /C=CN/CN=outside -days 9000 -out {} \
             -addext basicConstraints=critical,CA:TRUE -addext keyUsage=critical,keyCertSign",
            root_key.display(),
            root.display()
        ),
        format!("genpkey -algorithm SM2 -out {}", key.display()),
        format!("req -new -key {} -sm3 -sigopt {id} -subj /C=CN/CN=leaf -out {}", key.display(), request.display()),
        format!(
            "x509 -req -in {} -CA {} -CAkey {} -sm3 -sigopt {id} -vfyopt {id} -days 8000 -extfile {} -out {}",
            request.display(),
            root.display(),
            root_key.display(),
            extensions.display(),
            leaf.display()
        ),
    ];
    let configuration = outside.file("openssl.cnf", b"[req]\ndistinguished_name=dn\n[dn]\n");
    for line in lines {
        let mut words: Vec<&std::ffi::OsStr> = line.split_whitespace().map(AsRef::as_ref).collect();
        if line.starts_with("req") {
            words.extend(["-config".as_ref(), configuration.as_os_str()]);
        }
        outside.openssl(&words).accepts();
    }
    let read = |file| {
        let text = std::fs::read_to_string(file).unwrap();
        Certificate::read(&pem::decode(pem::CERTIFICATE, &text).unwrap()).unwrap()
    };
    let (roots, leaf) = ([read(&root)], read(&leaf));
    let at = leaf.tbs.not_before;
    let verifier = Verifier { roots: &roots, intermediates: &[], crls: &[], revocation: Revocation::WhenKnown, at };
    assert_eq!(verifier.verify(&leaf, Usage::Signing).unwrap().len(), 2);
    let request = pem::decode(pem::REQUEST, &std::fs::read_to_string(&request).unwrap()).unwrap();
    assert_eq!(pki::csr::verify(&request).unwrap().public_key, leaf.tbs.public_key);
}
