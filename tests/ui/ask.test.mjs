// Ask: a question from the box to the answer, stopped, gone on with, judged, asked again, and found
// again after a reload.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { accessible, Browser, closeAfter, shoot } from './browser.mjs';
import { decimals, plays, tides } from './plays.mjs';
import { Server } from './server.mjs';

let server, browser;
before(async () => {
  // Nobody is asked in full or in another order now and then: what is shown is to be known.
  server = await Server.start(plays, '[learning]\nfull_share = 0.0\norder_share = 0.0\n');
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

async function ask(page, question, tier = 'auto') {
  await page.getByLabel(tier, { exact: true }).check({ force: true });
  await page.getByLabel('Your question').fill(question);
  await page.getByLabel('Your question').press('Enter');
  const article = page.getByRole('article', { name: `Question: ${question}` }).last();
  await article.waitFor();
  return article;
}
const over = (article) => article.getByRole('button', { name: 'Good' }).waitFor();

test('shows the models at work, then the answer, who agrees, and who does not', async () => {
  const page = await browser.open(server);
  await page.getByText('Many models, one answer.').waitFor();
  await accessible(page, 'ask, empty');
  await shoot(page, 'ask-empty');
  const article = await ask(page, decimals, 'expert');
  await article.getByRole('figure', { name: 'Timeline of the members' }).waitFor();
  await over(article);
  const text = await article.innerText();
  assert.match(text, /9\.9/);
  assert.match(text, /Tier expert/);
  assert.match(text, /agree/);
  assert.match(await page.getByRole('status').textContent(), /^Answer ready/);
  await accessible(page, 'ask, answered');
  await shoot(page, 'ask-answer');
  await page.context().close();
});

test('an open answer is written at once, and confirmed or revised', async () => {
  const page = await browser.open(server);
  const article = await ask(page, tides, 'medium');
  await article.getByText('First answer, still being checked').waitFor();
  await article.getByText('Moon’s gravity').or(article.getByText("Moon's gravity")).first().waitFor();
  await shoot(page, 'ask-draft');
  await over(article);
  assert.equal(await article.getByText('still being checked').count(), 0);
  assert.ok((await article.locator('.answer strong').count()) > 0, 'Markdown is shown as such');
  await page.context().close();
});

test('what a model writes is shown as it comes', async () => {
  const page = await browser.open(server);
  const article = await ask(page, 'Tell a slow story, bit by bit.', 'simple');
  const said = article.getByRole('tabpanel').locator('.words');
  await said.getByText(/word/).first().waitFor();
  const length = async () => (await said.innerText()).length;
  let before = await length();
  for (let more = 0; more < 3; more += 1) {
    await server.until(async () => (await length()) > before);
    before = await length();
  }
  await article.getByText('writes', { exact: true }).first().waitFor(); // and is not at its end
  await page.keyboard.press('Escape');
  await article.getByText('stopped', { exact: true }).first().waitFor();
  await page.context().close();
});

test('Esc stops a question, and what was written stays', async () => {
  const page = await browser.open(server);
  const article = await ask(page, 'Tell a slow story.', 'simple');
  await article.getByText('writes', { exact: true }).first().waitFor();
  await page.keyboard.press('Escape');
  await article.getByText('stopped', { exact: true }).first().waitFor();
  await page.getByRole('button', { name: 'Ask', exact: true }).waitFor();
  const { queries } = await server.api('GET', '/api/v1/queries?limit=1');
  assert.equal(queries[0].ending, 'cancelled');
  await page.context().close();
});

test('a question that runs is shown again after a reload, and its words only once', async () => {
  const page = await browser.open(server);
  await ask(page, 'Tell a slow story again.', 'simple');
  await page.getByText('writes', { exact: true }).first().waitFor();
  await page.reload();
  const article = page.getByRole('article', { name: 'Question: Tell a slow story again.' });
  await article.getByText('writes', { exact: true }).first().waitFor();
  assert.equal(await page.getByRole('article').count(), 1);
  await page.keyboard.press('Escape');
  await article.getByText('stopped', { exact: true }).first().waitFor();
  await page.context().close();
});

test('a conversation goes on, with what was said before', async () => {
  const page = await browser.open(server);
  await over(await ask(page, 'What is the capital of France?', 'simple'));
  await over(await ask(page, 'And how do the tides of its coast come about?', 'simple'));
  const asked = Object.values(server.engines).flatMap((engine) => engine.asked);
  const last = asked.findLast(({ messages }) => messages.at(-1).content.includes('tides of its'));
  assert.ok(JSON.stringify(last.messages).includes('Paris'), JSON.stringify(last.messages));
  assert.equal(await page.getByRole('article').count(), 2);
  await page.getByRole('button', { name: 'New conversation' }).click();
  assert.equal(await page.getByRole('article').count(), 0);
  await page.context().close();
});

test('Enter twice asks once, and what is written meanwhile stays', async () => {
  const page = await browser.open(server);
  let asked = 0;
  let go;
  const held = new Promise((done) => (go = done));
  await page.route('**/api/v1/queries', async (route) => {
    asked += 1;
    await held;
    await route.continue();
  });
  const field = page.getByLabel('Your question');
  const sent = page.waitForRequest('**/api/v1/queries');
  await field.fill('What is the capital of France?');
  await field.press('Enter');
  await sent;
  await field.press('Enter');
  await field.pressSequentially(' And of Spain?');
  go();
  await over(page.getByRole('article', { name: 'Question: What is the capital of France?' }));
  assert.equal(await field.inputValue(), 'What is the capital of France? And of Spain?');
  assert.equal(await page.getByRole('article').count(), 1);
  assert.equal(asked, 1);
  await page.context().close();
});

test('leaving Ask and coming back while a conversation is read doubles nothing', async () => {
  const page = await browser.open(server);
  await over(await ask(page, 'What is the capital of France?', 'simple'));
  let go;
  const held = new Promise((done) => (go = done));
  await page.route('**/api/v1/queries/q_*', async (route) => {
    await held;
    await route.continue();
  });
  await page.reload();
  await page.getByRole('link', { name: 'Models', exact: true }).click();
  await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Ask', exact: true }).click();
  const field = page.getByLabel('Your question');
  await field.fill('And how do the tides of its harbours come about?');
  await field.press('Enter'); // before what was said is there again
  go();
  await over(page.getByRole('article', { name: /tides of its harbours/ }));
  assert.equal(await page.getByRole('article').count(), 2);
  const asked = Object.values(server.engines).flatMap((engine) => engine.asked);
  const last = asked.findLast(({ messages }) => messages.at(-1).content.includes('its harbours'));
  assert.ok(JSON.stringify(last.messages).includes('Paris'), JSON.stringify(last.messages));
  await page.context().close();
});

test('feedback, the right answer, copy, export and asking again', async () => {
  const page = await browser.open(server);
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  const article = await ask(page, 'What is the capital of Gaul?', 'simple');
  await over(article);
  await article.getByRole('button', { name: 'Good' }).click();
  await article.getByText('Kept: kai learns from it.').waitFor();
  await article.getByRole('button', { name: 'The right answer' }).click();
  await article.getByRole('textbox', { name: 'The right answer' }).fill('Lutetia');
  await article.getByRole('button', { name: 'Keep' }).click();
  await article.getByRole('textbox', { name: 'The right answer' }).waitFor({ state: 'detached' });
  await page.reload(); // the server has it
  await article.getByRole('button', { name: 'The right answer', pressed: true }).click();
  assert.equal(await article.getByRole('textbox', { name: 'The right answer' }).inputValue(), 'Lutetia');
  assert.equal(await article.getByRole('button', { name: 'Good', pressed: true }).count(), 0);
  await article.getByRole('button', { name: 'Copy' }).click();
  await article.getByText('Copied').waitFor();
  assert.match(await page.evaluate(() => navigator.clipboard.readText()), /Paris/);
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    article.getByRole('link', { name: 'Export' }).click(),
  ]);
  assert.match(download.suggestedFilename(), /^q_.*\.json$/);
  await article.getByLabel('Tier to ask again as').selectOption('complex');
  assert.equal(await page.getByRole('article').count(), 1, 'a choice alone asks nothing');
  await article.getByRole('button', { name: 'Ask again as' }).click();
  await page.getByRole('article').nth(1).getByText('Tier complex').waitFor();
  await over(page.getByRole('article').nth(1));
  await page.context().close();
});

