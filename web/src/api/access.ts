// Who may do what: the key of this browser, and those that there are.
import { get, request } from './client.ts';
import type { Access, Keys, LoggedIn } from './schema.ts';

export const access = get<Access>('/api/v1/access');
export const keys = get<Keys>('/api/v1/keys');
export const logIn = (key: string) => request<LoggedIn>('POST', '/api/v1/login', { key });
export const logOut = () => request<void>('POST', '/api/v1/logout');
