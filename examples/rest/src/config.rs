//! What the service is told at its start: flags, before the environment, before a file.

use std::any::TypeId;
use std::ffi::OsString;
use std::net::SocketAddr;
use std::num::{NonZeroU32, NonZeroUsize};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::time::Duration;

use axum::http::{HeaderValue, Uri};
use clap::error::ErrorKind;
use clap::{Args, CommandFactory as _, FromArgMatches as _, Parser, Subcommand};

use crate::access::{Network, Role};

/// The HTTP service over Vivavoce.
///
/// Every flag may also be set in the environment, as VIVAVOCE_ and its name in capitals, or in the file that --config names, as TOML: listen = "127.0.0.1:8080".
/// Flags beat the environment, and the environment beats the file.
#[derive(Debug, Parser)]
#[command(name = "vivavoce-rest", version, args_conflicts_with_subcommands = true)]
struct CommandLine {
    #[command(flatten)]
    config: Config,
    #[command(subcommand)]
    command: Option<Command>,
}

/// What to do instead of serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Makes a token: prints it once, and the entry for the file of --tokens
    Token {
        /// What its bearer may do
        #[arg(long, value_enum)]
        role: Role,
        /// Whose interviews it is for
        #[arg(long, default_value = "default")]
        tenant: String,
        /// Names it in logs and limits
        #[arg(long)]
        name: String,
    },
    /// Makes the key that candidates' tokens are signed with, in a new file, for signing_key_file in the file of --tokens
    Key {
        /// Where to write it
        file: PathBuf,
    },
    /// Ends a webhook that is in no service's file any more: what was to be delivered to it is forgotten
    EndWebhook {
        /// Where interviews are kept
        #[arg(long, env = "VIVAVOCE_STORE", value_name = "URL", hide_env_values = true)]
        store: String,
        /// Whose interviews it was for
        #[arg(long, default_value = "default")]
        tenant: String,
        /// Its name
        #[arg(long)]
        name: String,
    },
    /// Prints the OpenAPI document
    Openapi,
}

/// The configuration of the service.
#[derive(Debug, Clone, Args)]
pub struct Config {
    /// Where to listen; a public address needs --tokens
    #[arg(long, env = "VIVAVOCE_LISTEN", value_name = "ADDRESS", default_value = "127.0.0.1:8080", value_parser = address)]
    pub listen: SocketAddr,
    /// Where interviews are kept: memory:, sqlite:PATH or postgres://...
    #[arg(long, env = "VIVAVOCE_STORE", value_name = "URL", default_value = "memory:", hide_env_values = true)]
    pub store: String,
    /// What all paths of the API begin with
    #[arg(long, env = "VIVAVOCE_BASE_PATH", value_name = "PATH", default_value = "/api")]
    pub base_path: BasePath,
    /// An origin whose pages may call the API (CORS); may be given more than once
    #[arg(long, env = "VIVAVOCE_ALLOW_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub allow_origin: Vec<Origin>,
    /// A folder of pages to serve in the place of the built-in ones
    #[arg(long, env = "VIVAVOCE_STATIC_DIR", value_name = "FOLDER")]
    pub static_dir: Option<PathBuf>,
    /// A file with the values of flags, in TOML. The files that it names are looked for beside it
    #[arg(long, env = "VIVAVOCE_CONFIG", value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// How many workers make the evaluations that were left to them; 0 for none
    #[arg(long, env = "VIVAVOCE_WORKERS", value_name = "N", default_value = "1")]
    pub workers: usize,
    /// How many threads do the store's work, and as many again what may wait for a language model
    #[arg(long, env = "VIVAVOCE_THREADS", value_name = "N", default_value = "16")]
    pub threads: NonZeroUsize,
    /// How many requests may wait for a thread; further ones are answered with 503
    #[arg(long, env = "VIVAVOCE_QUEUE", value_name = "N", default_value = "256")]
    pub queue: NonZeroUsize,
    /// How long a request may take, in seconds
    #[arg(long, env = "VIVAVOCE_REQUEST_TIMEOUT", value_name = "SECONDS", default_value = "120", value_parser = seconds)]
    pub request_timeout: Duration,
    /// How long requests under way may take at the end, in seconds
    #[arg(long, env = "VIVAVOCE_SHUTDOWN_TIMEOUT", value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub shutdown_timeout: Duration,
    /// How many live connections (events, WebSockets) there may be at a time
    #[arg(long, env = "VIVAVOCE_MAX_CONNECTIONS", value_name = "N", default_value = "1000")]
    pub max_connections: usize,
    /// An origin that a request's own base URL of a language model may have; may be given more than once
    #[arg(long, env = "VIVAVOCE_MODEL_ORIGIN", value_name = "ORIGIN", value_delimiter = ',')]
    pub model_origin: Vec<Origin>,
    /// A file that says who speaks, who judges, and which language models they ask, in JSON (see docs/language-models.md)
    #[arg(long, env = "VIVAVOCE_MODELS", value_name = "FILE")]
    pub models: Option<PathBuf>,
    /// A file with the tokens that are let in, in TOML; without it everybody is, from this machine alone
    #[arg(long, env = "VIVAVOCE_TOKENS", value_name = "FILE")]
    pub tokens: Option<PathBuf>,
    /// A file that says who is told of what happens to sessions and evaluations, in TOML (see the README)
    #[arg(long, env = "VIVAVOCE_WEBHOOKS", value_name = "FILE")]
    pub webhooks: Option<PathBuf>,
    /// Where an OpenTelemetry collector takes spans, by OTLP over HTTP: http://HOST:4318
    #[cfg(feature = "otlp")]
    #[arg(long, env = "VIVAVOCE_OTLP_ENDPOINT", value_name = "URL")]
    pub otlp_endpoint: Option<String>,
    /// How many requests a token, and an address, may make in a minute; 600 with --tokens, and no limit without
    #[arg(long, env = "VIVAVOCE_RATE_LIMIT", value_name = "N")]
    pub rate_limit: Option<NonZeroU32>,
    /// A proxy, or a network of such, whose X-Forwarded-For says who the client is; may be given more than once. Without it the limits see the proxy as one client
    #[arg(long, env = "VIVAVOCE_TRUSTED_PROXY", value_name = "ADDRESS", value_delimiter = ',')]
    pub trusted_proxy: Vec<Network>,
}

