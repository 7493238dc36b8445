// A real `kai serve` on a free port of loopback, with folders of its own and engines that a test
// plays as its only models.
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Engine } from './engine.mjs';

const readyWithinMs = 60_000;
const endsWithinMs = 20_000;

export class Server {
  // engines: name -> plays, as Engine takes them; each is a device of that name.
  // models: a folder of real ones beside them. prepare: is given the data folder before it begins.
  static async start(engines, settings = '', models = undefined, prepare = undefined) {
    const server = new Server();
    server.models = models;
    server.folder = mkdtempSync(join(tmpdir(), 'kai-ui-'));
    server.engines = {};
    let config = settings;
    for (const [name, plays] of Object.entries(engines)) {
      const engine = new Engine(plays);
      server.engines[name] = engine;
      config += `\n[[engines]]\nname = "${name}"\naddress = "${await engine.listen()}"\nat_once = 4\nlook_every = "1s"\n`;
    }
    mkdirSync(join(server.folder, 'models'));
    writeFileSync(join(server.folder, 'kai.toml'), config);
    prepare?.(join(server.folder, 'data'));
    await server.begin('0');
    return server;
  }

  // The program itself; a second time after end(), with the same data and port.
  async begin(port = this.port) {
    const { folder } = this;
    this.process = spawn(process.env.KAI_BINARY, ['serve', '--set', `serve.port=${port}`], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        KAI_CONFIG: join(folder, 'kai.toml'),
        KAI_DATA_FOLDER: join(folder, 'data'),
        KAI_RUNTIME_FOLDER: join(folder, 'run'),
        KAI_MODELS: this.models ?? join(folder, 'models'),
        OLLAMA_MODELS: join(folder, 'ollama'),
      },
    });
    this.said = '';
    this.exited = new Promise((done) => this.process.on('exit', done));
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on('data', (bytes) => (this.said += bytes));
    }
    await this.until(() => /serves at (http:\S+)/.test(this.said));
    this.url = /serves at (http:\S+)/.exec(this.said)[1];
    this.port = new URL(this.url).port;
    await this.until(async () => (await fetch(`${this.url}/readyz`)).status === 200);
  }
  async until(condition) {
    const end = Date.now() + readyWithinMs;
    while (!(await condition())) {
      if (Date.now() > end || this.process.exitCode !== null) throw new Error(this.said);
      await new Promise((done) => setTimeout(done, 50));
    }
  }

  // Ends the program, as a crash does or in order.
  async end(signal = 'SIGTERM') {
    this.process.kill(signal);
    const timer = setTimeout(() => this.process.kill('SIGKILL'), endsWithinMs);
    await this.exited;
    clearTimeout(timer);
  }
  async close() {
    await this.end('SIGKILL');
    for (const engine of Object.values(this.engines)) await engine.close();
    rmSync(this.folder, { recursive: true, force: true });
  }

  async api(method, path, body) {
    const response = await fetch(`${this.url}${path}`, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    return response.json();
  }
  // Asks outside of the page and waits for the answer; gives its document.
  async ask(asking) {
    const { id } = await this.api('POST', '/api/v1/queries', asking);
    let document;
    await this.until(async () => {
      document = await this.api('GET', `/api/v1/queries/${id}`);
      return document.error?.code !== 'begun';
    });
    return document;
  }
}
