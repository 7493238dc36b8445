// History: listed, searched, filtered, opened as it ran, compared.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { accessible, Browser, closeAfter, shoot } from './browser.mjs';
import { decimals, plays, tides } from './plays.mjs';
import { Server } from './server.mjs';

let server, browser, asked;
before(async () => {
  server = await Server.start(plays, '[learning]\nfull_share = 0.0\norder_share = 0.0\n');
  asked = [
    await server.ask({ question: 'What is the capital of France?', tier: 'simple' }),
    await server.ask({ question: decimals, mode: 'all', tier: 'expert' }),
    await server.ask({ question: tides, tier: 'medium' }),
  ];
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

const rows = (page) => page.getByRole('list', { name: 'Questions' }).getByRole('listitem');
const untilRows = async (page, count) => {
  await page.waitForFunction(
    (wanted) => document.querySelectorAll('ul[aria-label="Questions"] > li').length === wanted,
    count,
  );
};

test('lists what was asked, the newest first, also by other programs', async () => {
  const page = await browser.open(server, '/history');
  await untilRows(page, 3);
  assert.match(await rows(page).first().innerText(), /tides/);
  await accessible(page, 'history');
  await shoot(page, 'history');
  await page.context().close();
});

test('searches as somebody types, and the search is an address', async () => {
  const page = await browser.open(server, '/history');
  await untilRows(page, 3);
  await page.keyboard.press('/');
  await page.keyboard.type('capital fran');
  await untilRows(page, 1);
  assert.equal(new URL(page.url()).searchParams.get('search'), 'capital fran');
  await page.reload();
  await untilRows(page, 1);
  await page.getByLabel('Search questions and answers').fill('nothing like this');
  await page.getByText('Nothing fits this search.').waitFor();
  await page.getByLabel('Search questions and answers').fill('');
  await page.getByLabel('Tier').selectOption('expert');
  await untilRows(page, 1);
  assert.match(await rows(page).first().innerText(), /9\.11/);
  await page.getByLabel('Tier').selectOption('');
  await page.getByLabel('Agreement').selectOption('true');
  await untilRows(page, 1);
  await page.getByLabel('Kind').selectOption('open');
  await page.getByText('Nothing fits this search.').waitFor();
  await page.context().close();
});

test('filters by calibrated confidence, of which a new kai has none', async () => {
  const page = await browser.open(server, '/history');
  await untilRows(page, 3);
  const asked = page.waitForRequest(/confidence_min=0.7&confidence_max=0.9/);
  await page.getByLabel('Confidence').selectOption('70 to 90 %');
  await asked;
  await page.getByText('Nothing fits this search.').waitFor();
  await page.getByLabel('Confidence').selectOption('any');
  await untilRows(page, 3);
  await page.context().close();
});

test('opens a question as it ran, dissent and all', async () => {
  const page = await browser.open(server, '/history');
  await untilRows(page, 3);
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  await page.keyboard.press('Enter');
  const article = page.getByRole('article', { name: `Question: ${decimals}` });
  await article.waitFor();
  const document = asked[1];
  const text = await article.innerText();
  const { voters, agreeing, dissent } = document.verdict;
  assert.ok(dissent.length > 0, 'the play has a dissenter');
  assert.match(text, new RegExp(`${agreeing} of ${voters} agree`));
  assert.ok(text.includes(dissent[0].member));
  await article.getByRole('button', { name: 'What differs' }).first().click();
  await article.locator('del').first().waitFor();
  await article.getByText('The same in numbers').click();
  for (const member of document.members) {
    await article.getByRole('row').filter({ hasText: member.member }).first().waitFor();
  }
  await article.getByText('What each model wrote').click();
  const llama = document.members.findIndex(({ member }) => member.includes('llama3.2'));
  assert.ok(llama >= 0);
  await article.getByRole('tab').filter({ hasText: 'llama3.2' }).first().click();
  await article.getByRole('tabpanel').getByText('The answer is 9.11.').waitFor();
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('1');
  assert.equal(await article.getByRole('tab').first().getAttribute('aria-selected'), 'true');
  await accessible(page, 'one of the past');
  await shoot(page, 'past');
  await page.context().close();
});

test('on a phone a swipe turns to what the next model wrote', async () => {
  const phone = { viewport: { width: 360, height: 740 }, hasTouch: true };
  const page = await browser.open(server, `/history/${asked[1].id}`, phone);
  const article = page.getByRole('article', { name: `Question: ${decimals}` });
  await article.getByText('What each model wrote').click();
  const panel = article.getByRole('tabpanel');
  const swipe = (right, down = 0) =>
    panel.evaluate(
      (element, [x, y]) => {
        const at = (clientX, clientY) => new Touch({ identifier: 1, target: element, clientX, clientY });
        const [from, to] = [at(180, 300), at(180 + x, 300 + y)];
        const tell = (type, touches, changedTouches) =>
          element.dispatchEvent(new TouchEvent(type, { bubbles: true, touches, changedTouches }));
        tell('touchstart', [from], [from]);
        tell('touchend', [], [to]);
      },
      [right, down],
    );
  await panel.getByText(/^1 of 4 /).waitFor();
  await swipe(100); // there is none before it
  await swipe(-40);
  await swipe(-100, 300); // that scrolls
  assert.match(await panel.innerText(), /^1 of 4 /);
  await swipe(-100);
  await panel.getByText(/^2 of 4 /).waitFor();
  await swipe(100);
  await panel.getByText(/^1 of 4 /).waitFor();
  await page.context().close();
});

test('field and list follow the address, also when it changes elsewhere', async () => {
  const page = await browser.open(server, '/history?search=capital');
  await untilRows(page, 1);
  await page.keyboard.press('Control+k');
  await page.keyboard.type('tides');
  await page.keyboard.press('ArrowDown');
  await page.getByRole('option', { name: /^Search the history/, selected: true }).waitFor();
  await page.keyboard.press('Enter');
  await untilRows(page, 1);
  const field = page.getByLabel('Search questions and answers');
  await page.waitForFunction(() => document.querySelector('input[type=search]').value === 'tides');
  assert.match(await rows(page).first().innerText(), /tides/);
  await page.goBack();
  await page.waitForFunction(() => document.querySelector('input[type=search]').value === 'capital');
  assert.equal(await field.inputValue(), 'capital');
  await page.getByRole('link', { name: 'What is the capital of France?' }).waitFor();
  await page.context().close();
});

test('the list is live: a question comes by itself, and says how it ended', async () => {
  const page = await browser.open(server, '/history?search=slow');
  await page.getByText('Nothing fits this search.').waitFor();
  const { id } = await server.api('POST', '/api/v1/queries', { question: 'Tell a slow story.', tier: 'simple' });
  const row = rows(page).filter({ hasText: 'Tell a slow story.' });
  await row.getByText('running', { exact: true }).waitFor();
  await row.getByRole('link').focus();
  await server.api('DELETE', `/api/v1/queries/${id}`);
  await row.getByText('stopped', { exact: true }).waitFor();
  assert.ok(await row.getByRole('link').evaluate((link) => link === document.activeElement));
  await page.context().close();
});

test('one that runs is stopped from the history', async () => {
  const { id } = await server.api('POST', '/api/v1/queries', { question: 'Tell a slow tale.', tier: 'simple' });
  const page = await browser.open(server, `/history/${id}`);
  await page.getByRole('button', { name: 'Stop', exact: true }).click();
  const article = page.getByRole('article', { name: 'Question: Tell a slow tale.' });
  await article.getByRole('link', { name: 'Export' }).waitFor();
  assert.equal((await server.api('GET', `/api/v1/queries/${id}`)).error.code, 'cancelled');
  assert.equal(await page.getByRole('button', { name: 'Stop', exact: true }).count(), 0);
  await page.context().close();
});

test('a question of the past gives the page its title, and is read again once kai is back', async () => {
  const page = await browser.open(server, '/history');
  await rows(page).getByRole('link', { name: decimals }).waitFor();
  await server.end();
  await page.getByText('kai does not answer.', { exact: true }).first().waitFor();
  await page.evaluate((id) => {
    const link = document.querySelector(`a[href="/history/${id}"]`);
    link.click();
  }, asked[1].id);
  // What was never shown is read, which fails now.
  await page.getByRole('alert').waitFor();
  assert.equal(await page.title(), 'History · kai');
  await server.begin();
  await page.getByRole('article', { name: `Question: ${decimals}` }).waitFor();
  await page.waitForFunction((title) => document.title === title, `${decimals} · kai`);
  assert.equal(await page.getByRole('alert').count(), 0);
  browser.complaints.splice(0); // of the browser itself, while nobody answered
  await page.context().close();
});

test('compares two', async () => {
  const page = await browser.open(server, '/history');
  await rows(page).filter({ hasText: 'tides' }).getByRole('checkbox').check();
  await rows(page).filter({ hasText: decimals }).getByRole('checkbox').check();
  await page.getByRole('link', { name: 'Compare the two that are marked' }).click();
  await page.getByRole('heading', { name: 'Two compared' }).waitFor();
  assert.equal(await page.getByRole('article').count(), 2);
  assert.match(await page.title(), /^Two compared · /);
  await page.getByRole('heading', { name: 'What differs in the answers' }).waitFor();
  await accessible(page, 'compare');
  await shoot(page, 'compare');
  await page.context().close();
});

test('asks one again under another tier, and shows both', async () => {
  const page = await browser.open(server, `/history/${asked[0].id}`);
  await page.getByLabel('Tier to ask again as').selectOption('expert');
  await page.getByRole('button', { name: 'Ask again as' }).click();
  await page.getByRole('heading', { name: 'Two compared' }).waitFor();
  await page.getByRole('row', { name: /^Tier simple expert/ }).waitFor();
  await page.context().close();
});

test('says so when there is no such question', async () => {
  const page = await browser.open(server, '/history/q_NOTHING');
  await page.getByRole('alert').waitFor();
  browser.complaints.splice(0); // the browser notes the 404 itself
  await page.context().close();
});
