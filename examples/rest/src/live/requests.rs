//! What a client sends over a WebSocket, and what it is answered.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vivavoce::{CallOptions, SessionId};

use crate::access::Caller;
use crate::app::App;
use crate::error::{ErrorBody, Failure};
use crate::model_headers::OwnModel;
use crate::request::{RepeatKey, read_json};
use crate::routes::chat;

/// What a client asks over a WebSocket.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveRequest {
    /// The candidate says something.
    Message {
        /// Makes it safe to send again, also after another connection was made: the same as `Idempotency-Key` of `POST /chat/{session_id}/message`.
        #[schema(min_length = 1, max_length = 200)]
        id: String,
        /// The words.
        #[schema(min_length = 1, max_length = 32_000)]
        content: String,
    },
    /// Ends the session and has it evaluated.
    End {
        /// As for a message.
        #[schema(nullable = false, min_length = 1, max_length = 200)]
        id: Option<String>,
    },
}

/// What a request is answered when it is done.
#[derive(Debug, Serialize, ToSchema)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum LiveReply<'a> {
    /// It was done, and the interviewer has replied.
    Accepted {
        /// The request's.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        id: Option<&'a str>,
    },
    /// It was not done. After a failure of the language model (502, 504) the message is kept, and sending it again asks for the reply again.
    Error {
        /// The request's, where it could be read.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        id: Option<&'a str>,
        /// The status that the same request over HTTP would have.
        status: u16,
        /// What went wrong.
        #[serde(flatten)]
        failure: &'a ErrorBody,
        /// How many seconds to wait before it is sent again.
        #[serde(skip_serializing_if = "Option::is_none")]
        #[schema(nullable = false)]
        retry_after: Option<u64>,
    },
}

/// Where requests of a connection come from, and what they are about.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) app: App,
    pub(super) caller: Caller,
    pub(super) session: SessionId,
    pub(super) own: OwnModel,
}

impl LiveRequest {
    /// # Errors
    /// 400 where it is none.
    pub(super) fn read(text: &str) -> Result<Self, Failure> {
        read_json("the request", text)
    }

    pub(super) fn id(&self) -> Option<&str> {
        match self {
            Self::Message { id, .. } => Some(id),
            Self::End { id } => id.as_deref(),
        }
    }

    /// How many bytes it has.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Message { id, content } => id.len() + content.len(),
            Self::End { id } => id.as_ref().map_or(0, String::len),
        }
    }

    /// Does it, and answers.
    pub(super) async fn done(self, client: Client) -> String {
        let id = self.id().map(str::to_owned);
        match self.attempt(&client).await {
            Ok(()) => written(&LiveReply::Accepted { id: id.as_deref() }),
            Err(failure) => refused(id.as_deref(), &failure),
        }
    }

    async fn attempt(self, client: &Client) -> Result<(), Failure> {
        let Client { app, caller, session, own } = client;
        app.access.count(caller)?;
        match self {
            Self::Message { id, content } => {
                if content.trim().is_empty() {
                    return Err(Failure::bad_request("Message cannot be empty"));
                }
                let options = client.options(Some(&id), "message")?;
                chat::say(app, caller, *session, content, own.apply(options, None)?).await.map(drop)
            }
            Self::End { id } => {
                let options = own.apply(client.options(id.as_deref(), "end")?, None)?;
                chat::finish(app, caller, *session, options).await.map(drop)
            }
        }
    }
}

impl Client {
    /// Options of a call, with the key that the same request over HTTP would have.
    fn options(&self, id: Option<&str>, call: &str) -> Result<CallOptions, Failure> {
        let path = format!("/chat/{}/{call}", self.session);
        let key = id.map(|id| RepeatKey::new(&self.caller, &path, id)).transpose()?;
        Ok(key.unwrap_or(RepeatKey::none()).options(&self.app))
    }
}

/// The answer to a request that failed.
pub(super) fn refused(id: Option<&str>, failure: &Failure) -> String {
    written(&LiveReply::Error {
        id,
        status: failure.status().as_u16(),
        failure: failure.body(),
        retry_after: failure.seconds(),
    })
}

fn written(reply: &LiveReply<'_>) -> String {
    // It has nothing that cannot be written.
    serde_json::to_string(reply).unwrap_or_default()
}
