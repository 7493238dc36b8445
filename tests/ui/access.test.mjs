// Where the server wants a key: logging in and out, and a key that may ask but not watch.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { accessible, Browser, closeAfter, shoot } from './browser.mjs';
import { decimals, plays } from './plays.mjs';
import { Server } from './server.mjs';

let server, browser, asker;
before(async () => {
  server = await Server.start(plays, '[learning]\nfull_share = 0.0\norder_share = 0.0\n');
  server.key = server.run('keys', 'create', 'desk', '--scope', 'ask,watch,manage');
  asker = server.run('keys', 'create', 'guest', '--scope', 'ask', '--rate', '600/min');
  // A running server knows of the first key within a second.
  await server.until(async () => (await fetch(`${server.url}/api/v1/models`)).status === 401);
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

const wanted = (page) => page.getByRole('heading', { name: 'This kai wants a key' });

async function logIn(page, key) {
  await wanted(page).waitFor();
  await page.getByLabel('Key', { exact: true }).fill(key);
  await page.getByLabel('Key', { exact: true }).press('Enter');
}
async function ask(page, question) {
  await page.getByLabel('Your question').fill(question);
  await page.getByLabel('Your question').press('Enter');
  const article = page.getByRole('article', { name: `Question: ${question}` });
  await article.getByRole('button', { name: 'Good' }).waitFor();
  return article.innerText();
}

test('a wrong key is refused, the right one lets in until it is given back', async () => {
  const page = await browser.open(server);
  await wanted(page).waitFor();
  await accessible(page, 'login');
  await shoot(page, 'login');
  await logIn(page, 'kai_wrong');
  const refusal = await page.getByRole('alert').innerText();
  assert.match(refusal, /does not know this key|not know/, refusal);
  await accessible(page, 'login, refused');
  await logIn(page, server.key);
  assert.match(await ask(page, decimals), /9\.9/);
  await page.getByRole('link', { name: 'Settings' }).click();
  const keys = page.getByRole('region', { name: 'Keys' });
  await keys.getByText('This browser has the key desk, which may ask, watch, manage.').waitFor();
  const guest = await keys.getByRole('row', { name: /guest/ }).innerText();
  assert.match(guest, /ask\s+600\s+any/);
  assert.ok(!(await page.content()).includes(server.key), 'the key itself is nowhere');
  await accessible(page, 'settings, with keys');
  await keys.getByRole('button', { name: 'Log out' }).click();
  await wanted(page).waitFor();
  await page.goto(`${server.url}/history`);
  await wanted(page).waitFor();
  await page.context().close();
});

test('a key that may not watch asks, is answered, and is told what it does not see', async () => {
  const page = await browser.open(server);
  await logIn(page, asker);
  await page.getByText('This key may not watch.').waitFor();
  await accessible(page, 'ask, without watching');
  assert.match(await ask(page, 'What is the capital of France?'), /Paris/);
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByText('The key of this browser may not do this: that needs the scope watch.').waitFor();
  await page.getByRole('link', { name: 'Monitor' }).click();
  await page.getByText('may not see what was measured: that needs the scope watch.').waitFor();
  await page.getByRole('link', { name: 'Alerts' }).click();
  await page.getByText('may not see what has become worse: that needs the scope watch.').waitFor();
  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByRole('article', { name: /qwen3/ }).getByText('t/s written').waitFor();
  // Four things stay hidden, for one reason.
  const why = page.getByRole('alert');
  await why.getByText(/^The key of this browser may not watch: how each model does, /).waitFor();
  const hidden = ['models/health', 'learned', 'bench', 'metrics/history'];
  for (const path of hidden) {
    assert.equal((await page.request.get(`${server.url}/api/v1/${path}`)).status(), 403);
  }
  assert.equal(await why.locator('p').count(), 1, await why.innerText());
  const health = page.getByRole('article', { name: /qwen3/ }).getByRole('definition').last();
  assert.equal((await health.innerText()).trim(), 'Not known');
  await accessible(page, 'models, without watching');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('This browser has the key guest, which may ask.').waitFor();
  await page.getByText('may not see what is configured: that needs the scope manage.').waitFor();
  await page.context().close();
});

test('a question that runs is told on after a reload, also to a key that may not watch', async () => {
  const page = await browser.open(server);
  await logIn(page, asker);
  await page.getByText('This key may not watch.').waitFor();
  await page.getByLabel('simple', { exact: true }).check({ force: true });
  await page.getByLabel('Your question').fill('Tell a slow story.');
  await page.getByLabel('Your question').press('Enter');
  const article = page.getByRole('article', { name: 'Question: Tell a slow story.' });
  await article.getByText('writes', { exact: true }).first().waitFor();
  await page.reload();
  await article.getByText('writes', { exact: true }).first().waitFor();
  await page.keyboard.press('Escape');
  await article.getByText('stopped', { exact: true }).first().waitFor();
  await page.context().close();
});

test('with another key in the same tab, what the first has asked is left out and blocks nothing', async () => {
  const page = await browser.open(server);
  await logIn(page, server.key);
  await ask(page, 'What is the capital of France?');
  await page.getByRole('link', { name: 'Settings' }).click();
  const keys = page.getByRole('region', { name: 'Keys' });
  // A logout that does not come through is said, to a screen reader also the second time.
  await page.route('**/api/v1/logout', (route) => route.abort());
  const status = page.getByRole('status');
  let before = '';
  for (let time = 0; time < 2; time += 1) {
    await keys.getByRole('button', { name: 'Log out' }).click();
    await keys.getByText('This browser is still logged in.').waitFor();
    await server.until(async () => (await status.textContent()) !== before);
    before = await status.textContent();
    assert.match(before, /^This browser is still logged in\. kai does not answer\./);
  }
  await page.unroute('**/api/v1/logout');
  await keys.getByRole('button', { name: 'Log out' }).click();
  await logIn(page, asker);
  await page.getByText(/^Left out: what was asked in this tab with another key/).waitFor();
  assert.equal(await page.getByRole('article').count(), 0);
  await accessible(page, 'ask, with what is left out');
  assert.match(await ask(page, 'And of Spain?'), /Paris/);
  const kept = await page.evaluate(() => JSON.parse(sessionStorage.getItem('kai.conversation')));
  assert.equal(kept.length, 1);
  await page.context().close();
});

test('after a restart it asks for the key again, and shows until then what it had', async () => {
  const page = await browser.open(server);
  await logIn(page, server.key);
  await ask(page, 'What is the capital of France?');
  await server.end();
  await page.getByText('kai does not answer.', { exact: true }).first().waitFor();
  await server.begin();
  await page.getByText('kai wants a key now.').first().waitFor();
  await server.until(async () => (await page.getByRole('status').textContent()) === 'kai wants a key now.');
  await page.getByText('Paris.').first().waitFor();
  await accessible(page, 'a login that has ended');
  await page.getByRole('link', { name: 'Log in' }).click();
  await logIn(page, server.key);
  await page.getByText('Paris.').first().waitFor();
  await page.context().close();
});
