// What the server says of something that changes by itself: asked again and again while its room is
// shown, at once by again(), and when kai is back after it was gone. What was known stays shown when
// a request fails.
import { untrack } from 'svelte';
import { lacking, sentence } from '../api/client.ts';
import { live } from '../live/live.svelte.ts';

const answeredWithinMs = 60_000; // a slow line has its time, a server that hangs is given up

export interface Asking {
  everyMs?: number | (() => number); // 0: not by the clock
  what?: string; // that a key may not see: "how each model does"
}

export class Polled<T> {
  value = $state.raw<T | null>(null);
  failure = $state<string | null>(null);
  hidden = $state(false); // it failed, since the key of this browser may not see it
  reading = $derived(this.value === null && this.failure === null);

  // To be made while a component begins. `wanted` is read anew, and its request is given up, whenever
  // what it reads has changed.
  constructor(
    private wanted: () => (signal: AbortSignal) => Promise<T>,
    private asking: Asking = {},
  ) {
    $effect(() => {
      void live.returns;
      this.start(this.wanted());
      return () => {
        this.current?.abort();
        this.current = undefined;
      };
    });
    $effect(() => {
      const { everyMs = 0 } = this.asking;
      const pause = typeof everyMs === 'number' ? everyMs : everyMs();
      if (pause === 0) return;
      // On a line slower than the clock the request that is under way is the one that counts.
      const timer = setInterval(() => this.current || this.start(this.wanted()), pause);
      return () => clearInterval(timer);
    });
  }
  again() {
    this.start(this.wanted());
  }
  // What another request has told already.
  put(value: T) {
    this.value = value;
  }

  private current: AbortController | undefined; // of the request that is under way

  private start(ask: (signal: AbortSignal) => Promise<T>) {
    if (document.hidden && untrack(() => this.value) !== null) return;
    this.current?.abort();
    const mine = (this.current = new AbortController());
    const end = (failure: string | null, hidden = false) => {
      clearTimeout(timer);
      this.current = undefined;
      this.failure = failure;
      this.hidden = hidden;
    };
    const timer = setTimeout(() => {
      mine.abort();
      end(`kai has not answered for ${answeredWithinMs / 1000} s.`);
    }, answeredWithinMs);
    mine.signal.addEventListener('abort', () => clearTimeout(timer));
    ask(mine.signal).then(
      (value) => {
        if (mine.signal.aborted) return;
        this.value = value;
        end(null);
      },
      (error: unknown) => {
        if (mine.signal.aborted) return;
        const { what } = this.asking;
        end(sentence(error, what && `see ${what}`), lacking(error) !== null);
      },
    );
  }
}
