// Models: what each is worth, and sets of them that do not fit.
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { accessible, Browser, cardOf, closeAfter, shoot } from './browser.mjs';
import { plays } from './plays.mjs';
import { run } from './run.mjs';
import { Server } from './server.mjs';

// It reads and writes 160 tokens in all, and writes two a second.
const narrow = () => ({ text: 'word '.repeat(12), pace: 500 });
narrow.context = 160;

const worth = (model, right_with, right_without) => ({ ...run.worth[0], model, right_with, right_without });
const benchmark = {
  ...run,
  worth: [
    worth('attic/phi4', 16, 13),
    worth('desk/gemma3:4b', 16, 17),
    worth('desk/qwen3:8b', 16, 16),
  ],
};

let server, browser;
before(async () => {
  server = await Server.start(
    { ...plays, pocket: { 'narrow-1b': narrow } },
    '[learning]\nfull_share = 0.0\norder_share = 0.0\n',
    undefined,
    (data) => {
      mkdirSync(join(data, 'bench'), { recursive: true });
      writeFileSync(join(data, 'bench', 'one.json'), JSON.stringify(benchmark));
    },
  );
  browser = await Browser.start();
});
closeAfter(() => ({ browser, server }));

test('a card says what its model adds in the newest benchmark', async () => {
  const page = await browser.open(server, '/models');
  await cardOf(page, 'phi4').getByText(/^Adds 3 right answers of 20/).waitFor();
  await cardOf(page, 'gemma3').getByText(/^Costs 1 right answer of 20/).waitFor();
  await cardOf(page, 'qwen3').getByText(/^Changes no right answer of 20/).waitFor();
  assert.equal(await cardOf(page, 'llama3.2').getByText('in the benchmark').count(), 0);
  await cardOf(page, 'phi4').getByRole('link', { name: 'in the benchmark' }).click();
  await page.getByRole('row', { name: /attic\/phi4/ }).getByText('+3').waitFor();
  await page.context().close();
});

test('a question that a model cannot read is said not to fit, and what would be asked instead', async () => {
  const page = await browser.open(server, '/models');
  const whatIf = page.getByRole('region', { name: 'What if' });
  await whatIf.getByRole('checkbox', { name: /narrow/ }).check();
  await whatIf.getByRole('checkbox', { name: /qwen3/ }).check();
  await whatIf.getByText('They fit.').waitFor();
  await whatIf.getByRole('textbox', { name: 'Question' }).fill('How high is this one? '.repeat(60));
  await whatIf.getByText('They do not fit.').waitFor();
  const words = await whatIf.innerText();
  assert.match(words, /They do not fit\. pocket\/narrow:1b cannot be asked: /);
  assert.match(words, /What would fit instead:\s+desk\/qwen3:8b/);
  assert.ok(!words.includes('names other models'), words); // as the plan instead has it
  const plan = whatIf.getByRole('figure', { name: 'The plan' });
  assert.equal(await plan.getByText('pocket/narrow:1b').count(), 0);
  await accessible(page, 'models, one does not fit');
  await shoot(page, 'models-misfit');
  await page.context().close();
});

test('a model that is too slow for the deadline is said not to fit, and with a longer one it does', async () => {
  await server.ask({ question: 'Tell a story.', members: ['pocket/narrow:1b'], tier: 'simple' });
  const page = await browser.open(server, '/models');
  const whatIf = page.getByRole('region', { name: 'What if' });
  await whatIf.getByLabel('Deadline').selectOption('5 s');
  await whatIf.getByRole('checkbox', { name: /narrow/ }).check();
  await whatIf.getByText('They do not fit.').waitFor();
  assert.match(await whatIf.innerText(), /it would take [\d.]+ s, and 5\.0 s are allowed/);
  await whatIf.getByLabel('Deadline').selectOption('5 min');
  await whatIf.getByText('They fit.').waitFor();
  await page.context().close();
});
