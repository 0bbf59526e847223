//! What judging results in.

use std::sync::Arc;
use std::time::Duration;

use pyo3::prelude::*;

use crate::document::document;
use crate::read::{name, read, several};
use crate::values::{Count, Number, Text, owned};

document! {
    /// A question and the answer given to it.
    Exchange(vivavoce::Exchange) {
        /// The planned question, from 0, that was asked or probed; None for a question outside the plan.
        question,
        /// What was asked: the planned question's text, or the probe.
        question_text,
        /// Whether it was a probe of an earlier answer.
        probe,
        /// What the candidate said, byte for byte; may be empty for answers given without a session.
        answer,
    }
    shows(question, probe);
}

document! {
    /// An exact span of an answer, in Unicode code points as Python counts them: `answer[quote.start:quote.end] == quote.text`.
    ///
    /// Example:
    ///     >>> from vivavoce import Quote
    ///     >>> answer = "Two threads wait."
    ///     >>> Quote.find(answer, "threads").start
    ///     4
    Quote(vivavoce::Quote) {
        /// Where it begins in the answer, from 0.
        start,
        /// Where it ends (exclusive).
        end,
        /// The candidate's words from `start` to `end`.
        text,
    }
    shows(start, end);

    #[new]
    fn new(start: Count<u32>, end: Count<u32>, text: Text<'_>) -> Self {
        Self(Arc::new(vivavoce::Quote { start: start.0, end: end.0, text: text.into() }))
    }

    /// The first place of `text` in `answer`.
    ///
    /// Raises:
    ///     ValueError: Where the answer does not have it.
    #[staticmethod]
    fn find(answer: Text<'_>, text: Text<'_>) -> PyResult<Self> {
        let place = answer.find(text.0).filter(|_| !text.is_empty());
        let before = place.and_then(|place| answer.get(..place));
        let before = before.ok_or_else(|| pyo3::exceptions::PyValueError::new_err("the answer has no such words"))?;
        let count = |text: &str| u32::try_from(text.chars().count()).unwrap_or(u32::MAX);
        let (start, length) = (count(before), count(text.0));
        Ok(Self(Arc::new(vivavoce::Quote { start, end: start.saturating_add(length), text: text.into() })))
    }
}

document! {
    /// One competency's score for one exchange, with the candidate's words that support it.
    ///
    /// Example:
    ///     >>> from vivavoce import Rating
    ///     >>> Rating(0, "Technical knowledge", 0.8).basis
    ///     'application'
    Rating(vivavoce::Rating) {
        /// The exchange's place in the evaluation, from 0.
        exchange,
        /// The rubric's competency.
        competency,
        /// 0 to 1.
        score,
        /// What the score rests on.
        basis,
        /// How sure the evaluator is, 0 to 1.
        confidence,
        /// The candidate's words that support the score; a score of zero needs none.
        quotes,
        /// Why this score, in the session's language; may be empty.
        reason,
        /// Of a panel: the highest of its judges' scores less the lowest; None otherwise.
        spread,
    }
    shows(exchange, competency, score, basis);

    #[new]
    #[pyo3(signature = (exchange, competency, score, *, confidence=Number(1.0), quotes=None, reason=Text("")), text_signature = "(exchange, competency, score, *, confidence=1.0, quotes=None, reason='')")]
    fn new(
        exchange: Count<u32>,
        competency: Text<'_>,
        score: Number,
        confidence: Number,
        quotes: Option<&Bound<'_, PyAny>>,
        reason: Text<'_>,
    ) -> PyResult<Self> {
        let mut rating = vivavoce::Rating::new(exchange.0, competency, score.0);
        rating.confidence = confidence.0;
        rating.quotes = several("quotes", quotes)?;
        rating.reason = reason.into();
        Ok(Self(Arc::new(rating)))
    }
}

document! {
    /// What was said of one key point of a question, in all answers to it.
    ///
    /// An evaluator of your own makes one by the `share` that it found, from 0 to 1, of which `coverage` follows.
    ///
    /// Example:
    ///     >>> from vivavoce import KeyPointCoverage
    ///     >>> KeyPointCoverage(0, 0, "two threads wait for each other's lock", 0.7).coverage
    ///     'covered'
    KeyPointCoverage(vivavoce::KeyPointCoverage) {
        /// The exchange whose answer says most of it, by its place in the evaluation, from 0; of a point that nothing was said of, the question's first.
        exchange,
        /// The key point's place in its question's list, from 0.
        point,
        /// The key point, as the plan has it.
        text,
        /// How much of it was said, in a word: `covered` (a share of two thirds at least), `partly` (of a sixth at least) or `missing`.
        coverage,
        /// How much of it was said, 0 to 1. A score by key points alone is their mean, less what a bare list of words loses.
        share,
        /// The candidate's words that say it, in that exchange's answer.
        quotes,
    }
    shows(exchange, point, coverage, share);

    #[new]
    #[pyo3(signature = (exchange, point, text, share, *, quotes=None))]
    fn new(
        exchange: Count<u32>,
        point: Count<u32>,
        text: Text<'_>,
        share: Number,
        quotes: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut found = vivavoce::KeyPointCoverage::new(exchange.0, point.0, text, share.0);
        found.quotes = several("quotes", quotes)?;
        Ok(Self(Arc::new(found)))
    }
}

