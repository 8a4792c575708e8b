//! What a certificate's stored row means, without I/O.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How long before its end a certificate counts as expiring (即将过期).
pub const EXPIRING: SignedDuration = SignedDuration::from_hours(30 * 24);
/// How long an approved person has to finish a download once begun.
pub const ENROLMENT_LIFETIME: SignedDuration = SignedDuration::from_mins(30);

/// The state that is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoredState {
    /// Serial and to-be-signed octets are fixed, the signature is not there yet.
    Issuing,
    /// Signed.
    Issued,
    /// Signed, and on hold until somebody resumes it (certificateHold).
    Suspended,
    /// Withdrawn for ever.
    Revoked,
}

impl StoredState {
    /// The word that is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Issuing => "issuing",
            Self::Issued => "issued",
            Self::Suspended => "suspended",
            Self::Revoked => "revoked",
        }
    }

    /// Reads the stored word.
    #[must_use]
    pub fn parse(word: &str) -> Option<Self> {
        [Self::Issuing, Self::Issued, Self::Suspended, Self::Revoked].into_iter().find(|state| state.as_str() == word)
    }
}

/// The state that people see.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateState {
    /// It may be used.
    Active,
    /// It is on hold (已暂停).
    Suspended,
    /// It was withdrawn.
    Revoked,
    /// Its time is over.
    Expired,
}

impl CertificateState {
    /// What people see of a stored state at `now`; nothing of a certificate that is still being issued.
    /// A revoked certificate stays revoked when its time is over.
    #[must_use]
    pub fn of(stored: StoredState, not_after: Timestamp, now: Timestamp) -> Option<Self> {
        match stored {
            StoredState::Issuing => None,
            StoredState::Revoked => Some(Self::Revoked),
            StoredState::Issued | StoredState::Suspended if now > not_after => Some(Self::Expired),
            StoredState::Issued => Some(Self::Active),
            StoredState::Suspended => Some(Self::Suspended),
        }
    }
}

/// The three lists of the certificate page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum CertificateList {
    /// 生效中
    Active,
    /// 待审核: these are applications; the list of certificates is empty.
    Pending,
    /// 已失效
    Ended,
}

impl CertificateList {
    /// Does a certificate in this state belong into this list?
    #[must_use]
    pub fn holds(self, state: CertificateState) -> bool {
        let ended = matches!(state, CertificateState::Revoked | CertificateState::Expired);
        match self {
            Self::Active => !ended,
            Self::Pending => false,
            Self::Ended => ended,
        }
    }
}

/// Is the end near enough to say so?
#[must_use]
pub fn expiring(state: CertificateState, not_after: Timestamp, now: Timestamp) -> bool {
    state == CertificateState::Active && not_after.duration_since(now) <= EXPIRING
}

/// Days before the end at which the holder is reminded, nearest first.
pub const REMINDERS: [i32; 4] = [1, 7, 30, 60];

/// The days before the end between which the reminder of `days` is the one to send: after the next nearer one is due it
/// is too late for it.
#[must_use]
pub fn reminder_span(now: Timestamp, days: i32) -> (Timestamp, Timestamp) {
    let day = SignedDuration::from_hours(24);
    let nearer = REMINDERS.into_iter().filter(|nearer| *nearer < days).max().unwrap_or(0);
    (now + day * nearer, now + day * days)
}

/// First second of a certificate issued now.
///
/// It begins a minute early: a relying party whose clock is a little slow must not refuse what the user has just
/// downloaded.
#[must_use]
pub fn begins(now: Timestamp) -> Timestamp {
    Timestamp::from_second(now.as_second()).unwrap_or(now) - SignedDuration::from_mins(1)
}

/// First and last second of a certificate issued now for so many months of the calendar of the country.
#[must_use]
pub fn validity(now: Timestamp, months: u32) -> (Timestamp, Timestamp) {
    let from = begins(now);
    let zone = jiff::tz::TimeZone::fixed(jiff::tz::offset(8));
    let to = i32::try_from(months)
        .ok()
        .and_then(|months| from.to_zoned_datetime(zone).checked_add(jiff::Span::new().months(months)).ok())
        .map_or(from, |end| end.timestamp() - SignedDuration::from_secs(1));
    (from, to)
}

