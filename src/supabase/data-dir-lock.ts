import { rmSync } from 'node:fs';
import { mkdir, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { RepeatedTask } from '../common/repeated-task.js';
import {
  type DataDirOwner,
  giveSign,
  isAlive,
  isNamed,
  lastSign,
  readOwner,
  sharesKernel,
  thisProcess,
  writeOwner,
} from './data-dir-owner.js';
import { FileLock } from './file-lock.js';

/** Two processes over one embedded database would destroy it. */
export class DataDirInUseError extends Error {
  readonly pid: number | undefined;

  /** @param owner who has the folder, as far as it is known */
  constructor(
    readonly dataDir: string,
    owner: DataDirOwner | undefined,
  ) {
    super(
      `The embedded database in ${dataDir} is in use by ${describe(owner)}. ` +
        'Stop that one, or choose another folder with DATA_DIR.',
    );
    this.name = 'DataDirInUseError';
    this.pid = owner?.pid;
  }
}

/** The folder is another's now, or gone: nothing may be written to it any more. */
export class DataDirLostError extends Error {
  constructor(dataDir: string, what: string) {
    super(
      `The embedded database in ${dataDir} is not this process's any more: ${what}. Nothing more is written to it.`,
    );
    this.name = 'DataDirLostError';
  }
}

export interface DataDirWait {
  /** How long to wait for somebody who has the folder, in ms; 0, the default, not at all. */
  waitMs?: number | undefined;
  /** Told once, where there is somebody to wait for. */
  onWait?: ((owner: string) => void) | undefined;
  /** Ends the waiting. */
  signal?: AbortSignal | undefined;
}

/** A folder that is this process's alone. */
export interface DataDirLock {
  /** To be called before anything is written. @throws DataDirLostError from the moment on at which it is another's */
  assertHeld(): void;
  /** @param listener told once, as soon as it is noticed that the folder was lost; may end the process */
  onLost(listener: (error: DataDirLostError) => void): void;
  release(): void;
}

const LOOK_EVERY_MS = 250;
const SIGN_EVERY_MS = 2_000;
/** Without a sign for so long, an owner whose lock can't be seen from here is taken for gone. */
const SILENT_FOR_MS = 3 * SIGN_EVERY_MS;

/** Folders of this very process: it sees no lock of its own. */
const held = new Set<string>();

/**
 * Takes a data folder, with a lock of the operating system. What that can't see (another kernel, over a network file
 * system) is covered by the name of the owner in the folder, as well as it goes: see docs/operations.md.
 *
 * @param dataDir made where missing
 * @returns the folder, until `release`
 * @throws DataDirInUseError when somebody has it
 */
export async function lockDataDir(dataDir: string, wait: DataDirWait = {}): Promise<DataDirLock> {
  await mkdir(dataDir, { recursive: true, mode: 0o700 });
  const folder = await realpath(dataDir);
  const until = performance.now() + (wait.waitMs ?? 0);
  for (let isFirst = true; ; isFirst = false) {
    const taken = await tryToLock(folder);
    if (taken instanceof HeldDataDir) {
      return taken;
    }
    if (performance.now() >= until || wait.signal?.aborted === true) {
      throw new DataDirInUseError(dataDir, taken.owner);
    }
    if (isFirst) {
      wait.onWait?.(describe(taken.owner));
    }
    await delay(LOOK_EVERY_MS, undefined, { signal: wait.signal }).catch(() => undefined);
  }
}

async function tryToLock(folder: string): Promise<HeldDataDir | { owner: DataDirOwner | undefined }> {
  const ownerFile = join(folder, 'db.lock');
  if (held.has(folder)) {
    return { owner: await readOwner(ownerFile) };
  }
  held.add(folder);
  let lock: FileLock | undefined;
  let taken: HeldDataDir | undefined;
  try {
    lock = FileLock.take(join(folder, 'db.exclusive'));
    if (lock === undefined) {
      return { owner: await readOwner(ownerFile) };
    }
    const me = await thisProcess();
    const before = await readOwner(ownerFile);
    if (before && (await mayStillWrite(before, me, ownerFile))) {
      return { owner: before };
    }
    writeOwner(ownerFile, me);
    taken = new HeldDataDir(folder, lock, ownerFile, me);
    return taken;
  } finally {
    if (taken === undefined) {
      lock?.release();
      held.delete(folder);
    }
  }
}

/** Whether somebody whose lock is not seen may have the folder nevertheless. */
async function mayStillWrite(
  before: DataDirOwner,
  me: Required<DataDirOwner>,
  ownerFile: string,
): Promise<boolean> {
  if (before.id === undefined) {
    // A version that had no lock but this file.
    return isAlive(before);
  }
  if (sharesKernel(before, me)) {
    return false;
  }
  const sign = await lastSign(ownerFile);
  await delay(SILENT_FOR_MS);
  return (await lastSign(ownerFile)) !== sign;
}

class HeldDataDir implements DataDirLock {
  private lost: DataDirLostError | undefined;
  private listener: ((error: DataDirLostError) => void) | undefined;
  private readonly signs = new RepeatedTask(() => this.giveSign(), {
    everyMs: SIGN_EVERY_MS,
    // Told by then, or to be tried again: a disk that is full or slow is no loss.
    onFailure: () => undefined,
    unref: true,
  });

  constructor(
    private readonly folder: string,
    private readonly lock: FileLock,
    private readonly ownerFile: string,
    private readonly me: Required<DataDirOwner>,
  ) {
    this.signs.start();
  }

  assertHeld(): void {
    this.lost ??= this.findLoss();
    if (this.lost) {
      this.tellLost(this.lost);
      throw this.lost;
    }
  }

  onLost(listener: (error: DataDirLostError) => void): void {
    this.listener = listener;
  }

  release(): void {
    void this.signs.stop();
    if (this.lost === undefined && this.findLoss() === undefined) {
      rmSync(this.ownerFile, { force: true });
    }
    this.lock.release();
    held.delete(this.folder);
  }

  private giveSign(): void {
    this.assertHeld();
    giveSign(this.ownerFile);
  }

  private findLoss(): DataDirLostError | undefined {
    try {
      if (!isNamed(this.ownerFile, this.me)) {
        return new DataDirLostError(this.folder, 'another process took it');
      }
    } catch (error) {
      const { code = 'unknown' } = error as NodeJS.ErrnoException;
      // Others, such as too many open files, say nothing about the folder.
      return ['ENOENT', 'ENOTDIR', 'ESTALE'].includes(code)
        ? new DataDirLostError(this.folder, `its file db.lock is gone (${code})`)
        : undefined;
    }
    return this.lock.isInPlace
      ? undefined
      : new DataDirLostError(this.folder, 'its file db.exclusive was replaced, and with it the lock');
  }

  private tellLost(error: DataDirLostError): void {
    void this.signs.stop();
    const { listener } = this;
    this.listener = undefined;
    listener?.(error);
  }
}

function describe(owner: DataDirOwner | undefined): string {
  if (owner === undefined) {
    return 'another process';
  }
  const host = owner.host === undefined ? '' : ` on host ${owner.host}`;
  const since = owner.since === undefined ? '' : ` since ${owner.since}`;
  return `process ${owner.pid}${host}${since}`;
}
