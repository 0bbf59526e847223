//! Replies that are malformed or hostile, made by mutation from good ones: none counts unless it truly validates, and asking again repairs nearly all.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use serde::Deserialize;

use super::*;

/// What a reply must be: read in another way than by the library itself.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Reply {
    ratings: Ratings,
    strengths: Vec<String>,
    weaknesses: Vec<String>,
    recommendations: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ratings {
    c1: Rating,
    c2: Rating,
    c3: Rating,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rating {
    quotes: Vec<String>,
    explanation: String,
    level: u64,
}

/// The answer, or a quote of it, as far as it matters.
fn plain(text: &str) -> String {
    let text = text.replace(['“', '”'], "\"").replace('—', "-");
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Whether the answer says this, in whole words.
fn is_said(quote: &str) -> bool {
    let (answer, quote) = (plain(ANSWER), plain(quote));
    let splits = |one: Option<char>, other: Option<char>| {
        one.is_some_and(char::is_alphanumeric) && other.is_some_and(char::is_alphanumeric)
    };
    !quote.is_empty()
        && answer.match_indices(&quote).any(|(at, _)| {
            let (before, after) = (&answer[..at], &answer[at + quote.len()..]);
            !splits(before.chars().next_back(), quote.chars().next())
                && !splits(quote.chars().next_back(), after.chars().next())
        })
}

fn truly_validates(text: &str) -> bool {
    let Ok(reply) = serde_json::from_str::<Reply>(text) else { return false };
    // A list in the place of an object is no object, though serde takes its entries for the fields.
    let tree: Value = serde_json::from_str(text).unwrap();
    let objects = [&tree, &tree["ratings"], &tree["ratings"]["c1"], &tree["ratings"]["c2"], &tree["ratings"]["c3"]];
    if !objects.iter().all(|it| it.is_object()) {
        return false;
    }
    let sane = |texts: &[String]| {
        texts.len() <= 20 && texts.iter().all(|it| it.chars().count() <= 4_000 && !it.contains('\0'))
    };
    let holds = |rating: &Rating| {
        let quoted = rating.quotes.iter().all(|quote| is_said(quote));
        rating.level <= 3
            && sane(&rating.quotes)
            && sane(std::slice::from_ref(&rating.explanation))
            && (rating.level == 0 || (quoted && !rating.quotes.is_empty()))
    };
    let Ratings { c1, c2, c3 } = &reply.ratings;
    [c1, c2, c3].into_iter().all(holds)
        && [&reply.strengths, &reply.weaknesses, &reply.recommendations].into_iter().all(|remarks| sane(remarks))
}

/// Chance that is the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, bound: usize) -> usize {
        // Marsaglia's xorshift.
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % bound as u64) as usize
    }
}

/// Good replies that differ.
fn originals() -> Vec<Value> {
    let quotes = [
        "Two threads each hold a lock the other needs.",
        "“Neither gives it up”",
        "both wait for ever — we broke the cycle by a fixed lock order",
        "cut stalls from 12 to 0 a week",
    ];
    (0..24_usize)
        .map(|number| {
            let rating = |place: usize| {
                let level = (number + place) % 4;
                let quotes: Vec<&str> = if level == 0 { vec![] } else { vec![quotes[(number + place) % 4], quotes[place]] };
                json!({"quotes": quotes, "explanation": format!("Reason {number} for {place}: \\ \" {{ }} 說明"), "level": level})
            };
            json!({
                "ratings": {"c1": rating(0), "c2": rating(1), "c3": rating(2)},
                "strengths": ["Names the cause."], "weaknesses": [], "recommendations": ["Say more."],
            })
        })
        .collect()
}

/// A change to a document.
type Change = fn(&mut Value);

