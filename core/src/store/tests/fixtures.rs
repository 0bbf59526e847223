//! What tests of stores write: interviews, sessions and evaluations with their entries, and a reader that verifies the log.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};

use crate::audit::{self, Recorder, Salt, Verifier};
use crate::domain::canonical::sha256;
use crate::domain::{
    Action, AuditReport, Evaluation, EvaluationId, EvaluationStatus, EvaluatorInfo, Interview, InterviewId,
    InterviewType, Language, Message, MessageId, MessageKind, NewInterview, Question, Session, SessionId,
    SessionStatus, Unanswered,
};
use crate::store::{
    CreateInterview, EraseInterview, EvaluationWrite, KeyClaim, KeyResult, SaveEvaluation, SessionStep, StartSession,
    Store, Tenant, UpdateInterview, Written,
};

pub(crate) fn tenant() -> Tenant {
    "t".into()
}

/// A number that no other call gets.
pub(crate) fn unique() -> u64 {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

pub(crate) fn entropy() -> [u8; 10] {
    let mut bytes = [0; 10];
    bytes[2..].copy_from_slice(&unique().to_be_bytes());
    bytes
}

pub(crate) fn salt() -> Salt {
    let mut salt = [7; 16];
    salt[..8].copy_from_slice(&unique().to_be_bytes());
    salt
}

/// Times that rise with each call, to the microsecond as all stores keep them.
pub(crate) fn now() -> DateTime<Utc> {
    DateTime::from_timestamp_micros(1_760_000_000_000_000 + unique() as i64 * 1_000_001).unwrap()
}

pub(crate) fn claim(name: &str) -> KeyClaim {
    KeyClaim { scope: sha256(&[b"scope", name.as_bytes()]), request: sha256(&[b"request", name.as_bytes()]) }
}

pub(crate) fn interview(name: &str) -> Arc<Interview> {
    let at = now();
    let plan = NewInterview::new(name, InterviewType::Technical)
        .question(Question::new("What is a \"deadlock\"?\n死結？").weight(0.1 + 0.2).key_point("two locks"))
        .question("What is a lock-free queue?")
        .job_description("Reads, writes \u{1F600}")
        .resume("ten years")
        .external_id("candidate-1");
    Arc::new(plan.into_interview(InterviewId::new(at, entropy()), at))
}

pub(crate) fn creation(interview: &Arc<Interview>, key: Option<KeyClaim>) -> CreateInterview {
    let recorder = Recorder { interview_id: interview.id, session_id: None, time: interview.created_at };
    let events = vec![recorder.interview_created(interview, salt()).unwrap()];
    CreateInterview { tenant: tenant(), interview: Arc::clone(interview), events, key }
}

/// The write by which a draft's plan is replaced by one of another name, from the state at entry `draft` of its log.
pub(crate) fn update(interview: &Interview, draft: u64, name: &str) -> UpdateInterview {
    let time = now();
    let plan = NewInterview::new(name, InterviewType::General).question("Who are you?").external_id("candidate-2");
    let mut interview = plan.into_interview(interview.id, interview.created_at);
    interview.updated_at = time;
    let recorder = Recorder { interview_id: interview.id, session_id: None, time };
    let event = recorder.interview_updated(&interview, salt()).unwrap();
    UpdateInterview { tenant: tenant(), draft, interview: Arc::new(interview), event, key: None }
}

fn message(kind: MessageKind, number: u32, content: &str, at: DateTime<Utc>) -> Arc<Message> {
    let question = (kind != MessageKind::Closing).then_some(0);
    let id = MessageId::new(at, entropy());
    Arc::new(Message { content: content.into(), created_at: at, id, kind, number, origin: None, question })
}

pub(crate) fn beginning(interview: &Interview, key: Option<KeyClaim>) -> StartSession {
    let at = now();
    let session = Session {
        id: SessionId::new(at, entropy()),
        interview_id: interview.id,
        session_language: Language::ZhTw,
        status: SessionStatus::Active,
        version: 1,
        messages: vec![message(MessageKind::Question, 1, "Hello. What is a deadlock?", at)],
        started_at: at,
        created_at: at,
        updated_at: at,
        ended_at: None,
    };
    let recorder = Recorder { interview_id: interview.id, session_id: Some(session.id), time: at };
    let events = vec![
        recorder.session_started(&session, salt()).unwrap(),
        recorder.message(&session.messages[0], salt()).unwrap(),
    ];
    StartSession { tenant: tenant(), draft: None, session: Arc::new(session), events, key }
}

/// The step by which `session` gets an answer and a probe.
pub(crate) fn answer(session: &Session, text: &str) -> SessionStep {
    let at = now();
    let from_version = session.version;
    let mut session = session.clone();
    let number = session.messages.len() as u32;
    session.messages.push(message(MessageKind::Answer, number + 1, text, at));
    session.messages.push(message(MessageKind::Probe, number + 2, "For example?", at));
    session.version += 1;
    session.updated_at = at;
    let recorder = Recorder { interview_id: session.interview_id, session_id: Some(session.id), time: at };
    let events =
        session.messages[number as usize..].iter().map(|said| recorder.message(said, salt()).unwrap()).collect();
    let session = Arc::new(session);
    SessionStep { tenant: tenant(), from_version, session, added: 2, evaluation: None, events, key: None }
}

/// The step by which `session` is completed and its evaluation asked for.
pub(crate) fn completion(session: &Session) -> SessionStep {
    let mut step = answer(session, "the end");
    let mut completed = Session::clone(&step.session);
    completed.status = SessionStatus::Completed;
    completed.ended_at = Some(completed.updated_at);
    let recorder =
        Recorder { interview_id: session.interview_id, session_id: Some(session.id), time: completed.updated_at };
    let evaluation = evaluation(&completed, EvaluationStatus::Pending);
    step.events.push(recorder.plain(Action::SessionCompleted, "engine", salt()).unwrap());
    step.events.push(recorder.evaluation_requested(evaluation.evaluation.id, salt()).unwrap());
    step.evaluation = Some(evaluation);
    step.session = Arc::new(completed);
    step
}

pub(crate) fn evaluation(session: &Session, status: EvaluationStatus) -> EvaluationWrite {
    let at = now();
    let evaluation = Evaluation {
        id: EvaluationId::new(at, entropy()),
        interview_id: session.interview_id,
        session_id: Some(session.id),
        status,
        score: Some(0.1 + 0.2),
        feedback: "wörds".into(),
        language: Language::En,
        exchanges: Vec::new(),
        ratings: Vec::new(),
        competencies: Vec::new(),
        strengths: Vec::new(),
        weaknesses: Vec::new(),
        recommendations: Vec::new(),
        unanswered: vec![1],
        unanswered_policy: Unanswered::default(),
        needs_review: Vec::new(),
        failure: None,
        evaluator: EvaluatorInfo::new("builtin", "rules", "1"),
        rubric_hash: String::new(),
        created_at: at,
        completed_at: None,
        supersedes: None,
        overridden: Vec::new(),
        missing: Vec::new(),
        flags: Vec::new(),
        calibration: None,
        key_points: Vec::new(),
        calls: Vec::new(),
    };
    written(evaluation)
}

pub(crate) fn written(evaluation: Evaluation) -> EvaluationWrite {
    let document = audit::evaluation_document(&evaluation).unwrap();
    EvaluationWrite { evaluation: Arc::new(evaluation), document, lease: None }
}

/// The result of an evaluation that was asked for.
pub(crate) fn result(asked: &EvaluationWrite) -> SaveEvaluation {
    let mut evaluation = Evaluation::clone(&asked.evaluation);
    evaluation.status = EvaluationStatus::Completed;
    evaluation.completed_at = Some(now());
    let write = written(evaluation);
    let evaluation = &write.evaluation;
    let recorder = Recorder { interview_id: evaluation.interview_id, session_id: evaluation.session_id, time: now() };
    let events = vec![recorder.evaluation(evaluation, &write.document, salt()).unwrap()];
    SaveEvaluation { tenant: tenant(), draft: None, write, new: false, events, key: None }
}

pub(crate) fn erasure(interview: InterviewId) -> EraseInterview {
    let time = now();
    let recorder = Recorder { interview_id: interview, session_id: None, time };
    let event = recorder.plain(Action::InterviewErased, "officer", salt()).unwrap();
    EraseInterview { tenant: tenant(), interview_id: interview, draft: None, time, event }
}

/// An interview with a session, both in the store.
pub(crate) fn begun(store: &dyn Store) -> (Arc<Interview>, Arc<Session>) {
    let interview = interview("Ada");
    assert_eq!(store.create_interview(creation(&interview, None)).unwrap(), Written::Done);
    let beginning = beginning(&interview, None);
    let session = Arc::clone(&beginning.session);
    assert_eq!(store.start_session(beginning).unwrap(), Written::Done);
    (interview, session)
}

/// Reads the whole log and verifies it.
pub(crate) fn verify(store: &dyn Store, interview: InterviewId) -> AuditReport {
    let state = store.audit_state(&tenant(), interview).unwrap().unwrap();
    let mut verifier = Verifier::new(interview, None, state.erased.then_some(state.number));
    let mut after = 0;
    loop {
        let page = store.audit_page(&tenant(), interview, after, 61).unwrap();
        let Some((last, _)) = page.last() else { return verifier.finish(Some((state.number, state.link))) };
        after = last.number;
        for (event, content) in &page {
            if !verifier.check(event, content).unwrap() {
                return verifier.finish(Some((state.number, state.link)));
            }
        }
    }
}

pub(crate) fn message_result(step: &SessionStep) -> KeyResult {
    KeyResult::Message(step.session.id, step.messages()[0].number)
}

/// The same evaluation in another state.
pub(crate) fn changed(write: &EvaluationWrite, change: impl FnOnce(&mut Evaluation)) -> EvaluationWrite {
    let mut evaluation = Evaluation::clone(&write.evaluation);
    change(&mut evaluation);
    EvaluationWrite { lease: write.lease, ..written(evaluation) }
}

/// Keeps a new evaluation, with its request's entry, and its result's where it has one.
pub(crate) fn request(write: &EvaluationWrite) -> SaveEvaluation {
    let evaluation = &write.evaluation;
    let recorder = Recorder { interview_id: evaluation.interview_id, session_id: evaluation.session_id, time: now() };
    let mut events = vec![recorder.evaluation_requested(evaluation.id, salt()).unwrap()];
    if evaluation.status.is_final() {
        events.push(recorder.evaluation(evaluation, &write.document, salt()).unwrap());
    }
    SaveEvaluation { tenant: tenant(), draft: None, write: write.clone(), new: true, events, key: None }
}
