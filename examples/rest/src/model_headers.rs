//! A language model that a request brings: its key, its address, its name. Keys are used for this request alone, and kept and logged nowhere.
//!
//! A candidate may bring none: whoever chooses the model chooses who judges.

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::request::Parts;
use vivavoce::{CallOptions, ModelName, Provider, ProviderKind, Secret};

use crate::access::{Caller, Role};
use crate::app::App;
use crate::config::Origin;
use crate::error::Failure;
use crate::request::header_text;

/// The headers with keys, and the model that is asked where the request names none.
const KEYS: [(ProviderKind, &str, &str); 3] = [
    (ProviderKind::OpenAi, "x-openai-key", "gpt-5-mini"),
    (ProviderKind::Anthropic, "x-anthropic-key", "claude-haiku-4-5"),
    (ProviderKind::Gemini, "x-gemini-key", "gemini-2.5-flash"),
];
const BASE_URL: &str = "x-openai-base-url";

/// The headers of a request that speak of language models.
#[derive(Debug, Clone, Default)]
pub struct OwnModel {
    keys: Vec<(ProviderKind, &'static str, Secret)>,
    base_url: Option<String>,
    /// Whether the server has models of its own.
    has_models: bool,
    /// Whether the request is a candidate's.
    is_candidates: bool,
}

impl OwnModel {
    fn read(headers: &HeaderMap, app: &App) -> Result<Self, Failure> {
        let mut own = Self { has_models: app.config.models.is_some(), ..Self::default() };
        for (kind, name, model) in KEYS {
            if let Some(key) = header_text(headers, name)?.filter(|key| !key.trim().is_empty()) {
                own.keys.push((kind, model, Secret::new(key.trim())));
            }
        }
        if let Some(url) = header_text(headers, BASE_URL)?.filter(|url| !url.trim().is_empty()) {
            let allowed = &app.config.model_origin;
            if !Origin::of(url.trim()).is_some_and(|origin| allowed.contains(&origin)) {
                return Err(Failure::bad_request("Base URL not allowed"));
            }
            if !own.keys.iter().any(|(kind, ..)| *kind == ProviderKind::OpenAi) {
                return Err(Failure::bad_request("X-OpenAI-Base-URL needs X-OpenAI-Key"));
            }
            own.base_url = Some(url.trim().to_owned());
        }
        Ok(own)
    }

    /// The call's options with what the request brings; `model` is what its body names.
    ///
    /// # Errors
    /// 400 where the model is of a provider that there is no key for, or the base URL is none; 403 where a candidate brings one.
    pub fn apply(&self, options: CallOptions, model: Option<&str>) -> Result<CallOptions, Failure> {
        let refused = |error: vivavoce::Error| Failure::bad_request(error.to_string());
        let named = model.map(str::trim).filter(|model| !model.is_empty());
        if self.is_candidates && (named.is_some() || !self.keys.is_empty()) {
            return Err(Failure::not_this_role());
        }
        let Some(first) = self.keys.first() else {
            // Without any model there is nobody to ask: the scripted interviewer serves.
            return match named.filter(|_| self.has_models) {
                Some(model) => Ok(options.model(name(ProviderKind::OpenAi, model)?)),
                None => Ok(options),
            };
        };
        let model = named.map(|model| name(first.0, model)).transpose()?;
        let kind = model.as_ref().map_or(first.0, ModelName::provider);
        let Some((kind, default, key)) = self.keys.iter().find(|(known, ..)| *known == kind) else {
            return Err(Failure::bad_request("The request has no key for the model that it names"));
        };
        let provider = match kind {
            ProviderKind::Anthropic => Provider::anthropic(key.clone()),
            ProviderKind::Gemini => Provider::gemini(key.clone()),
            _ => Provider::openai(key.clone()),
        };
        let provider = match &self.base_url {
            Some(url) if *kind == ProviderKind::OpenAi => provider.base_url(url).map_err(refused)?,
            _ => provider,
        };
        let model = model.map_or_else(|| name(*kind, default), Ok)?;
        Ok(options.provider(provider).model(model))
    }
}

/// A model's name, with its provider or without.
fn name(kind: ProviderKind, model: &str) -> Result<ModelName, Failure> {
    let known = model.parse().or_else(|_| format!("{kind}/{model}").parse());
    known.map_err(|error: vivavoce::Error| Failure::bad_request(error.to_string()))
}

impl FromRequestParts<App> for OwnModel {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Failure> {
        let caller = Caller::from_request_parts(parts, app).await?;
        let own = Self::read(&parts.headers, app)?;
        Ok(Self { is_candidates: caller.role == Role::Candidate, ..own })
    }
}
