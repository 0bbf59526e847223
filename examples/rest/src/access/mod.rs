//! Who may do what: tokens with a role and a tenant each, and limits on how often.

mod limits;
mod tokens;

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::{FromRequestParts, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use vivavoce::SessionId;

use self::limits::Limits;
pub use self::tokens::{Candidate, Tokens, new_token};
use crate::app::App;
use crate::config::{Config, Refused};
use crate::error::{Failure, Subject};

/// The tenant of whoever was not asked who they are: the engine's own default.
const DEFAULT_TENANT: &str = "default";

/// What a caller may do; each may do what those after it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema, ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Takes part in one session.
    #[value(skip)]
    Candidate,
    /// Plans interviews and reads what came of them.
    Interviewer,
    /// Also erases, exports and audits.
    Administrator,
}

/// Who makes a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What they may do.
    pub role: Role,
    /// Whose interviews they see.
    pub tenant: Arc<str>,
    /// Names them among the callers of the tenant: their idempotency keys are their own.
    pub name: Arc<str>,
    /// A candidate's only session.
    pub session: Option<SessionId>,
    /// Until when they are let in, in seconds since 1970, where there is an end.
    pub expires: Option<u64>,
}

impl Caller {
    /// Somebody who was not asked who they are, of the default tenant.
    pub fn anybody() -> Self {
        Self { role: Role::Administrator, tenant: DEFAULT_TENANT.into(), name: "".into(), session: None, expires: None }
    }

    /// Refuses who may do less than that role.
    ///
    /// # Errors
    /// 403.
    pub fn must_be(&self, role: Role) -> Result<(), Failure> {
        match self.role >= role {
            true => Ok(()),
            false => Err(Failure::new(StatusCode::FORBIDDEN, "Not allowed for this role")),
        }
    }

    /// Refuses a candidate whose session it is not, as if it were not there.
    ///
    /// # Errors
    /// 404.
    pub fn must_attend(&self, session: SessionId) -> Result<(), Failure> {
        match self.session {
            Some(own) if own != session => Err(Subject::Session.not_found()),
            _ => Ok(()),
        }
    }
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Failure> {
        // Without `admit` nobody is let in.
        parts.extensions.get::<Self>().cloned().ok_or_else(unknown)
    }
}

/// Where a request comes from.
#[derive(Debug, Clone, Copy)]
pub struct Peer(pub SocketAddr);

/// Who is let in.
pub struct Access {
    tokens: Tokens,
    limits: Option<Limits>,
}

impl Access {
    /// Reads what the configuration says about it.
    ///
    /// # Errors
    /// Where a file is wrong.
    pub fn new(config: &Config) -> Result<Self, Refused> {
        Ok(Self {
            tokens: match &config.tokens {
                Some(path) => Tokens::read(path)?,
                None => Tokens::none(),
            },
            limits: config.requests_a_minute().map(Limits::new),
        })
    }

    /// The tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Who makes this request.
    fn caller(&self, request: &Request) -> Result<Caller, Failure> {
        let candidate = |candidate: Candidate| Caller {
            role: Role::Candidate,
            tenant: candidate.tenant.into(),
            name: format!("session {}", candidate.session).into(),
            session: Some(candidate.session),
            expires: Some(candidate.expires),
        };
        let token = presented(request);
        let signed = token.as_deref().and_then(|token| self.tokens.candidate(token, SystemTime::now()));
        match (self.tokens.are_asked_for(), token) {
            // A candidate's link works where nobody is asked as well, and then allows as little.
            (false, Some(token)) if token.starts_with(tokens::PREFIX) => signed.map(candidate).ok_or_else(unknown),
            (false, _) => Ok(Caller::anybody()),
            (true, None) => Err(unknown()),
            (true, Some(token)) => match signed {
                Some(signed) => Ok(candidate(signed)),
                None => self.tokens.caller(&token).ok_or_else(unknown),
            },
        }
    }
}

fn unknown() -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, "Missing or invalid token")
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// The token of a request. A browser's EventSource and WebSocket cannot send headers, so that for those it may stand in the query.
fn presented(request: &Request) -> Option<String> {
    if let Some(value) = request.headers().get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
        return scheme.eq_ignore_ascii_case("bearer").then(|| token.trim().to_owned());
    }
    let path = request.uri().path();
    let is_live = path.ends_with("/events") || path.ends_with("/ws");
    let mut pairs = request.uri().query().filter(|_| is_live)?.split('&');
    pairs.find_map(|pair| pair.strip_prefix("access_token=")).map(str::to_owned)
}

/// Lets a request in, or refuses it: for everything below the base path.
pub async fn admit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let access = &app.access;
    let address: Option<IpAddr> = request.extensions().get::<Peer>().map(|peer| peer.0.ip());
    let admitted = access.limits.as_ref().map_or(Ok(()), |limits| limits.check_address(address)).and_then(|()| {
        let caller = access.caller(&request)?;
        if let Some(limits) = access.limits.as_ref().filter(|_| access.tokens.are_asked_for()) {
            limits.check_caller(&caller)?;
        }
        Ok(caller)
    });
    match admitted {
        Ok(caller) => {
            request.extensions_mut().insert(caller);
            next.run(request).await
        }
        Err(failure) => failure.into_response(),
    }
}
