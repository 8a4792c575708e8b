//! The event stream of a request (server-sent events, WHATWG HTML 9.2).

use core::future::Future;
use core::time::Duration;

use futures::Stream;
use serde::{Deserialize, Serialize};

use crate::{Error, Result, State};

/// Longest line of a stream that is read.
const MAX_LINE: usize = 64 << 10;
/// Broken connections in a row before giving up.
const MAX_FAILURES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);
/// A connection that lasted this long was not a failure.
const LASTING: Duration = Duration::from_secs(20);

/// The code to show now.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CodeEvent {
    /// Text of the QR code.
    pub code: String,
    /// Four digits to show beside it.
    pub check_number: String,
    /// Seconds until the whole question ends.
    pub expires_in: i64,
}

/// What a stream tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// A new code; the one before is worthless within seconds.
    Code(CodeEvent),
    /// The state changed. A final state is the last event.
    State(State),
}

/// Follows one request over as many connections as it takes.
pub(crate) fn follow<C, F>(connect: C) -> impl Stream<Item = Result<Event>> + Send
where
    C: Fn() -> F + Send + 'static,
    F: Future<Output = Result<reqwest::Response>> + Send,
{
    async_stream::stream! {
        let mut failures = 0;
        let mut told = None;
        loop {
            let mut response = match connect().await {
                Ok(response) => response,
                Err(error @ Error::Unreachable(_)) if failures < MAX_FAILURES => {
                    drop(error);
                    failures += 1;
                    tokio::time::sleep(PAUSE).await;
                    continue;
                }
                Err(error) => {
                    yield Err(error);
                    return;
                }
            };
            let mut parser = Parser::default();
            let connected = tokio::time::Instant::now();
            let end = loop {
                let chunk = match response.chunk().await {
                    Ok(Some(chunk)) => chunk,
                    Ok(None) => break None,
                    Err(error) => break Some(Error::Unreachable(error)),
                };
                let events = match parser.feed(&chunk) {
                    Ok(events) => events,
                    Err(error) => {
                        yield Err(error);
                        return;
                    }
                };
                for event in events {
                    failures = 0;
                    // After a reconnection the platform tells the state again.
                    if let Event::State(state) = event {
                        if told == Some(state) {
                            continue;
                        }
                        told = Some(state);
                    }
                    yield Ok(event);
                }
                if told.is_some_and(State::is_final) {
                    return;
                }
            };
            // While a phone is thinking nothing is told for minutes: a connection that lasted was a good one.
            failures = if connected.elapsed() > LASTING { 1 } else { failures + 1 };
            if failures > MAX_FAILURES {
                yield Err(end.unwrap_or(Error::Answer("the event stream ends without a final state")));
                return;
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

/// Lines to events. Unknown events and comments are passed over.
#[derive(Default)]
struct Parser {
    line: Vec<u8>,
    after_return: bool,
    name: String,
    data: String,
}

impl Parser {
    fn feed(&mut self, chunk: &[u8]) -> Result<Vec<Event>> {
        let mut events = Vec::new();
        for &octet in chunk {
            let skip = self.after_return && octet == b'\n';
            self.after_return = octet == b'\r';
            if skip {
                continue;
            }
            if octet == b'\n' || octet == b'\r' {
                events.extend(self.end_of_line()?);
                // Nothing that follows the end counts.
                if matches!(events.last(), Some(Event::State(state)) if state.is_final()) {
                    break;
                }
            } else if self.line.len() >= MAX_LINE {
                return Err(Error::TooLarge(MAX_LINE));
            } else {
                self.line.push(octet);
            }
        }
        Ok(events)
    }

    fn end_of_line(&mut self) -> Result<Option<Event>> {
        let line = core::mem::take(&mut self.line);
        if line.is_empty() {
            let (name, data) = (core::mem::take(&mut self.name), core::mem::take(&mut self.data));
            return event(&name, &data);
        }
        let line = String::from_utf8(line).map_err(|_| Error::Answer("the event stream is not UTF-8"))?;
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "event" => value.clone_into(&mut self.name),
            "data" if self.data.len() + value.len() > MAX_LINE => return Err(Error::TooLarge(MAX_LINE)),
            "data" => {
                if !self.data.is_empty() {
                    self.data.push('\n');
                }
                self.data.push_str(value);
            }
            _ => {}
        }
        Ok(None)
    }
}

fn event(name: &str, data: &str) -> Result<Option<Event>> {
    const FAULT: Error = Error::Answer("an event does not have the right form");
    #[derive(Deserialize)]
    struct StateEvent {
        state: State,
    }
    match name {
        "code" => serde_json::from_str(data).map(|code| Some(Event::Code(code))).map_err(|_| FAULT),
        "state" => serde_json::from_str(data).map(|StateEvent { state }| Some(Event::State(state))).map_err(|_| FAULT),
        _ => Ok(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_read_however_the_stream_is_cut_into_pieces() {
        let text = ": heartbeat\r\n\r\nevent: code\ndata: {\"code\":\"x\",\ndata: \"check_number\":\"0417\",\"expires_in\":9}\n\nid: 4\nevent: news\ndata: 1\n\nevent:state\rdata:{\"state\":\"claimed\"}\r\r";
        let expected = [
            Event::Code(CodeEvent { code: "x".into(), check_number: "0417".into(), expires_in: 9 }),
            Event::State(State::Claimed),
        ];
        for size in [1, 2, 3, 7, text.len()] {
            let mut parser = Parser::default();
            let events: Vec<_> =
                text.as_bytes().chunks(size).flat_map(|chunk| parser.feed(chunk).expect("readable")).collect();
            assert_eq!(events, expected, "in pieces of {size}");
        }
    }

    #[test]
    fn endless_lines_and_data_and_unreadable_events_are_refused() {
        assert!(matches!(Parser::default().feed(&vec![b'x'; MAX_LINE + 1]), Err(Error::TooLarge(_))));
        let line = format!("data:{}\n", "x".repeat(40_000));
        assert!(matches!(Parser::default().feed(line.repeat(2).as_bytes()), Err(Error::TooLarge(_))));
        for bad in ["event:state\ndata:{\"state\":\"dancing\"}\n\n", "event:code\ndata:{}\n\n", "\u{e9}\n"] {
            let octets: Vec<u8> = if bad.is_ascii() { bad.bytes().collect() } else { vec![0xff, b'\n'] };
            assert!(matches!(Parser::default().feed(&octets), Err(Error::Answer(_))), "{bad}");
        }
    }
}
