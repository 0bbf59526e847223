//! English.

use super::judging::{Judging, Place, Reason, Remark, Summary, by_kind, first_points, shortened};
use super::{Opening, Report, StandardCompetencies, Talk};
use crate::domain::{Basis, Coverage, EvaluationStatus, FlagKind, InterviewType, Unanswered};

pub(super) const TALK: Talk = Talk {
    opening,
    transitions: [
        "Thank you. Let's go on to the next question.",
        "Thanks, I have noted that. Here is the next one.",
        "All right, let's move on.",
        "Thank you for your answer. Next, I would like to ask you this.",
        "I see. Let's turn to the next question.",
        "Thank you. On to the next topic.",
    ],
    last_question: "Thank you. This is the last of the questions that I have prepared.",
    time_limit: |seconds| match seconds {
        60 => "You have about one minute for this answer.".into(),
        _ if seconds > 60 && seconds.is_multiple_of(60) => {
            format!("You have about {} minutes for this answer.", seconds / 60)
        }
        _ => format!("You have about {seconds} seconds for this answer."),
    },
    back_to: [
        |quote| format!("I would like to come back to “{}” for a moment.", inner(quote)),
        |quote| format!("Earlier I asked you “{}” and I would like to hear a little more.", inner(quote)),
        |quote| format!("Let me return to “{}” once more.", inner(quote)),
    ],
    stay_with: [
        |quote| format!("Let's stay with “{}” for a moment.", inner(quote)),
        |quote| format!("On “{}”, there is one more thing I would like to ask.", inner(quote)),
        |quote| format!("Still on “{}”, let me ask a little further.", inner(quote)),
    ],
    ask_example: [
        "Could you give me a concrete example from your own work?",
        "Can you describe one specific occasion when this came up?",
        "Which real case shows best what you mean? Please walk me through it.",
    ],
    ask_number: [
        "Can you put a figure on it: how many, how long, or how much?",
        "Which numbers show the size of it, even roughly?",
        "How was that measured, and what did the measurement say?",
    ],
    ask_trade_off: [
        "What other options are there, and what would you give up with each of them?",
        "Every approach has a price. What is the price of this one?",
        "What speaks against this approach, and when would you choose another?",
    ],
    ask_result: [
        "When you put this into practice, what came of it?",
        "How did it turn out in the end, and how could you tell?",
        "What was different afterwards because of it?",
    ],
    deepen: [
        "Looking back, what would you do differently today?",
        "What was the hardest part, and how did you deal with it?",
        "What did you learn from it that you still use?",
        "How would you explain this to someone who is new to the field?",
        "Which part of this was your own doing, and which was the work of others?",
        "What could go wrong here, and how would you notice it in time?",
        "If you had only half the time for it, what would you leave out?",
        "Who else is affected by this, and how do you take them into account?",
        "Where did people see it differently, and how was that settled?",
        "On which assumption does this rest most of all?",
        "How would you check that it really works?",
        "What would make you change your mind about this?",
        "What would you still like to find out about it?",
        "If you could add one thing to what you have said, what would it be?",
    ],
    closing: |name| {
        format!(
            "That was my last question. Thank you, {name}, for your time and your answers.\n\n\
             The interview is now over, and there is nothing more that you need to do here. Your answers go to the hiring team: an AI prepares an \
             evaluation of them, a person reads it and decides, and the team will let you know about the next steps. Goodbye!"
        )
    },
};

fn opening(opening: &Opening<'_>) -> String {
    let kind = match opening.interview_type {
        InterviewType::General => "interview",
        InterviewType::Technical => "technical interview",
        InterviewType::Behavioral => "behavioral interview",
    };
    let questions = match opening.questions {
        1 => "I have one question for you".into(),
        count => format!("I have {count} questions for you, one at a time"),
    };
    let probes = if opening.probes { ", and afterwards I may ask a little more about your answers" } else { "" };
    format!(
        "Hello {name}, and welcome to your {kind}.\n\n\
         Before we begin: I am an AI, and I conduct this interview on my own. What you write is kept as a record of it. A person, not an AI, makes the \
         decision about your application.\n\n\
         {questions}{probes}. Please take the time you need; an example from your own experience is always welcome.\n\n\
         Here is the first question:",
        name = opening.name,
    )
}

/// A quote within quotation marks has the other ones.
fn inner(quote: &str) -> String {
    quote.replace('“', "‘").replace('”', "’")
}

