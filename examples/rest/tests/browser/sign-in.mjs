import assert from 'node:assert/strict';

/** Signs in where the service asks for a token. */
export async function signIn({ page, complaints }, url, token, w, inspect) {
  if (!token) return;
  await page.goto(url);
  await page.getByRole('heading', { level: 1, name: w.signIn.title }).waitFor();
  if (inspect) await inspect(page, 'sign-in');
  const field = page.getByLabel(w.signIn.token);
  await field.fill('not-a-token');
  await page.keyboard.press('Enter');
  await page.getByText(w.signIn.wrong).waitFor();
  await field.fill(token);
  await page.keyboard.press('Enter');
  await page.getByRole('heading', { level: 1, name: w.list.title }).waitFor();
  assert.ok(!page.url().includes(token));
  // The browser tells of each refusal, as it should.
  complaints.splice(0, complaints.length, ...complaints.filter((text) => !/401 \(Unauthorized\)/.test(text)));
}
