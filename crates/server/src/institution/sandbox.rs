//! The three institutions of the sandbox, made at first start.

use sea_orm::{ActiveModelTrait as _, EntityTrait as _, QueryOrder as _, Set};
use uuid::Uuid;

use super::{Institution, entity};
use crate::{app::AppState, clock::new_id, error::Result, storage::Tx};

struct Row {
    slug: &'static str,
    name: &'static str,
    name_en: &'static str,
    description: &'static str,
    description_en: &'static str,
    /// Months and fen.
    products: &'static [(i32, i64)],
    /// Material and whether it is required.
    materials: &'static [(&'static str, bool)],
}

const ROWS: [Row; 3] = [
    Row {
        slug: "guiyun",
        name: "桂云CA（演示）",
        name_en: "Guiyun CA (demonstration)",
        description: "演示机构：签名即可申请，最快办理。",
        description_en: "A demonstration institution: a signature is all it asks for.",
        products: &[(12, 0), (24, 0)],
        materials: &[("signature", true)],
    },
    Row {
        slug: "yongjiang",
        name: "邕江CA（演示）",
        name_en: "Yongjiang CA (demonstration)",
        description: "演示机构：需上传签字的申请表照片。",
        description_en: "A demonstration institution: it wants a photograph of the signed application form.",
        products: &[(12, 0)],
        materials: &[("signature", true), ("application_form", true)],
    },
    Row {
        slug: "lishui",
        name: "漓水CA（演示）",
        name_en: "Lishui CA (demonstration)",
        description: "演示机构：长期证书，申请表可选。",
        description_en: "A demonstration institution: long-lived certificates, the application form is optional.",
        products: &[(12, 0), (36, 0)],
        materials: &[("signature", true), ("application_form", false)],
    },
];

/// Every institution, after making those of the sandbox if this is one and they are missing.
pub async fn ensure_sandbox(state: &AppState) -> Result<Vec<Institution>> {
    use entity::institution::{Column, Entity};
    let known = Entity::find().order_by_asc(Column::Position).all(&*state.db).await?;
    if !known.is_empty() || !state.config.is_sandbox() {
        return Ok(known);
    }
    let tx = state.db.begin().await?;
    for (position, row) in (0..).zip(&ROWS) {
        insert(state, &tx, position, row).await?;
    }
    tx.commit().await?;
    Ok(Entity::find().order_by_asc(Column::Position).all(&*state.db).await?)
}

async fn insert(state: &AppState, tx: &Tx, position: i32, row: &Row) -> Result<()> {
    let now = state.now();
    let id = new_id(now);
    let institution = entity::institution::ActiveModel {
        id: Set(id),
        slug: Set(row.slug.to_owned()),
        name: Set(row.name.to_owned()),
        name_en: Set(row.name_en.to_owned()),
        description: Set(row.description.to_owned()),
        description_en: Set(row.description_en.to_owned()),
        sandbox: Set(true),
        four_eyes: Set(false),
        position: Set(position),
        created_at: Set(now.as_millisecond()),
    };
    institution.insert(&**tx).await?;
    for &(validity_months, fee_fen) in row.products {
        let product = entity::product::ActiveModel {
            id: Set(new_id(now)),
            institution_id: Set(id),
            kind: Set("personal_certificate".to_owned()),
            validity_months: Set(validity_months),
            fee_fen: Set(fee_fen),
            offered: Set(true),
        };
        product.insert(&**tx).await?;
    }
    for &(material, required) in row.materials {
        insert_material(tx, new_id(now), id, material, required).await?;
    }
    Ok(())
}

async fn insert_material(tx: &Tx, id: Uuid, institution_id: Uuid, material: &str, required: bool) -> Result<()> {
    let row = entity::required_material::ActiveModel {
        id: Set(id),
        institution_id: Set(institution_id),
        application_kind: Set("personal_certificate".to_owned()),
        material_kind: Set(material.to_owned()),
        required: Set(required),
    };
    row.insert(&**tx).await?;
    Ok(())
}
