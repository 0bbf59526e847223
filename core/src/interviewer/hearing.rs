//! Hearing the interviewer's words while they are found.

use std::cell::RefCell;

/// What is heard of a reply before it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said<'a> {
    /// The next words.
    Words(&'a str),
    /// What was heard so far does not count: the reply begins again.
    Again,
}

/// Whoever is told the words.
pub(crate) trait Listener {
    fn say(&self, words: &str);
    fn begin_again(&self);
}

/// Somebody who hears, and what they have heard.
pub(crate) struct Ear<'a> {
    hear: RefCell<&'a mut dyn FnMut(Said<'_>)>,
    heard: RefCell<String>,
}

impl std::fmt::Debug for dyn Listener + '_ {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Listener")
    }
}

impl std::fmt::Debug for Ear<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Ear").finish_non_exhaustive()
    }
}

impl<'a> Ear<'a> {
    pub(crate) fn new(hear: &'a mut dyn FnMut(Said<'_>)) -> Self {
        Self { hear: RefCell::new(hear), heard: RefCell::default() }
    }

    /// Says what is left of the whole, so that what was heard is what is kept.
    pub(crate) fn finish(&self, whole: &str) {
        if !whole.starts_with(self.heard.borrow().as_str()) {
            self.begin_again();
        }
        let heard = self.heard.borrow().len();
        self.say(&whole[heard..]);
    }

    fn tell(&self, said: Said<'_>) {
        // A listener that is called by itself hears nothing of that.
        if let Ok(mut hear) = self.hear.try_borrow_mut() {
            hear(said);
        }
    }
}

impl Listener for Ear<'_> {
    fn say(&self, words: &str) {
        if !words.is_empty() {
            self.heard.borrow_mut().push_str(words);
            self.tell(Said::Words(words));
        }
    }

    fn begin_again(&self) {
        if !std::mem::take(&mut *self.heard.borrow_mut()).is_empty() {
            self.tell(Said::Again);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn heard(work: impl FnOnce(&Ear<'_>)) -> Vec<String> {
        let mut all = Vec::new();
        let mut hear = |said: Said<'_>| {
            all.push(match said {
                Said::Words(words) => words.to_owned(),
                Said::Again => "<again>".to_owned(),
            });
        };
        work(&Ear::new(&mut hear));
        all
    }

    #[test]
    fn what_was_heard_is_in_the_end_what_is_kept() {
        assert_eq!(heard(|ear| ear.finish("whole")), ["whole"]);
        let piecewise = |ear: &Ear<'_>| {
            ear.say("who");
            ear.finish("whole");
        };
        assert_eq!(heard(piecewise), ["who", "le"]);
        let otherwise = |ear: &Ear<'_>| {
            ear.say("other");
            ear.finish("whole");
        };
        assert_eq!(heard(otherwise), ["other", "<again>", "whole"]);
        let again = |ear: &Ear<'_>| {
            ear.begin_again();
            ear.say("a");
            ear.begin_again();
            ear.finish("b");
        };
        assert_eq!(heard(again), ["a", "<again>", "b"]);
    }
}