/// Last second of a certificate that follows one that ends at `end`: so many months later, or from now on if that end
/// has passed meanwhile.
#[must_use]
pub fn continued(now: Timestamp, end: Timestamp, months: u32) -> Timestamp {
    // What `validity` begins early and ends early, taken back: the second after the old end is the first new one.
    validity(now.max(end + SignedDuration::from_secs(61)), months).1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().expect("a time")
    }

    #[test]
    fn what_is_being_issued_is_shown_to_nobody() {
        assert_eq!(CertificateState::of(StoredState::Issuing, at("2030-01-01T00:00:00Z"), Timestamp::UNIX_EPOCH), None);
    }

    #[test]
    fn a_revoked_certificate_stays_revoked_after_its_end() {
        let end = at("2026-01-01T00:00:00Z");
        let after = at("2027-01-01T00:00:00Z");
        assert_eq!(CertificateState::of(StoredState::Revoked, end, after), Some(CertificateState::Revoked));
        assert_eq!(CertificateState::of(StoredState::Issued, end, after), Some(CertificateState::Expired));
        assert_eq!(CertificateState::of(StoredState::Issued, end, end), Some(CertificateState::Active));
        assert_eq!(CertificateState::of(StoredState::Suspended, end, end), Some(CertificateState::Suspended));
        assert_eq!(CertificateState::of(StoredState::Suspended, end, after), Some(CertificateState::Expired));
    }

    #[test]
    fn every_state_is_in_exactly_one_list() {
        use CertificateState::{Active, Expired, Revoked, Suspended};
        for state in [Active, Suspended, Revoked, Expired] {
            let lists = [CertificateList::Active, CertificateList::Pending, CertificateList::Ended];
            assert_eq!(lists.into_iter().filter(|list| list.holds(state)).count(), 1, "{state:?}");
        }
    }

    #[test]
    fn the_last_thirty_days_are_announced() {
        let end = at("2026-12-31T00:00:00Z");
        assert!(!expiring(CertificateState::Active, end, at("2026-11-30T00:00:00Z")));
        assert!(expiring(CertificateState::Active, end, at("2026-12-01T00:00:00Z")));
        assert!(!expiring(CertificateState::Revoked, end, at("2026-12-30T00:00:00Z")));
    }

    #[test]
    fn every_moment_of_the_last_sixty_days_belongs_to_one_reminder() {
        let now = at("2026-12-01T00:00:00Z");
        for hours in 1..60 * 24 {
            let end = now + SignedDuration::from_hours(hours);
            let spans = REMINDERS.into_iter().filter(|days| {
                let (after, until) = reminder_span(now, *days);
                after < end && end <= until
            });
            assert_eq!(spans.count(), 1, "{hours}");
        }
    }

    #[test]
    fn a_year_is_a_year_of_the_calendar() {
        let (from, to) = validity(at("2027-03-01T04:00:00.123Z"), 12);
        assert_eq!(from, at("2027-03-01T03:59:00Z"));
        assert_eq!(to, at("2028-03-01T03:58:59Z"));
    }

    #[test]
    fn a_renewal_begins_where_the_old_certificate_ends() {
        let (now, end) = (at("2027-02-20T04:00:00Z"), at("2027-03-01T03:58:59Z"));
        assert_eq!(continued(now, end, 12), at("2028-03-01T03:58:59Z"));
        let late = at("2027-04-01T04:00:00Z");
        assert_eq!(continued(late, end, 12), validity(late, 12).1);
    }

    #[test]
    fn stored_words_are_read_back() {
        for state in [StoredState::Issuing, StoredState::Issued, StoredState::Suspended, StoredState::Revoked] {
            assert_eq!(StoredState::parse(state.as_str()), Some(state));
        }
        assert_eq!(StoredState::parse("active"), None);
    }
}
