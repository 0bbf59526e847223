//! What single words say about an answer: a small table of marks for words of English and Chinese.
//!
//! Chinese words stand in traditional characters; simplified ones have the same keys.

use std::sync::LazyLock;

use super::simplified::PAIRS;
use super::table::Table;

/// What a word, or two words together, can mark. A word may carry several marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Marks(u32);

impl Marks {
    /// Carries grammar rather than meaning.
    pub(super) const COMMON: Self = Self(1);
    /// Turns a statement round.
    pub(super) const NEGATION: Self = Self(1 << 1);
    /// Gives a reason or draws a conclusion.
    pub(super) const REASON: Self = Self(1 << 2);
    /// Weighs one thing against another.
    pub(super) const CONTRAST: Self = Self(1 << 3);
    /// Is a number.
    pub(super) const NUMBER: Self = Self(1 << 4);
    /// Introduces an example.
    pub(super) const EXAMPLE: Self = Self(1 << 5);
    /// Says when, where or with what aim something happened.
    pub(super) const SITUATION: Self = Self(1 << 6);
    /// Says what was done.
    pub(super) const ACTION: Self = Self(1 << 7);
    /// Says what came of it.
    pub(super) const RESULT: Self = Self(1 << 8);
    /// Puts statements in order.
    pub(super) const SEQUENCE: Self = Self(1 << 9);
    /// Is the speaker.
    pub(super) const SELF: Self = Self(1 << 10);
    /// Is said by everybody of everything.
    pub(super) const VAGUE: Self = Self(1 << 11);
    /// Says that there is no answer.
    pub(super) const NO_ANSWER: Self = Self(1 << 12);
    /// Asks for more than a word.
    pub(super) const OPEN: Self = Self(1 << 13);
    /// Is a name of something, or of somebody: found by its form, not in the table.
    pub(super) const NAME: Self = Self(1 << 14);
    /// Is a name of a form that no person's name has. Whom one names is no merit; what one names may be.
    pub(super) const TERM: Self = Self(1 << 18);
    /// Speaks of how answers are judged.
    pub(super) const JUDGING: Self = Self(1 << 19);
    /// Asks for a list.
    pub(super) const LIST: Self = Self(1 << 21);
    /// Speaks of the talk itself: thanks, asks to be heard, says that something will be said.
    pub(super) const TALK: Self = Self(1 << 20);
    /// Looks like a negation and is none.
    pub(super) const NO_NEGATION: Self = Self(1 << 15);

    /// Is common, and tells one short answer from another.
    pub(super) const TELLING: Self = Self(1 << 16);
    /// Continues what may be a name: found by its form, not in the table.
    pub(super) const CONTINUED: Self = Self(1 << 17);

    /// Is said otherwise by others, as a number in figures.
    pub(super) const OTHERWISE: Self = Self(1 << 22);

