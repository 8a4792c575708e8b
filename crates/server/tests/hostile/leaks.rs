//! Looking for what must not stand in anything that is written.

use std::{
    io,
    path::Path,
    sync::{Arc, Mutex},
};

use axum::{
    Router,
    body::{Body, Bytes},
    middleware::map_response,
    response::Response,
};
use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use gm::curve::{Point, Scalar};
use http_body_util::BodyExt as _;
use sea_orm::{ConnectionTrait as _, Database};

use crate::common::Platform;

/// What was written to it.
#[derive(Clone, Default)]
pub struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    /// All of it.
    pub fn octets(&self) -> Vec<u8> {
        self.0.lock().unwrap().clone()
    }

    /// A router whose refusals are written here.
    pub fn of_refusals(&self, router: Router) -> Router {
        let log = self.clone();
        router.layer(map_response(move |response: Response| {
            let log = log.clone();
            async move { log.keep_refusal(response).await }
        }))
    }

    async fn keep_refusal(&self, response: Response) -> Response {
        if response.status().as_u16() < 400 {
            return response;
        }
        let (parts, body) = response.into_parts();
        let body: Bytes = body.collect().await.unwrap().to_bytes();
        self.0.lock().unwrap().extend_from_slice(&body);
        Response::from_parts(parts, Body::from(body))
    }
}

impl io::Write for Log {
    fn write(&mut self, octets: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Every file below the folder, but those that are made to hold secrets.
pub fn written(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "secrets" {
            found.extend(written(&path));
        } else if path.is_file() && name != "bootstrap.txt" && name != "relying-party.json" {
            found.push((name, std::fs::read(&path).unwrap()));
        }
    }
    found
}

/// Whether `needle` stands in `hay`, and not by chance within a longer hexadecimal number.
pub fn stands_in(hay: &[u8], needle: &[u8]) -> bool {
    let hex = |octet: Option<&u8>| octet.is_some_and(u8::is_ascii_hexdigit);
    hay.windows(needle.len()).enumerate().any(|(at, window)| {
        window == needle
            && (needle.len() > 8
                || !hex(at.checked_sub(1).and_then(|at| hay.get(at))) && !hex(hay.get(at + needle.len())))
    })
}

/// A value in the forms in which it might have been written.
pub fn forms(octets: &[u8]) -> Vec<Vec<u8>> {
    let list: Vec<String> = octets.iter().map(u8::to_string).collect();
    // Where base64 begins within a longer value shifts it: each of the three ways has a middle that is always the same.
    let shifted = (0..3).map(|skip| {
        let text = STANDARD.encode([&vec![0; skip], octets].concat());
        text.as_bytes()[4..octets.len() / 3 * 4 - 4].to_vec()
    });
    let url = URL_SAFE_NO_PAD.encode(octets).into_bytes();
    let texts = [hex::encode(octets), hex::encode_upper(octets), list.join(", "), list.join(",")];
    [octets.to_vec(), url].into_iter().chain(texts.map(String::into_bytes)).chain(shifted).collect()
}

/// Takes tables away under the running platform.
pub async fn take_away(platform: &Platform, tables: &[&str]) {
    let database = match platform.database().connect().await {
        Some(database) => database,
        None => {
            let file = platform.folder().join("guiqian.db");
            Database::connect(format!("sqlite://{}", file.display())).await.unwrap()
        }
    };
    for table in tables {
        database.execute_unprepared(&format!("ALTER TABLE {table} RENAME TO {table}_gone")).await.unwrap();
    }
}

/// The values that only the server and the phone may know of a key: the server's share, and the phone's point, by
/// which tests of PINs could be checked.
pub fn shares(y2: &[u8], public_key: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let inverse = Scalar::from_slice(y2).unwrap().invert().unwrap();
    let public = Point::from_slice(public_key).unwrap();
    let x1 = public.mul_add_base_vartime(&inverse, &inverse).normalize().unwrap().to_bytes();
    let values = [("y2", y2), ("x of X1", &x1[1..33]), ("y of X1", &x1[33..])];
    values.into_iter().flat_map(|(name, value)| forms(value).into_iter().map(move |form| (name, form))).collect()
}

/// The master key in every form.
pub fn master_key(data: &Path) -> Vec<(&'static str, Vec<u8>)> {
    let key = std::fs::read(data.join("secrets/master.key")).unwrap();
    forms(&key).into_iter().map(|form| ("master key", form)).collect()
}

/// Fails at the first secret that stands somewhere.
#[track_caller]
pub fn refuse(secrets: &[(&str, Vec<u8>)], places: &[(String, Vec<u8>)]) {
    for (name, secret) in secrets {
        for (place, octets) in places {
            assert!(!stands_in(octets, secret), "{name} stands in {place}");
        }
    }
}
