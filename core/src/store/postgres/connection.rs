//! Making connections, and running statements on one.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc;
use std::thread;
use std::time::Duration;

use postgres::config::{SslMode as DriverSslMode, TargetSessionAttrs};
use postgres::types::private::BytesMut;
use postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use postgres::{Client, Config, NoTls, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::failure::{self, Failure};
use super::tls;
use super::url::{Place, PostgresUrl, Secret, Server, SslMode, Target};
use crate::error::{Error, Result};

/// After how much silence a peer is asked whether it is still there, and how long a peer may leave what was sent unacknowledged.
const KEEPALIVE: Duration = Duration::from_secs(30);

/// How many threads may wait for servers that accept and say nothing; each is left behind when its time is over.
const MAX_CONNECTING: usize = 200;

/// A value for a statement, with the type that the statement has for it.
pub(super) type Param<'a> = (&'a (dyn ToSql + Sync), Type);

/// Runs `work` where the driver may block: on this thread, or, when an async runtime is here, in which the driver would panic, on a thread of its own.
pub(super) fn outside_runtime<T: Send>(work: impl FnOnce() -> T + Send) -> Result<T> {
    if tokio::runtime::Handle::try_current().is_err() {
        return Ok(work());
    }
    thread::scope(|scope| {
        let helper = thread::Builder::new().name("vivavoce-postgres".to_owned()).spawn_scoped(scope, work);
        let helper = helper.map_err(|_| Error::storage("no thread for the database can be started").retryable())?;
        helper.join().map_err(|panic| std::panic::resume_unwind(panic))
    })
}

/// Makes connections as a URL says.
pub(super) struct Connector {
    url: PostgresUrl,
    tls: Option<MakeRustlsConnect>,
    /// How many threads wait for a server that may never answer.
    connecting: Arc<AtomicUsize>,
}

impl Connector {
    pub(super) fn new(url: PostgresUrl) -> Result<Self> {
        let tls = tls::connector(&url)?;
        Ok(Self { url, tls, connecting: Arc::default() })
    }

    pub(super) fn url(&self) -> &PostgresUrl {
        &self.url
    }

    /// Connects to the first server that will do.
    pub(super) fn connect(&self) -> Result<Connection> {
        let prepared = self.url.prepared.then(HashMap::new);
        self.client().map(|client| Connection { client, prepared, broken: false })
    }

    /// As [`connect`](Self::connect), for a connection that statements are not the purpose of.
    pub(super) fn client(&self) -> Result<Client> {
        let mut failed: Option<Error> = None;
        for server in &self.url.servers {
            match self.connect_to(server) {
                Ok(client) => return Ok(client),
                // That one server may come back says more than that another refuses.
                Err(error) if failed.as_ref().is_none_or(|before| !before.is_retryable()) => failed = Some(error),
                Err(_) => {}
            }
        }
        Err(failed.unwrap_or_else(failure::unreachable_server))
    }

    fn config(&self, server: &Server) -> Config {
        let url = &self.url;
        let mut config = Config::new();
        match &server.place {
            Place::Tcp(name) => config.host(name),
            Place::Unix(directory) => config.host_path(directory),
        };
        config.port(server.port).application_name(&url.application_name).connect_timeout(url.connect_timeout);
        config.keepalives_idle(KEEPALIVE).keepalives_interval(KEEPALIVE / 3).keepalives_retries(3);
        config.tcp_user_timeout(KEEPALIVE);
        config.ssl_mode(match url.ssl_mode {
            SslMode::Disable => DriverSslMode::Disable,
            SslMode::Prefer => DriverSslMode::Prefer,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => DriverSslMode::Require,
        });
        config.target_session_attrs(match url.target {
            Target::Any => TargetSessionAttrs::Any,
            Target::ReadWrite => TargetSessionAttrs::ReadWrite,
            Target::ReadOnly => TargetSessionAttrs::ReadOnly,
        });
        // What the server remarks may repeat values: it is not logged.
        config.notice_callback(|_| {});
        if let Some(user) = &url.user {
            config.user(user);
        }
        if let Some(password) = &url.password {
            config.password(Secret::reveal(password));
        }
        if let Some(database) = &url.database {
            config.dbname(database);
        }
        if let Some(options) = &url.options {
            config.options(options);
        }
        config
    }

