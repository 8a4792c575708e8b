//! The private seal (私章): the picture of a person's signature that the application brought along.

use std::io::Cursor;

use image::{ImageFormat, ImageReader, Limits};
use sea_orm::{ColumnTrait as _, ConnectionTrait, DbErr, EntityTrait as _, QueryFilter as _, Set};
use uuid::Uuid;

use super::entity::{appearance, certificate};
use crate::{
    app::AppState,
    application::entity::material,
    error::{Problem, Result},
    heavy,
};

/// Height on the page of a signature as wide as it is long, micrometres.
const HEIGHT_UM: u32 = 15_000;
/// No signature is wider than this on a page, micrometres.
const MAX_WIDTH_UM: u32 = 45_000;
/// Pixels in each direction.
const MAX_SIDE: u32 = 4_000;

/// The private seal that goes with this certificate, if its application brought a signature.
pub async fn from_application(
    state: &AppState,
    certificate: &certificate::Model,
) -> Result<Option<appearance::ActiveModel>> {
    let signature = material::Entity::find()
        .filter(material::Column::ApplicationId.eq(certificate.application_id))
        .filter(material::Column::Kind.eq("signature"))
        .one(&*state.db)
        .await?;
    let Some(signature) = signature else { return Ok(None) };
    let picture = state.blobs.get(&signature.blob).await?;
    let Some((png, width, height)) = heavy::run(move || normalised(&picture)).await.map_err(Problem::internal)? else {
        return Err(Problem::internal("an accepted signature picture cannot be read"));
    };
    let (width_um, height_um) = size_on_page(width, height);
    Ok(Some(appearance::ActiveModel {
        id: Set(state.new_id()),
        account_id: Set(certificate.account_id),
        kind: Set("private_seal".to_owned()),
        name: Set(format!("{}的私章", certificate.subject_name)),
        width_um: Set(width_um),
        height_um: Set(height_um),
        png: Set(png),
        enterprise_id: Set(None),
        created_at: Set(state.now().as_millisecond()),
    }))
}

/// The picture as PNG with transparency, with its size in pixels.
fn normalised(octets: &[u8]) -> Option<(Vec<u8>, u32, u32)> {
    let mut reader = ImageReader::new(Cursor::new(octets)).with_guessed_format().ok()?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    reader.limits(limits);
    let picture = reader.decode().ok()?.into_rgba8();
    let (width, height) = picture.dimensions();
    let mut png = Cursor::new(Vec::new());
    picture.write_to(&mut png, ImageFormat::Png).ok()?;
    Some((png.into_inner(), width, height))
}

/// Width and height on a page, micrometres: 15 mm high, the width by the picture's proportions, at most 45 mm wide.
fn size_on_page(width: u32, height: u32) -> (i32, i32) {
    let (width, height) = (u64::from(width.max(1)), u64::from(height.max(1)));
    let by_height = (u64::from(HEIGHT_UM) * width / height, u64::from(HEIGHT_UM));
    let (width_um, height_um) = if by_height.0 <= u64::from(MAX_WIDTH_UM) {
        by_height
    } else {
        (u64::from(MAX_WIDTH_UM), u64::from(MAX_WIDTH_UM) * height / width)
    };
    // Both are at most 45,000 by now; a line of one pixel still gets a millimetre.
    let whole = |um: u64| i32::try_from(um.max(1_000)).unwrap_or(i32::MAX);
    (whole(width_um), whole(height_um))
}

/// Removes the pictures of a person who leaves; signed documents keep their own.
pub async fn forget(db: &impl ConnectionTrait, account_id: Uuid) -> Result<(), DbErr> {
    appearance::Entity::delete_many().filter(appearance::Column::AccountId.eq(account_id)).exec(db).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_keeps_its_proportions_and_fits_on_a_line() {
        assert_eq!(size_on_page(400, 200), (30_000, 15_000));
        assert_eq!(size_on_page(1_000, 200), (45_000, 9_000));
        assert_eq!(size_on_page(100, 200), (7_500, 15_000));
        assert_eq!(size_on_page(4_000, 1), (45_000, 1_000));
    }

    #[test]
    fn a_picture_becomes_a_png_with_transparency_and_anything_else_nothing() {
        let mut jpeg = Cursor::new(Vec::new());
        image::RgbImage::new(30, 10).write_to(&mut jpeg, ImageFormat::Jpeg).expect("encodes");
        let (png, width, height) = normalised(jpeg.get_ref()).expect("a picture");
        assert_eq!((width, height), (30, 10));
        assert_eq!(&png[1..4], b"PNG");
        assert!(normalised(b"not a picture").is_none());
    }
}
