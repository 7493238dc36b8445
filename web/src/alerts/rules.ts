// How alerts and their rules are said. Pure.
import type { Alerts } from '../api/schema.ts';
import { span } from '../parts/quantities.ts';
import { percent } from '../question/words.ts';

export type Alert = Alerts['alerts'][number];
export type Rule = Alerts['rules'][number];

// Of an alert's value or threshold, as its rule measures it; nothing where a flag is neither.
export function valueWords(unit: Rule['unit'], value: number): string {
  switch (unit) {
    case 'share':
      return percent(value);
    case 'drop':
      return `${Math.round(value * 100)} points`;
    case 'times':
      return `${Math.round(value * 10) / 10} times`;
    case 'flag':
      return value === 0 ? 'no' : value === 1 ? 'yes' : '';
  }
}

// How it stands; nothing of what only is or is not.
export function measureWords({ value }: Alert, { unit }: Rule): string {
  if (unit === 'flag') return '';
  const now = valueWords(unit, value);
  return unit === 'drop' ? `It has dropped by ${now}.` : `It is at ${now}.`;
}

// When a rule is met, fires, and is over.
export function termsOf(rule: Rule): string {
  const [holds, keeps] = [rule.for_s ?? 0, rule.keep_firing_for_s ?? 0].map(span);
  if (rule.unit === 'flag') return `Fires once it was so for ${holds}; ends once it was not for ${keeps}.`;
  const of = (value: number) => valueWords(rule.unit, value);
  return (
    `Met above ${of(rule.fires_above)}; fires once that was so for ${holds}; ends when it was at ` +
    `${of(rule.clears_at)} or below for ${keeps}.`
  );
}

export const subjectWords = ({ label, subject }: Pick<Alert, 'label' | 'subject'>) =>
  subject ? `${label} ${subject}` : 'kai itself';