/// Why the service does not start.
#[derive(Debug)]
pub enum Refused {
    /// Help or the version was asked for: this text.
    Told(String),
    /// The configuration is wrong: one line that says how.
    Wrong(String),
}

impl Refused {
    /// A wrong configuration.
    pub fn wrong(why: impl std::fmt::Display) -> Self {
        Self::Wrong(why.to_string().replace('\n', " "))
    }
}

impl From<clap::Error> for Refused {
    fn from(error: clap::Error) -> Self {
        let text = error.render().to_string();
        match error.kind() {
            ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => Self::Told(text),
            // The rest says how flags are written, which --help says better.
            _ => {
                let first = text.split("\n\n").next().unwrap_or_default();
                Self::wrong(first.trim_start_matches("error: ").split_whitespace().collect::<Vec<_>>().join(" "))
            }
        }
    }
}

impl Config {
    /// Reads the configuration from these arguments (without the program's name), the environment, and the file that they name.
    ///
    /// # Errors
    /// Where help was asked for, or something is wrong.
    pub fn read(arguments: impl IntoIterator<Item = OsString>) -> Result<(Self, Option<Command>), Refused> {
        let arguments: Vec<OsString> = std::iter::once("vivavoce-rest".into()).chain(arguments).collect();
        let given = CommandLine::try_parse_from(&arguments)?;
        let CommandLine { config, command } = match &given.config.config {
            // What the file says takes the place of the defaults, so that there is one list of keys.
            Some(path) => {
                let matches = with_defaults(CommandLine::command(), path)?.try_get_matches_from(&arguments)?;
                CommandLine::from_arg_matches(&matches)?
            }
            None => given,
        };
        // What only makes a token or prints something needs no configuration that could serve.
        if command.is_none() {
            config.check()?;
        }
        Ok((config, command))
    }

    fn check(&self) -> Result<(), Refused> {
        if !self.listen.ip().is_loopback() && self.tokens.is_none() {
            let words = "is a public address: without --tokens anybody could read and change everything there";
            return Err(Refused::wrong(format!("{} {words}", self.listen)));
        }
        if let Some(folder) = &self.static_dir
            && !folder.join("index.html").is_file()
        {
            return Err(Refused::wrong(format!("{} has no index.html", folder.display())));
        }
        Ok(())
    }

