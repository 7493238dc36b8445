// The rooms of the page, in the order of the navigation. A new room is a line here: its address,
// the letter that follows `g` on the keyboard, and the component that shows it, which gets what
// stands in its address behind the path as `rest` ("/history/q_1" gives ['q_1']).
import type { Component } from 'svelte';
import Ask from '../ask/Ask.svelte';

export interface Screen {
  path: string;
  name: string;
  key: string;
  load: () => Promise<{ default: Component<{ rest: string[] }> }>;
}

export const screens: Screen[] = [
  // The first that is seen comes with the page; the others when they are gone to.
  { path: '/', name: 'Ask', key: 'a', load: async () => ({ default: Ask }) },
  { path: '/history', name: 'History', key: 'h', load: () => import('../history/History.svelte') },
  { path: '/models', name: 'Models', key: 'm', load: () => import('../models/Models.svelte') },
  { path: '/monitor', name: 'Monitor', key: 'o', load: () => import('../monitor/Monitor.svelte') },
  { path: '/alerts', name: 'Alerts', key: 'l', load: () => import('../alerts/Alerts.svelte') },
  { path: '/bench', name: 'Bench', key: 'b', load: () => import('../bench/Bench.svelte') },
  { path: '/settings', name: 'Settings', key: 's', load: () => import('../settings/Settings.svelte') },
];

// The screen of an address, with what follows its path. Nothing: no screen has it.
export function screenAt(path: string): { screen: Screen; rest: string[] } | undefined {
  const [, first = '', ...rest] = path.split('/');
  const screen = screens.find((one) => one.path === `/${first}`);
  return screen && { screen, rest: rest.filter(Boolean).map(decoded) };
}
// What somebody wrote into an address may be no escape: it then stands for itself.
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