test('what is judged in the history is so in a conversation too, however much was asked since', async () => {
  const page = await browser.open(server);
  await over(await ask(page, 'What is the capital of Burgundy?', 'simple'));
  const { queries } = await server.api('GET', '/api/v1/queries?limit=1');
  // More than the page keeps of others.
  for (let other = 0; other < 26; other += 1) {
    await server.ask({ question: `What is the capital of land ${other}?`, tier: 'simple' });
  }
  await page.getByRole('link', { name: 'History' }).click();
  await page.getByRole('link', { name: 'What is the capital of land 25?' }).waitFor();
  await page.getByLabel('Search questions and answers').fill('Burgundy');
  await page.getByRole('link', { name: 'What is the capital of Burgundy?' }).click();
  await page.waitForURL(`**/history/${queries[0].id}`);
  await page.getByRole('button', { name: 'Good' }).click();
  await page.getByText('Kept: kai learns from it.').waitFor();
  await page.getByRole('link', { name: 'Ask', exact: true }).click();
  await page.getByRole('button', { name: 'Good', pressed: true }).waitFor();
  await page.context().close();
});

test('exactly the members that were chosen are asked', async () => {
  const page = await browser.open(server);
  await page.getByText('kai chooses the members').click();
  await page.getByLabel('attic/phi4', { exact: false }).first().check();
  await page.getByLabel('desk/qwen3', { exact: false }).first().check();
  await page.getByLabel('Deadline').selectOption('20 s');
  const article = await ask(page, 'What is the capital of Gallia?', 'medium');
  await over(article);
  const { queries } = await server.api('GET', '/api/v1/queries?limit=1');
  const document = await server.api('GET', `/api/v1/queries/${queries[0].id}`);
  assert.equal(document.query.models.length, 2);
  assert.equal(document.query.time_limit_ms, 20_000);
  await page.context().close();
});