    /// How many requests a token, and an address, may make in a minute.
    pub fn requests_a_minute(&self) -> Option<NonZeroU32> {
        const WITH_TOKENS: NonZeroU32 = NonZeroU32::new(600).unwrap();
        self.rate_limit.or_else(|| self.tokens.as_ref().map(|_| WITH_TOKENS))
    }
}

/// The command with the values of a file as the defaults of its flags.
fn with_defaults(command: clap::Command, path: &Path) -> Result<clap::Command, Refused> {
    let in_file = |why: &dyn std::fmt::Display| Refused::wrong(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| in_file(&error))?;
    let table: toml::Table = text.parse().map_err(|error: toml::de::Error| {
        let line = text[..error.span().map_or(0, |span| span.start.min(text.len()))].lines().count().max(1);
        in_file(&format!("line {line}: {}", error.message()))
    })?;
    table.into_iter().try_fold(command, |command, (key, value)| {
        let id = key.replace('-', "_");
        if id == "config" || !command.get_arguments().any(|known| known.get_id() == id.as_str()) {
            return Err(in_file(&format!("{key} is no key")));
        }
        let values = match value {
            toml::Value::Array(values) => values,
            value => vec![value],
        };
        let values: Option<Vec<String>> = values.into_iter().map(written).collect();
        let values =
            values.ok_or_else(|| in_file(&format!("{key} is neither a text nor a number nor a list of such")))?;
        let is_path = command.get_arguments().any(|known| {
            known.get_id() == id.as_str() && known.get_value_parser().type_id() == TypeId::of::<PathBuf>()
        });
        // A file is looked for beside the one that names it, as everywhere.
        let placed = |value: String| if is_path { path.with_file_name(value).into() } else { OsString::from(value) };
        let values: Vec<OsString> = values.into_iter().map(placed).collect();
        Ok(command.mut_arg(id, |known| known.default_values(values)))
    })
}

/// A value as it would be written as a flag's.
fn written(value: toml::Value) -> Option<String> {
    match value {
        toml::Value::String(text) => Some(text),
        toml::Value::Integer(number) => Some(number.to_string()),
        toml::Value::Float(number) => Some(number.to_string()),
        _ => None,
    }
}

fn address(text: &str) -> Result<SocketAddr, &'static str> {
    text.parse().map_err(|_| "it is an IP address and a port, such as 127.0.0.1:8080 or [::]:8080")
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: f64 = text.parse().map_err(|_| "not a number of seconds".to_owned())?;
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if !duration.is_zero() && seconds <= 86_400.0 => Ok(duration),
        _ => Err("not above 0 and at most a day".to_owned()),
    }
}

/// What all paths of the API begin with, without a slash at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePath(String);

impl BasePath {
    /// The path.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether it is this path, or above it.
    pub fn has(&self, path: &str) -> bool {
        path.strip_prefix(self.as_str()).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }
}

impl FromStr for BasePath {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let path = text.trim_end_matches('/');
        let is_fine = |part: &str| {
            let plain = part.chars().all(|c| c.is_ascii_alphanumeric() || "-._~".contains(c));
            plain && part.chars().any(|c| c != '.')
        };
        match path.strip_prefix('/').is_some_and(|rest| rest.split('/').all(is_fine)) {
            true => Ok(Self(path.to_owned())),
            false => Err("a base path begins with a slash and has letters, digits and -._~ between slashes"),
        }
    }
}

/// A scheme, a host and a port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    scheme: String,
    host: String,
    port: u16,
}

impl Origin {
    /// The origin of a URL; none where it has none.
    pub fn of(url: &str) -> Option<Self> {
        let url: Uri = url.parse().ok()?;
        let scheme = url.scheme_str()?.to_ascii_lowercase();
        let authority = url.authority()?;
        let default = match scheme.as_str() {
            "https" => 443,
            "http" => 80,
            _ => return None,
        };
        // A name before the host leads readers astray.
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return None;
        }
        let port = authority.port_u16().unwrap_or(default);
        Some(Self { scheme, host: authority.host().to_ascii_lowercase(), port })
    }

    /// The host, in small letters.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether a browser that writes this means it.
    pub fn is(&self, header: &HeaderValue) -> bool {
        header.to_str().is_ok_and(|text| text.parse().is_ok_and(|origin: Self| origin == *self))
    }
}

