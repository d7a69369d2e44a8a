import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import type { Estate } from '../chaos/estate.js';
import { freePort } from '../chaos/postgres-server.js';

const LIMIT_MS = 10_000;

/** A Redis of our own that keeps its data, to be emptied and restarted. */
export class RedisServer {
  readonly url: string;
  private readonly estate: Estate;
  private readonly folder: string;
  private readonly port: number;
  private child: ChildProcess | undefined;

  private constructor(estate: Estate, folder: string, port: number) {
    this.estate = estate;
    this.folder = folder;
    this.port = port;
    this.url = `redis://127.0.0.1:${port}`;
  }

  static async create(estate: Estate): Promise<RedisServer> {
    const folder = join(estate.folder, 'redis');
    await mkdir(folder);
    const server = new RedisServer(estate, folder, await freePort());
    await server.start();
    return server;
  }

  /** @throws Error with what it said, when it does not come up */
  async start(): Promise<void> {
    const place = ['--port', String(this.port), '--bind', '127.0.0.1', '--dir', this.folder];
    const child = spawn('redis-server', [...place, '--save', '', '--appendonly', 'yes'], {
      stdio: ['ignore', 'pipe', 'ignore'],
      detached: true,
    });
    this.child = child;
    this.estate.process('redis', child.pid ?? null);
    await untilReady(child);
  }

  /** As `redis-cli shutdown`, or a crash. */
  async stop(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const { child } = this;
    if (child && child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    this.estate.process('redis', null);
  }

  /** Deletes everything in it. */
  async flushAll(): Promise<void> {
    const socket = connect({ host: '127.0.0.1', port: this.port });
    socket.setTimeout(LIMIT_MS, () => socket.destroy(new Error('Redis does not answer')));
    try {
      await once(socket, 'connect');
      const answered = once(socket, 'data') as Promise<[Buffer]>;
      socket.write('FLUSHALL\r\n');
      const [answer] = await answered;
      if (!answer.toString().startsWith('+OK')) {
        throw new Error(`Redis answered ${answer.toString().trim()}`);
      }
    } finally {
      socket.destroy();
    }
  }
}

async function untilReady(child: ChildProcess): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let output = '';
  const timer = setTimeout(() => child.kill('SIGKILL'), LIMIT_MS);
  child.stdout!.on('data', (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4_000);
    if (output.includes('eady to accept connections')) {
      resolve();
    }
  });
  child.once('error', (cause) =>
    reject(new Error('redis-server is needed in the PATH; without it use --workers 0', { cause })),
  );
  child.once('exit', () => reject(new Error(`Redis ended:\n${output}`)));
  await promise.finally(() => clearTimeout(timer));
}
