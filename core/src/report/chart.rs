//! Pictures of scores, as SVG within the page.
//!
//! Lengths along a bar are percentages of the picture's width, so that text keeps its size on a phone and on paper while the bars follow the page.

use std::fmt::Write as _;

use super::points;
use super::text::Html;
use crate::domain::CompetencyScore;
use crate::messages::Report;

/// The distance between two lines of a name, in pixels.
const LINE: u32 = 19;
/// From a line's top to the foot of its letters.
const BASELINE: u32 = 15;
/// The height of a bar.
const BAR: u32 = 10;
/// From a name's last line to its bar.
const GAP: u32 = 8;
/// From a bar to the next name.
const SPACE: u32 = 16;
/// How wide a line of a name may be, in halves of a Chinese character: what a phone has room for beside the score.
const COLUMNS: usize = 32;
/// How many lines a name may take; it is cut after that. The table below the chart has it whole.
const LINES: usize = 3;

/// How many bars one picture has: with more, it could not be printed on one page, and a picture is never parted.
const BARS: usize = 8;

/// Horizontal bars, one for each competency, with name and score above each.
pub(super) fn bars(competencies: &[CompetencyScore], labels: &Report) -> String {
    competencies.chunks(BARS).zip(1..).map(|(part, number)| picture(part, number, labels)).collect()
}

fn picture(competencies: &[CompetencyScore], number: usize, labels: &Report) -> String {
    let mut rows = String::new();
    let mut spoken = Vec::with_capacity(competencies.len());
    let mut y = 0;
    for competency in competencies {
        let (name, score) = (labels.competency_name(&competency.competency), points(competency.score));
        spoken.push(format!("{name}{}{score}", labels.colon));
        let _ = write!(rows, "<text class=\"value\" x=\"100%\" y=\"{}\">{score}</text>", y + BASELINE);
        for line in wrap(name) {
            let _ = write!(rows, "<text x=\"0\" y=\"{}\">{}</text>", y + BASELINE, Html(&line));
            y += LINE;
        }
        y += GAP;
        let _ = write!(
            rows,
            "<rect class=\"track\" x=\"0\" y=\"{y}\" width=\"100%\" height=\"{BAR}\" rx=\"5\"/>\
             <rect class=\"fill\" x=\"0\" y=\"{y}\" width=\"{score}%\" height=\"{BAR}\" rx=\"5\"/>"
        );
        y += BAR + SPACE;
    }
    format!(
        "<svg class=\"bars\" xmlns=\"http://www.w3.org/2000/svg\" width=\"100%\" height=\"{y}\" role=\"img\" \
         aria-labelledby=\"bars-{number}\" aria-describedby=\"bars-{number}-values\"><title id=\"bars-{number}\">{}</title>\
         <desc id=\"bars-{number}-values\">{}</desc>{rows}</svg>",
        Html(labels.chart),
        Html(&spoken.join(labels.separator)),
    )
}

/// A ring that is as full as the score; its number stands beside it in the page, so that it is decoration to a reader who cannot see it.
pub(super) fn ring(score: u32) -> String {
    let rest = 100_u32.saturating_sub(score);
    format!(
        "<svg class=\"ring\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 120 120\" width=\"120\" height=\"120\" aria-hidden=\"true\">\
         <circle class=\"track\" cx=\"60\" cy=\"60\" r=\"52\"/>\
         <circle class=\"fill\" cx=\"60\" cy=\"60\" r=\"52\" pathLength=\"100\" stroke-dasharray=\"{score} {rest}\" \
         transform=\"rotate(-90 60 60)\"/></svg>"
    )
}

/// A bar of a word's size beside a rating's number.
pub(super) fn meter(score: u32) -> String {
    format!(
        "<svg class=\"meter\" xmlns=\"http://www.w3.org/2000/svg\" width=\"72\" height=\"6\" aria-hidden=\"true\">\
         <rect class=\"track\" width=\"100%\" height=\"6\" rx=\"3\"/><rect class=\"fill\" width=\"{score}%\" height=\"6\" rx=\"3\"/></svg>"
    )
}

