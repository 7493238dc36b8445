// What becomes of a question while it runs: members that fail, are late or are needed no more, an
// early answer that stays or does not; and that a reload loses nothing of it.
import assert from 'node:assert/strict';
import { before, beforeEach, test } from 'node:test';
import { accessible, Browser, closeAfter, shoot } from './browser.mjs';
import { decimals, tides } from './plays.mjs';
import { Server } from './server.mjs';

const endless = 'Let me check it. '.repeat(1000);
const tidal = (cause) => `The tides come from ${cause} that pulls one side of the Earth harder.`;
const numbers = 'How much is 17 + 25?';

// What a test lets happen once it has seen what comes before.
function gate() {
  let open;
  const opened = new Promise((done) => (open = done));
  return { opened, open };
}
let strongestGoesOn, othersGoOn;
beforeEach(() => ([strongestGoesOn, othersGoOn] = [gate(), gate()]));

// In words that cannot be counted, until so many were asked.
let unheard = 0;
const silent = () => (unheard-- > 0 ? { text: '' } : { text: '9.9' });

// The strongest one begins every open answer; where it is torn off, another gives it.
const strongest = (question) => {
  if (question.includes('silence')) return silent();
  const held = strongestGoesOn.opened;
  if (question.includes('torn')) return { text: tidal('a mistake'), held, torn: true };
  if (question.includes('tides')) return { text: tidal('the Moon'), held };
  if (question === numbers) return { text: `The answer is 42. ${endless}`, pace: 15 };
  return { text: '9.9', held };
};
const others = (number) => (question) => {
  if (question.includes('silence')) return silent();
  if (question.includes('tides')) return { text: tidal('the Moon'), held: othersGoOn.opened };
  return { text: question === numbers ? `The answer is ${number}.` : '9.9' };
};
const weakest = (question) => {
  if (question.includes('silence')) return silent();
  if (question === numbers) return { fail: 'the fan has stopped' };
  return question.includes('tides') ? others(42)(question) : { text: endless, pace: 15 };
};
const plays = {
  desk: { 'qwen3-8b': strongest, 'gemma3-4b': others(41) },
  attic: { 'llama3.2-3b': others(42), 'smollm2-1.7b': weakest },
};

