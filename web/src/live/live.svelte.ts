// The page's one store of what happens: fed by one stream a tab, read by every room.
import { SvelteMap } from 'svelte/reactivity';
import { queryPath, read, Refused } from '../api/client.ts';
import type { Event, ListedModel } from '../api/schema.ts';
import { inOrder } from '../parts/order.ts';
import { apply, fromDocument, isOver, newQuestion, type Question } from './question.ts';
import { follow, type Connection } from './stream.ts';

// Questions that are over stay until there are more than this: the rest is in the history.
const overMax = 24;
const againFirstMs = 1000;
const againMaxMs = 5000;

// gone: there is no such question; hidden: this key may not see it.
export type Missing = 'gone' | 'hidden';
const missingWords: Record<Missing, string> = {
  gone: 'kai was stopped before it had kept this question. Ask it again.',
  hidden:
    'The key of this browser may not see this question: it was asked with another key, or before ' +
    'kai was started again.',
};
// Nothing: kai cannot say so now, and may later.
function missing(error: unknown): Missing | null {
  const status = error instanceof Refused ? error.status : 0;
  return status === 404 ? 'gone' : status === 403 ? 'hidden' : null;
}

export const isThere = (connection: Connection) => connection === 'live' || connection === 'blind';

class Live {
  connection = $state<Connection>('connecting');
  returns = $state(0); // how often kai was there again: what was asked for before may have failed
  told = $state(false); // what there is
  models = $state.raw<ListedModel[]>([]);
  questions = new SvelteMap<string, Question>(); // by id, in the order of asking

  begin() {
    return follow(
      '/api/v1/events',
      (event) => this.take(event),
      (told) => this.connect(told === 'nowhere' ? 'gone' : told),
    );
  }
  private connect(now: Connection) {
    const before = this.connection;
    this.connection = now;
    if (this.heard && !isThere(before) && isThere(now)) this.returns += 1;
    this.heard ||= now !== 'connecting';
    if (now === 'blind' && before !== now) this.running().forEach(({ id }) => this.watchOwn(id));
  }

  private heard = false; // whether the server is there, once

  running(): Question[] {
    return [...this.questions.values()].filter((question) => !isOver(question));
  }

  // What is known of a question, begun here if nothing is.
  question(id: string): Question {
    const known = this.questions.get(id);
    if (known) return known;
    const question = $state(newQuestion(id));
    this.questions.set(id, question);
    this.forget();
    return question;
  }

  // One that was asked here, where the key may watch no others: its own events are told.
  watchOwn(id: string) {
    if (this.connection !== 'blind' || this.watched.has(id)) return;
    this.watched.add(id);
    const question = this.question(id);
    const stop = () => {
      end();
      this.watched.delete(id);
    };
    const end = follow(
      `${queryPath(id)}/events`,
      (event) => {
        this.take(event);
        if (isOver(question)) stop();
      },
      (told) => {
        if (told === 'connecting' || told === 'live' || told === 'gone') return;
        stop(); // it will tell nothing more: how it ended may still be read
        void this.recover(id);
      },
    );
  }
  private watched = new Set<string>();

  // The same for one that may be over: its document is fetched where nothing is known.
  async load(id: string): Promise<Question> {
    const known = this.questions.get(id);
    if (known && (isOver(known) || known.question)) return known;
    const document = await read(id);
    const code = document.error?.code;
    const question = this.question(document.id);
    if (code === 'begun') {
      question.question ||= document.question;
      this.watchOwn(question.id);
      void this.recover(question.id);
    } else if (!isOver(question)) Object.assign(question, fromDocument(document));
    return question;
  }

  // The same for one that this page had before: known later where the server cannot tell now.
  async expect(id: string): Promise<Question | Missing> {
    try {
      return await this.load(id);
    } catch (error) {
      const why = missing(error);
      if (why) return why;
      void this.recover(id);
      return this.question(id);
    }
  }

  private take(event: Event) {
    switch (event.type) {
      case 'snapshot':
        this.told = true;
        this.models = inOrder(event.models);
        this.resume(new Set(event.events.map((one) => one.query)));
        for (const one of event.events) apply(this.question(one.query), one);
        break;
      case 'models.changed':
        this.models = inOrder(event.models);
        break;
      default:
        apply(this.question(event.query), event);
    }
  }

  // Running questions are told again; what ended meanwhile is read from the history.
  private resume(running: Set<string>) {
    for (const [id, question] of this.questions) {
      if (isOver(question)) continue;
      Object.assign(question, newQuestion(id), { question: question.question });
      if (!running.has(id)) void this.recover(id);
    }
  }

  // Reads a question until it is known how it ended: again and again, since kai may be on its way
  // back, and since one that is answered elsewhere is told by no stream.
  private async recover(id: string) {
    if (this.recovering.has(id)) return;
    this.recovering.add(id);
    const question = this.question(id);
    for (let pause = againFirstMs; !isOver(question); pause = Math.min(pause * 2, againMaxMs)) {
      try {
        const document = await read(id);
        if (isOver(question)) break; // the stream has told it meanwhile
        if (document.error?.code !== 'begun') Object.assign(question, fromDocument(document));
        else if (question.plan) break; // the stream tells it
        else question.question ||= document.question;
      } catch (error) {
        const why = missing(error);
        if (why) question.lost = missingWords[why];
        else question.waiting ??= 'kai cannot tell of this question now. It is asked again and again.';
      }
      if (!isOver(question)) await new Promise((done) => setTimeout(done, pause));
    }
    this.recovering.delete(id);
  }
  private recovering = new Set<string>();

  // Those that a conversation shows stay, whatever else is asked.
  hold(ids: string[]) {
    this.held = new Set(ids);
  }
  private held = new Set<string>();
  private forget() {
    const over = [...this.questions.values()].filter((one) => isOver(one) && !this.held.has(one.id));
    for (const question of over.slice(0, Math.max(0, over.length - overMax))) {
      this.questions.delete(question.id);
    }
  }
}

export const live = new Live();
