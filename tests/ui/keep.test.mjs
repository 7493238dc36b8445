// Settings and Bench: what is configured and learned, and the runs of the benchmark that are kept.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { accessible, Browser, closeAfter, shoot } from './browser.mjs';
import { decimals, plays } from './plays.mjs';
import { run } from './run.mjs';
import { Server } from './server.mjs';

let server, browser;
before(async () => {
  server = await Server.start(plays, '[tiers.simple]\ntimeout = "17s"\n');
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

test('says what is configured and where it is from, and finds a setting', async () => {
  const page = await browser.open(server, '/settings');
  const all = page.getByRole('region', { name: 'Configuration' });
  await all.getByText('tiers.simple.timeout', { exact: true }).waitFor();
  assert.equal(await all.getByText('tiers.medium.timeout', { exact: true }).count(), 0);
  await all.getByRole('button', { name: /^Show all \d+$/ }).click();
  await all.getByText('tiers.medium.timeout', { exact: true }).waitFor();
  const first = all.locator('dl').first();
  await first.getByText('tiers.simple.timeout', { exact: true }).waitFor();
  const origins = await first.locator('.from').allInnerTexts();
  assert.ok(!origins.includes('default'), origins.join(', '));
  await page.keyboard.press('/');
  await page.keyboard.type('simple.timeout');
  await all.getByText('tiers.medium.timeout', { exact: true }).waitFor({ state: 'detached' });
  const row = all.locator('dl > div').filter({ hasText: 'tiers.simple.timeout' });
  assert.match(await row.innerText(), /17s[\s\S]*kai\.toml/);
  await all.getByRole('searchbox').fill('');
  await all.getByText('tiers.medium.timeout', { exact: true }).waitFor();
  await all.getByRole('button', { name: 'Show what is set alone' }).click();
  await all.getByText('tiers.medium.timeout', { exact: true }).waitFor({ state: 'detached' });
  await page.getByRole('button', { name: 'Read the files again' }).click();
  await page.getByText('Nothing has changed.').first().waitFor();
  await accessible(page, 'settings');
  await page.context().close();
});

test('what was learned is exported, and forgotten only after a second word', async () => {
  const { id } = await server.ask({ question: decimals, tier: 'expert' });
  await server.api('PUT', `/api/v1/queries/${id}/feedback`, { said: 'good' });
  await server.until(async () =>
    (await server.api('GET', '/api/v1/learned')).sheets.some(({ labels }) => labels > 0),
  );
  const page = await browser.open(server, '/settings');
  await page.getByText('You have judged 1 answer.').waitFor();
  await shoot(page, 'settings');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: 'Export' }).click(),
  ]);
  assert.equal(download.suggestedFilename(), 'kai-learned.json');
  await page.getByRole('button', { name: 'Forget …' }).click();
  const sheet = page.getByRole('dialog', { name: 'Forget what was learned' });
  await accessible(page, 'settings, forgetting');
  await sheet.getByRole('button', { name: 'Keep it' }).click();
  await sheet.waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.textContent), 'Forget …');
  await page.getByText('You have judged 1 answer.').waitFor();
  await page.getByRole('button', { name: 'Forget …' }).click();
  await page.getByRole('button', { name: 'Forget it' }).click();
  await page.getByText('Forgotten: the feedback on 1 answer').first().waitFor();
  await page.getByText('You have judged no answer yet.').waitFor();
  const { queries } = await server.api('GET', '/api/v1/queries');
  assert.equal(queries.length, 1, 'the history stays');
  await page.context().close();
});

