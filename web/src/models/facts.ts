// What is known of each model, put together from what the server says of it in different places.
// Pure.
import type {
  BenchRuns,
  Devices,
  LearnedState,
  MetricsHistory,
  ModelHealth,
  Models,
} from '../api/schema.ts';
import { mean, perSecond, present, sum, valuesOf } from '../parts/curves.ts';
import { inOrder } from '../parts/order.ts';

export type Known = Models['models'][number];
export type State = 'refused' | 'out' | 'loaded' | 'remote' | 'ready';
// voice: 0..1, its part of the say that all models here have together.
export type Skill = { shape: string; chance: number; labels: number; voice: number };
// In the newest benchmark that it was part of, as every model was asked.
export type Worth = { at: string; marked: number; adds: number };

export interface Recent {
  asks: number | null; // that ended in the last day; null: not known
  failed: number;
  pace: number | null; // tokens per second, mean of the last day
  won: number | null; // 0..1 of its voted answers in the winning group, as told last
}

export interface Facts {
  model: Known;
  state: State;
  known: boolean; // how it does
  out: string | null;
  failure: ModelHealth['models'][number]['last_failure'];
  skills: Skill[];
  worth: Worth | null;
  recent: Recent;
}

const shapes = ['choice', 'number', 'short', 'code', 'open'];

function stateOf(model: Known, out: string | null, devices: Devices['devices']): State {
  if (model.refused) return 'refused';
  if (out) return 'out';
  if (model.loaded.length > 0) return 'loaded';
  const remote = (id: string) => devices.find((device) => device.id === id)?.kind === 'remote';
  return model.cards.length > 0 && model.cards.every((card) => remote(card.device))
    ? 'remote'
    : 'ready';
}

function skillsOf(model: Known, learned: LearnedState | null): Skill[] {
  const here = new Map(learned?.models.map(({ id, model_digest }) => [id, model_digest]));
  const digests = new Set(here.values());
  return (learned?.sheets ?? [])
    .flatMap(({ shape, models }) => {
      const own = models.find(({ model_digest }) => model_digest === here.get(model.id));
      if (!own) return [];
      const says = models.filter(({ model_digest }) => digests.has(model_digest));
      const all = sum(says.map(({ say }) => say));
      const voice = all > 0 ? own.say / all : 1 / says.length;
      return [{ shape, chance: own.chance, labels: own.labels, voice }];
    })
    .sort((one, other) => shapes.indexOf(one.shape) - shapes.indexOf(other.shape));
}

function worthOf(id: string, bench: BenchRuns | null): Worth | null {
  for (const { at, document } of bench?.runs ?? []) {
    const worth = document.worth.find(({ model }) => model === id);
    if (!worth || worth.marked === 0) continue;
    return { at, marked: worth.marked, adds: worth.right_with - worth.right_without };
  }
  return null;
}

function recentOf(id: string, history: MetricsHistory | null): Recent {
  if (!history) return { asks: null, failed: 0, pace: null, won: null };
  const of = (name: string) => present(valuesOf(history, name, id));
  const pace = present(perSecond(valuesOf(history, 'seconds_per_token', id)));
  return {
    asks: sum(of('asks')),
    failed: sum(of('asks_failed')),
    pace: pace.length > 0 ? mean(pace) : null,
    won: of('quality').at(-1) ?? null,
  };
}

export const recentSeries = ['asks', 'asks_failed', 'seconds_per_token', 'quality'];

// What the server has said so far; null: nothing yet, or this key may not see it.
export interface Said {
  models: Known[];
  devices: Devices['devices'];
  health: ModelHealth | null;
  learned: LearnedState | null;
  bench: BenchRuns | null;
  history: MetricsHistory | null;
}

export function factsOf(said: Said): Facts[] {
  return inOrder(said.models).map((model) => {
    const one = said.health?.models.find(({ id }) => id === model.id);
    const out = one?.out ?? null;
    return {
      model,
      state: stateOf(model, out, said.devices),
      known: one !== undefined,
      out,
      failure: one?.last_failure ?? null,
      skills: skillsOf(model, said.learned),
      worth: worthOf(model.id, said.bench),
      recent: recentOf(model.id, said.history),
    };
  });
}

export const stateWords: Record<State, string> = {
  loaded: 'loaded',
  ready: 'on disk',
  remote: 'on an engine',
  out: 'out for a while',
  refused: 'cannot be asked',
};
