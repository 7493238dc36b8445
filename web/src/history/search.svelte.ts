// A search through the history: its filters are the address, so that a search can be kept and gone
// back to; its rows come in pages.
import { history, sentence } from '../api/client.ts';
import type { History } from '../api/schema.ts';
import { route } from '../frame/route.svelte.ts';

export type Row = History['queries'][number];
export const filters = ['search', 'tier', 'kind', 'model', 'dissent', 'confidence', 'ending'] as const;
export type Filter = (typeof filters)[number];

const pageRows = 50;

export class Search {
  rows = $state.raw<Row[]>([]);
  more = $state(false);
  searching = $state(true);
  failure = $state<string | null>(null);
  private current: AbortController | undefined;

  value(filter: Filter): string {
    return new URLSearchParams(route.search).get(filter) ?? '';
  }
  set(filter: Filter, value: string) {
    const parameters = new URLSearchParams(route.search);
    if (value) parameters.set(filter, value);
    else parameters.delete(filter);
    route.refine(parameters.toString());
  }

  // The first page of what the address says. A search that is overtaken is given up.
  async start() {
    await this.fetch(this.wanted(), []);
  }
  // The same once more, as it is now; older pages that are shown stay.
  async again() {
    if (this.searching) this.stale = true;
    else await this.fetch(this.wanted(), [], this.failure ? [] : this.rows);
  }
  private stale = false; // what is being asked for may be old when it comes
  async next() {
    const last = this.rows.at(-1);
    if (!last || this.searching) return;
    const parameters = this.wanted();
    parameters.set('before', last.id);
    await this.fetch(parameters, this.rows);
  }

  // As the server takes it: a range of confidence, "0.7-0.9", is two bounds there.
  private wanted(): URLSearchParams {
    const parameters = new URLSearchParams();
    for (const filter of filters) {
      const value = this.value(filter).trim();
      const [least, most] = filter === 'confidence' ? value.split('-') : [];
      if (least) parameters.set('confidence_min', least);
      if (most) parameters.set('confidence_max', most);
      if (value && filter !== 'confidence') parameters.set(filter, value);
    }
    return parameters;
  }

  // Puts what it gets behind `before`, and of `known` what is older behind that.
  private async fetch(parameters: URLSearchParams, before: Row[], known: Row[] = []) {
    this.current?.abort();
    const mine = (this.current = new AbortController());
    this.searching = true;
    parameters.set('limit', String(pageRows));
    try {
      const page = await history(parameters, mine.signal);
      const last = known.findIndex(({ id }) => id === page.queries.at(-1)?.id);
      const older = page.more && last >= 0 ? known.slice(last + 1) : [];
      this.rows = [...before, ...page.queries, ...older];
      this.more = older.length > 0 ? this.more : page.more;
      this.failure = null;
    } catch (error) {
      if (mine.signal.aborted) return;
      this.failure = sentence(error);
    }
    this.searching = false;
    if (!this.stale) return;
    this.stale = false;
    await this.again();
  }
}
