// The one stream of everything that happens: taken up again after a cut where it was left, so that
// nothing is missed and nothing told twice. A hidden page lets go of it: a browser opens six
// connections to a server, for all its tabs together, and a seventh tab would wait for ever.
import type { Event } from '../api/schema.ts';

// locked: the server wants a key; blind: the key that it has may not watch; nowhere: there is no
// such stream.
export type Told = 'connecting' | 'live' | 'gone' | 'locked' | 'blind' | 'nowhere';
export type Connection = Exclude<Told, 'nowhere'>;

const pauseFirstMs = 500;
const pauseMaxMs = 5000;
const quietMaxMs = 40_000; // the server says every 15 s that it is there
const stateWithinMs = 5000;
// Answered: the stream alone was cut, and is taken up again.
const answers: Record<number, Told> = { 200: 'connecting', 401: 'locked', 403: 'blind', 404: 'nowhere' };

// Tells `onEvent` each event once, in order, and `onConnection` whether the server is there. Until
// the function that it gives is called.
export function follow(
  path: string,
  onEvent: (event: Event) => void,
  onConnection: (told: Told) => void,
): () => void {
  let last = 0;
  let pause = pauseFirstMs;
  let source: EventSource | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let ended = false;

  // Events come many at a time, when models write: told one behind the other, so that the page is
  // drawn anew once for all of them.
  let arrived: Event[] = [];
  function tell() {
    const events = arrived;
    arrived = [];
    for (const event of events) {
      if (ended) return;
      try {
        onEvent(event);
      } catch (error) {
        reportError(error); // and those behind it are told
      }
    }
  }

  // An EventSource does not say why it was refused.
  async function state(): Promise<Told> {
    const signal = AbortSignal.timeout(stateWithinMs);
    const status = await fetch(path, { method: 'HEAD', signal }).then(
      (reply) => reply.status,
      () => 0,
    );
    return answers[status] ?? 'gone';
  }

  function open() {
    if (document.hidden) return; // shown() opens it
    source = new EventSource(last > 0 ? `${path}?after=${last}` : path);
    heard();
    source.onopen = () => {
      pause = pauseFirstMs;
      heard();
      onConnection('live');
    };
    source.addEventListener('alive', heard);
    source.onmessage = (message: MessageEvent<string>) => {
      heard();
      const event = JSON.parse(message.data) as Event;
      // A snapshot stands for everything before it, also where numbers begin anew.
      if (event.seq <= last && event.type !== 'snapshot') return;
      last = event.seq;
      arrived.push(event);
      if (arrived.length === 1) setTimeout(tell);
    };
    // The browser's own way to come again gives up at the first refusal, as a server that is just
    // starting gives one: so it is done here, from the last event on.
    source.onerror = again;
  }
  async function again() {
    close();
    const now = await state();
    if (ended || source || document.hidden) return; // meanwhile
    onConnection(now);
    if (ended) return;
    timer = setTimeout(open, pause);
    pause = Math.min(pause * 2, pauseMaxMs);
  }
  // A server that hangs keeps its connections, and says nothing.
  function heard() {
    clearTimeout(quiet);
    quiet = setTimeout(again, quietMaxMs);
  }

  function close() {
    clearTimeout(timer);
    clearTimeout(quiet);
    source?.close();
    source = undefined;
  }
  function shown() {
    if (document.hidden) close();
    else if (!source) {
      clearTimeout(timer);
      open();
    }
  }

  onConnection('connecting');
  document.addEventListener('visibilitychange', shown);
  open();
  return () => {
    ended = true;
    document.removeEventListener('visibilitychange', shown);
    close();
  };
}
