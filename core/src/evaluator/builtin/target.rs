//! What a full answer to a question says: its reference answer and key points, made ready to compare answers with.

use super::grams::Grams;
use super::keys::Keys;
use super::lexicon::{Marks, pair_key};
use super::negation::Bonds;
use super::sequence::Sequence;
use super::spelling::Spellings;
use super::synonyms::opposite;
use super::text::{Text, Word};

/// What words count that the question has as well: they are easily said again.
const GIVEN: f64 = 0.1;
/// The same for characters and their neighbours, which are more often the same by chance.
const GIVEN_CHARACTER: f64 = 0.02;
/// How well a word fits of which only the beginning does, and one that is spelt another way.
const BEGINNING: f64 = 0.7;
const RESPELT: f64 = 0.8;
/// From this much of a list on, a reference is one.
const IS_LIST: f64 = 0.2;
/// Most statements that a reference is taken apart into; a longer one has longer statements.
const MOST_STATEMENTS: usize = 40;

/// A statement that a full answer makes: a key point, or a clause of the reference answer.
#[derive(Debug, Clone, Copy)]
pub(super) struct Point {
    /// The weight of all its units.
    pub(super) total: f64,
    /// Whether it denies something.
    pub(super) is_negated: bool,
}

/// Something that answers are looked up for: a word, or two characters.
#[derive(Debug, Clone, Copy)]
pub(super) struct Unit {
    pub(super) key: u64,
    /// The key of the word's beginning; 0 for none.
    pub(super) prefix: u64,
    pub(super) weight: f64,
    pub(super) is_number: bool,
    pub(super) is_character: bool,
    /// The point of a target that it is in; 0 elsewhere.
    point: u16,
}

/// The units of a word: none for common words, two for a character with a neighbour.
pub(super) fn units(word: &Word) -> impl Iterator<Item = Unit> {
    let is_number = word.marks.has(Marks::NUMBER);
    let whole = Unit {
        key: word.key,
        prefix: if word.is_character { 0 } else { word.second },
        weight: word.weight,
        is_number: is_number && !word.is_character,
        is_character: word.is_character,
        point: 0,
    };
    let pair =
        Unit { key: word.second, prefix: 0, weight: word.pair_weight, is_number: false, is_character: true, point: 0 };
    [whole, pair].into_iter().filter(|unit| unit.weight > 0.0)
}

/// What answers to one question are compared with.
#[derive(Debug)]
pub(super) struct Target {
    /// The units of all points; a unit's place here is its name.
    pub(super) keys: Keys,
    /// What each unit counts.
    pub(super) weights: Vec<f64>,
    /// Whether each unit is in the reference answer.
    pub(super) in_reference: Vec<bool>,
    /// The units that are figures of key points, written in digits, which the question does not have: "two threads" says no more than "threads" may.
    pub(super) figures: Vec<usize>,
    /// The beginnings of long words, sorted, with the unit's place.
    prefixes: Vec<(u64, u32)>,
    /// The units of the question.
    given: Keys,
    /// For each unit, where its points begin in `members`; one more for the end.
    firsts: Vec<u32>,
    /// The points that units belong to.
    members: Vec<u16>,
    /// The key points, then the statements of the reference.
    pub(super) points: Vec<Point>,
    /// How many of the points are key points.
    pub(super) key_points: usize,
    /// The content words of the reference in their order.
    pub(super) sequence: Sequence,
    /// The groups of letters in the reference that the question does not have.
    pub(super) grams: Grams,
    /// All words of the reference, and those of them that are neighbours.
    pub(super) words: Keys,
    pub(super) neighbours: Keys,
    /// Which of the words of each point follow one another, affirmed or denied.
    pub(super) bonds: Bonds,
    spellings: Spellings,
    /// What all units of the reference count, each once.
    pub(super) reference_weight: f64,
    /// How much of the points is of a script without spaces, and whether they are mostly so.
    pub(super) characters: f64,
    pub(super) is_unspaced: bool,
    /// Whether a list was asked for, or the reference is rather one than sentences.
    pub(super) is_list: bool,
    pub(super) run: f64,
}

