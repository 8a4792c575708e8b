//! The three institutions of the sandbox, made at first start.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
    Set,
};
use uuid::Uuid;

use super::{Institution, entity};
use crate::{app::AppState, clock::new_id, error::Result, storage::Tx};

struct Row {
    slug: &'static str,
    name: &'static str,
    name_en: &'static str,
    description: &'static str,
    description_en: &'static str,
    /// Months and fen of personal certificates.
    products: &'static [(i32, i64)],
    /// With a personal certificate: material and whether it is required.
    materials: &'static [(&'static str, bool)],
    /// Months and fen of enterprise certificates.
    enterprise_products: &'static [(i32, i64)],
    /// With a claim or a change, beside licence and form, which every institution wants (manual 1.8.1: 部分 CA
    /// 认领企业时需要上传除了企业申请表之外的电子件).
    enterprise_materials: &'static [(&'static str, bool)],
}

/// The kinds whose lists [`Row`] gives.
const PERSONAL: &str = "personal_certificate";
const ENTERPRISE: &str = "enterprise_certificate";

const ROWS: [Row; 3] = [
    Row {
        slug: "guiyun",
        name: "桂云CA（演示）",
        name_en: "Guiyun CA (demonstration)",
        description: "演示机构：签名即可申请，最快办理。",
        description_en: "A demonstration institution: a signature is all it asks for.",
        products: &[(12, 0), (24, 0)],
        materials: &[("signature", true)],
        enterprise_products: &[(12, 0), (24, 0)],
        enterprise_materials: &[],
    },
    Row {
        slug: "yongjiang",
        name: "邕江CA（演示）",
        name_en: "Yongjiang CA (demonstration)",
        description: "演示机构：需上传签字的申请表照片。",
        description_en: "A demonstration institution: it wants a photograph of the signed application form.",
        products: &[(12, 0)],
        materials: &[("signature", true), ("application_form", true)],
        enterprise_products: &[(12, 0)],
        enterprise_materials: &[
            ("legal_person_id", true),
            ("agent_letter", true),
            ("account_permit", false),
            ("other_proof", false),
        ],
    },
    Row {
        slug: "lishui",
        name: "漓水CA（演示）",
        name_en: "Lishui CA (demonstration)",
        description: "演示机构：长期证书，申请表可选。",
        description_en: "A demonstration institution: long-lived certificates, the application form is optional.",
        products: &[(12, 0), (36, 0)],
        materials: &[("signature", true), ("application_form", false)],
        enterprise_products: &[(12, 0), (36, 0)],
        enterprise_materials: &[("other_proof", false)],
    },
];

/// Every institution, after making those of the sandbox if this is one and they are missing, and whatever they have
/// learnt to issue since.
pub async fn ensure_sandbox(state: &AppState) -> Result<Vec<Institution>> {
    use entity::institution::{Column, Entity};
    let all = || Entity::find().order_by_asc(Column::Position).all(&*state.db);
    let known = all().await?;
    if !state.config.is_sandbox() {
        return Ok(known);
    }
    let tx = state.db.begin().await?;
    if known.is_empty() {
        for (position, row) in (0..).zip(&ROWS) {
            insert(state, &tx, position, row).await?;
        }
    }
    for institution in Entity::find().filter(Column::Sandbox.eq(true)).all(&*tx).await? {
        if let Some(row) = ROWS.iter().find(|row| row.slug == institution.slug) {
            offer(state, &tx, institution.id, row).await?;
        }
    }
    tx.commit().await?;
    Ok(all().await?)
}

async fn insert(state: &AppState, tx: &Tx, position: i32, row: &Row) -> Result<()> {
    let now = state.now();
    let institution = entity::institution::ActiveModel {
        id: Set(new_id(now)),
        slug: Set(row.slug.to_owned()),
        name: Set(row.name.to_owned()),
        name_en: Set(row.name_en.to_owned()),
        description: Set(row.description.to_owned()),
        description_en: Set(row.description_en.to_owned()),
        sandbox: Set(true),
        four_eyes: Set(false),
        position: Set(position),
        created_at: Set(now.as_millisecond()),
        service_hours: Set(24),
        contact_phone: Set(String::new()),
        contact_email: Set(String::new()),
        contact_address: Set(String::new()),
        policy_oid: Set(String::new()),
        form_heading: Set(String::new()),
    };
    institution.insert(&**tx).await?;
    Ok(())
}

/// Products and wanted materials of those kinds for which the institution has never had a product.
async fn offer(state: &AppState, tx: &Tx, institution_id: Uuid, row: &Row) -> Result<()> {
    use entity::product::{Column, Entity};
    let kinds = [
        (PERSONAL, row.products, row.materials, &[PERSONAL][..]),
        (ENTERPRISE, row.enterprise_products, row.enterprise_materials, &["enterprise_claim", "enterprise_change"][..]),
    ];
    for (kind, products, materials, wanting) in kinds {
        let offered = Entity::find().filter(Column::InstitutionId.eq(institution_id)).filter(Column::Kind.eq(kind));
        if offered.count(&**tx).await? > 0 {
            continue;
        }
        for &(validity_months, fee_fen) in products {
            let product = entity::product::ActiveModel {
                id: Set(new_id(state.now())),
                institution_id: Set(institution_id),
                kind: Set(kind.to_owned()),
                validity_months: Set(validity_months),
                fee_fen: Set(fee_fen),
                offered: Set(true),
            };
            product.insert(&**tx).await?;
        }
        for application_kind in wanting {
            for material in materials {
                insert_material(state, tx, institution_id, application_kind, material).await?;
            }
        }
    }
    Ok(())
}

async fn insert_material(
    state: &AppState,
    tx: &Tx,
    institution_id: Uuid,
    application_kind: &str,
    &(material, required): &(&str, bool),
) -> Result<()> {
    let row = entity::required_material::ActiveModel {
        id: Set(new_id(state.now())),
        institution_id: Set(institution_id),
        application_kind: Set(application_kind.to_owned()),
        material_kind: Set(material.to_owned()),
        required: Set(required),
    };
    row.insert(&**tx).await?;
    Ok(())
}