    pub(super) const NONE: Self = Self(0);

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn has(self, any_of: Self) -> bool {
        self.0 & any_of.0 != 0
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

/// The hash of a word's bytes: FNV-1a (Fowler, Noll, Vo), with a last mix so that its low bits serve a table.
pub(super) fn key(bytes: &[u8]) -> u64 {
    let hash = bytes
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    mix(hash)
}

/// The key of a character that is a word of its own: of a traditional one that of the simplified one.
pub(super) fn character_key(character: char) -> u64 {
    mix(u64::from(simplified(u32::from(character))) | 1 << 40)
}

/// The pairs as numbers, of two thirds of the bytes; each of their characters has three.
static SIMPLIFIED: [(u16, u16); PAIRS.len() / 6] = {
    let bytes = PAIRS.as_bytes();
    let mut pairs = [(0, 0); PAIRS.len() / 6];
    let mut place = 0;
    while place < pairs.len() {
        pairs[place] = (three_bytes(bytes, place * 6), three_bytes(bytes, place * 6 + 3));
        place += 1;
    }
    pairs
};

/// The character whose three bytes begin at a place.
const fn three_bytes(bytes: &[u8], at: usize) -> u16 {
    (bytes[at] as u16 & 0x0f) << 12 | (bytes[at + 1] as u16 & 0x3f) << 6 | bytes[at + 2] as u16 & 0x3f
}

/// The simplified character for a traditional one; any other is itself.
fn simplified(code: u32) -> u32 {
    let place = u16::try_from(code).ok().and_then(|code| SIMPLIFIED.binary_search_by_key(&code, |pair| pair.0).ok());
    place.and_then(|place| SIMPLIFIED.get(place)).map_or(code, |pair| u32::from(pair.1))
}

/// The key of two words together, in their order.
pub(super) fn pair_key(first: u64, second: u64) -> u64 {
    mix(first.rotate_left(23) ^ second)
}

/// The finaliser of MurmurHash3 (Appleby).
fn mix(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// The marks of the word, or pair of words, with this key.
pub(super) fn marks(key: u64) -> Marks {
    TABLE.get(key)
}

static TABLE: LazyLock<Table<Marks, 4096>> = LazyLock::new(|| {
    let mut table = Table::<Marks, 4096>::new();
    let mut mark = |key: u64, marks: Marks| table.set(key, table.get(key).with(marks));
    for (marks, entries) in ENTRIES {
        entries.split_whitespace().for_each(|entry| mark(entry_key(entry), *marks));
    }
    OTHERWISE.iter().for_each(|(said, _)| mark(key(said.as_bytes()), Marks::OTHERWISE));
    table
});

/// The word that means the same in another way of writing or speaking, of one that is marked so.
pub(super) fn otherwise(word: &[u8]) -> Option<&'static [u8]> {
    let found = OTHERWISE.iter().find(|(said, _)| word.eq_ignore_ascii_case(said.as_bytes()));
    found.map(|(_, other)| other.as_bytes())
}

/// Numbers in words, and words of English dialects, with what others say.
const OTHERWISE: [(&str, &str); 24] = [
    ("zero", "0"),
    ("one", "1"),
    ("two", "2"),
    ("three", "3"),
    ("four", "4"),
    ("five", "5"),
    ("six", "6"),
    ("seven", "7"),
    ("eight", "8"),
    ("nine", "9"),
    ("ten", "10"),
    ("eleven", "11"),
    ("twelve", "12"),
    ("wee", "small"),
    ("summat", "something"),
    ("nowt", "nothing"),
    ("owt", "anything"),
    ("aye", "yes"),
    ("reckon", "think"),
    ("bairn", "child"),
    ("gonna", "going"),
    ("wanna", "want"),
    ("lad", "boy"),
    ("lass", "girl"),
];

/// Two English words of the table are joined by `_`; two Chinese characters stand side by side.
fn entry_key(entry: &str) -> u64 {
    let mut characters = entry.chars();
    match (entry.split_once('_'), characters.next(), characters.next()) {
        (Some((first, second)), ..) => pair_key(key(first.as_bytes()), key(second.as_bytes())),
        (None, Some(only), None) if !only.is_ascii() => character_key(only),
        (None, Some(first), Some(second)) if !first.is_ascii() => pair_key(character_key(first), character_key(second)),
        _ => key(entry.as_bytes()),
    }
}

/// English words stand as they are written, without apostrophes but one for letters that are left out at the beginning.
///
/// Pronouns of persons, particles and terms of address are common words, in every English and Chinese that was thought of: how somebody speaks is no part of what is said.
const ENTRIES: &[(Marks, &str)] = &[
    (
        Marks::COMMON,
        "a about above after again against all also am an and any are as at be because been before being below between both \
         but by can cannot cant could couldnt did didnt do does doesnt doing dont down during each etc every few for from \
         further get gets getting got had has hasnt have havent having he her here hers him his how i id if ill im in into is isnt it \
         its itself ive just let lets like many may me might more most much must my myself no nor not now of off on once one ones only or \
         other others our ours out over own really same she should shouldnt since so some such than that thats the their theirs \
         them then there theres these they theyre this those though through to too two under until up upon us via was wasnt we well were \
         werent weve what whats when where whether which while who whom whose why will with within without wont would wouldnt yes yet \
         you your yours yeah ok okay \
         hes shes theyve theyll theyd youre youve youll youd wouldve couldve itll thatll whos \
         himself herself themselves themself yourself yourselves ourselves oneself ze zie hir hirs zir xe xem xyr thon ve ta \
         aye nah nope yep oh ah eh ey um uh er hmm lah leh lor meh mate bruv bro innit yknow yall yous youse aint dinnae cos cuz coz 'cause 'bout 'em 'til \
         的 了 是 在 有 和 與 及 或 也 都 就 而 但 並 且 以 於 之 其 這 那 此 我 你 您 他 她 它 們 個 些 \
         一 把 被 給 對 從 到 由 所 為 會 能 可 要 將 讓 還 又 很 更 最 嗎 呢 吧 啊 喔 呀 著 着 過 地 得 \
         啦 囉 嘛 捏 唄 齁 耶 哦 噢 喲 欸 誒 咧 咱 啥 什 麼 \
         不 沒 等 使 來 去 上 下 中 後 時 如 因 則 若 當 每 各",
    ),
    (Marks::TELLING, "all between both down more most no none not off only other out over same up without"),
    (
        Marks::NEGATION,
        "no not nor never none neither without cannot cant dont doesnt didnt isnt arent wasnt werent hasnt havent hadnt wont wouldnt couldnt \
         shouldnt aint dinnae nothing nowt nobody nowhere incorrect false wrong 不 沒 無 非 未 否 錯",
    ),
    (
        Marks::NO_NEGATION,
        "不同 不僅 不但 不過 不斷 不只 不管 不論 無論 非常 無縫 是否 未來 not_only not_just not_merely not_simply",
    ),
    (
        Marks::REASON,
        "because cos cuz coz 'cause since therefore thus hence so reason reasons consequently otherwise why if unless causes cause caused leads ensures prevents \
         due_to in_order so_that that_way this_means \
         因為 所以 因此 由於 原因 導致 使得 以便 為了 從而 如果 若是 否則 避免 確保",
    ),
    (
        Marks::CONTRAST,
        "however whereas although though despite instead rather alternatively tradeoff tradeoffs compared unlike but versus cost costs \
         downside drawback advantage disadvantage pros cons trade_off trade_offs \
         但是 然而 不過 雖然 儘管 相較 相比 反之 取捨 權衡 優點 缺點 代價 而不 而非",
    ),
    (
        Marks::NUMBER,
        "zero two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty hundred hundreds thousand thousands million \
         millions billion half twice double doubled tripled halved dozen percent third quarter \
         二 兩 三 四 五 六 七 八 九 十 百 千 萬 億 倍 半",
    ),
    (
        Marks::EXAMPLE,
        "example instance eg namely specifically such_as for_example for_instance 例如 比如 譬如 舉例 像是 好比",
    ),
    (
        Marks::SITUATION,
        "when while during ago year years month months week weeks project team company client customer customers manager colleague startup \
         university goal deadline task job role responsible intern internship situation \
         時候 當時 期間 去年 前年 今年 年前 專案 項目 公司 團隊 客戶 主管 同事 學校 目標 任務 負責 期限 \
         那年 擔任",
    ),
    (
        Marks::ACTION,
        "led built wrote designed implemented created developed organised organized decided analysed analyzed fixed proposed planned \
         introduced replaced moved migrated measured tested talked spoke asked met called set split rewrote reviewed trained taught coached \
         managed ran started launched negotiated researched documented automated refactored investigated debugged profiled collected \
         prepared presented cut added changed removed found used made helped took worked shipped traced \
         設計 開發 實作 實現 建立 規劃 分析 溝通 帶領 主導 提出 決定 安排 協調 測試 修正 \
         改寫 重構 導入 整理 訪談 討論 製作 撰寫 執行 推動 調查 追查 負責",
    ),
    (
        Marks::RESULT,
        "result results resulted outcome eventually finally ended increased decreased reduced improved saved grew dropped fell rose achieved \
         delivered succeeded won gained learned learnt raised lowered cut doubled halved tripled solved resolved lesson \
         結果 最後 最終 成功 提升 提高 降低 減少 增加 改善 節省 縮短 成長 達成 完成 學到 解決 縮到 降到 升到",
    ),
    (
        Marks::SEQUENCE,
        "first firstly second secondly third thirdly then next finally lastly afterwards initially begin began start started \
         首先 第一 第二 第三 其次 接著 接着 然後 最後 再來 之後 一開 開始",
    ),
    (Marks::SELF, "i im ive id ill my me myself 我 咱"),
    (
        Marks::VAGUE,
        "good great nice thing things stuff something summat everything always hard working worker player passionate motivated love enjoy excited \
         best many lot lots various different really very basically important etc people skills person try interesting \
         努力 認真 負責 積極 熱情 喜歡 很好 很多 東西 相關 各種 良好 重要",
    ),
    (Marks::LIST, "list enumerate 哪些 哪幾 幾種 幾項 列舉 列出"),
    (
        Marks::JUDGING,
        "grader graders grade grades graded grading examiner evaluator evaluation judge rubric instruction instructions guideline guidelines criteria mark marks score scores scored \
         scoring rate rated rating ratings point points confidence correct perfect perfectly excellent award assign full maximum max highest top best answer answers response \
         candidate candidates competency ignore disregard override bypass forget follow previous prior earlier above reference system verified complete output reply prompt \
         忽略 請給 最高 指示 指令 指令 滿分 高分 分數 評分 評為 給分 打分 評審 評量 標準 答案 回答 參考 正確 完整 優秀 應徵 面試 系統 訊息 确认 確認 完全 候選 設為 考官 閱卷",
    ),
    (
        Marks::TALK,
        "thank thanks question questions ask asked asking answer answers hope hopefully sense please know knows hear say says said tell told speak talk explain explained explaining \
         clear clearly topic topics subject detail details word words own moment minute begin start glad happy sorry like think thought guess believe feel understand understood consider \
         opinion view general generally course obviously honestly maybe perhaps quite briefly short want try need take put want go going look everyone everybody little differently \
         see helpful useful welcome mention discuss add later further now again make makes find helps help keep mind matter matters big picture bit way 謝謝 感謝 問題 題目 回答 說明 希望 明白 告訴 清楚 看法 意見 覺得 認為 樂意 詳細 請問 以上 之前 \
         其實 大概 開始 喜歡 知道 了解 瞭解 想說 想過 多聽 簡單 自己 盡量 有趣 隨時 當然 整體 大方 方向 每個 個人 時間 一類 還想 先說 一點 可以 東西 真的 很多 提出 也許 可能",
    ),
    (
        Marks::NO_ANSWER,
        "idk dunno skip pass dont_know not_know no_idea not_sure no_comment no_answer no_submission no_response cant_answer cant_remember \
         不知 不清 不確 不曉 不懂 不記 忘了 跳過 略過 沒想",
    ),
    (
        Marks::OPEN,
        "describe explain tell how why discuss walk elaborate compare share talk \
         描述 說明 解釋 談談 介紹 分享 如何 怎麼 為什 為何 比較 敘述 請談 舉例",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_and_pairs_are_found_with_all_their_marks() {
        let word = |text: &str| marks(key(text.as_bytes()));
        assert!(word("cannot").has(Marks::COMMON) && word("cannot").has(Marks::NEGATION));
        assert!(word("cut").has(Marks::ACTION) && word("cut").has(Marks::RESULT));
        assert_eq!(word("mutex"), Marks::NONE);
        assert!(marks(character_key('我')).has(Marks::SELF));
        assert!(marks(pair_key(character_key('例'), character_key('如'))).has(Marks::EXAMPLE));
        assert!(marks(pair_key(key(b"such"), key(b"as"))).has(Marks::EXAMPLE));
    }

    #[test]
    fn the_table_stays_at_most_half_full() {
        assert!(TABLE.is_at_most_half_full());
    }
}
