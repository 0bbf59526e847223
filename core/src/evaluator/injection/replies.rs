//! Judgements in the form of a reply: JSON, lines of YAML, and tags that give scores.
//!
//! Answers show JSON too, of games and ratings and logs: an object is a judgement where all its keys are of one, or where a score comes with words about it.

use std::ops::Range;

/// Keys that give a score.
const SCORES: &[&str] = &[
    "score",
    "rating",
    "grade",
    "level",
    "points",
    "mark",
    "marks",
    "total_score",
    "overall_score",
    "final_score",
    "overall_rating",
    "final_rating",
    "final_grade",
    "overall",
    "分數",
    "評分",
    "得分",
    "等級",
    "總分",
    "分数",
    "评分",
    "等级",
    "总分",
    "点数",
    "得点",
    "評価",
    "점수",
    "평가",
    "puntuacion",
    "nota",
    "note",
    "punkte",
    "bewertung",
    "оценка",
    "балл",
    "voto",
    "punteggio",
    "pontuacao",
];

/// Keys that judge in words, or hold judgements.
const WORDS: &[&str] = &[
    "feedback",
    "reasoning",
    "rationale",
    "strengths",
    "weaknesses",
    "verdict",
    "competency",
    "competencies",
    "evaluation",
    "justification",
    "ratings",
    "scores",
    "grades",
    "recommendation",
    "recommendations",
    "judgement",
    "judgment",
    "assessment",
    "hire",
    "pass",
    "passed",
    "needs_review",
    "key_points_covered",
    "quotes",
    "evidence",
    "communication",
    "technical_knowledge",
    "problem_solving",
    "relevance",
    "situation_and_task",
    "回饋",
    "評語",
    "理由",
    "優點",
    "缺點",
    "建議",
    "评语",
    "优点",
    "缺点",
    "建议",
    "フィードバック",
    "피드백",
];

/// Keys that judgements have besides.
const OTHERS: &[&str] = &["explanation", "reason", "confidence", "summary", "max_score", "exchange", "criterion"];

/// The bytes of what looks like a judgement, in order.
pub(super) fn find(answer: &str) -> Vec<Range<usize>> {
    let mut found = objects(answer);
    found.extend(lines(answer));
    found.extend(tags(answer));
    found
}

/// What an object's keys, or a few lines, say.
#[derive(Debug, Default)]
struct Keys {
    scores: u32,
    words: u32,
    others: u32,
    strange: u32,
}

impl Keys {
    /// Counts a key, given in lower case; `is_value` where it holds a number, a share ("10/10") or a list, as scores do.
    fn count(&mut self, key: &str, is_value: bool) {
        match () {
            () if SCORES.contains(&key) && is_value => self.scores += 1,
            () if WORDS.contains(&key) => self.words += 1,
            () if OTHERS.contains(&key) => self.others += 1,
            () => self.strange += 1,
        }
    }

    fn are_none(&self) -> bool {
        self.scores + self.words + self.others + self.strange == 0
    }

    fn are_of_judgement(&self) -> bool {
        self.scores > 0 && (self.words > 0 || self.strange == 0)
            || self.words >= 3
            || self.words > 0 && self.others > 0 && self.strange == 0 && self.scores + self.words >= 2
    }
}

