// The conversation of this tab: which questions it has, in their order. It survives a reload; the
// questions themselves are the server's, and what was said before goes along with each new one.
import { ask, stop } from '../api/client.ts';
import type { Asking } from '../api/schema.ts';
import { live } from '../live/live.svelte.ts';
import { isOver, type Question } from '../live/question.ts';
import { membersMax } from '../parts/planned.svelte.ts';
import { inConversation } from '../question/words.ts';

const key = 'kai.conversation';
const turnsMax = 50;

// What is being written, and chosen, for the next turn.
export interface Draft {
  words: string;
  tier: Asking['tier'] & string;
  deadline: number | null; // ms; nothing: the tier's
  members: string[]; // none: kai chooses
}

// The turns that were answered. One asked again in another way is no turn of its own: it was asked
// without what came before, as only a first turn is.
function saidIn(turns: Question[]): Question[] {
  const said = turns.filter((turn) => turn.outcome?.text);
  return said.filter((turn, index) => index === 0 || inConversation(turn));
}

class Conversation {
  turns = $state<Question[]>([]);
  // Here, so that it is there again after another room.
  draft = $state<Draft>({ words: '', tier: 'auto', deadline: null, members: [] });
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

  // The draft as it is asked: with what was said before, and of the chosen members those that there
  // still are.
  asking(words = this.draft.words): Asking {
    const { tier, deadline } = this.draft;
    const members = this.members();
    const choices = {
      tier,
      ...(deadline === null ? {} : { deadline_ms: deadline }),
      ...(members.length === 0 ? {} : { members }),
    };
    const said = saidIn(this.turns).flatMap(({ question, outcome }) => [
      { role: 'user' as const, content: question },
      { role: 'assistant' as const, content: outcome!.text! },
    ]);
    const question = words.trim();
    if (said.length === 0) return { question, ...choices };
    return { messages: [...said, { role: 'user', content: question }], ...choices };
  }
  members(): string[] {
    return this.draft.members
      .filter((id) => live.models.some((one) => one.id === id && !one.refused))
      .slice(0, membersMax);
  }

  async ask() {
    const sent = this.draft.words;
    await this.restore();
    const { id } = await ask(this.asking(sent));
    this.add(id, sent.trim());
    if (this.draft.words === sent) this.draft.words = ''; // what was written meanwhile stays
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
