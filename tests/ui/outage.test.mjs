// A model that fails again and again: out for a while, an alert that is pending, fires, and is past
// once the model answers again; and a GPU, as a library says that stands in for NVIDIA's. The alert's
// rule takes its time, 30 s until it fires and 60 s until it is over: this file takes about 100 s.
import assert from 'node:assert/strict';
import { dirname, join } from 'node:path';
import { before, test } from 'node:test';
import { accessible, Browser, closeAfter, shoot } from './browser.mjs';
import { decimals, plays } from './plays.mjs';
import { Server } from './server.mjs';

const model = 'cellar/broken:1b';
const ruleMs = 150_000; // that the alert takes at most, and a busy machine

let server, browser;
let broken = true;
const askIt = () => server.ask({ question: decimals, tier: 'simple', members: [model] });
before(async () => {
  const play = () => (broken ? { fail: 'the card is on fire', status: 500 } : { text: '9.9' });
  const libraries = process.env.LD_LIBRARY_PATH;
  process.env.LD_LIBRARY_PATH = join(dirname(process.env.KAI_BINARY), 'fake_nvml', 'new');
  server = await Server.start({ ...plays, cellar: { 'broken-1b': play } });
  if (libraries === undefined) delete process.env.LD_LIBRARY_PATH;
  else process.env.LD_LIBRARY_PATH = libraries;
  for (let asked = 0; asked < 20 && !(await isOut()); ++asked) await askIt();
  assert.ok(await isOut());
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

async function isOut() {
  const { models } = await server.api('GET', '/api/v1/models/health');
  return models.find(({ id }) => id === model).out !== null;
}

test('is out for a while, and its card says why; it is not offered to plan with', async () => {
  const page = await browser.open(server, '/models');
  const card = page.getByRole('article', { name: model });
  await card.getByText('out for a while').waitFor();
  await card.getByText(/^Failed on cellar \d+ times in a row, is tried again in \d+ s; the last: /).waitFor();
  await card.getByText('It failed too often: not asked for a while').waitFor();
  await card.getByText(/^cellar answers 500: .*the card is on fire/).first().waitFor();
  const well = page.getByRole('article', { name: /qwen3/ });
  await well.getByText('Asked as usual').waitFor();
  await well.getByText('No failure since kai was started').waitFor();
  await page.getByText(/^5 models, 1\s+cannot be asked\./).waitFor();
  const whatIf = page.getByRole('region', { name: 'What if' });
  await whatIf.getByRole('checkbox', { name: /qwen3/ }).waitFor();
  assert.equal(await whatIf.getByRole('checkbox', { name: /broken/ }).count(), 0);
  await accessible(page, 'models, a breaker open');
  await shoot(page, 'models-out');
  await page.context().close();
});

test('a GPU has its curves beside those of the processors', async () => {
  const page = await browser.open(server, '/monitor');
  const machine = page.getByRole('region', { name: 'The machine' });
  const told = (words) => machine.getByText(words).waitFor({ state: 'attached' });
  await told(/CPU: last \d+ %, .*GPU 0: last 37 %, from 37 % to 37 %/);
  await told(/RAM: last .*GPU 0: last 3\.0 GB, from 3\.0 GB to 3\.0 GB/);
  await told(/GPU 0: last 123 W, from 123 W to 123 W/);
  await shoot(page, 'monitor-gpu');
  await page.context().close();
});

test('its alert fires, can be silenced, and is a line in the curves of the monitor', async () => {
  const page = await browser.open(server, '/alerts');
  const alert = page.getByRole('article', { name: `ModelDown, model ${model}` });
  await alert.getByText('firing', { exact: true }).waitFor({ timeout: ruleMs });
  assert.match(await alert.innerText(), /critical[\s\S]*What to do: The page of models says how/);
  assert.ok(!(await alert.innerText()).includes('It is at'), 'a flag has no figure');
  // Everywhere, also to a screen reader, within the 15 s of its clock.
  await page.getByRole('link', { name: /^Alerts\s*, \d alerts? firing$/ }).waitFor();
  assert.match(await page.getByRole('link', { name: /^Alerts/ }).innerText(), /^Alerts\s*\(\d\)/);
  assert.match(await page.locator('.lead').innerText(), /^\d alerts? firing/);
  const rules = page.getByRole('region', { name: 'Rules' });
  const rule = rules.getByRole('listitem').filter({ hasText: 'ModelDown' });
  await rule.getByText('firing', { exact: true }).waitFor();
  await alert.getByLabel('How long to silence ModelDown').selectOption('for 8 h');
  await alert.getByRole('button', { name: 'Silence ModelDown' }).click();
  await alert.getByText('Silenced until').waitFor();
  const { alerts } = await server.api('GET', '/api/v1/alerts');
  const silenced = alerts.find(({ name }) => name === 'ModelDown');
  const hours = (Date.parse(silenced.silenced_until) - Date.now()) / 3_600_000;
  assert.ok(hours > 7.9 && hours < 8.1, silenced.silenced_until);
  await alert.getByText('firing', { exact: true }).waitFor(); // silence hides nothing
  await page.setViewportSize({ width: 360, height: 740 });
  const wide = await page.evaluate(() => document.documentElement.scrollWidth);
  assert.ok(wide <= 360, `${wide} wide, with the count of what fires`);
  await accessible(page, 'alerts, firing');
  await shoot(page, 'alerts-firing');
  await page.goto(`${server.url}/monitor`);
  const happened = page.getByRole('region', { name: 'What happened' });
  const note = happened.getByRole('listitem').filter({ hasText: `ModelDown of ${model} fires` });
  await note.getByText('alert', { exact: true }).waitFor();
  await page.waitForFunction(() => {
    // A column of one colour through the whole chart, in that of what is bad.
    const canvas = document.querySelector('section[aria-label="The machine"] canvas');
    const ink = canvas.getContext('2d', { willReadFrequently: true });
    ink.fillStyle = getComputedStyle(document.documentElement).getPropertyValue('--bad');
    const bad = [1, 3, 5].map((at) => parseInt(ink.fillStyle.slice(at, at + 2), 16));
    const { data, width, height } = ink.getImageData(0, 0, canvas.width, canvas.height);
    const isBad = (x, y) => bad.every((part, at) => Math.abs(data[(y * width + x) * 4 + at] - part) < 12);
    const tall = (x) => Array.from({ length: height }, (_, y) => y).filter((y) => isBad(x, y)).length;
    return Array.from({ length: width }, (_, x) => x).some((x) => tall(x) > height / 2);
  });
  await page.context().close();
});

test('once the model answers again, its breaker closes and the alert is past', async () => {
  broken = false;
  await askIt();
  assert.equal(await isOut(), false);
  const page = await browser.open(server, '/models');
  const card = page.getByRole('article', { name: model });
  await card.getByText('Asked as usual').waitFor();
  await card.getByText(/the card is on fire/).first().waitFor(); // how it failed last stays
  await page.goto(`${server.url}/alerts`);
  const past = page.getByRole('region', { name: 'Past alerts' });
  await past.getByText('No alert has fired and ended since the server was started.').waitFor();
  const row = past.getByRole('row').filter({ hasText: 'ModelDown' });
  await row.waitFor({ timeout: ruleMs });
  assert.match(await row.innerText(), new RegExp(`model ${model}[\\s\\S]*\\d+ s$`));
  assert.equal(await page.getByRole('article', { name: /^ModelDown/ }).count(), 0);
  await accessible(page, 'alerts, one past');
  await shoot(page, 'alerts-past');
  await page.context().close();
});
