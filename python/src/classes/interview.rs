//! The plan for one candidate.

use std::sync::Arc;

use pyo3::prelude::*;

use crate::document::document;
use crate::error::raise;
use crate::read::{name, read, several};
use crate::values::{Number, Span, Text, invalid_input, owned, seconds};

document! {
    /// One level of a competency: what an answer at this score looks like (behaviourally anchored rating scales: Smith and Kendall, 1963).
    ///
    /// Example:
    ///     >>> from vivavoce import Level
    ///     >>> Level(0.6, "Explains the main idea correctly, with gaps.")
    ///     Level(score=0.6, anchor='Explains the main idea correctly, with gaps.')
    Level(vivavoce::Level) {
        /// The score of this level, 0 to 1.
        score,
        /// The behaviour that shows it.
        anchor,
    }
    shows(score, anchor);

    #[new]
    fn new(score: Number, anchor: Text<'_>) -> Self {
        Self(Arc::new(vivavoce::Level { score: score.0, anchor: anchor.into() }))
    }
}

document! {
    /// Something a candidate can show.
    ///
    /// Example:
    ///     >>> from vivavoce import Competency, Level
    ///     >>> Competency("Concurrency", weight=2, levels=[Level(0.5, "Names a lock."), Level(1, "Weighs locks.")]).weight
    ///     2.0
    Competency(vivavoce::Competency) {
        /// Its name, unique in the rubric.
        name,
        /// What it means, for people and models; None where that is not said.
        description,
        /// How much it counts against the others.
        weight,
        /// Its levels, by rising score; may be empty.
        levels,
    }
    shows(name, weight);

    #[new]
    #[pyo3(signature = (name, *, description=None, weight=Number(1.0), levels=None), text_signature = "(name, *, description=None, weight=1.0, levels=None)")]
    fn new(
        name: Text<'_>,
        description: Option<Text<'_>>,
        weight: Number,
        levels: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let levels = several("levels", levels)?;
        let (name, description) = (name.into(), owned(description));
        Ok(Self(Arc::new(vivavoce::Competency { name, description, weight: weight.0, levels })))
    }
}

document! {
    /// The competencies that answers are judged by; identified by the hash of its content.
    ///
    /// Example:
    ///     >>> from vivavoce import Competency, Rubric
    ///     >>> Rubric([Competency("Concurrency")]).competencies[0].name
    ///     'Concurrency'
    ///     >>> len(Rubric.standard("technical").competencies)
    ///     3
    Rubric(vivavoce::Rubric) {
        /// 1 to 30 competencies.
        competencies,
    }
    shows(competencies);

    #[new]
    fn new(competencies: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(Arc::new(vivavoce::Rubric { competencies: read("competencies", competencies)? })))
    }

    /// The rubric of interviews that bring none.
    #[staticmethod]
    fn standard(py: Python<'_>, interview_type: &str) -> PyResult<Self> {
        Ok(Self(Arc::new(vivavoce::Rubric::standard(name(py, interview_type)?))))
    }

    /// The rubric's identity: the SHA-256 of its canonical JSON (RFC 8785), in lower-case hexadecimal.
    #[getter]
    fn hash(&self, py: Python<'_>) -> PyResult<String> {
        self.0.hash().map_err(|error| raise(py, &error))
    }
}

document! {
    /// One planned question.
    ///
    /// Example:
    ///     >>> from vivavoce import Question
    ///     >>> question = Question("What is a deadlock?", key_points=["two threads wait for each other's lock"])
    ///     >>> question.weight
    ///     1.0
    Question(vivavoce::Question) {
        /// What is asked, 1 to 4,000 characters.
        text,
        /// The rubric's competency that the answer shows; where None, all of the rubric's competencies are rated.
        competency,
        /// What a full answer says; never shown to the candidate.
        reference_answer,
        /// What a full answer mentions, a point each; never shown to the candidate.
        key_points,
        /// How much the answer counts against the others.
        weight,
        /// How long the candidate may take; shown, not enforced.
        time_limit as seconds,
        /// What to ask further about this question, in order, before anything else is probed.
        follow_ups,
    }
    shows(text, competency, weight);

    #[new]
    #[pyo3(signature = (text, *, competency=None, reference_answer=None, key_points=None, weight=Number(1.0), time_limit=None, follow_ups=None), text_signature = "(text, *, competency=None, reference_answer=None, key_points=None, weight=1.0, time_limit=None, follow_ups=None)")]
    #[allow(clippy::too_many_arguments, reason = "keyword arguments in Python")]
    fn new(
        py: Python<'_>,
        text: Text<'_>,
        competency: Option<Text<'_>>,
        reference_answer: Option<Text<'_>>,
        key_points: Option<&Bound<'_, PyAny>>,
        weight: Number,
        time_limit: Option<Span>,
        follow_ups: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let key_points = several("key_points", key_points)?;
        let follow_ups = several("follow_ups", follow_ups)?;
        let whole = |Span(limit): Span| u32::try_from(limit.as_secs()).ok().filter(|_| limit.subsec_nanos() == 0);
        let time_limit = match time_limit.map(whole) {
            Some(None) => return Err(invalid_input(py, "time_limit: expected a whole number of seconds")),
            given => given.flatten(),
        };
        Ok(Self(Arc::new(vivavoce::Question {
            text: text.into(),
            competency: owned(competency),
            reference_answer: owned(reference_answer),
            key_points,
            weight: weight.0,
            time_limit,
            follow_ups,
        })))
    }
}

document! {
    /// A planned interview as it is kept.
    Interview(vivavoce::Interview) {
        /// Names it; sorts by creation.
        id,
        /// The candidate's name.
        candidate_name,
        /// What the interview is about.
        interview_type,
        /// The language it is planned in.
        interview_language,
        /// What the candidate is asked, in order.
        questions,
        /// The job; None where that is not said.
        job_description,
        /// The candidate's résumé; None where there is none.
        resume,
        /// The application's own id of the candidate; None where there is none.
        external_id,
        /// How answers are judged, where the application said so.
        rubric,
        /// By which calibration the built-in evaluator's scores are corrected, where the application said so: a name, or `name@version`.
        calibration,
        /// After how many answers a session completes.
        max_answers,
        /// How far it has come.
        status,
        /// When it was planned (UTC).
        created_at,
        /// When its plan was replaced, or its status changed, for the last time (UTC).
        updated_at,
    }
    shows(id, interview_type, status);

    /// How answers are judged: the interview's own rubric, or the standard one of its type.
    #[getter]
    fn effective_rubric(&self) -> Rubric {
        Rubric(Arc::new(self.0.effective_rubric()))
    }
}

document! {
    /// A page of a list of interviews.
    InterviewPage(vivavoce::InterviewPage) {
        /// The interviews, in order.
        interviews,
        /// How many the filters let through, where that was asked for.
        total,
        /// What the next page begins with; None on the last page.
        next_cursor,
    }
    shows(interviews, total);
}
