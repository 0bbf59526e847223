//! What a webhook says: which event, of which interview. Nothing that anybody said, and no score: who may know more asks for it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, SecondsFormat, Utc};
use hmac::{Hmac, Mac as _};
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use vivavoce::{Action, EvaluationId, Event, InterviewId, SessionId};

macro_rules! event_types {
    ($($(#[$doc:meta])* $variant:ident => $name:literal, $action:ident;)+) => {
        /// What a webhook may be told of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
        pub enum EventType {
            $($(#[$doc])* #[serde(rename = $name)] $variant),+
        }

        impl EventType {
            /// Every one.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The event of the engine that it is.
            pub fn action(self) -> Action {
                match self { $(Self::$variant => Action::$action),+ }
            }

            fn of(action: Action) -> Option<Self> {
                Self::ALL.iter().copied().find(|event| event.action() == action)
            }
        }
    };
}

event_types! {
    /// A session was started.
    SessionStarted => "session.started", SessionStarted;
    /// A session was completed.
    SessionCompleted => "session.completed", SessionCompleted;
    /// A session was given up.
    SessionAbandoned => "session.abandoned", SessionAbandoned;
    /// An evaluation was asked for.
    EvaluationRequested => "evaluation.requested", EvaluationRequested;
    /// An evaluation has its whole result.
    EvaluationCompleted => "evaluation.completed", EvaluationCompleted;
    /// An evaluation has a part of its result.
    EvaluationPartial => "evaluation.partial", EvaluationPartial;
    /// An evaluation could not be made.
    EvaluationFailed => "evaluation.failed", EvaluationFailed;
    /// A person changed a score.
    EvaluationOverridden => "evaluation.overridden", EvaluationOverridden;
}

#[derive(Serialize)]
struct Document {
    #[serde(rename = "type")]
    event: EventType,
    timestamp: String,
    data: Data,
}

#[derive(Serialize)]
struct Data {
    interview_id: InterviewId,
    /// The event's place in the interview's log.
    number: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    session_id: Option<SessionId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    evaluation_id: Option<EvaluationId>,
}

/// A message, as it is sent at some time.
pub(super) struct Message {
    /// The same each time that the event is told.
    pub(super) id: String,
    /// Seconds since 1970.
    pub(super) timestamp: String,
    pub(super) body: String,
    /// One for each secret.
    pub(super) signature: String,
}

impl Message {
    /// None for an event that no webhook is told of.
    pub(super) fn new(event: &Event, secrets: &[Vec<u8>], now: DateTime<Utc>) -> Option<Self> {
        let document = Document {
            event: EventType::of(event.action)?,
            timestamp: event.time.to_rfc3339_opts(SecondsFormat::Micros, true),
            data: Data {
                interview_id: event.interview_id,
                number: event.number,
                session_id: event.session_id,
                evaluation_id: event.evaluation_id,
            },
        };
        let id = format!("evt_{}_{}", event.interview_id.as_uuid().simple(), event.number);
        let timestamp = now.timestamp().to_string();
        let body = serde_json::to_string(&document).ok()?;
        let signature = signatures(secrets, &id, &timestamp, &body)?;
        Some(Self { id, timestamp, body, signature })
    }
}

/// The signatures of a message, by all of its webhook's secrets.
fn signatures(secrets: &[Vec<u8>], id: &str, timestamp: &str, body: &str) -> Option<String> {
    let signed = |secret: &Vec<u8>| {
        let mut mac = Hmac::<Sha256>::new_from_slice(secret).ok()?;
        mac.update(format!("{id}.{timestamp}.{body}").as_bytes());
        Some(format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes())))
    };
    secrets.iter().map(signed).collect::<Option<Vec<_>>>().map(|signatures| signatures.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_signed_as_standard_webhooks_says() {
        // What their own library for Python makes of this.
        let secret = STANDARD.decode("plJ3nmyCDGBKInavdOK15jsl").unwrap();
        let body = r#"{"event_type":"ping","data":{"success":true}}"#;
        let signed = |secrets: &[Vec<u8>]| signatures(secrets, "msg_loFOjxBNrRLzqYUf", "1731705121", body).unwrap();
        assert_eq!(signed(std::slice::from_ref(&secret)), "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
        let both = signed(&[vec![7; 24], secret]);
        let (new, old) = both.split_once(' ').unwrap();
        assert_eq!(old, "v1,rAvfW3dJ/X/qxhsaXPOyyCGmRKsaKWcsNccKXlIktD0=");
        assert!(new.starts_with("v1,") && new != old);
    }

    #[test]
    fn every_event_of_sessions_and_evaluations_has_a_name() {
        let named = Action::ALL.into_iter().filter(|action| EventType::of(*action).is_some());
        let meant = Action::ALL.into_iter().filter(|action| action.as_str().starts_with(['s', 'e']));
        assert!(named.eq(meant));
        for event in EventType::ALL {
            let name = serde_json::to_value(event).unwrap();
            assert_eq!(name.as_str().unwrap().replace('.', "_"), event.action().as_str());
        }
    }
}
