import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * Ends a process, unless it ended before.
 * @returns the exit code, or the signal's name
 */
export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<number | string> {
  if (child.exitCode === null && child.signalCode === null) {
    const exited = once(child, 'exit');
    child.kill(signal);
    await exited;
  }
  return child.exitCode ?? child.signalCode ?? 'unknown';
}
