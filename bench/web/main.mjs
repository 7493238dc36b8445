// What the page takes of its user's time and machine, in a real Chromium against a real `kai
// serve`: each figure beside what it has to reach, from one run.
import { writeFileSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { Browser } from '../../tests/ui/browser.mjs';
import { print } from './figures.mjs';
import { firstLoad, paint } from './load.mjs';
import { history, rollups } from './long_use.mjs';
import { axe } from './screens.mjs';
import { hour, streaming } from './streaming.mjs';

const { values: options } = parseArgs({
  options: {
    only: { type: 'string' },
    small: { type: 'boolean', default: false },
    json: { type: 'string' },
    help: { type: 'boolean', default: false },
  },
});
const trials = { size: firstLoad, paint, streaming, hour, rollups, history, axe };
const names = options.only?.split(',') ?? Object.keys(trials);
const unknown = names.find((name) => !(name in trials));
if (options.help || unknown !== undefined) {
  if (unknown !== undefined) console.error(`bench-web: "${unknown}" is no trial of its`);
  console.error(`--only ${Object.keys(trials).join(',')}   those alone
--small   little of everything: that it runs, not what it takes
--json FILE   the figures as JSON too`);
  process.exit(unknown === undefined ? 0 : 2);
}

const browser = await Browser.start();
const figures = [];
let failed = false;
for (const name of names) {
  console.error(`measuring ${name} …`);
  try {
    figures.push(...(await trials[name](browser, options.small)));
  } catch (error) {
    failed = true;
    console.error(`bench-web: ${name}: ${error.stack}`);
  }
}
await browser.close();
print(figures);
// Times are those of a clock on the wall: what else runs here is in them.
const others = loadavg().map((load) => load.toFixed(1)).join(', ');
console.log(`${cpus().length} cores (${cpus()[0].model.trim()}); load over 1, 5 and 15 min: ${others}`);
if (options.json) writeFileSync(options.json, `${JSON.stringify(figures, null, 1)}\n`);
process.exit(failed ? 1 : 0);