document! {
    /// A competency over the whole evaluation.
    CompetencyScore(vivavoce::CompetencyScore) {
        /// The rubric's competency.
        competency,
        /// The weighted mean of its ratings, 0 to 1.
        score,
        /// Its weight in the rubric.
        weight,
        /// How many ratings it has.
        ratings,
    }
    shows(competency, score, weight, ratings);
}

document! {
    /// Who sat on a panel, and how their scores became one.
    PanelInfo(vivavoce::PanelInfo) {
        /// The judges, by their number.
        judges,
        /// How their scores became one.
        combine,
        /// By how much they may differ before a person is asked to look.
        disagreement,
    }
    shows(judges, combine, disagreement);
}

document! {
    /// Who judged.
    ///
    /// Example:
    ///     >>> from vivavoce import EvaluatorInfo
    ///     >>> EvaluatorInfo("example", "lengths", "1").model
    ///     'lengths'
    EvaluatorInfo(vivavoce::EvaluatorInfo) {
        /// `builtin`, a language-model provider, or the application's own name for it.
        provider,
        /// The model.
        model,
        /// The version of the model's rules or prompt.
        version,
        /// Who sat on it, for a panel; None otherwise.
        panel,
    }
    shows(provider, model, version);

    #[new]
    fn new(provider: Text<'_>, model: Text<'_>, version: Text<'_>) -> Self {
        Self(Arc::new(vivavoce::EvaluatorInfo::new(provider, model, version)))
    }
}

document! {
    /// A rating that could not be had.
    Missing(vivavoce::Missing) {
        /// The exchange, from 0.
        exchange,
        /// The competency; None where the exchange has no rating at all.
        competency,
        /// Why.
        reason,
    }
    shows(exchange, competency, reason);

    #[new]
    #[pyo3(signature = (exchange, reason, *, competency=None))]
    fn new(exchange: Count<u32>, reason: Text<'_>, competency: Option<Text<'_>>) -> Self {
        let (exchange, competency, reason) = (exchange.0, owned(competency), reason.into());
        Self(Arc::new(vivavoce::Missing { exchange, competency, reason }))
    }
}

document! {
    /// A span of an answer that speaks to the judge instead of answering. A flag is a reason to look, not a judgement.
    Flag(vivavoce::Flag) {
        /// The exchange, from 0.
        exchange,
        /// What it looks like.
        kind,
        /// The span.
        span,
    }
    shows(exchange, kind);

    #[new]
    fn new(py: Python<'_>, exchange: Count<u32>, kind: &str, span: &Bound<'_, PyAny>) -> PyResult<Self> {
        Ok(Self(Arc::new(vivavoce::Flag { exchange: exchange.0, kind: name(py, kind)?, span: read("span", span)? })))
    }
}

document! {
    /// Names a rating of an evaluation.
    RatingPlace(vivavoce::RatingPlace) {
        /// The exchange, from 0.
        exchange,
        /// The rubric's competency.
        competency,
    }
    shows(exchange, competency);
}

document! {
    /// A score that a person put in the place of a judge's.
    Override(vivavoce::Override) {
        /// The person who did so.
        by,
        /// Why.
        reason,
        /// The score, 0 to 1.
        score,
        /// The rating it is for; None for the evaluation's whole score.
        rating,
    }
    shows(score, rating);
}

document! {
    /// How a language model was to sample. What the model refused is None.
    Parameters(vivavoce::Parameters) {
        /// 0 and up: how much chance there is in the words.
        temperature,
        /// Where the model's chance begins.
        seed,
    }
    shows(temperature, seed);
}

document! {
    /// What a call of a language model used.
    Tokens(vivavoce::Tokens) {
        /// All that was read, cached by the provider or not.
        input,
        /// All that was written, thinking included.
        output,
    }
    shows(input, output);
}

document! {
    /// One reply of a language model that an evaluation rests on, with all that is needed to judge it again; or what was asked and had no reply.
    ModelCall(vivavoce::ModelCall) {
        /// The exchange that it judged, from 0.
        exchange,
        /// Which judge of a panel asked, from 0; 0 for a single judge.
        judge,
        /// The model that replied, `provider/model`; where none did, the first that was asked.
        model,
        /// The model as it named itself in the reply; None where it did not.
        answered_by,
        /// How it was to sample.
        parameters,
        /// The version of the prompt's file.
        prompt_version,
        /// The SHA-256 of the whole prompt as it was sent, in lower-case hexadecimal.
        prompt_hash,
        /// The SHA-256 of the reply's schema.
        schema_hash,
        /// The provider's id of the call; None where it gave none.
        request_id,
        /// What it used; nothing is known of a call without a reply.
        tokens,
        /// What it cost, in the currency of the application's price table; None without a price.
        cost,
        /// How many requests it took, those that failed included.
        tries,
        /// Whether the reply came from the cache; tokens and cost are then those of the call that filled it.
        cached,
        /// The reply, byte for byte; empty where there was none.
        reply,
        /// Why there was no reply; None where there was one.
        failure,
    }
    shows(exchange, model, tokens, duration, tries, cached, failure), own(duration in duration_ms);

    /// How long it took.
    #[getter]
    fn duration(&self) -> Duration {
        Duration::from_millis(self.0.duration_ms)
    }
}

