//! What single words say about an answer: a small table of marks for words of English and Chinese.
//!
//! Chinese words stand in traditional characters, and in simplified ones where those differ and are common.

use std::sync::LazyLock;

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
    /// Is a name of something: found by its form, not in the table.
    pub(super) const NAME: Self = Self(1 << 14);
    /// Looks like a negation and is none.
    pub(super) const NO_NEGATION: Self = Self(1 << 15);

    /// Is common, and tells one short answer from another.
    pub(super) const TELLING: Self = Self(1 << 16);

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

/// The key of a character that is a word of its own.
pub(super) fn character_key(character: char) -> u64 {
    mix(u64::from(u32::from(character)) | 1 << 40)
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

/// A power of two, at most half full.
const SLOTS: usize = 4096;

/// Open addressing with linear probing: most words of an answer are not in it, which the first slot usually tells.
struct Table(Vec<(u64, Marks)>);

impl Table {
    fn slot(&self, key: u64) -> usize {
        let mut slot = key as usize % SLOTS;
        while self.0[slot].0 != key && self.0[slot].1 != Marks::NONE {
            slot = (slot + 1) % SLOTS;
        }
        slot
    }

    fn get(&self, key: u64) -> Marks {
        self.0[self.slot(key)].1
    }
}

static TABLE: LazyLock<Table> = LazyLock::new(|| {
    let mut table = Table(vec![(0, Marks::NONE); SLOTS]);
    for (marks, entries) in ENTRIES {
        for entry in entries.split_whitespace() {
            let slot = table.slot(entry_key(entry));
            table.0[slot] = (entry_key(entry), table.0[slot].1.with(*marks));
        }
    }
    table
});

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

/// English words stand as they are written, without apostrophes.
const ENTRIES: &[(Marks, &str)] = &[
    (
        Marks::COMMON,
        "a about above after again against all also am an and any are as at be because been before being below between both \
         but by can cannot cant could couldnt did didnt do does doesnt doing dont down during each etc every few for from \
         further get gets getting got had has hasnt have havent having he her here hers him his how i id if ill im in into is isnt it \
         its itself ive just let lets like many may me might more most much must my myself no nor not now of off on once one ones only or \
         other others our ours out over own really same she should shouldnt since so some such than that thats the their theirs \
         them then there theres these they theyre this those though through to too two under until up upon us very via was wasnt we well were \
         werent weve what whats when where whether which while who whom whose why will with within without wont would wouldnt yes yet \
         you your yours yeah ok okay \
         的 了 是 在 有 和 與 与 及 或 也 都 就 而 但 並 并 且 以 於 于 之 其 這 这 那 此 我 你 您 他 她 它 們 们 個 个 些 \
         一 把 被 給 给 對 对 從 从 到 由 所 為 为 會 会 能 可 要 將 将 讓 让 還 还 又 很 更 最 嗎 吗 呢 吧 啊 喔 呀 著 着 過 过 地 得 \
         不 沒 没 等 使 來 来 去 上 下 中 裡 里 後 后 時 时 如 因 則 则 若 當 当 每 各",
    ),
    (Marks::TELLING, "all between both down more most no none not off only other out over same up without"),
    (
        Marks::NEGATION,
        "no not nor never none neither without cannot cant dont doesnt didnt isnt arent wasnt werent hasnt havent hadnt wont wouldnt couldnt \
         shouldnt nothing nobody nowhere incorrect false wrong 不 沒 没 無 无 非 未 否 錯 错",
    ),
    (
        Marks::NO_NEGATION,
        "不同 不僅 不仅 不但 不過 不过 不斷 不断 不只 不管 不論 不论 無論 无论 非常 無縫 是否 not_only",
    ),
    (
        Marks::REASON,
        "because since therefore thus hence so reason reasons consequently otherwise why if unless causes cause caused leads ensures prevents \
         due_to in_order so_that that_way this_means \
         因為 因为 所以 因此 由於 由于 原因 導致 导致 使得 以便 為了 为了 從而 从而 如果 若是 否則 否则 避免 確保 确保",
    ),
    (
        Marks::CONTRAST,
        "however whereas although though despite instead rather alternatively tradeoff tradeoffs compared unlike but versus cost costs \
         downside drawback advantage disadvantage pros cons trade_off trade_offs \
         但是 然而 不過 不过 雖然 虽然 儘管 尽管 相較 相较 相比 反之 取捨 取舍 權衡 权衡 優點 优点 缺點 缺点 代價 代价 而不 而非",
    ),
    (
        Marks::NUMBER,
        "two three four five six seven eight nine ten eleven twelve fifteen twenty thirty forty fifty sixty hundred hundreds thousand thousands million \
         millions billion half twice double doubled tripled halved dozen percent third quarter \
         二 兩 两 三 四 五 六 七 八 九 十 百 千 萬 万 億 亿 倍 半",
    ),
    (
        Marks::EXAMPLE,
        "example instance eg namely specifically such_as for_example for_instance 例如 比如 譬如 舉例 举例 像是 好比",
    ),
    (
        Marks::SITUATION,
        "when while during ago year years month months week weeks project team company client customer customers manager colleague startup \
         university goal deadline task job role responsible intern internship situation \
         時候 时候 當時 当时 期間 期间 去年 前年 今年 年前 專案 项目 項目 公司 團隊 团队 客戶 客户 主管 同事 學校 学校 目標 目标 任務 任务 負責 负责 期限 \
         那年 擔任 担任",
    ),
    (
        Marks::ACTION,
        "led built wrote designed implemented created developed organised organized decided analysed analyzed fixed proposed planned \
         introduced replaced moved migrated measured tested talked spoke asked met called set split rewrote reviewed trained taught coached \
         managed ran started launched negotiated researched documented automated refactored investigated debugged profiled collected \
         prepared presented cut added changed removed found used made helped took worked shipped traced \
         設計 设计 開發 开发 實作 实现 建立 規劃 规划 分析 溝通 沟通 帶領 带领 主導 主导 提出 決定 决定 安排 協調 协调 測試 测试 修正 \
         改寫 重構 重构 導入 导入 整理 訪談 访谈 討論 讨论 製作 制作 撰寫 撰写 執行 执行 推動 推动 調查 调查 追查 負責 负责",
    ),
    (
        Marks::RESULT,
        "result results resulted outcome eventually finally ended increased decreased reduced improved saved grew dropped fell rose achieved \
         delivered succeeded won gained learned learnt raised lowered cut doubled halved tripled solved resolved lesson \
         結果 结果 最後 最后 最終 最终 成功 提升 提高 降低 減少 减少 增加 改善 節省 节省 縮短 缩短 成長 成长 達成 达成 完成 學到 学到 解決 解决 縮到 降到 升到",
    ),
    (
        Marks::SEQUENCE,
        "first firstly second secondly third thirdly then next finally lastly afterwards initially begin began start started \
         首先 第一 第二 第三 其次 接著 接着 然後 然后 最後 最后 再來 再来 之後 之后 一開 开始 開始",
    ),
    (Marks::SELF, "i im ive id ill my me myself 我"),
    (
        Marks::VAGUE,
        "good great nice thing things stuff something everything always hard working worker player passionate motivated love enjoy excited \
         best many lot lots various different really very basically important etc people skills person try interesting \
         努力 認真 认真 負責 负责 積極 积极 熱情 热情 喜歡 喜欢 很好 很多 東西 东西 相關 相关 各種 各种 良好 重要",
    ),
    (
        Marks::NO_ANSWER,
        "idk dunno skip pass dont_know not_know no_idea not_sure no_comment no_answer no_submission no_response cant_answer cant_remember \
         不知 不清 不確 不确 不曉 不懂 不記 忘了 跳過 略過 沒想",
    ),
    (
        Marks::OPEN,
        "describe explain tell how why discuss walk elaborate compare share talk \
         描述 說明 说明 解釋 解释 談談 谈谈 介紹 介绍 分享 如何 怎麼 怎么 為什 为什 為何 为何 比較 比较 敘述 叙述 請談 舉例",
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
        assert!(TABLE.0.iter().filter(|slot| slot.1 != Marks::NONE).count() * 2 <= SLOTS);
    }
}
