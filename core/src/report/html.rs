//! The scorecard as one HTML page.

use std::fmt;
use std::sync::LazyLock;

use super::spans::spans;
use super::text::Html;
use super::{Scorecard, chart, points, weight};
use crate::domain::canonical::sha256;
use crate::domain::{Exchange, Quote, Rating};
use crate::messages::Report;

const STYLE: &str = include_str!("scorecard.css");

/// Nothing is loaded, run or sent; the only style is the page's own, named by its hash.
static POLICY: LazyLock<String> = LazyLock::new(|| {
    let hash = base64(&sha256(&[STYLE.as_bytes()]));
    format!("default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'")
});

pub(super) fn render(scorecard: &Scorecard) -> String {
    let mut page = Page(String::with_capacity(STYLE.len() + 16 * 1024));
    let labels = scorecard.labels();
    page.put(format_args!(
        "<!doctype html>\n<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n\
         <meta name=\"robots\" content=\"noindex\">\n\
         <title>{} – {}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n",
        scorecard.language(),
        *POLICY,
        Html(&one_line(&scorecard.interview.candidate_name)),
        Html(labels.title),
    ));
    masthead(&mut page, scorecard);
    alerts(&mut page, scorecard);
    summary(&mut page, scorecard);
    competencies(&mut page, scorecard);
    findings(&mut page, scorecard);
    exchanges(&mut page, scorecard);
    unanswered(&mut page, scorecard);
    page.put(format_args!("</main>\n<footer>\n<h2>{}</h2>\n", Html(labels.about)));
    page.pairs(&scorecard.origin());
    page.put(format_args!("<p>{}</p>\n</footer>\n</body>\n</html>\n", Html(labels.notice)));
    page.0
}

struct Page(String);

impl Page {
    fn put(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = fmt::Write::write_fmt(&mut self.0, text);
    }

    fn open_section(&mut self, class: &str, title: &str) {
        self.put(format_args!("<section class=\"{class}\">\n<h2>{}</h2>\n", Html(title)));
    }

    fn close_section(&mut self) {
        self.put(format_args!("</section>\n"));
    }

    fn list(&mut self, items: &[String]) {
        self.put(format_args!("<ul>\n"));
        for item in items {
            self.put(format_args!("<li dir=\"auto\">{}</li>\n", Html(item)));
        }
        self.put(format_args!("</ul>\n"));
    }

