import { spawnSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import pg from 'pg';

/**
 * Outlives the run that started it, by a moment: when the run lets go of this process's input, for whatever reason, it ends
 * the run's processes, drops its database, unmounts its disks and removes its folder.
 */
interface OwnedResources {
  folder?: string;
  mounts?: string[];
  database?: { server: string; name: string };
  pids: Record<string, number | null>;
}

const resources: OwnedResources = { pids: {} };
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(signal, () => undefined);
}
for await (const line of createInterface({ input: process.stdin })) {
  const { pids, ...rest } = JSON.parse(line) as Partial<OwnedResources>;
  Object.assign(resources, rest);
  Object.assign(resources.pids, pids);
}

const roots = Object.values(resources.pids).filter((pid) => pid !== null);
const all = roots.flatMap((pid) => [pid, ...childrenOf(pid)]);
all.forEach(kill);
if (resources.database) {
  await dropDatabase(resources.database);
}
resources.mounts?.toReversed().forEach(unmount);
if (resources.folder) {
  rmSync(resources.folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

function childrenOf(pid: number): number[] {
  const { stdout } = spawnSync('pgrep', ['-P', String(pid)], { encoding: 'utf8' });
  return (stdout ?? '').split('\n').filter(Boolean).map(Number);
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone already.
  }
}

function unmount(path: string): void {
  for (let attempt = 0; attempt < 50; attempt++) {
    const { status, stderr } = spawnSync('umount', [path], { encoding: 'utf8' });
    if (status === 0 || stderr.includes('not mounted')) {
      return;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 100);
  }
  spawnSync('umount', ['-l', path]);
}

async function dropDatabase({ server, name }: { server: string; name: string }): Promise<void> {
  const client = new pg.Client({ connectionString: server, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query(`drop database if exists ${name} with (force)`);
    await client.end();
  } catch {
    // The server is gone, and the database with it.
  }
}
