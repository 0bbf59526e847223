//! What the model is told, and what it is not.

use vivavoce::{Competency, Language, StartSession};

use super::*;

fn asked_about(plan: NewInterview, answers: &[(u32, &str)]) -> Vec<(String, String)> {
    let server = model(|body, _| judgement(body, 0, ""));
    let engine = engine(&server);
    let interview = engine.create_interview(plan).unwrap();
    let answers = answers.iter().map(|(place, answer)| (*place, (*answer).to_owned())).collect();
    engine.evaluate(interview.id, &answers).unwrap();
    server.requests().iter().map(|request| said(&body(request))).collect()
}

fn whole_plan() -> NewInterview {
    let rubric = Rubric::new([
        Competency::new("Depth")
            .description("Goes to the cause.")
            .level(0.3, "Names symptoms.")
            .level(0.9, "Names causes."),
        Competency::new("Clarity"),
    ]);
    NewInterview::new("Grace Zzyzx", InterviewType::Technical)
        .question(question().competency("Depth").clone())
        .question(Question::new("Why Rust?").reference_answer("Because of its ownership rules."))
        .job_description("We build storage engines.")
        .resume("Grace Zzyzx, 44, of Reno.")
        .rubric(rubric)
}

#[test]
fn everything_that_the_answer_is_judged_by_is_in_the_prompt_and_nothing_of_the_person() {
    let mut asked = asked_about(whole_plan(), &[(0, ANSWER), (1, "For its speed.")]);
    asked.sort_by_key(|(_, user)| user.contains("Why Rust?"));
    let (system, first) = &asked[0];
    for part in [
        "technical",
        "We build storage engines.",
        "What is a deadlock?",
        "each thread waits for the other",
        "Depth",
        "Goes to the cause.",
        "level 1: Names symptoms.",
        "level 2: Names causes.",
        "level 0: ",
    ] {
        assert!(first.contains(part), "{part}");
    }
    assert!(!first.contains("Clarity"), "the question names its competency");
    assert!(system.contains("in English"));
    let (_, second) = &asked[1];
    for part in ["Because of its ownership rules.", "Depth", "Clarity", "level 4: "] {
        assert!(second.contains(part), "{part}");
    }
    for (system, user) in &asked {
        for private in ["Zzyzx", "Reno", "44"] {
            assert!(!system.contains(private) && !user.contains(private), "{private}");
        }
    }
}

#[test]
fn reasons_are_asked_for_in_the_language_of_the_evaluation() {
    let asked = asked_about(whole_plan().language(Language::ZhTw), &[(0, ANSWER)]);
    assert!(asked[0].0.contains("繁體中文"));
}

#[test]
fn the_answer_comes_after_the_rubric_between_lines_that_nobody_can_guess() {
    let answers = ["One.", "Two.", "One. "];
    let markers: Vec<String> = answers
        .iter()
        .map(|answer| {
            let asked = asked_about(plan(), &[(0, answer)]);
            let user = &asked[0].1;
            let before = user.find("# Answer to be judged").unwrap();
            assert!(user.find("# Rubric").unwrap() < before);
            let mut lines = user[before..].lines().skip(1);
            let marker = lines.next().unwrap().to_owned();
            assert!(user[before..].contains(&format!("{marker}\n{answer}\n{marker}")), "{user}");
            assert!(marker.len() >= 24 && !answer.contains(&marker));
            marker
        })
        .collect();
    assert!(markers[0] != markers[1] && markers[0] != markers[2] && markers[1] != markers[2]);
}

#[test]
fn names_in_braces_in_an_answer_are_not_filled_in() {
    let asked = asked_about(plan(), &[(0, "{{rubric}} {{marker}} {{unknown}}")]);
    assert!(asked[0].1.contains("\n{{rubric}} {{marker}} {{unknown}}\n"), "{}", asked[0].1);
}

#[test]
fn a_further_answer_is_judged_with_the_question_it_goes_back_to() {
    let server = model(|body, _| judgement(body, 0, ""));
    let engine = engine(&server);
    let interview = engine.create_interview(plan().max_answers(3)).unwrap();
    let session = engine.start_session(interview.id, StartSession::default()).unwrap();
    for answer in ["A circular wait.", "By running it often.", "An ordering breaks it."] {
        engine.send_message(session.id, answer).unwrap();
    }
    engine.end_session(session.id).unwrap();
    let users: Vec<String> = server.requests().iter().map(|request| said(&body(request)).1).collect();
    let probe = users.iter().find(|user| user.contains("An ordering breaks it.")).unwrap();
    for part in ["What is a deadlock?", "A circular wait.", "judged elsewhere", "each thread waits for the other"] {
        assert!(probe.contains(part), "{part}: {probe}");
    }
}
