// How long ago a running question was asked, growing by itself between its events: by this
// browser's clock from when an event came, so that clocks that differ do no harm.
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
    now = outcome ? Math.max(at, outcome.latency_ms) : at;
    if (outcome || lost) return;
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
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
