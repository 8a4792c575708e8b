//! Counters that slow down guessing. They stand in the database: a restart forgives nothing, and whoever is slowed down
//! at one node is slowed down at all of them.
//!
//! Counting is one conditional statement, so that of many at once no more get through than may. Whoever is over the
//! limit is told by a plain read and makes nobody write.

use jiff::{SignedDuration, Timestamp};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, DbErr, EntityTrait as _, ExprTrait as _, QueryFilter as _, Set,
    sea_query::{Expr, OnConflict},
};

use crate::{
    clock::from_millis,
    error::{Problem, Result, TOO_MANY_REQUESTS},
    storage::Storage,
};
use entity::{Column, Entity};

/// Table `rate`.
pub mod entity {
    use sea_orm::entity::prelude::*;

    /// A row.
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "rate")]
    pub struct Model {
        /// What is counted.
        #[sea_orm(primary_key, auto_increment = false)]
        pub what: String,
        /// Whose: an address, a number, an account, or everybody's.
        #[sea_orm(primary_key, auto_increment = false)]
        pub whom: String,
        /// How often since the window began.
        pub used: i32,
        /// When the window ends, Unix milliseconds.
        pub expires_at: i64,
    }

    /// None are used.
    #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// Counted for all callers together.
pub const EVERYBODY: &str = "*";

/// At most `times` in `window`, counted from the first.
#[derive(Debug, Clone, Copy)]
pub struct Limit {
    /// How often.
    pub times: i32,
    /// In how long.
    pub window: SignedDuration,
}

/// The platform's counters.
#[derive(Clone)]
pub struct RateLimits(Storage);

impl RateLimits {
    /// Counters in this database.
    pub fn new(db: Storage) -> Self {
        Self(db)
    }

    /// Counts one more of `what` by `whom`, or refuses.
    ///
    /// It waits for its turn to write: who holds a writing transaction calls [`take_within`] instead.
    pub async fn take(&self, what: &'static str, whom: &str, limit: Limit, now: Timestamp) -> Result<()> {
        self.check(what, whom, limit, now).await?;
        let tx = self.0.begin().await?;
        take_within(&*tx, what, whom, limit, now).await?;
        Ok(tx.commit().await?)
    }

    /// Refuses if the limit is used up; counts nothing.
    pub async fn check(&self, what: &'static str, whom: &str, limit: Limit, now: Timestamp) -> Result<()> {
        match until(&*self.0, what, whom, limit, now).await? {
            Some(until) => Err(refusal(until, now)),
            None => Ok(()),
        }
    }
}

/// Counts one more within a transaction; the count stays only if the transaction does.
pub async fn take_within(
    db: &impl ConnectionTrait,
    what: &'static str,
    whom: &str,
    limit: Limit,
    now: Timestamp,
) -> Result<()> {
    let whom = &network(whom);
    let (at, end) = (now.as_millisecond(), (now + limit.window).as_millisecond());
    let over = || Expr::col((Entity, Column::ExpiresAt)).lte(at);
    let again = |fresh: Expr, going_on: Expr| -> Expr { Expr::case(over(), fresh).finally(going_on).into() };
    let count = OnConflict::columns([Column::What, Column::Whom])
        .value(Column::Used, again(Expr::val(1), Expr::col((Entity, Column::Used)).add(1)))
        .value(Column::ExpiresAt, again(Expr::val(end), Expr::col((Entity, Column::ExpiresAt))))
        .action_cond_where(Condition::any().add(over()).add(Expr::col((Entity, Column::Used)).lt(limit.times)))
        .to_owned();
    let row = entity::ActiveModel {
        what: Set(what.to_owned()),
        whom: Set(whom.to_owned()),
        used: Set(1),
        expires_at: Set(end),
    };
    let counted = Entity::insert(row).on_conflict(count).exec_without_returning(db).await?;
    if counted > 0 {
        return Ok(());
    }
    let until = until(db, what, whom, limit, now).await?;
    Err(refusal(until.unwrap_or(now + limit.window), now))
}

/// Until when the limit is used up, if it is.
async fn until(
    db: &impl ConnectionTrait,
    what: &str,
    whom: &str,
    limit: Limit,
    now: Timestamp,
) -> Result<Option<Timestamp>, DbErr> {
    let row = Entity::find_by_id((what.to_owned(), network(whom))).one(db).await?;
    let row = row.filter(|row| row.expires_at > now.as_millisecond() && row.used >= limit.times);
    Ok(row.map(|row| from_millis(row.expires_at)))
}

/// A started second counts as a whole one.
fn refusal(until: Timestamp, now: Timestamp) -> Problem {
    let milliseconds = until.as_millisecond() - now.as_millisecond();
    TOO_MANY_REQUESTS.problem().retry_after(milliseconds.saturating_add(999) / 1000)
}

/// Forgets what was counted, after a success.
pub async fn forgive(db: &impl ConnectionTrait, what: &'static str, whom: &str) -> Result<(), DbErr> {
    Entity::delete_by_id((what.to_owned(), network(whom))).exec(db).await?;
    Ok(())
}

/// Forgets counters whose time is over.
pub async fn sweep(db: &impl ConnectionTrait, now: Timestamp) -> Result<u64, DbErr> {
    let gone = Entity::delete_many().filter(Column::ExpiresAt.lte(now.as_millisecond())).exec(db).await?;
    Ok(gone.rows_affected)
}

/// What is counted as one: a connection with IPv6 has 2⁶⁴ addresses (RFC 6177) and may change them at every request.
fn network(address: &str) -> String {
    match address.parse::<std::net::IpAddr>().map(|address| address.to_canonical()) {
        Ok(std::net::IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:{d:x}::/64")
        }
        Ok(std::net::IpAddr::V4(address)) => address.to_string(),
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_subscriber_counts_as_one_however_many_addresses_there_are() {
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
        assert_eq!(network("::ffff:203.0.113.7"), "203.0.113.7");
        assert_eq!(network("2001:db8:1:2:3:4:5:6"), network("2001:db8:1:2::1"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("unknown"), "unknown");
    }
}
