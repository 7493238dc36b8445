// Monitor and Alerts: what questions and the machine did over time; what has become worse.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { accessible, Browser, closeAfter, shoot } from './browser.mjs';
import { decimals, plays } from './plays.mjs';
import { Server } from './server.mjs';

let server, browser;
before(async () => {
  server = await Server.start({ ...plays, cellar: { 'broken-1b': () => ({ fail: 'no' }) } });
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

const hasFocus = (page, name) =>
  page.waitForFunction((now) => document.activeElement?.getAttribute('aria-label') === now, name);

test('shows questions, the machine and each model over time, on one crosshair', async () => {
  const { id } = await server.ask({ question: decimals, tier: 'expert' });
  await server.api('PUT', `/api/v1/queries/${id}/feedback`, { said: 'bad' });
  const page = await browser.open(server, '/monitor');
  const questions = page.getByRole('region', { name: 'Questions' });
  await questions.getByText('Response time', { exact: true }).waitFor();
  await questions.locator('canvas').first().waitFor();
  await page.getByText('question', { exact: true }).locator('..').getByText('1', { exact: true }).waitFor();
  // As a screen reader has it.
  await questions.getByText(/bad: last 1, from 1 to 1/).waitFor({ state: 'attached' });
  await page.getByRole('region', { name: 'Models' }).getByRole('article', { name: /qwen3/ }).waitFor();
  await page.getByRole('region', { name: 'What happened' }).getByText('kai was started').waitFor();
  // The same place in two charts.
  const busy = page.getByRole('region', { name: 'The machine' }).locator('.u-over').first();
  await busy.hover({ position: { x: 150, y: 40 } });
  const at = (over) => over.locator('.u-cursor-x').evaluate((line) => line.style.transform);
  assert.notEqual(await at(busy), '');
  assert.notEqual(await at(questions.locator('.u-over').first()), '');
  // When, beside the values.
  await questions.locator('.moment').filter({ hasText: /\d\d:\d\d:\d\d/ }).first().waitFor();
  const models = page.getByRole('region', { name: 'Model by model' });
  assert.match(await models.getByRole('row', { name: /qwen3/ }).innerText(), /asked as usual[\s\S]*t\/s[\s\S]*100 %/);
  await accessible(page, 'monitor');
  await shoot(page, 'monitor');
  await page.context().close();
});

test('charts follow the theme', async () => {
  const page = await browser.open(server, '/monitor', { colorScheme: 'light' });
  const canvas = page.getByRole('region', { name: 'The machine' }).locator('canvas').first();
  await canvas.waitFor();
  // Whether its grid has the colour that the page has for one.
  const ruled = () =>
    canvas.evaluate((drawn) => {
      const rule = getComputedStyle(document.documentElement).getPropertyValue('--rule').trim();
      const [red, green, blue] = rule.match(/[0-9a-f]{2}/g).map((part) => Number.parseInt(part, 16));
      const { data } = drawn.getContext('2d').getImageData(0, 0, drawn.width, drawn.height);
      let pixels = 0;
      for (let at = 0; at < data.length; at += 4) {
        const opaque = data[at + 3] === 255;
        if (opaque && data[at] === red && data[at + 1] === green && data[at + 2] === blue) pixels += 1;
      }
      return pixels > drawn.width; // several lines of it
    });
  await server.until(ruled);
  for (const theme of ['dark', 'light', 'dark']) {
    await page.getByRole('button', { name: new RegExp(`^${theme} theme`, 'i') }).click();
    await page.waitForFunction((now) => document.documentElement.dataset.theme === now, theme);
    await server.until(ruled);
  }
  await page.context().close();
});

test('goes from 15 minutes to 30 days, and its address says which', async () => {
  const page = await browser.open(server, '/monitor');
  for (const [name, seconds] of [['24 h', 86_400], ['30 days', 2_592_000]]) {
    const asked = page.waitForRequest((request) => request.url().includes(`from=-${seconds}`));
    await page.getByRole('button', { name }).press('Enter');
    await asked;
    assert.equal(await page.getByRole('button', { name }).getAttribute('aria-pressed'), 'true');
    assert.equal(new URL(page.url()).search, `?span=${seconds}`);
  }
  await page.reload();
  await page.getByRole('button', { name: '30 days', pressed: true }).waitFor();
  await page.context().close();
});

test('a rule that is quiet can be silenced, says so, and be told again, by keyboard alone', async () => {
  const page = await browser.open(server, '/alerts');
  const rule = page.getByRole('listitem').filter({ hasText: 'VRAMNearFull' });
  await rule.locator('summary').press('Enter');
  await rule.getByRole('button', { name: 'Silence VRAMNearFull' }).press('Enter');
  await rule.getByText('Silenced until').waitFor();
  await rule.getByText('quiet, silenced').waitFor();
  await hasFocus(page, 'Tell again of VRAMNearFull');
  await page.keyboard.press('Enter');
  await rule.getByRole('button', { name: 'Silence VRAMNearFull' }).waitFor();
  await hasFocus(page, 'Silence VRAMNearFull');
  assert.equal(await rule.getByText('quiet, silenced').count(), 0);
  await page.context().close();
});

test('over a line slower than its clock the monitor comes all the same', async () => {
  const page = await browser.open(server, '/monitor');
  await page.getByRole('region', { name: 'What happened' }).waitFor(); // its files are there
  await page.getByRole('link', { name: 'Alerts' }).click();
  await page.getByText('QueryErrorsHigh').first().waitFor();
  const line = await page.context().newCDPSession(page);
  await line.send('Network.enable');
  await line.send('Network.emulateNetworkConditions', {
    offline: false,
    latency: 3000, // a tick is 2 s
    downloadThroughput: -1,
    uploadThroughput: -1,
  });
  await page.getByRole('link', { name: 'Monitor' }).click();
  await page.getByText('Reading …').waitFor();
  await page.getByRole('region', { name: 'What happened' }).waitFor({ timeout: 20_000 });
  await page.context().close();
});

test('Pause holds the curves still until it is pressed again', async () => {
  const page = await browser.open(server, '/monitor');
  await page.clock.install();
  await page.reload();
  await page.getByRole('region', { name: 'What happened' }).waitFor();
  let asked = 0;
  page.on('request', (request) => (asked += request.url().includes('/metrics/history') ? 1 : 0));
  const pause = page.getByRole('button', { name: 'Pause' });
  await pause.press('Enter');
  assert.equal(await pause.getAttribute('aria-pressed'), 'true');
  await page.clock.runFor(10_000); // five ticks
  assert.equal(asked, 0);
  await pause.press('Enter');
  await page.waitForResponse((response) => response.url().includes('/metrics/history'));
  asked = 0;
  const next = page.waitForRequest((request) => request.url().includes('/metrics/history'));
  await page.clock.runFor(5000);
  await next;
  await page.context().close();
});

test('an alert is shown with its curve, and silenced until it is told again', async () => {
  const calm = await browser.open(server, '/alerts');
  await calm.getByText('All is well: no rule is met.').waitFor();
  await calm.getByText('QueryErrorsHigh').click();
  await calm.getByText('Met above 5 %').waitFor();
  await calm.getByText('The history says how each of them ended').waitFor();
  await accessible(calm, 'alerts, calm');
  await calm.context().close();
  // More than one in twenty of at least ten questions without an answer.
  for (let count = 0; count < 12; count += 1) {
    await server.ask({ question: decimals, tier: 'simple', members: ['cellar/broken:1b'] });
  }
  await server.until(async () => {
    const told = await server.api('GET', '/api/v1/metrics/history?series=alert_value&from=-86400');
    const at = told.series.findIndex(({ label }) => label === 'QueryErrorsHigh');
    return at >= 0 && told.data[at + 1].some((value) => value > 0.05);
  });
  const page = await browser.open(server, '/alerts');
  const alert = page.getByRole('article', { name: /QueryErrorsHigh/ });
  await alert.getByText('pending', { exact: true }).waitFor();
  const curve = alert.getByRole('figure');
  await curve.getByText(/measured: last \d+ %, .*met above: last 5 %/).waitFor({ state: 'attached' });
  await alert.getByRole('button', { name: 'Silence QueryErrorsHigh' }).press('Enter');
  await alert.getByText('Silenced until').waitFor();
  assert.equal(await page.getByRole('status').textContent(), 'QueryErrorsHigh is silenced.');
  await hasFocus(page, 'Tell again of QueryErrorsHigh');
  await accessible(page, 'alerts, pending');
  await shoot(page, 'alerts');
  await alert.getByRole('button', { name: 'Tell again of QueryErrorsHigh' }).click();
  await alert.getByRole('button', { name: 'Silence QueryErrorsHigh' }).waitFor();
  await page.context().close();
});
