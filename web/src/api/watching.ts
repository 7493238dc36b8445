// Requests of the rooms that watch the server: what was measured, what has become worse.
import { request } from './client.ts';
import type { Alerts, MetricsHistory } from './schema.ts';

export const alerts = (signal?: AbortSignal) =>
  request<Alerts>('GET', '/api/v1/alerts', undefined, signal);
export const silence = (alert: string, duration_s: number) =>
  request<Alerts>('POST', '/api/v1/alerts/silences', { alert, duration_s });

const pointsMax = 720; // more than a chart has room for; 30 days: one an hour

// series: names; seconds: how far back.
export const metrics = (series: string[], seconds: number, signal?: AbortSignal) =>
  request<MetricsHistory>(
    'GET',
    `/api/v1/metrics/history?series=${series.join(',')}&from=${-seconds}&points=${pointsMax}`,
    undefined,
    signal,
  );
