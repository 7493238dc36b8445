// Which answers go together: a letter for each group, the strongest first.
import type { Member, Question, Verdict } from '../live/question.ts';

export type Stance = 'agrees' | 'dissents' | 'abstained' | 'pending' | 'none';

export interface Group {
  letter: string;
  answer: string;
  members: string[];
}

export function groupsOf(verdict: Verdict | null): Group[] {
  return (verdict?.groups ?? []).map(({ answer, members }, index) => ({
    letter: String.fromCharCode(65 + Math.min(index, 25)),
    answer,
    members,
  }));
}

export function groupOf(groups: Group[], member: string): Group | undefined {
  return groups.find((group) => group.members.includes(member));
}

// What a member means for the verdict, also while others still write.
export function stanceOf(member: Member, verdict: Verdict | null): Stance {
  const groups = verdict?.groups ?? [];
  const at = groups.findIndex((group) => group.members.includes(member.name));
  if (at >= 0) return at === 0 ? 'agrees' : 'dissents';
  if (verdict?.dissent.some((one) => one.member === member.name)) return 'dissents';
  if (verdict?.abstained.includes(member.name)) return 'abstained';
  return member.ended ? 'none' : 'pending';
}

// How many were stopped, or never begun, and had said nothing that counts: none that failed.
export function sparedOf({ members, verdict }: Question): number {
  const spared = ({ ended }: Member) => ['cancelled', 'not_run'].includes(ended?.ending ?? '');
  return members.filter((one) => spared(one) && stanceOf(one, verdict) === 'none').length;
}
