// The conversation of this tab: which questions it has, in their order. It survives a reload; the
// questions themselves are the server's, and what was said before goes along with each new one.
import { ask, stop } from '../api/client.ts';
import type { Asking } from '../api/schema.ts';
import { live } from '../live/live.svelte.ts';
import { isOver, type Question } from '../live/question.ts';

const key = 'kai.conversation';
const turnsMax = 50;

export type Choices = Pick<Asking, 'tier' | 'deadline_ms' | 'members'>;

class Conversation {
  turns = $state<Question[]>([]);
  hidden = $state(false); // it had questions that the key of now may not see

  running(): Question | undefined {
    return this.turns.find((turn) => !isOver(turn));
  }

  // After a reload: what the tab had before, but for what is not kept any more. Once a page.
  restore(): Promise<void> {
    return (this.restored ??= this.fetch());
  }
  private restored: Promise<void> | undefined;
  private async fetch() {
    const kept = JSON.parse(sessionStorage.getItem(key) ?? '[]') as string[];
    live.hold(kept);
    const found = await Promise.all(kept.map((id) => live.expect(id)));
    this.hidden = found.includes('hidden');
    this.turns = found.filter((one) => typeof one !== 'string');
    this.keep();
  }

  async ask(words: string, choices: Choices) {
    await this.restore();
    const said = this.turns.filter((turn) => turn.outcome?.text);
    const messages = said.flatMap(({ question, outcome }) => [
      { role: 'user' as const, content: question },
      { role: 'assistant' as const, content: outcome!.text! },
    ]);
    const asking: Asking =
      messages.length === 0
        ? { question: words, ...choices }
        : { messages: [...messages, { role: 'user', content: words }], ...choices };
    const { id } = await ask(asking);
    this.add(id, words);
  }
  // One that was begun elsewhere, such as a replay.
  add(id: string, words: string) {
    const turn = live.question(id);
    turn.question ||= words;
    live.watchOwn(id);
    this.turns.push(turn);
    if (this.turns.length > turnsMax) this.turns.shift();
    this.keep();
  }
  async stop() {
    const turn = this.running();
    if (turn) await stop(turn.id);
  }
  begin() {
    this.turns = [];
    this.hidden = false;
    this.keep();
  }
  private keep() {
    const ids = this.turns.map(({ id }) => id);
    live.hold(ids);
    sessionStorage.setItem(key, JSON.stringify(ids));
  }
}

export const conversation = new Conversation();
