//! Alibaba Cloud's short message service: `SendSms` of version 2017-05-25 in the RPC style, signed with
//! `ACS3-HMAC-SHA256` (its documentation: "V3 request structure and signature").

use serde::Deserialize;

use super::{
    ProviderError, SmsNotice, SmsProvider,
    transport::{Transport, percent_encode, query},
};
use crate::clock::SharedClock;

const ALGORITHM: &str = "ACS3-HMAC-SHA256";

/// What the account, the signature and the template are called.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AliyunSmsSettings {
    /// Address of the service.
    #[serde(default = "default_endpoint")]
    pub endpoint: String,
    /// AccessKey ID.
    pub access_key_id: String,
    /// AccessKey secret.
    pub access_key_secret: String,
    /// Name shown in 【】 before the text, as approved.
    pub sign_name: String,
    /// Approved template with one variable, `code`.
    pub template_code: String,
    /// Approved template with one variable, `enterprise`: an invitation. Without it none is sent.
    #[serde(default)]
    pub template_invitation: Option<String>,
    /// Approved template without variables: an application waits for consent.
    #[serde(default)]
    pub template_consent: Option<String>,
    /// Approved template without variables: an application has been approved.
    #[serde(default)]
    pub template_approval: Option<String>,
}

/// Longest variable that a template takes, in characters.
const LONGEST_VARIABLE: usize = 35;

fn default_endpoint() -> String {
    "https://dysmsapi.aliyuncs.com".to_owned()
}

/// The service.
pub struct AliyunSms {
    settings: AliyunSmsSettings,
    clock: SharedClock,
    transport: Transport,
}

impl AliyunSms {
    /// The service with these settings.
    pub fn new(settings: AliyunSmsSettings, clock: SharedClock) -> Self {
        Self { settings, clock, transport: Transport::default() }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Answer {
    code: String,
    #[serde(default)]
    message: String,
}

#[async_trait::async_trait]
impl SmsProvider for AliyunSms {
    async fn send_code(&self, phone: &str, code: &str) -> Result<(), ProviderError> {
        self.send(phone, &self.settings.template_code, &serde_json::json!({ "code": code })).await
    }

    async fn send_notice(&self, phone: &str, notice: &SmsNotice<'_>) -> Result<(), ProviderError> {
        let settings = &self.settings;
        let (template, variables) = match notice {
            SmsNotice::Invitation { enterprise } => {
                let short: String = enterprise.chars().take(LONGEST_VARIABLE).collect();
                (&settings.template_invitation, serde_json::json!({ "enterprise": short }))
            }
            SmsNotice::Consent => (&settings.template_consent, serde_json::json!({})),
            SmsNotice::Approval => (&settings.template_approval, serde_json::json!({})),
        };
        match template {
            Some(template) => self.send(phone, template, &variables).await,
            None => Err(ProviderError::Settings(format!("no template for {notice:?}"))),
        }
    }
}

impl AliyunSms {
    async fn send(&self, phone: &str, template: &str, variables: &serde_json::Value) -> Result<(), ProviderError> {
        let settings = &self.settings;
        let variables = variables.to_string();
        // Sorted by name, as the signature wants them.
        let parameters = query(&[
            ("PhoneNumbers", phone),
            ("SignName", &settings.sign_name),
            ("TemplateCode", template),
            ("TemplateParam", &variables),
        ]);
        let nonce = gm::random::bytes::<16>().map_err(|error| ProviderError::Unavailable(error.to_string()))?;
        let request = Unsigned {
            host: authority(&settings.endpoint),
            action: "SendSms",
            version: "2017-05-25",
            date: self.clock.now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            nonce: hex::encode(nonce),
            query: &parameters,
        };
        let headers = request.sign(&settings.access_key_id, &settings.access_key_secret);
        let url = format!("{}/?{parameters}", settings.endpoint.trim_end_matches('/'));
        let text = self.transport.post(url, headers, String::new()).await?;
        let answer: Answer =
            serde_json::from_str(&text).map_err(|_| ProviderError::Unavailable("the answer is not JSON".to_owned()))?;
        match answer.code.as_str() {
            "OK" => Ok(()),
            code => Err(ProviderError::Refused(format!("{code}: {}", answer.message))),
        }
    }
}

/// `host:port` of an address, without the port when it is the scheme's own.
fn authority(endpoint: &str) -> &str {
    let (scheme, rest) = endpoint.split_once("://").unwrap_or(("", endpoint));
    let authority = rest.split('/').next().unwrap_or_default();
    let usual = if scheme == "https" { ":443" } else { ":80" };
    authority.strip_suffix(usual).unwrap_or(authority)
}

/// A request with everything that its signature covers. The body is empty.
struct Unsigned<'a> {
    host: &'a str,
    action: &'a str,
    version: &'a str,
    date: String,
    nonce: String,
    /// Encoded and sorted.
    query: &'a str,
}

impl Unsigned<'_> {
    fn sign(self, key_id: &str, secret: &str) -> Vec<(&'static str, String)> {
        let content = sha256_hex(b"");
        let headers = vec![
            ("host", self.host.to_owned()),
            ("x-acs-action", self.action.to_owned()),
            ("x-acs-content-sha256", content.clone()),
            ("x-acs-date", self.date),
            ("x-acs-signature-nonce", self.nonce),
            ("x-acs-version", self.version.to_owned()),
        ];
        let lines: String = headers.iter().map(|(name, value)| format!("{name}:{value}\n")).collect();
        let names: Vec<&str> = headers.iter().map(|(name, _)| *name).collect();
        let names = names.join(";");
        let canonical = format!("POST\n/\n{}\n{lines}\n{names}\n{content}", self.query);
        let to_sign = format!("{ALGORITHM}\n{}", sha256_hex(canonical.as_bytes()));
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret.as_bytes());
        let signature = hex::encode(ring::hmac::sign(&key, to_sign.as_bytes()));
        let line =
            format!("{ALGORITHM} Credential={},SignedHeaders={names},Signature={signature}", percent_encode(key_id));
        // The client writes the host itself.
        headers.into_iter().skip(1).chain([("authorization", line)]).collect()
    }
}

