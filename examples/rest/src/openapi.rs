//! The OpenAPI document: what the calls say of themselves, and what holds for all of them.

use utoipa::OpenApi as _;
use utoipa::openapi::path::{Operation, Parameter, ParameterBuilder, ParameterIn};
use utoipa::openapi::schema::{ObjectBuilder, Type};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::tag::TagBuilder;
use utoipa::openapi::{
    ContactBuilder, ContentBuilder, HeaderBuilder, InfoBuilder, LicenseBuilder, OpenApi, OpenApiBuilder, PathItem, Ref,
    RefOr, Required, Response, ResponseBuilder,
};
use utoipa_axum::router::OpenApiRouter;

use crate::config::BasePath;
use crate::documents::names;
use crate::live::{LiveReply, LiveRequest};
use crate::routes;

const ABOUT: &str = "Interviews that an AI conducts: planned, held, judged with evidence, and read.\n\n\
    Times are RFC 3339 in UTC; unknown fields of requests are ignored; scores are 0 to 1; texts are without U+0000.\n\n\
    Every POST takes an `Idempotency-Key`: the same key and body give the first success again, another body is 409.\n\n\
    Errors are `{\"error\": text, \"details\"?: text}`.";

const TAGS: [(&str, &str); 9] = [
    ("interviews", "Planning interviews"),
    ("chat", "Holding sessions"),
    ("live", "Following sessions as they happen"),
    ("evaluations", "Having answers judged, and what came of it"),
    ("export", "Everything, to take elsewhere"),
    ("erasure", "Forgetting a candidate"),
    ("audit", "Proving that nothing was changed"),
    ("access", "Who may do what"),
    ("operations", "Whether the service is well"),
];

/// What can go wrong with any call: the name of the response, the status, and what it means.
const FAILURES: [(&str, &str, &str); 13] = [
    ("BadRequest", "400", "The request is wrong; `error` says how"),
    ("Unauthorized", "401", "`Missing or invalid token`"),
    ("Forbidden", "403", "`Not allowed for this role`"),
    ("TooSlow", "408", "The body took too long"),
    ("Conflict", "409", "The idempotency key was used for another request, or what was to be changed has changed"),
    ("TooLarge", "413", "The body is larger than 1 MiB"),
    ("TooMany", "429", "Too many requests of this token or address, or a budget for language models is used up"),
    (
        "HeadTooLarge",
        "431",
        "The request's head is larger than 32 KiB, or has more than 100 headers; there is no document",
    ),
    ("Internal", "500", "A bug: please report it"),
    ("Unsupported", "501", "This service cannot do it"),
    ("Provider", "502", "The language model failed"),
    ("Unavailable", "503", "Too many requests at once, the store does not answer, or the service is stopping"),
    ("TimedOut", "504", "It took longer than a request may"),
];

/// The calls that may ask a language model, which a request may bring: the ends of their paths.
const ASKING: [&str; 6] = ["/chat/start", "/message", "/end", "/evaluation", "/re-evaluate", "/questions"];

/// The schemas of parameters, which calls do not bring along.
#[derive(utoipa::OpenApi)]
#[openapi(components(schemas(
    names::SortBy,
    names::SortOrder,
    names::InterviewStatus,
    names::InterviewType,
    names::Language,
    names::SessionStatus,
    names::EvaluationStatus,
    names::MessageKind,
    names::Seniority,
    LiveRequest,
    LiveReply<'_>
)))]
struct OfParameters;

/// The document of a service with this base path, which asks for tokens or, where that is not known, may.
pub fn document(base: &BasePath, tokens: Option<bool>) -> OpenApi {
    let info = InfoBuilder::new()
        .title("Vivavoce")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(ABOUT))
        .contact(Some(ContactBuilder::new().name(Some("The Vivavoce developers")).build()))
        .license(Some(LicenseBuilder::new().name("MIT OR Apache-2.0").identifier(Some("MIT OR Apache-2.0")).build()));
    let tags = TAGS.map(|(name, about)| TagBuilder::new().name(name).description(Some(about)).build());
    let mut empty = OpenApiBuilder::new().info(info.build()).tags(Some(tags)).build();
    empty.merge(OfParameters::openapi());
    let calls = OpenApiRouter::with_openapi(empty).nest(base.as_str(), routes::api()).merge(routes::root());
    let (_, mut document) = calls.split_for_parts();
    for (path, item) in &mut document.paths.paths {
        let own = path.strip_prefix(base.as_str());
        for (method, operation) in operations(item) {
            named(own.unwrap_or(path), method, operation);
            match own {
                Some(own) => {
                    complete(own, method, operation);
                    operation.security = Some(security(tokens));
                }
                None => operation.security = Some(Vec::new()),
            }
        }
    }
    let components = document.components.get_or_insert_default();
    for (name, _, about) in FAILURES {
        components.responses.insert(name.to_owned(), failure(name, about).into());
    }
    let bearer = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).description(Some(
        "A token of the file of `--tokens`, or a candidate's of `POST /tokens`. Without `--tokens` nobody is asked for one.",
    ));
    components.add_security_scheme("token", SecurityScheme::Http(bearer.build()));
    document
}

