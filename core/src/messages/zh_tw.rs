//! Traditional Chinese as written in Taiwan.

use super::judging::{Judging, Place, Reason, Remark, Summary, by_kind, first_points, shortened};
use super::{Opening, Report, StandardCompetencies, Talk};
use crate::domain::{Basis, Coverage, EvaluationStatus, FlagKind, InterviewType, Unanswered};

pub(super) const TALK: Talk = Talk {
    opening,
    transitions: [
        "謝謝您的回答，我們接著看下一題。",
        "好的，我記下來了。下一題是：",
        "了解，我們繼續。",
        "謝謝您的說明。接下來想請教您：",
        "收到，接著進入下一個問題。",
        "謝謝。我們換個主題。",
    ],
    last_question: "謝謝您。這是我準備的最後一個問題。",
    time_limit: |seconds| match seconds % 60 {
        0 => format!("這一題的作答時間約 {} 分鐘。", seconds / 60),
        _ => format!("這一題的作答時間約 {seconds} 秒。"),
    },
    back_to: [
        |quote| format!("我想回到前面的「{}」這一題。", inner(quote)),
        |quote| format!("接著想再請教稍早問過的「{}」這一題。", inner(quote)),
        |quote| format!("關於「{}」這一題，我想多了解一些。", inner(quote)),
    ],
    stay_with: [
        |quote| format!("我們繼續談「{}」這一題。", inner(quote)),
        |quote| format!("同樣關於「{}」，再追問一個問題。", inner(quote)),
        |quote| format!("針對「{}」，我想再深入一點。", inner(quote)),
    ],
    ask_example: [
        "能不能舉一個您親身經歷的具體例子？",
        "可以描述一次實際遇到這種狀況的經過嗎？",
        "哪一個真實案例最能說明您的意思？請談談當時的經過。",
    ],
    ask_number: [
        "能不能用數字說明，例如數量、時間或金額？",
        "有哪些數字可以看出規模？大概的數字也可以。",
        "這件事當時是怎麼衡量的，量出來的數據是多少？",
    ],
    ask_trade_off: [
        "還有哪些其他選項？選了它們各要放棄什麼？",
        "每種做法都有代價，這個做法的代價是什麼？",
        "有什麼理由不採用這個做法？什麼情況下您會改用別的方法？",
    ],
    ask_result: [
        "實際做下去之後，得到了什麼結果？",
        "這件事最後的結果如何？您是怎麼判斷的？",
        "做了之後，和原本相比有什麼不同？",
    ],
    deepen: [
        "現在回頭看，您會有什麼不同的做法？",
        "其中最困難的部分是什麼？您怎麼處理？",
        "您從中學到了什麼，到現在還用得上？",
        "如果要向剛入行的人說明，您會怎麼講？",
        "這裡面哪些是您自己做的，哪些是其他人完成的？",
        "這裡可能會出什麼問題？您要怎麼及早發現？",
        "如果時間只剩一半，您會先捨棄哪個部分？",
        "還有哪些人會受到影響？您怎麼顧及他們的需求？",
        "當時大家有哪些不同的看法？最後怎麼達成共識？",
        "您的想法主要建立在哪一個假設上？",
        "您會怎麼驗證它真的有效？",
        "什麼情況會讓您改變這個看法？",
        "關於這件事，您還想進一步弄清楚什麼？",
        "如果可以再補充一點，您最想補充什麼？",
    ],
    closing: |name| {
        format!(
            "以上就是所有的問題。{name}，謝謝您撥出時間參加面試，也謝謝您的回答。\n\n\
             面試到這裡結束，您不需要再做任何事。您的回答會送交徵才團隊：先由 AI 整理出評估報告，再由真人閱讀並做出決定，後續安排會由徵才團隊通知您。再見！"
        )
    },
};

fn opening(opening: &Opening<'_>) -> String {
    let kind = match opening.interview_type {
        InterviewType::General => "面試",
        InterviewType::Technical => "技術面試",
        InterviewType::Behavioral => "行為面試",
    };
    let probes = if opening.probes { "，之後可能會再就您的回答追問" } else { "" };
    format!(
        "{name}，您好，歡迎參加這場{kind}。\n\n\
         開始之前先向您說明：我是 AI，這場面試全程由我進行，您輸入的內容會保留為面試紀錄。是否錄取由真人決定，不是由 AI 決定。\n\n\
         我準備了 {questions} 個問題，會一題一題請教您{probes}。請依自己的步調作答，也歡迎分享您的親身經驗。\n\n\
         第一個問題：",
        name = opening.name,
        questions = opening.questions,
    )
}

