// The page with real models: those that `make setup` brings.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { accessible, Browser, shoot } from './browser.mjs';
import { Server } from './server.mjs';

const models =
  process.env.KAI_TEST_MODELS ??
  join(process.env.XDG_DATA_HOME ?? join(homedir(), '.local/share'), 'kai/models');
const missing = existsSync(models) ? false : `no models in ${models}; make setup brings them`;

test('real models load, read, write and agree', { skip: missing }, async (context) => {
  const server = await Server.start({}, '', models);
  context.after(() => server.close());
  const browser = await Browser.start();
  context.after(() => browser.close());
  const page = await browser.open(server);
  page.setDefaultTimeout(120_000);
  await page.getByLabel('medium', { exact: true }).check({ force: true });
  await page.getByLabel('Deadline').selectOption('1 min');
  await page.getByLabel('Your question').fill('What is the capital of France?');
  await page.getByLabel('Your question').press('Enter');
  const article = page.getByRole('article');
  await article.getByRole('button', { name: 'Good' }).waitFor();
  assert.match(await article.locator('div.answer').innerText(), /Paris/);
  assert.match(await article.getByRole('figure').innerText(), /cpu/i);
  await article.getByText('The same in numbers').click();
  const loaded = await article.getByRole('row').nth(1).getByRole('cell').nth(4).innerText();
  assert.match(loaded, /\d (ms|s)/, 'its model was loaded');
  await shoot(page, 'starter');
  await page.getByRole('link', { name: 'Models' }).click();
  const card = page.getByRole('list', { name: 'Models' }).getByRole('article').first();
  const memory = card.getByText(/MB of weights on cpu/);
  const unload = card.getByRole('button', { name: /^Unload/ });
  const load = card.getByRole('button', { name: /^Load/ });
  await unload.or(load).waitFor();
  if (await load.isVisible()) await load.click();
  await unload.click();
  await card.getByText('It has left.').waitFor();
  await load.click();
  await card.getByText(/^Loaded in \d/).waitFor();
  await memory.waitFor();
  await accessible(page, 'models, loaded');
  await card.getByRole('button', { name: /^Test/ }).click();
  await card.getByText(/17 \+ 25: “/).waitFor();
  await page.getByRole('link', { name: 'Monitor', exact: true }).click();
  const happened = page.getByRole('region', { name: 'What happened' });
  const note = happened.getByRole('listitem').filter({ hasText: /was loaded on cpu in [\d.]+ s/ });
  await note.first().getByText('load', { exact: true }).waitFor();
  browser.check();
});

test('a model that the memory cannot hold is said not to fit', { skip: missing }, async (context) => {
  const server = await Server.start({}, '[cpu]\nmemory = "200MB"\n', models);
  context.after(() => server.close());
  const browser = await Browser.start();
  context.after(() => browser.close());
  const page = await browser.open(server, '/models');
  const whatIf = page.getByRole('region', { name: 'What if' });
  await whatIf.getByRole('checkbox', { name: /smollm2/ }).check();
  await whatIf.getByText('They fit.').waitFor();
  await whatIf.getByRole('checkbox', { name: /gemma3/ }).check();
  await whatIf.getByText('They do not fit.').waitFor();
  const words = await whatIf.innerText();
  assert.match(words, /gemma3:270m cannot be asked: needs 0\.\d GB, cpu has 0\.\d GB/);
  assert.match(words, /What would fit instead:\s+smollm2:135m/);
  assert.match(words, /cpu: \d+ MB of 200 MB at most, \d answers? at once/);
  await accessible(page, 'models, too large');
  await shoot(page, 'models-too-large');
  browser.check();
});
