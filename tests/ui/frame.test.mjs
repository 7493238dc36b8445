// The page around its rooms: how it is served, navigation, keys, theme, and what it does when the
// server goes and comes back.
import assert from 'node:assert/strict';
import { after, afterEach, before, test } from 'node:test';
import { accessible, Browser, fitsAPhone, shoot } from './browser.mjs';
import { plays } from './plays.mjs';
import { Server } from './server.mjs';

let server, browser;
before(async () => {
  server = await Server.start(plays);
  browser = await Browser.start();
});
after(async () => {
  await browser?.close();
  await server?.close();
});
afterEach(() => browser.check());

const heading = (page, name) => page.getByRole('heading', { name, level: 1 });

test('every address inside the page opens its room, and others say so', async () => {
  const page = await browser.open(server, '/history');
  await heading(page, 'History').waitFor();
  await page.getByRole('link', { name: 'Ask', exact: true }).click();
  await page.getByLabel('Your question').waitFor();
  assert.equal(new URL(page.url()).pathname, '/');
  await page.goBack();
  await heading(page, 'History').waitFor();
  await page.goto(`${server.url}/nowhere`);
  await heading(page, 'Nothing here').waitFor();
  await accessible(page, 'nothing here');
  await page.context().close();
});

test('is sent once, and then only asked whether it is the same', async () => {
  const page = await browser.open(server);
  await page.getByLabel('Your question').waitFor();
  const again = await page.reload();
  assert.equal(again.headers()['content-security-policy'].split(';')[0], "default-src 'self'");
  const script = await page.locator('script[src]').getAttribute('src');
  const kept = await fetch(server.url + script);
  assert.match(kept.headers.get('cache-control'), /immutable/);
  const tag = (await fetch(server.url, { headers: { accept: 'text/html' } })).headers.get('etag');
  const same = await fetch(server.url, { headers: { accept: 'text/html', 'if-none-match': tag } });
  assert.equal(same.status, 304);
  await page.context().close();
});

test('is at most 100 KiB as it is sent, before a formula or code appears', async () => {
  const page = await browser.open(server);
  await page.getByLabel('Your question').waitFor();
  const sent = await page.evaluate(() =>
    ['navigation', 'resource']
      .flatMap((kind) => performance.getEntriesByType(kind))
      .filter(({ name }) => !name.includes('/api/'))
      .map(({ name, encodedBodySize }) => [name, encodedBodySize]),
  );
  const total = sent.reduce((sum, [, bytes]) => sum + bytes, 0);
  assert.ok(sent.length >= 3 && total > 10_000 && total <= 100 * 1024, JSON.stringify(sent));
  await page.context().close();
});

test('goes everywhere by keyboard alone', async () => {
  const page = await browser.open(server, '/history');
  await heading(page, 'History').waitFor();
  await page.keyboard.press('Tab');
  await page.keyboard.press('Enter'); // past the navigation
  assert.equal(await page.evaluate(() => document.activeElement.id), 'content');
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await page.getByLabel('Your question').waitFor();
  await page.getByLabel('Your question').blur();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys' });
  await help.waitFor();
  assert.match(await help.textContent(), /Go to History/);
  await accessible(page, 'help');
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  await page.keyboard.press('Control+k');
  await page.keyboard.type('hist');
  await accessible(page, 'palette');
  await page.keyboard.press('Enter');
  await heading(page, 'History').waitFor();
  await page.context().close();
});

test('the palette brings what was typed into the question box, or into the search', async () => {
  const page = await browser.open(server, '/monitor');
  await heading(page, 'Monitor').waitFor();
  const typed = 'Is 5 < 7 & "so" on?';
  let asked = 0;
  page.on('request', (request) => (asked += request.url().endsWith('/api/v1/queries') ? 1 : 0));
  await page.keyboard.press('Control+k');
  await page.keyboard.type(typed);
  await page.getByRole('option', { name: `Ask “${typed}”`, selected: true }).waitFor();
  await page.keyboard.press('Enter');
  const field = page.getByLabel('Your question');
  await field.waitFor();
  await page.waitForFunction(() => document.activeElement.id === 'question');
  assert.equal(await field.inputValue(), typed);
  assert.equal(new URL(page.url()).search, '', 'a reload brings it no second time');
  assert.equal(asked, 0, 'an address asks nothing by itself');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('capital');
  await page.keyboard.press('ArrowDown');
  await page.getByRole('option', { name: /^Search the history/, selected: true }).waitFor();
  await page.keyboard.press('Enter');
  await heading(page, 'History').waitFor();
  assert.equal(new URL(page.url()).search, '?search=capital');
  await page.keyboard.press('g');
  await page.keyboard.press('a');
  await field.fill(typed);
  await field.press('Enter');
  await page.getByRole('article', { name: `Question: ${typed}` }).waitFor();
  assert.equal(asked, 1);
  await page.context().close();
});