/// The methods of a path.
fn operations(item: &mut PathItem) -> impl Iterator<Item = (&'static str, &mut Operation)> {
    let all =
        [("GET", &mut item.get), ("POST", &mut item.post), ("PATCH", &mut item.patch), ("DELETE", &mut item.delete)];
    all.into_iter().filter_map(|(method, operation)| Some((method, operation.as_mut()?)))
}

/// Gives a call a name of its own, and its successes a word.
fn named(path: &str, method: &str, operation: &mut Operation) {
    let words = path.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let name: Vec<String> = std::iter::once(method).chain(words).map(str::to_lowercase).collect();
    operation.operation_id = Some(name.join("_"));
    for (status, response) in &mut operation.responses.responses {
        if let RefOr::T(response) = response
            && response.description.is_empty()
        {
            let word = match status.as_str() {
                "201" => "Made",
                "202" => "Asked for",
                "204" => "Done",
                "404" => "There is none, or it is another tenant's",
                "502" => "The language model failed",
                _ => "Done",
            };
            response.description = word.to_owned();
        }
    }
}

/// Who is let in: who has a token, or anybody.
fn security(tokens: Option<bool>) -> Vec<SecurityRequirement> {
    let token = SecurityRequirement::new("token", Vec::<String>::new());
    match tokens {
        Some(true) => vec![token],
        Some(false) => Vec::new(),
        None => vec![token, SecurityRequirement::default()],
    }
}

/// Adds what a call need not say of itself.
fn complete(path: &str, method: &str, operation: &mut Operation) {
    let asks = method == "POST" && ASKING.iter().any(|end| path.ends_with(end));
    let has_parameters =
        operation.parameters.as_ref().is_some_and(|all| all.iter().any(|it| it.parameter_in == ParameterIn::Query));
    let has_body = method == "POST" || method == "PATCH";
    for (name, status, _) in FAILURES {
        let applies = match status {
            "400" => has_body || has_parameters || method == "DELETE",
            "408" | "413" => has_body,
            "409" => has_body,
            "501" | "502" => asks,
            _ => true,
        };
        if applies {
            let response = RefOr::Ref(Ref::from_response_name(name));
            operation.responses.responses.entry(status.to_owned()).or_insert(response);
        }
    }
    let parameters = operation.parameters.get_or_insert_default();
    let in_query = |it: &&mut Parameter| it.parameter_in == ParameterIn::Query && it.name != "access_token";
    for parameter in parameters.iter_mut().filter(in_query) {
        // An empty one counts as none. utoipa has no field for it, and writes this one as it is.
        parameter.extensions = Some([("allowEmptyValue", true)].into_iter().collect());
    }
    if has_body {
        let about = "Makes the request safe to repeat: the same key and body give the first success again";
        parameters.push(header("Idempotency-Key", about, Some(200)));
    }
    if asks {
        for (name, about) in [
            ("X-OpenAI-Key", "A key of OpenAI's for this request alone"),
            (
                "X-OpenAI-Base-URL",
                "Where OpenAI's interface is spoken; its origin has to be among those of `--model-origin`",
            ),
            ("X-Anthropic-Key", "A key of Anthropic's for this request alone"),
            ("X-Gemini-Key", "A key of Google's for this request alone"),
        ] {
            parameters.push(header(name, about, None));
        }
    }
}

fn header(name: &str, about: &str, longest: Option<usize>) -> Parameter {
    let text = ObjectBuilder::new().schema_type(Type::String).min_length(longest.map(|_| 1)).max_length(longest);
    let parameter = ParameterBuilder::new().name(name).parameter_in(ParameterIn::Header);
    parameter.required(Required::False).description(Some(about)).schema(Some(text)).build()
}

fn failure(name: &str, about: &str) -> Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name("Error"))).build();
    let response = ResponseBuilder::new().description(about);
    // Nothing was read by which one could be written.
    if name == "HeadTooLarge" {
        return response.build();
    }
    let response = response.content("application/json", content);
    match name {
        "TooMany" | "Unavailable" => {
            let seconds = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(1));
            let header = HeaderBuilder::new().schema(seconds).description(Some("When to come back, in seconds"));
            response.header("Retry-After", header.build()).build()
        }
        _ => response.build(),
    }
}

/// The document in YAML.
///
/// # Errors
/// Where it has no such form.
pub fn yaml(base: &BasePath) -> Result<String, impl std::error::Error> {
    document(base, None).to_yaml()
}
