//! The calls.

use core::time::Duration;

use bytes::{Bytes, BytesMut};
use futures::Stream;
use reqwest::header::{ACCEPT, CONTENT_TYPE};
use reqwest::{Method, RequestBuilder, Response, Url};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use uuid::Uuid;

use crate::events::{self, Event};
use crate::model::{Appearance, Browser, NewDocument, NewScanRequest, NewSignature, ScanRequest, Ticket, Verification};
use crate::{Credentials, Error, Problem, Result};

/// The largest PDF that the platform takes for signing: 20 MiB.
pub const MAX_DOCUMENT: usize = 20 << 20;
/// A signed PDF is larger than what was sent by its signature and pictures.
const MAX_SIGNED: usize = MAX_DOCUMENT + (16 << 20);
/// Answers in JSON; pictures are the largest part.
const MAX_JSON: usize = 16 << 20;
/// Certificates and lists.
pub(crate) const MAX_PKI: usize = 4 << 20;

const CONNECT: Duration = Duration::from_secs(10);
/// Silence on a connection; the platform sends a heartbeat every 15 s on streams.
const SILENCE: Duration = Duration::from_secs(45);
/// A whole call, but not a stream: 20 MiB at 2 Mbit/s.
const CALL: Duration = Duration::from_secs(120);

/// A relying party's door to the platform. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Client {
    http: reqwest::Client,
    platform: Url,
    credentials: Credentials,
}

impl Client {
    /// A client of the platform at this address, such as `https://ca.example`.
    ///
    /// # Errors
    /// [`Error::Configuration`] for anything but an `http` or `https` address.
    pub fn new(platform: &str, credentials: Credentials) -> Result<Self> {
        let mut platform =
            Url::parse(platform).map_err(|_| Error::Configuration("the platform's address is not a URL"))?;
        if !matches!(platform.scheme(), "http" | "https") {
            return Err(Error::Configuration("the platform's address begins with http or https"));
        }
        if !platform.path().ends_with('/') {
            platform.set_path(&format!("{}/", platform.path()));
        }
        platform.set_query(None);
        platform.set_fragment(None);
        // TLS needs somebody's cryptography. A program that has chosen keeps its choice.
        if rustls::crypto::CryptoProvider::get_default().is_none() {
            // Fails only if another thread has chosen in this moment, which is as good.
            let _ = rustls::crypto::ring::default_provider().install_default();
        }
        let http = reqwest::Client::builder()
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            // The credentials belong to this one platform: a redirection elsewhere is not followed.
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(Error::Unreachable)?;
        Ok(Self { http, platform, credentials })
    }

