//! Clients: server-sent events read by hand, and a WebSocket.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use serde_json::Value;
use socket2::{Domain, Socket, Type};
use tungstenite::client::IntoClientRequest as _;
use tungstenite::protocol::frame::coding::CloseCode;
use tungstenite::{Message, WebSocket};

/// Longer than anything takes: a test that hangs fails.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody who listens.
pub(crate) trait Heard: Send {
    /// The next event; none at the end.
    fn next(&mut self) -> Option<Value>;
}

fn connect(address: SocketAddr, window: Option<usize>) -> TcpStream {
    let socket = Socket::new(Domain::for_address(address), Type::STREAM, None).unwrap();
    if let Some(size) = window {
        socket.set_recv_buffer_size(size).unwrap();
    }
    socket.connect(&address.into()).unwrap();
    let stream = TcpStream::from(socket);
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.set_write_timeout(Some(PATIENCE)).unwrap();
    stream
}

/// A client of `/events`.
pub(crate) struct Sse {
    reader: BufReader<TcpStream>,
    pub(crate) status: u16,
    pub(crate) headers: String,
    text: String,
    /// How many comments were read.
    pub(crate) comments: usize,
}

impl Sse {
    pub(crate) fn open(address: SocketAddr, session: &str, after: u64) -> Self {
        let client = Self::get(address, &format!("/api/chat/{session}/events?after={after}"), "");
        assert_eq!(client.status, 200, "{}", client.headers);
        client
    }

    pub(crate) fn get(address: SocketAddr, path: &str, headers: &str) -> Self {
        Self::over(connect(address, None), path, headers)
    }

    /// A client that takes little at a time.
    pub(crate) fn slow(address: SocketAddr, session: &str) -> Self {
        Self::over(connect(address, Some(4096)), &format!("/api/chat/{session}/events"), "")
    }

    fn over(mut stream: TcpStream, path: &str, headers: &str) -> Self {
        write!(stream, "GET {path} HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n{headers}\r\n").unwrap();
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            assert!(reader.read_line(&mut head).unwrap() > 0, "no response: {head}");
        }
        let status = head[9..12].parse().unwrap();
        Self { reader, status, headers: head.to_lowercase(), text: String::new(), comments: 0 }
    }

    /// The next chunk; none at the end, however it comes.
    fn chunk(&mut self) -> Option<()> {
        let mut size = String::new();
        self.reader.read_line(&mut size).ok()?;
        let size = usize::from_str_radix(size.trim(), 16).ok().filter(|size| *size > 0)?;
        let mut chunk = vec![0; size + 2];
        self.reader.read_exact(&mut chunk).ok()?;
        self.text += std::str::from_utf8(&chunk[..size]).unwrap();
        Some(())
    }

    /// Waits for the next block: an event, or a comment.
    pub(crate) fn block(&mut self) -> Option<String> {
        loop {
            if let Some((block, rest)) = self.text.split_once("\n\n") {
                let block = block.to_owned();
                self.text = rest.to_owned();
                return Some(block);
            }
            self.chunk()?;
        }
    }
}

impl Heard for Sse {
    fn next(&mut self) -> Option<Value> {
        loop {
            let block = self.block()?;
            let field = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(": "));
            let Some(data) = field("data") else {
                assert!(block.starts_with(':'), "{block}");
                self.comments += 1;
                continue;
            };
            let event: Value = serde_json::from_str(data).unwrap();
            assert_eq!(field("event"), event["type"].as_str());
            assert_eq!(field("id").map(str::to_owned), event.get("seq").map(Value::to_string));
            return Some(event);
        }
    }
}

/// A client of `/ws`.
pub(crate) struct Ws {
    socket: WebSocket<TcpStream>,
    /// How it was closed.
    pub(crate) closed: Option<CloseCode>,
    /// Whether a ping was answered.
    pub(crate) pings: usize,
}

impl Ws {
    pub(crate) fn open(address: SocketAddr, session: &str, after: u64) -> Self {
        Self::with(address, session, after, &[]).unwrap_or_else(|status| panic!("{status}"))
    }

    /// With headers; or the status of the refusal.
    pub(crate) fn with(
        address: SocketAddr,
        session: &str,
        after: u64,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        Self::over(connect(address, None), address, session, after, headers)
    }

    /// A client that takes little at a time.
    pub(crate) fn slow(address: SocketAddr, session: &str) -> Self {
        Self::over(connect(address, Some(4096)), address, session, 0, &[]).unwrap()
    }

    fn over(
        stream: TcpStream,
        address: SocketAddr,
        session: &str,
        after: u64,
        headers: &[(&'static str, &str)],
    ) -> Result<Self, u16> {
        let url = format!("ws://{address}/api/chat/{session}/ws?after={after}");
        let mut request = url.into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        match tungstenite::client(request, stream) {
            Ok((socket, _)) => Ok(Self { socket, closed: None, pings: 0 }),
            Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(response))) => {
                Err(response.status().as_u16())
            }
            Err(error) => panic!("{error}"),
        }
    }

    /// Sends; a service that has closed already does not take it.
    pub(crate) fn send(&mut self, message: impl Into<Message>) {
        let _ = self.socket.send(message.into());
    }

    pub(crate) fn ask(&mut self, request: &Value) {
        self.socket.send(Message::text(request.to_string())).unwrap();
    }

    /// Sends bytes that are no frame of the library's.
    pub(crate) fn send_raw(&mut self, bytes: &[u8]) {
        let _ = self.socket.get_mut().write_all(bytes);
    }

    /// Hears until a request is answered.
    pub(crate) fn answer(&mut self) -> Value {
        loop {
            let heard = self.next().expect("it was closed");
            if heard["type"] == "accepted" || heard["type"] == "error" {
                return heard;
            }
        }
    }

    /// Hears until it is closed, and how.
    pub(crate) fn close_code(&mut self) -> Option<u16> {
        while self.next().is_some() {}
        self.closed.map(u16::from)
    }

    /// Waits for a ping, which is answered.
    pub(crate) fn pinged(&mut self) -> bool {
        let pings = self.pings;
        while self.pings == pings {
            match self.read() {
                Some(Message::Text(_) | Message::Ping(_)) => {}
                _ => return false,
            }
        }
        self.socket.flush().is_ok()
    }

    fn read(&mut self) -> Option<Message> {
        let message = self.socket.read().ok()?;
        match &message {
            Message::Close(frame) => {
                self.closed = frame.as_ref().map(|frame| frame.code);
                let _ = self.socket.flush();
            }
            Message::Ping(_) => self.pings += 1,
            _ => {}
        }
        Some(message)
    }
}

impl Heard for Ws {
    fn next(&mut self) -> Option<Value> {
        loop {
            match self.read()? {
                Message::Text(text) => return Some(serde_json::from_str(&text).unwrap()),
                Message::Close(_) => return None,
                _ => {}
            }
        }
    }
}