/// Changes after which it is no reply any more.
const CHANGES: [Change; 34] = [
    |it| it["ratings"]["c1"]["level"] = json!(4),
    |it| it["ratings"]["c1"]["level"] = json!(-1),
    |it| it["ratings"]["c2"]["level"] = json!(1.5),
    |it| it["ratings"]["c2"]["level"] = json!("3"),
    |it| it["ratings"]["c3"]["level"] = json!(null),
    |it| it["ratings"]["c3"]["level"] = json!(true),
    |it| it["ratings"]["c1"]["level"] = json!(1e300),
    |it| it["ratings"]["c1"]["level"] = json!([3]),
    |it| it["ratings"]["c1"]["explanation"] = json!(7),
    |it| it["ratings"]["c1"]["explanation"] = json!(null),
    |it| it["ratings"]["c1"]["explanation"] = json!("x".repeat(5_000)),
    |it| it["ratings"]["c1"]["explanation"] = json!("a\0b"),
    |it| it["ratings"]["c1"]["quotes"] = json!("Two threads each hold a lock"),
    |it| it["ratings"]["c1"]["quotes"] = json!(null),
    |it| it["ratings"]["c1"] = json!({"quotes": ["I was the best."], "explanation": "", "level": 3}),
    |it| it["ratings"]["c2"] = json!({"quotes": ["two threads each hold"], "explanation": "", "level": 2}),
    |it| it["ratings"]["c2"] = json!({"quotes": [""], "explanation": "", "level": 2}),
    |it| it["ratings"]["c2"] = json!({"quotes": [], "explanation": "", "level": 1}),
    |it| it["ratings"]["c1"]["quotes"] = json!(vec!["Two"; 21]),
    |it| it["ratings"]["c1"]["score"] = json!(1.0),
    |it| drop(it["ratings"]["c1"].as_object_mut().unwrap().remove("level")),
    |it| drop(it["ratings"]["c1"].as_object_mut().unwrap().remove("quotes")),
    |it| drop(it["ratings"]["c1"].as_object_mut().unwrap().remove("explanation")),
    |it| drop(it["ratings"].as_object_mut().unwrap().remove("c3")),
    |it| it["ratings"]["c4"] = it["ratings"]["c1"].clone(),
    |it| it["ratings"] = json!([it["ratings"]["c1"].clone(), it["ratings"]["c2"].clone(), it["ratings"]["c3"].clone()]),
    |it| it["ratings"] = json!(null),
    |it| drop(it.as_object_mut().unwrap().remove("strengths")),
    |it| it["strengths"] = json!("good"),
    |it| it["weaknesses"] = json!([1, 2]),
    |it| it["recommendations"] = json!(vec!["x"; 30]),
    |it| it["overall_score"] = json!(10),
    |it| *it = json!([it.clone()]),
    |it| *it = json!({"score": 10, "feedback": "excellent"}),
];

/// A change to a text.
type Rewrite = fn(&str) -> String;

const REWRITES: [Rewrite; 12] = [
    |it| format!("{it}{it}"),
    |it| format!("{it}\n\nI hope this helps!"),
    |it| format!("{it}, {it}"),
    |it| it.replacen("\"level\"", "\"level\": 3, \"level\"", 1),
    |it| it.replacen("\"strengths\"", "\"strengths\": [], \"strengths\"", 1),
    |it| it.replacen("\"c1\"", "\"c1\": null, \"c1\"", 1),
    |it| it.replacen("\"level\":", "\"level\": 1e999, \"was\":", 1),
    |it| it.replacen("\"level\":", "\"level\": NaN, \"was\":", 1),
    |it| it.replace('"', "'"),
    |it| it.replacen('}', ",}", 1),
    |it| it[..it.len() - 1].to_owned(),
    |it| format!("The candidate wrote {it} but I think otherwise."),
];

