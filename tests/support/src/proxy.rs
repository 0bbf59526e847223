//! A network that fails on request.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

#[derive(Debug, Default)]
struct Switches {
    refuse: AtomicBool,
    hang: AtomicBool,
    lose_replies: AtomicBool,
    delay_micros: AtomicU64,
    /// Whether the last bytes came from the server, by which round trips are counted.
    replied: AtomicBool,
    round_trips: AtomicU64,
    connections: AtomicU64,
    closed: AtomicBool,
    open: Mutex<Vec<TcpStream>>,
}

impl Switches {
    fn cut(&self) {
        for stream in self.open.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }
}

/// Forwards loopback connections to a server, with switches. Ends when dropped.
#[derive(Debug)]
pub struct TcpProxy {
    port: u16,
    switches: Arc<Switches>,
}

#[derive(Clone, Copy, PartialEq)]
enum From {
    Client,
    Server,
}

impl TcpProxy {
    /// Begins to forward to `port` of 127.0.0.1.
    pub fn start(port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).expect("a free loopback port");
        let own = listener.local_addr().expect("a bound socket has an address").port();
        let switches = Arc::new(Switches::default());
        let shared = Arc::clone(&switches);
        thread::spawn(move || {
            for client in listener.incoming().filter_map(Result::ok) {
                if shared.closed.load(Ordering::SeqCst) {
                    return;
                }
                if !shared.refuse.load(Ordering::SeqCst)
                    && let Ok(server) = TcpStream::connect(("127.0.0.1", port))
                {
                    forward(&client, &server, &shared);
                }
            }
        });
        Self { port: own, switches }
    }

    /// The port to connect to.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Ends all connections now.
    pub fn cut(&self) {
        self.switches.cut();
    }

    /// Closes new connections at once.
    pub fn refuse(&self, on: bool) {
        self.switches.refuse.store(on, Ordering::SeqCst);
    }

    /// Swallows all bytes in both directions.
    pub fn hang(&self, on: bool) {
        self.switches.hang.store(on, Ordering::SeqCst);
    }

    /// Cuts a connection instead of passing the server's next reply on: what was asked for is done, and nobody hears of it.
    /// Switches itself off after the first.
    pub fn lose_next_reply(&self) {
        self.switches.lose_replies.store(true, Ordering::SeqCst);
    }

    /// Holds each piece back for this long.
    pub fn delay(&self, delay: Duration) {
        let micros = u64::try_from(delay.as_micros()).unwrap_or(u64::MAX);
        self.switches.delay_micros.store(micros, Ordering::SeqCst);
    }

    /// How often bytes went to the server after bytes had come from it, or first. Meaningful for one connection at a time.
    pub fn round_trips(&self) -> u64 {
        self.switches.round_trips.load(Ordering::SeqCst)
    }

    /// How many connections there have been.
    pub fn connections(&self) -> u64 {
        self.switches.connections.load(Ordering::SeqCst)
    }
}

impl Drop for TcpProxy {
    fn drop(&mut self) {
        self.switches.closed.store(true, Ordering::SeqCst);
        self.switches.cut();
        // Wakes the listener, which then ends.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

fn forward(client: &TcpStream, server: &TcpStream, switches: &Arc<Switches>) {
    switches.connections.fetch_add(1, Ordering::SeqCst);
    switches.replied.store(true, Ordering::SeqCst);
    let copy = |stream: &TcpStream| stream.try_clone().expect("a socket can be cloned");
    for stream in [client, server] {
        stream.set_nodelay(true).expect("a socket takes options");
        switches.open.lock().unwrap_or_else(PoisonError::into_inner).push(copy(stream));
    }
    for (from, reader, writer) in
        [(From::Client, copy(client), copy(server)), (From::Server, copy(server), copy(client))]
    {
        let switches = Arc::clone(switches);
        thread::spawn(move || {
            pump(from, &reader, &writer, &switches);
            let _ = reader.shutdown(Shutdown::Both);
            let _ = writer.shutdown(Shutdown::Both);
        });
    }
}

fn pump(from: From, mut reader: &TcpStream, mut writer: &TcpStream, switches: &Switches) {
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(length) = reader.read(&mut buffer) {
        if length == 0 {
            return;
        }
        let delay = switches.delay_micros.load(Ordering::SeqCst);
        if delay > 0 {
            thread::sleep(Duration::from_micros(delay));
        }
        match from {
            From::Client if switches.replied.swap(false, Ordering::SeqCst) => {
                switches.round_trips.fetch_add(1, Ordering::SeqCst);
            }
            From::Client => {}
            From::Server => switches.replied.store(true, Ordering::SeqCst),
        }
        if switches.hang.load(Ordering::SeqCst) {
            continue;
        }
        if from == From::Server && switches.lose_replies.swap(false, Ordering::SeqCst) {
            return;
        }
        if writer.write_all(&buffer[..length]).is_err() {
            return;
        }
    }
}
