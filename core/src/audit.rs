//! The audit log's chain: what is hashed, how entries are linked, and how a log is verified.
//!
//! An entry's *digest* is the SHA-256 of its salt followed by its canonical form, an RFC 8785 document of what happened and of the content it
//! happened to (the plan, the message, the evaluation). Its *link* is the SHA-256 of the link before it, its number as eight bytes (big-endian) and its
//! digest; the first is linked to the interview's origin. The salts are random and of the entry's own, so that after an erasure has removed
//! content and salt, the digest that stays tells nothing about the words, and the chain still holds.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use crate::domain::canonical::{Sha256Digest, canonical_json, sha256};
use crate::domain::{
    Action, AuditHead, AuditReport, Evaluation, EvaluationId, EvaluationStatus, Event, Interview, InterviewId,
    Language, Message, Role, Session, SessionId,
};
use crate::error::{Error, Result};
use chrono::{DateTime, SecondsFormat, Utc};

/// An entry's own random salt.
pub(crate) type Salt = [u8; 16];

/// Which stored content an entry speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Subject {
    /// Nothing beyond the entry itself.
    Nothing,
    /// The interview's plan.
    Plan,
    /// How the session was begun.
    Session,
    /// The session's message of this number.
    Message(u32),
    /// An evaluation that was asked for: its id alone, because its document is still to come.
    Request(EvaluationId),
    /// The evaluation's document, which never changes once this entry is there.
    Evaluation(EvaluationId),
}

impl Subject {
    /// The evaluation it speaks of.
    pub(crate) fn evaluation_id(self) -> Option<EvaluationId> {
        match self {
            Self::Request(id) | Self::Evaluation(id) => Some(id),
            Self::Nothing | Self::Plan | Self::Session | Self::Message(_) => None,
        }
    }
}

/// An entry that a store will number, link and keep.
#[derive(Debug, Clone)]
pub(crate) struct EventDraft {
    pub(crate) session_id: Option<SessionId>,
    pub(crate) time: DateTime<Utc>,
    pub(crate) actor: Cow<'static, str>,
    pub(crate) action: Action,
    pub(crate) subject: Subject,
    pub(crate) salt: Salt,
    pub(crate) digest: Sha256Digest,
}

/// An entry as it is kept.
#[derive(Debug, Clone)]
pub(crate) struct StoredEvent {
    pub(crate) number: u64,
    pub(crate) session_id: Option<SessionId>,
    pub(crate) time: DateTime<Utc>,
    pub(crate) actor: Cow<'static, str>,
    pub(crate) action: Action,
    pub(crate) subject: Subject,
    /// None after an erasure.
    pub(crate) salt: Option<Salt>,
    pub(crate) digest: Sha256Digest,
    pub(crate) link: Sha256Digest,
}

impl StoredEvent {
    /// The entry that `draft` becomes after the entry `number - 1` whose link is `previous`.
    pub(crate) fn after(previous: &Sha256Digest, number: u64, draft: EventDraft) -> Self {
        let link = link(previous, number, &draft.digest);
        let EventDraft { session_id, time, actor, action, subject, salt, digest } = draft;
        Self { number, session_id, time, actor, action, subject, salt: Some(salt), digest, link }
    }

    /// The digest that the entry should have.
    fn digest_of(&self, interview_id: InterviewId, content: &Content, salt: &Salt) -> Result<Sha256Digest> {
        let header = Header {
            interview_id,
            session_id: self.session_id,
            time: self.time,
            actor: &self.actor,
            action: self.action,
            evaluation_id: self.subject.evaluation_id(),
        };
        digest(&header, content.canonical()?.as_deref(), salt)
    }

    /// Whether this is the entry of an erasure: what it says is whole. It is the last one of its log.
    pub(crate) fn is_erasure(&self, interview_id: InterviewId) -> Result<bool> {
        Ok(match &self.salt {
            Some(salt) if self.action == Action::InterviewErased => {
                self.digest_of(interview_id, &Content::Nothing, salt)? == self.digest
            }
            _ => false,
        })
    }

