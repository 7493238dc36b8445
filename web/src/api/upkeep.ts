// Requests of the rooms that show what the server is and does.
import { get, request } from './client.ts';
import type {
  BenchRuns,
  Config,
  Devices,
  Forgotten,
  LearnedState,
  ModelHealth,
  ModelLoaded,
  ModelUnloaded,
  Models,
  Reloaded,
} from './schema.ts';

export const models = get<Models>('/api/v1/models');
export const devices = get<Devices>('/api/v1/devices');
export const health = get<ModelHealth>('/api/v1/models/health');
export const load = (model: string) =>
  request<ModelLoaded>('POST', '/api/v1/models/load', { model });
export const unload = (model: string) =>
  request<ModelUnloaded>('POST', '/api/v1/models/unload', { model });

export const config = get<Config>('/api/v1/config');
export const reload = () => request<Reloaded>('POST', '/api/v1/reload');
export const learned = get<LearnedState>('/api/v1/learned');
export const forget = () => request<Forgotten>('DELETE', '/api/v1/learned');
export const benchRuns = get<BenchRuns>('/api/v1/bench');
