// How alerts and their rules are said. Pure.
import type { Alerts } from '../api/schema.ts';

export type Alert = Alerts['alerts'][number];
export type Rule = Alerts['rules'][number];

// Of an alert's value or threshold, as its rule measures it.
export const valueWords = (value: number) => String(Math.round(value * 1000) / 1000);

export const subjectWords = ({ label, subject }: Pick<Alert, 'label' | 'subject'>) =>
  subject ? `${label} ${subject}` : 'kai itself';
