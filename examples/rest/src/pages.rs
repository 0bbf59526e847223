//! What is no call of the API: pages.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::Body;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use tower::Service;
use tower_http::cors::{AllowHeaders, AllowOrigin, CorsLayer};
use tower_http::services::{ServeDir, ServeFile};

use crate::config::{BasePath, Config};
use crate::error::Failure;
use crate::web::Page;

/// What pages of a folder may do: as pages of applications are built, but only of this origin, and framed by nobody else.
const FOLDER_POLICY: &str = "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; \
    img-src 'self' data: blob:; font-src 'self' data:; media-src 'self' data: blob:; connect-src 'self' ws: wss:; worker-src 'self' blob:; \
    frame-ancestors 'self'; base-uri 'self'; object-src 'none'";

/// What answers where no call does: pages of a folder or of the binary, or 404.
#[derive(Clone)]
pub struct Fallback {
    base_path: BasePath,
    pages: Pages,
}

#[derive(Clone)]
enum Pages {
    /// Of a folder, where a path that is no file is the application's own business.
    Folder(ServeDir<ServeFile>),
    /// Of the binary.
    Own(Page),
}

/// The fallback that the configuration asks for.
pub fn fallback(config: &Config) -> Fallback {
    let pages = match &config.static_dir {
        Some(folder) => Pages::Folder(ServeDir::new(folder).fallback(ServeFile::new(folder.join("index.html")))),
        None => Pages::Own(Page::new(&config.base_path)),
    };
    Fallback { base_path: config.base_path.clone(), pages }
}

/// Lets pages of the configured origins call the API; none where there are none.
pub fn other_origins(config: &Config) -> Option<CorsLayer> {
    let origins = config.allow_origin.clone();
    (!origins.is_empty()).then(|| {
        CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(move |origin, _| origins.iter().any(|allowed| allowed.is(origin))))
            .allow_methods([Method::GET, Method::POST, Method::PATCH, Method::DELETE])
            .allow_headers(AllowHeaders::mirror_request())
            .expose_headers([header::LOCATION, header::RETRY_AFTER])
            .max_age(Duration::from_secs(3600))
    })
}

impl Fallback {
    async fn answer(self, request: Request) -> Response {
        let is_read = [Method::GET, Method::HEAD].contains(request.method());
        let path = request.uri().path();
        match self.pages {
            _ if self.base_path.has(path) => Failure::no_such_path().into_response(),
            Pages::Own(page) => match page.file(path, request.headers()) {
                Some(file) if is_read => file,
                Some(_) => not_allowed(),
                None => Failure::no_such_path().into_response(),
            },
            Pages::Folder(_) if !is_read => not_allowed(),
            Pages::Folder(mut folder) => {
                let Ok(response) = folder.call(request).await;
                let mut response: Response = response.map(Body::new);
                let headers = response.headers_mut();
                headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(FOLDER_POLICY));
                headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
                response
            }
        }
    }
}

fn not_allowed() -> Response {
    Failure::new(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed")
        .header(header::ALLOW, HeaderValue::from_static("GET,HEAD"))
        .into_response()
}

impl Service<Request> for Fallback {
    type Response = Response;
    type Error = Infallible;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<Result<(), Infallible>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: Request) -> Self::Future {
        let own = self.clone();
        Box::pin(async { Ok(own.answer(request).await) })
    }
}