pub(super) const REPORT: Report = Report {
    title: "Interview scorecard",
    colon: ": ",
    separator: "; ",
    interview: "Interview",
    interview_type: |kind| match kind {
        InterviewType::General => "General interview",
        InterviewType::Technical => "Technical interview",
        InterviewType::Behavioral => "Behavioral interview",
    },
    evaluated: "Evaluated",
    requested: "Requested",
    time: |time| time.format("%-d %B %Y, %H:%M UTC").to_string(),
    status: "Status",
    evaluation_status: |status| match status {
        EvaluationStatus::Pending => "Waiting to be evaluated",
        EvaluationStatus::Running => "Being evaluated",
        EvaluationStatus::Completed => "Complete",
        EvaluationStatus::Partial => "Incomplete",
        EvaluationStatus::Failed => "Failed",
    },
    overall_score: "Overall score",
    no_score: "No score",
    no_score_reason: |status| match status {
        EvaluationStatus::Pending | EvaluationStatus::Running => "The evaluation is not finished yet.",
        EvaluationStatus::Completed => "There was no answer to score.",
        EvaluationStatus::Partial => "Too few answers could be evaluated.",
        EvaluationStatus::Failed => "The answers could not be evaluated.",
    },
    summary: "Summary",
    competencies: "Competencies",
    chart: "Score by competency, from 0 to 100",
    competency: "Competency",
    score: "Score",
    weight: "Weight",
    ratings: "Ratings",
    standard: StandardCompetencies {
        communication: "Communication",
        technical_knowledge: "Technical knowledge",
        problem_solving: "Problem solving",
        relevance: "Relevance",
        evidence: "Evidence",
        situation_and_task: "Situation and task",
        action: "Action",
        result: "Result",
    },
    strengths: "Strengths",
    weaknesses: "Weaknesses",
    recommendations: "Recommendations",
    exchanges: "Questions and answers",
    highlights: "Highlighted words are the passages that the ratings rest on.",
    question: |number| format!("Question {number}"),
    probe: |number| format!("Follow-up to question {number}"),
    unplanned: "Further question",
    answer: "Answer",
    no_answer: "No answer was given.",
    not_rated: "This answer was not rated.",
    basis: "Basis",
    basis_name: |basis| match basis {
        Basis::Reference => "reference answer",
        Basis::KeyPoints => "key points",
        Basis::Rubric => "the rubric’s levels",
        Basis::Heuristic => "the answer itself, with nothing to compare it with",
        Basis::Application => "the application’s own evaluator",
        Basis::Person => "a person’s decision",
    },
    confidence: "Confidence",
    evidence: "Evidence",
    key_points: "Key points",
    coverage: |coverage| match coverage {
        Coverage::Covered => "Covered",
        Coverage::Partly => "Partly covered",
        Coverage::Missing => "Missing",
    },
    quote: |quote| format!("“{quote}”"),
    unanswered: "Unanswered questions",
    unanswered_policy: |policy| match policy {
        Unanswered::LowersScore => "Each of these counts as a score of 0 in the overall score.",
        Unanswered::Ignored => "These do not count in the overall score.",
    },
    needs_review: "A person should look at this",
    failure: "What could not be done",
    missing: "What could not be judged",
    changed: "Changed by a person",
    flagged: "Words that speak to the judge",
    flag_kind: |kind| match kind {
        FlagKind::Instruction => "an instruction",
        FlagKind::FakeReply => "a judgement of its own",
        FlagKind::FakeMarker => "a marker of a prompt",
        FlagKind::RoleHeader => "another’s role",
        FlagKind::HiddenText => "text that is not seen",
        FlagKind::EncodedText => "text in an encoding",
    },
    about: "About this scorecard",
    notice: "An AI made this scorecard. It supports a decision; a person makes it.",
    judged_by: "Judged by",
    model: "Model",
    version: "Version",
    calibration: "Corrected by",
    rubric: "Rubric",
    evaluation: "Evaluation",
};

/// What is said about answers.
pub(super) const JUDGING: Judging = Judging { reason, remark, feedback };

