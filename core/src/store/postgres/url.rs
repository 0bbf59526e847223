//! Reading the URL of a PostgreSQL store.
//!
//! `postgres://[USER[:PASSWORD]@][HOST[:PORT]][,…][/DATABASE][?PARAMETER=VALUE&…]`, percent-encoded as libpq reads it. No message repeats any part of the
//! URL, because any part of a mistaken one may be a password.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use crate::error::{Error, Result};

const DEFAULT_PORT: u16 = 5432;
const DEFAULT_SOCKET: &str = "/var/run/postgresql";
const DEFAULT_CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
const DEFAULT_POOL: usize = 8;
const MAX_POOL: usize = 100;

/// A text that is never printed.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(String);

impl Secret {
    pub(super) fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Place {
    Tcp(String),
    /// The directory of a Unix socket.
    Unix(PathBuf),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(super) place: Place,
    pub(super) port: u16,
}

/// How a connection is protected; the names and their meaning are libpq's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SslMode {
    Disable,
    /// Encrypted where the server offers it.
    Prefer,
    /// Encrypted; the server's certificate is checked only where a root certificate is given.
    Require,
    /// The certificate has to come from the given authority.
    VerifyCa,
    /// And it has to be the host's.
    VerifyFull,
}

/// Which of several servers will do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Target {
    Any,
    ReadWrite,
    ReadOnly,
}

/// Everything that a URL says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PostgresUrl {
    pub(super) servers: Vec<Server>,
    /// The driver's default (the name of the process's user) where none is given.
    pub(super) user: Option<String>,
    pub(super) password: Option<Secret>,
    pub(super) database: Option<String>,
    pub(super) ssl_mode: SslMode,
    pub(super) root_certificate: Option<PathBuf>,
    pub(super) target: Target,
    pub(super) connect_timeout: Duration,
    pub(super) application_name: String,
    /// A plain identifier: it is put into the texts of statements.
    pub(super) schema: String,
    /// Whether statements are prepared on each connection, which no transaction-pooling proxy may stand before.
    pub(super) prepared: bool,
    /// Most connections at a time.
    pub(super) pool: usize,
    /// Settings for the server, as of its command line.
    pub(super) options: Option<String>,
}

fn invalid(message: &'static str) -> Error {
    Error::invalid_input(message)
}

