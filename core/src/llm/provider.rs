//! Providers: where a language-model service is, with which key, and which wire protocol it speaks.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::document::ProviderDocument;
use super::failure::Failure;
use super::prompt::{Prompt, Reply};
use super::secret::Secret;
use super::{anthropic, gemini, ollama, openai};
use crate::domain::{Parameters, Tokens};
use crate::error::{Error, Result};

/// A kind of language-model service: the first part of a model's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
#[non_exhaustive]
pub enum ProviderKind {
    /// `openai`: api.openai.com.
    OpenAi,
    /// `azure`: Azure OpenAI, a resource's own address.
    Azure,
    /// `anthropic`: api.anthropic.com.
    Anthropic,
    /// `gemini` (or `google`): generativelanguage.googleapis.com.
    Gemini,
    /// `ollama`: a local Ollama.
    Ollama,
    /// `compatible`: any server that speaks OpenAI's chat completions (llama.cpp, vLLM, LM Studio, Together, Groq …).
    Compatible,
}

impl ProviderKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::OpenAi, Self::Azure, Self::Anthropic, Self::Gemini, Self::Ollama, Self::Compatible];

    /// The name, as in `openai/…`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::OpenAi => "openai",
            Self::Azure => "azure",
            Self::Anthropic => "anthropic",
            Self::Gemini => "gemini",
            Self::Ollama => "ollama",
            Self::Compatible => "compatible",
        }
    }
}

impl fmt::Display for ProviderKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn known() -> String {
    ProviderKind::ALL.map(ProviderKind::as_str).join(", ")
}

impl FromStr for ProviderKind {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "google" => Ok(Self::Gemini),
            _ => Self::ALL
                .into_iter()
                .find(|kind| kind.as_str() == text)
                .ok_or_else(|| Error::invalid_input(format!("unknown model provider: known are {}", known()))),
        }
    }
}

impl TryFrom<String> for ProviderKind {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

/// A model's name: the provider and its own name of the model, `provider/model`.
///
/// ```
/// use vivavoce::{ModelName, ProviderKind};
///
/// let name: ModelName = "google/gemini-2.5-flash".parse()?;
/// assert_eq!(name.provider(), ProviderKind::Gemini);
/// assert_eq!(name.to_string(), "gemini/gemini-2.5-flash");
/// # Ok::<(), vivavoce::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct ModelName {
    provider: ProviderKind,
    model: String,
}

impl ModelName {
    /// The provider.
    pub fn provider(&self) -> ProviderKind {
        self.provider
    }

    /// The provider's own name of the model.
    pub fn model(&self) -> &str {
        &self.model
    }
}

impl fmt::Display for ModelName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.provider, self.model)
    }
}

impl From<ModelName> for String {
    fn from(name: ModelName) -> Self {
        name.to_string()
    }
}

impl TryFrom<String> for ModelName {
    type Error = Error;

    fn try_from(text: String) -> Result<Self> {
        text.parse()
    }
}

impl FromStr for ModelName {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let Some((provider, model)) = text.split_once('/') else {
            let known = known();
            return Err(Error::invalid_input(format!("a model is named provider/model; providers are {known}")));
        };
        let provider = provider.parse()?;
        // It becomes a part of a URL or of a JSON text, and is told in errors and metrics.
        let is_fine = |c: char| c.is_ascii_alphanumeric() || "-._:/@+".contains(c);
        let escapes = model.split('/').any(|part| part.is_empty() || part.chars().all(|c| c == '.'));
        if model.len() > 200 || escapes || !model.chars().all(is_fine) {
            return Err(Error::invalid_input(
                "a model's name is 1 to 200 letters, digits and -._:/@+, without empty parts",
            ));
        }
        Ok(Self { provider, model: model.to_owned() })
    }
}

/// Which of OpenAI's two interfaces is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum OpenAiApi {
    ChatCompletions,
    Responses,
}

