//! What an answer lacks: the choice of what to ask further. Words and phrases are looked for, not meaning, so that a miss costs no more than a
//! question too many.

use crate::domain::InterviewType;

/// Something a full answer usually has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Gap {
    /// A case from experience.
    Example,
    /// A figure.
    Number,
    /// Alternatives and their costs.
    TradeOff,
    /// What came of it.
    Result,
}

impl Gap {
    /// The order in which gaps are asked about: first what matters most in an interview of this type.
    pub(super) fn order(interview_type: InterviewType) -> [Self; 4] {
        match interview_type {
            InterviewType::General => [Self::Example, Self::Result, Self::Number, Self::TradeOff],
            InterviewType::Technical => [Self::TradeOff, Self::Example, Self::Number, Self::Result],
            InterviewType::Behavioral => [Self::Result, Self::Number, Self::Example, Self::TradeOff],
        }
    }

    /// Whether the text has what this gap is about.
    pub(super) fn is_filled_by(self, text: &Words<'_>) -> bool {
        match self {
            Self::Example => text.has(EXAMPLE_EN, EXAMPLE_ZH),
            Self::Number => has_digits(text.original) || has_chinese_numeral(text.original) || text.has(NUMBER_EN, &[]),
            Self::TradeOff => text.has(TRADE_OFF_EN, TRADE_OFF_ZH),
            Self::Result => text.has(RESULT_EN, RESULT_ZH),
        }
    }
}

/// A text made ready for being searched.
pub(super) struct Words<'a> {
    original: &'a str,
    /// The words in lower case with a space around each, so that a phrase is found only as whole words.
    spaced: String,
}

impl<'a> Words<'a> {
    pub(super) fn new(original: &'a str) -> Self {
        let mut spaced = String::with_capacity(original.len() + 2);
        spaced.push(' ');
        for word in original.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty()) {
            // No phrase has such a word. It only has to keep its neighbours apart, so that long Chinese texts cost nothing here.
            spaced.push_str(if word.is_ascii() { word } else { "|" });
            spaced.push(' ');
        }
        spaced.make_ascii_lowercase();
        Self { original, spaced }
    }

    /// English phrases are written with a space on each side. Chinese has no spaces between words, so that its phrases are looked for anywhere.
    fn has(&self, english: &[&str], chinese: &[&str]) -> bool {
        english.iter().any(|phrase| self.spaced.contains(phrase))
            || chinese.iter().any(|phrase| self.original.contains(phrase))
    }
}

/// A run of digits that is not a part of a name, as in "S3" or "HTTP2".
fn has_digits(text: &str) -> bool {
    let mut before = ' ';
    for c in text.chars() {
        if (c.is_ascii_digit() || ('０'..='９').contains(&c)) && !before.is_ascii_alphanumeric() {
            return true;
        }
        before = c;
    }
    false
}

/// A numeral above one with a unit or another numeral after it; 一 is in too many words that count nothing.
fn has_chinese_numeral(text: &str) -> bool {
    const NUMERALS: &str = "兩二三四五六七八九十百千萬億";
    const UNITS: &str = "個位次天週周月年倍成名小秒項種台臺元塊筆件場支組歲趴百千萬億十";
    text.chars().zip(text.chars().skip(1)).any(|(numeral, unit)| NUMERALS.contains(numeral) && UNITS.contains(unit))
        || text.contains("百分之")
        || text.contains("一半")
        || text.contains("半數")
}

const EXAMPLE_EN: &[&str] = &[
    " for example ",
    " for instance ",
    " e g ",
    " an example ",
    " one time ",
    " there was a time ",
    " on one occasion ",
    " once we ",
    " once i ",
    " last year ",
    " last month ",
    " last week ",
    " years ago ",
    " months ago ",
    " in my last ",
    " at my last ",
    " in my previous ",
    " at my previous ",
    " at my current ",
    " in my current ",
    " in one project ",
    " on one project ",
    " on a project ",
    " in a project ",
    " when i was ",
    " when i worked ",
    " when we were ",
    " we had a ",
    " i worked on ",
    " i built ",
    " we built ",
];

