// The line between page and server: slow, cut, shared by many tabs; servers that come back without
// an answer; clocks that differ.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, closeAfter } from './browser.mjs';
import { Server } from './server.mjs';

const counting = 'one two three four five six seven eight nine ten '.repeat(6);
// Endless ones are stopped, or their server is: on a busy machine that may take a while.
const plays = (question) => {
  if (question.startsWith('endless')) return { text: counting.repeat(40), first: 20, pace: 60 };
  if (question.startsWith('count')) return { text: counting, first: 20, pace: 60 };
  return { text: 'Paris.' };
};

let server, browser;
before(async () => {
  server = await Server.start({ desk: { alone: plays } });
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

async function ask(page, question) {
  await page.getByLabel('simple', { exact: true }).check({ force: true });
  await page.getByLabel('Your question').fill(question);
  await page.getByLabel('Your question').press('Enter');
  return articleOf(page, question);
}
const articleOf = (page, question) =>
  page.getByRole('article', { name: `Question: ${question}` }).last();
const over = (article) => article.getByRole('link', { name: 'Export' }).waitFor();
const begun = (article) => article.getByText('one two three').first().waitFor();

// What a browser does to a page whose tab is left, or come back to.
const setHidden = (page, hidden) =>
  page.evaluate((now) => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => now });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

async function saidAll(article) {
  const words = await article.locator('.answer .words').innerText();
  assert.equal(words.trim(), counting.trim());
}

// Answers `times` readings of questions with `status`; gives how many it has answered so.
async function refuse(page, status, times) {
  const refused = { count: 0 };
  await page.route('**/api/v1/queries/q_*', (route) => {
    if (route.request().method() !== 'GET' || refused.count >= times) return route.fallback();
    refused.count += 1;
    const error = { code: status === 404 ? 'not_found' : 'storage', message: 'not now' };
    return route.fulfill({ status, contentType: 'application/json', body: JSON.stringify({ error }) });
  });
  return refused;
}

test('a hidden tab lets go of the stream, and misses nothing once it is shown', async () => {
  const page = await browser.open(server);
  const question = 'count while nobody looks';
  const article = await ask(page, question);
  await begun(article);
  const [{ id }] = (await server.api('GET', '/api/v1/queries?limit=1')).queries;
  const gone = page.waitForEvent('requestfailed', (one) => one.url().includes('/api/v1/events'));
  await setHidden(page, true);
  await gone;
  await server.until(async () => (await server.api('GET', `/api/v1/queries/${id}`)).error === null);
  assert.equal(await article.getByRole('link', { name: 'Export' }).count(), 0);
  await setHidden(page, false);
  await over(article);
  await saidAll(article);
  await page.context().close();
});

test('more tabs than a browser has connections: the one that is shown works', async () => {
  const first = await browser.open(server);
  for (let tab = 0; tab < 7; tab += 1) {
    const page = await first.context().newPage();
    await page.goto(server.url);
    await page.getByText('kai chooses the members').waitFor();
    await setHidden(page, true);
  }
  const article = await ask(first, 'count among many');
  await over(article);
  await first.context().close();
});

test('over a slow line everything comes, later', async () => {
  const page = await browser.open(server);
  const line = await page.context().newCDPSession(page);
  const bytesPerSecond = 30 * 1024;
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 300,
    downloadThroughput: bytesPerSecond,
    uploadThroughput: bytesPerSecond,
  });
  await page.reload({ timeout: 60_000 });
  const article = await ask(page, 'count over a slow line');
  await over(article);
  await saidAll(article);
  await page.context().close();
});

test('a server that is back but cannot tell yet is asked again', async () => {
  const page = await browser.open(server);
  const article = await ask(page, 'endless until the end');
  await begun(article);
  const refused = await refuse(page, 503, 2);
  await server.end('SIGKILL');
  await server.begin();
  await article.getByText('kai was stopped while it answered this question').waitFor();
  assert.equal(refused.count, 2);
  await page.context().close();
});

test('one that the server does not know any more is said to be lost', async () => {
  const page = await browser.open(server);
  const article = await ask(page, 'endless for nothing');
  await begun(article);
  await refuse(page, 404, Infinity);
  await server.end('SIGKILL');
  await server.begin();
  await article.getByText('kai was stopped before it had kept this question').waitFor();
  await page.context().close();
});

test('a conversation outlives a reload, also where kai cannot tell of it at once', async () => {
  const page = await browser.open(server);
  const question = 'What is the capital of France?';
  await over(await ask(page, question));
  const refused = await refuse(page, 500, Infinity);
  await page.reload();
  await page.getByText('kai cannot tell of this question now.').waitFor();
  assert.ok(refused.count >= 2, `asked ${refused.count} times`);
  await page.unroute('**/api/v1/queries/q_*');
  await over(articleOf(page, question));
  // What is not kept any more is forgotten, and nothing else is.
  await over(await ask(page, 'And of Spain?'));
  const ids = () => page.evaluate(() => JSON.parse(sessionStorage.getItem('kai.conversation')));
  const [france] = await ids();
  await page.route(`**/api/v1/queries/${france}`, (route) =>
    route.fulfill({ status: 404, contentType: 'application/json', body: '{"error":{"code":"not_found","message":"gone"}}' }),
  );
  await page.reload();
  await over(articleOf(page, 'And of Spain?'));
  assert.equal(await page.getByRole('article').count(), 1);
  assert.equal((await ids()).length, 1);
  await page.context().close();
});

for (const hours of [-1, 1]) {
  test(`a clock that differs by ${hours} h changes neither times nor the deadline`, async () => {
    const page = await browser.open(server);
    await page.addInitScript((shift) => {
      const Real = Date;
      globalThis.Date = class extends Real {
        constructor(...parts) {
          if (parts.length > 0) super(...parts);
          else super(Real.now() + shift);
        }
        static now = () => Real.now() + shift;
      };
    }, hours * 3_600_000);
    await page.reload();
    await page.getByLabel('Deadline').selectOption('1 min');
    const question = `endless, with a clock that is ${hours < 0 ? 'behind' : 'ahead'}`;
    await ask(page, question);
    await begun(articleOf(page, question));
    await page.reload(); // also where it was asked before this page was there
    const article = articleOf(page, question);
    await begun(article);
    const figure = article.getByRole('figure', { name: 'Timeline of the members' });
    await figure.getByText('deadline at 60 s').waitFor();
    const bar = figure.locator('.bar.writing').first();
    const [left, width] = await bar.evaluate(({ style }) => [parseFloat(style.left), parseFloat(style.width)]);
    assert.ok(left >= 0 && width > 0 && left + width < 100, `${left} + ${width}`);
    const ticks = await figure.locator('.tick').allInnerTexts();
    const [, value, unit] = /^([\d.]+) (ms|s)$/.exec(ticks.at(-1));
    assert.ok(value * (unit === 's' ? 1 : 0.001) <= 60, ticks.join(' '));
    await page.keyboard.press('Escape');
    await over(article);
    await page.context().close();
  });
}
