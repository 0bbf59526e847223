//! What the built-in evaluator says of answers: `vivavoce-accuracy measure` and `vivavoce-accuracy score` read one JSON object a line, with `question`, `reference_answer` and
//! `answer`, and write one for each.
#![allow(clippy::print_stdout, reason = "the answers are what this program is for")]

use std::error::Error;
use std::io::{BufRead as _, BufWriter, Write as _};

use serde::Deserialize;
use serde_json::json;
use vivavoce::training::measure;
use vivavoce::{AnswerOptions, Engine, Question};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    question: String,
    reference_answer: String,
    answer: String,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let engine = Engine::open("memory:")?;
    let mut output = BufWriter::new(std::io::stdout().lock());
    for line in std::io::stdin().lock().lines() {
        let row: Row = serde_json::from_str(&line?)?;
        let question = Question::new(row.question).reference_answer(row.reference_answer);
        let found = match mode.as_str() {
            "measure" => {
                let measured = measure(&question, &row.answer).ok_or("a reference without a word")?;
                json!({"measures": measured.measures, "size": measured.size, "is_unspaced": measured.is_unspaced})
            }
            "score" => {
                let found = engine.evaluate_answer(&question, &row.answer, &AnswerOptions::default())?;
                let confidence = found.ratings.iter().map(|rating| rating.confidence).fold(1.0, f64::min);
                json!({"score": found.score, "confidence": confidence})
            }
            _ => return Err("usage: vivavoce-accuracy measure|score".into()),
        };
        writeln!(output, "{found}")?;
    }
    output.flush()?;
    Ok(())
}
