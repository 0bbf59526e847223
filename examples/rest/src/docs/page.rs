//! Renders an OpenAPI document as HTML.

use std::fmt::Write as _;

use serde_json::{Map, Value};

/// The page: calls by their tags, then what documents look like.
pub(super) fn render(document: &Value) -> String {
    let mut page = String::from(
        "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>Vivavoce: the API</title>\n<link rel=\"stylesheet\" href=\"/docs/style.css\">\n<main>\n",
    );
    let info = &document["info"];
    let _ = writeln!(page, "<h1>{} <small>{}</small></h1>", text(&info["title"]), text(&info["version"]));
    paragraphs(&mut page, &info["description"]);
    page.push_str(
        "<p>The document itself: <a href=\"/openapi.yaml\">YAML</a>, <a href=\"/openapi.json\">JSON</a>.</p>\n",
    );
    for tag in document["tags"].as_array().into_iter().flatten() {
        let _ = writeln!(
            page,
            "<h2 id=\"{0}\">{0}</h2>\n<p class=\"about\">{1}</p>",
            text(&tag["name"]),
            text(&tag["description"])
        );
        for (path, methods) in entries(&document["paths"]) {
            for (method, operation) in entries(methods) {
                if operation["tags"].as_array().is_some_and(|tags| tags.contains(&tag["name"])) {
                    call(&mut page, path, method, operation);
                }
            }
        }
    }
    page.push_str("<h2 id=\"documents\">documents</h2>\n");
    for (name, schema) in entries(&document["components"]["schemas"]) {
        let _ = writeln!(page, "<details id=\"{0}\"><summary><code>{0}</code></summary><div>", escaped(name));
        paragraphs(&mut page, &schema["description"]);
        let source = serde_json::to_string_pretty(schema).unwrap_or_default();
        let _ = writeln!(page, "<pre tabindex=\"0\">{}</pre>\n</div></details>", escaped(&source));
    }
    page.push_str("</main>\n</html>\n");
    page
}

fn call(page: &mut String, path: &str, method: &str, operation: &Value) {
    let summary = format!("<span class=\"method\">{}</span> <code>{}</code>", method.to_uppercase(), escaped(path));
    let _ = writeln!(
        page,
        "<details><summary>{summary} <span class=\"about\">{}</span></summary><div>",
        text(&operation["summary"])
    );
    paragraphs(page, &operation["description"]);
    if let Some(parameters) = operation["parameters"].as_array().filter(|all| !all.is_empty()) {
        page.push_str("<h3>Parameters</h3>\n<table>\n");
        for parameter in parameters {
            let (name, place) = (text(&parameter["name"]), text(&parameter["in"]));
            let (kind, about) = (shape(&parameter["schema"]), text(&parameter["description"]));
            let _ = writeln!(page, "<tr><th scope=\"row\"><code>{name}</code><td>{place}<td>{kind}<td>{about}");
        }
        page.push_str("</table>\n");
    }
    if let Some((media, content)) = entries(&operation["requestBody"]["content"]).next() {
        let _ = writeln!(page, "<h3>Body</h3>\n<p>{} ({})</p>", shape(&content["schema"]), escaped(media));
    }
    page.push_str("<h3>Responses</h3>\n<table>\n");
    for (status, response) in entries(&operation["responses"]) {
        let about = match response["$ref"].as_str() {
            Some(name) => escaped(name.rsplit('/').next().unwrap_or_default()),
            None => text(&response["description"]),
        };
        let content: Vec<String> =
            entries(&response["content"]).map(|(_, content)| shape(&content["schema"])).collect();
        let _ = writeln!(page, "<tr><th scope=\"row\">{status}<td>{about}<td>{}", content.join(", "));
    }
    page.push_str("</table>\n</div></details>\n");
}

/// What a schema is, in a few words, with a link to what it is called.
fn shape(schema: &Value) -> String {
    if let Some(name) = schema["$ref"].as_str().and_then(|name| name.rsplit('/').next()) {
        return format!("<a href=\"#{0}\"><code>{0}</code></a>", escaped(name));
    }
    if let Some(all) = schema["oneOf"].as_array() {
        let all: Vec<String> = all.iter().map(shape).collect();
        return all.join(" or ");
    }
    match &schema["type"] {
        Value::String(kind) if kind == "array" => format!("list of {}", shape(&schema["items"])),
        Value::String(kind) => escaped(kind),
        Value::Array(kinds) => kinds.iter().map(text).collect::<Vec<_>>().join(" or "),
        _ => String::new(),
    }
}

fn entries(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().map(Map::iter).into_iter().flatten()
}

fn paragraphs(page: &mut String, value: &Value) {
    for paragraph in value.as_str().into_iter().flat_map(|text| text.split("\n\n")) {
        let _ = writeln!(page, "<p>{}</p>", escaped(paragraph));
    }
}

fn text(value: &Value) -> String {
    value.as_str().map(escaped).unwrap_or_default()
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
