// Few models and many, and a history that an older kai kept.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { after, afterEach, before, test } from 'node:test';
import { accessible, Browser, fitsAPhone, rooms, shoot } from './browser.mjs';
import { decimals, plays } from './plays.mjs';
import { Server } from './server.mjs';

let browser;
before(async () => {
  browser = await Browser.start();
});
after(() => browser?.close());
afterEach(() => browser.check());

const still = '[learning]\nfull_share = 0.0\norder_share = 0.0\n';

test('twenty models are listed, planned with by the dozen, and asked', async () => {
  const twenty = {};
  for (let count = 1; count <= 20; count += 1) {
    twenty[`model${count}-7b`] = () => ({ text: count % 5 === 0 ? '9.11' : 'The answer is 9.9.' });
  }
  const server = await Server.start({ farm: twenty }, still);
  const page = await browser.open(server, '/models');
  const list = page.getByRole('list', { name: 'Models' });
  await list.getByRole('article').nth(19).waitFor();
  const names = await list.getByRole('article').evaluateAll((all) => all.map(({ ariaLabel }) => ariaLabel));
  const numbers = names.map((name) => Number(/model(\d+)/.exec(name)[1]));
  assert.deepEqual(numbers, Array.from({ length: 20 }, (_, index) => index + 1));
  await page.getByText('20 models').waitFor();
  const boxes = page.getByRole('region', { name: 'What if' }).getByRole('checkbox');
  assert.equal(await boxes.count(), 20);
  for (let box = 0; box < 12; box += 1) await boxes.nth(box).check();
  assert.equal(await page.getByRole('checkbox', { disabled: true }).count(), 8, 'twelve at most');
  await page.getByRole('figure', { name: 'The plan' }).waitFor();
  await accessible(page, 'models, twenty');
  await shoot(page, 'models-twenty');
  await page.getByRole('link', { name: 'Ask', exact: true }).click();
  await page.getByLabel('expert', { exact: true }).check({ force: true });
  await page.getByLabel('Your question').fill(decimals);
  await page.getByLabel('Your question').press('Enter');
  const article = page.getByRole('article');
  await article.getByRole('button', { name: 'Good' }).waitFor();
  assert.match(await article.innerText(), /\d+ of \d+ agree/);
  await accessible(page, 'ask, twenty');
  await shoot(page, 'ask-twenty');
  await page.context().close();
  await fitsAPhone(browser, server);
  await server.close();
});

test('one model is asked several times, which is not called confirmed', async () => {
  const server = await Server.start({ desk: { 'only-1b': plays.desk['gemma3-4b'] } }, still);
  const page = await browser.open(server);
  await page.getByLabel('Your question').fill(decimals);
  await page.getByLabel('Your question').press('Enter');
  const article = page.getByRole('article');
  await article.getByRole('button', { name: 'Good' }).waitFor();
  assert.match(await article.innerText(), /9\.9/);
  assert.match(await article.innerText(), /([23]) of \1 answers agree, all by one model: confirmed by no other/);
  await accessible(page, 'ask, one model');
  await shoot(page, 'ask-one');
  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByText('1 model.').waitFor();
  await page.getByRole('checkbox', { name: /only/ }).check();
  await page.getByText('They fit.').waitFor();
  await accessible(page, 'models, one');
  await page.context().close();
  await server.close();
});

test('a question of 10,000 characters is shown by its beginning, on a phone too', async () => {
  const server = await Server.start(plays, still);
  const words = `Which is larger, 9.11 or 9.9? ${'A word or two more. '.repeat(500)}`.slice(0, 10_000).trim();
  const asked = await server.ask({ question: words, tier: 'simple' });
  const other = await server.ask({ question: decimals, tier: 'simple' });
  const page = await browser.open(server, `/history/${asked.id}`, { viewport: { width: 360, height: 740 } });
  const heading = page.getByRole('heading', { level: 1 });
  await heading.waitFor();
  const height = async () => (await heading.boundingBox()).height;
  const wide = () => page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok((await height()) < 350, `${await height()} px`);
  assert.ok((await page.getByRole('article').getAttribute('aria-label')).length < 150);
  assert.ok((await page.title()).length < 80);
  await accessible(page, 'a long question');
  await shoot(page, 'past-long');
  await page.setViewportSize({ width: 360, height: 740 });
  await page.getByRole('button', { name: /^Show all/ }).click();
  assert.equal((await heading.textContent()).length, words.length);
  assert.ok((await wide()) <= 360);
  await page.getByRole('button', { name: 'Show less' }).click();
  assert.ok((await height()) < 350);
  await page.goto(`${server.url}/history/${asked.id}/${other.id}`);
  const head = page.getByRole('columnheader').first();
  await head.waitFor();
  assert.ok((await head.innerText()).length < 150);
  assert.ok((await wide()) <= 360);
  await page.goto(`${server.url}/history`);
  await page.getByRole('link', { name: decimals }).last().waitFor();
  assert.ok((await wide()) <= 360);
  await page.context().close();
  await server.close();
});

