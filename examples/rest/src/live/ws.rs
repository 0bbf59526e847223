//! Live events over a WebSocket, on which the candidate also answers.

use std::collections::VecDeque;
use std::time::Duration;

use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::extract::ws::{CloseFrame, Message, WebSocket, WebSocketUpgrade, close_code};
use axum::extract::{RawQuery, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::Response;
use futures_util::FutureExt as _;
use futures_util::future::BoxFuture;
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout};

use super::feed::End;
use super::listening::Listening;
use super::requests::{Client, LiveRequest, refused};
use super::{LiveParameters, PING};
use crate::access::Caller;
use crate::app::App;
use crate::error::{ErrorBody, Failure};
use crate::model_headers::OwnModel;
use crate::request::Id;
use crate::server::SILENCE;

/// The most bytes that a client may send at a time: the longest message, however it is spelled in JSON.
const MAX_MESSAGE: usize = 512 * 1024;
/// A connection keeps so many bytes for reading; the default is a hundred times what most messages need.
const READ_BUFFER: usize = 4 * 1024;
/// How many requests may wait for those before them.
const MAX_WAITING: usize = 16;
/// How long a client may take to agree to the end.
const MAX_CLOSE: Duration = Duration::from_secs(2);
/// The session was erased.
const ERASED: u16 = 4404;

/// Tells what happens in a session as `/events` does, each event as a text message, and takes the candidate's messages.
///
/// The client sends `LiveRequest`s, which are done one after another, and is answered each with a `LiveReply` when it is done. The service pings every 20 seconds.
/// Closed with 1000 when the session is ended and judged, 1001 when the service stops, 1002 after a frame that is none, 1003 after a binary message, 1007 after bad UTF-8, 1008 when nothing answers the pings or the token is over, 1009 after a message of more than 512 KiB,
/// 1011 when the store cannot be read, 1013 when the client does not keep up, 4404 when the session was erased. After 1001, 1011 and 1013 it connects again, with `after`.
#[utoipa::path(get, path = "/chat/{session_id}/ws", tag = "live",
    params(("session_id" = Uuid, Path), LiveParameters),
    responses((status = 101, description = "Events, requests and their answers, each a text message"),
        (status = 404, body = ErrorBody), (status = 426, body = ErrorBody, description = "No WebSocket handshake")))]
pub(super) async fn talk(
    State(app): State<App>,
    caller: Caller,
    id: Id,
    own: OwnModel,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Failure> {
    let session = id.session(&caller)?;
    if !is_from_here(&app, &headers) {
        return Err(Failure::new(StatusCode::FORBIDDEN, "Not allowed from this origin"));
    }
    let after = super::after(&headers, query.as_deref())?;
    let upgrade = upgrade.map_err(|_| {
        let failure = Failure::new(StatusCode::UPGRADE_REQUIRED, "Not a WebSocket handshake");
        failure.header(header::UPGRADE, HeaderValue::from_static("websocket"))
    })?;
    let listening = Listening::begin(&app, caller.clone(), session, after).await?;
    let client = Client { app, caller, session, own };
    let upgrade = upgrade.read_buffer_size(READ_BUFFER).write_buffer_size(0);
    let upgrade = upgrade.max_message_size(MAX_MESSAGE).max_frame_size(MAX_MESSAGE);
    Ok(upgrade.on_upgrade(move |socket| Conversation::new(socket, listening, client).hold()))
}

/// Whether a browser sends it from a page of this service, or of an origin that may call it; other programs name no origin. A browser lets any page open a WebSocket.
fn is_from_here(app: &App, headers: &HeaderMap) -> bool {
    let Some(origin) = headers.get(header::ORIGIN) else { return true };
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok());
    let page = origin.to_str().ok().and_then(|origin| origin.split_once("://"));
    let is_own = page.zip(host).is_some_and(|((_, page), host)| page.eq_ignore_ascii_case(host));
    is_own || app.config.allow_origin.iter().any(|allowed| allowed.is(origin))
}

/// One connection.
struct Conversation {
    socket: WebSocket,
    listening: Listening,
    client: Client,
    waiting: VecDeque<LiveRequest>,
    /// The answer to the request that is being done.
    doing: Option<BoxFuture<'static, String>>,
}

/// How a conversation ends.
enum Ending {
    /// The service has nothing more to tell.
    Told(End),
    /// The client broke a rule.
    Broken(u16, &'static str),
    /// The client has left, or cannot be reached.
    Gone,
}

impl From<axum::Error> for Ending {
    fn from(_: axum::Error) -> Self {
        Self::Gone
    }
}

impl Conversation {
    fn new(socket: WebSocket, listening: Listening, client: Client) -> Self {
        Self { socket, listening, client, waiting: VecDeque::new(), doing: None }
    }

