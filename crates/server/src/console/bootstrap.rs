//! The first operator, and people made from the command line.

use std::fs;

use jiff::Timestamp;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};

use super::{
    entity::reviewer,
    policy::{Role, Scope},
    staff::{self, Fresh},
};
use crate::{
    app::AppState,
    audit::Actor,
    error::{FIELDS_INVALID, Result},
    institution::entity::institution as institutions,
    storage::{Storage, StorageError, write_private},
};

/// Makes the first operator when there is none, and writes the password to `DATA/bootstrap.txt`. It is the way in that
/// stays when every phone is lost.
pub async fn ensure_bootstrap_reviewer(state: &AppState) -> Result<()> {
    if reviewer::Entity::find().count(&*state.db).await? > 0 {
        return Ok(());
    }
    let password = staff::fresh_password()?;
    let file = state.config.data.join("bootstrap.txt");
    // A start that broke off between file and row left a file whose password nobody has.
    match fs::remove_file(&file) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(StorageError::Io(error).into()),
        _ => {}
    }
    let console = format!("{}/console/", state.config.origin);
    write_private(&file, format!("console:  {console}\nusername: reviewer\npassword: {password}\n").as_bytes())?;
    let first = Fresh {
        username: "reviewer",
        name: "演示审核员",
        role: Role::Operator,
        institution_id: None,
        password: password.clone(),
        break_glass: true,
    };
    let tx = state.db.begin().await?;
    staff::insert(&tx, state.now(), Actor::System, first).await?;
    tx.commit().await?;
    if state.config.is_sandbox() {
        tracing::warn!(%console, username = "reviewer", %password, file = %file.display(), "first start: the console's first login");
    } else {
        tracing::warn!(%console, file = %file.display(), "first start: the console's first login is in the file");
    }
    Ok(())
}

/// Somebody to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewReviewer<'a> {
    /// Login name.
    pub username: &'a str,
    /// Name shown.
    pub name: &'a str,
    /// What they are; none: an institution's reviewer, or an operator where no institution is named.
    pub role: Option<Role>,
    /// Slug of the institution; none: the platform's own.
    pub institution: Option<&'a str>,
}

/// Makes somebody with a random password, which is returned and nowhere kept.
pub async fn add_reviewer(db: &Storage, now: Timestamp, new: NewReviewer<'_>) -> Result<String> {
    staff::check_username(new.username)?;
    let name = staff::parse_name(new.name)?;
    let tx = db.begin().await?;
    let institution_id = match new.institution {
        None => None,
        Some(slug) => {
            let find = institutions::Entity::find().filter(institutions::Column::Slug.eq(slug));
            let known = find.one(&*tx).await?.ok_or_else(|| FIELDS_INVALID.field("institution", "UNKNOWN"))?;
            Some(known.id)
        }
    };
    let scope = if institution_id.is_some() { Scope::Institution } else { Scope::Platform };
    let role = new.role.unwrap_or(match scope {
        Scope::Institution => Role::Reviewer,
        Scope::Platform => Role::Operator,
    });
    staff::check_fit(role, scope)?;
    staff::check_free(&tx, new.username).await?;
    let password = staff::fresh_password()?;
    let fresh = Fresh {
        username: new.username,
        name: &name,
        role,
        institution_id,
        password: password.clone(),
        break_glass: false,
    };
    staff::insert(&tx, now, Actor::System, fresh).await?;
    tx.commit().await?;
    Ok(password)
}
