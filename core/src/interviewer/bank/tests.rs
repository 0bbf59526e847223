use std::collections::HashSet;

use proptest::prelude::*;

use super::*;

const ENOUGH: [(InterviewType, usize); 3] =
    [(InterviewType::Technical, 60), (InterviewType::Behavioral, 20), (InterviewType::General, 20)];

fn select(request: &QuestionRequest) -> Vec<Question> {
    let rubric = Rubric::standard(request.interview_type);
    let questions = super::select(request, &rubric).unwrap();
    request.check_made(&questions, &rubric).unwrap();
    questions
}

fn texts(request: &QuestionRequest) -> Vec<String> {
    select(request).into_iter().map(|question| question.text).collect()
}

#[test]
fn every_entry_is_whole_and_there_once() {
    for (interview_type, least) in ENOUGH {
        let entries = entries(interview_type).unwrap();
        assert!(entries.len() >= least, "{interview_type}: {}", entries.len());
        for level in Seniority::ALL {
            let fair = entries.iter().filter(|entry| entry.levels.contains(&level)).count();
            assert!(fair * 3 >= entries.len(), "{interview_type}: {fair} for {level}");
        }
        let known = Rubric::standard(interview_type).competencies;
        for competency in &known {
            assert!(entries.iter().any(|entry| entry.competency == competency.name), "{}", competency.name);
        }
        let mut seen = HashSet::new();
        for (place, entry) in entries.iter().enumerate() {
            assert!(known.iter().any(|it| it.name == entry.competency), "{place}: {}", entry.competency);
            assert!(!entry.levels.is_empty(), "{place}");
            assert!(entry.topics.iter().collect::<HashSet<_>>().len() == entry.topics.len(), "{place}");
            assert!(
                entry.topics.iter().all(|topic| *topic == topic.trim().to_lowercase() && !topic.is_empty()),
                "{place}"
            );
            assert!(entry.topics.iter().any(|topic| topic.chars().any(|it| it >= '\u{2e80}')), "{place}: in Chinese");
            let points: HashSet<usize> = entry.words.values().map(|words| words.key_points.len()).collect();
            assert!(points.len() == 1 && points.iter().all(|count| (3..=6).contains(count)), "{place}: {points:?}");
            for language in Language::ALL {
                let words = &entry.words[&language];
                assert!(seen.insert(&words.text), "{interview_type} {place} is there twice");
                let chinese = |text: &str| text.chars().any(|it| ('\u{4e00}'..'\u{a000}').contains(&it));
                for text in [&words.text, &words.reference_answer] {
                    assert_eq!(chinese(text), language == Language::ZhTw, "{interview_type} {place}: {text}");
                    assert!(text.ends_with(['?', '.', '？', '。']), "{interview_type} {place}: {text}");
                }
            }
        }
    }
}

#[test]
fn there_is_enough_for_every_request_in_every_language() {
    for (interview_type, _) in ENOUGH {
        for level in Seniority::ALL {
            for language in Language::ALL {
                for count in 1..=crate::domain::limits::MAX_GENERATED {
                    select(&QuestionRequest::new(interview_type, count).level(level).language(language));
                }
            }
        }
    }
}

#[test]
fn questions_are_fair_for_the_level_spread_over_competencies_and_no_subject_comes_twice() {
    let entries = entries(InterviewType::Technical).unwrap();
    for level in Seniority::ALL {
        let questions = select(&QuestionRequest::new(InterviewType::Technical, 10).level(level));
        let of = |name: &str| questions.iter().filter(|it| it.competency.as_deref() == Some(name)).count();
        assert_eq!((of("Technical knowledge"), of("Problem solving"), of("Communication")), (6, 2, 2));
        let found = |text: &String| entries.iter().find(|entry| entry.words[&Language::En].text == *text).unwrap();
        let had: Vec<&Entry> = questions.iter().map(|question| found(&question.text)).collect();
        assert!(had.iter().all(|entry| entry.levels.contains(&level)), "{level}");
        let subjects: HashSet<&String> = had.iter().map(|entry| &entry.topics[0]).collect();
        assert_eq!(subjects.len(), 10);
    }
}

#[test]
fn what_the_job_asks_for_comes_first_and_the_resume_decides_after_it() {
    let plain = QuestionRequest::new(InterviewType::Technical, 3);
    let about = |texts: &[String], word: &str| texts.iter().any(|text| text.to_lowercase().contains(word));
    assert!(!about(&texts(&plain), "rust"));
    assert!(about(&texts(&plain.clone().job_description("We write Rust, mind ownership and borrowing.")), "rust"));
    assert!(about(&texts(&plain.clone().resume("Five years of Rust")), "rust"));
    assert!(!about(&texts(&plain.clone().resume("I trust you, in frustration.")), "rust"), "whole words");
    let both = plain.clone().job_description("kubernetes, docker, containers").resume("rust");
    assert!(about(&texts(&both), "container") || about(&texts(&both), "kubernetes"));
    let chinese = plain.language(Language::ZhTw);
    assert_ne!(texts(&chinese.clone().job_description("負責機器學習模型的訓練與部署")), texts(&chinese));
}

#[test]
fn a_topic_is_a_whole_word_in_latin_letters_and_a_part_elsewhere() {
    let has = |text: &str, topic: &str| Text::new(Some(text)).has(topic);
    for (text, topic) in [
        ("We use C++ here", "c++"),
        ("C# and .NET", ".net"),
        ("many Indexes; two threads", "thread"),
        ("用Rust寫的", "rust"),
        ("熟悉資料庫與快取", "資料庫"),
        ("CI/CD pipelines", "ci/cd"),
        ("SQL", "sql"),
    ] {
        assert!(has(text, topic), "{topic} in {text}");
    }
    for (text, topic) in [("trust", "rust"), ("rusty", "rust"), ("nosql", "sql"), ("a going concern", "go"), ("", "go")]
    {
        assert!(!has(text, topic), "{topic} in {text}");
    }
}

proptest! {
    #[test]
    fn any_text_gives_the_same_questions_each_time(job in ".{0,200}", resume in ".{0,200}", count in 1_u32..=20) {
        let request = QuestionRequest::new(InterviewType::Behavioral, count).job_description(job).resume(resume);
        prop_assert_eq!(select(&request), select(&request));
    }
}