impl OpenAiApi {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::ChatCompletions => "chat_completions",
            Self::Responses => "responses",
        }
    }
}

/// How a key is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(super) enum Authentication {
    /// `authorization: Bearer …`
    Bearer,
    /// The provider's own header: `x-api-key`, `api-key` or `x-goog-api-key`.
    Header,
}

/// A language-model service: where it is, with which key, and which protocol it speaks.
///
/// ```
/// use vivavoce::Provider;
///
/// let local = Provider::compatible("http://127.0.0.1:8080/v1")?;
/// let azure = Provider::azure("https://example.openai.azure.com", "key")?.responses();
/// # Ok::<(), vivavoce::Error>(())
/// ```
///
/// As a document it has a `kind`, and may have `key`, `base_url` (of Azure, the resource's address), `responses`, `x_api_key` and `allow_plain_http`; the key and the base URL
/// have to be there where the kind has none of its own.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ProviderDocument")]
pub struct Provider {
    pub(super) kind: ProviderKind,
    /// Without a slash at the end; for what follows see each protocol.
    pub(super) base_url: String,
    pub(super) key: Option<Secret>,
    pub(super) api: OpenAiApi,
    pub(super) authentication: Authentication,
    pub(super) allows_plain_http: bool,
}

impl Provider {
    /// OpenAI's chat completions at `https://api.openai.com/v1`.
    pub fn openai(key: impl Into<Secret>) -> Self {
        Self::new(ProviderKind::OpenAi, "https://api.openai.com/v1", Some(key.into()), Authentication::Bearer)
    }

    /// An Azure OpenAI resource, `https://{resource}.openai.azure.com`, by its version 1 interface. A model's name is that of its deployment.
    ///
    /// # Errors
    /// `invalid_input` where the address is none.
    pub fn azure(resource: &str, key: impl Into<Secret>) -> Result<Self> {
        let base = format!("{}/openai/v1", checked_url(resource)?);
        Ok(Self::new(ProviderKind::Azure, &base, Some(key.into()), Authentication::Header))
    }

    /// Anthropic's messages at `https://api.anthropic.com`; the key is sent as a bearer token, as its official clients do.
    pub fn anthropic(key: impl Into<Secret>) -> Self {
        Self::new(ProviderKind::Anthropic, "https://api.anthropic.com", Some(key.into()), Authentication::Bearer)
    }

    /// Google's Gemini at `https://generativelanguage.googleapis.com/v1beta`. Version `v1`, as it is published, has neither a system instruction nor a media
    /// type of replies.
    pub fn gemini(key: impl Into<Secret>) -> Self {
        let base = "https://generativelanguage.googleapis.com/v1beta";
        Self::new(ProviderKind::Gemini, base, Some(key.into()), Authentication::Header)
    }

    /// An Ollama at `http://127.0.0.1:11434`.
    pub fn ollama() -> Self {
        Self::new(ProviderKind::Ollama, "http://127.0.0.1:11434", None, Authentication::Bearer)
    }

    /// Any server that speaks OpenAI's chat completions, by its base URL, usually one that ends with `/v1`.
    ///
    /// # Errors
    /// `invalid_input` where the URL is none.
    pub fn compatible(base_url: &str) -> Result<Self> {
        Ok(Self::new(ProviderKind::Compatible, checked_url(base_url)?, None, Authentication::Bearer))
    }

    fn new(kind: ProviderKind, base_url: &str, key: Option<Secret>, authentication: Authentication) -> Self {
        let api = OpenAiApi::ChatCompletions;
        Self { kind, base_url: base_url.to_owned(), key, api, authentication, allows_plain_http: false }
    }

    /// Another base URL: a gateway, a region, a server of one's own.
    ///
    /// # Errors
    /// `invalid_input` where the URL is none.
    pub fn base_url(mut self, url: &str) -> Result<Self> {
        self.base_url = checked_url(url)?.to_owned();
        Ok(self)
    }