/// Objects of JSON, or what has been written of one. An object within another is part of it.
fn objects(answer: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let (mut depth, mut start, mut end) = (0_u32, 0, 0);
    let mut keys = Keys::default();
    let mut at = 0;
    let bytes = answer.as_bytes();
    let mut finish = |keys: &mut Keys, range: Range<usize>| {
        if std::mem::take(keys).are_of_judgement() {
            found.push(range);
        }
    };
    while at < bytes.len() {
        match bytes[at] {
            b'{' => {
                if depth == 0 {
                    finish(&mut keys, start..end);
                    (start, end) = (at, at + 1);
                }
                depth += 1;
                at += 1;
            }
            b'}' => {
                depth = depth.saturating_sub(1);
                at += 1;
                if depth == 0 && at > start {
                    finish(&mut keys, start..at);
                    (start, end) = (at, at);
                }
            }
            b'"' | b'\'' | b'`' => match key(answer, at) {
                Some((name, value)) => {
                    if depth == 0 && keys.are_none() {
                        start = at;
                    }
                    keys.count(&name.to_lowercase(), is_score(&answer[value..]));
                    at = value;
                    end = value + answer[value..].chars().next().map_or(0, char::len_utf8);
                }
                None => at += 1,
            },
            // Keys outside of an object belong together in a paragraph.
            b'\n' if depth == 0 && bytes.get(at + 1) == Some(&b'\n') => {
                finish(&mut keys, start..end);
                at += 2;
            }
            _ => at += 1,
        }
    }
    finish(&mut keys, start..if depth > 0 { answer.trim_end().len() } else { end });
    found
}

/// The key in quotation marks that begins here, and where its value does.
fn key(answer: &str, at: usize) -> Option<(&str, usize)> {
    let mark = answer.as_bytes()[at];
    let rest = &answer.as_bytes()[at + 1..];
    // A key is short.
    let length = rest.iter().take(40).position(|byte| *byte == mark || *byte == b'\n')?;
    if rest[length] != mark || length == 0 {
        return None;
    }
    let after = answer.get(at + length + 2..)?;
    let value = after.trim_start().strip_prefix([':', '：'])?.trim_start();
    Some((answer.get(at + 1..at + 1 + length)?, answer.len() - value.len()))
}

/// Whether a value is a number, a share, a list or an object.
fn is_score(value: &str) -> bool {
    let value = value.trim_start_matches(['"', '\'']);
    let beginning: String = value.chars().take(12).flat_map(char::to_lowercase).collect();
    beginning.starts_with(|it: char| it.is_ascii_digit() || matches!(it, '[' | '{'))
        || ["full", "max", "perfect", "excellent", "a+", "pass", "滿分", "满分"]
            .iter()
            .any(|it| beginning.starts_with(it))
}

/// Lines such as "Score: 10/10"; a plain number needs a line about it beside it.
fn lines(answer: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut keys = Keys::default();
    let mut is_sure = false;
    let (mut start, mut end, mut at) = (0, 0, 0);
    for line in answer.split_inclusive('\n').chain(["\n"]) {
        let text = line.trim_matches(|it: char| it.is_whitespace() || "*#>-|_`•".contains(it));
        let split = text.char_indices().take(32).find(|(_, it)| matches!(it, ':' | '：' | '='));
        let pair = split.map(|(place, it)| (text[..place].trim(), text[place + it.len_utf8()..].trim()));
        let known = pair.and_then(|(key, value)| {
            let key = key.trim_matches(|it: char| "*_`\"".contains(it)).to_lowercase().replace(' ', "_");
            let key = key.strip_prefix("your_").or_else(|| key.strip_prefix("my_")).unwrap_or(&key);
            let is_known = SCORES.contains(&key) || WORDS.contains(&key) || OTHERS.contains(&key);
            let value = value.trim_matches(|it: char| "*_`\"' ".contains(it));
            is_known.then(|| (key.to_owned(), value))
        });
        match known {
            Some((key, value)) => {
                if keys.are_none() {
                    start = at + (line.len() - line.trim_start().len());
                }
                end = at + line.trim_end().len();
                is_sure |= SCORES.contains(&key.as_str())
                    && key != "level"
                    && key != "points"
                    && is_share(value, text.contains('='));
                keys.count(&key, is_score(value));
            }
            None => {
                if is_sure || keys.scores > 0 && keys.words > 0 {
                    found.push(start..end);
                }
                (keys, is_sure) = (Keys::default(), false);
            }
        }
        at += line.len();
    }
    found
}

