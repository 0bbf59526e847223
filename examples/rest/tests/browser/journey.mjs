import assert from 'node:assert/strict';
import { reader } from './browser.mjs';
import { inspector } from './inspect.mjs';
import { signIn } from './sign-in.mjs';
import { englishOnly, TEXTS } from './texts.mjs';

/** Prepare → interview → reload in the middle → scorecard → override, as one reader does it; every page is inspected. */
export async function journey({ browser, url, token, api, language, device, directory, pictures }) {
  const { context, page, complaints } = await reader(browser, { language, device });
  const t = TEXTS[language];
  const { w } = t;
  const inspect = inspector({ directory, pictures, language, device });
  const button = (name) => page.getByRole('button', { name, exact: true });
  await signIn({ page, complaints }, url, token, w, inspect);

  await page.goto(url);
  await page.getByRole('heading', { level: 1, name: w.list.title }).waitFor();
  assert.equal(await page.getAttribute('html', 'lang'), language);

  // Prepare.
  await page.getByRole('link', { name: w.newInterview }).first().click();
  await page.getByRole('heading', { level: 1, name: w.prepare.title }).waitFor();
  await button(w.prepare.save).click();
  assert.ok(await page.getByText(w.prepare.missingName).first().isVisible(), 'an empty form says what is missing');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('type')), 'text', 'the focus is where something is wrong');
  await page.getByLabel(w.prepare.name).fill(t.name);
  await page.getByLabel(w.prepare.jobDescription).fill(t.job);
  await page.getByLabel(w.prepare.suggestCount).fill('2');
  await button(w.prepare.suggest).click();
  await page.locator('.question').nth(1).waitFor();
  await button(w.prepare.write).click();
  const own = page.locator('.question').nth(2);
  assert.equal(await own.locator('textarea').first().evaluate((it) => it === document.activeElement), true, 'a new question has the focus');
  await page.keyboard.type(t.question);
  await own.locator('summary').click();
  await own.getByLabel(w.prepare.reference).fill(t.reference);
  await own.getByLabel(w.prepare.keyPoints).fill(t.points);
  await own.getByRole('button', { name: w.prepare.up(3) }).click();
  assert.equal(await page.locator('.question textarea').nth(await textAreasBefore(page, 1)).inputValue(), t.question, 'the question has moved');
  assert.equal(await page.evaluate(() => document.activeElement?.getAttribute('data-does')), 'up', 'the focus has gone with it');
  await page.reload();
  await page.getByText(w.prepare.restored).waitFor();
  assert.equal(await page.getByLabel(w.prepare.name).inputValue(), t.name, 'a form outlives a reload');
  await inspect(page, 'prepare', { whole: true });
  await button(w.prepare.save).click();
  await page.getByRole('heading', { level: 1, name: t.name }).waitFor();

  // Edit the draft.
  await page.getByRole('link', { name: w.interview.edit }).click();
  await page.getByRole('heading', { level: 1, name: w.prepare.editTitle }).waitFor();
  const texts = await page.locator('.question-text').evaluateAll((areas) => areas.map(({ value }) => value));
  assert.equal(texts[1], t.question);
  await page.getByRole('button', { name: w.prepare.remove(1) }).click();
  const second = page.locator('.question').nth(1);
  await second.locator('summary').click();
  await second.locator('.question-text').fill(t.second);
  await second.getByLabel(w.prepare.reference).fill(t.secondReference);
  await second.getByLabel(w.prepare.keyPoints).fill(t.secondPoints);
  await button(w.prepare.save).click();
  await page.locator('.plan').waitFor();
  assert.deepEqual(await page.locator('.plan-question').allTextContents(), [t.question, t.second]);
  const interview = page.url().split('/').at(-1);
  assert.deepEqual((await api.get(`/interviews/${interview}`)).question_details[0].key_points, t.points.split('\n'));
  await inspect(page, 'interview', { whole: true });

  // The interview.
  await button(w.interview.begin).click();
  await page.locator('.room').waitFor();
  const session = page.url().split('/').at(-1);
  assert.ok(await page.getByText(w.room.ai).isVisible(), 'it says that an AI conducts it');
  const area = page.getByLabel(w.room.label);
  const messages = page.locator('.log .message');
  await area.fill(t.answers[0]);
  await inspect(page, 'room-begin');
  await area.press('Enter');
  assert.ok((await area.inputValue()).endsWith('\n'), 'Enter begins a new line');
  await area.press('Control+Enter');
  await messages.nth(2).waitFor();
  assert.equal(await area.inputValue(), '');

  // Reload in the middle: with a text that is not sent, then with a message whose reply is under way.
  await area.fill(t.unsent);
  await page.reload();
  await page.locator('.room').waitFor();
  assert.equal(await area.inputValue(), t.unsent, 'unsent text outlives a reload');
  assert.equal(await messages.count(), 3);
  await area.fill(t.answers[1]);
  await button(w.room.send).click();
  await page.reload();
  await page.locator('.room').waitFor();
  await messages.nth(4).waitFor();
  await page.waitForFunction(() => document.querySelector('.undelivered') === null);
  assert.deepEqual(await api.answers(session), [t.answers[0], t.answers[1]], 'what was sent before a reload is there, and once');
  assert.equal(await messages.count(), 5);
  await inspect(page, 'room');

  // End.
  const end = button(w.room.end);
  await end.click();
  await page.getByRole('dialog').waitFor();
  await inspect(page, 'room-end');
  await page.keyboard.press('Escape');
  assert.equal(await page.getByRole('dialog').count(), 0);
  assert.equal(await end.evaluate((it) => it === document.activeElement), true, 'the focus is back at what opened the dialog');
  await end.click();
  await page.getByRole('dialog').getByRole('button', { name: w.room.endButton, exact: true }).click();
  const card = page.getByRole('link', { name: w.room.toScorecard });
  await card.waitFor();
  await inspect(page, 'room-ended');

  // The scorecard.
  await card.click();
  await page.locator('.score').waitFor();
  assert.equal(await page.locator('.exchange').count(), 2);
  assert.deepEqual(await page.locator('.answer').allTextContents(), t.answers, 'answers stand there byte for byte');
  await quotesAreMarked(page);
  await keyPointsAreShown(page, api, w);
  await inspect(page, 'scorecard', { whole: true });
  await downloads(page, w);
  const first = page.url();

  // A person changes a score.
  await page.locator('.rating').first().getByRole('button').click();
  const dialog = page.getByRole('dialog');
  await dialog.getByLabel(w.card.newScore).fill('101');
  await dialog.getByRole('button', { name: w.card.changeSave }).click();
  assert.ok(await dialog.getByText(w.card.badScore).isVisible());
  await dialog.getByLabel(w.card.newScore).fill('91');
  await dialog.getByLabel(w.card.reason).fill(t.reason);
  await dialog.getByLabel(w.card.by).fill(t.person);
  await inspect(page, 'override');
  await dialog.getByRole('button', { name: w.card.changeSave, exact: true }).click();
  await page.locator('.alert-change').waitFor();
  assert.notEqual(page.url(), first, 'a change is a version of its own');
  assert.equal(await page.locator('.by-person .points b').textContent(), '91');
  assert.ok((await page.locator('.alert-change').textContent()).includes(t.reason));
  assert.equal(await page.locator('.history li').count(), 2);
  await inspect(page, 'scorecard-changed', { whole: true });
  await page.getByRole('link', { name: w.card.version(1) }).click();
  await page.getByText(w.card.newer).waitFor();
  assert.equal(await page.locator('.by-person').count(), 0, 'the first version stays as it was');

  // The whole score, and judged again.
  await page.getByRole('link', { name: w.card.toNewest }).click();
  await page.locator('.alert-change').waitFor();
  await page.locator('.card-tools').getByRole('button', { name: w.card.again, exact: true }).click();
  await page.getByRole('dialog').getByRole('button', { name: w.card.again, exact: true }).click();
  await page.locator('.history li').nth(2).waitFor();
  await page.locator('.card-tools').getByRole('button', { name: w.card.change_, exact: true }).click();
  await dialog.getByLabel(w.card.newScore).fill('12');
  await dialog.getByLabel(w.card.reason).fill(t.reason);
  assert.equal(await dialog.getByLabel(w.card.by).inputValue(), t.person, 'the name is remembered');
  await dialog.getByRole('button', { name: w.card.changeSave, exact: true }).click();
  await page.locator('.history li').nth(3).waitFor();
  assert.equal(await page.locator('.score strong').textContent(), '12');

  // The list.
  await page.goto(url);
  await page.locator('.rows').waitFor();
  await page.getByLabel(w.list.search).fill(t.name.slice(0, 3));
  await page.waitForURL(/candidate_name/);
  await page.locator('.rows:not([aria-busy] *)').waitFor();
  assert.ok((await page.locator('.row-name').allTextContents()).every((name) => name.includes(t.name.slice(0, 3))));
  await inspect(page, 'list-search');
  await page.getByLabel(w.list.search).fill('no such name');
  await page.getByText(w.list.none).waitFor();
  await inspect(page, 'list-none');
  await button(w.list.clear).click();
  await page.locator('.rows').waitFor();
  await inspect(page, 'list');
  if (language !== 'en') await noEnglish(page);
  assert.deepEqual(complaints, []);
  await context.close();
}

