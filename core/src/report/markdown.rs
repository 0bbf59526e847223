//! The scorecard in Markdown.

use std::fmt;

use super::spans::{Span, spans};
use super::text::{MarkdownLine, markdown};
use super::{Scorecard, points, weight};
use crate::domain::{Exchange, Quote, Rating};
use crate::messages::Report;

/// How many blocks a full bar has.
const BAR: u32 = 10;

pub(super) fn render(scorecard: &Scorecard) -> String {
    let mut page = Page::default();
    head(&mut page, scorecard);
    competencies(&mut page, scorecard);
    for (title, findings) in scorecard.findings() {
        page.section(title);
        page.list(findings);
    }
    exchanges(&mut page, scorecard);
    unanswered(&mut page, scorecard);
    let labels = scorecard.labels();
    page.section(labels.about);
    page.pairs(&scorecard.origin(), labels.colon);
    page.line(format_args!("\n{}", labels.notice));
    page.0
}

#[derive(Default)]
struct Page(String);

impl Page {
    fn put(&mut self, text: fmt::Arguments<'_>) {
        // Writing to a string cannot fail.
        let _ = fmt::Write::write_fmt(&mut self.0, text);
    }

    fn line(&mut self, text: fmt::Arguments<'_>) {
        self.put(text);
        self.0.push('\n');
    }

    fn section(&mut self, title: &str) {
        self.line(format_args!("\n## {title}\n"));
    }

    fn list(&mut self, items: &[String]) {
        for item in items {
            self.line(format_args!("- {}", markdown(item)));
        }
    }

    // The colon stands outside the bold type: after a full-width colon, Markdown would not end it.
    fn pairs(&mut self, pairs: &[(&str, String)], colon: &str) {
        for (label, value) in pairs {
            self.line(format_args!("- **{label}**{colon}{}", markdown(value)));
        }
    }