    /// The key, where the server wants one.
    #[must_use]
    pub fn key(mut self, key: impl Into<Secret>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// Speaks OpenAI's Responses interface instead of chat completions: OpenAI and Azure.
    #[must_use]
    pub fn responses(mut self) -> Self {
        self.api = OpenAiApi::Responses;
        self
    }

    /// Sends Anthropic's key as `x-api-key` instead of a bearer token.
    #[must_use]
    pub fn x_api_key(mut self) -> Self {
        self.authentication = Authentication::Header;
        self
    }

    /// Allows `http:` to an address that is not loopback: the key and the candidate's words then travel in the clear.
    #[must_use]
    pub fn allow_plain_http(mut self) -> Self {
        self.allows_plain_http = true;
        self
    }

    /// Which kind of service it is.
    pub fn kind(&self) -> ProviderKind {
        self.kind
    }

    /// The protocol it speaks.
    pub(super) fn protocol(&self) -> &'static dyn Protocol {
        match (self.kind, self.api) {
            (ProviderKind::OpenAi | ProviderKind::Azure, OpenAiApi::Responses) => &openai::Responses,
            (ProviderKind::OpenAi | ProviderKind::Azure | ProviderKind::Compatible, _) => &openai::ChatCompletions,
            (ProviderKind::Anthropic, _) => &anthropic::Messages,
            (ProviderKind::Gemini, _) => &gemini::GenerateContent,
            (ProviderKind::Ollama, _) => &ollama::Chat,
        }
    }
}

/// A base URL without the slash at its end.
fn checked_url(url: &str) -> Result<&str> {
    let refuse = |what: &str| Err(Error::invalid_input(format!("a provider's base URL {what}")));
    let parsed: ureq::http::Uri = match url.parse() {
        Ok(parsed) => parsed,
        Err(_) => return refuse("is not a URL"),
    };
    if !matches!(parsed.scheme_str(), Some("https" | "http")) {
        return refuse("is neither https nor http");
    }
    match parsed.authority() {
        Some(authority) if authority.as_str().contains('@') => return refuse("has a user or a password"),
        Some(authority) if !authority.host().is_empty() => {}
        _ => return refuse("has no host"),
    }
    if parsed.query().is_some() || url.contains('#') {
        return refuse("has a query or a fragment");
    }
    Ok(url.trim_end_matches('/'))
}

/// A request as a protocol makes it; the transport adds what every request has (host, length, user agent, encodings).
#[derive(Debug)]
pub(super) struct HttpRequest {
    pub(super) url: String,
    /// Lower-case names. A key is a [`Secret`] and leaves it only in the transport.
    pub(super) headers: Vec<(&'static str, HeaderValue)>,
    /// JSON.
    pub(super) body: Body,
}

/// A header's value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum HeaderValue {
    Plain(&'static str),
    /// The key itself.
    Key(Secret),
    /// `Bearer ` and the key.
    Bearer(Secret),
}

/// A body. Not printable: it has a candidate's words.
pub(super) struct Body(pub(super) Vec<u8>);

impl fmt::Debug for Body {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// A response's head.
#[derive(Debug, Clone, Default)]
pub(super) struct Head {
    pub(super) status: u16,
    /// Lower-case names; values that are not text are left out.
    pub(super) headers: Vec<(String, String)>,
    /// The time of the response by the application's clock, in seconds since 1970, against which dates are read.
    pub(super) received_at: i64,
}

impl Head {
    /// The first header of this lower-case name.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// How a streamed body is cut into events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Framing {
    /// Server-sent events (WHATWG HTML, section 9.2).
    ServerSentEvents,
    /// One JSON value a line.
    Lines,
}

/// One event of a streamed body.
#[derive(Clone, Copy)]
pub(super) struct StreamEvent<'a> {
    /// The `event:` of a server-sent event; empty where it has none.
    pub(super) name: &'a str,
    pub(super) data: &'a str,
}

/// A streamed reply that is being put together.
#[derive(Default)]
pub(super) struct Partial {
    pub(super) text: String,
    pub(super) model: Option<String>,
    pub(super) request_id: Option<String>,
    pub(super) tokens: Tokens,
    /// Why it ended, in the protocol's own words; none until it says so.
    pub(super) finish: Option<String>,
    /// A refusal in words, where the protocol has one.
    pub(super) refused: bool,
    /// Anthropic's three kinds of input tokens (new, written to the cache, read from it): each is told anew when it grows.
    pub(super) input_kinds: [u64; 3],
    /// The items of OpenAI's Responses whose text is no part of the reply, by their index in the output.
    pub(super) asides: Vec<u64>,
    /// Whether the stream said that it is over.
    pub(super) done: bool,
}

/// One wire protocol. Pure: it makes requests and reads replies, and does no I/O.
pub(super) trait Protocol: Sync {
    /// The request for a prompt. `model` is the provider's own name; the prompt's parameters are sent as they are, as far as the protocol has them.
    fn request(&self, provider: &Provider, model: &str, prompt: &Prompt, streamed: bool) -> HttpRequest;

