import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

/** Two processes over one embedded database would destroy it. */
export class DataDirInUseError extends Error {
  /** @param pid the process that has the folder open */
  constructor(
    readonly dataDir: string,
    readonly pid: number,
  ) {
    super(
      `The embedded database in ${dataDir} is in use by process ${pid}. ` +
        'Stop that process, or choose another folder with DATA_DIR.',
    );
    this.name = 'DataDirInUseError';
  }
}

interface Holder {
  pid: number;
  /** When the process was started, as the system counts it; tells a reused pid from the holder. */
  startedAt: string | null;
}

/** Locks that this very process holds or is taking: its own pid in any other file is an earlier process's. */
const ownLocks = new Set<string>();

/**
 * @param dataDir made where missing
 * @returns gives the folder back
 * @throws DataDirInUseError when a living process has it
 */
export async function lockDataDir(dataDir: string): Promise<() => Promise<void>> {
  const path = join(resolve(dataDir), 'db.lock');
  if (ownLocks.has(path)) {
    throw new DataDirInUseError(dataDir, process.pid);
  }
  ownLocks.add(path);
  try {
    await mkdir(dataDir, { recursive: true, mode: 0o700 });
    await takeLock(path, dataDir);
  } catch (error) {
    ownLocks.delete(path);
    throw error;
  }
  return async () => {
    await rm(path, { force: true });
    ownLocks.delete(path);
  };
}

const MAX_ATTEMPTS = 50;

async function takeLock(path: string, dataDir: string): Promise<void> {
  const mine = `${path}.${randomUUID()}`;
  await writeFile(mine, JSON.stringify({ pid: process.pid, startedAt: await startTimeOf(process.pid) }), {
    mode: 0o600,
  });
  try {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      // Linking fails where the name exists: exactly one process gets it.
      if (await succeeds(link(mine, path), 'EEXIST')) {
        return;
      }
      const holder = await livingHolder(path);
      if (holder) {
        throw new DataDirInUseError(dataDir, holder.pid);
      }
      await removeStale(path);
      await delay(2 * attempt);
    }
  } finally {
    await rm(mine, { force: true });
  }
  throw new Error(`could not lock ${path}`);
}

const ABANDONED_AFTER_MS = 10_000;

/**
 * Removes the lock of a dead process. Only whoever holds the guard removes a lock, and looks once more before: nobody
 * can remove the fresh lock of somebody who was faster.
 */
async function removeStale(path: string): Promise<void> {
  const guard = `${path}.guard`;
  if (await succeeds(mkdir(guard), 'EEXIST')) {
    try {
      if (!(await livingHolder(path))) {
        await rm(path, { force: true });
      }
    } finally {
      await rm(guard, { recursive: true, force: true });
    }
    return;
  }
  const age = await stat(guard).then(
    ({ mtimeMs }) => Date.now() - mtimeMs,
    () => 0,
  );
  if (age > ABANDONED_AFTER_MS) {
    await rm(guard, { recursive: true, force: true });
  }
}

async function livingHolder(path: string): Promise<Holder | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  const holder = text === null ? null : readHolder(text);
  return holder && (await isAlive(holder)) ? holder : null;
}

function readHolder(text: string): Holder | null {
  try {
    const { pid, startedAt } = JSON.parse(text) as Partial<Holder>;
    return typeof pid === 'number' ? { pid, startedAt: startedAt ?? null } : null;
  } catch {
    return null;
  }
}

async function isAlive(holder: Holder): Promise<boolean> {
  if (holder.pid === process.pid) {
    return false;
  }
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    return isCode(error, 'EPERM');
  }
  const startedAt = await startTimeOf(holder.pid);
  return holder.startedAt === null || startedAt === null || startedAt === holder.startedAt;
}

/** Field 22 of the process's stat file where the system has one (Linux). */
async function startTimeOf(pid: number): Promise<string | null> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return stat?.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

/** @returns false when it failed with the code; other failures are the caller's */
async function succeeds(action: Promise<unknown>, expectedCode: string): Promise<boolean> {
  try {
    await action;
    return true;
  } catch (error) {
    if (isCode(error, expectedCode)) {
      return false;
    }
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
