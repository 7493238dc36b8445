// Models: each with what is known of it, a test of one, and whether a set of them fits.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { accessible, Browser, cardOf, closeAfter, shoot } from './browser.mjs';
import { decimals, plays } from './plays.mjs';
import { Server } from './server.mjs';

let server, browser;
before(async () => {
  // What the room itself asks of one, it answers well at first.
  let tested = 0;
  const gemma = (question) =>
    question.includes('17 + 25') ? { text: tested++ === 0 ? '42' : '43' } : plays.desk['gemma3-4b'](question);
  server = await Server.start(
    {
      ...plays,
      desk: { ...plays.desk, 'gemma3-4b': gemma },
      cellar: { 'broken-1b': () => ({ fail: 'the card is on fire' }) },
    },
    '[learning]\nfull_share = 0.0\norder_share = 0.0\n',
  );
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

test('shows every model with its device, speed, skill, votes and last failure', async () => {
  await server.ask({ question: decimals, tier: 'expert' });
  await server.ask({ question: decimals, tier: 'simple', members: ['cellar/broken:1b'] });
  const page = await browser.open(server, '/models');
  await cardOf(page, 'qwen3').waitFor();
  assert.equal(await page.getByRole('list', { name: 'Models' }).getByRole('listitem').count(), 5);
  const text = await cardOf(page, 'qwen3').innerText();
  assert.match(text, /on an engine/);
  assert.match(text, /t\/s written/);
  assert.match(text, /number\s*\d+ %/);
  await cardOf(page, 'broken').getByText('on fire').waitFor();
  // One question, for which the only model was asked three times.
  await cardOf(page, 'broken')
    .getByText(/Asked for 3 answers in the last day,\s+3 failed or late/)
    .waitFor();
  assert.match(await page.getByRole('region', { name: 'Devices' }).innerText(), /cellar/);
  await accessible(page, 'models');
  await page.context().close();
});

test('tests one model, and says each time what it answered', async () => {
  const page = await browser.open(server, '/models');
  await cardOf(page, 'gemma3').getByRole('button', { name: /^Test/ }).click();
  await cardOf(page, 'gemma3').getByText('17 + 25: “42”').waitFor();
  assert.match(await page.getByRole('status').textContent(), /gemma3.*42/);
  await cardOf(page, 'gemma3').getByRole('button', { name: /^Test/ }).click();
  await cardOf(page, 'gemma3').getByText('17 + 25: “43”').waitFor();
  await cardOf(page, 'gemma3').getByRole('link', { name: 'See it' }).click();
  const article = page.getByRole('article', { name: /^Question: What is 17 \+ 25\?/ });
  await article.locator('.answer').getByText('43').first().waitFor();
  assert.match(new URL(page.url()).pathname, /^\/history\/q_/);
  await page.context().close();
});

test('the planner says at once whether a set fits, by keyboard alone', async () => {
  const page = await browser.open(server, '/models');
  const whatIf = page.getByRole('region', { name: 'What if' });
  await whatIf.getByText('No model is chosen yet.').waitFor();
  await whatIf.getByRole('checkbox', { name: /qwen3/ }).focus();
  await page.keyboard.press('Space');
  await whatIf.getByText('They fit.').waitFor();
  await whatIf.getByRole('checkbox', { name: /phi4/ }).press('Space');
  await whatIf.getByRole('figure', { name: 'The plan' }).getByText(/phi4/).waitFor();
  await accessible(page, 'models, planned');
  await shoot(page, 'models');
  await whatIf.getByRole('textbox', { name: 'Question' }).fill('');
  await whatIf.getByText('Write a question to plan for.').waitFor();
  await page.context().close();
});

test('what was planned of another set is not shown for this one', async () => {
  const page = await browser.open(server, '/models');
  const whatIf = page.getByRole('region', { name: 'What if' });
  await whatIf.getByRole('checkbox', { name: /qwen3/ }).check();
  await whatIf.getByText('They fit.').waitFor();
  let go;
  const held = new Promise((done) => (go = done));
  await page.route('**/api/v1/plan', async (route) => {
    await held;
    await route.fallback();
  });
  await whatIf.getByRole('checkbox', { name: /phi4/ }).check();
  await whatIf.getByText('Planning …').waitFor();
  assert.equal(await whatIf.getByText('They fit.').count(), 0);
  go();
  await whatIf.getByText('They fit.').waitFor();
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.context().close();
});

test('a model that goes out after it was chosen can be given up; nothing is planned at each letter', async () => {
  const page = await browser.open(server, '/models');
  const whatIf = page.getByRole('region', { name: 'What if' });
  await whatIf.getByRole('checkbox', { name: /qwen3/ }).check();
  await whatIf.getByText('They fit.').waitFor();
  let plans = 0;
  page.on('request', (request) => (plans += request.url().endsWith('/api/v1/plan') ? 1 : 0));
  const words = ' How high are they, and why not the same everywhere?';
  await whatIf.getByRole('textbox', { name: 'Question' }).pressSequentially(words);
  const planned = await page.waitForResponse((response) => response.url().endsWith('/api/v1/plan'));
  assert.ok(planned.ok());
  assert.ok(plans < words.length / 2, `${plans} plans for ${words.length} letters`);
  // Nor whenever it is heard how the models do.
  const before = plans;
  for (let heard = 0; heard < 2; ++heard) {
    await page.waitForResponse((response) => response.url().endsWith('/api/v1/models/health'));
  }
  assert.equal(plans, before);
  await page.route('**/api/v1/models/health', async (route) => {
    const response = await route.fetch();
    const told = await response.json();
    for (const one of told.models) if (one.id.includes('qwen3')) one.out = 'It has failed often.';
    await route.fulfill({ response, json: told });
  });
  await whatIf.getByText('(out for a while)').waitFor();
  await accessible(page, 'models, one out');
  await whatIf.getByRole('checkbox', { name: /qwen3/ }).click(); // it is gone at once
  await whatIf.getByText('No model is chosen yet.').waitFor();
  assert.equal(await whatIf.getByRole('checkbox', { name: /qwen3/ }).count(), 0);
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.context().close();
});

// What the server would say of a machine that has them: no test machine has a GPU to split with.
test('a model that two devices share says how much of it each of them holds', async () => {
  const page = await browser.open(server, '/settings');
  const told = (path, change) =>
    page.route(`**${path}`, async (route) => {
      const response = await route.fetch();
      const said = await response.json();
      change(said);
      await route.fulfill({ response, json: said });
    });
  const parts = [
    { device: 'gpu0', bytes: 3_000_000_000 },
    { device: 'cpu', bytes: 1_000_000_000 },
  ];
  await told('/api/v1/models', ({ models }) => {
    const split = models.find(({ id }) => id.includes('qwen3'));
    split.loaded = parts;
  });
  await told('/api/v1/devices', ({ devices }) => {
    const [engine] = devices;
    const device = (id, kind) => ({ ...engine, id, kind, name: id, capacity_bytes: 8_000_000_000 });
    devices.push(device('gpu0', 'gpu'), device('cpu', 'cpu'));
  });
  await page.getByRole('link', { name: 'Models' }).click();
  const card = cardOf(page, 'qwen3');
  await card.getByText(/^3\.0 GB of weights on gpu0\s+\(75 %\)$/).waitFor();
  await card.getByText(/^1\.0 GB of weights on cpu\s+\(25 %\)$/).waitFor();
  await card.getByText('loaded', { exact: true }).waitFor();
  for (const gigabytes of ['3.0 GB', '1.0 GB']) {
    await page.getByText(`${gigabytes} of 8.0 GB: desk/qwen3:8b ${gigabytes}`).waitFor();
  }
  await accessible(page, 'models, one split');
  await shoot(page, 'models-split');
  await page.unrouteAll({ behavior: 'ignoreErrors' });
  await page.context().close();
});

test('what belongs to an engine of others is not loaded here, and says so', async () => {
  const loading = await server.api('POST', '/api/v1/models/load', { model: 'desk/qwen3:8b' });
  assert.equal(loading.error.code, 'invalid_request');
  assert.match(loading.error.message, /engine of others/);
  const nobody = await server.api('POST', '/api/v1/models/unload', { model: 'nobody' });
  assert.equal(nobody.error.code, 'not_found');
  const wrong = await server.api('POST', '/api/v1/models/load', { name: 'desk/qwen3:8b' });
  assert.match(wrong.error.message, /name/);
});
