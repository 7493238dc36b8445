// A real headless Chromium, and what every page in it has to keep: no error, nothing that its
// policy refuses, no request to anywhere but its server.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, afterEach } from 'node:test';

const require = createRequire(new URL('../../web/package.json', import.meta.url));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');

// The machines that tests run on are shared: waits are long, and end at once when it is so.
const patienceMs = 60_000;

export class Browser {
  static async start() {
    const browser = new Browser();
    browser.chromium = await chromium.launch({
      executablePath: process.env.KAI_CHROMIUM ?? '/usr/bin/chromium',
      args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'],
    });
    browser.complaints = [];
    return browser;
  }
  close() {
    return this.chromium.close();
  }

  // A page of its own, as a new user has it. options: as playwright's newContext().
  async open(server, path = '/', options = {}) {
    const context = await this.chromium.newContext({
      viewport: { width: 1280, height: 900 },
      ...options,
    });
    context.setDefaultTimeout(patienceMs);
    const page = await context.newPage();
    page.on('pageerror', (error) => this.complaints.push(String(error)));
    page.on('console', (message) => {
      // That a server is gone is what some tests are about.
      if (message.type() === 'error' && !/ERR_CONNECTION_REFUSED|Failed to load/.test(message.text())) {
        this.complaints.push(message.text());
      }
    });
    page.on('request', (request) => {
      const { origin, protocol } = new URL(request.url());
      if (origin !== server.url && protocol !== 'blob:') this.complaints.push(`asks ${request.url()}`);
    });
    await page.goto(server.url + path);
    return page;
  }

  // Fails on what any page has complained of until now.
  check() {
    assert.deepEqual(this.complaints.splice(0), []);
  }
}

// For a file of tests: what it has opened is closed behind the last one, and no page may have
// complained in any of them. opened: gives { browser, server }, each undefined where it never began.
export function closeAfter(opened) {
  after(async () => {
    const { browser, server } = opened();
    await browser?.close();
    await server?.close();
  });
  afterEach(() => opened().browser.check());
}

export const heading = (page, name) => page.getByRole('heading', { name, level: 1 });
// Of a model, by a part of its name.
export const cardOf = (page, name) => page.getByRole('article', { name: new RegExp(name) });

// What axe objects to, in both themes.
export async function objections(page) {
  const told = [];
  for (const theme of ['light', 'dark']) {
    await page.evaluate((now) => (document.documentElement.dataset.theme = now), theme);
    // Past the page's own policy, which lets no foreign script in.
    await page.evaluate(axe);
    const { violations } = await page.evaluate(() => window.axe.run(document));
    for (const { id, nodes } of violations) {
      told.push(`${theme}, ${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`);
    }
  }
  return told;
}
export async function accessible(page, name) {
  assert.deepEqual(await objections(page), [], name);
}

// The rooms, each with what it shows once its server has told it.
export const rooms = {
  '/': (page) =>
    page.getByText('kai chooses the members').or(page.getByText('There is no model to ask.')),
  '/history': (page) =>
    page.getByRole('list', { name: 'Questions' }).or(page.getByText('Nothing was asked yet.')),
  '/models': (page) => page.getByRole('region', { name: 'What if' }),
  '/monitor': (page) => page.getByRole('region', { name: 'What happened' }),
  '/alerts': (page) => page.getByText('QueryErrorsHigh').first(),
  '/bench': (page) => page.getByRole('region', { name: 'Reliability' }),
  '/settings': (page) => page.getByRole('region', { name: 'Configuration' }),
};

// No room is wider than the screen, of a phone, a tablet or a PC; on a phone the navigation shows
// which one it is. inspect: what else is asked of each, on a phone.
export async function fitsAPhone(browser, server, inspect = async () => {}) {
  for (const [path, told] of Object.entries(rooms)) {
    const page = await browser.open(server, path, { viewport: { width: 360, height: 740 } });
    await told(page).waitFor();
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 360, `${path} is ${wide} wide`);
    const row = await page.getByRole('navigation').boundingBox();
    const here = await page.locator('nav [aria-current]').boundingBox();
    assert.ok(
      here.x >= row.x - 1 && here.x + here.width <= row.x + row.width + 1,
      `${path}: from ${here.x}, ${here.width} wide, in a row from ${row.x}, ${row.width} wide`,
    );
    await inspect(page, path);
    for (const width of [768, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth);
      assert.ok(wider <= width, `${path} is ${wider} wide in a window of ${width}`);
    }
    await page.context().close();
  }
}

// At every width and in both themes, into $KAI_SHOTS, for people to look at; without it, nothing.
export async function shoot(page, name) {
  const folder = process.env.KAI_SHOTS;
  if (!folder) return;
  for (const theme of ['light', 'dark']) {
    await page.evaluate((now) => (document.documentElement.dataset.theme = now), theme);
    for (const width of [360, 768, 1280]) {
      await page.setViewportSize({ width, height: 900 });
      await page.screenshot({ path: `${folder}/${name}-${theme}-${width}.png`, fullPage: true });
    }
  }
}
