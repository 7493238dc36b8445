// The page around its rooms: how it is served, navigation, keys, and what it does when the server
// goes and comes back.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { accessible, Browser, closeAfter, fitsAPhone, heading, shoot } from './browser.mjs';
import { plays } from './plays.mjs';
import { Server } from './server.mjs';

let server, browser;
before(async () => {
  server = await Server.start(plays);
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

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
  await page.goto(`${server.url}/history/%`); // no escape
  await page.getByRole('link', { name: '← History' }).waitFor();
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
  // Shift+Enter is a line of the question, and asks nothing.
  await page.getByLabel('Your question').fill('one');
  await page.getByLabel('Your question').press('Shift+Enter');
  await page.keyboard.type('two');
  assert.equal(await page.getByLabel('Your question').inputValue(), 'one\ntwo');
  assert.equal(await page.getByRole('article').count(), 0);
  await page.getByLabel('Your question').fill('');
  await page.getByLabel('Your question').blur();
  await page.keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys' });
  await help.waitFor();
  assert.match(await help.textContent(), /Go to History/);
  await accessible(page, 'help');
  await page.keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  for (const [letter, room] of Object.entries({ m: 'Models', o: 'Monitor', l: 'Alerts', b: 'Bench', s: 'Settings' })) {
    await page.keyboard.press('g');
    await page.keyboard.press(letter);
    await heading(page, room).waitFor();
    await page.waitForFunction(() => document.activeElement.id === 'content');
  }
  await page.getByRole('button', { name: 'Help' }).focus();
  await page.keyboard.press('Control+k');
  const palette = page.getByRole('dialog', { name: 'Go to' });
  await palette.waitFor();
  await page.keyboard.press('Escape');
  await palette.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement.getAttribute('aria-label') === 'Help');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('light');
  await page.keyboard.press('Enter'); // nowhere else
  await palette.waitFor({ state: 'detached' });
  await page.waitForFunction(() => document.activeElement.getAttribute('aria-label') === 'Help');
  await page.keyboard.press('Control+k');
  await page.keyboard.type('hist');
  await accessible(page, 'palette');
  await page.keyboard.press('Enter');
  await heading(page, 'History').waitFor();
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

test('a server that hangs is told from one that has nothing to tell', async () => {
  const page = await browser.open(server);
  await page.clock.install();
  await page.reload();
  await page.getByRole('button', { name: 'Ask' }).waitFor();
  const cut = page.getByText('kai does not answer.', { exact: true }).first();
  // 40 s of the page's clock without a word: it looks, finds kai there, and says nothing.
  const looked = page.waitForResponse((one) => one.request().method() === 'HEAD' && one.url().includes('/events'));
  await page.clock.fastForward(41_000);
  await looked;
  await page.clock.runFor(1000);
  assert.equal(await cut.count(), 0);
  server.process.kill('SIGSTOP');
  try {
    await page.clock.fastForward(41_000);
    await cut.waitFor(); // after 5 s in which it did not answer
  } finally {
    server.process.kill('SIGCONT');
  }
  const tick = setInterval(() => void page.clock.runFor(1000).catch(() => {}), 200);
  await cut.waitFor({ state: 'detached' });
  clearInterval(tick);
  await page.context().close();
});

test('a stream that has nothing to tell says that it is there', async () => {
  const reply = await fetch(`${server.url}/api/v1/events`);
  let said = '';
  for await (const piece of reply.body) {
    said += Buffer.from(piece).toString();
    if (said.includes('event: alive')) break; // after 15 s
  }
  assert.match(said, /\n\nevent: alive\ndata: \{\}\n\n$/);
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
