//! Calibrations: the built-in evaluator learns from an application's own graders.

use std::sync::Arc;

use chrono::DateTime;

use super::metrics::Operation;
use super::{AnswerOptions, Engine};
use crate::domain::{
    Calibration, CalibrationName, Exchange, FEWEST_OF_A_BANK, FEWEST_OF_A_QUESTION, GradedAnswer, Interview,
    NewInterview, check_new_name, limits, question_hash,
};
use crate::error::{Error, ErrorKind, Result};
use crate::evaluator::{self, BUILTIN_VERSION, JudgeRequest, Observation};
use crate::store::{KeptCalibration, KeyClaim};
use crate::threads;

impl Engine {
    /// Learns from answers that people graded how the built-in evaluator's scores have to be corrected, and keeps it as the next version of a name. Where an interview's plan, or
    /// [`AnswerOptions`], name it, the scores of the built-in evaluator are corrected by it, and the evaluation says so in
    /// [`calibration`](crate::Evaluation::calibration). Nobody's scores change otherwise.
    ///
    /// Of 10 graded answers to a question it learns how strictly that question is graded and what its reference's words are worth to the graders; of 50 answers in all, how
    /// strictly any question is. [`before`](Calibration::before) and [`after`](Calibration::after) say how near the scores come to the graders', with what is learned from
    /// other answers than the one that is scored: where `after` is not nearer, do not use it. Blank answers, the question said again and the like are judged as ever, and teach
    /// nothing.
    ///
    /// The answers are not kept. What is learned again of the answers that taught the newest version is that version. `options` are those by which answers are judged then: a rubric, or a type, by
    /// which the evaluator gives other scores, needs another calibration.
    ///
    /// ```
    /// use vivavoce::{AnswerOptions, Engine, GradedAnswer, Question};
    ///
    /// let engine = Engine::open("memory:")?;
    /// let question = Question::new("What is a mutex?").reference_answer("A lock that one thread at a time can hold.");
    /// let right = ["A lock for one thread.", "A lock that one thread holds.", "It lets one thread in.", "One thread at a time has it.", "Who has the lock goes on."];
    /// let wrong = ["Something that runs fast.", "A kind of thread.", "It makes programs faster.", "A part of the processor.", "A place for data."];
    /// let graded = right.map(|answer| (answer, 0.9)).into_iter().chain(wrong.map(|answer| (answer, 0.1)));
    /// let graded: Vec<GradedAnswer> =
    ///     graded.map(|(answer, score)| GradedAnswer::new(question.clone(), answer, score)).collect();
    /// let calibration = engine.calibrate("threads", &graded, &AnswerOptions::default())?;
    /// assert!(calibration.after.rmse < calibration.before.rmse);
    ///
    /// let options = AnswerOptions { calibration: Some("threads".into()), ..AnswerOptions::default() };
    /// let found = engine.evaluate_answer(&question, "A lock for one thread.", &options)?;
    /// assert_eq!(found.calibration.as_deref(), Some("threads@1"));
    /// # Ok::<(), vivavoce::Error>(())
    /// ```
    ///
    /// # Errors
    /// `invalid_input` where the name is blank, longer than 100 characters, has a `@` or a control character, or begins or ends with white space, where a limit is broken (the message says of which answer, from 0), and where there are
    /// fewer than 10 answers to each question and fewer than 50 in all, or most of them say nothing.
    pub fn calibrate(&self, name: &str, graded: &[GradedAnswer], options: &AnswerOptions) -> Result<Calibration> {
        self.calling(Operation::Calibrate, &options.call, |engine, call| {
            check_new_name("name", name)?;
            limits::count("graded answers", graded.len(), 1, limits::MAX_GRADED)?;
            if options.calibration.is_some() {
                return Err(Error::invalid_input("a calibration is learned from scores that no other has corrected"));
            }
            let processors = std::thread::available_parallelism().map_or(1, usize::from);
            let observed = threads::each(graded, processors, |place, graded| {
                call.patience.check("the graded answers were judged")?;
                observe(place, graded, options)
            });
            let panicked = || Err(Error::internal("judging panicked"));
            let observed: Vec<Observation> =
                observed.into_iter().map(|observed| observed.unwrap_or_else(panicked)).collect::<Result<_>>()?;
            let taught = observed.iter().filter(|it| it.found.is_some()).count();
            call.patience.check("something was learned")?;
            let learned = evaluator::learn(&observed).ok_or_else(|| {
                Error::invalid_input(format!(
                    "{} graded answers, of which {taught} say something: {FEWEST_OF_A_QUESTION} to one question are needed, or {FEWEST_OF_A_BANK} in all, and \
                     half of them have to say something",
                    observed.len()
                ))
            })?;
            let calibration = Calibration {
                name: name.to_owned(),
                // Those that it is kept with.
                version: 0,
                created_at: DateTime::UNIX_EPOCH,
                evaluator_version: BUILTIN_VERSION.to_owned(),
                answers: u32::try_from(taught).unwrap_or(u32::MAX),
                bank: learned.bank,
                questions: learned.questions,
                before: learned.before,
                after: learned.after,
            };
            let document = serde_json::to_string(&calibration);
            let kept = engine.store().keep_calibration(KeptCalibration {
                tenant: Arc::clone(&engine.tenant),
                name: name.to_owned(),
                version: 0,
                created_at: engine.now(),
                document: document.map_err(|_| Error::internal("a calibration has no JSON form"))?,
            })?;
            read(kept)
        })
    }

