//! The platform's papers, judged by qpdf and poppler.

#![allow(clippy::unwrap_used)] // a panic here is a failed test

mod support;

use document::Error;
use document::paper::{Authorisation, Enterprise, MAX_VALUE, Paper, PersonalApplication, Terms};
use document::pdf::{Placement, page_sizes_mm, prepare};
use document::stamp::CompanySeal;
use proptest::prelude::*;
use support::papers::{ENTERPRISE, all, application, authorisation, fonts, head, person};
use support::{details, judge, keep, qpdf_accepts};

/// What poppler reads, without white space: a long value is cut into lines.
fn text_of(pdf: &[u8]) -> Option<String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("paper.pdf");
    std::fs::write(&path, pdf).unwrap();
    let output = std::process::Command::new("pdftotext").arg(&path).arg("-").output().ok()?;
    assert!(output.status.success() && output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(String::from_utf8(output.stdout).unwrap().split_whitespace().collect())
}

fn contains(paper: &Paper, wanted: &[&str]) {
    let Some(text) = text_of(&paper.pdf) else { return };
    for wanted in wanted {
        assert!(text.contains(wanted), "{wanted} is not in {text}");
    }
}

#[test]
fn every_paper_is_a_small_pdf_whose_chinese_can_be_searched_in_embedded_subset_fonts() {
    for (name, paper) in all() {
        let paper = paper.unwrap();
        keep(&format!("paper-{name}.pdf"), &paper.pdf);
        qpdf_accepts(&paper.pdf);
        assert!(paper.pdf.len() < 150_000, "{name} has {} octets", paper.pdf.len());
        assert_eq!(page_sizes_mm(&paper.pdf).unwrap().len(), paper.pages as usize);
        assert!(paper.missing.is_empty(), "{name}: {:?}", paper.missing);
        contains(&paper, &["GQ20261124-0001", "广西示范数字证书认证中心", "演示文件，仅供测试使用，不具有法律效力"]);
        if let Some((code, fonts)) = judge("pdffonts", &[], &paper.pdf) {
            assert_eq!(code, 0, "{fonts}");
            let rows: Vec<&str> = fonts.lines().skip(2).collect();
            assert!((1..=2).contains(&rows.len()), "{fonts}");
            for row in rows {
                assert!(row.contains("yes yes yes") && row.contains('+'), "embedded, subset, with Unicode: {row}");
            }
        }
    }
}

#[test]
fn the_same_input_gives_the_same_octets() {
    for ((name, first), (_, second)) in all().into_iter().zip(all()) {
        assert_eq!(first.unwrap().pdf, second.unwrap().pdf, "{name}");
    }
}

#[test]
fn the_authorisation_names_both_sides_the_platform_the_permissions_and_the_seals() {
    let paper = authorisation(ENTERPRISE.name, "覃丽").make(&head(), fonts()).unwrap();
    contains(
        &paper,
        &[
            "授权书",
            "南宁市青秀区桂花树建筑工程有限公司（统一社会信用代码：91450100MA5K000018",
            "覃丽（居民身份证号码：450102********0013）",
            "广西公共资源交易平台",
            "☑登录",
            "☑签章",
            "□生成投标文件",
            "☑解密",
            "企业公章、法人章",
            "2026年11月24日",
        ],
    );
}

#[test]
fn the_change_form_sets_old_beside_new_and_warns_that_old_files_cannot_be_decrypted() {
    let paper = all().into_iter().find(|(name, _)| *name == "enterprise-change").unwrap().1.unwrap();
    contains(&paper, &["变更前", "变更后", "韦大山", "黄小河", "不能恢复，无法解密原有文件"]);
}