/// A quote within quotation marks has the other ones.
fn inner(quote: &str) -> String {
    quote.replace('「', "『").replace('」', "』")
}

pub(super) const REPORT: Report = Report {
    title: "面試評估報告",
    colon: "：",
    separator: "；",
    interview: "面試類型",
    interview_type: |kind| match kind {
        InterviewType::General => "一般面試",
        InterviewType::Technical => "技術面試",
        InterviewType::Behavioral => "行為面試",
    },
    evaluated: "評估時間",
    requested: "提出時間",
    time: |time| time.format("%Y 年 %-m 月 %-d 日 %H:%M（UTC）").to_string(),
    status: "狀態",
    evaluation_status: |status| match status {
        EvaluationStatus::Pending => "等待評估",
        EvaluationStatus::Running => "評估中",
        EvaluationStatus::Completed => "已完成",
        EvaluationStatus::Partial => "部分完成",
        EvaluationStatus::Failed => "評估失敗",
    },
    overall_score: "總分",
    no_score: "無分數",
    no_score_reason: |status| match status {
        EvaluationStatus::Pending | EvaluationStatus::Running => "評估尚未完成。",
        EvaluationStatus::Completed => "沒有可以評分的回答。",
        EvaluationStatus::Partial => "能夠評估的回答太少。",
        EvaluationStatus::Failed => "無法評估這些回答。",
    },
    summary: "總評",
    competencies: "各項能力",
    chart: "各項能力分數（0 到 100 分）",
    competency: "能力",
    score: "分數",
    weight: "權重",
    ratings: "評分次數",
    standard: StandardCompetencies {
        communication: "溝通表達",
        technical_knowledge: "專業知識",
        problem_solving: "問題解決",
        relevance: "切題程度",
        evidence: "具體佐證",
        situation_and_task: "情境與任務",
        action: "行動",
        result: "成果",
    },
    strengths: "優點",
    weaknesses: "不足之處",
    recommendations: "建議",
    exchanges: "問題與回答",
    highlights: "標示的文字是評分所依據的原話。",
    question: |number| format!("第 {number} 題"),
    probe: |number| format!("第 {number} 題的追問"),
    unplanned: "其他問題",
    answer: "回答",
    no_answer: "沒有回答。",
    not_rated: "這個回答沒有評分。",
    basis: "依據",
    basis_name: |basis| match basis {
        Basis::Reference => "參考答案",
        Basis::KeyPoints => "評分要點",
        Basis::Rubric => "評分等級說明",
        Basis::Heuristic => "回答本身（沒有可以比對的資料）",
        Basis::Application => "應用程式自訂的評估",
        Basis::Person => "人工評定",
    },
    confidence: "信心",
    evidence: "佐證",
    key_points: "評分要點",
    coverage: |coverage| match coverage {
        Coverage::Covered => "已涵蓋",
        Coverage::Partly => "部分涵蓋",
        Coverage::Missing => "未提到",
    },
    quote: |quote| format!("「{quote}」"),
    unanswered: "未回答的問題",
    unanswered_policy: |policy| match policy {
        Unanswered::LowersScore => "計算總分時，這些問題各以 0 分計。",
        Unanswered::Ignored => "這些問題不列入總分。",
    },
    needs_review: "請由真人檢視",
    failure: "未能完成的部分",
    missing: "未能評分的部分",
    changed: "經人工調整",
    flagged: "對評審喊話的文字",
    flag_kind: |kind| match kind {
        FlagKind::Instruction => "指示",
        FlagKind::FakeReply => "自行撰寫的評分",
        FlagKind::FakeMarker => "提示詞的標記",
        FlagKind::RoleHeader => "冒用其他角色",
        FlagKind::HiddenText => "看不見的文字",
        FlagKind::EncodedText => "經過編碼的文字",
    },
    about: "關於這份報告",
    notice: "這份報告由 AI 製作，僅供決策參考，最後由真人決定。",
    judged_by: "評估者",
    model: "模型",
    version: "版本",
    calibration: "校正依據",
    rubric: "評分標準",
    evaluation: "評估編號",
};

