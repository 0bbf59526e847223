//! The token that a request brings, taken out of what may be logged before anything else sees the request.

use axum::extract::Request;
use axum::http::uri::PathAndQuery;
use axum::http::{Uri, header};

const PARAMETER: &str = "access_token=";

/// The token of a request's query. It has no `Debug`, so that nothing prints it with the request's extensions.
#[derive(Clone)]
struct InQuery(String);

/// Takes the token out of the query, and marks the headers that hold secrets: whatever prints the request afterwards does not print them.
pub fn conceal(request: &mut Request) {
    for (name, value) in request.headers_mut() {
        let name = name.as_str();
        if name == header::AUTHORIZATION || name == header::COOKIE || name.ends_with("-key") {
            value.set_sensitive(true);
        }
    }
    let Some((uri, token)) = without_token(request.uri()) else { return };
    *request.uri_mut() = uri;
    request.extensions_mut().insert(InQuery(token));
}

/// The address without the token, and the token. Where there are several, none of them is good: nobody knows which was meant.
fn without_token(uri: &Uri) -> Option<(Uri, String)> {
    let query = uri.query().filter(|query| query.contains(PARAMETER))?;
    let (tokens, rest): (Vec<&str>, Vec<&str>) = query.split('&').partition(|pair| pair.starts_with(PARAMETER));
    let token = match tokens[..] {
        [token] => token[PARAMETER.len()..].to_owned(),
        _ => String::new(),
    };
    let path = match rest.is_empty() {
        true => uri.path().to_owned(),
        false => format!("{}?{}", uri.path(), rest.join("&")),
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = PathAndQuery::try_from(path).ok();
    let uri = Uri::from_parts(parts).unwrap_or_default();
    Some((uri, token))
}

/// The token that a request brings: of its header, or, where that is allowed, of its query. An empty one is none that is good.
pub(super) fn token(request: &Request, is_live: bool) -> Option<&str> {
    match request.headers().get(header::AUTHORIZATION) {
        Some(value) => {
            let (scheme, token) = value.to_str().ok()?.split_once(' ')?;
            scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
        }
        None => request.extensions().get::<InQuery>().filter(|_| is_live).map(|token| token.0.as_str()),
    }
}

#[cfg(test)]
mod tests {
    use axum::body::Body;

    use super::*;

    fn request(uri: &str) -> Request {
        let request =
            Request::builder().uri(uri).header("authorization", "Basic canary").header("x-openai-key", "canary");
        request.body(Body::empty()).unwrap()
    }

    #[test]
    fn a_token_of_the_query_is_there_for_live_calls_and_seen_by_nobody_else() {
        for (uri, left, token) in [
            ("/a?access_token=canary", "/a", "canary"),
            ("/a?after=3&access_token=canary&x=1", "/a?after=3&x=1", "canary"),
            ("http://host/a?access_token=canary", "http://host/a", "canary"),
            ("/a?access_token=canary&access_token=canary2", "/a", ""),
            ("/a?access_token=", "/a", ""),
        ] {
            let mut request = request(uri);
            conceal(&mut request);
            assert_eq!(request.uri(), left);
            assert!(!format!("{request:?}").contains("canary"), "{request:?}");
            assert_eq!(super::token(&request, true), None, "a header of another kind counts before the query");
            request.headers_mut().remove("authorization");
            assert_eq!(super::token(&request, true), Some(token));
            assert_eq!(super::token(&request, false), None);
        }
    }

    #[test]
    fn a_query_without_a_token_stays_as_it_is() {
        for uri in ["/a?limit=3&candidate_name=%41", "/a", "/a?my_access_token=x", "/a?"] {
            let mut request = request(uri);
            conceal(&mut request);
            assert_eq!(request.uri(), uri);
        }
    }
}
