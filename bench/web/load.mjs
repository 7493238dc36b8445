// How much is fetched until the page can be used, and how long that takes.
import { createServer } from 'node:http';
import { Server } from '../../tests/ui/server.mjs';
import { atMost, median } from './figures.mjs';

const plays = { desk: { 'qwen3-8b': () => ({ text: 'Paris.' }), 'gemma3-4b': () => ({ text: 'Paris.' }) } };

// Everything that the page asks for before it is used, but for what the API tells.
export async function firstLoad(browser) {
  const server = await Server.start(plays);
  const context = await browser.chromium.newContext();
  const page = await context.newPage();
  const paths = new Set();
  page.on('request', (request) => {
    const { pathname } = new URL(request.url());
    if (!pathname.startsWith('/api/')) paths.add(pathname);
  });
  await page.goto(server.url);
  await page.getByLabel('Your question').waitFor();
  await page.getByText('kai chooses the members').waitFor(); // what the API tells is there too
  let bytes = 0;
  for (const path of paths) bytes += await sizeOf(server, path);
  await context.close();
  await server.close();
  return [atMost('page, script and style, gzip', bytes / 1024, 'KiB', 100, `${paths.size} files`)];
}

// As it comes over the line: fetch() would unpack it.
async function sizeOf(server, path) {
  const headers = { 'accept-encoding': 'gzip', accept: path === '/' ? 'text/html' : '*/*' };
  const response = await fetch(server.url + path, { method: 'HEAD', headers });
  const length = Number(response.headers.get('content-length'));
  if (!response.ok || !length) throw new Error(`${path}: ${response.status}, ${length} bytes`);
  return length;
}

// In a browser that runs, in a context that knows nothing of the page: from going there to the first
// paint, and to the question box that takes words. An empty page's beside it, in turns.
export async function paint(browser, small) {
  const rounds = small ? 2 : 10;
  const server = await Server.start(plays);
  const empty = createServer((_, response) => {
    response.setHeader('content-type', 'text/html');
    response.end('<!doctype html><html lang="en"><title>Empty</title><p>Empty.</p></html>');
  });
  await new Promise((done) => empty.listen(0, '127.0.0.1', done));
  const emptyUrl = `http://127.0.0.1:${empty.address().port}/`;
  const times = { paint: [], usable: [], empty: [] };
  for (let round = 0; round < rounds; round += 1) {
    const its = await opened(browser, server.url, true);
    times.paint.push(its.paint);
    times.usable.push(its.usable);
    times.empty.push((await opened(browser, emptyUrl, false)).paint);
  }
  await new Promise((done) => empty.close(done));
  await server.close();
  const bare = median(times.empty);
  const beside = `an empty page's first paint: ${Math.round(bare)} ms`;
  // Either is enough: a slow machine paints an empty page late too.
  const figure = (what, value, most) => {
    const one = atMost(what, value, 'ms', most, beside);
    return { ...one, reach: `<= ${most} or +100`, met: one.met || value <= bare + 100 };
  };
  return [
    figure(`first paint, median of ${rounds}`, median(times.paint), 150),
    figure(`usable, median of ${rounds}`, median(times.usable), 300),
  ];
}

async function opened(browser, url, isKai) {
  const context = await browser.chromium.newContext({ viewport: { width: 1280, height: 900 } });
  const page = await context.newPage();
  // The box gets the focus once everything about it works.
  await page.addInitScript(() => {
    addEventListener('focusin', ({ target }) => {
      if (target.id === 'question') window.usableAt ??= performance.now();
    });
  });
  await page.goto(url);
  const found = await page.waitForFunction((wanted) => {
    const first = performance.getEntriesByName('first-paint')[0];
    if (!first || (wanted && window.usableAt === undefined)) return false;
    return { paint: first.startTime, usable: window.usableAt ?? 0 };
  }, isKai);
  const times = await found.jsonValue();
  await context.close();
  return times;
}
