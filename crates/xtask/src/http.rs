//! The little HTTP that a starter needs: is it up, and what does a page say. Loopback only, no TLS.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Status and body of a GET.
pub fn get(url: &str) -> Result<(u16, String)> {
    let (host, path) = split(url)?;
    let mut stream = TcpStream::connect(host).with_context(|| format!("cannot reach {url}"))?;
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    write!(stream, "GET {path} HTTP/1.0\r\nHost: {host}\r\nAccept: */*\r\n\r\n")?;
    let mut reply = Vec::new();
    stream.read_to_end(&mut reply)?;
    let reply = String::from_utf8_lossy(&reply);
    let status = reply.split_whitespace().nth(1).and_then(|code| code.parse().ok());
    let body = reply.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    Ok((status.with_context(|| format!("{url} does not speak HTTP"))?, body.to_owned()))
}

/// Asks until the answer is 200.
pub fn wait_until_healthy(url: &str, patience: Duration) -> Result<()> {
    let started = Instant::now();
    loop {
        let seen = get(url);
        if matches!(seen, Ok((200, _))) {
            return Ok(());
        }
        if started.elapsed() > patience {
            bail!("{url} is not healthy after {} s: {seen:?}", patience.as_secs());
        }
        std::thread::sleep(Duration::from_millis(100));
    }
}

fn split(url: &str) -> Result<(&str, &str)> {
    let Some(rest) = url.strip_prefix("http://") else { bail!("not an http address: {url}") };
    Ok(rest.find('/').map_or((rest, "/"), |slash| rest.split_at(slash)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_taken_apart_into_host_and_path() {
        assert_eq!(split("http://127.0.0.1:80/api/health").expect("parts"), ("127.0.0.1:80", "/api/health"));
        assert_eq!(split("http://127.0.0.1:80").expect("parts"), ("127.0.0.1:80", "/"));
        assert!(split("https://example.org/").is_err());
    }
}