test('what is being written is there again after another room, and a replay is no turn of its own', async () => {
  const page = await browser.open(server);
  const article = await ask(page, 'What is the capital of Aquitaine?', 'simple');
  await over(article);
  await article.getByLabel('Tier to ask again as').selectOption('medium');
  await article.getByRole('button', { name: 'Ask again as' }).click();
  await over(page.getByRole('article').nth(1));
  const field = page.getByLabel('Your question');
  const planned = page.waitForRequest('**/api/v1/plan');
  await field.fill('And how do the tides of its beaches come about?');
  const sent = (await planned).postDataJSON();
  assert.equal(sent.messages.length, 3, 'it is planned with what was said before, once');
  await page.getByLabel('Deadline').selectOption('20 s');
  await page.getByRole('link', { name: 'Models', exact: true }).click();
  await page.getByRole('heading', { name: 'Models', level: 1 }).waitFor();
  await page.getByRole('link', { name: 'Ask', exact: true }).click();
  assert.equal(await field.inputValue(), 'And how do the tides of its beaches come about?');
  assert.equal(await page.getByLabel('Deadline').inputValue(), '20000');
  await field.press('Enter');
  await over(page.getByRole('article', { name: /tides of its beaches/ }));
  const asked = Object.values(server.engines).flatMap((engine) => engine.asked);
  const last = asked.findLast(({ messages }) => messages.at(-1).content.includes('its beaches'));
  const users = last.messages.filter(({ role }) => role === 'user');
  assert.equal(users.length, 2, JSON.stringify(last.messages));
  await page.context().close();
});

test('a chosen model that has left the list is not asked', async () => {
  const page = await browser.open(server);
  let { models } = await server.api('GET', '/api/v1/models');
  let seq = 0;
  await page.route('**/api/v1/events*', (route) => {
    const told = { type: 'snapshot', seq: ++seq, models, devices: [], events: [] };
    return route.fulfill({
      contentType: 'text/event-stream',
      body: `id: ${seq}\ndata: ${JSON.stringify(told)}\n\n`,
    });
  });
  await page.reload();
  await page.getByText('kai chooses the members').click();
  await page.getByLabel('desk/qwen3', { exact: false }).first().check();
  await page.getByLabel('attic/phi4', { exact: false }).first().check();
  await page.getByText('2 members', { exact: true }).waitFor();
  models = models.filter(({ id }) => !id.includes('phi4'));
  await page.getByText('1 member', { exact: true }).waitFor();
  const planned = page.waitForRequest('**/api/v1/plan');
  await page.getByLabel('Your question').fill('What is the capital of the sea?');
  assert.deepEqual((await planned).postDataJSON().members, ['desk/qwen3:8b']);
  await page.context().close();
});

test('Esc that ends an input method stops no question', async () => {
  const page = await browser.open(server);
  const article = await ask(page, 'Tell a slow story of the sea.', 'simple');
  await article.getByText('writes', { exact: true }).first().waitFor();
  const stops = [];
  page.on('request', (request) => request.method() === 'DELETE' && stops.push(request.url()));
  await page.getByLabel('Your question').evaluate((field) => {
    const key = { key: 'Escape', isComposing: true, bubbles: true, cancelable: true };
    field.dispatchEvent(new KeyboardEvent('keydown', key));
  });
  await page.evaluate(() => fetch('/api/v1/access')); // so that a request before this one is told
  assert.deepEqual(stops, []);
  await page.keyboard.press('Escape');
  await article.getByText('stopped', { exact: true }).first().waitFor();
  assert.equal(stops.length, 1);
  await page.context().close();
});

test('a digit opens what that model wrote, and what was opened stays open with the answer', async () => {
  const page = await browser.open(server);
  const article = await ask(page, tides, 'medium');
  await article.getByText('First answer, still being checked').waitFor();
  await article.getByRole('tab').nth(1).click(); // somebody reads in it
  await over(article);
  await article.getByRole('tabpanel').waitFor();
  await page.reload();
  await over(article);
  await article.getByRole('tabpanel').waitFor({ state: 'hidden' });
  await page.getByRole('heading', { name: tides }).click(); // out of the question box
  await page.keyboard.press('2');
  await article.getByRole('tabpanel').getByText('on ').first().waitFor();
  assert.equal(await article.getByRole('tab').nth(1).getAttribute('aria-selected'), 'true');
  await page.context().close();
});