// An animation and a transition as any room might have them, begun; how many of them run.
const running = (page) =>
  page.evaluate(() => {
    const { sheet } = document.querySelector('link[rel=stylesheet]');
    sheet.insertRule('@keyframes probing { to { opacity: 0.5 } }', 0);
    sheet.insertRule('.probe { animation: probing 1s infinite; transition: width 1s }', 1);
    const probe = document.querySelector('main').appendChild(document.createElement('p'));
    probe.className = 'probe';
    probe.style.width = '10px';
    void probe.offsetWidth;
    probe.style.width = '20px';
    void probe.offsetWidth;
    return document.getAnimations().length;
  });

test('whoever wants less motion gets none, and a clock that moves once a second', async () => {
  const lively = await browser.open(server, '/', { reducedMotion: 'no-preference' });
  await lively.getByLabel('Your question').waitFor();
  assert.equal(await running(lively), 2, 'they would run');
  await lively.context().close();
  const page = await browser.open(server, '/', { reducedMotion: 'reduce' });
  await page.getByLabel('simple', { exact: true }).check({ force: true });
  await page.getByLabel('Your question').fill('Tell a slow story.');
  await page.keyboard.press('Enter');
  const article = page.getByRole('article', { name: 'Question: Tell a slow story.' });
  await article.getByText('writes', { exact: true }).first().waitFor();
  assert.equal(await running(page), 0);
  const pauses = await article.locator('.agreement .time').evaluate(
    (clock) =>
      new Promise((done) => {
        const moved = [];
        new MutationObserver(() => {
          moved.push(performance.now());
          if (moved.length === 4) done(moved.slice(1).map((at, index) => at - moved[index]));
        }).observe(clock, { subtree: true, childList: true, characterData: true });
      }),
  );
  assert.ok(Math.min(...pauses) > 800, `moved after ${pauses.map(Math.round).join(', ')} ms`);
  await page.keyboard.press('Escape');
  await article.getByText('stopped', { exact: true }).first().waitFor();
  await page.context().close();
});

test('is light or dark as the system is, until the user chooses', async () => {
  const page = await browser.open(server, '/', { colorScheme: 'dark' });
  const theme = () => page.evaluate(() => document.documentElement.dataset.theme);
  await page.getByRole('button', { name: 'Light theme' }).waitFor();
  assert.equal(await theme(), 'dark');
  await page.getByRole('button', { name: 'Light theme' }).click();
  assert.equal(await theme(), 'light');
  await page.reload();
  await page.getByRole('button', { name: 'Dark theme' }).waitFor();
  assert.equal(await theme(), 'light');
  await page.context().close();
});

test('says when the server is gone, and goes on when it is back', async () => {
  const page = await browser.open(server);
  await page.getByRole('button', { name: 'Ask' }).waitFor();
  await server.end('SIGKILL');
  await page.getByText('kai does not answer.', { exact: true }).first().waitFor();
  await shoot(page, 'gone');
  await server.begin();
  await page.getByText('kai does not answer.', { exact: true }).first().waitFor({ state: 'detached' });
  assert.equal(await page.getByRole('status').textContent(), 'kai is back.');
  await page.getByLabel('Your question').fill('What is the capital of France?');
  await page.keyboard.press('Enter');
  await page.getByRole('button', { name: 'Good' }).waitFor();
  await page.context().close();
});

const returning = [
  ['History', (page) => page.getByRole('link', { name: /capital of France/ }).first()],
  ['Settings', (page) => page.getByRole('region', { name: 'Configuration' })],
];
for (const [name, told] of returning) {
  test(`what ${name} could not ask while the server was gone it asks once it is back`, async () => {
    const page = await browser.open(server);
    const go = (room) => page.getByRole('link', { name: room, exact: true }).click();
    await go(name); // so that the browser has its files
    await told(page).waitFor();
    await go('Ask');
    await server.end('SIGKILL');
    await page.getByText('kai does not answer.', { exact: true }).first().waitFor();
    await go(name);
    const failure = page.getByRole('alert').filter({ hasText: 'Is `kai serve` still running?' });
    await failure.waitFor();
    assert.equal(await told(page).count(), 0);
    await server.begin();
    await told(page).waitFor();
    await failure.waitFor({ state: 'detached' });
    await page.context().close();
  });
}

test('on a phone every room fits, says where it is, and is accessible', async () => {
  await fitsAPhone(browser, server, (page, path) => accessible(page, `${path}, on a phone`));
});

test('a window that becomes narrower keeps the room in sight', async () => {
  const page = await browser.open(server, '/settings');
  await heading(page, 'Settings').waitFor();
  await page.setViewportSize({ width: 360, height: 740 });
  await page.waitForFunction(() => {
    const here = document.querySelector('nav [aria-current]').getBoundingClientRect();
    const row = document.querySelector('nav').getBoundingClientRect();
    return here.left >= row.left - 1 && here.right <= row.right + 1;
  });
  await page.context().close();
});
