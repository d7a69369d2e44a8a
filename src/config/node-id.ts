import { hostname } from 'node:os';

/** No configured id has a slash, so that the two can't be confused. */
const DEFAULT_ID = /^(.*)\/(\d+)$/;

/** @returns the name of a process that was given none: `<host name>/<process id>` */
export function defaultNodeId(): string {
  return `${hostname()}/${process.pid}`;
}

/**
 * @param nodeId a name that some process has
 * @returns whether it can be told that no such process exists: it was one of this host, by its process id
 */
export function isProcessGone(nodeId: string): boolean {
  const [, host, pid] = DEFAULT_ID.exec(nodeId) ?? [];
  return host === hostname() && pid !== undefined && !exists(Number(pid));
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