impl Target {
    /// Reads what a full answer says; none where neither reference nor key points have a word.
    pub(super) fn new(question: &Text<'_>, reference: Option<&Text<'_>>, key_points: &[Text<'_>]) -> Option<Self> {
        let mut entries: Vec<Unit> = Vec::new();
        let mut points = Vec::with_capacity(key_points.len() + 8);
        let mut bonds = Bonds::default();
        for (place, point) in key_points.iter().enumerate() {
            entries.extend(point.words.iter().flat_map(units).map(|unit| Unit { point: place as u16, ..unit }));
            clauses(&point.words).for_each(|clause| bonds.add(point, clause, place as u16));
            points
                .push(Point { total: 0.0, is_negated: point.segments.iter().any(|it| it.marks.has(Marks::NEGATION)) });
        }
        if let Some(reference) = reference {
            for together in statements(&telling_clauses(reference)) {
                let place = points.len() as u16;
                let words = || together.iter().copied().flatten();
                entries.extend(words().flat_map(units).map(|unit| Unit { point: place, ..unit }));
                together.iter().for_each(|clause| bonds.add(reference, clause, place));
                points.push(Point { total: 0.0, is_negated: words().any(|word| word.marks.has(Marks::NEGATION)) });
            }
        }
        if entries.is_empty() {
            return None;
        }
        bonds.ready();
        entries.sort_unstable_by_key(|unit| (unit.key, unit.point));
        entries.dedup_by_key(|unit| (unit.key, unit.point));
        let given = Keys::new(question.words.iter().flat_map(units).map(|unit| unit.key).collect());
        let mut target = Self {
            keys: Keys::new(entries.iter().map(|unit| unit.key).collect()),
            weights: Vec::with_capacity(entries.len()),
            in_reference: Vec::with_capacity(entries.len()),
            figures: Vec::new(),
            prefixes: Vec::new(),
            given,
            firsts: Vec::with_capacity(entries.len() + 1),
            members: Vec::with_capacity(entries.len()),
            points,
            key_points: key_points.len(),
            sequence: Sequence::default(),
            grams: Grams::default(),
            words: Keys::new(Vec::new()),
            neighbours: Keys::new(Vec::new()),
            bonds,
            spellings: Spellings::default(),
            reference_weight: 0.0,
            characters: 0.0,
            is_unspaced: false,
            is_list: false,
            run: 0.0,
        };
        for same in entries.chunk_by(|one, other| one.key == other.key) {
            target.add(same);
        }
        target.firsts.push(target.members.len() as u32);
        target.prefixes.sort_unstable();
        for point in key_points {
            let figures = point.words.iter().filter(|word| point.is_figure(word) && !target.given.has(word.key));
            target.figures.extend(figures.filter_map(|word| target.keys.find(word.key)));
        }
        if let Some(reference) = reference {
            target.sequence = Sequence::new(
                content(&reference.words).filter_map(|word| target.keys.find(word.key)),
                target.keys.len(),
            );
            target.grams = Grams::new(reference, question);
            target.words = Keys::new(reference.words.iter().map(|word| word.key).collect());
            target.neighbours = Keys::new(neighbours(&reference.words).collect());
            target.spellings = Spellings::new(reference, |key| target.keys.find(key));
            let asks_for_one = question.words.iter().any(|word| word.marks.has(Marks::LIST));
            target.is_list = asks_for_one || reference.listing() > IS_LIST;
            target.run = reference.run();
        }
        let texts = || key_points.iter().chain(reference);
        target.characters = texts().map(Text::characters).sum::<f64>() / texts().count().max(1) as f64;
        target.is_unspaced = target.characters > 0.5;
        Some(target)
    }

    /// Adds a unit: the same in each of its points.
    fn add(&mut self, same: &[Unit]) {
        let (Some(unit), Some(last)) = (same.first(), same.last()) else {
            return;
        };
        let is_given = self.given.has(unit.key);
        let weight = match (is_given, unit.is_character) {
            (true, true) => unit.weight * GIVEN_CHARACTER,
            (true, false) => unit.weight * GIVEN,
            (false, _) => unit.weight,
        };
        if unit.prefix != 0 {
            self.prefixes.push((unit.prefix, self.weights.len() as u32));
        }
        self.firsts.push(self.members.len() as u32);
        for unit in same {
            self.members.push(unit.point);
            self.points[usize::from(unit.point)].total += weight;
        }
        let in_reference = usize::from(last.point) >= self.key_points;
        if in_reference {
            self.reference_weight += weight;
        }
        self.weights.push(weight);
        self.in_reference.push(in_reference);
    }

    /// The unit's place, and how well it fits: 1, or less where it is spelt another way or only the beginning of the word does. `letters` are those of the word.
    pub(super) fn find(&self, unit: &Unit, letters: &str) -> Option<(usize, f64)> {
        if let Some(place) = self.keys.find(unit.key) {
            return Some((place, 1.0));
        }
        if unit.is_character || unit.is_number {
            return None;
        }
        let respelt = || self.spellings.find(letters).map(|place| (place, RESPELT));
        let begins = || {
            let at = self.prefixes.partition_point(|(prefix, _)| *prefix < unit.prefix);
            self.prefixes
                .get(at)
                .filter(|(prefix, _)| *prefix == unit.prefix)
                .map(|(_, place)| (*place as usize, BEGINNING))
        };
        respelt().or_else(|| if unit.prefix == 0 { None } else { begins() })
    }

    /// The place of the unit whose opposite this one is; what is here itself, or in the question, opposes nothing.
    pub(super) fn opposed_by(&self, unit: &Unit) -> Option<usize> {
        self.keys.find(opposite(unit.key)).filter(|_| !self.given.has(unit.key) && !self.keys.has(unit.key))
    }

    /// What a unit counts in an answer: what the question says already is neither right nor wrong.
    pub(super) fn counted(&self, unit: &Unit) -> f64 {
        if self.given.has(unit.key) { unit.weight * GIVEN } else { unit.weight }
    }

    /// Whether the unit with this key is here.
    pub(super) fn knows(&self, key: u64) -> bool {
        self.keys.has(key)
    }

    /// Whether a word is in the question; of characters, whether the pair with the next one is.
    pub(super) fn is_given(&self, word: &Word) -> bool {
        self.given.has(if word.is_character { word.second } else { word.key })
    }

    /// Whether a word is here and not in the question.
    pub(super) fn tells(&self, word: &Word) -> bool {
        let key = if word.is_character && word.second != 0 { word.second } else { word.key };
        self.keys.has(key) && !self.given.has(key)
    }

    /// What a statement is about, in a word or two that the question does not have: those that tell most, as they are written. None where it has no such word, or none besides: it would
    /// be given away.
    pub(super) fn subject<'t>(&self, text: &Text<'t>, statement: &[Word]) -> Option<&'t str> {
        let says = |word: &Word| {
            word.weight > 0.0 && !word.marks.has(Marks::NEGATION) && !self.is_given(word) && !text.is_figure(word)
        };
        // Characters name something where each of them says something, and none is of a word of the question.
        let is_cannot = |place: usize| {
            statement
                .get(place..place + 2)
                .is_some_and(|two| matches!(text.written(&two[0]), "無" | "无") && text.written(&two[1]) == "法")
        };
        let is_told = |place: usize| {
            let is_given = |place: usize| statement.get(place).is_some_and(|word| self.is_given(word));
            statement.get(place).is_some_and(|word| word.is_character && says(word))
                && !place.checked_sub(1).is_some_and(|before| is_given(before) || is_cannot(before))
        };
        let worth = |place: usize| match statement.get(place) {
            Some(word) if is_told(place) && is_told(place + 1) => word.pair_weight,
            Some(word) if !word.is_character && says(word) => word.weight,
            _ => 0.0,
        };
        // Of equals, the last: what is done stands before what it is done to.
        let place = (0..statement.len()).max_by(|one, other| worth(*one).total_cmp(&worth(*other)))?;
        if worth(place) <= 0.0 {
            return None;
        }
        let all = statement.iter().filter(|word| says(word)).count();
        if all <= if statement[place].is_character { 2 } else { 1 } {
            return None;
        }
        let mut words = place..place + 1;
        let is_next = |one: usize, other: usize| match (statement.get(one), statement.get(other)) {
            (Some(one), Some(other)) => {
                text.source.get(one.end as usize..other.start as usize).is_some_and(|it| it.trim().is_empty())
            }
            _ => false,
        };
        if statement[place].is_character {
            words.end += 1;
            // Words have two to four characters, and a longer run ends with one.
            let joins = |one: usize, other: usize| is_told(one) && is_told(other) && is_next(one, other);
            let mut run = words.clone();
            while run.start > 0 && joins(run.start - 1, run.start) {
                run.start -= 1;
            }
            while joins(run.end - 1, run.end) {
                run.end += 1;
            }
            if run.len() <= 4 && run.len() < all {
                words = run;
            } else if worth(run.end - 2) > 0.0 {
                words = run.end - 2..run.end;
            }
        } else if all > 3 {
            let before = place.checked_sub(1).filter(|before| is_next(*before, place)).map_or(0.0, worth);
            let after = if is_next(place, place + 1) { worth(place + 1) } else { 0.0 };
            if after > 0.0 {
                words.end += 1;
            } else if before > 0.0 {
                words.start -= 1;
            }
        }
        text.source.get(statement[words.start].start as usize..statement[words.end - 1].end as usize)
    }

    /// The points that a unit belongs to.
    pub(super) fn points_of(&self, unit: usize) -> &[u16] {
        match self.firsts.get(unit..unit + 2) {
            Some(&[from, to]) => &self.members[from as usize..to as usize],
            _ => &[],
        }
    }
}