test('shows the runs that are kept, kai against asking every model, and names what is no run', async () => {
  const page = await browser.open(server, '/bench');
  await page.getByText('No run yet').waitFor();
  await accessible(page, 'bench, empty');
  const folder = join(server.folder, 'data', 'bench');
  mkdirSync(folder);
  writeFileSync(join(folder, 'one.json'), JSON.stringify(run));
  writeFileSync(join(folder, 'broken.json'), '{"schema": "kai.bench-quality.v1"}');
  await page.reload();
  await page.getByText('4.0 times as fast as asking every model').waitFor();
  await page.getByText('broken.json').waitFor();
  const adaptive = page.getByRole('row', { name: /kai, adaptive/ });
  assert.match(await adaptive.innerText(), /80 %[\s\S]*60 % to 95 %[\s\S]*16 of 20/);
  const chart = page.getByRole('region', { name: 'Accuracy against time' }).getByRole('img');
  assert.match(await chart.getAttribute('aria-label'), /kai, adaptive: 80 % right in 1\.2 s/);
  assert.match(await page.getByRole('row', { name: /attic\/phi4/ }).innerText(), /\+3/);
  await page.getByText('Not known yet: that takes 30 to 40 judged answers').waitFor();
  const taken = async (name) => {
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: `Export ${name}` }).click();
    return download;
  };
  const whole = await taken('JSON');
  assert.equal(whole.suggestedFilename(), 'one.json');
  const { runs } = await server.api('GET', '/api/v1/bench');
  assert.deepEqual(JSON.parse(readFileSync(await whole.path(), 'utf8')), runs[0].document);
  const table = await taken('CSV');
  assert.equal(table.suggestedFilename(), 'one.csv');
  assert.match(readFileSync(await table.path(), 'utf8'), /^arm,right,accuracy,.*\r\nbest,13,0\.65,/);
  await accessible(page, 'bench');
  await shoot(page, 'bench');
  await page.context().close();
});

test('once enough answers were judged it shows how sure kai was, and how often it was right', async () => {
  for (let number = 1; number <= 36; number += 1) {
    const { id } = await server.ask({ question: `What is the capital of land ${number}?`, tier: 'medium' });
    const said = number % 4 === 0 ? 'bad' : 'good';
    await server.api('PUT', `/api/v1/queries/${id}/feedback`, { said });
  }
  await server.until(async () =>
    (await server.api('GET', '/api/v1/learned')).sheets.some(({ reliability }) => reliability.length > 0),
  );
  const page = await browser.open(server, '/bench');
  const diagram = page.getByRole('region', { name: 'Reliability' }).getByRole('img');
  await diagram.waitFor();
  assert.match(await diagram.getAttribute('aria-label'), /of \d+ answers called \d+ % sure \d+ % were right/);
  await accessible(page, 'bench, calibrated');
  await shoot(page, 'bench-calibrated');
  await page.goto(`${server.url}/settings`);
  await page.getByRole('cell', { name: /^calibrated on \d+ answers/ }).waitFor();
  await page.context().close();
});

test('older questions are shown when they are asked for, behind the others', async () => {
  const page = await browser.open(server);
  await page.route('**/api/v1/queries?*', (route) => {
    const url = new URL(route.request().url());
    url.searchParams.set('limit', '10'); // pages that are soon full
    return route.continue({ url: url.href });
  });
  await page.getByRole('link', { name: 'History' }).click();
  const rows = page.getByRole('list', { name: 'Questions' }).getByRole('listitem');
  await rows.nth(9).waitFor();
  assert.equal(await rows.count(), 10);
  const first = await rows.first().innerText();
  await page.getByRole('button', { name: 'Show older ones' }).press('Enter');
  await rows.nth(19).waitFor();
  assert.equal(await rows.count(), 20);
  assert.equal(await rows.first().innerText(), first);
  await page.context().close();
});

test('the focus goes to the place that is entered, and to what is left of a form', async () => {
  const page = await browser.open(server, '/history');
  await page.getByRole('link', { name: /capital of land 36/ }).first().press('Enter');
  const opener = page.getByRole('button', { name: 'The right answer is …' });
  await opener.waitFor();
  await page.waitForFunction(() => document.activeElement.id === 'content');
  await opener.press('Enter');
  await page.getByLabel('The right answer', { exact: true }).fill('Paris');
  await page.getByRole('button', { name: 'Keep' }).press('Enter');
  await page.getByText('Kept: kai learns from it.').waitFor();
  await page.waitForFunction(() => document.activeElement.textContent.includes('The right answer is …'));
  await page.context().close();
});