    /// A calibration: the newest of a name, or `name@version`.
    ///
    /// # Errors
    /// `not_found` where there is none; `invalid_input` where that is no name.
    pub fn calibration(&self, name: &str) -> Result<Calibration> {
        self.run(Operation::Calibrate, || {
            let missing = || Error::new(ErrorKind::NotFound, "there is no calibration of this name and version");
            self.read_calibration(name)?.ok_or_else(missing)
        })
    }

    /// All calibrations of this engine's tenant, every version, by name and version.
    ///
    /// # Errors
    /// Those of every method.
    pub fn calibrations(&self) -> Result<Vec<Calibration>> {
        self.run(Operation::Calibrate, || {
            self.store().calibrations(Some(&self.tenant))?.into_iter().map(read).collect()
        })
    }

    fn read_calibration(&self, label: &str) -> Result<Option<Calibration>> {
        let CalibrationName { name, version } = CalibrationName::read(label)?;
        self.store().calibration(&self.tenant, &name, version)?.map(read).transpose()
    }

    /// The calibration by which an interview's answers, or a call's, are corrected, if any; whoever corrects by it looks at its version.
    ///
    /// # Errors
    /// `invalid_input` where there is no such calibration.
    pub(super) fn correcting(&self, label: Option<&str>) -> Result<Option<Calibration>> {
        let missing = || Error::invalid_input("calibration: there is no calibration of this name and version");
        label.map(|label| self.read_calibration(label)?.ok_or_else(missing)).transpose()
    }

    /// The same for a judgement, which fails without it. A store that does not answer is no judgement: whoever asked is told, and asks again.
    pub(super) fn correcting_judgement(&self, interview: &Interview) -> Result<Result<Option<Calibration>>> {
        match self.correcting(interview.calibration.as_deref()) {
            Err(error) if error.kind() == ErrorKind::Storage => Err(error),
            found => Ok(found),
        }
    }

    /// Refuses a plan that names a calibration which there is not, or which corrects other rules. What a key did before is not refused now.
    pub(super) fn ensure_calibrated(&self, plan: &NewInterview, claim: Option<&KeyClaim>) -> Result<()> {
        let refused = match self.correcting(plan.calibration.as_deref()) {
            Ok(Some(calibration)) if calibration.evaluator_version != BUILTIN_VERSION => evaluator::stale(),
            Ok(_) => return Ok(()),
            Err(refused) => refused,
        };
        match claim {
            Some(claim) if self.store().key(&claim.scope)?.is_some() => Ok(()),
            _ => Err(refused),
        }
    }
}

fn read(kept: KeptCalibration) -> Result<Calibration> {
    let calibration: Calibration = serde_json::from_str(&kept.document)
        .map_err(|_| Error::storage("the store holds a calibration that this library did not write"))?;
    Ok(Calibration { name: kept.name, version: kept.version, created_at: kept.created_at, ..calibration })
}

/// What a graded answer teaches.
fn observe(place: usize, graded: &GradedAnswer, options: &AnswerOptions) -> Result<Observation> {
    let of = |error: Error| Error::new(error.kind(), format!("graded answer {place}: {error}"));
    if !(0.0..=1.0).contains(&graded.score) {
        return Err(of(Error::invalid_input("score is not within 0 to 1")));
    }
    let (interview, exchange): (Interview, Exchange) = options.planned(&graded.question, &graded.answer).map_err(of)?;
    let rubric = interview.effective_rubric();
    let exchanges = [exchange];
    let request = JudgeRequest::new(&interview, &rubric, options.language, &exchanges);
    Ok(Observation {
        question: question_hash(&graded.question),
        found: evaluator::observe(&request),
        graded: graded.score,
    })
}
