//! The file of `--webhooks`.

use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use super::message::EventType;
use crate::access::read_secret;
use crate::config::{Origin, Refused};

/// How a secret begins, and how long it is, as Standard Webhooks has it.
const PREFIX: &str = "whsec_";
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;
/// The most secrets that a webhook signs with: the present one, and those that its receiver may still expect.
const MOST_SECRETS: usize = 4;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    webhook: Vec<Entry>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    url: String,
    secret_file: PathBuf,
    #[serde(default = "default_tenant")]
    tenant: String,
    events: Option<Vec<EventType>>,
    #[serde(default)]
    allow_private: bool,
}

fn default_tenant() -> String {
    "default".into()
}

/// Who is told of what.
pub(super) struct Webhook {
    pub(super) name: String,
    pub(super) tenant: String,
    pub(super) url: String,
    /// Each signs every message, so that one can be replaced by another.
    pub(super) secrets: Vec<Vec<u8>>,
    pub(super) events: Vec<EventType>,
    /// Whether it may lead to addresses that are not on the internet, and be plain HTTP.
    pub(super) allow_private: bool,
}

/// Reads the file.
///
/// # Errors
/// Where it is wrong; no secret is repeated.
pub(super) fn read(path: &Path) -> Result<Vec<Webhook>, Refused> {
    let wrong = |why: &dyn std::fmt::Display| Refused::wrong(format!("{}: {why}", path.display()));
    let text = std::fs::read_to_string(path).map_err(|error| wrong(&error))?;
    let file: File = toml::from_str(&text).map_err(|error| wrong(&error.message()))?;
    let mut webhooks: Vec<Webhook> = Vec::with_capacity(file.webhook.len());
    for entry in file.webhook {
        let named = |why: &str| wrong(&format_args!("the webhook {}: {why}", entry.name));
        let is_plain_name =
            |name: &str| name.chars().all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c)) && !name.is_empty();
        if !is_plain_name(&entry.name) || entry.name.len() > 100 {
            return Err(wrong(&"a webhook's name has 1 to 100 letters, digits and -_."));
        }
        if webhooks.iter().any(|other| other.name == entry.name && other.tenant == entry.tenant) {
            return Err(named("is there twice"));
        }
        let is_https = entry.url.starts_with("https://");
        if Origin::of(&entry.url).is_none() || !(is_https || entry.allow_private) {
            return Err(named("its url is not https://host/..., or http:// with allow_private"));
        }
        let events = entry.events.unwrap_or_else(|| EventType::ALL.to_vec());
        if events.is_empty() {
            return Err(named("it has no events"));
        }
        let secrets = read_secret(&path.parent().unwrap_or(Path::new("")).join(&entry.secret_file))?;
        let secrets: Option<Vec<_>> = secrets.split_whitespace().map(secret).collect();
        let secrets = secrets
            .filter(|secrets| (1..=MOST_SECRETS).contains(&secrets.len()))
            .ok_or_else(|| named("its secret_file has not 1 to 4 lines of whsec_ and 24 to 64 bytes in base64"))?;
        webhooks.push(Webhook {
            name: entry.name,
            tenant: entry.tenant,
            url: entry.url,
            secrets,
            events,
            allow_private: entry.allow_private,
        });
    }
    Ok(webhooks)
}

fn secret(text: &str) -> Option<Vec<u8>> {
    STANDARD.decode(text.strip_prefix(PREFIX)?).ok().filter(|bytes| LENGTHS.contains(&bytes.len()))
}