impl PostgresUrl {
    pub(crate) fn parse(url: &str) -> Result<Self> {
        let rest = url.strip_prefix("postgres://").or_else(|| url.strip_prefix("postgresql://"));
        let rest = rest.ok_or_else(|| invalid("store URL does not begin with postgres:// or postgresql://"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (authority, database) = rest.split_once('/').unwrap_or((rest, ""));
        // The last one: a host has no @, a careless password may.
        let (credentials, hosts) = authority.rsplit_once('@').unwrap_or(("", authority));
        let (user, password) = credentials.split_once(':').unwrap_or((credentials, ""));
        let mut hosts = Hosts::parse(hosts)?;
        let some = |text: &str| -> Result<Option<String>> { Ok(Some(decode(text)?).filter(|text| !text.is_empty())) };
        let mut parsed = Self {
            servers: Vec::new(),
            user: some(user)?,
            password: some(password)?.map(Secret),
            database: some(database)?,
            ssl_mode: SslMode::Prefer,
            root_certificate: None,
            target: Target::Any,
            connect_timeout: DEFAULT_CONNECT_TIMEOUT,
            application_name: "vivavoce".to_owned(),
            schema: "vivavoce".to_owned(),
            prepared: false,
            pool: DEFAULT_POOL,
            options: None,
        };
        let mut seen = Vec::new();
        for pair in query.split('&').filter(|pair| !pair.is_empty()) {
            let (name, value) =
                pair.split_once('=').ok_or_else(|| invalid("store URL has a parameter without a value"))?;
            if seen.contains(&name) {
                return Err(invalid("store URL has a parameter twice"));
            }
            seen.push(name);
            let value = decode(value)?;
            match name {
                "host" => hosts.names = value.split(',').map(str::to_owned).collect(),
                "port" => hosts.ports = value.split(',').map(port).collect::<Result<_>>()?,
                _ => parsed.set(name, value)?,
            }
        }
        parsed.servers = hosts.servers()?;
        let verifies = matches!(parsed.ssl_mode, SslMode::VerifyCa | SslMode::VerifyFull);
        if verifies && parsed.root_certificate.is_none() {
            return Err(invalid(
                "sslmode verify-ca and verify-full need sslrootcert=PATH, a file of certificates in PEM",
            ));
        }
        Ok(parsed)
    }

    fn set(&mut self, name: &str, value: String) -> Result<()> {
        match name {
            "user" => self.user = Some(value),
            "password" => self.password = Some(Secret(value)),
            "dbname" => self.database = Some(value),
            "sslmode" => {
                self.ssl_mode = match value.as_str() {
                    "disable" => SslMode::Disable,
                    "prefer" => SslMode::Prefer,
                    "require" => SslMode::Require,
                    "verify-ca" => SslMode::VerifyCa,
                    "verify-full" => SslMode::VerifyFull,
                    _ => return Err(invalid("sslmode is none of disable, prefer, require, verify-ca, verify-full")),
                }
            }
            "sslrootcert" => self.root_certificate = Some(value.into()),
            "target_session_attrs" => {
                self.target = match value.as_str() {
                    "any" => Target::Any,
                    "read-write" => Target::ReadWrite,
                    "read-only" => Target::ReadOnly,
                    _ => return Err(invalid("target_session_attrs is none of any, read-write, read-only")),
                }
            }
            "connect_timeout" => {
                let seconds = value.parse().ok().filter(|seconds| (1..=3600).contains(seconds));
                let seconds =
                    seconds.ok_or_else(|| invalid("connect_timeout is not a number of seconds from 1 to 3600"))?;
                self.connect_timeout = Duration::from_secs(seconds);
            }
            "application_name" => self.application_name = value,
            "schema" => {
                if !is_identifier(&value) {
                    return Err(invalid(
                        "schema is not of lower-case letters, digits and _, at most 63, no digit first",
                    ));
                }
                self.schema = value;
            }
            "prepared" => {
                self.prepared = match value.as_str() {
                    "yes" => true,
                    "no" => false,
                    _ => return Err(invalid("prepared is neither yes nor no")),
                }
            }
            "pool" => {
                let connections = value.parse().ok().filter(|connections| (1..=MAX_POOL).contains(connections));
                self.pool = connections.ok_or_else(|| invalid("pool is not a number of connections from 1 to 100"))?;
            }
            "options" => self.options = Some(value),
            _ => {
                return Err(invalid(
                    "store URL has an unknown parameter: known are host, port, user, password, dbname, sslmode, sslrootcert, \
                     target_session_attrs, connect_timeout, application_name, schema, prepared, pool, options",
                ));
            }
        }
        Ok(())
    }
}

/// The hosts and ports as they are written, before they are matched.
struct Hosts {
    names: Vec<String>,
    ports: Vec<u16>,
}

impl Hosts {
    fn parse(text: &str) -> Result<Self> {
        let mut hosts = Self { names: Vec::new(), ports: Vec::new() };
        for part in text.split(',') {
            let (name, rest) = match part.strip_prefix('[') {
                Some(address) => address
                    .split_once(']')
                    .ok_or_else(|| invalid("store URL has a host that begins with [ without a ]"))?,
                None => part.split_at(part.find(':').unwrap_or(part.len())),
            };
            hosts.ports.push(match rest.strip_prefix(':') {
                Some(digits) => port(digits)?,
                None if rest.is_empty() => DEFAULT_PORT,
                None => return Err(invalid("store URL has a host that is followed by something other than a port")),
            });
            hosts.names.push(decode(name)?);
        }
        Ok(hosts)
    }

    fn servers(self) -> Result<Vec<Server>> {
        let port = match self.ports.as_slice() {
            [one] => Some(*one),
            ports if ports.len() == self.names.len() => None,
            _ => return Err(invalid("store URL has neither one port nor one for each host")),
        };
        let place = |name: String| match name.as_str() {
            "" => Place::Unix(DEFAULT_SOCKET.into()),
            path if path.starts_with('/') => Place::Unix(path.into()),
            _ => Place::Tcp(name),
        };
        let servers = self.names.into_iter().enumerate();
        Ok(servers
            .map(|(index, name)| Server { place: place(name), port: port.unwrap_or_else(|| self.ports[index]) })
            .collect())
    }
}

fn port(text: &str) -> Result<u16> {
    let number = text.parse().ok().filter(|port| *port > 0);
    number.ok_or_else(|| invalid("store URL has a port that is not a number from 1 to 65535"))
}

fn is_identifier(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    (1..=63).contains(&text.len()) && text.bytes().all(plain) && !text.as_bytes()[0].is_ascii_digit()
}

/// Undoes percent-encoding.
fn decode(text: &str) -> Result<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'%' {
            bytes.push(byte);
            continue;
        }
        let mut digit = || rest.next().and_then(|digit| char::from(digit).to_digit(16));
        match (digit(), digit()) {
            (Some(high), Some(low)) => bytes.push((high * 16 + low) as u8),
            _ => return Err(invalid("store URL has a % that two hexadecimal digits do not follow: write it as %25")),
        }
    }
    let text = String::from_utf8(bytes).map_err(|_| invalid("store URL is not UTF-8 behind its percent-encoding"))?;
    if text.contains('\0') {
        return Err(invalid("store URL contains a NUL character"));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ErrorKind;
    use proptest::prelude::*;

    fn tcp(name: &str, port: u16) -> Server {
        Server { place: Place::Tcp(name.into()), port }
    }

    fn unix(path: &str, port: u16) -> Server {
        Server { place: Place::Unix(path.into()), port }
    }

    #[test]
    fn servers_are_read_in_every_form() {
        let cases = [
            ("postgres://h/db", vec![tcp("h", 5432)]),
            ("postgresql://u:p@h:1/db", vec![tcp("h", 1)]),
            ("postgres://h1:1,h2,[::1]:3/db", vec![tcp("h1", 1), tcp("h2", 5432), tcp("::1", 3)]),
            ("postgres:///db", vec![unix("/var/run/postgresql", 5432)]),
            ("postgres://%2Ftmp%2Fpg:7/db", vec![unix("/tmp/pg", 7)]),
            ("postgres:///db?host=/tmp/pg&port=7", vec![unix("/tmp/pg", 7)]),
            ("postgres:///db?host=a,b&port=7", vec![tcp("a", 7), tcp("b", 7)]),
            ("postgres:///db?host=a,b&port=7,8", vec![tcp("a", 7), tcp("b", 8)]),
        ];
        for (url, servers) in cases {
            assert_eq!(PostgresUrl::parse(url).unwrap().servers, servers, "{url}");
        }
    }

    #[test]
    fn everything_else_is_read() {
        let url = PostgresUrl::parse(
            "postgres://%75ser:p%40ss:w@rd@h/d%62?sslmode=verify-full&sslrootcert=/ca.crt&target_session_attrs=read-write\
             &connect_timeout=3&application_name=x&schema=other_1&prepared=yes&pool=2&options=-c%20geqo%3Doff",
        )
        .unwrap();
        assert_eq!(url.user.as_deref(), Some("user"));
        assert_eq!(url.password.as_ref().map(Secret::reveal), Some("p@ss:w@rd"));
        assert_eq!(url.database.as_deref(), Some("db"));
        assert_eq!(url.ssl_mode, SslMode::VerifyFull);
        assert_eq!(url.target, Target::ReadWrite);
        assert_eq!(url.connect_timeout, Duration::from_secs(3));
        assert_eq!((url.schema.as_str(), url.prepared, url.pool), ("other_1", true, 2));
        assert_eq!(url.options.as_deref(), Some("-c geqo=off"));
        assert!(!format!("{url:?}").contains("w@rd"));
    }

    #[test]
    fn mistakes_are_invalid_input_and_not_repeated() {
        let cases = [
            "mysql://secret@h/db",
            "postgres://u:secret@h:port/db",
            "postgres://u:secret@h:0/db",
            "postgres://u:secret@h:99999/db",
            "postgres://u:secret%zz@h/db",
            "postgres://u:secret%00@h/db",
            "postgres://u:secret%ff@h/db",
            "postgres://u:secret@[::1/db",
            "postgres://u:secret@[::1]x/db",
            "postgres://u:secret@a:1,b:2,c:3/db?host=a,b",
            "postgres://h/db?sslmode=secret",
            "postgres://h/db?sslmode=verify-full",
            "postgres://h/db?target_session_attrs=secret",
            "postgres://h/db?connect_timeout=0",
            "postgres://h/db?schema=Secret",
            "postgres://h/db?schema=1secret",
            "postgres://h/db?schema=",
            "postgres://h/db?prepared=secret",
            "postgres://h/db?pool=0",
            "postgres://h/db?pool=101",
            "postgres://h/db?secret=1",
            "postgres://h/db?secret",
            "postgres://h/db?password=secret&password=secret",
        ];
        for url in cases {
            let error = PostgresUrl::parse(url).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::InvalidInput, "{url}");
            assert!(!format!("{error:?} {error}").to_lowercase().contains("secret"), "{url}: {error}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_url_or_invalid_input(rest in "[a-z0-9%:@/?&=,.\\[\\]]{0,80}|\\PC{0,60}") {
            match PostgresUrl::parse(&format!("postgres://{rest}")) {
                Ok(url) => {
                    prop_assert!(!url.servers.is_empty());
                    prop_assert!(is_identifier(&url.schema));
                }
                Err(error) => prop_assert_eq!(error.kind(), ErrorKind::InvalidInput),
            }
        }

        #[test]
        fn any_password_is_read_back(password in "\\PC{1,30}") {
            let encoded: String = password.bytes().map(|byte| format!("%{byte:02X}")).collect();
            let url = PostgresUrl::parse(&format!("postgres://u:{encoded}@h/db")).unwrap();
            prop_assert_eq!(url.password.as_ref().map(Secret::reveal), Some(password.as_str()));
        }
    }
}