    /// Asks a phone, whoever's it is, to log its owner in.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub async fn create_login(&self, browser: &Browser) -> Result<Ticket> {
        self.create(&NewScanRequest::Login { browser }).await
    }

    /// Asks a person who logged in earlier to sign a PDF.
    ///
    /// # Errors
    /// [`Error::TooLarge`] for more than [`MAX_DOCUMENT`] octets; [`Error::Refused`] with a code that begins with
    /// `PDF_` if the file cannot be signed.
    pub async fn create_sign(&self, new: &NewSignature<'_>) -> Result<Ticket> {
        if new.pdf.len() > MAX_DOCUMENT {
            return Err(Error::TooLarge(MAX_DOCUMENT));
        }
        self.create(&NewScanRequest::Sign {
            subject: new.subject,
            document: NewDocument { title: new.title, pdf: new.pdf },
            placements: new.placements,
            signer: new.signer,
            browser: new.browser,
        })
        .await
    }

    async fn create(&self, new: &NewScanRequest<'_>) -> Result<Ticket> {
        json(self.call(Method::POST, "api/rp/scan-requests")?.json(new)).await
    }

    /// Where a request stands.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub async fn scan(&self, id: Uuid) -> Result<ScanRequest> {
        json(self.call(Method::GET, &format!("api/rp/scan-requests/{id}"))?).await
    }

    /// Takes a request back. One that is over already stays as it is and is refused.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub async fn cancel(&self, id: Uuid) -> Result<()> {
        send(self.call(Method::DELETE, &format!("api/rp/scan-requests/{id}"))?).await.map(drop)
    }

    /// Follows a request until it is over: codes to show, and states. Reconnects by itself when the connection breaks;
    /// gives up, with the last error, when the platform stays away or refuses.
    pub fn events(&self, id: Uuid) -> impl Stream<Item = Result<Event>> + Send + use<> {
        let client = self.clone();
        events::follow(move || {
            let client = client.clone();
            async move {
                let path = format!("api/rp/scan-requests/{id}/events");
                let request = client.stream(Method::GET, &path)?.header(ACCEPT, "text/event-stream");
                send(request).await
            }
        })
    }

    /// The signed PDF of a confirmed request.
    ///
    /// # Errors
    /// [`Error::Refused`] with the code `SCAN_NOT_CONFIRMED` as long as there is none.
    pub async fn document(&self, id: Uuid) -> Result<Bytes> {
        let request = self.call(Method::GET, &format!("api/rp/scan-requests/{id}/document"))?;
        read(send(request).await?, MAX_SIGNED).await
    }

    /// The pictures that a person can put on a page.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Unreachable`].
    pub async fn appearances(&self, subject: Uuid) -> Result<Vec<Appearance>> {
        #[derive(Deserialize)]
        struct Items {
            items: Vec<Appearance>,
        }
        let items: Items = json(self.call(Method::GET, &format!("api/rp/subjects/{subject}/appearances"))?).await?;
        Ok(items.items)
    }

    /// Has the platform check the signatures of a PDF.
    ///
    /// # Errors
    /// [`Error::Refused`] with a code that begins with `PDF_` if the file cannot be read.
    pub async fn verify_document(&self, pdf: Bytes) -> Result<Verification> {
        let request = self.call(Method::POST, "api/verifications")?.header(CONTENT_TYPE, "application/pdf");
        json(request.body(pdf)).await
    }

    /// A public object of the platform's PKI.
    pub(crate) async fn public(&self, path: &str) -> Result<Bytes> {
        let url = self.url(path)?;
        read(send(self.http.get(url).timeout(CALL)).await?, MAX_PKI).await
    }

    fn call(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        Ok(self.stream(method, path)?.timeout(CALL))
    }

    /// Without a limit on the whole time.
    fn stream(&self, method: Method, path: &str) -> Result<RequestBuilder> {
        let Credentials { client_id, client_secret } = &self.credentials;
        Ok(self.http.request(method, self.url(path)?).basic_auth(client_id, Some(client_secret)))
    }

    fn url(&self, path: &str) -> Result<Url> {
        self.platform.join(path).map_err(|_| Error::Configuration("the platform's address cannot be extended"))
    }
}

/// Sends, and turns every answer but success into an error.
async fn send(request: RequestBuilder) -> Result<Response> {
    let response = request.send().await.map_err(Error::Unreachable)?;
    if response.status().is_success() {
        return Ok(response);
    }
    let status = response.status().as_u16();
    let body = read(response, MAX_JSON).await?;
    let problem = serde_json::from_slice::<Problem>(&body).unwrap_or_else(|_| Problem {
        code: "UNKNOWN".to_owned(),
        status,
        title: "平台返回了无法识别的错误，请稍后再试".to_owned(),
        title_en: "The platform answered with an unknown error; try again later".to_owned(),
        detail: None,
        detail_en: None,
        retry_after: None,
    });
    Err(Error::Refused(Box::new(problem)))
}

async fn json<T: DeserializeOwned>(request: RequestBuilder) -> Result<T> {
    let body = read(send(request).await?, MAX_JSON).await?;
    serde_json::from_slice(&body).map_err(|_| Error::Answer("not the JSON that was expected"))
}

async fn read(mut response: Response, limit: usize) -> Result<Bytes> {
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(Error::Unreachable)? {
        if body.len() + chunk.len() > limit {
            return Err(Error::TooLarge(limit));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body.freeze())
}
