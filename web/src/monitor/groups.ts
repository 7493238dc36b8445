// What the charts of the monitor show, by what was measured. Pure.
import type { MetricsHistory } from '../api/schema.ts';
import { byName } from '../parts/order.ts';
import {
  labelsOf,
  meanBy,
  most,
  perSecond,
  present,
  sum,
  together,
  tones,
  valuesOf,
  weighted,
  type Line,
} from '../parts/curves.ts';

export const windows = [
  { name: '15 min', seconds: 900, everyMs: 2000 },
  { name: '1 h', seconds: 3600, everyMs: 10_000 },
  { name: '24 h', seconds: 86_400, everyMs: 30_000 },
  { name: '7 days', seconds: 604_800, everyMs: 120_000 },
  { name: '30 days', seconds: 2_592_000, everyMs: 300_000 },
] as const;

export const questionSeries = [
  'questions',
  'questions_failed',
  'questions_late',
  'question_seconds_p95',
  'agreement',
  'confidence',
  'feedback',
];
export const machineSeries = [
  'cpu_utilization',
  'memory_used_bytes',
  'pressure',
  'host_power_watts',
  'queue_depth',
  'questions_running',
  'gpu_utilization',
  'gpu_memory_used_bytes',
  'gpu_power_watts',
];
export const modelSeries = ['seconds_per_token', 'ttft_seconds', 'quality', 'asks', 'asks_failed'];

const line = (name: string, values: Line['values'], at: number): Line => ({
  name,
  values,
  look: 'line',
  tone: tones[at % tones.length]!,
});

export function responseTimes(history: MetricsHistory): Line[] {
  return labelsOf(history, 'question_seconds_p95').map((tier, at) =>
    line(tier, valuesOf(history, 'question_seconds_p95', tier), at),
  );
}

export function questions(history: MetricsHistory): Line[] {
  const all = together(history, 'questions', sum);
  const failed = together(history, 'questions_failed', sum);
  const late = together(history, 'questions_late', sum);
  return [
    { name: 'asked', values: all, look: 'bars', tone: 'fourth' },
    { name: 'late', values: late, look: 'bars', tone: 'second', half: 'left' },
    { name: 'without an answer', values: failed, look: 'bars', tone: 'bad', half: 'right' },
  ];
}

export function agreement(history: MetricsHistory): Line[] {
  const sure = weighted(history, 'confidence', 'questions');
  const lines = [line('members agree', weighted(history, 'agreement', 'questions'), 0)];
  return present(sure).length > 0 ? [...lines, line('calibrated confidence', sure, 1)] : lines;
}

// What users said of answers.
export const feedback = (history: MetricsHistory): Line[] => [
  { name: 'good', values: valuesOf(history, 'feedback', 'good'), look: 'bars', tone: 'fourth' },
  { name: 'right answer given', values: valuesOf(history, 'feedback', 'answer'), look: 'bars', tone: 'second' },
  { name: 'bad', values: valuesOf(history, 'feedback', 'bad'), look: 'bars', tone: 'bad' },
];

// The processors and each GPU.
export function perDevice(history: MetricsHistory, host: string, gpu: string, name: string): Line[] {
  return [
    line(name, valuesOf(history, host), 0),
    ...labelsOf(history, gpu).map((card, at) =>
      line(`GPU ${card}`, valuesOf(history, gpu, card), at + 1),
    ),
  ];
}

// Of each resource, how long somebody waited for it.
const resources: Record<string, string> = { cpu: 'processors', memory: 'memory', io: 'disks' };
export const pressure = (history: MetricsHistory): Line[] =>
  labelsOf(history, 'pressure').map((label, at) =>
    line(resources[label] ?? label, valuesOf(history, 'pressure', label), at),
  );

export const waiting = (history: MetricsHistory): Line[] => [
  line('being answered', valuesOf(history, 'questions_running'), 0),
  line('waiting', valuesOf(history, 'queue_depth'), 1),
];

export const modelsIn = (history: MetricsHistory) =>
  [...new Set(modelSeries.flatMap((name) => labelsOf(history, name)))].sort(byName);

export function pace(history: MetricsHistory, model: string): Line[] {
  return [line('tokens/s', perSecond(valuesOf(history, 'seconds_per_token', model)), 0)];
}

export const winning = (history: MetricsHistory, model: string): Line[] => [
  line('in the winning group', valuesOf(history, 'quality', model), 0),
];

// What one model did in the window; null: not known.
export interface Doing {
  model: string;
  asked: number;
  failed: number; // or late
  succeeded: number | null; // share of the asks, 0..1
  first: number | null; // seconds to its first token, mean
  pace: number | null; // tokens per second, mean
}

export const recordsOf = (history: MetricsHistory): Doing[] =>
  modelsIn(history).map((model) => {
    const of = (name: string) => valuesOf(history, name, model);
    const asks = of('asks');
    const [asked, failed] = [sum(present(asks)), sum(present(of('asks_failed')))];
    const [pace] = perSecond([meanBy(of('seconds_per_token'), asks)]);
    return {
      model,
      asked,
      failed,
      succeeded: asked > 0 ? 1 - failed / asked : null,
      first: meanBy(of('ttft_seconds'), asks),
      pace: pace ?? null,
    };
  });

export interface Summary {
  asked: number;
  answered: number | null; // share, 0..1
  slowest: { tier: string; seconds: number } | null; // by the largest 95th percentile of each tier
  agreement: number | null; // mean over questions, 0..1
  succeeded: number | null; // share of what models were asked that did not fail or come late, 0..1
}

export function summaryOf(history: MetricsHistory, models: MetricsHistory): Summary {
  const total = (name: string) => sum(present(together(history, name, sum)));
  const asked = total('questions');
  const tiers = labelsOf(history, 'question_seconds_p95').flatMap((tier) => {
    const known = present(valuesOf(history, 'question_seconds_p95', tier));
    return known.length === 0 ? [] : [{ tier, seconds: most(known) }];
  });
  const agreed = weighted(history, 'agreement', 'questions');
  const counts = together(history, 'questions', sum);
  const asks = sum(present(together(models, 'asks', sum)));
  const failed = sum(present(together(models, 'asks_failed', sum)));
  return {
    asked,
    answered: asked > 0 ? 1 - total('questions_failed') / asked : null,
    slowest: tiers.sort((one, other) => other.seconds - one.seconds)[0] ?? null,
    agreement: meanBy(agreed, counts),
    succeeded: asks > 0 ? 1 - failed / asks : null,
  };
}
