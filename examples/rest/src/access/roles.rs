//! Who may do what: one table of all calls. A call that is not in it is not there, whatever the router has.

use axum::http::{HeaderValue, StatusCode, header};
use clap::ValueEnum;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::error::Failure;

/// What a caller may do; each may do what those before it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema, ValueEnum)]
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

use Role::{Administrator, Candidate, Interviewer};

impl Role {
    /// The role as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Candidate => "candidate",
            Self::Interviewer => "interviewer",
            Self::Administrator => "administrator",
        }
    }
}

/// A path below the base path, as the router writes it.
struct Place {
    path: &'static str,
    /// Its methods, and who may use them.
    methods: &'static [(&'static str, Role)],
    /// Whether a token may stand in the query: a browser's EventSource and WebSocket cannot send headers.
    is_live: bool,
}

const fn at(path: &'static str, methods: &'static [(&'static str, Role)]) -> Place {
    Place { path, methods, is_live: false }
}

const fn live(path: &'static str) -> Place {
    Place { path, methods: &[("GET", Candidate)], is_live: true }
}

/// All calls. Tests hold it against the router's own list.
const PLACES: &[Place] = &[
    at("/access", &[("GET", Candidate)]),
    at("/tokens", &[("POST", Interviewer)]),
    at("/interviews", &[("GET", Interviewer), ("POST", Interviewer)]),
    at("/interviews/{id}", &[("GET", Interviewer), ("PATCH", Interviewer), ("DELETE", Interviewer)]),
    at("/interviews/{id}/erase", &[("POST", Administrator)]),
    at("/interviews/{id}/audit", &[("GET", Administrator)]),
    at("/interviews/{id}/sessions", &[("GET", Interviewer)]),
    at("/interviews/{id}/evaluations", &[("GET", Interviewer), ("POST", Interviewer)]),
    at("/interviews/{id}/chat/start", &[("POST", Interviewer)]),
    at("/candidates/erase", &[("POST", Administrator)]),
    at("/questions", &[("POST", Interviewer)]),
    at("/chat/{session_id}", &[("GET", Candidate)]),
    at("/chat/{session_id}/message", &[("POST", Candidate)]),
    at("/chat/{session_id}/end", &[("POST", Candidate)]),
    at("/chat/{session_id}/abandon", &[("POST", Interviewer)]),
    live("/chat/{session_id}/events"),
    live("/chat/{session_id}/ws"),
    at("/evaluation", &[("POST", Interviewer)]),
    at("/evaluation/{id}", &[("GET", Interviewer)]),
    at("/evaluation/{id}/re-evaluate", &[("POST", Interviewer)]),
    at("/evaluation/{id}/override", &[("POST", Interviewer)]),
    at("/evaluation/{id}/scorecard.json", &[("GET", Interviewer)]),
    at("/evaluation/{id}/scorecard.md", &[("GET", Interviewer)]),
    at("/evaluation/{id}/scorecard.html", &[("GET", Interviewer)]),
    at("/evaluations", &[("GET", Interviewer)]),
    at("/agreement", &[("POST", Interviewer)]),
    at("/calibrations", &[("GET", Interviewer), ("POST", Interviewer)]),
    at("/calibrations/{name}", &[("GET", Interviewer)]),
    at("/export/interviews.jsonl", &[("GET", Administrator)]),
    at("/export/interviews.csv", &[("GET", Administrator)]),
    at("/export/evaluations.jsonl", &[("GET", Administrator)]),
    at("/export/evaluations.csv", &[("GET", Administrator)]),
];

fn place(path: &str) -> Option<&'static Place> {
    PLACES.iter().find(|place| place.path == path)
}

/// Every call: its path below the base path, its method, and the least role that may make it.
pub fn calls() -> impl Iterator<Item = (&'static str, &'static str, Role)> {
    PLACES.iter().flat_map(|place| place.methods.iter().map(|(method, role)| (place.path, *method, *role)))
}

/// Whether this path's token may stand in the query.
pub(super) fn is_live(path: &str) -> bool {
    place(path).is_some_and(|place| place.is_live)
}

/// The least role that may make this call.
///
/// # Errors
/// 404 and 405 where there is no such call.
pub(super) fn needed(path: Option<&str>, method: &str) -> Result<Role, Failure> {
    let place = path.and_then(place).ok_or_else(Failure::no_such_path)?;
    // Who answers GET answers HEAD.
    let asked = if method == "HEAD" { "GET" } else { method };
    let found = place.methods.iter().find(|(known, _)| *known == asked);
    found.map(|(_, role)| *role).ok_or_else(|| not_allowed(place))
}

fn not_allowed(place: &Place) -> Failure {
    let mut allowed: Vec<&str> = place.methods.iter().map(|(method, _)| *method).collect();
    if allowed.contains(&"GET") {
        allowed.push("HEAD");
    }
    let failure = Failure::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed");
    match HeaderValue::try_from(allowed.join(",")) {
        Ok(allowed) => failure.header(header::ALLOW, allowed),
        Err(_) => failure,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_call_is_there_twice() {
        let mut seen = HashSet::new();
        for (path, method, _) in calls() {
            assert!(seen.insert((path, method)), "{method} {path}");
        }
    }

    #[test]
    fn a_candidate_may_do_nothing_outside_its_session() {
        for (path, method, role) in calls().filter(|(.., role)| *role == Candidate) {
            assert!(path == "/access" || path.starts_with("/chat/{session_id}"), "{method} {path} {role:?}");
        }
    }

    #[test]
    fn what_is_not_in_the_table_is_not_there() {
        let status = |path, method| needed(path, method).map_err(|failure| failure.status().as_u16());
        assert_eq!(status(Some("/interviews/{id}"), "HEAD"), Ok(Interviewer));
        assert_eq!(status(Some("/interviews/{id}/secret"), "GET"), Err(404));
        assert_eq!(status(None, "GET"), Err(404));
        assert_eq!(status(Some("/interviews"), "DELETE"), Err(405));
    }
}
