// How long ago a running question was asked, growing by itself between its events: by this
// browser's clock from when an event came, so that clocks that differ do no harm.
import { untrack } from 'svelte';
import type { Question } from '../live/question.ts';

const everyMs = 200;
const everyCalmMs = 1000; // for whoever wants less motion

export function clockOf(question: () => Question) {
  let now = $state(0);
  let seenAt = 0; // ms of the last event that was seen
  let seenWhen = 0; // when, by performance.now()

  $effect(() => {
    const { at, outcome, lost } = question();
    if (at !== seenAt || seenWhen === 0) {
      seenAt = at;
      seenWhen = performance.now();
    }
    const over = outcome !== null || lost !== null;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const before = untrack(() => now);
    // Events come more often than whoever wants less motion shall see.
    if (over || !calm || at < before || at - before >= everyCalmMs) {
      now = outcome ? Math.max(at, outcome.latency_ms) : at;
    }
    if (over) return;
    const timer = setInterval(
      () => (now = seenAt + performance.now() - seenWhen),
      calm ? everyCalmMs : everyMs,
    );
    return () => clearInterval(timer);
  });
  return {
    get now() {
      return now;
    },
  };
}
