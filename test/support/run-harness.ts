import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, onTestFinished } from 'vitest';

const ENTRY = join(import.meta.dirname, '../run.ts');

/** How a run of a harness ended: its exit code, what it told people, and what it printed for programs. */
export interface HarnessRun<Outcome> {
  code: number | null;
  said: string;
  outcome: Outcome;
}

/**
 * Runs a harness as its command does, on a database of its own. The channel to it closes when this process ends or the test
 * is over, and it ends with that.
 * @param name as in `test/run.ts`
 */
export async function runHarness<Outcome>(
  name: 'chaos' | 'cluster',
  ...args: string[]
): Promise<HarnessRun<Outcome>> {
  const { TEST_DATABASE_URL: _, ...env } = process.env;
  const child = fork(ENTRY, [name, '--json', ...args], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  onTestFinished(async () => {
    if (child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.disconnect();
      await ended;
    }
  });
  let printed = '';
  let said = '';
  child.stdout!.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  child.stderr!.on('data', (chunk: Buffer) => (said += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  expect(printed, said).toMatch(/^[[{]/);
  return { code, said, outcome: JSON.parse(printed) as Outcome };
}
