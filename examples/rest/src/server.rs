//! Listening: connections with their limits, and an end that loses nothing.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use socket2::SockRef;
use tokio::io::AsyncWriteExt as _;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Semaphore;
use tower::ServiceExt as _;

use crate::access::{Peer, conceal};
use crate::app::App;

/// How long the head of a request may take.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// The most bytes of a request's head, and the most headers; more is 431.
const MAX_HEAD: usize = 32 * 1024;
const MAX_HEADERS: usize = 100;
/// The most connections at a time; further ones wait until others end.
const MAX_CONNECTIONS: u32 = 10_000;
/// How long a client may take nothing of what it was sent.
pub(crate) const SILENCE: Duration = Duration::from_secs(60);
/// How long somebody may take to hear why he is not listened to.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long to wait when the system has no more sockets.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves until `stop`, and then until what was begun is done, or its time is over.
///
/// # Errors
/// Where the store could not be closed cleanly.
pub async fn serve(app: &App, listener: TcpListener, stop: impl Future<Output = ()>) -> io::Result<()> {
    let router = app.router();
    let places = Arc::new(Semaphore::new(MAX_CONNECTIONS as usize));
    tokio::pin!(stop);
    loop {
        let place = tokio::select! {
            place = Arc::clone(&places).acquire_owned() => place,
            () = &mut stop => break,
        };
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            () = &mut stop => break,
        };
        let Ok((stream, peer)) = accepted else {
            // Mostly a lack of file descriptors, which passes.
            tokio::time::sleep(PAUSE).await;
            continue;
        };
        // A reply is small and wanted at once, and a client that takes nothing is gone.
        let _ = stream.set_nodelay(true);
        let _ = SockRef::from(&stream).set_tcp_user_timeout(Some(SILENCE));
        let service = service(router.clone(), Peer(peer));
        let mut connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIMEOUT)
            .max_buf_size(MAX_HEAD)
            .max_headers(MAX_HEADERS)
            .serve_connection(TokioIo::new(stream), service)
            .with_upgrades();
        let app = app.clone();
        tokio::spawn(async move {
            let _place = place;
            let ended = tokio::select! {
                ended = &mut connection => ended,
                () = app.stopped() => {
                    std::pin::Pin::new(&mut connection).graceful_shutdown();
                    (&mut connection).await
                }
            };
            // A client that breaks off is no failure of ours.
            if ended.is_err_and(|error| error.is_timeout())
                && let Some(parts) = connection.into_parts()
                && !parts.read_buf.is_empty()
            {
                refuse_slow(parts.io.into_inner()).await;
            }
        });
    }
    drop(listener);
    app.stop();
    let all_gone = async {
        let _ = places.acquire_many(MAX_CONNECTIONS).await;
        // A WebSocket is no connection of the server's any more.
        app.live.all_gone().await;
    };
    let until = std::time::Instant::now() + app.config.shutdown_timeout;
    if tokio::time::timeout_at(until.into(), all_gone).await.is_err() {
        tracing::warn!("requests were cut off: they took longer than the shutdown may");
    }
    let app = app.clone();
    let closed = tokio::task::spawn_blocking(move || app.close(until)).await;
    closed.map_err(io::Error::other)?.map_err(io::Error::other)
}

/// Answers a head that did not come in time. Who has sent nothing of one asks for no answer.
async fn refuse_slow(mut stream: TcpStream) {
    const REPLY: &str = "HTTP/1.1 408 Request Timeout\r\ncontent-type: application/json\r\ncontent-length: 45\r\n\
        connection: close\r\n\r\n{\"error\":\"The request did not come in time\"}\n";
    let told = async {
        stream.write_all(REPLY.as_bytes()).await?;
        stream.shutdown().await?;
        // What is still on its way would end the connection before the answer is read.
        tokio::io::copy(&mut stream, &mut tokio::io::sink()).await
    };
    let _ = tokio::time::timeout(LAST_WORDS, told).await;
}

/// The router as a connection calls it, with where it comes from.
fn service(
    router: Router,
    peer: Peer,
) -> impl hyper::service::Service<
    hyper::Request<Incoming>,
    Response = axum::response::Response,
    Error = std::convert::Infallible,
    Future: Send,
> + Send {
    TowerToHyperService::new(router.map_request(move |request: hyper::Request<Incoming>| {
        let mut request = request.map(axum::body::Body::new);
        request.extensions_mut().insert(peer);
        conceal(&mut request);
        request
    }))
}