fn sha256_hex(octets: &[u8]) -> String {
    hex::encode(ring::digest::digest(&ring::digest::SHA256, octets))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The worked example of the documentation.
    #[test]
    fn the_documentations_own_request_gets_the_documentations_own_signature() {
        let request = Unsigned {
            host: "ecs.cn-shanghai.aliyuncs.com",
            action: "RunInstances",
            version: "2014-05-26",
            date: "2023-10-26T10:22:32Z".to_owned(),
            nonce: "3156853299f313e23d1673dc12e1703d".to_owned(),
            query: "ImageId=win2019_1809_x64_dtc_zh-cn_40G_alibase_20230811.vhd&RegionId=cn-shanghai",
        };
        let headers = request.sign("YourAccessKeyId", "YourAccessKeySecret");
        let authorization = &headers.iter().find(|(name, _)| *name == "authorization").expect("a signature").1;
        assert_eq!(
            authorization,
            "ACS3-HMAC-SHA256 Credential=YourAccessKeyId,SignedHeaders=host;x-acs-action;x-acs-content-sha256;x-acs-date;\
             x-acs-signature-nonce;x-acs-version,\
             Signature=06563a9e1b43f5dfe96b81484da74bceab24a1d853912eee15083a6f0f3283c0"
        );
    }

    #[test]
    fn the_signed_host_is_the_one_that_the_client_names() {
        assert_eq!(authority("https://dysmsapi.aliyuncs.com"), "dysmsapi.aliyuncs.com");
        assert_eq!(authority("https://dysmsapi.aliyuncs.com:443/"), "dysmsapi.aliyuncs.com");
        assert_eq!(authority("http://127.0.0.1:8000"), "127.0.0.1:8000");
    }
}
