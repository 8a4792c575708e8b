//! A font of this machine and one of each paper.

use std::sync::OnceLock;

use document::Result;
use document::paper::{
    AdminTransfer, Authorisation, Change, Enterprise, EnterpriseApplication, EnterpriseChange, Face, Fonts, Head,
    Paper, Permission, Person, PersonalApplication, Purpose, Recovery, SealTemplate, Target, Terms,
};

/// Where Debian's fonts-noto-cjk puts them.
const REGULAR: &str = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc";
const BOLD: &str = "/usr/share/fonts/opentype/noto/NotoSerifCJK-Bold.ttc";

/// Chinese fonts; without them these tests can say nothing.
pub fn fonts() -> &'static Fonts {
    static FONTS: OnceLock<Fonts> = OnceLock::new();
    FONTS.get_or_init(|| {
        let face = |path| {
            let octets = std::fs::read(path).unwrap_or_else(|error| panic!("{path}: {error}: install fonts-noto-cjk"));
            Face::from_octets(octets).unwrap()
        };
        Fonts { regular: face(REGULAR), bold: face(BOLD) }
    })
}

/// What the samples have in common.
pub fn head() -> Head<'static> {
    Head {
        institution: "广西示范数字证书认证中心",
        heading: "",
        contact: "0771-5550100 · 南宁市良庆区受理大厅",
        number: "GQ20261124-0001",
        date: jiff::civil::date(2026, 11, 24),
        demonstration: true,
    }
}

pub const ENTERPRISE: Enterprise<'_> =
    Enterprise { name: "南宁市青秀区桂花树建筑工程有限公司", credit_code: "91450100MA5K000018" };

pub fn person(name: &str) -> Person<'_> {
    Person { name, id_kind: "居民身份证", id_number: "450102********0013", phone: "138****0001" }
}

/// An application for a certificate in the name of `enterprise`.
pub fn application<'a>(enterprise: &'a str, person_name: &'a str) -> EnterpriseApplication<'a> {
    EnterpriseApplication {
        enterprise: Enterprise { name: enterprise, ..ENTERPRISE },
        legal_person: person(person_name),
        applicant: person(person_name),
        purpose: Purpose::Claim,
        terms: Terms { months: 12, fee_fen: 20_000 },
    }
}

/// A letter of authorisation in the name of `enterprise`.
pub fn authorisation<'a>(enterprise: &'a str, person_name: &'a str) -> Authorisation<'a> {
    Authorisation {
        enterprise: Enterprise { name: enterprise, ..ENTERPRISE },
        person: person(person_name),
        platform: "广西公共资源交易平台",
        permissions: &[Permission::Login, Permission::Seal, Permission::Decrypt],
        seals: &["企业公章", "法人章"],
        matter: "新增企业数字证书",
        terms: Terms { months: 12, fee_fen: 20_000 },
    }
}

/// One of each, by a name for files.
pub fn all() -> Vec<(&'static str, Result<Paper>)> {
    let (head, fonts) = (head(), fonts());
    let changes = [
        Change {
            item: "企业名称", old: ENTERPRISE.name, new: "广西桂花树建设集团（南宁）股份有限公司"
        },
        Change { item: "法定代表人", old: "韦大山", new: "黄小河" },
        Change { item: "法定代表人证件号码", old: "450102********0013", new: "450103********0027" },
    ];
    let change =
        EnterpriseChange { enterprise: ENTERPRISE, applicant: person("覃丽"), changes: &changes, certificates: 3 };
    let transfer =
        AdminTransfer { enterprise: ENTERPRISE, from: person("韦大山"), to: person("覃丽"), electronic: true };
    let recovery = Recovery {
        applicant: person("覃丽"),
        enterprise: Some(ENTERPRISE),
        serial: "4A3F90D1C2B3A495867758493A2B1C0D",
        reason: "更换手机",
    };
    vec![
        ("enterprise-application", application(ENTERPRISE.name, "韦大山").make(&head, fonts)),
        (
            "personal-application",
            PersonalApplication { applicant: person("覃丽"), terms: Terms { months: 18, fee_fen: 5_005 } }
                .make(&head, fonts),
        ),
        ("enterprise-change", change.make(&head, fonts)),
        ("admin-transfer", transfer.make(&head, fonts)),
        ("admin-transfer-printed", AdminTransfer { electronic: false, ..transfer }.make(&head, fonts)),
        ("authorisation", authorisation(ENTERPRISE.name, "覃丽").make(&head, fonts)),
        ("recovery", recovery.make(&head, fonts)),
        ("recovery-own", Recovery { enterprise: None, ..recovery }.make(&head, fonts)),
        ("template-stamp", SealTemplate { target: Target::Stamp }.make(&head, fonts)),
        ("template-signature", SealTemplate { target: Target::Signature }.make(&head, fonts)),
    ]
}
