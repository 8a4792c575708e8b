//! Calls to public clouds: HTTPS with limits on time and size, off the async threads.

use std::time::Duration;

use super::ProviderError;

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long an answer may be.
const MAX_ANSWER: u64 = 256 * 1024;

/// A client for one service.
#[derive(Clone)]
pub struct Transport(ureq::Agent);

impl Default for Transport {
    fn default() -> Self {
        let config = ureq::Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            // These services explain refusals in the body.
            .http_status_as_error(false)
            .max_redirects(0)
            .build();
        Self(config.into())
    }
}

impl Transport {
    /// Posts `body` and returns the answer's text, whatever its status.
    pub async fn post(
        &self,
        url: String,
        headers: Vec<(&'static str, String)>,
        body: String,
    ) -> Result<String, ProviderError> {
        let answer = self.post_octets(url, headers, body.into_bytes()).await?;
        String::from_utf8(answer).map_err(|error| ProviderError::Unavailable(error.to_string()))
    }

    /// Posts `body` and returns the answer's octets, whatever its status.
    pub async fn post_octets(
        &self,
        url: String,
        headers: Vec<(&'static str, String)>,
        body: Vec<u8>,
    ) -> Result<Vec<u8>, ProviderError> {
        let agent = self.0.clone();
        blocking(move || {
            let mut request = agent.post(&url);
            for (name, value) in headers {
                request = request.header(name, value);
            }
            request.send(body)?.body_mut().with_config().limit(MAX_ANSWER).read_to_vec()
        })
        .await
    }

    /// What lies at this address, at most `most` octets of it.
    pub async fn get(&self, url: String, most: u64) -> Result<Vec<u8>, ProviderError> {
        let agent = self.0.clone();
        blocking(move || {
            let mut response = agent.get(&url).call()?;
            match response.status().as_u16() {
                200 => response.body_mut().with_config().limit(most).read_to_vec(),
                other => Err(ureq::Error::StatusCode(other)),
            }
        })
        .await
    }
}

async fn blocking(
    work: impl FnOnce() -> Result<Vec<u8>, ureq::Error> + Send + 'static,
) -> Result<Vec<u8>, ProviderError> {
    let unavailable = |error: &dyn core::fmt::Display| ProviderError::Unavailable(error.to_string());
    tokio::task::spawn_blocking(work).await.map_err(|error| unavailable(&error))?.map_err(|error| unavailable(&error))
}

/// RFC 3986 percent-encoding: everything but letters, digits and `-._~`.
pub fn percent_encode(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, RESERVED).to_string()
}

/// `name=value&…` with both sides encoded, in the order given.
pub fn query(pairs: &[(&str, &str)]) -> String {
    let encoded: Vec<String> =
        pairs.iter().map(|(name, value)| format!("{}={}", percent_encode(name), percent_encode(value))).collect();
    encoded.join("&")
}
