// Once enough answers were judged, kai says how sure it is: with an answer, in the history, and in
// its filters; what else the history is filtered by, where something fits.
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import { accessible, Browser, closeAfter, shoot } from './browser.mjs';
import { Server } from './server.mjs';

const judgedAnswers = 36; // 30 verdicts are the least to be calibrated on
const atOnce = 6;

// They agree but on every sixth land, where one says something else.
const says = (lost) => (question) => {
  if (question.startsWith('Tell')) return { text: 'word '.repeat(4000), pace: 15 };
  const land = Number(/land (\d+)/.exec(question)?.[1] ?? 0);
  return { text: lost && land % 6 === 0 ? 'Lost.' : `City${land}.`, first: 1, pace: 1 };
};
const plays = {
  desk: { 'qwen3-8b': says(false), 'gemma3-4b': says(false) },
  attic: { 'llama3.2-3b': says(true) },
};

let server, browser, unsure, sure, alone, stopped;
before(async () => {
  server = await Server.start(plays, '[learning]\nfull_share = 0.0\norder_share = 0.0\n');
  const question = (land) => `What is the capital of land ${land}?`;
  const judge = async (land) => {
    const asked = await server.ask({ question: question(land), tier: 'medium' });
    const said = land % 6 === 0 ? 'bad' : 'good';
    await server.api('PUT', `/api/v1/queries/${asked.id}/feedback`, { said });
    return asked;
  };
  const lands = Array.from({ length: judgedAnswers }, (_, at) => at + 1);
  const judged = [];
  while (lands.length > 0) judged.push(...(await Promise.all(lands.splice(0, atOnce).map(judge))));
  unsure = judged[0];
  await server.until(async () =>
    (await server.api('GET', '/api/v1/learned')).sheets.some(({ confidence }) => confidence.labels > 0),
  );
  sure = await server.ask({ question: question(100), tier: 'medium' });
  alone = await server.ask({ question: question(101), members: ['attic/llama3.2:3b'] });
  const { id } = await server.api('POST', '/api/v1/queries', { question: 'Tell a story.' });
  await server.api('DELETE', `/api/v1/queries/${id}`);
  stopped = id;
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

const percent = ({ confidence }) => `${Math.round(confidence * 100)} % sure`;
const questions = (page) => page.getByRole('list', { name: 'Questions' });
const ids = async (page) => {
  const links = await questions(page).getByRole('link').all();
  return Promise.all(links.map(async (link) => (await link.getAttribute('href')).split('/').at(-1)));
};
// Waits for the answer to what `choose` does.
async function searched(page, choose) {
  const told = page.waitForResponse((response) => response.url().includes('/api/v1/queries?'));
  await choose();
  await (await told).finished();
  const rows = page.locator('ul[aria-label="Questions"][aria-busy="false"]');
  await rows.or(page.getByText('Nothing fits')).waitFor();
}

test('an answer says how sure kai is, and by what; one from before it knew says nothing', async () => {
  assert.equal(unsure.confidence, null);
  assert.ok(sure.confidence > 0 && sure.confidence < 1, String(sure.confidence));
  const page = await browser.open(server);
  await page.getByLabel('medium', { exact: true }).check({ force: true });
  await page.getByLabel('Your question').fill(sure.question);
  await page.getByLabel('Your question').press('Enter');
  const article = page.getByRole('article');
  await article.getByRole('link', { name: 'Export' }).waitFor();
  const [{ id }] = (await server.api('GET', '/api/v1/queries?limit=1')).queries;
  const now = await server.api('GET', `/api/v1/queries/${id}`);
  assert.equal(await article.locator('.standing .sure').innerText(), percent(now));
  const agreement = article.locator('.agreement');
  await agreement.getByText(percent(now)).waitFor();
  const reason = agreement.getByRole('link', { name: 'by answers that were judged before' });
  assert.equal(await reason.getAttribute('href'), '/bench');
  await accessible(page, 'ask, sure');
  await shoot(page, 'ask-sure');
  await page.goto(`${server.url}/history/${unsure.id}`);
  await page.getByRole('article').getByText('City1').first().waitFor();
  assert.equal(await page.getByText('% sure').count(), 0);
  await page.context().close();
});

test('the history says how sure each answer was, and filters by it', async () => {
  const page = await browser.open(server, '/history');
  const row = questions(page).getByRole('listitem').filter({ hasText: 'land 100?' }).last();
  await row.getByText(percent(sure)).waitFor();
  const ranges = ['90 % and more', '70 to 90 %', 'below 70 %'];
  const range = ranges[[0.9, 0.7, 0].findIndex((least) => sure.confidence >= least)];
  for (const one of ranges) {
    await searched(page, () => page.getByLabel('Confidence').selectOption(one));
    const found = await ids(page);
    assert.equal(found.includes(sure.id), one === range, `${sure.confidence} in ${one}`);
    assert.ok(!found.includes(unsure.id), 'what was never calibrated is in no range');
    const rows = await questions(page).getByRole('listitem').allInnerTexts();
    assert.ok(rows.every((text) => text.includes('% sure')), rows.join('\n'));
  }
  await page.context().close();
});

test('the history is filtered by outcome and by model', async () => {
  const page = await browser.open(server, '/history');
  await questions(page).getByRole('listitem').first().waitFor();
  await searched(page, () => page.getByLabel('Outcome').selectOption('stopped'));
  assert.deepEqual(await ids(page), [stopped]);
  await questions(page).getByText('stopped', { exact: true }).waitFor();
  await searched(page, () => page.getByLabel('Outcome').selectOption('failed'));
  await page.getByText('Nothing fits this search.').waitFor(); // who was stopped has not failed
  await searched(page, () => page.getByLabel('Outcome').selectOption('answered'));
  assert.ok(!(await ids(page)).includes(stopped));
  await searched(page, () => page.getByLabel('Model').selectOption('desk/gemma3:4b'));
  const with_gemma = await ids(page);
  assert.ok(with_gemma.includes(sure.id) && !with_gemma.includes(alone.id));
  await searched(page, () => page.getByLabel('Model').selectOption('attic/llama3.2:3b'));
  assert.ok((await ids(page)).includes(alone.id));
  const { searchParams } = new URL(page.url());
  assert.equal(searchParams.get('ending'), 'answered');
  assert.equal(searchParams.get('model'), 'attic/llama3.2:3b');
  await page.context().close();
});

test('two that are compared say how sure each was, and which differ', async () => {
  const page = await browser.open(server, `/history/${unsure.id}/${sure.id}`);
  const row = page.getByRole('row', { name: /^Sure/ });
  await row.waitFor();
  const cells = await row.getByRole('cell').allInnerTexts();
  assert.deepEqual(cells, ['not known', percent(sure).replace(' sure', '')]);
  await row.locator('.other').waitFor();
  assert.equal(await page.locator('[dir=auto] > del').innerText(), 'City1');
  assert.equal(await page.locator('[dir=auto] > ins').innerText(), 'City100');
  await page.context().close();
});