    /// Whether an entry of the plan says what such an entry in its place can say, whatever the plan was.
    fn is_of_a_plan(&self) -> bool {
        let action = if self.number == 1 { Action::InterviewCreated } else { Action::InterviewUpdated };
        self.subject == Subject::Plan
            && self.action == action
            && self.session_id.is_none()
            && self.actor == "application"
    }

    /// The entry as a reader sees it.
    pub(crate) fn into_event(self, interview_id: InterviewId, message: Option<Arc<Message>>) -> Event {
        Event {
            interview_id,
            number: self.number,
            session_id: self.session_id,
            time: self.time,
            actor: self.actor.into_owned(),
            action: self.action,
            message,
            evaluation_id: self.subject.evaluation_id(),
        }
    }
}

/// The content of an entry's subject, as the store has it now.
#[derive(Debug, Clone)]
pub(crate) enum Content {
    /// There is nothing to have, or it is not there.
    Nothing,
    Plan(Arc<Interview>),
    Session(Language),
    Message(Arc<Message>),
    /// The evaluation's canonical JSON, as it was stored.
    Evaluation(String),
}

impl Content {
    fn canonical(&self) -> Result<Option<Cow<'_, str>>> {
        Ok(match self {
            Self::Nothing => None,
            Self::Plan(interview) => Some(Cow::Owned(canonical_plan(interview)?)),
            Self::Session(language) => Some(Cow::Owned(format!(r#"{{"session_language":"{language}"}}"#))),
            Self::Message(message) => Some(Cow::Owned(canonical_message(message)?)),
            Self::Evaluation(document) => Some(Cow::Borrowed(document)),
        })
    }
}

/// The canonical form of what never changes of an interview.
fn canonical_plan(interview: &Interview) -> Result<String> {
    let mut plan =
        serde_json::to_value(interview).map_err(|_| Error::internal("an interview has no canonical form"))?;
    // What changes is taken out by name, so that a new field of the plan is covered without a thought here.
    if let Some(fields) = plan.as_object_mut() {
        fields.remove("status");
        fields.remove("updated_at");
    }
    canonical_json(&plan)
}

/// The canonical form of a message. Its fields are declared in the order of RFC 8785 and hold no floating-point numbers, so that serde_json's form is the
/// canonical one, at a fraction of the cost; a test holds the two against each other.
fn canonical_message(message: &Message) -> Result<String> {
    let mut form = Vec::with_capacity(message.content.len() + 256);
    serde_json::to_writer(&mut form, message).map_err(|_| Error::internal("a message has no canonical form"))?;
    String::from_utf8(form).map_err(|_| Error::internal("a message has no canonical form"))
}

/// What an entry says apart from its content.
struct Header<'a> {
    interview_id: InterviewId,
    session_id: Option<SessionId>,
    time: DateTime<Utc>,
    actor: &'a str,
    action: Action,
    evaluation_id: Option<EvaluationId>,
}

/// The SHA-256 of the salt and the entry's canonical form.
fn digest(header: &Header<'_>, content: Option<&str>, salt: &Salt) -> Result<Sha256Digest> {
    let escaped = serde_json::to_string(header.actor).map_err(|_| Error::internal("an actor has no canonical form"))?;
    let mut form = String::with_capacity(256 + content.map_or(0, str::len));
    // The keys stand in the order of RFC 8785.
    let _ = write!(form, r#"{{"action":"{}","actor":{escaped}"#, header.action.as_str(),);
    if let Some(evaluation) = header.evaluation_id {
        let _ = write!(form, r#","evaluation_id":"{evaluation}""#);
    }
    let _ = write!(form, r#","interview_id":"{}""#, header.interview_id);
    if let Some(session) = header.session_id {
        let _ = write!(form, r#","session_id":"{session}""#);
    }
    if let Some(content) = content {
        let _ = write!(form, r#","subject":{content}"#);
    }
    let _ = write!(form, r#","time":"{}"}}"#, header.time.to_rfc3339_opts(SecondsFormat::Micros, true));
    Ok(sha256(&[salt, form.as_bytes()]))
}

/// The link that an interview's first entry is chained to.
pub(crate) fn origin(interview: InterviewId) -> Sha256Digest {
    sha256(&[b"vivavoce audit 1\0", interview.as_uuid().as_bytes()])
}

/// The link of entry `number` with `digest` after `previous`.
pub(crate) fn link(previous: &Sha256Digest, number: u64, digest: &Sha256Digest) -> Sha256Digest {
    sha256(&[previous, &number.to_be_bytes(), digest])
}

/// What an entry about a message says of who said it. The SQLite store keeps such entries with their messages and derives this.
pub(crate) fn of_role(role: Role) -> (Action, &'static str) {
    match role {
        Role::Candidate => (Action::MessageReceived, "candidate"),
        Role::Interviewer => (Action::MessageSent, "interviewer"),
    }
}

/// Makes the entries of one write: the same interview, session and time.
pub(crate) struct Recorder {
    pub(crate) interview_id: InterviewId,
    pub(crate) session_id: Option<SessionId>,
    pub(crate) time: DateTime<Utc>,
}

impl Recorder {
    fn draft(
        &self,
        time: DateTime<Utc>,
        action: Action,
        actor: Cow<'static, str>,
        subject: Subject,
        content: Option<&str>,
        salt: Salt,
    ) -> Result<EventDraft> {
        let header = Header {
            interview_id: self.interview_id,
            session_id: self.session_id,
            time,
            actor: &actor,
            action,
            evaluation_id: subject.evaluation_id(),
        };
        let digest = digest(&header, content, &salt)?;
        Ok(EventDraft { session_id: self.session_id, time, actor, action, subject, salt, digest })
    }

    /// An interview was planned.
    pub(crate) fn interview_created(&self, interview: &Interview, salt: Salt) -> Result<EventDraft> {
        let content = canonical_plan(interview)?;
        self.draft(self.time, Action::InterviewCreated, "application".into(), Subject::Plan, Some(&content), salt)
    }

    /// An interview's plan was replaced.
    pub(crate) fn interview_updated(&self, interview: &Interview, salt: Salt) -> Result<EventDraft> {
        let content = canonical_plan(interview)?;
        self.draft(self.time, Action::InterviewUpdated, "application".into(), Subject::Plan, Some(&content), salt)
    }

    /// A session was started.
    pub(crate) fn session_started(&self, session: &Session, salt: Salt) -> Result<EventDraft> {
        let content = Content::Session(session.session_language);
        let canonical = content.canonical()?;
        self.draft(
            self.time,
            Action::SessionStarted,
            "application".into(),
            Subject::Session,
            canonical.as_deref(),
            salt,
        )
    }

    /// Something was said, at the message's own time.
    pub(crate) fn message(&self, message: &Message, salt: Salt) -> Result<EventDraft> {
        let (action, actor) = of_role(message.role());
        let (subject, content) = (Subject::Message(message.number), canonical_message(message)?);
        self.draft(message.created_at, action, actor.into(), subject, Some(&content), salt)
    }

    /// An evaluation was asked for.
    pub(crate) fn evaluation_requested(&self, evaluation: EvaluationId, salt: Salt) -> Result<EventDraft> {
        self.draft(
            self.time,
            Action::EvaluationRequested,
            "application".into(),
            Subject::Request(evaluation),
            None,
            salt,
        )
    }

    /// An evaluation has its result, whose canonical JSON is `document`: its evaluator's, or what a person made of an earlier one, whose entry then has that person's name.
    pub(crate) fn evaluation(&self, evaluation: &Evaluation, document: &str, salt: Salt) -> Result<EventDraft> {
        let action = match (evaluation.status, evaluation.overridden.last()) {
            (EvaluationStatus::Pending | EvaluationStatus::Running, _) => {
                return Err(Error::internal("an unfinished evaluation was recorded as a result"));
            }
            (_, Some(_)) => Action::EvaluationOverridden,
            (EvaluationStatus::Completed, None) => Action::EvaluationCompleted,
            (EvaluationStatus::Partial, None) => Action::EvaluationPartial,
            (EvaluationStatus::Failed, None) => Action::EvaluationFailed,
        };
        let actor = evaluation.overridden.last().map_or("evaluator".into(), |change| change.by.clone().into());
        self.draft(self.time, action, actor, Subject::Evaluation(evaluation.id), Some(document), salt)
    }

    /// Something that is told by the entry itself.
    pub(crate) fn plain(&self, action: Action, actor: impl Into<Cow<'static, str>>, salt: Salt) -> Result<EventDraft> {
        self.draft(self.time, action, actor.into(), Subject::Nothing, None, salt)
    }
}

/// The canonical JSON of an evaluation: what is stored, and what is hashed.
pub(crate) fn evaluation_document(evaluation: &Evaluation) -> Result<String> {
    canonical_json(evaluation)
}

/// What is found of an entry that does not say, or speak of, what it did.
const CHANGED: &str = "the event or its content was changed";

/// Verifies a log step by step, so that the whole of it need not be in memory.
#[derive(Debug)]
pub(crate) struct Verifier {
    interview_id: InterviewId,
    expected: Option<AuditHead>,
    link: Sha256Digest,
    report: AuditReport,
    /// The number of the entry that says that everything before it was erased.
    erasure: Option<u64>,
    /// When the first entry says that the interview was planned.
    planned_at: Option<DateTime<Utc>>,
    /// The time of the last entry, where that is of a plan that is not the one that is kept: which is right only where the next entry is of the plan that replaced it.
    replaced: Option<DateTime<Utc>>,
}

impl Verifier {
    /// `erasure` is the number of the log's last entry where that is an [erasure](StoredEvent::is_erasure): all salts before are then gone together with what they
    /// were for.
    pub(crate) fn new(interview_id: InterviewId, expected: Option<AuditHead>, erasure: Option<u64>) -> Self {
        Self {
            interview_id,
            expected,
            link: origin(interview_id),
            report: AuditReport {
                first_bad: None,
                finding: None,
                checked: 0,
                erased: 0,
                replaced: 0,
                tail_checked: expected.is_some(),
            },
            erasure,
            planned_at: None,
            replaced: None,
        }
    }

    fn found(&mut self, number: u64, finding: &str) {
        self.report.first_bad = Some(number);
        self.report.finding = Some(finding.to_owned());
    }

    /// The last entry is of a plan that is neither kept nor replaced.
    fn found_not_replaced(&mut self) {
        let number = self.report.checked;
        self.report.checked -= 1;
        self.replaced = None;
        self.found(number, CHANGED);
    }

    /// Checks the next entry; false once something is wrong, or the expected head has been reached.
    pub(crate) fn check(&mut self, event: &StoredEvent, content: &Content) -> Result<bool> {
        let number = self.report.checked + 1;
        if let Some(before) = self.replaced {
            if event.number != number || event.subject != Subject::Plan || event.time <= before {
                self.found_not_replaced();
                return Ok(false);
            }
            if !event.is_of_a_plan() {
                self.found(number, CHANGED);
                return Ok(false);
            }
            self.replaced = None;
            self.report.replaced += 1;
        }
        if event.number != number {
            self.found(number, "the event is missing");
            return Ok(false);
        }
        self.planned_at.get_or_insert(event.time);
        let is_erased = self.erasure.is_some_and(|erasure| number < erasure);
        match &event.salt {
            Some(_) if is_erased => {
                self.found(number, "the event was not erased with the others");
                return Ok(false);
            }
            Some(salt) => {
                if event.digest_of(self.interview_id, content, salt)? == event.digest {
                    // What is left of the entry of the first plan can be checked by the one that came of it.
                    if let Content::Plan(plan) = content
                        && self.planned_at != Some(plan.created_at)
                    {
                        self.found(1, CHANGED);
                        return Ok(false);
                    }
                } else if event.is_of_a_plan() {
                    self.replaced = Some(event.time);
                } else {
                    self.found(number, CHANGED);
                    return Ok(false);
                }
            }
            None if is_erased && matches!(content, Content::Nothing) => self.report.erased += 1,
            None => {
                self.found(number, "the event's salt was removed");
                return Ok(false);
            }
        }
        self.link = link(&self.link, number, &event.digest);
        if self.link != event.link {
            self.found(number, "the event was changed, or stands in another's place");
            return Ok(false);
        }
        self.report.checked = number;
        match self.expected {
            Some(head) if number >= head.number => {
                if number == head.number && head.link != self.link {
                    self.found(number, "the log up to here is not the one the head was taken from");
                    return Ok(false);
                }
                // Whether the plan up to here was replaced, the next entry says.
                Ok(self.replaced.is_some())
            }
            _ => Ok(true),
        }
    }

    /// Ends the verification after the last entry; `stored` is the head that the store keeps.
    pub(crate) fn finish(mut self, stored: Option<(u64, Sha256Digest)>) -> AuditReport {
        if self.report.first_bad.is_some() {
            return self.report;
        }
        if self.replaced.is_some() {
            self.found_not_replaced();
            return self.report;
        }
        let next = self.report.checked + 1;
        match self.expected {
            Some(head) if head.number > self.report.checked => self.found(next, "the event is missing"),
            Some(_) => {}
            // Without a head to hold against it, the store's own still shows a careless cut.
            None => match stored {
                Some((number, link)) if number == self.report.checked && link == self.link => {}
                Some((number, _)) if number > self.report.checked => self.found(next, "the event is missing"),
                _ => self.found(self.report.checked.max(1), "the log does not end where the store says it does"),
            },
        }
        self.report
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{MessageKind, NewInterview, Origin};
    use crate::store::tests::fixtures;

    fn log() -> (InterviewId, Vec<StoredEvent>) {
        let at = DateTime::UNIX_EPOCH;
        let interview = NewInterview::new("Ada", crate::InterviewType::General).question("Why?");
        let interview = interview.into_interview(InterviewId::new(at, [1; 10]), at);
        let recorder = Recorder { interview_id: interview.id, session_id: None, time: at };
        let message = Message::next(&[], MessageKind::Question, Some(0), "Why, \"Ada\"?\n\u{1}\u{2028}é");
        let drafts = [
            recorder.interview_created(&interview, [1; 16]).unwrap(),
            recorder.message(&message, [2; 16]).unwrap(),
            recorder.plain(Action::InterviewErased, "officer", [3; 16]).unwrap(),
        ];
        let mut link = origin(interview.id);
        let events = drafts.into_iter().zip(1..).map(|(draft, number)| {
            let event = StoredEvent::after(&link, number, draft);
            link = event.link;
            event
        });
        let events = events.collect();
        (interview.id, events)
    }

    #[test]
    fn a_messages_own_form_is_the_canonical_one() {
        let message = Message::next(&[], MessageKind::Answer, None, "Tab\t, \"quote\", \\, \u{1}\u{7f}\u{2028}é𝄞");
        assert_eq!(canonical_message(&message).unwrap(), canonical_json(&*message).unwrap());
        for origin in [Origin::Model, Origin::Guarded, Origin::Scripted] {
            let told = Message { origin: Some(origin), question: Some(3), ..Message::clone(&message) };
            assert_eq!(canonical_message(&told).unwrap(), canonical_json(&told).unwrap());
        }
    }

    #[test]
    fn an_erasure_that_left_an_entry_whole_is_none() {
        let (interview, mut events) = log();
        assert!(events[2].is_erasure(interview).unwrap() && !events[1].is_erasure(interview).unwrap());
        let first_bad = |events: &[StoredEvent]| {
            let mut verifier = Verifier::new(interview, None, Some(3));
            for event in events {
                if !verifier.check(event, &Content::Nothing).unwrap() {
                    break;
                }
            }
            let report = verifier.finish(Some((3, events[2].link)));
            (report.first_bad, report.erased)
        };
        assert_eq!(first_bad(&events), (Some(1), 0));
        events[0].salt = None;
        assert_eq!(first_bad(&events), (Some(2), 1));
        events[1].salt = None;
        assert_eq!(first_bad(&events), (None, 2));
        // Who asked for it is part of it.
        events[2].actor = "somebody else".into();
        assert!(!events[2].is_erasure(interview).unwrap());
        assert_eq!(first_bad(&events), (Some(3), 2));
    }

    /// A log of which entries 1 to 4 are of plans, and the last plan.
    fn replaced() -> (InterviewId, Vec<StoredEvent>, Arc<Interview>) {
        let at = |second| DateTime::from_timestamp(second, 0).unwrap();
        let interview = NewInterview::new("Ada", crate::InterviewType::General).question("Why?");
        let mut interview = interview.into_interview(InterviewId::new(at(0), [1; 10]), at(0));
        let recorder = |second| Recorder { interview_id: interview.id, session_id: None, time: at(second) };
        let (first, last) = (recorder(0), [recorder(1), recorder(2), recorder(3)]);
        let mut drafts = vec![first.interview_created(&interview, [1; 16]).unwrap()];
        for recorder in &last {
            interview.candidate_name.push('!');
            drafts.push(recorder.interview_updated(&interview, [2; 16]).unwrap());
        }
        drafts.push(last[2].plain(Action::SessionStarted, "application", [3; 16]).unwrap());
        let mut link = origin(interview.id);
        let mut events = Vec::new();
        for (draft, number) in drafts.into_iter().zip(1..) {
            events.push(StoredEvent::after(&link, number, draft));
            link = events[events.len() - 1].link;
        }
        (interview.id, events, Arc::new(interview))
    }

    #[test]
    fn of_plans_that_were_replaced_everything_but_the_plan_is_checked() {
        let (interview, events, plan) = replaced();
        let verified = |events: &[StoredEvent], plan: &Arc<Interview>, head: u64| {
            let expected = events.iter().find(|event| event.number == head);
            let expected = expected.map(|event| AuditHead { interview_id: interview, number: head, link: event.link });
            let mut verifier = Verifier::new(interview, expected, None);
            for event in events {
                let content = if event.number == 4 { Content::Plan(Arc::clone(plan)) } else { Content::Nothing };
                if !verifier.check(event, &content).unwrap() {
                    break;
                }
            }
            verifier.finish(events.last().map(|last| (last.number, last.link)))
        };
        let report = verified(&events, &plan, 0);
        assert!(report.is_sound() && (report.checked, report.replaced) == (5, 3), "{report:?}");
        // A head from before the plan was replaced is held against what is there, and the entries after it say that it was.
        for head in 1..=4 {
            let report = verified(&events, &plan, head);
            assert!(report.is_sound() && report.tail_checked && report.checked == 4, "{report:?}");
            let changed = Arc::new(Interview { candidate_name: "Eve".into(), ..Interview::clone(&plan) });
            assert_eq!(verified(&events, &changed, head).first_bad, Some(4));
        }
        let change = |place: usize, change: fn(&mut StoredEvent)| {
            let mut events = events.clone();
            change(&mut events[place]);
            [0, 5].map(|head| verified(&events, &plan, head).first_bad)
        };
        let cases: [(usize, fn(&mut StoredEvent), u64); 12] = [
            (0, |event| event.time -= chrono::TimeDelta::microseconds(1), 1),
            (0, |event| event.actor = "somebody".into(), 1),
            (0, |event| event.action = Action::InterviewUpdated, 1),
            (0, |event| event.digest[0] ^= 1, 1),
            (1, |event| event.action = Action::InterviewCreated, 2),
            (1, |event| event.subject = Subject::Nothing, 1),
            (1, |event| event.time += chrono::TimeDelta::seconds(1), 2),
            (2, |event| event.session_id = Some(SessionId::new(event.time, [1; 10])), 3),
            (2, |event| event.salt = None, 3),
            (2, |event| event.number = 9, 2),
            (3, |event| event.time += chrono::TimeDelta::seconds(1), 4),
            (3, |event| event.action = Action::SessionStarted, 4),
        ];
        for (case, (place, changes, found)) in cases.into_iter().enumerate() {
            assert_eq!(change(place, changes), [Some(found); 2], "{case}");
        }
        let mut cut = events.clone();
        cut.truncate(3);
        assert_eq!(
            verified(&cut, &plan, 0).first_bad,
            Some(3),
            "the last one has no plan, and nothing that replaced it"
        );
        cut.remove(1);
        assert_eq!(verified(&cut, &plan, 0).first_bad, Some(1));
        let mut other = events.clone();
        let recorder = Recorder { interview_id: interview, session_id: None, time: DateTime::UNIX_EPOCH };
        let forged = Arc::new(Interview { candidate_name: "Eve".into(), ..Interview::clone(&plan) });
        let draft = recorder.interview_updated(&forged, [4; 16]).unwrap();
        other.push(StoredEvent::after(&events[4].link, 6, draft));
        assert_eq!(verified(&other, &forged, 5).first_bad, Some(4), "a plan is not replaced once something has begun");
    }

    #[test]
    fn an_override_is_recorded_under_the_persons_name_and_verified_like_any_other() {
        let session = fixtures::beginning(&fixtures::interview("Ada"), None).session;
        let interview = session.interview_id;
        let recorder = Recorder { interview_id: interview, session_id: Some(session.id), time: session.created_at };
        let mut evaluation = Evaluation::clone(&fixtures::evaluation(&session, EvaluationStatus::Pending).evaluation);
        evaluation.overridden.push(crate::domain::Override::new(0.9, "Grace \"H.\"", "she said more"));
        let record = |evaluation: &Evaluation| {
            let document = evaluation_document(evaluation).unwrap();
            recorder.evaluation(evaluation, &document, [2; 16]).map(|draft| (draft, document))
        };
        assert!(record(&evaluation).is_err(), "it has no result");
        for status in [EvaluationStatus::Completed, EvaluationStatus::Partial] {
            evaluation.status = status;
            let (draft, document) = record(&evaluation).unwrap();
            assert_eq!((draft.action, &*draft.actor), (Action::EvaluationOverridden, "Grace \"H.\""));
            assert_eq!(draft.subject, Subject::Evaluation(evaluation.id));
            let event = StoredEvent::after(&origin(interview), 1, draft);
            let sound = |event: &StoredEvent, document: &str| {
                let mut verifier = Verifier::new(interview, None, None);
                verifier.check(event, &Content::Evaluation(document.to_owned())).unwrap()
            };
            assert!(sound(&event, &document));
            assert!(!sound(&event, &document.replace("0.9", "0.8")));
            assert!(!sound(&StoredEvent { actor: "evaluator".into(), ..event.clone() }, &document));
            assert!(!sound(&StoredEvent { action: Action::EvaluationCompleted, ..event }, &document));
        }
        evaluation.overridden.clear();
        let (draft, _) = record(&evaluation).unwrap();
        assert_eq!((draft.action, &*draft.actor), (Action::EvaluationPartial, "evaluator"));
    }
}