let server, browser;
before(async () => {
  server = await Server.start(
    plays,
    '[learning]\nfull_share = 0.0\norder_share = 0.0\n[planner]\nsamples_per_model_max = 1\n',
  );
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

async function ask(page, question, tier) {
  await page.getByLabel(tier, { exact: true }).check({ force: true });
  await page.getByLabel('Your question').fill(question);
  await page.getByLabel('Your question').press('Enter');
  const article = page.getByRole('article', { name: `Question: ${question}` });
  await article.waitFor();
  return article;
}
const over = (article) => article.getByRole('link', { name: 'Export' }).waitFor();
const rowOf = (article, member) =>
  article
    .getByRole('figure', { name: 'Timeline of the members' })
    .locator('.member')
    .filter({ hasText: member });
const inNumbers = (article, member) => article.getByRole('row').filter({ hasText: member });
const standing = (article) => article.locator('.standing').innerText();

test('an early stop is said in a sentence, and who was stopped on its row and in its numbers', async () => {
  const page = await browser.open(server);
  const article = await ask(page, decimals, 'expert');
  await article.getByText('2 of 2 agree').waitFor();
  await page.reload();
  await article.getByText('2 of 2 agree').waitFor();
  await rowOf(article, 'smollm2').getByText('writes', { exact: true }).waitFor();
  assert.equal(await article.getByText('Stopped early:').count(), 0);
  strongestGoesOn.open();
  await over(article);
  const [{ id }] = (await server.api('GET', '/api/v1/queries?limit=1')).queries;
  const { stop_why: why } = await server.api('GET', `/api/v1/queries/${id}`);
  assert.equal(why, '3 of 4 have answered; the fourth cannot change the outcome');
  for (let time = 0; time < 2; time += 1) {
    await article.getByText(`Stopped early: ${why}`).waitFor();
    await rowOf(article, 'smollm2').getByText('stopped', { exact: true }).waitFor();
    assert.ok((await rowOf(article, 'smollm2').locator('.bar.writing').count()) > 0, 'it was writing');
    await article.getByText('The same in numbers').click();
    await inNumbers(article, 'smollm2').getByText('stopped', { exact: true }).waitFor();
    await article.getByText('1 not needed').waitFor();
    await article.getByText('Chosen by vote:').waitFor();
    await accessible(page, 'ask, stopped early');
    if (time === 0) await page.reload();
  }
  await shoot(page, 'ask-early-stop');
  await page.context().close();
});

test('an early answer that stays is called confirmed', async () => {
  const page = await browser.open(server);
  const article = await ask(page, tides, 'expert');
  await article.getByText('First answer, still being checked').waitFor();
  strongestGoesOn.open();
  othersGoOn.open();
  await over(article);
  assert.match(await standing(article), /^Confirmed(: all \d agree| by \d of \d)/);
  assert.equal(await article.getByText('Revised').count(), 0);
  await page.context().close();
});

test('an early answer that does not stay is called revised, and what it was can be read', async () => {
  const page = await browser.open(server);
  const article = await ask(page, 'Explain how the tides are torn.', 'expert');
  await article.getByText('First answer, still being checked').waitFor();
  await article.locator('.answer').getByText('a mistake').waitFor();
  strongestGoesOn.open();
  await article.getByText('Revised, still being checked').waitFor();
  await article.locator('.answer').getByText('the Moon').waitFor();
  othersGoOn.open();
  for (let time = 0; time < 2; time += 1) {
    await over(article);
    assert.match(await standing(article), /^Revised: desk\/qwen3:8b began, but did not finish/);
    assert.match(await article.locator('.text').innerText(), /the Moon/);
    await article.getByText('What desk/qwen3:8b had begun with').click();
    await article.locator('.answer details').getByText('a mistake').waitFor();
    await accessible(page, 'ask, revised');
    if (time === 0) await page.reload();
  }
  await shoot(page, 'ask-revised');
  await page.context().close();
});

test('dissent, a failure and a deadline are told while it runs, after a reload, and at the end', async () => {
  const { id } = await server.api('POST', '/api/v1/queries', {
    question: numbers,
    tier: 'expert',
    mode: 'all',
    deadline_ms: 12_000,
  });
  const page = await browser.open(server, `/history/${id}`);
  const article = page.getByRole('article', { name: `Question: ${numbers}` });
  const told = async () => {
    const opinions = article.getByRole('region', { name: 'Other opinions' });
    await opinions.getByText('desk/gemma3:4b').waitFor();
    assert.match(await opinions.innerText(), /41/);
    assert.equal(await rowOf(article, 'gemma3').locator('.letter').innerText(), 'B');
    await rowOf(article, 'smollm2').getByText('failed', { exact: true }).waitFor();
  };
  for (let time = 0; time < 2; time += 1) {
    await told();
    await rowOf(article, 'qwen3').getByText('writes', { exact: true }).waitFor();
    await page.getByText('it is being answered').waitFor();
    if (time === 0) await page.reload();
  }
  await over(article);
  await told();
  await rowOf(article, 'qwen3').getByText('cut by the deadline', { exact: true }).waitFor();
  await article.getByText('The deadline cut some members.').waitFor();
  await article.getByText('The same in numbers').click();
  await inNumbers(article, 'qwen3').getByText('cut by the deadline', { exact: true }).waitFor();
  await inNumbers(article, 'smollm2').getByText('failed', { exact: true }).waitFor();
  await article.getByText('What each model wrote').click();
  await article.getByRole('tab', { name: /smollm2/ }).click();
  await article.getByRole('tabpanel').getByText(/the fan has stopped/).waitFor();
  await accessible(page, 'a failure and a deadline');
  await shoot(page, 'ask-late');
  await page.context().close();
});

test('a fallback is said while it runs, and still after a reload', async () => {
  const page = await browser.open(server);
  const question = 'Which is larger in silence, 9.11 or 9.9?';
  unheard = (await server.api('POST', '/api/v1/plan', { question, tier: 'simple' })).members.length;
  assert.ok(unheard > 0 && unheard < 4, `${unheard} members are planned, of 4`);
  const article = await ask(page, question, 'simple');
  await article.getByText('Fallback: no valid answer; trying simpler models').waitFor();
  await over(article);
  assert.match(await article.locator('.answer').innerText(), /9\.9/);
  await page.reload();
  await over(article);
  await article.getByText('Fallback: the first plan gave no valid answer; a simpler one was tried').waitFor();
  // Who was asked then began when the others had said nothing.
  const lefts = await article.locator('.track').evaluateAll((tracks) =>
    tracks.map((track) => parseFloat(track.querySelector('.bar')?.style.left ?? '0')),
  );
  assert.ok(Math.max(...lefts) > 0, lefts.join(' '));
  await shoot(page, 'ask-fallback');
  await page.context().close();
});