fn reason(reason: &Reason) -> String {
    match *reason {
        Reason::Blank => "There is no answer.".into(),
        Reason::Copied => "The answer says the question again.".into(),
        Reason::Symbols => "The answer has signs and no words: a person has to read it.".into(),
        Reason::Unclear => "Hardly a word of the answer was recognised.".into(),
        Reason::Mash => "The answer has no words that can be read.".into(),
        Reason::Repeated => "The answer says the same again and again.".into(),
        Reason::NoAnswer => "The candidate says that there is no answer.".into(),
        Reason::KeyPoints { covered, all } => {
            format!("Covers {covered} of {all} key {}.", plural(all, "point", "points"))
        }
        Reason::Reference { made, all } => {
            format!("Makes {made} of the {all} {} of the reference answer.", plural(all, "statement", "statements"))
        }
        Reason::Qualities { words, numbers, names, reasons, result } => {
            let mut has = Vec::new();
            if numbers > 0 {
                has.push(counted(numbers as usize, "figure", "figures"));
            }
            if names > 0 {
                has.push(counted(names as usize, "technical name", "technical names"));
            }
            if reasons {
                has.push("reasons".into());
            }
            if result {
                has.push("a result".into());
            }
            let has = if has.is_empty() { "no figures, technical names or reasons".into() } else { joined(&has) };
            format!("Judged by form, with nothing to compare it with: {} with {has}.", counted(words, "word", "words"))
        }
        Reason::OtherLanguage => {
            "The answer is in another language than the reference, so that only its form was judged.".into()
        }
    }
}

fn remark(remark: &Remark<'_>) -> String {
    match remark {
        Remark::Covers { at, points } => format!("{}: covers {}.", place(*at), quoted(points)),
        Remark::Agrees { at } => format!("{}: in good agreement with the reference answer.", places(at)),
        Remark::Specific { at, numbers, names, examples } => {
            let mut has = Vec::new();
            for (count, one, many) in [
                (numbers, "figure", "figures"),
                (names, "technical name", "technical names"),
                (examples, "example", "examples"),
            ] {
                if *count > 0 {
                    has.push(counted(*count as usize, one, many));
                }
            }
            format!("{}: supported by {}.", places(at), joined(&has))
        }
        Remark::Reasoned { at } => format!("{}: gives reasons and weighs alternatives.", places(at)),
        Remark::WholeStory { at } => {
            format!("{}: tells an event from the situation through the action to the result.", places(at))
        }
        Remark::Misses { at, points } => format!("{}: not recognised in the answer: {}.", place(*at), quoted(points)),
        Remark::Touches { at, points } => format!("{}: says only a part of {}.", place(*at), quoted(points)),
        Remark::Disagrees { at } => format!("{}: says little of what the reference answer says.", places(at)),
        Remark::Blank { at } => format!("{}: left without an answer.", places(at)),
        Remark::NoAnswer { at } => format!("{}: the candidate did not know or did not want to answer.", places(at)),
        Remark::NoContent { at } => {
            format!("{}: repeats the question or itself, or has hardly a word that was recognised.", places(at))
        }
        Remark::Listed { at } => format!("{}: lists terms instead of explaining them.", places(at)),
        Remark::Short { at } => format!("{}: much shorter than the question asks for.", places(at)),
        Remark::Unsupported { at } => {
            format!("{}: stays general, without a figure, a technical name or an example.", places(at))
        }
        Remark::NoResult { at } => format!("{}: does not say what came of it.", places(at)),
        Remark::Study { points } => format!("Go over {}.", quoted(points)),
        Remark::StudySubject { at } => format!("{}: go over the subject and answer again in more detail.", places(at)),
        Remark::SayMore { at } => format!("{}: say in three or four sentences what was done, how and why.", places(at)),
        Remark::Support { at } => format!("{}: add an example from one's own work, with a figure.", places(at)),
        Remark::TellResult { at } => format!("{}: end with the result and what was learnt from it.", places(at)),
        Remark::GiveReasons { at } => {
            format!("{}: say why it was done so, and what the alternatives were.", places(at))
        }
        Remark::OwnWords { at } => format!("{}: answer in full sentences of one's own.", places(at)),
        Remark::AnswerOpen { at } => format!("{}: give an answer, even a partial one.", places(at)),
        Remark::ReviewLanguage { at } => format!(
            "{}: in another language than the reference, which the built-in evaluator cannot compare.",
            places(at)
        ),
        Remark::ReviewTopic { at } => {
            format!(
                "{}: takes up none of the terms of the question, so that nothing tells whether it is about it; please check.",
                places(at)
            )
        }
        Remark::ReviewNoContent { at } => {
            format!("{}: taken for no real answer and scored low; please check.", places(at))
        }
        Remark::ReviewUnsure { at } => {
            format!("{}: judged by form, without a right answer to compare with; a person should read it.", places(at))
        }
        Remark::ReviewFlagged { at } => format!(
            "{}: speaks to the judge, and was scored far above what the built-in evaluator gives it; please check.",
            places(at)
        ),
        Remark::ReviewDisagreement { at } => format!("{}: the judges do not agree; please check.", places(at)),
        Remark::ReviewAbsent { at } => format!("{}: not all judges could judge it; please check.", places(at)),
        Remark::ReviewPartial { at } => {
            format!("{}: not judged, or not in every respect, and so not counted in full; please check.", places(at))
        }
    }
}

