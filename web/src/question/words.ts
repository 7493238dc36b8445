// How quantities and states are said, everywhere in the page.
import type { Answer } from '../api/schema.ts';
import type { Member, Phase, Question, Verdict } from '../live/question.ts';
import { rate as tokenRate } from '../parts/quantities.ts';

export function seconds(ms: number): string {
  if (ms > 0 && ms < 5) return '< 10 ms';
  if (ms < 950) return `${Math.round(ms / 10) * 10} ms`;
  if (ms < 9950) return `${(ms / 1000).toFixed(1)} s`;
  const whole = Math.round(ms / 1000);
  if (whole < 120) return `${whole} s`;
  return `${Math.floor(whole / 60)} min${whole % 60 > 0 ? ` ${whole % 60} s` : ''}`;
}

// A time that is only foreseen, and so in whole seconds.
export const foreseen = (ms: number) =>
  seconds(Math.max(1, Math.ceil(ms / 1000)) * 1000).replace('.0 ', ' ');

export const percent = (share: number) => `${Math.round(share * 100)} %`;
export const plural = (count: number, one: string) => `${count} ${one}${count === 1 ? '' : 's'}`;

export function when(rfc3339: string): string {
  return new Date(rfc3339).toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' });
}

export const phaseNames: Record<Phase, string> = {
  queued: 'waits',
  loading: 'loads',
  reading: 'reads',
  writing: 'writes',
  testing: 'runs code',
};

const endings: Record<string, string> = {
  complete: 'answered',
  stated: 'answered, cut once its vote was clear',
  token_limit: 'answered up to its limit',
  deadline: 'cut by the deadline',
  cancelled: 'stopped',
  failed: 'failed',
  not_run: 'not needed',
};

// What a member is doing, and how far it is where that is known; or how it ended.
export function doing(member: Member): string {
  const ending = member.ended?.ending;
  if (ending === 'complete' && !member.text) return 'said nothing';
  if (ending) return endings[ending] ?? ending;
  const phase = member.spans.at(-1)?.phase;
  if (!phase) return 'planned';
  const { progress } = member;
  const known = progress > 0 && progress < 1;
  return known ? `${phaseNames[phase]} ${percent(progress)}` : phaseNames[phase];
}

// How fast it wrote; nothing where that was too little to tell.
export function rate(ended: Member['ended']): string {
  const perSecond = ended?.tokens_per_second;
  if (!perSecond || ended.answer_tokens < 2 || ended.decode_ms < 1) return '';
  return tokenRate(perSecond);
}

// A text's beginning, its lines kept: all of it where it is no longer than that.
export function beginning(text: string, limits: { charsMax: number; linesMax: number }): string {
  const { charsMax, linesMax } = limits;
  const lines = text.split('\n').slice(0, linesMax).join('\n');
  const start = lines.length > charsMax ? lines.slice(0, charsMax - 1) : lines;
  return start.length < text.length ? `${start.trimEnd()}…` : text;
}

// An answer's text, short enough for a line.
export function short(text: string, max = 60): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > max ? `${line.slice(0, max - 1).trimEnd()}…` : line;
}

// The title of the document where a question is shown.
export const titleOf = (...parts: string[]) => [...parts.map((part) => short(part)), 'kai'].join(' · ');

// The same without the marks of Markdown around words; those inside one, as in 2**10, are its own.
export const shortPlain = (text: string, max: number) =>
  short(
    text
      .replace(/(^|[\s(])(\*\*|__|`)(\S|\S.*?\S)\2(?=$|[\s,;:!?)]|\.(?:\s|$))/gm, '$1$3')
      .replace(/^(#+|>)\s/gm, ''),
    max,
  );

// Of the members that said something, how many say the same.
export function agreement(verdict: Verdict): string {
  if (verdict.voters === 0) return 'No vote yet';
  if (verdict.voters === 1) return '1 answer so far';
  return `${verdict.agreeing} of ${verdict.voters} agree`;
}

// What the server says begins small; a sentence does not, but for a name: kai's, or a model's.
export const sentenceOf = (words: string) =>
  /^(?!kai )[a-z]+([ ,;]|$)/.test(words) ? words.charAt(0).toUpperCase() + words.slice(1) : words;

// How the answer was chosen, in a sentence; nothing where there is none.
export function methodSentence({ method, shape }: Verdict): string {
  switch (method) {
    case 'vote':
      return 'Chosen by vote: each answer weighs what its model’s skill is worth.';
    case 'best_member':
      return 'The words of the most trusted model that answered: explanations are compared, not counted.';
    case 'single':
      return shape === 'open' ? 'The only answer there was.' : 'The only answer that could be counted.';
    case 'tests':
      return 'Chosen by running the code on the question’s examples.';
    default:
      return '';
  }
}

// How the whole question ended, in a sentence.
export function outcomeSentence(outcome: Answer): string {
  if (outcome.error?.code === 'cancelled') return 'Stopped before there was an answer.';
  if (outcome.error) return `No answer. ${sentenceOf(outcome.error.message)}`;
  const { voters, agreeing } = outcome.verdict;
  const after = seconds(outcome.latency_ms);
  if (voters <= 1) return `Answer ready, by one model, after ${after}.`;
  return `Answer ready: ${agreeing} of ${voters} agree, after ${after}.`;
}

export const tierNames = ['simple', 'medium', 'complex', 'expert'] as const;

// Whether the question stands inside a conversation, whose earlier turns the server does not keep.
export const inConversation = (question: Question) => (question.outcome?.query.messages ?? 1) > 1;