/// What is said about answers.
pub(super) const JUDGING: Judging = Judging { reason, remark, feedback };

fn reason(reason: &Reason) -> String {
    match *reason {
        Reason::Blank => "沒有作答。".into(),
        Reason::Copied => "回答只是重述題目。".into(),
        Reason::Symbols => "回答只有符號，沒有文字，需由人工判讀。".into(),
        Reason::Unclear => "回答中幾乎沒有可辨識的詞。".into(),
        Reason::Mash => "回答中沒有可辨識的文字。".into(),
        Reason::Repeated => "回答一再重複相同的內容。".into(),
        Reason::NoAnswer => "應徵者表示無法回答。".into(),
        Reason::KeyPoints { covered, all } => format!("{all} 個重點中辨識到 {covered} 個。"),
        Reason::Reference { made, all } => format!("參考答案的 {all} 項敘述中提到 {made} 項。"),
        Reason::Qualities { words, numbers, names, reasons, result } => {
            let mut has = Vec::new();
            if numbers > 0 {
                has.push(format!("{numbers} 個數字"));
            }
            if names > 0 {
                has.push(format!("{names} 個專有名詞"));
            }
            if reasons {
                has.push("理由".into());
            }
            if result {
                has.push("結果".into());
            }
            let has = if has.is_empty() { "沒有數字、專有名詞或理由".into() } else { has.join("、") };
            format!("沒有可比對的內容，僅依表達形式評分：篇幅約 {words} 個詞（{has}）。")
        }
        Reason::OtherLanguage => "回答與參考內容使用不同語言，僅就表達形式評分。".into(),
    }
}

fn remark(remark: &Remark<'_>) -> String {
    match remark {
        Remark::Covers { at, points } => format!("{}：提到{}。", place(*at), quoted(points)),
        Remark::Agrees { at } => format!("{}：與參考答案相當一致。", places(at)),
        Remark::Specific { at, numbers, names, examples } => {
            let counts = [(numbers, "數字"), (names, "專有名詞"), (examples, "例子")];
            let has: Vec<String> = counts
                .iter()
                .filter(|(count, _)| **count > 0)
                .map(|(count, what)| format!("{count} 個{what}"))
                .collect();
            format!("{}：有具體佐證（{}）。", places(at), has.join("、"))
        }
        Remark::Reasoned { at } => format!("{}：說明了理由並權衡不同做法。", places(at)),
        Remark::WholeStory { at } => format!("{}：完整交代情境、行動與結果。", places(at)),
        Remark::Misses { at, points } => format!("{}：回答中未辨識到{}。", place(*at), quoted(points)),
        Remark::Touches { at, points } => format!("{}：只說到{}的一部分。", place(*at), quoted(points)),
        Remark::Disagrees { at } => format!("{}：與參考答案的內容相符不多。", places(at)),
        Remark::Blank { at } => format!("{}：沒有作答。", places(at)),
        Remark::NoAnswer { at } => format!("{}：應徵者不知道或不願回答。", places(at)),
        Remark::NoContent { at } => format!("{}：只是重述題目、重複同樣的話，或幾乎沒有可辨識的詞。", places(at)),
        Remark::Listed { at } => format!("{}：只列出名詞，沒有加以說明。", places(at)),
        Remark::Short { at } => format!("{}：回答比題目所需的簡短許多。", places(at)),
        Remark::Unsupported { at } => format!("{}：內容籠統，沒有數字、專有名詞或例子。", places(at)),
        Remark::NoResult { at } => format!("{}：沒有說明最後的結果。", places(at)),
        Remark::Study { points } => format!("建議複習{}。", quoted(points)),
        Remark::StudySubject { at } => format!("{}：建議複習相關主題，再更完整地回答。", places(at)),
        Remark::SayMore { at } => format!("{}：建議用三、四句話說明做了什麼、怎麼做、為什麼。", places(at)),
        Remark::Support { at } => format!("{}：建議舉一個自己的實例，並附上數字。", places(at)),
        Remark::TellResult { at } => format!("{}：建議以結果與學到的事作結。", places(at)),
        Remark::GiveReasons { at } => format!("{}：建議說明為何這樣做，以及考慮過哪些其他做法。", places(at)),
        Remark::OwnWords { at } => format!("{}：建議用自己的話、以完整的句子回答。", places(at)),
        Remark::AnswerOpen { at } => format!("{}：即使只知道一部分，也建議作答。", places(at)),
        Remark::ReviewLanguage { at } => format!("{}：回答與參考內容使用不同語言，內建評分無法比對。", places(at)),
        Remark::ReviewTopic { at } => format!("{}：沒有題目中的關鍵詞，無法判斷是否切題，請人工確認。", places(at)),
        Remark::ReviewNoContent { at } => format!("{}：被視為沒有實質內容而給予低分，請人工確認。", places(at)),
        Remark::ReviewUnsure { at } => format!("{}：沒有正確答案可比對，僅依表達形式評分，請由人工閱讀。", places(at)),
        Remark::ReviewFlagged { at } => {
            format!("{}：含有對評審喊話的文字，且分數遠高於內建評分，請人工確認。", places(at))
        }
        Remark::ReviewDisagreement { at } => format!("{}：評審之間意見不一致，請人工確認。", places(at)),
        Remark::ReviewAbsent { at } => format!("{}：並非所有評審都能評分，請人工確認。", places(at)),
        Remark::ReviewPartial { at } => format!("{}：全部或部分無法評分，未完整計入總分，請人工確認。", places(at)),
    }
}

