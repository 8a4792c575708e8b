//! Alipay's identity verification by face: `alipay.user.certify.open.initialize`, `.certify` and `.query` at the open
//! platform's gateway, requests and answers signed with RSA2 (RSASSA-PKCS1-v1_5 with SHA-256).

use std::collections::HashMap;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use ring::{
    rand::SystemRandom,
    signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair, UnparsedPublicKey},
};
use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

use super::{
    FaceOutcome, FaceProvider, FaceRequest, FaceStarted, ProviderError,
    transport::{Transport, query},
};
use crate::clock::SharedClock;

/// What the application at the open platform is called, and the keys of both sides.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlipayFaceSettings {
    /// Address of the gateway.
    #[serde(default = "default_gateway")]
    pub gateway: String,
    /// The application's id.
    pub app_id: String,
    /// The application's private key: PKCS#8 or PKCS#1, PEM or bare base64.
    pub private_key: String,
    /// Alipay's public key for this application: SubjectPublicKeyInfo, PEM or bare base64.
    pub alipay_public_key: String,
    /// The agreed scene.
    #[serde(default = "default_biz_code")]
    pub biz_code: String,
}

fn default_gateway() -> String {
    "https://openapi.alipay.com/gateway.do".to_owned()
}

fn default_biz_code() -> String {
    "FACE".to_owned()
}

/// The service.
pub struct AlipayFace {
    gateway: String,
    app_id: String,
    biz_code: String,
    own: RsaKeyPair,
    theirs: UnparsedPublicKey<Vec<u8>>,
    clock: SharedClock,
    transport: Transport,
}

/// DER out of PEM or bare base64.
fn der(text: &str, what: &str) -> Result<Vec<u8>, ProviderError> {
    let bare: String = text.lines().filter(|line| !line.starts_with("-----")).flat_map(str::split_whitespace).collect();
    STANDARD.decode(bare).map_err(|_| ProviderError::Settings(format!("{what} is not base64")))
}

