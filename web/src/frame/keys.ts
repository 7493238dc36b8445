// The keys that work everywhere. Rooms add their own with `onkeydown` on the window; what they all
// mean is said in Help.svelte.
import { route } from './route.svelte.ts';
import { screens } from './screens.ts';

const goWithinMs = 1200;

// Where letters are text.
export function isTyping(event: KeyboardEvent): boolean {
  const target = event.target;
  if (!(target instanceof HTMLElement)) return false;
  return target.isContentEditable || target.matches('input, textarea, select');
}

export function isPlain(event: KeyboardEvent): boolean {
  return !event.ctrlKey && !event.metaKey && !event.altKey && !event.defaultPrevented;
}

// Gives what to do with a key press: `g` and a screen's letter, `?`, Ctrl-K.
export function frameKeys(open: { palette: () => void; help: () => void }) {
  let goUntil = 0;
  return (event: KeyboardEvent) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      open.palette();
      return;
    }
    if (isTyping(event) || !isPlain(event)) return;
    if (event.key === '?') open.help();
    const screen = event.timeStamp < goUntil && screens.find((one) => one.key === event.key);
    goUntil = event.key === 'g' ? event.timeStamp + goWithinMs : 0;
    if (!screen) return;
    event.preventDefault();
    route.go(screen.path);
  };
}
