//! What a scan request holds besides its row's columns, and how phones see it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{
    entity,
    rules::{Action, ScanState},
};
use crate::{
    certificate::model::Certificate,
    error::{Problem, Result},
};

/// The browser that shows the code, as its relying party reports it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Browser {
    /// Its address on the network.
    #[schema(max_length = 64)]
    pub address: String,
    /// Its `User-Agent` header.
    #[schema(max_length = 512)]
    pub user_agent: String,
    /// A cookie's value that tells this browser from others, if the relying party has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(max_length = 128)]
    pub browser_id: Option<String>,
}

impl Browser {
    /// Whether every part is of a sane length.
    #[must_use]
    pub fn is_sane(&self) -> bool {
        let clean = |text: &str, most: usize| text.chars().count() <= most && !text.chars().any(char::is_control);
        clean(&self.address, 64)
            && clean(&self.user_agent, 512)
            && self.browser_id.as_deref().is_none_or(|id| clean(id, 128))
    }

    /// What tells browsers apart: the relying party's own mark, or else address and program.
    #[must_use]
    pub fn key(&self, relying_party: Uuid) -> [u8; 32] {
        let sm3 = gm::sm3::Sm3::new().chain(relying_party.as_bytes());
        match &self.browser_id {
            Some(id) => sm3.chain(b"id").chain(id.as_bytes()),
            None => sm3.chain(b"ua").chain(self.address.as_bytes()).chain(b"\0").chain(self.user_agent.as_bytes()),
        }
        .finalize()
    }

    /// Program and system in a few words, such as `Chrome · Windows`.
    #[must_use]
    pub fn short(&self) -> String {
        short_user_agent(&self.user_agent)
    }
}

/// What a `User-Agent` says, in a few words, such as `Chrome · Windows`.
#[must_use]
pub fn short_user_agent(user_agent: &str) -> String {
    let found = |table: &[(&str, &'static str)]| {
        table.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    // Order matters: most programs also name those that they imitate.
    let program = found(&[
        ("MicroMessenger", "微信"),
        ("Edg/", "Edge"),
        ("OPR/", "Opera"),
        ("Firefox/", "Firefox"),
        ("Chrome/", "Chrome"),
        ("Safari/", "Safari"),
    ]);
    let system = found(&[
        ("HarmonyOS", "HarmonyOS"),
        ("Android", "Android"),
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Windows", "Windows"),
        ("Mac OS X", "macOS"),
        ("Linux", "Linux"),
    ]);
    match (program, system) {
        (Some(program), Some(system)) => format!("{program} · {system}"),
        (Some(one), None) | (None, Some(one)) => one.to_owned(),
        (None, None) => user_agent.chars().take(40).collect(),
    }
}

/// As whom a relying party wants a question answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signer {
    /// The person alone.
    Person,
    /// This enterprise.
    Enterprise(Uuid),
}

impl Signer {
    /// The word that is stored: `person`, or the enterprise's id.
    pub fn to_word(self) -> String {
        match self {
            Self::Person => "person".to_owned(),
            Self::Enterprise(id) => id.to_string(),
        }
    }

    /// As whom this request wants to be answered; none: as whomever.
    pub fn of(row: &entity::Model) -> Result<Option<Self>> {
        let unknown = |_| Problem::internal("a scan request names no known signer");
        match row.signer.as_deref() {
            None => Ok(None),
            Some("person") => Ok(Some(Self::Person)),
            Some(id) => Ok(Some(Self::Enterprise(id.parse().map_err(unknown)?))),
        }
    }
}

/// Where an appearance goes: millimetres from the page's top left corner.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Placement {
    /// Page, the first is 1.
    #[schema(minimum = 1)]
    pub page: u32,
    /// Left edge, mm from the page's left.
    pub x_mm: f64,
    /// Upper edge, mm from the page's top.
    pub y_mm: f64,
    /// Width, mm.
    pub width_mm: f64,
    /// Height, mm.
    pub height_mm: f64,
}