    fn pairs(&mut self, pairs: &[(&str, String)]) {
        self.put(format_args!("<dl>\n"));
        for (label, value) in pairs {
            self.put(format_args!("<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>\n", Html(label), Html(value)));
        }
        self.put(format_args!("</dl>\n"));
    }
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn masthead(page: &mut Page, scorecard: &Scorecard) {
    let labels = scorecard.labels();
    page.put(format_args!(
        "<header>\n<div class=\"who\">\n<p class=\"kicker\">{}</p>\n<h1><bdi>{}</bdi></h1>\n",
        Html(labels.title),
        Html(&one_line(&scorecard.interview.candidate_name)),
    ));
    page.pairs(&scorecard.facts());
    page.put(format_args!("</div>\n"));
    match scorecard.points() {
        Some(points) => page.put(format_args!(
            "<div class=\"score\">{}<p><span class=\"label\">{}</span> <strong>{points}</strong> <span class=\"of\">/ 100</span></p></div>\n",
            chart::ring(points),
            Html(labels.overall_score),
        )),
        None => page.put(format_args!(
            "<div class=\"score none\"><p><span class=\"label\">{}</span> <strong>{}</strong> <span class=\"why\">{}</span></p></div>\n",
            Html(labels.overall_score),
            Html(labels.no_score),
            Html((labels.no_score_reason)(scorecard.evaluation.status)),
        )),
    }
    page.put(format_args!("</header>\n<p class=\"notice\">{}</p>\n", Html(labels.notice)));
}

fn alerts(page: &mut Page, scorecard: &Scorecard) {
    let labels = scorecard.labels();
    for (title, notes) in scorecard.notes() {
        let has_failed = title == labels.failure || title == labels.missing;
        page.open_section(if has_failed { "alert failure" } else { "alert review" }, title);
        page.list(&notes);
        page.close_section();
    }
}

fn summary(page: &mut Page, scorecard: &Scorecard) {
    let feedback = scorecard.evaluation.feedback.trim();
    if !feedback.is_empty() {
        page.open_section("summary", scorecard.labels().summary);
        page.put(format_args!("<p class=\"text\" dir=\"auto\">{}</p>\n", Html(feedback)));
        page.close_section();
    }
}

fn competencies(page: &mut Page, scorecard: &Scorecard) {
    let (labels, competencies) = (scorecard.labels(), &scorecard.evaluation.competencies);
    if competencies.is_empty() {
        return;
    }
    page.open_section("competencies", labels.competencies);
    page.put(format_args!(
        "<figure>{}</figure>\n<table>\n<thead><tr><th scope=\"col\">{}</th><th scope=\"col\" class=\"number\">{}</th>\
         <th scope=\"col\" class=\"number\">{}</th><th scope=\"col\" class=\"number\">{}</th></tr></thead>\n<tbody>\n",
        chart::bars(competencies, labels),
        Html(labels.competency),
        Html(labels.score),
        Html(labels.weight),
        Html(labels.ratings),
    ));
    for competency in competencies {
        page.put(format_args!(
            "<tr><th scope=\"row\"><bdi>{}</bdi></th><td class=\"number\">{}</td><td class=\"number\">{}</td><td class=\"number\">{}</td></tr>\n",
            Html(labels.competency_name(&competency.competency)),
            points(competency.score),
            weight(competency.weight),
            competency.ratings,
        ));
    }
    page.put(format_args!("</tbody>\n</table>\n"));
    page.close_section();
}

fn findings(page: &mut Page, scorecard: &Scorecard) {
    let findings = scorecard.findings();
    if findings.is_empty() {
        return;
    }
    page.put(format_args!("<div class=\"findings\">\n"));
    for (title, items) in findings {
        page.open_section("finding", title);
        page.list(items);
        page.close_section();
    }
    page.put(format_args!("</div>\n"));
}

fn exchanges(page: &mut Page, scorecard: &Scorecard) {
    let (labels, evaluation) = (scorecard.labels(), &scorecard.evaluation);
    if evaluation.exchanges.is_empty() {
        return;
    }
    page.open_section("exchanges", labels.exchanges);
    if evaluation.ratings.iter().any(|rating| !rating.quotes.is_empty()) {
        page.put(format_args!("<p class=\"legend\"><mark>{}</mark></p>\n", Html(labels.highlights)));
    }
    let plan_language = plan_language(scorecard);
    for (place, exchange) in evaluation.exchanges.iter().enumerate() {
        let class = if exchange.probe { "probe" } else { "planned" };
        page.put(format_args!(
            "<article class=\"{class}\">\n<h3>{}</h3>\n<p class=\"question text\" dir=\"auto\"{}>{}</p>\n",
            Html(&scorecard.heading(exchange)),
            if exchange.probe { "" } else { &plan_language },
            Html(exchange.question_text.trim()),
        ));
        answer(page, scorecard, place, exchange);
        ratings(page, scorecard, place, exchange);
        key_points(page, scorecard, place);
        page.put(format_args!("</article>\n"));
    }
    page.close_section();
}

/// What the plan says is in its language, which may not be the page's; a probe is said in the session's.
fn plan_language(scorecard: &Scorecard) -> String {
    let language = scorecard.interview.interview_language;
    if language == scorecard.language() { String::new() } else { format!(" lang=\"{language}\"") }
}

fn answer(page: &mut Page, scorecard: &Scorecard, place: usize, exchange: &Exchange) {
    let labels = scorecard.labels();
    if exchange.answer.trim().is_empty() {
        page.put(format_args!("<p class=\"missing\">{}</p>\n", Html(labels.no_answer)));
        return;
    }
    page.put(format_args!(
        "<h4 class=\"label\">{}</h4>\n<blockquote class=\"answer text\" dir=\"auto\">",
        Html(labels.answer)
    ));
    for span in spans(exchange.answer.trim_end(), scorecard.quotes(place)) {
        match span.quoted {
            true => page.put(format_args!("<mark>{}</mark>", Html(span.text))),
            false => page.put(format_args!("{}", Html(span.text))),
        }
    }
    page.put(format_args!("</blockquote>\n"));
}

fn ratings(page: &mut Page, scorecard: &Scorecard, place: usize, exchange: &Exchange) {
    let mut ratings = scorecard.ratings(place).peekable();
    if ratings.peek().is_some() {
        page.put(format_args!("<ul class=\"ratings\">\n"));
        ratings.for_each(|judged| rating(page, scorecard, judged));
        page.put(format_args!("</ul>\n"));
    } else if scorecard.lacks_ratings(exchange) {
        page.put(format_args!("<p class=\"missing\">{}</p>\n", Html(scorecard.labels().not_rated)));
    }
}

fn rating(page: &mut Page, scorecard: &Scorecard, rating: &Rating) {
    let labels = scorecard.labels();
    let (score, colon) = (points(rating.score), Html(labels.colon));
    page.put(format_args!(
        "<li>\n<p class=\"verdict\"><strong><bdi>{}</bdi></strong> {} <span class=\"points\"><b>{score}</b> / 100</span></p>\n",
        Html(labels.competency_name(&rating.competency)),
        chart::meter(score),
    ));
    if !rating.reason.trim().is_empty() {
        page.put(format_args!("<p class=\"reason text\" dir=\"auto\">{}</p>\n", Html(rating.reason.trim())));
    }
    evidence(page, labels, &rating.quotes);
    page.put(format_args!(
        "<p class=\"basis\">{}{colon}{} · {}{colon}{}%</p>\n</li>\n",
        Html(labels.basis),
        Html((labels.basis_name)(rating.basis)),
        Html(labels.confidence),
        points(rating.confidence),
    ));
}

fn evidence(page: &mut Page, labels: &Report, quotes: &[Quote]) {
    if quotes.is_empty() {
        return;
    }
    page.put(format_args!("<p class=\"evidence\">{}{}", Html(labels.evidence), Html(labels.colon)));
    for quote in quotes {
        // The catalogue knows the language's quotation marks; browsers know fewer languages.
        let text = format!("<bdi>{}</bdi>", Html(&one_line(&quote.text)));
        page.put(format_args!("<q>{}</q> ", (labels.quote)(&text)));
    }
    page.put(format_args!("</p>\n"));
}

fn key_points(page: &mut Page, scorecard: &Scorecard, place: usize) {
    let labels = scorecard.labels();
    let mut found = scorecard.key_points(place).peekable();
    if found.peek().is_none() {
        return;
    }
    let language = plan_language(scorecard);
    page.put(format_args!("<h4 class=\"label\">{}</h4>\n<ul class=\"key-points\">\n", Html(labels.key_points)));
    for point in found {
        page.put(format_args!(
            "<li>\n<p><strong>{}</strong>{}<bdi{language}>{}</bdi></p>\n",
            Html((labels.coverage)(point.coverage)),
            Html(labels.colon),
            Html(&point.text),
        ));
        evidence(page, labels, &point.quotes);
        page.put(format_args!("</li>\n"));
    }
    page.put(format_args!("</ul>\n"));
}

fn unanswered(page: &mut Page, scorecard: &Scorecard) {
    let labels = scorecard.labels();
    let questions = scorecard.unanswered();
    if questions.is_empty() {
        return;
    }
    page.open_section("unanswered", labels.unanswered);
    page.put(format_args!("<ul>\n"));
    for (number, text) in questions {
        page.put(format_args!(
            "<li><span class=\"label\">{}</span> <bdi class=\"text\">{}</bdi></li>\n",
            Html(&(labels.question)(number)),
            Html(text)
        ));
    }
    let policy = (labels.unanswered_policy)(scorecard.evaluation.unanswered_policy);
    page.put(format_args!("</ul>\n<p class=\"legend\">{}</p>\n", Html(policy)));
    page.close_section();
}

/// RFC 4648, section 4.
fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = group.iter().chain([0; 3].iter()).take(3).fold(0_usize, |bits, byte| bits << 8 | usize::from(*byte));
        for digit in 0..4 {
            match digit <= group.len() {
                true => text.push(char::from(DIGITS[bits >> (18 - 6 * digit) & 63])),
                false => text.push('='),
            }
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        // RFC 4648, section 10.
        for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg==")] {
            assert_eq!(base64(bytes.as_bytes()), text);
        }
    }

    /// The relative luminance of `#rrggbb`: WCAG 2.2.
    fn luminance(color: &str) -> f64 {
        let channel = |place: usize| {
            let value = f64::from(u8::from_str_radix(&color[place..place + 2], 16).unwrap()) / 255.0;
            if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
        };
        0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5)
    }

    #[test]
    fn every_text_colour_has_enough_contrast_in_the_light_in_the_dark_and_on_paper() {
        let mut schemes = 0;
        for block in STYLE.split("/* scheme */").skip(1) {
            let color = |name: &str| {
                let value = block.split_once(&format!("--{name}: ")).unwrap().1;
                luminance(&value[..7])
            };
            for (text, ground) in [
                ("ink", "ground"),
                ("ink", "sheet"),
                ("muted", "ground"),
                ("muted", "sheet"),
                ("accent", "sheet"),
                ("mark-ink", "mark"),
                ("review-ink", "review"),
                ("failure-ink", "failure"),
                ("ink", "review"),
                ("ink", "failure"),
            ] {
                let (one, other) = (color(text), color(ground));
                let contrast = (one.max(other) + 0.05) / (one.min(other) + 0.05);
                assert!(contrast >= 4.5, "{text} on {ground} in scheme {schemes}: {contrast:.2}");
            }
            schemes += 1;
        }
        assert_eq!(schemes, 3);
    }
}
