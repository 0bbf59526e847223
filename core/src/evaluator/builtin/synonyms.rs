//! Words that say the same, or the opposite: short forms and longer ones, and what Taiwan and the mainland call the same thing.
//!
//! Each line is one meaning, or two that are opposites. A word belongs to one at most, and to none where an interview is known to ask how it differs from its neighbour: "method" and
//! "function", "error" and "fault", "equal" and "identical", "revenue" and "profit" are not the same. Converses are no opposites: of "the client sends it", who says "the server
//! receives it" is right. English words stand for all forms with the same stem; two Chinese characters stand side by side, traditional, for simplified ones too.

use std::sync::LazyLock;

use super::lexicon::{character_key, key, pair_key};
use super::stem::stem;
use super::table::Table;

/// The key of what a word, or two characters, with this key mean: of words that say the same the same one.
pub(super) fn meaning(key: u64) -> u64 {
    match TABLE.get(key) {
        0 => key,
        meaning => pair_key(MEANING, u64::from(meaning >> 1)) & !1 | u64::from(meaning & 1),
    }
}

/// The key of what is the opposite of what has this key; where there is none, a key that nothing has.
pub(super) fn opposite(key: u64) -> u64 {
    key ^ 1
}

/// Keeps the keys of meanings from those of words.
const MEANING: u64 = 0x6d65_616e;

/// Opposites differ in the last bit.
static TABLE: LazyLock<Table<u16, 2048>> = LazyLock::new(|| {
    let mut table = Table::new();
    for (meaning, word) in words() {
        table.set(word_key(word), meaning);
    }
    table
});

/// All words, each with its meaning.
fn words() -> impl Iterator<Item = (u16, &'static str)> {
    let lines = ENGLISH.lines().chain(CHINESE.lines()).zip((2_u16..).step_by(2));
    lines.flat_map(|(line, first)| {
        let sides = line.split('/').zip(first..);
        sides.flat_map(|(side, meaning)| side.split_whitespace().map(move |word| (meaning, word)))
    })
}

fn word_key(word: &str) -> u64 {
    let mut characters = word.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if !first.is_ascii() => pair_key(character_key(first), character_key(second)),
        _ => {
            let mut letters = word.as_bytes().to_vec();
            stem(&mut letters);
            key(&letters)
        }
    }
}

const ENGLISH: &str = "\
add addition / remove delete erase eliminate removal
allow permit enable / prevent
increase rise grow growth / decrease reduce lower diminish reduction
advantage benefit upside merit pro / disadvantage drawback downside shortcoming con
equal equivalent / different distinct dissimilar differ difference
combine combination / separate divide split division
fast quick rapid swift faster quicker fastest / slow sluggish slower
large big huge larger bigger largest biggest / small little tiny smaller smallest
simple easy simpler easier simply easily / difficult hard tough difficulty
long / short shorter
wide / narrow
high / low
strong / weak
strength / weakness
deep / shallow
hot / cold
empty / full
often frequently / rarely seldom
maximum max / minimum min
cheap inexpensive affordable cheaper / expensive
asynchronous async / synchronous sync
encrypt / decrypt
open / closed
positive / negative
connect attach / disconnect
internal / external
public / private
static / dynamic
mutable / immutable
sorted / unsorted
ascending / descending
success / failure
accept / reject
parallel / serial
valid / invalid
possible / impossible
stable / unstable
efficient / inefficient
reliable / unreliable
send transmit transfer forward transmission
obtain acquire retrieve receive fetch
lock / unlock
stateful / stateless
vertical / horizontal
begin commence
finish terminate conclude
purchase buy
improve enhance improvement enhancement better / worsen worse
safe / unsafe
relevant / irrelevant
dependent / independent
centralised / decentralised
ordered / unordered
directed / undirected
weighted / unweighted
balanced / unbalanced
known / unknown
finite / infinite
expand / shrink
attract / repel
halt cease
contain include comprise
utilise employ usage
create generate build construct
modify alter modification alteration change
display demonstrate reveal show
require requirement necessary necessity need
discover seek search find
mistake error
bug defect
kind type
select pick choose choice
main primary principal
whole entire
piece part
place spot position
several multiple numerous
happen occur occurrence
protect guard safeguard
important crucial essential vital importance
help assist aid assistance
try attempt
keep retain preserve
store save
verify confirm check
compute calculate computation
execute run
call invoke
reply respond response
idea concept notion
approach technique
stage phase
notify inform alert
delay latency lag
damaged broken
burnt burn
bulb lamp lightbulb
wire cable
path route
element item
node vertex vertices
consecutive successive
amount quantity
limit restrict limitation
attacker hacker intruder
convert conversion transform transformation
recursion recursive recur
iterate iterative
heat warmth
soil dirt
rock stone
die dead death
eat consume
sound noise
liquid fluid
colour hue
child kid
solve resolve solution
problem issue trouble
outcome consequence
observe monitor watch
enough sufficient
immediately instantly
outdated obsolete
directory folder dir
website site
developer programmer coder dev
app application
database db
config configuration
repo repository
param parameter
arg argument
variable var
integer int
character char
info information
admin administrator
environment env
documentation docs
specification spec
library lib
cpu processor
picture image photo
organisation org
kubernetes k8s
javascript js
typescript ts
postgres postgresql
mongo mongodb
average avg
staff personnel workforce employee
recruit hire
risk danger
competitor rival
supplier vendor
goods merchandise
stock inventory
warehouse storehouse
customer buyer shopper
company firm
colleague coworker teammate
manager boss";

