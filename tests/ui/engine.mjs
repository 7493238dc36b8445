// A host of models that say what a test has written for them, by OpenAI's protocol: kai asks it as
// any engine of others, so that a whole `kai serve` runs with answers and times that are known.
import { createServer } from 'node:http';

const sleep = (ms) => new Promise((done) => setTimeout(done, ms));

// The words of a text, each with the space before it: a token each.
const tokensOf = (text) => text.match(/\s*\S+|\s+$/g) ?? [];

export class Engine {
  // plays: model name -> (question, messages) => { text, first = ms to its first word, pace = ms a
  // word, whole = in large pieces without pauses, fail = a message instead of an answer, status = its
  // of HTTP, held = a promise that it waits for before its last word, torn = it hangs up after that }.
  // Its property `context`: the most tokens it reads and writes.
  constructor(plays) {
    this.plays = plays;
    this.asked = []; // { model, messages } of every request
    this.server = createServer((request, response) => void this.serve(request, response));
  }
  async listen() {
    await new Promise((done) => this.server.listen(0, '127.0.0.1', done));
    return `http://127.0.0.1:${this.server.address().port}`;
  }
  close() {
    this.server.closeAllConnections();
    return new Promise((done) => this.server.close(done));
  }

  async serve(request, response) {
    if (request.url === '/v1/models') {
      const data = Object.entries(this.plays).map(([id, play]) => {
        return { id, object: 'model', max_model_len: play.context ?? 8192 };
      });
      response.setHeader('content-type', 'application/json');
      response.end(JSON.stringify({ object: 'list', data }));
      return;
    }
    let body = '';
    for await (const piece of request) body += piece;
    const { model, messages } = JSON.parse(body);
    this.asked.push({ model, messages });
    await this.play(this.plays[model](messages.at(-1).content, messages), response);
  }

  async play({ text = '', first = 20, pace = 5, fail, status = 400, whole, held, torn }, response) {
    if (fail) {
      response.writeHead(status, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ error: { message: fail, type: 'invalid_request_error' } }));
      return;
    }
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const say = (chunk) => response.write(`data: ${JSON.stringify(chunk)}\n\n`);
    await sleep(first);
    const tokens = whole ? text.match(/.{1,4096}/gs) : tokensOf(text);
    for (const [index, content] of tokens.entries()) {
      if (index + 1 === tokens.length) await held;
      if (response.destroyed) return; // kai has stopped it
      say({ choices: [{ index: 0, delta: { content } }] });
      if (!whole) await sleep(pace);
    }
    if (torn) return response.destroy();
    say({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] });
    say({ choices: [], usage: { prompt_tokens: 9, completion_tokens: tokens.length } });
    response.end('data: [DONE]\n\n');
  }
}
