//! Who may do what: tokens with a role and a tenant each, and limits on how often.
//!
//! Every request below the base path goes through [`admit`] before its handler. What the caller may see is the engine's matter: a handler calls it for the caller's tenant, to which
//! another's ids are not there.

mod browsers;
mod client;
mod files;
mod limits;
mod presented;
mod roles;
mod tokens;

use std::sync::Arc;
use std::time::SystemTime;

use axum::extract::{FromRequestParts, MatchedPath, Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Response};
use governor::clock::DefaultClock;
use vivavoce::SessionId;

pub(crate) use self::client::address;
pub use self::client::{Network, Peer};
pub use self::files::{make_key, read_secret};
use self::limits::Limits;
pub use self::presented::conceal;
pub use self::roles::{Role, calls};
pub use self::tokens::{Candidate, Tokens, new_token};
use crate::app::App;
use crate::config::{Config, Refused};
use crate::error::{Failure, Subject};

/// The tenant of whoever was not asked who they are: the engine's own default.
const DEFAULT_TENANT: &str = "default";

/// Who makes a request.
#[derive(Debug, Clone)]
pub struct Caller {
    /// What they may do.
    pub role: Role,
    /// Whose interviews they see.
    pub tenant: Arc<str>,
    /// The name of their token; none of whoever was not asked, and of a candidate.
    pub name: Arc<str>,
    /// A candidate's only session.
    pub session: Option<SessionId>,
    /// Until when they are let in, in seconds since 1970, where there is an end.
    pub expires: Option<u64>,
    scope: Arc<str>,
}

impl Caller {
    /// The bearer of a token of the file.
    fn known(role: Role, tenant: &str, name: &str) -> Self {
        // Neither a tenant nor a name has a control character in it.
        let scope = format!("{tenant}\0token\0{name}").into();
        Self { role, tenant: tenant.into(), name: name.into(), session: None, expires: None, scope }
    }

    /// The bearer of a candidate's token.
    fn candidate(said: &Candidate) -> Self {
        let Candidate { session, tenant, expires } = said;
        let scope = format!("{tenant}\0session\0{session}").into();
        Self {
            role: Role::Candidate,
            tenant: tenant.as_str().into(),
            name: "".into(),
            session: Some(*session),
            expires: Some(*expires),
            scope,
        }
    }

    /// Somebody who was not asked who they are, of the default tenant.
    pub fn anybody() -> Self {
        Self::known(Role::Administrator, DEFAULT_TENANT, "")
    }

    /// Tells them apart from all other callers of all tenants: their idempotency keys and their limits are their own.
    pub fn scope(&self) -> &str {
        &self.scope
    }

    /// Refuses who may do less than that role.
    ///
    /// # Errors
    /// 403.
    pub fn must_be(&self, role: Role) -> Result<(), Failure> {
        match self.role >= role {
            true => Ok(()),
            false => Err(Failure::not_this_role()),
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
            limits: config.requests_a_minute().map(|limit| Limits::new(limit, &DefaultClock::default())),
        })
    }

    /// The tokens.
    pub fn tokens(&self) -> &Tokens {
        &self.tokens
    }

    /// Counts what a caller asks for over a connection that stays open, as if it were a request.
    ///
    /// # Errors
    /// 429
    pub fn count(&self, caller: &Caller) -> Result<(), Failure> {
        // Who was not asked who they are is counted by their address alone.
        let limits = self.limits.as_ref().filter(|_| self.tokens.are_asked_for() || caller.session.is_some());
        limits.map_or(Ok(()), |limits| limits.check_caller(caller))
    }

    /// Who makes this request.
    fn caller(&self, token: Option<&str>) -> Result<Caller, Failure> {
        match (self.tokens.are_asked_for(), token) {
            // A candidate's token works where nobody is asked for one as well, and then allows as little.
            (_, Some(token)) if token.starts_with(tokens::PREFIX) => {
                let said = self.tokens.candidate(token, SystemTime::now());
                said.as_ref().map(Caller::candidate).ok_or_else(unknown)
            }
            (false, _) => Ok(Caller::anybody()),
            (true, Some(token)) => self.tokens.caller(token).ok_or_else(unknown),
            (true, None) => Err(unknown()),
        }
    }

    /// Who makes this request, where they may.
    fn admit(&self, config: &Config, request: &Request) -> Result<Caller, Failure> {
        let matched = request.extensions().get::<MatchedPath>();
        let path = matched.and_then(|path| path.as_str().strip_prefix(config.base_path.as_str()));
        if let (Some(limits), Some(Peer(peer))) = (&self.limits, request.extensions().get::<Peer>()) {
            limits.check_address(client::address(peer.ip(), request.headers(), &config.trusted_proxy))?;
        }
        if !self.tokens.are_asked_for() {
            browsers::check(request, &config.allow_origin)?;
        }
        let caller = self.caller(presented::token(request, path.is_some_and(roles::is_live)))?;
        self.count(&caller)?;
        caller.must_be(roles::needed(path, request.method().as_str())?)?;
        Ok(caller)
    }
}

fn unknown() -> Failure {
    Failure::new(StatusCode::UNAUTHORIZED, "Missing or invalid token")
        .header(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"))
}

/// Lets a request in, or refuses it: for everything below the base path.
pub async fn admit(State(app): State<App>, mut request: Request, next: Next) -> Response {
    match app.access.admit(&app.config, &request) {
        Ok(caller) => {
            request.extensions_mut().insert(caller.clone());
            let mut response = next.run(request).await;
            response.extensions_mut().insert(caller);
            response
        }
        Err(failure) => failure.into_response(),
    }
}
