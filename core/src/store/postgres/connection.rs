//! Making connections, and running statements on one.

use std::collections::HashMap;
use std::error::Error as StdError;
use std::fmt;
use std::thread;
use std::time::Duration;

use tokio_postgres::config::{SslMode as DriverSslMode, TargetSessionAttrs};
use tokio_postgres::types::private::BytesMut;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Config, Row, Statement};
use tokio_postgres_rustls::MakeRustlsConnect;

use super::client::Client;
use super::failure::{self, Failure};
use super::tls;
use super::url::{Place, PostgresUrl, Secret, Server, SslMode, Target};
use crate::error::{Error, ErrorKind, Result};
use crate::patience::Patience;

/// After how much silence a peer is asked whether it is still there, and how long a peer may leave what was sent unacknowledged.
const KEEPALIVE: Duration = Duration::from_secs(30);

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
}

impl Connector {
    pub(super) fn new(url: PostgresUrl) -> Result<Self> {
        let tls = tls::connector(&url)?;
        Ok(Self { url, tls })
    }

    pub(super) fn url(&self) -> &PostgresUrl {
        &self.url
    }

    /// Connects to the first server that will do.
    pub(super) fn connect(&self, patience: &Patience) -> Result<Connection> {
        let prepared = self.url.prepared.then(HashMap::new);
        self.client(patience).map(|client| Connection {
            client,
            prepared,
            patience: Patience::default(),
            broken: false,
        })
    }

    /// As [`connect`](Self::connect), for a connection that statements are not the purpose of.
    pub(super) fn client(&self, patience: &Patience) -> Result<Client> {
        let mut failed: Option<Error> = None;
        for server in &self.url.servers {
            match self.connect_to(server, patience) {
                Ok(client) => return Ok(client),
                Err(error) if error.kind() != ErrorKind::Storage => return Err(error),
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

    /// Connects within the URL's time.
    fn connect_to(&self, server: &Server, patience: &Patience) -> Result<Client> {
        let mut config = self.config(server);
        // libpq does not encrypt Unix sockets either.
        let tls = self.tls.clone().filter(|_| matches!(server.place, Place::Tcp(_)));
        if tls.is_none() {
            // The driver refuses `prefer` without a connector for TLS only after it has asked the server.
            config.ssl_mode(DriverSslMode::Disable);
        }
        Client::connect(&config, tls, self.url.connect_timeout, patience)
    }
}

/// One connection.
pub(super) struct Connection {
    client: Client,
    /// The statements that are prepared here, by their text; none where statements are not prepared.
    prepared: Option<HashMap<String, Statement>>,
    /// How long the call that has it now waits.
    patience: Patience,
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

    /// From now on, waits for the server no longer than this.
    pub(super) fn wait_for(&mut self, patience: Patience) {
        self.patience = patience;
    }

    /// Runs one statement: one round trip, and one transaction where none is open.
    pub(super) fn query(&mut self, text: &str, params: &[Param<'_>]) -> Result<Vec<Row>, Failure> {
        let Some(prepared) = &mut self.prepared else { return self.client.query_typed(text, params, &self.patience) };
        let statement = match prepared.get(text) {
            Some(statement) => statement.clone(),
            None => {
                let types: Vec<_> = params.iter().map(|(_, kind)| kind.clone()).collect();
                let statement = self.client.prepare(text, &types, &self.patience)?;
                prepared.insert(text.to_owned(), statement.clone());
                statement
            }
        };
        let hidden: Vec<_> = params.iter().map(|(value, _)| Hidden(*value)).collect();
        let values: Vec<_> = hidden.iter().map(|value| value as &(dyn ToSql + Sync)).collect();
        self.client.query(&statement, &values, &self.patience)
    }

    /// Runs statements without values or results, separated by semicolons.
    pub(super) fn batch(&mut self, text: &str) -> Result<(), Failure> {
        self.client.batch(text, &self.patience)
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
