//! The table of `docs/profiles.md` is the table of the code.

use pki::profile::KeyUsage;
use pki::{Profile, oid};

const NAMES: [(KeyUsage, &str); 7] = [
    (KeyUsage::DIGITAL_SIGNATURE, "digitalSignature"),
    (KeyUsage::NON_REPUDIATION, "nonRepudiation"),
    (KeyUsage::KEY_ENCIPHERMENT, "keyEncipherment"),
    (KeyUsage::DATA_ENCIPHERMENT, "dataEncipherment"),
    (KeyUsage::KEY_AGREEMENT, "keyAgreement"),
    (KeyUsage::KEY_CERT_SIGN, "keyCertSign"),
    (KeyUsage::CRL_SIGN, "cRLSign"),
];

fn row(head: &str, cell: impl Fn(&Profile) -> String) -> String {
    let cells: Vec<_> = Profile::ALL.into_iter().map(cell).collect();
    format!("| {head} | {} |", cells.join(" | "))
}

/// The rows that the code decides, as the page must have them.
fn rows() -> Vec<String> {
    let usage = |profile: &Profile| {
        let set = NAMES.iter().filter(|(bit, _)| profile.key_usage.any(*bit)).map(|(_, name)| *name);
        set.collect::<Vec<_>>().join(", ")
    };
    let constraints = |profile: &Profile| match profile.constraints {
        None => "absent".to_owned(),
        Some(found) => {
            assert!(found.ca);
            found.path_length.map_or("cA".to_owned(), |length| format!("cA, pathLenConstraint {length}"))
        }
    };
    let purpose = |profile: &Profile| match profile.purpose {
        None => "absent".to_owned(),
        Some(found) => {
            let name = if found.oid == oid::TIME_STAMPING { "timeStamping" } else { "OCSPSigning" };
            format!("{name}{}", if found.critical { ", critical" } else { "" })
        }
    };
    vec![
        row("", |profile| profile.name.to_owned()).replacen("|  |", "| |", 1),
        row("keyUsage 2.5.29.15, critical", usage),
        row("basicConstraints 2.5.29.19, critical", constraints),
        row("extKeyUsage 2.5.29.37", purpose),
        row("id-pkix-ocsp-nocheck 1.3.6.1.5.5.7.48.1.5", |profile| {
            if profile.no_check { "yes" } else { "absent" }.to_owned()
        }),
        row("validity at most, days", |profile| profile.most_days.to_string()),
    ]
}

#[test]
fn the_page_of_profiles_says_what_the_code_says() {
    let page = include_str!("../../../../docs/profiles.md");
    for row in rows() {
        assert!(page.lines().any(|line| line == row), "docs/profiles.md must have the line\n{row}");
    }
}
