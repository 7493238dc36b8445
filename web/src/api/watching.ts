// Requests of the rooms that watch the server: what was measured, what has become worse.
import { get, request } from './client.ts';
import type { Alerts, MetricsHistory } from './schema.ts';

export const alerts = get<Alerts>('/api/v1/alerts');
export const silence = (alert: string, duration_s: number) =>
  request<Alerts>('POST', '/api/v1/alerts/silences', { alert, duration_s });

const pointsMax = 720; // more than a chart has room for; 30 days: one an hour

// series: names; seconds: how far back.
export const metrics = (series: string[], seconds: number, signal?: AbortSignal) =>
  get<MetricsHistory>(
    `/api/v1/metrics/history?series=${series.join(',')}&from=${-seconds}&points=${pointsMax}`,
  )(signal);
