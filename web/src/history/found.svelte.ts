// Questions of the past by their ids, read once; again each time that kai is back, where that failed.
import { untrack } from 'svelte';
import { sentence } from '../api/client.ts';
import { live } from '../live/live.svelte.ts';
import type { Question } from '../live/question.ts';

export class Found {
  questions = $state.raw<Question[] | null>(null); // all of them, in the order of the ids
  failure = $state<string | null>(null);

  // To be made while a component begins. ids: read anew when they change.
  constructor(ids: () => string[]) {
    const wanted = $derived(ids().join('\n'));
    $effect(() => {
      const now = wanted.split('\n');
      this.questions = null;
      this.failure = null;
      untrack(() => void this.read(now));
    });
    const before = live.returns;
    $effect(() => {
      if (live.returns > before) untrack(() => this.failure && void this.read(wanted.split('\n')));
    });
  }

  private current = 0; // an earlier reading that ends later counts no more
  private async read(ids: string[]) {
    const mine = (this.current += 1);
    try {
      const questions = await Promise.all(ids.map((id) => live.load(id)));
      if (mine !== this.current) return;
      this.questions = questions;
      this.failure = null;
    } catch (error) {
      if (mine === this.current) this.failure = sentence(error);
    }
  }
}