/// The name in lines that fit, broken at spaces where there are some.
fn wrap(name: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in name.split_whitespace() {
        let width: usize = word.chars().map(columns).sum();
        let fits = used == 0 || used + 1 + width <= COLUMNS;
        if !fits {
            lines.push(String::new());
            used = 0;
        }
        if let Some(line) = lines.last_mut()
            && used > 0
        {
            line.push(' ');
            used += 1;
        }
        for c in word.chars() {
            if used + columns(c) > COLUMNS {
                lines.push(String::new());
                used = 0;
            }
            if let Some(line) = lines.last_mut() {
                line.push(c);
                used += columns(c);
            }
        }
    }
    if lines.len() > LINES {
        lines.truncate(LINES);
        if let Some(line) = lines.last_mut() {
            line.pop();
            line.push('…');
        }
    }
    lines
}

/// How wide a character is drawn, in halves of a Chinese one. Capitals of a proportional type are wider than its small letters.
fn columns(c: char) -> usize {
    if c.is_ascii() && !matches!(c, 'M' | 'W' | 'm' | 'w' | '@' | '%') { 1 } else { 2 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Language;
    use crate::messages::report;
    use proptest::prelude::*;

    fn score(name: &str, score: f64) -> CompetencyScore {
        CompetencyScore { competency: name.into(), score, weight: 1.0, ratings: 1 }
    }

    /// The values of an attribute of all elements that the selector names.
    fn values(svg: &str, selector: &str, attribute: &str) -> Vec<String> {
        let page = scraper::Html::parse_document(svg);
        let selector = scraper::Selector::parse(selector).unwrap();
        page.select(&selector).map(|element| element.attr(attribute).unwrap().to_owned()).collect()
    }

    #[test]
    fn a_bar_is_as_long_as_the_score() {
        let scores = [score("A", 0.0), score("B", 0.334), score("C", 1.0), score("D", 7.0), score("E", f64::NAN)];
        let svg = bars(&scores, report(Language::En));
        assert_eq!(values(&svg, "rect.fill", "width"), ["0%", "33%", "100%", "100%", "0%"]);
        assert_eq!(values(&ring(73), "circle.fill", "stroke-dasharray"), ["73 27"]);
        assert_eq!(values(&meter(73), "rect.fill", "width"), ["73%"]);
    }

    #[test]
    fn it_says_the_same_to_those_who_hear_it() {
        let svg = bars(&[score("Communication", 0.5), score("Rust", 0.25)], report(Language::ZhTw));
        assert!(svg.contains("role=\"img\" aria-labelledby=\"bars-1\" aria-describedby=\"bars-1-values\""));
        assert!(svg.contains("<title id=\"bars-1\">各項能力分數（0 到 100 分）</title>"));
        assert!(svg.contains("<desc id=\"bars-1-values\">溝通表達：50；Rust：25</desc>"));
    }

    #[test]
    fn thirty_competencies_with_long_names_do_not_overlap() {
        let names = ["x".repeat(200), "界".repeat(200), "Works well with others in a team of many".into()];
        let scores: Vec<_> = (0..30).map(|place| score(&names[place % 3], 0.5)).collect();
        let numbers = |svg: &str, selector: &str, attribute: &str| -> Vec<u32> {
            values(svg, selector, attribute).iter().map(|value| value.parse().unwrap()).collect()
        };
        let mut seen = 0;
        for part in scores.chunks(BARS) {
            let svg = picture(part, 1, report(Language::En));
            let tops = numbers(&svg, "rect.track", "y");
            assert!(tops.windows(2).all(|pair| pair[1] - pair[0] >= BAR + SPACE + LINE));
            let height = numbers(&svg, "svg", "height")[0];
            assert_eq!(Some(&(height - BAR - SPACE)), tops.last());
            // What fits on a sheet of A4 or Letter between its margins, with a heading above.
            assert!(height <= 800, "{height}");
            seen += tops.len();
        }
        assert_eq!(seen, 30);
        let titles = values(&bars(&scores, report(Language::En)), "title", "id");
        assert_eq!(titles, ["bars-1", "bars-2", "bars-3", "bars-4"]);
    }

    proptest! {
        #[test]
        fn lines_of_any_name_fit(name in any::<String>()) {
            let lines = wrap(&name);
            prop_assert!((1..=LINES).contains(&lines.len()));
            for line in lines {
                prop_assert!(line.chars().map(columns).sum::<usize>() <= COLUMNS + 1, "{}", line);
            }
        }
    }
}