fn feedback(summary: &Summary<'_>) -> String {
    if summary.answers == 0 {
        return "No question was answered.".into();
    }
    let level = match summary.level {
        0 => "say hardly anything of what was asked for",
        1 => "say part of what was asked for",
        2 => "say most of what was asked for",
        _ => "say well what was asked for",
    };
    let mut text = if summary.answers == 1 {
        format!("The answer {}.", level.replacen("say", "says", 1))
    } else {
        format!("The {} answers {level}.", summary.answers)
    };
    if let (covered, all @ 1..) = summary.key_points {
        text += &format!(" {covered} of {all} key {} recognised.", plural(all, "point was", "points were"));
    }
    match (summary.best, summary.least) {
        (Some(best), Some(least)) => text += &format!(" Strongest in {best}, weakest in {least}."),
        (Some(best), None) => text += &format!(" Strongest in {best}."),
        _ => {}
    }
    if let Some((at, said)) = &summary.said {
        let said = quoted(said);
        text += &match (summary.answers, summary.level) {
            (1, 0 | 1) => format!(" What was heard: {said}."),
            (1, _) => format!(" Well said: {said}."),
            _ => format!(" Best said, in the answer to {}: {said}.", place(*at).to_lowercase()),
        };
    }
    if !summary.missed.is_empty() {
        text += &format!(" Not heard: something on {}.", quoted(&summary.missed));
    }
    if !summary.partly.is_empty() {
        text += &format!(" Heard in part: {}.", quoted(&summary.partly));
    }
    match (&summary.next, summary.missed.first().or(summary.partly.first())) {
        (Some(next), _) => text += &format!(" Next step: {next}"),
        (None, Some(first)) => {
            text += &format!(" Next step: go over {}, and say it in one more sentence.", quoted(&[first]))
        }
        (None, None) if summary.level < 3 => {
            text += " Next step: say in two or three sentences more what was asked for.";
        }
        (None, None) => text += " Next step: say as well where this does not hold, and what else could be done.",
    }
    text
}

fn place(place: Place) -> String {
    match place {
        Place::Question(number) => format!("Question {number}"),
        Place::Probe(number) => format!("Follow-up to question {number}"),
        Place::Other(number) => format!("Answer {number}"),
    }
}

fn places(at: &[Place]) -> String {
    let [questions, probes, others] = by_kind(at);
    let named = |(mut numbers, more): (Vec<String>, usize), one: &str, many: &str| {
        let what = if numbers.len() == 1 { one } else { many };
        if more > 0 {
            numbers.push(format!("{more} more"));
        }
        (!numbers.is_empty()).then(|| format!("{what} {}", joined(&numbers)))
    };
    let names = [
        named(questions, "question", "questions"),
        named(probes, "follow-up to question", "follow-ups to questions"),
        named(others, "answer", "answers"),
    ];
    let names = names.into_iter().flatten().collect::<Vec<_>>().join("; ");
    // The first letter is of ASCII.
    names.get(..1).map(str::to_uppercase).unwrap_or_default() + names.get(1..).unwrap_or_default()
}

fn quoted(points: &[impl AsRef<str>]) -> String {
    let (mut names, more) = first_points(points, |point| match shortened(point, 100) {
        (text, true) => format!("“{text}…”"),
        (text, false) => format!("“{text}”"),
    });
    if more > 0 {
        names.push(format!("{more} more"));
    }
    joined(&names)
}

/// "a", "a and b", "a, b and c".
fn joined(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [only] => only.clone(),
        [first @ .., last] => format!("{} and {last}", first.join(", ")),
    }
}

fn counted(count: usize, one: &str, many: &str) -> String {
    format!("{count} {}", plural(count, one, many))
}

fn plural<'a>(count: usize, one: &'a str, many: &'a str) -> &'a str {
    if count == 1 { one } else { many }
}
