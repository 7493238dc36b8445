// What the planner says of a question while it is being written: asked a moment after the last change,
// and given up when it is overtaken. And what people choose of when they ask.
import { plan, sentence } from '../api/client.ts';
import type { Asking, Plan } from '../api/schema.ts';

const pauseMs = 350; // after the last letter

export class Planned {
  plan = $state.raw<Plan | null>(null);
  of = $state.raw<Asking | null>(null); // what it is a plan of: the one before, while the next comes
  failure = $state<string | null>(null);

  // To be made while a component begins. `wanted` is read anew whenever what it reads has changed;
  // nothing: there is nothing to plan.
  constructor(wanted: () => Asking | null) {
    $effect(() => {
      const asking = wanted();
      this.failure = null;
      if (!asking) {
        this.plan = null;
        return;
      }
      const overtaken = new AbortController();
      const timer = setTimeout(() => void this.ask(asking, overtaken.signal), pauseMs);
      return () => {
        clearTimeout(timer);
        overtaken.abort();
      };
    });
  }

  private async ask(asking: Asking, signal: AbortSignal) {
    try {
      this.plan = await plan(asking, signal);
      this.of = asking;
    } catch (error) {
      if (signal.aborted) return;
      this.plan = null;
      this.failure = sentence(error);
    }
  }
}

export const membersMax = 12; // that one question asks
export const deadlines: [string, number][] = [
  ['5 s', 5000],
  ['10 s', 10_000],
  ['20 s', 20_000],
  ['1 min', 60_000],
  ['5 min', 300_000],
];