const CHINESE: &str = "\
加入 新增 插入 添加 / 刪除 移除 去除
增加 提升 提高 上升 / 減少 降低 下降
快速 迅速 / 緩慢
優點 好處 優勢 / 缺點 壞處 劣勢
最大 / 最小
靜態 / 動態
公有 / 私有
升序 / 降序
成功 / 失敗
傳送 發送 傳輸 傳遞
接收 收到
便宜 / 昂貴
簡單 / 複雜
合併 結合 / 分開 分離
連續 / 離散
全局 全域 / 局部
遞增 / 遞減
相同 一樣 同樣 / 相異
較快 / 較慢
更快 / 更慢
較高 / 較低
較大 / 較小
內存 記憶
數據 資料
軟件 軟體
硬件 硬體
網絡 網路
對象 物件
變量 變數
函數 函式
數組 陣列
隊列 佇列
線程 行緒
務器 伺服
接口 介面 界面
緩存 快取
指針 指標
項目 專案
用戶 用者
默認 預設
循環 迴圈
字符 字元
創建 建立
支持 支援
性能 效能
消息 訊息
信息 資訊
優化 佳化
遞歸 遞迴
哈希 雜湊 散列
鏈接 連結 鏈結
插件 外掛
屏幕 螢幕
訪問 存取
搜索 搜尋 查找 尋找
代碼 式碼
登錄 登入
賬號 帳號
通信 通訊
信號 訊號
死鎖 死結
堆棧 堆疊
節點 結點
模塊 模組
組件 元件
音頻 音訊
打印 列印
芯片 晶片
帶寬 頻寬
端口 接埠
字段 欄位
據庫 料庫
內核 核心
調用 呼叫
返回 回傳
賦值 指派
布爾 布林
源碼 始碼
兼容 相容
使用 利用 運用 採用
速度 速率
改變 變更 修改 更改
選擇 挑選
產生 生成
儲存 存儲 保存 存放
擁有 具有 具備
包含 包括 含有
結束 終止
錯誤 差錯
方法 方式
員工 職員
庫存 存貨
倉庫 倉儲
檢查 檢驗
連接 相連
重複 反覆
大量 許多
相鄰 鄰近
依序 依次 按序
順序 次序
立即 立刻 馬上
共享 共用
執行 運行";

#[cfg(test)]
mod tests {
    use std::collections::HashMap;

    use super::*;
    use crate::evaluator::builtin::text::Text;

    fn meanings(text: &str) -> Vec<u64> {
        Text::read(text).words.iter().map(|word| if word.is_character { word.second } else { word.key }).collect()
    }

    #[test]
    fn words_that_say_the_same_have_one_key() {
        assert_eq!(meanings("deletes"), meanings("removing"));
        assert_eq!(meanings("configuration"), meanings("config"));
        assert_eq!(meanings("內存")[0], meanings("記憶")[0]);
        assert_eq!(meanings("内存")[0], meanings("記憶體")[0]);
        assert_ne!(meanings("method"), meanings("function"));
    }

    #[test]
    fn opposites_have_each_others_key() {
        assert_eq!(opposite(meanings("faster")[0]), meanings("slow")[0]);
        assert_eq!(opposite(meanings("缺點")[0]), meanings("优势")[0]);
        assert_ne!(opposite(meanings("delay")[0]), meanings("error")[0]);
    }

    #[test]
    fn a_word_has_one_meaning_and_each_meaning_another_word_or_an_opposite() {
        let mut seen = HashMap::new();
        for (meaning, word) in words() {
            let before = seen.insert(word_key(word), meaning);
            assert!(before.is_none(), "{word} stands twice, or a form of it");
            assert!(word.is_ascii() || word.chars().count() == 2, "{word}");
        }
        for line in ENGLISH.lines().chain(CHINESE.lines()) {
            let words: Vec<u64> = line.split_whitespace().map(word_key).collect();
            assert!(words.iter().any(|word| *word != words[0]), "{line}: forms of one word");
            assert!(line.split('/').count() <= 2, "{line}");
        }
        assert!(TABLE.is_at_most_half_full());
    }
}
