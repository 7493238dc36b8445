// Columns of what was measured, made into what charts draw. Pure.
import type { MetricsHistory } from '../api/schema.ts';

export type Values = (number | null)[];

export interface Line {
  name: string; // for people
  values: Values;
  look: 'line' | 'bars';
  tone: Tone;
  half?: 'left' | 'right'; // of the place of a bar: what is a part of another's stands in it
}
export type Tone = 'first' | 'second' | 'third' | 'fourth' | 'bad';
export const tones: Tone[] = ['first', 'second', 'third', 'fourth'];

export interface Note {
  at: number; // seconds since 1970
  kind: string;
  text: string;
}

export const timesOf = (history: MetricsHistory) => history.data[0] as number[];

// The labels that a series has, in the server's order.
export const labelsOf = (history: MetricsHistory, name: string) =>
  history.series.filter((one) => one.name === name).map(({ label }) => label);

export function valuesOf(history: MetricsHistory, name: string, label = ''): Values {
  const at = history.series.findIndex((one) => one.name === name && one.label === label);
  return at < 0 ? history.data[0]!.map(() => null) : history.data[at + 1]!;
}

// Of several lists as long, one: of the values that are there; null where none is.
export function merged(lists: Values[], how: (values: number[]) => number): Values {
  return (lists[0] ?? []).map((_, row) => {
    const there = lists.map((list) => list[row]).filter((value) => value != null);
    return there.length > 0 ? how(there) : null;
  });
}
export const sum = (values: number[]) => values.reduce((all, one) => all + one, 0);
export const mean = (values: number[]) => sum(values) / values.length;

// The mean of a series over its labels, by how many of `weights` each of them had: row by row.
export function weighted(history: MetricsHistory, name: string, weights: string): Values {
  const labels = labelsOf(history, name);
  const values = labels.map((label) => valuesOf(history, name, label));
  const counts = labels.map((label) => valuesOf(history, weights, label));
  const column = (lists: Values[], row: number) => lists.map((list) => list[row] ?? null);
  return (values[0] ?? []).map((_, row) => meanBy(column(values, row), column(counts, row)));
}

// Over all rows, by how many each had; null where nothing is known.
export function meanBy(values: Values, counts: Values): number | null {
  const there = values.flatMap((value, row) =>
    value === null ? [] : [{ value, count: counts[row] ?? 1 }],
  );
  const all = sum(there.map(({ count }) => count));
  return all > 0 ? sum(there.map(({ value, count }) => value * count)) / all : null;
}

// Each on top of those behind it: what is drawn later stands lower, and hides nothing.
export function stacked(lists: Values[]): Values[] {
  return lists.map((list, at) =>
    list.map((value, row) => {
      const own = lists.slice(at).map((one) => one[row] ?? 0);
      return value === null ? null : sum(own);
    }),
  );
}

// All of a series, whatever its labels, as one.
export const together = (history: MetricsHistory, name: string, how: (values: number[]) => number) =>
  merged(labelsOf(history, name).map((label) => valuesOf(history, name, label)), how);

// Tokens per second. An answer of a single token takes no time to write, which says nothing.
const fastest = 10_000;
export const perSecond = (secondsPerToken: Values): Values =>
  secondsPerToken.map((one) => (one === null || one < 1 / fastest ? null : 1 / one));

export const present = (values: Values) => values.filter((value) => value !== null);
export const most = (values: number[]) => values.reduce((one, other) => Math.max(one, other));
export const last = (values: Values) => values.findLast((value) => value !== null) ?? null;

// Rows where nothing was measured for longer than a few steps get a gap, instead of a line over it.
export function withGaps(times: number[], lines: Values[], step: number): [number[], ...Values[]] {
  const gap = step * 3;
  if (!times.some((time, row) => row > 0 && time - times[row - 1]! > gap)) return [times, ...lines];
  const out: [number[], ...Values[]] = [[], ...lines.map((): Values => [])];
  times.forEach((time, row) => {
    if (row > 0 && time - times[row - 1]! > gap) {
      out[0].push(times[row - 1]! + step);
      lines.forEach((_, at) => (out[at + 1] as Values).push(null));
    }
    out[0].push(time);
    lines.forEach((line, at) => (out[at + 1] as Values).push(line[row] ?? null));
  });
  return out;
}