impl AlipayFace {
    /// The service with these settings.
    pub fn new(settings: AlipayFaceSettings, clock: SharedClock) -> Result<Self, ProviderError> {
        let private = der(&settings.private_key, "private_key")?;
        let own = RsaKeyPair::from_pkcs8(&private).or_else(|_| RsaKeyPair::from_der(&private));
        let own = own.map_err(|error| ProviderError::Settings(format!("private_key: {error}")))?;
        let public = der(&settings.alipay_public_key, "alipay_public_key")?;
        let wrong = |_| ProviderError::Settings("alipay_public_key is not a SubjectPublicKeyInfo".to_owned());
        let info = spki::SubjectPublicKeyInfoRef::try_from(public.as_slice()).map_err(wrong)?;
        let theirs = UnparsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, info.subject_public_key.raw_bytes().to_vec());
        Ok(Self {
            gateway: settings.gateway,
            app_id: settings.app_id,
            biz_code: settings.biz_code,
            own,
            theirs,
            clock,
            transport: Transport::default(),
        })
    }

    /// Common and business parameters with their signature, as a query string. The text to sign is `name=value&…` of
    /// everything but `sign`, sorted by name, not encoded.
    fn signed(&self, method: &str, content: &Value) -> Result<String, ProviderError> {
        let timestamp = jiff::tz::offset(8).to_datetime(self.clock.now()).strftime("%Y-%m-%d %H:%M:%S").to_string();
        let content = content.to_string();
        let mut parameters = vec![
            ("app_id", self.app_id.as_str()),
            ("biz_content", &content),
            ("charset", "utf-8"),
            ("format", "JSON"),
            ("method", method),
            ("sign_type", "RSA2"),
            ("timestamp", &timestamp),
            ("version", "1.0"),
        ];
        let pairs: Vec<String> = parameters.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut signature = vec![0; self.own.public().modulus_len()];
        self.own
            .sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), pairs.join("&").as_bytes(), &mut signature)
            .map_err(|_| ProviderError::Unavailable("signing failed".to_owned()))?;
        let signature = STANDARD.encode(signature);
        parameters.push(("sign", &signature));
        Ok(query(&parameters))
    }

    async fn call(&self, method: &str, content: &Value) -> Result<Value, ProviderError> {
        let body = self.signed(method, content)?;
        let kind = "application/x-www-form-urlencoded;charset=utf-8".to_owned();
        let text = self.transport.post(self.gateway.clone(), vec![("content-type", kind)], body).await?;
        let answer = self.checked(method, &text)?;
        match answer["code"].as_str() {
            Some("10000") => Ok(answer),
            code => {
                let sub_code = answer["sub_code"].as_str().unwrap_or_default();
                let message = answer["sub_msg"].as_str().or(answer["msg"].as_str()).unwrap_or_default();
                Err(ProviderError::Refused(format!("{} {sub_code}: {message}", code.unwrap_or_default())))
            }
        }
    }

    /// The member that answers `method`, after checking the signature over exactly its octets. A refusal needs no proof:
    /// a gateway that does not know us cannot sign for us.
    fn checked(&self, method: &str, text: &str) -> Result<Value, ProviderError> {
        let unavailable = |what: &str| ProviderError::Unavailable(what.to_owned());
        let members: HashMap<String, &RawValue> =
            serde_json::from_str(text).map_err(|_| unavailable("the answer is not a JSON object"))?;
        let name = format!("{}_response", method.replace('.', "_"));
        let octets = members.get(&name).or_else(|| members.get("error_response"));
        let octets = octets.ok_or_else(|| unavailable("the answer has no response"))?.get();
        let answer: Value = serde_json::from_str(octets).map_err(|_| unavailable("the response is not JSON"))?;
        if answer["code"] != "10000" {
            return Ok(answer);
        }
        let signature = members.get("sign").and_then(|value| serde_json::from_str::<String>(value.get()).ok());
        let signature = STANDARD.decode(signature.unwrap_or_default()).map_err(|_| unavailable("no signature"))?;
        // Some of the platform's encoders sign with slashes escaped.
        let escaped = octets.replace('/', "\\/");
        let right = [octets, &escaped].into_iter().any(|one| self.theirs.verify(one.as_bytes(), &signature).is_ok());
        if right { Ok(answer) } else { Err(unavailable("the answer's signature is wrong")) }
    }
}

#[async_trait::async_trait]
impl FaceProvider for AlipayFace {
    async fn begin(&self, request: &FaceRequest) -> Result<FaceStarted, ProviderError> {
        let content = json!({
            "outer_order_no": request.id.simple().to_string(),
            "biz_code": self.biz_code,
            "identity_param": {
                "identity_type": "CERT_INFO",
                "cert_type": "IDENTITY_CARD",
                "cert_name": request.name,
                "cert_no": request.id_number,
            },
            "merchant_config": { "return_url": request.return_url },
        });
        let answer = self.call("alipay.user.certify.open.initialize", &content).await?;
        let reference = answer["certify_id"].as_str().filter(|id| !id.is_empty());
        let reference = reference.ok_or_else(|| ProviderError::Unavailable("no certify_id".to_owned()))?.to_owned();
        // The page call is not sent by us: the browser carries it there, signed.
        let page = self.signed("alipay.user.certify.open.certify", &json!({ "certify_id": reference }))?;
        Ok(FaceStarted { reference, redirect_url: format!("{}?{page}", self.gateway) })
    }

    async fn outcome(&self, reference: &str) -> Result<FaceOutcome, ProviderError> {
        let answer = self.call("alipay.user.certify.open.query", &json!({ "certify_id": reference })).await?;
        let failed = answer["fail_reason"].as_str().is_some_and(|reason| !reason.is_empty());
        Ok(match answer["passed"].as_str() {
            Some("T") => FaceOutcome::Passed,
            // "F" without a reason is also said before the person has finished.
            Some("F") if failed => FaceOutcome::Failed("FACE_NOT_PASSED".to_owned()),
            _ => FaceOutcome::Pending,
        })
    }
}
