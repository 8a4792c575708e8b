//! Logs one person in from the command line: `cargo run -p relying --example login -- URL CREDENTIALS.json`.
//!
//! Prints each code as text; paste one into the phone app's scan page.
#![allow(clippy::print_stdout)] // this is a command line program

use std::error::Error;
use std::pin::pin;

use futures::StreamExt as _;
use relying::{Browser, Client, Credentials, Event, State, Trust};

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let (Some(platform), Some(file)) = (arguments.next(), arguments.next()) else {
        return Err("usage: login PLATFORM-URL CREDENTIALS-FILE".into());
    };
    let client = Client::new(&platform, Credentials::from_json(&std::fs::read(file)?)?)?;
    let browser = Browser { address: "127.0.0.1".into(), user_agent: "relying example".into(), browser_id: None };
    let login = client.create_login(&browser).await?;
    println!("check number {}", login.check_number);

    let mut events = pin!(client.events(login.id));
    while let Some(event) = events.next().await {
        match event? {
            Event::Code(code) => println!("{}", code.code),
            Event::State(state) => println!("{state:?}"),
        }
    }

    let scan = client.scan(login.id).await?;
    if scan.state == State::Confirmed {
        // A command line program may look at the clock; a server hands its own clock in.
        #[allow(clippy::disallowed_methods)]
        let now = jiff::Timestamp::now();
        let person = client.verify_login(&login, &scan, &Trust::Platform, now).await?;
        println!("{} is logged in as {}", person.name, person.subject);
    }
    Ok(())
}
