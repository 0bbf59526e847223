//! A service for a test: in this process, on a free port, on a store of its own.
#![allow(dead_code, reason = "each program of tests uses a part of it")]

pub(crate) mod process;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::sync::mpsc;
use std::thread::JoinHandle;

use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use ureq::http::{HeaderMap, Request};
use vivavoce_rest::app::App;
use vivavoce_rest::config::Config;
use vivavoce_rest::server;
use vivavoce_test_support::Cluster;

/// Makes of each test of a service one test for each kind of store.
#[macro_export]
macro_rules! on_every_store {
    ($(fn $name:ident($store:ident: &Store) $body:block)*) => {$(
        mod $name {
            use super::*;

            fn check($store: &Store) $body

            #[test]
            fn memory() {
                check(&Store::memory());
            }

            #[test]
            fn sqlite() {
                check(&Store::sqlite());
            }

            #[test]
            fn postgres() {
                check(&Store::postgres());
            }
        }
    )*};
}

/// A store that a test has to itself.
pub(crate) struct Store {
    pub(crate) url: String,
    _folder: Option<tempfile::TempDir>,
}

impl Store {
    pub(crate) fn memory() -> Self {
        Self { url: "memory:".into(), _folder: None }
    }

    pub(crate) fn sqlite() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { url: format!("sqlite:{}", folder.path().join("interviews.db").display()), _folder: Some(folder) }
    }

    pub(crate) fn postgres() -> Self {
        Self { url: Cluster::shared().create_database(), _folder: None }
    }

    /// A service on it, with further arguments.
    pub(crate) fn service(&self, arguments: &[&str]) -> Service {
        let own = ["--store", &self.url];
        Service::start(own.iter().chain(arguments).copied())
    }
}

/// A service that listens. Ends when dropped.
pub(crate) struct Service {
    pub(crate) address: SocketAddr,
    agent: ureq::Agent,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Service {
    pub(crate) fn start<'a>(arguments: impl IntoIterator<Item = &'a str>) -> Self {
        Self::start_with(arguments, |config| App::open(config).unwrap())
    }

    /// The same, of what a test opens itself.
    pub(crate) fn start_with<'a>(
        arguments: impl IntoIterator<Item = &'a str>,
        open: impl FnOnce(Config) -> App + Send + 'static,
    ) -> Self {
        let arguments = ["--listen", "127.0.0.1:0"].into_iter().chain(arguments).map(OsString::from);
        let (config, _) = Config::read(arguments).unwrap();
        let (told, address) = mpsc::channel();
        let (stop, stopped) = oneshot::channel();
        let thread = std::thread::spawn(move || {
            let app = open(config);
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
            runtime.block_on(async {
                let listener = TcpListener::bind(app.config.listen).await.unwrap();
                told.send(listener.local_addr().unwrap()).unwrap();
                let stop = async { drop(stopped.await) };
                server::serve(&app, listener, stop).await.unwrap();
            });
        });
        let mut service = Self::at(address.recv().unwrap());
        (service.stop, service.thread) = (Some(stop), Some(thread));
        service
    }

    /// One that is there already, and is not ended.
    pub(crate) fn at(address: SocketAddr) -> Self {
        let config = ureq::Agent::config_builder().http_status_as_error(false).max_redirects(0).build();
        Self { address, agent: config.into(), stop: None, thread: None }
    }

    /// Sends a request and waits for its reply.
    pub(crate) fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: impl AsRef<[u8]>) -> Reply {
        let mut request = Request::builder().method(method).uri(format!("http://{}{path}", self.address));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let body = body.as_ref();
        let sent = match body.is_empty() {
            true => self.agent.run(request.body(()).unwrap()),
            false => self.agent.run(request.body(body).unwrap()),
        };
        let (parts, mut body) = sent.unwrap().into_parts();
        let bytes = body.with_config().limit(64 * 1024 * 1024).read_to_vec().unwrap();
        Reply { status: parts.status.as_u16(), headers: parts.headers, bytes }
    }

    pub(crate) fn get(&self, path: &str) -> Reply {
        self.send("GET", path, &[], "")
    }

    pub(crate) fn post(&self, path: &str, body: impl ToString) -> Reply {
        self.send("POST", path, &[("content-type", "application/json")], body.to_string())
    }

    /// Sends a request again and again under one key.
    pub(crate) fn post_with_key(&self, path: &str, key: &str, body: impl ToString) -> Reply {
        let headers = [("content-type", "application/json"), ("idempotency-key", key)];
        self.send("POST", path, &headers, body.to_string())
    }

    /// Asks it to stop, and waits until it has.
    pub(crate) fn stop(mut self) {
        self.end();
    }

    fn end(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(thread) = self.thread.take() {
            let ended = thread.join();
            assert!(std::thread::panicking() || ended.is_ok(), "the service panicked");
        }
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        self.end();
    }
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) bytes: Vec<u8>,
}

impl Reply {
    /// The document.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.bytes).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(crate) fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }

    /// The document of a success.
    #[track_caller]
    pub(crate) fn ok(&self, status: u16) -> Value {
        assert_eq!(self.status, status, "{}", self.text());
        self.json()
    }

    /// Whether it is this failure.
    #[track_caller]
    pub(crate) fn fails(&self, status: u16, error: &str) {
        assert_eq!((self.status, self.json()["error"].as_str()), (status, Some(error)), "{}", self.text());
        assert_eq!(self.header("content-type"), Some("application/json"));
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }
}
