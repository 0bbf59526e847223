//! A worker of the queue that says when it judges, and never ends.

use vivavoce::{CancelToken, Engine, Evaluator, EvaluatorInfo, JudgeRequest, Judgement, Result};

struct Endless;

impl Evaluator for Endless {
    fn info(&self) -> EvaluatorInfo {
        EvaluatorInfo::new("test", "endless", "1")
    }

    fn judge(&self, _: &JudgeRequest<'_>) -> Result<Judgement> {
        crate::tell("judging");
        loop {
            std::thread::park();
        }
    }
}

/// Takes an evaluation, and judges it until this process is killed.
pub(crate) fn endlessly(url: &str) {
    let engine = Engine::builder().evaluator(Endless).open(url).expect("the store opens");
    engine.run_worker(&CancelToken::new()).expect("the worker works");
}
