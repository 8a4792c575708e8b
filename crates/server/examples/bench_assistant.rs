//! How often the assistant finds the right article among its first three, over the table of real questions.
//!
//!     cargo run --release -p server --example bench_assistant

#![allow(clippy::print_stdout)]

#[path = "../tests/support/questions.rs"]
mod questions;

fn main() {
    let all = questions::all();
    let held: Vec<_> = all.iter().filter(|question| !question.tune).collect();
    let everything: Vec<_> = all.iter().collect();
    for (name, questions) in [("assistant_top3_hit_pct", everything), ("assistant_top3_hit_held_out_pct", held)] {
        let value = questions::top3_pct(&questions);
        println!("{}", serde_json::json!({ "name": name, "value": value, "unit": "%" }));
    }
}
