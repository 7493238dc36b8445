// What axe objects to on the screens of the page, as they are with one question asked.
import { objections } from '../../tests/ui/browser.mjs';
import { plays } from '../../tests/ui/plays.mjs';
import { Server } from '../../tests/ui/server.mjs';
import { atMost } from './figures.mjs';

export async function axe(browser) {
  const server = await Server.start(plays);
  const { id } = await server.ask({ question: 'What is the capital of France?', tier: 'medium' });
  const page = await browser.open(server);
  const links = await page.getByRole('navigation').getByRole('link').all();
  const rooms = await Promise.all(links.map((link) => link.getAttribute('href')));
  const told = [];
  for (const path of [...rooms, `/history/${id}`]) {
    await page.goto(server.url + path);
    await page.getByRole('heading', { level: 1 }).waitFor();
    await page.waitForLoadState('load');
    told.push(...(await objections(page)).map((words) => `${path}: ${words}`));
  }
  for (const words of told) console.error(words);
  await page.context().close();
  await server.close();
  return [atMost(`axe violations, both themes, ${rooms.length + 1} screens`, told.length, '', 0)];
}