    /// Text with its own line breaks, each line after `prefix`. An empty line ends a paragraph, any other line break is kept.
    fn lines(&mut self, prefix: &str, spans: &[Span<'_>]) {
        let mut lines = vec![MarkdownLine::default()];
        for span in spans {
            let text = span.text.replace("\r\n", "\n").replace('\r', "\n");
            for (place, piece) in text.split('\n').enumerate() {
                if place > 0 {
                    lines.push(MarkdownLine::default());
                }
                if let Some(line) = lines.last_mut() {
                    if span.quoted { line.push_bold(piece) } else { line.push(piece) }
                }
            }
        }
        let lines: Vec<&str> = lines.iter().map(|line| line.written.trim_end()).collect();
        for (place, line) in lines.iter().enumerate() {
            let is_blank = |line: &&str| line.is_empty();
            let goes_on = !is_blank(line) && lines.get(place + 1).is_some_and(|next| !is_blank(next));
            let line_break = if goes_on { "\\" } else { "" };
            let text = format!("{prefix}{line}{line_break}");
            self.line(format_args!("{}", text.trim_end()));
        }
    }
}

fn head(page: &mut Page, scorecard: &Scorecard) {
    let (labels, evaluation) = (scorecard.labels(), &scorecard.evaluation);
    let colon = labels.colon;
    page.line(format_args!("# {}{colon}{}\n", labels.title, markdown(&scorecard.interview.candidate_name)));
    page.line(format_args!("*{}*\n", labels.notice));
    page.pairs(&scorecard.facts(), colon);
    match scorecard.points() {
        Some(points) => page.line(format_args!("- **{}**{colon}**{points} / 100**", labels.overall_score)),
        None => page.line(format_args!(
            "- **{}**{colon}{}{colon}{}",
            labels.overall_score,
            labels.no_score,
            (labels.no_score_reason)(evaluation.status)
        )),
    }
    for (title, notes) in scorecard.notes() {
        page.section(title);
        page.list(&notes);
    }
    if !evaluation.feedback.trim().is_empty() {
        page.section(labels.summary);
        page.lines("", &[Span { text: evaluation.feedback.trim(), quoted: false }]);
    }
}

fn competencies(page: &mut Page, scorecard: &Scorecard) {
    let (labels, evaluation) = (scorecard.labels(), &scorecard.evaluation);
    if evaluation.competencies.is_empty() {
        return;
    }
    page.section(labels.competencies);
    page.line(format_args!("| {} | | {} | {} | {} |", labels.competency, labels.score, labels.weight, labels.ratings));
    page.line(format_args!("| --- | --- | ---: | ---: | ---: |"));
    for competency in &evaluation.competencies {
        let score = points(competency.score);
        page.line(format_args!(
            "| {} | {} | {score} | {} | {} |",
            markdown(labels.competency_name(&competency.competency)),
            bar(score),
            weight(competency.weight),
            competency.ratings
        ));
    }
}

fn bar(points: u32) -> String {
    let full = (points * BAR + 50) / 100;
    "█".repeat(full as usize) + &"░".repeat((BAR - full) as usize)
}

fn exchanges(page: &mut Page, scorecard: &Scorecard) {
    let (labels, evaluation) = (scorecard.labels(), &scorecard.evaluation);
    if evaluation.exchanges.is_empty() {
        return;
    }
    page.section(labels.exchanges);
    if evaluation.ratings.iter().any(|rating| !rating.quotes.is_empty()) {
        page.line(format_args!("{}", labels.highlights));
    }
    for (place, exchange) in evaluation.exchanges.iter().enumerate() {
        page.line(format_args!("\n### {}\n", scorecard.heading(exchange)));
        page.lines("", &[Span { text: exchange.question_text.trim(), quoted: false }]);
        answer(page, scorecard, place, exchange);
        let ratings = || scorecard.ratings(place);
        if ratings().next().is_some() {
            page.line(format_args!(""));
            ratings().for_each(|judged| rating(page, scorecard, judged));
        } else if scorecard.lacks_ratings(exchange) {
            page.line(format_args!("\n*{}*", labels.not_rated));
        }
        key_points(page, scorecard, place);
    }
}

fn answer(page: &mut Page, scorecard: &Scorecard, place: usize, exchange: &Exchange) {
    let labels = scorecard.labels();
    if exchange.answer.trim().is_empty() {
        page.line(format_args!("\n> *{}*", labels.no_answer));
    } else {
        page.line(format_args!("\n**{}**\n", labels.answer));
        page.lines("> ", &spans(&exchange.answer, scorecard.quotes(place)));
    }
}

fn rating(page: &mut Page, scorecard: &Scorecard, rating: &Rating) {
    let (labels, colon) = (scorecard.labels(), scorecard.labels().colon);
    page.line(format_args!(
        "- {}{colon}**{} / 100**",
        markdown(labels.competency_name(&rating.competency)),
        points(rating.score),
    ));
    if !rating.reason.trim().is_empty() {
        page.line(format_args!("  - {}", markdown(&rating.reason)));
    }
    evidence(page, labels, &rating.quotes);
    page.line(format_args!(
        "  - {}{colon}{} · {}{colon}{}%",
        labels.basis,
        (labels.basis_name)(rating.basis),
        labels.confidence,
        points(rating.confidence),
    ));
}

fn evidence(page: &mut Page, labels: &Report, quotes: &[Quote]) {
    for quote in quotes {
        page.line(format_args!("  - {}{}{}", labels.evidence, labels.colon, (labels.quote)(&markdown(&quote.text))));
    }
}

fn key_points(page: &mut Page, scorecard: &Scorecard, place: usize) {
    let labels = scorecard.labels();
    let mut found = scorecard.key_points(place).peekable();
    if found.peek().is_some() {
        page.line(format_args!("\n**{}**\n", labels.key_points));
    }
    for point in found {
        let coverage = (labels.coverage)(point.coverage);
        page.line(format_args!("- **{coverage}**{}{}", labels.colon, markdown(&point.text)));
        evidence(page, labels, &point.quotes);
    }
}

fn unanswered(page: &mut Page, scorecard: &Scorecard) {
    let labels = scorecard.labels();
    let questions = scorecard.unanswered();
    if questions.is_empty() {
        return;
    }
    page.section(labels.unanswered);
    for (number, text) in questions {
        page.line(format_args!("- {}{}{}", (labels.question)(number), labels.colon, markdown(text)));
    }
    page.line(format_args!("\n{}", (labels.unanswered_policy)(scorecard.evaluation.unanswered_policy)));
}
