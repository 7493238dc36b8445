// Where the bars of the timeline stand. Pure: a question and a moment give the rows.
import type { Member, Phase, Question } from '../live/question.ts';

export interface Bar {
  phase: Phase;
  left: number; // of the axis, 0..100
  width: number;
  open: boolean; // it goes on
}

export interface Timeline {
  end: number; // of the axis, in ms
  ticks: number[]; // ms
  deadline: number | null; // ms; null: there is none, or it lies beyond the axis
  beyond: number | null; // the deadline that lies beyond
  devices: { device: string; members: { member: Member; bars: Bar[] }[] }[];
}

const stepsMs = [100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 30_000, 60_000, 120_000, 300_000];
const ticksMax = 6;

export const tickWords = (ms: number) =>
  ms === 0 ? '0' : ms < 1000 ? `${ms} ms` : `${ms / 1000} s`;

function ticksUpTo(end: number): number[] {
  const step = stepsMs.find((one) => end / one <= ticksMax) ?? end / ticksMax;
  return Array.from({ length: Math.floor(end / step) + 1 }, (_, index) => index * step);
}

// The axis ends a little behind what has happened and what is foreseen, so that bars stay readable
// also where the deadline is far.
function endOf(question: Question, now: number, deadline: number | null): number {
  const last = Math.max(...question.members.flatMap(({ spans }) => spans.map((s) => s.to ?? now)), now);
  if (question.outcome) return Math.max(last * 1.04, 100);
  const foreseen = question.plan?.predicted_p90_ms ?? 0;
  const wanted = Math.max(last * 1.2, foreseen * 1.1, 1000);
  return deadline !== null && deadline < wanted ? Math.max(deadline * 1.03, last) : wanted;
}

export function timelineOf(question: Question, now: number): Timeline {
  const deadline = question.outcome?.plan?.deadline_ms ?? question.plan?.deadline_ms ?? null;
  const end = endOf(question, now, deadline);
  const place = (ms: number) => Math.min(100, (ms / end) * 100);
  const devices = new Map<string, Timeline['devices'][number]>();
  for (const member of question.members) {
    const name = member.device ?? 'not placed';
    if (!devices.has(name)) devices.set(name, { device: name, members: [] });
    const bars = member.spans.map(({ phase, from, to }) => ({
      phase,
      left: place(from),
      width: Math.max(0.3, place(to ?? Math.max(now, from)) - place(from)),
      open: to === null,
    }));
    devices.get(name)!.members.push({ member, bars });
  }
  const within = deadline !== null && deadline <= end;
  return {
    end,
    ticks: ticksUpTo(end),
    deadline: within ? deadline : null,
    beyond: within ? null : deadline,
    devices: [...devices.values()],
  };
}
