//! What becomes of applications that nobody goes on with.

use jiff::SignedDuration;
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _};

use super::{
    entity::application,
    letters,
    rules::{Event, State},
    store::{self, Extra, Mover},
};
use crate::{app::AppState, error::Result};

/// How long a draft, an unpaid or a not downloaded application stays open.
const LEFT_ALONE: SignedDuration = SignedDuration::from_hours(24 * 90);
/// How long an administrator may leave an application unanswered.
const UNANSWERED: SignedDuration = SignedDuration::from_hours(24 * 30);

/// Closes what was left alone too long. Returns how many.
pub async fn expire_left_alone(state: &AppState) -> Result<usize> {
    let now = state.now();
    let left = |states: &[State], since: SignedDuration| {
        let words: Vec<_> = states.iter().map(|state| state.as_str()).collect();
        Condition::all()
            .add(application::Column::State.is_in(words))
            .add(application::Column::UpdatedAt.lt((now - since).as_millisecond()))
    };
    let old = application::Entity::find()
        .filter(
            Condition::any()
                .add(left(&[State::Draft, State::PaymentDue, State::Ready], LEFT_ALONE))
                .add(left(&[State::WithAdmin], UNANSWERED)),
        )
        .all(&*state.db)
        .await?;
    let count = old.len();
    for row in old {
        let mut tx = state.db.begin().await?;
        let Some(row) = store::find(&*tx, row.id).await?.filter(|fresh| fresh.version == row.version) else { continue };
        let row = store::advance(&mut tx, now, row, Event::Expire, Mover::System, Extra::default()).await?;
        letters::tell(&mut tx, now, &row, None).await?;
        tx.commit().await?;
    }
    Ok(count)
}