    /// Connects within the URL's time. The driver's own limit ends with the TCP handshake: a server that accepts and says nothing is given up by leaving
    /// the thread that waits for it behind.
    fn connect_to(&self, server: &Server) -> Result<Client> {
        let config = self.config(server);
        // libpq does not encrypt Unix sockets either.
        let tls = self.tls.clone().filter(|_| matches!(server.place, Place::Tcp(_)));
        let connecting = Connecting::begin(&self.connecting).ok_or_else(failure::unreachable_server)?;
        let (sender, receiver) = mpsc::sync_channel(1);
        let connect = move || {
            let _connecting = connecting;
            let connected = match tls {
                Some(tls) => config.connect(tls),
                None => config.ssl_mode_off().connect(NoTls),
            };
            let _ = sender.send(connected.map_err(|error| failure::connecting(&error)));
        };
        thread::Builder::new()
            .name("vivavoce-connect".to_owned())
            .spawn(connect)
            .map_err(|_| Error::storage("no thread for the database can be started").retryable())?;
        match receiver.recv_timeout(self.url.connect_timeout) {
            Ok(connected) => connected,
            Err(_) => Err(failure::unreachable_server()),
        }
    }
}

/// Counts a thread that connects.
struct Connecting(Arc<AtomicUsize>);

impl Connecting {
    /// None where too many wait already.
    fn begin(count: &Arc<AtomicUsize>) -> Option<Self> {
        let connecting = Self(Arc::clone(count));
        (count.fetch_add(1, Ordering::SeqCst) < MAX_CONNECTING).then_some(connecting)
    }
}

impl Drop for Connecting {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

/// The driver refuses `prefer` without a connector for TLS on a Unix socket only after it has asked the server.
trait SslModeOff {
    fn ssl_mode_off(self) -> Self;
}

impl SslModeOff for Config {
    fn ssl_mode_off(mut self) -> Self {
        self.ssl_mode(DriverSslMode::Disable);
        self
    }
}

/// One connection.
pub(super) struct Connection {
    client: Client,
    /// The statements that are prepared here, by their text; none where statements are not prepared.
    prepared: Option<HashMap<String, Statement>>,
    /// Whether nothing more can be done with it.
    broken: bool,
}

impl Connection {
    /// Whether it is known to be of no more use.
    pub(super) fn is_broken(&self) -> bool {
        self.broken || self.client.is_closed()
    }

    pub(super) fn discard(&mut self) {
        self.broken = true;
    }

    /// Runs one statement: one round trip, and one transaction where none is open.
    pub(super) fn query(&mut self, text: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Failure> {
        let rows = match &mut self.prepared {
            None => self.client.query_typed(text, params),
            Some(prepared) => {
                let statement = match prepared.get(text) {
                    Some(statement) => statement.clone(),
                    None => {
                        let types: Vec<_> = params.iter().map(|(_, kind)| kind.clone()).collect();
                        let statement = self.client.prepare_typed(text, &types).map_err(|e| failure::statement(&e))?;
                        prepared.insert(text.to_owned(), statement.clone());
                        statement
                    }
                };
                let hidden: Vec<_> = params.iter().map(|(value, _)| Hidden(*value)).collect();
                let values: Vec<_> = hidden.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
                self.client.query(&statement, &values)
            }
        };
        rows.map_err(|error| failure::statement(&error))
    }

    /// Runs statements without values or results, separated by semicolons.
    pub(super) fn batch(&mut self, text: &str) -> Result<(), Failure> {
        self.client.batch_execute(text).map_err(|error| failure::statement(&error))
    }

    /// Runs `work` in a transaction that `begin` opens.
    pub(super) fn transaction<T>(
        &mut self,
        begin: &str,
        work: impl FnOnce(&mut Self) -> Result<T, Failure>,
    ) -> Result<T, Failure> {
        self.batch(begin)?;
        match work(self) {
            Ok(done) => self.batch("COMMIT").map(|()| done),
            Err(Failure::Lost(error)) => Err(Failure::Lost(error)),
            Err(failed) => {
                if self.batch("ROLLBACK").is_err() {
                    self.broken = true;
                }
                Err(failed)
            }
        }
    }
}

/// A value that the driver, which logs the values of prepared statements, cannot print.
struct Hidden<'a>(&'a (dyn ToSql + Sync));

impl fmt::Debug for Hidden<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl ToSql for Hidden<'_> {
    fn to_sql(&self, kind: &Type, out: &mut BytesMut) -> Result<IsNull, Box<dyn StdError + Sync + Send>> {
        self.0.to_sql_checked(kind, out)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