impl FromStr for Origin {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let is_bare = text.split_once("://").is_some_and(|(_, rest)| !rest.contains(['/', '?', '#']));
        Self::of(text).filter(|_| is_bare).ok_or("an origin is written https://host or https://host:port")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(arguments: &[&str]) -> Result<Config, String> {
        match Config::read(arguments.iter().map(OsString::from)) {
            Ok((config, _)) => Ok(config),
            Err(Refused::Wrong(why) | Refused::Told(why)) => Err(why),
        }
    }

    #[test]
    fn what_a_file_names_is_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service.toml");
        std::fs::write(&path, "tokens = \"tokens.toml\"\nmodels = \"/etc/models.json\"\nthreads = 3\n").unwrap();
        let config = read(&["--config", path.to_str().unwrap()]).unwrap();
        assert_eq!(config.tokens, Some(folder.path().join("tokens.toml")));
        assert_eq!(config.models, Some("/etc/models.json".into()));
        let config = read(&["--config", path.to_str().unwrap(), "--tokens", "other.toml"]).unwrap();
        assert_eq!(config.tokens, Some("other.toml".into()), "a flag means where the service was started");
        std::fs::write(&path, "threads = 3\n\nlisten = 127.0.0.1:1\n").unwrap();
        let why = read(&["--config", path.to_str().unwrap()]).unwrap_err();
        assert!(why.contains("service.toml: line 3: "), "{why}");
        let why = read(&["--listen", "localhost:1"]).unwrap_err();
        assert!(why.contains("such as 127.0.0.1:8080"), "{why}");
    }

    #[test]
    fn flags_beat_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("service.toml");
        let text =
            "listen = \"127.0.0.1:1\"\nbase-path = \"/v1\"\nthreads = 3\nallow-origin = [\"https://a.example\"]\n";
        std::fs::write(&path, text).unwrap();
        let path = path.to_str().unwrap();
        let config = read(&["--config", path, "--base-path", "/v2"]).unwrap();
        assert_eq!((config.listen.port(), config.base_path.as_str(), config.threads.get()), (1, "/v2", 3));
        assert_eq!(config.allow_origin, ["https://a.example".parse().unwrap()]);
    }

    #[test]
    fn what_is_wrong_is_one_line() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str, text: &str| {
            let path = folder.path().join(name);
            std::fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let (unknown, broken) = (file("unknown.toml", "lisen = 1"), file("broken.toml", "listen ="));
        let wrong = file("wrong.toml", "threads = 0");
        for (arguments, said) in [
            (vec!["--listen", "nowhere"], "invalid value 'nowhere' for '--listen <ADDRESS>'"),
            (vec!["--listen", "0.0.0.0:80"], "0.0.0.0:80 is a public address"),
            (vec!["--base-path", "/"], "a base path begins with a slash"),
            (vec!["--base-path", "/a/../b"], "a base path begins with a slash"),
            (vec!["--allow-origin", "https://a/b"], "an origin is written"),
            (vec!["--request-timeout", "0"], "--request-timeout"),
            (vec!["--static-dir", folder.path().to_str().unwrap()], "has no index.html"),
            (vec!["--config", &unknown], "lisen is no key"),
            (vec!["--config", &broken], "broken.toml"),
            (vec!["--config", &wrong], "threads"),
            (vec!["--nonsense"], "unexpected argument '--nonsense'"),
        ] {
            let why = read(&arguments).unwrap_err();
            assert!(why.contains(said) && !why.contains('\n'), "{arguments:?}: {why}");
        }
    }

    #[test]
    fn help_names_every_flag_and_its_variable() {
        let help = read(&["--help"]).unwrap_err();
        for flag in CommandLine::command().get_arguments().filter_map(|known| known.get_long()) {
            let variable = format!("VIVAVOCE_{}", flag.to_uppercase().replace('-', "_"));
            assert!(help.contains(&format!("--{flag}")), "{flag}");
            assert!(["help", "version"].contains(&flag) || help.contains(&variable), "{flag}");
        }
    }

    #[test]
    fn origins_are_told_apart() {
        let origin: Origin = "https://A.example".parse().unwrap();
        for (url, same) in [
            ("https://a.example/v1", true),
            ("https://a.example:443/v1", true),
            ("http://a.example/v1", false),
            ("https://a.example:444/", false),
            ("https://a.example@b.example/", false),
            ("https://a.example.b.example/", false),
        ] {
            assert_eq!(Origin::of(url).is_some_and(|other| other == origin), same, "{url}");
        }
    }
}
