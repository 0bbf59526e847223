import en from '../../web/js/i18n/en.js';
import zhTW from '../../web/js/i18n/zh-TW.js';

/** What the tests type, in each language, with the page's own words to find things by. */
export const TEXTS = {
  en: {
    w: en,
    name: 'Ada Lovelace',
    job: 'Backend engineer. You run PostgreSQL under load, find faults in production and write them up for others.',
    question: 'What is a deadlock, and how do you keep clear of one?',
    reference: 'Each of two threads holds a lock that the other one needs, so that neither can go on. Taking locks in one order everywhere prevents it.',
    points: 'each holds a lock that the other needs\nneither can go on\nlocks in one order',
    second: 'Which fault in production taught you the most?',
    secondReference: 'A real fault, how it was found, and what was changed so that it does not come back.',
    secondPoints: 'requests were lost\ncompared the traces\na test before the mending',
    answers: [
      'A deadlock is when two threads each hold a lock that the other one needs, so that neither can go on. I keep clear of it by taking locks in one order everywhere, and by holding them briefly.',
      'Last winter our billing service lost 3% of its requests after each deployment. I compared the traces, found that the pool was closed before the queue was drained, and wrote the test before the mending.',
    ],
    unsent: 'This is not finished yet',
    reason: 'Explained the rest on the telephone.',
    person: 'Grace Hopper',
  },
  'zh-TW': {
    w: zhTW,
    name: '林雅婷',
    job: '後端工程師。負責高負載的 PostgreSQL，排除正式環境的問題，並整理成文件。',
    question: '什麼是死結？您如何避免？',
    reference: '兩個執行緒各自握有對方需要的鎖，因此都無法繼續。統一取得鎖的順序可以避免死結。',
    points: '各自握有對方需要的鎖\n都無法繼續\n統一取得鎖的順序',
    second: '哪一次正式環境的問題讓您學到最多？',
    secondReference: '真實的問題、發現的經過，以及避免再次發生的改變。',
    secondPoints: '遺失請求\n比對追蹤資料\n先寫測試',
    answers: [
      '死結是兩個執行緒各自握有對方需要的鎖，因此都無法繼續。我會統一取得鎖的順序，並縮短持有的時間。',
      '去年冬天，我們的帳務服務每次部署後都會遺失約 3% 的請求。我比對追蹤資料，發現連線池比佇列先關閉，於是先寫測試再修正。',
    ],
    unsent: '這段還沒寫完',
    reason: '電話中補充說明了其餘部分。',
    person: '王小明',
  },
};

/** Texts of the page in English that a reader of another language must not see. */
export function englishOnly() {
  const own = new Set(flat(zhTW));
  return flat(en).filter((text) => text.length > 3 && !own.has(text));
}

function flat(catalogue) {
  return Object.values(catalogue).flatMap((value) => (typeof value === 'string' ? [value] : typeof value === 'object' ? flat(value) : []));
}
