//! The web application, served from the binary.

use std::collections::HashMap;
use std::path::Path;
use std::sync::Arc;

use axum::body::Bytes;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use include_dir::{Dir, include_dir};
use sha2::{Digest as _, Sha256};

use crate::config::BasePath;

static FILES: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/web");

/// What the page may do: its own files and this service, and no script or style that is not a file.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; \
    manifest-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";
/// Where the page is told the base path.
const BASE: &str = "<meta name=\"vivavoce-base\" content=\"/api\">";

struct Asset {
    media: &'static str,
    content: Bytes,
    tag: HeaderValue,
}

/// The files of the page, by their paths.
#[derive(Clone)]
pub struct Page(Arc<HashMap<String, Asset>>);

impl Page {
    /// The page of a service with this base path.
    pub fn new(base: &BasePath) -> Self {
        let mut assets = HashMap::new();
        collect(&FILES, base, &mut assets);
        Self(Arc::new(assets))
    }

    /// The file at a path, where there is one.
    pub fn file(&self, path: &str, headers: &HeaderMap) -> Option<Response> {
        let path = path.strip_prefix('/')?;
        let asset = self.0.get(if path.is_empty() { "index.html" } else { path })?;
        let headers_of = [
            (header::CONTENT_TYPE, HeaderValue::from_static(asset.media)),
            (header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY)),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-cache")),
            (header::ETAG, asset.tag.clone()),
        ];
        let is_known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == asset.tag);
        Some(match is_known {
            true => (StatusCode::NOT_MODIFIED, headers_of).into_response(),
            false => (headers_of, asset.content.clone()).into_response(),
        })
    }
}

fn collect(folder: &Dir<'static>, base: &BasePath, assets: &mut HashMap<String, Asset>) {
    for file in folder.files() {
        let media = match file.path().extension().and_then(|extension| extension.to_str()) {
            Some("html") => "text/html; charset=utf-8",
            Some("js") => "text/javascript; charset=utf-8",
            Some("css") => "text/css; charset=utf-8",
            Some("svg") => "image/svg+xml",
            // Notes of the developers.
            _ => continue,
        };
        let content = match file.contents_utf8().filter(|_| file.path() == Path::new("index.html")) {
            Some(page) => page.replace(BASE, &BASE.replace("/api", base.as_str())).into(),
            None => Bytes::from_static(file.contents()),
        };
        let hash: String = Sha256::digest(&content).iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let Ok(tag) = HeaderValue::try_from(format!("\"{hash}\"")) else { continue };
        assets.insert(file.path().to_string_lossy().into_owned(), Asset { media, content, tag });
    }
    folder.dirs().for_each(|folder| collect(folder, base, assets));
}