/// A document to be signed, as it is stored with its request.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct StoredDocument {
    /// What it is called.
    pub title: String,
    /// How many pages it has.
    pub pages: u32,
    /// Where what goes.
    pub placements: Vec<StoredPlacement>,
    /// Object: as the relying party sent it.
    pub source: String,
    /// Object: prepared for signing, `Contents` still zero.
    #[serde(default)]
    pub prepared: Option<String>,
    /// Its octets.
    #[serde(default)]
    pub prepared_size: u64,
    /// Object: signed.
    #[serde(default)]
    pub signed: Option<String>,
}

/// A placement with its picture.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct StoredPlacement {
    /// Where.
    pub at: Placement,
    /// What.
    pub appearance_id: Uuid,
}

/// Who asks.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RelyingPartyView {
    /// Names it.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
    /// Where it lives.
    pub domain: String,
    /// Its sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_url: Option<String>,
}

/// From where.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BrowserView {
    /// The browser's address on the network.
    pub address: String,
    /// Program and system in a few words.
    pub user_agent_short: String,
    /// Whether this account has never confirmed anything in this browser.
    pub first_time: bool,
}

/// What is to be signed.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DocumentView {
    /// What it is called.
    pub title: String,
    /// How many pages it has.
    pub pages: u32,
    /// Octets of the prepared file.
    pub size: u64,
    /// Hexadecimal SM3 of the octets that the ByteRange names. The phone computes it itself and compares.
    pub digest: String,
    /// Where the pictures go.
    pub placements: Vec<Placement>,
}

/// What came of a confirmed request.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScanResult {
    /// The certificate that answered.
    pub certificate_id: Uuid,
    /// When, RFC 3339.
    pub answered_at: String,
}

/// A question that a PC puts to a phone, as the phone sees it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ScanRequest {
    /// Names it; the task id of the key operation that answers it.
    pub id: Uuid,
    /// What is asked.
    pub action: Action,
    /// Where it stands.
    pub state: ScanState,
    /// Who asks.
    pub relying_party: RelyingPartyView,
    /// The four digits that the PC shows too.
    #[schema(min_length = 4, max_length = 4)]
    pub check_number: String,
    /// RFC 3339.
    pub created_at: String,
    /// RFC 3339.
    pub expires_at: String,
    /// From where.
    pub browser: BrowserView,
    /// Login: base64 of the exact octets to sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// Sign: the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentView>,
    /// The certificates that can answer.
    pub certificates: Vec<Certificate>,
    /// What came of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub result: Option<ScanResult>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn browser(user_agent: &str, id: Option<&str>) -> Browser {
        Browser { address: "203.0.113.7".into(), user_agent: user_agent.into(), browser_id: id.map(str::to_owned) }
    }

    #[test]
    fn a_browser_is_named_in_two_words() {
        let chrome = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/141.0 Safari/537.36";
        assert_eq!(browser(chrome, None).short(), "Chrome · Windows");
        assert_eq!(browser(&format!("{chrome} Edg/141.0"), None).short(), "Edge · Windows");
        assert_eq!(browser("curl/8.1", None).short(), "curl/8.1");
    }

    #[test]
    fn the_relying_partys_own_mark_tells_browsers_apart_whatever_their_address() {
        let here = Uuid::from_u128(1);
        let one = browser("a", Some("x"));
        let moved = Browser { address: "198.51.100.1".into(), ..one.clone() };
        assert_eq!(one.key(here), moved.key(here));
        assert_ne!(one.key(here), one.key(Uuid::from_u128(2)));
        assert_ne!(one.key(here), browser("a", Some("y")).key(here));
        assert_ne!(browser("a", None).key(here), Browser { address: "b".into(), ..browser("a", None) }.key(here));
    }

    #[test]
    fn endless_or_unprintable_reports_are_refused() {
        assert!(browser("Chrome/1", None).is_sane());
        assert!(!browser(&"x".repeat(513), None).is_sane());
        assert!(!browser("a\nb", None).is_sane());
        assert!(!browser("a", Some(&"x".repeat(129))).is_sane());
    }
}
