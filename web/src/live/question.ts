// What is known of one question, and how each event changes it. No clock, no I/O: the same events
// give the same state, live, after a cut, or from a document.
import type { Answer, Ended, EventPlan, PlannedAsk, QueryEvent } from '../api/schema.ts';

export type Verdict = Answer['verdict'];
export type RecordedMember = Answer['members'][number];
export type Phase = 'queued' | 'loading' | 'reading' | 'writing' | 'testing';

// A stretch of a member's time, in ms since the question was asked; an open one has no end yet.
export interface Span {
  phase: Phase;
  from: number;
  to: number | null;
}

export interface Member {
  name: string;
  model: string;
  device: string | null;
  progress: number; // of the phase it is in, 0..1
  spans: Span[];
  earlier: number; // how many of them are of asks before this one: a fallback may ask it again
  text: string;
  ended: Ended | RecordedMember | null;
}

export interface Question {
  id: string;
  question: string;
  asked: string | null; // RFC 3339
  plan: EventPlan | null;
  planned: number; // ms since it was asked, when that plan was made
  complexity: Answer['complexity'] | null;
  members: Member[]; // in the order of the plan
  draft: { member: string; text: string; revised: boolean } | null;
  verdict: Verdict | null;
  notices: string[]; // sentences: waiting, fallbacks, changes of devices
  waiting: string | null; // why it waits, while it does
  earlyStop: string | null;
  outcome: Answer | null; // once it is over
  lost: string | null; // why nothing more will be known of it
  at: number; // ms since it was asked, of the last event
}

export function newQuestion(id: string): Question {
  return {
    id,
    question: '',
    asked: null,
    plan: null,
    planned: 0,
    complexity: null,
    members: [],
    draft: null,
    verdict: null,
    notices: [],
    waiting: null,
    earlyStop: null,
    outcome: null,
    lost: null,
    at: 0,
  };
}

function newMember(ask: Pick<PlannedAsk, 'member' | 'model' | 'device'>): Member {
  const { member, model, device } = ask;
  return { name: member, model, device, progress: 0, spans: [], earlier: 0, text: '', ended: null };
}

