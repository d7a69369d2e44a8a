import { randomUUID } from 'node:crypto';
import { readFileSync, renameSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { hostname } from 'node:os';

/** Who has, or last had, a data folder: the content of `db.lock`. */
export interface DataDirOwner {
  pid: number;
  /** When the process was started, as the system counts it; tells a reused pid from the owner. */
  startedAt: string | null;
  /** Different for each time that the folder was taken; versions before had none. */
  id?: string;
  host?: string;
  /** Tells two runs of the same kernel apart, and two kernels; null where the system does not say. */
  boot?: string | null;
  /** ISO time. */
  since?: string;
}

/** @returns this process, as the owner that it is about to be */
export async function thisProcess(): Promise<Required<DataDirOwner>> {
  return {
    pid: process.pid,
    startedAt: await startTimeOf(process.pid),
    id: randomUUID(),
    host: hostname(),
    boot: await bootId(),
    since: new Date().toISOString(),
  };
}

/** @returns the owner that the file names; undefined where there is no file, or it says something else */
export async function readOwner(path: string): Promise<DataDirOwner | undefined> {
  const text = await readFile(path, 'utf8').catch(() => undefined);
  return text === undefined ? undefined : toOwner(text);
}

/** Puts the owner in the place of whoever was named there, at once. */
export function writeOwner(path: string, owner: Required<DataDirOwner>): void {
  const mine = `${path}.${owner.id}`;
  try {
    writeFileSync(mine, JSON.stringify(owner), { mode: 0o600 });
    renameSync(mine, path);
  } catch (error) {
    rmSync(mine, { force: true });
    throw error;
  }
}

/** @throws what keeps the file from being read */
export function isNamed(path: string, owner: Required<DataDirOwner>): boolean {
  return toOwner(readFileSync(path, 'utf8'))?.id === owner.id;
}

/** Shows others that the owner lives. */
export function giveSign(path: string): void {
  const now = new Date();
  utimesSync(path, now, now);
}

/** @returns what changes with each sign that the owner gives */
export async function lastSign(path: string): Promise<string | undefined> {
  const file = await stat(path, { bigint: true }).catch(() => undefined);
  return file && `${file.ino}:${file.mtimeNs}`;
}

/** @returns whether a lock of the operating system that the owner has would be seen from here */
export function sharesKernel(owner: DataDirOwner, here: Required<DataDirOwner>): boolean {
  return owner.boot === null || owner.boot === undefined || here.boot === null
    ? owner.host === here.host
    : owner.boot === here.boot;
}

/** @returns whether a process of this namespace is the owner, as far as can be told */
export async function isAlive(owner: DataDirOwner): Promise<boolean> {
  if (owner.pid === process.pid) {
    return false;
  }
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  const startedAt = await startTimeOf(owner.pid);
  return owner.startedAt === null || startedAt === null || startedAt === owner.startedAt;
}

function toOwner(text: string): DataDirOwner | undefined {
  try {
    const owner = JSON.parse(text) as DataDirOwner | null;
    return typeof owner?.pid === 'number' ? { ...owner, startedAt: owner.startedAt ?? null } : undefined;
  } catch {
    return undefined;
  }
}

/** Field 22 of the process's stat file where the system has one (Linux). */
async function startTimeOf(pid: number): Promise<string | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  return text?.slice(text.lastIndexOf(')') + 2).split(' ')[19] ?? null;
}

async function bootId(): Promise<string | null> {
  const text = await readFile('/proc/sys/kernel/random/boot_id', 'utf8').catch(() => null);
  return text?.trim() ?? null;
}
