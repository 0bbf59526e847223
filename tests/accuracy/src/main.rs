//! What the built-in evaluator says of answers: `vivavoce-accuracy measure` and `vivavoce-accuracy score` read one JSON object a line, with `question`, `reference_answer` and
//! `answer`, and write one for each. With `vivavoce-accuracy calibrate`, what has a `graded` score is learned from, and the others are scored after that.
#![allow(clippy::print_stdout, reason = "the answers are what this program is for")]

use std::error::Error;
use std::io::{BufRead as _, BufWriter, Write as _};

use serde::Deserialize;
use serde_json::json;
use vivavoce::training::measure;
use vivavoce::{AnswerOptions, Engine, GradedAnswer, Question};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    question: String,
    reference_answer: String,
    answer: String,
    graded: Option<f64>,
}

impl Row {
    fn question(&self) -> Question {
        Question::new(&self.question).reference_answer(&self.reference_answer)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mode = std::env::args().nth(1).unwrap_or_default();
    let engine = Engine::open("memory:")?;
    let mut output = BufWriter::new(std::io::stdout().lock());
    let lines = std::io::stdin().lock().lines();
    let rows: Vec<Row> = lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect::<Result<_, Box<dyn Error>>>()?;
    let mut options = AnswerOptions::default();
    let graded = rows.iter().filter_map(|row| Some(GradedAnswer::new(row.question(), &row.answer, row.graded?)));
    let graded: Vec<GradedAnswer> = graded.collect();
    if mode == "calibrate" {
        options.calibration = Some(engine.calibrate("graders", &graded, &options)?.label());
    }
    for row in rows.iter().filter(|row| row.graded.is_none()) {
        let question = row.question();
        let found = match mode.as_str() {
            "measure" => {
                let measured = measure(&question, &row.answer).ok_or("a reference without a word")?;
                let words = measured
                    .words
                    .map(|[said, missed, instead]| json!({"said": said, "missed": missed, "instead": instead}));
                json!({"measures": measured.measures, "size": measured.size, "is_unspaced": measured.is_unspaced, "words": words})
            }
            "score" | "calibrate" => {
                let found = engine.evaluate_answer(&question, &row.answer, &options)?;
                let confidence = found.ratings.iter().map(|rating| rating.confidence).fold(1.0, f64::min);
                json!({"score": found.score, "confidence": confidence})
            }
            _ => return Err("usage: vivavoce-accuracy measure|score|calibrate".into()),
        };
        writeln!(output, "{found}")?;
    }
    output.flush()?;
    Ok(())
}
