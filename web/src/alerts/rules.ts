// Which curve stands behind which rule: what its chart shows. Pure.
import type { Alerts, MetricsHistory } from '../api/schema.ts';
import { labelsOf, mean, merged, sum, together, valuesOf, type Values } from '../parts/curves.ts';
import { bytes, span } from '../parts/quantities.ts';
import { percent } from '../question/words.ts';

export type Alert = Alerts['alerts'][number];
export type Rule = Alerts['rules'][number];

interface Curve {
  series: string[];
  title: string;
  say: (value: number) => string;
  top: number | null;
  values: (history: MetricsHistory, subject: string) => Values;
}

const share = (part: string): Curve['values'] => {
  const of = (history: MetricsHistory) => {
    const all = together(history, 'questions', sum);
    const some = together(history, part, sum);
    return all.map((count, row) => (count ? (some[row] ?? 0) / count : null));
  };
  return of;
};
// Of the subject alone, or of all of them together.
const own =
  (name: string): Curve['values'] =>
  (history, subject) =>
    subject ? valuesOf(history, name, subject) : merged(labelsOf(history, name).map((label) => valuesOf(history, name, label)), mean);

export const curves: Record<string, Curve> = {
  QueryErrorsHigh: {
    series: ['questions', 'questions_failed'],
    title: 'Questions without an answer',
    say: percent,
    top: 1,
    values: share('questions_failed'),
  },
  DeadlineMissHigh: {
    series: ['questions', 'questions_late'],
    title: 'Questions that ended at their deadline',
    say: percent,
    top: 1,
    values: share('questions_late'),
  },
  ModelDown: {
    series: ['asks_failed'],
    title: 'Answers that failed or were late',
    say: (value) => String(Math.round(value)),
    top: null,
    values: own('asks_failed'),
  },
  ModelLatencyRegressed: {
    series: ['seconds_per_token'],
    title: 'Time for a token',
    say: span,
    top: null,
    values: own('seconds_per_token'),
  },
  AgreementDrop: {
    series: ['agreement'],
    title: 'Members agree',
    say: percent,
    top: 1,
    values: own('agreement'),
  },
  QualityDrop: {
    series: ['quality'],
    title: 'In the winning group',
    say: percent,
    top: 1,
    values: own('quality'),
  },
  VRAMNearFull: {
    series: ['gpu_memory_used_bytes'],
    title: 'GPU memory taken',
    say: bytes,
    top: null,
    values: own('gpu_memory_used_bytes'),
  },
  Throttled: {
    series: ['gpu_temperature_celsius'],
    title: 'GPU temperature',
    say: (value) => `${Math.round(value)} °C`,
    top: null,
    values: own('gpu_temperature_celsius'),
  },
};

// Of an alert's value or threshold, as its rule measures it.
export const valueWords = (value: number) => String(Math.round(value * 1000) / 1000);

export const subjectWords = ({ label, subject }: Pick<Alert, 'label' | 'subject'>) =>
  subject ? `${label} ${subject}` : 'kai itself';