/// The words that mean something.
pub(super) fn content(words: &[Word]) -> impl Iterator<Item = &Word> {
    words.iter().filter(|word| word.weight > 0.0)
}

/// Words that follow one another, of characters three.
fn neighbours(words: &[Word]) -> impl Iterator<Item = u64> {
    let pairs = words.windows(2).map(|pair| pair_key(pair[0].key, pair[1].key));
    pairs.chain(
        words
            .windows(3)
            .filter(|three| three[2].is_character)
            .map(|three| pair_key(pair_key(three[0].key, three[1].key), three[2].key)),
    )
}

/// The clauses of a text.
pub(super) fn clauses(words: &[Word]) -> impl Iterator<Item = &[Word]> {
    words.chunk_by(|_, next| !next.starts_clause)
}

/// The clauses of a reference that say something.
pub(super) fn telling_clauses<'t>(reference: &'t Text<'_>) -> Vec<&'t [Word]> {
    clauses(&reference.words).filter(|clause| clause.iter().flat_map(units).next().is_some()).collect()
}

/// The statements of a reference: clauses, as many together as make few enough.
pub(super) fn statements<'c, 'w>(clauses: &'c [&'w [Word]]) -> impl Iterator<Item = &'c [&'w [Word]]> {
    clauses.chunks(clauses.len().div_ceil(MOST_STATEMENTS).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_words_is_no_target() {
        let nothing = Text::read("…");
        assert!(Target::new(&nothing, Some(&nothing), &[Text::read("--")]).is_none());
        assert!(Target::new(&nothing, None, &[]).is_none());
    }

    #[test]
    fn words_of_the_question_count_less() {
        let target = Target::new(&Text::read("What is a mutex?"), Some(&Text::read("A mutex guards")), &[]).unwrap();
        let weight = |word: &str| {
            target.weights[target.find(&units(&Text::read(word).words[0]).next().unwrap(), word).unwrap().0]
        };
        assert!(weight("mutex") < weight("guard") / 2.0);
    }

    #[test]
    fn a_statement_is_named_by_what_the_question_does_not_say() {
        let named = |question: &str, statement: &str| {
            let text = Text::read(statement);
            let target = Target::new(&Text::read(question), Some(&text), &[]).unwrap();
            target.subject(&text, &text.words).map(str::to_owned)
        };
        assert_eq!(named("What is a deadlock?", "a deadlock needs circular wait"), Some("wait".into()));
        // What is all that it says is not named: it would be given away.
        assert_eq!(named("What is a deadlock?", "timeouts"), None);
        assert_eq!(named("什麼是死鎖？", "互斥"), None);
        assert_eq!(named("What prevents a deadlock?", "it does not prevent a deadlock"), None);
        // Words are not cut.
        assert_eq!(named("什麼是死鎖？", "執行緒因此都無法繼續"), Some("繼續".into()));
        assert_eq!(named("什麼是死結？", "固定的順序可以避免死結"), Some("避免".into()));
        assert_eq!(named("什麼是序列？", "佇列和執行緒"), Some("執行緒".into()));
        assert_eq!(named("什麼是堆？", "函式的參數放在記憶體"), Some("記憶體".into()));
    }

    #[test]
    fn a_long_reference_has_a_bounded_number_of_statements() {
        let reference = "Alpha beta gamma. ".repeat(999);
        let target = Target::new(&Text::read("?"), Some(&Text::read(&reference)), &[]).unwrap();
        assert!(target.points.len() <= MOST_STATEMENTS);
    }

    #[test]
    fn long_words_are_found_by_their_beginning() {
        let target = Target::new(&Text::read("?"), Some(&Text::read("synchronisation primitives")), &[]).unwrap();
        let found =
            |word: &str| target.find(&units(&Text::read(word).words[0]).next().unwrap(), word).map(|(_, fit)| fit);
        assert_eq!(found("synchronises"), Some(0.7));
        assert_eq!(found("primitive"), Some(1.0));
        assert_eq!(found("private"), None);
    }
}