/** How many text areas stand before the question at this place. */
function textAreasBefore(page, place) {
  return page.locator('.question').evaluateAll((questions, count) => questions.slice(0, count).reduce((sum, it) => sum + it.querySelectorAll('textarea').length, 0), place);
}

async function quotesAreMarked(page) {
  const cards = await page.locator('.exchange').evaluateAll((all) =>
    all.map((card) => ({
      marks: [...card.querySelectorAll('mark')].map(({ textContent }) => textContent),
      quotes: [...card.querySelectorAll('.quote p')].map(({ textContent }) => textContent),
    })),
  );
  assert.ok(cards.some(({ quotes }) => quotes.length > 0), 'some rating has a quote');
  for (const { marks, quotes } of cards) {
    for (const quote of quotes) assert.ok(marks.some((mark) => mark.includes(quote)), `${quote} is marked in the answer`);
  }
}

async function keyPointsAreShown(page, api, w) {
  const { key_points: found } = await api.get(`/evaluation/${page.url().split('/').at(-1)}`);
  assert.equal(found.length, 6);
  assert.ok(found.some(({ quotes }) => quotes.length > 0), 'some key point has a quote');
  const shown = found.map(({ text, coverage, quotes }) => [
    `${w.card.coverages[coverage]}${w.colon}${text}`,
    ...(quotes.length > 0 ? [`${w.card.quoted}${w.colon}${quotes.map((it) => `${w.quote(it.text)} `).join('')}`] : []),
  ]);
  assert.deepEqual(await page.locator('.key-points p').allTextContents(), shown.flat());
}

async function downloads(page, w) {
  for (const format of ['HTML', 'MD', 'JSON']) {
    const [download] = await Promise.all([
      page.waitForEvent('download'),
      page.getByRole('button', { name: `${w.card.download} ${format}` }).click(),
    ]);
    assert.match(download.suggestedFilename(), new RegExp(`^scorecard-.*\\.${format.toLowerCase()}$`));
  }
  await page.emulateMedia({ media: 'print' });
  assert.equal(await page.locator('.card-tools').isVisible(), false, 'paper has no buttons');
  assert.equal(await page.locator('.top').isVisible(), false);
  await page.emulateMedia({ media: null });
}

async function noEnglish(page) {
  const seen = await page.evaluate(() => document.body.innerText.split('\n').map((line) => line.trim()));
  const english = new Set(englishOnly());
  assert.deepEqual(seen.filter((line) => english.has(line)), []);
}