document! {
    /// The result of judging a session or a set of answers.
    Evaluation(vivavoce::Evaluation) {
        /// Names it.
        id,
        /// The interview whose answers are judged.
        interview_id,
        /// The session whose answers are judged; None for answers given without one.
        session_id,
        /// How far it has come.
        status,
        /// 0 to 1; None until there is one, and where no answer was given.
        score,
        /// The judgement in words, in `language`, fit for the candidate's eyes: what was said well, in their own words, what was missed, by name, and one next step. It does not give
        /// the reference answer away; `weaknesses`, `recommendations` and `key_points` may.
        feedback,
        /// The language of everything said here.
        language,
        /// What was judged, in order.
        exchanges,
        /// The ratings, by exchange and competency.
        ratings,
        /// Each competency over all exchanges, in the rubric's order.
        competencies,
        /// What was good.
        strengths,
        /// What was lacking.
        weaknesses,
        /// What would help.
        recommendations,
        /// The planned questions, from 0, that have no answer.
        unanswered,
        /// How those count.
        unanswered_policy,
        /// Why a person should look at this; empty when nobody needs to.
        needs_review,
        /// Why it is `partial` or `failed`; None otherwise.
        failure,
        /// Who judged.
        evaluator,
        /// The hash of the rubric that was used: `Rubric.hash`.
        rubric_hash,
        /// When it was asked for (UTC).
        created_at,
        /// When it was completed, partially or not, or failed (UTC); None before.
        completed_at,
        /// The evaluation that this one takes the place of: it was made again, or a person changed a score. That one stays as it is.
        supersedes,
        /// What people changed since the answers were judged, oldest first.
        overridden,
        /// The ratings that could not be had.
        missing,
        /// What speaks to the judge in the answers.
        flags,
        /// The calibration that corrected the built-in evaluator's scores, as `name@version`; None where none did. See `Engine.calibrate`.
        calibration,
        /// What was said of the key points, by question and point; empty where no question has any, and where the evaluator tells nothing of them, as language models do.
        key_points,
        /// The language model's replies that this rests on.
        calls,
    }
    shows(id, status, score, failure);

    /// Draws the competencies with matplotlib.
    ///
    /// Args:
    ///     *others: More evaluations, of other candidates, to compare with.
    ///     labels: What to call each of them; "1", "2" … where that is not said.
    ///     ax: The axes to draw on; new ones where none are given.
    ///
    /// Returns:
    ///     matplotlib.axes.Axes: The axes.
    ///
    /// Raises:
    ///     ImportError: matplotlib is not installed: `pip install vivavoce[plot]`.
    ///     InvalidInputError: There is nothing to draw, or there are not as many labels as evaluations.
    #[pyo3(signature = (*others, labels=None, ax=None))]
    fn plot<'py>(
        slf: &Bound<'py, Self>,
        others: &Bound<'py, pyo3::types::PyTuple>,
        labels: Option<&Bound<'py, PyAny>>,
        ax: Option<&Bound<'py, PyAny>>,
    ) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("vivavoce._notebook")?.call_method1("plot", ((slf,), others, labels, ax))
    }

    /// For notebooks: the scores with the words that support them.
    fn _repr_html_<'py>(slf: &Bound<'py, Self>) -> PyResult<Bound<'py, PyAny>> {
        slf.py().import("vivavoce._notebook")?.call_method1("evaluation", (slf,))
    }
}

document! {
    /// A page of a list of evaluations.
    EvaluationPage(vivavoce::EvaluationPage) {
        /// The evaluations, newest first.
        evaluations,
        /// What the next page begins with; None on the last page.
        next_cursor,
    }
    shows(evaluations);
}

document! {
    /// A judgement of one answer, kept nowhere.
    AnswerEvaluation(vivavoce::AnswerEvaluation) {
        /// 0 to 1: the ratings' mean, weighted by the rubric.
        score,
        /// One rating for each competency that was judged.
        ratings,
        /// The judgement in words, fit for the candidate's eyes: it does not give the reference answer away.
        feedback,
        /// What was good.
        strengths,
        /// What was lacking.
        weaknesses,
        /// What would help.
        recommendations,
        /// Why a person should look at this; empty when nobody needs to.
        needs_review,
        /// Who judged.
        evaluator,
        /// The hash of the rubric that was used.
        rubric_hash,
        /// The ratings that could not be had.
        missing,
        /// What speaks to the judge in the answer.
        flags,
        /// The calibration that corrected the built-in evaluator's scores, as `name@version`; None where none did. See `Engine.calibrate`.
        calibration,
        /// What was said of the key points, by question and point; empty where no question has any, and where the evaluator tells nothing of them, as language models do.
        key_points,
        /// The language model's replies that this rests on.
        calls,
    }
    shows(score);
}
