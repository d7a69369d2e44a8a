import type { ChildProcess } from 'node:child_process';
import type { Readable } from 'node:stream';
import { withTimeout } from '../../src/common/with-timeout.js';

const KEPT_CHARS = 10_000;

/**
 * Waits until a server says that it is ready; one that does not is ended.
 * @param output where it says so
 * @throws Error with what it wrote, when it ends or takes too long
 */
export async function untilLine(
  server: ChildProcess,
  output: Readable,
  { name, line, timeoutMs }: { name: string; line: string; timeoutMs: number },
): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let written = '';
  output.setEncoding('utf8');
  output.on('data', (chunk: string) => {
    written = (written + chunk).slice(-KEPT_CHARS);
    if (written.includes(line)) {
      resolve();
    }
  });
  server.once('error', reject);
  server.once('exit', () => reject(new Error(`${name} ended while starting:\n${written}`)));
  try {
    await withTimeout(promise, timeoutMs, () => new Error(`${name} did not start in time:\n${written}`));
  } catch (error) {
    server.kill('SIGQUIT');
    throw error;
  }
}