    async fn hold(mut self) {
        let Err(ending) = self.go_on().await;
        let (code, reason) = match ending {
            Ending::Told(End::Behind) => (close_code::AGAIN, "too slow: connect again"),
            Ending::Told(why) => {
                // What was begun is answered; what was not will be sent again.
                if matches!(why, End::Stopping | End::Expired) {
                    self.waiting.clear();
                }
                if self.finish().await.is_err() {
                    return;
                }
                match why {
                    End::Stopping => (close_code::AWAY, "the service stops: connect again"),
                    End::Erased => (ERASED, "the session was erased"),
                    End::Expired => (close_code::POLICY, "the token is over"),
                    End::Failed => (close_code::ERROR, "the store cannot be read: connect again"),
                    End::Over | End::Behind => (close_code::NORMAL, "the session is over"),
                }
            }
            Ending::Broken(code, reason) => (code, reason),
            Ending::Gone => return,
        };
        let close = Message::Close(Some(CloseFrame { code, reason: reason.into() }));
        if self.send(close).await.is_ok() {
            // The client agrees to it, or has sent other things before it heard of it.
            let agreed = async { while let Some(Ok(_)) = self.socket.recv().await {} };
            let _ = timeout(MAX_CLOSE, agreed).await;
        }
    }

    /// Tells, hears and answers until it ends.
    async fn go_on(&mut self) -> Result<std::convert::Infallible, Ending> {
        let mut ping = interval_at(Instant::now() + PING, PING);
        ping.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut is_there = true;
        loop {
            tokio::select! {
                // A pong that has arrived is read before the next ping is sent.
                biased;
                told = self.listening.next() => {
                    let frame = told.map_err(Ending::Told)?;
                    let text = frame.told_to(self.client.caller.role).clone();
                    self.send(Message::Text(text)).await?;
                }
                Some(answer) = answer(&mut self.doing) => {
                    self.send(Message::text(answer)).await?;
                    self.do_next();
                }
                heard = self.socket.recv() => {
                    is_there = true;
                    if let Some(answer) = self.hear(heard)? {
                        self.send(Message::text(answer)).await?;
                    }
                }
                _ = ping.tick() => {
                    if !std::mem::take(&mut is_there) {
                        return Err(Ending::Broken(close_code::POLICY, "no answer to a ping"));
                    }
                    self.send(Message::Ping(axum::body::Bytes::new())).await?;
                }
            }
        }
    }

    /// Takes what the client sent; what to answer at once.
    fn hear(&mut self, heard: Option<Result<Message, axum::Error>>) -> Result<Option<String>, Ending> {
        match heard {
            Some(Ok(Message::Text(text))) => match LiveRequest::read(&text) {
                Ok(request) if self.waiting.len() < MAX_WAITING && self.queued() + text.len() <= MAX_MESSAGE => {
                    self.waiting.push_back(request);
                    if self.doing.is_none() {
                        self.do_next();
                    }
                    Ok(None)
                }
                Ok(request) => Ok(Some(refused(request.id(), &Failure::busy("Too many requests at once")))),
                Err(failure) => Ok(Some(refused(None, &failure))),
            },
            Some(Ok(Message::Binary(_))) => Err(Ending::Broken(close_code::UNSUPPORTED, "text only")),
            Some(Ok(Message::Ping(_) | Message::Pong(_))) => Ok(None),
            // The library has answered it already.
            Some(Ok(Message::Close(_))) | None => Err(Ending::Gone),
            Some(Err(error)) => Err(broken(error)),
        }
    }

    /// How many bytes the requests have that wait.
    fn queued(&self) -> usize {
        self.waiting.iter().map(LiveRequest::size).sum()
    }

    fn do_next(&mut self) {
        let next = self.waiting.pop_front().map(|request| request.done(self.client.clone()).boxed());
        self.doing = next;
    }

    /// Answers what was asked.
    async fn finish(&mut self) -> Result<(), Ending> {
        while let Some(answer) = answer(&mut self.doing).await {
            self.send(Message::text(answer)).await?;
            self.do_next();
        }
        Ok(())
    }

    async fn send(&mut self, message: Message) -> Result<(), Ending> {
        timeout(SILENCE, self.socket.send(message)).await.map_err(|_| Ending::Gone)??;
        Ok(())
    }
}

/// The answer to what is being done; none where nothing is.
async fn answer(doing: &mut Option<BoxFuture<'static, String>>) -> Option<String> {
    match doing {
        Some(doing) => Some(doing.await),
        None => None,
    }
}

/// What a client did that its connection cannot go on after.
fn broken(error: axum::Error) -> Ending {
    use tungstenite::Error;
    match error.into_inner().downcast_ref() {
        Some(Error::Capacity(_)) => Ending::Broken(close_code::SIZE, "too large"),
        Some(Error::Utf8(_)) => Ending::Broken(close_code::INVALID, "not UTF-8"),
        Some(Error::Protocol(_)) => Ending::Broken(close_code::PROTOCOL, "not a WebSocket's frame"),
        _ => Ending::Gone,
    }
}
