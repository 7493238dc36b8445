// A run of `kai bench quality`, with figures of no real one: only their form and what the page makes
// of them count.
const paired = { won: 3, lost: 1, p: 0.625 };
const arm = (name, right, median, tokens) => ({
  arm: name,
  right,
  accuracy: right / 20,
  accuracy_low: Math.max(0, right / 20 - 0.2),
  accuracy_high: Math.min(1, right / 20 + 0.15),
  against_best: paired,
  unanswered: 0,
  agreement: 0.8,
  latency_mean_ms: median * 1.1,
  latency_median_ms: median,
  latency_p90_ms: median * 1.8,
  tokens,
  compute_ms: median * 15,
});
export const run = {
  schema: 'kai.bench-quality.v1',
  file: 'played.jsonl',
  seed: '7',
  interrupted: false,
  models: ['desk/qwen3:8b', 'attic/phi4'],
  samples: 2,
  problems: 20,
  marked: 20,
  rows_skipped: 0,
  skipped: [],
  arms: [
    arm('best', 13, 900, 2100),
    arm('samples', 14, 2500, 6400),
    arm('adaptive', 16, 1200, 3000),
    arm('all', 16, 4800, 9000),
  ],
  worth: [
    {
      model: 'attic/phi4',
      marked: 20,
      right_with: 16,
      right_without: 13,
      without: { won: 0, lost: 3, p: 0.25 },
      compute_ms: 9000,
    },
  ],
};