    /// What is sent of these parameters: a protocol may not have them all.
    fn parameters(&self, parameters: Parameters) -> Parameters {
        parameters
    }

    /// The reply, or the failure, that a whole response means, whatever its status.
    fn reply(&self, head: &Head, body: &[u8]) -> std::result::Result<Reply, Failure>;

    fn framing(&self) -> Framing {
        Framing::ServerSentEvents
    }

    /// A streamed response of status 200 begins: what its head tells of the reply.
    fn begin(&self, _head: &Head) -> Partial {
        Partial::default()
    }

    /// Takes in one event of a streamed response of status 200: appends to `partial.text` what was said.
    fn event(&self, partial: &mut Partial, event: StreamEvent<'_>) -> std::result::Result<(), Failure>;

    /// The reply of a stream that has ended; a stream that ends before it says so is `Broken`.
    fn finish(&self, partial: Partial) -> std::result::Result<Reply, Failure>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_models_are_read_and_written() {
        for (text, provider, model) in [
            ("openai/gpt-5-mini", ProviderKind::OpenAi, "gpt-5-mini"),
            ("google/gemini-2.5-flash", ProviderKind::Gemini, "gemini-2.5-flash"),
            ("ollama/qwen3:8b", ProviderKind::Ollama, "qwen3:8b"),
            ("compatible/meta-llama/Llama-3.3-70B", ProviderKind::Compatible, "meta-llama/Llama-3.3-70B"),
        ] {
            let name: ModelName = text.parse().unwrap();
            assert_eq!((name.provider(), name.model()), (provider, model));
            assert_eq!(name.to_string().parse::<ModelName>().unwrap(), name);
        }
    }

    #[test]
    fn what_names_no_model_is_refused() {
        for text in
            ["", "gpt-5", "openai/", "other/m", "openai/a b", "openai/a?b", "gemini/../x", "gemini/a//b", "openai/é"]
        {
            assert_eq!(text.parse::<ModelName>().unwrap_err().kind(), crate::ErrorKind::InvalidInput, "{text}");
        }
    }

    #[test]
    fn base_urls_are_checked() {
        for bad in ["", "x", "ftp://a/b", "https://", "https://u:p@host/v1", "https://host/v1?x=1", "https://host/#f"] {
            assert_eq!(Provider::compatible(bad).unwrap_err().kind(), crate::ErrorKind::InvalidInput, "{bad}");
        }
        assert_eq!(Provider::compatible("http://127.0.0.1:8080/v1/").unwrap().base_url, "http://127.0.0.1:8080/v1");
        let azure = Provider::azure("https://r.openai.azure.com/", "k").unwrap();
        assert_eq!(azure.base_url, "https://r.openai.azure.com/openai/v1");
    }
}