function memberOf(question: Question, name: string): Member {
  const known = question.members.find((member) => member.name === name);
  if (known) return known;
  question.members.push(newMember({ member: name, model: name.replace(/#\d+$/, ''), device: null }));
  return question.members.at(-1)!;
}

// One that has ended is asked once more: what it wrote then counts no more, when it did stays.
function again(member: Member) {
  member.earlier = member.spans.length;
  member.ended = null;
  member.text = '';
}

// Ends the phase it is in, and begins `phase` unless it is in that already.
function enter(member: Member, phase: Phase, at: number) {
  if (member.ended) again(member);
  const last = member.spans.at(-1);
  if (last?.phase === phase && last.to === null) return;
  if (last && last.to === null) last.to = at;
  member.spans.push({ phase, from: at, to: null });
  member.progress = 0;
}

// The phases of one that wrote until `end`, as its times say; one that was cut has not told them all.
function spansOf(ended: Ended | RecordedMember, end: number): Span[] {
  const spans: Span[] = [];
  let from = Math.max(0, end - ended.total_ms);
  const add = (phase: Phase, length: number) => {
    if (length > 0) spans.push({ phase, from, to: from + length });
    from += Math.max(0, length);
  };
  add('queued', ended.queued_ms);
  add('loading', ended.load_ms);
  add('reading', ended.prefill_ms);
  add(ended.text || ended.decode_ms > 0 ? 'writing' : 'reading', end - from);
  return spans;
}

function end(member: Member, ended: Ended | RecordedMember, at: number) {
  member.ended = ended;
  member.device = ended.device ?? member.device;
  member.text = ended.text || member.text;
  const told = ended.prefill_ms > 0 || ended.decode_ms > 0;
  const last = member.spans.at(-1);
  if (told || member.spans.length === member.earlier) {
    // Its times end with its words: its code was run after them.
    const testing = last?.phase === 'testing' ? [{ ...last, to: last.to ?? at }] : [];
    const earlier = member.spans.slice(0, member.earlier);
    member.spans = [...earlier, ...spansOf(ended, testing[0]?.from ?? at), ...testing];
    return;
  }
  if (last && last.to === null) last.to = at;
}

function plan(question: Question, planned: EventPlan, at: number) {
  question.plan = planned;
  question.planned = at;
  for (const ask of planned.asks) {
    const known = question.members.find((member) => member.name === ask.member);
    if (known) known.device = ask.device;
    else question.members.push(newMember(ask));
  }
}

// What the document says of fallbacks and devices, where no event has.
function noticesOf({ plan, device_changes }: Answer): string[] {
  const fallbacks = plan?.fallbacks ?? 0;
  const tried = fallbacks === 1 ? 'a simpler one was tried' : `${fallbacks} simpler ones were tried`;
  return [
    ...(fallbacks > 0 ? [`Fallback: the first plan gave no valid answer; ${tried}`] : []),
    ...(device_changes ?? []),
  ];
}

// They are told in the order of their ends; who is in no plan comes last.
const placeOf = ({ round, order }: RecordedMember) => (round ?? 999) * 1000 + (order ?? 999);
const inOrderOfPlans = (members: RecordedMember[]) =>
  members.toSorted((one, other) => placeOf(one) - placeOf(other));

// When each plan began, in ms since the question was asked: the first at once, a fallback when all of
// the plan before had ended.
function beginsOf(members: RecordedMember[]): number[] {
  const begins = [0];
  const last = Math.max(0, ...members.map(({ round }) => round ?? 0));
  for (let round = 0; round < last; round += 1) {
    const times = members.filter((one) => (one.round ?? 0) === round).map(({ total_ms }) => total_ms);
    begins.push(begins[round]! + Math.max(0, ...times));
  }
  return begins;
}

// One member's records, in the order of their ends: more than one where a fallback asked it again.
// Of one whose phases were seen, only the last is new.
function record(member: Member, records: RecordedMember[], begins: number[]) {
  const unseen = member.spans.length === 0;
  const ran = records.filter(({ ending }) => ending !== 'not_run');
  if (ran.length === 0) member.ended = records.at(-1)!;
  for (const one of unseen ? ran : ran.slice(-1)) {
    if (unseen && member.ended) again(member);
    const seen = unseen ? null : member.spans.at(-1)!.to;
    end(member, one, seen ?? begins[one.round ?? 0]! + one.total_ms);
  }
}

// The document of a question that is over says everything; the phases that were seen stay.
function complete(question: Question, outcome: Answer) {
  question.outcome = outcome;
  question.question = outcome.question;
  question.asked = outcome.asked;
  question.complexity = outcome.complexity;
  question.verdict = outcome.verdict;
  question.earlyStop = outcome.stop_why;
  question.waiting = null;
  if (question.notices.length === 0) question.notices = noticesOf(outcome);
  const begins = beginsOf(outcome.members);
  for (const name of new Set(inOrderOfPlans(outcome.members).map(({ member }) => member))) {
    const member = memberOf(question, name);
    const own = outcome.members.filter((one) => one.member === name);
    member.model = own[0]!.model;
    member.device = own.at(-1)!.device ?? member.device;
    record(member, own, begins);
  }
}

// Changes `question` by one event of its own.
export function apply(question: Question, event: QueryEvent) {
  question.at = Math.max(question.at, event.t_ms);
  if (event.type.startsWith('member.')) question.waiting = null;
  switch (event.type) {
    case 'query.anew':
      Object.assign(question, newQuestion(question.id), { question: question.question });
      break;
    case 'query.asked':
      question.question = event.question;
      question.asked = event.asked;
      break;
    case 'query.started':
      question.complexity = event.complexity;
      question.waiting = null;
      plan(question, event.plan, event.t_ms);
      break;
    case 'query.fallback':
      question.notices.push(`Fallback: ${event.why}`);
      plan(question, event.plan, event.t_ms);
      break;
    case 'query.waiting':
      question.waiting = event.why;
      break;
    case 'device.changed':
      question.notices.push(event.what);
      for (const move of event.moves) memberOf(question, move.member).device = move.device;
      break;
    case 'member.queued':
      enter(memberOf(question, event.member), 'queued', event.t_ms);
      break;
    case 'member.loading':
      enter(memberOf(question, event.member), 'loading', event.t_ms);
      memberOf(question, event.member).progress = event.progress;
      break;
    case 'member.prefill':
      enter(memberOf(question, event.member), 'reading', event.t_ms);
      memberOf(question, event.member).progress = event.progress;
      break;
    case 'member.token':
      enter(memberOf(question, event.member), 'writing', event.t_ms);
      memberOf(question, event.member).text += event.text;
      break;
    case 'member.testing':
      enter(memberOf(question, event.member), 'testing', event.t_ms);
      break;
    case 'member.ended':
      end(memberOf(question, event.member), event, event.t_ms);
      break;
    case 'answer.draft': {
      const before = event.anew ? null : question.draft;
      question.draft = {
        member: event.member,
        text: (before?.text ?? '') + event.text,
        revised: question.draft !== null && (event.anew || question.draft.revised),
      };
      break;
    }
    case 'agreement.updated':
      question.verdict = event.verdict;
      break;
    case 'query.early_stop':
      question.earlyStop = event.why;
      break;
    case 'query.completed':
      complete(question, event.outcome);
      break;
  }
}

// A question of the past, from its document.
export function fromDocument(document: Answer): Question {
  const question = newQuestion(document.id);
  complete(question, document);
  question.at = document.latency_ms;
  return question;
}

export const isOver = ({ outcome, lost }: Question) => outcome !== null || lost !== null;