test('one that was asked in full to learn says so', async () => {
  const server = await Server.start(plays, '[learning]\nfull_share = 1.0\norder_share = 0.0\n');
  const asked = await server.ask({ question: decimals });
  assert.equal(asked.asked_why, 'asked in full, to learn when to stop');
  const page = await browser.open(server, `/history/${asked.id}`);
  await page.getByText('Asked in full, to learn when to stop.', { exact: true }).waitFor();
  await page.context().close();
  await server.close();
});

test('without a model that can be asked every room says so', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'kai-ui-models-'));
  writeFileSync(join(folder, 'torn.gguf'), 'This is no model at all.');
  const server = await Server.start({}, '', folder);
  const page = await browser.open(server);
  await page.getByText('There is no model to ask.').waitFor();
  await shoot(page, 'ask-none');
  await page.getByRole('link', { name: 'Models' }).click();
  await page.getByText('1 model, 1 cannot be asked.').waitFor();
  const torn = page.getByRole('article', { name: /torn/ });
  await torn.getByText('cannot be asked').waitFor();
  assert.equal(await torn.getByRole('button').count(), 0);
  await page.getByText('No model can be asked').waitFor();
  await accessible(page, 'models, none');
  await page.getByRole('link', { name: 'Monitor' }).click();
  await page.getByText('No model was asked in this time.').waitFor();
  await accessible(page, 'monitor, none');
  await page.getByRole('link', { name: 'Settings' }).click();
  await page.getByText('You have judged no answer yet.').waitFor();
  await accessible(page, 'settings, none');
  await page.context().close();
  await fitsAPhone(browser, server);
  await server.close();
  rmSync(folder, { recursive: true });
});

// What the first version did not have yet.
const asTheFirstVersion = `
  DROP TRIGGER questions_come; DROP TRIGGER questions_go; DROP TRIGGER questions_change;
  DROP TABLE questions_text; DROP TABLE question_models;
  DROP TABLE questions_unread;
  DROP INDEX questions_confidence; ALTER TABLE questions DROP COLUMN confidence;
  DROP TABLE metric_rollups; DROP TABLE annotations;
  DROP TABLE learned; DROP TABLE device_speeds; DROP TABLE deaths; DROP INDEX questions_answered;
  ALTER TABLE cost_cards DROP COLUMN spread; ALTER TABLE questions DROP COLUMN shape;
  ALTER TABLE questions DROP COLUMN feedback; PRAGMA user_version = 1`;

test('what an older kai kept is found, opened, and judged', async () => {
  const server = await Server.start(plays, still);
  const { id } = await server.ask({ question: decimals, tier: 'expert' });
  await server.end();
  const file = new DatabaseSync(join(server.folder, 'data', 'kai.db'));
  file.exec(asTheFirstVersion);
  file.close();
  await server.begin();
  const page = await browser.open(server, '/history?search=larger');
  await page.getByRole('link', { name: decimals }).click();
  const article = page.getByRole('article', { name: `Question: ${decimals}` });
  await article.getByText('9.9').first().waitFor();
  assert.equal(new URL(page.url()).pathname, `/history/${id}`);
  await article.getByRole('button', { name: 'Good' }).click();
  await server.until(async () =>
    (await server.api('GET', '/api/v1/learned')).sheets.some(({ labels }) => labels > 0),
  );
  for (const path of ['/models', '/monitor', '/bench', '/settings']) {
    await page.goto(server.url + path);
    await rooms[path](page).waitFor();
    assert.equal(await page.getByRole('alert').count(), 0, path);
  }
  await page.getByText('You have judged 1 answer.').waitFor();
  await page.context().close();
  await server.close();
});
