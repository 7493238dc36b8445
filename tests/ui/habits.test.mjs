// How the page meets its user's habits: the palette, light or dark, less motion.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { Browser, closeAfter, heading } from './browser.mjs';
import { plays } from './plays.mjs';
import { Server } from './server.mjs';

let server, browser;
before(async () => {
  server = await Server.start(plays);
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

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
