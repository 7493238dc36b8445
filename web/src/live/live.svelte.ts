// The page's one store of what happens: fed by one stream a tab, read by every room.
import { SvelteMap } from 'svelte/reactivity';
import { queryPath, read, Refused } from '../api/client.ts';
import type { Devices, Event, ListedModel } from '../api/schema.ts';
import { apply, fromDocument, isOver, newQuestion, type Question } from './question.ts';
import { follow, type Connection } from './stream.ts';

// Questions that are over stay until there are more than this: the rest is in the history.
const overMax = 24;
const againMs = 1000;

class Live {
  connection = $state<Connection>('connecting');
  told = $state(false); // what there is
  models = $state.raw<ListedModel[]>([]);
  devices = $state.raw<Devices['devices']>([]);
  questions = new SvelteMap<string, Question>(); // by id, in the order of asking

  begin() {
    return follow(
      '/api/v1/events',
      (event) => this.take(event),
      (connection) => (this.connection = connection),
    );
  }

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
    if (this.connection !== 'blind') return;
    const question = this.question(id);
    const end = follow(
      `${queryPath(id)}/events`,
      (event) => {
        this.take(event);
        if (isOver(question)) end();
      },
      () => {},
    );
  }

  // The same for one that may be over: its document is fetched where nothing is known.
  async load(id: string): Promise<Question> {
    const known = this.questions.get(id);
    if (known && (isOver(known) || known.question)) return known;
    const document = await read(id);
    const code = document.error?.code;
    const question = this.question(document.id);
    if (code === 'begun') question.question ||= document.question;
    else if (!isOver(question)) Object.assign(question, fromDocument(document));
    return question;
  }

  private take(event: Event) {
    switch (event.type) {
      case 'snapshot':
        this.told = true;
        this.models = event.models;
        this.devices = event.devices;
        this.resume(new Set(event.events.map((one) => one.query)));
        for (const one of event.events) apply(this.question(one.query), one);
        break;
      case 'models.changed':
        this.models = event.models;
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

  private async recover(id: string) {
    const question = this.question(id);
    try {
      const document = await read(id);
      if (document.error?.code !== 'begun') Object.assign(question, fromDocument(document));
    } catch (error) {
      if (error instanceof Refused && error.status === 404) {
        question.lost = 'kai was stopped before it had kept this question. Ask it again.';
      } else if (this.connection === 'live') {
        setTimeout(() => void this.recover(id), againMs); // a later snapshot does the same
      }
    }
  }

  private forget() {
    const over = [...this.questions.values()].filter(isOver);
    for (const question of over.slice(0, Math.max(0, over.length - overMax))) {
      this.questions.delete(question.id);
    }
  }
}

export const live = new Live();
