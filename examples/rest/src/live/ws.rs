//! Live events over a WebSocket (RFC 6455), on which the candidate may also answer.

use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use futures_util::stream::FuturesUnordered;
use futures_util::{SinkExt as _, StreamExt as _};
use serde::{Deserialize, Serialize};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};
use vivavoce::SessionId;

use super::LiveParameters;
use super::listener::{Heard, Listener};
use crate::access::Caller;
use crate::app::App;
use crate::config::Origin;
use crate::error::{ErrorBody, Failure};
use crate::model_headers::OwnModel;
use crate::request::{Id, RepeatKey};
use crate::routes::chat;

/// How often a client is asked whether it is there; one that is silent for twice as long is not.
const PING: Duration = Duration::from_secs(20);
/// How long a client may take to take something.
const SEND: Duration = Duration::from_secs(10);
/// The most bytes of what a client sends: an answer with every character escaped.
const MAX_MESSAGE: usize = 256 * 1024;
/// How many answers of one client may be under way.
const MAX_UNDER_WAY: usize = 4;

/// What a client says.
#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Asked {
    /// An answer, under the client's own key for it.
    Message { id: String, content: String },
    /// To end the session and have it evaluated.
    End { id: Option<String> },
}

/// What became of it.
#[derive(Serialize)]
#[serde(tag = "type", rename_all = "snake_case")]
enum Done {
    Accepted { id: Option<String> },
    Error { id: Option<String>, error: String },
}

/// Follows a session as `events` does, and takes answers: `{"type": "message", "id": key, "content": text}` and `{"type": "end"}`. What became of each is told by
/// `{"type": "accepted", "id"}` or `{"type": "error", "id", "error"}`.
#[utoipa::path(get, path = "/chat/{session_id}/ws", tag = "live",
    params(("session_id" = Uuid, Path), LiveParameters),
    responses((status = 101, description = "A WebSocket; its text messages are events"), (status = 404, body = ErrorBody),
        (status = 400, body = ErrorBody, description = "Not a WebSocket's request")))]
pub(super) async fn socket(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    headers: HeaderMap,
    RawQuery(query): RawQuery,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    let session = id.session(&caller)?;
    let upgrade = upgrade.map_err(|_| Failure::bad_request("Not a WebSocket's request"))?;
    if !is_welcome(&app, &headers) {
        return Err(Failure::new(StatusCode::FORBIDDEN, "Origin not allowed"));
    }
    let after = super::after(&headers, query.as_deref())?;
    let listener = Listener::new(&app, caller, session, after).await?;
    let upgrade = upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE);
    Ok(upgrade.on_upgrade(move |socket| async move { attend(app, listener, socket).await }))
}

/// A page of another origin may open a WebSocket whatever CORS says.
fn is_welcome(app: &App, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let own = ["http", "https"].into_iter().filter_map(|scheme| Origin::of(&format!("{scheme}://{host}")));
    own.chain(app.config.allow_origin.iter().cloned()).any(|allowed| allowed.is(origin))
}

async fn attend(app: App, mut listener: Listener, socket: WebSocket) {
    let (caller, session) = (listener.caller.clone(), listener.session);
    let (mut sink, mut stream) = socket.split();
    let mut under_way = FuturesUnordered::new();
    let mut pings = interval_at(Instant::now() + PING, PING);
    pings.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut heard_at = Instant::now();
    let closing = loop {
        let message = tokio::select! {
            heard = listener.next() => match heard {
                Heard::Told(told) => text(&told.document(caller.role)[..]),
                Heard::Behind => break (close_code::AGAIN, "too slow"),
                Heard::Over => break (close_code::NORMAL, "over"),
                Heard::Expired => break (close_code::POLICY, "the token expired"),
                Heard::Stopping => break (close_code::AWAY, "the service stops"),
                Heard::Failed => break (close_code::ERROR, "the events cannot be read"),
            },
            Some(done) = under_way.next() => said(&done),
            asked = stream.next() => {
                heard_at = Instant::now();
                match asked {
                    Some(Ok(Message::Text(asked))) => match serde_json::from_str::<Asked>(&asked) {
                        Ok(_) if under_way.len() >= MAX_UNDER_WAY => {
                            said(&Done::Error { id: None, error: "Too many requests at once".into() })
                        }
                        Ok(asked) => {
                            under_way.push(answer(&app, &caller, session, asked));
                            continue;
                        }
                        Err(_) => said(&Done::Error { id: None, error: "Invalid JSON".into() }),
                    },
                    Some(Ok(Message::Binary(_))) => break (close_code::UNSUPPORTED, "text only"),
                    Some(Ok(Message::Ping(_) | Message::Pong(_))) => continue,
                    Some(Ok(Message::Close(_)) | Err(_)) | None => return,
                }
            }
            now = pings.tick() => match now.duration_since(heard_at) > 2 * PING {
                true => return,
                false => Message::Ping(Default::default()),
            },
        };
        match timeout(SEND, sink.send(message)).await {
            Ok(Ok(())) => {}
            Ok(Err(_)) => return,
            Err(_) => break (close_code::AGAIN, "too slow"),
        }
    };
    let frame = CloseFrame { code: closing.0, reason: closing.1.into() };
    // What was begun is done, whether the client hears of it or not.
    let _ = timeout(SEND, async {
        sink.send(Message::Close(Some(frame))).await?;
        sink.close().await
    })
    .await;
}

/// Does what the client asks for, as the call of the same kind does.
async fn answer(app: &App, caller: &Caller, session: SessionId, asked: Asked) -> Done {
    let (id, done) = match asked {
        Asked::Message { id, content } => {
            let done = async {
                app.access.count(caller)?;
                // The key is good for the call as well.
                let key = RepeatKey::new(caller, &format!("/chat/{session}/message"), &id)?;
                if content.trim().is_empty() {
                    return Err(Failure::bad_request("Message cannot be empty"));
                }
                chat::say(app, caller, session, content, key.options(app)).await.map(drop)
            };
            let done = done.await;
            (Some(id), done)
        }
        Asked::End { id } => {
            let options = OwnModel::default().apply(RepeatKey::none().options(app), None);
            let done = async { chat::finish(app, caller, session, options?).await.map(drop) };
            let done = done.await;
            (id, done)
        }
    };
    match done {
        Ok(()) => Done::Accepted { id },
        Err(failure) => Done::Error { id, error: failure.text().to_owned() },
    }
}

fn said(done: &Done) -> Message {
    text(&serde_json::to_vec(done).unwrap_or_default())
}

fn text(document: &[u8]) -> Message {
    Message::Text(String::from_utf8_lossy(document).into_owned().into())
}