fn feedback(summary: &Summary<'_>) -> String {
    if summary.answers == 0 {
        return "沒有任何題目作答。".into();
    }
    let level = match summary.level {
        0 => "幾乎沒有回答到題目",
        1 => "回答了題目的一部分",
        2 => "回答了題目的大部分",
        _ => "充分回答了題目",
    };
    let mut text = format!("共 {} 個回答，整體{level}。", summary.answers);
    if let (covered, all @ 1..) = summary.key_points {
        text += &format!("{all} 個重點中辨識到 {covered} 個。");
    }
    match (summary.best, summary.least) {
        (Some(best), Some(least)) => text += &format!("表現最好的是「{best}」，最需要加強的是「{least}」。"),
        (Some(best), None) => text += &format!("表現最好的是「{best}」。"),
        _ => {}
    }
    if let Some((at, said)) = &summary.said {
        let said = quoted(said);
        text += &match (summary.answers, summary.level) {
            (1, 0 | 1) => format!("回答中說到：{said}。"),
            (1, _) => format!("說得好的地方：{said}。"),
            _ => format!("說得最好的是{}的回答：{said}。", place(*at)),
        };
    }
    if !summary.missed.is_empty() {
        text += &format!("尚未提到與{}有關的內容。", quoted(&summary.missed));
    }
    if !summary.partly.is_empty() {
        text += &format!("只說到一部分：{}。", quoted(&summary.partly));
    }
    match (&summary.next, summary.missed.first().or(summary.partly.first())) {
        (Some(next), _) => text += &format!("下一步：{next}"),
        (None, Some(first)) => text += &format!("下一步：複習{}，並多用一句話說明。", quoted(&[first])),
        (None, None) if summary.level < 3 => text += "下一步：多用兩三句話說明題目所問的內容。",
        (None, None) => text += "下一步：再說明這在什麼情況下不成立，以及還有哪些做法。",
    }
    text
}

fn place(place: Place) -> String {
    match place {
        Place::Question(number) => format!("第 {number} 題"),
        Place::Probe(number) => format!("第 {number} 題的追問"),
        Place::Other(number) => format!("第 {number} 個回答"),
    }
}

fn places(at: &[Place]) -> String {
    let named = |(numbers, more): (Vec<String>, usize), what: &str| {
        let rest = if more > 0 { format!("等（另有 {more} 個）") } else { String::new() };
        (!numbers.is_empty()).then(|| format!("第 {} {what}{rest}", numbers.join("、")))
    };
    let [questions, probes, others] = by_kind(at);
    let names = [named(questions, "題"), named(probes, "題的追問"), named(others, "個回答")];
    names.into_iter().flatten().collect::<Vec<_>>().join("、")
}

fn quoted(points: &[impl AsRef<str>]) -> String {
    let (mut names, more) = first_points(points, |point| match shortened(point, 60) {
        (text, true) => format!("「{text}…」"),
        (text, false) => format!("「{text}」"),
    });
    if more > 0 {
        names.push(format!("及其他 {more} 項"));
    }
    names.join("、")
}
