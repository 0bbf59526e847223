//! Plans are kept as they were given, within the limits.

use vivavoce::{Competency, ErrorKind, InterviewStatus, InterviewType, Language, NewInterview, Question, Rubric};

use crate::{TestStore, begun, held, plan, refused};

type Change = fn(&mut NewInterview);

conformance! {
    fn a_plan_comes_back_byte_for_byte(store: &TestStore) {
        let text = "e\u{301} é 王小明 👩🏽‍💻 \u{202e}rtl\u{202c} ß Σς \u{feff}\u{1}\u{7f}\r\n\t\"'\\%_ \u{10ffff} \u{2028}";
        let rubric = Rubric::new([
            Competency::new(text).weight(0.1 + 0.2).description(text).level(0.1, text).level(1.0 / 3.0, "b"),
        ]);
        let question = Question {
            time_limit: Some(90),
            follow_ups: vec![text.into()],
            ..Question::new(text).competency(text).reference_answer(text).key_point(text).weight(1.0 / 3.0)
        };
        let new = NewInterview::new(text, InterviewType::Behavioral)
            .language(Language::ZhTw)
            .question(question)
            .job_description(text)
            .resume(text)
            .external_id(text)
            .rubric(rubric)
            .max_answers(3);
        let engine = store.engine();
        let made = engine.create_interview(new.clone()).unwrap();
        let engine = store.reopen(engine);
        let read = engine.interview(made.id).unwrap();
        assert_eq!(read, made);
        assert_eq!(read.candidate_name, new.candidate_name);
        assert_eq!(read.questions, new.questions);
        assert_eq!(read.rubric, new.rubric);
        assert_eq!(read.resume.as_deref(), Some(text));
        assert_eq!((read.max_answers, read.status), (3, InterviewStatus::Pending));
        let session = engine.start_session(made.id, Default::default()).unwrap();
        assert_eq!(engine.send_message(session.id, text).unwrap().message.content, text);
        let engine = store.reopen(engine);
        assert_eq!(engine.session_exact(session.id).unwrap().messages[1].content, text);
        assert!(engine.verify_audit(made.id, None).unwrap().is_sound());
    }

    fn plans_at_the_limits_are_taken(store: &TestStore) {
        let engine = store.engine();
        let mut new = NewInterview::new("界".repeat(200), InterviewType::General)
            .job_description("界".repeat(50_000))
            .resume("界".repeat(50_000))
            .external_id("界".repeat(200))
            .max_answers(1_000);
        new.questions = vec![Question::new("界".repeat(4_000)); 200];
        let made = engine.create_interview(new).unwrap();
        assert_eq!(engine.interview(made.id).unwrap(), made);
        let (_, session) = begun(&engine);
        engine.send_message(session.id, &"界".repeat(32_000)).unwrap();
    }

    fn plans_beyond_a_limit_are_refused_with_the_field_and_the_limit(store: &TestStore) {
        let engine = store.engine();
        let cases: [(Change, &str); 27] = [
            (|new| new.candidate_name = " \u{3000}".into(), "candidate_name is empty"),
            (|new| new.candidate_name = "界".repeat(201), "candidate_name is longer than 200 characters"),
            (|new| new.candidate_name = "a\0b".into(), "candidate_name contains a NUL character"),
            (|new| new.questions.clear(), "questions: 0 given, 1 to 200 allowed"),
            (|new| new.questions = vec!["q".into(); 201], "questions: 201 given, 1 to 200 allowed"),
            (|new| new.questions[1].text = String::new(), "questions[1] is empty"),
            (|new| new.questions[1].text = "界".repeat(4_001), "questions[1] is longer than 4000 characters"),
            (|new| new.questions[0].text = "\0".into(), "questions[0] contains a NUL character"),
            (|new| new.questions[0].weight = 0.0, "questions[0].weight is not above 0"),
            (|new| new.questions[0].weight = f64::NAN, "questions[0].weight is not above 0"),
            (|new| new.questions[0].time_limit = Some(0), "questions[0].time_limit: 0 given, 1 to 86400 allowed"),
            (|new| new.questions[0].key_points = vec!["k".into(); 51], "questions[0].key_points: 51 given, 0 to 50"),
            (|new| new.questions[0].key_points = vec!["k".repeat(1_001)], "key_points is longer than 1000 characters"),
            (|new| new.questions[0].follow_ups = vec!["f".into(); 21], "questions[0].follow_ups: 21 given, 0 to 20"),
            (|new| new.questions[0].competency = Some(" ".into()), "questions[0].competency is empty"),
            (|new| new.questions[0].reference_answer = Some("r".repeat(32_001)), "longer than 32000 characters"),
            (|new| new.job_description = Some("界".repeat(50_001)), "job_description is longer than 50000 characters"),
            (|new| new.job_description = Some("\0".into()), "job_description contains a NUL character"),
            (|new| new.resume = Some("界".repeat(50_001)), "resume is longer than 50000 characters"),
            (|new| new.external_id = Some(String::new()), "external_id is empty"),
            (|new| new.external_id = Some("x".repeat(201)), "external_id is longer than 200 characters"),
            (|new| new.max_answers = Some(0), "max_answers: 0 given, 1 to 1000 allowed"),
            (|new| new.max_answers = Some(1_001), "max_answers: 1001 given, 1 to 1000 allowed"),
            (|new| new.rubric = Some(Rubric::new([])), "rubric.competencies: 0 given, 1 to 30 allowed"),
            (|new| new.questions[0].competency = Some("\0".into()), "questions[0].competency contains a NUL character"),
            (|new| new.questions[1].competency = Some("Humour".into()), "questions[1].competency is not in the standard rubric"),
            (
                |new| {
                    new.rubric = Some(Rubric::new([Competency::new("A")]));
                    new.questions[0].competency = Some("B".into());
                },
                "questions[0].competency is not in the rubric",
            ),
        ];
        for (change, words) in cases {
            let mut new = plan();
            change(&mut new);
            refused(engine.create_interview(new), ErrorKind::InvalidInput, words);
        }
        let none = engine.list_interviews(&Default::default()).unwrap();
        assert!(none.interviews.is_empty());
    }

    fn the_status_follows_the_sessions(store: &TestStore) {
        let engine = store.engine();
        let (interview, session) = begun(&engine);
        assert_eq!(interview.status, InterviewStatus::Pending);
        assert_eq!(engine.interview(interview.id).unwrap().status, InterviewStatus::InProgress);
        engine.abandon_session(session.id).unwrap();
        assert_eq!(engine.interview(interview.id).unwrap().status, InterviewStatus::InProgress);
        let second = engine.start_session(interview.id, Default::default()).unwrap();
        held(&engine, &second);
        assert_eq!(engine.interview(interview.id).unwrap().status, InterviewStatus::Completed);
        let third = engine.start_session(interview.id, Default::default()).unwrap();
        assert_eq!(engine.interview(interview.id).unwrap().status, InterviewStatus::Completed);
        let engine = store.reopen(engine);
        assert_eq!(engine.interview(interview.id).unwrap().status, InterviewStatus::Completed);
        assert_eq!(engine.sessions(interview.id).unwrap(), {
            let mut ids = vec![session.id, second.id, third.id];
            ids.sort_unstable();
            ids
        });
    }
}
