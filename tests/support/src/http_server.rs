//! An HTTP server that answers as a test says, down to the byte: whole, in drips, broken off, or never.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::Duration;

/// A request as it arrived.
#[derive(Debug, Clone)]
pub struct Request {
    /// For example `POST`.
    pub method: String,
    /// With the query.
    pub path: String,
    /// Names in lower case, in the order of arrival.
    pub headers: Vec<(String, String)>,
    /// The body, as long as its `content-length` says.
    pub body: Vec<u8>,
}

impl Request {
    /// The first header of this lower-case name.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// One step of an answer.
#[derive(Debug, Clone)]
pub enum Act {
    /// Sends these bytes.
    Send(Vec<u8>),
    /// Sends these bytes one at a time, with a pause before each.
    Drip(Vec<u8>, Duration),
    /// Does nothing until the server is dropped, or the client is gone.
    Hang,
    /// Ends the connection with a reset.
    Reset,
    /// Ends the connection.
    Close,
}

/// A whole response with its length.
pub fn response(status: u16, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Act {
    let body = body.as_ref();
    let mut bytes = format!("HTTP/1.1 {status} Status\r\ncontent-length: {}\r\n", body.len()).into_bytes();
    for (name, value) in headers {
        bytes.extend(format!("{name}: {value}\r\n").into_bytes());
    }
    bytes.extend(b"\r\n");
    bytes.extend(body);
    Act::Send(bytes)
}

type Script = dyn Fn(&Request, usize) -> Vec<Act> + Send + Sync;

#[derive(Default)]
struct State {
    requests: Vec<Request>,
    connections: Vec<TcpStream>,
    accepted: usize,
    closed: bool,
}

struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    script: Box<Script>,
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A server on a free loopback port. Ends when dropped.
pub struct HttpServer {
    port: u16,
    shared: Arc<Shared>,
}

impl HttpServer {
    /// Begins to answer: `script` says how, from the request and its number, from 0.
    pub fn start(script: impl Fn(&Request, usize) -> Vec<Act> + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port");
        let port = listener.local_addr().expect("a bound socket has an address").port();
        let shared = Arc::new(Shared { state: Mutex::default(), changed: Condvar::new(), script: Box::new(script) });
        let accepting = Arc::clone(&shared);
        thread::spawn(move || {
            for stream in listener.incoming().filter_map(Result::ok) {
                let _ = stream.set_nodelay(true);
                let mut state = accepting.lock();
                if state.closed {
                    return;
                }
                state.connections.extend(stream.try_clone());
                state.accepted += 1;
                drop(state);
                let shared = Arc::clone(&accepting);
                thread::spawn(move || serve(&stream, &shared));
            }
        });
        Self { port, shared }
    }

    /// The port of 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// `http://127.0.0.1:PORT` and `path`.
    pub fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.lock().requests.clone()
    }

    /// How many connections were made so far, with a request or without.
    pub fn connections(&self) -> usize {
        self.shared.lock().accepted
    }

    /// Waits until there are so many requests.
    ///
    /// # Panics
    /// When they do not come within half a minute.
    pub fn wait_for_requests(&self, count: usize) {
        let state = self.shared.lock();
        let waited = self
            .shared
            .changed
            .wait_timeout_while(state, Duration::from_secs(30), |state| state.requests.len() < count)
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!waited.1.timed_out(), "no {count} requests came");
    }
}

impl Drop for HttpServer {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closed = true;
        for stream in state.connections.drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(state);
        self.shared.changed.notify_all();
        // Wakes the thread that accepts.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// Answers the requests of one connection.
fn serve(stream: &TcpStream, shared: &Shared) {
    let mut reader = BufReader::new(stream);
    while let Some(request) = read(&mut reader) {
        let number = {
            let mut state = shared.lock();
            state.requests.push(request.clone());
            state.requests.len() - 1
        };
        shared.changed.notify_all();
        for act in (shared.script)(&request, number) {
            let mut out = stream;
            let goes_on = match act {
                Act::Send(bytes) => out.write_all(&bytes).is_ok(),
                Act::Drip(bytes, pause) => bytes.iter().all(|byte| {
                    thread::sleep(pause);
                    out.write_all(&[*byte]).is_ok()
                }),
                // Ends when the client hangs up, or the server does.
                Act::Hang => reader.fill_buf().is_ok_and(|bytes| !bytes.is_empty()),
                Act::Reset => {
                    let _ = socket2::SockRef::from(stream).set_linger(Some(Duration::ZERO));
                    forget(stream, shared);
                    return;
                }
                Act::Close => false,
            };
            if !goes_on {
                let _ = stream.shutdown(Shutdown::Both);
                return;
            }
        }
    }
}

/// Drops the server's own copy of a connection, so that closing it takes effect.
fn forget(stream: &TcpStream, shared: &Shared) {
    let peer = stream.peer_addr().ok();
    shared.lock().connections.retain(|kept| kept.peer_addr().ok() != peer);
}

fn read(reader: &mut BufReader<&TcpStream>) -> Option<Request> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|count| *count > 0)?;
    let mut words = line.split_whitespace();
    let (method, path) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':')?;
        headers.push((name.to_lowercase(), value.trim().to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length");
    let mut body = vec![0; length.and_then(|(_, value)| value.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some(Request { method, path, headers, body })
}