/// Replies with the good one they were made from.
fn corpus() -> Vec<(String, String)> {
    let mut corpus = Vec::new();
    let mut chance = Chance(0x9e37_79b9_7f4a_7c15);
    for original in originals() {
        let good = original.to_string();
        for change in CHANGES {
            let mut changed = original.clone();
            change(&mut changed);
            corpus.push((changed.to_string(), good.clone()));
        }
        corpus.extend(REWRITES.map(|rewrite| (rewrite(&good), good.clone())));
        // Characters lost, doubled, changed; and an end too early.
        for _ in 0..14 {
            let mut characters: Vec<char> = good.chars().collect();
            let place = chance.below(characters.len());
            match chance.below(4) {
                0 => drop(characters.remove(place)),
                1 => characters.insert(place, characters[place]),
                2 => characters[place] = ['{', '}', '"', '\\', ',', ':', '9', '-', 'e', '\u{0}', 'ü'][chance.below(11)],
                _ => characters.truncate(place),
            }
            corpus.push((characters.into_iter().collect(), good.clone()));
        }
    }
    corpus
}

/// The engine and the replies that its model gives next, the last one over and over.
fn scripted() -> (Engine, HttpServer, Arc<Mutex<Vec<String>>>) {
    let script = Arc::new(Mutex::new(Vec::new()));
    let next = Arc::clone(&script);
    let server = model(move |_, _| {
        let mut script: std::sync::MutexGuard<'_, Vec<String>> = next.lock().unwrap();
        if script.len() > 1 { script.remove(0) } else { script[0].clone() }
    });
    let evaluator = ModelEvaluator::new(name("compatible/judge"));
    // Each reply is wanted anew.
    let models = models(&server).cache(0, Duration::from_secs(1));
    (Engine::builder().models(models).evaluator(evaluator).open("memory:").unwrap(), server, script)
}

#[test]
fn of_a_thousand_malformed_and_hostile_replies_none_counts_unless_it_validates() {
    let corpus = corpus();
    assert!(corpus.len() >= 1_000, "{}", corpus.len());
    let (engine, _server, script) = scripted();
    let (mut valid, mut partly) = (0, 0);
    for (number, (bad, _)) in corpus.iter().enumerate() {
        *script.lock().unwrap() = vec![bad.clone()];
        let found = engine.evaluate_answer(&question(), ANSWER, &technical());
        let whole = found.as_ref().is_ok_and(|found| found.missing.is_empty());
        assert_eq!(whole, truly_validates(bad), "reply {number}: {bad}");
        valid += usize::from(whole);
        if let (Ok(found), false) = (&found, whole) {
            // What is left of it has quotes that hold, or shows nothing.
            partly += 1;
            for rating in &found.ratings {
                assert!(rating.score == 0.0 || !rating.quotes.is_empty(), "reply {number}");
                assert!(rating.quotes.iter().all(|quote| is_said(&quote.text)), "reply {number}");
            }
        }
    }
    assert!(valid < corpus.len() / 4, "{valid} of {} were not broken at all", corpus.len());
    assert!(partly > 0);
}

#[test]
fn asking_again_once_repairs_what_a_good_reply_follows() {
    let (engine, server, script) = scripted();
    let (repairable, repaired) = (AtomicUsize::new(0), AtomicUsize::new(0));
    for (bad, good) in corpus() {
        *script.lock().unwrap() = vec![bad.clone(), good.clone()];
        let before = server.requests().len();
        let found = engine.evaluate_answer(&question(), ANSWER, &technical());
        if truly_validates(&bad) {
            continue;
        }
        repairable.fetch_add(1, Ordering::Relaxed);
        let asked = server.requests().len() - before;
        let is_whole = found.is_ok_and(|found| found.missing.is_empty() && found.calls.last().unwrap().reply == good);
        repaired.fetch_add(usize::from(is_whole && asked == 2), Ordering::Relaxed);
    }
    let (repairable, repaired) = (repairable.into_inner(), repaired.into_inner());
    assert!(repairable >= 1_000, "{repairable}");
    assert!(repaired * 100 >= repairable * 99, "{repaired} of {repairable}");
}
