// Who may do what: the key of this browser, and those that there are.
import { request } from './client.ts';
import type { Access, Keys, LoggedIn } from './schema.ts';

export const access = (signal?: AbortSignal) =>
  request<Access>('GET', '/api/v1/access', undefined, signal);
export const keys = (signal?: AbortSignal) => request<Keys>('GET', '/api/v1/keys', undefined, signal);
export const logIn = (key: string) => request<LoggedIn>('POST', '/api/v1/login', { key });
export const logOut = () => request<void>('POST', '/api/v1/logout');