const EXAMPLE_ZH: &[&str] = &[
    "例如",
    "比如",
    "譬如",
    "舉例",
    "舉個例",
    "像是",
    "有一次",
    "有次",
    "曾經",
    "去年",
    "前年",
    "當時",
    "那時",
    "上一份工作",
    "前公司",
    "前一家公司",
    "之前的專案",
    "之前在",
    "我在前",
];

const NUMBER_EN: &[&str] = &[
    " two ",
    " three ",
    " four ",
    " five ",
    " six ",
    " seven ",
    " eight ",
    " nine ",
    " ten ",
    " twelve ",
    " twenty ",
    " thirty ",
    " fifty ",
    " hundred ",
    " hundreds ",
    " thousand ",
    " thousands ",
    " million ",
    " millions ",
    " dozen ",
    " dozens ",
    " percent ",
    " half ",
    " twice ",
    " doubled ",
    " halved ",
    " tripled ",
];

const TRADE_OFF_EN: &[&str] = &[
    " trade off ",
    " trade offs ",
    " tradeoff ",
    " tradeoffs ",
    " on the other hand ",
    " downside ",
    " downsides ",
    " drawback ",
    " drawbacks ",
    " disadvantage ",
    " disadvantages ",
    " pros and cons ",
    " at the cost of ",
    " at the expense of ",
    " the cost of ",
    " the price of ",
    " the price is ",
    " the cost is ",
    " alternative ",
    " alternatives ",
    " instead of ",
    " rather than ",
    " compared with ",
    " compared to ",
    " versus ",
    " vs ",
    " in return ",
    " in exchange for ",
    " weighed ",
    " give up ",
    " gave up ",
];

const TRADE_OFF_ZH: &[&str] = &[
    "取捨",
    "權衡",
    "優缺點",
    "缺點",
    "代價",
    "犧牲",
    "另一方面",
    "相較",
    "相比",
    "替代方案",
    "其他方案",
    "另一個方案",
    "而不是",
    "換來",
    "折衷",
];

const RESULT_EN: &[&str] = &[
    " as a result ",
    " the result ",
    " the results ",
    " resulted ",
    " in the end ",
    " eventually ",
    " the outcome ",
    " led to ",
    " improved ",
    " reduced ",
    " increased ",
    " decreased ",
    " dropped ",
    " fell ",
    " rose ",
    " grew ",
    " saved ",
    " shipped ",
    " launched ",
    " delivered ",
    " achieved ",
    " succeeded ",
    " went down ",
    " went up ",
    " cut it ",
    " paid off ",
    " since then ",
    " ever since ",
];

const RESULT_ZH: &[&str] = &[
    "結果",
    "最後",
    "最終",
    "成效",
    "成果",
    "降低",
    "降到",
    "下降",
    "提升",
    "提高",
    "減少",
    "縮短",
    "改善",
    "增加",
    "節省",
    "順利上線",
    "順利完成",
    "如期",
    "從此",
    "之後就",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_answer_has_is_found_in_both_languages() {
        use Gap::{Example, Number, Result, TradeOff};
        let cases: [(&str, &[Gap]); 17] = [
            ("", &[]),
            ("I do not know.", &[]),
            ("I prefer clean code.", &[]),
            ("For example, our checkout service.", &[Example]),
            ("It took 3 weeks.", &[Number]),
            ("We served two million requests.", &[Number]),
            ("We stored it in S3 over HTTP2 with x509.", &[]),
            ("The downside is memory.", &[TradeOff]),
            ("We chose polling rather than webhooks.", &[TradeOff]),
            ("In the end, latency dropped by 40%.", &[Number, Result]),
            ("The exampleless resulting", &[]),
            ("我不太清楚。", &[]),
            ("例如我們的結帳服務。", &[Example]),
            ("花了三個月，查詢時間縮短到兩百毫秒", &[Number, Result]),
            ("我會一直一起努力，十分認真", &[]),
            ("缺點是比較耗記憶體，這是取捨", &[TradeOff]),
            ("去年我帶５人的團隊", &[Example, Number]),
        ];
        for (text, expected) in cases {
            let words = Words::new(text);
            let found: Vec<Gap> =
                [Example, Number, TradeOff, Result].into_iter().filter(|gap| gap.is_filled_by(&words)).collect();
            assert_eq!(found, expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_searched(text in "\\PC*") {
            for gap in Gap::order(InterviewType::General) {
                gap.is_filled_by(&Words::new(&text));
            }
        }
    }
}
