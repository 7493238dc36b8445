// What a run of the benchmark says, as pictures and sentences need it. Pure.
import type { BenchRuns } from '../api/schema.ts';
import { percent, seconds } from '../question/words.ts';

export type Run = BenchRuns['runs'][number];
export type Arm = Run['document']['arms'][number];

export const armNames: Record<Arm['arm'], string> = {
  best: 'best model alone',
  samples: 'best model, several times',
  adaptive: 'kai, adaptive',
  all: 'every model',
};

export const armOf = (run: Run, arm: Arm['arm']) =>
  run.document.arms.find((one) => one.arm === arm)!;

// Without the folders that it lay in.
export const fileOf = (run: Run) => run.document.file.split(/[/\\]/).at(-1)!;

// kai against asking every model, in a sentence; both answered the same questions.
export function comparison(run: Run): string {
  const adaptive = armOf(run, 'adaptive');
  const all = armOf(run, 'all');
  const faster = all.latency_median_ms / Math.max(1, adaptive.latency_median_ms);
  const time =
    faster >= 1.05
      ? `${faster.toFixed(1)} times as fast as`
      : faster <= 0.95
        ? `${(1 / faster).toFixed(1)} times as slow as`
        : 'as fast as';
  const pace = `kai’s own way was ${time} asking every model (${seconds(
    adaptive.latency_median_ms,
  )} against ${seconds(all.latency_median_ms)})`;
  if (adaptive.accuracy === null || all.accuracy === null) return `${pace}.`;
  const tokens = all.tokens > 0 ? ` It wrote ${percent(adaptive.tokens / all.tokens)} of the tokens.` : '';
  return `${pace}, with ${percent(adaptive.accuracy)} right against ${percent(all.accuracy)}.${tokens}`;
}

// A line for each way of asking; times in ms, null as nothing. RFC 4180.
export function csvOf(run: Run): string {
  const rows = run.document.arms.map(({ against_best: { won, lost, p }, ...arm }) => {
    return { ...arm, won_against_best: won, lost_against_best: lost, p_against_best: p };
  });
  const names = Object.keys(rows[0] ?? {}) as (keyof (typeof rows)[number])[];
  const lines = [names, ...rows.map((row) => names.map((name) => row[name] ?? ''))];
  return lines.map((cells) => `${cells.join(',')}\r\n`).join('');
}

// Ticks of a logarithmic axis of time: 1, 2 and 5 of each power within.
export function ticksWithin(from: number, to: number): number[] {
  const ticks: number[] = [];
  for (let power = Math.floor(Math.log10(from)); 10 ** power <= to; power += 1) {
    for (const step of [1, 2, 5]) {
      const tick = step * 10 ** power;
      if (tick >= from && tick <= to) ticks.push(tick);
    }
  }
  return ticks;
}
