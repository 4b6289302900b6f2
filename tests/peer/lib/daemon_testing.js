// A real ambitd for a test: started in a folder of its own, spoken to over its unix socket (docs/spec/local-api.md).
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, openSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

// Far longer than anything takes, so that only what never happens fails, on a starved machine too.
const patienceMs = 40_000;
const pollMs = 50;

// Polls until `condition()` gives something; throws after `ms`.
export async function eventually(what, condition, ms = patienceMs) {
  const end = Date.now() + ms;
  for (;;) {
    const found = await condition();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${ms} ms`);
    await sleep(pollMs);
  }
}

// The next `event` of `emitter`; throws after `ms`.
export const soon = (emitter, event, ms = patienceMs) => once(emitter, event, { signal: AbortSignal.timeout(ms) });

export class Daemon {
  // `settings`: more lines for its settings file.
  constructor(program, root, instance, settings = '') {
    this.folder = join(root, instance);
    this.log = join(this.folder, 'log');
    this.socket = join(this.folder, 'ambit.sock');
    mkdirSync(this.folder, { mode: 0o700 });
    writeFileSync(join(this.folder, 'settings.toml'), 'mesh.listen = "127.0.0.1:0"\nmesh.mdns = false\n' + settings);
    const log = openSync(this.log, 'a');
    this.process = spawn(program, ['--instance', instance], { env: { ...process.env, AMBIT_STATE_DIR: root }, stdio: ['ignore', log, log] });
    this.ended = new Promise((resolve) => this.process.on('exit', resolve));
  }

  async ready() {
    await eventually('the daemon answers', async () => {
      if (this.process.exitCode !== null) throw new Error(`the daemon ended:\n${this.logText()}`);
      return existsSync(this.socket) && this.get('status').catch(() => null);
    });
  }

  logText() {
    return readFileSync(this.log, 'utf8');
  }

  async stop() {
    this.process.kill('SIGTERM');
    const killer = setTimeout(() => this.process.kill('SIGKILL'), 3000);
    await this.ended;
    clearTimeout(killer);
  }

  open(method, path, body) {
    return new Promise((resolve, reject) => {
      const options = { socketPath: this.socket, method, path: `/api/v1/${path}`, headers: { 'Content-Type': 'application/json' } };
      request(options, resolve).on('error', reject).end(body && JSON.stringify(body));
    });
  }

  async ask(method, path, body) {
    const response = await this.open(method, path, body);
    let text = '';
    for await (const part of response) text += part;
    const answer = JSON.parse(text);
    if (response.statusCode !== 200) throw new Error(`${method} ${path}: ${text}`);
    return answer;
  }

  get(path) {
    return this.ask('GET', path);
  }

  post(path, body) {
    return this.ask('POST', path, body);
  }

  // The events of a stream: {event, data}.  Leaving the loop early closes it.
  async * stream(method, path, body) {
    const response = await this.open(method, path, body);
    let text = '';
    for await (const part of response) {
      text += part;
      for (let end; (end = text.indexOf('\n\n')) >= 0; text = text.slice(end + 2)) {
        const fields = Object.fromEntries(text.slice(0, end).split('\n').map((line) => line.split(/: (.*)/s)));
        const data = JSON.parse(fields.data);
        if (fields.event === 'failed') throw new Error(fields.data);
        yield { event: fields.event, data };
      }
    }
  }
}
