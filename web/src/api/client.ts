// Requests to the server. Every failure is a Refused, with a sentence for the user.
import type { Answer, Asking, Feedback, History, Plan, Replaying, Taken } from './schema.ts';

export class Refused extends Error {
  constructor(
    readonly status: number, // of HTTP; 0: nobody answered
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

async function refusal(response: Response): Promise<Refused> {
  try {
    const { error } = (await response.json()) as { error: { code: string; message: string } };
    return new Refused(response.status, error.code, error.message);
  } catch {
    return new Refused(response.status, 'internal', `The server answered ${response.status}.`);
  }
}

export async function request<T>(
  method: 'GET' | 'POST' | 'PUT' | 'DELETE',
  path: string,
  body?: unknown,
  signal?: AbortSignal,
): Promise<T> {
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
      headers: { accept: 'application/json', 'content-type': 'application/json' },
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new Refused(0, 'unreachable', 'kai does not answer. Is `kai serve` still running?');
  }
  if (!response.ok) throw await refusal(response);
  if (response.status === 204) return undefined as T;
  return (await response.json()) as T;
}

// A request without parameters, to be made later.
export const get =
  <T>(path: string) =>
  (signal?: AbortSignal) =>
    request<T>('GET', path, undefined, signal);

export const queryPath = (id: string) => `/api/v1/queries/${encodeURIComponent(id)}`;

export const ask = (asking: Asking) => request<Taken>('POST', '/api/v1/queries', asking);
export const plan = (asking: Asking, signal?: AbortSignal) =>
  request<Plan>('POST', '/api/v1/plan', asking, signal);
export const stop = (id: string) => request<Taken>('DELETE', queryPath(id));
export const read = (id: string, signal?: AbortSignal) =>
  request<Answer>('GET', queryPath(id), undefined, signal);
export const judge = (id: string, feedback: Feedback) =>
  request<Taken>('PUT', `${queryPath(id)}/feedback`, feedback);
export const replay = (id: string, changed: Replaying) =>
  request<Taken>('POST', `${queryPath(id)}/replay`, changed);
export const history = (parameters: URLSearchParams, signal?: AbortSignal) =>
  request<History>('GET', `/api/v1/queries?${parameters}`, undefined, signal);

// The scope that the key of this browser lacks; null: it was refused otherwise, or not at all.
export const lacking = (error: unknown): string | null =>
  error instanceof Refused && error.status === 403
    ? (/that needs the scope (\w+)/.exec(error.message)?.[1] ?? null)
    : null;

// A sentence about anything that was thrown. doing: what a key may not, in place of a path.
export function sentence(error: unknown, doing = 'do this'): string {
  const scope = lacking(error);
  if (scope) return `The key of this browser may not ${doing}: that needs the scope ${scope}.`;
  return error instanceof Error ? error.message : String(error);
}
