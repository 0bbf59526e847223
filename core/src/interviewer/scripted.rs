//! The scripted interviewer: needs no model and no network, and says the same in the same scene.

use super::gaps::{Gap, Words};
use super::quoting::short_quote;
use super::{Interviewer, Scene, Speech};
use crate::domain::{Interview, Language, Message, MessageKind, Question};
use crate::error::{Error, Result};
use crate::messages::{Opening, Talk, talk};
use crate::session::Next;

/// Between the interviewer's own words and what is asked.
const PARAGRAPH: &str = "\n\n";

/// Speaks from the message catalogue: greets the candidate, says that an AI conducts the interview and that a person decides, asks the planned
/// questions word for word, asks further about what the answers leave out (an example, a number, the alternatives, the result), and closes.
///
/// It is deterministic and answers at once. It never judges an answer in front of the candidate.
#[derive(Debug, Clone, Default)]
pub struct ScriptedInterviewer {}

impl Interviewer for ScriptedInterviewer {
    fn speak(&self, scene: &Scene<'_>) -> Result<Speech> {
        let talk = talk(scene.language);
        let text = match scene.next {
            Next::Question { question } => ask(talk, scene, question as usize)?,
            Next::Probe { question, number } => probe(talk, scene, question as usize, number as usize)?,
            Next::Closing => (talk.closing)(name(scene.interview)),
        };
        Ok(Speech::new(text))
    }

    fn is_instant(&self) -> bool {
        true
    }
}

fn name(interview: &Interview) -> &str {
    interview.candidate_name.trim()
}

fn planned(interview: &Interview, place: usize) -> Result<&Question> {
    interview.questions.get(place).ok_or_else(|| Error::internal("a question outside the plan was to be asked"))
}

/// The planned question, after the opening or a transition.
fn ask(talk: &Talk, scene: &Scene<'_>, place: usize) -> Result<String> {
    let interview = scene.interview;
    let question = planned(interview, place)?;
    let answers = interview.max_answers as usize;
    let questions = interview.questions.len().min(answers);
    let lead = if scene.messages.is_empty() {
        let opening = Opening {
            name: name(interview),
            interview_type: interview.interview_type,
            questions,
            probes: answers > questions,
        };
        (talk.opening)(&opening)
    } else if place + 1 == questions {
        talk.last_question.into()
    } else {
        at(&talk.transitions, place).into()
    };
    Ok([lead, asked(scene.language, question)].join(PARAGRAPH))
}

/// A planned question, word for word, and how long an answer may take.
pub(super) fn asked(language: Language, question: &Question) -> String {
    match question.time_limit {
        Some(seconds) => [question.text.clone(), (talk(language).time_limit)(seconds)].join(PARAGRAPH),
        None => question.text.clone(),
    }
}

/// Something further about a planned question, after words that say which.
fn probe(talk: &Talk, scene: &Scene<'_>, place: usize, number: usize) -> Result<String> {
    let question = planned(scene.interview, place)?;
    let asked = match question.follow_ups.get(number) {
        Some(follow_up) => follow_up.as_str(),
        None => choose(talk, scene, place, number),
    };
    let stays = scene.messages.last().is_some_and(|message| is_about(message, place));
    let leads = if stays { &talk.stay_with } else { &talk.back_to };
    let probes = scene.messages.iter().filter(|message| message.kind == MessageKind::Probe).count();
    let lead = at(leads, probes)(&short_quote(&question.text));
    Ok([lead.as_str(), asked].join(PARAGRAPH))
}

fn is_about(message: &Message, place: usize) -> bool {
    message.question.is_some_and(|question| question as usize == place)
}

