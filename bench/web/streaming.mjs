// The page while models write: how busy its main thread is, and what an hour of it leaves behind.
import { Server } from '../../tests/ui/server.mjs';
import { atMost } from './figures.mjs';
import { Rerun, record } from './rerun.mjs';

const perSecond = 40; // tokens of each model
const plan = { engines: 3, models: 4 }; // of each engine, which answers four at once

// Models that write for so long, each its own words.
function writers(seconds) {
  const tokens = seconds * perSecond;
  const play = (name) => (question) => ({
    text: Array.from({ length: tokens }, (_, at) => `${name}-${question.length}-${at}`).join(' '),
    first: 200,
    // A timer of Node's comes a little late, each time.
    pace: 1000 / perSecond - 1.1,
  });
  const engines = {};
  for (let engine = 0; engine < plan.engines; engine += 1) {
    const names = Array.from({ length: plan.models }, (_, at) => `m${engine * plan.models + at}-7b`);
    engines[`engine${engine}`] = Object.fromEntries(names.map((name) => [name, play(name)]));
  }
  return engines;
}
const asking = async (server) => ({
  members: (await server.api('GET', '/api/v1/models')).models.map(({ id }) => id),
  mode: 'all',
  deadline_ms: 120_000,
});

export async function streaming(browser, small) {
  const seconds = small ? 3 : 15;
  const server = await Server.start(writers(seconds));
  const context = await browser.chromium.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.addInitScript(() => {
    window.long = [];
    const note = (list) => window.long.push(...list.getEntries().map(({ startTime, duration }) => ({ startTime, duration })));
    new PerformanceObserver(note).observe({ type: 'longtask', buffered: true });
  });
  await page.goto(server.url);
  await page.getByText('kai chooses the members').waitFor();
  const tools = await context.newCDPSession(page);
  await tools.send('Performance.enable');
  const measured = async () => {
    const { metrics } = await tools.send('Performance.getMetrics');
    return Object.fromEntries(metrics.map(({ name, value }) => [name, value]));
  };
  const question = 'Explain at length how the tides come about.';
  // As somebody asks it in this page: with its members ticked.
  await page.getByText('kai chooses the members').click();
  for (const box of await page.locator('.members input').all()) await box.check();
  await page.getByLabel('expert', { exact: true }).check({ force: true });
  await page.getByLabel('Deadline').selectOption('5 min');
  await page.getByLabel('Your question').fill(question);
  await page.evaluate(() => (window.loaded = performance.now()));
  await page.getByLabel('Your question').press('Enter');
  await page.waitForFunction(
    (all) => [...document.querySelectorAll('.doing')].filter(({ innerText }) => innerText === 'writes').length === all,
    plan.engines * plan.models,
  );
  const before = await measured();
  await new Promise((done) => setTimeout(done, (seconds - 2) * 1000));
  const after = await measured();
  const writing = await page.locator('.doing', { hasText: 'writes' }).count();
  await page.getByRole('link', { name: 'Export' }).waitFor({ timeout: 120_000 });
  const { queries } = await server.api('GET', '/api/v1/queries?limit=1');
  const { members } = await server.api('GET', `/api/v1/queries/${queries[0].id}`);
  const long = await page.evaluate(() => window.long.filter((task) => task.startTime >= window.loaded));
  await context.close();
  await server.close();
  const rates = members.map(({ tokens_per_second }) => tokens_per_second);
  const share = (name) => ((after[name] - before[name]) / (after.Timestamp - before.Timestamp)) * 100;
  const parts = ['ScriptDuration', 'LayoutDuration', 'RecalcStyleDuration'].map(
    (name) => `${name.replace('Duration', '').toLowerCase()} ${share(name).toFixed(1)}`,
  );
  const pace = `${Math.round(Math.min(...rates))} to ${Math.round(Math.max(...rates))} tokens/s`;
  return [
    atMost(
      `${members.length} models writing at ${pace}: main thread busy`,
      share('TaskDuration'), '%', 25, `${parts.join(', ')}; ${writing} still wrote at the end`,
    ),
    atMost(
      'longest task from asking to the answer',
      Math.max(0, ...long.map(({ duration }) => duration)), 'ms', 50, `${long.length} over 50 ms`,
    ),
  ];
}

// An hour of the same, one question behind the other, thirty times as fast as it was.
export async function hour(browser, small) {
  const seconds = small ? 3 : 20;
  const length = (small ? 60 : 3600) * 1000;
  const speed = 30;
  const server = await Server.start(writers(seconds));
  const recorded = await record(server, { question: 'Explain the tides.', tier: 'expert', ...(await asking(server)) });
  const rerun = await Rerun.of(server, recorded);
  const context = await browser.chromium.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  await page.goto(rerun.url);
  await page.getByText('kai chooses the members').waitFor();
  const tools = await context.newCDPSession(page);
  const heap = async () => {
    // The first leaves what finalisers held.
    for (let time = 0; time < 2; time += 1) await tools.send('HeapProfiler.collectGarbage');
    return (await tools.send('Runtime.getHeapUsage')).usedSize;
  };
  const before = await heap();
  const told = await rerun.play(length, speed);
  const toldIn = told.seconds;
  const begun = performance.now();
  await page.getByRole('link', { name: rerun.lastWords }).waitFor({ timeout: 600_000 });
  const behind = (performance.now() - begun) / 1000;
  const after = await heap();
  await context.close();
  await rerun.close();
  await server.close();
  const what = `${told.events} events of ${Math.round(length / 60_000)} min in ${Math.round(toldIn)} s: heap`;
  const beside = `${(before / 1e6).toFixed(1)} MB before; ${told.questions} questions; the page was ${behind.toFixed(1)} s behind at the end`;
  return [atMost(what, (after - before) / 1e6, 'MB', 10, beside)];
}
