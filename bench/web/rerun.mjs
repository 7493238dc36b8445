// What happened once, told to a page again and again at another speed: a server that passes
// everything on to kai, but for the stream of events, which it plays itself.
import { createServer, request as passOn } from 'node:http';

// Asks kai, and gives the events of the question as its stream told them, and the snapshot before.
export async function record(server, asking) {
  const reading = new AbortController();
  const response = await fetch(`${server.url}/api/v1/events`, { signal: reading.signal });
  const { id } = await server.api('POST', '/api/v1/queries', asking);
  let rest = '';
  let snapshot;
  const events = [];
  for await (const piece of response.body.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop();
    for (const line of lines) {
      if (!line.startsWith('data: ')) continue;
      const event = JSON.parse(line.slice('data: '.length));
      if (event.type === 'snapshot') snapshot = { ...event, events: [] };
      if (event.query === id) events.push(event);
    }
    if (events.at(-1)?.type === 'query.completed') break;
  }
  reading.abort();
  return { snapshot, events };
}

export class Rerun {
  lastWords = 'That was the hour.';

  static async of(server, { snapshot, events }) {
    const rerun = new Rerun();
    Object.assign(rerun, { server, snapshot, events, seq: snapshot.seq });
    rerun.listener = createServer((request, response) => rerun.serve(request, response));
    await new Promise((done) => rerun.listener.listen(0, '127.0.0.1', done));
    rerun.url = `http://127.0.0.1:${rerun.listener.address().port}`;
    return rerun;
  }
  close() {
    this.listener.closeAllConnections();
    return new Promise((done) => this.listener.close(done));
  }

  serve(request, response) {
    if (request.url.startsWith('/api/v1/events') && request.method === 'GET') {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      this.watcher = response;
      response.write(this.line({ ...this.snapshot, seq: this.seq }));
      return;
    }
    const { method, url, headers } = request;
    const kai = { host: '127.0.0.1', port: this.server.port };
    const far = passOn({ ...kai, method, path: url, headers }, (reply) => {
      response.writeHead(reply.statusCode, reply.headers);
      reply.pipe(response);
    });
    far.on('error', () => response.destroy());
    request.pipe(far);
  }
  line(event) {
    return `id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`;
  }
  // Waits until the page has room for more: a browser reads as fast as it can.
  async write(text) {
    if (this.watcher.write(text)) return;
    await new Promise((done) => this.watcher.once('drain', done));
  }

  // The recorded question again and again, with an id of its own each time, until `lengthMs` of
  // them are told; then one that only begins, by which the end is seen in the page.
  async play(lengthMs, speed) {
    const begun = performance.now();
    const each = this.events.at(-1).t_ms;
    const questions = Math.ceil(lengthMs / each);
    let told = 0;
    for (let number = 0; number < questions; number += 1) {
      const query = `q_${String(number).padStart(26, '0')}`;
      for (const event of this.events) {
        const due = begun + (number * each + event.t_ms) / speed;
        const early = due - performance.now();
        if (early > 2) await new Promise((done) => setTimeout(done, early));
        this.seq += 1;
        const again = { ...event, seq: this.seq, query };
        if (event.outcome) again.outcome = { ...event.outcome, id: query };
        await this.write(this.line(again));
        told += 1;
      }
    }
    this.seq += 1;
    const last = { type: 'query.asked', seq: this.seq, query: 'q_LAST', t_ms: 0 };
    const asked = new Date().toISOString();
    await this.write(this.line({ ...last, question: this.lastWords, asked }));
    return { events: told, questions, seconds: (performance.now() - begun) / 1000 };
  }
}