/// The probe for what the answers to this question lack, or else a deeper one; none twice while there are others.
fn choose(talk: &Talk, scene: &Scene<'_>, place: usize, number: usize) -> &'static str {
    let said = |kind: MessageKind| {
        scene.messages.iter().filter(move |message| message.kind == kind && is_about(message, place))
    };
    // A probe is the end of what was said when it was asked, whoever asked it.
    let was_asked = |text: &str| said(MessageKind::Probe).any(|probe| probe.content.ends_with(text));
    let answers: Vec<Words<'_>> = said(MessageKind::Answer).map(|answer| Words::new(&answer.content)).collect();
    Gap::order(scene.interview.interview_type)
        .into_iter()
        .filter(|gap| !answers.iter().any(|answer| gap.is_filled_by(answer)))
        .map(|gap| wordings(talk, gap))
        .find(|wordings| !wordings.iter().any(|text| was_asked(text)))
        .map(|wordings| at(wordings, place))
        .or_else(|| (0..talk.deepen.len()).map(|step| at(&talk.deepen, place + step)).find(|text| !was_asked(text)))
        .unwrap_or_else(|| at(&talk.deepen, place + number))
}

fn wordings(talk: &Talk, gap: Gap) -> &[&'static str; 3] {
    match gap {
        Gap::Example => &talk.ask_example,
        Gap::Number => &talk.ask_number,
        Gap::TradeOff => &talk.ask_trade_off,
        Gap::Result => &talk.ask_result,
    }
}

/// Variation without chance: the wording for this place, from the first again after the last.
fn at<T: Copy, const N: usize>(wordings: &[T; N], place: usize) -> T {
    const { assert!(N > 0) };
    wordings[place % N]
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;
    use crate::domain::{InterviewType, Language, NewInterview, limits};
    use crate::session;

    fn interview(plan: NewInterview) -> Interview {
        plan.into_interview(uuid::Uuid::nil().into(), chrono::DateTime::UNIX_EPOCH)
    }

    fn plan() -> NewInterview {
        NewInterview::new("Ada Lovelace", InterviewType::Technical)
            .question("What is a deadlock?")
            .question("How do you test concurrent code?")
            .question("請說明資料庫的交易隔離等級。")
    }

    /// Holds the whole interview; `answer` gives the candidate's words from the number of answers before.
    fn hold(interview: &Interview, language: Language, answer: impl Fn(usize) -> String) -> Vec<(Next, String)> {
        let mut messages = Vec::new();
        let mut said = Vec::new();
        loop {
            let next = session::next(interview, &messages);
            let scene = Scene::new(interview, language, &messages, next);
            let words = ScriptedInterviewer::default().speak(&scene).unwrap().text;
            said.push((next, words.clone()));
            let (kind, question) = match next {
                Next::Question { question } => (MessageKind::Question, question),
                Next::Probe { question, .. } => (MessageKind::Probe, question),
                Next::Closing => return said,
            };
            messages.push(Message::next(&messages, kind, Some(question), &words));
            let words = answer(messages.len() / 2);
            messages.push(Message::next(&messages, MessageKind::Answer, Some(question), &words));
        }
    }

    fn has_chinese(text: &str) -> bool {
        text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c))
    }

    #[test]
    fn the_first_words_greet_and_say_who_speaks_and_ask_the_first_question() {
        let interview = interview(plan());
        let said = hold(&interview, Language::En, |_| "yes".into());
        let first = &said[0].1;
        for part in ["Ada Lovelace", "I am an AI", "A person", "3 questions"] {
            assert!(first.contains(part), "{part} is not in {first}");
        }
        assert!(first.ends_with("\n\nWhat is a deadlock?"), "{first}");
        let said = hold(&interview, Language::ZhTw, |_| "是".into());
        let first = &said[0].1;
        for part in ["Ada Lovelace", "我是 AI", "真人", "3 個問題"] {
            assert!(first.contains(part), "{part} is not in {first}");
        }
        assert!(first.ends_with("\n\nWhat is a deadlock?"), "{first}");
    }

    #[test]
    fn the_number_of_questions_said_is_the_number_that_will_be_asked() {
        let said = hold(&interview(plan().max_answers(1)), Language::En, |_| "yes".into());
        assert!(said[0].1.contains("one question"), "{}", said[0].1);
        assert!(!said[0].1.contains("afterwards"), "{}", said[0].1);
        assert_eq!(said.len(), 2);
    }

    #[test]
    fn planned_questions_are_asked_word_for_word_after_words_of_the_sessions_language() {
        for language in Language::ALL {
            let said = hold(&interview(plan()), language, |_| "yes".into());
            for (question, (_, words)) in plan().questions.iter().zip(&said) {
                let own = words.strip_suffix(question.text.as_str()).unwrap();
                assert!(!own.trim().is_empty());
                assert_eq!(has_chinese(own), language == Language::ZhTw, "{own}");
            }
        }
    }

    #[test]
    fn every_reply_has_words_of_its_own_in_the_sessions_language() {
        let plan = NewInterview::new("小明", InterviewType::General).question("請自我介紹。").max_answers(20);
        let english = hold(&interview(plan.clone()), Language::En, |_| "yes".into());
        assert!(english.iter().all(|(_, words)| words.split_whitespace().filter(|word| word.is_ascii()).count() > 5));
        let plan = NewInterview { candidate_name: "Bo".into(), questions: vec!["Who are you?".into()], ..plan };
        let chinese = hold(&interview(plan), Language::ZhTw, |_| "是".into());
        assert!(chinese.iter().all(|(_, words)| words.chars().filter(|c| has_chinese(&c.to_string())).count() > 5));
    }

    #[test]
    fn planned_follow_ups_are_asked_first_and_word_for_word() {
        let mut plan = plan();
        plan.questions[1].follow_ups = vec!["Which tools?".into(), "And in production?".into()];
        let said = hold(&interview(plan), Language::En, |_| "yes".into());
        assert_eq!(
            said[3].1,
            "I would like to come back to “How do you test concurrent code?” for a moment.\n\nWhich tools?"
        );
        assert_eq!(
            said[4].1,
            "On “How do you test concurrent code?”, there is one more thing I would like to ask.\n\nAnd in production?"
        );
    }

    #[test]
    fn a_probe_asks_for_what_the_answer_lacks() {
        // A technical interview asks for the alternatives first, then for an example, a number and the result.
        let cases = [
            ("I do not know.", talk(Language::En).ask_trade_off[0]),
            ("We lock in order rather than retry.", talk(Language::En).ask_example[0]),
            ("For example, we lock in order instead of retrying.", talk(Language::En).ask_number[0]),
            ("For example, we took 2 locks instead of one.", talk(Language::En).ask_result[0]),
            ("For example, 2 locks instead of one reduced it.", talk(Language::En).deepen[0]),
        ];
        let plan = NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?").max_answers(2);
        for (answer, probe) in cases {
            let said = hold(&interview(plan.clone()), Language::En, |_| answer.into());
            assert!(said[1].1.ends_with(probe), "{answer}: {}", said[1].1);
            assert!(said[1].1.contains("“What is a deadlock?”"), "{}", said[1].1);
        }
        let plan = plan.language(Language::ZhTw);
        let said = hold(&interview(plan), Language::ZhTw, |_| "缺點是慢，例如去年的專案".into());
        assert!(said[1].1.ends_with(talk(Language::ZhTw).ask_number[0]), "{}", said[1].1);
    }

    #[test]
    fn what_a_later_answer_brings_is_not_asked_for() {
        let plan = NewInterview::new("Ada", InterviewType::Technical).question("What is a deadlock?").max_answers(3);
        let said = hold(&interview(plan), Language::En, |answers| match answers {
            0 => "Two threads wait.".into(),
            _ => "The alternative costs more; for example, 40% more in our last release.".into(),
        });
        assert!(said[1].1.ends_with(talk(Language::En).ask_trade_off[0]));
        assert!(said[2].1.ends_with(talk(Language::En).ask_result[0]), "{}", said[2].1);
    }

    #[test]
    fn a_dozen_probes_of_one_question_differ_and_later_ones_still_speak() {
        for (language, answer) in [
            (Language::En, "I do not know."),
            (Language::En, "For example, 2 locks instead of one reduced it."),
            (Language::ZhTw, "不清楚。"),
        ] {
            for kind in InterviewType::ALL {
                let plan = NewInterview::new("Ada", kind).question("What is a deadlock?").max_answers(40);
                let said = hold(&interview(plan), language, |_| answer.into());
                let probes: Vec<&str> =
                    said[1..40].iter().map(|(_, words)| words.rsplit("\n\n").next().unwrap()).collect();
                assert_eq!(probes[..12].iter().collect::<HashSet<_>>().len(), 12, "{probes:?}");
                assert!(probes.iter().all(|probe| !probe.is_empty()));
            }
        }
    }

    #[test]
    fn the_candidate_never_sees_what_a_full_answer_says() {
        let mut plan = plan().max_answers(30);
        for question in &mut plan.questions {
            question.reference_answer = Some("SECRET reference".into());
            question.key_points = vec!["SECRET point".into()];
        }
        for (_, words) in hold(&interview(plan), Language::En, |_| "SECRE".into()) {
            assert!(!words.contains("SECRE"), "{words}");
        }
    }

    #[test]
    fn no_reply_praises_or_blames() {
        for (_, words) in hold(&interview(plan().max_answers(40)), Language::En, |_| "yes".into()) {
            let words = words.to_lowercase();
            for judgement in
                ["great", "good answer", "excellent", "well done", "perfect", "incorrect", "unfortunately", "score"]
            {
                assert!(!words.contains(judgement), "{words}");
            }
        }
    }

    #[test]
    fn the_closing_thanks_and_says_what_follows() {
        for (language, parts) in [
            (Language::En, ["Ada Lovelace", "Thank you", "over", "person"]),
            (Language::ZhTw, ["Ada Lovelace", "謝謝", "結束", "真人"]),
        ] {
            let said = hold(&interview(plan()), language, |_| "yes".into());
            let (next, words) = said.last().unwrap();
            assert_eq!(*next, Next::Closing);
            assert!(parts.iter().all(|part| words.contains(part)), "{words}");
        }
    }

    #[test]
    fn the_longest_names_and_questions_stay_within_a_message() {
        let mut plan = NewInterview::new("界".repeat(limits::MAX_NAME), InterviewType::Behavioral).max_answers(12);
        for letter in ["題", "「", "q"] {
            let mut question = Question::new(letter.repeat(limits::MAX_QUESTION));
            question.follow_ups = vec![letter.repeat(limits::MAX_QUESTION)];
            question.time_limit = Some(limits::MAX_TIME_LIMIT);
            plan = plan.question(question);
        }
        plan.check().unwrap();
        for language in Language::ALL {
            for (_, words) in hold(&interview(plan.clone()), language, |_| "字".repeat(limits::MAX_MESSAGE)) {
                assert!(words.chars().count() <= limits::MAX_MESSAGE && !words.trim().is_empty());
            }
        }
    }

    #[test]
    fn the_same_scene_has_the_same_words() {
        let interview = interview(plan());
        assert_eq!(hold(&interview, Language::En, |_| "a".into()), hold(&interview, Language::En, |_| "a".into()));
    }

    #[test]
    fn a_question_outside_the_plan_is_an_error() {
        let interview = interview(plan());
        let next = Next::Question { question: 9 };
        let scene = Scene::new(&interview, Language::En, &[], next);
        assert!(ScriptedInterviewer::default().speak(&scene).is_err());
    }
}