#[test]
fn a_paper_is_sealed_where_it_says_and_the_signature_covers_it() {
    let seal = CompanySeal { name: ENTERPRISE.name, line: None, code: None }.draw(fonts()).unwrap();
    let authority = support::people::Authority::new();
    let zhang = authority.person("覃丽", 0, 365);
    for (name, paper) in all() {
        let paper = paper.unwrap();
        let Some(spot) = paper.seal else { continue };
        let placement = Placement { page: spot.page, rect: spot.rect, png: &seal.png };
        let prepared = prepare(&paper.pdf, &[placement], &details("覃丽"));
        assert!(prepared.is_ok(), "{name}: {prepared:?}");
        let signed = zhang.sign(&paper.pdf, &[placement]);
        qpdf_accepts(&signed);
        keep(&format!("paper-{name}-signed.pdf"), &signed);
        let report = authority.verify(&signed);
        assert_eq!(report.signatures.len(), 1);
        assert_eq!(report.signatures[0].verdict, document::pdf::Verdict::Valid, "{name}: {report:#?}");
    }
}

#[test]
fn what_is_missing_or_too_long_is_told_by_its_name() {
    let long = "长".repeat(MAX_VALUE + 1);
    let refused = |enterprise: &str| application(enterprise, "韦大山").make(&head(), fonts()).unwrap_err();
    assert_eq!(refused(" \n"), Error::FieldEmpty { field: "企业名称" });
    assert_eq!(refused(&long), Error::FieldTooLong { field: "企业名称", limit: MAX_VALUE });
    let none = Authorisation { permissions: &[], ..authorisation(ENTERPRISE.name, "覃丽") };
    assert_eq!(none.make(&head(), fonts()), Err(Error::FieldEmpty { field: "授权权限" }));
    let many = Authorisation { seals: &["章"; 21], ..authorisation(ENTERPRISE.name, "覃丽") };
    assert_eq!(many.make(&head(), fonts()), Err(Error::FieldTooLong { field: "可用印章", limit: 20 }));
    let nobody = PersonalApplication { applicant: person(""), terms: Terms { months: 12, fee_fen: 0 } };
    assert_eq!(nobody.make(&head(), fonts()), Err(Error::FieldEmpty { field: "姓名" }));
}

#[test]
fn a_character_without_glyph_is_shown_as_missing_and_told() {
    let paper = application("南宁\u{1f600}公司\u{0}\u{202e}", "韦\u{1f9d1}").make(&head(), fonts()).unwrap();
    assert_eq!(paper.missing, ['\u{1f600}', '\u{1f9d1}']);
    contains(&paper, &["南宁〓公司", "韦〓", "标有“〓”处的字为本机字库所缺"]);
}

#[test]
fn the_longest_values_stay_on_the_page() {
    let long = "壮".repeat(MAX_VALUE);
    let latin = "W".repeat(MAX_VALUE);
    for name in [long.as_str(), latin.as_str()] {
        let enterprise = Enterprise { name, credit_code: name };
        let letter = Authorisation { enterprise, platform: name, matter: name, ..authorisation(name, name) };
        let paper = letter.make(&head(), fonts()).unwrap();
        qpdf_accepts(&paper.pdf);
        keep(&format!("paper-long-{}.pdf", name.len()), &paper.pdf);
        let spot = paper.seal.unwrap();
        assert!(spot.page <= paper.pages && spot.rect.y_mm > 0.0 && spot.rect.y_mm + spot.rect.height_mm < 285.0);
        contains(&paper, &[&name[..30]]);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn whatever_people_type_becomes_a_pdf_or_a_refusal_with_a_name(one in "\\PC{0,210}", two in any::<String>()) {
        let letter = authorisation(&one, &two);
        for made in [letter.make(&head(), fonts()), application(&two, &one).make(&head(), fonts())] {
            match made {
                Ok(paper) => {
                    qpdf_accepts(&paper.pdf);
                    prop_assert!(prepare(&paper.pdf, &[], &details("覃丽")).is_ok());
                }
                Err(Error::FieldEmpty { .. } | Error::FieldTooLong { .. }) => {}
                Err(other) => prop_assert!(false, "{other}"),
            }
        }
    }
}
