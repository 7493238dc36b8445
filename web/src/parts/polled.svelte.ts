// What the server says of something that changes by itself: asked again and again while its room is
// shown, at once by again(), and when kai is back after it was gone. What was known stays shown when
// a request fails.
import { Refused, sentence } from '../api/client.ts';
import { live } from '../live/live.svelte.ts';

export class Polled<T> {
  value = $state.raw<T | null>(null);
  failure = $state<string | null>(null);
  hidden = $state(false); // it failed, since the key of this browser may not see it

  // To be made while a component begins. everyMs: 0: not by the clock. `wanted` is read anew, and its
  // requests are given up, whenever what it reads has changed.
  constructor(
    private wanted: () => (signal: AbortSignal) => Promise<T>,
    everyMs = 0,
  ) {
    $effect(() => {
      void live.returns;
      const ask = this.wanted();
      this.start(ask);
      const timer = everyMs > 0 ? setInterval(() => this.start(ask), everyMs) : undefined;
      return () => {
        clearInterval(timer);
        this.current?.abort();
      };
    });
  }
  again() {
    this.start(this.wanted());
  }
  // What another request has told already.
  put(value: T) {
    this.value = value;
  }

  private current: AbortController | undefined;

  private start(ask: (signal: AbortSignal) => Promise<T>) {
    if (document.hidden && this.value !== null) return;
    this.current?.abort();
    const mine = (this.current = new AbortController());
    ask(mine.signal).then(
      (value) => {
        if (mine.signal.aborted) return;
        this.value = value;
        this.failure = null;
        this.hidden = false;
      },
      (error: unknown) => {
        if (mine.signal.aborted) return;
        this.failure = sentence(error);
        this.hidden = error instanceof Refused && error.status === 403;
      },
    );
  }
}
