// The page over what long use leaves behind: 30 days of measurements, 100,000 questions.
import { execFileSync } from 'node:child_process';
import { Server } from '../../tests/ui/server.mjs';
import { atMost, median } from './figures.mjs';

const models = 12;

const plays = { desk: { 'qwen3-8b': () => ({ text: 'Paris.' }) } };

const filledWith = (...how) =>
  Server.start(plays, '', undefined, (folder) =>
    execFileSync(process.env.KAI_BENCH_FILL, [folder, ...how.map(String)], { stdio: 'inherit' }),
  );

// From the press of "30 days" to the frame in which every curve of it is drawn.
export async function rollups(browser, small) {
  const rounds = small ? 2 : 10;
  const server = await filledWith('--models', models);
  const context = await browser.chromium.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    // When the page has read an answer, which is when it draws.
    const json = Response.prototype.json;
    window.read = [];
    Response.prototype.json = async function () {
      const value = await json.call(this);
      window.read.push(this.url);
      return value;
    };
  });
  await page.goto(`${server.url}/monitor`);
  const group = page.getByRole('region', { name: 'Models' });
  const times = [];
  for (let round = 0; round < rounds; round += 1) {
    await page.getByRole('button', { name: '24 h', exact: true }).click();
    await group.locator('canvas').nth(2 * models - 1).waitFor();
    times.push(await page.evaluate(shown));
    const alert = page.getByRole('alert');
    if ((await alert.count()) > 0) throw new Error(await alert.first().innerText());
    await group.locator('canvas').nth(2 * models - 1).waitFor();
  }
  await context.close();
  await server.close();
  const beside = `${models} models; slowest of ${rounds}: ${Math.round(Math.max(...times))} ms`;
  return [atMost('30 days of roll-ups shown', median(times), 'ms', 300, beside)];
}

async function shown() {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const groups = 3; // requests: questions, machine, models
  const button = [...document.querySelectorAll('button')].find((one) => one.innerText === '30 days');
  window.read = [];
  const begun = performance.now();
  button.click();
  while (window.read.filter((url) => url.includes('from=-2592000')).length < groups) await frame();
  await frame(); // the one with the last of them
  return performance.now() - begun;
}

// From the last letter of a search to the frame that shows what was found.
export async function history(browser, small) {
  const rounds = small ? 1 : 5;
  const questions = small ? 2000 : 100_000;
  const searches = ['w1', 'w15000', 'w10 w200', 'w150', 'w3 w7 w12'];
  const server = await filledWith('--questions', questions);
  const context = await browser.chromium.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(`${server.url}/history`);
  await page.getByRole('listitem').first().waitFor();
  const slowest = { ms: 0 };
  for (const words of searches) {
    const times = [];
    for (let round = 0; round < rounds; round += 1) {
      times.push(await page.evaluate(found, words));
      await page.evaluate(found, '');
    }
    const ms = median(times);
    if (ms > slowest.ms) Object.assign(slowest, { ms, words });
  }
  await context.close();
  await server.close();
  const what = `history of ${questions} questions: search to result`;
  const beside = `the slowest of ${searches.length} searches: "${slowest.words}"`;
  return [atMost(what, slowest.ms, 'ms', 200, beside)];
}

async function found(words) {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const field = document.querySelector('input[type="search"]');
  const list = () => document.querySelector('ul[aria-label="Questions"]');
  field.value = words;
  const begun = performance.now();
  field.dispatchEvent(new Event('input', { bubbles: true }));
  const asked = () => (new URLSearchParams(location.search).get('search') ?? '') === words;
  while (!asked()) await frame();
  const nothing = () => document.body.innerText.includes('Nothing fits this search.');
  while (list()?.ariaBusy !== 'false' && !nothing()) {
    if (document.querySelector('[role="alert"]')) throw new Error('the search failed');
    if (performance.now() - begun > 60_000) throw new Error(`"${words}" was not found`);
    await frame();
  }
  return performance.now() - begun;
}
