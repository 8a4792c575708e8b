//! The file with the real providers' settings, `guiqian serve --providers FILE`.
//!
//! ```json
//! {
//!   "sms":  { "aliyun": { "access_key_id": "…", "access_key_secret": "…", "sign_name": "…", "template_code": "SMS_…" } },
//!   "face": { "alipay": { "app_id": "…", "private_key": "…", "alipay_public_key": "…" } },
//!   "cas":  { "short name of an institution": { "cmp": { "url": "https://…", "root": "PEM", "certificate": "PEM", "secret": { … } } } }
//! }
//! ```
//!
//! `cas` may be left out: then every institution issues itself.

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use serde::Deserialize;

use super::{
    FaceProvider, OutsideCa, OutsideCas, ProviderError, Providers, SmsProvider,
    alipay_face::{AlipayFace, AlipayFaceSettings},
    aliyun_sms::{AliyunSms, AliyunSmsSettings},
    cmp::{CmpCa, CmpCaSettings},
};
use crate::clock::SharedClock;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    sms: Sms,
    face: Face,
    #[serde(default)]
    cas: BTreeMap<String, Ca>,
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Sms {
    Aliyun(AliyunSmsSettings),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Face {
    Alipay(AlipayFaceSettings),
}

#[derive(Deserialize)]
#[serde(rename_all = "snake_case")]
enum Ca {
    Cmp(Box<CmpCaSettings>),
}

impl Providers {
    /// Real services with the settings in a JSON file; each must be named.
    pub fn from_file(file: &Path, clock: &SharedClock) -> Result<Self, ProviderError> {
        let wrong = |error: &dyn core::fmt::Display| ProviderError::Settings(format!("{}: {error}", file.display()));
        let text = fs::read_to_string(file).map_err(|error| wrong(&error))?;
        let settings: Settings = serde_json::from_str(&text).map_err(|error| wrong(&error))?;
        let Sms::Aliyun(sms) = settings.sms;
        let Face::Alipay(face) = settings.face;
        let sms: Arc<dyn SmsProvider> = Arc::new(AliyunSms::new(sms, clock.clone()));
        let face: Arc<dyn FaceProvider> = Arc::new(AlipayFace::new(face, clock.clone())?);
        let cas = settings.cas.into_iter().map(|(slug, Ca::Cmp(settings))| {
            let ca: Arc<dyn OutsideCa> = Arc::new(CmpCa::new(*settings, clock.clone())?);
            Ok((slug, ca))
        });
        Ok(Self { sms: Some(sms), face: Some(face), cas: cas.collect::<Result<OutsideCas, ProviderError>>()? })
    }
}
