import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../test/support/free-port.js';
import { untilLine } from '../test/support/until-line.js';
import { watchServer } from '../test/support/watchdog.js';

/** A Redis for a run. */
export interface BenchRedis {
  url: string;
  stop(): Promise<void>;
}

const START_TIMEOUT_MS = 10_000;

/**
 * @returns a Redis of the run's own
 * @throws Error that says what to install
 */
export async function startRedis(): Promise<BenchRedis> {
  const folder = await mkdtemp(join(tmpdir(), 'auzap-bench-redis-'));
  const port = await freePort();
  const place = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  const server = spawn('redis-server', [...place, '--save', '', '--appendonly', 'no'], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  try {
    const line = 'eady to accept connections';
    await untilLine(server, server.stdout, { name: 'Redis', line, timeoutMs: START_TIMEOUT_MS });
  } catch (cause) {
    await rm(folder, { recursive: true, force: true });
    throw new Error('redis-server must be in the PATH: apt-get install redis-server, or brew install redis', {
      cause,
    });
  }
  return { url: `redis://127.0.0.1:${port}`, stop: watchServer(server, folder, {}) };
}