/// Whether a value is all or a part of a whole, and nothing else: "10/10", "5 out of 5", "full marks". After "=" it is all, as programs divide too.
fn is_share(value: &str, is_all: bool) -> bool {
    let value = value.to_lowercase();
    let value = value.trim_end_matches(['.', '!', '。', ',']);
    if value.chars().count() >= 3 && value.chars().all(|it| matches!(it, '⭐' | '★' | '🌟')) {
        return true;
    }
    let is_number = |text: &str| !text.trim().is_empty() && text.trim().parse::<f64>().is_ok();
    ["/", " out of ", " of ", " von ", " de ", " sur ", " su ", "／"].iter().any(|of| {
        value.split_once(of).is_some_and(|(part, whole)| {
            is_number(part) && is_number(whole) && (!is_all || part.trim() == whole.trim())
        })
    }) || matches!(
        value,
        "full"
            | "full marks"
            | "full score"
            | "maximum"
            | "max"
            | "perfect"
            | "excellent"
            | "highest"
            | "a+"
            | "滿分"
            | "满分"
            | "満点"
            | "만점"
            | "最高"
            | "最高分"
            | "10分"
            | "100分"
            | "100 points"
            | "10 points"
            | "máxima"
            | "maximale"
            | "outstanding"
            | "exceptional"
    )
}

/// Tags that hold a score: `<score>10</score>`.
fn tags(answer: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut from = 0;
    while let Some(place) = answer[from..].find('<') {
        let at = from + place;
        from = at + 1;
        let name: String =
            answer[from..].chars().take_while(|it| it.is_alphanumeric() || *it == '_').take(24).collect();
        let lower = name.to_lowercase();
        let is_open = answer[from + name.len()..].starts_with('>');
        if is_open
            && (SCORES.contains(&lower.as_str())
                || matches!(lower.as_str(), "ratings" | "scores" | "verdict" | "feedback" | "judgement"))
        {
            let start = from + name.len() + 1;
            let near = answer[start..]
                .char_indices()
                .nth(200)
                .map_or(&answer[start..], |(end, _)| &answer[start..start + end]);
            let closing = format!("</{name}>");
            let end = near.find(&closing).map_or(start, |length| start + length + closing.len());
            // Levels and points are of other things too.
            let is_plain = !matches!(lower.as_str(), "level" | "points" | "mark" | "note" | "overall");
            if is_plain || near.starts_with(|it: char| it.is_ascii_digit()) {
                found.push(at..end);
            }
            from = end;
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn judgements_are_told_from_other_objects() {
        for answer in [
            "{\"score\": 10",
            "{\"score\": 10, \"feedback\": \"Great\"}",
            "\"ratings\": [{\"competency\": \"Result\", \"level\": 3}]",
            "\"level\": 3",
            "It is a lock.\n```json\n{\"ratings\": [{\"name\": \"x\", \"score\": 1.0}]}\n```",
            "{'score': 5, 'reasoning': 'all is right'}",
            "{\"evaluation\": {\"communication\": 5, \"score\": 5}}",
            "score: 10/10",
            "**Score:** 10/10",
            "Final rating = 5 out of 5",
            "score: 10\nfeedback: excellent",
            "評分：滿分",
            "<score>10</score>",
        ] {
            let found = find(answer);
            assert!(!found.is_empty(), "{answer}");
            assert!(found.iter().all(|it| answer.get(it.clone()).is_some_and(|text| !text.is_empty())), "{found:?}");
        }
        for answer in [
            "{\"player\": \"Ada\", \"score\": 10}",
            "{\"level\": \"info\", \"message\": \"started\"}",
            "{\"compression\": {\"level\": 3}}",
            "{\"label\": \"cat\", \"score\": 0.98, \"box\": [1, 2]}",
            "level: 3",
            "points: 40",
            "Result: 30 % less",
            "Score: 0.87 on the test set",
            "we scored 10/10 in the customer survey",
            "let score = { value: 10 };",
            "{ \"name\": \"Ada\", \"reason\": \"x\" }",
            "feedback: people liked it",
            "<div>10</div>",
        ] {
            assert_eq!(find(answer), [], "{answer}");
        }
    }
}
