import { createHash } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';

/** No configured id has a slash, so that the two can't be confused. */
const DEFAULT_ID = /^(.*)\/(\d+)$/;
/** Where process ids mean the same: on this host, since it was started, and in this namespace of process ids. */
const HERE = `${hostname()}${namespace()}`;

/** @returns the name of a process that was given none: `<host name>/<namespace>/<process id>`; some systems have no namespaces */
export function defaultNodeId(): string {
  return `${HERE}/${process.pid}`;
}

/**
 * @param nodeId a name that some process has
 * @returns whether it can be told that no such process exists: it was one of this host and namespace, by its process id
 */
export function isProcessGone(nodeId: string): boolean {
  const [, place, pid] = DEFAULT_ID.exec(nodeId) ?? [];
  return place === HERE && pid !== undefined && !exists(Number(pid));
}

function exists(pid: number): boolean {
  try {
    // Sends nothing, and fails when there is nobody to send it to.
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Containers may share a host name, and each has a process 1 of its own. */
function namespace(): string {
  try {
    const kernel = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const pids = readlinkSync('/proc/self/ns/pid');
    return `/${createHash('sha256').update(`${kernel} ${pids}`).digest('hex').slice(0, 8)}`;
  } catch {
    return '';
  }
}
